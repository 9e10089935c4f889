/* plan_say.h: stating facts about plans: proposed, revised, ended. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_PLAN_SAY_H
#define PRAXIS_LEARNING_RECOMMENDER_PLAN_SAY_H

#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/state_plan.h"

/** A plan that something is to be said of. */
typedef struct {
    const px_view *state;
    const char *tenant;
    const char *person_id;
    uint32_t number; /* of the plan */
    px_facts *out;
} plan_subject;

void plan_say_proposed(const plan_subject *s, const plan_record *plan);
/** What is new and what was dropped follows from the two. */
void plan_say_revised(const plan_subject *s, const plan_record *before, const plan_record *plan);
/** What did not fit into the person's minutes or money: once for the period, it is looked at again
 * in the next. */
void plan_say_deferred(const plan_subject *s, const plan_record *plan, int64_t now_us);
/**
 * A completed plan takes the levels of now with it.
 * @param plan      as it stands; NULL when nothing is known of it any more
 * @param actor_id  who ended it, "" for the rule
 */
void plan_say_ended(const plan_subject *s, const plan_record *plan,
                    LearningRecommender__PlanEnd reason, const char *actor_id);

#endif
