/* publish.c: own facts -> public events. Feedback leaves without its words, its giver and its
 * tones. */
#include "common/codec.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/v1/event.pb-c.h"
#include "services/feedback-ingest/service.h"

void publish_person_recorded(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;
    FeedbackIngest__PersonRecorded event = FEEDBACK_INGEST__PERSON_RECORDED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.manager_id = f->manager_id;
    event.unit_id = f->unit_id;
    event.active = f->active;
    px_out_event(out, "PersonRecorded", f->person_id, &event.base);
}

void publish_unit_recorded(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__UnitRecorded *f = fact->body;
    FeedbackIngest__UnitRecorded event = FEEDBACK_INGEST__UNIT_RECORDED__INIT;

    (void)state;
    event.unit_id = f->unit_id;
    event.parent_unit_id = f->parent_unit_id;
    event.label = f->label;
    px_out_event(out, "UnitRecorded", f->unit_id, &event.base);
}

void publish_feedback_given(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__FeedbackGiven *f = fact->body;
    FeedbackIngest__FeedbackGiven event = FEEDBACK_INGEST__FEEDBACK_GIVEN__INIT;
    px_arena *arena = px_out_arena(out);
    char **competency_ids = px_arena_alloc(arena, f->n_tags * sizeof *competency_ids);

    (void)state;
    event.feedback_id = f->feedback_id;
    event.about_id = f->about_id;
    event.kind = (FeedbackIngest__FeedbackKind)f->kind;
    for (size_t i = 0; competency_ids && i < f->n_tags; i++)
        competency_ids[i] = f->tags[i]->competency_id;
    event.competency_ids = competency_ids;
    event.n_competency_ids = competency_ids ? f->n_tags : 0;
    event.occurred_at = px_codec_timestamp(f->occurred_at_us, arena);
    px_out_event_unattributed(out, "FeedbackGiven", f->about_id, &event.base);
}

void publish_feedback_withdrawn(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__FeedbackWithdrawn *f = fact->body;
    FeedbackIngest__FeedbackWithdrawn event = FEEDBACK_INGEST__FEEDBACK_WITHDRAWN__INIT;

    (void)state;
    event.feedback_id = f->feedback_id;
    event.about_id = f->about_id;
    px_out_event_unattributed(out, "FeedbackWithdrawn", f->about_id, &event.base);
}

void publish_person_erased(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;
    FeedbackIngest__PersonErased event = FEEDBACK_INGEST__PERSON_ERASED__INIT;

    (void)state;
    event.person_id = f->person_id;
    px_out_event(out, "PersonErased", f->person_id, &event.base);
}

void effect_key_of_erased_person(const px_view *state, const px_fact *fact, px_out *out)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;

    (void)state;
    px_out_destroy_key(out, f->person_id, f->key_generation);
}
