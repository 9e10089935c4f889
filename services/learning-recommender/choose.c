/* choose.c: first the set is chosen, then walked through again to say what each pick is worth and
 * why. */
#include "services/learning-recommender/choose.h"

#include <math.h>
#include <string.h>

#include "common/gap.h"

enum { BUNDLE_MAX = CHOOSE_PREREQUISITES_MAX + 1 };

static const double TIE = 1e-12;
static const double HOURS_SLACK = 1e-9; /* sums of tenths of an hour are not exact */
static const double Z90 = 1.645;

typedef struct {
    uint32_t items[BUNDLE_MAX]; /* prerequisites first, the head last */
    uint32_t count;
    double hours;
    double value;
} bundle;

typedef struct {
    uint32_t item, head;
} entry;

typedef struct {
    const choose_problem *problem;
    double *planned;   /* A, per competency */
    double *shortfall; /* EP(u - A), per competency */
    double *extra;     /* scratch of marginal(), per competency; all zero between calls */
    bool *in_plan;     /* per item, at this point of the walk */
    bool *chosen;      /* per item, in the final plan */
    uint32_t *candidates;
    uint32_t candidate_count;
    entry *order; /* the plan so far */
    uint32_t count;
    double hours_left;
} search;

/* How much of an item's effect the person is expected to get. */
static double reach(const choose_problem *p, const choose_item *item, const choose_touch *touch)
{
    PX_ASSERT(touch->competency < p->competency_count);
    double zone = px_zone(p->competencies[touch->competency].mu, touch->low, touch->high);

    return item->completion * touch->share * zone * touch->factor;
}

static double gain_of(const choose_problem *p, const choose_item *item, const choose_touch *touch)
{
    return reach(p, item, touch) * touch->effect.mean;
}

/* Expected shortfall of a competency once `planned` lv are expected on it. */
static double shortfall_at(const choose_problem *p, uint32_t competency, double planned)
{
    const choose_competency *c = &p->competencies[competency];

    return px_shortfall(c->target - c->mu - planned, c->var);
}

/* F gain of adding all these items at once to the plan so far. */
static double marginal(search *s, const uint32_t *items, uint32_t count)
{
    const choose_problem *p = s->problem;
    double value = 0.0;

    for (uint32_t i = 0; i < count; i++) {
        const choose_item *item = &p->items[items[i]];

        for (uint32_t t = 0; t < item->touch_count; t++)
            s->extra[item->touches[t].competency] += gain_of(p, item, &item->touches[t]);
    }
    for (uint32_t i = 0; i < count; i++) {
        const choose_item *item = &p->items[items[i]];

        for (uint32_t t = 0; t < item->touch_count; t++) {
            uint32_t c = item->touches[t].competency;

            if (s->extra[c] == 0.0)
                continue; /* nothing expected, or counted with an earlier item */
            value += p->competencies[c].weight *
                     (s->shortfall[c] - shortfall_at(p, c, s->planned[c] + s->extra[c]));
            s->extra[c] = 0.0;
        }
    }
    return value;
}

/* Prerequisites first. The depth bound also ends circles. */
static bool collect(const search *s, uint32_t index, uint32_t depth, bundle *b)
{
    PX_ASSERT(index < s->problem->item_count);
    const choose_item *item = &s->problem->items[index];

    if (item->completed || s->in_plan[index])
        return true;
    for (uint32_t i = 0; i < b->count; i++)
        if (b->items[i] == index)
            return true;
    if (depth > CHOOSE_PREREQUISITES_MAX || !(item->hours > 0.0))
        return false;
    for (uint32_t i = 0; i < item->prerequisite_count; i++)
        if (!collect(s, item->prerequisites[i], depth + 1, b))
            return false;
    if (b->count == BUNDLE_MAX)
        return false;
    b->items[b->count++] = index;
    b->hours += item->hours;
    return true;
}

/* False when the item cannot be taken now whatever the hours. */
static bool bundle_of(search *s, uint32_t head, bundle *b)
{
    *b = (bundle){ 0 };
    if (s->in_plan[head] || !collect(s, head, 0, b))
        return false;
    b->value = marginal(s, b->items, b->count);
    return b->value > TIE;
}

static double density(const bundle *b)
{
    return b->value / b->hours;
}

static bool fits(const search *s, const bundle *b)
{
    return b->hours <= s->hours_left + HOURS_SLACK;
}

/* The order of candidates: higher score, then lower id. */
static bool precedes(const search *s, double score, uint32_t item, double best, uint32_t best_item)
{
    if (best_item == CHOOSE_NONE || score > best + TIE)
        return true;
    return score >= best - TIE &&
           strcmp(s->problem->items[item].id, s->problem->items[best_item].id) < 0;
}

/* The affordable bundle that scores highest. @return its head, or CHOOSE_NONE */
static uint32_t best_bundle(search *s, double (*score)(const bundle *), bundle *best)
{
    uint32_t best_head = CHOOSE_NONE;
    double best_score = 0.0;
    bundle b;

    for (uint32_t i = 0; i < s->candidate_count; i++) {
        uint32_t head = s->candidates[i];

        if (!bundle_of(s, head, &b) || !fits(s, &b) || density(&b) < s->problem->lambda)
            continue;
        if (precedes(s, score(&b), head, best_score, best_head)) {
            best_head = head;
            best_score = score(&b);
            *best = b;
        }
    }
    return best_head;
}

static double whole_value(const bundle *b)
{
    return b->value;
}

static void take_item(search *s, uint32_t index, uint32_t head)
{
    const choose_problem *p = s->problem;
    const choose_item *item = &p->items[index];

    s->in_plan[index] = true;
    s->order[s->count++] = (entry){ index, head };
    s->hours_left -= item->hours;
    for (uint32_t t = 0; t < item->touch_count; t++) {
        uint32_t c = item->touches[t].competency;

        s->planned[c] += gain_of(p, item, &item->touches[t]);
        s->shortfall[c] = shortfall_at(p, c, s->planned[c]);
    }
}

static void take_bundle(search *s, const bundle *b)
{
    for (uint32_t i = 0; i < b->count; i++)
        take_item(s, b->items[i], b->items[b->count - 1]);
}

static void empty_plan(search *s)
{
    const choose_problem *p = s->problem;

    memset(s->in_plan, 0, p->item_count * sizeof *s->in_plan);
    for (uint32_t c = 0; c < p->competency_count; c++) {
        s->planned[c] = 0.0;
        s->shortfall[c] = shortfall_at(p, c, 0.0);
    }
    s->count = 0;
    s->hours_left = p->hours;
}

static bool is_started(const choose_item *item)
{
    return item->started && !item->completed;
}

/* Stays in every plan. */
static bool is_kept(const choose_item *item)
{
    return (item->started || item->wanted) && !item->completed;
}

static void take_kept(search *s)
{
    for (uint32_t i = 0; i < s->problem->item_count; i++)
        if (is_kept(&s->problem->items[i]))
            take_item(s, i, i);
}

static double plan_value(const search *s)
{
    const choose_problem *p = s->problem;
    double value = 0.0;

    for (uint32_t c = 0; c < p->competency_count; c++)
        value += p->competencies[c].weight * (shortfall_at(p, c, 0.0) - s->shortfall[c]);
    return value;
}

/* An item that gains nothing on an empty plan gains nothing later: F is concave. */
static void find_candidates(search *s)
{
    for (uint32_t i = 0; i < s->problem->item_count; i++) {
        const choose_item *item = &s->problem->items[i];

        if (!item->completed && !is_kept(item) && item->touch_count > 0 && marginal(s, &i, 1) > TIE)
            s->candidates[s->candidate_count++] = i;
    }
}

static void choose_set(search *s)
{
    bundle single, b;

    empty_plan(s);
    take_kept(s);
    double floor = plan_value(s);
    uint32_t single_head = best_bundle(s, whole_value, &single);

    while (best_bundle(s, density, &b) != CHOOSE_NONE)
        take_bundle(s, &b);
    if (single_head == CHOOSE_NONE || floor + single.value <= plan_value(s) + TIE)
        return;
    empty_plan(s);
    take_kept(s);
    take_bundle(s, &single);
}

/* --- what each pick is worth, and why -------------------------------------------------------- */

/* The competency on which the item adds most value to the plan so far; ties: lower index. */
static uint32_t main_issue(const search *s, uint32_t index)
{
    const choose_problem *p = s->problem;
    const choose_item *item = &p->items[index];
    uint32_t issue = CHOOSE_NONE;
    double most = TIE;

    for (uint32_t t = 0; t < item->touch_count; t++) {
        uint32_t c = item->touches[t].competency;
        double gain = gain_of(p, item, &item->touches[t]);
        double value = p->competencies[c].weight *
                       (s->shortfall[c] - shortfall_at(p, c, s->planned[c] + gain));

        if (value > most + TIE || (issue != CHOOSE_NONE && value >= most - TIE && c < issue)) {
            issue = c;
            most = value;
        }
    }
    return issue;
}

static const choose_touch *touch_on(const choose_item *item, uint32_t competency)
{
    for (uint32_t t = 0; t < item->touch_count; t++)
        if (item->touches[t].competency == competency)
            return &item->touches[t];
    return NULL;
}

static choose_reason reason_against(const search *s, const bundle *rival, const bundle *taken,
                                    const choose_item *pick)
{
    double lead = density(rival) - density(taken);

    if (!fits(s, rival))
        return CHOOSE_NO_ROOM;
    if (density(rival) < s->problem->lambda)
        return CHOOSE_UNDER_LAMBDA;
    if (lead < -TIE)
        return CHOOSE_WORTH_LESS;
    if (is_started(pick))
        return CHOOSE_NOT_STARTED;
    if (pick->wanted)
        return CHOOSE_NOT_WANTED;
    return lead > TIE ? CHOOSE_LESS_IN_TOTAL : CHOOSE_TIE;
}

/* The walk stands before the pick's bundle: the rival is valued in its place. */
static void find_runner_up(search *s, const bundle *taken, choose_pick *pick)
{
    const choose_problem *p = s->problem;
    choose_other best[1 + CHOOSE_OTHERS_MAX];
    uint32_t count = 0;
    bundle b;

    for (uint32_t i = 0; i < s->candidate_count && pick->competency != CHOOSE_NONE; i++) {
        uint32_t head = s->candidates[i], at = 0;
        const choose_item *item = &p->items[head];
        const choose_touch *touch = touch_on(item, pick->competency);

        if (s->chosen[head] || !touch || gain_of(p, item, touch) <= 0.0 || !bundle_of(s, head, &b))
            continue;
        while (at < count &&
               !precedes(s, density(&b), head, best[at].value_per_hour, best[at].item))
            at++;
        if (at == PX_COUNT(best))
            continue;
        count += count < PX_COUNT(best);
        memmove(&best[at + 1], &best[at], (count - at - 1) * sizeof *best);
        best[at] = (choose_other){ head, b.value, density(&b),
                                   reason_against(s, &b, taken, &p->items[pick->head]) };
    }
    pick->runner_up = count > 0 ? best[0].item : CHOOSE_NONE;
    pick->other_count = count > 1 ? count - 1 : 0;
    if (count == 0)
        return;
    pick->runner_up_value = best[0].value;
    pick->runner_up_value_per_hour = best[0].value_per_hour;
    pick->runner_up_reason = best[0].reason;
    memcpy(pick->others, &best[1], pick->other_count * sizeof *best);
}

static void explain_item(search *s, choose_pick *pick)
{
    const choose_problem *p = s->problem;
    const choose_item *item = &p->items[pick->item];
    const choose_touch *touch = touch_on(item, pick->competency);

    pick->value = marginal(s, &pick->item, 1);
    pick->value_per_hour = item->hours > 0.0 ? pick->value / item->hours : 0.0;
    if (!touch)
        return;
    pick->gain = gain_of(p, item, touch);
    pick->gain_error = Z90 * reach(p, item, touch) * sqrt(touch->effect.var + touch->effect.spread);
}

/* Explains the entries [at, at + taken->count) of the plan, then walks past them. */
static void explain_bundle(search *s, const bundle *taken, choose_pick *picks)
{
    uint32_t head = taken->items[taken->count - 1];
    uint32_t head_issue = main_issue(s, head);

    for (uint32_t i = 0; i < taken->count; i++) {
        choose_pick *pick = &picks[i];

        *pick = (choose_pick){ .item = taken->items[i], .head = head };
        pick->competency = main_issue(s, pick->item);
        if (pick->competency == CHOOSE_NONE)
            pick->competency = head_issue;
        find_runner_up(s, taken, pick);
    }
    for (uint32_t i = 0; i < taken->count; i++) {
        explain_item(s, &picks[i]);
        take_item(s, taken->items[i], head);
    }
}

static void explain_plan(search *s, const entry *order, uint32_t count, choose_plan *plan)
{
    const choose_problem *p = s->problem;

    empty_plan(s);
    for (uint32_t at = 0; at < count;) {
        bundle taken = { 0 };

        while (at + taken.count < count && order[at + taken.count].head == order[at].head) {
            taken.items[taken.count] = order[at + taken.count].item;
            taken.hours += p->items[taken.items[taken.count++]].hours;
        }
        taken.value = marginal(s, taken.items, taken.count);
        explain_bundle(s, &taken, &plan->picks[at]);
        at += taken.count;
        plan->hours += taken.hours;
    }
    plan->count = count;
    plan->value = plan_value(s);
}

static bool search_init(search *s, const choose_problem *p, px_arena *arena)
{
    *s = (search){ .problem = p };
    s->planned = px_arena_zalloc(arena, p->competency_count * sizeof *s->planned);
    s->shortfall = px_arena_zalloc(arena, p->competency_count * sizeof *s->shortfall);
    s->extra = px_arena_zalloc(arena, p->competency_count * sizeof *s->extra);
    s->in_plan = px_arena_zalloc(arena, p->item_count * sizeof *s->in_plan);
    s->chosen = px_arena_zalloc(arena, p->item_count * sizeof *s->chosen);
    s->candidates = px_arena_alloc(arena, p->item_count * sizeof *s->candidates);
    s->order = px_arena_alloc(arena, p->item_count * sizeof *s->order);
    return !px_arena_overflowed(arena);
}

px_status choose_plan_make(const choose_problem *problem, px_arena *arena, choose_plan *plan)
{
    search s;

    *plan = (choose_plan){ 0 };
    if (!search_init(&s, problem, arena))
        return PX_ENOMEM;
    empty_plan(&s);
    find_candidates(&s);
    choose_set(&s);

    entry *order = px_arena_copy(arena, s.order, s.count * sizeof *order);
    plan->picks = px_arena_zalloc(arena, s.count * sizeof *plan->picks);
    if (!order || !plan->picks)
        return PX_ENOMEM;
    for (uint32_t i = 0; i < s.count; i++)
        s.chosen[order[i].item] = true;
    explain_plan(&s, order, s.count, plan);
    return PX_OK;
}

/* --- the plan in force ----------------------------------------------------------------------- */

double choose_value(const choose_problem *problem, const choose_planned *planned, size_t count)
{
    double value = 0.0;

    for (uint32_t c = 0; c < problem->competency_count; c++) {
        double gain = 0.0;

        for (size_t i = 0; i < count; i++) {
            PX_ASSERT(planned[i].item < problem->item_count);
            const choose_item *item = &problem->items[planned[i].item];
            const choose_touch *touch = touch_on(item, c);

            if (touch && !item->completed)
                gain += gain_of(problem, item, touch);
        }
        value += problem->competencies[c].weight *
                 (shortfall_at(problem, c, 0.0) - shortfall_at(problem, c, gain));
    }
    return value;
}
