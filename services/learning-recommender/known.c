/* known.c: levels held against what items teach. */
#include "services/learning-recommender/known.h"

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"

static bool knows_outcome(const px_view *state, const char *tenant, const char *person_id,
                          const item_outcome *outcome)
{
    px_requirement asked = px_roles_requirement(state, tenant, person_id, outcome->competency_id);
    double enough = asked.target > 0.0 ? asked.target : outcome->level_to;
    standing_record standing;

    return learning_state_get_standing(state, tenant, person_id, outcome->competency_id,
                                       &standing) &&
           !standing.open && standing.mu >= enough;
}

bool learning_knows_item(const px_view *state, const char *tenant, const char *person_id,
                         const item_record *item)
{
    for (uint8_t i = 0; i < item->outcome_count; i++)
        if (!knows_outcome(state, tenant, person_id, &item->outcomes[i]))
            return false;
    return item->outcome_count > 0;
}

/* Whether the level was reached, rather than the gap taken away. */
static bool was_reached(const px_view *state, const char *tenant, const char *person_id,
                        const char *competency_id)
{
    standing_record standing;

    if (!learning_state_get_standing(state, tenant, person_id, competency_id, &standing) ||
        standing.open)
        return false;
    return standing.closed_by == COMPETENCY__CHANGE_REASON__CHANGE_REASON_EVIDENCE ||
           standing.closed_by == COMPETENCY__CHANGE_REASON__CHANGE_REASON_LEARNING;
}

bool learning_is_waived(const px_view *state, const char *tenant, const char *person_id,
                        const plan_item *planned)
{
    item_record item;

    return !learning_plan_item_done(planned) &&
           planned->state != LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED &&
           !planned->chosen_by_id[0] &&
           was_reached(state, tenant, person_id, planned->competency_id) &&
           learning_state_get_item(state, tenant, planned->item_id, &item) && !item.mandatory &&
           learning_knows_item(state, tenant, person_id, &item);
}

void learning_newest_evidence(const px_view *state, const char *tenant, const char *person_id,
                              const char *competency_id, char evidence_id[PX_ID_SIZE])
{
    ratings_record ratings = learning_state_get_ratings(state, tenant, person_id, competency_id);
    standing_record standing = { 0 };

    learning_state_get_standing(state, tenant, person_id, competency_id, &standing);
    bool is_rating =
        ratings.count > 0 &&
        (!standing.evidence_id[0] || ratings.ratings[0].occurred_at_us > standing.evidence_us);
    px_record_set_text(evidence_id, PX_ID_SIZE,
                       is_rating ? ratings.ratings[0].review_id : standing.evidence_id);
}
