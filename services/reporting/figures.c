/* figures.c: counting people, and the rule against finding out by subtraction. */
#include "services/reporting/figures.h"

void tally_add(tally *t, double target, const double *level)
{
    t->people++;
    if (!level)
        return;
    t->assessed++;
    if (*level >= target)
        t->at_level++;
    else
        t->gap_sum += target - *level;
}

double tally_mean_gap(const tally *t)
{
    return t->assessed ? t->gap_sum / t->assessed : 0;
}

group group_of(tally own, uint32_t minimum)
{
    return (group){ .sum = own, .hidden = own.assessed < minimum ? own.assessed : 0 };
}

void group_join(group *above, const group *below, uint32_t minimum)
{
    above->sum.people += below->sum.people;
    above->sum.assessed += below->sum.assessed;
    above->sum.at_level += below->sum.at_level;
    above->sum.gap_sum += below->sum.gap_sum;
    /* A group that is shown can be subtracted whole, with whatever is hidden inside. */
    if (!group_is_shown(below, minimum))
        above->hidden += below->hidden;
}

bool group_is_shown(const group *g, uint32_t minimum)
{
    return g->sum.assessed >= minimum && (g->hidden == 0 || g->hidden >= minimum);
}
