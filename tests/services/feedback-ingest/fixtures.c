#include "tests/services/feedback-ingest/fixtures.h"

#include <string.h>

#include "common/codec.h"
#include "common/keys.h"
#include "services/feedback-ingest/service.h"

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *body(spec *s, FeedbackIngest__Submission **sub, unsigned type)
{
    *sub = (FeedbackIngest__Submission *)px_codec_new(&feedback_ingest__submission__descriptor,
                                                      spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

FeedbackIngest__Submission *record_person(spec *s, const char *person_id, const char *manager_id,
                                          const char *unit_id)
{
    FeedbackIngest__Submission *sub;
    FeedbackIngest__RecordPerson *b =
        body(s, &sub, FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_PERSON);

    b->person_id = text(s, person_id);
    b->manager_id = text(s, manager_id);
    b->unit_id = text(s, unit_id);
    b->active = true;
    return sub;
}

FeedbackIngest__Submission *record_unit(spec *s, const char *unit_id, const char *parent_unit_id)
{
    FeedbackIngest__Submission *sub;
    FeedbackIngest__RecordUnit *b = body(s, &sub, FEEDBACK_INGEST__SUBMISSION__BODY_RECORD_UNIT);

    b->unit_id = text(s, unit_id);
    b->parent_unit_id = text(s, parent_unit_id);
    b->label = text(s, "Sales and Service");
    return sub;
}

FeedbackIngest__Submission *give_feedback(spec *s, const char *giver_id, const char *feedback_id,
                                          const char *about_id)
{
    FeedbackIngest__Submission *sub;
    FeedbackIngest__GiveFeedback *b =
        body(s, &sub, FEEDBACK_INGEST__SUBMISSION__BODY_GIVE_FEEDBACK);

    sub->actor = text(s, giver_id);
    b->feedback_id = text(s, feedback_id);
    b->about_id = text(s, about_id);
    b->kind = FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_PRAISE;
    b->visibility = FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON_AND_MANAGER;
    b->text =
        (Praxis__PersonalText *)px_codec_new(&praxis__personal_text__descriptor, spec_arena(s));
    b->text->plain = text(s, FEEDBACK_TEXT);
    add_tag(s, sub, "speaking", FEEDBACK_INGEST__TAG_TONE__TAG_TONE_POSITIVE);
    return sub;
}

void add_tag(spec *s, FeedbackIngest__Submission *sub, const char *competency_id,
             FeedbackIngest__TagTone tone)
{
    enum { TAGS_MAX = 17 }; /* one more than allowed */
    FeedbackIngest__GiveFeedback *b = sub->give_feedback;

    if (!b->tags)
        b->tags = px_arena_zalloc(spec_arena(s), TAGS_MAX * sizeof *b->tags);
    PX_ASSERT(b->n_tags < TAGS_MAX);
    FeedbackIngest__CompetencyTag *tag = (FeedbackIngest__CompetencyTag *)px_codec_new(
        &feedback_ingest__competency_tag__descriptor, spec_arena(s));
    tag->competency_id = text(s, competency_id);
    tag->tone = tone;
    b->tags[b->n_tags++] = tag;
}

FeedbackIngest__Submission *withdraw_feedback(spec *s, const char *actor, const char *feedback_id)
{
    FeedbackIngest__Submission *sub;
    FeedbackIngest__WithdrawFeedback *b =
        body(s, &sub, FEEDBACK_INGEST__SUBMISSION__BODY_WITHDRAW_FEEDBACK);

    sub->actor = text(s, actor);
    b->feedback_id = text(s, feedback_id);
    return sub;
}

FeedbackIngest__Submission *erase_person(spec *s, const char *person_id)
{
    FeedbackIngest__Submission *sub;
    FeedbackIngest__ErasePerson *b = body(s, &sub, FEEDBACK_INGEST__SUBMISSION__BODY_ERASE_PERSON);

    b->person_id = text(s, person_id);
    return sub;
}

void given_done(spec *s, FeedbackIngest__Submission *sub)
{
    when(s, sub);
    then_accepted(s);
}

void given_organisation(spec *s)
{
    FeedbackIngest__Submission *hanna = record_person(s, "hanna", "", "sales");
    FeedbackIngest__Submission *lea = record_person(s, "lea", "boss", "sales");

    hanna->record_person->hr_partner = true;
    lea->record_person->active = false;
    given_done(s, record_unit(s, "sales", ""));
    given_done(s, record_person(s, "boss", "", "sales"));
    given_done(s, record_person(s, "ann", "boss", "sales"));
    given_done(s, record_person(s, "bob", "boss", "sales"));
    given_done(s, record_person(s, "cid", "ann", "sales"));
    given_done(s, hanna);
    given_done(s, lea);
}

int setup_organisation(void **state)
{
    int failed = spec_setup_with(state, &px_feedback_ingest_service);

    if (!failed)
        given_organisation(*state);
    return failed;
}

static bool says(px_bytes bytes, const char *said)
{
    return bytes.size && memmem(bytes.data, bytes.size, said, strlen(said));
}

size_t records_that_say(const px_view *state, const char *said)
{
    px_bytes key, value;
    size_t found = 0;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ "", 0 });
    while (px_scan_next(&scan, &key, &value)) {
        bool own = *(const unsigned char *)key.data >= PX_FIRST_SERVICE_TABLE;

        found += own && (says(key, said) || says(value, said));
    }
    px_scan_end(&scan);
    return found;
}
