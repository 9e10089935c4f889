/* agenda.h: which keys have to be reconciled, and which become due when: part of the state.
 *
 * A service marks a key when something it depends on changed (project, evolve); the engine
 * reconciles marked keys in the order of their first mark. A due time turns into a mark when a
 * batch decided at or after it is folded.
 */
#ifndef PRAXIS_COMMON_AGENDA_H
#define PRAXIS_COMMON_AGENDA_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/store.h"

/* ---- for services ---- */

/**
 * Marks a key dirty. kind is 1..255 (index of the reconciler); `rest` is the service's own, at most
 * PX_KEY_REST_MAX bytes, and the same bytes always mean the same key.
 */
void px_mark(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest);
/** The key becomes dirty once a batch decided at or after `due_us` is folded. Replaces an earlier
 * due time. */
void px_due_set(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest, int64_t due_us);
/** Forgets the key's due time. */
void px_due_clear(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest);

/** The marks of a key as read with what is kept beside them; the agenda's own. */
typedef struct {
    uint64_t first, last;
    uint64_t due_us; /* 0 = none */
} px_marks;

/**
 * What a service knows of a key may be kept in the very record that holds its marks, so that
 * knowing more and marking the key moves one record. At most PX_KEPT_MAX bytes.
 * @return they die as those of px_get() do; empty when nothing is kept
 */
px_bytes px_kept_get(const px_view *state, uint8_t kind, const char *tenant, px_bytes rest,
                     px_marks *marks);
/** Keeps this from now on, and marks the key or not. The key was not marked, nor its due time
 * changed, since `marks` were read. */
void px_kept_put(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest, px_marks marks,
                 px_bytes value, bool mark);
/**
 * The first key after `end` ("" to begin) by what follows `start` in its rest, of which anything is
 * kept; that part, a text, becomes `end`; an empty one is passed over. The state may change between
 * calls.
 */
bool px_kept_next(const px_view *state, uint8_t kind, const char *tenant, px_bytes start, char *end,
                  size_t capacity);

/** px_bytes of a C string, without its NUL. */
px_bytes px_text_bytes(const char *text);

enum { PX_KEY_REST_MAX = 300, PX_KEPT_MAX = 1024 };

/* ---- for the engine ---- */

/** A dirty key with its marks. `key` = kind byte, tenant, 0, rest. */
typedef struct {
    px_bytes key;
    uint64_t first; /* log sequence of the first mark since it was last reconciled */
    uint64_t last;  /* log sequence of the last mark */
} px_dirty;

/** The first keys in order of (first mark, key), at most `max`, copied into the arena. @return how
 * many. */
size_t px_agenda_dirty(const px_view *state, px_dirty *out, size_t max, px_arena *arena);
bool px_agenda_any_dirty(const px_view *state);
/** First mark of the first of them; 0 = there is none. */
uint64_t px_agenda_first_mark(const px_view *state);
/**
 * A batch of ours reconciled everything up to (first, key), having seen the log up to basis_seq:
 * clears those keys, except the ones marked after the basis, whose first mark becomes their last.
 */
void px_agenda_clear(px_txn *state, uint64_t through_first, px_bytes through_key,
                     uint64_t basis_seq);
/** Turns everything due at or before `decided_at_us` into dirty keys. */
void px_agenda_come_due(px_txn *state, int64_t decided_at_us);
/** The earliest due time. @return false when there is none. */
bool px_agenda_next_due(const px_view *state, int64_t *due_us);
/** A higher code version decided: every key ever marked is dirty again. */
void px_agenda_mark_all(px_txn *state);

#endif
