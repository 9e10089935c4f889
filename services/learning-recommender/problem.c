/* problem.c: one walk over the candidates of each open gap, merged by item; then what those
 * require. */
#include "services/learning-recommender/problem.h"

#include <stdlib.h>
#include <string.h>

#include "common/gap.h"
#include "common/record.h"
#include "services/learning-recommender/known.h"
#include "services/learning-recommender/prerequisite.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_wish.h"

enum {
    SPOKEN_FOR_MIN = 3, /* peers or reports whose ratings may show (DESIGN, privacy) */
    DEPTH_MAX = CHOOSE_PREREQUISITES_MAX + 1 /* deeper requirements rule an item out anyway */
};

/* One item on one competency with a gap. */
typedef struct {
    char item_id[PX_ID_SIZE];
    uint32_t competency;
    teaching_record teaching;
} candidate;

/* ---- competencies ---- */

bool plan_standing_shows(const standing_record *s)
{
    return s->manager_ratings > 0 || s->other_evidence > 0 || s->peer_ratings >= SPOKEN_FOR_MIN ||
           s->report_ratings >= SPOKEN_FOR_MIN;
}

bool plan_standing_is_gap(const standing_record *s)
{
    /* What was taken over from another system is no reason to plan by itself. */
    return s->open && !s->from_history && plan_standing_shows(s);
}

/* As competency would say it of another target: the state's gap is one to the target it has. */
static bool is_open_to(const standing_record *s, double target)
{
    const px_gap said = { .open = s->open, .mu = s->mu, .target = target };
    const px_estimate now = {
        .mu = s->mu,
        .var = s->var,
        .assessed = s->manager_ratings + s->peer_ratings + s->report_ratings + s->other_evidence > 0
    };
    px_gap_news news = px_gap_decide(&said, &now, target);

    return news == PX_GAP_OPENED || (s->open && news != PX_GAP_CLOSED);
}

static void add_competency(plan_problem *p, const char *competency_id, px_requirement asked,
                           bool moved)
{
    problem_competency *c = &p->competencies[p->competency_count];
    choose_competency *level = &p->levels[p->competency_count];

    memset(c, 0, sizeof *c);
    if (!learning_state_get_standing(p->state, p->tenant, p->person_id, competency_id,
                                     &c->standing))
        return; /* nothing known: neither a gap nor the issue of anything */
    px_record_set_text(c->id, sizeof c->id, competency_id);
    c->asked = asked;
    c->basis_for = CHOOSE_NONE;
    if (moved)
        c->standing.open = is_open_to(&c->standing, asked.target);
    c->gap = plan_standing_is_gap(&c->standing);
    c->wanting = learning_state_get_wanting(p->state, p->tenant, p->person_id, competency_id);
    *level = (choose_competency){ .weight = c->gap ? asked.weight : 0.0,
                                  .target = asked.target,
                                  .mu = c->standing.mu,
                                  .var = c->standing.var };
    p->gaps += c->gap;
    p->competency_count++;
}

void plan_problem_begin(plan_problem *p, const px_view *state, const char *tenant,
                        const char *person_id, int64_t now_us, const plan_settings *settings,
                        px_arena *arena)
{
    px_role_list roles = px_roles_of(state, tenant, person_id);
    char competency_id[PX_ID_SIZE] = "";

    *p = (plan_problem){ .state = state,
                         .tenant = tenant,
                         .person_id = person_id,
                         .now_us = now_us,
                         .settings = settings,
                         .arena = arena };
    p->competencies = px_arena_alloc(arena, ROLE_COMPETENCIES_MAX * sizeof *p->competencies);
    p->levels = px_arena_alloc(arena, ROLE_COMPETENCIES_MAX * sizeof *p->levels);
    PX_ASSERT(!px_arena_overflowed(arena));
    while (p->competency_count < ROLE_COMPETENCIES_MAX &&
           px_roles_next_asked(state, tenant, &roles, competency_id)) {
        bool moved;
        px_requirement asked =
            plan_settings_asked(settings, state, tenant, &roles, competency_id, &moved);

        if (asked.target > 0.0 || !moved)
            add_competency(p, competency_id, asked, moved);
    }
}

uint32_t plan_problem_competency(const plan_problem *p, const char *competency_id)
{
    for (uint32_t i = 0; i < p->competency_count; i++)
        if (strcmp(p->competencies[i].id, competency_id) == 0)
            return i;
    return CHOOSE_NONE;
}

uint32_t plan_problem_item(const plan_problem *p, const char *item_id)
{
    uint32_t low = 0, high = p->sorted_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(p->items[middle].id, item_id);

        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = p->sorted_count; i < p->item_count; i++)
        if (strcmp(p->items[i].id, item_id) == 0)
            return i;
    return CHOOSE_NONE;
}

/* ---- items ---- */

/* What was tried for a competency and left it short is expected to do less the next time. */
static double approach(const plan_problem *p, const char *item_id, uint32_t competency)
{
    uint32_t wanting = p->competencies[competency].wanting;
    item_record item;

    if (!wanting || !learning_state_get_item(p->state, p->tenant, item_id, &item))
        return 1.0;
    return item.kind < 32 && (wanting >> item.kind & 1) ? PLAN_WANTING : 1.0;
}

static void add_touch(plan_problem *p, uint32_t item, uint32_t competency, const teaching_record *t)
{
    choose_item *choice = &p->choices[item];
    choose_touch *touches = (choose_touch *)choice->touches;

    if (choice->touch_count == OUTCOMES_MAX)
        return; /* an item once taught other competencies: those rows have no share left */
    p->items[item].results[choice->touch_count] = t->results;
    touches[choice->touch_count++] =
        (choose_touch){ .competency = competency,
                        .effect = t->effect,
                        .share = t->share,
                        .low = t->level_from,
                        .high = t->level_to,
                        .factor = approach(p, p->items[item].id, competency) };
}

/* An item that is not offered has no hours, which keeps it and what requires it out of new plans.
 */
static uint32_t add_item(plan_problem *p, const char *item_id, uint32_t version, double hours,
                         bool offered, learning_progress progress)
{
    uint32_t index = p->item_count;
    problem_item *item = &p->items[index];
    choose_touch *touches = px_arena_alloc(p->arena, OUTCOMES_MAX * sizeof *touches);
    bool started = progress == LEARNING_STARTED;

    PX_ASSERT(index < PROBLEM_ITEMS_MAX);
    PX_ASSERT(touches != NULL);
    *item = (problem_item){ .version = version, .offered = offered };
    px_record_set_text(item->id, sizeof item->id, item_id);
    p->choices[index] = (choose_item){ .id = item->id,
                                       .hours = offered || started ? hours : 0.0,
                                       .completion = PLAN_COMPLETION,
                                       .touches = touches,
                                       .completed = progress == LEARNING_COMPLETED,
                                       .started = started };
    p->item_count++;
    return index;
}

/* Declined, not long ago, and the gap has not grown since. */
static bool is_unwanted(const plan_problem *p, const declined_record *declined)
{
    if (declined->declined_us == 0 || p->now_us >= declined->declined_us + PLAN_DECLINED_US)
        return false;
    uint32_t index = plan_problem_competency(p, declined->competency_id); /* "" is none */
    if (index == CHOOSE_NONE)
        return true;
    const problem_competency *c = &p->competencies[index];
    return c->asked.target - c->standing.mu < declined->shortfall + PLAN_DECLINED_WORSE;
}

/* An item met as a requirement or in the plan. @return CHOOSE_NONE when there is no room or item */
static uint32_t load_item(plan_problem *p, const char *item_id)
{
    learning_progress progress =
        learning_state_get_progress(p->state, p->tenant, p->person_id, item_id);
    item_record item;
    teaching_record t;

    if (p->item_count == PROBLEM_ITEMS_MAX ||
        !learning_state_get_item(p->state, p->tenant, item_id, &item))
        return CHOOSE_NONE;
    declined_record declined =
        learning_state_get_declined(p->state, p->tenant, p->person_id, item_id);
    uint32_t index = add_item(p, item_id, item.version, item.hours,
                              !item.retired && !is_unwanted(p, &declined), progress);
    for (uint8_t o = 0; o < item.outcome_count; o++) {
        const char *competency_id = item.outcomes[o].competency_id;
        uint32_t competency = plan_problem_competency(p, competency_id);

        if (competency != CHOOSE_NONE &&
            learning_state_get_teaching(p->state, p->tenant, competency_id, item_id, &t))
            add_touch(p, index, competency, &t);
    }
    return index;
}

static bool brings_anything(const plan_problem *p, const candidate *c)
{
    return c->teaching.share > 0.0 &&
           px_zone(p->levels[c->competency].mu, c->teaching.level_from, c->teaching.level_to) > 0.0;
}

static uint32_t find_candidates(plan_problem *p, candidate *all)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < p->competency_count; i++) {
        teaching_scan scan;

        if (!p->competencies[i].gap)
            continue;
        learning_state_scan_teaching(&scan, p->state, p->tenant, p->competencies[i].id);
        while (n < CANDIDATES_MAX &&
               learning_state_next_teaching(&scan, all[n].item_id, &all[n].teaching)) {
            all[n].competency = i;
            n += brings_anything(p, &all[n]);
        }
        learning_state_end_teaching(&scan);
    }
    return n;
}

/* Unique, so that the order does not depend on the sorting algorithm. */
static int by_item(const void *a, const void *b)
{
    const candidate *x = *(const candidate *const *)a, *y = *(const candidate *const *)b;
    int order = strcmp(x->item_id, y->item_id);

    return order ? order : (x->competency > y->competency) - (x->competency < y->competency);
}

/* Started items that are not in the plan are taken into it while it has room for them. */
static bool wanted(learning_progress progress, bool offered, bool planned, uint32_t *room)
{
    if (progress == LEARNING_COMPLETED)
        return false;
    if (progress == LEARNING_NOT_STARTED)
        return offered || planned;
    if (planned)
        return true;
    if (*room == 0)
        return false;
    --*room;
    return true;
}

static void add_candidates(plan_problem *p, const plan_record *open_plan, bool *has_requires)
{
    candidate *all = px_arena_alloc(p->arena, (CANDIDATES_MAX + 1) * sizeof *all);
    const candidate **sorted = px_arena_alloc(p->arena, CANDIDATES_MAX * sizeof *sorted);
    uint32_t room = open_plan ? (uint32_t)PLAN_ITEMS_MAX - open_plan->item_count : PLAN_ITEMS_MAX;
    learner_walk walk;

    PX_ASSERT(!px_arena_overflowed(p->arena));
    uint32_t count = find_candidates(p, all);

    for (uint32_t i = 0; i < count; i++)
        sorted[i] = &all[i];
    qsort(sorted, count, sizeof *sorted, by_item);
    learning_state_begin_walk(&walk, p->state, p->tenant, p->person_id);
    for (uint32_t i = 0, next; i < count; i = next) {
        const candidate *c = sorted[i];
        bool planned = open_plan && learning_plan_find(open_plan, c->item_id) >= 0;
        learning_progress progress = learning_state_walk_progress(&walk, c->item_id);
        declined_record declined = learning_state_walk_declined(&walk, c->item_id);
        bool offered = c->teaching.offered && !is_unwanted(p, &declined);
        bool take = wanted(progress, offered, planned, &room);
        uint32_t index = take ? add_item(p, c->item_id, c->teaching.version, c->teaching.hours,
                                         offered, progress)
                              : CHOOSE_NONE;

        if (take)
            has_requires[index] = c->teaching.has_requires;
        for (next = i; next < count && strcmp(sorted[next]->item_id, c->item_id) == 0; next++)
            if (take)
                add_touch(p, index, sorted[next]->competency, &sorted[next]->teaching);
    }
    learning_state_end_walk(&walk);
}

/* ---- requirements ---- */

/* A requirement. What the person knows already is as good as done. */
static uint32_t load_requirement(plan_problem *p, const char *item_id)
{
    uint32_t index = load_item(p, item_id);
    item_record item;

    if (index != CHOOSE_NONE && !p->choices[index].started &&
        learning_state_get_item(p->state, p->tenant, item_id, &item) &&
        learning_knows_item(p->state, p->tenant, p->person_id, &item))
        p->choices[index].completed = true;
    return index;
}

static void add_requirements(plan_problem *p, uint32_t item)
{
    choose_item *choice = &p->choices[item];
    item_record record;

    if (!learning_state_get_item(p->state, p->tenant, p->items[item].id, &record))
        return;
    for (uint8_t i = 0; i < record.require_count; i++) {
        uint32_t index = plan_problem_item(p, record.required[i]);

        if (index == CHOOSE_NONE)
            index = load_requirement(p, record.required[i]);
        if (index == CHOOSE_NONE) {
            choice->hours = choice->started ? choice->hours : 0.0; /* cannot be taken */
            return;
        }
        choice->prerequisites[choice->prerequisite_count++] = index;
    }
}

/* Breadth first, so that what is met at the depth bound is nowhere nearer. */
static void follow_requirements(plan_problem *p, const bool *has_requires)
{
    uint32_t from = 0, end = p->item_count;

    for (unsigned depth = 0; depth < DEPTH_MAX && from < end; depth++) {
        for (uint32_t i = from; i < end; i++)
            if (!p->choices[i].completed && (i >= p->sorted_count || has_requires[i]))
                add_requirements(p, i);
        from = end;
        end = p->item_count;
    }
}

/* ---- all of it ---- */

/* What is done counts against the hours of the plan. */
static double hours_left(const plan_record *open_plan, const plan_problem *p)
{
    double hours = p->settings->hours;

    for (uint8_t i = 0; open_plan && i < open_plan->item_count; i++)
        if (learning_state_get_progress(p->state, p->tenant, p->person_id,
                                        open_plan->items[i].item_id) == LEARNING_COMPLETED)
            hours -= open_plan->items[i].hours;
    return hours > 0.0 ? hours : 0.0;
}

static void add_planned(plan_problem *p, const plan_record *open_plan)
{
    for (uint8_t i = 0; i < open_plan->item_count; i++)
        if (plan_problem_item(p, open_plan->items[i].item_id) == CHOOSE_NONE)
            load_item(p, open_plan->items[i].item_id);
}

/* What a person put into the plan stays, whether or not it is still offered. */
static void add_wanted(plan_problem *p, uint32_t plan)
{
    char item_id[PX_ID_SIZE] = "";
    item_record item;

    while (learning_state_next_wish(p->state, p->tenant, p->person_id, plan, item_id)) {
        uint32_t index = plan_problem_item(p, item_id);

        if (index == CHOOSE_NONE)
            index = load_item(p, item_id);
        if (index == CHOOSE_NONE || !learning_state_get_item(p->state, p->tenant, item_id, &item))
            continue;
        p->choices[index].wanted = true;
        p->choices[index].hours = item.hours;
    }
}

void plan_problem_add_items(plan_problem *p, const plan_record *open_plan)
{
    bool *has_requires = px_arena_alloc(p->arena, PROBLEM_ITEMS_MAX * sizeof *has_requires);

    p->items = px_arena_alloc(p->arena, PROBLEM_ITEMS_MAX * sizeof *p->items);
    p->choices = px_arena_alloc(p->arena, PROBLEM_ITEMS_MAX * sizeof *p->choices);
    PX_ASSERT(!px_arena_overflowed(p->arena));
    add_candidates(p, open_plan, has_requires);
    p->sorted_count = p->item_count;
    if (open_plan) {
        add_planned(p, open_plan);
        add_wanted(p, learning_state_get_learner(p->state, p->tenant, p->person_id).open_plan);
    }
    follow_requirements(p, has_requires);
    plan_problem_add_foundations(p, open_plan);
    p->choose = (choose_problem){ .competencies = p->levels,
                                  .competency_count = p->competency_count,
                                  .items = p->choices,
                                  .item_count = p->item_count,
                                  .hours = hours_left(open_plan, p),
                                  .lambda = p->settings->least };
}
