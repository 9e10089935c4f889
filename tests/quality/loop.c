/* loop.c: a week at a time: levels drift, looks come due, plans are made and done, people rate. */
#include "tests/quality/loop.h"

#include <sodium.h>
#include <stdlib.h>

#include "common/gap.h"
#include "tests/quality/before_after.h"
#include "tests/quality/draw.h"
#include "tests/quality/events.h"
#include "tests/quality/exact.h"

enum { LEARNING_WEEK = 6, EXACT_QUARTER = 6 };

typedef struct {
    const world *w;
    policy how;
    levels *levels; /* POLICY_DAEMON only */
    watch *watch;
    double learned[KEYS];
    rated rated[KEYS];
    double pending_truth[KEYS]; /* what the learning not yet looked at truly did */
    beliefs beliefs;
    plan plans[PEOPLE];
    event events[EVENTS_MAX];
    before_after naive;
    px_gap said[KEYS];
    crypto_generichash_state digest;
    outcome out;
} company;

static double level_of(const company *c, int key, int week)
{
    return world_clamp(c->w->base[week][key] + c->learned[key]);
}

/* ---- ratings ---- */

static void hear(company *c, const event *e)
{
    double level = level_of(c, e->key, e->week);

    if (e->source == PX_TAG && c->levels)
        levels_tag(c->levels, e->key, e->week, world_tag(c->w, e->rater, e->key, level, e->week));
    if (e->source == PX_TEST && c->levels)
        levels_assess(c->levels, e->key, e->week, world_test(c->w, e->key, level, e->week));
    if ((unsigned)e->source >= PX_SOURCE_COUNT)
        return;
    double x = world_rating(c->w, e->rater, e->source, e->key, level, e->week, e->nth);
    baseline_hear(&c->rated[e->key], levels_days(e->week), e->source, x);
    before_after_hear(&c->naive, e->key, e->source, x);
    c->out.ratings++;
    if (!c->levels)
        return;
    levels_rate(c->levels, e->key, e->week, e->rater, e->source, x);
    if (c->watch) {
        px_estimate now = levels_estimate(c->levels, e->key, e->week);

        watch_rating(c->watch, &c->rated[e->key], &now, level);
    }
}

/* ---- what the planner goes by ---- */

static px_effect true_effect(const world_item *it)
{
    return (px_effect){ .mean = it->effect };
}

static void believe_effects(company *c)
{
    for (int i = 0; i < ITEMS; i++)
        for (int t = 0; t < c->w->items[i].touch_count; t++) {
            const world_item *it = &c->w->items[i];
            px_effect *effect = &c->beliefs.effects[i][t];

            *effect =
                c->how == POLICY_ORACLE ? true_effect(it) : px_effect_start(it->kind, it->hours);
            if (c->levels)
                levels_effect(c->levels, i, it->competency[t], effect);
        }
}

/* As competency says it, and the recommender goes by it: only open gaps are planned for. */
static bool note_gap(company *c, int key, const px_estimate *now)
{
    double target = world_target(c->w, key / COMPETENCIES, key % COMPETENCIES);
    px_gap_news news = target > 0.0 ? px_gap_decide(&c->said[key], now, target) : PX_GAP_SAME;

    if (news == PX_GAP_OPENED || news == PX_GAP_CHANGED)
        c->said[key] = (px_gap){ true, now->mu, target };
    if (news == PX_GAP_CLOSED)
        c->said[key] = (px_gap){ 0 };
    return c->said[key].open;
}

static void believe_levels(company *c, int week)
{
    for (int key = 0; key < KEYS; key++) {
        beliefs *b = &c->beliefs;

        b->gap[key] = true;
        b->latest_manager[key] = c->rated[key].latest_manager;
        b->mu[key] = c->how == POLICY_ORACLE ? level_of(c, key, week)
                                             : baseline_level(&c->rated[key], BASE_EWMA);
        b->var[key] = 0.0;
        if (!c->levels)
            continue;
        px_estimate now = levels_estimate(c->levels, key, week);
        b->mu[key] = now.mu;
        b->var[key] = now.var;
        b->gap[key] = note_gap(c, key, &now);
    }
}

static planner planner_of(policy how)
{
    switch (how) {
    case POLICY_GAP:
        return PLAN_GAP;
    case POLICY_POPULAR:
        return PLAN_POPULAR;
    case POLICY_MOODLE:
        return PLAN_MOODLE;
    case POLICY_RANDOM:
        return PLAN_RANDOM;
    default:
        return PLAN_VALUE;
    }
}

static void plan_quarter(company *c, int quarter)
{
    believe_levels(c, quarter * QUARTER_WEEKS);
    believe_effects(c);
    plan_all(c->w, planner_of(c->how), &c->beliefs, quarter, c->plans);
    c->out.plans += PEOPLE;
    crypto_generichash_update(&c->digest, (const uint8_t *)c->plans, sizeof c->plans);
    if (c->watch && quarter == EXACT_QUARTER)
        c->watch->greedy_worst = exact_compare(c->w, &c->beliefs, quarter, &c->watch->greedy);
}

/* ---- learning ---- */

static void look(company *c, int key, const observed_record *seen)
{
    if (c->watch)
        watch_look(c->watch, key % COMPETENCIES, seen, c->pending_truth[key]);
    c->pending_truth[key] = 0.0;
}

static void tell_completion(company *c, int person, int item, int touch, int mentor, int week,
                            double gain)
{
    const world_item *it = &c->w->items[item];
    int key = world_key(person, it->competency[touch]);
    double share = it->share[touch];
    observed_record seen;

    if (!c->levels)
        return;
    double mu = levels_estimate(c->levels, key, week).mu;
    if (mentor != NOBODY)
        share *= px_mentor_done(
            levels_estimate(c->levels, world_key(mentor, it->competency[touch]), week).mu, mu);
    before_after_complete(&c->naive, key, item, touch, share * px_zone(mu, it->low, it->high),
                          gain);
    bool counted = levels_complete(c->levels, key, week, item, it, share);
    while (levels_next_look(c->levels, key, &seen))
        look(c, key, &seen);
    if (counted)
        c->pending_truth[key] += gain;
}

static bool is_prepared(const company *c, int person, int item)
{
    int required = c->w->items[item].required;

    return required == NOBODY || c->beliefs.done[person][required] != NEVER;
}

static double shortfall(const company *c, int person, int competency, int week)
{
    double gap =
        world_target(c->w, person, competency) - level_of(c, world_key(person, competency), week);

    return gap > 0.0 ? gap : 0.0;
}

static void learn(company *c, int person, int item, int touch, int mentor, int week)
{
    const world_item *it = &c->w->items[item];
    int competency = it->competency[touch];
    int key = world_key(person, competency);
    double mentor_level = mentor == NOBODY ? 0.0 : level_of(c, world_key(mentor, competency), week);
    double before = shortfall(c, person, competency, week);
    double gain = world_gain(c->w, person, item, touch, level_of(c, key, week), mentor_level,
                             is_prepared(c, person, item), week);

    c->learned[key] += gain;
    c->out.closed += c->w->weight[competency] * (before - shortfall(c, person, competency, week));
    tell_completion(c, person, item, touch, mentor, week, gain);
}

static void try_item(company *c, int person, int item, int mentor, int quarter)
{
    const world_item *it = &c->w->items[item];
    int week = quarter * QUARTER_WEEKS + LEARNING_WEEK;
    uint64_t h =
        draw_hash(c->w->seed, DRAW_FINISH, (uint32_t)person, (uint32_t)item, (uint32_t)quarter, 0);

    if (draw_uniform(h) >= world_finish_rate(it->kind)) {
        c->out.hours += it->hours / 2.0;
        return;
    }
    c->out.hours += it->hours;
    for (int t = 0; t < it->touch_count; t++)
        learn(c, person, item, t, mentor, week);
    c->beliefs.done[person][item] = quarter;
    c->beliefs.popularity[item]++;
}

static void do_plans(company *c, int quarter)
{
    for (int e = 0; e < PEOPLE; e++)
        for (int i = 0; i < c->plans[e].count; i++)
            try_item(c, e, c->plans[e].items[i].item, c->plans[e].items[i].mentor, quarter);
}

static void look_back(company *c, int week)
{
    observed_record seen;

    for (int key = 0; c->levels && key < KEYS; key++)
        if (levels_follow_up(c->levels, key, week, &seen))
            look(c, key, &seen);
}

/* ---- weeks and quarters ---- */

static void forget(company *c)
{
    for (int key = 0; key < KEYS; key++)
        if (!c->w->in_use[key])
            c->learned[key] *= 0.9854;
}

static void end_quarter(company *c, int week)
{
    for (int key = 0; c->watch && key < KEYS; key++) {
        px_estimate now = levels_estimate(c->levels, key, week);

        watch_key(c->watch, c->w, key, &c->rated[key], &now, levels_heard(c->levels, key),
                  level_of(c, key, week));
    }
}

static void run_quarter(company *c, int quarter)
{
    int first = quarter * QUARTER_WEEKS;
    int count = events_of_quarter(c->w, quarter, c->events), at = 0;

    for (int week = first; week < first + QUARTER_WEEKS; week++) {
        if (week > 0)
            forget(c);
        if (week - first == LEARNING_WEEK)
            before_after_turn(&c->naive);
        look_back(c, week);
        if (quarter > 0 && week == first)
            plan_quarter(c, quarter);
        if (quarter > 0 && week - first == LEARNING_WEEK)
            do_plans(c, quarter);
        while (at < count && c->events[at].week == week)
            hear(c, &c->events[at++]);
        if (c->levels)
            levels_commit(c->levels);
    }
    end_quarter(c, first + QUARTER_WEEKS - 1);
}

static company *company_create(const world *w, policy how, watch *seen)
{
    company *c = calloc(1, sizeof *c);

    PX_ASSERT(c);
    c->w = w;
    c->how = how;
    c->watch = seen;
    c->levels = how == POLICY_DAEMON ? levels_open() : NULL;
    plan_begin(&c->beliefs);
    crypto_generichash_init(&c->digest, NULL, 0, sizeof c->out.digest);
    return c;
}

/* Of all that the daemons' code has made: the state, the plans, the report. */
static void end_digest(company *c)
{
    uint8_t state[32] = { 0 };

    if (c->levels)
        levels_digest(c->levels, state);
    crypto_generichash_update(&c->digest, state, sizeof state);
    if (c->watch)
        crypto_generichash_update(&c->digest, (const uint8_t *)c->watch->by_competency,
                                  sizeof c->watch->by_competency);
    crypto_generichash_final(&c->digest, c->out.digest, sizeof c->out.digest);
}

outcome loop_run(const world *w, policy how, watch *seen)
{
    company *c = company_create(w, how, seen);

    for (int quarter = 0; quarter < QUARTERS; quarter++)
        run_quarter(c, quarter);
    if (seen)
        before_after_judge(&c->naive, w, c->levels, seen);
    end_digest(c);
    c->out.closed_per_hour = c->out.closed / c->out.hours;
    outcome out = c->out;
    if (c->levels)
        levels_close(c->levels);
    free(c);
    return out;
}
