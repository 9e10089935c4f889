/* test_decline.c: what people do not want, or give up, and completions that were none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures.h"

/* ann has a plan with "stage"; "talks" is as good, and its id is higher. */
static void given_choice(spec *s)
{
    given_item(s, "stage", 12, "speaking");
    given_item(s, "talks", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    then_proposed(s, "ann-1");
}

/* ---- declining ---- */

static void declined__the_next_best_takes_its_place(void **ctx)
{
    spec *s = *ctx;

    given_choice(s);
    when(s, decline_item(s, "ann", "ann", "stage"));
    then_accepted(s);
    const LearningRecommenderFact__ItemDeclined *f = then_fact(s, DECLINED);
    assert_string_equal(f->plan_id, "ann-1");
    assert_string_equal(f->competency_id, "speaking");
    assert_false(f->started);
    const LearningRecommenderFact__PlanRevised *revised = then_fact(s, REVISED);
    then_items(revised->items, revised->n_items, "talks");
    then_no_more_facts(s);
    const LearningRecommender__ItemDeclined *event = then_event(s, "ItemDeclined");
    assert_string_equal(event->item_id, "stage");
}

static void declined__last_one_ends_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when(s, decline_item(s, "boss", "ann", "stage")); /* the manager may say it too */
    then_fact(s, DECLINED);
    const LearningRecommenderFact__PlanEnded *f = then_fact(s, ENDED);
    assert_int_equal(f->reason, END_NOTHING_LEFT);
    then_no_more_facts(s);
}

static void declined__started_item_is_given_up(void **ctx)
{
    spec *s = *ctx;

    given_choice(s);
    given_done(s, start_item(s, "ann", "stage"));
    when(s, decline_item(s, "ann", "ann", "stage"));
    const LearningRecommenderFact__ItemDeclined *f = then_fact(s, DECLINED);
    assert_true(f->started);
    const LearningRecommenderFact__PlanRevised *revised = then_fact(s, REVISED);
    then_items(revised->items, revised->n_items, "talks");
}

static void declined__is_not_offered_for_90_days(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, decline_item(s, "ann", "ann", "stage"));
    given_level(s, "ann", "speaking", 2.45); /* another look */
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 89 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 90 * DAY_US);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "stage");
}

/* A second refusal does not put off the day of the first. */
static void declined__each_item_has_a_day_of_its_own(void **ctx)
{
    spec *s = *ctx;

    given_choice(s);
    given_done(s, decline_item(s, "ann", "ann", "stage"));
    when_now_is(s, SPEC_START_US + 40 * DAY_US);
    given_done(s, decline_item(s, "ann", "ann", "talks"));
    when_now_is(s, SPEC_START_US + 89 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 90 * DAY_US);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "stage");
}

static void declined__is_offered_again_when_its_gap_grows(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, decline_item(s, "ann", "ann", "stage"));
    given_gap(s, "ann", "speaking", 2.2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "stage");
}

static void decline_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, decline_item(s, "ann", "nobody", "stage"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, decline_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_choice(s);
    when(s, decline_item(s, "bob", "ann", "stage"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    given_done(s, complete_item(s, "ann", "stage"));
    when(s, decline_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "item_id");
}

/* ---- voiding ---- */

static void voided__is_started_again(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, complete_item(s, "ann", "stage"));
    assert_int_equal(get_plan(s, "ann", "ann", "")->items[0]->state, STATE_COMPLETED);
    when(s, void_completion(s, "ann", "stage"));
    then_accepted(s);
    then_fact(s, VOIDED);
    then_event(s, "CompletionVoided");
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "");
    assert_int_equal(plan->items[0]->state, STATE_STARTED);
    when(s, void_completion(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_NOT_COMPLETED, "item_id");
    given_done(s, complete_item(s, "ann", "stage"));
}

static void void_completion__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, void_completion(s, "nobody", "stage"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, void_completion(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_item(s, "stage", 6, "speaking");
    when(s, void_completion(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_NOT_COMPLETED, "item_id");
}

/* ---- erasure ---- */

static void erased__nothing_is_kept_of_what_was_declined(void **ctx)
{
    spec *s = *ctx;

    given_choice(s);
    given_done(s, decline_item(s, "ann", "ann", "stage"));
    given_person_erased(s, "ann");
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    then_no_more_facts(s);
    given_person(s, "ann", "boss");
    given_role(s, "ann", "dev");
    given_gap(s, "ann", "speaking", 2.5);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "stage");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(declined__the_next_best_takes_its_place),
        TEST(declined__last_one_ends_the_plan),
        TEST(declined__started_item_is_given_up),
        TEST(declined__is_not_offered_for_90_days),
        TEST(declined__each_item_has_a_day_of_its_own),
        TEST(declined__is_offered_again_when_its_gap_grows),
        TEST(decline_item__rejections_in_order),
        TEST(voided__is_started_again),
        TEST(void_completion__rejections_in_order),
        TEST(erased__nothing_is_kept_of_what_was_declined),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
