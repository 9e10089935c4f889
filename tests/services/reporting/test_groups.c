/* Tests of reporting: the group minimum, subtraction, and what is left of an erased person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/services/reporting/fixtures.h"

static int setup_framework(void **state)
{
    setup_reporting(state);
    given_framework(*state);
    return 0;
}

/* ---- the minimum ---- */

static void minimum__decides_by_assessed_people(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 9, 4, 2);
    then_withheld(s, "x", "c", 5);
    const Reporting__HeatMap *map = heat_map_of(s, "x", false);
    assert_int_equal(map->n_cells, 0);
    assert_int_equal(map->withheld_cells, 1);
    given_level(s, "x-4", "c", 2);
    then_figures(s, "x", "c", 9, 5, 0, 1);
    assert_int_equal(heat_map_of(s, "x", false)->n_cells, 1);
}

static void set_group_minimum__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, set_group_minimum(s, 7));
    then_accepted(s);
    const ReportingFact__GroupMinimumSet *f =
        then_fact(s, REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET);
    assert_int_equal(f->minimum, 7);
    then_no_more_facts(s);
    const Reporting__GroupMinimumSet *event = then_event(s, "GroupMinimumSet");
    assert_int_equal(event->minimum, 7);
    given_minimum(s, 7); /* the same again is no mistake */
    given_minimum(s, 100);
}

static void set_group_minimum__rejections_in_order(void **ctx)
{
    static const struct {
        uint32_t before, minimum;
        px_reason reason;
    } rows[] = {
        { 5, 2, PX_REASON_FIELD_INVALID },   { 5, 101, PX_REASON_FIELD_INVALID },
        { 5, 3, PX_REASON_MINIMUM_LOWERED }, { 5, 4, PX_REASON_MINIMUM_LOWERED },
        { 8, 7, PX_REASON_MINIMUM_LOWERED }, { 8, 5, PX_REASON_MINIMUM_LOWERED },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        given_minimum(*ctx, rows[i].before);
        when(*ctx, set_group_minimum(*ctx, rows[i].minimum));
        then_rejected(*ctx, rows[i].reason, "minimum");
    }
}

static void minimum__raised_withholds_what_was_shown(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 6, 6, 2);
    given_team(s, "y", 5, 5, 2);
    given_minimum(s, 6);
    then_figures(s, "x", "c", 6, 6, 0, 1);
    then_withheld(s, "y", "c", 6);
    assert_int_equal(plans_of(s, "x")->people, 6);
    const Reporting__PlanFigures *plans =
        report_of(s, "plans.y", &reporting__plan_figures__descriptor);
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_WITHHELD_BELOW);
    assert_int_equal(plans->withheld_below, 6);
    assert_int_equal(heat_map_of(s, "y", false)->minimum, 6);
    then_bucket_is_current(s);
}

/* ---- subtraction ---- */

/* Fixture G: 8 answered, team X 5, team Y 3. X is shown, so the whole would give Y away. */
static void subtraction__small_team_is_not_found_in_the_whole(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 5, 5, 2);
    given_team(s, "y", 3, 3, 1);
    then_figures(s, "x", "c", 5, 5, 0, 1);
    then_withheld(s, "y", "c", 5);
    const Reporting__HeatMap *map = heat_map_of(s, "hq", true);
    assert_int_equal(map->n_cells, 0);
    assert_int_equal(map->withheld_cells, 1);
}

static void subtraction__small_teams_together_are_a_group(void **ctx)
{
    spec *s = *ctx;

    given_unit(s, "z", "hq");
    given_team(s, "x", 5, 5, 2);
    given_team(s, "y", 3, 3, 1);
    given_team(s, "z", 2, 2, 4);
    const Reporting__HeatMap *map = heat_map_of(s, "hq", true);
    assert_int_equal(map->n_cells, 1);
    assert_int_equal(map->cells[0]->figures->assessed, 10);
    assert_int_equal(map->cells[0]->figures->at_level, 2);
    assert_near(map->cells[0]->figures->mean_gap, (5 * 1 + 3 * 2) / 10.0);
}

static void subtraction__of_a_division_that_is_shown(void **ctx)
{
    spec *s = *ctx;

    given_unit(s, "x1", "x");
    given_team(s, "x", 3, 3, 2);
    given_team(s, "x1", 3, 3, 2);
    assert_int_equal(heat_map_of(s, "x", true)->n_cells, 1); /* 3 + 3 */
    given_team(s, "y", 4, 4, 1);
    assert_int_equal(heat_map_of(s, "hq", true)->n_cells, 0); /* 10 - 6 would be y */
    given_team(s, "y", 5, 5, 1);
    assert_int_equal(heat_map_of(s, "hq", true)->n_cells, 1);
}

static void subtraction__team_without_anybody_assessed_gives_nothing_away(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 5, 5, 2);
    given_team(s, "y", 3, 0, 0);
    const Reporting__HeatMap *map = heat_map_of(s, "hq", true);
    assert_int_equal(map->n_cells, 1);
    assert_int_equal(map->cells[0]->figures->people, 8);
    assert_int_equal(map->cells[0]->figures->assessed, 5);
}

/* ---- erasure ---- */

static void erased__leaves_nothing_behind(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 6, 6, 2);
    given_cycle(s, "q1");
    given_review(s, "r1", "x-0", REVIEW_CYCLE__RELATION__RELATION_SELF);
    given_review(s, "r2", "x-0", REVIEW_CYCLE__RELATION__RELATION_PEER);
    given_review(s, "r3", "x-1", REVIEW_CYCLE__RELATION__RELATION_SELF);
    given_plan(s, "x-0", "plan-0", LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED);
    given_item_completed(s, "x-0", "plan-0");
    given_level(s, "x-0", "c", 5);
    then_figures(s, "x", "c", 6, 6, 1, 5.0 / 6);
    assert_int_not_equal(records_that_say(spec_state(s), "x-0"), 0);

    given_erased(s, "x-0");
    assert_int_equal(records_that_say(spec_state(s), "x-0"), 0);
    then_figures(s, "x", "c", 5, 5, 0, 1);
    assert_int_equal(progress_of(s, "q1")->people, 5);
    assert_int_equal(progress_of(s, "q1")->self_reviews, 1);
    assert_int_equal(progress_of(s, "q1")->peer_reviews, 0);
    assert_int_equal(plans_of(s, "x")->people, 5);
    assert_int_equal(plans_of(s, "x")->under_way, 0);
    assert_int_equal(plans_of(s, "x")->items_completed, 0);
    then_bucket_is_current(s);
    then_feed_never_says(s, "x-0");
}

static void erased__facts_that_come_late_bring_nothing_back(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 6, 6, 2);
    given_cycle(s, "q1");
    given_review(s, "r1", "x-0", REVIEW_CYCLE__RELATION__RELATION_SELF);
    given_plan(s, "x-0", "plan-0", LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED);
    given_erased(s, "x-0");
    given_level(s, "x-0", "c", 5);
    given_role(s, "x-0", "dev");
    given_review(s, "r2", "x-0", REVIEW_CYCLE__RELATION__RELATION_MANAGER);
    given_review_withdrawn(s, "r1", "x-0");
    given_item_started(s, "x-0", "plan-0");
    given_item_completed(s, "x-0", "plan-0");
    given_plan_revised(s, "x-0", "plan-0", LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED);
    given_plan_ended(s, "x-0", "plan-0", LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE);
    given_plan(s, "x-0", "plan-1", LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED);
    assert_int_equal(records_that_say(spec_state(s), "x-0"), 0);
    then_figures(s, "x", "c", 5, 5, 0, 1);
    then_bucket_is_current(s);
}

static void erased__recorded_anew_starts_empty(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 6, 6, 2);
    given_erased(s, "x-0");
    given_person(s, "x-0", "x");
    then_figures(s, "x", "c", 5, 5, 0, 1);
    given_role(s, "x-0", "dev");
    then_figures(s, "x", "c", 6, 5, 0, 1);
    then_bucket_is_current(s);
}

static void erased__who_had_left_before(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "x", 6, 6, 2);
    given_cycle(s, "q1");
    given_review(s, "r1", "x-0", REVIEW_CYCLE__RELATION__RELATION_SELF);
    given_left(s, "x-0", "x");
    given_erased(s, "x-0");
    assert_int_equal(records_that_say(spec_state(s), "x-0"), 0);
    assert_int_equal(progress_of(s, "q1")->self_reviews, 0);
    then_figures(s, "x", "c", 5, 5, 0, 1);
    then_bucket_is_current(s);
}

#define framework_test(name)                                                                       \
    cmocka_unit_test_setup_teardown(name, setup_framework, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        framework_test(minimum__decides_by_assessed_people),
        framework_test(set_group_minimum__accepted),
        framework_test(set_group_minimum__rejections_in_order),
        framework_test(minimum__raised_withholds_what_was_shown),
        framework_test(subtraction__small_team_is_not_found_in_the_whole),
        framework_test(subtraction__small_teams_together_are_a_group),
        framework_test(subtraction__of_a_division_that_is_shown),
        framework_test(subtraction__team_without_anybody_assessed_gives_nothing_away),
        framework_test(erased__leaves_nothing_behind),
        framework_test(erased__facts_that_come_late_bring_nothing_back),
        framework_test(erased__recorded_anew_starts_empty),
        framework_test(erased__who_had_left_before),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
