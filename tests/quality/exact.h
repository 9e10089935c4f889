/* exact.h: the greedy plan against the best one there is, on problems small enough to try all. */
#ifndef PRAXIS_TESTS_QUALITY_EXACT_H
#define PRAXIS_TESTS_QUALITY_EXACT_H

#include "tests/quality/planners.h"
#include "tests/quality/tally.h"

/**
 * Adds greedy / exact for some people's problems of this quarter, cut down to 14 items.
 * @return the worst of them
 */
double exact_compare(const world *w, const beliefs *b, int quarter, tally *ratio);

#endif
