/* watch.h: what is measured while a company runs: estimates and effects against the truth. */
#ifndef PRAXIS_TESTS_QUALITY_WATCH_H
#define PRAXIS_TESTS_QUALITY_WATCH_H

#include "services/learning-recommender/impact.h"
#include "tests/quality/baselines.h"
#include "tests/quality/levels.h"
#include "tests/quality/tally.h"

enum { AFTER_1, AFTER_3, AFTER_6, AFTER_12, AFTER_COUNT };

typedef struct {
    /* Estimates after so many ratings of the key. */
    tally error_after[AFTER_COUNT], baseline_after[AFTER_COUNT][BASE_COUNT];
    tally inside_after[AFTER_COUNT]; /* the 90 % interval */
    /* At the ends of quarters, all of whom and of which anything was heard; and all there are. */
    tally everybody, error, baseline_error[BASE_COUNT];
    pairs truth, baseline_truth[BASE_COUNT];
    pairs leniency, baseline_leniency[BASE_COUNT];
    tally inside_50, inside_90;
    /* Looks at completed learning: the daemon's report, and before/after. */
    impact reported, by_competency[COMPETENCIES];
    pool reported_truth;
    tally naive, naive_truth;
    /* Items with at least 20 completions. */
    tally item_error, prior_error, before_after_error, matched_error, item_inside;
    pairs item_truth;
    /* The plan's value over the best there is. */
    tally greedy;
    double greedy_worst;
} watch;

/** A rating came in; `r` and the estimate have it already. */
void watch_rating(watch *m, const rated *r, const px_estimate *now, double truth);
/** A key at the end of a quarter. @param heard  of it anything was */
void watch_key(watch *m, const world *w, int key, const rated *r, const px_estimate *now,
               bool heard, double truth);
/** A look, and what the items in it truly did. */
void watch_look(watch *m, int competency, const observed_record *look, double truth);

#endif
