/* test_catalogue.c: what is in the catalogue, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures.h"

static const LearningRecommender__CatalogueItem *get_item(spec *s, const char *item_id)
{
    LearningRecommender__GetCatalogueItem q = LEARNING_RECOMMENDER__GET_CATALOGUE_ITEM__INIT;

    q.item_id = px_arena_strdup(spec_arena(s), item_id);
    return then_answer(s, "GetCatalogueItem", &q);
}

static void define_catalogue_item__accepted(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");

    add_outcome(s, sub, "writing")->share = 0.25;
    when(s, sub);

    then_accepted(s);
    const LearningRecommenderFact__CatalogueItemDefined *f = then_fact(s, DEFINED);
    assert_string_equal(f->item_id, "stage");
    assert_string_equal(f->title, "All about stage");
    assert_int_equal(f->version, 1);
    assert_int_equal(f->n_outcomes, 2);
    assert_string_equal(f->outcomes[1]->competency_id, "writing");
    assert_true(f->outcomes[1]->share == 0.25); /* shares may add up to more than 1 */
    then_no_more_facts(s);
}

static void define_catalogue_item__is_published(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "basics", 2, "speaking");
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");
    add_requires(s, sub, "basics");
    when(s, sub);

    const LearningRecommender__CatalogueItemDefined *e = then_event(s, "CatalogueItemDefined");
    assert_string_equal(e->item_id, "stage");
    assert_string_equal(e->credit, "Example Press");
    assert_string_equal(e->url, "https://example.org/course");
    assert_true(e->hours == 6);
    assert_int_equal(e->kind, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE);
    assert_int_equal(e->n_outcomes, 1);
    assert_true(e->outcomes[0]->level_to == 5);
    assert_int_equal(e->n_requires, 1);
    assert_string_equal(e->requires[0], "basics");
}

static void define_catalogue_item__again_is_a_new_version(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_done(s, retire_item(s, "stage"));
    when(s, define_item(s, "stage", 8, "writing"));

    const LearningRecommenderFact__CatalogueItemDefined *f = then_fact(s, DEFINED);
    assert_int_equal(f->version, 2);
    const LearningRecommender__CatalogueItem *item = get_item(s, "stage");
    assert_true(item->item->hours == 8);
    assert_string_equal(item->item->outcomes[0]->competency_id, "writing");
    assert_false(item->retired); /* defined again: offered again */
}

static void define_catalogue_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "stage", 6, "speaking");
    LearningRecommender__DefineCatalogueItem *b = sub->define_catalogue_item;

    add_outcome(s, sub, "juggling"); /* everything is wrong, and is mended from the front */
    add_requires(s, sub, "unknown");
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "outcomes[1].competency_id");

    b->outcomes[1]->competency_id = b->outcomes[0]->competency_id;
    b->outcomes[1]->level_from = 3;
    b->outcomes[1]->level_to = 2;
    sub->submission_id = NULL;
    when(s, sub);
    then_rejected(s, PX_REASON_OUTCOME_TWICE, "outcomes[1].competency_id");

    b->outcomes[1]->competency_id = px_arena_strdup(spec_arena(s), "writing");
    sub->submission_id = NULL;
    when(s, sub);
    then_rejected(s, PX_REASON_LEVEL_WINDOW, "outcomes[1].level_to");

    b->outcomes[1]->level_to = 3;
    sub->submission_id = NULL;
    when(s, sub);
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "requires[0]");

    b->requires[0] = b->item_id;
    sub->submission_id = NULL;
    when(s, sub);
    then_rejected(s, PX_REASON_PREREQUISITE_LOOP, "requires[0]");
}

static void define_catalogue_item__no_loop_of_requirements(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 1, "speaking");
    given_item(s, "other", 1, "speaking");
    LearningRecommender__Submission *b = define_item(s, "b", 1, "speaking");
    add_requires(s, b, "a");
    given_done(s, b);
    LearningRecommender__Submission *c = define_item(s, "c", 1, "speaking");
    add_requires(s, c, "b");
    given_done(s, c);

    LearningRecommender__Submission *a = define_item(s, "a", 1, "speaking");
    add_requires(s, a, "other");
    add_requires(s, a, "c");
    when(s, a);
    then_rejected(s, PX_REASON_PREREQUISITE_LOOP, "requires[1]");
}

static void define_catalogue_item__a_requirement_named_twice_counts_once(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 1, "speaking");
    given_item(s, "other", 1, "speaking");
    LearningRecommender__Submission *b = define_item(s, "b", 1, "speaking");
    add_requires(s, b, "a");
    add_requires(s, b, "other");
    add_requires(s, b, "a");
    when(s, b);

    then_accepted(s);
    const LearningRecommenderFact__CatalogueItemDefined *f = then_fact(s, DEFINED);
    assert_int_equal(f->n_requires, 2);
    assert_string_equal(f->requires[0], "a");
    assert_string_equal(f->requires[1], "other");
}

static void retire_catalogue_item__accepted(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    when(s, retire_item(s, "stage"));

    then_accepted(s);
    const LearningRecommenderFact__CatalogueItemRetired *f = then_fact(s, RETIRED);
    assert_string_equal(f->item_id, "stage");
    then_no_more_facts(s);
    const LearningRecommender__CatalogueItemRetired *e = then_event(s, "CatalogueItemRetired");
    assert_string_equal(e->item_id, "stage");
    assert_true(get_item(s, "stage")->retired);
}

static void retire_catalogue_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, retire_item(s, "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_item(s, "stage", 6, "speaking");
    given_done(s, retire_item(s, "stage"));
    when(s, retire_item(s, "stage"));
    then_rejected(s, PX_REASON_ITEM_RETIRED, "item_id");
}

static void get_catalogue_item__counts_completions(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, complete_item(s, "bob", "stage"));
    given_item(s, "stage", 7, "speaking"); /* a change keeps the count */

    const LearningRecommender__CatalogueItem *item = get_item(s, "stage");
    assert_int_equal(item->completions, 2);
    assert_true(item->item->hours == 7);
    assert_string_equal(item->item->title, "All about stage");
    assert_true(item->as_of_seq > 0);
}

static void get_catalogue_item__unknown_is_not_found(void **ctx)
{
    LearningRecommender__GetCatalogueItem q = LEARNING_RECOMMENDER__GET_CATALOGUE_ITEM__INIT;

    q.item_id = px_arena_strdup(spec_arena(*ctx), "stage");
    then_refused(*ctx, "GetCatalogueItem", &q, PX_REASON_NOT_FOUND);
}

static LearningRecommender__Submission *item_after(spec *s, const char *item_id, const char *first,
                                                   const char *second)
{
    LearningRecommender__Submission *sub = define_item(s, item_id, 1, "speaking");

    add_requires(s, sub, first);
    if (second)
        add_requires(s, sub, second);
    return sub;
}

/* Two ways lead to the same item, and none back. */
static void define_catalogue_item__may_require_what_meets_again(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "a", 1, "speaking");
    given_done(s, item_after(s, "b", "a", NULL));
    given_done(s, item_after(s, "c", "a", NULL));
    given_done(s, item_after(s, "d", "b", "c"));
    given_done(s, item_after(s, "e", "d", "a"));
    when(s, item_after(s, "a", "e", NULL));
    then_rejected(s, PX_REASON_PREREQUISITE_LOOP, "requires[0]");
}

static void define_catalogue_item__a_chain_nobody_walks_to_its_end_is_refused(void **ctx)
{
    const char *before = "i-0";
    spec *s = *ctx;

    given_item(s, before, 1, "speaking");
    for (unsigned i = 1; i < 256; i++) {
        const char *item_id = px_arena_printf(spec_arena(s), "i-%u", i);

        given_done(s, item_after(s, item_id, before, NULL));
        before = item_id;
    }
    given_done(s, item_after(s, "last", before, NULL)); /* 256 are met on the way down */
    when(s, item_after(s, "one-more", "last", NULL));
    then_rejected(s, PX_REASON_PREREQUISITE_LOOP, "requires[0]");
}

static void define_catalogue_item__micro_learning_is_ten_minutes_a_time(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "drops", 0.5, "speaking");
    uint32_t days[] = { 1, 3, 7 };

    sub->define_catalogue_item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO;
    when(s, sub); /* all at once */
    then_accepted(s);
    sub->submission_id = NULL;
    sub->define_catalogue_item->prompt_days = days;
    sub->define_catalogue_item->n_prompt_days = 3; /* half an hour in three times */
    when(s, sub);
    then_accepted(s);
    sub->submission_id = NULL;
    sub->define_catalogue_item->n_prompt_days = 2;
    when(s, sub);
    then_rejected(s, PX_REASON_UNIT_TOO_LONG, "hours");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(define_catalogue_item__accepted),
        TEST(define_catalogue_item__is_published),
        TEST(define_catalogue_item__again_is_a_new_version),
        TEST(define_catalogue_item__rejections_in_order),
        TEST(define_catalogue_item__no_loop_of_requirements),
        TEST(define_catalogue_item__a_requirement_named_twice_counts_once),
        TEST(define_catalogue_item__may_require_what_meets_again),
        TEST(define_catalogue_item__a_chain_nobody_walks_to_its_end_is_refused),
        TEST(define_catalogue_item__micro_learning_is_ten_minutes_a_time),
        TEST(retire_catalogue_item__accepted),
        TEST(retire_catalogue_item__rejections_in_order),
        TEST(get_catalogue_item__counts_completions),
        TEST(get_catalogue_item__unknown_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
