/* ratings.h: ratings as the public contract shows them, for events and answers alike. */
#ifndef PRAXIS_REVIEW_CYCLE_RATINGS_H
#define PRAXIS_REVIEW_CYCLE_RATINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"

/** What an event or answer carries: overall ratings (NULL for none) and those per competency. */
typedef struct {
    ReviewCycle__OverallRating *what;
    ReviewCycle__OverallRating *how;
    ReviewCycle__CompetencyRating **rows;
    size_t count;
} public_ratings;

/** Room for `max` ratings in the arena; on overflow nothing is added, and the arena says so. */
public_ratings public_ratings_begin(px_arena *arena, size_t max);
/**
 * Adds one.
 * @param competency_id  "" for an overall rating; borrowed
 * @param position       on the scale; 0 = not applicable
 */
void public_ratings_add(public_ratings *ratings, px_arena *arena, char *competency_id,
                        uint32_t facet, int32_t value, uint32_t position);

/** One of a criterion that is no competency; NULL on overflow. `criterion_id` is borrowed. */
ReviewCycle__CriterionRating *public_criterion(px_arena *arena, char *criterion_id, int32_t value,
                                               uint32_t position);
/** A score; NULL when it is not known, and on overflow. */
ReviewCycle__Score *public_score(px_arena *arena, bool known, int32_t hundredths);

#endif
