/* pace.h: sends steps of a load at a steady rate and measures the time from sending to the result.
 *
 * Open loop: what is due is sent whether earlier steps are answered or not.
 */
#ifndef PRAXIS_TESTS_FAULTS_PACE_H
#define PRAXIS_TESTS_FAULTS_PACE_H

#include "tests/faults/drive.h"

/** A row of steps, all `count` of them from `first` on, sent at `rate` a second. */
typedef struct {
    size_t first, count;
    double rate;
    bool measured;
    size_t sent; /* pace_run() counts these two */
    size_t begin;
} pace_row;

/** Times in ms of the measured steps, sorted. */
typedef struct {
    double *ms;
    size_t count;
    double seconds; /* from the first to the last result */
} pace_times;

/** Runs the rows side by side until every step of every row is answered. pace_times_free() it. */
pace_times pace_run(drive *d, pace_row *rows, size_t row_count);
/** The time that this share of steps (0 to 1) did not exceed. */
double pace_share(const pace_times *times, double share);
/** Compares two doubles, for qsort(). */
int pace_by_value(const void *a, const void *b);
void pace_times_free(pace_times *times);

/** One figure of a row of the target table, for tests/soak: "figure T14 <name> <value> <unit>". */
void pace_figure(const char *target, const char *name, double value, const char *unit);

#endif
