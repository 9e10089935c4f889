/* round_impl.h: what the parts of a round share: its tally, and how an entry joins the batch. */
#ifndef PRAXIS_COMMON_ROUND_IMPL_H
#define PRAXIS_COMMON_ROUND_IMPL_H

#include "common/chain.h"
#include "common/codec.h"
#include "common/fold.h"
#include "common/intake.h"
#include "common/round.h"
#include "common/service_impl.h"
#include "praxis/log/v1/batch.pb-c.h"

enum {
    PX_ROUND_BYTES_MAX = PX_BATCH_BYTES_MAX - 1024, /* a batch holds a little beside its entries */
    PX_ROUND_REPEATS_MAX = 2048,
    PX_ROUND_AHEAD = 128, /* submissions read before the first of them is decided */
    PX_ROUND_ARENA_RESERVE = 4 * 1024 * 1024, /* what any one entry may need */
    PX_REJECTION_BYTES_MAX = 768              /* of any entry that is a rejection */
};

/** Stands for "in this round" where the log will say a sequence: nothing may depend on it. */
#define PX_OVERLAY_SEQ (UINT64_MAX >> 1)

/** What grows with each decision; put back when a message turns out not to fit. */
typedef struct {
    size_t entries;
    size_t bytes;
    size_t repeats;
    unsigned accepted, rejected;
    int64_t now_us;   /* of the batch: never smaller than in the batch before */
    int64_t event_us; /* the event clock as far as decided */
} px_tally;

/** A message as read: its submissions. */
typedef struct {
    px_intake *intakes;
    size_t count;
} px_intakes;

typedef struct {
    const px_round_input *in;
    px_round_output *out;
    px_txn *overlay;
    px_head head;
    px_cursor cursor;
    px_tally at;
    size_t bytes_max;
    PraxisLog__Entry *entries[PX_ROUND_ENTRIES_MAX];
    px_repeat *repeats;
    px_inbox_through inbox;
    PraxisLog__ReconciledPosition *reconciled;
    unsigned silent;   /* keys found to say nothing in this round */
    unsigned repeated; /* messages found to be known in this round */
    unsigned known;    /* of both, found in an earlier round and not recorded since */
    bool time_due;     /* before anything was decided */
    px_intakes ahead[PX_ROUND_AHEAD]; /* the messages from ahead_first to before ahead_end */
    size_t ahead_first, ahead_end;
    bool alone;    /* the message at hand has the batch for itself: it is decided now or never */
    size_t behind; /* submissions of that message after the one at hand */
    int64_t message_ns; /* server time of that message */
} px_round;

typedef enum { PX_STEP_DONE, PX_STEP_FULL, PX_STEP_WAIT, PX_STEP_FAILED } px_step;

/** A message in the round's arena; a full one is a bug: the reserve holds this much. */
void *px_round_new(px_round *r, const ProtobufCMessageDescriptor *type);
void px_round_pack_facts(px_round *r, PraxisLog__Entry *entry, const px_facts *facts);
/** True when the arena still holds what any one entry may need, beyond `spare` bytes. */
bool px_round_has_memory(const px_round *r, size_t spare);
size_t px_round_entry_size(const PraxisLog__Entry *entry);
/** Puts the entry into the batch, and onto the overlay: the next decision has to see this one. */
void px_round_add(px_round *r, PraxisLog__Entry *entry, size_t size);

/**
 * The submissions of a message, the first or the one after that of the last call. Those behind it
 * are read too when their texts need keys, which are then had at once.
 * @return PX_OK, with a count of 0 when the arena is full; what the bus says of the keys
 */
px_status px_round_read(px_round *r, size_t index, px_intakes *read);
/** Decides waiting messages in order, as many as fit. *status is set with PX_STEP_FAILED. */
px_step px_round_messages(px_round *r, px_progress *progress, px_status *status);
/** Reconciles dirty keys in order; with half, they leave half of the batch to the messages. */
void px_round_keys(px_round *r, const px_progress *progress, const px_dirty *dirty, size_t count,
                   bool half);

#endif
