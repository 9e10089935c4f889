/* gap.c: expected shortfall and the hysteresis of gap facts. */
#include "common/gap.h"

#include <math.h>

static const double OPEN_AT = 0.60;
static const double CLOSE_BELOW = 0.40;
static const double WORTH_SAYING_LV = 0.25;

/* 2/pi: makes the shortfall at u = 0 equal to that of the normal, sqrt(V / (2 pi)). */
static double root(double u, double var)
{
    return sqrt(u * u + 0.63662 * var);
}

double px_shortfall(double u, double var)
{
    return (u + root(u, var)) / 2.0;
}

double px_gap_probability(double u, double var)
{
    double r = root(u, var);

    return r > 0.0 ? (1.0 + u / r) / 2.0 : 0.0;
}

static bool moved(double from, double to)
{
    double d = to - from;

    return d >= WORTH_SAYING_LV || d <= -WORTH_SAYING_LV;
}

px_gap_news px_gap_decide(const px_gap *said, const px_estimate *now, double target)
{
    double p = px_gap_probability(target - now->mu, now->var);

    if (!said->open)
        return now->assessed && p >= OPEN_AT ? PX_GAP_OPENED : PX_GAP_SAME;
    if (!now->assessed || p < CLOSE_BELOW)
        return PX_GAP_CLOSED;
    return moved(said->mu, now->mu) || moved(said->target, target) ? PX_GAP_CHANGED : PX_GAP_SAME;
}
