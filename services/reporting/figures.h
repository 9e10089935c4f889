/* figures.h: the arithmetic of groups: what is counted, and which groups may be shown. */
#ifndef PRAXIS_REPORTING_FIGURES_H
#define PRAXIS_REPORTING_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

enum { GROUP_MINIMUM_DEFAULT = 5 };

/** People counted in one competency; all zero is nobody. */
typedef struct {
    uint32_t people;   /* whose role asks for the competency */
    uint32_t assessed; /* of these */
    uint32_t at_level; /* of the assessed: level >= target */
    double gap_sum;    /* sum of max(0, target - level) over the assessed, in levels */
} tally;

/** One more person whose role asks for `target`; `level` NULL: not assessed. */
void tally_add(tally *t, double target, const double *level);
/** gap_sum / assessed; 0 when nobody is assessed. */
double tally_mean_gap(const tally *t);

/**
 * People whose figures may be shown as one: a unit, or a unit with all units below.
 *
 * Somebody who subtracts everything shown inside a group from the group is left with the people of
 * its parts that are not shown: `hidden` of them are assessed. They must be nobody, or enough to be
 * a group themselves. What is shown is nested (a unit's own people; a unit with all below), so the
 * parts that subtraction can single out are exactly these.
 */
typedef struct {
    tally sum;
    uint32_t hidden;
} group;

/** A unit's own people as a group: shown from `minimum` assessed people on. */
group group_of(tally own, uint32_t minimum);
/** Takes a unit below, with all units below that, into the group of the unit above. */
void group_join(group *above, const group *below, uint32_t minimum);
/** At least `minimum` are assessed, and `hidden` is 0 or at least `minimum`. */
bool group_is_shown(const group *g, uint32_t minimum);

#endif
