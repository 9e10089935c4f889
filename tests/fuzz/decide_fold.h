/* decide_fold.h: what is shared by the two halves of a fuzzed world: its state, and the log that
 * changes it. Only decide_world.c and decide_fold.c include it. */
#ifndef PRAXIS_TESTS_FUZZ_DECIDE_FOLD_H
#define PRAXIS_TESTS_FUZZ_DECIDE_FOLD_H

#include "common/codec.h"
#include "common/service_impl.h"
#include "praxis/log/v1/batch.pb-c.h"

/** One store for all inputs; only the seed is ever committed. */
typedef struct {
    const px_service *service;
    px_store *store;
    px_txn *state;
    px_arena deciding; /* as in a round: reset when the batch is packed */
    px_arena folding;
    uint8_t batch[PX_BATCH_BYTES_MAX];
    int64_t now_us;
    unsigned submissions;
} decide_world;

extern decide_world world;

char *decide_borrow(const char *text);
/** A message in the deciding arena. */
void *decide_new(const ProtobufCMessageDescriptor *type);
/** What is packed can be read again, in both encodings. */
void decide_assert_readable(const ProtobufCMessage *message, px_arena *arena);
void decide_pack_facts(PraxisLog__Entry *entry, const px_facts *facts);
/**
 * A batch of this entry, or of none to say that time has passed, is in the log and is folded.
 * Everything in the deciding arena dies.
 */
void decide_state_entry(const char *service, PraxisLog__Entry *entry);
/** Reconciles until nothing is dirty. */
void decide_settle(void);
/** Renders every report value touched so far. */
void decide_render_reports(void);

#endif
