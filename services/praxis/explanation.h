/* explanation.h: a plan walked back to its ratings, in words that can be read aloud. */
#ifndef PRAXIS_SERVICES_PRAXIS_EXPLANATION_H
#define PRAXIS_SERVICES_PRAXIS_EXPLANATION_H

#include <stddef.h>
#include <stdio.h>

#include "praxis/competency/v1/query.pb-c.h"
#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "praxis/review_cycle/v1/query.pb-c.h"

enum { PX_EXPLANATION_REVIEWS_MAX = 256 };

/** Everything known. Borrowed. */
typedef struct {
    const LearningRecommender__Plan *plan;
    const Competency__Profile *profile; /* NULL: not to be seen by this viewer */
    const ReviewCycle__Review *reviews[PX_EXPLANATION_REVIEWS_MAX]; /* those that may be seen */
    size_t review_count;
} px_explanation;

/** The review with this id, NULL when it may not be seen. */
const ReviewCycle__Review *px_explanation_review(const px_explanation *explanation, const char *id);
void px_explanation_print(FILE *out, const px_explanation *explanation);

#endif
