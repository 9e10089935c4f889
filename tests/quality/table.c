/* table.c: one row a metric. */
#include "tests/quality/table.h"

#include <math.h>
#include <stdio.h>

typedef enum { AT_MOST, AT_LEAST, BETWEEN, SHOWN } rule;

typedef struct {
    const char *name;
    int metric;
    int base, base_count, base_step; /* baselines; the best of their means is shown */
    rule rule;
    double target, upper;             /* upper: of BETWEEN */
    double short_target, short_upper; /* of CI */
} row;

#define BASES(metric) metric, BASE_COUNT, 1
#define NO_BASE       0, 0, 0

static const row rows[] = {
    { "level, RMSE after 1 rating", RMSE_AFTER + AFTER_1,
      BASES(RMSE_BASE_AFTER + AFTER_1 * BASE_COUNT), AT_MOST, .62, 0, .66, 0 },
    { "level, RMSE after 3 ratings", RMSE_AFTER + AFTER_3,
      BASES(RMSE_BASE_AFTER + AFTER_3 * BASE_COUNT), AT_MOST, .50, 0, .53, 0 },
    { "level, RMSE after 6 ratings", RMSE_AFTER + AFTER_6,
      BASES(RMSE_BASE_AFTER + AFTER_6 * BASE_COUNT), AT_MOST, .42, 0, .45, 0 },
    { "level, RMSE at quarter ends", RMSE, BASES(RMSE_BASE), AT_MOST, .46, 0, .49, 0 },
    { "  the same with those never heard of", RMSE_EVERYBODY, NO_BASE, SHOWN, 0, 0, 0, 0 },
    { "level, correlation with the truth", CORRELATION, BASES(CORRELATION_BASE), AT_LEAST, .81, 0,
      .79, 0 },
    { "50 % interval covers", COVER_50, NO_BASE, BETWEEN, .47, .53, .44, .56 },
    { "90 % interval covers", COVER_90, NO_BASE, BETWEEN, .88, .92, .85, .94 },
    { "  after 1 rating", COVER_AFTER + AFTER_1, NO_BASE, BETWEEN, .87, .92, .85, .94 },
    { "  after 3 ratings", COVER_AFTER + AFTER_3, NO_BASE, BETWEEN, .87, .92, .85, .94 },
    { "  after 6 ratings", COVER_AFTER + AFTER_6, NO_BASE, BETWEEN, .87, .92, .85, .94 },
    { "  after 12 ratings", COVER_AFTER + AFTER_12, NO_BASE, BETWEEN, .87, .92, .85, .94 },
    { "leak of the manager's leniency", LEAK, BASES(LEAK_BASE), AT_MOST, .16, 0, .22, 0 },
    { "gap closed, % of oracle", CLOSED, CLOSED + POLICY_VALUE, POLICY_COUNT - POLICY_VALUE, 1,
      AT_LEAST, 75, 0, 70, 0 },
    { "gap closed an hour, % of oracle", CLOSED_PER_HOUR, CLOSED_PER_HOUR + POLICY_VALUE,
      POLICY_COUNT - POLICY_VALUE, 1, AT_LEAST, 69, 0, 64, 0 },
    { "item effect, RMSE", ITEM_RMSE, ITEM_RMSE_PRIOR, 3, 1, AT_MOST, .205, 0, .24, 0 },
    { "item effect, correlation", ITEM_CORRELATION, NO_BASE, AT_LEAST, .74, 0, .68, 0 },
    { "item effect, 90 % interval covers", ITEM_COVER_90, NO_BASE, BETWEEN, .85, .95, .80, 1.0 },
    { "impact report less truth", REPORT, REPORT_BEFORE_AFTER, 1, 1, BETWEEN, -.04, .04, -.07,
      .07 },
    { "  in placebo", PLACEBO, PLACEBO_BEFORE_AFTER, 1, 1, BETWEEN, -.04, .04, -.07, .07 },
    { "  in placebo without inflation", LEVEL_PLACEBO, NO_BASE, BETWEEN, -.04, .04, -.07, .07 },
    { "  effects found in placebo, share", PLACEBO_CLAIMS, NO_BASE, SHOWN, 0, 0, 0, 0 },
    { "greedy / exact value", GREEDY, NO_BASE, AT_LEAST, .98, 0, .97, 0 },
    { "  worst", GREEDY_WORST, NO_BASE, SHOWN, 0, 0, 0, 0 },
    { "harsh raters, RMSE", HARSH + STRESS_RMSE, HARSH + STRESS_RMSE_BASE, 1, 1, AT_MOST, .51, 0,
      .54, 0 },
    { "sparse ratings, RMSE", SPARSE + STRESS_RMSE, SPARSE + STRESS_RMSE_BASE, 1, 1, AT_MOST, .55,
      0, .58, 0 },
    { "inflation, RMSE", INFLATED + STRESS_RMSE, INFLATED + STRESS_RMSE_BASE, 1, 1, AT_MOST, .49, 0,
      .52, 0 },
    { "ratings only, RMSE", RATINGS_ONLY + STRESS_RMSE, RATINGS_ONLY + STRESS_RMSE_BASE, 1, 1,
      AT_MOST, .49, 0, .52, 0 },
    { "harsh raters, % of oracle", HARSH + STRESS_CLOSED, HARSH + STRESS_CLOSED_BASE, 1, 1,
      AT_LEAST, 72, 0, 67, 0 },
    { "sparse ratings, % of oracle", SPARSE + STRESS_CLOSED, SPARSE + STRESS_CLOSED_BASE, 1, 1,
      AT_LEAST, 68, 0, 63, 0 },
    { "inflation, % of oracle", INFLATED + STRESS_CLOSED, INFLATED + STRESS_CLOSED_BASE, 1, 1,
      AT_LEAST, 73, 0, 68, 0 },
};

static tally over_seeds(const double (*seeds)[METRIC_COUNT], int count, int metric)
{
    tally all = { 0 };

    for (int i = 0; i < count; i++)
        if (!isnan(seeds[i][metric]))
            tally_add(&all, seeds[i][metric]);
    return all;
}

/* Baselines are shown at their best, whichever way that is. */
static double best_base(const double (*seeds)[METRIC_COUNT], int count, const row *r)
{
    double best = NAN;

    for (int i = 0; i < r->base_count; i++) {
        tally all = over_seeds(seeds, count, r->base + i * r->base_step);

        if (all.n == 0.0)
            continue;
        best = r->rule == AT_LEAST ? fmax(best, tally_mean(&all)) : fmin(best, tally_mean(&all));
    }
    return best;
}

static const char *number(double x, char out[16])
{
    if (isnan(x))
        return "";
    snprintf(out, 16, fabs(x) >= 10.0 ? "%.1f" : "%.3f", x);
    return out;
}

static void print_target(const row *r, double low, double high, char out[40])
{
    char a[16], b[16];

    out[0] = '\0';
    if (r->rule == AT_MOST)
        snprintf(out, 40, "<= %s", number(low, a));
    if (r->rule == AT_LEAST)
        snprintf(out, 40, ">= %s", number(low, a));
    if (r->rule == BETWEEN)
        snprintf(out, 40, "%s..%s", number(low, a), number(high, b));
}

static bool is_met(const row *r, double x, double low, double high)
{
    switch (r->rule) {
    case AT_MOST:
        return x <= low;
    case AT_LEAST:
        return x >= low;
    case BETWEEN:
        return x >= low && x <= high;
    case SHOWN:
        break;
    }
    return true;
}

static bool print_row(const double (*seeds)[METRIC_COUNT], int count, const row *r, double low,
                      double high)
{
    tally all = over_seeds(seeds, count, r->metric);
    char base[16], mean[16], error[16], target[40];

    if (all.n == 0.0)
        return true;
    bool met = is_met(r, tally_mean(&all), low, high);
    print_target(r, low, high, target);
    printf("%-38s %8s %8s +- %-6s %4.0f  %-13s %s\n", r->name,
           number(best_base(seeds, count, r), base), number(tally_mean(&all), mean),
           number(tally_error(&all), error), all.n, target,
           r->rule == SHOWN ? ""
           : met            ? "met"
                            : "NOT MET");
    return met;
}

static void print_head(void)
{
    printf("%-38s %8s %8s    %-6s %4s  %-13s\n", "metric", "baseline", "measured", "error", "n",
           "target");
}

bool table_print(const double (*seeds)[METRIC_COUNT], int count)
{
    bool met = true;

    print_head();
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        met &= print_row(seeds, count, &rows[i], rows[i].target, rows[i].upper);
    return met;
}

bool table_print_short(const double (*seeds)[METRIC_COUNT], int count)
{
    bool met = true;

    print_head();
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        met &= print_row(seeds, count, &rows[i], rows[i].short_target, rows[i].short_upper);
    return met;
}
