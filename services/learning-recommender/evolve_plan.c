/* evolve_plan.c: own facts -> state: plans and their follow-up dates. */
#include <string.h>

#include "common/agenda.h"
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/evolve_plan.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_mentor.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_snapshot.h"
#include "services/learning-recommender/state_template.h"

static const int64_t answer_wait_us = INT64_C(86400000000); /* a day */

/* ---- follow-up dates ---- */

/* Whether what the plan calls so is the competency, by itself or by what took its place since. */
static bool is_now(const px_view *state, const char *tenant, const char *said_id,
                   const char *competency_id, bool any_ended)
{
    if (strcmp(said_id, competency_id) == 0)
        return true;
    if (!any_ended)
        return false;
    px_successors now = px_replaced_resolve(state, tenant, said_id);

    return px_successors_find(&now, competency_id) != NULL;
}

static bool names_ended(const px_view *state, const char *tenant, const plan_record *plan)
{
    for (uint8_t i = 0; i < plan->item_count; i++)
        if (px_replaced_has_ended(state, tenant, plan->items[i].competency_id))
            return true;
    return false;
}

/* The latest date among the plan's items for this competency; one that was said stays said. */
static void set_follow_up(px_txn *state, const char *tenant, const char *person_id, uint32_t number,
                          const plan_record *plan, const char *competency_id, bool any_ended)
{
    follow_up_record now = { 0 }, before;

    for (uint8_t i = 0; i < plan->item_count; i++)
        if (plan->items[i].follow_up_at_us > now.due_us &&
            is_now(state, tenant, plan->items[i].competency_id, competency_id, any_ended))
            now.due_us = plan->items[i].follow_up_at_us;
    if (now.due_us <= 0 ||
        (learning_state_get_follow_up(state, tenant, person_id, number, competency_id, &before) &&
         before.due_us == now.due_us))
        return;
    learning_state_put_follow_up(state, tenant, person_id, number, competency_id, now);
}

static bool has_issue(const px_view *state, const char *tenant, const plan_record *plan,
                      const char *competency_id, bool completed_only)
{
    bool any_ended = names_ended(state, tenant, plan);

    for (uint8_t i = 0; i < plan->item_count; i++)
        if ((!completed_only || learning_plan_item_completed(&plan->items[i])) &&
            is_now(state, tenant, plan->items[i].competency_id, competency_id, any_ended))
            return true;
    return false;
}

/* Forgets the dates of issues that `before` had and `after` has no more. */
static void drop_follow_ups(px_txn *state, const char *tenant, const char *person_id,
                            uint32_t number, const plan_record *before, const plan_record *after,
                            bool completed_only)
{
    for (uint8_t i = 0; i < before->item_count; i++) {
        px_successors now = px_replaced_resolve(state, tenant, before->items[i].competency_id);

        for (size_t n = 0; n < now.count; n++) {
            const char *competency_id = now.all[n].competency_id;

            if (!after || !has_issue(state, tenant, after, competency_id, completed_only))
                learning_state_del_follow_up(state, tenant, person_id, number, competency_id);
        }
    }
}

void evolve_plan_follow_ups(px_txn *state, const char *tenant, const char *person_id,
                            uint32_t number, const plan_record *plan)
{
    bool any_ended = names_ended(state, tenant, plan);

    for (uint8_t i = 0; i < plan->item_count; i++) {
        px_successors now = px_replaced_resolve(state, tenant, plan->items[i].competency_id);

        for (size_t n = 0; n < now.count; n++)
            set_follow_up(state, tenant, person_id, number, plan, now.all[n].competency_id,
                          any_ended);
    }
}

/* ---- plans ---- */

void evolve_plan_proposed(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanProposed *f = fact->body;
    learner_record learner = learning_state_get_learner(state, fact->tenant, f->person_id);
    plan_record plan;

    uint32_t number = learning_plan_is_confidential(f->plan_id, f->person_id)
                          ? PLAN_CONFIDENTIAL_FROM + learner.confidential_count++
                          : ++learner.plan_count;
    if (!f->template_id[0])
        learner.open_plan = number;
    learning_state_put_learner(state, fact->tenant, f->person_id, &learner);
    if (!px_people_is_known(state, fact->tenant, f->person_id)) {
        /* Erased between the decision and here: nothing is kept, and the plan is to be ended. */
        learning_mark_person(state, fact->tenant, f->person_id);
        return;
    }
    memset(&plan, 0, sizeof plan);
    px_record_set_text(plan.role_id, sizeof plan.role_id, f->role_id);
    plan.revision = 1;
    plan.proposed_at_us = plan.revised_at_us = fact->decided_at_us;
    plan.value = f->value;
    px_record_set_text(plan.template_id, sizeof plan.template_id, f->template_id);
    plan.optional_needed = (uint8_t)f->optional_needed;
    plan.hours = f->hours;
    plan.rule_version = f->rule_version;
    plan.state =
        f->state ? (uint8_t)f->state : (uint8_t)LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE;
    plan_items_from_fact(&plan, f->items, f->n_items);
    plan_causes_from_fact(&plan, f->cause_review_ids, f->n_cause_review_ids);
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
    evolve_plan_follow_ups(state, fact->tenant, f->person_id, number, &plan);
    learning_mark_sharing(state, fact->tenant, f->person_id, f->template_id[0]);
    if (!f->template_id[0]) {
        learning_mark_mentee(state, fact->tenant, f->person_id);
        return;
    }
    learning_state_put_template_plan(state, fact->tenant, f->person_id, f->template_id,
                                     (template_plan){ .number = number, .linked = true });
    learning_count_initiative(state, fact->tenant, f->template_id, fact->decided_at_us);
}

void evolve_plan_revised(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanRevised *f = fact->body;
    uint32_t number = learning_plan_number(f->plan_id, f->person_id);
    plan_record plan, before;

    if (!number || !learning_state_get_plan(state, fact->tenant, f->person_id, number, &before))
        return; /* erased meanwhile */
    memcpy(&plan, &before, sizeof plan);
    px_record_set_text(plan.role_id, sizeof plan.role_id, f->role_id);
    plan.revision = f->revision;
    plan.optional_needed = (uint8_t)f->optional_needed;
    plan.kept_open = before.kept_open && f->n_added_item_ids == 0;
    plan.revised_at_us = fact->decided_at_us;
    plan.value = f->value;
    plan.hours = f->hours;
    plan.rule_version = f->rule_version;
    plan_items_from_fact(&plan, f->items, f->n_items);
    plan_causes_from_fact(&plan, f->cause_review_ids, f->n_cause_review_ids);
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
    drop_follow_ups(state, fact->tenant, f->person_id, number, &before, &plan, false);
    evolve_plan_follow_ups(state, fact->tenant, f->person_id, number, &plan);
    learning_mark_mentee(state, fact->tenant, f->person_id);
    learning_mark_sharing(state, fact->tenant, f->person_id, plan.template_id[0]);
    if (learning_plan_done(&plan)) /* what was still to do was dropped: the plan is to be ended */
        learning_mark_person(state, fact->tenant, f->person_id);
}

/* How the levels stood, for good. */
static void keep_snapshot(px_txn *state, const px_fact *fact, uint32_t number, plan_record *plan)
{
    const LearningRecommenderFact__PlanEnded *f = fact->body;
    plan_snapshot snapshot = { .completed_us = fact->decided_at_us };

    for (size_t i = 0; i < f->n_levels && i < PLAN_ITEMS_MAX; i++) {
        level_snapshot *level = &snapshot.levels[snapshot.count++];

        px_record_set_text(level->competency_id, PX_ID_SIZE, f->levels[i]->competency_id);
        level->mu = f->levels[i]->mu;
        level->variance = f->levels[i]->variance;
        level->target = f->levels[i]->target;
    }
    if (plan->completions < SNAPSHOTS_MAX)
        plan->completions++;
    learning_state_put_snapshot(state, fact->tenant, f->person_id, number,
                                (uint8_t)(plan->completions - 1), &snapshot);
}

static LearningRecommender__PlanState state_after(uint32_t reason)
{
    switch ((LearningRecommender__PlanEnd)reason) {
    case LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED:
        return LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE;
    case LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED:
    case LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT:
        return LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_SUPERSEDED;
    default:
        return LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_CANCELLED;
    }
}

/* What was completed is still followed up, unless the person is gone. */
static void end_plan(px_txn *state, const px_fact *fact, uint32_t number)
{
    const LearningRecommenderFact__PlanEnded *f = fact->body;
    bool gone = f->reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE;
    plan_record plan;

    if (!number || !learning_state_get_plan(state, fact->tenant, f->person_id, number, &plan))
        return; /* erased meanwhile */
    if (plan.template_id[0])
        learning_count_initiative(state, fact->tenant, plan.template_id, fact->decided_at_us);
    plan.ended = (uint8_t)f->reason;
    plan.state = (uint8_t)state_after(f->reason);
    plan.kept_open = false;
    if (f->reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED)
        keep_snapshot(state, fact, number, &plan);
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
    drop_follow_ups(state, fact->tenant, f->person_id, number, &plan, gone ? NULL : &plan, true);
}

void evolve_plan_ended(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanEnded *f = fact->body;
    learner_record learner = learning_state_get_learner(state, fact->tenant, f->person_id);
    bool by_somebody = f->actor_id[0] && px_people_is_known(state, fact->tenant, f->person_id);

    uint32_t number = learning_plan_number(f->plan_id, f->person_id);

    end_plan(state, fact, number);
    learning_mark_sharing(state, fact->tenant, f->person_id, number != learner.open_plan);
    if (number != learner.open_plan)
        return; /* of a template, or over before */
    learner.open_plan = 0;
    if (by_somebody) {
        learner.quiet_until_us = fact->decided_at_us + PLAN_DECLINED_US;
        px_due_set(state, KEY_QUIET, fact->tenant, px_text_bytes(f->person_id),
                   learner.quiet_until_us);
    }
    learning_state_put_learner(state, fact->tenant, f->person_id, &learner);
    /* Competency answers with a new level, or it has none to say: then the next plan comes anyway.
     */
    if (f->reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED && !by_somebody)
        px_due_set(state, KEY_PERSON, fact->tenant, px_text_bytes(f->person_id),
                   fact->decided_at_us + answer_wait_us);
}
