/* test_reasons.c: L2: every item of a plan says by a code why it is there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures_plan.h"

enum {
    BEST_FOR_GAP = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_BEST_FOR_GAP,
    REQUIRED = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_REQUIRED,
    STARTED_BEFORE = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_STARTED_BEFORE,
    ADDED = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_ADDED,
    SWAPPED_IN = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_SWAPPED_IN,
    TEMPLATE = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE,
    TEMPLATE_CHOICE = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_TEMPLATE_CHOICE
};

static void then_reason(spec *s, const char *item_id, int reason)
{
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");

    for (size_t i = 0; i < plan->n_items; i++)
        if (strcmp(plan->items[i]->learning->item_id, item_id) == 0) {
            assert_int_equal(plan->items[i]->reason, reason);
            return;
        }
    fail_msg("%s is not planned", item_id);
}

static void chosen__for_the_gap_or_because_another_requires_it(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");

    given_item(s, "basics", 2, "coding");
    add_requires(s, sub, "basics");
    given_done(s, sub);
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "basics stage");
    assert_int_equal(f->items[0]->reason, REQUIRED);
    assert_int_equal(f->items[1]->reason, BEST_FOR_GAP);
    const LearningRecommender__PlanProposed *event = then_event(s, "PlanProposed");
    assert_int_equal(event->items[0]->reason, REQUIRED);
    then_reason(s, "stage", BEST_FOR_GAP);
}

static void started__before_the_plan_or_for_the_reason_it_came_in_for(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_done(s, start_item(s, "ann", "talks"));
    given_gap(s, "ann", "speaking", 2);
    then_reason(s, "talks", STARTED_BEFORE);
    then_reason(s, "stage", BEST_FOR_GAP);
    given_done(s, start_item(s, "ann", "stage"));
    given_item(s, "pen", 2, "writing");
    given_gap(s, "ann", "writing", 2); /* said anew */
    then_reason(s, "stage", BEST_FOR_GAP);
    then_reason(s, "talks", STARTED_BEFORE);
}

static void put_in__added_or_in_the_place_of_another(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 2, "coding");
    given_item(s, "ink", 2, "coding");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, add_item(s, "boss", "ann", "pen"));
    then_reason(s, "pen", ADDED);
    given_done(s, swap_item(s, "ann", "ann", "ink", "pen"));
    then_reason(s, "ink", SWAPPED_IN);
    given_done(s, start_item(s, "ann", "ink"));
    given_item(s, "books", 2, "writing");
    given_gap(s, "ann", "writing", 2); /* said anew */
    then_reason(s, "ink", SWAPPED_IN);
}

static void template__asks_for_it_or_offers_it(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "tour", 2, "coding");
    given_item(s, "pen", 2, "coding");
    given_item(s, "ink", 2, "coding");
    given_done(s, define_template(s, "welcome", "tour ?pen"));
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    then_reason(s, "tour", TEMPLATE);
    then_reason(s, "pen", TEMPLATE_CHOICE);
    given_done(s, swap_item(s, "ann", "ann", "ink", "pen"));
    then_reason(s, "ink", SWAPPED_IN);
    given_done(s, define_template(s, "welcome", "tour ink")); /* nobody needs to have put it in */
    then_reason(s, "ink", TEMPLATE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chosen__for_the_gap_or_because_another_requires_it),
        TEST(started__before_the_plan_or_for_the_reason_it_came_in_for),
        TEST(put_in__added_or_in_the_place_of_another),
        TEST(template__asks_for_it_or_offers_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
