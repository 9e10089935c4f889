/* test_plan_limits.c: how much a plan holds: items, hours, what waits, what it came to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures_plan.h"

enum { ITEMS_MAX = 24, SNAPSHOTS_MAX = 8 };

/* More than a plan holds, each so short and of so little effect that all would fit and be worth it.
 */
static void given_many_small_items(spec *s)
{
    for (unsigned i = 0; i < ITEMS_MAX + 6; i++) {
        LearningRecommender__Submission *sub =
            define_item(s, px_arena_printf(spec_arena(s), "s-%02u", i), 0.5, "speaking");

        sub->define_catalogue_item->outcomes[0]->share = 0.1;
        given_done(s, sub);
    }
}

static void plan__has_24_items_at_most(void **ctx)
{
    spec *s = *ctx;

    given_many_small_items(s);
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    assert_int_equal(f->n_items, ITEMS_MAX);
    assert_true(f->hours == ITEMS_MAX * 0.5);
}

static void deferred__are_24_at_most(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *policy = set_plan_policy(s);

    policy->set_plan_policy->minutes_per_period = 1;
    given_done(s, policy);
    given_many_small_items(s);
    given_gap(s, "ann", "speaking", 2);
    assert_int_equal(facts_of(s, DEFERRED), ITEMS_MAX);
    assert_int_equal(facts_of(s, PROPOSED), 0);
}

static void full_plan__takes_in_nothing_that_is_started_beside_it(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    for (unsigned i = 0; get_plan(s, "ann", "ann", "ann-1")->n_items < ITEMS_MAX; i++) {
        const char *item_id = px_arena_printf(spec_arena(s), "more-%02u", i);

        given_item(s, item_id, 1, "coding");
        given_done(s, add_item(s, "ann", "ann", item_id));
    }
    given_item(s, "talks", 2, "speaking");
    given_done(s, start_item(s, "ann", "talks"));
    assert_int_equal(facts_of(s, REVISED), 0);
    assert_int_equal(get_plan(s, "ann", "ann", "ann-1")->n_items, ITEMS_MAX);
}

/* What she added and did took more hours than a plan has. */
static void done__takes_the_hours_of_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 2, "writing");
    given_item(s, "degree", 30, "coding");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_done(s, add_item(s, "ann", "ann", "degree"));
    given_done(s, complete_item(s, "ann", "degree"));
    given_gap(s, "ann", "writing", 2);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_items, 2); /* no pen */
    given_gap(s, "bob", "writing", 2);
    assert_string_equal(get_plan(s, "bob", "bob", "bob-1")->items[0]->learning->item_id, "pen");
}

static void snapshots__the_newest_takes_the_place_of_the_last_kept(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    for (unsigned i = 0; i <= SNAPSHOTS_MAX; i++) {
        given_done(s, move_plan(s, "boss", "ann-1", COMPLETE));
        given_done(s, move_plan(s, "boss", "ann-1", ACTIVE));
        given_level(s, "ann", "speaking", 2.0 + 0.1 * (i + 1));
    }
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_completions, SNAPSHOTS_MAX);
    assert_true(plan->completions[0]->levels[0]->level == 2.0);
    assert_true(plan->completions[SNAPSHOTS_MAX - 1]->levels[0]->level == 2.0 + 0.1 * 8);
}

/* Opened again by a person it goes on with nothing left to do, until something new comes into it.
 */
static void reopened__stays_open_until_something_is_added(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 7, "speaking");
    given_item(s, "pen", 2, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, move_plan(s, "boss", "ann-1", COMPLETE));
    given_done(s, move_plan(s, "boss", "ann-1", ACTIVE));
    when(s, retire_item(s, "talks"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    assert_int_equal(f->n_added_item_ids, 0);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE); /* though all that is left is done */
    given_gap(s, "ann", "writing", 2);
    f = then_some_fact(s, REVISED);
    assert_int_equal(f->n_added_item_ids, 1);
    given_gap_closed(s, "ann", "speaking", 4, BY_EVIDENCE);
    given_gap_closed(s, "ann", "writing", 2, BY_TARGET);
    assert_int_equal(facts_of(s, ENDED), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan__has_24_items_at_most),
        TEST(deferred__are_24_at_most),
        TEST(full_plan__takes_in_nothing_that_is_started_beside_it),
        TEST(done__takes_the_hours_of_the_plan),
        TEST(snapshots__the_newest_takes_the_place_of_the_last_kept),
        TEST(reopened__stays_open_until_something_is_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
