/* levels.h: the competency daemon's own estimate: its evidence goes in through hear.h into a store
 * of its own, its levels come out of its state. */
#ifndef PRAXIS_TESTS_QUALITY_LEVELS_H
#define PRAXIS_TESTS_QUALITY_LEVELS_H

#include "common/method.h"
#include "services/competency/follow_up.h"
#include "tests/quality/world.h"

typedef struct levels levels;

/** A daemon's state of nothing heard, in a folder of its own. Exits the program on failure. */
levels *levels_open(void);
void levels_close(levels *l);
/** The days of a week, and its time as events say it. */
double levels_days(int week);

void levels_rate(levels *l, int key, int week, int rater, px_evidence source, double value);
void levels_tag(levels *l, int key, int week, int tag);
void levels_assess(levels *l, int key, int week, double score);
/**
 * A finished item.
 * @param share  on this competency; of a mentor's item times the mentor factor
 * @return whether it now waits to be followed up
 */
bool levels_complete(levels *l, int key, int week, int item, const world_item *it, double share);

/** A look at completed learning that a later completion forced. @return false when there is none */
bool levels_next_look(levels *l, int key, observed_record *out);
/** The look that is due by this week. @return false when none is */
bool levels_follow_up(levels *l, int key, int week, observed_record *out);

/** As it stands in that week; 3.0 and variance .60 when nothing was heard. */
px_estimate levels_estimate(levels *l, int key, int week);
/** Whether anything was. */
bool levels_heard(levels *l, int key);
/** What was learned of an item; @return false while nothing was */
bool levels_effect(levels *l, int item, int competency, px_effect *out);

/** Ends the transaction and begins another. */
void levels_commit(levels *l);
/** BLAKE2b of the whole state. */
void levels_digest(levels *l, uint8_t digest[32]);

#endif
