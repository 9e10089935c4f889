/* world.c: the company and its catalogue (METHOD section 6). */
#include "tests/quality/world.h"

#include <math.h>
#include <stdlib.h>

#include "tests/quality/draw.h"

const world_kind world_plain = { 1.0, 1.0, 0.05, false, false };
const world_kind world_harsh = { 1.4, 1.0, 0.05, false, false };
const world_kind world_sparse = { 1.0, 0.35, 0.05, false, false };
const world_kind world_inflated = { 1.0, 1.0, 0.15, false, false };
const world_kind world_ratings_only = { 1.0, 1.0, 0.05, true, false };
const world_kind world_placebo = { 1.0, 1.0, 0.05, false, true };
const world_kind world_placebo_level = { 1.0, 1.0, 0.0, false, true };

static uint64_t hash(const world *w, draw_purpose purpose, int a, int b, int c, int d)
{
    return draw_hash(w->seed, purpose, (uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d);
}

double world_clamp(double level)
{
    return level < 1.0 ? 1.0 : level > 5.0 ? 5.0 : level;
}

int world_key(int person, int competency)
{
    return person * COMPETENCIES + competency;
}

/* ---- people ---- */

/* Teams of eight, the first leads; five teams to a head; heads to the first of all, who has the
 * second head. */
int world_manager(int person)
{
    if (person % TEAM != 0)
        return person - person % TEAM;
    if (person % BLOCK != 0)
        return person - person % BLOCK;
    return person == 0 ? BLOCK : 0;
}

bool world_manages(int person)
{
    return person % TEAM == 0;
}

/* The n colleagues: at, at + step, ...; the person among them is stepped over. */
static int pick(const world *w, int person, int first, int step, int n, int nonce, int k)
{
    uint64_t h = hash(w, DRAW_PEER, person, nonce, step, 0);
    int at = ((int)draw_below(h, (uint32_t)n) + k) % n;
    int chosen = first + at * step;

    return chosen >= person && person >= first && person < first + (n + 1) * step ? chosen + step
                                                                                  : chosen;
}

int world_teammate(const world *w, int person, int nonce, int k)
{
    if (world_manages(person))
        return world_peer(w, person, nonce, k);
    return pick(w, person, person - person % TEAM + 1, 1, TEAM - 2, nonce, k);
}

/* The nth of those of a block who manage nobody. */
static int nth_of_staff(int block, int nth)
{
    return block + nth / (TEAM - 1) * TEAM + 1 + nth % (TEAM - 1);
}

static int peer_of_staff(const world *w, int person, int nonce, int k)
{
    enum { OTHERS = BLOCK / TEAM * (TEAM - 1) - 1 };
    int block = person - person % BLOCK;
    int self = (person - block) / TEAM * (TEAM - 1) + person % TEAM - 1;
    int at = ((int)draw_below(hash(w, DRAW_PEER, person, nonce, 0, 0), OTHERS) + k) % OTHERS;

    return nth_of_staff(block, at >= self ? at + 1 : at);
}

int world_peer(const world *w, int person, int nonce, int k)
{
    int block = person - person % BLOCK;

    if (!world_manages(person))
        return peer_of_staff(w, person, nonce, k);
    if (person != block)
        return pick(w, person, block + TEAM, TEAM, BLOCK / TEAM - 2, nonce, k);
    return pick(w, person, 0, BLOCK, PEOPLE / BLOCK - 1, nonce, k);
}

int world_report(const world *w, int person, int nonce, int k)
{
    return pick(w, -1, person + 1, 1, TEAM - 1, nonce + 1000 * person, k);
}

double world_target(const world *w, int person, int competency)
{
    return w->target[w->role[person]][competency];
}

static void make_roles(world *w)
{
    static const double weights[] = { 1, 1, 1, 2, 3 };
    static const double targets[] = { 3.0, 3.5, 4.0, 4.5 };

    for (int c = 0; c < COMPETENCIES; c++)
        w->weight[c] = weights[draw_below(hash(w, DRAW_WEIGHT, c, 0, 0, 0), 5)];
    for (int r = 0; r < ROLES; r++)
        for (int n = 0; n < ROLE_COMPETENCIES;) {
            int c = (int)draw_below(hash(w, DRAW_TARGET, r, n, 0, 0), COMPETENCIES);

            while (w->target[r][c] != 0.0)
                c = (c + 1) % COMPETENCIES;
            w->target[r][c] = targets[draw_below(hash(w, DRAW_TARGET, r, n++, 1, 0), 4)];
        }
    for (int e = 0; e < PEOPLE; e++) {
        bool own = draw_uniform(hash(w, DRAW_ROLE, e, 0, 0, 0)) < 0.5;
        int of = own ? e / TEAM : PEOPLE + e;

        w->role[e] = (int)draw_below(hash(w, DRAW_ROLE, of, 1, 0, 0), ROLES);
    }
}

static void make_levels(world *w)
{
    for (int key = 0; key < KEYS; key++) {
        double general = draw_normal(hash(w, DRAW_PERSON, key / COMPETENCIES, 0, 0, 0), 0.25);
        double own = draw_normal(hash(w, DRAW_SKILL, key, 0, 0, 0), 0.39);

        for (int week = 0; week < WEEKS; week++) {
            if (week > 0)
                own = 0.99085 * own + draw_normal(hash(w, DRAW_DRIFT, key, week, 0, 0), 0.0071);
            w->base[week][key] = 3.0 + general + own;
        }
        w->in_use[key] = draw_uniform(hash(w, DRAW_IN_USE, key, 0, 0, 0)) < 0.70;
        w->facet[key] = draw_normal(hash(w, DRAW_FACET, key, 0, 0, 0), 0.0625);
        w->test_bias[key] = draw_normal(hash(w, DRAW_TEST_BIAS, key, 0, 0, 0), 0.1225);
    }
}

/* ---- the catalogue ---- */

/* Four courses, four micro items, two tasks, a mentor. */
static void set_format(world *w, int item, int nth)
{
    static const double course[] = { 6, 8, 12, 16 };
    static const double micro[] = { 1, 1.5, 2 };
    world_item *it = &w->items[item];
    uint64_t h = hash(w, DRAW_ITEM, item, 0, 0, 0);

    it->kind = nth < 4 ? PX_COURSE : nth < 8 ? PX_MICRO : nth < 10 ? PX_TASK : PX_MENTOR;
    it->hours = nth < 4    ? course[nth]
                : nth < 8  ? micro[draw_below(h, 3)]
                : nth < 10 ? 6.0 + (double)draw_below(h, 7)
                           : 6.0;
}

static void set_outcomes(world *w, int item, int competency)
{
    world_item *it = &w->items[item];
    double low = 1.0 + 2.0 * draw_uniform(hash(w, DRAW_ITEM, item, 1, 0, 0));
    bool shared = it->kind == PX_COURSE && draw_uniform(hash(w, DRAW_ITEM, item, 2, 0, 0)) < 0.25;

    it->low = it->kind == PX_MENTOR ? 1.0 : low + 0.25;
    it->high = it->kind == PX_MENTOR ? 4.5 : low + 1.75;
    it->touch_count = shared ? 2 : 1;
    it->competency[0] = competency;
    it->share[0] = shared ? 0.6 : 1.0;
    it->competency[1] =
        (competency + 1 + (int)draw_below(hash(w, DRAW_ITEM, item, 3, 0, 0), COMPETENCIES - 1)) %
        COMPETENCIES;
    it->share[1] = 0.4;
}

static double usual_effect(const world_item *it)
{
    switch (it->kind) {
    case PX_COURSE:
        return 0.45 * sqrt(it->hours / 10.0);
    case PX_TASK:
        return 0.30 * sqrt(it->hours / 10.0);
    case PX_MENTOR:
        return 0.25;
    case PX_MICRO:
        return 0.05;
    }
    return 0.0;
}

static void set_effect(world *w, int item)
{
    world_item *it = &w->items[item];
    double factor = 1.0 + draw_normal(hash(w, DRAW_EFFECT, item, 0, 0, 0), 0.36);
    bool useless = draw_uniform(hash(w, DRAW_EFFECT, item, 1, 0, 0)) < 0.25;

    if (it->kind == PX_MENTOR)
        factor = 1.0;
    else if (useless || factor < 0.0)
        factor = 0.0;
    it->effect = w->kind.placebo ? 0.0 : usual_effect(it) * factor;
}

static void make_items(world *w)
{
    for (int item = 0; item < ITEMS; item++) {
        int nth = item % ITEMS_EACH;
        bool follows = draw_uniform(hash(w, DRAW_ITEM, item, 4, 0, 0)) < 0.5;

        set_format(w, item, nth);
        set_outcomes(w, item, item / ITEMS_EACH);
        set_effect(w, item);
        w->items[item].required = (nth == 1 || nth == 2) && follows ? item - 1 : NOBODY;
    }
}

world *world_create(uint64_t seed, const world_kind *kind)
{
    world *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    w->seed = seed;
    w->kind = *kind;
    make_roles(w);
    make_levels(w);
    make_items(w);
    return w;
}

/* ---- what learning does ---- */

double world_finish_rate(px_item_kind kind)
{
    switch (kind) {
    case PX_COURSE:
        return 0.75;
    case PX_MICRO:
        return 0.9;
    case PX_TASK:
    case PX_MENTOR:
        return 0.8;
    }
    return 0.0;
}

double world_gain(const world *w, int person, int item, int touch, double level,
                  double mentor_level, bool prepared, int week)
{
    const world_item *it = &w->items[item];
    double below = level < it->low ? it->low - level : level > it->high ? level - it->high : 0.0;
    double suits = below < 0.75 ? 1.0 - below / 0.75 : 0.0;
    double takes = 1.0 + draw_normal(hash(w, DRAW_RESPONSE, person, item, week, touch), 0.16);
    double lead = mentor_level - level;
    double gain = it->effect * it->share[touch] * suits * (takes > 0.0 ? takes : 0.0);

    if (it->kind == PX_MENTOR)
        gain *= lead < 0.0 ? 0.0 : lead > 1.5 ? 1.5 : lead;
    return prepared ? gain : 0.3 * gain;
}
