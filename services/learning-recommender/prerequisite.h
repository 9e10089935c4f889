/* prerequisite.h: what comes before a competency, and what that means for the items of a plan. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_PREREQUISITE_H
#define PRAXIS_LEARNING_RECOMMENDER_PREREQUISITE_H

#include "services/learning-recommender/problem.h"

enum { PREREQUISITES_MAX = 16 };

/** What comes before a competency, each once, by the ids it was said with. */
typedef struct {
    uint8_t count;
    char ids[PREREQUISITES_MAX][PX_ID_SIZE];
} prerequisites_record;

/** None when nothing was said. */
prerequisites_record learning_state_get_prerequisites(const px_view *state, const char *tenant,
                                                      const char *competency_id);
void learning_state_put_prerequisites(px_txn *state, const char *tenant, const char *competency_id,
                                      prerequisites_record *record);

/**
 * While the person has a gap that may be planned for both in a competency and in one that comes
 * before it, an item for the former requires the best one for the latter (if there is any): the
 * started, wanted or planned one, else the one that brings most per hour, of those that would be
 * planned by themselves. So it comes after, or waits. An item that teaches both, or is begun or
 * wanted, requires nothing; nor does one that the other would lead back to.
 */
void plan_problem_add_foundations(plan_problem *p, const plan_record *open_plan);

#endif
