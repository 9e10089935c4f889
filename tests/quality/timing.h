/* timing.h: how long a rating and a plan take in the daemons. */
#ifndef PRAXIS_TESTS_QUALITY_TIMING_H
#define PRAXIS_TESTS_QUALITY_TIMING_H

/** Prints two rows: figures of this machine, without a target. */
void timing_print(void);
/** Microseconds of one plan: of `items` (at least 100) in the catalogue 100 touch the role. */
double timing_plan_us(int items);

#endif
