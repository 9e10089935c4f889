/* Tests of review-cycle: scores and the matrix of what and how. R5, R6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus.h"
#include "common/codec.h"
#include "tests/services/review-cycle/fixtures.h"

enum {
    SCORED = REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED,
    PLACED = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED
};

/* ---- scores ---- */

/* Fixtures A and C through the daemon. */
static void score__computed_and_placed_once_the_cycle_shares(void **ctx)
{
    spec *s = *ctx;

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    given_done(s, review_of_fixture_a(s, "r1"));
    assert_int_equal(facts_of(s, SCORED), 0);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->review_id, "r1");
    assert_true(f->what_known && f->how_known);
    assert_int_equal(f->what_hundredths, 360);
    assert_int_equal(f->how_hundredths, 500);
    assert_int_equal(f->n_parts, 4);
    assert_int_equal(f->parts[0]->weight_hundredths, 6000);
    assert_true(f->parts[2]->counts);
    assert_false(f->parts[3]->counts); /* not applicable */
    assert_int_equal(f->template_version, 1);
    assert_int_equal(f->formula_version, 1);
    const ReviewCycleFact__MatrixPlaced *p = then_fact(s, PLACED);
    assert_int_equal(p->column, 2);
    assert_int_equal(p->row, 3);
    assert_int_equal(p->columns, 3);
    assert_int_equal(p->rule_version, 1);
    assert_true(p->cycle_ends_at_us == SPEC_START_US + 90 * DAY_US);
    then_no_more_facts(s); /* nobody else was reviewed by a manager */
    const ReviewCycle__ScoreComputed *e = then_event(s, "ScoreComputed");
    assert_int_equal(e->what->hundredths, 360);
    const ReviewCycle__MatrixPlaced *m = then_event(s, "MatrixPlaced");
    assert_int_equal(m->row, 3);
}

static void score__without_a_template_is_the_overall_rating(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->what_hundredths, 400);
    assert_int_equal(f->how_hundredths, 200);
    assert_int_equal(f->template_version, 0);
    assert_int_equal(f->n_parts, 2);
    const ReviewCycleFact__MatrixPlaced *p = then_fact(s, PLACED);
    assert_int_equal(p->column, 3);
    assert_int_equal(p->row, 1);
}

/* No number rather than 0, and no place. */
static void score__nothing_rated_is_no_score(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, submit_review(s, "boss", "r1", "ann", MANAGER)); /* words only */
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_false(f->what_known || f->how_known);
    assert_int_equal(facts_of(s, PLACED), 0);
    const ReviewCycle__ScoreComputed *e = then_event(s, "ScoreComputed");
    assert_null(e->what);
    assert_null(e->how);
}

static void score__rating_that_tells_no_facets_apart_stands_for_either(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "", 1);

    add_criterion(s, sub, "c1", HOW, 100, "speaking");
    sub->define_template->rows = 5;
    given_done(s, sub);
    given_phase(s, WRITING);
    sub = submit_review(s, "boss", "r1", "ann", MANAGER);
    add_rating(s, sub, "speaking", ANY_FACET, 4);
    given_done(s, sub);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->how_hundredths, 400);
    assert_false(f->what_known);
}

static void score__by_the_template_of_the_role_or_everybodys(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "seller", 1);

    given_role(s, "seller");
    given_role_assigned(s, "ann", "seller");
    given_role_assigned(s, "bob", "clerk"); /* without a template */
    add_criterion(s, sub, "sales", WHAT, 100, "");
    given_done(s, sub);
    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    sub = overall_review(s, "r1", 2, 2);
    rate_criterion(s, sub, "sales", 5);
    given_done(s, sub);
    sub = submit_review(s, "boss", "r2", "bob", MANAGER);
    rate_criterion(s, sub, "kra1", 4);
    given_done(s, sub);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *ann = then_some_fact(s, SCORED);
    assert_string_equal(ann->template_role_id, "seller");
    assert_int_equal(ann->what_hundredths, 500);
    assert_int_equal(ann->how_hundredths, 200); /* of a facet without criteria: overall */
    const ReviewCycleFact__ScoreComputed *bob = then_some_fact(s, SCORED);
    assert_string_equal(bob->template_role_id, "");
    assert_int_equal(bob->template_version, 1);
    assert_int_equal(bob->what_hundredths, 400); /* kra2 dropped out */
}

static void score__template_is_pinned_when_the_cycle_opens(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *later = define_template(s, "", 2);

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    add_criterion(s, later, "kra9", WHAT, 100, "");
    given_done(s, later);
    given_done(s, review_of_fixture_a(s, "r1"));
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->template_version, 1);
    assert_int_equal(f->what_hundredths, 360);
}

static void score__the_last_review_by_a_manager_counts(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "ann", "r2", "bob", MANAGER);

    given_phase(s, WRITING);
    given_done(s, full_review(s, "boss", "r1", "bob", MANAGER)); /* what 4, how 2 */
    given_person(s, "bob", "ann");
    spec_set_now(s, SPEC_START_US + DAY_US);
    add_overall(s, sub, 5, 5);
    given_done(s, sub);
    given_done(s, full_review(s, "hanna", "r3", "bob", PEER));
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_string_equal(f->review_id, "r2");
    assert_int_equal(f->what_hundredths, 500);
}

static void score__reopened_says_what_changed_and_nothing_else(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *bob = submit_review(s, "boss", "r2", "bob", MANAGER);

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    add_overall(s, bob, 3, 3);
    given_done(s, bob);
    given_moved(s, SHARING);
    given_moved(s, WRITING);
    assert_int_equal(facts_of(s, SCORED), 0); /* what was said stands while it is open */
    given_done(s, withdraw_review(s, "boss", "r1"));
    given_done(s, overall_review(s, "r3", 5, 5));
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(f->what_hundredths, 500);
    const ReviewCycleFact__MatrixPlaced *p = then_fact(s, PLACED);
    assert_int_equal(p->column, 3);
    assert_int_equal(p->row, 3);
    then_no_more_facts(s);
}

/* Sent, and nothing done yet. */
static void given_sent(spec *s, ReviewCycle__Submission *sub, const char *submission_id)
{
    px_bus_out out = { .subject = "praxis.v1.acme.submit.review-cycle.MoveCycle.hr" };
    px_bus_ack ack;

    sub->submission_id = (char *)submission_id;
    sub->created_at = sub->occurred_at = px_codec_timestamp(spec_now(s), spec_arena(s));
    sub->actor = "hr";
    out.data = px_codec_pack(&sub->base, spec_arena(s));
    assert_int_equal(px_bus_publish_wait(spec_bus(s), &out, &ack), PX_OK);
}

/* Both moves are decided before anybody is scored. */
static void score__of_a_cycle_closed_at_once_is_not_lost(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *shared = move_cycle(s, "q1", SHARING, "the year ends");

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    shared->move_cycle->force = true;
    given_sent(s, shared, "m1");
    given_sent(s, move_cycle(s, "q1", CLOSED, ""), "m2");
    when_now_is(s, SPEC_START_US + 1);
    assert_int_equal(cycle_now(s)->phase, CLOSED);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->what_hundredths, 400);
    assert_int_equal(facts_of(s, PLACED), 1);
}

/* By the old id in the template or in the review: it is the same competency. */
static void score__follows_a_competency_to_its_new_id(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "", 1);

    add_criterion(s, sub, "c1", HOW, 50, "speaking");
    add_criterion(s, sub, "c2", HOW, 50, "writing");
    given_done(s, sub);
    given_phase(s, WRITING);
    given_competency(s, "talking");
    given_replaced(s, "speaking", "talking");
    given_replaced(s, "writing", NULL);
    sub = submit_review(s, "boss", "r1", "ann", MANAGER);
    add_rating(s, sub, "talking", HOW, 5);
    given_done(s, sub);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->how_hundredths, 500);
    assert_string_equal(f->parts[1]->competency_id, "speaking"); /* as the template names it */
    assert_true(f->parts[1]->counts);
    assert_false(f->parts[2]->counts);
}

static void score__stands_when_its_competencies_are_merged_later(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "", 1);

    add_criterion(s, sub, "c1", HOW, 50, "speaking");
    add_criterion(s, sub, "c2", HOW, 50, "writing");
    given_done(s, sub);
    given_phase(s, WRITING);
    given_competency(s, "talking");
    sub = submit_review(s, "boss", "r1", "ann", MANAGER);
    add_rating(s, sub, "talking", HOW, 1);
    add_rating(s, sub, "writing", HOW, 5);
    given_done(s, sub);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_int_equal(f->how_hundredths, 500);
    given_moved(s, CLOSED);
    given_replaced(s, "speaking", "talking");
    given_moved(s, WRITING);
    given_moved(s, SHARING);
    assert_int_equal(facts_of(s, SCORED), 0);
}

static void place__of_an_earlier_cycle_is_kept(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__GetPersonScore q = REVIEW_CYCLE__GET_PERSON_SCORE__INIT;

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    given_moved(s, SHARING);
    given_moved(s, CLOSED);
    given_done(s, define_cycle(s, "q2", 90));
    given_done(s, move_cycle(s, "q2", SCHEDULED, ""));
    given_done(s, move_cycle(s, "q2", WRITING, ""));
    ReviewCycle__Submission *sub = overall_review(s, "r2", 5, 5);
    sub->submit_review->cycle_id = "q2";
    given_done(s, sub);
    sub = move_cycle(s, "q2", SHARING, "forced by the test");
    sub->move_cycle->force = true;
    given_done(s, sub);
    q.viewer_id = q.person_id = "ann";
    q.cycle_id = "q2";
    const ReviewCycle__PersonScore *a = then_answer(s, "GetPersonScore", &q);
    assert_int_equal(a->row, 3);
    q.cycle_id = "q1";
    a = then_answer(s, "GetPersonScore", &q);
    assert_int_equal(a->column, 3);
    assert_int_equal(a->row, 1);
}

static void score__is_taken_back_with_its_review(void **ctx)
{
    spec *s = *ctx;

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    given_moved(s, SHARING);
    given_moved(s, WRITING);
    given_done(s, withdraw_review(s, "boss", "r1"));
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *f = then_some_fact(s, SCORED);
    assert_string_equal(f->review_id, "");
    assert_false(f->what_known || f->how_known);
    const ReviewCycleFact__MatrixPlaced *p = then_fact(s, PLACED);
    assert_int_equal(p->column, 0);
    assert_int_equal(p->row, 0);
    const ReviewCycle__MatrixPlaced *e = then_event(s, "MatrixPlaced");
    assert_null(e->what);
}

static void score__nothing_is_left_of_the_erased(void **ctx)
{
    spec *s = *ctx;

    given_role_assigned(s, "ann", "seller-of-everything");
    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    given_moved(s, SHARING);
    given_person_erased(s, "ann");
    assert_int_equal(records_that_say(spec_state(s), "seller-of-everything"), 0);
    ReviewCycle__GetPersonScore q = REVIEW_CYCLE__GET_PERSON_SCORE__INIT;
    q.viewer_id = "boss";
    q.cycle_id = "q1";
    q.person_id = "ann";
    then_refused(s, "GetPersonScore", &q, PX_REASON_NOT_FOUND);
    given_moved(s, WRITING);
    given_moved(s, SHARING);
    assert_int_equal(facts_of(s, SCORED), 0);
}

/* Decided before the erasure, in the log after it. */
static void score__of_the_erased_leaves_nothing_and_stays_inside(void **ctx)
{
    ReviewCycleFact__ScoreComputed score = REVIEW_CYCLE_FACT__SCORE_COMPUTED__INIT;
    ReviewCycleFact__MatrixPlaced place = REVIEW_CYCLE_FACT__MATRIX_PLACED__INIT;
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    spec *s = *ctx;

    given_person_erased(s, "ann");
    size_t records = records_that_say(spec_state(s), "ann"); /* hanna, and cid's manager */
    score.cycle_id = place.cycle_id = "q1";
    score.person_id = place.person_id = "ann";
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED;
    fact.score_computed = &score;
    given(s, "review-cycle", &fact);
    then_no_event(s, "ScoreComputed");
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED;
    fact.matrix_placed = &place;
    given(s, "review-cycle", &fact);
    then_no_event(s, "MatrixPlaced");
    assert_int_equal(records_that_say(spec_state(s), "ann"), records);
}

static void get_person_score__to_the_person_the_manager_and_hr(void **ctx)
{
    static const struct {
        char *viewer;
        bool may;
    } rows[] = {
        { "ann", true }, { "boss", true }, { "hanna", true }, { "bob", false }, { "cid", false }
    };
    spec *s = *ctx;
    ReviewCycle__GetPersonScore q = REVIEW_CYCLE__GET_PERSON_SCORE__INIT;

    given_phase(s, WRITING);
    given_done(s, overall_review(s, "r1", 4, 2));
    q.viewer_id = "boss";
    q.cycle_id = "q1";
    q.person_id = "ann";
    then_refused(s, "GetPersonScore", &q, PX_REASON_NOT_FOUND); /* the cycle does not share yet */
    given_moved(s, SHARING);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        q.viewer_id = rows[i].viewer;
        if (!rows[i].may) {
            then_refused(s, "GetPersonScore", &q, PX_REASON_FORBIDDEN);
            continue;
        }
        const ReviewCycle__PersonScore *a = then_answer(s, "GetPersonScore", &q);
        assert_int_equal(a->what->hundredths, 400);
        assert_int_equal(a->how->hundredths, 200);
        assert_int_equal(a->column, 3);
        assert_int_equal(a->row, 1);
    }
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(score__computed_and_placed_once_the_cycle_shares),
        ON_DRAFT(score__without_a_template_is_the_overall_rating),
        ON_DRAFT(score__nothing_rated_is_no_score),
        ON_DRAFT(score__rating_that_tells_no_facets_apart_stands_for_either),
        ON_DRAFT(score__by_the_template_of_the_role_or_everybodys),
        ON_DRAFT(score__template_is_pinned_when_the_cycle_opens),
        ON_DRAFT(score__the_last_review_by_a_manager_counts),
        ON_DRAFT(score__reopened_says_what_changed_and_nothing_else),
        ON_DRAFT(score__of_a_cycle_closed_at_once_is_not_lost),
        ON_DRAFT(score__follows_a_competency_to_its_new_id),
        ON_DRAFT(score__stands_when_its_competencies_are_merged_later),
        ON_DRAFT(place__of_an_earlier_cycle_is_kept),
        ON_DRAFT(score__is_taken_back_with_its_review),
        ON_DRAFT(score__of_the_erased_leaves_nothing_and_stays_inside),
        ON_DRAFT(score__nothing_is_left_of_the_erased),
        ON_DRAFT(get_person_score__to_the_person_the_manager_and_hr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
