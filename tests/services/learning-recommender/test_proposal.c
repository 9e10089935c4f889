/* test_proposal.c: when a plan is proposed, and what it says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/gap.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures.h"

enum { SELF = 1, MANAGER = 2, PEER = 3, REPORT = 4 };

static void assert_near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9))
        fail_msg("got %.12g, want %.12g", got, want);
}

static void plan_proposed__for_an_open_gap(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2.5);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->role_id, "dev");
    assert_int_equal(f->rule_version, 3);
    then_items(f->items, f->n_items, "stage");
    assert_near(f->hours, 10);
    assert_near(f->value, f->items[0]->value);
}

/* Every figure of the plan can be worked out by hand from what was given. */
static void plan_proposed__says_its_figures(void **ctx)
{
    spec *s = *ctx;

    given_target(s, "dev", "speaking", 4, 2);
    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 10, "speaking");
    given_effect(s, "speaking", "talks", 0.20, 0.3);
    given_gap(s, "ann", "speaking", 2.5);

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    double gain = 0.8 * 0.30; /* completion * usual effect of a 10 h course */
    double spread = 2 * 0.30 * 0.30 + 0.5 * 0.30 * 0.30; /* V + H of the prior */
    assert_string_equal(i->item_id, "stage");
    assert_int_equal(i->item_version, 1);
    assert_string_equal(i->competency_id, "speaking");
    assert_near(i->mu, 2.5);
    assert_near(i->variance, 0.20);
    assert_near(i->target, 4);
    assert_near(i->weight, 2);
    assert_near(i->probability, px_gap_probability(1.5, 0.20));
    assert_near(i->gain, gain);
    assert_near(i->gain_margin, 1.645 * 0.8 * sqrt(spread));
    assert_near(i->value, 2 * (px_shortfall(1.5, 0.20) - px_shortfall(1.5 - gain, 0.20)));
    assert_int_equal(i->results_behind, 0);
    assert_string_equal(i->runner_up_id, "talks");
    assert_near(i->runner_up_value_per_hour,
                2 * (px_shortfall(1.5, 0.20) - px_shortfall(1.5 - 0.8 * 0.20, 0.20)) / 10);
    assert_true(i->more_evidence_needed); /* one rater only */
}

/* L2: the best three that were not chosen, in order, with the reason. */
static void plan_proposed__names_three_candidates_not_chosen(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 11, "speaking");
    given_item(s, "toast", 12, "speaking");
    given_item(s, "vast", 13, "speaking");
    given_item(s, "weak", 14, "speaking");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    const LearningRecommender__Learning *l = get_plan(s, "ann", "ann", "")->items[0]->learning;
    print_message("%s: %s, %s, %s\n", i->item_id, i->runner_up_id, i->others[0]->item_id,
                  i->others[1]->item_id);
    assert_int_equal(i->n_others, 2);
    assert_true(i->runner_up_value_per_hour >= i->others[0]->value_per_hour);
    assert_true(i->others[0]->value_per_hour >= i->others[1]->value_per_hour);
    assert_int_equal(l->n_others, 2);
    assert_string_equal(l->others[0]->item_id, i->others[0]->item_id);
    assert_true(l->others[0]->reason[0] && l->others[1]->reason[0]);
}

/* METHOD 2: the strategy gives the weight w_c. */
static void plan_proposed__weighs_what_the_strategy_asks_for(void **ctx)
{
    spec *s = *ctx;
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__StrategyItemDeclared declared =
        REVIEW_CYCLE_FACT__STRATEGY_ITEM_DECLARED__INIT;
    char *ids[] = { "writing" };

    given_item(s, "stage", 10, "speaking");
    given_item(s, "essays", 10, "writing");
    declared.strategy_item_id = "write-it-down";
    declared.weight = 10;
    declared.competency_ids = ids;
    declared.n_competency_ids = 1;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED;
    fact.strategy_item_declared = &declared;
    given(s, "review-cycle", &fact);
    given_level(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2.5);

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    assert_string_equal(i->item_id, "essays");
    assert_near(i->weight, 10);
    assert_near(i->value, 10 * (px_shortfall(1.0, 0.20) - px_shortfall(1.0 - 0.8 * 0.30, 0.20)));
}

static void plan_proposed__rests_on_observed_results(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_effect(s, "speaking", "stage", 0.5, 0.3);
    given_effect(s, "speaking", "stage", 0.45, 0.3);
    given_effect(s, "speaking", "stage", 0.45, 0); /* nothing to observe it by */
    given_item(s, "stage", 10, "speaking");        /* a change of words forgets no result */
    given_gap(s, "ann", "speaking", 2.5);

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    assert_near(i->gain, 0.8 * 0.45);
    assert_int_equal(i->results_behind, 2);
    assert_int_equal(i->item_version, 2);
}

static void plan_proposed__dates_by_hours_over_six_weeks(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 10, "speaking");
    given_item(s, "short", 5, "speaking");
    given_gap(s, "ann", "speaking", 2);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "short long"); /* more per hour first */
    assert_int_equal(f->items[0]->planned_completion_us, SPEC_START_US + 14 * DAY_US);
    assert_int_equal(f->items[1]->planned_completion_us, SPEC_START_US + 42 * DAY_US);
    assert_int_equal(f->items[1]->follow_up_at_us, SPEC_START_US + (42 + 91) * DAY_US);
    assert_int_equal(f->items[0]->n_rater_ids, 2);
    assert_string_equal(f->items[0]->rater_ids[0], "boss");
    assert_string_equal(f->items[0]->rater_ids[1], "ann");
}

static void plan_proposed__names_the_ratings_behind(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_review(s, "r1", "boss", "ann", MANAGER, "speaking", 2);
    spec_set_now(s, spec_now(s) + DAY_US);
    given_review(s, "r2", "ann", "ann", SELF, "speaking", 4);
    given_review(s, "r3", "bob", "ann", PEER, "speaking", 1);
    spec_set_now(s, spec_now(s) + DAY_US);
    given_review(s, "r4", "boss", "ann", MANAGER, "writing", 5);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 3);
    given_review(s, "r6", "boss", "ann", MANAGER, "speaking", 1);
    given_review_withdrawn(s, "r6", "boss", "ann", MANAGER, "speaking");
    given_gap_on(s, "ann", "speaking", 2.5,
                 (evidence){ .self = 1, .manager = 2, .peer = 1, .raters = 2 });

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    const LearningRecommenderFact__PlanItem *i = f->items[0];
    assert_int_equal(i->n_ratings, 3); /* newest first, of this competency, by name */
    assert_string_equal(i->ratings[0]->review_id, "r5");
    assert_string_equal(i->ratings[0]->rater_id, "boss");
    assert_int_equal(i->ratings[0]->relation, MANAGER);
    assert_near(i->ratings[0]->level, 3);
    assert_int_equal(i->ratings[0]->occurred_at_us, SPEC_START_US + 2 * DAY_US);
    assert_string_equal(i->ratings[1]->review_id, "r2");
    assert_string_equal(i->ratings[2]->review_id, "r1");
    assert_int_equal(i->peer_ratings, 1);
    assert_false(i->more_evidence_needed);
    assert_int_equal(f->n_cause_review_ids, 3);
    assert_string_equal(f->cause_review_ids[0], "r5");
    assert_string_equal(f->cause_review_ids[2], "r1");
}

static void plan_proposed__orders_ratings_by_when_they_were_given(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_review(s, "r1", "boss", "ann", MANAGER, "speaking", 2);
    spec_set_now(s, spec_now(s) - 20 * DAY_US);
    given_review(s, "r-late", "boss", "ann", MANAGER, "speaking", 3); /* of three weeks ago */
    spec_set_now(s, SPEC_START_US);
    given_gap(s, "ann", "speaking", 2.5);

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    assert_string_equal(i->ratings[0]->review_id, "r1");
    assert_string_equal(i->ratings[1]->review_id, "r-late");
}

static void plan_proposed__shows_four_ratings_at_most(void **ctx)
{
    spec *s = *ctx;
    char review_id[8];

    given_item(s, "stage", 10, "speaking");
    for (int i = 0; i < 12; i++) {
        snprintf(review_id, sizeof review_id, "r%d", i);
        spec_set_now(s, spec_now(s) + DAY_US);
        given_review(s, review_id, "boss", "ann", MANAGER, "speaking", 2);
    }
    given_gap(s, "ann", "speaking", 2);

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    assert_int_equal(i->n_ratings, 4);
    assert_string_equal(i->ratings[0]->review_id, "r11");
    assert_string_equal(i->ratings[3]->review_id, "r8");
}

static void plan_proposed__is_published_with_words(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 10, "speaking");
    given_review(s, "r1", "boss", "ann", MANAGER, "speaking", 2);
    given_gap(s, "ann", "speaking", 2.5);

    const LearningRecommender__PlanProposed *e = then_event(s, "PlanProposed");
    const LearningRecommender__PlanItem *i = e->items[0];
    assert_string_equal(e->plan_id, "ann-1");
    assert_string_equal(e->person_id, "ann");
    assert_string_equal(e->cause_review_ids[0], "r1");
    assert_string_equal(i->issue->title, "Speaking to many");
    assert_near(i->issue->level, 2.5);
    assert_near(i->issue->low, 2.5 - 1.645 * sqrt(0.20));
    assert_near(i->issue->high, 2.5 + 1.645 * sqrt(0.20));
    assert_string_equal(i->issue->ratings[0]->review_id, "r1");
    assert_false(i->issue->ratings[0]->self);
    assert_string_equal(i->learning->title, "All about stage");
    assert_string_equal(i->learning->url, "https://example.org/course");
    assert_near(i->learning->value_per_hour, i->learning->value / 10);
    assert_string_equal(i->learning->runner_up->title, "All about talks");
    assert_string_equal(i->learning->runner_up->reason,
                        "it is worth the same; the order of ids decided");
    assert_int_equal(px_codec_time_us(i->follow_up->due_at), SPEC_START_US + (42 + 91) * DAY_US);
    assert_string_equal(i->follow_up->rater_ids[0], "boss");
    assert_int_equal(i->state, STATE_PROPOSED);
}

/* ---- privacy ---- */

static void peers_and_reports__are_counted_from_three_on(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_review(s, "r7", "bob", "ann", PEER, "speaking", 1);
    given_gap_on(s, "ann", "speaking", 2.5,
                 (evidence){ .manager = 1, .peer = 2, .report = 3, .raters = 6 });

    const LearningRecommenderFact__PlanItem *i = then_proposed(s, "ann-1")->items[0];
    assert_int_equal(i->peer_ratings, 2); /* the log knows */
    const LearningRecommender__PlanProposed *e = then_event(s, "PlanProposed");
    assert_int_equal(e->items[0]->issue->peer_ratings, 0);
    assert_int_equal(e->items[0]->issue->report_ratings, 3);
    assert_int_equal(e->items[0]->issue->n_ratings, 0);
    assert_int_equal(get_plan(s, "ann", "ann", "")->items[0]->issue->peer_ratings, 0);
    then_feed_never_says(s, "r7");
    then_feed_never_says(s, "bob");
}

static void plan__is_not_made_of_two_peers_alone(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap_on(s, "ann", "speaking", 2.5, (evidence){ .self = 1, .peer = 2, .raters = 2 });
    then_no_more_facts(s);
    given_gap_on(s, "ann", "speaking", 2.5, (evidence){ .self = 1, .peer = 3, .raters = 3 });
    then_proposed(s, "ann-1");
}

static void get_plan__default_deny(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__GetPlan q = LEARNING_RECOMMENDER__GET_PLAN__INIT;
    char bob[] = "bob", ann[] = "ann", other[] = "bob-1", none[] = "ann-2";

    given_item(s, "stage", 10, "speaking");
    q.viewer_id = ann;
    q.person_id = ann;
    then_refused(s, "GetPlan", &q, PX_REASON_NOT_FOUND);
    given_gap(s, "ann", "speaking", 2.5);
    assert_string_equal(get_plan(s, "ann", "ann", "")->plan_id, "ann-1");
    assert_string_equal(get_plan(s, "boss", "ann", "ann-1")->plan_id, "ann-1");
    assert_string_equal(get_plan(s, "hanna", "ann", "")->items[0]->issue->title,
                        "Speaking to many");
    q.plan_id = none;
    then_refused(s, "GetPlan", &q, PX_REASON_NOT_FOUND);
    q.plan_id = other;
    then_refused(s, "GetPlan", &q, PX_REASON_NOT_FOUND);
    q.viewer_id = bob;
    then_refused(s, "GetPlan", &q, PX_REASON_FORBIDDEN);
}

/* ---- what goes into a plan ---- */

static void plan__covers_the_gaps_of_the_role_only(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "code", 4, "coding");
    given_item(s, "pen", 6, "writing");
    given_item(s, "stage", 6, "speaking");
    given_level(s, "ann", "writing", 2); /* low, but nobody said it is a gap */
    given_gap(s, "ann", "coding", 1);    /* a gap, but the role does not need it */
    then_no_more_facts(s);
    given_gap(s, "ann", "speaking", 2);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
}

static void plan__is_for_all_roles_held_but_not_for_an_aspiration(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "code", 4, "coding");
    given_career_gap(s, "ann", "speaking", 2.5);
    then_no_more_facts(s);
    given_role_of_everybody(s, "core");
    given_target(s, "core", "coding", 4, 1);
    given_gap(s, "ann", "coding", 2.5);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "code");
    assert_string_equal(f->role_id, "dev");
}

static void plan__has_sixteen_hours(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 7, "speaking");
    given_item(s, "b", 7, "speaking");
    given_item(s, "c", 7, "writing");
    given_gap(s, "ann", "speaking", 1.5);
    given_gap(s, "ann", "writing", 1.5);

    assert_near(get_plan(s, "ann", "ann", "")->hours, 14);
}

static void plan__puts_requirements_first(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "zero", 1, "coding"); /* of no use in the role by itself */
    LearningRecommender__Submission *sub = define_item(s, "stage", 10, "speaking");
    add_requires(s, sub, "zero");
    given_done(s, sub);
    given_gap(s, "ann", "speaking", 2);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "zero stage");
    assert_string_equal(f->items[0]->competency_id, "speaking"); /* what it is needed for */
    assert_near(f->items[0]->gain, 0);
}

static void plan__leaves_out_what_was_completed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 12, "speaking");
    given_done(s, complete_item(s, "ann", "stage"));
    given_gap(s, "ann", "speaking", 2);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "talks");
}

static void plan__leaves_out_what_teaches_it_no_more(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_done(s, start_item(s, "ann", "stage"));
    given_item(s, "stage", 10, "coding"); /* it was about something else after all */
    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
}

static void plan__leaves_out_what_needs_something_retired(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "zero", 1, "speaking");
    LearningRecommender__Submission *sub = define_item(s, "stage", 10, "speaking");
    add_requires(s, sub, "zero");
    given_done(s, sub);
    given_done(s, retire_item(s, "zero"));
    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
}

static void plan__waits_for_a_candidate(void **ctx)
{
    spec *s = *ctx;

    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
    when(s, define_item(s, "stage", 10, "speaking"));
    then_some_fact(s, PROPOSED);
    then_no_more_facts(s);
}

static void plan__is_not_for_those_who_left(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_person_left(s, "ann", "boss");
    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
    given_person(s, "ann", "boss"); /* back again, with the gap */
    then_proposed(s, "ann-1");
}

static void plan_id__fits_whatever_the_person_is_called(void **ctx)
{
    spec *s = *ctx;
    static const char long_id[] =
        "p123456789012345678901234567890123456789012345678901234567890123";

    given_item(s, "stage", 10, "speaking");
    given_person(s, long_id, "boss");
    given_role(s, long_id, "dev");
    given_gap(s, long_id, "speaking", 2);

    const LearningRecommenderFact__PlanProposed *f = then_fact(s, PROPOSED);
    assert_int_equal(strlen(long_id), 64);
    assert_int_equal(strlen(f->plan_id), 32 + 2); /* a digest for the person */
    assert_string_equal(get_plan(s, "boss", long_id, f->plan_id)->plan_id, f->plan_id);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan_proposed__for_an_open_gap),
        TEST(plan_proposed__says_its_figures),
        TEST(plan_proposed__names_three_candidates_not_chosen),
        TEST(plan_proposed__weighs_what_the_strategy_asks_for),
        TEST(plan_proposed__rests_on_observed_results),
        TEST(plan_proposed__dates_by_hours_over_six_weeks),
        TEST(plan_proposed__names_the_ratings_behind),
        TEST(plan_proposed__orders_ratings_by_when_they_were_given),
        TEST(plan_proposed__shows_four_ratings_at_most),
        TEST(plan_proposed__is_published_with_words),
        TEST(peers_and_reports__are_counted_from_three_on),
        TEST(plan__is_not_made_of_two_peers_alone),
        TEST(get_plan__default_deny),
        TEST(plan__covers_the_gaps_of_the_role_only),
        TEST(plan__is_for_all_roles_held_but_not_for_an_aspiration),
        TEST(plan__has_sixteen_hours),
        TEST(plan__puts_requirements_first),
        TEST(plan__leaves_out_what_was_completed),
        TEST(plan__leaves_out_what_teaches_it_no_more),
        TEST(plan__leaves_out_what_needs_something_retired),
        TEST(plan__waits_for_a_candidate),
        TEST(plan__is_not_for_those_who_left),
        TEST(plan_id__fits_whatever_the_person_is_called),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
