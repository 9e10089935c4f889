/* check.c: the checks that come first, in their order. */
#include "services/learning-recommender/check.h"
#include "services/learning-recommender/state_progress.h"

#include "services/learning-recommender/state_template.h"

px_verdict learning_check_item(const px_view *state, const px_submission *sub,
                               const char *person_id, const char *item_id, item_record *item)
{
    px_person person;

    if (!px_people_get(state, sub->tenant, person_id, &person))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!person.active)
        return px_reject(PX_REASON_PERSON_INACTIVE, "person_id");
    if (!learning_state_get_item(state, sub->tenant, item_id, item))
        return px_reject(PX_REASON_ITEM_UNKNOWN, "item_id");
    if (learning_state_get_progress(state, sub->tenant, person_id, item_id) == LEARNING_COMPLETED)
        return px_reject(PX_REASON_ITEM_COMPLETED, "item_id");
    return px_accept();
}

char *learning_plan_with(const px_view *state, const px_submission *sub, const char *person_id,
                         const char *item_id)
{
    char plan_id[PX_ID_SIZE] = "";
    plan_record plan;
    uint32_t number;

    if (learning_state_find_planned(state, sub->tenant, person_id, item_id, &number, &plan))
        learning_plan_id(plan_id, person_id, number);
    return px_arena_strdup(sub->arena, plan_id);
}

bool learning_must_stay(const px_view *state, const px_submission *sub, const char *person_id,
                        const plan_record *plan, const plan_item *item)
{
    item_record known;

    if (learning_state_get_item(state, sub->tenant, item->item_id, &known) && known.mandatory)
        return true;
    return plan->template_id[0] && !item->optional && !item->chosen_by_id[0] &&
           learning_state_get_template_plan(state, sub->tenant, person_id, plan->template_id)
               .linked;
}
