/* evolve_score.c: own facts about templates and scores -> state. */
#include "common/record.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

void evolve_template_defined(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__TemplateDefined *f = fact->body;
    template_record record = { .columns = (uint8_t)f->columns,
                               .rows = (uint8_t)f->rows,
                               .criterion_count = (uint8_t)f->n_criteria };
    template_ref ref = { .version = f->version };

    PX_ASSERT(f->n_criteria <= REVIEW_CRITERIA_MAX);
    px_record_set_text(ref.role_id, sizeof ref.role_id, f->role_id);
    for (size_t i = 0; i < f->n_criteria; i++) {
        template_criterion *c = &record.criteria[i];

        px_record_set_text(c->criterion_id, PX_ID_SIZE, f->criteria[i]->criterion_id);
        px_record_set_text(c->competency_id, PX_ID_SIZE, f->criteria[i]->competency_id);
        c->facet = (uint8_t)f->criteria[i]->facet;
        c->weight = f->criteria[i]->weight_hundredths;
    }
    review_state_put_template(state, fact->tenant, &ref, &record);
}

/* A person may have been erased between a decision and its batch: nothing may come back then. */
void evolve_score_computed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ScoreComputed *f = fact->body;
    scored_record scored;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    review_state_get_person_scored(state, fact->tenant, f->cycle_id, f->person_id, &scored);
    px_record_set_text(scored.review_id, sizeof scored.review_id, f->review_id);
    px_record_set_text(scored.used.role_id, sizeof scored.used.role_id, f->template_role_id);
    scored.used.version = f->template_version;
    scored.what = (score){ f->what_known, f->what_hundredths };
    scored.how = (score){ f->how_known, f->how_hundredths };
    review_state_put_scored(state, fact->tenant, f->cycle_id, f->person_id, &scored);
}

void evolve_matrix_placed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__MatrixPlaced *f = fact->body;
    scored_record scored;

    if (!review_state_get_person_scored(state, fact->tenant, f->cycle_id, f->person_id, &scored))
        return;
    scored.column = (uint8_t)f->column;
    scored.row = (uint8_t)f->row;
    scored.columns = (uint8_t)f->columns;
    scored.rows = (uint8_t)f->rows;
    review_state_put_scored(state, fact->tenant, f->cycle_id, f->person_id, &scored);
}
