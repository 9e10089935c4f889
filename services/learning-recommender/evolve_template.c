/* evolve_template.c: own facts -> state: templates and their audiences. */
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_template.h"

void evolve_template_defined(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__TemplateDefined *f = fact->body;
    template_record record = { 0 };

    learning_state_get_template(state, fact->tenant, f->template_id, &record);
    record.version = f->version;
    record.optional_needed = (uint8_t)f->optional_needed;
    record.item_count = 0;
    for (size_t i = 0; i < f->n_items && i < PLAN_ITEMS_MAX; i++) {
        template_item *item = &record.items[record.item_count++];

        px_record_set_text(item->item_id, PX_ID_SIZE, f->items[i]->item_id);
        item->optional = f->items[i]->optional;
        item->due_days = f->items[i]->due_days;
    }
    learning_state_put_template(state, fact->tenant, f->template_id, &record);
    learning_mark_templates(state, fact->tenant);
}

void evolve_template_assigned(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__TemplateAssigned *f = fact->body;
    template_record record;

    if (!learning_state_get_template(state, fact->tenant, f->template_id, &record))
        return;
    record.audience = (uint8_t)f->audience;
    px_record_set_text(record.unit_id, PX_ID_SIZE, f->unit_id);
    px_record_set_text(record.role_id, PX_ID_SIZE, f->role_id);
    px_record_set_text(record.assigned_by, PX_ID_SIZE, f->actor_id);
    learning_state_put_template(state, fact->tenant, f->template_id, &record);
    learning_mark_templates(state, fact->tenant);
}

void evolve_template_skipped(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__TemplateSkipped *f = fact->body;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    template_plan plan =
        learning_state_get_template_plan(state, fact->tenant, f->person_id, f->template_id);
    plan.skipped = (uint8_t)f->reason;
    learning_count_initiative(state, fact->tenant, f->template_id, fact->decided_at_us);
    learning_state_put_template_plan(state, fact->tenant, f->person_id, f->template_id, plan);
}
