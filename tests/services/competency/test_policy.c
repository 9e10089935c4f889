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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
