/* reconcile_due.c: what has come due: the next unit of spaced learning, and items of plans. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_prompt.h"

void reconcile_prompt(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    item_key k = learning_item_key(key->rest);
    prompt_record prompts;

    if (!px_people_is_active(state, key->tenant, k.person_id) ||
        !learning_state_get_prompts(state, key->tenant, k.person_id, k.item_id, &prompts) ||
        prompts.sent != prompts.answered || prompts.sent == prompts.count ||
        prompts.due_us > now_us)
        return;
    LearningRecommenderFact__PromptDue *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE);
    fact->person_id = px_arena_strdup(px_facts_arena(out), k.person_id);
    fact->item_id = px_arena_strdup(px_facts_arena(out), k.item_id);
    fact->number = prompts.sent + 1u;
    fact->of = prompts.count;
    fact->due_at_us = prompts.due_us;
}

/* Nobody is reminded of what those who must agree have not agreed to. */
static bool counts(const plan_item *item, uint8_t consent)
{
    return consent == LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_UNSPECIFIED ||
           item->state != LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED;
}

/* That it is due, and the next time that it is overdue. */
static void say_due(const plan_key *k, const char *plan_id, plan_item *item, px_facts *out)
{
    LearningRecommenderFact__ItemDue *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE);

    fact->person_id = px_arena_strdup(px_facts_arena(out), k->person_id);
    fact->item_id = px_arena_strdup(px_facts_arena(out), item->item_id);
    fact->plan_id = px_arena_strdup(px_facts_arena(out), plan_id);
    fact->due_at_us = item->planned_completion_us;
    fact->overdue = item->due_said == SAID_DUE;
    item->due_said = fact->overdue ? SAID_OVERDUE : SAID_DUE;
}

void reconcile_item_due(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    plan_key k = learning_plan_key(key->rest);
    uint8_t consent = learning_state_get_policy(state, key->tenant).consent;
    char plan_id[PX_ID_SIZE];
    plan_record plan;

    if (!px_people_is_active(state, key->tenant, k.person_id) ||
        !learning_state_get_plan(state, key->tenant, k.person_id, k.number, &plan))
        return;
    learning_plan_id(plan_id, k.person_id, k.number);
    for (uint8_t i = 0; i < plan.item_count; i++) {
        if (!counts(&plan.items[i], consent))
            continue;
        for (int64_t due_us; (due_us = learning_plan_item_due(&plan, i)) != 0 && due_us <= now_us;)
            say_due(&k, plan_id, &plan.items[i], out);
    }
}
