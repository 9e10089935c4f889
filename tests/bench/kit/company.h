/* company.h: the company of the benchmarks, and what is said of its people.
 *
 * People are numbered from 0; 0 is at the top, every tenth heads a team and reports to 0, the
 * others report to the head of their team. 60 competencies of 5 levels, 20 roles that each ask for
 * 12 of them at level 4, 300 items of 2 to 8 hours, one scale of 1 to 5, one cycle that is open.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_COMPANY_H
#define PRAXIS_TESTS_BENCH_KIT_COMPANY_H

#include "tests/bench/kit/world.h"

#define BENCH_TENANT         "acme"
#define BENCH_SOURCE         "bench"
#define BENCH_REVIEW_SUBJECT "praxis.v1.acme.submit.review-cycle.SubmitReview.bench"
#define BENCH_BUNDLE_SUBJECT "praxis.v1.acme.submit.review-cycle.Bundle.bench"

enum { BENCH_TEAM = 10 };

/** Makes the company known, and waits until every submission is accepted and everything is quiet.
 */
void bench_company_set_up(const bench_world *world, size_t people);

/** Who reviews whom. */
typedef struct {
    size_t person;
    size_t rater;
    bool manager; /* the rater is the person's manager; otherwise a colleague of another team */
    bool comment; /* with a text of some 200 characters, which is sealed */
} bench_review;

/** The review by the person's manager; person >= 1. */
bench_review bench_review_by_manager(size_t person);
/** The reviews by colleagues: 0 .. people - 2 * BENCH_TEAM for each person who heads no team. */
bench_review bench_review_by_colleague(size_t person, size_t colleague, size_t people);

/**
 * Packed submissions, `bundle` to a message: with 1 SubmitReview, otherwise Bundle. The i-th review
 * rates 3 competencies of the person's role at 1, and has submission id "r-<first + i>".
 * @return messages, for bench_messages_free()
 */
px_bytes *bench_review_messages(const bench_review *reviews, size_t count, size_t first,
                                size_t bundle, size_t *message_count);
void bench_messages_free(px_bytes *messages, size_t count);

/** The number after the dash of "r-12" or "p-12". */
size_t bench_number(const char *id);

uint64_t bench_last_seq(px_bus *bus, const char *stream);
/**
 * Waits until log and feed have not grown for half a second.
 * @return seconds from `start_ns` to where they last grew
 */
double bench_wait_until_quiet(px_bus *bus, int64_t start_ns);

#endif
