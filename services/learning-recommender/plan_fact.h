/* plan_fact.h: plan items between the state's records and the messages of facts and events. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_PLAN_FACT_H
#define PRAXIS_LEARNING_RECOMMENDER_PLAN_FACT_H

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/state_plan.h"

/** Every item as a message of a fact, in the arena; NULL when that is full (it sticks). */
LearningRecommenderFact__PlanItem **plan_items_to_fact(const plan_record *plan, px_arena *arena);
char **plan_causes_to_fact(const plan_record *plan, px_arena *arena);
/** Reads items and causes of a fact into a plan. */
void plan_items_from_fact(plan_record *plan, LearningRecommenderFact__PlanItem *const *items,
                          size_t count);
void plan_causes_from_fact(plan_record *plan, char *const *review_ids, size_t count);

/**
 * The public form: titles as they read now, peers and reports counted only from three on.
 * NULL when the arena is full.
 */
LearningRecommender__PlanItem **plan_items_to_public(const px_view *state, const char *tenant,
                                                     const plan_record *plan, px_arena *arena);

#endif
