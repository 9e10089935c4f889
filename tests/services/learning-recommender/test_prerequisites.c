/* test_prerequisites.c: C6: what a competency builds on is learned first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

enum {
    BEST_FOR_GAP = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_BEST_FOR_GAP,
    FOUNDATION = LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_FOUNDATION
};

static void given_builds_on(spec *s, const char *competency_id, const char *basis_id)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__PrerequisitesSet set = COMPETENCY_FACT__PREREQUISITES_SET__INIT;
    char *ids[] = { px_arena_strdup(spec_arena(s), basis_id) };

    set.competency_id = px_arena_strdup(spec_arena(s), competency_id);
    set.requires_ids = ids;
    set.n_requires_ids = 1;
    fact.body_case = COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET;
    fact.prerequisites_set = &set;
    given(s, "competency", &fact);
}

/* The item for speaking brings more per hour, so that it would come first. */
static void given_items(spec *s, double speaking_hours, double writing_hours)
{
    given_item(s, "stage", speaking_hours, "speaking");
    given_item(s, "pen", writing_hours, "writing");
}

static const LearningRecommenderFact__PlanProposed *when_both_are_short(spec *s)
{
    given_person(s, "zoe", "boss");
    given_gap(s, "zoe", "writing", 2);
    given_gap(s, "zoe", "speaking", 2);
    given_role(s, "zoe", "dev"); /* both at once */
    return then_proposed(s, "zoe-1");
}

static void without__the_best_comes_first(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "stage pen");
    assert_int_equal(f->items[1]->reason, BEST_FOR_GAP);
}

static void basis__comes_first_and_says_so(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "pen stage");
    assert_int_equal(f->items[0]->reason, FOUNDATION);
    assert_string_equal(f->items[0]->basis_for_id, "speaking");
    assert_int_equal(f->items[1]->reason, BEST_FOR_GAP);
    assert_true(f->items[0]->planned_completion_us < f->items[1]->planned_completion_us);
    const LearningRecommender__PlanProposed *event = then_event(s, "PlanProposed");
    assert_string_equal(event->items[0]->basis_for_id, "speaking");
    assert_true(event->items[0]->basis_for_title[0] != '\0');
}

/* Both do not fit into the hours of a plan. */
static void what_builds_on_it__waits_where_there_is_no_room(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 6, 12);
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "pen");
    assert_int_equal(f->items[0]->reason, FOUNDATION);
}

static void basis_without_a_gap__holds_nothing_back(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 6, 12);
    given_builds_on(s, "speaking", "writing");
    given_level(s, "ann", "writing", 3.6);
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
    assert_int_equal(f->items[0]->reason, BEST_FOR_GAP);
}

static void basis_that_nothing_teaches__holds_nothing_back(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "stage");
}

/* Nobody would learn it for that little, so nothing waits for it. */
static void basis_not_worth_its_hours__holds_nothing_back(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 6, 15);
    given_target(s, "dev", "writing", 3.5, 0.1);
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "stage");
    assert_int_equal(f->items[0]->reason, BEST_FOR_GAP);
}

/* The basis does not fit into the minutes of the period, so what builds on it waits with it. */
static void basis_that_is_deferred__takes_along_what_builds_on_it(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *policy = set_plan_policy(s);

    policy->set_plan_policy->minutes_per_period = 240;
    given_done(s, policy);
    given_items(s, 2, 8);
    given_builds_on(s, "speaking", "writing");
    given_person(s, "zoe", "boss");
    given_gap(s, "zoe", "writing", 2);
    given_gap(s, "zoe", "speaking", 2);
    given_role(s, "zoe", "dev");
    assert_int_equal(facts_of(s, DEFERRED), 2);
    assert_int_equal(facts_of(s, PROPOSED), 0);
}

static void basis__known_from_few_peers_alone_does_not_show(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_builds_on(s, "speaking", "writing");
    given_gap_on(s, "ann", "writing", 2, (evidence){ .peer = 2, .raters = 2 });
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage");
    assert_int_equal(f->items[0]->reason, BEST_FOR_GAP);
}

/* Each of two items teaches what the other one builds on: neither can wait for the other. */
static void circle_of_items__holds_nothing_back_for_ever(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *left = define_item(s, "left", 6, "speaking");
    LearningRecommender__Submission *right = define_item(s, "right", 6, "writing");

    given_competency(s, "typing", "Typing");
    given_target(s, "dev", "coding", 4, 1);
    given_target(s, "dev", "typing", 4, 1);
    add_outcome(s, left, "typing");
    add_outcome(s, right, "coding");
    given_done(s, left);
    given_done(s, right);
    given_builds_on(s, "speaking", "writing");
    given_builds_on(s, "coding", "typing");
    given_person(s, "zoe", "boss");
    given_gap(s, "zoe", "coding", 2);
    given_gap(s, "zoe", "typing", 2);
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "left right");
}

/* ---- which item is the basis ---- */

static void basis__is_what_brings_most_an_hour_and_then_the_first_by_id(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_item(s, "ink", 8, "writing"); /* as much as the pen */
    given_item(s, "quill", 9, "writing");
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "ink stage");
    assert_int_equal(f->items[0]->reason, FOUNDATION);
    given_item(s, "type", 4, "writing"); /* more than both */
    given_gap(s, "bob", "writing", 2);
    given_gap(s, "bob", "speaking", 2);
    const LearningRecommender__Plan *plan = get_plan(s, "bob", "bob", "bob-1");
    assert_string_equal(plan->items[0]->learning->item_id, "type");
}

static void basis__is_what_was_started_though_it_brings_less(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 7);
    given_item(s, "ink", 4, "writing");
    given_item(s, "nib", 8, "writing");
    given_builds_on(s, "speaking", "writing");
    given_person(s, "zoe", "boss");
    given_done(s, start_item(s, "zoe", "nib"));
    given_gap(s, "zoe", "writing", 2);
    given_gap(s, "zoe", "speaking", 2);
    given_role(s, "zoe", "dev");
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "zoe-1");
    then_items(f->items, f->n_items, "nib stage ink");
    assert_int_equal(f->items[0]->state, STATE_STARTED);
}

/* What the basis requires comes before it, and all of it before what builds on it. */
static void basis__brings_along_what_it_requires_itself(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *pen = define_item(s, "pen", 5, "writing");
    LearningRecommender__Submission *stage = define_item(s, "stage", 2, "speaking");

    given_item(s, "abc", 2, "coding");
    given_item(s, "mic", 1, "coding");
    add_requires(s, pen, "abc");
    given_done(s, pen);
    add_requires(s, stage, "mic");
    add_requires(s, stage, "pen"); /* and says so itself */
    given_done(s, stage);
    given_item(s, "talks", 2, "speaking"); /* says nothing of it */
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "abc pen talks mic stage");
    assert_int_equal(f->items[1]->reason, FOUNDATION);
    assert_string_equal(f->items[1]->basis_for_id, "speaking");
}

static void basis__of_two_is_said_to_be_for_the_first(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 4);
    given_target(s, "dev", "coding", 4, 1);
    given_item(s, "loop", 2, "coding");
    given_builds_on(s, "speaking", "writing");
    given_builds_on(s, "coding", "writing");
    given_person(s, "zoe", "boss");
    given_gap(s, "zoe", "coding", 2);
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "pen loop stage");
    assert_string_equal(f->items[0]->basis_for_id, "coding");
}

/* An item that itself requires what builds on the basis cannot come before that. */
static void basis_that_requires_what_builds_on_it__holds_nothing_back(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *pen = define_item(s, "pen", 5, "writing");

    given_item(s, "stage", 2, "speaking");
    add_requires(s, pen, "stage");
    given_done(s, pen);
    given_builds_on(s, "speaking", "writing");
    const LearningRecommenderFact__PlanProposed *f = when_both_are_short(s);
    then_items(f->items, f->n_items, "stage pen");
}

/* ---- what a person is at, or has done ---- */

static void started__is_not_held_back(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_builds_on(s, "speaking", "writing");
    given_gap(s, "ann", "writing", 2);
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);
    then_items(f->items, f->n_items, "stage pen");
    assert_int_equal(f->items[0]->state, STATE_STARTED);
    assert_int_equal(f->items[1]->reason, FOUNDATION);
}

static void put_in_by_a_person__is_not_held_back(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 6, 12);
    given_gap(s, "ann", "writing", 2);
    given_done(s, add_item(s, "ann", "ann", "stage"));
    given_builds_on(s, "speaking", "writing");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_items, 1); /* both do not fit, and she wants this one */
    assert_string_equal(plan->items[0]->learning->item_id, "stage");
}

static void done_basis__holds_nothing_back(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_item(s, "note", 3, "writing");
    given_gap(s, "ann", "writing", 2);
    given_done(s, complete_item(s, "ann", "pen"));
    given_done(s, complete_item(s, "ann", "note")); /* a gap is left, and nothing to learn */
    given_builds_on(s, "speaking", "writing");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-2");
    assert_int_equal(plan->n_items, 1);
    assert_string_equal(plan->items[0]->learning->item_id, "stage");
    assert_int_equal(plan->items[0]->reason, BEST_FOR_GAP);
}

static void said__what_was_planned_stays_until_a_better_plan(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_gap(s, "ann", "speaking", 2);
    then_proposed(s, "ann-1");
    given_builds_on(s, "speaking", "writing");
    then_no_more_facts(s);
    given_gap(s, "ann", "writing", 2);
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);
    then_items(f->items, f->n_items, "pen stage");
}

/* It is not said any more that speaking builds on it: what was begun keeps what it came in for. */
static void started_basis__keeps_what_it_came_in_for(void **ctx)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__PrerequisitesSet none = COMPETENCY_FACT__PREREQUISITES_SET__INIT;
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_builds_on(s, "speaking", "writing");
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "pen"));
    none.competency_id = px_arena_strdup(spec_arena(s), "speaking");
    fact.body_case = COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET;
    fact.prerequisites_set = &none;
    given(s, "competency", &fact);
    when(s, retire_item(s, "stage"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "pen");
    assert_int_equal(f->items[0]->reason, FOUNDATION);
    assert_string_equal(f->items[0]->basis_for_id, "speaking");
}

static void started_basis__keeps_it_when_its_gap_is_closed(void **ctx)
{
    spec *s = *ctx;

    given_items(s, 2, 8);
    given_builds_on(s, "speaking", "writing");
    given_gap(s, "ann", "writing", 2);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "pen"));
    given_gap_closed(s, "ann", "writing", 4, BY_EVIDENCE);
    given_item(s, "talks", 2, "speaking");
    given_level(s, "ann", "speaking", 1.5);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_string_equal(plan->items[0]->learning->item_id, "pen");
    assert_string_equal(plan->items[0]->basis_for_id, "speaking");
    assert_int_equal(plan->items[0]->reason, FOUNDATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without__the_best_comes_first),
        TEST(basis__comes_first_and_says_so),
        TEST(what_builds_on_it__waits_where_there_is_no_room),
        TEST(basis_without_a_gap__holds_nothing_back),
        TEST(basis_that_nothing_teaches__holds_nothing_back),
        TEST(basis_not_worth_its_hours__holds_nothing_back),
        TEST(basis_that_is_deferred__takes_along_what_builds_on_it),
        TEST(basis__known_from_few_peers_alone_does_not_show),
        TEST(circle_of_items__holds_nothing_back_for_ever),
        TEST(basis__is_what_brings_most_an_hour_and_then_the_first_by_id),
        TEST(basis__is_what_was_started_though_it_brings_less),
        TEST(basis__brings_along_what_it_requires_itself),
        TEST(basis__of_two_is_said_to_be_for_the_first),
        TEST(basis_that_requires_what_builds_on_it__holds_nothing_back),
        TEST(started__is_not_held_back),
        TEST(put_in_by_a_person__is_not_held_back),
        TEST(done_basis__holds_nothing_back),
        TEST(started_basis__keeps_it_when_its_gap_is_closed),
        TEST(started_basis__keeps_what_it_came_in_for),
        TEST(said__what_was_planned_stays_until_a_better_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
