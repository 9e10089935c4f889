/* written.h: a long log, written at once: the batches that review-cycle would have stated.
 *
 * A million reviews through the daemons would take minutes before anything is measured. The batches
 * are what the daemon makes of such reviews (chain, entries, size), so whoever folds the log cannot
 * tell; review-cycle itself must not run, then or later, because its inbox is not told.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_WRITTEN_H
#define PRAXIS_TESTS_BENCH_KIT_WRITTEN_H

#include "tests/bench/kit/reviews.h"

typedef struct {
    const char *tenant; /* NULL: BENCH_TENANT */
    size_t people;
    size_t first;              /* the first of the reviews: bench_review_nth() */
    size_t reviews;            /* how many */
    size_t ratings_per_review; /* 1 .. BENCH_TARGETS */
} bench_written;

/** Appends the reviews to the log. @return the log's last sequence then */
uint64_t bench_write_log(const bench_world *world, const bench_written *what);

#endif
