/* test_end.c: how a plan ends, what an erasure leaves, and when it is looked at again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures.h"

/* ---- ends ---- */

static void plan_ended__when_the_gaps_are_closed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);

    then_fact(s, WAIVED);
    then_ended(s, "ann-1", END_GAPS_CLOSED);
    const LearningRecommender__PlanEnded *e = then_event(s, "PlanEnded");
    assert_string_equal(e->plan_id, "ann-1");
    assert_string_equal(e->person_id, "ann");
    assert_int_equal(e->reason, END_GAPS_CLOSED);
    assert_int_equal(get_plan(s, "ann", "ann", "ann-1")->ended, END_GAPS_CLOSED);
}

static void plan_ended__when_the_ratings_behind_it_were_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_review(s, "r1", "boss", "ann", 2, "speaking", 1);
    given_gap(s, "ann", "speaking", 2);
    given_review_withdrawn(s, "r1", "boss", "ann", 2, "speaking");
    then_no_more_facts(s);
    given_gap_closed(s, "ann", "speaking", 3, BY_WITHDRAWAL);
    then_ended(s, "ann-1", END_WITHDRAWN);
}

/* What is left is what one peer said, and no plan is made of that. */
static void plan_ended__when_all_but_a_peers_rating_was_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap_on(s, "ann", "speaking", 2, (evidence){ .manager = 1, .peer = 1, .raters = 2 });
    then_proposed(s, "ann-1");
    given_gap_on(s, "ann", "speaking", 2, (evidence){ .peer = 1, .raters = 1 });
    then_ended(s, "ann-1", END_WITHDRAWN);
}

static void plan_ended__when_all_is_completed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    when(s, complete_item(s, "ann", "stage"));
    then_fact(s, COMPLETED);
    then_ended(s, "ann-1", END_COMPLETED);
    given_level(s, "ann", "speaking", 2.2); /* still short of it: the next plan */
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "talks");
    assert_int_equal(get_plan(s, "ann", "ann", "ann-1")->items[0]->state, STATE_COMPLETED);
}

/* Nobody answers the completion with a new level. */
static void next_plan__comes_a_day_later_without_news(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_item(s, "talks", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, complete_item(s, "ann", "stage"));
    then_fact(s, COMPLETED);
    then_ended(s, "ann-1", END_COMPLETED);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + DAY_US + 60000000);
    then_proposed(s, "ann-2");
}

static void plan_ended__when_nothing_of_it_is_left(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, retire_item(s, "stage"));
    then_fact(s, RETIRED);
    then_ended(s, "ann-1", END_NOTHING_LEFT);
    when(s, define_item(s, "stage", 10, "speaking"));
    then_fact(s, DEFINED);
    then_proposed(s, "ann-2");
}

/* What was still to do is not needed any more, and then nothing is left to do. */
static void plan_ended__when_all_else_is_completed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);

    const LearningRecommenderFact__ItemWaived *f = then_fact(s, WAIVED);
    assert_string_equal(f->item_id, "pen");
    then_ended(s, "ann-1", END_COMPLETED);
}

static void plan_ended__when_its_item_is_retired_after_it_taught_something_else(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, define_item(s, "stage", 10, "coding"));
    then_fact(s, DEFINED);
    then_no_more_facts(s); /* still offered: the plan stays as it was said */
    when(s, retire_item(s, "stage"));
    then_fact(s, RETIRED);
    then_ended(s, "ann-1", END_NOTHING_LEFT);
}

static void plan_ended__when_the_person_left(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_person_left(s, "ann", "boss");
    then_ended(s, "ann-1", END_PERSON_GONE);
    when_now_is(s, SPEC_START_US + 400 * DAY_US);
    then_no_more_facts(s); /* nobody is asked about somebody who left */
}

/* ---- erasure ---- */

static void erased_person__leaves_no_record(void **ctx)
{
    spec *s = *ctx;

    given_person(s, "zoe-erased", "boss");
    given_role(s, "zoe-erased", "dev");
    given_item(s, "stage", 10, "speaking");
    given_review(s, "r1", "boss", "zoe-erased", 2, "speaking", 2);
    given_gap(s, "zoe-erased", "speaking", 2);
    given_done(s, start_item(s, "zoe-erased", "stage"));
    assert_true(records_with(s, "zoe-erased", false) > 6);
    given_person_erased(s, "zoe-erased");

    then_ended(s, "zoe-erased-1", END_PERSON_GONE);
    /* The tombstone of common/people, and how many plans there were: their ids never repeat. */
    assert_int_equal(records_with(s, "zoe-erased", false), 2);
    assert_int_equal(records_with(s, "r1", false), 0);
    given_level(s, "zoe-erased", "speaking", 2); /* said before competency knew */
    then_no_more_facts(s);
    assert_int_equal(records_with(s, "zoe-erased", false), 2);
    when_now_is(s, SPEC_START_US + 400 * DAY_US);
    then_no_more_facts(s);
}

static void erased_person__recorded_anew_starts_over(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    given_person_erased(s, "ann");
    given_person(s, "ann", "boss");
    then_no_more_facts(s);
    given_role(s, "ann", "dev");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "stage"); /* nobody knows that it was completed once */
}

/* The erasure is folded after the plan was decided and before it is read back. */
static void erased_person__is_not_brought_back_by_a_plan(void **ctx)
{
    spec *s = *ctx;
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PlanProposed plan = LEARNING_RECOMMENDER_FACT__PLAN_PROPOSED__INIT;
    LearningRecommenderFact__PlanItem item = LEARNING_RECOMMENDER_FACT__PLAN_ITEM__INIT;
    LearningRecommenderFact__PlanItem *items[] = { &item };
    char ann[] = "ann", plan_id[] = "ann-1", stage[] = "stage";

    given_person_erased(s, "ann");
    plan.plan_id = plan_id;
    plan.person_id = ann;
    item.item_id = stage;
    item.follow_up_at_us = SPEC_START_US + DAY_US;
    plan.items = items;
    plan.n_items = 1;
    fact.body_case = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED;
    fact.plan_proposed = &plan;
    given(s, "learning-recommender", &fact);

    then_ended(s, "ann-1", END_PERSON_GONE);
    assert_int_equal(records_with(s, "stage", false), 0);
    when_now_is(s, SPEC_START_US + 2 * DAY_US);
    then_no_more_facts(s);
}

/* ---- follow-up ---- */

static void follow_up__is_due_once(void **ctx)
{
    spec *s = *ctx;
    int64_t due = SPEC_START_US + (42 + 91) * DAY_US;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when_now_is(s, due - 1);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
    when_now_is(s, due + 2 * DAY_US);

    const LearningRecommenderFact__FollowUpDue *f = then_fact(s, FOLLOW_UP_DUE);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->plan_id, "ann-1");
    assert_string_equal(f->competency_id, "speaking");
    assert_int_equal(f->due_at_us, due);
    assert_int_equal(f->n_rater_ids, 2);
    assert_string_equal(f->rater_ids[0], "boss");
    assert_string_equal(f->rater_ids[1], "ann");
    then_no_more_facts(s);
    const LearningRecommender__FollowUpDue *e = then_event(s, "FollowUpDue");
    assert_int_equal(px_codec_time_us(e->due_at), due);
    when_now_is(s, due + 13 * DAY_US);
    then_no_more_facts(s);
}

static void follow_up__is_due_after_completion_too(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, SPEC_START_US + (42 + 91) * DAY_US);
    then_fact(s, FOLLOW_UP_DUE);
    then_no_more_facts(s);
}

static void follow_up__waits_for_the_last_item_of_the_gap(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 10, "speaking");
    given_item(s, "short", 5, "speaking");
    given_gap(s, "ann", "speaking", 1.5);
    when_now_is(s, SPEC_START_US + (14 + 91) * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
    when_now_is(s, SPEC_START_US + (42 + 91) * DAY_US);
    then_fact(s, FOLLOW_UP_DUE);
    then_no_more_facts(s);
}

static void follow_up__said_stays_said_when_the_plan_is_revised(void **ctx)
{
    spec *s = *ctx;
    int64_t later = SPEC_START_US + 200 * DAY_US;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, later);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 2);
    assert_int_equal(facts_of(s, FOLLOW_UP_OVERDUE), 2);
    when(s, define_item(s, "ink", 4, "writing"));
    then_some_fact(s, REVISED);
    then_no_more_facts(s);
    when_now_is(s, later + DAY_US);
    then_no_more_facts(s);
    when_now_is(s, later + (42 + 91) * DAY_US); /* the new item's own */
    const LearningRecommenderFact__FollowUpDue *f = then_some_fact(s, FOLLOW_UP_DUE);
    assert_string_equal(f->competency_id, "writing");
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 1);
    assert_int_equal(facts_of(s, FOLLOW_UP_OVERDUE), 1);
}

static void follow_up__is_not_asked_for_after_a_return(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    given_person_left(s, "ann", "boss");
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    given_person(s, "ann", "boss");
    when_now_is(s, SPEC_START_US + 400 * DAY_US);
    then_no_more_facts(s);
}

static void follow_up__goes_with_what_was_dropped(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    when_now_is(s, SPEC_START_US + 400 * DAY_US);
    then_no_more_facts(s);
}

static void follow_up__asks_the_manager_of_that_day(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_person(s, "ann", "bob");
    when_now_is(s, SPEC_START_US + (42 + 91) * DAY_US);
    const LearningRecommenderFact__FollowUpDue *f = then_fact(s, FOLLOW_UP_DUE);
    assert_string_equal(f->rater_ids[0], "bob");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan_ended__when_the_gaps_are_closed),
        TEST(plan_ended__when_the_ratings_behind_it_were_withdrawn),
        TEST(plan_ended__when_all_but_a_peers_rating_was_withdrawn),
        TEST(plan_ended__when_all_is_completed),
        TEST(next_plan__comes_a_day_later_without_news),
        TEST(plan_ended__when_nothing_of_it_is_left),
        TEST(plan_ended__when_all_else_is_completed),
        TEST(plan_ended__when_its_item_is_retired_after_it_taught_something_else),
        TEST(plan_ended__when_the_person_left),
        TEST(erased_person__leaves_no_record),
        TEST(erased_person__recorded_anew_starts_over),
        TEST(erased_person__is_not_brought_back_by_a_plan),
        TEST(follow_up__is_due_once),
        TEST(follow_up__is_due_after_completion_too),
        TEST(follow_up__waits_for_the_last_item_of_the_gap),
        TEST(follow_up__said_stays_said_when_the_plan_is_revised),
        TEST(follow_up__is_not_asked_for_after_a_return),
        TEST(follow_up__goes_with_what_was_dropped),
        TEST(follow_up__asks_the_manager_of_that_day),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
