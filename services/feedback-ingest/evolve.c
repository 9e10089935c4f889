/* evolve.c: own facts -> state. People are common/people's; everything here only adds to that. */
#include "common/record.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/feedback-ingest/service.h"
#include "services/feedback-ingest/state.h"

void evolve_unit_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__UnitRecorded *f = fact->body;

    ingest_state_put_unit(state, fact->tenant, f->unit_id, f->parent_unit_id);
}

void evolve_feedback_given(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__FeedbackGiven *f = fact->body;
    feedback_record feedback = { .kind = (uint8_t)f->kind,
                                 .visibility = (uint8_t)f->visibility,
                                 .occurred_at_us = f->occurred_at_us,
                                 .tag_count = (uint8_t)f->n_tags };

    PX_ASSERT(f->n_tags <= FEEDBACK_TAGS_MAX);
    px_record_set_text(feedback.giver_id, PX_ID_SIZE, f->giver_id);
    px_record_set_text(feedback.about_id, PX_ID_SIZE, f->about_id);
    for (size_t i = 0; i < f->n_tags; i++) {
        px_record_set_text(feedback.tags[i].competency_id, PX_ID_SIZE, f->tags[i]->competency_id);
        feedback.tags[i].tone = f->tags[i]->tone;
    }
    ingest_state_add_feedback(state, fact->tenant, f->feedback_id, &feedback,
                              (px_bytes){ f->sealed_text.data, f->sealed_text.len });
}

void evolve_feedback_withdrawn(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__FeedbackWithdrawn *f = fact->body;

    ingest_state_withdraw_feedback(state, fact->tenant, f->feedback_id);
}

void evolve_person_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    ingest_state_drop_feedback_about(state, fact->tenant, f->person_id);
    px_people_project_erased(state, fact);
}
