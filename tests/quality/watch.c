/* watch.c: estimates against the truth. */
#include "tests/quality/watch.h"

static bool is_inside(const px_estimate *now, double sds, double truth)
{
    double d = truth - now->mu;

    return d <= sds * now->sd && d >= -sds * now->sd;
}

void watch_rating(watch *m, const rated *r, const px_estimate *now, double truth)
{
    static const double marks[AFTER_COUNT] = { 1, 3, 6, 12 };

    for (int i = 0; i < AFTER_COUNT; i++) {
        if (r->n != marks[i])
            continue;
        tally_add(&m->error_after[i], now->mu - truth);
        tally_add(&m->inside_after[i], is_inside(now, 1.645, truth));
        for (int b = 0; b < BASE_COUNT; b++)
            tally_add(&m->baseline_after[i][b], baseline_level(r, (baseline)b) - truth);
    }
}

void watch_key(watch *m, const world *w, int key, const rated *r, const px_estimate *now,
               bool heard, double truth)
{
    double leniency = world_leniency(w, world_manager(key / COMPETENCIES), PX_MANAGER);

    tally_add(&m->everybody, now->mu - truth);
    if (!heard)
        return;
    tally_add(&m->error, now->mu - truth);
    pairs_add(&m->truth, truth, now->mu);
    pairs_add(&m->leniency, leniency, now->mu - truth);
    tally_add(&m->inside_50, is_inside(now, 0.67449, truth));
    tally_add(&m->inside_90, is_inside(now, 1.645, truth));
    for (int b = 0; b < BASE_COUNT; b++) {
        double level = baseline_level(r, (baseline)b);

        tally_add(&m->baseline_error[b], level - truth);
        pairs_add(&m->baseline_truth[b], truth, level);
        pairs_add(&m->baseline_leniency[b], leniency, level - truth);
    }
}

void watch_look(watch *m, int competency, const observed_record *look, double truth)
{
    impact_look seen = { .gain = look->gain,
                         .var = look->var,
                         .control_sum = look->control.sum,
                         .control_count = look->control.count };

    impact_add(&m->by_competency[competency], &seen, 1.0);
    if (impact_add(&m->reported, &seen, 1.0))
        pool_add(&m->reported_truth, truth, look->var);
}
