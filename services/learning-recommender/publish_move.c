/* publish_move.c: the policy and moves of plans as public events. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_plan.h"

void publish_plan_policy_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanPolicySet *f = fact->body;
    LearningRecommender__PlanPolicySet event = LEARNING_RECOMMENDER__PLAN_POLICY_SET__INIT;

    (void)state;
    event.version = f->version;
    event.review_needed = f->review_needed;
    event.consent = (LearningRecommender__PlanConsent)f->consent;
    event.minutes_per_period = f->minutes_per_period;
    event.cost_per_period = f->cost_per_period;
    event.period_days = f->period_days;
    px_out_event(out, "PlanPolicySet", fact->tenant, &event.base);
}

static void publish_unlinked(const LearningRecommenderFact__PlanMoved *f, px_out *out)
{
    LearningRecommender__PlanUnlinked event = LEARNING_RECOMMENDER__PLAN_UNLINKED__INIT;

    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.template_id = f->unlinked_template_id;
    event.actor_id = f->actor_id;
    px_out_event(out, "PlanUnlinked", f->person_id, &event.base);
}

void publish_plan_moved(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanMoved *f = fact->body;
    LearningRecommender__PlanMoved event = LEARNING_RECOMMENDER__PLAN_MOVED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    if (f->unlinked_template_id[0]) {
        publish_unlinked(f, out);
        return;
    }
    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.from = (LearningRecommender__PlanState)f->from;
    event.to = (LearningRecommender__PlanState)f->to;
    event.actor_id = f->actor_id;
    px_out_event(out, "PlanMoved", f->person_id, &event.base);
}
