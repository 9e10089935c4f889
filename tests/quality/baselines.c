/* baselines.c: the usual ways to sum ratings up. */
#include "tests/quality/baselines.h"

#include <math.h>

void baseline_hear(rated *r, double days, px_evidence source, double value)
{
    double fade = r->n > 0.0 ? exp2(-(days - r->days) / 180.0) : 0.0;

    r->n += 1.0;
    r->sum += value;
    r->latest = value;
    r->days = days;
    r->decayed = r->decayed * fade + 1.0;
    r->decayed_sum = r->decayed_sum * fade + value;
    r->counts[source] += 1.0;
    r->sums[source] += value;
    if (source == PX_MANAGER)
        r->latest_manager = value;
    if (source != PX_SELF)
        r->latest_by_others = value;
}

static double weighted(const rated *r)
{
    double others = r->counts[PX_PEER] + r->counts[PX_REPORT];
    double sum = 0.0, weight = 0.0;

    if (r->counts[PX_MANAGER] > 0.0) {
        sum += 0.5 * r->sums[PX_MANAGER] / r->counts[PX_MANAGER];
        weight += 0.5;
    }
    if (others > 0.0) {
        sum += 0.3 * (r->sums[PX_PEER] + r->sums[PX_REPORT]) / others;
        weight += 0.3;
    }
    if (r->counts[PX_SELF] > 0.0) {
        sum += 0.2 * r->sums[PX_SELF] / r->counts[PX_SELF];
        weight += 0.2;
    }
    return sum / weight;
}

double baseline_level(const rated *r, baseline which)
{
    if (r->n == 0.0)
        return 3.0;
    switch (which) {
    case BASE_LATEST:
        return r->latest;
    case BASE_MEAN:
        return r->sum / r->n;
    case BASE_MANAGER:
        return r->counts[PX_MANAGER] > 0.0 ? r->sums[PX_MANAGER] / r->counts[PX_MANAGER] : 3.0;
    case BASE_EWMA:
        return r->decayed_sum / r->decayed;
    case BASE_WEIGHTS:
        return weighted(r);
    case BASE_SHRUNK:
        return (r->sum - 0.2 * r->n + 6.0) / (r->n + 2.0);
    case BASE_COUNT:
        break;
    }
    return 3.0;
}
