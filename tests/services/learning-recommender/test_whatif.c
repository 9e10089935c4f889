/* test_whatif.c: plans under other settings, beside those that are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/learning-recommender/whatif.h"
#include "tests/services/learning-recommender/fixtures.h"

enum { PEOPLE_MAX = 8 };

typedef struct {
    size_t count;
    whatif_plan before[PEOPLE_MAX], after[PEOPLE_MAX];
    char ids[PEOPLE_MAX][PX_ID_SIZE];
} outcome;

static void keep(void *context, const whatif_person *person)
{
    outcome *o = context;

    assert_true(o->count < PEOPLE_MAX);
    assert_string_equal(person->tenant, SPEC_TENANT);
    memcpy(o->ids[o->count], person->person_id, strlen(person->person_id) + 1);
    o->before[o->count] = person->before;
    o->after[o->count++] = person->after;
}

static outcome ask(spec *s, const plan_settings *other)
{
    outcome o = { 0 };

    learning_whatif(spec_state(s), spec_now(s), other, keep, &o);
    return o;
}

/* Ids with a space between, in the order of the plan. */
static void assert_items(const whatif_plan *plan, const char *ids)
{
    char got[PLAN_ITEMS_MAX * PX_ID_SIZE] = "";

    for (uint8_t i = 0; i < plan->count; i++) {
        if (i > 0)
            strncat(got, " ", sizeof got - strlen(got) - 1);
        strncat(got, plan->items[i].id, sizeof got - strlen(got) - 1);
    }
    assert_string_equal(got, ids);
}

/* Ann's plan: stage (10 h) and essay (5 h). */
static void given_plan(spec *s)
{
    given_item(s, "stage", 10, "speaking");
    given_item(s, "essay", 5, "writing");
    given_gap(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2.5);
}

static void the_usual_settings__change_nothing(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    outcome o = ask(s, &plan_settings_usual);
    assert_int_equal(o.count, 1);
    assert_string_equal(o.ids[0], "ann");
    assert_items(&o.before[0], "essay stage");
    assert_true(o.before[0].hours == 15.0);
    assert_memory_equal(&o.before[0], &o.after[0], sizeof o.before[0]);
}

static void what_is_asked__is_not_said(void **ctx)
{
    spec *s = *ctx;
    plan_settings other = plan_settings_usual;

    given_plan(s);
    other.hours = 6;
    ask(s, &other);
    when_now_is(s, spec_now(s) + 1);
    then_no_more_facts(s);
    assert_int_equal(get_plan(s, "ann", "ann", "")->n_items, 2);
}

static void fewer_hours__leave_room_for_less(void **ctx)
{
    spec *s = *ctx;
    plan_settings other = plan_settings_usual;

    given_plan(s);
    other.hours = 6;
    outcome o = ask(s, &other);
    assert_items(&o.before[0], "essay stage");
    assert_items(&o.after[0], "essay");
    assert_true(o.after[0].hours == 5.0);
    assert_true(o.after[0].value < o.before[0].value);
}

static void started_items__stay_whatever_the_hours(void **ctx)
{
    spec *s = *ctx;
    plan_settings other = plan_settings_usual;

    given_plan(s);
    given_done(s, start_item(s, "ann", "stage"));
    other.hours = 1;
    assert_items(&ask(s, &other).after[0], "stage");
}

static void a_higher_least_value__leaves_nothing_worth_it(void **ctx)
{
    spec *s = *ctx;
    plan_settings other = plan_settings_usual;

    given_plan(s);
    other.least = 10;
    outcome o = ask(s, &other);
    assert_items(&o.after[0], "");
    assert_true(o.after[0].hours == 0.0);
}

static void another_weight__decides_what_fits(void **ctx)
{
    spec *s = *ctx;
    plan_weight weight = { "writing", 3 };
    plan_settings other = plan_settings_usual;

    given_plan(s);
    other.hours = 12;
    assert_items(&ask(s, &other).after[0], "stage");
    other.weights = &weight;
    other.weight_count = 1;
    assert_items(&ask(s, &other).after[0], "essay");
}

static void another_target__opens_a_gap_for_whom_there_was_none(void **ctx)
{
    spec *s = *ctx;
    plan_target target = { "dev", "writing", 5.0 };
    plan_settings other = plan_settings_usual;

    given_item(s, "essay", 5, "writing");
    given_level(s, "bob", "writing", 3.8); /* 3.5 is asked for */
    assert_int_equal(ask(s, &other).count, 0);
    other.targets = &target;
    other.target_count = 1;
    outcome o = ask(s, &other);
    assert_int_equal(o.count, 1);
    assert_string_equal(o.ids[0], "bob");
    assert_items(&o.before[0], "");
    assert_items(&o.after[0], "essay");
}

static void a_lower_target__closes_a_gap_and_none_takes_it_away(void **ctx)
{
    spec *s = *ctx;
    plan_target targets[] = { { "dev", "writing", 2.0 }, { "dev", "speaking", 0.0 } };
    plan_settings other = plan_settings_usual;

    given_plan(s);
    other.targets = targets;
    other.target_count = 1;
    assert_items(&ask(s, &other).after[0], "stage");
    other.target_count = 2;
    assert_items(&ask(s, &other).after[0], "");
}

/* The strongest of a person's roles counts, as ever. */
static void another_target__counts_beside_those_of_other_roles(void **ctx)
{
    spec *s = *ctx;
    plan_target target = { "dev", "writing", 1.0 };
    plan_settings other = plan_settings_usual;

    given_role_of_everybody(s, "core");
    given_target(s, "core", "writing", 3.4, 1);
    given_plan(s);
    other.targets = &target;
    other.target_count = 1;
    assert_items(&ask(s, &other).after[0], "essay stage");
}

static void who_has_left__is_not_asked_about(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_person_left(s, "ann", "boss");
    assert_int_equal(ask(s, &plan_settings_usual).count, 0);
}

static void competencies_and_targets__are_known_or_not(void **ctx)
{
    spec *s = *ctx;
    const px_view *state = spec_state(s);

    assert_true(learning_whatif_has_competency(state, "writing"));
    assert_false(learning_whatif_has_competency(state, "writin"));
    assert_true(learning_whatif_has_target(state, "dev", "writing"));
    assert_false(learning_whatif_has_target(state, "dev", "coding"));
    assert_false(learning_whatif_has_target(state, "nobody", "writing"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_usual_settings__change_nothing),
        TEST(what_is_asked__is_not_said),
        TEST(fewer_hours__leave_room_for_less),
        TEST(started_items__stay_whatever_the_hours),
        TEST(a_higher_least_value__leaves_nothing_worth_it),
        TEST(another_weight__decides_what_fits),
        TEST(another_target__opens_a_gap_for_whom_there_was_none),
        TEST(a_lower_target__closes_a_gap_and_none_takes_it_away),
        TEST(another_target__counts_beside_those_of_other_roles),
        TEST(who_has_left__is_not_asked_about),
        TEST(competencies_and_targets__are_known_or_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
