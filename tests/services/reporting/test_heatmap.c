/* Tests of reporting: the cells of the heat map follow people, roles, targets and levels. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/services/reporting/fixtures.h"

/* Unit "x": 6 people in the role "dev", of whom 5 have level 2 in "c" (target 3). */
static int setup_team(void **state)
{
    setup_reporting(state);
    given_framework(*state);
    given_team(*state, "x", 6, 5, 2);
    return 0;
}

static void cell__counts_people_assessed_at_level_and_gap(void **ctx)
{
    spec *s = *ctx;

    then_figures(s, "x", "c", 6, 5, 0, 1);
    given_level(s, "x-0", "c", 3);
    then_figures(s, "x", "c", 6, 5, 1, 4.0 / 5);
    given_level(s, "x-1", "c", 4.5);
    then_figures(s, "x", "c", 6, 5, 2, 3.0 / 5);
    given_level(s, "x-5", "c", 1.5);
    then_figures(s, "x", "c", 6, 6, 2, (3 + 1.5) / 6);
    then_bucket_is_current(s);
}

static void cell__level_without_a_rating_by_others_is_not_assessed(void **ctx)
{
    spec *s = *ctx;

    given_own_view(s, "x-5", "c", 4);
    then_figures(s, "x", "c", 6, 5, 0, 1);
    given_level(s, "x-5", "c", 4);
    then_figures(s, "x", "c", 6, 6, 1, 5.0 / 6);
    given_own_view(s, "x-5", "c", 4); /* the rating of the others was withdrawn */
    then_figures(s, "x", "c", 6, 5, 0, 1);
    then_bucket_is_current(s);
}

/* Who holds two roles that ask for the same counts once, against the higher. */
static void cell__person_with_two_roles_counts_once(void **ctx)
{
    spec *s = *ctx;

    given_role_of_everybody(s, "core");
    given_target(s, "core", "c", 4);
    then_figures(s, "x", "c", 6, 5, 0, 2);
    given_target(s, "core", "c", 1);
    then_figures(s, "x", "c", 6, 5, 0, 1);
    given_person(s, "new", "x"); /* a joiner without a role of their own */
    then_figures(s, "x", "c", 7, 5, 0, 1);
    then_bucket_is_current(s);
}

static void cell__level_nobody_asks_for_is_not_counted(void **ctx)
{
    spec *s = *ctx;

    given_competency(s, "d", "Diligence");
    given_level(s, "x-0", "d", 2);
    assert_null(report_of(s, "heatmap.x.d", &reporting__heat_map_cell__descriptor));
    assert_int_equal(heat_map_of(s, "x", false)->n_cells, 1);
    given_target(s, "dev", "d", 2); /* but it counts once somebody asks */
    then_withheld(s, "x", "d", 5);
    for (unsigned i = 1; i < 5; i++)
        given_level(s, px_arena_printf(spec_arena(s), "x-%u", i), "d", 1);
    then_figures(s, "x", "d", 6, 5, 1, 4.0 / 5);
    then_bucket_is_current(s);
}

static void cell__follows_a_person_to_another_unit(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "y", 5, 5, 3);
    given_person(s, "x-5", "y");
    then_figures(s, "x", "c", 5, 5, 0, 1);
    then_figures(s, "y", "c", 6, 5, 5, 0);
    given_person(s, "x-0", "y");
    then_withheld(s, "x", "c", 5);
    then_figures(s, "y", "c", 7, 6, 5, 1.0 / 6);
    then_bucket_is_current(s);
}

static void cell__same_person_recorded_again_counts_once(void **ctx)
{
    spec *s = *ctx;
    uint64_t writes = report_writes(s);

    given_person(s, "x-0", "x");
    given_role(s, "x-0", "dev");
    then_figures(s, "x", "c", 6, 5, 0, 1);
    assert_int_equal(report_writes(s), writes); /* nothing has changed, so nothing is written */
}

static void cell__follows_a_person_to_another_role(void **ctx)
{
    spec *s = *ctx;

    given_competency(s, "d", "Diligence");
    given_target(s, "lead", "c", 4);
    given_target(s, "lead", "d", 4);
    given_role(s, "x-0", "lead");
    then_figures(s, "x", "c", 6, 5, 0, (4 * 1 + 2) / 5.0);
    then_withheld(s, "x", "d", 5);
    given_role(s, "x-0", ""); /* in the unit, and nothing is asked */
    given_role(s, "x-5", "lead");
    then_withheld(s, "x", "c", 5);
    given_level(s, "x-5", "c", 4);
    then_figures(s, "x", "c", 5, 5, 1, 4.0 / 5);
    then_bucket_is_current(s);
}

static void cell__follows_a_target(void **ctx)
{
    spec *s = *ctx;

    given_target(s, "dev", "c", 2);
    then_figures(s, "x", "c", 6, 5, 5, 0);
    given_target(s, "dev", "c", 5);
    then_figures(s, "x", "c", 6, 5, 0, 3);
    given_target(s, "dev", "c", 0);
    then_withheld(s, "x", "c", 5);
    assert_int_equal(heat_map_of(s, "x", false)->withheld_cells, 0); /* nobody asks: no cell */
    then_bucket_is_current(s);
}

static void cell__people_who_left_are_not_counted(void **ctx)
{
    spec *s = *ctx;

    given_left(s, "x-5", "x");
    then_figures(s, "x", "c", 5, 5, 0, 1);
    given_left(s, "x-0", "x");
    then_withheld(s, "x", "c", 5);
    given_level(s, "x-0", "c", 5);
    given_role(s, "x-0", "dev");
    then_withheld(s, "x", "c", 5);
    given_person(s, "x-0", "x"); /* comes back, with what is known */
    then_figures(s, "x", "c", 5, 5, 1, 4.0 / 5);
    then_bucket_is_current(s);
}

static void cell__is_called_what_the_competency_is_called(void **ctx)
{
    spec *s = *ctx;
    const Reporting__HeatMapCell *cell =
        report_of(s, "heatmap.x.c", &reporting__heat_map_cell__descriptor);

    assert_string_equal(cell->competency_title, "Care");
    given_competency(s, "c", "Taking care");
    cell = report_of(s, "heatmap.x.c", &reporting__heat_map_cell__descriptor);
    assert_string_equal(cell->competency_title, "Taking care");
    assert_true(cell->as_of_seq > 0);
    then_bucket_is_current(s);
}

static void heat_map__has_the_cells_by_competency(void **ctx)
{
    spec *s = *ctx;

    given_competency(s, "a", "Agility");
    given_target(s, "dev", "a", 2);
    for (unsigned i = 0; i < 5; i++)
        given_level(s, px_arena_printf(spec_arena(s), "x-%u", i), "a", 2);
    given_target(s, "dev", "b", 2); /* nobody is assessed */
    const Reporting__HeatMap *map = heat_map_of(s, "x", false);

    assert_string_equal(map->unit_id, "x");
    assert_string_equal(map->label, "Unit x");
    assert_int_equal(map->minimum, 5);
    assert_int_equal(map->withheld_cells, 1);
    assert_int_equal(map->as_of_seq, px_view_cursor(spec_state(s)));
    assert_int_equal(map->n_cells, 2);
    assert_string_equal(map->cells[0]->competency_id, "a");
    assert_string_equal(map->cells[0]->competency_title, "Agility");
    assert_int_equal(map->cells[0]->figures->at_level, 5);
    assert_string_equal(map->cells[1]->competency_id, "c");
    assert_string_equal(map->cells[1]->unit_id, "x");
    assert_int_equal(map->cells[1]->figures->at_level, 0);
}

static void heat_map__of_several_roles_is_in_one_order(void **ctx)
{
    static const char *const competencies[] = { "a", "b", "c", "d" };
    spec *s = *ctx;

    given_minimum(s, 6);
    given_target(s, "dev", "b", 2);
    for (unsigned i = 0; i < 6; i++) {
        const char *person_id = px_arena_printf(spec_arena(s), "lead-%u", i);

        given_person(s, person_id, "x");
        given_role(s, person_id, "lead");
        given_level(s, px_arena_printf(spec_arena(s), "x-%u", i), "b", 3);
        given_level(s, person_id, "a", 3);
        given_level(s, person_id, "c", 3);
        given_level(s, person_id, "d", 3);
    }
    given_target(s, "lead", "a", 2);
    given_target(s, "lead", "c", 4);
    given_target(s, "lead", "d", 2);
    const Reporting__HeatMap *map = heat_map_of(s, "x", false);
    assert_int_equal(map->n_cells, PX_COUNT(competencies));
    for (size_t i = 0; i < PX_COUNT(competencies); i++)
        assert_string_equal(map->cells[i]->competency_id, competencies[i]);
    assert_int_equal(map->cells[0]->figures->people, 6);
    assert_int_equal(map->cells[2]->figures->people, 12);
    assert_int_equal(map->cells[2]->figures->assessed, 11);
    assert_int_equal(map->cells[3]->figures->at_level, 6);
    then_bucket_is_current(s);
}

static void heat_map__adds_up_the_units_below(void **ctx)
{
    spec *s = *ctx;

    given_unit(s, "x1", "x");
    given_team(s, "x1", 5, 5, 4);
    given_team(s, "hq", 7, 7, 3);
    const Reporting__HeatMap *map = heat_map_of(s, "hq", true);

    assert_int_equal(map->n_cells, 1);
    assert_string_equal(map->cells[0]->unit_id, "hq");
    assert_int_equal(map->cells[0]->figures->people, 6 + 5 + 7);
    assert_int_equal(map->cells[0]->figures->assessed, 5 + 5 + 7);
    assert_int_equal(map->cells[0]->figures->at_level, 5 + 7);
    assert_near(map->cells[0]->figures->mean_gap, 5.0 / 17);
    assert_int_equal(heat_map_of(s, "hq", false)->cells[0]->figures->people, 7);
    given_unit(s, "x1", "y"); /* the unit moves with everybody in it */
    assert_int_equal(heat_map_of(s, "x", true)->cells[0]->figures->people, 6);
    assert_int_equal(heat_map_of(s, "y", true)->cells[0]->figures->people, 5);
    assert_int_equal(heat_map_of(s, "hq", true)->cells[0]->figures->people, 6 + 5 + 7);
}

static void heat_map__of_nobody_is_empty(void **ctx)
{
    const Reporting__HeatMap *map = heat_map_of(*ctx, "y", true);

    assert_int_equal(map->n_cells, 0);
    assert_int_equal(map->withheld_cells, 0);
}

static void heat_map__unknown_unit_is_not_found(void **ctx)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;
    char nowhere[] = "nowhere";

    question.unit_id = nowhere;
    then_refused(*ctx, "GetHeatMap", &question, PX_REASON_NOT_FOUND);
}

static void heat_map__deeper_than_one_answer_is_refused(void **ctx)
{
    Reporting__GetHeatMap question = REPORTING__GET_HEAT_MAP__INIT;
    char top[] = "x", parent[16] = "x";
    spec *s = *ctx;

    for (unsigned i = 0; i < 64; i++) {
        char *unit_id = px_arena_printf(spec_arena(s), "deep-%u", i);

        given_unit(s, unit_id, parent);
        snprintf(parent, sizeof parent, "%s", unit_id);
    }
    question.unit_id = top;
    question.with_units_below = true;
    then_refused(s, "GetHeatMap", &question, PX_REASON_GROUP_TOO_LARGE);
    question.with_units_below = false;
    assert_non_null(then_answer(s, "GetHeatMap", &question));
}

#define team_test(name)                                                                            \
    cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        team_test(cell__counts_people_assessed_at_level_and_gap),
        team_test(cell__level_without_a_rating_by_others_is_not_assessed),
        team_test(cell__person_with_two_roles_counts_once),
        team_test(cell__level_nobody_asks_for_is_not_counted),
        team_test(cell__follows_a_person_to_another_unit),
        team_test(cell__same_person_recorded_again_counts_once),
        team_test(cell__follows_a_person_to_another_role),
        team_test(cell__follows_a_target),
        team_test(cell__people_who_left_are_not_counted),
        team_test(cell__is_called_what_the_competency_is_called),
        team_test(heat_map__has_the_cells_by_competency),
        team_test(heat_map__of_several_roles_is_in_one_order),
        team_test(heat_map__adds_up_the_units_below),
        team_test(heat_map__of_nobody_is_empty),
        team_test(heat_map__unknown_unit_is_not_found),
        team_test(heat_map__deeper_than_one_answer_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
