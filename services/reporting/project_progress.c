/* project_progress.c: facts of review-cycle and learning-recommender -> a cycle's reviews, a
 * person's plans, what learning did. Facts about the erased are passed over, as in project.c. */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/reporting/service.h"
#include "services/reporting/state_progress.h"
#include "services/reporting/touch.h"

/* ---- cycles ---- */

void reporting_project_cycle_defined(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__CycleDefined *f = fact->body;
    cycle_progress cycle = { .phase = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT };

    px_record_set_text(cycle.label, sizeof cycle.label, f->label);
    reporting_state_put_cycle(state, fact->tenant, f->cycle_id, &cycle);
    touch_cycle(state, fact->tenant, f->cycle_id);
}

void reporting_project_phase_changed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__PhaseChanged *f = fact->body;
    cycle_progress cycle;

    if (!reporting_state_get_cycle(state, fact->tenant, f->cycle_id, &cycle))
        return;
    cycle.phase = (uint8_t)f->to;
    reporting_state_put_cycle(state, fact->tenant, f->cycle_id, &cycle);
    touch_cycle(state, fact->tenant, f->cycle_id);
}

void reporting_project_review_submitted(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewSubmitted *f = fact->body;
    counted_review review = { .relation = (uint8_t)f->relation };

    if (!px_people_is_known(state, fact->tenant, f->subject_id))
        return;
    px_record_set_text(review.cycle_id, sizeof review.cycle_id, f->cycle_id);
    reporting_state_add_review(state, fact->tenant, f->subject_id, f->review_id, &review);
    touch_cycle(state, fact->tenant, f->cycle_id);
}

void reporting_project_review_withdrawn(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewWithdrawn *f = fact->body;

    reporting_state_del_review(state, fact->tenant, f->subject_id, f->review_id);
    touch_cycle(state, fact->tenant, f->cycle_id);
}

/* ---- plans ---- */

static void put_plans(px_txn *state, const px_fact *fact, const char *person_id,
                      const plan_history *plans)
{
    px_person person;

    if (!px_people_get(state, fact->tenant, person_id, &person))
        return;
    reporting_state_put_plans(state, fact->tenant, person_id, plans);
    if (person.active)
        touch_plans(state, fact->tenant, person.unit_id);
}

static bool any_started(LearningRecommenderFact__PlanItem *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED ||
            items[i]->state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED)
            return true;
    return false;
}

void reporting_project_plan_proposed(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanProposed *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (f->template_id[0])
        return; /* the figures are of plans made of gaps */
    px_record_set_text(plans.open_plan_id, sizeof plans.open_plan_id, f->plan_id);
    plans.under_way = any_started(f->items, f->n_items);
    put_plans(state, fact, f->person_id, &plans);
}

void reporting_project_plan_revised(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanRevised *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (strcmp(plans.open_plan_id, f->plan_id) != 0)
        return;
    /* Only ever more: what was completed may have been dropped from the wording since. */
    plans.under_way = plans.under_way || any_started(f->items, f->n_items);
    put_plans(state, fact, f->person_id, &plans);
}

void reporting_project_plan_ended(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanEnded *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (strcmp(plans.open_plan_id, f->plan_id) != 0)
        return;
    plans.open_plan_id[0] = '\0';
    plans.under_way = false;
    if (f->reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED)
        plans.completed++;
    else
        plans.ended_otherwise++;
    put_plans(state, fact, f->person_id, &plans);
}

/* Opened again: what it counted as is taken back. */
void reporting_project_plan_moved(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanMoved *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (f->from != LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE || plans.completed == 0 ||
        f->of_template)
        return;
    px_record_set_text(plans.open_plan_id, sizeof plans.open_plan_id, f->plan_id);
    plans.under_way = true;
    plans.completed--;
    put_plans(state, fact, f->person_id, &plans);
}

static bool is_of_open_plan(const plan_history *plans, const char *plan_id)
{
    return plan_id[0] && strcmp(plans->open_plan_id, plan_id) == 0;
}

void reporting_project_item_started(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemStarted *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (!is_of_open_plan(&plans, f->plan_id))
        return;
    plans.under_way = true;
    put_plans(state, fact, f->person_id, &plans);
}

void reporting_project_item_completed(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemCompleted *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    plans.items_completed++;
    if (is_of_open_plan(&plans, f->plan_id))
        plans.under_way = true;
    put_plans(state, fact, f->person_id, &plans);
}

void reporting_project_item_waived(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemWaived *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    plans.items_waived++;
    plans.minutes_saved += f->minutes_saved;
    put_plans(state, fact, f->person_id, &plans);
}

void reporting_project_completion_voided(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__CompletionVoided *f = fact->body;
    plan_history plans = reporting_state_get_plans(state, fact->tenant, f->person_id);

    if (plans.items_completed == 0)
        return; /* erased meanwhile */
    plans.items_completed--;
    put_plans(state, fact, f->person_id, &plans);
}

/* ---- what learning did ---- */

/* Nobody is named by it: it is of five people or more. */
void reporting_project_impact_updated(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ImpactUpdated *f = fact->body;
    impact_figures figures = { .effect = f->effect,
                               .low = f->low,
                               .high = f->high,
                               .enough_evidence = f->enough_evidence,
                               .follow_ups = f->follow_ups,
                               .control_ratings = f->control_ratings };

    reporting_state_put_impact(state, fact->tenant, f->competency_id, f->item_id, &figures);
    touch_impact(state, fact->tenant, f->competency_id);
}
