/* state_snapshot.h: how somebody stood when a plan was completed; it stays when the plan is opened
 * again. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_SNAPSHOT_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_SNAPSHOT_H

#include "services/learning-recommender/state_plan.h"

enum { SNAPSHOTS_MAX = 8 /* of one plan; a further one takes the place of the last */ };

typedef struct {
    char competency_id[PX_ID_SIZE];
    double mu, variance, target;
} level_snapshot;

typedef struct {
    int64_t completed_us;
    uint8_t count;
    level_snapshot levels[PLAN_ITEMS_MAX];
} plan_snapshot;

/** `nth` counts from 0. @return false when there is none */
bool learning_state_get_snapshot(const px_view *state, const char *tenant, const char *person_id,
                                 uint32_t number, uint8_t nth, plan_snapshot *out);
void learning_state_put_snapshot(px_txn *state, const char *tenant, const char *person_id,
                                 uint32_t number, uint8_t nth, plan_snapshot *snapshot);
/** Forgets all of a person's. */
void learning_state_drop_snapshots(px_txn *state, const char *tenant, const char *person_id);

#endif
