/* Tests of review-cycle: scales are defined version by version and never change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/service_impl.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state.h"
#include "tests/services/review-cycle/fixtures.h"

static void service__has_a_row_for_every_type(void **state)
{
    const char *missing = "";
    (void)state;

    assert_true(px_service_complete(&px_review_cycle_service, &missing));
}

static void define_scale__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, define_scale(s, "stars", 1));
    then_accepted(s);
    const ReviewCycleFact__ScaleDefined *f =
        then_fact(s, REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED);
    assert_string_equal(f->scale_id, "stars");
    assert_int_equal(f->version, 1);
    assert_int_equal(f->n_steps, 5);
    assert_int_equal(f->steps[0]->value, 1);
    assert_string_equal(f->steps[4]->label, "outstanding");
    assert_false(f->steps[2]->proficient);
    assert_true(f->steps[3]->proficient);
    assert_int_equal(f->default_value, 3);
    assert_true(f->allows_not_applicable);
    then_no_more_facts(s);
    const ReviewCycle__ScaleDefined *event = then_event(s, "ScaleDefined");
    assert_string_equal(event->scale_id, "stars");
    assert_int_equal(event->version, 1);
    assert_int_equal(event->n_values, 5);
    assert_int_equal(event->values[4]->value, 5);
    assert_string_equal(event->values[0]->label, "poor");
    assert_true(event->values[4]->proficient);
    assert_int_equal(event->default_value, 3);
    assert_true(event->allows_not_applicable);
}

static void define_scale__old_versions_keep_their_meaning(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *second = define_scale(s, "five", 2);
    scale_record scale;

    second->define_scale->n_values = 4;
    second->define_scale->allows_not_applicable = false;
    given_done(s, second);
    assert_true(review_state_get_scale(spec_state(s), SPEC_TENANT, "five", 1, &scale));
    assert_int_equal(scale.value_count, 5);
    assert_true(scale.allows_not_applicable);
    assert_true(review_state_get_scale(spec_state(s), SPEC_TENANT, "five", 2, &scale));
    assert_int_equal(scale.value_count, 4);
    assert_false(scale.allows_not_applicable);
}

static void define_scale__rejects_values_that_do_not_ascend(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_scale(s, "stars", 9);

    sub->define_scale->values[2]->value = 2; /* as the one before; the version is wrong too */
    sub->define_scale->default_value = 77;
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_ORDER, "values[2].value");
}

static void define_scale__rejects_a_default_off_the_scale(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_scale(s, "stars", 9);

    sub->define_scale->default_value = 77;
    sub->define_scale->values[3]->proficient = false;
    sub->define_scale->values[4]->proficient = false;
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_DEFAULT, "default_value");
}

static void define_scale__rejects_a_scale_without_proficient_values(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_scale(s, "stars", 9);

    sub->define_scale->values[3]->proficient = false;
    sub->define_scale->values[4]->proficient = false;
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_PROFICIENT, "values");
}

static void define_scale__rejects_a_value_above_proficient_that_is_not(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = define_scale(s, "stars", 9);

    sub->define_scale->values[4]->proficient = false;
    when(s, sub);
    then_rejected(s, PX_REASON_SCALE_PROFICIENT, "values[4].proficient");
}

static void define_scale__rejects_versions_out_of_turn(void **ctx)
{
    static const struct {
        const char *scale;
        uint32_t version;
    } rows[] = { { "stars", 2 }, { "five", 1 }, { "five", 3 } };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        when(s, define_scale(s, rows[i].scale, rows[i].version));
        then_rejected(s, PX_REASON_SCALE_VERSION, "version");
    }
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service__has_a_row_for_every_type),
        ON_DRAFT(define_scale__accepted),
        ON_DRAFT(define_scale__old_versions_keep_their_meaning),
        ON_DRAFT(define_scale__rejects_values_that_do_not_ascend),
        ON_DRAFT(define_scale__rejects_a_default_off_the_scale),
        ON_DRAFT(define_scale__rejects_a_scale_without_proficient_values),
        ON_DRAFT(define_scale__rejects_a_value_above_proficient_that_is_not),
        ON_DRAFT(define_scale__rejects_versions_out_of_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
