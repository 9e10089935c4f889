/* baselines.h: what others make of the same ratings. */
#ifndef PRAXIS_TESTS_QUALITY_BASELINES_H
#define PRAXIS_TESTS_QUALITY_BASELINES_H

#include "common/method.h"

typedef enum {
    BASE_LATEST,
    BASE_MEAN,
    BASE_MANAGER, /* mean of the manager's ratings */
    BASE_EWMA,    /* half-life 180 days */
    BASE_WEIGHTS, /* manager .5, colleagues .3, self .2 */
    BASE_SHRUNK,  /* (sum (x - .2) + 2 * 3) / (n + 2) */
    BASE_COUNT
} baseline;

/** The ratings of one key, as far as the baselines look at them. All zero: none yet. */
typedef struct {
    double n, sum, latest;
    double days, decayed, decayed_sum;
    double counts[PX_SOURCE_COUNT], sums[PX_SOURCE_COUNT];
    double latest_manager;   /* 0: none yet */
    double latest_by_others; /* 0: none yet */
} rated;

void baseline_hear(rated *r, double days, px_evidence source, double value);
/** 3.0 when there is nothing to go by. */
double baseline_level(const rated *r, baseline which);

#endif
