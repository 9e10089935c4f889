/* Tests of competency: its questions, and who may ask them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/gap.h"
#include "tests/services/competency/fixtures.h"

static Competency__GetProfile *get_profile(spec *s, const char *viewer_id, const char *person_id)
{
    Competency__GetProfile *q = px_arena_alloc(spec_arena(s), sizeof *q);

    *q = (Competency__GetProfile)COMPETENCY__GET_PROFILE__INIT;
    q->viewer_id = px_arena_strdup(spec_arena(s), viewer_id);
    q->person_id = px_arena_strdup(spec_arena(s), person_id);
    return q;
}

static void profile__is_what_the_role_asks_for_then_the_rest(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "art"));
    given_done(s, define_competency(s, "zeal"));
    given_done(s, set_target(s, "analyst", "zeal", "Good"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_rating(s, "v2", "boss", MANAGER, "ann", "art", 4, 0);
    given_rating(s, "v3", "ann", SELF, "ann", "talk", 4, 0); /* unassessed and not asked for */

    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "boss", "ann"));
    assert_string_equal(p->person_id, "ann");
    assert_string_equal(p->role_id, "analyst");
    assert_string_equal(p->role_title, "Business analyst");
    assert_true(p->as_of_seq > 0);
    assert_int_equal(p->n_items, 3);

    const Competency__ProfileItem *sql = p->items[0], *zeal = p->items[1], *art = p->items[2];
    assert_string_equal(sql->competency_id, "sql");
    assert_string_equal(sql->title, "Handling data");
    assert_near(sql->estimate->level, 3 - .60 / 1.31, 1e-9);
    assert_near(sql->target, 4.0, 0);
    assert_near(sql->weight, 1.0, 0);
    assert_near(sql->probability, px_gap_probability(1 + .60 / 1.31, .60 - .36 / 1.31), 1e-12);
    assert_true(sql->gap_open);

    assert_string_equal(zeal->competency_id, "zeal");
    assert_null(zeal->estimate);
    assert_near(zeal->target, 3.0, 0);
    assert_near(zeal->probability, 0.0, 0);
    assert_false(zeal->gap_open);

    assert_string_equal(art->competency_id, "art");
    assert_non_null(art->estimate);
    assert_near(art->target, 0.0, 0);
    assert_near(art->probability, 0.0, 0);
}

static void profile__of_somebody_without_role_or_ratings_is_empty(void **ctx)
{
    spec *s = *ctx;

    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_string_equal(p->role_id, "");
    assert_string_equal(p->role_title, "");
    assert_int_equal(p->n_items, 0);
}

static void profile__is_for_person_manager_and_hr(void **ctx)
{
    spec *s = *ctx;

    then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    then_answer(s, "GetProfile", get_profile(s, "boss", "ann"));
    then_answer(s, "GetProfile", get_profile(s, "hanna", "ann"));
    then_refused(s, "GetProfile", get_profile(s, "bob", "ann"), PX_REASON_FORBIDDEN);
    then_refused(s, "GetProfile", get_profile(s, "cid", "ann"), PX_REASON_FORBIDDEN);
    then_refused(s, "GetProfile", get_profile(s, "boss", "cid"), PX_REASON_FORBIDDEN);
    then_refused(s, "GetProfile", get_profile(s, "nobody", "ann"), PX_REASON_FORBIDDEN);
    then_refused(s, "GetProfile", get_profile(s, "boss", "nobody"), PX_REASON_NOT_FOUND);
}

static void role__names_its_targets(void **ctx)
{
    spec *s = *ctx;
    Competency__GetRole q = COMPETENCY__GET_ROLE__INIT;
    Competency__Submission *talk = set_target(s, "analyst", "talk", "Working");

    talk->set_role_target->weight = 2;
    given_done(s, talk);
    q.role_id = "analyst";
    const Competency__Role *role = then_answer(s, "GetRole", &q);
    assert_string_equal(role->role_id, "analyst");
    assert_string_equal(role->title, "Business analyst");
    assert_string_equal(role->role_family, "Analysis");
    assert_true(role->as_of_seq > 0);
    assert_int_equal(role->n_targets, 2);
    assert_string_equal(role->targets[0]->competency_id, "sql");
    assert_string_equal(role->targets[0]->level_name, "High");
    assert_near(role->targets[0]->target, 4.0, 0);
    assert_string_equal(role->targets[1]->competency_id, "talk");
    assert_string_equal(role->targets[1]->title, "Handling data");
    assert_string_equal(role->targets[1]->level_name, "Working");
    assert_near(role->targets[1]->target, 2.0, 0);
    assert_near(role->targets[1]->weight, 2.0, 0);
}

static void unknown_role__is_not_found(void **ctx)
{
    spec *s = *ctx;
    Competency__GetRole q = COMPETENCY__GET_ROLE__INIT;

    q.role_id = "none";
    then_refused(s, "GetRole", &q, PX_REASON_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(profile__is_what_the_role_asks_for_then_the_rest),
        TEST(profile__of_somebody_without_role_or_ratings_is_empty),
        TEST(profile__is_for_person_manager_and_hr),
        TEST(role__names_its_targets),
        TEST(unknown_role__is_not_found),
    };

    return cmocka_run_group_tests_name("competency queries", tests, NULL, NULL);
}
