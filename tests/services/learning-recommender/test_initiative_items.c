/* test_initiative_items.c: what people are to learn for an initiative (L10), and what they put
 * there themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures_plan.h"

static void then_plan_has(spec *s, const char *person_id, const char *ids)
{
    const LearningRecommender__Plan *plan = get_plan(s, person_id, person_id, "");
    char all[256] = "";

    for (size_t i = 0; i < plan->n_items; i++) {
        strncat(all, i ? " " : "", sizeof all - strlen(all) - 1);
        strncat(all, plan->items[i]->learning->item_id, sizeof all - strlen(all) - 1);
    }
    assert_string_equal(all, ids);
}

/* Ann has done what comes first, and bob knows it. */
static void item__waits_for_what_it_requires_unless_done_or_known(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *deep = define_item(s, "deep", 2, "coding");

    given_item(s, "base", 2, "writing");
    add_requires(s, deep, "base");
    given_done(s, deep);
    given_done(s, complete_item(s, "ann", "base"));
    given_gap_closed(s, "bob", "writing", 4, BY_EVIDENCE);
    when(s, declare(s, "code"));
    assert_int_equal(facts_of(s, PROPOSED), 2);
    then_plan_has(s, "ann", "deep");
    then_plan_has(s, "bob", "deep");
    when(s, complete_item(s, "boss", "base"));
    assert_int_equal(facts_of(s, PROPOSED), 1);
    then_plan_has(s, "boss", "deep");
}

static void item__is_offered_not_done_and_for_the_level(void **ctx)
{
    LearningRecommender__Submission *expert, *plain;
    spec *s = *ctx;

    given_item(s, "gone", 1, "coding");
    given_done(s, retire_item(s, "gone"));
    expert = define_item(s, "expert", 1, "coding");
    expert->define_catalogue_item->outcomes[0]->level_from = 4;
    given_done(s, expert);
    given_item(s, "quick", 2, "coding");
    plain = define_item(s, "plain", 6, "coding");
    given_done(s, plain);
    given_done(s, complete_item(s, "ann", "quick"));
    given_level(s, "ann", "coding", 2);
    given_done(s, declare(s, "code"));
    then_plan_has(s, "ann", "plain");
    then_plan_has(s, "bob", "quick"); /* of whom nothing is known */
}

static void retired__the_next_best_comes(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 12, "coding");
    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    then_plan_has(s, "bob", "short");
    given_done(s, retire_item(s, "short"));
    then_plan_has(s, "bob", "long");
}

/* What she takes instead does not teach it, so the next best comes beside it. */
static void swapped__stays_beside_what_teaches_it(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 12, "coding");
    given_item(s, "short", 2, "coding");
    given_item(s, "chess", 2, "writing");
    given_done(s, declare(s, "code"));
    given_done(s, swap_item(s, "ann", "ann", "chess", "short"));
    then_plan_has(s, "ann", "chess long");
    given_done(s, retire_item(s, "long"));
    then_plan_has(s, "ann", "chess");
}

/* There is nothing for writing, and ann has declined what there is for coding. */
static void refused__counts_who_declined_for_any_of_its_competencies(void **ctx)
{
    enum { PROGRESS = LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS };
    spec *s = *ctx;
    LearningRecommender__Submission *sub = declare(s, "code");

    given_item(s, "short", 2, "coding");
    also_asks(s, sub, "writing");
    given_done(s, sub);
    given_done(s, decline_item(s, "ann", "ann", "short"));
    when_now_is(s, SPEC_START_US + DAY_US);
    const LearningRecommenderFact__InitiativeProgress *f = then_some_fact(s, PROGRESS);
    assert_int_equal(f->refused, 1);
    assert_int_equal(f->in_plan, 3);
    assert_int_equal(f->people, 4);
}

/* The figures of the hour are said first. */
static int teardown(void **state)
{
    when_now_is(*state, SPEC_START_US + 2 * DAY_US);
    return spec_teardown_looking_again(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(item__waits_for_what_it_requires_unless_done_or_known),
        TEST(item__is_offered_not_done_and_for_the_level),
        TEST(retired__the_next_best_comes),
        TEST(swapped__stays_beside_what_teaches_it),
        TEST(refused__counts_who_declined_for_any_of_its_competencies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
