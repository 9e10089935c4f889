/* test_caps.c: caps on minutes and money per person and period: what does not fit waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

enum { PERIOD_END_DAY = 62 /* periods of 90 days are counted from 1970 */ };

static void given_caps(spec *s, uint32_t minutes, uint32_t cost)
{
    LearningRecommender__Submission *sub = set_plan_policy(s);

    sub->set_plan_policy->minutes_per_period = minutes;
    sub->set_plan_policy->cost_per_period = cost;
    given_done(s, sub);
}

static void given_priced_item(spec *s, const char *item_id, double hours, uint32_t cost)
{
    LearningRecommender__Submission *sub = define_item(s, item_id, hours, "speaking");

    sub->define_catalogue_item->cost = cost;
    given_done(s, sub);
}

static void policy__says_its_caps(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = set_plan_policy(s);

    sub->set_plan_policy->minutes_per_period = 600;
    when(s, sub);
    const LearningRecommenderFact__PlanPolicySet *f = then_fact(s, POLICY_SET);
    assert_int_equal(f->minutes_per_period, 600);
    assert_int_equal(f->period_days, 90);
    const LearningRecommender__PlanPolicySet *event = then_event(s, "PlanPolicySet");
    assert_int_equal(event->version, 1);
    assert_int_equal(event->period_days, 90);
}

/* The two are worth the same: the lower id comes first, and the other one waits. */
static void minutes__what_does_not_fit_is_deferred_and_comes_in_the_next_period(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__ItemDeferred *d = then_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "talks");
    assert_true(d->over_minutes);
    assert_false(d->over_cost);
    assert_int_equal(d->until_us, SPEC_START_US + PERIOD_END_DAY * DAY_US);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
    const LearningRecommender__ItemDeferred *event = then_event(s, "ItemDeferred");
    assert_int_equal(px_codec_time_us(event->until), d->until_us);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, SPEC_START_US + 10 * DAY_US); /* the six hours are spent; it was said */
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + PERIOD_END_DAY * DAY_US);
    f = then_proposed(s, "ann-2");
    then_items(f->items, f->n_items, "talks");
}

static void caps_lifted__what_was_deferred_comes_at_once(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = set_plan_policy(s);

    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, sub);
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "stage talks");
}

static void cost__leaves_what_is_too_dear(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 0, 50000);
    given_priced_item(s, "gala", 4, 60000);
    given_priced_item(s, "stage", 6, 30000);
    given_priced_item(s, "talks", 6, 20000);
    given_gap(s, "ann", "speaking", 1.5);
    const LearningRecommenderFact__ItemDeferred *d = then_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "gala");
    assert_true(d->over_cost);
    assert_false(d->over_minutes);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage talks");
}

static void deferred__with_what_it_requires(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 2, "speaking");

    given_caps(s, 0, 100);
    given_priced_item(s, "basics", 2, 200);
    add_requires(s, sub, "basics");
    given_done(s, sub);
    given_gap(s, "ann", "speaking", 2);
    assert_int_equal(facts_of(s, DEFERRED), 2);
    assert_int_equal(facts_of(s, PROPOSED), 0);
}

static void started__stays_whatever_it_takes(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_caps(s, 60, 0);
    given_done(s, start_item(s, "ann", "stage"));
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__ItemDeferred *d = then_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "talks");
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
}

/* Two items of six hours by a template, and six hours to spend. */
static void given_template_over_the_cap(spec *s)
{
    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_done(s, define_template(s, "welcome", "stage talks:10"));
    when(s, assign_template(s, "hanna", "welcome", FOR_MANAGERS));
}

static void template__what_does_not_fit_waits_in_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_template_over_the_cap(s);
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "stage talks");
    assert_int_equal(f->items[0]->state, STATE_PROPOSED);
    assert_int_equal(f->items[1]->state, STATE_DEFERRED);
    int64_t until_us = SPEC_START_US + PERIOD_END_DAY * DAY_US;
    assert_int_equal(f->items[1]->planned_completion_us, until_us + 10 * DAY_US);
    const LearningRecommenderFact__ItemDeferred *d = then_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "talks");
    assert_string_equal(d->plan_id, "boss-1");
    assert_int_equal(d->until_us, until_us);
    then_no_more_facts(s);
    given_done(s, complete_item(s, "boss", "stage"));
    assert_int_equal(facts_of(s, ENDED), 0); /* talks is still to do */
    when_now_is(s, until_us - DAY_US);
    then_no_more_facts(s); /* nobody is reminded of what waits */
    when_now_is(s, until_us);
    const LearningRecommenderFact__PlanRevised *r = then_fact(s, REVISED);
    assert_int_equal(r->items[1]->state, STATE_PROPOSED);
    assert_int_equal(r->items[1]->planned_completion_us, until_us + 10 * DAY_US);
    then_no_more_facts(s);
    given_done(s, complete_item(s, "boss", "talks"));
    assert_int_equal(facts_of(s, ENDED), 1);
}

static void template__deferred_again_where_the_next_period_is_full_too(void **ctx)
{
    spec *s = *ctx;

    given_template_over_the_cap(s);
    when_now_is(s, SPEC_START_US + PERIOD_END_DAY * DAY_US); /* stage is still to do */
    const LearningRecommenderFact__ItemDeferred *d = then_some_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "talks");
    assert_int_equal(d->until_us, SPEC_START_US + (PERIOD_END_DAY + 90) * DAY_US);
}

/* What is planned first takes its room, in whatever plan. */
static void plans__share_the_cap(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "pen", 4, "coding");
    given_item(s, "stage", 3, "speaking");
    given_item(s, "talks", 2, "speaking");
    given_done(s, define_template(s, "welcome", "pen"));
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_gap(s, "ann", "speaking", 2); /* two hours are left */
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "talks");
    given_item(s, "ink", 1, "coding");
    given_done(s, define_template(s, "welcome", "pen ink"));
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->items[0]->state, STATE_PROPOSED);
    assert_int_equal(plan->items[1]->state, STATE_DEFERRED);
    plan = get_plan(s, "bob", "bob", "bob-1"); /* who has nothing else to do */
    assert_int_equal(plan->items[1]->state, STATE_PROPOSED);
}

/* Templates are looked at in the order of ids: "more", which waits, before "welcome". */
static void plans__what_one_gives_back_another_takes(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_done(s, define_template(s, "welcome", "stage"));
    given_done(s, assign_template(s, "hanna", "welcome", FOR_MANAGERS));
    given_done(s, define_template(s, "more", "talks:10"));
    given_done(s, assign_template(s, "hanna", "more", FOR_MANAGERS));
    const LearningRecommender__Plan *plan = get_plan(s, "boss", "boss", "boss-2");
    assert_int_equal(plan->items[0]->state, STATE_DEFERRED);
    given_done(s, retire_item(s, "stage")); /* nothing is left of welcome */
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    assert_string_equal(f->plan_id, "boss-2");
    assert_int_equal(f->items[0]->state, STATE_PROPOSED);
}

/* The open plan is looked at when what a template asks for ends. */
static void plans__the_own_one_takes_what_a_template_gives_back(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "pen", 6, "coding");
    given_item(s, "stage", 3, "speaking");
    given_done(s, define_template(s, "welcome", "pen"));
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_gap(s, "ann", "speaking", 2);
    assert_int_equal(facts_of(s, PROPOSED), 0);
    given_done(s, retire_item(s, "pen"));
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "stage");
}

/* The same item waits in the second plan: that moves no day of the first. */
static void deferred__in_one_plan_leaves_the_dates_of_another(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_done(s, define_template(s, "first", "stage:10"));
    given_done(s, assign_template(s, "hanna", "first", FOR_MANAGERS));
    given_done(s, define_template(s, "second", "stage:20"));
    given_done(s, assign_template(s, "hanna", "second", FOR_MANAGERS));
    then_some_fact(s, DEFERRED);
    then_no_more_facts(s);
    given_item(s, "talks", 1, "speaking");
    given_done(s, define_template(s, "third", "talks"));
    given_done(s, assign_template(s, "hanna", "third", FOR_MANAGERS)); /* all are looked at */
    assert_int_equal(facts_of(s, REVISED), 0);
    const LearningRecommender__Plan *plan = get_plan(s, "boss", "boss", "boss-1");
    assert_int_equal(px_codec_time_us(plan->items[0]->follow_up->planned_completion),
                     SPEC_START_US + 10 * DAY_US);
}

static void item__that_costs_less_in_a_template_makes_room_for_gaps(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "pen", 6, "coding");
    given_item(s, "stage", 3, "speaking");
    given_done(s, define_template(s, "welcome", "pen"));
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_gap(s, "ann", "speaking", 2);
    assert_int_equal(facts_of(s, PROPOSED), 0);
    given_item(s, "pen", 3, "coding");
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "stage");
}

static void voided__gives_back_what_the_completion_took(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 720, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, void_completion(s, "ann", "stage"));
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage talks"); /* both, with nothing deferred */
}

static void spent__is_forgotten_with_the_person(void **ctx)
{
    spec *s = *ctx;

    given_caps(s, 360, 0);
    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_gap(s, "bob", "speaking", 2);
    given_done(s, complete_item(s, "bob", "stage"));
    given_person_erased(s, "bob");
    assert_int_equal(records_with(s, "bob", false), 2); /* a tombstone, and how many plans */
    when_now_is(s, SPEC_START_US + PERIOD_END_DAY * DAY_US);
    then_no_more_facts(s);
}

static void template__what_requires_what_waits_waits_too(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *talks = define_item(s, "talks", 1, "speaking");

    given_caps(s, 360, 0);
    given_item(s, "stage", 8, "speaking");
    given_item(s, "pen", 2, "writing");
    add_requires(s, talks, "pen");
    add_requires(s, talks, "stage");
    given_done(s, talks);
    given_done(s, define_template(s, "welcome", "pen stage talks"));
    when(s, assign_template(s, "hanna", "welcome", FOR_MANAGERS));
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "pen stage talks");
    assert_int_equal(f->items[0]->state, STATE_PROPOSED);
    assert_int_equal(f->items[1]->state, STATE_DEFERRED);
    assert_int_equal(f->items[2]->state, STATE_DEFERRED); /* it would have fitted */
    given_caps(s, 0, 0);
    const LearningRecommenderFact__PlanRevised *r = then_some_fact(s, REVISED);
    assert_int_equal(r->items[1]->state, STATE_PROPOSED);
    assert_int_equal(r->items[2]->state, STATE_PROPOSED);
}

/* The plan is the person's own since, and what waits in it waits on. */
static void unlinked__what_waits_is_deferred_again(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *unlink = unlink_plan(s, "hanna", "boss-1");

    given_template_over_the_cap(s);
    unlink->unlink_plan->person_id = px_arena_strdup(spec_arena(s), "boss");
    given_done(s, unlink);
    when_now_is(s, SPEC_START_US + PERIOD_END_DAY * DAY_US);
    const LearningRecommenderFact__ItemDeferred *d = then_some_fact(s, DEFERRED);
    assert_string_equal(d->item_id, "talks");
    assert_int_equal(d->until_us, SPEC_START_US + (PERIOD_END_DAY + 90) * DAY_US);
    assert_int_equal(get_plan(s, "boss", "boss", "boss-1")->items[1]->state, STATE_DEFERRED);
}

static void item__that_takes_less_time_makes_room(void **ctx)
{
    spec *s = *ctx;

    given_template_over_the_cap(s);
    when(s, define_item(s, "talks", 6, "speaking")); /* the same again, and longer, and shorter */
    assert_int_equal(facts_of(s, REVISED), 0);
    when(s, define_item(s, "talks", 7, "speaking"));
    assert_int_equal(facts_of(s, REVISED), 0);
    when(s, define_item(s, "talks", 5, "speaking"));
    assert_int_equal(facts_of(s, REVISED), 0);
    when(s, define_item(s, "stage", 1, "speaking"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    assert_int_equal(f->items[1]->state, STATE_PROPOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(policy__says_its_caps),
        TEST(minutes__what_does_not_fit_is_deferred_and_comes_in_the_next_period),
        TEST(caps_lifted__what_was_deferred_comes_at_once),
        TEST(cost__leaves_what_is_too_dear),
        TEST(deferred__with_what_it_requires),
        TEST(started__stays_whatever_it_takes),
        TEST(template__what_does_not_fit_waits_in_the_plan),
        TEST(template__what_requires_what_waits_waits_too),
        TEST(unlinked__what_waits_is_deferred_again),
        TEST(item__that_takes_less_time_makes_room),
        TEST(template__deferred_again_where_the_next_period_is_full_too),
        TEST(plans__share_the_cap),
        TEST(plans__what_one_gives_back_another_takes),
        TEST(plans__the_own_one_takes_what_a_template_gives_back),
        TEST(deferred__in_one_plan_leaves_the_dates_of_another),
        TEST(item__that_costs_less_in_a_template_makes_room_for_gaps),
        TEST(voided__gives_back_what_the_completion_took),
        TEST(spent__is_forgotten_with_the_person),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
