/* evolve_move.c: own facts -> state: the policy, and plans that were moved. */
#include "common/agenda.h"
#include "common/record.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/evolve_plan.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_template.h"

static bool caps_are_same(const policy_record *a, const policy_record *b)
{
    return a->minutes_per_period == b->minutes_per_period &&
           a->cost_per_period == b->cost_per_period && a->period_days == b->period_days;
}

/* What was deferred may fit now. */
static void mark_everybody(px_txn *state, const char *tenant)
{
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id))
        learning_mark_person(state, tenant, person_id);
}

/* Who is reminded of an item depends on who must have agreed to it. */
static void put_dates_again(px_txn *state, const char *tenant)
{
    char person_id[PX_ID_SIZE] = "", template_id[PX_ID_SIZE];
    plan_record plan;
    uint32_t number;

    while (px_people_next(state, tenant, person_id)) {
        if (learning_state_get_open_plan(state, tenant, person_id, &number, &plan))
            learning_state_put_plan(state, tenant, person_id, number, &plan);
        template_id[0] = '\0';
        while (learning_state_next_template_plan(state, tenant, person_id, template_id, &number,
                                                 &plan))
            learning_state_put_plan(state, tenant, person_id, number, &plan);
    }
}

void evolve_plan_policy_set(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanPolicySet *f = fact->body;
    policy_record policy = { .version = f->version,
                             .review_needed = f->review_needed,
                             .consent = (uint8_t)f->consent,
                             .minutes_per_period = f->minutes_per_period,
                             .cost_per_period = f->cost_per_period,
                             .period_days = f->period_days };
    policy_record before = learning_state_get_policy(state, fact->tenant);

    learning_state_put_policy(state, fact->tenant, &policy);
    if (!caps_are_same(&policy, &before))
        mark_everybody(state, fact->tenant);
    if (policy.consent != before.consent)
        put_dates_again(state, fact->tenant);
}

/* What was to be done by a day that is over has no day any more. */
static void clear_past_dates(plan_record *plan, int64_t now_us)
{
    for (uint8_t i = 0; i < plan->item_count; i++) {
        plan_item *item = &plan->items[i];

        if (!learning_plan_item_done(item) && item->planned_completion_us < now_us)
            item->planned_completion_us = item->follow_up_at_us = 0;
    }
}

static void open_again(px_txn *state, const px_fact *fact, uint32_t number, plan_record *plan)
{
    const LearningRecommenderFact__PlanMoved *f = fact->body;
    learner_record learner = learning_state_get_learner(state, fact->tenant, f->person_id);

    if (!plan->template_id[0]) {
        learner.open_plan = number;
        learner.quiet_until_us = 0;
        learning_state_put_learner(state, fact->tenant, f->person_id, &learner);
        px_due_clear(state, KEY_QUIET, fact->tenant, px_text_bytes(f->person_id));
    }
    plan->ended = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_UNSPECIFIED;
    plan->kept_open = true;
    clear_past_dates(plan, fact->decided_at_us);
}

static void keep_reviewer(plan_record *plan, const LearningRecommenderFact__PlanMoved *f)
{
    bool waits = f->to == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW;
    bool is_looked_at = f->to == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_IN_REVIEW;

    if (!is_looked_at)
        px_record_set_text(plan->requester_id, PX_ID_SIZE, waits ? f->actor_id : "");
    px_record_set_text(plan->reviewer_id, PX_ID_SIZE, is_looked_at ? f->actor_id : "");
}

void evolve_plan_moved(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanMoved *f = fact->body;
    uint32_t number = learning_plan_number(f->plan_id, f->person_id);
    plan_record plan;

    if (!number || !learning_state_get_plan(state, fact->tenant, f->person_id, number, &plan))
        return; /* erased meanwhile */
    if (f->unlinked_template_id[0]) {
        learning_state_put_template_plan(state, fact->tenant, f->person_id, f->unlinked_template_id,
                                         (template_plan){ .number = number });
        learning_mark_person(state, fact->tenant, f->person_id);
        return;
    }
    if (f->from == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_COMPLETE)
        open_again(state, fact, number, &plan);
    plan.state = (uint8_t)f->to;
    keep_reviewer(&plan, f);
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
    evolve_plan_follow_ups(state, fact->tenant, f->person_id, number, &plan);
    learning_mark_person(state, fact->tenant, f->person_id);
}
