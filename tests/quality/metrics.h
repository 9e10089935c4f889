/* metrics.h: one seed's figures, each a number. */
#ifndef PRAXIS_TESTS_QUALITY_METRICS_H
#define PRAXIS_TESTS_QUALITY_METRICS_H

#include <stdint.h>

#include "tests/quality/baselines.h"
#include "tests/quality/loop.h"

/** Arrays of BASE_COUNT begin with RMSE_BASE_...; of the planners with CLOSED_BASE... */
enum {
    RMSE_AFTER,
    COVER_AFTER = RMSE_AFTER + AFTER_COUNT,
    RMSE_BASE_AFTER = COVER_AFTER + AFTER_COUNT,
    RMSE = RMSE_BASE_AFTER + AFTER_COUNT * BASE_COUNT,
    RMSE_EVERYBODY,
    RMSE_BASE,
    CORRELATION = RMSE_BASE + BASE_COUNT,
    CORRELATION_BASE,
    LEAK = CORRELATION_BASE + BASE_COUNT,
    LEAK_BASE,
    COVER_50 = LEAK_BASE + BASE_COUNT,
    COVER_90,
    CLOSED, /* % of the oracle, by policy */
    CLOSED_PER_HOUR = CLOSED + POLICY_COUNT,
    ITEM_RMSE = CLOSED_PER_HOUR + POLICY_COUNT,
    ITEM_RMSE_PRIOR,
    ITEM_RMSE_BEFORE_AFTER,
    ITEM_RMSE_MATCHED,
    ITEM_CORRELATION,
    ITEM_COVER_90,
    REPORT,
    REPORT_BEFORE_AFTER,
    PLACEBO,
    PLACEBO_BEFORE_AFTER,
    PLACEBO_CLAIMS, /* share of competencies whose report finds an effect */
    LEVEL_PLACEBO,  /* without inflation */
    GREEDY,
    GREEDY_WORST,
    HARSH,
    SPARSE = HARSH + 4, /* four figures of each stress world, see below */
    INFLATED = SPARSE + 4,
    RATINGS_ONLY = INFLATED + 4,
    METRIC_COUNT = RATINGS_ONLY + 4
};
enum { STRESS_RMSE, STRESS_RMSE_BASE, STRESS_CLOSED, STRESS_CLOSED_BASE };

/** How much is asked of a seed. */
typedef enum {
    SCOPE_SHORT,  /* the daemon and the oracle */
    SCOPE_PLAIN,  /* with all baselines and the placebo */
    SCOPE_STRESS, /* with the stress worlds too */
    SCOPE_REPLAY  /* the daemon alone */
} scope;

/** What is not asked for is NAN. @param digest  of all that the daemons' code made of the seed */
void metrics_of_seed(uint64_t seed, scope what, double out[METRIC_COUNT], uint8_t digest[32]);

#endif
