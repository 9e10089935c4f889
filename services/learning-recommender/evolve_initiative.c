/* evolve_initiative.c: own facts -> state: initiatives, kept as templates. */
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_template.h"

void evolve_initiative_declared(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__InitiativeDeclared *f = fact->body;
    template_record record = { .version = 1 };
    initiative_part *initiative = &record.initiative;

    record.audience = (uint8_t)f->audience;
    px_record_set_text(record.unit_id, PX_ID_SIZE, f->unit_id);
    px_record_set_text(record.role_id, PX_ID_SIZE, f->role_id);
    px_record_set_text(record.assigned_by, PX_ID_SIZE, f->actor_id);
    for (size_t i = 0; i < f->n_competencies && i < INITIATIVE_COMPETENCIES_MAX; i++) {
        initiative_competency *asked = &initiative->competencies[initiative->count++];

        px_record_set_text(asked->competency_id, PX_ID_SIZE, f->competencies[i]->competency_id);
        asked->level = f->competencies[i]->level;
    }
    initiative->until_us = f->until_us;
    learning_state_put_template(state, fact->tenant, f->initiative_id, &record);
    learning_mark_templates(state, fact->tenant);
    learning_count_initiative(state, fact->tenant, f->initiative_id, fact->decided_at_us);
}

void evolve_initiative_ended(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__InitiativeEnded *f = fact->body;
    template_record record;

    if (!learning_state_get_template(state, fact->tenant, f->initiative_id, &record))
        return;
    record.initiative.ended = true;
    px_record_set_text(record.assigned_by, PX_ID_SIZE, f->actor_id); /* who takes the plans back */
    learning_state_put_template(state, fact->tenant, f->initiative_id, &record);
    learning_mark_templates(state, fact->tenant);
}

void evolve_initiative_progress(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__InitiativeProgress *f = fact->body;
    template_record record;

    if (!learning_state_get_template(state, fact->tenant, f->initiative_id, &record))
        return;
    record.initiative.said = (initiative_figures){
        .have = f->have, .in_plan = f->in_plan, .refused = f->refused, .people = f->people
    };
    learning_state_put_template(state, fact->tenant, f->initiative_id, &record);
}
