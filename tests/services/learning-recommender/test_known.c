/* test_known.c: nobody is sent where they have been: items that teach what a person can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/record.h"
#include "services/learning-recommender/state_plan.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

static void known__is_not_proposed(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    given_gap(s, "ann", "speaking", 2.5);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
}

/* Writing is required first, and ann writes well enough. */
static void known__requirement_is_left_out(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");

    given_item(s, "pen", 6, "writing");
    add_requires(s, sub, "pen");
    given_done(s, sub);
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    given_gap(s, "ann", "speaking", 2.5);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
    given_level(s, "bob", "writing", 2);
    given_gap(s, "bob", "speaking", 2.5);
    f = then_proposed(s, "bob-1");
    then_items(f->items, f->n_items, "pen stage");
}

static void waived__names_the_evidence_and_counts_the_minutes(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 1.5, "writing");
    given_gap(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2);
    given_evidence(s, "cert-7", "ann", "writing");
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);

    const LearningRecommenderFact__ItemWaived *f = then_fact(s, WAIVED);
    assert_string_equal(f->plan_id, "ann-1");
    assert_string_equal(f->item_id, "pen");
    assert_string_equal(f->competency_id, "writing");
    assert_string_equal(f->evidence_id, "cert-7");
    assert_true(f->mu == 4);
    assert_int_equal(f->minutes_saved, 90);
    then_no_more_facts(s);
    const LearningRecommender__ItemWaived *event = then_event(s, "ItemWaived");
    assert_int_equal(event->minutes_saved, 90);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_items, 2);
    assert_int_equal(plan->items[0]->state + plan->items[1]->state, STATE_PROPOSED + STATE_WAIVED);
}

static void waived__names_the_newest_review(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 1.5, "writing");
    given_gap(s, "ann", "writing", 2);
    given_review(s, "r9", "boss", "ann", 2, "writing", 5);
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    const LearningRecommenderFact__ItemWaived *f = then_fact(s, WAIVED);
    assert_string_equal(f->evidence_id, "r9");
    then_ended(s, "ann-1", END_GAPS_CLOSED);
}

static void waived__is_kept_by_a_revision(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 1.5, "writing");
    given_gap(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2);
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    given_item(s, "drama", 4, "speaking");
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "pen drama stage");
    assert_int_equal(f->items[0]->state, STATE_WAIVED);
    assert_true(f->hours == 10);
}

/* An item that teaches something else now comes back into a plan that has seen it waived. Were the
 * first one found, the second would be waived again and again. */
static void item_twice_in_a_plan__the_one_to_do_is_found(void **ctx)
{
    plan_record plan = { .item_count = 2 };

    (void)ctx;
    for (int i = 0; i < 2; i++)
        px_record_set_text(plan.items[i].item_id, sizeof plan.items[i].item_id, "pen");
    plan.items[0].state = STATE_WAIVED;
    plan.items[1].state = STATE_PROPOSED;
    assert_int_equal(learning_plan_find(&plan, "pen"), 1);
    plan.items[1].state = STATE_WAIVED;
    assert_int_equal(learning_plan_find(&plan, "pen"), 0);
    assert_int_equal(learning_plan_find(&plan, "stage"), -1);
}

/* Neither is learning saved by taking a rating back, nor by asking for less, nor of what was begun.
 */
static void waived__only_what_was_reached(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "pen", 1.5, "writing");
    given_gap(s, "ann", "writing", 2);
    given_gap_closed(s, "ann", "writing", 4, BY_WITHDRAWAL);
    then_ended(s, "ann-1", END_WITHDRAWN);
    given_gap(s, "bob", "writing", 2);
    given_done(s, start_item(s, "bob", "pen"));
    given_gap_closed(s, "bob", "writing", 4, BY_EVIDENCE);
    assert_int_equal(facts_of(s, WAIVED), 0);
}

/* What is asked of everybody is done by those too who know it. */
static void mandatory__is_not_waived(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "pen", 1.5, "writing");

    sub->define_catalogue_item->mandatory = true;
    given_done(s, sub);
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2);
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    assert_int_equal(facts_of(s, WAIVED), 0);
}

/* A certificate, and a review after it: the newer one is named. */
static void waived__names_what_came_last(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 1.5, "writing");
    given_gap(s, "ann", "speaking", 2.5);
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "bob", "speaking", 2.5);
    given_gap(s, "bob", "writing", 2);
    given_review(s, "r1", "boss", "bob", 2, "writing", 4);
    given_evidence(s, "cert-7", "ann", "writing");
    spec_set_now(s, SPEC_START_US + DAY_US);
    given_evidence(s, "cert-8", "bob", "writing");
    given_review(s, "r2", "boss", "ann", 2, "writing", 4);
    given_gap_closed(s, "ann", "writing", 4, COMPETENCY__CHANGE_REASON__CHANGE_REASON_LEARNING);
    const LearningRecommenderFact__ItemWaived *f = then_some_fact(s, WAIVED);
    assert_string_equal(f->evidence_id, "r2");
    given_gap_closed(s, "bob", "writing", 4, BY_EVIDENCE);
    f = then_some_fact(s, WAIVED);
    assert_string_equal(f->evidence_id, "cert-8");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

/* Nobody has a gap in what the required item teaches. */
static void required__offered_again_brings_what_requires_it_within_reach(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 2, "speaking");

    given_item(s, "basics", 2, "coding");
    add_requires(s, sub, "basics");
    given_done(s, sub);
    given_done(s, retire_item(s, "basics"));
    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
    given_item(s, "basics", 2, "coding");
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "basics stage");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(known__is_not_proposed),
        TEST(known__requirement_is_left_out),
        TEST(required__offered_again_brings_what_requires_it_within_reach),
        TEST(waived__names_the_evidence_and_counts_the_minutes),
        TEST(waived__names_the_newest_review),
        TEST(waived__is_kept_by_a_revision),
        TEST(item_twice_in_a_plan__the_one_to_do_is_found),
        TEST(mandatory__is_not_waived),
        TEST(waived__names_what_came_last),
        TEST(waived__only_what_was_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
