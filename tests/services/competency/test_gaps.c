/* Tests of competency: gaps open, move and close, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/gap.h"
#include "tests/services/competency/fixtures.h"

/* ann is an analyst, who needs sql at 4, and her manager finds 2. */
static void given_open_gap(spec *s)
{
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    assert_true(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
}

static void assert_closed(spec *s, change_reason reason)
{
    const CompetencyFact__GapClosed *f = then_some_fact(s, GAP_CLOSED);

    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_string_equal(f->role_id, "analyst");
    assert_int_equal(f->reason, reason);
    then_no_more_facts(s);
    const Competency__GapClosed *event = then_event(s, "GapClosed");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_string_equal(event->role_id, "analyst");
    assert_near(event->target, f->target, 0);
    assert_near(event->probability, f->probability, 0);
    assert_int_equal(event->reason, reason);
    assert_false(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
}

/* ---- opening ---- */

static void gap__opens_with_its_figures(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *weighty = set_target(s, "analyst", "sql", "High");

    weighty->set_role_target->weight = 3;
    given_done(s, weighty);
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    then_fact(s, LEVEL_CHANGED);
    const CompetencyFact__GapOpened *f = then_fact(s, GAP_OPENED);
    double mu = 3 - .60 / 1.31, var = .60 - .36 / 1.31;
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_string_equal(f->role_id, "analyst");
    assert_near(f->target, 4.0, 0);
    assert_near(f->weight, 3.0, 0);
    assert_near(f->estimate->mu, mu, 1e-12);
    assert_near(f->probability, px_gap_probability(4 - mu, var), 1e-12);
    assert_near(f->shortfall, px_shortfall(4 - mu, var), 1e-12);
    assert_int_equal(f->n_evidence_ids, 1);
    assert_string_equal(f->evidence_ids[0], "v1");
    then_no_more_facts(s);
    const Competency__GapOpened *event = then_event(s, "GapOpened");
    assert_near(event->steps, 4 - mu, 1e-12); /* five levels: each is one on the scale */
    assert_string_equal(event->evidence_ids[0], "v1");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_string_equal(event->role_id, "analyst");
    assert_near(event->target, 4.0, 0);
    assert_near(event->weight, 3.0, 0);
    assert_near(event->estimate->level, mu, 1e-12);
    assert_near(event->probability, f->probability, 0);
    assert_near(event->shortfall, f->shortfall, 0);
}

/* The log has all of it, the feed what has a name there already. */
static void gap__names_what_it_rests_on_but_no_peer(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "peers-first", "pat", PEER, "ann", "sql", 1, 0);
    given_feedback(s, "some-feedback", "pia", "ann", "sql", NULL, -1, 0);
    when(s, record_assessment(s, "test-1", "ann", "sql", 1.5));
    const CompetencyFact__GapOpened *opened = then_some_fact(s, GAP_OPENED);
    assert_int_equal(opened->n_evidence_ids, 1);
    assert_string_equal(opened->evidence_ids[0], "test-1");
    assert_int_equal(opened->n_protected_ids, 2);
    assert_string_equal(opened->protected_ids[0], "peers-first");
    const Competency__GapOpened *event = then_event(s, "GapOpened");
    assert_int_equal(event->n_evidence_ids, 1);
    given_rating(s, "peers-second", "zoe", PEER, "ann", "sql", 1, 1); /* waits */
    when(s, set_target(s, "analyst", "sql", "Expert"));
    const CompetencyFact__GapChanged *changed = then_some_fact(s, GAP_CHANGED);
    assert_int_equal(changed->n_evidence_ids, 1);
    assert_int_equal(changed->n_protected_ids, 2); /* what waits is in no figure yet */
    then_feed_never_says(s, "peers-");
    then_feed_never_says(s, "some-feedback");
}

static void gap__names_the_last_that_it_rests_on(void **ctx)
{
    char review_id[PX_ID_SIZE];
    spec *s = *ctx;

    for (int i = 1; i <= 12; i++) {
        snprintf(review_id, sizeof review_id, "v%02d", i);
        given_rating(s, review_id, "boss", MANAGER, "ann", "sql", 1, i);
    }
    when(s, assign_role(s, "ann", "analyst"));
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_int_equal(f->n_evidence_ids, 8);
    assert_string_equal(f->evidence_ids[0], "v05");
    assert_string_equal(f->evidence_ids[7], "v12");
}

static void gap__counts_its_steps_on_the_competencys_own_levels(void **ctx)
{
    static const char *const levels[] = { "can", "masters", "teaches", NULL };
    spec *s = *ctx;

    given_done(s, define_levels(s, "welding", levels));
    given_done(s, set_target(s, "analyst", "welding", "teaches"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "welding", 1, 0);
    const Competency__GapOpened *event = then_event(s, "GapOpened");
    assert_near(event->steps, (5 - event->estimate->level) / 2, 1e-12);
}

static void gap__opens_when_the_role_is_assigned(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    then_some_fact(s, LEVEL_CHANGED);
    then_no_more_facts(s);
    when(s, assign_role(s, "ann", "analyst"));
    then_fact(s, ROLE_ASSIGNED);
    then_fact(s, GAP_OPENED);
    then_no_more_facts(s);
}

static void gap__opens_for_everybody_when_the_target_is_set(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, assign_role(s, "bob", "analyst"));
    given_done(s, assign_role(s, "cid", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "talk", 2, 0);
    given_rating(s, "v2", "boss", MANAGER, "bob", "talk", 2, 0);
    when(s, set_target(s, "analyst", "talk", "Expert"));
    assert_int_equal(facts_of(s, GAP_OPENED), 2); /* nothing is known of cid */
}

static void unassessed__is_not_a_gap(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "ann", SELF, "ann", "sql", 1, 0);
    given_rating(s, "v2", "ann", SELF, "ann", "sql", 1, 1);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_false(f->estimate->assessed);
    then_no_more_facts(s);
}

static void likely_enough__is_no_gap(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 0);
    then_fact(s, LEVEL_CHANGED);
    then_no_more_facts(s);
}

/* ---- changing ---- */

static void gap__changes_when_the_level_moves_a_quarter(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    double before = said_of(s, "ann", "sql").gaps[FOR_PRESENT].mu;
    given_assessed(s, "a1", "ann", "sql", before - .2, 1); /* too little */
    assert_int_equal(facts_of(s, GAP_CHANGED), 0);
    given_assessed(s, "a2", "ann", "sql", 1.0, 2);
    const CompetencyFact__GapChanged *f = then_some_fact(s, GAP_CHANGED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_string_equal(f->role_id, "analyst");
    assert_near(f->target, 4.0, 0);
    assert_true(f->estimate->mu <= before - .25);
    assert_near(f->probability, px_gap_probability(4 - f->estimate->mu, f->estimate->variance), 0);
    assert_near(f->shortfall, px_shortfall(4 - f->estimate->mu, f->estimate->variance), 0);
    then_no_more_facts(s);
    const Competency__GapChanged *event = then_event(s, "GapChanged");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_string_equal(event->role_id, "analyst");
    assert_near(event->target, 4.0, 0);
    assert_near(event->estimate->level, f->estimate->mu, 0);
    assert_near(event->probability, f->probability, 0);
    assert_near(event->shortfall, f->shortfall, 0);
    assert_near(event->weight, 1.0, 0);
}

static void gap__changes_with_the_target(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    when(s, set_target(s, "analyst", "sql", "Expert"));
    then_fact(s, ROLE_TARGET_SET);
    const CompetencyFact__GapChanged *f = then_fact(s, GAP_CHANGED);
    assert_near(f->target, 5.0, 0);
    then_no_more_facts(s);
}

static void gap__changes_with_role_and_weight(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *weighty = set_target(s, "tester", "sql", "High");

    weighty->set_role_target->weight = 2;
    given_open_gap(s);
    given_done(s, define_role(s, "tester"));
    given_done(s, set_target(s, "tester", "sql", "High"));
    when(s, assign_role(s, "ann", "tester"));
    then_fact(s, ROLE_ASSIGNED);
    const CompetencyFact__GapChanged *f = then_fact(s, GAP_CHANGED);
    assert_string_equal(f->role_id, "tester");
    then_no_more_facts(s);
    when(s, weighty);
    then_fact(s, ROLE_TARGET_SET);
    f = then_fact(s, GAP_CHANGED);
    assert_near(f->weight, 2.0, 0);
    then_no_more_facts(s);
}

/* ---- closing ---- */

static void gap__closes_by_evidence(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_assessed(s, "a1", "ann", "sql", 5, 1);
    given_assessed(s, "a2", "ann", "sql", 5, 2);
    assert_closed(s, CHANGE_EVIDENCE);
}

static void gap__closes_when_the_target_is_taken_away(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_done(s, set_target(s, "analyst", "sql", "-"));
    assert_closed(s, CHANGE_TARGET);
}

static void gap__closes_when_the_target_comes_down(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_done(s, set_target(s, "analyst", "sql", "Low"));
    assert_closed(s, CHANGE_TARGET);
}

static void gap__closes_when_the_role_goes(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_done(s, define_role(s, "tester")); /* wants nothing of sql */
    given_done(s, assign_role(s, "ann", "tester"));
    assert_closed(s, CHANGE_TARGET);
    then_no_event(s, "LevelChanged");
}

static void gap__closes_when_the_ratings_are_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->estimate->variance, 0.0, 0);
    assert_near(f->previous_mu, 3 - .60 / 1.31, 1e-12);
    assert_int_equal(f->reason, CHANGE_WITHDRAWN);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_null(event->estimate);
    assert_false(event->assessed);
    assert_closed(s, CHANGE_WITHDRAWN);
}

static void gap__closes_when_only_the_person_is_left_to_say_so(void **ctx)
{
    spec *s = *ctx;

    given_open_gap(s);
    given_rating(s, "v2", "ann", SELF, "ann", "sql", 1, 1);
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    assert_closed(s, CHANGE_WITHDRAWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gap__opens_with_its_figures),
        TEST(gap__names_what_it_rests_on_but_no_peer),
        TEST(gap__names_the_last_that_it_rests_on),
        TEST(gap__counts_its_steps_on_the_competencys_own_levels),
        TEST(gap__opens_when_the_role_is_assigned),
        TEST(gap__opens_for_everybody_when_the_target_is_set),
        TEST(unassessed__is_not_a_gap),
        TEST(likely_enough__is_no_gap),
        TEST(gap__changes_when_the_level_moves_a_quarter),
        TEST(gap__changes_with_the_target),
        TEST(gap__changes_with_role_and_weight),
        TEST(gap__closes_by_evidence),
        TEST(gap__closes_when_the_target_is_taken_away),
        TEST(gap__closes_when_the_target_comes_down),
        TEST(gap__closes_when_the_role_goes),
        TEST(gap__closes_when_the_ratings_are_withdrawn),
        TEST(gap__closes_when_only_the_person_is_left_to_say_so),
    };

    return cmocka_run_group_tests_name("competency gaps", tests, NULL, NULL);
}
