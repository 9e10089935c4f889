/* events.h: who says something about whom in a quarter. */
#ifndef PRAXIS_TESTS_QUALITY_EVENTS_H
#define PRAXIS_TESTS_QUALITY_EVENTS_H

#include "tests/quality/world.h"

/** A rating (source < PX_SOURCE_COUNT), a tag or a test to come. */
typedef struct {
    int key, week, rater, nth;
    px_evidence source;
} event;

enum { EVENTS_MAX = KEYS * 16 };

/**
 * All events of a quarter, ordered by week, then by person and competency.
 * @param events  room for EVENTS_MAX
 * @return how many
 */
int events_of_quarter(const world *w, int quarter, event *events);

#endif
