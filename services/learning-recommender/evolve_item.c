/* evolve_item.c: own facts -> state: what people did with the items of their plans. */
#include "common/agenda.h"
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_template.h"
#include "services/learning-recommender/state_wish.h"

/* The item of the plan, to be changed; NULL when it is not there (any more). */
static plan_item *find_item(px_txn *state, const char *tenant, const char *person_id,
                            const char *plan_id, const char *item_id, plan_record *plan)
{
    uint32_t number = learning_plan_number(plan_id, person_id);

    if (!number || !learning_state_get_plan(state, tenant, person_id, number, plan))
        return NULL;
    int at = learning_plan_find(plan, item_id);
    return at >= 0 ? &plan->items[at] : NULL;
}

void evolve_item_accepted(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemAccepted *f = fact->body;
    plan_record plan;
    plan_item *item = find_item(state, fact->tenant, f->person_id, f->plan_id, f->item_id, &plan);

    if (!item)
        return;
    item->accepted_by |= f->by_person ? AGREED_PERSON : AGREED_MANAGER;
    if (f->accepted && item->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED)
        item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_ACCEPTED;
    learning_state_put_plan(state, fact->tenant, f->person_id,
                            learning_plan_number(f->plan_id, f->person_id), &plan);
}

static uint8_t reason_of(const LearningRecommenderFact__ItemChosen *f)
{
    if (f->mentoring)
        return LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_MENTORING;
    return f->instead_of_id[0] ? LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_SWAPPED_IN
                               : LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_ADDED;
}

/* The plan itself is revised by the next look at the person. */
void evolve_item_chosen(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemChosen *f = fact->body;
    wish_record wish = { .plan = learning_plan_number(f->plan_id, f->person_id),
                         .reason = reason_of(f) };

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    px_record_set_text(wish.by_id, sizeof wish.by_id, f->actor_id);
    learning_state_put_wish(state, fact->tenant, f->person_id, f->item_id, &wish);
    if (f->instead_of_id[0]) {
        declined_record declined = { .declined_us = fact->decided_at_us,
                                     .shortfall = f->instead_of_shortfall };

        px_record_set_text(declined.competency_id, sizeof declined.competency_id,
                           f->instead_of_competency_id);
        learning_state_put_declined(state, fact->tenant, f->person_id, f->instead_of_id, &declined);
        learning_state_del_wish(state, fact->tenant, f->person_id, f->instead_of_id);
    }
    learning_mark_person(state, fact->tenant, f->person_id);
}

void evolve_item_objected(px_txn *state, const px_fact *fact)
{
    (void)state; /* it is on record; the item stays as it is */
    (void)fact;
}

void evolve_item_waived(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemWaived *f = fact->body;
    plan_record plan;
    plan_item *item = find_item(state, fact->tenant, f->person_id, f->plan_id, f->item_id, &plan);

    if (!item)
        return;
    item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED;
    learning_state_put_plan(state, fact->tenant, f->person_id,
                            learning_plan_number(f->plan_id, f->person_id), &plan);
    learning_mark_person(state, fact->tenant, f->person_id);
}

void evolve_item_deferred(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemDeferred *f = fact->body;
    uint32_t number = learning_plan_number(f->plan_id, f->person_id);
    plan_record plan;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    bool of_template = number &&
                       learning_state_get_plan(state, fact->tenant, f->person_id, number, &plan) &&
                       plan.template_id[0];
    learning_state_put_deferred(state, fact->tenant, f->person_id, of_template ? number : 0,
                                f->item_id, f->until_us);
    px_due_set(state, KEY_DEFERRED, fact->tenant, px_text_bytes(f->person_id), f->until_us);
    px_due_set(state, KEY_TEMPLATES, fact->tenant, px_text_bytes(f->person_id), f->until_us);
}
