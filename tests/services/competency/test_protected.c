/* Tests of competency: nobody can tell what one colleague said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures.h"

static void given_peers(spec *s, unsigned count)
{
    static const char *const ids[] = { "pat", "pia", "zoe" };
    static const char *const reviews[] = { "p1", "p2", "p3" };

    for (unsigned i = 0; i < count; i++)
        given_rating(s, reviews[i], ids[i], PEER, "ann", "sql", 2, (int)i);
}

static void peers__are_said_once_three_are_in(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_peers(s, 2);
    then_no_more_facts(s);
    then_no_event(s, "LevelChanged");
    given_rating(s, "p3", "zoe", PEER, "ann", "sql", 2, 2);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_int_equal(f->estimate->peer_ratings, 3);
    then_fact(s, GAP_OPENED);
    then_no_more_facts(s);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_int_equal(event->estimate->peer_ratings, 3);
}

static void reports_peers_and_feedback__are_one_company(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "p1", "pat", PEER, "ann", "sql", 2, 0);
    given_rating(s, "r1", "cid", REPORT, "ann", "sql", 2, 1);
    then_no_more_facts(s);
    given_feedback(s, "f1", "pia", "ann", "sql", NULL, -1, 2);
    then_fact(s, LEVEL_CHANGED);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_int_equal(event->estimate->peer_ratings, 0); /* too few to count */
    assert_int_equal(event->estimate->report_ratings, 0);
    assert_int_equal(event->estimate->other_evidence, 1);
}

static void fourth_peer__waits_again(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 3);
    given_rating(s, "p4", "bob", PEER, "ann", "sql", 5, 9);
    then_no_more_facts(s);
    given_rating(s, "p5", "pat", PEER, "ann", "sql", 5, 10);
    then_no_more_facts(s);
    given_rating(s, "p6", "pia", PEER, "ann", "sql", 5, 11);
    then_fact(s, LEVEL_CHANGED);
}

static void peer__is_said_together_with_the_manager(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 1);
    then_no_more_facts(s);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 5);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_int_equal(f->estimate->peer_ratings, 1);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_int_equal(event->estimate->peer_ratings, 0);
    assert_int_equal(event->estimate->manager_ratings, 1);
}

static void sharing__lets_everything_go(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 2);
    given_rating(s, "b1", "pat", PEER, "bob", "talk", 2, 0);
    given_phase(s, WRITING, SHARING);
    assert_int_equal(facts_of(s, LEVEL_CHANGED), 2);
    given_rating(s, "b2", "pia", PEER, "bob", "talk", 2, 0);
    then_no_more_facts(s); /* what comes later waits again */
}

static void closing__lets_everything_go(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 1);
    given_phase(s, SHARING, CLOSED);
    then_fact(s, LEVEL_CHANGED);
}

static void other_phases__let_nothing_go(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 2);
    given_phase(s, WRITING, CANCELLED);
    then_no_more_facts(s);
    given_phase(s, CLOSED, WRITING);
    then_no_more_facts(s);
}

/* The role's demand is held against the level as it was said, not as peers moved it since. */
static void target__is_held_against_what_was_said(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    double said = mu_of(s, "ann", "sql");
    given_peers(s, 2);
    assert_true(mu_of(s, "ann", "sql") < said - .1);
    when(s, set_target(s, "analyst", "sql", "Expert"));
    then_fact(s, ROLE_TARGET_SET);
    const CompetencyFact__GapChanged *f = then_fact(s, GAP_CHANGED);
    assert_near(f->estimate->mu, said, 0);
    then_no_more_facts(s);
}

static void profile__shows_what_was_said(void **ctx)
{
    spec *s = *ctx;
    Competency__GetProfile q = COMPETENCY__GET_PROFILE__INIT;

    q.viewer_id = q.person_id = "ann";
    given_peers(s, 2);
    const Competency__Profile *profile = then_answer(s, "GetProfile", &q);
    assert_int_equal(profile->n_items, 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 5);
    double said = mu_of(s, "ann", "sql");
    given_rating(s, "p3", "zoe", PEER, "ann", "sql", 1, 6);
    profile = then_answer(s, "GetProfile", &q);
    assert_int_equal(profile->n_items, 1);
    assert_near(profile->items[0]->estimate->level, said, 0);
    assert_int_equal(profile->items[0]->estimate->peer_ratings, 0);
}

static void withdrawal_by_a_peer__waits_too(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 3);
    given_review_withdrawn(s, "p1", "pat", PEER, "ann", "sql");
    then_no_more_facts(s);
    given_review_withdrawn(s, "p2", "pia", PEER, "ann", "sql");
    then_no_more_facts(s);
    given_review_withdrawn(s, "p3", "zoe", PEER, "ann", "sql"); /* nothing is left */
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->estimate->variance, 0.0, 0);
}

/* Nothing may rest on a rating that does not exist any more. */
static void last_rating_withdrawn__closes_the_gap_at_once(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_peers(s, 1);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 5);
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    assert_true(
        said_of(s, "ann", "sql").gaps[FOR_PRESENT].open); /* the peer's rating says so as well */
    given_review_withdrawn(s, "p1", "pat", PEER, "ann", "sql");
    then_fact(s, LEVEL_CHANGED);
    const CompetencyFact__GapClosed *f = then_fact(s, GAP_CLOSED);
    assert_int_equal(f->reason, CHANGE_WITHDRAWN);
}

static void never_said_and_withdrawn__is_never_said(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 1);
    given_review_withdrawn(s, "p1", "pat", PEER, "ann", "sql");
    then_no_more_facts(s);
    given_phase(s, WRITING, SHARING);
    then_no_more_facts(s);
}

static void effect__is_not_published_while_a_peer_waits(void **ctx)
{
    spec *s = *ctx;

    given_item_completed(s, item_completed(s, "ann", "i1", COURSE, 10, "sql", 1, 0));
    given_rating(s, "p1", "pat", PEER, "ann", "sql", 5, 10);
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    then_fact(s, EFFECT_OBSERVED);
    then_no_event(s, "EffectObserved");
}

static void feed__never_names_raters_or_givers(void **ctx)
{
    spec *s = *ctx;

    given_peers(s, 3);
    given_feedback(s, "f1", "zoe", "ann", "sql", NULL, -1, 2);
    given_phase(s, WRITING, SHARING);
    then_event(s, "LevelChanged");
    then_feed_never_says(s, "pat");
    then_feed_never_says(s, "pia");
    then_feed_never_says(s, "zoe");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(peers__are_said_once_three_are_in),
        TEST(reports_peers_and_feedback__are_one_company),
        TEST(fourth_peer__waits_again),
        TEST(peer__is_said_together_with_the_manager),
        TEST(sharing__lets_everything_go),
        TEST(closing__lets_everything_go),
        TEST(other_phases__let_nothing_go),
        TEST(target__is_held_against_what_was_said),
        TEST(profile__shows_what_was_said),
        TEST(withdrawal_by_a_peer__waits_too),
        TEST(last_rating_withdrawn__closes_the_gap_at_once),
        TEST(never_said_and_withdrawn__is_never_said),
        TEST(effect__is_not_published_while_a_peer_waits),
        TEST(feed__never_names_raters_or_givers),
    };

    return cmocka_run_group_tests_name("competency protected", tests, NULL, NULL);
}
