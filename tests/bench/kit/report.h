/* report.h: how a benchmark is asked for, and how it says what it found. */
#ifndef PRAXIS_TESTS_BENCH_KIT_REPORT_H
#define PRAXIS_TESTS_BENCH_KIT_REPORT_H

#include <stdbool.h>
#include <stddef.h>

/** A number that may be given as --<name> N or PRAXIS_BENCH_<NAME>. */
typedef struct {
    const char *name;
    size_t *value;    /* preset with what the full form uses */
    size_t short_one; /* the same for --short */
    const char *help;
} bench_setting;

/** Reads the command line; --help and mistakes end the program. The list ends with a NULL name. */
void bench_settings_read(int argc, char **argv, const bench_setting *settings);

/**
 * One line of the table. `ratio` compares with `to` ("echo"); NULL: with nothing. The target is one
 * for the ratio, or for the value when there is none. Printed at once; others_cores: CPU that other
 * programs took meanwhile.
 */
typedef enum { BENCH_NO_TARGET, BENCH_AT_LEAST, BENCH_AT_MOST } bench_aim;

typedef struct {
    const char *name;
    double value;
    const char *unit;
    double ratio;
    const char *to;
    double others_cores;
    bench_aim aim;
    double target;
} bench_row;

/** Sorts. @return the middle one, the upper of two */
double bench_median(double *values, size_t count);

void bench_report_row(const bench_row *row);
/** Writes all rows as JSON to the file named by PRAXIS_BENCH_OUT, if it is set. */
void bench_report_end(const char *benchmark);

#endif
