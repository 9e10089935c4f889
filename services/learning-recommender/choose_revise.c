/* choose_revise.c: whether a better plan than the one in force is worth saying. */
#include "common/gap.h"
#include "services/learning-recommender/choose.h"

static const double TIE = 1e-12;
static const double WORTH_SAYING = 1.05;
static const double GAP_CLOSED = 0.40;

static bool is_started(const choose_item *item)
{
    return item->started && !item->completed;
}

static bool started_closed(const choose_problem *p, const choose_planned *current, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (current[i].competency == CHOOSE_NONE || !is_started(&p->items[current[i].item]))
            continue;
        PX_ASSERT(current[i].competency < p->competency_count);
        const choose_competency *c = &p->competencies[current[i].competency];

        if (px_gap_probability(c->target - c->mu, c->var) < GAP_CLOSED)
            return true;
    }
    return false;
}

static bool planned_in(const choose_plan *plan, uint32_t item)
{
    for (uint32_t i = 0; i < plan->count; i++)
        if (plan->picks[i].item == item)
            return true;
    return false;
}

/* Completed items are no part of any plan. */
static bool same_items(const choose_problem *p, const choose_planned *current, size_t count,
                       const choose_plan *plan)
{
    size_t open = 0;

    for (size_t i = 0; i < count; i++) {
        if (p->items[current[i].item].completed)
            continue;
        if (!planned_in(plan, current[i].item))
            return false;
        open++;
    }
    return open == plan->count;
}

px_status choose_plan_revise(const choose_problem *problem, const choose_planned *current,
                             size_t count, px_arena *arena, choose_revision *out)
{
    *out = (choose_revision){ .current_value = choose_value(problem, current, count) };
    px_status status = choose_plan_make(problem, arena, &out->plan);

    if (status != PX_OK || same_items(problem, current, count, &out->plan))
        return status;
    if (out->plan.value > WORTH_SAYING * out->current_value + TIE)
        out->verdict = CHOOSE_BETTER;
    else if (started_closed(problem, current, count))
        out->verdict = CHOOSE_STARTED_CLOSED;
    return PX_OK;
}
