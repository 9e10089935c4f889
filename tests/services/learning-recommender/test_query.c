/* test_query.c: what is answered to whom, and all that an answer may say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

enum { MANAGER = 2 };

/* With all that an item of a plan may say: ratings, what it requires, what was not chosen. */
static void given_full_plan(spec *s)
{
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");

    given_item(s, "voice", 2, "speaking");
    add_requires(s, sub, "voice");
    given_done(s, sub);
    given_item(s, "toast", 14, "speaking");
    given_item(s, "debate", 13, "speaking");
    given_item(s, "pen", 3, "writing");
    given_review(s, "r1", "boss", "ann", MANAGER, "speaking", 2);
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
}

static void given_all_done(spec *s)
{
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");

    for (size_t i = 0; i < plan->n_items; i++)
        given_done(s, complete_item(s, "ann", plan->items[i]->learning->item_id));
}

static void plan__says_what_is_behind_each_item_and_what_it_came_to(void **ctx)
{
    bool has_others = false, has_requires = false, has_ratings = false;
    spec *s = *ctx;

    given_full_plan(s);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    for (size_t i = 0; i < plan->n_items; i++) {
        has_others |= plan->items[i]->learning->n_others > 0;
        has_requires |= plan->items[i]->learning->n_requires > 0;
        has_ratings |= plan->items[i]->issue->n_ratings > 0;
    }
    assert_true(has_others && has_requires && has_ratings);
    given_all_done(s);
    plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_completions, 1);
    assert_int_equal(plan->completions[0]->n_levels, 2);
    when_now_is(s, SPEC_START_US + 2 * DAY_US); /* the next plan has come */
}

static void catalogue_item__says_what_it_teaches_requires_and_asks(void **ctx)
{
    LearningRecommender__GetCatalogueItem get = LEARNING_RECOMMENDER__GET_CATALOGUE_ITEM__INIT;
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");
    uint32_t days[] = { 1, 7, 30 };

    given_item(s, "voice", 2, "speaking");
    given_item(s, "pen", 2, "writing");
    add_requires(s, sub, "voice");
    add_requires(s, sub, "pen");
    add_outcome(s, sub, "writing");
    sub->define_catalogue_item->prompt_days = days;
    sub->define_catalogue_item->n_prompt_days = PX_COUNT(days);
    given_done(s, sub);
    get.item_id = (char *)(uintptr_t) "stage";
    const LearningRecommender__CatalogueItem *item = then_answer(s, "GetCatalogueItem", &get);
    assert_int_equal(item->item->n_outcomes, 2);
    assert_int_equal(item->item->n_requires, 2);
    assert_int_equal(item->item->n_prompt_days, 3);
    assert_int_equal(item->item->prompt_days[2], 30);
}

/* ---- which plan ---- */

static void then_none(spec *s, const char *viewer_id, const char *plan_id, const char *template_id,
                      px_reason reason)
{
    LearningRecommender__GetPlan q = LEARNING_RECOMMENDER__GET_PLAN__INIT;

    q.viewer_id = px_arena_strdup(spec_arena(s), viewer_id);
    q.person_id = px_arena_strdup(spec_arena(s), "ann");
    q.plan_id = px_arena_strdup(spec_arena(s), plan_id);
    q.template_id = px_arena_strdup(spec_arena(s), template_id);
    then_refused(s, "GetPlan", &q, reason);
}

static void plan__is_found_by_its_own_id_only(void **ctx)
{
    static const char *const wrong[] = { "ann",   "ann-",  "ann-0",          "ann-2",
                                         "bob-1", "ann-x", "ann-4294967297", "ann-99999999999" };
    spec *s = *ctx;

    then_none(s, "ann", "", "", PX_REASON_NOT_FOUND);
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    assert_string_equal(get_plan(s, "boss", "ann", "ann-1")->plan_id, "ann-1");
    for (size_t i = 0; i < PX_COUNT(wrong); i++)
        then_none(s, "ann", wrong[i], "", PX_REASON_NOT_FOUND);
    then_none(s, "bob", "ann-1", "", PX_REASON_FORBIDDEN);
    then_none(s, "nobody", "ann-1", "", PX_REASON_FORBIDDEN);
}

static void plan__of_a_template_is_found_by_the_template(void **ctx)
{
    LearningRecommender__GetPlan q = LEARNING_RECOMMENDER__GET_PLAN__INIT;
    spec *s = *ctx;

    given_item(s, "tour", 2, "coding");
    given_done(s, define_template(s, "welcome", "tour"));
    then_none(s, "ann", "", "welcome", PX_REASON_NOT_FOUND);
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    q.viewer_id = q.person_id = (char *)(uintptr_t) "ann";
    q.template_id = (char *)(uintptr_t) "welcome";
    const LearningRecommender__Plan *plan = then_answer(s, "GetPlan", &q);
    assert_string_equal(plan->plan_id, "ann-1");
    assert_true(plan->linked);
    then_none(s, "ann", "", "goodbye", PX_REASON_NOT_FOUND);
    then_none(s, "bob", "", "welcome", PX_REASON_FORBIDDEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plan__says_what_is_behind_each_item_and_what_it_came_to),
        TEST(catalogue_item__says_what_it_teaches_requires_and_asks),
        TEST(plan__is_found_by_its_own_id_only),
        TEST(plan__of_a_template_is_found_by_the_template),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
