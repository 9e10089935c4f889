/* apply.h: one log message into a projection: does it count, and what does it change. No I/O, no
 * clock. */
#ifndef PRAXIS_COMMON_APPLY_H
#define PRAXIS_COMMON_APPLY_H

#include "common/arena.h"
#include "common/service.h"
#include "praxis/log/v1/batch.pb-c.h"

/** Told of each fact right after it changed the state, own and followed ones alike, and before
 * those of a message of the batch that counts: the cursor is on it. `batch` may be NULL. */
typedef struct {
    void (*fact)(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                 const px_fact *fact, bool own);
    void *context;
    void (*batch)(void *context, px_txn *state, const PraxisLog__Batch *batch);
} px_observer;

typedef enum {
    PX_APPLY_COUNTS,
    PX_APPLY_VOID,    /* not a batch, or one that does not extend its chain or whose basis is not in
                         this log */
    PX_APPLY_ALTERED, /* it follows a batch that does not count: what its author read is not what
                         this log says; nothing was folded */
    PX_APPLY_STOP,    /* a fact of a type this code does not know, or one that does not parse or is
                         outside its constraints: upgrade, or repair */
} px_applied;

/** A log message as read. */
typedef struct {
    const char *service; /* from the subject */
    uint64_t seq;
    int64_t time_ns;
    px_bytes data;
} px_log_message;

/**
 * Folds one message: steps the cursor in every case; when it counts, moves the chain head and
 * evolves or projects its facts.
 * @param batch  the unpacked batch (in the arena) when it counts; may be NULL
 */
px_applied px_apply_message(const px_service *service, px_txn *state, const px_log_message *message,
                            px_arena *arena, const px_observer *observer, PraxisLog__Batch **batch);

/**
 * Evolves one entry of this service on the overlay, where a round has just decided it: as
 * px_apply_message will, but the answer is not listed to be forgotten. `decided_at_us` is that of
 * the batch.
 */
px_applied px_apply_decided(const px_service *service, px_txn *overlay,
                            const PraxisLog__Entry *entry, int64_t decided_at_us, px_arena *arena);

/** True for rejections that leave the id free: the same id with other content may still be
 * answered. */
bool px_apply_leaves_id_free(const char *code);

#endif
