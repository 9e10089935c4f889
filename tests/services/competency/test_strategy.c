/* Tests of competency: what the strategy makes of the weight of a gap. R10, METHOD 2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures_framework.h"

static void given_declared(spec *s, const char *strategy_item_id, const char *competency_id,
                           double weight)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__StrategyItemDeclared f = REVIEW_CYCLE_FACT__STRATEGY_ITEM_DECLARED__INIT;
    char *ids[] = { (char *)competency_id };

    f.strategy_item_id = (char *)strategy_item_id;
    f.weight = weight;
    f.competency_ids = ids;
    f.n_competency_ids = 1;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED;
    fact.strategy_item_declared = &f;
    given(s, "review-cycle", &fact);
}

static void given_retired(spec *s, const char *strategy_item_id, const char *competency_id)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__StrategyItemRetired f = REVIEW_CYCLE_FACT__STRATEGY_ITEM_RETIRED__INIT;
    char *ids[] = { (char *)competency_id };

    f.strategy_item_id = (char *)strategy_item_id;
    f.competency_ids = ids;
    f.n_competency_ids = 1;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED;
    fact.strategy_item_retired = &f;
    given(s, "review-cycle", &fact);
}

static double weight_of(spec *s, const char *person_id, const char *competency_id)
{
    return px_roles_requirement(spec_state(s), SPEC_TENANT, person_id, competency_id).weight;
}

static void given_gap_in_sql(spec *s)
{
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 2, 0);
    then_some_fact(s, GAP_OPENED);
}

static void open_gap__weighs_more_while_the_strategy_asks_for_it(void **ctx)
{
    spec *s = *ctx;

    given_gap_in_sql(s);
    given_declared(s, "data-first", "sql", 3);
    const CompetencyFact__GapChanged *f = then_fact(s, GAP_CHANGED);
    assert_string_equal(f->person_id, "ann");
    assert_near(f->weight, 3, 0);
    then_no_more_facts(s);
    given_retired(s, "data-first", "sql");
    f = then_fact(s, GAP_CHANGED);
    assert_near(f->weight, 1, 0);
    then_no_more_facts(s);
}

static void strategy__asks_for_what_took_the_place(void **ctx)
{
    spec *s = *ctx;

    given_gap_in_sql(s);
    given_declared(s, "one", "sql", 2);
    given_done(s, rename_to(s, "sql", "querying"));
    assert_near(weight_of(s, "ann", "querying"), 2, 0);
    given_declared(s, "two", "sql", 3); /* by the old id */
    const CompetencyFact__GapChanged *f = then_fact(s, GAP_CHANGED);
    assert_string_equal(f->competency_id, "querying");
    assert_near(f->weight, 3, 0);
    given_retired(s, "two", "sql");
    assert_near(weight_of(s, "ann", "querying"), 2, 0);
}

/* ann needs "talk", and never had anything under "sql", which ends. */
static void strategy__that_comes_along_weighs_in_gaps_that_are_open(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_target(s, "analyst", "talk", "High"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "talk", 2, 0);
    then_some_fact(s, GAP_OPENED);
    given_declared(s, "data-first", "sql", 3);
    then_no_more_facts(s);
    given_done(s, merge(s, "sql", NULL, "talk"));
    const CompetencyFact__GapChanged *f = then_some_fact(s, GAP_CHANGED);
    assert_string_equal(f->competency_id, "talk");
    assert_near(f->weight, 3, 0);
}

static void strategy__highest_of_several_items_counts(void **ctx)
{
    spec *s = *ctx;

    given_gap_in_sql(s);
    given_declared(s, "one", "sql", 2);
    given_declared(s, "two", "sql", 5);
    given_declared(s, "three", "sql", 3);
    assert_near(weight_of(s, "ann", "sql"), 5, 0);
    given_retired(s, "two", "sql");
    assert_near(weight_of(s, "ann", "sql"), 3, 0);
}

static void strategy__multiplies_the_weight_in_the_role(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = set_target(s, "analyst", "sql", "High");

    sub->set_role_target->weight = 1.5;
    given_done(s, sub);
    given_gap_in_sql(s);
    given_declared(s, "data-first", "sql", 0.5);
    assert_near(weight_of(s, "ann", "sql"), 0.75, 0);
}

static void strategy__says_nothing_where_there_is_no_gap(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 5, 0);
    given_declared(s, "data-first", "sql", 3);
    then_no_more_facts(s);
    given_declared(s, "talks", "talk", 3); /* nobody's role asks for it */
    then_no_more_facts(s);
    assert_near(weight_of(s, "ann", "talk"), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(open_gap__weighs_more_while_the_strategy_asks_for_it),
        TEST(strategy__asks_for_what_took_the_place),
        TEST(strategy__that_comes_along_weighs_in_gaps_that_are_open),
        TEST(strategy__highest_of_several_items_counts),
        TEST(strategy__multiplies_the_weight_in_the_role),
        TEST(strategy__says_nothing_where_there_is_no_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
