/* impact.h: what learning did, reported from ratings alone: pooled, with its interval, against
 * people who did not learn. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_IMPACT_H
#define PRAXIS_LEARNING_RECOMMENDER_IMPACT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * METHOD section 4: pooled = sum(yl / vl) / sum(1 / vl), +- 1.645 / sqrt(sum(1 / vl)), where yl and
 * vl are what the ratings after a completion alone say, never what was believed before: no prior,
 * and no regression to the mean. What ratings of people who were not learning say beyond the
 * expected in the same quarters (the control) is taken off each yl first. It is an association:
 * nobody was drawn by lot.
 */
enum {
    IMPACT_LOOKS_MIN = 5, /* people behind a figure, at least: one of them is nobody's business */
    IMPACT_CONTROL_MIN = 30, /* ratings to compare with: their mean is then good to about .2 lv */
};

/** One look at completed learning: EffectObserved. */
typedef struct {
    double gain, var; /* yl, vl; var 0: nothing could be seen */
    double control_sum;
    uint64_t control_count;
} impact_look;

/** All looks so far at one item on one competency, or at all learning for a competency. */
typedef struct {
    uint32_t looks;
    double weight, sum;     /* sum of 1 / vl and of yl / vl */
    uint64_t control_count; /* ratings they were compared with, added up */
} impact;

typedef struct {
    double effect, low, high; /* levels; 90 % interval */
    bool enough;              /* the interval does not cover 0 */
} impact_report;

/**
 * Adds a look. One that saw nothing, or has nothing to be compared with, changes nothing.
 * @param exposure  what to report the effect of one unit of; 1: as it came
 * @return whether it counted
 */
bool impact_add(impact *all, const impact_look *look, double exposure);
/** @return false with too few looks: nothing may be said. */
bool impact_of(const impact *all, impact_report *out);
/** Whether to say it: for the first time, a quarter more looks, or another verdict. */
bool impact_is_news(const impact *all, uint32_t said_looks, bool said_enough);

#endif
