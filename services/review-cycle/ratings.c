/* ratings.c: one shape of ratings for the feed and for queries. */
#include "services/review-cycle/ratings.h"

public_ratings public_ratings_begin(px_arena *arena, size_t max)
{
    return (public_ratings){ .rows = px_arena_alloc(arena, max * sizeof(void *)) };
}

static ReviewCycle__OverallRating *overall(px_arena *arena, int32_t value)
{
    ReviewCycle__OverallRating *rating = px_arena_alloc(arena, sizeof *rating);

    if (rating) {
        *rating = (ReviewCycle__OverallRating)REVIEW_CYCLE__OVERALL_RATING__INIT;
        rating->value = value;
    }
    return rating;
}

void public_ratings_add(public_ratings *ratings, px_arena *arena, char *competency_id,
                        uint32_t facet, int32_t value, uint32_t position)
{
    if (!competency_id[0] && facet == REVIEW_CYCLE__FACET__FACET_WHAT) {
        ratings->what = overall(arena, value);
        return;
    }
    if (!competency_id[0]) {
        ratings->how = overall(arena, value);
        return;
    }
    ReviewCycle__CompetencyRating *rating = px_arena_alloc(arena, sizeof *rating);
    if (!rating || !ratings->rows)
        return;
    *rating = (ReviewCycle__CompetencyRating)REVIEW_CYCLE__COMPETENCY_RATING__INIT;
    rating->competency_id = competency_id;
    rating->facet = (ReviewCycle__Facet)facet;
    rating->value = value;
    rating->not_applicable = position == 0;
    ratings->rows[ratings->count++] = rating;
}

ReviewCycle__CriterionRating *public_criterion(px_arena *arena, char *criterion_id, int32_t value,
                                               uint32_t position)
{
    ReviewCycle__CriterionRating *rating = px_arena_alloc(arena, sizeof *rating);

    if (rating) {
        *rating = (ReviewCycle__CriterionRating)REVIEW_CYCLE__CRITERION_RATING__INIT;
        rating->criterion_id = criterion_id;
        rating->value = value;
        rating->not_applicable = position == 0;
    }
    return rating;
}

ReviewCycle__Score *public_score(px_arena *arena, bool known, int32_t hundredths)
{
    ReviewCycle__Score *score = known ? px_arena_alloc(arena, sizeof *score) : NULL;

    if (score) {
        *score = (ReviewCycle__Score)REVIEW_CYCLE__SCORE__INIT;
        score->hundredths = hundredths;
    }
    return score;
}
