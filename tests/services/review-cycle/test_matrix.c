/* Tests of review-cycle: templates, scores and the matrix of what and how. R4 to R6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/review-cycle/fixtures.h"

enum {
    TEMPLATE = REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED,
    SCORED = REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED,
    PLACED = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED
};

/* Fixture A: 60 % and 40 % of what; speaking and writing, half each, of how. */
static ReviewCycle__Submission *fixture_a(spec *s, const char *role_id, uint32_t version)
{
    ReviewCycle__Submission *sub = define_template(s, role_id, version);

    add_criterion(s, sub, "kra1", WHAT, 60, "");
    add_criterion(s, sub, "kra2", WHAT, 40, "");
    add_criterion(s, sub, "c1", HOW, 50, "speaking");
    add_criterion(s, sub, "c2", HOW, 50, "writing");
    return sub;
}

/* Its review: 4 and 3; speaking 5, writing not applicable. */
static ReviewCycle__Submission *review_of_fixture_a(spec *s, const char *review_id)
{
    ReviewCycle__Submission *sub = submit_review(s, "boss", review_id, "ann", MANAGER);

    rate_criterion(s, sub, "kra1", 4);
    rate_criterion(s, sub, "kra2", 3);
    add_rating(s, sub, "speaking", HOW, 5);
    add_rating(s, sub, "writing", HOW, 0)->not_applicable = true;
    return sub;
}

static ReviewCycle__Submission *overall_review(spec *s, const char *review_id, int32_t what,
                                               int32_t how)
{
    ReviewCycle__Submission *sub = submit_review(s, "boss", review_id, "ann", MANAGER);

    add_overall(s, sub, what, how);
    return sub;
}

/* Another submission of the same message. */
static void when_again(spec *s, ReviewCycle__Submission *sub)
{
    sub->submission_id = "";
    when(s, sub);
}

/* ---- templates ---- */

static void define_template__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, fixture_a(s, "", 1));
    const ReviewCycleFact__TemplateDefined *f = then_fact(s, TEMPLATE);
    assert_int_equal(f->n_criteria, 4);
    assert_int_equal(f->criteria[0]->weight_hundredths, 6000);
    assert_string_equal(f->criteria[2]->competency_id, "speaking");
    assert_int_equal(f->columns, 3);
    assert_int_equal(f->rows, 3);
    const ReviewCycle__TemplateDefined *e = then_event(s, "TemplateDefined");
    assert_string_equal(e->criteria[1]->criterion_id, "kra2");
    given_role(s, "seller");
    given_done(s, fixture_a(s, "seller", 1)); /* versions are per role */
    given_done(s, fixture_a(s, "", 2));
}

static void define_template__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = fixture_a(s, "seller", 7);

    add_criterion(s, sub, "kra1", WHAT, 1, "juggling");
    when_again(s, sub);
    then_rejected(s, PX_REASON_CRITERION_TWICE, "criteria[4].criterion_id");
    sub->define_template->criteria[4]->criterion_id = "kra3";
    when_again(s, sub);
    then_rejected(s, PX_REASON_WEIGHTS, "criteria"); /* 101.00 % */
    sub->define_template->criteria[0]->weight_hundredths = 5900;
    when_again(s, sub);
    then_rejected(s, PX_REASON_ROLE_UNKNOWN, "role_id");
    given_role(s, "seller");
    when_again(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "criteria[4].competency_id");
    sub->define_template->criteria[4]->competency_id = "speaking";
    when_again(s, sub);
    then_rejected(s, PX_REASON_TEMPLATE_VERSION, "version");
    sub->define_template->version = 1;
    when_again(s, sub);
    then_accepted(s);
}

static void define_template__weights_are_whole_to_a_hundredth_of_a_percent(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "", 1);

    add_criterion(s, sub, "a", HOW, 1, "");
    add_criterion(s, sub, "b", HOW, 1, "");
    add_criterion(s, sub, "c", HOW, 1, "");
    for (int i = 0; i < 3; i++)
        sub->define_template->criteria[i]->weight_hundredths = 3333; /* 99.99 % */
    when_again(s, sub);
    then_rejected(s, PX_REASON_WEIGHTS, "criteria");
    sub->define_template->criteria[2]->weight_hundredths = 3334;
    when_again(s, sub);
    then_accepted(s); /* a facet without criteria needs no weights */
}

/* ---- criteria in reviews ---- */

static void submit_review__rates_the_criteria_of_the_persons_template(void **ctx)
{
    spec *s = *ctx;

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    when(s, review_of_fixture_a(s, "r1"));
    const ReviewCycleFact__ReviewSubmitted *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED);
    assert_int_equal(f->n_criteria, 2);
    assert_string_equal(f->criteria[0]->criterion_id, "kra1");
    assert_int_equal(f->criteria[0]->value, 4);
    assert_int_equal(f->criteria[0]->position, 4);
    assert_int_equal(f->n_ratings, 2); /* who follows ratings sees competencies only */
    const ReviewCycle__ReviewSubmitted *e = then_event(s, "ReviewSubmitted");
    assert_int_equal(e->n_criteria, 2);
    const ReviewCycle__Review *r = then_answer(s, "GetReview", get_review(s, "boss", "r1"));
    assert_int_equal(r->n_criteria, 2);
    assert_int_equal(r->criteria[1]->value, 3);
}

static void submit_review__criteria_by_peers_stay_off_the_feed(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "bob", "r1", "ann", PEER);

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    rate_criterion(s, sub, "kra1", 1);
    when(s, sub);
    then_accepted(s);
    const ReviewCycle__ReviewSubmitted *e = then_event(s, "ReviewSubmitted");
    assert_int_equal(e->n_criteria, 0);
}

static void submit_review__refuses_criteria_that_are_none_of_the_persons(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    rate_criterion(s, sub, "kra1", 4);
    rate_criterion(s, sub, "kra1", 9);
    when_again(s, sub);
    then_rejected(s, PX_REASON_RATING_TWICE, "criteria[1].criterion_id");
    sub->submit_review->criteria[1]->criterion_id = "kra9";
    when_again(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "criteria[1].value");
    sub->submit_review->criteria[1]->value = 2;
    when_again(s, sub);
    then_rejected(s, PX_REASON_CRITERION_UNKNOWN, "criteria[1].criterion_id");
    sub->submit_review->criteria[1]->criterion_id = "c1"; /* rated as a competency */
    when_again(s, sub);
    then_rejected(s, PX_REASON_CRITERION_UNKNOWN, "criteria[1].criterion_id");
}

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

#define ON_DRAFT(test) cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(define_template__accepted),
        ON_DRAFT(define_template__rejections_in_order),
        ON_DRAFT(define_template__weights_are_whole_to_a_hundredth_of_a_percent),
        ON_DRAFT(submit_review__rates_the_criteria_of_the_persons_template),
        ON_DRAFT(submit_review__criteria_by_peers_stay_off_the_feed),
        ON_DRAFT(submit_review__refuses_criteria_that_are_none_of_the_persons),
        ON_DRAFT(score__computed_and_placed_once_the_cycle_shares),
        ON_DRAFT(score__without_a_template_is_the_overall_rating),
        ON_DRAFT(score__nothing_rated_is_no_score),
        ON_DRAFT(score__rating_that_tells_no_facets_apart_stands_for_either),
        ON_DRAFT(score__by_the_template_of_the_role_or_everybodys),
        ON_DRAFT(score__template_is_pinned_when_the_cycle_opens),
        ON_DRAFT(score__the_last_review_by_a_manager_counts),
        ON_DRAFT(score__reopened_says_what_changed_and_nothing_else),
        ON_DRAFT(score__is_taken_back_with_its_review),
        ON_DRAFT(score__nothing_is_left_of_the_erased),
        ON_DRAFT(get_person_score__to_the_person_the_manager_and_hr),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
