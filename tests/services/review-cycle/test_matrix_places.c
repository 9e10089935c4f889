/* Tests of review-cycle: which review is scored, and when a place is said. R5, R6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/review-cycle/fixtures.h"

enum {
    SCORED = REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED,
    PLACED = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED
};

/* Of two at the same time one counts, whichever came in first. */
static void score__of_two_at_the_same_time_is_the_same_in_any_order(void **ctx)
{
    spec *s = *ctx;
    static const char *const subjects[] = { "bob", "lou" };

    given_phase(s, WRITING);
    given_person(s, "lou", "boss");
    for (int i = 0; i < 2; i++) { /* of lou the greater id comes first */
        ReviewCycle__Submission *by_boss =
            submit_review(s, "boss", i ? "lou-9" : "bob-1", subjects[i], MANAGER);
        ReviewCycle__Submission *by_ann =
            submit_review(s, "ann", i ? "lou-1" : "bob-9", subjects[i], MANAGER);

        add_overall(s, by_boss, i ? 5 : 1, 3);
        add_overall(s, by_ann, i ? 1 : 5, 3);
        given_done(s, by_boss);
        given_person(s, subjects[i], "ann");
        given_done(s, by_ann);
    }
    given_moved(s, SHARING);
    for (int i = 0; i < 2; i++) {
        const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);

        assert_string_equal(f->review_id, i ? "lou-9" : "bob-9");
        assert_int_equal(f->what_hundredths, 500);
    }
}

/* What happened later counts, though it was sent first. */
static void score__of_the_later_review_though_sent_first(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *first = overall_review(s, "r1", 5, 5);
    ReviewCycle__Submission *second = submit_review(s, "bob", "r2", "ann", MANAGER);

    given_phase(s, WRITING);
    spec_set_now(s, SPEC_START_US + 10 * DAY_US);
    given_done(s, first);
    given_person(s, "ann", "bob");
    add_overall(s, second, 1, 1);
    second->occurred_at = px_codec_timestamp(SPEC_START_US + DAY_US, spec_arena(s));
    given_done(s, second);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_string_equal(f->review_id, "r1");
}

/* The place is said anew when only the score behind it changed, and not when nothing did. */
static void place__is_said_again_when_the_score_in_it_moves(void **ctx)
{
    static const struct {
        int32_t what, how;
        bool placed;
    } rows[] = { { 4, 2, true }, { 5, 2, true }, { 5, 1, true }, { 5, 1, false }, { 5, 5, true } };
    spec *s = *ctx;
    char id[] = "r0";

    given_phase(s, WRITING);
    for (size_t i = 0; i < PX_COUNT(rows); i++, id[1]++) {
        given_done(s, overall_review(s, id, rows[i].what, rows[i].how));
        given_moved(s, SHARING);
        assert_int_equal(facts_of(s, SCORED), 1);
        assert_int_equal(facts_of(s, PLACED), rows[i].placed);
        given_moved(s, WRITING);
        given_done(s, withdraw_review(s, "boss", id));
    }
}

/* A review of everything in one facet says nothing of the other, and no place. */
static void score__of_one_facet_has_no_place(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "", 1);
    ReviewCycle__GetPersonScore q = REVIEW_CYCLE__GET_PERSON_SCORE__INIT;

    add_criterion(s, sub, "c1", HOW, 100, "speaking");
    given_done(s, sub);
    given_phase(s, WRITING);
    sub = submit_review(s, "boss", "r1", "ann", MANAGER);
    add_rating(s, sub, "writing", WHAT, 1); /* none of the template's */
    add_rating(s, sub, "speaking", HOW, 5);
    given_done(s, sub);
    given_moved(s, SHARING);
    assert_int_equal(facts_of(s, PLACED), 0);
    q.viewer_id = "boss";
    q.cycle_id = "q1";
    q.person_id = "ann";
    const ReviewCycle__PersonScore *a = then_answer(s, "GetPersonScore", &q);
    assert_null(a->what);
    assert_int_equal(a->performance->hundredths, 500); /* of what is known */
    assert_int_equal(a->column, 0);
    assert_int_equal(a->performance_slice, 0);
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(score__of_two_at_the_same_time_is_the_same_in_any_order),
        ON_DRAFT(score__of_the_later_review_though_sent_first),
        ON_DRAFT(place__is_said_again_when_the_score_in_it_moves),
        ON_DRAFT(score__of_one_facet_has_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
