/* before_after.c: the naive measures that the daemon's is held against. */
#include "tests/quality/before_after.h"

#include <math.h>
#include <string.h>

enum { ENOUGH = 20 };
static const double EXPOSURE_MIN = 0.05;

void before_after_hear(before_after *b, int key, px_evidence source, double value)
{
    interval *i = &b->keys[key];

    if (source == PX_SELF)
        return;
    i->latest = value;
    i->after += value;
    i->after_n += 1.0;
}

void before_after_complete(before_after *b, int key, int item, int touch, double z, double gain)
{
    interval *i = &b->keys[key];

    if (z < EXPOSURE_MIN)
        return;
    b->completions[item][touch]++;
    if (i->done == DONE_MAX)
        return;
    i->item[i->done] = item;
    i->touch[i->done] = touch;
    i->z[i->done++] = z;
    i->gain += gain;
}

static bool is_seen(const interval *i)
{
    return i->before > 0.0 && i->after_n > 0.0;
}

static double change_of(const interval *i)
{
    return i->after / i->after_n - i->before;
}

/* The usual change of those who did not learn, by the rating before. */
static void usual_change(const before_after *b, double usual[6])
{
    tally all[6] = { 0 };

    for (int key = 0; key < KEYS; key++) {
        const interval *i = &b->keys[key];

        if (is_seen(i) && i->done == 0)
            tally_add(&all[(int)i->before], change_of(i));
    }
    for (int r = 0; r < 6; r++)
        usual[r] = all[r].n > 0.0 ? tally_mean(&all[r]) : 0.0;
}

static void sum_up(before_after *b, const interval *i, const double usual[6])
{
    double change = change_of(i);

    tally_add(&b->naive, change);
    tally_add(&b->naive_truth, i->gain);
    for (int n = 0; n < i->done; n++) {
        tally_add(&b->change[i->item[n]][i->touch[n]], change);
        tally_add(&b->matched[i->item[n]][i->touch[n]], change - usual[(int)i->before]);
        tally_add(&b->exposure[i->item[n]][i->touch[n]], i->z[n]);
    }
}

void before_after_turn(before_after *b)
{
    double usual[6];

    usual_change(b, usual);
    for (int key = 0; key < KEYS; key++) {
        interval *i = &b->keys[key];

        if (is_seen(i) && i->done > 0)
            sum_up(b, i, usual);
        *i = (interval){ .latest = i->latest, .before = i->latest };
    }
}

static void judge_item(const before_after *b, const world *w, levels *l, watch *m, int item,
                       int touch)
{
    const world_item *it = &w->items[item];
    double prior = px_effect_start(it->kind, it->hours).mean, truth = it->effect;
    double z = b->exposure[item][touch].sum;
    px_effect learned;

    /* Courses and tasks: the little that micro items and mentors can differ by is known before. */
    if (it->kind == PX_MICRO || it->kind == PX_MENTOR || b->completions[item][touch] < ENOUGH ||
        !levels_effect(l, item, it->competency[touch], &learned))
        return;
    double margin = 1.645 * sqrt(learned.var);
    tally_add(&m->item_error, learned.mean - truth);
    tally_add(&m->prior_error, prior - truth);
    tally_add(&m->item_inside, fabs(learned.mean - truth) <= margin);
    pairs_add(&m->item_truth, truth, learned.mean);
    if (z > 0.0) {
        tally_add(&m->before_after_error, b->change[item][touch].sum / z - truth);
        tally_add(&m->matched_error, b->matched[item][touch].sum / z - truth);
    }
}

void before_after_judge(const before_after *b, const world *w, levels *l, watch *m)
{
    m->naive = b->naive;
    m->naive_truth = b->naive_truth;
    for (int i = 0; i < ITEMS; i++)
        for (int t = 0; t < w->items[i].touch_count; t++)
            judge_item(b, w, l, m, i, t);
}
