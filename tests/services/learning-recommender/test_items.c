/* test_items.c: people and their managers agree to items, put some in, swap some, and object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures_plan.h"

/* ann has a plan with "stage"; "talks" is as good, and its id is higher; nobody needs "juggling".
 */
static void given_plan(spec *s)
{
    given_item(s, "stage", 12, "speaking");
    given_item(s, "talks", 12, "speaking");
    given_item(s, "juggling", 2, "coding");
    given_gap(s, "ann", "speaking", 2.5);
    then_proposed(s, "ann-1");
}

static int item_state_of(spec *s)
{
    return (int)get_plan(s, "ann", "ann", "ann-1")->items[0]->state;
}

/* ---- accepting ---- */

static void accepted__by_either_unless_the_policy_says_who(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, accept_item(s, "ann", "ann", "stage"));
    then_accepted(s);
    const LearningRecommenderFact__ItemAccepted *f = then_fact(s, ACCEPTED);
    assert_string_equal(f->plan_id, "ann-1");
    assert_true(f->accepted);
    then_no_more_facts(s);
    const LearningRecommender__ItemAccepted *event = then_event(s, "ItemAccepted");
    assert_true(event->accepted);
    assert_int_equal(item_state_of(s), STATE_ACCEPTED);
    when(s, accept_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_ACCEPTED, "item_id");
    when(s, accept_item(s, "boss", "ann", "stage")); /* too */
    then_accepted(s);
    assert_int_equal(item_state_of(s), STATE_ACCEPTED);
}

static void accepted__when_all_agree_whom_the_policy_asks(void **ctx)
{
    static const struct {
        int consent;
        const char *first, *second; /* NULL: the first is enough */
    } rows[] = {
        { LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_PERSON, "boss", "ann" },
        { LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_MANAGER, "ann", "hanna" },
        { LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_BOTH, "ann", "boss" },
    };
    static const char *const items[] = { "stage", "talks", "drama" };
    spec *s = *ctx;

    given_item(s, "stage", 2, "speaking");
    given_item(s, "talks", 2, "speaking");
    given_item(s, "drama", 2, "speaking");
    given_gap(s, "ann", "speaking", 2);
    assert_int_equal(then_proposed(s, "ann-1")->n_items, 3);
    for (size_t i = 0; i < 3; i++) {
        LearningRecommender__Submission *policy = set_plan_policy(s);

        policy->set_plan_policy->consent = (LearningRecommender__PlanConsent)rows[i].consent;
        given_done(s, policy);
        when(s, accept_item(s, rows[i].first, "ann", items[i]));
        assert_false(
            ((const LearningRecommenderFact__ItemAccepted *)then_fact(s, ACCEPTED))->accepted);
        when(s, accept_item(s, rows[i].second, "ann", items[i]));
        assert_true(
            ((const LearningRecommenderFact__ItemAccepted *)then_fact(s, ACCEPTED))->accepted);
    }
}

static void accepted__stays_when_the_plan_is_revised(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_done(s, accept_item(s, "boss", "ann", "stage"));
    given_item(s, "pen", 4, "writing");
    given_gap(s, "ann", "writing", 2);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "pen stage");
    assert_int_equal(f->items[0]->state, STATE_PROPOSED);
    assert_int_equal(f->items[1]->state, STATE_ACCEPTED);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_true(plan->items[1]->accepted_by_manager);
    assert_false(plan->items[1]->accepted_by_person);
}

static void accept_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, accept_item(s, "ann", "nobody", "stage"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, accept_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_plan(s);
    when(s, accept_item(s, "bob", "ann", "stage"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, accept_item(s, "ann", "ann", "talks"));
    then_rejected(s, PX_REASON_ITEM_NOT_PLANNED, "item_id");
    given_done(s, start_item(s, "ann", "stage"));
    when(s, accept_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_STARTED, "item_id");
}

/* ---- adding ---- */

static void added__is_in_the_plan_and_stays(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, add_item(s, "ann", "ann", "juggling")); /* of no use to the role */
    then_accepted(s);
    then_fact(s, CHOSEN);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "juggling stage");
    assert_string_equal(f->items[0]->chosen_by_id, "ann");
    const LearningRecommender__ItemAdded *event = then_event(s, "ItemAdded");
    assert_string_equal(event->item_id, "juggling");
    given_level(s, "ann", "speaking", 2.4);
    then_no_more_facts(s);
    given_gap_closed(s, "ann", "speaking", 4.5, BY_EVIDENCE); /* juggling is left to do */
    assert_int_equal(facts_of(s, ENDED), 0);
    given_done(s, complete_item(s, "ann", "juggling"));
    assert_int_equal(facts_of(s, ENDED), 1);
}

static void added__may_be_declined_again(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_done(s, add_item(s, "ann", "ann", "juggling"));
    when(s, decline_item(s, "ann", "ann", "juggling"));
    then_fact(s, DECLINED);
    const LearningRecommenderFact__PlanRevised *f = then_revised(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
}

static void add_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_item(s, "talks", 12, "speaking");
    when(s, add_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_PLAN_NONE, "person_id");
    given_gap(s, "ann", "speaking", 2.5);
    when(s, add_item(s, "bob", "ann", "talks"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, add_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_PLANNED, "item_id");
    given_done(s, retire_item(s, "talks"));
    when(s, add_item(s, "ann", "ann", "talks"));
    then_rejected(s, PX_REASON_ITEM_RETIRED, "item_id");
}

/* ---- swapping ---- */

static void swapped__takes_the_others_place(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, swap_item(s, "boss", "ann", "talks", "stage"));
    then_accepted(s);
    const LearningRecommenderFact__ItemChosen *f = then_fact(s, CHOSEN);
    assert_string_equal(f->instead_of_id, "stage");
    assert_string_equal(f->actor_id, "boss");
    const LearningRecommenderFact__PlanRevised *revised = then_revised(s, "ann-1");
    then_items(revised->items, revised->n_items, "talks");
    assert_string_equal(revised->dropped_item_ids[0], "stage");
    then_event(s, "ItemSwapped");
    given_level(s, "ann", "speaking", 2.4); /* stage does not come back */
    then_no_more_facts(s);
}

static void swap_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    when(s, swap_item(s, "bob", "ann", "talks", "stage"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, swap_item(s, "ann", "ann", "stage", "stage"));
    then_rejected(s, PX_REASON_ITEM_PLANNED, "item_id");
    when(s, swap_item(s, "ann", "ann", "talks", "juggling"));
    then_rejected(s, PX_REASON_ITEM_NOT_PLANNED, "instead_of_id");
    given_done(s, start_item(s, "ann", "stage"));
    when(s, swap_item(s, "ann", "ann", "talks", "stage"));
    then_rejected(s, PX_REASON_ITEM_STARTED, "instead_of_id");
}

/* ---- mandatory items ---- */

static void mandatory__may_be_objected_to_but_stays(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "fire-drill", 2, "speaking");

    sub->define_catalogue_item->mandatory = true;
    given_done(s, sub);
    given_item(s, "talks", 12, "speaking");
    when(s, decline_item(s, "ann", "ann", "fire-drill")); /* in no plan: there is nothing to stay */
    then_fact(s, DECLINED);
    given_gap(s, "bob", "speaking", 2.5);
    then_proposed(s, "bob-1");
    when(s, decline_item(s, "bob", "bob", "fire-drill"));
    then_accepted(s);
    const LearningRecommenderFact__ItemObjected *f = then_fact(s, OBJECTED);
    assert_string_equal(f->actor_id, "bob");
    then_no_more_facts(s);
    const LearningRecommender__ItemObjected *event = then_event(s, "ItemObjected");
    assert_string_equal(event->item_id, "fire-drill");
    given_item(s, "drama", 2, "coding");
    when(s, swap_item(s, "bob", "bob", "drama", "fire-drill"));
    then_rejected(s, PX_REASON_ITEM_MANDATORY, "instead_of_id");
}

static void declined__says_whether_it_was_given_up(void **ctx)
{
    spec *s = *ctx;

    given_plan(s);
    given_done(s, decline_item(s, "ann", "ann", "juggling"));
    const LearningRecommender__ItemDeclined *event = then_event(s, "ItemDeclined");
    assert_int_equal(event->state, LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DECLINED);
    given_done(s, start_item(s, "ann", "stage"));
    given_done(s, decline_item(s, "ann", "ann", "stage"));
    event = then_event(s, "ItemDeclined");
    assert_int_equal(event->state, LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WITHDRAWN);
}

/* What is done or not needed any more is neither agreed to nor put away. */
static void done__is_neither_accepted_nor_swapped(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 7, "speaking");
    given_item(s, "pen", 2, "writing");
    given_item(s, "juggling", 2, "coding");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    when(s, accept_item(s, "ann", "ann", "pen"));
    then_rejected(s, PX_REASON_ITEM_WAIVED, "item_id");
    when(s, swap_item(s, "ann", "ann", "juggling", "pen"));
    then_rejected(s, PX_REASON_ITEM_WAIVED, "instead_of_id");
    given_done(s, complete_item(s, "ann", "stage"));
    when(s, accept_item(s, "ann", "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "item_id");
    when(s, swap_item(s, "ann", "ann", "juggling", "stage"));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "instead_of_id");
}

/* What comes first is started already, though it is for nothing that is asked of ann. */
static void required__and_started_is_in_the_plan(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *stage = define_item(s, "stage", 4, "speaking");

    given_item(s, "base", 2, "coding");
    add_requires(s, stage, "base");
    given_done(s, stage);
    given_done(s, start_item(s, "ann", "base"));
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "base stage");
    assert_int_equal(f->items[0]->state, STATE_STARTED);
    assert_string_equal(f->items[0]->competency_id, "");
}

/* Three reports speak for themselves; two might be known by what they say. */
static void reports__are_heard_from_three_on(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 4, "speaking");
    given_gap_on(s, "boss", "speaking", 2, (evidence){ .report = 2, .raters = 2 });
    given_role(s, "boss", "dev");
    then_no_more_facts(s);
    given_gap_on(s, "boss", "speaking", 2, (evidence){ .report = 3, .raters = 3 });
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "boss-1");
    assert_int_equal(f->items[0]->report_ratings, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepted__by_either_unless_the_policy_says_who),
        TEST(accepted__when_all_agree_whom_the_policy_asks),
        TEST(accepted__stays_when_the_plan_is_revised),
        TEST(accept_item__rejections_in_order),
        TEST(added__is_in_the_plan_and_stays),
        TEST(added__may_be_declined_again),
        TEST(add_item__rejections_in_order),
        TEST(swapped__takes_the_others_place),
        TEST(swap_item__rejections_in_order),
        TEST(done__is_neither_accepted_nor_swapped),
        TEST(required__and_started_is_in_the_plan),
        TEST(reports__are_heard_from_three_on),
        TEST(mandatory__may_be_objected_to_but_stays),
        TEST(declined__says_whether_it_was_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
