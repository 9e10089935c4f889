/* Tests of review-cycle: who is shown a review, and what is left of the erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/people.h"
#include "common/service_impl.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state.h"
#include "tests/services/review-cycle/fixtures.h"

/* ---- asking ---- */

static void get_review__opens_ratings_and_comment(void **ctx)
{
    spec *s = *ctx;

    given_done(s, full_review(s, "boss", "r1", "ann", MANAGER));
    const ReviewCycle__Review *r = then_answer(s, "GetReview", get_review(s, "boss", "r1"));
    assert_string_equal(r->review_id, "r1");
    assert_string_equal(r->cycle_id, "q1");
    assert_string_equal(r->subject_id, "ann");
    assert_string_equal(r->rater_id, "boss");
    assert_int_equal(r->relation, MANAGER);
    assert_int_equal(r->what->value, 4);
    assert_int_equal(r->how->value, 2);
    assert_int_equal(r->n_ratings, 2);
    assert_string_equal(r->ratings[0]->competency_id, "speaking");
    assert_int_equal(r->ratings[0]->value, 5);
    assert_true(r->ratings[1]->not_applicable);
    assert_string_equal(r->comment, COMMENT_TEXT);
    assert_true(px_codec_time_us(r->occurred_at) == spec_now(s));
    assert_false(r->withdrawn);
    assert_true(r->as_of_seq > 0);
}

static void get_review__is_shown_by_relation_viewer_and_phase(void **ctx)
{
    /* The reviews are named by their relation: of ann, by herself, boss, bob and cid. */
    static const struct {
        const char *viewer, *review;
        bool while_writing, once_shared;
    } rows[] = {
        { "ann", "self", true, true },       { "boss", "self", true, true },
        { "hanna", "self", true, true },     { "bob", "self", false, false },
        { "ann", "manager", false, true },   { "boss", "manager", true, true },
        { "hanna", "manager", true, true },  { "bob", "manager", false, false },
        { "ann", "peer", false, false },     { "boss", "peer", false, false },
        { "hanna", "peer", false, false },   { "bob", "peer", true, true },
        { "ann", "report", false, false },   { "boss", "report", false, false },
        { "hanna", "report", false, false }, { "cid", "report", true, true },
        { "nobody", "self", false, false },  { "lea", "manager", false, false },
    };
    spec *s = *ctx;

    given_done(s, submit_review(s, "ann", "self", "ann", SELF));
    given_done(s, submit_review(s, "boss", "manager", "ann", MANAGER));
    given_done(s, submit_review(s, "bob", "peer", "ann", PEER));
    given_done(s, submit_review(s, "cid", "report", "ann", REPORT));
    for (int shared = 0; shared <= 1; shared++) {
        for (size_t i = 0; i < PX_COUNT(rows); i++) {
            const ReviewCycle__GetReview *q = get_review(s, rows[i].viewer, rows[i].review);

            if (shared ? rows[i].once_shared : rows[i].while_writing)
                then_answer(s, "GetReview", q);
            else
                then_refused(s, "GetReview", q, PX_REASON_FORBIDDEN);
        }
        if (!shared)
            given_moved(s, SHARING);
    }
}

static void get_review__hr_partner_waits_for_their_own_like_anybody(void **ctx)
{
    spec *s = *ctx;

    given_hr_partner(s, "hanna", "boss");
    given_done(s, submit_review(s, "boss", "r1", "hanna", MANAGER));
    then_refused(s, "GetReview", get_review(s, "hanna", "r1"), PX_REASON_FORBIDDEN);
}

static void get_review__of_a_withdrawn_one_only_that_there_was_one(void **ctx)
{
    spec *s = *ctx;

    given_done(s, full_review(s, "boss", "r1", "ann", MANAGER));
    given_done(s, withdraw_review(s, "boss", "r1"));
    const ReviewCycle__Review *r = then_answer(s, "GetReview", get_review(s, "boss", "r1"));
    assert_true(r->withdrawn);
    assert_null(r->what);
    assert_null(r->how);
    assert_int_equal(r->n_ratings, 0);
    assert_string_equal(r->comment, "");
}

static void get_review__without_comment(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = full_review(s, "boss", "r1", "ann", MANAGER);

    sub->submit_review->comment = NULL;
    given_done(s, sub);
    const ReviewCycle__Review *r = then_answer(s, "GetReview", get_review(s, "boss", "r1"));
    assert_string_equal(r->comment, "");
}

static void get_review__refuses_an_unknown_one(void **ctx)
{
    spec *s = *ctx;

    then_refused(s, "GetReview", get_review(s, "boss", "r9"), PX_REASON_NOT_FOUND);
}

/* ---- erasure ---- */

static void person_erased__leaves_only_a_tombstone(void **ctx)
{
    spec *s = *ctx;

    given_done(s, full_review(s, "bob", "r1", "bob", SELF));
    given_done(s, full_review(s, "boss", "r2", "bob", MANAGER));
    given_done(s, full_review(s, "ann", "r3", "bob", PEER));
    given_done(s, withdraw_review(s, "ann", "r3"));
    given_person_erased(s, "bob");
    assert_int_equal(records_that_say(spec_state(s), "bob"), 1);
    assert_int_equal(px_people_last_generation(spec_state(s), SPEC_TENANT, "bob"), 1);
    then_refused(s, "GetReview", get_review(s, "boss", "r2"), PX_REASON_NOT_FOUND);
    when(s, withdraw_review(s, "boss", "r2"));
    then_rejected(s, PX_REASON_REVIEW_UNKNOWN, "review_id");
}

static void person_erased__keeps_what_they_said_of_others(void **ctx)
{
    spec *s = *ctx;
    review_record review;

    given_done(s, full_review(s, "bob", "r1", "ann", PEER));
    given_person_erased(s, "bob");
    assert_true(review_state_get_review(spec_state(s), SPEC_TENANT, "r1", &review));
    assert_string_equal(review.rater_id, "bob");
    assert_int_equal(review.rating_count, 4);
}

static void person_erased__recorded_again_starts_anew(void **ctx)
{
    spec *s = *ctx;

    given_done(s, submit_review(s, "boss", "r1", "ann", MANAGER));
    given_person_erased(s, "ann");
    when(s, submit_review(s, "boss", "r2", "ann", MANAGER));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "subject_id");
    given_person(s, "ann", "boss");
    given_done(s, submit_review(s, "boss", "r2", "ann", MANAGER));
    const ReviewCycle__Review *r = then_answer(s, "GetReview", get_review(s, "boss", "r2"));
    assert_string_equal(r->comment, COMMENT_TEXT);
}

/* Decided before the erasure, in the log after it: nothing of the person comes back. */
static void person_erased__reviews_on_their_way_leave_nothing_and_stay_inside(void **ctx)
{
    ReviewCycleFact__ReviewSubmitted review = REVIEW_CYCLE_FACT__REVIEW_SUBMITTED__INIT;
    ReviewCycleFact__ReviewWithdrawn withdrawn = REVIEW_CYCLE_FACT__REVIEW_WITHDRAWN__INIT;
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    spec *s = *ctx;

    given_person_erased(s, "bob");
    review.review_id = withdrawn.review_id = "r9";
    review.cycle_id = withdrawn.cycle_id = "q1";
    review.subject_id = withdrawn.subject_id = "bob";
    review.rater_id = withdrawn.rater_id = "boss";
    review.relation = withdrawn.relation = MANAGER;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED;
    fact.review_submitted = &review;
    given(s, "review-cycle", &fact);
    then_no_event(s, "ReviewSubmitted");
    then_refused(s, "GetReview", get_review(s, "boss", "r9"), PX_REASON_NOT_FOUND);
    assert_int_equal(cycle_now(s)->manager_reviews, 0);
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN;
    fact.review_withdrawn = &withdrawn;
    given(s, "review-cycle", &fact);
    then_no_event(s, "ReviewWithdrawn");
    assert_int_equal(records_that_say(spec_state(s), "bob"), 1);
}

static void person_erased__is_not_named_as_a_rater_any_more(void **ctx)
{
    ReviewCycleFact__ReviewSubmitted review = REVIEW_CYCLE_FACT__REVIEW_SUBMITTED__INIT;
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    spec *s = *ctx;

    given_person_erased(s, "boss");
    review.review_id = "r9";
    review.cycle_id = "q1";
    review.subject_id = "bob";
    review.rater_id = "boss";
    review.relation = MANAGER;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED;
    fact.review_submitted = &review;
    given(s, "review-cycle", &fact);
    const ReviewCycle__ReviewSubmitted *event = then_event(s, "ReviewSubmitted");
    assert_string_equal(event->review_id, "r9");
    assert_string_equal(event->rater_id, "");
}

typedef struct {
    const char *person_id;
    uint32_t generation;
} destroyed_key;

static void note_destroyed(void *context, const char *person_id, uint32_t generation)
{
    *(destroyed_key *)context = (destroyed_key){ person_id, generation };
}

static void person_erased__has_the_key_of_comments_destroyed(void **ctx)
{
    FeedbackIngestFact__PersonErased erased = FEEDBACK_INGEST_FACT__PERSON_ERASED__INIT;
    px_fact fact = { .body = &erased };
    destroyed_key key = { 0 };
    px_out out = { .destroy_key = note_destroyed, .context = &key };
    (void)ctx;

    erased.person_id = "ann";
    erased.key_generation = 3;
    effect_comment_key_of_erased_person(NULL, &fact, &out);
    assert_string_equal(key.person_id, "ann");
    assert_int_equal(key.generation, 3);
}

#define WHILE_WRITING(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, setup_writing, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WHILE_WRITING(get_review__opens_ratings_and_comment),
        WHILE_WRITING(get_review__is_shown_by_relation_viewer_and_phase),
        WHILE_WRITING(get_review__hr_partner_waits_for_their_own_like_anybody),
        WHILE_WRITING(get_review__of_a_withdrawn_one_only_that_there_was_one),
        WHILE_WRITING(get_review__without_comment),
        WHILE_WRITING(get_review__refuses_an_unknown_one),
        WHILE_WRITING(person_erased__leaves_only_a_tombstone),
        WHILE_WRITING(person_erased__keeps_what_they_said_of_others),
        WHILE_WRITING(person_erased__recorded_again_starts_anew),
        WHILE_WRITING(person_erased__reviews_on_their_way_leave_nothing_and_stay_inside),
        WHILE_WRITING(person_erased__is_not_named_as_a_rater_any_more),
        cmocka_unit_test(person_erased__has_the_key_of_comments_destroyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
