/* Tests of feedback-ingest: who is told what about a person and about feedback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/feedback-ingest/fixtures.h"

static const FeedbackIngest__GetPerson *get_person(spec *s, const char *viewer, const char *person)
{
    FeedbackIngest__GetPerson *q = (FeedbackIngest__GetPerson *)px_codec_new(
        &feedback_ingest__get_person__descriptor, spec_arena(s));

    q->viewer_id = px_arena_strdup(spec_arena(s), viewer);
    q->person_id = px_arena_strdup(spec_arena(s), person);
    return q;
}

static const FeedbackIngest__ListFeedback *list_feedback(spec *s, const char *viewer,
                                                         const char *about)
{
    FeedbackIngest__ListFeedback *q = (FeedbackIngest__ListFeedback *)px_codec_new(
        &feedback_ingest__list_feedback__descriptor, spec_arena(s));

    q->viewer_id = px_arena_strdup(spec_arena(s), viewer);
    q->about_id = px_arena_strdup(spec_arena(s), about);
    return q;
}

static void get_person__answers_person_manager_and_hr_partner(void **ctx)
{
    static const char *const viewers[] = { "ann", "boss", "hanna" };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(viewers); i++) {
        const FeedbackIngest__Person *p =
            then_answer(s, "GetPerson", get_person(s, viewers[i], "ann"));

        assert_string_equal(p->person_id, "ann");
        assert_string_equal(p->manager_id, "boss");
        assert_string_equal(p->unit_id, "sales");
        assert_true(p->active);
        assert_false(p->hr_partner);
        assert_true(p->as_of_seq > 0);
    }
}

static void get_person__shows_who_has_left_and_who_is_hr_partner(void **ctx)
{
    spec *s = *ctx;
    const FeedbackIngest__Person *lea = then_answer(s, "GetPerson", get_person(s, "hanna", "lea"));

    assert_false(lea->active);
    const FeedbackIngest__Person *hanna =
        then_answer(s, "GetPerson", get_person(s, "hanna", "hanna"));
    assert_true(hanna->hr_partner);
}

static void get_person__refuses_everybody_else(void **ctx)
{
    static const char *const viewers[] = { "bob", "cid", "lea", "nobody" };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(viewers); i++)
        then_refused(s, "GetPerson", get_person(s, viewers[i], "ann"), PX_REASON_FORBIDDEN);
    /* The manager's manager is not the manager. */
    then_refused(s, "GetPerson", get_person(s, "boss", "cid"), PX_REASON_FORBIDDEN);
}

static void get_person__refuses_who_is_unknown_or_erased(void **ctx)
{
    spec *s = *ctx;

    then_refused(s, "GetPerson", get_person(s, "hanna", "nobody"), PX_REASON_NOT_FOUND);
    given_done(s, erase_person(s, "ann"));
    then_refused(s, "GetPerson", get_person(s, "ann", "ann"), PX_REASON_NOT_FOUND);
}

static void get_person__hr_partner_who_left_sees_nobody(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *left = record_person(s, "hanna", "", "sales");

    left->record_person->hr_partner = true;
    left->record_person->active = false;
    given_done(s, left);
    then_refused(s, "GetPerson", get_person(s, "hanna", "ann"), PX_REASON_FORBIDDEN);
}

/* bob gives ann one item of each visibility: f1 person, f2 person and manager, f3 manager. */
static void given_feedback_of_each_visibility(spec *s)
{
    static const char *const ids[] = { "f1", "f2", "f3" };
    static const FeedbackIngest__FeedbackVisibility visibilities[] = {
        FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON,
        FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_PERSON_AND_MANAGER,
        FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_MANAGER,
    };

    for (size_t i = 0; i < PX_COUNT(ids); i++) {
        FeedbackIngest__Submission *sub = give_feedback(s, "bob", ids[i], "ann");

        sub->give_feedback->visibility = visibilities[i];
        spec_set_now(s, spec_now(s) + 1000);
        given_done(s, sub);
    }
}

static void list_feedback__shows_what_the_visibility_allows(void **ctx)
{
    static const struct {
        const char *viewer;
        const char *ids[4];
    } rows[] = {
        { "ann", { "f1", "f2" } },       { "boss", { "f2", "f3" } }, { "hanna", { "f2", "f3" } },
        { "bob", { "f1", "f2", "f3" } }, { "cid", { NULL } },
    };
    spec *s = *ctx;

    given_feedback_of_each_visibility(s);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        const FeedbackIngest__FeedbackList *list =
            then_answer(s, "ListFeedback", list_feedback(s, rows[i].viewer, "ann"));
        size_t n = 0;

        for (; rows[i].ids[n]; n++) {
            assert_true(n < list->n_items);
            assert_string_equal(list->items[n]->feedback_id, rows[i].ids[n]);
        }
        assert_int_equal(list->n_items, n);
        assert_true(list->as_of_seq > 0);
    }
}

static void list_feedback__opens_the_words(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    const FeedbackIngest__FeedbackList *list =
        then_answer(s, "ListFeedback", list_feedback(s, "ann", "ann"));
    assert_int_equal(list->n_items, 1);
    const FeedbackIngest__FeedbackItem *item = list->items[0];
    assert_string_equal(item->text, FEEDBACK_TEXT);
    assert_string_equal(item->giver_id, "boss");
    assert_int_equal(item->kind, FEEDBACK_INGEST__FEEDBACK_KIND__FEEDBACK_KIND_PRAISE);
    assert_int_equal(item->n_tags, 1);
    assert_string_equal(item->tags[0]->competency_id, "speaking");
    assert_int_equal(item->tags[0]->tone, FEEDBACK_INGEST__TAG_TONE__TAG_TONE_POSITIVE);
    assert_true(px_codec_time_us(item->occurred_at) == spec_now(s));
}

static void list_feedback__is_in_the_order_it_happened(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *earlier = give_feedback(s, "bob", "second-sent", "ann");

    given_done(s, give_feedback(s, "boss", "first-sent", "ann"));
    earlier->occurred_at = px_codec_timestamp(spec_now(s) - 86400000000, spec_arena(s));
    given_done(s, earlier);
    const FeedbackIngest__FeedbackList *list =
        then_answer(s, "ListFeedback", list_feedback(s, "ann", "ann"));
    assert_int_equal(list->n_items, 2);
    assert_string_equal(list->items[0]->feedback_id, "second-sent");
    assert_string_equal(list->items[1]->feedback_id, "first-sent");
}

/* Nobody's newest feedback is out of reach. */
static void list_feedback__goes_on_where_it_ended(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__ListFeedback q = *list_feedback(s, "ann", "ann");
    char id[16];

    for (int i = 0; i < 502; i++) {
        snprintf(id, sizeof id, "f%03d", i);
        given_done(s, give_feedback(s, "boss", id, "ann"));
    }
    const FeedbackIngest__FeedbackList *list = then_answer(s, "ListFeedback", &q);
    assert_int_equal(list->n_items, 500);
    assert_string_equal(list->items[499]->feedback_id, "f499");
    assert_true(list->more);
    q.after_feedback_id = list->items[499]->feedback_id;
    list = then_answer(s, "ListFeedback", &q);
    assert_int_equal(list->n_items, 2);
    assert_string_equal(list->items[0]->feedback_id, "f500");
    assert_false(list->more);
    q.after_feedback_id = "f501";
    list = then_answer(s, "ListFeedback", &q);
    assert_int_equal(list->n_items, 0);
}

/* A page ends by its words too, and goes on after feedback that was withdrawn meanwhile. */
static void list_feedback__page_ends_when_the_words_are_many(void **ctx)
{
    enum { ITEMS = 140, LONG = 4000 };
    spec *s = *ctx;
    FeedbackIngest__ListFeedback q = *list_feedback(s, "ann", "ann");
    char id[16], *words = px_arena_zalloc(spec_arena(s), LONG + 1);
    size_t seen = 0;
    bool more = true;

    memset(words, 'w', LONG);
    for (int i = 0; i < ITEMS; i++) {
        snprintf(id, sizeof id, "f%03d", i);
        FeedbackIngest__Submission *sub = give_feedback(s, "boss", id, "ann");

        sub->give_feedback->text->plain = words;
        given_done(s, sub);
    }
    for (int page = 0; more; page++) {
        const FeedbackIngest__FeedbackList *list = then_answer(s, "ListFeedback", &q);

        assert_true(list->n_items > 0);
        more = list->more;
        assert_true(page > 0 || (more && list->n_items < ITEMS));
        seen += list->n_items;
        q.after_feedback_id = list->items[list->n_items - 1]->feedback_id;
        if (page == 0)
            given_done(s, withdraw_feedback(s, "boss", q.after_feedback_id));
    }
    assert_int_equal(seen, ITEMS);
}

static void list_feedback__after_what_is_about_another_begins_anew(void **ctx)
{
    static const char *const after[] = { "of-bob", "never-given" };
    spec *s = *ctx;
    FeedbackIngest__ListFeedback q = *list_feedback(s, "ann", "ann");

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    given_done(s, give_feedback(s, "boss", "of-bob", "bob"));
    for (size_t i = 0; i < PX_COUNT(after); i++) {
        q.after_feedback_id = (char *)after[i];
        const FeedbackIngest__FeedbackList *list = then_answer(s, "ListFeedback", &q);

        assert_int_equal(list->n_items, 1);
        assert_string_equal(list->items[0]->feedback_id, "f1");
    }
}

static void list_feedback__hides_what_was_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    given_done(s, withdraw_feedback(s, "boss", "f1"));
    const FeedbackIngest__FeedbackList *list =
        then_answer(s, "ListFeedback", list_feedback(s, "boss", "ann"));
    assert_int_equal(list->n_items, 0);
}

static void list_feedback__hr_partner_reads_their_own_as_anybody(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub = give_feedback(s, "ann", "f1", "hanna");

    sub->give_feedback->visibility =
        FEEDBACK_INGEST__FEEDBACK_VISIBILITY__FEEDBACK_VISIBILITY_MANAGER;
    given_done(s, sub);
    const FeedbackIngest__FeedbackList *list =
        then_answer(s, "ListFeedback", list_feedback(s, "hanna", "hanna"));
    assert_int_equal(list->n_items, 0);
}

static void list_feedback__refuses_strangers_and_the_erased(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    then_refused(s, "ListFeedback", list_feedback(s, "nobody", "ann"), PX_REASON_FORBIDDEN);
    then_refused(s, "ListFeedback", list_feedback(s, "lea", "ann"), PX_REASON_FORBIDDEN);
    then_refused(s, "ListFeedback", list_feedback(s, "hanna", "nobody"), PX_REASON_NOT_FOUND);
    given_done(s, erase_person(s, "ann"));
    then_refused(s, "ListFeedback", list_feedback(s, "boss", "ann"), PX_REASON_NOT_FOUND);
}

static void list_feedback__starts_anew_after_an_erasure(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "ann"));
    given_done(s, erase_person(s, "ann"));
    given_done(s, record_person(s, "ann", "boss", "sales"));
    given_done(s, give_feedback(s, "boss", "f2", "ann"));
    const FeedbackIngest__FeedbackList *list =
        then_answer(s, "ListFeedback", list_feedback(s, "ann", "ann"));
    assert_int_equal(list->n_items, 1);
    assert_string_equal(list->items[0]->feedback_id, "f2");
    assert_string_equal(list->items[0]->text, FEEDBACK_TEXT);
}

#define ON_ORGANISATION(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, setup_organisation, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ORGANISATION(get_person__answers_person_manager_and_hr_partner),
        ON_ORGANISATION(get_person__shows_who_has_left_and_who_is_hr_partner),
        ON_ORGANISATION(get_person__refuses_everybody_else),
        ON_ORGANISATION(get_person__refuses_who_is_unknown_or_erased),
        ON_ORGANISATION(get_person__hr_partner_who_left_sees_nobody),
        ON_ORGANISATION(list_feedback__shows_what_the_visibility_allows),
        ON_ORGANISATION(list_feedback__opens_the_words),
        ON_ORGANISATION(list_feedback__is_in_the_order_it_happened),
        ON_ORGANISATION(list_feedback__goes_on_where_it_ended),
        ON_ORGANISATION(list_feedback__page_ends_when_the_words_are_many),
        ON_ORGANISATION(list_feedback__after_what_is_about_another_begins_anew),
        ON_ORGANISATION(list_feedback__hides_what_was_withdrawn),
        ON_ORGANISATION(list_feedback__hr_partner_reads_their_own_as_anybody),
        ON_ORGANISATION(list_feedback__refuses_strangers_and_the_erased),
        ON_ORGANISATION(list_feedback__starts_anew_after_an_erasure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
