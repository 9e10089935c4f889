/* test_revision.c: when an open plan is kept, and when it is said anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures.h"

/* ---- how much better ---- */

/* Ann's plan is one of two courses of ten hours; then the other turns out to be better by `times`.
 */
static void given_other_better(spec *s, double times)
{
    given_item(s, "a", 10, "speaking");
    given_item(s, "b", 10, "speaking");
    given_gap(s, "ann", "speaking", 1.5);
    then_items(then_proposed(s, "ann-1")->items, 1, "a");
    given_effect(s, "speaking", "b", 0.30 * times, 0.3);
    then_no_more_facts(s);
    given_level(s, "ann", "speaking", 1.5); /* a rating comes in, and changes nothing */
}

static void plan__is_kept_when_another_is_4_percent_better(void **ctx)
{
    spec *s = *ctx;

    given_other_better(s, 1.04);
    then_no_more_facts(s);
    assert_int_equal(get_plan(s, "ann", "ann", "")->revision, 1);
}

static void plan_revised__when_another_is_6_percent_better(void **ctx)
{
    spec *s = *ctx;

    given_other_better(s, 1.06);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "b");
    assert_int_equal(f->revision, 2);
    assert_int_equal(f->n_added_item_ids, 1);
    assert_string_equal(f->added_item_ids[0], "b");
    assert_int_equal(f->n_dropped_item_ids, 1);
    assert_string_equal(f->dropped_item_ids[0], "a");
    const LearningRecommender__PlanRevised *e = then_event(s, "PlanRevised");
    assert_string_equal(e->items[0]->learning->title, "All about b");
    assert_string_equal(e->dropped_item_ids[0], "a");
    assert_int_equal(e->revision, 2);
    given_level(s, "ann", "speaking", 1.5);
    then_no_more_facts(s); /* said once */
}

static void plan_revised__takes_in_a_second_gap(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    then_proposed(s, "ann-1");
    spec_set_now(s, spec_now(s) + 7 * DAY_US);
    given_gap(s, "ann", "writing", 1.5);

    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    assert_int_equal(f->n_items, 2);
    assert_true(f->hours == 12);
    for (size_t i = 0; i < f->n_items; i++) {
        bool was_there = strcmp(f->items[i]->item_id, "stage") == 0;
        int64_t from = was_there ? SPEC_START_US : SPEC_START_US + 7 * DAY_US;

        assert_true(f->items[i]->planned_completion_us > from); /* dates once said stay */
        if (was_there)
            assert_int_equal(f->items[i]->planned_completion_us, SPEC_START_US + 42 * DAY_US);
    }
}

/* ---- started items ---- */

static void plan_revised__never_drops_a_started_item(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 10, "speaking");
    given_item(s, "b", 10, "speaking");
    given_gap(s, "ann", "speaking", 1.5);
    given_done(s, start_item(s, "ann", "a"));
    given_effect(s, "speaking", "b", 0.9, 0.3);
    given_level(s, "ann", "speaking", 1.5);
    then_no_more_facts(s); /* b does not fit beside it */
}

static void plan_revised__when_the_gap_of_a_started_item_closed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 6, "writing");
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_gap_closed(s, "ann", "speaking", 4.2, BY_EVIDENCE);
    then_no_more_facts(s); /* what is left of the plan is still best */
    given_item(s, "ink", 4, "writing");

    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "");
    assert_int_equal(plan->ended, 0);
    assert_int_equal(plan->n_items, 3);
    assert_string_equal(plan->items[0]->learning->item_id, "stage");
    assert_int_equal(plan->items[0]->state, STATE_STARTED);
    assert_string_equal(plan->items[0]->issue->competency_id, "speaking");
    assert_true(plan->items[0]->learning->value == 0); /* its gap is closed: no gain is left */
}

static void plan_revised__drops_what_lost_its_gap_unless_started(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 6, "writing");
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_gap_closed(s, "ann", "writing", 2, BY_TARGET); /* less is asked */

    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
    assert_string_equal(f->dropped_item_ids[0], "pen");
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    then_no_more_facts(s); /* started: it stays until it is completed */
    when(s, complete_item(s, "ann", "stage"));
    then_fact(s, COMPLETED);
    then_ended(s, "ann-1", END_COMPLETED);
}

static void plan_proposed__takes_in_what_was_started_before(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 6, "speaking");
    given_item(s, "b", 6, "speaking");
    given_item(s, "c", 10, "speaking");
    given_item(s, "pen", 10, "writing");
    given_done(s, start_item(s, "ann", "c"));
    given_done(s, start_item(s, "ann", "pen"));
    given_gap(s, "ann", "speaking", 1.5);

    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "c a"); /* pen has nothing to do with the gap */
    assert_int_equal(f->items[0]->state, STATE_STARTED);
    assert_int_equal(f->items[1]->state, STATE_PROPOSED);
}

/* The closing is a reason to look at all of the plan again, once. */
static void plan_revised__once_for_a_started_item_without_gap(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 6, "writing");
    given_item(s, "ink", 6, "writing");
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_effect(s, "writing", "ink", 0.30, 0.3);
    given_effect(s, "writing", "pen", 0.31, 0.3);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "stage pen"); /* 3 % better */
    given_effect(s, "writing", "ink", 0.32, 0.3);
    given_level(s, "ann", "writing", 2);
    then_no_more_facts(s); /* 3 % better, and nothing else has happened */
}

/* ---- other reasons ---- */

static void plan_revised__when_an_item_is_offered_no_more(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 10, "speaking");
    given_item(s, "b", 10, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, retire_item(s, "a"));

    then_fact(s, RETIRED);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "b");
}

static void plan_revised__for_another_role(void **ctx)
{
    spec *s = *ctx;

    given_target(s, "lead", "coding", 4, 1);
    given_item(s, "stage", 10, "speaking");
    given_item(s, "code", 10, "coding");
    given_gap(s, "ann", "speaking", 2);
    given_role(s, "ann", "lead");
    then_no_more_facts(s); /* competency has not yet said what that means */
    given_gap(s, "ann", "coding", 2);

    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    assert_string_equal(f->role_id, "lead");
    then_items(f->items, f->n_items, "code");
    given_gap_closed(s, "ann", "speaking", 2, BY_TARGET);
    then_no_more_facts(s);
}

static void plan_revised__when_a_weight_changes(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 10, "writing");
    given_item(s, "stage", 10, "speaking");
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "ann", "speaking", 2);
    assert_string_equal(get_plan(s, "ann", "ann", "")->items[0]->learning->item_id, "pen");
    given_target(s, "dev", "speaking", 4, 3);

    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
}

/* What is done counts against the sixteen hours: a plan ends, it does not grow for ever. */
static void plan__does_not_grow_as_items_are_completed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 8, "speaking");
    given_item(s, "b", 8, "speaking");
    given_item(s, "c", 8, "speaking");
    given_gap(s, "ann", "speaking", 1.5);
    when(s, complete_item(s, "ann", "a"));
    then_fact(s, COMPLETED);
    then_no_more_facts(s);
    when(s, complete_item(s, "ann", "b"));
    then_fact(s, COMPLETED);
    then_ended(s, "ann-1", END_COMPLETED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan__is_kept_when_another_is_4_percent_better),
        TEST(plan_revised__when_another_is_6_percent_better),
        TEST(plan_revised__takes_in_a_second_gap),
        TEST(plan_revised__never_drops_a_started_item),
        TEST(plan_revised__when_the_gap_of_a_started_item_closed),
        TEST(plan_revised__drops_what_lost_its_gap_unless_started),
        TEST(plan_proposed__takes_in_what_was_started_before),
        TEST(plan_revised__once_for_a_started_item_without_gap),
        TEST(plan_revised__when_an_item_is_offered_no_more),
        TEST(plan_revised__for_another_role),
        TEST(plan_revised__when_a_weight_changes),
        TEST(plan__does_not_grow_as_items_are_completed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
