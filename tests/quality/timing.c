/* timing.c: one rating through hear.h: the standing read, the filter, all rows written. */
#include "tests/quality/timing.h"

#include <stdio.h>
#include <time.h>

#include "tests/quality/levels.h"

enum { RATINGS = 20000, CATALOGUE = 5000 };

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double rating_us(void)
{
    levels *l = levels_open();
    double start = now_us();

    for (int i = 0; i < RATINGS; i++)
        levels_rate(l, i % KEYS, i / KEYS, i % PEOPLE, (px_evidence)(i % PX_SOURCE_COUNT),
                    1.0 + (double)(i * 7 % 5));
    double took = now_us() - start;
    levels_close(l);
    return took / RATINGS;
}

void timing_print(void)
{
    printf("%-38s %8s %6.1f us\n", "a rating, with its rows", "", rating_us());
    printf("%-38s %8s %6.1f us\n", "a plan, 5,000 items, 100 of the role", "",
           timing_plan_us(CATALOGUE));
}
