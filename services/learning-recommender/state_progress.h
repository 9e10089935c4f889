/* state_progress.h: what people did with items, planned or not: started, completed, declined. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_PROGRESS_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_PROGRESS_H

#include "services/learning-recommender/state.h"

/** Where a person stands with an item. Stored: only add. */
typedef enum {
    LEARNING_NOT_STARTED = 0,
    LEARNING_STARTED = 1,
    LEARNING_COMPLETED = 2
} learning_progress;

learning_progress learning_state_get_progress(const px_view *state, const char *tenant,
                                              const char *person_id, const char *item_id);
void learning_state_put_progress(px_txn *state, const char *tenant, const char *person_id,
                                 const char *item_id, learning_progress progress);

/** A declined item is not offered before this is over; nor is a plan after one that somebody ended.
 */
#define PLAN_DECLINED_US (INT64_C(90) * 86400 * 1000000)

/** An item that was declined, and how things stood then. */
typedef struct {
    int64_t declined_us;            /* 0 = it was not */
    char competency_id[PX_ID_SIZE]; /* it was planned for; "" for none */
    double shortfall;               /* target less level */
} declined_record;

declined_record learning_state_get_declined(const px_view *state, const char *tenant,
                                            const char *person_id, const char *item_id);
/** The day from which it may be offered again is on the agenda (KEY_OFFER_AGAIN). */
void learning_state_put_declined(px_txn *state, const char *tenant, const char *person_id,
                                 const char *item_id, const declined_record *declined);

/** The rows of one table about a person's items, in the order of the items. Private to
 * state_progress.c. */
typedef struct {
    px_scan scan;
    bool there; /* it stands on a row */
    char item_id[PX_ID_SIZE];
    px_bytes value;
} item_walk;

/**
 * Progress and what was declined of many items, asked in ascending order of their ids: one walk in
 * place of two lookups each. The state must not change meanwhile.
 */
typedef struct {
    item_walk progress, declined;
} learner_walk;

void learning_state_begin_walk(learner_walk *walk, const px_view *state, const char *tenant,
                               const char *person_id);
learning_progress learning_state_walk_progress(learner_walk *walk, const char *item_id);
declined_record learning_state_walk_declined(learner_walk *walk, const char *item_id);
void learning_state_end_walk(learner_walk *walk);

/** Forgets all of a person's. */
void learning_state_drop_progress(px_txn *state, const char *tenant, const char *person_id);

#endif
