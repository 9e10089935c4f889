/* caps.c: minutes and money of a period. */
#include "services/learning-recommender/caps.h"

#include <string.h>

#include "common/record.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_template.h"

static void take_plan(plan_caps *left, const px_view *state, const char *tenant,
                      const plan_record *plan)
{
    item_record item;

    for (uint8_t i = 0; i < plan->item_count && !plan->ended; i++)
        if (!learning_plan_item_done(&plan->items[i]) &&
            plan->items[i].state != LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DEFERRED &&
            learning_state_get_item(state, tenant, plan->items[i].item_id, &item))
            plan_caps_take(left, &item, true);
}

plan_caps plan_caps_left(const px_view *state, const char *tenant, const char *person_id,
                         uint32_t but_plan, int64_t now_us)
{
    policy_record policy = learning_state_get_policy(state, tenant);
    spent_record spent = learning_state_get_spent(state, tenant, person_id, now_us);
    plan_caps left = { .has_minutes = policy.minutes_per_period > 0,
                       .has_cost = policy.cost_per_period > 0,
                       .minutes = (double)policy.minutes_per_period - (double)spent.minutes,
                       .cost = (double)policy.cost_per_period - (double)spent.cost };
    char template_id[PX_ID_SIZE] = "";
    plan_record plan;
    uint32_t number;

    if (!left.has_minutes && !left.has_cost)
        return left;
    if (learning_state_get_open_plan(state, tenant, person_id, &number, &plan) &&
        number != but_plan)
        take_plan(&left, state, tenant, &plan);
    while (learning_state_next_template_plan(state, tenant, person_id, template_id, &number, &plan))
        if (number != but_plan)
            take_plan(&left, state, tenant, &plan);
    return left;
}

/* A sum of tenths of hours is not exact. */
static bool has_time(const plan_caps *left, const item_record *item)
{
    return !left->has_minutes || item->hours * 60.0 <= left->minutes + 1e-6;
}

static bool has_money(const plan_caps *left, const item_record *item)
{
    return !left->has_cost || item->cost <= left->cost;
}

bool plan_caps_take(plan_caps *left, const item_record *item, bool stays)
{
    if (!stays && !(has_time(left, item) && has_money(left, item)))
        return false;
    left->minutes -= item->hours * 60.0;
    left->cost -= item->cost;
    return true;
}

void plan_caps_defer(const plan_caps *left, const item_record *item, const char *item_id,
                     plan_record *out)
{
    if (out->deferred_count == PLAN_ITEMS_MAX)
        return;
    plan_deferral *d = &out->deferred[out->deferred_count++];
    px_record_set_text(d->item_id, PX_ID_SIZE, item_id);
    d->over_minutes = !has_time(left, item);
    d->over_cost = !has_money(left, item);
}

bool plan_caps_is_deferred(const char *item_id, const plan_record *out)
{
    for (uint8_t i = 0; i < out->deferred_count; i++)
        if (strcmp(out->deferred[i].item_id, item_id) == 0)
            return true;
    return false;
}
