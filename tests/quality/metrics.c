/* metrics.c: the worlds of one seed, and what came of them. */
#include "tests/quality/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static world *make_world(uint64_t seed, const world_kind *kind)
{
    world *w = world_create(seed, kind);

    PX_ASSERT(w);
    return w;
}

/* ---- estimates ---- */

static void fill_after(const watch *m, double *out)
{
    for (int i = 0; i < AFTER_COUNT; i++) {
        out[RMSE_AFTER + i] = tally_rms(&m->error_after[i]);
        out[COVER_AFTER + i] = tally_mean(&m->inside_after[i]);
        for (int b = 0; b < BASE_COUNT; b++)
            out[RMSE_BASE_AFTER + i * BASE_COUNT + b] = tally_rms(&m->baseline_after[i][b]);
    }
}

static void fill_levels(const watch *m, double *out)
{
    fill_after(m, out);
    out[RMSE] = tally_rms(&m->error);
    out[RMSE_EVERYBODY] = tally_rms(&m->everybody);
    out[CORRELATION] = pairs_correlation(&m->truth);
    out[LEAK] = pairs_slope(&m->leniency);
    out[COVER_50] = tally_mean(&m->inside_50);
    out[COVER_90] = tally_mean(&m->inside_90);
    for (int b = 0; b < BASE_COUNT; b++) {
        out[RMSE_BASE + b] = tally_rms(&m->baseline_error[b]);
        out[CORRELATION_BASE + b] = pairs_correlation(&m->baseline_truth[b]);
        out[LEAK_BASE + b] = pairs_slope(&m->baseline_leniency[b]);
    }
}

/* ---- effects ---- */

/* The daemon's report, less what the same learning truly did. */
static double report_error(const watch *m)
{
    impact_report report;

    return impact_of(&m->reported, &report) ? report.effect - pool_mean(&m->reported_truth) : NAN;
}

static double before_after_error(const watch *m)
{
    return tally_mean(&m->naive) - tally_mean(&m->naive_truth);
}

static void fill_effects(const watch *m, double *out)
{
    out[ITEM_RMSE] = tally_rms(&m->item_error);
    out[ITEM_RMSE_PRIOR] = tally_rms(&m->prior_error);
    out[ITEM_RMSE_BEFORE_AFTER] = tally_rms(&m->before_after_error);
    out[ITEM_RMSE_MATCHED] = tally_rms(&m->matched_error);
    out[ITEM_CORRELATION] = pairs_correlation(&m->item_truth);
    out[ITEM_COVER_90] = tally_mean(&m->item_inside);
    out[REPORT] = report_error(m);
    out[REPORT_BEFORE_AFTER] = before_after_error(m);
    out[GREEDY] = tally_mean(&m->greedy);
    out[GREEDY_WORST] = m->greedy_worst;
}

static double claims(const watch *m)
{
    tally all = { 0 };
    impact_report report;

    for (int c = 0; c < COMPETENCIES; c++)
        if (impact_of(&m->by_competency[c], &report))
            tally_add(&all, report.enough);
    return tally_mean(&all);
}

static void fill_placebo(uint64_t seed, double *out)
{
    world *w = make_world(seed, &world_placebo);
    watch m = { 0 };

    loop_run(w, POLICY_DAEMON, &m);
    free(w);
    out[PLACEBO] = report_error(&m);
    out[PLACEBO_BEFORE_AFTER] = before_after_error(&m);
    out[PLACEBO_CLAIMS] = claims(&m);
}

static void fill_level_placebo(uint64_t seed, double *out)
{
    world *w = make_world(seed, &world_placebo_level);
    watch m = { 0 };

    loop_run(w, POLICY_DAEMON, &m);
    free(w);
    out[LEVEL_PLACEBO] = report_error(&m);
}

/* ---- plans ---- */

static void fill_policies(const world *w, const outcome *daemon, policy last, double *out)
{
    outcome oracle = loop_run(w, POLICY_ORACLE, NULL);

    for (int p = POLICY_DAEMON; p <= (int)last; p++) {
        outcome one = p == POLICY_DAEMON ? *daemon : loop_run(w, (policy)p, NULL);

        out[CLOSED + p] = 100.0 * one.closed / oracle.closed;
        out[CLOSED_PER_HOUR + p] = 100.0 * one.closed_per_hour / oracle.closed_per_hour;
    }
}

/* ---- stress ---- */

static double best_baseline(const watch *m)
{
    double best = NAN;

    for (int b = 0; b < BASE_COUNT; b++)
        best = fmin(best, tally_rms(&m->baseline_error[b]));
    return best;
}

static void fill_stress(uint64_t seed, const world_kind *kind, double *out)
{
    world *w = make_world(seed, kind);
    watch m = { 0 };
    outcome daemon = loop_run(w, POLICY_DAEMON, &m);

    out[STRESS_RMSE] = tally_rms(&m.error);
    out[STRESS_RMSE_BASE] = best_baseline(&m);
    if (!kind->only_ratings) {
        outcome oracle = loop_run(w, POLICY_ORACLE, NULL);
        outcome other = loop_run(w, POLICY_VALUE, NULL);

        out[STRESS_CLOSED] = 100.0 * daemon.closed / oracle.closed;
        out[STRESS_CLOSED_BASE] = 100.0 * other.closed / oracle.closed;
    }
    free(w);
}

/* ---- all ---- */

void metrics_of_seed(uint64_t seed, scope what, double out[METRIC_COUNT], uint8_t digest[32])
{
    world *w = make_world(seed, &world_plain);
    watch m = { 0 };

    for (int i = 0; i < METRIC_COUNT; i++)
        out[i] = NAN;
    outcome daemon = loop_run(w, POLICY_DAEMON, &m);
    memcpy(digest, daemon.digest, sizeof daemon.digest);
    fill_levels(&m, out);
    fill_effects(&m, out);
    if (what != SCOPE_REPLAY)
        fill_policies(w, &daemon, what == SCOPE_SHORT ? POLICY_VALUE : POLICY_RANDOM, out);
    free(w);
    if (what == SCOPE_PLAIN || what == SCOPE_STRESS)
        fill_placebo(seed, out);
    if (what != SCOPE_STRESS)
        return;
    fill_level_placebo(seed, out);
    fill_stress(seed, &world_harsh, &out[HARSH]);
    fill_stress(seed, &world_sparse, &out[SPARSE]);
    fill_stress(seed, &world_inflated, &out[INFLATED]);
    fill_stress(seed, &world_ratings_only, &out[RATINGS_ONLY]);
}
