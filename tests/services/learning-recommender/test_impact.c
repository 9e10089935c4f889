/* test_impact.c: what is reported of learning: pooled, against a control, and only of enough. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "services/learning-recommender/impact.h"
#include "tests/services/learning-recommender/fixtures.h"

enum { IMPACT_UPDATED = LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED, CONTROL = 100 };

static const char *const stage[] = { "stage", NULL };
static const char *const both[] = { "stage", "talks", NULL };

static void assert_near(double got, double want)
{
    assert_true(fabs(got - want) < 1e-12);
}

static void look_times(spec *s, int times, double gain)
{
    for (int i = 0; i < times; i++)
        given_look(s, stage, gain, 0.2, 10.0, CONTROL); /* a control of .1 */
}

/* ---- arithmetic ---- */

static void impact__is_the_mean_by_precision(void **ctx)
{
    impact all = { 0 };
    impact_report report;

    (void)ctx;
    for (int i = 0; i < 4; i++)
        assert_true(impact_add(&all, &(impact_look){ 0.4, 0.1, 10, 100 }, 0.5)); /* .6, var .4 */
    assert_true(impact_add(&all, &(impact_look){ 1.1, 0.4, 10, 100 }, 1.0));     /* 1, var .4 */
    assert_true(impact_of(&all, &report));
    assert_near(report.effect, 0.68);
    assert_near(report.low, 0.68 - 1.645 * sqrt(0.4 / 5));
    assert_near(report.high, 0.68 + 1.645 * sqrt(0.4 / 5));
    assert_true(report.enough);
}

static void look__without_sight_or_comparison_does_not_count(void **ctx)
{
    impact all = { 0 };

    (void)ctx;
    assert_false(impact_add(&all, &(impact_look){ 0.0, 0.0, 10, 100 }, 1.0));
    assert_false(impact_add(&all, &(impact_look){ 0.4, 0.1, 2.9, 29 }, 1.0));
    assert_int_equal(all.looks, 0);
}

static void news__are_a_quarter_more_or_another_verdict(void **ctx)
{
    impact all = { .looks = 10, .weight = 100, .sum = 50 };

    (void)ctx;
    assert_true(impact_is_news(&all, 0, false));
    assert_true(impact_is_news(&all, 8, true));
    assert_false(impact_is_news(&all, 9, true));
    assert_true(impact_is_news(&all, 9, false));
    all.looks = 4;
    assert_false(impact_is_news(&all, 0, false));
}

/* ---- facts and events ---- */

static void impact__is_said_from_five_looks_on(void **ctx)
{
    spec *s = *ctx;

    look_times(s, 4, 0.6);
    then_no_more_facts(s);
    look_times(s, 1, 0.6);
    const LearningRecommenderFact__ImpactUpdated *f = then_fact(s, IMPACT_UPDATED);
    assert_string_equal(f->competency_id, "speaking");
    assert_string_equal(f->item_id, "");
    assert_near(f->effect, 0.5); /* .6 less the control */
    f = then_fact(s, IMPACT_UPDATED);
    assert_string_equal(f->item_id, "stage");
    assert_near(f->effect, 1.0); /* per unit of exposure */
    assert_true(f->enough_evidence);
    assert_int_equal(f->follow_ups, 5);
    assert_int_equal(f->control_ratings, 5 * CONTROL);
    then_no_more_facts(s);
}

static void impact__is_published_with_its_verdict(void **ctx)
{
    spec *s = *ctx;

    look_times(s, 5, 0.12); /* .02 and +- .33 */
    const LearningRecommender__ImpactUpdated *event = then_event(s, "ImpactUpdated");
    assert_string_equal(event->competency_id, "speaking");
    assert_int_equal(event->verdict, LEARNING_RECOMMENDER__VERDICT__VERDICT_NOT_ENOUGH_EVIDENCE);
    assert_true(event->low < 0.0 && event->high > 0.0);
    look_times(s, 10, 1.5);
    event = then_event(s, "ImpactUpdated");
    assert_int_equal(event->verdict, LEARNING_RECOMMENDER__VERDICT__VERDICT_ASSOCIATED);
}

static void item__is_judged_by_looks_at_it_alone(void **ctx)
{
    spec *s = *ctx;

    for (int i = 0; i < 5; i++)
        given_look(s, both, 0.6, 0.2, 10.0, CONTROL);
    const LearningRecommenderFact__ImpactUpdated *f = then_fact(s, IMPACT_UPDATED);
    assert_string_equal(f->item_id, "");
    then_no_more_facts(s);
}

static void impact__waits_for_a_comparison(void **ctx)
{
    spec *s = *ctx;

    for (int i = 0; i < 9; i++)
        given_look(s, stage, 0.6, 0.2, 0.0, 0);
    then_no_more_facts(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impact__is_the_mean_by_precision),
        cmocka_unit_test(look__without_sight_or_comparison_does_not_count),
        cmocka_unit_test(news__are_a_quarter_more_or_another_verdict),
        TEST(impact__is_said_from_five_looks_on),
        TEST(impact__is_published_with_its_verdict),
        TEST(item__is_judged_by_looks_at_it_alone),
        TEST(impact__waits_for_a_comparison),
    };

    return cmocka_run_group_tests_name("impact", tests, NULL, NULL);
}
