/* reviews.h: what is said of the people of the company. */
#ifndef PRAXIS_TESTS_BENCH_KIT_REVIEWS_H
#define PRAXIS_TESTS_BENCH_KIT_REVIEWS_H

#include "tests/bench/kit/company.h"

#define BENCH_REVIEW_SUBJECT "praxis.v1.acme.submit.review-cycle.SubmitReview.bench"
#define BENCH_BUNDLE_SUBJECT "praxis.v1.acme.submit.review-cycle.Bundle.bench"

/** Who reviews whom. */
typedef struct {
    size_t person;
    size_t rater;
    bool manager;   /* the rater is the person's manager; otherwise a colleague of another team */
    bool comment;   /* with a text of some 200 characters, which is sealed */
    size_t ratings; /* of 1 .. BENCH_TARGETS competencies of the person's role */
    size_t place;   /* of the first of them */
    size_t role;    /* whose targets they are */
} bench_review;

/** The review by the person's manager, person >= 1: three ratings of 1, which ask for a plan. */
bench_review bench_review_by_manager(size_t person);
/**
 * The reviews by colleagues: 0 .. people - 2 * BENCH_TEAM for each person who heads no team. One
 * rating, of another competency by each colleague; its value is drawn, always the same.
 */
bench_review bench_review_by_colleague(size_t person, size_t colleague, size_t people);
/** The n-th of all reviews by colleagues: of every person in turn, then by the next colleague. */
bench_review bench_review_nth(size_t n, size_t people);
/** How many people are reviewed by colleagues: so many of those in a row are about each one once.
 */
size_t bench_reviewed(size_t people);
/** How many of those there are. */
size_t bench_reviews_most(size_t people);
/** The k-th rating of a review. */
size_t bench_review_competency(const bench_review *review, size_t k);
int32_t bench_review_value(const bench_review *review, size_t k);

/**
 * Packed submissions, `bundle` to a message: with 1 SubmitReview, otherwise Bundle. The i-th review
 * has submission id "r-<first + i>".
 * @return messages, for bench_messages_free()
 */
px_bytes *bench_review_messages(const bench_review *reviews, size_t count, size_t first,
                                size_t bundle, size_t *message_count);
void bench_messages_free(px_bytes *messages, size_t count);

#endif
