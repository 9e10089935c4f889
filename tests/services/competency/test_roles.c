/* Tests of competency: which roles somebody holds, by assignment and by rule, what is asked of them
 * for it, and the role they aspire to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures.h"

enum {
    EVERYBODY = COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_EVERYBODY,
    OF_UNIT = COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_UNIT,
    MANAGERS = COMPETENCY__ROLE_HOLDERS__ROLE_HOLDERS_MANAGERS,
    TRACK = COMPETENCY__ROLE_SLOT__ROLE_SLOT_TRACK,
    ASPIRATION = COMPETENCY__ROLE_SLOT__ROLE_SLOT_ASPIRATION,
    PRESENT = COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_PRESENT,
    CAREER = COMPETENCY__GAP_PURPOSE__GAP_PURPOSE_CAREER
};

static void assert_holds(spec *s, const char *person_id, const char *role_id, bool holds)
{
    px_role_list roles = px_roles_of(spec_state(s), SPEC_TENANT, person_id);

    if (px_role_list_has(&roles, role_id) != holds)
        fail_msg("%s %s %s", person_id, holds ? "does not hold" : "holds", role_id);
}

static px_requirement asked_of(spec *s, const char *person_id, const char *competency_id)
{
    return px_roles_requirement(spec_state(s), SPEC_TENANT, person_id, competency_id);
}

/* "talk" at "Good" (3.0), for whom the rule says. */
static void given_ruled(spec *s, const char *role_id, int holders, const char *unit_id)
{
    given_done(s, define_ruled_role(s, role_id, holders, unit_id));
    given_done(s, set_target(s, role_id, "talk", "Good"));
}

/* ---- by rule ---- */

static void core_role__is_everybodys_and_a_joiners(void **ctx)
{
    spec *s = *ctx;

    given_ruled(s, "core", EVERYBODY, "");
    assert_holds(s, "ann", "core", true);
    assert_holds(s, "boss", "core", true);
    assert_holds(s, "lea", "core", false); /* has left */
    given_person(s, "joe", "boss");
    assert_holds(s, "joe", "core", true);
    given_rating(s, "v1", "boss", MANAGER, "joe", "talk", 1, 0);
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_string_equal(f->person_id, "joe");
    assert_string_equal(f->role_id, "core");
    assert_near(f->target, 3.0, 0);
    assert_int_equal(f->purpose, PRESENT);
}

static void core_role__whoever_leaves_is_asked_no_more(void **ctx)
{
    spec *s = *ctx;

    given_ruled(s, "core", EVERYBODY, "");
    given_rating(s, "v1", "boss", MANAGER, "ann", "talk", 1, 0);
    given_person_left(s, "ann", "boss");
    const CompetencyFact__GapClosed *f = then_some_fact(s, GAP_CLOSED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(f->reason, CHANGE_TARGET);
    assert_holds(s, "ann", "core", false);
    given_person(s, "ann", "boss"); /* and comes back */
    then_some_fact(s, GAP_OPENED);
}

static void role_of_a_unit__is_held_there_and_below(void **ctx)
{
    spec *s = *ctx;

    given_unit(s, "hq", "");
    given_unit(s, "labs", "hq");
    given_unit(s, "shop", "");
    given_person_of_unit(s, "kim", "labs");
    given_person_of_unit(s, "lou", "shop");
    given_ruled(s, "safety", OF_UNIT, "hq");
    assert_holds(s, "kim", "safety", true);
    assert_holds(s, "lou", "safety", false);
    given_person_of_unit(s, "lou", "hq");
    assert_holds(s, "lou", "safety", true);
    given_unit(s, "labs", "shop"); /* the unit moves away with its people */
    assert_holds(s, "kim", "safety", false);
}

static void role_of_managers__comes_with_the_first_report_and_goes_with_the_last(void **ctx)
{
    spec *s = *ctx;

    given_ruled(s, "leader", MANAGERS, "");
    assert_holds(s, "boss", "leader", true);
    assert_holds(s, "ann", "leader", true); /* cid reports to her */
    assert_holds(s, "pat", "leader", false);
    given_person(s, "cid", "pat");
    assert_holds(s, "ann", "leader", false);
    assert_holds(s, "pat", "leader", true);
    given_person_left(s, "cid", "pat");
    assert_holds(s, "pat", "leader", false);
    given_person(s, "cid", "pat");
    assert_holds(s, "pat", "leader", true);
    given_person_erased(s, "cid");
    assert_holds(s, "pat", "leader", false);
}

static void rule__may_change(void **ctx)
{
    spec *s = *ctx;

    given_ruled(s, "core", EVERYBODY, "");
    given_done(s, define_ruled_role(s, "core", MANAGERS, ""));
    assert_holds(s, "pat", "core", false);
    assert_holds(s, "boss", "core", true);
    given_done(s, define_role(s, "core"));
    assert_holds(s, "boss", "core", false);
    given_done(s, assign_role(s, "pat", "core"));
    assert_holds(s, "pat", "core", true);
}

static void rule__rejections(void **ctx)
{
    spec *s = *ctx;

    when(s, define_ruled_role(s, "core", OF_UNIT, "nowhere"));
    then_rejected(s, PX_REASON_UNIT_UNKNOWN, "unit_id");
    when(s, define_ruled_role(s, "core", EVERYBODY, "hq"));
    then_rejected(s, PX_REASON_FIELD_INVALID, "unit_id");
    given_ruled(s, "core", EVERYBODY, "");
    when(s, assign_role(s, "ann", "core"));
    then_rejected(s, PX_REASON_ROLE_BY_RULE, "role_id");
}

/* ---- what is asked ---- */

static void several_roles__the_highest_target_counts(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_ruled_role(s, "core", EVERYBODY, ""));
    given_done(s, set_target(s, "core", "sql", "Working"));
    given_done(s, assign_role(s, "ann", "analyst"));
    assert_string_equal(asked_of(s, "ann", "sql").role_id, "analyst");
    assert_near(asked_of(s, "ann", "sql").target, 4.0, 0);
    assert_string_equal(asked_of(s, "bob", "sql").role_id, "core");
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_done(s, set_target(s, "core", "sql", "Expert"));
    const CompetencyFact__GapChanged *f = then_some_fact(s, GAP_CHANGED);
    assert_string_equal(f->role_id, "core");
    assert_near(f->target, 5.0, 0);
}

static void assignment__says_what_it_swaps(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "zeal"));
    given_done(s, define_role(s, "seller"));
    given_done(s, set_target(s, "seller", "zeal", "Good"));
    given_done(s, set_target(s, "seller", "talk", "Good"));
    given_done(s, set_target(s, "analyst", "talk", "Low"));
    given_done(s, assign_role(s, "ann", "analyst"));
    when(s, assign_role(s, "ann", "seller"));
    const CompetencyFact__RoleAssigned *f = then_fact(s, ROLE_ASSIGNED);
    assert_int_equal(f->n_gained_competency_ids, 1);
    assert_string_equal(f->gained_competency_ids[0], "zeal");
    assert_int_equal(f->n_lost_competency_ids, 1);
    assert_string_equal(f->lost_competency_ids[0], "sql");
    const Competency__RoleAssigned *event = then_event(s, "RoleAssigned");
    assert_int_equal(event->n_gained_competency_ids, 1);
    assert_string_equal(event->lost_competency_ids[0], "sql");
    when(s, assign_slot(s, "ann", "analyst", TRACK)); /* beside it */
    f = then_fact(s, ROLE_ASSIGNED);
    assert_int_equal(f->n_lost_competency_ids, 0);
    assert_string_equal(f->gained_competency_ids[0], "sql");
    assert_holds(s, "ann", "seller", true);
    assert_holds(s, "ann", "analyst", true);
    then_event(s, "RoleAssigned");
}

static void indicator__is_the_roles_own_and_the_level_the_same(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *analyst = set_target(s, "analyst", "sql", "High");
    Competency__Submission *tester = set_target(s, "tester", "sql", "Working");
    char writes[] = "Writes queries.", reads[] = "Reads queries.";
    char ann[] = "ann", bob[] = "bob";
    Competency__GetProfile q = COMPETENCY__GET_PROFILE__INIT;

    analyst->set_role_target->indicator = writes;
    tester->set_role_target->indicator = reads;
    given_done(s, define_role(s, "tester"));
    given_done(s, analyst);
    given_done(s, tester);
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_role(s, "bob", "tester"));
    q.viewer_id = q.person_id = ann;
    const Competency__Profile *p = then_answer(s, "GetProfile", &q);
    assert_string_equal(p->items[0]->indicator, writes);
    assert_string_equal(p->items[0]->role_id, "analyst");
    assert_int_equal(p->items[0]->family,
                     COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL);
    q.viewer_id = q.person_id = bob;
    p = then_answer(s, "GetProfile", &q);
    assert_string_equal(p->items[0]->competency_id, "sql");
    assert_string_equal(p->items[0]->indicator, reads);
}

/* ---- careers ---- */

static void aspiration__has_a_gap_of_its_own(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_role(s, "lead"));
    given_done(s, set_target(s, "lead", "sql", "Expert"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    when(s, assign_slot(s, "ann", "lead", ASPIRATION));
    then_accepted(s);
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_int_equal(f->purpose, CAREER);
    assert_string_equal(f->role_id, "lead");
    assert_near(f->target, 5.0, 0);
    then_no_more_facts(s);
    const Competency__GapOpened *event = then_event(s, "GapOpened");
    assert_int_equal(event->purpose, CAREER);
    assert_true(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
    assert_near(said_of(s, "ann", "sql").gaps[FOR_PRESENT].asked.target, 4.0, 0);
    assert_holds(s, "ann", "lead", false);
    when(s, assign_slot(s, "ann", "", ASPIRATION));
    const CompetencyFact__GapClosed *closed = then_some_fact(s, GAP_CLOSED);
    assert_int_equal(closed->purpose, CAREER);
    assert_int_equal(closed->reason, CHANGE_TARGET);
    assert_true(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
}

static void aspiration__asks_only_what_is_more(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_role(s, "lead"));
    given_done(s, set_target(s, "lead", "sql", "Good"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_slot(s, "ann", "lead", ASPIRATION));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    then_some_fact(s, GAP_OPENED);
    assert_int_equal(facts_of(s, GAP_OPENED), 1);
    when(s, set_target(s, "lead", "sql", "Expert")); /* who aspires to it hears of it */
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_int_equal(f->purpose, CAREER);
}

/* Who holds no role at all has a gap to the one they aspire to, until they leave. */
static void aspiration__ends_with_whoever_leaves(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_role(s, "lead"));
    given_done(s, set_target(s, "lead", "sql", "Expert"));
    given_done(s, assign_slot(s, "ann", "lead", ASPIRATION));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_person_left(s, "ann", "boss");
    const CompetencyFact__GapClosed *f = then_some_fact(s, GAP_CLOSED);
    assert_int_equal(f->purpose, CAREER);
    given_person(s, "ann", "boss");
    then_some_fact(s, GAP_OPENED);
}

/* ---- erasure ---- */

static void erased__holds_and_aspires_to_nothing(void **ctx)
{
    spec *s = *ctx;
    char role_id[PX_ID_SIZE], person_id[PX_ID_SIZE] = "";

    given_ruled(s, "core", EVERYBODY, "");
    given_done(s, define_role(s, "lead"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_slot(s, "ann", "lead", ASPIRATION));
    given_person_erased(s, "ann");
    assert_int_equal(px_roles_of(spec_state(s), SPEC_TENANT, "ann").count, 0);
    px_roles_get_slot(spec_state(s), SPEC_TENANT, "ann", PX_ROLE_MAIN, role_id);
    assert_string_equal(role_id, "");
    assert_false(px_roles_next_holder(spec_state(s), SPEC_TENANT, "lead", person_id));
    assert_false(px_roles_next_holder(spec_state(s), SPEC_TENANT, "analyst", person_id));
}

/* ---- boundaries ---- */

static void roles__beyond_what_one_person_may_hold_are_those_with_the_last_ids(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_slot(s, "ann", "analyst", TRACK)); /* twice the same is one */
    for (int i = PX_ROLES_MAX; i > 0; i--)
        given_done(
            s, define_ruled_role(s, px_arena_printf(spec_arena(s), "core%02d", i), EVERYBODY, ""));
    assert_holds(s, "ann", "analyst", true);
    assert_holds(s, "ann", "core31", true);
    assert_holds(s, "ann", "core32", false);
    assert_holds(s, "bob", "core32", true);
    assert_int_equal(px_roles_of(spec_state(s), SPEC_TENANT, "ann").count, PX_ROLES_MAX);
    assert_int_equal(px_roles_of(spec_state(s), SPEC_TENANT, "bob").count, PX_ROLES_MAX);
}

static void role_of_a_unit__reaches_64_units_down(void **ctx)
{
    enum { DEPTH = 64 };
    spec *s = *ctx;

    given_unit(s, "unit00", "");
    for (int i = 1; i <= DEPTH; i++)
        given_unit(s, px_arena_printf(spec_arena(s), "unit%02d", i),
                   px_arena_printf(spec_arena(s), "unit%02d", i - 1));
    given_person_of_unit(s, "near", "unit63");
    given_person_of_unit(s, "far", "unit64");
    given_ruled(s, "top", OF_UNIT, "unit00");
    assert_holds(s, "near", "top", true);
    assert_holds(s, "far", "top", false);
    assert_true(px_roles_meets(spec_state(s), SPEC_TENANT, "near", PX_HOLDERS_UNIT, "unit00"));
    assert_false(px_roles_meets(spec_state(s), SPEC_TENANT, "far", PX_HOLDERS_UNIT, "unit00"));
}

static void rule__is_met_by_active_people_only(void **ctx)
{
    static const px_holders rules[] = { PX_HOLDERS_EVERYBODY, PX_HOLDERS_UNIT,
                                        PX_HOLDERS_MANAGERS };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rules); i++) {
        const px_view *state = spec_state(s);

        assert_true(px_roles_meets(state, SPEC_TENANT, "boss", rules[i], "sales"));
        assert_false(px_roles_meets(state, SPEC_TENANT, "lea", rules[i], "sales"));
        assert_false(px_roles_meets(state, SPEC_TENANT, "nobody", rules[i], "sales"));
    }
    assert_false(px_roles_meets(spec_state(s), SPEC_TENANT, "boss", PX_HOLDERS_ASSIGNED, ""));
    assert_false(px_roles_meets(spec_state(s), SPEC_TENANT, "boss", PX_HOLDERS_UNIT, "north"));
    assert_false(px_roles_meets(spec_state(s), SPEC_TENANT, "cid", PX_HOLDERS_MANAGERS, ""));
}

static void aspiration__says_when_more_is_asked_for_it(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_role(s, "lead"));
    given_done(s, set_target(s, "lead", "talk", "Good"));
    given_done(s, assign_slot(s, "ann", "lead", ASPIRATION));
    given_rating(s, "v1", "boss", MANAGER, "ann", "talk", 1, 0);
    given_rating(s, "v2", "boss", MANAGER, "ann", "talk", 1, 30);
    given_done(s, set_target(s, "lead", "talk", "Expert"));
    const Competency__GapChanged *event = then_event(s, "GapChanged");
    assert_int_equal(event->purpose, CAREER);
    assert_near(event->target, 5.0, 0);
    assert_string_equal(event->role_id, "lead");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(core_role__is_everybodys_and_a_joiners),
        TEST(core_role__whoever_leaves_is_asked_no_more),
        TEST(role_of_a_unit__is_held_there_and_below),
        TEST(role_of_managers__comes_with_the_first_report_and_goes_with_the_last),
        TEST(rule__may_change),
        TEST(rule__rejections),
        TEST(several_roles__the_highest_target_counts),
        TEST(assignment__says_what_it_swaps),
        TEST(indicator__is_the_roles_own_and_the_level_the_same),
        TEST(aspiration__has_a_gap_of_its_own),
        TEST(aspiration__asks_only_what_is_more),
        TEST(aspiration__ends_with_whoever_leaves),
        TEST(erased__holds_and_aspires_to_nothing),
        TEST(roles__beyond_what_one_person_may_hold_are_those_with_the_last_ids),
        TEST(role_of_a_unit__reaches_64_units_down),
        TEST(rule__is_met_by_active_people_only),
        TEST(aspiration__says_when_more_is_asked_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
