/* test_potential.c: L11: who is confirmed as a high potential gets the leadership template, and
 * nothing on the feed tells who that is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

/* Of a person's plans that are on no feed the first and the second. */
#define FIRST  "ann-2000000001"
#define SECOND "ann-2000000002"

static void given_confirmed(spec *s, const char *person_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__HighPotentialConfirmed confirmed =
        COMPETENCY_FACT__HIGH_POTENTIAL_CONFIRMED__INIT;

    confirmed.person_id = px_arena_strdup(spec_arena(s), person_id);
    confirmed.by_id = px_arena_strdup(spec_arena(s), "hanna");
    fact.body_case = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED;
    fact.high_potential_confirmed = &confirmed;
    given(s, "competency", &fact);
}

static void given_taken_back(spec *s, const char *person_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__HighPotentialLapsed lapsed = COMPETENCY_FACT__HIGH_POTENTIAL_LAPSED__INIT;

    lapsed.person_id = px_arena_strdup(spec_arena(s), person_id);
    fact.body_case = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED;
    fact.high_potential_lapsed = &lapsed;
    given(s, "competency", &fact);
}

/* An HR partner takes the confirmation back. */
static void given_declined(spec *s, const char *person_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__HighPotentialDeclined declined = COMPETENCY_FACT__HIGH_POTENTIAL_DECLINED__INIT;

    declined.person_id = px_arena_strdup(spec_arena(s), person_id);
    declined.by_id = px_arena_strdup(spec_arena(s), "hanna");
    fact.body_case = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED;
    fact.high_potential_declined = &declined;
    given(s, "competency", &fact);
}

static void given_leadership(spec *s)
{
    given_item(s, "lead", 2, "coding");
    given_item(s, "listen", 2, "coding");
    given_done(s, define_template(s, "leadership", "lead ?listen"));
    given_done(s, assign_template(s, "hanna", "leadership", FOR_HIGH_POTENTIALS));
}

static const LearningRecommender__Plan *plan_of_template(spec *s, const char *viewer_id)
{
    LearningRecommender__GetPlan query = LEARNING_RECOMMENDER__GET_PLAN__INIT;

    query.viewer_id = px_arena_strdup(spec_arena(s), viewer_id);
    query.person_id = px_arena_strdup(spec_arena(s), "ann");
    query.template_id = px_arena_strdup(spec_arena(s), "leadership");
    return then_answer(s, "GetPlan", &query);
}

static void confirmed__gets_the_plan_and_nobody_else(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    assert_int_equal(facts_of(s, PROPOSED), 0);
    given_confirmed(s, "ann");
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, FIRST);
    assert_string_equal(f->person_id, "ann");
    then_items(f->items, f->n_items, "lead listen");
    assert_string_equal(plan_of_template(s, "ann")->plan_id, FIRST);
    assert_string_equal(plan_of_template(s, "boss")->plan_id, FIRST);
    given_done(s, define_template(s, "later", "listen")); /* who is one already */
    when(s, assign_template(s, "hanna", "later", FOR_HIGH_POTENTIALS));
    assert_int_equal(facts_of(s, PROPOSED), 1);
}

static void feed__says_nothing_of_it(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    then_no_event(s, "TemplateAssigned");
    given_confirmed(s, "ann");
    then_no_event(s, "PlanProposed");
    given_done(s, accept_item(s, "ann", "ann", "lead"));
    then_no_event(s, "ItemAccepted");
    when(s, start_item(s, "ann", "lead"));
    const LearningRecommender__ItemStarted *started = then_event(s, "ItemStarted");
    assert_string_equal(started->plan_id, "");
    given_item(s, "ink", 2, "coding");
    given_done(s, swap_item(s, "ann", "ann", "ink", "listen"));
    then_no_event(s, "ItemSwapped");
    given_done(s, define_template(s, "leadership", "lead:3"));
    then_no_event(s, "PlanRevised");
    when_now_is(s, SPEC_START_US + 3 * DAY_US);
    assert_int_equal(facts_of(s, ITEM_DUE), 1);
    then_no_event(s, "ItemDue");
    given_done(s, unlink_plan(s, "boss", FIRST));
    then_no_event(s, "PlanUnlinked");
    given_done(s, complete_item(s, "ann", "lead"));
    given_done(s, complete_item(s, "ann", "ink"));
    assert_int_equal(state_of(s, FIRST), COMPLETE);
    then_no_event(s, "PlanEnded");
    then_feed_never_says(s, FIRST);
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    then_proposed(s, "ann-1"); /* no number is missing */
}

static void taken_back__only_what_was_begun_stays(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    given_confirmed(s, "ann");
    given_confirmed(s, "bob");
    given_done(s, start_item(s, "bob", "lead"));
    given_taken_back(s, "ann");
    then_ended(s, FIRST, END_WITHDRAWN);
    then_no_event(s, "PlanEnded");
    given_declined(s, "bob");
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);
    then_items(f->items, f->n_items, "lead");
    then_no_more_facts(s);
    given_confirmed(s, "ann"); /* again */
    then_proposed(s, SECOND);
    given_taken_back(s, "hanna"); /* who was none */
    then_no_more_facts(s);
}

static void reassigned__plans_that_people_have_stay(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "lead", 2, "coding");
    given_done(s, define_template(s, "leadership", "lead"));
    given_done(s, assign_template(s, "hanna", "leadership", FOR_MANAGERS));
    when(s, assign_template(s, "hanna", "leadership", FOR_HIGH_POTENTIALS));
    assert_int_equal(facts_of(s, ENDED), 0); /* boss has one as a manager */
    given_confirmed(s, "ann");
    then_proposed(s, FIRST);
}

static void skipped__is_named_to_nobody(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    given_done(s, complete_item(s, "ann", "lead"));
    given_done(s, complete_item(s, "ann", "listen"));
    given_confirmed(s, "ann");
    assert_int_equal(facts_of(s, TEMPLATE_SKIPPED), 1);
    then_no_event(s, "TemplateSkipped");
}

static void assigned__by_hr_or_a_system_only(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    when(s, assign_template(s, "boss", "leadership", FOR_HIGH_POTENTIALS));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, assign_template(s, "workday", "leadership", FOR_HIGH_POTENTIALS));
    then_accepted(s);
}

static void erased__is_none_any_more(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    given_confirmed(s, "bob");
    given_person_erased(s, "bob");
    assert_int_equal(records_with(s, "bob", false), 2); /* a tombstone, and how many plans */
}

static void feed__says_nothing_of_what_is_objected_to_or_waits(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *policy = set_plan_policy(s);

    given_leadership(s);
    given_confirmed(s, "ann");
    when(s, decline_item(s, "ann", "ann", "lead")); /* it is needed */
    then_fact(s, OBJECTED);
    then_no_event(s, "ItemObjected");
    policy->set_plan_policy->minutes_per_period = 120;
    given_done(s, policy);
    given_confirmed(s, "bob");
    assert_int_equal(facts_of(s, DEFERRED), 1);
    then_no_event(s, "ItemDeferred");
    then_feed_never_says(s, FIRST);
}

static void left__gets_no_further_plan(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s);
    given_confirmed(s, "ann");
    given_person_left(s, "ann", "boss");
    given_done(s, define_template(s, "later", "listen"));
    when(s, assign_template(s, "hanna", "later", FOR_HIGH_POTENTIALS));
    assert_int_equal(facts_of(s, PROPOSED), 0);
    given_person(s, "ann", "boss"); /* and is one still when she comes back */
    then_some_fact(s, PROPOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(confirmed__gets_the_plan_and_nobody_else),
        TEST(feed__says_nothing_of_it),
        TEST(feed__says_nothing_of_what_is_objected_to_or_waits),
        TEST(left__gets_no_further_plan),
        TEST(taken_back__only_what_was_begun_stays),
        TEST(reassigned__plans_that_people_have_stay),
        TEST(skipped__is_named_to_nobody),
        TEST(assigned__by_hr_or_a_system_only),
        TEST(erased__is_none_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
