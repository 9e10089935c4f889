/* evolve_plan.h: what the evolvers of plans share. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_EVOLVE_PLAN_H
#define PRAXIS_LEARNING_RECOMMENDER_EVOLVE_PLAN_H

#include "services/learning-recommender/state_plan.h"

/** The dates the plan is followed up on, per competency; one that was said stays said. */
void evolve_plan_follow_ups(px_txn *state, const char *tenant, const char *person_id,
                            uint32_t number, const plan_record *plan);

#endif
