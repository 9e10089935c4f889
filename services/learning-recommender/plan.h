/* plan.h: a plan with its reasons, as it should hold for a person now. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_PLAN_H
#define PRAXIS_LEARNING_RECOMMENDER_PLAN_H

#include "services/learning-recommender/problem.h"

enum { PLAN_COMPLETION_DAYS = 42, PLAN_FOLLOW_UP_DAYS = 91 };

/**
 * A plan for somebody without one. @return false when no item is worth its hours.
 * `out` has no revision before it is stated: proposed_at and revised_at are now.
 */
bool plan_make(const plan_problem *p, int64_t now_us, plan_record *out);
/**
 * The open plan as it should read now: completed items as they were, then what is best. Items that
 * were planned before keep their dates.
 * @return true when that is to be said: a started item's gap closed, an item that was not started
 * lost its reason (gap closed, or no longer offered), or the new plan is worth over 5 % more.
 * `out` may hold no items: then nothing is left of the plan.
 */
bool plan_revise(const plan_problem *p, const plan_record *open_plan, int64_t now_us,
                 plan_record *out);
/** Dates of what is not completed as if the plan were made now: it is approved. */
void plan_date_anew(plan_record *plan, int64_t now_us);

#endif
