/* planners.c: the value planner is the daemon's own code; the others are what people buy. */
#include "tests/quality/planners.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/learning-recommender/mentor.h"
#include "services/learning-recommender/problem.h"
#include "tests/quality/draw.h"

typedef char short_id[8];

/* Who mentors in what: levels as believed, room left this quarter. */
typedef struct {
    const world *w;
    const beliefs *b;
    int quarter;
    mentor mentors[COMPETENCIES][PEOPLE];
} planning;

static short_id people[PEOPLE], items[ITEMS];

static void name_all(void)
{
    for (int e = 0; e < PEOPLE; e++)
        snprintf(people[e], sizeof people[e], "p%03d", e % 1000);
    for (int i = 0; i < ITEMS; i++)
        snprintf(items[i], sizeof items[i], "i%03d", i % 1000);
}

void plan_begin(beliefs *b)
{
    for (int e = 0; e < PEOPLE; e++)
        for (int i = 0; i < ITEMS; i++)
            b->done[e][i] = NEVER;
    for (int k = 0; k < ITEM_KINDS; k++)
        b->finish[k] = PLAN_COMPLETION;
}

bool plan_may_take(const world *w, const beliefs *b, int person, int item, int quarter)
{
    int done = b->done[person][item];

    return done == NEVER || (w->items[item].kind == PX_MENTOR && quarter - done >= 4);
}

/* ---- one person's problem ---- */

static void add_touches(const world *w, const beliefs *b, int item, const int index[COMPETENCIES],
                        person_problem *out)
{
    const world_item *it = &w->items[item];
    choose_item *choice = &out->items[item];

    for (int t = 0; t < it->touch_count; t++)
        if (index[it->competency[t]] >= 0)
            out->touches[item][choice->touch_count++] =
                (choose_touch){ .competency = (uint32_t)index[it->competency[t]],
                                .effect = b->effects[item][t],
                                .share = it->share[t],
                                .low = it->low,
                                .high = it->high,
                                .factor = it->kind == PX_MENTOR ? 0.0 : 1.0 };
}

void plan_problem_of(const world *w, const beliefs *b, int person, int quarter, person_problem *out)
{
    int index[COMPETENCIES];
    uint32_t n = 0;

    for (int c = 0; c < COMPETENCIES; c++) {
        double target = world_target(w, person, c);
        int key = world_key(person, c);

        index[c] = target > 0.0 ? (int)n : -1;
        if (index[c] < 0)
            continue;
        out->competency[n] = c;
        out->competencies[n++] = (choose_competency){ .weight = b->gap[key] ? w->weight[c] : 0.0,
                                                      .target = target,
                                                      .mu = b->mu[key],
                                                      .var = b->var[key] };
    }
    for (int i = 0; i < ITEMS; i++) {
        const world_item *it = &w->items[i];

        out->items[i] = (choose_item){ .id = items[i],
                                       .hours = it->hours,
                                       .completion = b->finish[it->kind],
                                       .touches = out->touches[i],
                                       .completed = !plan_may_take(w, b, person, i, quarter) };
        if (it->required != NOBODY)
            out->items[i].prerequisites[out->items[i].prerequisite_count++] =
                (uint32_t)it->required;
        add_touches(w, b, i, index, out);
    }
    out->problem = (choose_problem){ .competencies = out->competencies,
                                     .competency_count = n,
                                     .items = out->items,
                                     .item_count = ITEMS,
                                     .hours = PLAN_BUDGET,
                                     .lambda = CHOOSE_LAMBDA };
}

/* ---- mentors ---- */

static void list_mentors(planning *r)
{
    for (int c = 0; c < COMPETENCIES; c++)
        for (int e = 0; e < PEOPLE; e++) {
            int key = world_key(e, c);

            r->mentors[c][e] = (mentor){ .id = people[e],
                                         .mu = r->b->mu[key],
                                         .sd = sqrt(r->b->var[key]),
                                         .room = MENTOR_ROOM };
        }
}

static int mentor_for(const planning *r, int person, int competency)
{
    return mentor_find(r->mentors[competency], PEOPLE, people[person]);
}

static void take_mentor(planning *r, int person)
{
    for (int c = 0; c < COMPETENCIES; c++)
        r->mentors[c][person].room--;
}

static void put(planning *r, plan *p, int item, int with)
{
    p->items[p->count].item = item;
    p->items[p->count++].mentor = with;
    if (with != NOBODY)
        take_mentor(r, with);
}

/* ---- the daemon's planner ---- */

static void plan_by_value(planning *r, int person, plan *out)
{
    static px_arena arena;
    static person_problem p;
    int mentors[ITEMS];
    choose_plan best;

    if (!arena.base)
        PX_ASSERT(px_arena_init(&arena, 1 << 20));
    px_arena_reset(&arena);
    plan_problem_of(r->w, r->b, person, r->quarter, &p);
    for (int i = 0; i < ITEMS; i++) {
        mentors[i] = NOBODY;
        if (r->w->items[i].kind != PX_MENTOR || p.items[i].touch_count == 0)
            continue;
        int c = r->w->items[i].competency[0];
        mentors[i] = mentor_for(r, person, c);
        if (mentors[i] != NOBODY)
            p.touches[i][0].factor =
                mentor_factor(&r->mentors[c][mentors[i]], r->b->mu[world_key(person, c)]);
    }
    PX_ASSERT(choose_plan_make(&p.problem, &arena, &best) == PX_OK);
    out->value = best.value;
    for (uint32_t i = 0; i < best.count && out->count < PLAN_ITEMS; i++) {
        int item = (int)best.picks[i].item;

        /* Two items may have counted on the last place of one mentor. */
        if (mentors[item] == NOBODY || r->mentors[0][mentors[item]].room > 0)
            put(r, out, item, mentors[item]);
    }
}

/* ---- the others: a ranking of items, taken while they fit ---- */

typedef struct {
    double score; /* higher first; not above zero: out */
    int item;
} ranked;

static int by_score(const void *a, const void *b)
{
    const ranked *x = a, *y = b;

    return x->score != y->score ? (x->score < y->score) - (x->score > y->score)
                                : (x->item > y->item) - (x->item < y->item);
}

static bool is_planned(const plan *p, int item)
{
    for (int i = 0; i < p->count; i++)
        if (p->items[i].item == item)
            return true;
    return false;
}

static bool is_ready(const planning *r, int person, const plan *p, int item)
{
    int required = r->w->items[item].required;

    return required == NOBODY || r->b->done[person][required] != NEVER || is_planned(p, required);
}

/* @return whether it was taken */
static bool take(planning *r, int person, plan *p, int item, double *hours)
{
    const world_item *it = &r->w->items[item];
    int with = it->kind == PX_MENTOR ? mentor_for(r, person, it->competency[0]) : NOBODY;

    if (p->count == PLAN_ITEMS || it->hours > *hours || is_planned(p, item) ||
        !plan_may_take(r->w, r->b, person, item, r->quarter) || !is_ready(r, person, p, item) ||
        (it->kind == PX_MENTOR && with == NOBODY))
        return false;
    put(r, p, item, with);
    *hours -= it->hours;
    return true;
}

static bool touches_role(const world *w, int person, int item)
{
    const world_item *it = &w->items[item];

    for (int t = 0; t < it->touch_count; t++)
        if (world_target(w, person, it->competency[t]) > 0.0)
            return true;
    return false;
}

static double score_of(const planning *r, planner how, int person, int item)
{
    const world_item *it = &r->w->items[item];
    int key = world_key(person, it->competency[0]);
    double target = world_target(r->w, person, it->competency[0]);
    double rating = r->b->latest_manager[key];

    if (!touches_role(r->w, person, item))
        return 0.0;
    if (how == PLAN_MOODLE)
        return rating > 0.0 && rating < target && it->kind == PX_COURSE ? 1.0 : 0.0;
    if (how == PLAN_POPULAR)
        return 1.0 + r->b->popularity[item];
    return 1e-9 + draw_uniform(draw_hash(r->w->seed, DRAW_PLAN, (uint32_t)person, (uint32_t)item,
                                         (uint32_t)r->quarter, 0));
}

static void plan_by_rank(planning *r, planner how, int person, plan *out)
{
    ranked all[ITEMS];
    double hours = PLAN_BUDGET;

    for (int i = 0; i < ITEMS; i++)
        all[i] = (ranked){ score_of(r, how, person, i), i };
    qsort(all, ITEMS, sizeof *all, by_score);
    for (int i = 0; i < ITEMS && all[i].score > 0.0; i++)
        take(r, person, out, all[i].item, &hours);
}

/* Of one competency: whatever promises most for somebody at this level. */
static double promise(const planning *r, int item, int competency, int key)
{
    const world_item *it = &r->w->items[item];
    double best = 0.0;

    for (int t = 0; t < it->touch_count; t++)
        if (it->competency[t] == competency)
            best = r->b->effects[item][t].mean * it->share[t] *
                   px_zone(r->b->mu[key], it->low, it->high);
    return best;
}

static void fill_gap(planning *r, int person, int competency, plan *out, double *hours)
{
    ranked all[ITEMS];

    for (int i = 0; i < ITEMS; i++)
        all[i] = (ranked){ promise(r, i, competency, world_key(person, competency)), i };
    qsort(all, ITEMS, sizeof *all, by_score);
    for (int i = 0; i < ITEMS && all[i].score > 0.0; i++)
        if (take(r, person, out, all[i].item, hours))
            return;
}

static void plan_by_gap(planning *r, int person, plan *out)
{
    ranked gaps[COMPETENCIES];
    double hours = PLAN_BUDGET;
    int before;

    for (int c = 0; c < COMPETENCIES; c++) {
        double target = world_target(r->w, person, c);
        double gap = target - r->b->mu[world_key(person, c)];

        gaps[c] = (ranked){ target > 0.0 ? r->w->weight[c] * gap : 0.0, c };
    }
    qsort(gaps, COMPETENCIES, sizeof *gaps, by_score);
    do {
        before = out->count;
        for (int c = 0; c < COMPETENCIES && gaps[c].score > 0.0; c++)
            fill_gap(r, person, gaps[c].item, out, &hours);
    } while (out->count > before);
}

/* ---- all ---- */

static double need_of(const world *w, const beliefs *b, int person)
{
    choose_competency role[COMPETENCIES];
    uint32_t n = 0;

    for (int c = 0; c < COMPETENCIES; c++)
        if (world_target(w, person, c) > 0.0)
            role[n++] = (choose_competency){ .weight = w->weight[c],
                                             .target = world_target(w, person, c),
                                             .mu = b->mu[world_key(person, c)] };
    return mentor_need(role, n);
}

void plan_all(const world *w, planner how, const beliefs *b, int quarter, plan plans[PEOPLE])
{
    static planning r;
    ranked order[PEOPLE];

    name_all();
    r.w = w;
    r.b = b;
    r.quarter = quarter;
    list_mentors(&r);
    for (int e = 0; e < PEOPLE; e++)
        order[e] = (ranked){ need_of(w, b, e), e };
    qsort(order, PEOPLE, sizeof *order, by_score);
    for (int i = 0; i < PEOPLE; i++) {
        plan *p = &plans[order[i].item];

        *p = (plan){ 0 };
        if (how == PLAN_VALUE)
            plan_by_value(&r, order[i].item, p);
        else if (how == PLAN_GAP)
            plan_by_gap(&r, order[i].item, p);
        else
            plan_by_rank(&r, how, order[i].item, p);
    }
}
