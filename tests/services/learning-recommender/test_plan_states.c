/* test_plan_states.c: how plans begin, who moves them where, and what a completed one keeps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "services/learning-recommender/state_snapshot.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

static void given_review_policy(spec *s)
{
    LearningRecommender__Submission *sub = set_plan_policy(s);

    sub->set_plan_policy->review_needed = true;
    given_done(s, sub);
}

/* ann has a plan with "stage". */
static void given_plan(spec *s)
{
    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    then_proposed(s, "ann-1");
}

static void given_moved(spec *s, const char *actor, int to)
{
    given_done(s, move_plan(s, actor, "ann-1", to));
}

/* ---- how plans begin ---- */

static void plan__is_active_at_once(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE);
}

static void policy__lets_plans_wait_for_review(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = set_plan_policy(s);

    sub->set_plan_policy->review_needed = true;
    when(s, sub);
    then_accepted(s);
    const LearningRecommenderFact__PlanPolicySet *f = then_fact(s, POLICY_SET);
    assert_int_equal(f->version, 1);
    const LearningRecommender__PlanPolicySet *event = then_event(s, "PlanPolicySet");
    assert_true(event->review_needed);
    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    assert_int_equal(then_proposed(s, "ann-1")->state, WAITING);
    const LearningRecommender__PlanProposed *proposed = then_event(s, "PlanProposed");
    assert_int_equal(proposed->state, WAITING);
    when(s, set_plan_policy(s));
    f = then_fact(s, POLICY_SET);
    assert_int_equal(f->version, 2);
    assert_int_equal(state_of(s, "ann-1"), WAITING); /* what was begun stays as it is */
}

/* ---- moves ---- */

/* Every pair of states, as said by the person and by the manager: by whom it may be made. */
static void moves__are_those_of_the_table(void **ctx)
{
    enum { NO = 0, REVIEWER = 1, BOTH = 2 };
    static const int may[COMPLETE + 1][SUPERSEDED + 1] = {
        [DRAFT] = { [WAITING] = BOTH, [ACTIVE] = REVIEWER, [CANCELLED] = REVIEWER },
        [WAITING] = { [DRAFT] = REVIEWER, /* the manager asked: see the ways below */
                      [IN_REVIEW] = REVIEWER,
                      [ACTIVE] = REVIEWER,
                      [CANCELLED] = REVIEWER },
        [IN_REVIEW] = { [DRAFT] = REVIEWER, [ACTIVE] = REVIEWER, [CANCELLED] = REVIEWER },
        [ACTIVE] = { [DRAFT] = REVIEWER, [COMPLETE] = REVIEWER, [CANCELLED] = REVIEWER },
        [COMPLETE] = { [ACTIVE] = REVIEWER },
    };
    static const int ways[COMPLETE + 1][4] = {
        [DRAFT] = { DRAFT },
        [WAITING] = { DRAFT, WAITING },
        [COMPLETE] = { COMPLETE },
        [IN_REVIEW] = { DRAFT, WAITING, IN_REVIEW },
    };
    spec *s = *ctx;

    given_plan(s);
    for (int from = DRAFT; from <= COMPLETE; from++) {
        for (const int *step = ways[from]; *step; step++)
            given_moved(s, "boss", *step);
        for (int to = DRAFT; to <= SUPERSEDED; to++) {
            if (may[from][to] == BOTH)
                continue;
            when(s, move_plan(s, may[from][to] ? "ann" : "boss", "ann-1", to));
            if (may[from][to])
                then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
            else
                then_rejected(s, PX_REASON_ILLEGAL_TRANSITION, "to");
            when(s, move_plan(s, "bob", "ann-1", to));
            then_rejected(s, may[from][to] ? PX_REASON_NOT_ALLOWED : PX_REASON_ILLEGAL_TRANSITION,
                          may[from][to] ? "actor" : "to");
        }
        if (from != ACTIVE)
            given_moved(s, "boss", ACTIVE);
    }
}

static void review__from_request_to_approval(void **ctx)
{
    spec *s = *ctx;

    given_review_policy(s);
    given_plan(s);
    given_moved(s, "ann", DRAFT); /* the rule asked; the person takes it back */
    when(s, move_plan(s, "ann", "ann-1", WAITING));
    const LearningRecommenderFact__PlanMoved *f = then_fact(s, MOVED);
    assert_int_equal(f->from, DRAFT);
    assert_int_equal(f->to, WAITING);
    when(s, move_plan(s, "boss", "ann-1", DRAFT)); /* not the requester */
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    given_moved(s, "hanna", IN_REVIEW);
    assert_string_equal(get_plan(s, "ann", "ann", "ann-1")->reviewer_id, "hanna");
    when(s, move_plan(s, "hanna", "ann-1", ACTIVE));
    then_accepted(s);
    const LearningRecommender__PlanMoved *event = then_event(s, "PlanMoved");
    assert_int_equal(event->from, IN_REVIEW);
    assert_int_equal(event->to, ACTIVE);
    assert_string_equal(event->actor_id, "hanna");
    assert_string_equal(get_plan(s, "ann", "ann", "ann-1")->reviewer_id, "");
}

static void review__leaves_the_plan_as_it_is_looked_at(void **ctx)
{
    spec *s = *ctx;

    given_review_policy(s);
    given_plan(s);
    given_item(s, "pen", 4, "writing");
    given_gap(s, "ann", "writing", 2); /* worth adding, but not under the reviewer's eyes */
    then_no_more_facts(s);
    when(s, move_plan(s, "boss", "ann-1", ACTIVE));
    then_fact(s, MOVED);
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);
    then_items(f->items, f->n_items, "pen stage");
}

static void review__ends_with_what_it_was_about(void **ctx)
{
    spec *s = *ctx;

    given_review_policy(s);
    given_plan(s);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    then_some_fact(s, ENDED);
    assert_int_equal(state_of(s, "ann-1"), SUPERSEDED);
}

static void approval__counts_the_weeks_from_its_day(void **ctx)
{
    spec *s = *ctx;

    given_review_policy(s);
    given_plan(s);
    when_now_is(s, SPEC_START_US + 10 * DAY_US);
    when(s, move_plan(s, "boss", "ann-1", ACTIVE));
    then_fact(s, MOVED);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    assert_int_equal(f->revision, 2);
    assert_int_equal(f->items[0]->planned_completion_us, SPEC_START_US + 52 * DAY_US);
    when_now_is(s, SPEC_START_US + 134 * DAY_US); /* where the proposal saw the follow-up */
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
    when_now_is(s, SPEC_START_US + 144 * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 1);
}

static void draft__is_not_followed_up(void **ctx)
{
    spec *s = *ctx;

    given_review_policy(s);
    given_plan(s);
    when_now_is(s, SPEC_START_US + 134 * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
}

/* ---- ends ---- */

static void completed__keeps_the_levels_of_that_moment(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, move_plan(s, "boss", "ann-1", COMPLETE));
    const LearningRecommenderFact__PlanEnded *f = then_fact(s, ENDED);
    assert_int_equal(f->reason, END_COMPLETED);
    assert_string_equal(f->actor_id, "boss");
    const LearningRecommender__PlanEnded *event = then_event(s, "PlanEnded");
    assert_int_equal(event->n_levels, 1);
    assert_true(event->levels[0]->level == 2.5);
    given_level(s, "ann", "speaking", 3.9);
    const LearningRecommender__Plan *plan = get_plan(s, "boss", "ann", "ann-1");
    assert_int_equal(plan->state, COMPLETE);
    assert_int_equal(plan->n_completions, 1);
    assert_string_equal(plan->completions[0]->levels[0]->competency_id, "speaking");
    assert_true(plan->completions[0]->levels[0]->level == 2.5);
    assert_true(plan->completions[0]->levels[0]->target == 4);
}

static void reopened__keeps_the_snapshot_and_clears_past_dates(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_moved(s, "boss", COMPLETE);
    when_now_is(s, SPEC_START_US + 50 * DAY_US);
    when(s, move_plan(s, "boss", "ann-1", ACTIVE));
    then_fact(s, MOVED);
    then_no_more_facts(s);
    const LearningRecommender__Plan *plan = get_plan(s, "boss", "ann", "ann-1");
    assert_int_equal(plan->state, ACTIVE);
    assert_int_equal(plan->ended, 0);
    assert_int_equal(plan->n_completions, 1);
    assert_null(plan->items[0]->follow_up->planned_completion);
    given_level(s, "ann", "speaking", 2.8);
    given_moved(s, "boss", COMPLETE);
    plan = get_plan(s, "boss", "ann", "ann-1");
    assert_int_equal(plan->n_completions, 2);
    assert_true(plan->completions[0]->levels[0]->level == 2.5);
    assert_true(plan->completions[1]->levels[0]->level == 2.8);
}

static void reopened__is_not_ended_by_the_rule_before_something_is_done(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, complete_item(s, "ann", "stage"));
    then_fact(s, COMPLETED);
    then_ended(s, "ann-1", END_COMPLETED);
    given_moved(s, "boss", ACTIVE);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    then_no_more_facts(s);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE);
}

static void reopened__with_all_to_do_outlives_its_gap(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_moved(s, "boss", COMPLETE);
    given_moved(s, "boss", ACTIVE);
    given_gap_closed(s, "ann", "speaking", 2, BY_TARGET);
    then_no_more_facts(s);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE);
}

static void reopen__is_refused_while_another_plan_is_open(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_item(s, "talks", 12, "speaking");
    given_done(s, complete_item(s, "ann", "stage"));
    given_level(s, "ann", "speaking", 2.6);
    then_proposed(s, "ann-2");
    when(s, move_plan(s, "boss", "ann-1", ACTIVE));
    then_rejected(s, PX_REASON_PLAN_OPEN, "plan_id");
}

static void cancelled__is_not_proposed_again_without_news(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, move_plan(s, "boss", "ann-1", CANCELLED));
    then_ended(s, "ann-1", END_CANCELLED);
    assert_int_equal(state_of(s, "ann-1"), CANCELLED);
    given_level(s, "ann", "speaking", 2.45);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 89 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 90 * DAY_US);
    then_proposed(s, "ann-2");
}

static void cancelled__is_proposed_when_a_gap_opens(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_item(s, "pen", 4, "writing");
    given_moved(s, "boss", CANCELLED);
    given_gap(s, "ann", "writing", 2);
    then_proposed(s, "ann-2");
}

static void move_plan__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = move_plan(s, "boss", "ann-1", ACTIVE);

    sub->move_plan->person_id = px_arena_strdup(spec_arena(s), "nobody");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, move_plan(s, "boss", "ann-1", ACTIVE));
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
    given_plan(s);
    when(s, move_plan(s, "boss", "bob-1", ACTIVE));
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
    given_person_left(s, "ann", "boss");
    when(s, move_plan(s, "boss", "ann-1", DRAFT));
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
}

static void erased__nothing_is_kept_of_a_completed_plan(void **ctx)
{
    plan_snapshot snapshot;
    spec *s = *ctx;

    given_plan(s);
    given_moved(s, "boss", COMPLETE);
    assert_true(learning_state_get_snapshot(spec_state(s), SPEC_TENANT, "ann", 1, 0, &snapshot));
    given_person_erased(s, "ann");
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    then_no_more_facts(s);
    assert_false(learning_state_get_snapshot(spec_state(s), SPEC_TENANT, "ann", 1, 0, &snapshot));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan__is_active_at_once),
        TEST(policy__lets_plans_wait_for_review),
        TEST(moves__are_those_of_the_table),
        TEST(review__from_request_to_approval),
        TEST(review__leaves_the_plan_as_it_is_looked_at),
        TEST(review__ends_with_what_it_was_about),
        TEST(approval__counts_the_weeks_from_its_day),
        TEST(draft__is_not_followed_up),
        TEST(completed__keeps_the_levels_of_that_moment),
        TEST(reopened__keeps_the_snapshot_and_clears_past_dates),
        TEST(reopened__is_not_ended_by_the_rule_before_something_is_done),
        TEST(reopened__with_all_to_do_outlives_its_gap),
        TEST(reopen__is_refused_while_another_plan_is_open),
        TEST(cancelled__is_not_proposed_again_without_news),
        TEST(cancelled__is_proposed_when_a_gap_opens),
        TEST(move_plan__rejections_in_order),
        TEST(erased__nothing_is_kept_of_a_completed_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
