/* Tests of feedback-ingest: feedback is given and taken back, and what leaves on the feed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/people.h"
#include "services/feedback-ingest/state.h"
#include "tests/services/feedback-ingest/fixtures.h"

static const FeedbackIngestFact__FeedbackGiven *then_given(spec *s)
{
    then_accepted(s);
    return then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN);
}

static void give_feedback__accepted(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub = give_feedback(s, "boss", "f1", "ann");

    add_tag(s, sub, "writing", FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEGATIVE);
    add_tag(s, sub, "listening", FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEUTRAL);
    when(s, sub);
    const FeedbackIngestFact__FeedbackGiven *f = then_given(s);
    assert_string_equal(f->feedback_id, "f1");
    assert_string_equal(f->giver_id, "boss");
    assert_string_equal(f->about_id, "ann");
    assert_int_equal(f->kind, FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_PRAISE);
    assert_int_equal(f->visibility, sub->give_feedback->visibility);
    assert_true(f->occurred_at_us == spec_now(s));
    assert_int_equal(f->n_tags, 3);
    assert_string_equal(f->tags[0]->competency_id, "speaking");
    assert_int_equal(f->tags[0]->tone, 1);
    assert_string_equal(f->tags[1]->competency_id, "writing");
    assert_int_equal(f->tags[1]->tone, -1);
    assert_string_equal(f->tags[2]->competency_id, "listening");
    assert_int_equal(f->tags[2]->tone, 0);
    then_no_more_facts(s);
}

static void give_feedback__words_are_sealed_in_the_fact(void **ctx)
{
    spec *s = *ctx;

    when(s, give_feedback(s, "boss", "f1", "ann"));
    const FeedbackIngestFact__FeedbackGiven *f = then_given(s);
    assert_true(f->sealed_text.len > strlen(FEEDBACK_TEXT));
    assert_null(memmem(f->sealed_text.data, f->sealed_text.len, "outage", strlen("outage")));
    assert_int_equal(records_that_say(spec_state(s), "outage"), 0);
}

static void give_feedback__names_the_relation_of_that_time(void **ctx)
{
    static const struct {
        const char *giver, *about;
        px_relation relation;
    } rows[] = {
        { "boss", "ann", PX_RELATION_MANAGER },
        { "ann", "boss", PX_RELATION_REPORT },
        { "bob", "ann", PX_RELATION_PEER },
        { "boss", "cid", PX_RELATION_PEER }, /* their manager's manager */
        { "hanna", "ann", PX_RELATION_PEER },
    };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        char id[8] = { 'f', (char)('0' + i), '\0' };

        when(s, give_feedback(s, rows[i].giver, id, rows[i].about));
        assert_int_equal(then_given(s)->relation, rows[i].relation);
    }
}

static void give_feedback__event_hides_words_giver_and_tones(void **ctx)
{
    spec *s = *ctx;

    when(s, give_feedback(s, "bob", "f1", "ann"));
    then_accepted(s);
    const FeedbackIngest__FeedbackGiven *event = then_event(s, "FeedbackGiven");
    assert_string_equal(event->feedback_id, "f1");
    assert_string_equal(event->about_id, "ann");
    assert_int_equal(event->kind, FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_PRAISE);
    assert_int_equal(event->n_competency_ids, 1);
    assert_string_equal(event->competency_ids[0], "speaking");
    assert_true(px_codec_time_us(event->occurred_at) == spec_now(s));
    assert_null(strstr(px_codec_to_json(&event->base, false, spec_arena(s)), "bob"));
    then_feed_never_says(s, "outage");
}

static void give_feedback__without_tags(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub = give_feedback(s, "boss", "f1", "ann");

    sub->give_feedback->n_tags = 0;
    when(s, sub);
    assert_int_equal(then_given(s)->n_tags, 0);
}

static void give_feedback__rejections_in_order(void **ctx)
{
    static const struct {
        const char *giver, *id, *about;
        px_reason reason;
        const char *field;
    } rows[] = {
        { "nobody", "taken", "nobody", PX_REASON_SELF_FEEDBACK, "about_id" },
        { "nobody", "taken", "unknown", PX_REASON_ACTOR_UNKNOWN, "actor" },
        { "lea", "taken", "unknown", PX_REASON_ACTOR_UNKNOWN, "actor" },
        { "ann", "taken", "unknown", PX_REASON_FEEDBACK_EXISTS, "feedback_id" },
        { "ann", "free", "unknown", PX_REASON_PERSON_UNKNOWN, "about_id" },
        { "ann", "free", "lea", PX_REASON_PERSON_INACTIVE, "about_id" },
    };
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "taken", "ann"));
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        when(s, give_feedback(s, rows[i].giver, rows[i].id, rows[i].about));
        then_rejected(s, rows[i].reason, rows[i].field);
    }
}

static void give_feedback__rejects_a_competency_tagged_twice(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub = give_feedback(s, "nobody", "f1", "ann");

    add_tag(s, sub, "writing", FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEUTRAL);
    add_tag(s, sub, "speaking", FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEGATIVE);
    when(s, sub); /* from nobody: this check comes before that of the actor */
    then_rejected(s, PX_REASON_RATING_TWICE, "tags[2].competency_id");
}

static void withdraw_feedback__accepted(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    when(s, withdraw_feedback(s, "boss", "f1"));
    then_accepted(s);
    const FeedbackIngestFact__FeedbackWithdrawn *f =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN);
    assert_string_equal(f->feedback_id, "f1");
    assert_string_equal(f->about_id, "ann");
    then_no_more_facts(s);
    const FeedbackIngest__FeedbackWithdrawn *event = then_event(s, "FeedbackWithdrawn");
    assert_string_equal(event->feedback_id, "f1");
    assert_string_equal(event->about_id, "ann");
}

static void withdraw_feedback__forgets_words_and_tags_but_not_the_id(void **ctx)
{
    spec *s = *ctx;
    feedback_record f;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    given_done(s, withdraw_feedback(s, "boss", "f1"));
    assert_true(ingest_state_get_feedback(spec_state(s), SPEC_TENANT, "f1", &f));
    assert_true(f.withdrawn);
    assert_int_equal(f.tag_count, 0);
    assert_int_equal(ingest_state_get_text(spec_state(s), SPEC_TENANT, "f1", spec_arena(s)).size,
                     0);
    when(s, give_feedback(s, "boss", "f1", "ann"));
    then_rejected(s, PX_REASON_FEEDBACK_EXISTS, "feedback_id");
}

static void withdraw_feedback__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    when(s, withdraw_feedback(s, "ann", "unknown"));
    then_rejected(s, PX_REASON_FEEDBACK_UNKNOWN, "feedback_id");
    given_done(s, withdraw_feedback(s, "boss", "f1"));
    when(s, withdraw_feedback(s, "ann", "f1"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, withdraw_feedback(s, "boss", "f1"));
    then_rejected(s, PX_REASON_ALREADY_WITHDRAWN, "feedback_id");
}

#define ON_ORGANISATION(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, setup_organisation, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ORGANISATION(give_feedback__accepted),
        ON_ORGANISATION(give_feedback__words_are_sealed_in_the_fact),
        ON_ORGANISATION(give_feedback__names_the_relation_of_that_time),
        ON_ORGANISATION(give_feedback__event_hides_words_giver_and_tones),
        ON_ORGANISATION(give_feedback__without_tags),
        ON_ORGANISATION(give_feedback__rejections_in_order),
        ON_ORGANISATION(give_feedback__rejects_a_competency_tagged_twice),
        ON_ORGANISATION(withdraw_feedback__accepted),
        ON_ORGANISATION(withdraw_feedback__forgets_words_and_tags_but_not_the_id),
        ON_ORGANISATION(withdraw_feedback__rejections_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
