/* evolve_prompt.c: own facts -> state: spaced learning, and items that are due. */
#include "services/learning-recommender/evolve_prompt.h"

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

void evolve_prompts_begin(px_txn *state, const char *tenant, const char *person_id,
                          const char *item_id, int64_t started_us)
{
    item_record item;

    if (!learning_state_get_item(state, tenant, item_id, &item) || item.prompt_count == 0)
        return;
    prompt_record prompts = { .count = item.prompt_count,
                              .due_us = started_us + item.prompt_days[0] * DAY_US };
    for (uint8_t i = 0; i < item.prompt_count; i++)
        prompts.days[i] = item.prompt_days[i];
    learning_state_put_prompts(state, tenant, person_id, item_id, &prompts);
}

void evolve_prompt_due(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PromptDue *f = fact->body;
    prompt_record prompts;

    if (!learning_state_get_prompts(state, fact->tenant, f->person_id, f->item_id, &prompts))
        return; /* erased, declined or completed meanwhile */
    prompts.sent = (uint8_t)f->number;
    learning_state_put_prompts(state, fact->tenant, f->person_id, f->item_id, &prompts);
}

/* Who answers within a day keeps the pace; who is later gets the rest as much later. */
void evolve_prompt_answered(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PromptAnswered *f = fact->body;
    prompt_record prompts;

    if (!learning_state_get_prompts(state, fact->tenant, f->person_id, f->item_id, &prompts))
        return;
    bool late = fact->decided_at_us > prompts.due_us + DAY_US;
    prompts.answered = (uint8_t)f->number;
    if (prompts.answered < prompts.count && prompts.answered > 0) {
        uint32_t wait = prompts.days[prompts.answered] - prompts.days[prompts.answered - 1];

        prompts.due_us = (late ? fact->decided_at_us : prompts.due_us) + wait * DAY_US;
    }
    learning_state_put_prompts(state, fact->tenant, f->person_id, f->item_id, &prompts);
}

void evolve_item_due(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemDue *f = fact->body;
    uint32_t number = learning_plan_number(f->plan_id, f->person_id);
    plan_record plan;

    if (!number || !learning_state_get_plan(state, fact->tenant, f->person_id, number, &plan))
        return; /* erased meanwhile */
    int at = learning_plan_find(&plan, f->item_id);
    if (at < 0)
        return;
    plan.items[at].due_said = f->overdue ? SAID_OVERDUE : SAID_DUE;
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
}
