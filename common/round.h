/* round.h: one decision round: what waits is decided on an overlay of the state and becomes one
 * batch. */
#ifndef PRAXIS_COMMON_ROUND_H
#define PRAXIS_COMMON_ROUND_H

#include "common/agenda.h"
#include "common/bus.h"
#include "common/chain.h"
#include "common/config.h"
#include "common/flood.h"
#include "common/handled.h"
#include "common/service.h"
#include "common/vault.h"

enum { PX_ROUND_PROGRESS_MAX = 256 };

/**
 * What is remembered between rounds, in memory only: waiting work that turned out to say nothing.
 * It need not be looked at again, and the next batch records it. All zero after an attach.
 */
typedef struct {
    uint64_t silent_first; /* keys up to (first, key) with no mark after the basis say nothing */
    unsigned char silent_key[PX_KEY_MAX];
    size_t silent_key_size;
    uint64_t silent_basis;
    unsigned silent;           /* how many since the last batch */
    uint64_t repeated_through; /* inbox messages up to here were repeats, and are answered */
    unsigned repeated;
    int64_t since_ms;    /* when the first of them was found */
    bool messages_first; /* a message found no room beside keys: it gets the next batch alone */
} px_progress;

/** A result to be sent once more, outside any batch. */
typedef struct {
    const char *tenant;
    const char *source;
    const char *id;
    bool json;
    px_inbox_through asked; /* the inbox message that asks for it, and the place in its bundle */
    uint32_t bundle_index;
    px_outcome outcome;
} px_repeat;

/** What a round works with. */
typedef struct {
    const px_service *service;
    px_vault *vault;
    bool event_clock;
    int64_t clock_us;            /* the wall clock; not read with the event clock */
    int64_t clock_ms;            /* any monotonic clock, for px_progress */
    int64_t handled_us;          /* how long answers are remembered; 0 = for ever */
    uint64_t log_last_seq;       /* of the log on the server, when the messages were taken up */
    px_bus_msg *const *messages; /* waiting inbox messages in order, all after inbox_through */
    bool *clean;                 /* set for messages found to hold no personal text */
    size_t message_count;
    size_t bytes_max; /* of the entries of the batch; 0 = PX_ROUND_BYTES_MAX */
    px_flood *flood;  /* NULL = nobody watches */
    px_arena *arena;  /* reset by the caller; everything below lives in it */
} px_round_input;

typedef struct {
    px_bytes batch;            /* bytes to publish; size 0 when there is nothing to say */
    uint64_t last_subject_seq; /* what the server must have as last on our subject */
    size_t taken;              /* messages decided or known: the first ones */
    unsigned accepted, rejected, reconciled;
    const px_repeat *repeats;
    size_t repeat_count;
    bool waits; /* a submission waits for an after_seq that is not folded yet */
} px_round_output;

/**
 * Decides on `overlay`, which the caller aborts afterwards.
 * @return PX_OK; a bus failure while making a key: nothing is to be published, try again
 */
px_status px_round_decide(const px_round_input *input, px_progress *progress, px_txn *overlay,
                          px_round_output *output);
/** What `now` is in a round on this state: it never goes back. */
int64_t px_round_now(const px_view *state, const px_service *service, bool event_clock,
                     int64_t clock_us);
/** A time has come that only a batch can say. */
bool px_round_time_due(const px_view *state, int64_t now_us);
/** A higher code version says so at once, so that copies below it stop deciding. */
bool px_round_version_due(const px_head *head, const px_service *service);
/** A batch of ours was folded: what was only remembered is recorded now, or has to be looked at
 * again, for the batch may have been decided before (it was late, or the other copy's). */
void px_round_recorded(px_progress *progress);

#endif
