/* evolve.c: own facts -> state. A person may have been erased between a decision and its batch:
 * then nothing about them may come back.
 */
#include "common/agenda.h"
#include "common/people.h"
#include "common/record.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state.h"
#include "services/review-cycle/state_keys.h"
#include "services/review-cycle/state_score.h"
#include "services/review-cycle/state_strategy.h"

void evolve_scale_defined(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ScaleDefined *f = fact->body;
    scale_record scale = { .allows_not_applicable = f->allows_not_applicable,
                           .value_count = (uint8_t)f->n_steps };

    PX_ASSERT(f->n_steps <= SCALE_VALUES_MAX);
    for (size_t i = 0; i < f->n_steps; i++)
        scale.values[i] = f->steps[i]->value;
    review_state_put_scale(state, fact->tenant, f->scale_id, f->version, &scale);
}

void evolve_cycle_defined(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__CycleDefined *f = fact->body;
    cycle_record cycle = { .phase = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT,
                           .starts_at_us = f->starts_at_us,
                           .ends_at_us = f->ends_at_us,
                           .scale_version = f->scale_version };

    px_record_set_text(cycle.label, sizeof cycle.label, f->label);
    px_record_set_text(cycle.scale_id, sizeof cycle.scale_id, f->scale_id);
    review_state_put_cycle(state, fact->tenant, f->cycle_id, &cycle);
}

void evolve_phase_changed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__PhaseChanged *f = fact->body;
    cycle_record cycle;

    if (!review_state_get_cycle(state, fact->tenant, f->cycle_id, &cycle))
        return;
    cycle.phase = (uint8_t)f->to;
    review_state_put_cycle(state, fact->tenant, f->cycle_id, &cycle);
    if (f->from == REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED &&
        f->to == REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING)
        review_state_pin_templates(state, fact->tenant, f->cycle_id);
    if (f->to == REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING)
        review_state_mark_scores(state, fact->tenant, f->cycle_id);
}

void evolve_review_submitted(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewSubmitted *f = fact->body;
    review_record review = { .relation = (uint8_t)f->relation,
                             .occurred_at_us = f->occurred_at_us,
                             .rating_count = (uint8_t)f->n_ratings };

    PX_ASSERT(f->n_ratings <= REVIEW_RATINGS_MAX);
    if (!px_people_is_known(state, fact->tenant, f->subject_id))
        return;
    px_record_set_text(review.cycle_id, PX_ID_SIZE, f->cycle_id);
    px_record_set_text(review.subject_id, PX_ID_SIZE, f->subject_id);
    px_record_set_text(review.rater_id, PX_ID_SIZE, f->rater_id);
    for (size_t i = 0; i < f->n_ratings; i++) {
        review_rating *rating = &review.ratings[i];

        px_record_set_text(rating->competency_id, PX_ID_SIZE, f->ratings[i]->competency_id);
        rating->facet = (uint8_t)f->ratings[i]->facet;
        rating->value = f->ratings[i]->value;
        rating->position = (uint8_t)f->ratings[i]->position;
    }
    PX_ASSERT(f->n_criteria <= REVIEW_CRITERIA_MAX);
    review.criterion_count = (uint8_t)f->n_criteria;
    for (size_t i = 0; i < f->n_criteria; i++) {
        px_record_set_text(review.criteria[i].criterion_id, PX_ID_SIZE,
                           f->criteria[i]->criterion_id);
        review.criteria[i].value = f->criteria[i]->value;
        review.criteria[i].position = (uint8_t)f->criteria[i]->position;
    }
    review_state_add_review(state, fact->tenant, f->review_id, &review,
                            (px_bytes){ f->sealed_comment.data, f->sealed_comment.len });
}

void evolve_review_withdrawn(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewWithdrawn *f = fact->body;

    review_state_withdraw_review(state, fact->tenant, f->review_id);
}

void evolve_strategy_item_declared(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemDeclared *f = fact->body;
    strategy_item_record item = { .ends_at_us = f->ends_at_us,
                                  .competency_count = (uint8_t)f->n_competency_ids };

    PX_ASSERT(f->n_competency_ids <= STRATEGY_COMPETENCIES_MAX);
    for (size_t i = 0; i < f->n_competency_ids; i++)
        px_record_set_text(item.competency_ids[i], PX_ID_SIZE, f->competency_ids[i]);
    review_state_put_strategy_item(state, fact->tenant, f->strategy_item_id, &item);
    if (f->ends_at_us)
        px_due_set(state, KEY_STRATEGY_ITEM, fact->tenant, px_text_bytes(f->strategy_item_id),
                   f->ends_at_us);
}

void evolve_strategy_item_retired(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemRetired *f = fact->body;
    strategy_item_record item;

    if (!review_state_get_strategy_item(state, fact->tenant, f->strategy_item_id, &item))
        return;
    item.retired = true;
    review_state_put_strategy_item(state, fact->tenant, f->strategy_item_id, &item);
    px_due_clear(state, KEY_STRATEGY_ITEM, fact->tenant, px_text_bytes(f->strategy_item_id));
}
