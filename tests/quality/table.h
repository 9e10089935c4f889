/* table.h: the figures of all seeds against the targets of METHOD section 7. */
#ifndef PRAXIS_TESTS_QUALITY_TABLE_H
#define PRAXIS_TESTS_QUALITY_TABLE_H

#include <stdbool.h>

#include "tests/quality/metrics.h"

/** Prints every row that has figures. @return whether all targets are met */
bool table_print(const double (*seeds)[METRIC_COUNT], int count);
/** The wide limits of CI: a broken filter or planner misses them, chance does not. */
bool table_print_short(const double (*seeds)[METRIC_COUNT], int count);

#endif
