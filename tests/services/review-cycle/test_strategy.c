/* Tests of review-cycle: what the organisation wants, and when it wants it no more. R10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/review-cycle/fixtures.h"

enum {
    DECLARED = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED,
    RETIRED = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED
};

static void end_on_day(spec *s, ReviewCycle__Submission *sub, int day)
{
    sub->declare_strategy_item->ends_at =
        px_codec_timestamp(SPEC_START_US + day * DAY_US, spec_arena(s));
}

static void declare_strategy_item__is_in_force_at_once(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = declare_strategy_item(s, "abroad");
    ReviewCycle__DeclareStrategyItem *b = sub->declare_strategy_item;

    b->competency_ids[b->n_competency_ids++] = "speaking"; /* twice is once */
    when(s, sub);
    const ReviewCycleFact__StrategyItemDeclared *f = then_fact(s, DECLARED);
    assert_string_equal(f->strategy_item_id, "abroad");
    assert_true(f->weight == 2.0);
    assert_int_equal(f->n_competency_ids, 1);
    assert_string_equal(f->competency_ids[0], "speaking");
    assert_true(f->starts_at_us == SPEC_START_US && f->ends_at_us == 0);
    then_no_more_facts(s);
    const ReviewCycle__StrategyItemDeclared *e = then_event(s, "StrategyItemDeclared");
    assert_string_equal(e->title, "Every team sells abroad");
    assert_null(e->ends_at);
}

static void declare_strategy_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = declare_strategy_item(s, "abroad");

    end_on_day(s, sub, 0);
    given_done(s, declare_strategy_item(s, "abroad"));
    when(s, sub);
    then_rejected(s, PX_REASON_FIELD_INVALID, "ends_at");
    sub = declare_strategy_item(s, "abroad");
    sub->declare_strategy_item->competency_ids[0] = "juggling";
    when(s, sub);
    then_rejected(s, PX_REASON_STRATEGY_ITEM_EXISTS, "strategy_item_id");
    sub = declare_strategy_item(s, "another");
    sub->declare_strategy_item->competency_ids[0] = "juggling";
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_ids[0]");
    given_replaced(s, "speaking", "writing");
    when(s, declare_strategy_item(s, "another"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_ids[0]");
}

static void strategy_item__ends_by_itself_and_once(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = declare_strategy_item(s, "abroad");

    end_on_day(s, sub, 30);
    given_done(s, sub);
    when_now_is(s, SPEC_START_US + 29 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 30 * DAY_US);
    const ReviewCycleFact__StrategyItemRetired *f = then_fact(s, RETIRED);
    assert_string_equal(f->strategy_item_id, "abroad");
    assert_true(f->ended);
    assert_string_equal(f->competency_ids[0], "speaking");
    const ReviewCycle__StrategyItemRetired *e = then_event(s, "StrategyItemRetired");
    assert_true(e->ended);
    when_now_is(s, SPEC_START_US + 60 * DAY_US);
    then_no_more_facts(s);
}

static void retire_strategy_item__ends_it_before_its_time(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = declare_strategy_item(s, "abroad");

    end_on_day(s, sub, 30);
    given_done(s, sub);
    when(s, retire_strategy_item(s, "abroad"));
    const ReviewCycleFact__StrategyItemRetired *f = then_fact(s, RETIRED);
    assert_false(f->ended);
    assert_int_equal(f->n_competency_ids, 1);
    when_now_is(s, SPEC_START_US + 31 * DAY_US); /* what was due is forgotten */
    then_no_more_facts(s);
}

static void retire_strategy_item__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, retire_strategy_item(s, "abroad"));
    then_rejected(s, PX_REASON_STRATEGY_ITEM_UNKNOWN, "strategy_item_id");
    given_done(s, declare_strategy_item(s, "abroad"));
    given_done(s, retire_strategy_item(s, "abroad"));
    when(s, retire_strategy_item(s, "abroad"));
    then_rejected(s, PX_REASON_STRATEGY_ITEM_RETIRED, "strategy_item_id");
}

static void strategy_item__without_an_end_stays(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = declare_strategy_item(s, "abroad");
    ReviewCycle__DeclareStrategyItem *b = sub->declare_strategy_item;

    b->competency_ids[b->n_competency_ids++] = "writing";
    given_done(s, sub);
    const ReviewCycleFact__StrategyItemDeclared *f = then_fact(s, DECLARED);
    assert_int_equal(f->n_competency_ids, 2);
    assert_string_equal(f->competency_ids[1], "writing");
    when_now_is(s, SPEC_START_US + 4000 * DAY_US);
    then_no_more_facts(s);
}

#define ON_DRAFT(test)                                                                             \
    cmocka_unit_test_setup_teardown(test, setup_draft, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DRAFT(declare_strategy_item__is_in_force_at_once),
        ON_DRAFT(declare_strategy_item__rejections_in_order),
        ON_DRAFT(strategy_item__ends_by_itself_and_once),
        ON_DRAFT(strategy_item__without_an_end_stays),
        ON_DRAFT(retire_strategy_item__ends_it_before_its_time),
        ON_DRAFT(retire_strategy_item__rejections_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
