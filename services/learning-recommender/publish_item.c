/* publish_item.c: what people did with the items of their plans as public events. */
#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_plan.h"

void publish_item_accepted(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemAccepted *f = fact->body;
    LearningRecommender__ItemAccepted event = LEARNING_RECOMMENDER__ITEM_ACCEPTED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.actor_id = f->actor_id;
    event.accepted = f->accepted;
    px_out_event(out, "ItemAccepted", f->person_id, &event.base);
}

static void publish_added(const LearningRecommenderFact__ItemChosen *f, px_out *out)
{
    LearningRecommender__ItemAdded event = LEARNING_RECOMMENDER__ITEM_ADDED__INIT;

    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.actor_id = f->actor_id;
    px_out_event(out, "ItemAdded", f->person_id, &event.base);
}

static void publish_swapped(const LearningRecommenderFact__ItemChosen *f, px_out *out)
{
    LearningRecommender__ItemSwapped event = LEARNING_RECOMMENDER__ITEM_SWAPPED__INIT;

    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.instead_of_id = f->instead_of_id;
    event.plan_id = f->plan_id;
    event.actor_id = f->actor_id;
    px_out_event(out, "ItemSwapped", f->person_id, &event.base);
}

void publish_item_chosen(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemChosen *f = fact->body;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    if (f->instead_of_id[0])
        publish_swapped(f, out);
    else
        publish_added(f, out);
}

void publish_item_objected(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemObjected *f = fact->body;
    LearningRecommender__ItemObjected event = LEARNING_RECOMMENDER__ITEM_OBJECTED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.reason_code = f->reason_code;
    event.actor_id = f->actor_id;
    px_out_event(out, "ItemObjected", f->person_id, &event.base);
}

void publish_item_waived(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemWaived *f = fact->body;
    LearningRecommender__ItemWaived event = LEARNING_RECOMMENDER__ITEM_WAIVED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.competency_id = f->competency_id;
    event.level = f->mu;
    event.evidence_id = f->evidence_id;
    event.minutes_saved = f->minutes_saved;
    px_out_event(out, "ItemWaived", f->person_id, &event.base);
}

void publish_item_deferred(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemDeferred *f = fact->body;
    LearningRecommender__ItemDeferred event = LEARNING_RECOMMENDER__ITEM_DEFERRED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.until = px_codec_timestamp(f->until_us, px_out_arena(out));
    event.over_minutes = f->over_minutes;
    event.over_cost = f->over_cost;
    px_out_event(out, "ItemDeferred", f->person_id, &event.base);
}
