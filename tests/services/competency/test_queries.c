/* Tests of competency: its questions, and who may ask them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/gap.h"
#include "common/roles.h"
#include "tests/services/competency/fixtures.h"

enum { ASPIRED = COMPETENCY__ROLE_SLOT__ROLE_SLOT_ASPIRATION };

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

static void profile__asks_once_for_what_is_held_and_aspired_to(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_role(s, "lead"));
    given_done(s, set_target(s, "lead", "talk", "High"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_slot(s, "ann", "lead", ASPIRED));
    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_string_equal(p->aspiration_role_id, "lead");
    assert_int_equal(p->n_held_role_ids, 1);
    assert_int_equal(p->n_items, 2);
    assert_near(p->items[1]->target, 0.0, 0);
    assert_near(p->items[1]->career_target, 4.0, 0);

    /* Everybody holds it from now on. */
    given_done(s, define_ruled_role(s, "lead", PX_HOLDERS_EVERYBODY, ""));
    p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_int_equal(p->n_held_role_ids, 2);
    assert_int_equal(p->n_items, 2);
    assert_near(p->items[1]->target, 4.0, 0);
}

static Competency__Submission *observed(spec *s, int action, const char *level_name)
{
    static unsigned number;
    Competency__Submission *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    Competency__RecordEvidence *b = (void *)px_codec_set_oneof(
        &sub->base, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE, spec_arena(s));

    b->evidence_id = px_arena_printf(spec_arena(s), "o%u", ++number);
    b->person_id = "ann";
    b->competency_id = "sql";
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_OBSERVATION;
    b->action = (Competency__EvidenceAction)action;
    b->level_name = px_arena_strdup(spec_arena(s), level_name);
    return sub;
}

static void profile__shows_the_attained_level_until_it_is_taken_away(void **ctx)
{
    enum {
        RAISE = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE,
        OVERRIDE = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_OVERRIDE
    };
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, observed(s, RAISE, "High"));
    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_string_equal(p->items[0]->attained_level, "High");
    assert_true(p->items[0]->proficient);
    given_done(s, observed(s, OVERRIDE, ""));
    p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_string_equal(p->items[0]->attained_level, "");
    assert_false(p->items[0]->proficient);
}

static void profile__of_somebody_erased_is_not_found(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_person_erased(s, "ann");
    then_refused(s, "GetProfile", get_profile(s, "hanna", "ann"), PX_REASON_NOT_FOUND);
    given_person(s, "ann", "boss"); /* somebody new, with nothing of the one before */
    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_string_equal(p->role_id, "");
    assert_int_equal(p->n_items, 0);
}

/* The roles that do not count are those with the last ids. */
static void profile__of_many_roles_has_no_more_than_count(void **ctx)
{
    spec *s = *ctx;

    for (int i = 0; i < PX_ROLES_MAX + 1; i++) {
        const char *id = px_arena_printf(spec_arena(s), "all%02d", i);

        given_done(s, define_ruled_role(s, id, PX_HOLDERS_EVERYBODY, ""));
    }
    given_done(s, assign_slot(s, "ann", "analyst", ASPIRED));
    const Competency__Profile *p = then_answer(s, "GetProfile", get_profile(s, "ann", "ann"));
    assert_int_equal(p->n_held_role_ids, PX_ROLES_MAX);
    assert_string_equal(p->held_role_ids[PX_ROLES_MAX - 1], "all31");
    assert_string_equal(p->aspiration_role_id, "analyst");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(profile__is_what_the_role_asks_for_then_the_rest),
        TEST(profile__of_somebody_without_role_or_ratings_is_empty),
        TEST(profile__is_for_person_manager_and_hr),
        TEST(role__names_its_targets),
        TEST(unknown_role__is_not_found),
        TEST(profile__asks_once_for_what_is_held_and_aspired_to),
        TEST(profile__shows_the_attained_level_until_it_is_taken_away),
        TEST(profile__of_somebody_erased_is_not_found),
        TEST(profile__of_many_roles_has_no_more_than_count),
    };

    return cmocka_run_group_tests_name("competency queries", tests, NULL, NULL);
}
