/* Tests of competency (C9): competencies are renamed, merged, split and retired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/replaced.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_evidence.h"
#include "tests/services/competency/fixtures_framework.h"

enum {
    COMPETENCY_REPLACED = COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED,
    BY_REPLACEMENT = COMPETENCY__CHANGE_REASON__CHANGE_REASON_REPLACED,
    RENAMED = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_RENAMED,
    SPLIT = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_SPLIT,
    RETIRED = COMPETENCY__REPLACEMENT_KIND__REPLACEMENT_KIND_RETIRED
};

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *new_body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

/* ---- what is known ---- */

static const Competency__ProfileItem *profile_item(spec *s, const char *competency_id)
{
    Competency__GetProfile q = COMPETENCY__GET_PROFILE__INIT;

    q.viewer_id = text(s, "ann");
    q.person_id = text(s, "ann");
    const Competency__Profile *profile = then_answer(s, "GetProfile", &q.base);
    for (size_t i = 0; i < profile->n_items; i++)
        if (strcmp(profile->items[i]->competency_id, competency_id) == 0)
            return profile->items[i];
    return NULL;
}

static uint8_t attained(spec *s, const char *competency_id)
{
    level_key key = { SPEC_TENANT, "ann", competency_id };
    attained_record said;

    competency_state_get_attained(spec_state(s), &key, &said);
    return said.now.level;
}

/* ann is an analyst, who needs "sql" at "High"; her manager and she rated it low. */
static void given_gap(spec *s)
{
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 1, 0);
    given_rating(s, "r2", "ann", SELF, "ann", "sql", 2, 1);
    given_rating(s, "r3", "boss", MANAGER, "ann", "sql", 1, 200);
    assert_true(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
}

/* ---- renaming ---- */

static void rename__moves_everything_and_changes_no_figure(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    double mu = mu_of(s, "ann", "sql");
    when(s, rename_to(s, "sql", "querying"));
    then_accepted(s);
    const Competency__CompetencyReplaced *event = then_event(s, "CompetencyReplaced");
    assert_int_equal(event->kind, RENAMED);
    assert_string_equal(event->successors[0]->competency_id, "querying");
    const CompetencyFact__GapClosed *closed = then_some_fact(s, GAP_CLOSED);
    assert_string_equal(closed->competency_id, "sql");
    assert_int_equal(closed->reason, BY_REPLACEMENT);
    assert_false(standing_of(s, "ann", "sql").known);
    assert_true(mu_of(s, "ann", "querying") == mu);
    assert_true(said_of(s, "ann", "querying").gaps[FOR_PRESENT].open);
    assert_null(profile_item(s, "sql"));
    const Competency__ProfileItem *item = profile_item(s, "querying");
    assert_non_null(item);
    assert_true(item->gap_open);
    assert_true(item->target == 4.0);
    assert_int_equal(item->estimate->manager_ratings, 2);
}

static void rename__is_followed_by_what_still_comes_in(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    given_done(s, rename_to(s, "sql", "querying"));
    given_rating(s, "r4", "boss", MANAGER, "ann", "sql", 5, 300);
    assert_false(standing_of(s, "ann", "sql").known);
    assert_int_equal(said_of(s, "ann", "querying").level.manager, 3);
    given_review_withdrawn(s, "r4", "boss", MANAGER, "ann", "sql");
    assert_int_equal(said_of(s, "ann", "querying").level.manager, 2);
    given_done(s, record_assessment(s, "as1", "ann", "sql", 4.0));
    assert_int_equal(said_of(s, "ann", "querying").level.other, 1);
    given_done(s, rename_to(s, "querying", "queries"));
    assert_int_equal(said_of(s, "ann", "queries").level.manager, 2);
    assert_string_equal(entry_of(s, "sql")->successors[0]->competency_id, "queries");
    uint64_t heard = said_of(s, "ann", "queries").heard;
    given_feedback(s, "f1", "boss", "ann", "sql", NULL, 1, 301);
    assert_int_equal(said_of(s, "ann", "queries").heard, heard + 1);
}

static void rename__keeps_what_waits_waiting_and_shows_what_was_said(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    given_rating(s, "p1", "pat", PEER, "ann", "sql", 5, 201);
    assert_true(said_waits(&(said_record[]){ said_of(s, "ann", "sql") }[0]));
    double said = said_of(s, "ann", "sql").level.mu;
    given_done(s, rename_to(s, "sql", "querying"));
    said_record now = said_of(s, "ann", "querying");
    assert_true(said_waits(&now));
    assert_true(now.level.mu == said);
    assert_int_equal(now.level.peer, 0);
    assert_true(mu_of(s, "ann", "querying") != said);
    given_phase(s, WRITING, SHARING);
    assert_int_equal(said_of(s, "ann", "querying").level.peer, 1);
}

static void rename__to_a_taken_id_is_refused(void **ctx)
{
    spec *s = *ctx;

    when(s, rename_to(s, "sql", "talk"));
    then_rejected(s, PX_REASON_COMPETENCY_EXISTS, "new_competency_id");
    when(s, rename_to(s, "none", "new"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    given_done(s, rename_to(s, "sql", "querying"));
    when(s, rename_to(s, "sql", "again"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
    when(s, rename_to(s, "querying", "sql"));
    then_rejected(s, PX_REASON_COMPETENCY_EXISTS, "new_competency_id");
    when(s, define_competency(s, "sql"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
    when(s, set_target(s, "analyst", "sql", "High"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
}

/* ---- merging ---- */

static void merge__gives_the_level_of_having_been_one_from_the_start(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "data"));
    given_rating(s, "a1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_rating(s, "a2", "boss", MANAGER, "ann", "data", 3, 90);
    given_rating(s, "a3", "ann", SELF, "ann", "sql", 4, 120);
    given_assessed(s, "as1", "ann", "talk", 3.5, 150);
    given_rating(s, "b1", "boss", MANAGER, "ann", "data", 3, 180);
    given_done(s, merge(s, "sql", "talk", "data"));
    standing merged = standing_of(s, "ann", "data");
    standing in_order = { 0 };
    uint64_t newest = said_of(s, "ann", "data").evidence;
    evidence_list list = competency_state_evidence(spec_state(s), newest);
    int64_t last = 0;
    for (size_t i = 0; i < list.count; i++) {
        assert_true(list.rows[i].e.at_us >= last);
        last = list.rows[i].e.at_us;
        standing_hear(&in_order, &list.rows[i].e);
    }
    competency_state_free_evidence(&list);
    assert_memory_equal(&merged.level.mean, &in_order.level.mean, sizeof merged.level.mean);
    figures f = standing_figures(&merged);
    assert_int_equal(f.manager, 3);
    assert_int_equal(f.self, 1);
    assert_int_equal(f.other, 1);
    assert_true(said_of(s, "ann", "data").level.mu == f.mu);
    assert_false(said_of(s, "ann", "sql").level.known);
}

static void merge__keeps_the_higher_target(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    given_done(s, set_target(s, "analyst", "talk", "Working"));
    given_done(s, merge(s, "sql", NULL, "talk"));
    assert_true(profile_item(s, "talk")->target == 4.0);
    Competency__GetRole q = COMPETENCY__GET_ROLE__INIT;
    q.role_id = text(s, "analyst");
    const Competency__Role *role = then_answer(s, "GetRole", &q.base);
    assert_int_equal(role->n_targets, 1);
    assert_string_equal(role->targets[0]->level_name, "High");
}

static void merge__carries_attained_levels_to_another_number_of_levels(void **ctx)
{
    static const char *const three[] = { "Basic", "Able", "Master", NULL };
    spec *s = *ctx;

    given_done(s, define_levels(s, "data", three));
    given_done(s, evidence_of(s, "e1", "sql", "High"));
    assert_int_equal(attained(s, "sql"), 4);
    given_done(s, merge(s, "sql", NULL, "data"));
    assert_int_equal(attained(s, "sql"), 0);
    assert_int_equal(attained(s, "data"), 2); /* 4.0 lies between Able (3.0) and Master (5.0) */
    given_done(s, evidence_of(s, "e2", "sql", "Expert"));
    assert_int_equal(attained(s, "data"), 3);
    Competency__Submission *sub;
    Competency__SupersedeEvidence *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SUPERSEDE_EVIDENCE);
    b->evidence_id = text(s, "e1");
    b->reason_code = text(s, "revoked");
    given_done(s, sub);
    assert_int_equal(attained(s, "data"), 3);
    b->evidence_id = text(s, "e2");
    sub->submission_id = text(s, "");
    given_done(s, sub);
    assert_int_equal(attained(s, "data"), 0);
}

static void merge__keeps_pending_learning_to_be_looked_at(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_item_completed(s, item_completed(s, "ann", "course1", COURSE, 8, "sql", 1.0, 10));
    given_done(s, merge(s, "sql", NULL, "talk"));
    assert_int_equal(standing_of(s, "ann", "talk").level.pending_count, 1);
    given_rating(s, "r2", "boss", MANAGER, "ann", "talk", 4, 60);
    when_now_is(s, SPEC_START_US + 110 * DAY_US);
    const CompetencyFact__EffectObserved *f = then_some_fact(s, EFFECT_OBSERVED);
    assert_string_equal(f->competency_id, "talk");
    assert_string_equal(f->items[0]->item_id, "course1");
}

static void merge__is_refused_where_it_makes_no_sense(void **ctx)
{
    spec *s = *ctx;

    when(s, merge(s, "sql", NULL, "none"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "into_id");
    when(s, merge(s, "none", NULL, "sql"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_ids[0]");
    when(s, merge(s, "sql", NULL, "sql"));
    then_rejected(s, PX_REASON_PART_TWICE, "competency_ids[0]");
    when(s, merge(s, "sql", "sql", "talk"));
    then_rejected(s, PX_REASON_PART_TWICE, "competency_ids[1]");
}

/* ---- splitting ---- */

static void split__counts_for_every_part_by_its_level_map(void **ctx)
{
    static const char *const by_name[] = { "Low", "Low", "Working", "Good", "Expert", NULL };
    spec *s = *ctx;

    given_gap(s);
    given_done(s, define_competency(s, "reading"));
    given_done(s, evidence_of(s, "e1", "sql", "High"));
    double mu = mu_of(s, "ann", "sql");
    when(s, split(s, "sql", "reading", "talk", by_name));
    then_accepted(s);
    const CompetencyFact__CompetencyReplaced *f = then_some_fact(s, COMPETENCY_REPLACED);
    assert_int_equal(f->kind, SPLIT);
    assert_true(f->successors[0]->share == 0.5);
    assert_true(mu_of(s, "ann", "talk") == mu);
    assert_true(mu_of(s, "ann", "reading") < mu);
    assert_int_equal(attained(s, "talk"), 4);
    assert_int_equal(attained(s, "reading"), 3);
    assert_true(profile_item(s, "talk")->target == 4.0);
    assert_true(profile_item(s, "reading")->target == 3.0);
    assert_true(said_of(s, "ann", "talk").gaps[FOR_PRESENT].open);
    given_rating(s, "r9", "boss", MANAGER, "ann", "sql", 4, 300);
    assert_int_equal(said_of(s, "ann", "talk").level.manager, 3);
    assert_int_equal(said_of(s, "ann", "reading").level.manager, 3);
}

static void split__is_refused_with_levels_that_do_not_fit(void **ctx)
{
    static const char *const few[] = { "Low", "Working", NULL };
    static const char *const unknown[] = { "Low", "Low", "Low", "Low", "Top", NULL };
    static const char *const falling[] = { "Low", "Good", "Working", "High", "Expert", NULL };
    spec *s = *ctx;

    given_done(s, define_competency(s, "reading"));
    when(s, split(s, "sql", "reading", "talk", few));
    then_rejected(s, PX_REASON_LEVELS_CHANGED, "parts[0].level_names");
    when(s, split(s, "sql", "reading", "talk", unknown));
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "parts[0].level_names");
    when(s, split(s, "sql", "reading", "talk", falling));
    then_rejected(s, PX_REASON_SCALE_ORDER, "parts[0].level_names");
    when(s, split(s, "sql", "reading", "reading", NULL));
    then_rejected(s, PX_REASON_PART_TWICE, "parts[1].competency_id");
}

/* ---- retiring ---- */

static void retired__closes_gaps_opens_none_and_keeps_history(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    when(s, retire(s, "sql"));
    then_accepted(s);
    const Competency__CompetencyReplaced *event = then_event(s, "CompetencyReplaced");
    assert_int_equal(event->kind, RETIRED);
    assert_int_equal(event->n_successors, 0);
    assert_string_equal(event->reason_code, "obsolete");
    const CompetencyFact__GapClosed *closed = then_some_fact(s, GAP_CLOSED);
    assert_int_equal(closed->reason, BY_REPLACEMENT);
    uint64_t heard = said_of(s, "ann", "sql").heard;
    given_rating(s, "r9", "boss", MANAGER, "ann", "sql", 1, 300);
    assert_int_equal(said_of(s, "ann", "sql").heard, heard);
    assert_true(said_of(s, "ann", "sql").level.known);
    assert_false(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
    assert_int_equal(entry_of(s, "sql")->ended, RETIRED);
    when(s, record_assessment(s, "as1", "ann", "sql", 2.0));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
    when(s, define_competency(s, "sql"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
}

/* ---- one after the other ---- */

static void split__of_a_part_counts_for_all_that_took_its_place(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "reading"));
    given_done(s, define_competency(s, "writing"));
    given_done(s, define_competency(s, "asking"));
    given_done(s, split(s, "sql", "reading", "talk", NULL));
    given_done(s, split(s, "talk", "writing", "asking", NULL));
    const Competency__Competency *sql = entry_of(s, "sql");
    assert_int_equal(sql->n_successors, 3);
    assert_string_equal(sql->successors[0]->competency_id, "reading");
    assert_true(sql->successors[0]->share == 0.5);
    assert_string_equal(sql->successors[1]->competency_id, "writing");
    assert_true(sql->successors[1]->share == 0.25);
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 4, 0);
    assert_int_equal(said_of(s, "ann", "asking").level.manager, 1);
    given_done(s, retire(s, "writing"));
    given_done(s, retire(s, "asking"));
    assert_int_equal(entry_of(s, "sql")->n_successors, 1);
    given_done(s, retire(s, "reading"));
    when(s, evidence_of(s, "e1", "sql", "High")); /* nothing is left of it */
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
}

static Competency__Submission *split_into(spec *s, const char *whole, const char *prefix, int parts)
{
    Competency__Submission *sub = split(s, whole, "x", "y", NULL);
    Competency__SplitCompetency *b = sub->split_competency;

    b->parts = px_arena_alloc(spec_arena(s), (size_t)parts * sizeof *b->parts);
    for (b->n_parts = 0; b->n_parts < (size_t)parts; b->n_parts++) {
        Competency__CompetencyPart *part = (Competency__CompetencyPart *)px_codec_new(
            &competency__competency_part__descriptor, spec_arena(s));

        part->competency_id = px_arena_printf(spec_arena(s), "%s%zu", prefix, b->n_parts);
        given_done(s, define_competency(s, part->competency_id));
        b->parts[b->n_parts] = part;
    }
    return sub;
}

static void split__again_and_again_counts_for_no_more_than_16(void **ctx)
{
    enum { PARTS = 8 };
    spec *s = *ctx;

    given_done(s, split_into(s, "sql", "a", PARTS));
    given_done(s, split_into(s, "a0", "b", PARTS));
    assert_int_equal(entry_of(s, "sql")->n_successors, 15);
    given_done(s, split_into(s, "a7", "c", PARTS));
    assert_int_equal(entry_of(s, "sql")->n_successors, PX_SUCCESSORS_MAX);
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 4, 0);
    assert_int_equal(said_of(s, "ann", "c1").level.manager, 1);
    assert_int_equal(said_of(s, "ann", "c2").level.manager, 0);
    given_rating(s, "r2", "boss", MANAGER, "ann", "a7", 4, 0);
    assert_int_equal(said_of(s, "ann", "c7").level.manager, 1);
}

static void merge__hears_what_waits_for_company_as_waiting(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_rating(s, "r2", "boss", MANAGER, "ann", "talk", 3, 1);
    given_rating(s, "p1", "pat", PEER, "ann", "sql", 5, 2);
    assert_int_equal(said_of(s, "ann", "sql").level.peer, 0);
    given_done(s, merge(s, "sql", NULL, "talk"));
    assert_int_equal(said_of(s, "ann", "talk").level.peer, 0);
    given_rating(s, "p2", "pia", PEER, "ann", "talk", 5, 3);
    assert_int_equal(said_of(s, "ann", "talk").level.peer, 0);
    given_rating(s, "p3", "zoe", PEER, "ann", "talk", 5, 4);
    assert_int_equal(said_of(s, "ann", "talk").level.peer, 3);
    assert_int_equal(said_of(s, "ann", "talk").level.manager, 2);
}

static void merge__of_actions_goes_by_when_they_were_earned(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = evidence_of(s, "e2", "talk", "Good");

    given_done(s, evidence_of(s, "e1", "sql", "Expert"));
    sub->occurred_at = px_codec_timestamp(SPEC_START_US - 5 * DAY_US, spec_arena(s));
    sub->record_evidence->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_OVERRIDE;
    given_done(s, sub);
    given_done(s, merge(s, "sql", NULL, "talk"));
    assert_int_equal(attained(s, "talk"), 5); /* raised after it was set */
    given_done(s, define_competency(s, "data"));
    sub = evidence_of(s, "e3", "data", "Low");
    sub->record_evidence->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_OVERRIDE;
    spec_set_now(s, SPEC_START_US + 5 * DAY_US);
    given_done(s, sub);
    given_done(s, merge(s, "talk", NULL, "data"));
    assert_int_equal(attained(s, "data"), 1); /* set after it was raised */
}

/* What has lapsed opens the gap under the new id too. */
static void rename__of_what_has_lapsed_leaves_the_gap_open(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *yearly = define_competency(s, "sql"), *sub;
    Competency__SetLevelPolicy *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_LEVEL_POLICY);

    yearly->define_competency->valid_days = 365;
    given_done(s, yearly);
    b->competency_id = text(s, "sql");
    b->kind = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_ATTAINED;
    given_done(s, sub);
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, evidence_of(s, "e1", "sql", "High"));
    when_now_is(s, SPEC_START_US + 365 * DAY_US);
    then_some_fact(s, GAP_OPENED);
    given_done(s, rename_to(s, "sql", "querying"));
    assert_true(said_of(s, "ann", "querying").gaps[FOR_PRESENT].open);
    assert_near(said_of(s, "ann", "querying").level.mu, 1.0, 0);
    given_done(s, evidence_of(s, "e2", "querying", "Expert"));
    assert_false(said_of(s, "ann", "querying").gaps[FOR_PRESENT].open);
}

static void retired__still_lets_a_review_be_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_gap(s);
    given_done(s, retire(s, "sql"));
    assert_int_equal(said_of(s, "ann", "sql").level.manager, 2);
    given_review_withdrawn(s, "r3", "boss", MANAGER, "ann", "sql");
    then_some_fact(s, LEVEL_CHANGED);
    assert_int_equal(said_of(s, "ann", "sql").level.manager, 1);
    assert_false(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rename__moves_everything_and_changes_no_figure),
        TEST(rename__is_followed_by_what_still_comes_in),
        TEST(rename__keeps_what_waits_waiting_and_shows_what_was_said),
        TEST(rename__to_a_taken_id_is_refused),
        TEST(merge__gives_the_level_of_having_been_one_from_the_start),
        TEST(merge__keeps_the_higher_target),
        TEST(merge__carries_attained_levels_to_another_number_of_levels),
        TEST(merge__keeps_pending_learning_to_be_looked_at),
        TEST(merge__is_refused_where_it_makes_no_sense),
        TEST(split__counts_for_every_part_by_its_level_map),
        TEST(split__is_refused_with_levels_that_do_not_fit),
        TEST(retired__closes_gaps_opens_none_and_keeps_history),
        TEST(split__of_a_part_counts_for_all_that_took_its_place),
        TEST(split__again_and_again_counts_for_no_more_than_16),
        TEST(merge__hears_what_waits_for_company_as_waiting),
        TEST(merge__of_actions_goes_by_when_they_were_earned),
        TEST(rename__of_what_has_lapsed_leaves_the_gap_open),
        TEST(retired__still_lets_a_review_be_withdrawn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
