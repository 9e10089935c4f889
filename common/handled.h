/* handled.h: which submissions were answered, and how: the memory behind "sent again, same result".
 */
#ifndef PRAXIS_COMMON_HANDLED_H
#define PRAXIS_COMMON_HANDLED_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/chain.h"
#include "common/store.h"
#include "praxis/common/v1/result.pb-c.h"

/** What became of a submission. Texts live in the arena given when reading, or are borrowed when
 * writing. */
typedef struct {
    int64_t decided_at_us;
    uint64_t log_seq; /* of its batch */
    uint32_t facts;
    const char *code; /* of the rejection; "" = accepted */
    const char *field;
    const char *text; /* detail; "" = the standing text of the code */
} px_outcome;

typedef enum {
    PX_HANDLED_NEW,   /* neither the id nor the content was seen */
    PX_HANDLED_SAME,  /* this very submission was answered: here is how */
    PX_HANDLED_OTHER, /* the id was answered for other content */
} px_handled;

enum { PX_HANDLED_ID_SIZE = 68, PX_HANDLED_LIST_MAX = 64 };

/** What an answer is remembered under. */
typedef struct {
    uint8_t bytes[16];
} px_handled_key;

/** Answers of one batch, to be forgotten together one day. All zero to begin. */
typedef struct {
    int64_t decided_at_us;
    uint64_t rows; /* written so far */
    size_t count;
    px_handled_key keys[PX_HANDLED_LIST_MAX];
} px_handled_list;

/** What stands for the id of unreadable bytes: their place in the inbox. */
void px_handled_unreadable_id(uint64_t inbox_seq, uint32_t bundle_index,
                              char id[PX_HANDLED_ID_SIZE]);
/** Looks a submission up. `outcome` is filled for PX_HANDLED_SAME. */
px_handled px_handled_find(const px_view *state, const char *tenant, const char *source,
                           const char *id, const uint8_t digest[PX_DIGEST_SIZE], px_arena *arena,
                           px_outcome *outcome);
/** The answer that claimed the id, whatever its content (the query GetResult). */
bool px_handled_first(const px_view *state, const char *tenant, const char *source, const char *id,
                      px_arena *arena, px_outcome *outcome);
/**
 * Remembers an answer. claims: the id belongs to this content from now on; false for answers that
 * do not claim it (ID_REUSED, CREATED_AT_OUT_OF_RANGE, TOO_MUCH_FOLLOWS), which are remembered per
 * content only. It is never forgotten unless it is listed as well.
 */
px_handled_key px_handled_put(px_txn *state, const char *tenant, const char *source, const char *id,
                              const uint8_t digest[PX_DIGEST_SIZE], bool claims,
                              const px_outcome *outcome);
/** Lists it for px_handled_prune(). */
void px_handled_note(px_txn *state, px_handled_list *list, int64_t decided_at_us,
                     px_handled_key key);
/** Writes what is listed and not written yet. */
void px_handled_list_end(px_txn *state, px_handled_list *list);
/**
 * An answer as the public Result, in the arena (never NULL: a full arena is a bug). A rejection
 * without a detail gets the standing text of its code.
 */
Praxis__Result *px_outcome_message(const char *submission_id, const px_outcome *outcome,
                                   px_arena *arena);
enum { PX_HANDLED_PRUNE_MAX = 4096 };

/** Forgets answers decided before `before_us`, the oldest PX_HANDLED_PRUNE_MAX of them at most. */
void px_handled_prune(px_txn *state, int64_t before_us);

#endif
