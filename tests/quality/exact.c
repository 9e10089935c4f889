/* exact.c: every set of items that fits the hours and has what it requires. */
#include "tests/quality/exact.h"

#include <math.h>

#include "tests/quality/draw.h"

enum { SMALL = 14, STEP = 10 /* every tenth person */ };

typedef struct {
    const choose_problem *p;
    int items[SMALL], count;
    choose_planned taken[SMALL];
    size_t taken_count;
    double best;
} search;

static bool is_taken(const search *s, uint32_t item)
{
    for (size_t i = 0; i < s->taken_count; i++)
        if (s->taken[i].item == item)
            return true;
    return s->p->items[item].completed;
}

static bool is_ready(const search *s, const choose_item *item)
{
    for (uint32_t i = 0; i < item->prerequisite_count; i++)
        if (!is_taken(s, item->prerequisites[i]))
            return false;
    return true;
}

/* Items are in the order of their numbers, and what is required has a lower one. */
static void try_all(search *s, int from, double hours)
{
    double value = choose_value(s->p, s->taken, s->taken_count);

    if (value > s->best)
        s->best = value;
    for (int i = from; i < s->count; i++) {
        const choose_item *item = &s->p->items[s->items[i]];

        if (item->hours > hours + 1e-9 || !is_ready(s, item))
            continue;
        s->taken[s->taken_count++] = (choose_planned){ (uint32_t)s->items[i], CHOOSE_NONE };
        try_all(s, i + 1, hours - item->hours);
        s->taken_count--;
    }
}

static bool is_useful(const person_problem *p, int item)
{
    choose_planned alone = { (uint32_t)item, CHOOSE_NONE };

    return !p->items[item].completed && choose_value(&p->problem, &alone, 1) > 0.0;
}

/* Fourteen useful items by lot; nothing else can be taken. */
static void cut_down(const world *w, int person, int quarter, person_problem *p, search *s)
{
    int useful[ITEMS], n = 0;
    bool kept[ITEMS] = { false };

    for (int i = 0; i < ITEMS; i++)
        if (is_useful(p, i))
            useful[n++] = i;
    for (int i = 0; i < n && i < SMALL; i++) {
        uint64_t h =
            draw_hash(w->seed, DRAW_SUBSET, (uint32_t)person, (uint32_t)quarter, (uint32_t)i, 0);
        int at = i + (int)draw_below(h, (uint32_t)(n - i));
        int chosen = useful[at];

        useful[at] = useful[i];
        kept[chosen] = true;
    }
    for (int i = 0; i < ITEMS; i++) {
        if (kept[i])
            s->items[s->count++] = i;
        else
            p->items[i].hours = 0.0;
    }
}

static double compare(const world *w, const beliefs *b, int person, int quarter, px_arena *arena,
                      tally *ratio)
{
    static person_problem p;
    search s = { .p = &p.problem };
    choose_plan greedy;

    plan_problem_of(w, b, person, quarter, &p);
    cut_down(w, person, quarter, &p, &s);
    p.problem.lambda = 0.0; /* what is hardly worth an hour is left out by choice, not by greed */
    px_arena_reset(arena);
    PX_ASSERT(choose_plan_make(&p.problem, arena, &greedy) == PX_OK);
    try_all(&s, 0, PLAN_BUDGET);
    if (s.best == 0.0)
        return 1.0; /* nothing to plan */
    tally_add(ratio, greedy.value / s.best);
    return greedy.value / s.best;
}

double exact_compare(const world *w, const beliefs *b, int quarter, tally *ratio)
{
    double worst = 1.0;
    px_arena arena;

    PX_ASSERT(px_arena_init(&arena, 1 << 20));
    for (int e = 0; e < PEOPLE; e += STEP)
        worst = fmin(worst, compare(w, b, e, quarter, &arena, ratio));
    px_arena_fini(&arena);
    return worst;
}
