/* tally.h: sums that metrics are made of. */
#ifndef PRAXIS_TESTS_QUALITY_TALLY_H
#define PRAXIS_TESTS_QUALITY_TALLY_H

/** Of one number. */
typedef struct {
    double n, sum, squares;
} tally;

void tally_add(tally *t, double x);
double tally_mean(const tally *t);
/** Root of the mean square. */
double tally_rms(const tally *t);
/** Standard error of the mean; 0 for fewer than two. */
double tally_error(const tally *t);

/** Of pairs. */
typedef struct {
    double n, x, y, xx, yy, xy;
} pairs;

void pairs_add(pairs *p, double x, double y);
double pairs_correlation(const pairs *p);
/** Slope of y on x. */
double pairs_slope(const pairs *p);

/** A mean weighted by 1 / variance. */
typedef struct {
    double n, weight, sum;
} pool;

void pool_add(pool *p, double x, double variance);
double pool_mean(const pool *p);

#endif
