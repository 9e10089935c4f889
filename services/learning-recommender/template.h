/* template.h: the plan that a template makes for a person. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_TEMPLATE_H
#define PRAXIS_LEARNING_RECOMMENDER_TEMPLATE_H

#include "services/learning-recommender/state_template.h"

/** For whom, and what there is. */
typedef struct {
    const px_view *state;
    const char *tenant;
    const char *person_id;
    const template_record *of; /* NULL: the plan no longer follows its template */
    const char *template_id;
    const plan_record *before; /* NULL: there is none yet */
    uint32_t number;           /* of the plan; what was put into it is wished for under this */
    int64_t now_us;
} template_case;

/** Whether the person belongs to the template's audience. */
bool template_is_for(const px_view *state, const char *tenant, const char *person_id,
                     const template_record *of);
/** Whether nothing of its plans may go on the feed: who gets one says too much of them. */
bool template_is_confidential(const template_record *of);
/** Whether the plan is taken back, so that only what was begun of it stays: the initiative was
 * ended, or the person is no high potential any more. */
bool template_is_over(const template_case *c);
/**
 * The plan as it should read now. Without a plan before, items that the person has done or, where
 * they are optional, knows are left out. What a person put in stays, what they declined stays out
 * where it is optional, and what was begun is never dropped. What is new and does not fit into the
 * person's minutes or money waits in the plan, deferred.
 */
void template_make(const template_case *c, plan_record *out);
/** Whether the two read the same: items, which are optional or wait, who put them in, and dates. */
bool template_is_same(const plan_record *a, const plan_record *b);

#endif
