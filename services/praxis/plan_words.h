/* plan_words.h: what a plan says by numbers, in the words of everything that shows plans. */
#ifndef PRAXIS_SERVICES_PRAXIS_PLAN_WORDS_H
#define PRAXIS_SERVICES_PRAXIS_PLAN_WORDS_H

#include "praxis/learning_recommender/v1/event.pb-c.h"

/** "a course" */
const char *px_words_item_kind(LearningRecommender__ItemKind kind);
/** "proposed" */
const char *px_words_item_state(LearningRecommender__ItemState state);
/** "waiting for review" */
const char *px_words_plan_state(LearningRecommender__PlanState state);
/** "the gaps are closed", to follow "it has ended:" */
const char *px_words_plan_end(LearningRecommender__PlanEnd end);

#endif
