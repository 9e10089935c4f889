/* gap.h: how far a level is below its target, and when that is worth saying. */
#ifndef PRAXIS_COMMON_GAP_H
#define PRAXIS_COMMON_GAP_H

#include <stdbool.h>

#include "common/method.h"

/** Expected shortfall, u = target - mu: (u + sqrt(u^2 + .63662 V)) / 2, close to the normal's. */
double px_shortfall(double u, double var);
/** P(level < target), likewise: (1 + u / sqrt(u^2 + .63662 V)) / 2; 0 when both are 0. */
double px_gap_probability(double u, double var);

typedef enum { PX_GAP_SAME, PX_GAP_OPENED, PX_GAP_CHANGED, PX_GAP_CLOSED } px_gap_news;
/** What was last said of a gap; all zero: nothing yet. mu and target count only while open. */
typedef struct {
    bool open;
    double mu, target;
} px_gap;
/** Opened: assessed, P >= .60. Closed: P < .40 or unassessed. Changed: mu or target moved .25. */
px_gap_news px_gap_decide(const px_gap *said, const px_estimate *now, double target);

#endif
