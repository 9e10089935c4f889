/* test_progress.c: starting and completing items, planned or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures.h"

static void start_item__accepted(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when(s, start_item(s, "ann", "stage"));

    then_accepted(s);
    const LearningRecommenderFact__ItemStarted *f = then_fact(s, STARTED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->item_id, "stage");
    assert_string_equal(f->plan_id, "ann-1");
    assert_int_equal(f->occurred_at_us, SPEC_START_US);
    then_no_more_facts(s);
    const LearningRecommender__ItemStarted *e = then_event(s, "ItemStarted");
    assert_string_equal(e->plan_id, "ann-1");
    assert_int_equal(get_plan(s, "ann", "ann", "")->items[0]->state, STATE_STARTED);
}

static void start_item__need_not_be_planned(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    when(s, start_item(s, "ann", "stage"));

    then_accepted(s);
    const LearningRecommenderFact__ItemStarted *f = then_fact(s, STARTED);
    assert_string_equal(f->plan_id, "");
    then_no_more_facts(s);
}

static void start_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, start_item(s, "nobody", "stage"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    given_person_left(s, "lea", "boss");
    when(s, start_item(s, "lea", "stage"));
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    when(s, start_item(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");

    given_item(s, "stage", 6, "speaking");
    given_done(s, start_item(s, "ann", "stage"));
    given_done(s, complete_item(s, "bob", "stage"));
    given_done(s, retire_item(s, "stage"));
    when(s, start_item(s, "bob", "stage"));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "item_id");
    when(s, start_item(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_STARTED, "item_id");
    when(s, start_item(s, "boss", "stage"));
    then_rejected(s, PX_REASON_ITEM_RETIRED, "item_id");
}

static void complete_item__accepted(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "other", 6, "speaking");
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2);
    when(s, complete_item(s, "ann", "stage"));

    then_accepted(s);
    const LearningRecommenderFact__ItemCompleted *f = then_fact(s, COMPLETED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->item_id, "stage");
    assert_string_equal(f->plan_id, "ann-1");
    assert_int_equal(f->occurred_at_us, SPEC_START_US);
    assert_int_equal(f->kind, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE);
    assert_true(f->hours == 6);
    assert_int_equal(f->n_outcomes, 1);
    assert_string_equal(f->outcomes[0]->competency_id, "speaking");
    assert_true(f->outcomes[0]->share == 1 && f->outcomes[0]->level_from == 1 &&
                f->outcomes[0]->level_to == 5);
    then_no_more_facts(s);
    const LearningRecommender__ItemCompleted *e = then_event(s, "ItemCompleted");
    assert_int_equal(px_codec_time_us(e->completed_at), SPEC_START_US);
}

static void complete_item__need_not_be_planned_or_started(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    when(s, complete_item(s, "ann", "stage"));

    then_accepted(s);
    const LearningRecommenderFact__ItemCompleted *f = then_fact(s, COMPLETED);
    assert_string_equal(f->plan_id, "");
}

static void complete_item__a_retired_item_may_be_finished(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_done(s, start_item(s, "ann", "stage"));
    given_done(s, retire_item(s, "stage"));
    when(s, complete_item(s, "ann", "stage"));
    then_accepted(s);
}

static void complete_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, complete_item(s, "nobody", "stage"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    given_person_left(s, "lea", "boss");
    when(s, complete_item(s, "lea", "stage"));
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    when(s, complete_item(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_item(s, "stage", 6, "speaking");
    given_done(s, complete_item(s, "ann", "stage"));
    when(s, complete_item(s, "ann", "stage"));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "item_id");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(start_item__accepted),
        TEST(start_item__need_not_be_planned),
        TEST(start_item__rejections_in_order),
        TEST(complete_item__accepted),
        TEST(complete_item__need_not_be_planned_or_started),
        TEST(complete_item__a_retired_item_may_be_finished),
        TEST(complete_item__rejections_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
