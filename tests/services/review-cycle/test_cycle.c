/* Tests of review-cycle: cycles are defined, move from phase to phase, and count what is in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/review-cycle/fixtures.h"

/* ---- defining ---- */

static void define_cycle__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, define_cycle(s, "q2", 90));
    then_accepted(s);
    const ReviewCycleFact__CycleDefined *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED);
    assert_string_equal(f->cycle_id, "q2");
    assert_string_equal(f->label, "First quarter");
    assert_true(f->starts_at_us == SPEC_START_US + 90 * DAY_US);
    assert_true(f->ends_at_us == SPEC_START_US + 180 * DAY_US);
    assert_string_equal(f->scale_id, "five");
    assert_int_equal(f->scale_version, 1);
    then_no_more_facts(s);
    const ReviewCycle__CycleDefined *event = then_event(s, "CycleDefined");
    assert_string_equal(event->cycle_id, "q2");
    assert_string_equal(event->label, "First quarter");
    assert_true(px_codec_time_us(event->starts_at) == f->starts_at_us);
    assert_true(px_codec_time_us(event->ends_at) == f->ends_at_us);
    assert_string_equal(event->scale_id, "five");
    assert_int_equal(event->scale_version, 1);
}

static void define_cycle__takes_a_length(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_cycle(s, "q2", 90);

    sub->define_cycle->length_days = 30;
    when(s, sub);
    then_accepted(s);
    const ReviewCycleFact__CycleDefined *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED);
    assert_true(f->ends_at_us == SPEC_START_US + 120 * DAY_US);
}

static void define_cycle__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_cycle(s, "q1", 0);

    sub->define_cycle->scale_id = "none";
    when(s, sub);
    then_rejected(s, PX_REASON_CYCLE_EXISTS, "cycle_id");
    sub = define_cycle(s, "q2", 0);
    sub->define_cycle->scale_id = "none";
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_UNKNOWN, "scale_id");
    sub = define_cycle(s, "q2", 0);
    sub->define_cycle->scale_version = 2;
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_UNKNOWN, "scale_version");
    when(s, define_cycle(s, "q2", 89));
    then_rejected(s, PX_REASON_OVERLAP, "starts_at");
    when(s, define_cycle(s, "q0", -89));
    then_rejected(s, PX_REASON_OVERLAP, "starts_at");
}

static void define_cycle__may_touch_another_without_overlap(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_cycle(s, "q0", -90));
    given_done(s, define_cycle(s, "q2", 90));
}

static void define_cycle__may_take_the_dates_of_a_cancelled_one(void **ctx)
{
    spec *s = *ctx;

    given_done(s, move_cycle(s, "q1", CANCELLED, "reorganisation"));
    given_done(s, define_cycle(s, "q1b", 0));
}

/* ---- moving ---- */

static const ReviewCycleFact__PhaseChanged *then_moved(spec *s, int from, int to)
{
    then_accepted(s);
    const ReviewCycleFact__PhaseChanged *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED);
    assert_string_equal(f->cycle_id, "q1");
    assert_int_equal(f->from, from);
    assert_int_equal(f->to, to);
    if (to != SHARING) /* then scores follow */
        then_no_more_facts(s);
    assert_int_equal(cycle_now(s)->phase, to);
    return f;
}

static void move_cycle__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, move_cycle(s, "q1", SCHEDULED, ""));
    assert_false(then_moved(s, DRAFT, SCHEDULED)->forced);
    const ReviewCycle__PhaseChanged *event = then_event(s, "PhaseChanged");
    assert_string_equal(event->cycle_id, "q1");
    assert_int_equal(event->from, DRAFT);
    assert_int_equal(event->to, SCHEDULED);
    assert_string_equal(event->reason, "");
}

static void move_cycle__allows_the_listed_moves_and_no_others(void **ctx)
{
    static const bool allowed[CANCELLED + 1][CANCELLED + 1] = {
        [DRAFT] = { [SCHEDULED] = true, [CANCELLED] = true },
        [SCHEDULED] = { [WRITING] = true, [CANCELLED] = true },
        [WRITING] = { [SHARING] = true, [CANCELLED] = true },
        [SHARING] = { [CLOSED] = true, [WRITING] = true },
        [CLOSED] = { [WRITING] = true },
    };
    spec *s = *ctx;

    for (int from = DRAFT; from <= CANCELLED; from++) {
        if (from > DRAFT && from < CANCELLED)
            given_moved(s, from);
        for (int to = DRAFT; to <= CANCELLED; to++) {
            if (allowed[from][to])
                continue;
            when(s, move_cycle(s, "q1", to, "try"));
            then_rejected(s, PX_REASON_ILLEGAL_TRANSITION, "to");
        }
        if (from == CLOSED) { /* the only way from here to cancelled is through writing */
            given_done(s, move_cycle(s, "q1", WRITING, "reopen"));
            given_done(s, move_cycle(s, "q1", CANCELLED, "give up"));
        }
    }
}

static void move_cycle__cancels_from_every_phase_before_sharing(void **ctx)
{
    static const int phases[] = { DRAFT, SCHEDULED, WRITING };
    spec *s = *ctx;
    const char *ids[] = { "c1", "c2", "c3" };

    for (size_t i = 0; i < PX_COUNT(phases); i++) {
        given_done(s, define_cycle(s, ids[i], 90 * ((int)i + 1)));
        for (int to = SCHEDULED; to <= phases[i]; to++)
            given_done(s, move_cycle(s, ids[i], to, ""));
        when(s, move_cycle(s, ids[i], CANCELLED, ""));
        then_rejected(s, PX_REASON_REASON_MISSING, "reason");
        given_done(s, move_cycle(s, ids[i], CANCELLED, "reorganisation"));
    }
}

static void move_cycle__reopens_with_a_reason(void **ctx)
{
    static const int phases[] = { SHARING, CLOSED };
    spec *s = *ctx;

    given_phase(s, SHARING);
    for (size_t i = 0; i < PX_COUNT(phases); i++) {
        if (phases[i] == CLOSED) {
            given_moved(s, SHARING);
            given_done(s, move_cycle(s, "q1", CLOSED, ""));
        }
        when(s, move_cycle(s, "q1", WRITING, ""));
        then_rejected(s, PX_REASON_REASON_MISSING, "reason");
        when(s, move_cycle(s, "q1", WRITING, "a review was lost"));
        assert_string_equal(then_moved(s, phases[i], WRITING)->reason, "a review was lost");
    }
}

static void move_cycle__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = move_cycle(s, "q9", CLOSED, "");

    when(s, sub);
    then_rejected(s, PX_REASON_CYCLE_UNKNOWN, "cycle_id");
    when(s, move_cycle(s, "q1", CLOSED, ""));
    then_rejected(s, PX_REASON_ILLEGAL_TRANSITION, "to");
    given_phase(s, WRITING);
    sub = move_cycle(s, "q1", SHARING, "");
    sub->move_cycle->force = true;
    when(s, sub);
    then_rejected(s, PX_REASON_REASON_MISSING, "reason");
    when(s, move_cycle(s, "q1", SHARING, ""));
    then_rejected(s, PX_REASON_REVIEWS_MISSING, "to");
}

/* Everybody who has a manager: ann and bob report to boss, cid to ann. */
static void given_all_manager_reviews(spec *s)
{
    given_done(s, submit_review(s, "boss", "m-ann", "ann", MANAGER));
    given_done(s, submit_review(s, "boss", "m-bob", "bob", MANAGER));
    given_done(s, submit_review(s, "ann", "m-cid", "cid", MANAGER));
}

static void move_cycle__shares_once_all_manager_reviews_are_in(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_all_manager_reviews(s);
    when(s, move_cycle(s, "q1", SHARING, ""));
    assert_false(then_moved(s, WRITING, SHARING)->forced);
}

static void move_cycle__a_withdrawn_review_is_missing_again(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_all_manager_reviews(s);
    given_done(s, withdraw_review(s, "boss", "m-bob"));
    when(s, move_cycle(s, "q1", SHARING, ""));
    then_rejected(s, PX_REASON_REVIEWS_MISSING, "to");
}

static void move_cycle__who_was_reviewed_and_left_stands_in_for_nobody(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_all_manager_reviews(s);
    given_person_left(s, "cid", "ann");
    given_person(s, "dora", "boss");
    /* Three reviewed, three expected, and still one is missing. */
    assert_int_equal(cycle_now(s)->manager_reviews, cycle_now(s)->manager_reviews_expected);
    when(s, move_cycle(s, "q1", SHARING, ""));
    then_rejected(s, PX_REASON_REVIEWS_MISSING, "to");
}

static void move_cycle__wants_no_review_by_a_manager_who_left(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, submit_review(s, "ann", "m-cid", "cid", MANAGER));
    given_person_left(s, "boss", "");
    when(s, move_cycle(s, "q1", SHARING, ""));
    assert_false(then_moved(s, WRITING, SHARING)->forced);
}

static void move_cycle__forced_says_so_only_when_reviews_are_missing(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub;

    given_phase(s, WRITING);
    sub = move_cycle(s, "q1", SHARING, "the year ends");
    sub->move_cycle->force = true;
    when(s, sub);
    const ReviewCycleFact__PhaseChanged *f = then_moved(s, WRITING, SHARING);
    assert_true(f->forced);
    assert_string_equal(f->reason, "the year ends");

    given_done(s, move_cycle(s, "q1", WRITING, "the rest is coming"));
    given_all_manager_reviews(s);
    sub = move_cycle(s, "q1", SHARING, "to be safe");
    sub->move_cycle->force = true;
    when(s, sub);
    assert_false(then_moved(s, WRITING, SHARING)->forced);
}

/* ---- asking ---- */

static void get_cycle__answers_as_it_stands(void **ctx)
{
    spec *s = *ctx;
    const ReviewCycle__Cycle *c = cycle_now(s);

    assert_string_equal(c->cycle_id, "q1");
    assert_string_equal(c->label, "First quarter");
    assert_int_equal(c->phase, DRAFT);
    assert_true(px_codec_time_us(c->starts_at) == SPEC_START_US);
    assert_true(px_codec_time_us(c->ends_at) == SPEC_START_US + 90 * DAY_US);
    assert_string_equal(c->scale_id, "five");
    assert_int_equal(c->scale_version, 1);
    assert_true(c->as_of_seq > 0);
}

static void get_cycle__refuses_an_unknown_one(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__GetCycle q = REVIEW_CYCLE__GET_CYCLE__INIT;

    q.cycle_id = "q9";
    then_refused(s, "GetCycle", &q, PX_REASON_NOT_FOUND);
}

static void then_counts(spec *s, unsigned self, unsigned managed, unsigned peer, unsigned report)
{
    const ReviewCycle__Cycle *c = cycle_now(s);

    assert_int_equal(c->self_reviews, self);
    assert_int_equal(c->manager_reviews, managed);
    assert_int_equal(c->peer_reviews, peer);
    assert_int_equal(c->report_reviews, report);
}

static void get_cycle__counts_reviews_by_relation(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    then_counts(s, 0, 0, 0, 0);
    given_done(s, submit_review(s, "ann", "r1", "ann", SELF));
    given_done(s, submit_review(s, "boss", "r2", "ann", MANAGER));
    given_done(s, submit_review(s, "bob", "r3", "ann", PEER));
    given_done(s, submit_review(s, "hanna", "r4", "ann", PEER));
    given_done(s, submit_review(s, "cid", "r5", "ann", REPORT));
    then_counts(s, 1, 1, 2, 1);
    given_done(s, withdraw_review(s, "bob", "r3"));
    given_done(s, withdraw_review(s, "boss", "r2"));
    then_counts(s, 1, 0, 1, 1);
}

static void get_cycle__counts_people_not_manager_reviews(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, submit_review(s, "boss", "r1", "bob", MANAGER));
    given_person(s, "bob", "ann"); /* a new manager in the middle of the cycle */
    given_done(s, submit_review(s, "ann", "r2", "bob", MANAGER));
    then_counts(s, 0, 1, 0, 0);
    given_done(s, withdraw_review(s, "boss", "r1"));
    then_counts(s, 0, 1, 0, 0);
    given_done(s, withdraw_review(s, "ann", "r2"));
    then_counts(s, 0, 0, 0, 0);
}

static void get_cycle__loses_the_reviews_of_the_erased(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, submit_review(s, "ann", "r1", "ann", SELF));
    given_done(s, submit_review(s, "boss", "r2", "ann", MANAGER));
    given_done(s, submit_review(s, "bob", "r3", "ann", PEER));
    given_done(s, submit_review(s, "ann", "r4", "bob", PEER));
    given_done(s, withdraw_review(s, "boss", "r2"));
    given_person_erased(s, "ann");
    then_counts(s, 0, 0, 1, 0); /* what ann said of bob stays */
}

static void get_cycle__expects_a_review_of_everybody_with_a_manager(void **ctx)
{
    spec *s = *ctx;

    assert_int_equal(cycle_now(s)->manager_reviews_expected, 3); /* ann, bob, cid */
    given_person(s, "dora", "cid");
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 4);
    given_person(s, "dora", "bob"); /* another manager, the same number */
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 4);
    given_person_left(s, "boss", ""); /* ann and bob have nobody now */
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 2);
    given_person(s, "boss", "");
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 4);
    given_person_left(s, "bob", "boss"); /* neither he nor dora */
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 2);
    given_person_erased(s, "ann"); /* neither she nor cid */
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 0);
    given_person(s, "ann", "boss"); /* back, and cid's record still names her */
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 2);
}

/* feedback-ingest refuses it; a fact that says it all the same must not stop the fold. */
static void get_cycle__expects_no_review_by_oneself_as_manager(void **ctx)
{
    spec *s = *ctx;

    given_person(s, "dora", "dora");
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 3); /* ann, bob, cid */
    given_person(s, "dora", "bob");
    assert_int_equal(cycle_now(s)->manager_reviews_expected, 4);
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(define_cycle__accepted),
        ON_DRAFT(define_cycle__takes_a_length),
        ON_DRAFT(define_cycle__rejections_in_order),
        ON_DRAFT(define_cycle__may_touch_another_without_overlap),
        ON_DRAFT(define_cycle__may_take_the_dates_of_a_cancelled_one),
        ON_DRAFT(move_cycle__accepted),
        ON_DRAFT(move_cycle__allows_the_listed_moves_and_no_others),
        ON_DRAFT(move_cycle__cancels_from_every_phase_before_sharing),
        ON_DRAFT(move_cycle__reopens_with_a_reason),
        ON_DRAFT(move_cycle__rejections_in_order),
        ON_DRAFT(move_cycle__shares_once_all_manager_reviews_are_in),
        ON_DRAFT(move_cycle__a_withdrawn_review_is_missing_again),
        ON_DRAFT(move_cycle__who_was_reviewed_and_left_stands_in_for_nobody),
        ON_DRAFT(move_cycle__wants_no_review_by_a_manager_who_left),
        ON_DRAFT(move_cycle__forced_says_so_only_when_reviews_are_missing),
        ON_DRAFT(get_cycle__answers_as_it_stands),
        ON_DRAFT(get_cycle__refuses_an_unknown_one),
        ON_DRAFT(get_cycle__counts_reviews_by_relation),
        ON_DRAFT(get_cycle__counts_people_not_manager_reviews),
        ON_DRAFT(get_cycle__loses_the_reviews_of_the_erased),
        ON_DRAFT(get_cycle__expects_a_review_of_everybody_with_a_manager),
        ON_DRAFT(get_cycle__expects_no_review_by_oneself_as_manager),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
