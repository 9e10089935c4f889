/* Tests of review-cycle: templates, and the criteria they ask reviews for. R4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/review-cycle/fixtures.h"

enum { TEMPLATE = REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED };

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
    given_competency(s, "juggling");
    given_replaced(s, "juggling", "speaking");
    when_again(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "criteria[4].competency_id");
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

static void define_template__with_slices_of_its_own(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = fixture_a(s, "", 1);

    sub->define_template->columns = 5;
    sub->define_template->rows = 4;
    when(s, sub);
    const ReviewCycleFact__TemplateDefined *f = then_fact(s, TEMPLATE);
    assert_int_equal(f->columns, 5);
    assert_int_equal(f->rows, 4);
}

/* ---- roles without one ---- */

static void roles_without_template__each_once_and_not_more_than_fit(void **ctx)
{
    enum { LISTED = 64 };
    char person_id[16], role_id[16];
    spec *s = *ctx;

    given_role(s, "seller");
    given_done(s, fixture_a(s, "seller", 1));
    given_role_assigned(s, "ann", "clerk");
    given_role_assigned(s, "bob", "clerk");
    assert_int_equal(cycle_now(s)->n_roles_without_template, 1);
    for (int i = 0; i < LISTED; i++) {
        snprintf(person_id, sizeof person_id, "p-%02d", i);
        snprintf(role_id, sizeof role_id, "role-%02d", i);
        given_person(s, person_id, "boss");
        given_role_assigned(s, person_id, role_id);
    }
    const ReviewCycle__Cycle *cycle = cycle_now(s);
    assert_int_equal(cycle->n_roles_without_template, LISTED);
    assert_string_equal(cycle->roles_without_template[0], "clerk");
    when(s, move_cycle(s, "q1", SCHEDULED, ""));
    then_rejected(s, PX_REASON_TEMPLATE_MISSING, "to");
}

static void role__taken_away_leaves_everybodys_template(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_template(s, "seller", 1);

    given_role(s, "seller");
    given_role_assigned(s, "ann", "seller");
    add_criterion(s, sub, "sales", WHAT, 100, "");
    given_done(s, sub);
    given_done(s, fixture_a(s, "", 1));
    given_role_assigned(s, "ann", "");
    given_role_in_slot(s, "ann", "seller", 1); /* a track: people are scored by their job */
    given_role_assigned(s, "nobody", "seller");
    assert_int_equal(records_that_say(spec_state(s), "nobody"), 0);
    given_phase(s, WRITING);
    sub = submit_review(s, "boss", "r1", "ann", MANAGER);
    rate_criterion(s, sub, "sales", 4);
    when_again(s, sub);
    then_rejected(s, PX_REASON_CRITERION_UNKNOWN, "criteria[0].criterion_id");
    given_done(s, review_of_fixture_a(s, "r1"));
}

static void schedule__wants_a_template_for_every_role_once_roles_have_them(void **ctx)
{
    spec *s = *ctx;

    given_role(s, "seller");
    given_role(s, "clerk");
    given_role_assigned(s, "ann", "seller");
    given_role_assigned(s, "bob", "clerk");
    given_role_assigned(s, "lea", "porter");                     /* who has left */
    assert_int_equal(cycle_now(s)->n_roles_without_template, 0); /* there is no template at all */
    given_done(s, fixture_a(s, "seller", 1));
    const ReviewCycle__Cycle *cycle = cycle_now(s);
    assert_int_equal(cycle->n_roles_without_template, 1);
    assert_string_equal(cycle->roles_without_template[0], "clerk");
    when(s, move_cycle(s, "q1", SCHEDULED, ""));
    then_rejected(s, PX_REASON_TEMPLATE_MISSING, "to");
    given_done(s, fixture_a(s, "clerk", 1));
    assert_int_equal(cycle_now(s)->n_roles_without_template, 0);
    when(s, move_cycle(s, "q1", SCHEDULED, ""));
    const ReviewCycleFact__PhaseChanged *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED);
    assert_false(f->forced);
}

static void schedule__goes_on_without_by_everybodys_or_by_force(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = move_cycle(s, "q1", SCHEDULED, "");

    given_role(s, "seller");
    given_role_assigned(s, "bob", "clerk");
    given_done(s, fixture_a(s, "seller", 1));
    sub->move_cycle->force = true;
    when_again(s, sub);
    then_rejected(s, PX_REASON_REASON_MISSING, "reason");
    sub->move_cycle->reason = "clerks by their overall rating";
    when_again(s, sub);
    const ReviewCycleFact__PhaseChanged *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED);
    assert_true(f->forced);
    assert_int_equal(cycle_now(s)->n_roles_without_template, 1);
    given_done(s, fixture_a(s, "", 1));
    assert_int_equal(cycle_now(s)->n_roles_without_template, 0);
    given_done(s, define_cycle(s, "q2", 90));
    given_done(s, move_cycle(s, "q2", SCHEDULED, ""));
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

/* Neither a number nor a share: what else is rated in the facet carries its weight. */
static void submit_review__criterion_that_does_not_apply_does_not_count(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    given_done(s, fixture_a(s, "", 1));
    given_phase(s, WRITING);
    sub->submit_review->comment = NULL; /* criteria alone are a review */
    rate_criterion(s, sub, "kra1", 5);
    rate_criterion(s, sub, "kra2", 77)->not_applicable = true; /* the value is ignored */
    when(s, sub);
    const ReviewCycleFact__ReviewSubmitted *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED);
    assert_int_equal(f->criteria[1]->value, 0);
    assert_int_equal(f->criteria[1]->position, 0);
    given_moved(s, SHARING);
    const ReviewCycleFact__ScoreComputed *score =
        then_some_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED);
    assert_int_equal(score->what_hundredths, 500);
    assert_false(score->parts[1]->counts);
}

static void submit_review__criterion_must_apply_where_the_scale_says_so(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *scale = define_scale(s, "strict", 1);
    ReviewCycle__Submission *cycle = define_cycle(s, "q2", 90);
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    given_done(s, fixture_a(s, "", 1));
    scale->define_scale->allows_not_applicable = false;
    given_done(s, scale);
    cycle->define_cycle->scale_id = "strict";
    given_done(s, cycle);
    given_done(s, move_cycle(s, "q2", SCHEDULED, ""));
    given_done(s, move_cycle(s, "q2", WRITING, ""));
    sub->submit_review->cycle_id = "q2";
    rate_criterion(s, sub, "kra1", 4)->not_applicable = true;
    when_again(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "criteria[0].not_applicable");
    sub->submit_review->criteria[0]->not_applicable = false;
    when_again(s, sub);
    then_accepted(s);
}

static void submit_review__empty_words_are_no_review(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    given_phase(s, WRITING);
    sub->submit_review->comment->plain = "";
    when_again(s, sub);
    then_rejected(s, PX_REASON_REVIEW_EMPTY, "ratings");
    sub->submit_review->comment = NULL;
    when_again(s, sub);
    then_rejected(s, PX_REASON_REVIEW_EMPTY, "ratings");
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(define_template__accepted),
        ON_DRAFT(define_template__rejections_in_order),
        ON_DRAFT(define_template__weights_are_whole_to_a_hundredth_of_a_percent),
        ON_DRAFT(schedule__wants_a_template_for_every_role_once_roles_have_them),
        ON_DRAFT(schedule__goes_on_without_by_everybodys_or_by_force),
        ON_DRAFT(submit_review__rates_the_criteria_of_the_persons_template),
        ON_DRAFT(submit_review__criteria_by_peers_stay_off_the_feed),
        ON_DRAFT(submit_review__refuses_criteria_that_are_none_of_the_persons),
        ON_DRAFT(submit_review__criterion_that_does_not_apply_does_not_count),
        ON_DRAFT(submit_review__criterion_must_apply_where_the_scale_says_so),
        ON_DRAFT(submit_review__empty_words_are_no_review),
        ON_DRAFT(define_template__with_slices_of_its_own),
        ON_DRAFT(roles_without_template__each_once_and_not_more_than_fit),
        ON_DRAFT(role__taken_away_leaves_everybodys_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
