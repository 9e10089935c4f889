/* before_after.h: what people report as the effect of learning: the rating after less the one
 * before, plain or against others who were rated the same before. */
#ifndef PRAXIS_TESTS_QUALITY_BEFORE_AFTER_H
#define PRAXIS_TESTS_QUALITY_BEFORE_AFTER_H

#include "tests/quality/watch.h"

enum { DONE_MAX = 6 };

/** One key between two weeks of learning. */
typedef struct {
    double latest;         /* by others, of all time; 0: none */
    double before;         /* the same at the last week of learning */
    double after, after_n; /* ratings by others since */
    int done;              /* items completed then */
    int item[DONE_MAX], touch[DONE_MAX];
    double z[DONE_MAX], gain;
} interval;

typedef struct {
    interval keys[KEYS];
    int completions[ITEMS][2];
    tally change[ITEMS][2], matched[ITEMS][2], exposure[ITEMS][2];
    tally naive, naive_truth;
} before_after;

void before_after_hear(before_after *b, int key, px_evidence source, double value);
void before_after_complete(before_after *b, int key, int item, int touch, double z, double gain);
/** A week of learning begins: the quarter since the last one is summed up. */
void before_after_turn(before_after *b);
/** Sets all of them against the truth, and what the daemon learned of the items too. */
void before_after_judge(const before_after *b, const world *w, levels *l, watch *m);

#endif
