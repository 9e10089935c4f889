/* decide_item.c: what a person and their manager may do with the items of a plan: agree to one, put
 * one in, or put one in the place of another. */
#include <string.h>

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/check.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_plan.h"
#include "services/learning-recommender/state_policy.h"

static bool may_act(const px_view *state, const px_submission *sub, const char *person_id)
{
    return px_people_may_view(state, sub->tenant, sub->actor, person_id);
}

/* ---- AcceptItem ---- */

static uint8_t agreement_of(const px_submission *sub, const char *person_id)
{
    return strcmp(sub->actor, person_id) == 0 ? AGREED_PERSON : AGREED_MANAGER;
}

static bool is_enough(uint8_t consent, uint8_t agreed)
{
    switch ((LearningRecommender__PlanConsent)consent) {
    case LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_PERSON:
        return agreed & AGREED_PERSON;
    case LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_MANAGER:
        return agreed & AGREED_MANAGER;
    case LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_BOTH:
        return agreed == (AGREED_PERSON | AGREED_MANAGER);
    default:
        return agreed != 0;
    }
}

static px_verdict check_acceptable(const plan_item *item, uint8_t agreement)
{
    if (item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED)
        return px_reject(PX_REASON_ITEM_STARTED, "item_id");
    if (learning_plan_item_done(item))
        return px_reject(PX_REASON_ITEM_WAIVED, "item_id");
    if (item->accepted_by & agreement)
        return px_reject(PX_REASON_ITEM_ACCEPTED, "item_id");
    return px_accept();
}

px_verdict decide_accept_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__AcceptItem *cmd = sub->body;
    uint8_t agreement = agreement_of(sub, cmd->person_id);
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, cmd->person_id, cmd->item_id, &item);
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (!may_act(state, sub, cmd->person_id))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (!learning_state_find_planned(state, sub->tenant, cmd->person_id, cmd->item_id, &number,
                                     &plan))
        return px_reject(PX_REASON_ITEM_NOT_PLANNED, "item_id");
    const plan_item *planned = &plan.items[learning_plan_find(&plan, cmd->item_id)];
    verdict = check_acceptable(planned, agreement);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;

    LearningRecommenderFact__ItemAccepted *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED);
    fact->person_id = cmd->person_id;
    fact->item_id = cmd->item_id;
    fact->plan_id = learning_plan_with(state, sub, cmd->person_id, cmd->item_id);
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    fact->by_person = agreement == AGREED_PERSON;
    fact->accepted = is_enough(learning_state_get_policy(state, sub->tenant).consent,
                               planned->accepted_by | agreement);
    return px_accept();
}

/* ---- AddItem, SwapItem ---- */

/* The item may come into a plan of the person. */
static px_verdict check_comes(const px_view *state, const px_submission *sub, const char *person_id,
                              const char *item_id)
{
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, person_id, item_id, &item);
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (item.retired)
        return px_reject(PX_REASON_ITEM_RETIRED, "item_id");
    if (!may_act(state, sub, person_id))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (learning_state_find_planned(state, sub->tenant, person_id, item_id, &number, &plan))
        return px_reject(PX_REASON_ITEM_PLANNED, "item_id");
    return px_accept();
}

static LearningRecommenderFact__ItemChosen *say_chosen(const px_submission *sub, char *person_id,
                                                       char *item_id, uint32_t number,
                                                       px_facts *out)
{
    LearningRecommenderFact__ItemChosen *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN);
    char plan_id[PX_ID_SIZE];

    learning_plan_id(plan_id, person_id, number);
    fact->person_id = person_id;
    fact->item_id = item_id;
    fact->plan_id = px_arena_strdup(sub->arena, plan_id);
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    return fact;
}

px_verdict decide_add_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__AddItem *cmd = sub->body;
    px_verdict verdict = check_comes(state, sub, cmd->person_id, cmd->item_id);
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (!learning_state_get_open_plan(state, sub->tenant, cmd->person_id, &number, &plan))
        return px_reject(PX_REASON_PLAN_NONE, "person_id");
    if (plan.item_count == PLAN_ITEMS_MAX)
        return px_reject(PX_REASON_PLAN_FULL, "item_id");
    say_chosen(sub, cmd->person_id, cmd->item_id, number, out);
    return px_accept();
}

/* The item may go from the plan. */
static px_verdict check_goes(const px_view *state, const px_submission *sub, const char *person_id,
                             const plan_record *plan, const plan_item *item)
{
    if (learning_plan_item_done(item))
        return px_reject(item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED
                             ? PX_REASON_ITEM_WAIVED
                             : PX_REASON_ITEM_COMPLETED,
                         "instead_of_id");
    if (item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED)
        return px_reject(PX_REASON_ITEM_STARTED, "instead_of_id");
    if (learning_must_stay(state, sub, person_id, plan, item))
        return px_reject(PX_REASON_ITEM_MANDATORY, "instead_of_id");
    return px_accept();
}

px_verdict decide_swap_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__SwapItem *cmd = sub->body;
    px_verdict verdict = check_comes(state, sub, cmd->person_id, cmd->item_id);
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (!learning_state_find_planned(state, sub->tenant, cmd->person_id, cmd->instead_of_id,
                                     &number, &plan))
        return px_reject(PX_REASON_ITEM_NOT_PLANNED, "instead_of_id");
    const plan_item *goes = &plan.items[learning_plan_find(&plan, cmd->instead_of_id)];
    verdict = check_goes(state, sub, cmd->person_id, &plan, goes);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;

    LearningRecommenderFact__ItemChosen *fact =
        say_chosen(sub, cmd->person_id, cmd->item_id, number, out);
    fact->instead_of_id = cmd->instead_of_id;
    fact->instead_of_competency_id = px_arena_strdup(sub->arena, goes->competency_id);
    fact->instead_of_shortfall = goes->target - goes->mu;
    return px_accept();
}
