#include "tests/quality/tally.h"

#include <math.h>

void tally_add(tally *t, double x)
{
    t->n += 1.0;
    t->sum += x;
    t->squares += x * x;
}

double tally_mean(const tally *t)
{
    return t->sum / t->n;
}

double tally_rms(const tally *t)
{
    return sqrt(t->squares / t->n);
}

double tally_error(const tally *t)
{
    double mean = tally_mean(t);

    return t->n < 2.0 ? 0.0 : sqrt(fmax(0.0, t->squares / t->n - mean * mean) / (t->n - 1.0));
}

void pairs_add(pairs *p, double x, double y)
{
    p->n += 1.0;
    p->x += x;
    p->y += y;
    p->xx += x * x;
    p->yy += y * y;
    p->xy += x * y;
}

static double together(const pairs *p)
{
    return p->xy - p->x * p->y / p->n;
}

double pairs_correlation(const pairs *p)
{
    return together(p) / sqrt((p->xx - p->x * p->x / p->n) * (p->yy - p->y * p->y / p->n));
}

double pairs_slope(const pairs *p)
{
    return together(p) / (p->xx - p->x * p->x / p->n);
}

void pool_add(pool *p, double x, double variance)
{
    p->n += 1.0;
    p->weight += 1.0 / variance;
    p->sum += x / variance;
}

double pool_mean(const pool *p)
{
    return p->sum / p->weight;
}
