/* publish_template.c: templates as public events. */
#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/service.h"

void publish_template_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__TemplateDefined *f = fact->body;
    LearningRecommender__TemplateDefined event = LEARNING_RECOMMENDER__TEMPLATE_DEFINED__INIT;
    px_arena *arena = px_out_arena(out);

    (void)state;
    event.template_id = f->template_id;
    event.title = f->title;
    event.optional_needed = f->optional_needed;
    event.version = f->version;
    event.items = px_arena_alloc(arena, f->n_items * sizeof *event.items);
    for (size_t i = 0; event.items && i < f->n_items; i++) {
        LearningRecommender__TemplateItem *item =
            (void *)px_codec_new(&learning_recommender__template_item__descriptor, arena);

        if (!item)
            return; /* the full arena sticks */
        item->item_id = f->items[i]->item_id;
        item->optional = f->items[i]->optional;
        item->due_days = f->items[i]->due_days;
        event.items[event.n_items++] = item;
    }
    px_out_event(out, "TemplateDefined", f->template_id, &event.base);
}

void publish_template_assigned(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__TemplateAssigned *f = fact->body;
    LearningRecommender__TemplateAssigned event = LEARNING_RECOMMENDER__TEMPLATE_ASSIGNED__INIT;

    (void)state;
    if (f->audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS)
        return;
    event.template_id = f->template_id;
    event.audience = (LearningRecommender__AudienceKind)f->audience;
    event.unit_id = f->unit_id;
    event.role_id = f->role_id;
    event.actor_id = f->actor_id;
    px_out_event(out, "TemplateAssigned", f->template_id, &event.base);
}

void publish_template_skipped(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__TemplateSkipped *f = fact->body;
    LearningRecommender__TemplateSkipped event = LEARNING_RECOMMENDER__TEMPLATE_SKIPPED__INIT;

    (void)state;
    if (f->confidential)
        return;
    event.template_id = f->template_id;
    event.person_id = f->person_id;
    event.reason = (LearningRecommender__SkipReason)f->reason;
    px_out_event(out, "TemplateSkipped", f->person_id, &event.base);
}
