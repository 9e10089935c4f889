/* Tests of reporting: what learning did, and what was saved where people knew it already. P4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/reporting/fixtures.h"

/* Unit "x" with five people, competency "c", called "Coding". */
static int setup_team(void **state)
{
    int failed = setup_reporting(state);

    given_framework(*state);
    given_competency(*state, "c", "Coding");
    given_team(*state, "x", 5, 0, 0);
    return failed;
}

/* item_id "" for all learning. */
static void given_impact(spec *s, const char *item_id, double effect, uint32_t follow_ups)
{
    LearningRecommenderFact__ImpactUpdated f = LEARNING_RECOMMENDER_FACT__IMPACT_UPDATED__INIT;
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;

    f.competency_id = "c";
    f.item_id = (char *)item_id;
    f.effect = effect;
    f.low = effect - 0.2;
    f.high = effect + 0.2;
    f.enough_evidence = f.low > 0;
    f.follow_ups = follow_ups;
    f.control_ratings = 40;
    fact.body_case = LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED;
    fact.impact_updated = &f;
    given(s, "learning-recommender", &fact);
}

static void given_waived(spec *s, const char *person_id, uint32_t minutes)
{
    LearningRecommenderFact__ItemWaived f = LEARNING_RECOMMENDER_FACT__ITEM_WAIVED__INIT;
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;

    f.person_id = (char *)person_id;
    f.item_id = "course";
    f.plan_id = "plan-0";
    f.competency_id = "c";
    f.minutes_saved = minutes;
    fact.body_case = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED;
    fact.item_waived = &f;
    given(s, "learning-recommender", &fact);
}

static const Reporting__LearningImpact *impact_now(spec *s)
{
    const Reporting__LearningImpact *impact =
        report_of(s, "impact.c", &reporting__learning_impact__descriptor);

    assert_non_null(impact);
    return impact;
}

static void impact__of_all_learning_and_of_each_item(void **ctx)
{
    spec *s = *ctx;

    given_impact(s, "course-1", 0.5, 12);
    given_impact(s, "", 0.3, 30);
    const Reporting__LearningImpact *impact = impact_now(s);
    assert_string_equal(impact->competency_id, "c");
    assert_string_equal(impact->competency_title, "Coding");
    assert_int_equal(impact->all->follow_ups, 30);
    assert_int_equal(impact->all->content_case, REPORTING__IMPACT_FIGURES__CONTENT_ESTIMATE);
    assert_near(impact->all->estimate->effect, 0.3);
    assert_near(impact->all->estimate->low, 0.1);
    assert_near(impact->all->estimate->high, 0.5);
    assert_true(impact->all->estimate->associated);
    assert_int_equal(impact->all->estimate->control_ratings, 40);
    assert_int_equal(impact->n_items, 1);
    assert_string_equal(impact->items[0]->item_id, "course-1");
    given_impact(s, "course-1", 0.1, 14); /* measured anew */
    impact = impact_now(s);
    assert_int_equal(impact->n_items, 1);
    assert_near(impact->items[0]->estimate->effect, 0.1);
    assert_false(impact->items[0]->estimate->associated);
    given_competency(s, "c", "Programming");
    assert_string_equal(impact_now(s)->competency_title, "Programming");
    then_bucket_is_current(s);
}

static void impact__under_the_same_title_is_not_written_again(void **ctx)
{
    spec *s = *ctx;

    given_impact(s, "", 0.3, 30);
    uint64_t writes = report_writes(s);
    given_competency(s, "c", "Coding");
    assert_int_equal(report_writes(s), writes);
    given_competency(s, "c", "Programming");
    assert_true(report_writes(s) > writes);
    then_bucket_is_current(s);
}

static void impact__under_ten_follow_ups_is_not_enough(void **ctx)
{
    spec *s = *ctx;

    given_impact(s, "course-1", 2.0, 9);
    const Reporting__ImpactFigures *figures = impact_now(s)->items[0];
    assert_int_equal(figures->follow_ups, 9);
    assert_int_equal(figures->content_case, REPORTING__IMPACT_FIGURES__CONTENT_NOT_ENOUGH_BELOW);
    assert_int_equal(figures->not_enough_below, 10);
    assert_null(impact_now(s)->all);
    given_impact(s, "course-1", 2.0, 10);
    assert_int_equal(impact_now(s)->items[0]->content_case,
                     REPORTING__IMPACT_FIGURES__CONTENT_ESTIMATE);
}

static void impact_query__says_what_the_bucket_says(void **ctx)
{
    Reporting__GetLearningImpact q = REPORTING__GET_LEARNING_IMPACT__INIT;
    spec *s = *ctx;

    q.competency_id = "c";
    then_refused(s, "GetLearningImpact", &q, PX_REASON_NOT_FOUND); /* never measured */
    assert_null(rendered(s, "impact.c"));
    given_impact(s, "", 0.3, 30);
    const Reporting__LearningImpact *impact = then_answer(s, "GetLearningImpact", &q);
    assert_near(impact->all->estimate->effect, 0.3);
    assert_int_equal(impact->n_items, 0);
    assert_int_equal(impact->as_of_seq, px_view_cursor(spec_state(s)));
}

static void waived__items_and_minutes_are_the_units(void **ctx)
{
    spec *s = *ctx;

    given_waived(s, "x-0", 90);
    given_waived(s, "x-1", 30);
    assert_int_equal(plans_of(s, "x")->items_waived, 2);
    assert_int_equal(plans_of(s, "x")->minutes_saved, 120);
    given_person(s, "x-5", "x");
    given_erased(s, "x-1");
    given_waived(s, "x-1", 30); /* decided before the erasure */
    assert_int_equal(plans_of(s, "x")->items_waived, 1);
    assert_int_equal(plans_of(s, "x")->minutes_saved, 90);
    assert_int_equal(records_that_say(spec_state(s), "x-1"), 0);
    then_bucket_is_current(s);
}

#define of_team(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        of_team(impact__of_all_learning_and_of_each_item),
        of_team(impact__under_the_same_title_is_not_written_again),
        of_team(impact__under_ten_follow_ups_is_not_enough),
        of_team(impact_query__says_what_the_bucket_says),
        of_team(waived__items_and_minutes_are_the_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
