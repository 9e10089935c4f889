/* caps.h: what a person may still be planned for in a period, in minutes and in money. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_CAPS_H
#define PRAXIS_LEARNING_RECOMMENDER_CAPS_H

#include "services/learning-recommender/problem.h"

/** Room that is left; an item takes its part of it when it comes into the plan. */
typedef struct {
    bool has_minutes, has_cost; /* there is a cap */
    double minutes, cost;       /* left under it */
} plan_caps;

/**
 * The policy's caps less what the person has spent in this period, and less what is still to do in
 * their open plans but this one (0 for none).
 */
plan_caps plan_caps_left(const px_view *state, const char *tenant, const char *person_id,
                         uint32_t but_plan, int64_t now_us);
/**
 * Takes room for an item, and tells whether there was enough. What must stay takes its room whether
 * or not there is.
 */
bool plan_caps_take(plan_caps *left, const item_record *item, bool stays);
/** Notes in `out` that the item did not fit. */
void plan_caps_defer(const plan_caps *left, const item_record *item, const char *item_id,
                     plan_record *out);
/** Whether that was noted of an item. */
bool plan_caps_is_deferred(const char *item_id, const plan_record *out);

#endif
