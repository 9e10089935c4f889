/* impact.c: a mean weighted by precision. */
#include "services/learning-recommender/impact.h"

#include <math.h>

static const double Z90 = 1.645;
static const double WORTH_SAYING = 1.25;

bool impact_add(impact *all, const impact_look *look, double exposure)
{
    if (!(look->var > 0.0) || !(exposure > 0.0) || look->control_count < IMPACT_CONTROL_MIN)
        return false;

    double gain = look->gain - look->control_sum / (double)look->control_count;
    double weight = exposure * exposure / look->var;
    all->looks++;
    all->weight += weight;
    all->sum += gain / exposure * weight;
    all->control_count += look->control_count;
    return true;
}

bool impact_of(const impact *all, impact_report *out)
{
    *out = (impact_report){ 0 };
    if (all->looks < IMPACT_LOOKS_MIN)
        return false;

    double margin = Z90 / sqrt(all->weight);
    out->effect = all->sum / all->weight;
    out->low = out->effect - margin;
    out->high = out->effect + margin;
    out->enough = out->low > 0.0 || out->high < 0.0;
    return true;
}

bool impact_is_news(const impact *all, uint32_t said_looks, bool said_enough)
{
    impact_report now;

    if (!impact_of(all, &now))
        return false;
    return said_looks == 0 || now.enough != said_enough ||
           (double)all->looks >= WORTH_SAYING * (double)said_looks;
}
