/* Tests of competency: what it accepts and refuses, and the events of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures.h"

/* ---- competencies ---- */

static void define_competency__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, define_competency(s, "data"));
    then_accepted(s);
    const CompetencyFact__CompetencyDefined *f = then_fact(s, COMPETENCY_DEFINED);
    assert_string_equal(f->competency_id, "data");
    assert_string_equal(f->title, "Handling data");
    assert_string_equal(f->description, "What it is.");
    assert_int_equal(f->family, COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL);
    assert_int_equal(f->n_levels, 5);
    assert_string_equal(f->levels[1]->name, "Working");
    assert_string_equal(f->levels[1]->text, "What one can do.");
    then_no_more_facts(s);
    const Competency__CompetencyDefined *event = then_event(s, "CompetencyDefined");
    assert_string_equal(event->competency_id, "data");
    assert_string_equal(event->title, "Handling data");
    assert_int_equal(event->family, COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL);
    assert_int_equal(event->n_level_names, 5);
    assert_string_equal(event->level_names[4], "Expert");
}

static void define_competency__again_renames_levels_and_keeps_targets(void **ctx)
{
    static const char *const names[] = { "A", "B", "C", "D", "E", NULL };
    spec *s = *ctx;
    Competency__GetRole q = COMPETENCY__GET_ROLE__INIT;

    given_done(s, define_levels(s, "sql", names));
    q.role_id = "analyst";
    const Competency__Role *role = then_answer(s, "GetRole", &q);
    assert_near(role->targets[0]->target, 4.0, 0);
    given_done(s, set_target(s, "analyst", "sql", "E"));
    when(s, set_target(s, "analyst", "sql", "Expert"));
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "level_name");
}

static void define_competency__rejections_in_order(void **ctx)
{
    static const char *const twice[] = { "Low", "High", "Low", NULL };
    static const char *const three[] = { "Low", "Middle", "High", NULL };
    spec *s = *ctx;

    when(s, define_levels(s, "sql", twice));
    then_rejected(s, PX_REASON_LEVEL_NAME_TWICE, "levels[2].name");
    when(s, define_levels(s, "sql", three));
    then_rejected(s, PX_REASON_LEVELS_CHANGED, "levels");
    then_no_event(s, "CompetencyDefined");
}

/* ---- roles ---- */

static void define_role__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, define_role(s, "tester"));
    then_accepted(s);
    const CompetencyFact__RoleDefined *f = then_fact(s, ROLE_DEFINED);
    assert_string_equal(f->role_id, "tester");
    assert_string_equal(f->title, "Business analyst");
    assert_string_equal(f->role_family, "Analysis");
    then_no_more_facts(s);
    const Competency__RoleDefined *event = then_event(s, "RoleDefined");
    assert_string_equal(event->role_id, "tester");
    assert_string_equal(event->title, "Business analyst");
    assert_string_equal(event->role_family, "Analysis");
}

static void set_role_target__maps_the_level_to_the_scale(void **ctx)
{
    static const char *const four[] = { "Awareness", "Working", "Practitioner", "Expert", NULL };
    static const double targets[] = { 1.0, 1.0 + 4.0 / 3.0, 1.0 + 8.0 / 3.0, 5.0 };
    spec *s = *ctx;

    given_done(s, define_levels(s, "data", four));
    for (size_t i = 0; four[i]; i++) {
        when(s, set_target(s, "analyst", "data", four[i]));
        then_accepted(s);
        const CompetencyFact__RoleTargetSet *f = then_fact(s, ROLE_TARGET_SET);
        assert_string_equal(f->role_id, "analyst");
        assert_string_equal(f->competency_id, "data");
        assert_string_equal(f->level_name, four[i]);
        assert_near(f->target, targets[i], 1e-15);
        assert_near(f->weight, 1.0, 0); /* 0 means 1 */
        then_no_more_facts(s);
    }
    const Competency__RoleTargetSet *event = then_event(s, "RoleTargetSet");
    assert_string_equal(event->role_id, "analyst");
    assert_string_equal(event->competency_id, "data");
    assert_string_equal(event->level_name, "Expert");
    assert_near(event->target, 5.0, 0);
    assert_near(event->weight, 1.0, 0);
}

static void set_role_target__keeps_the_weight(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = set_target(s, "analyst", "talk", "Good");

    sub->set_role_target->weight = 2.5;
    when(s, sub);
    const CompetencyFact__RoleTargetSet *f = then_fact(s, ROLE_TARGET_SET);
    assert_near(f->weight, 2.5, 0);
}

static void set_role_target__dash_takes_it_away(void **ctx)
{
    spec *s = *ctx;
    Competency__GetRole q = COMPETENCY__GET_ROLE__INIT;

    when(s, set_target(s, "analyst", "sql", "-"));
    then_accepted(s);
    const CompetencyFact__RoleTargetSet *f = then_fact(s, ROLE_TARGET_SET);
    assert_string_equal(f->level_name, "-");
    assert_near(f->target, 0.0, 0);
    q.role_id = "analyst";
    const Competency__Role *role = then_answer(s, "GetRole", &q);
    assert_int_equal(role->n_targets, 0);
}

static void set_role_target__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, set_target(s, "none", "none", "NOT IN USE"));
    then_rejected(s, PX_REASON_ROLE_UNKNOWN, "role_id");
    when(s, set_target(s, "analyst", "none", "NOT IN USE"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, set_target(s, "analyst", "sql", "NOT IN USE"));
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "level_name");
    then_no_event(s, "RoleTargetSet");
}

/* ---- people ---- */

static void assign_role__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, assign_role(s, "ann", "analyst"));
    then_accepted(s);
    const CompetencyFact__RoleAssigned *f = then_fact(s, ROLE_ASSIGNED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->role_id, "analyst");
    then_no_more_facts(s);
    const Competency__RoleAssigned *event = then_event(s, "RoleAssigned");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->role_id, "analyst");
}

static void assign_role__empty_takes_it_away(void **ctx)
{
    spec *s = *ctx;
    char role_id[PX_ID_SIZE], person_id[PX_ID_SIZE] = "";

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_role(s, "ann", ""));
    px_roles_get_slot(spec_state(s), SPEC_TENANT, "ann", PX_ROLE_MAIN, role_id);
    assert_string_equal(role_id, "");
    assert_false(px_roles_next_holder(spec_state(s), SPEC_TENANT, "analyst", person_id));
}

static void assign_role__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, assign_role(s, "nobody", "none"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, assign_role(s, "lea", "none"));
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    when(s, assign_role(s, "ann", "none"));
    then_rejected(s, PX_REASON_ROLE_UNKNOWN, "role_id");
    then_no_event(s, "RoleAssigned");
}

/* Whoever sends everything every night makes no facts of what has not changed. */
static void said_again__says_nothing(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *weighty = set_target(s, "analyst", "sql", "High");

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, define_role(s, "tester"));
    given_done(s, define_role(s, "tester"));
    then_no_more_facts(s);
    given_done(s, set_target(s, "analyst", "sql", "High"));
    then_no_more_facts(s);
    given_done(s, set_target(s, "tester", "sql", "-"));
    then_no_more_facts(s);
    given_done(s, assign_role(s, "ann", "analyst"));
    then_no_more_facts(s);
    given_done(s, assign_role(s, "bob", ""));
    then_no_more_facts(s);
    weighty->set_role_target->weight = 2;
    when(s, weighty);
    then_fact(s, ROLE_TARGET_SET);
    given_done(s, assign_slot(s, "ann", "tester", COMPETENCY__ROLE_SLOT__ROLE_SLOT_TRACK));
    then_fact(s, ROLE_ASSIGNED);
}

static void record_assessment__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, record_assessment(s, "a1", "ann", "sql", 4.5));
    then_accepted(s);
    const CompetencyFact__AssessmentRecorded *f = then_fact(s, ASSESSMENT_RECORDED);
    assert_string_equal(f->assessment_id, "a1");
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_near(f->score, 4.5, 0);
    assert_true(f->occurred_at_us == SPEC_START_US);
    const Competency__AssessmentRecorded *event = then_event(s, "AssessmentRecorded");
    assert_string_equal(event->assessment_id, "a1");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_near(event->score, 4.5, 0);
}

static void record_assessment__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record_assessment(s, "a1", "ann", "sql", 3));
    when(s, record_assessment(s, "a1", "nobody", "none", 3));
    then_rejected(s, PX_REASON_ASSESSMENT_EXISTS, "assessment_id");
    when(s, record_assessment(s, "a2", "nobody", "none", 3));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, record_assessment(s, "a2", "lea", "none", 3));
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    when(s, record_assessment(s, "a2", "ann", "none", 3));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
}

static void define_role__is_defined_anew_when_any_of_it_changes(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *other[4];

    given_unit(s, "north", "");
    given_unit(s, "south", "");
    for (size_t i = 0; i < 2; i++)
        other[i] = define_role(s, "tester");
    other[0]->define_role->title = px_arena_strdup(spec_arena(s), "Tester");
    other[1]->define_role->role_family = px_arena_strdup(spec_arena(s), "Testing");
    other[2] = define_ruled_role(s, "tester", COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_EVERYBODY, "");
    other[3] = define_ruled_role(s, "tester", COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_UNIT, "north");
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        given_done(s, define_role(s, "tester"));
        when(s, other[i]);
        then_accepted(s);
        then_fact(s, ROLE_DEFINED);
    }
    when(s, define_ruled_role(s, "tester", COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_UNIT, "south"));
    then_fact(s, ROLE_DEFINED);
    when(s, define_ruled_role(s, "tester", COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_UNIT, "south"));
    then_accepted(s);
    then_no_more_facts(s);
}

static void set_role_target__is_said_again_when_any_of_it_changes(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *heavier = set_target(s, "analyst", "sql", "High");
    Competency__Submission *worded = set_target(s, "analyst", "sql", "High");

    heavier->set_role_target->weight = 3;
    worded->set_role_target->indicator = px_arena_strdup(spec_arena(s), "Asks the right question.");
    Competency__Submission *other[] = { heavier, worded, set_target(s, "analyst", "sql", "Good") };
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        given_done(s, set_target(s, "analyst", "sql", "High"));
        when(s, other[i]);
        then_accepted(s);
        then_fact(s, ROLE_TARGET_SET);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(define_competency__accepted),
        TEST(define_competency__again_renames_levels_and_keeps_targets),
        TEST(define_competency__rejections_in_order),
        TEST(define_role__accepted),
        TEST(set_role_target__maps_the_level_to_the_scale),
        TEST(set_role_target__keeps_the_weight),
        TEST(set_role_target__dash_takes_it_away),
        TEST(set_role_target__rejections_in_order),
        TEST(assign_role__accepted),
        TEST(assign_role__empty_takes_it_away),
        TEST(assign_role__rejections_in_order),
        TEST(said_again__says_nothing),
        TEST(record_assessment__accepted),
        TEST(record_assessment__rejections_in_order),
        TEST(define_role__is_defined_anew_when_any_of_it_changes),
        TEST(set_role_target__is_said_again_when_any_of_it_changes),
    };

    return cmocka_run_group_tests_name("competency decide", tests, NULL, NULL);
}
