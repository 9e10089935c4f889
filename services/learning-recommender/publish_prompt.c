/* publish_prompt.c: what is due, and answers to prompts, as public events. */
#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_plan.h"

static void publish_overdue(const LearningRecommenderFact__ItemDue *f, px_out *out)
{
    LearningRecommender__ItemOverdue event = LEARNING_RECOMMENDER__ITEM_OVERDUE__INIT;

    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.due_at = px_codec_timestamp(f->due_at_us, px_out_arena(out));
    px_out_event(out, "ItemOverdue", f->person_id, &event.base);
}

void publish_item_due(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemDue *f = fact->body;
    LearningRecommender__ItemDue event = LEARNING_RECOMMENDER__ITEM_DUE__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    if (f->overdue) {
        publish_overdue(f, out);
        return;
    }
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = f->plan_id;
    event.due_at = px_codec_timestamp(f->due_at_us, px_out_arena(out));
    px_out_event(out, "ItemDue", f->person_id, &event.base);
}

void publish_prompt_due(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PromptDue *f = fact->body;
    LearningRecommender__PromptDue event = LEARNING_RECOMMENDER__PROMPT_DUE__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.number = f->number;
    event.of = f->of;
    event.due_at = px_codec_timestamp(f->due_at_us, px_out_arena(out));
    px_out_event(out, "PromptDue", f->person_id, &event.base);
}

void publish_prompt_answered(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PromptAnswered *f = fact->body;
    LearningRecommender__PromptAnswered event = LEARNING_RECOMMENDER__PROMPT_ANSWERED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.number = f->number;
    event.of = f->of;
    event.answered_at = px_codec_timestamp(f->occurred_at_us, px_out_arena(out));
    px_out_event(out, "PromptAnswered", f->person_id, &event.base);
}
