/* Tests of competency: one level out of many raters and paths, by the policy of the competency. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures.h"

enum {
    ESTIMATE = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_UNSPECIFIED,
    ATTAINED = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_ATTAINED,
    LATEST = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_LATEST,
    HIGHEST = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_HIGHEST,
    PRIORITY = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_PRIORITY,
    WEIGHTED = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_WEIGHTED_MEAN,
    MEDIAN = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_MEDIAN,
    FROM_SELF = COMPETENCY__RATING_SOURCE__RATING_SOURCE_SELF,
    FROM_PEERS = COMPETENCY__RATING_SOURCE__RATING_SOURCE_PEER,
    BY_POLICY = COMPETENCY__CHANGE_REASON__CHANGE_REASON_POLICY
};

static Competency__Submission *policy(spec *s, int kind)
{
    Competency__Submission *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    void *body = px_codec_set_oneof(&sub->base, COMPETENCY__SUBMISSION__BODY_SET_LEVEL_POLICY,
                                    spec_arena(s));
    Competency__SetLevelPolicy *b = body;

    b->competency_id = px_arena_strdup(spec_arena(s), "sql");
    b->kind = (Competency__LevelPolicyKind)kind;
    return sub;
}

/* The manager says 2, then 3; three peers 4, 5 and 1; ann herself 5. */
static int setup_rated(void **state)
{
    int failed = setup(state);
    spec *s = *state;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_rating(s, "v2", "pat", PEER, "ann", "sql", 4, 1);
    given_rating(s, "v3", "pia", PEER, "ann", "sql", 5, 2);
    given_rating(s, "v4", "zoe", PEER, "ann", "sql", 1, 3);
    given_rating(s, "v5", "boss", MANAGER, "ann", "sql", 3, 4);
    given_rating(s, "v6", "ann", SELF, "ann", "sql", 5, 5);
    return failed;
}

static void then_level(spec *s, Competency__Submission *sub, double level)
{
    when(s, sub);
    then_accepted(s);
    const CompetencyFact__LevelChanged *f = then_some_fact(s, LEVEL_CHANGED);
    assert_int_equal(f->reason, BY_POLICY);
    assert_near(f->estimate->mu, level, 1e-12);
    assert_near(f->estimate->variance, 0.0, 0);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_int_equal(event->reason, BY_POLICY);
}

static void latest__is_the_last_of_others(void **ctx)
{
    then_level(*ctx, policy(*ctx, LATEST), 3.0);
}

static void highest__of_what_each_said_last(void **ctx)
{
    then_level(*ctx, policy(*ctx, HIGHEST), 5.0);
}

static void median__of_others(void **ctx)
{
    then_level(*ctx, policy(*ctx, MEDIAN), 3.5); /* 1, 3, 4, 5 */
}

static void priority__takes_the_first_source_that_rated(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, PRIORITY);
    Competency__RatingSource sources[] = { (Competency__RatingSource)FROM_PEERS,
                                           (Competency__RatingSource)FROM_SELF };

    sub->set_level_policy->priority = sources;
    sub->set_level_policy->n_priority = 2;
    then_level(s, sub, 10.0 / 3.0);
}

static void weighted_mean__rescales_what_is_absent(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, WEIGHTED);

    sub->set_level_policy->manager_weight = 0.5;
    sub->set_level_policy->peer_weight = 0.3;
    sub->set_level_policy->report_weight = 0.2; /* nobody reports to ann on sql */
    then_level(s, sub, (0.5 * 3.0 + 0.3 * 10.0 / 3.0) / 0.8);
}

static void policy__moves_the_gap(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst")); /* sql at 4 */
    given_done(s, policy(s, HIGHEST));
    assert_false(said_of(s, "ann", "sql").gaps[FOR_PRESENT].open);
    given_done(s, policy(s, LATEST));
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_near(f->probability, 1.0, 0);
    assert_near(f->shortfall, 1.0, 0);
    given_rating(s, "v7", "boss", MANAGER, "ann", "sql", 4, 6); /* goes on by the policy */
    then_some_fact(s, GAP_CLOSED);
    assert_near(said_of(s, "ann", "sql").level.mu, 4.0, 0);
}

static void min_raters__fewer_give_no_level(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, LATEST);

    sub->set_level_policy->min_raters = 5;
    when(s, sub);
    const CompetencyFact__LevelChanged *f = then_some_fact(s, LEVEL_CHANGED);
    assert_false(f->estimate->assessed);
    assert_false(said_of(s, "ann", "sql").level.known);
}

static void max_age__old_ratings_do_not_count(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, MEDIAN);

    when_now_is(s, SPEC_START_US + 12 * DAY_US + DAY_US / 2);
    sub->set_level_policy->max_age_days = 10;
    then_level(s, sub, 2.0); /* 1 of day 3 and 3 of day 4 */
}

/* Time alone takes it away: nobody rates again. */
static void max_age__is_said_when_it_is_over(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, HIGHEST);

    when_now_is(s, SPEC_START_US + 6 * DAY_US);
    sub->set_level_policy->max_age_days = 10;
    then_level(s, sub, 5.0); /* of day 2 */
    when_now_is(s, SPEC_START_US + 12 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 13 * DAY_US);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->estimate->mu, 3.0, 1e-12); /* of day 4 */
    given_rating(s, "v7", "pat", PEER, "ann", "sql", 4, 13);
    given_rating(s, "v8", "boss", MANAGER, "ann", "sql", 2, 14);
    when_now_is(s, SPEC_START_US + 40 * DAY_US);
    f = then_some_fact(s, LEVEL_CHANGED);
    assert_false(f->estimate->assessed);
}

static void attained__follows_the_evidence(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    void *body =
        px_codec_set_oneof(&sub->base, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE, spec_arena(s));
    Competency__RecordEvidence *b = body;
    char e1[] = "e1", ann[] = "ann", sql[] = "sql";

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, policy(s, ATTAINED));
    assert_false(said_of(s, "ann", "sql").level.known);
    b->evidence_id = e1;
    b->person_id = ann;
    b->competency_id = sql;
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE;
    given_done(s, sub); /* "Good", the default: 3 of 5, where 4 is asked */
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_near(f->estimate->mu, 3.0, 0);
    when(s, policy(s, ESTIMATE)); /* and back: nothing was forgotten */
    const CompetencyFact__LevelChanged *back = then_some_fact(s, LEVEL_CHANGED);
    assert_int_equal(back->reason, BY_POLICY);
    assert_true(back->estimate->variance > 0);
}

static void policy__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, LATEST);
    char magic[] = "magic";

    sub->set_level_policy->competency_id = magic;
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, policy(s, PRIORITY));
    then_rejected(s, PX_REASON_FIELD_MISSING, "priority");
    when(s, policy(s, WEIGHTED));
    then_rejected(s, PX_REASON_FIELD_MISSING, "manager_weight");
    sub = policy(s, PRIORITY);
    Competency__RatingSource nobody[] = { COMPETENCY__RATING_SOURCE__RATING_SOURCE_UNSPECIFIED };
    sub->set_level_policy->priority = nobody;
    sub->set_level_policy->n_priority = 1;
    when(s, sub);
    then_rejected(s, PX_REASON_FIELD_INVALID, "priority[0]");
}

/* ---- tests beside ratings, and what comes in late ---- */

static double level_of(spec *s, int kind)
{
    given_done(s, policy(s, kind));
    return said_of(s, "ann", "sql").level.mu;
}

static void latest__is_a_test_when_that_came_last(void **ctx)
{
    spec *s = *ctx;

    given_assessed(s, "t1", "ann", "sql", 4.5, 3);
    assert_near(level_of(s, LATEST), 3.0, 1e-12); /* boss, on day 4 */
    given_assessed(s, "t2", "ann", "sql", 2.5, 6);
    assert_near(said_of(s, "ann", "sql").level.mu, 2.5, 1e-12);
    given_assessed(s, "t3", "ann", "sql", 5.0, 1); /* heard of late */
    assert_near(said_of(s, "ann", "sql").level.mu, 2.5, 1e-12);
}

static void highest__is_the_best_test_when_nobody_rated_higher(void **ctx)
{
    spec *s = *ctx;

    given_assessed(s, "t1", "bob", "sql", 3.5, 1);
    given_assessed(s, "t2", "bob", "sql", 4.5, 2);
    given_assessed(s, "t3", "bob", "sql", 4.0, 3);
    given_rating(s, "b1", "boss", MANAGER, "bob", "sql", 4, 4);
    given_done(s, policy(s, HIGHEST));
    assert_near(said_of(s, "bob", "sql").level.mu, 4.5, 1e-12);
    assert_true(said_of(s, "bob", "sql").level.assessed);
}

static void test_alone__is_a_level_that_nobody_rated(void **ctx)
{
    spec *s = *ctx;

    given_assessed(s, "t1", "bob", "sql", 3.5, 1);
    given_done(s, policy(s, LATEST));
    assert_near(said_of(s, "bob", "sql").level.mu, 3.5, 1e-12);
    assert_true(said_of(s, "bob", "sql").level.assessed);
}

static void rating__heard_of_late_does_not_replace_a_later_one(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v7", "boss", MANAGER, "ann", "sql", 1, 1); /* before the 3 of day 4 */
    assert_near(level_of(s, MEDIAN), 3.5, 1e-12);
    assert_near(level_of(s, LATEST), 3.0, 1e-12);
}

static void own_rating__alone_is_a_level_only_where_asked_for(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = policy(s, PRIORITY);
    Competency__RatingSource sources[] = { (Competency__RatingSource)FROM_SELF };

    given_rating(s, "b1", "bob", SELF, "bob", "sql", 4, 1);
    given_done(s, policy(s, MEDIAN));
    assert_false(said_of(s, "bob", "sql").level.known);
    given_done(s, policy(s, LATEST));
    assert_false(said_of(s, "bob", "sql").level.known);
    sub->set_level_policy->priority = sources;
    sub->set_level_policy->n_priority = 1;
    given_done(s, sub);
    assert_near(said_of(s, "bob", "sql").level.mu, 4.0, 1e-12);
    assert_false(said_of(s, "bob", "sql").level.assessed); /* by nobody else */
}

static void source__that_never_rated_gives_no_level(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *first = policy(s, PRIORITY), *weighted = policy(s, WEIGHTED);
    Competency__RatingSource reports[] = { COMPETENCY__RATING_SOURCE__RATING_SOURCE_REPORT };

    first->set_level_policy->priority = reports;
    first->set_level_policy->n_priority = 1;
    given_done(s, first);
    assert_false(said_of(s, "ann", "sql").level.known);
    weighted->set_level_policy->report_weight = 1;
    given_done(s, weighted);
    assert_false(said_of(s, "ann", "sql").level.known);
    given_rating(s, "v7", "cid", REPORT, "ann", "sql", 4, 6);
    given_rating(s, "v8", "bob", REPORT, "ann", "sql", 4, 6);
    given_rating(s, "v9", "lea", REPORT, "ann", "sql", 4, 6);
    assert_near(said_of(s, "ann", "sql").level.mu, 4.0, 1e-12);
}

static void median__of_three_is_the_one_between(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "b1", "boss", MANAGER, "bob", "sql", 5, 0);
    given_rating(s, "b2", "ann", MANAGER, "bob", "sql", 1, 1);
    given_rating(s, "b3", "hanna", MANAGER, "bob", "sql", 4, 2);
    given_done(s, policy(s, MEDIAN));
    assert_near(said_of(s, "bob", "sql").level.mu, 4.0, 1e-12);
}

static void policy__hears_only_ratings_and_tests(void **ctx)
{
    spec *s = *ctx;

    given_item_completed(s, item_completed(s, "ann", "course", COURSE, 8, "sql", 1, 6));
    given_feedback(s, "f1", "bob", "ann", "sql", NULL, 1, 7);
    given_feedback(s, "f2", "pat", "ann", "sql", NULL, 1, 7);
    given_feedback(s, "f3", "pia", "ann", "sql", NULL, 1, 7); /* three: nothing waits for company */
    assert_near(level_of(s, LATEST), 3.0, 1e-12);
    assert_near(level_of(s, HIGHEST), 5.0, 1e-12);
    Competency__Submission *aged = policy(s, LATEST);
    aged->set_level_policy->max_age_days = 10;
    given_done(s, aged);
    given_feedback(s, "f4", "bob", "ann", "sql", NULL, 1, 8);
    when_now_is(s, SPEC_START_US + 13 * DAY_US);
    assert_near(said_of(s, "ann", "sql").level.mu, 3.0, 1e-12);
    when_now_is(s, SPEC_START_US + 15 * DAY_US); /* feedback does not keep it alive */
    assert_false(said_of(s, "ann", "sql").level.known);
}

static void max_age__of_what_is_older_than_the_clock_is_over_at_once(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *aged = policy(s, LATEST);

    given_rating(s, "b1", "boss", MANAGER, "bob", "sql", 4, -22000); /* in 1965 */
    aged->set_level_policy->max_age_days = 10;
    given_done(s, aged);
    assert_false(said_of(s, "bob", "sql").level.known);
    given_done(s, policy(s, LATEST));
    assert_near(said_of(s, "bob", "sql").level.mu, 4.0, 1e-12);
}

static void raters__beyond_the_first_256_do_not_count(void **ctx)
{
    enum { COUNTED = 256 };
    spec *s = *ctx;

    for (int i = 0; i <= COUNTED; i++) {
        const char *id = px_arena_printf(spec_arena(s), "r%d", i);

        given_rating(s, id, id, MANAGER, "bob", "sql", i < COUNTED ? 2 : 5, 0);
    }
    given_done(s, policy(s, HIGHEST));
    assert_near(said_of(s, "bob", "sql").level.mu, 2.0, 1e-12);
    assert_int_equal(said_of(s, "bob", "sql").level.manager, COUNTED);
}

static void max_age__of_a_test_too(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *aged = policy(s, LATEST);

    given_assessed(s, "t1", "bob", "sql", 3.5, 1);
    aged->set_level_policy->max_age_days = 10;
    given_done(s, aged);
    assert_near(said_of(s, "bob", "sql").level.mu, 3.5, 1e-12);
    given_assessed(s, "t2", "bob", "sql", 2.5, 2);
    when_now_is(s, SPEC_START_US + 12 * DAY_US);
    assert_near(said_of(s, "bob", "sql").level.mu, 2.5, 1e-12);
    when_now_is(s, SPEC_START_US + 12 * DAY_US + 1);
    assert_false(said_of(s, "bob", "sql").level.known);
}

static void attained__also_of_whom_only_evidence_is_known(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    Competency__RecordEvidence *b = (void *)px_codec_set_oneof(
        &sub->base, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE, spec_arena(s));

    b->evidence_id = "e1";
    b->person_id = "bob"; /* whom nobody has rated */
    b->competency_id = "sql";
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE;
    given_done(s, sub);
    assert_false(said_of(s, "bob", "sql").level.known);
    given_done(s, policy(s, ATTAINED));
    assert_near(said_of(s, "bob", "sql").level.mu, 3.0, 0);
    assert_false(said_of(s, "cid", "sql").level.known);
}

#define RATED(name) cmocka_unit_test_setup_teardown(name, setup_rated, spec_teardown_looking_again)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        RATED(latest__is_the_last_of_others),
        RATED(highest__of_what_each_said_last),
        RATED(median__of_others),
        RATED(priority__takes_the_first_source_that_rated),
        RATED(weighted_mean__rescales_what_is_absent),
        RATED(policy__moves_the_gap),
        RATED(min_raters__fewer_give_no_level),
        RATED(max_age__old_ratings_do_not_count),
        RATED(max_age__is_said_when_it_is_over),
        RATED(attained__follows_the_evidence),
        RATED(policy__rejections_in_order),
        RATED(latest__is_a_test_when_that_came_last),
        RATED(highest__is_the_best_test_when_nobody_rated_higher),
        RATED(test_alone__is_a_level_that_nobody_rated),
        RATED(rating__heard_of_late_does_not_replace_a_later_one),
        RATED(own_rating__alone_is_a_level_only_where_asked_for),
        RATED(source__that_never_rated_gives_no_level),
        RATED(median__of_three_is_the_one_between),
        RATED(policy__hears_only_ratings_and_tests),
        RATED(max_age__of_what_is_older_than_the_clock_is_over_at_once),
        RATED(raters__beyond_the_first_256_do_not_count),
        RATED(max_age__of_a_test_too),
        RATED(attained__also_of_whom_only_evidence_is_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
