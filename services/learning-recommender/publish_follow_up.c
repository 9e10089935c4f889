/* publish_follow_up.c: follow-ups -> public events. Levels are as competency has published them;
 * reviews are those of the manager and the person, as in a plan. */
#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"

void publish_follow_up_due(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__FollowUpDue *f = fact->body;
    LearningRecommender__FollowUpDue event = LEARNING_RECOMMENDER__FOLLOW_UP_DUE__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.plan_id = f->plan_id;
    event.competency_id = f->competency_id;
    event.rater_ids = f->rater_ids;
    event.n_rater_ids = f->n_rater_ids;
    event.due_at = px_codec_timestamp(f->due_at_us, px_out_arena(out));
    px_out_event(out, "FollowUpDue", f->person_id, &event.base);
}

void publish_follow_up_overdue(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__FollowUpOverdue *f = fact->body;
    LearningRecommender__FollowUpOverdue event = LEARNING_RECOMMENDER__FOLLOW_UP_OVERDUE__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.plan_id = f->plan_id;
    event.competency_id = f->competency_id;
    event.rater_ids = f->rater_ids;
    event.n_rater_ids = f->n_rater_ids;
    event.due_at = px_codec_timestamp(f->due_at_us, px_out_arena(out));
    px_out_event(out, "FollowUpOverdue", f->person_id, &event.base);
}

void publish_follow_up_recorded(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__FollowUpRecorded *f = fact->body;
    LearningRecommender__FollowUpRecorded event = LEARNING_RECOMMENDER__FOLLOW_UP_RECORDED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.plan_id = f->plan_id;
    event.competency_id = f->competency_id;
    event.before = f->before;
    event.after = f->after;
    event.target = f->target;
    event.at_level = f->at_level;
    event.review_ids = f->review_ids;
    event.n_review_ids = f->n_review_ids;
    event.item_ids = f->item_ids;
    event.n_item_ids = f->n_item_ids;
    px_out_event(out, "FollowUpRecorded", f->person_id, &event.base);
}

void publish_plan_relabelled(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanRelabelled *f = fact->body;
    LearningRecommender__PlanRelabelled event = LEARNING_RECOMMENDER__PLAN_RELABELLED__INIT;

    (void)state;
    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.voluntary = f->voluntary;
    px_out_event(out, "PlanRelabelled", f->person_id, &event.base);
}
