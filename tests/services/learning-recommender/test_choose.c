/* test_choose.c: plans small enough to check by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/gap.h"
#include "tests/services/learning-recommender/choose_fixture.h"

static void also(fixture *f, uint32_t i, uint32_t on, double gain)
{
    f->touches[i][1] = (choose_touch){ on, { gain, 0, 0 }, 1, 1, 5, 1 };
    f->items[i].touch_count = 2;
}

static void assert_items(choose_plan plan, size_t count, const uint32_t *want)
{
    assert_int_equal(plan.count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(plan.picks[i].item, want[i]);
}

#define ASSERT_PLAN(plan, ...)                                                                     \
    assert_items(plan, sizeof((uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t),                     \
                 (uint32_t[]){ __VA_ARGS__ })

static double ep(double u, double var)
{
    return (u + sqrt(u * u + 0.63662 * var)) / 2;
}

/* --- by hand --------------------------------------------------------------------------------- */

static void densest_item__comes_first_with_its_numbers(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 2, 4, 3);
    uint32_t slow = item(f, "slow", 8, c, .4);
    uint32_t fast = item(f, "fast", 4, c, .3);
    choose_plan plan = plan_of(f);

    ASSERT_PLAN(plan, fast, slow);
    double first = 2 * (ep(1, .2) - ep(.7, .2)), second = 2 * (ep(.7, .2) - ep(.3, .2));
    assert_near(plan.picks[0].value, first, 1e-12);
    assert_near(plan.picks[0].value_per_hour, first / 4, 1e-12);
    assert_near(plan.picks[0].gain, .3, 1e-15);
    assert_near(plan.picks[1].value, second, 1e-12);
    assert_near(plan.value, first + second, 1e-12);
    assert_near(plan.hours, 12, 0);
    assert_int_equal(plan.picks[0].competency, c);
    assert_int_equal(plan.picks[0].runner_up, CHOOSE_NONE); /* nothing was left out */
}

static void gain__is_completion_effect_share_zone_and_factor(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4.5, 3);
    uint32_t i = item(f, "a", 4, c, 0);

    f->items[i].completion = .75;
    f->touches[i][0] =
        (choose_touch){ c, { .6, .10, .06 }, .5, 3.375, 4.5, 1.2 }; /* .375 below: zone .5 */
    choose_plan plan = plan_of(f);

    ASSERT_PLAN(plan, i);
    assert_near(plan.picks[0].gain, .75 * .6 * .5 * .5 * 1.2, 1e-14);
    assert_near(plan.picks[0].gain_error, 1.645 * .75 * .5 * .5 * 1.2 * .4, 1e-14);
    assert_near(plan.value, ep(1.5, .2) - ep(1.5 - .135, .2), 1e-13);
}

static void second_item_on_a_competency__is_worth_less_than_one_elsewhere(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 3.6, 3), d = competency(f, 1, 3.5, 3);
    uint32_t c1 = item(f, "c1", 4, c, .5), c2 = item(f, "c2", 4, c, .5);
    uint32_t d1 = item(f, "d1", 4, d, .5);

    f->problem.hours = 8;
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, c1, d1);
    assert_int_equal(plan.picks[0].runner_up, c2);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_TIE);
    assert_near(plan.picks[0].runner_up_value, plan.picks[0].value, 1e-12);
    assert_int_equal(plan.picks[1].runner_up, CHOOSE_NONE);
}

static void ties__go_to_the_lower_id_whatever_the_order(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);

    item(f, "z", 8, c, .4);
    uint32_t a = item(f, "a", 8, c, .4), m = item(f, "m", 8, c, .4);
    ASSERT_PLAN(plan_of(f), a, m);
}

static void lambda__ends_the_plan(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t good = item(f, "good", 4, c, .3), poor = item(f, "poor", 10, c, .05);
    choose_plan plan = plan_of(f);

    ASSERT_PLAN(plan, good);
    assert_int_equal(plan.picks[0].runner_up, poor);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_UNDER_LAMBDA);
    f->problem.lambda = 0;
    ASSERT_PLAN(plan_of(f), good, poor);
}

static void poor_item__is_not_taken_as_a_single_bundle_either(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);

    item(f, "poor", 16, c, .1);
    assert_int_equal(plan_of(f).count, 0);
    assert_true(plan_of(f).value == 0.0);
}

static void budget__is_never_exceeded_and_the_reason_says_so(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t small = item(f, "small", 10, c, .5), big = item(f, "big", 10, c, .4);
    choose_plan plan = plan_of(f);

    ASSERT_PLAN(plan, small);
    f->problem.hours = 9.9;
    assert_int_equal(plan_of(f).count, 0);
    f->problem.hours = 20;
    ASSERT_PLAN(plan_of(f), small, big);
    f->items[big].hours = 17;
    f->problem.hours = 16;
    plan = plan_of(f);
    assert_int_equal(plan.picks[0].runner_up, big);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_NO_ROOM);
}

static void single_bundle__replaces_a_set_it_beats(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 5, 2), d = competency(f, 1, 5, 2);
    uint32_t crumb = item(f, "crumb", 1, c, .06), loaf = item(f, "loaf", 16, d, .8);
    also(f, loaf, c, .05);
    also(f, crumb, d, .01);
    choose_plan plan = plan_of(f);

    ASSERT_PLAN(plan, loaf); /* the denser crumb would have left no room for it */
    assert_int_equal(plan.picks[0].competency, d);
    assert_int_equal(plan.picks[0].runner_up, crumb);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_LESS_IN_TOTAL);
}

static void out_of_zone_completed_and_hourless_items__are_no_candidates(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t far = item(f, "far", 4, c, .5), done = item(f, "done", 4, c, .5);

    item(f, "free", 0, c, .5);
    f->touches[far][0].low = 4;
    f->items[done].completed = true;
    assert_int_equal(plan_of(f).count, 0);
}

static void weight_zero__plans_nothing(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 0, 4, 3);

    item(f, "a", 4, c, .5);
    assert_int_equal(plan_of(f).count, 0);
}

/* --- prerequisites --------------------------------------------------------------------------- */

static void prerequisites__come_with_their_item_and_before_it(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4.5, 3);
    uint32_t top = item(f, "top", 4, c, .8);
    uint32_t middle = item(f, "middle", 2, CHOOSE_NONE, 0);
    uint32_t base = item(f, "base", 2, CHOOSE_NONE, 0);
    uint32_t other = item(f, "other", 8, c, .4);

    needs(f, top, middle);
    needs(f, middle, base);
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, base, middle, top, other);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(plan.picks[i].head, top);
        assert_int_equal(plan.picks[i].competency, c);
    }
    assert_true(plan.picks[0].value == 0.0 && plan.picks[0].gain == 0.0);
    assert_near(plan.picks[2].value, ep(1.5, .2) - ep(.7, .2), 1e-12);

    f->items[base].completed = true;
    ASSERT_PLAN(plan_of(f), middle, top, other);
}

static void prerequisite_hours__count_against_the_bundle(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t top = item(f, "top", 6, c, .5);
    uint32_t base = item(f, "base", 6, CHOOSE_NONE, 0);
    uint32_t rival = item(f, "rival", 6, c, .3); /* .3 / 6 > .5 / 12 */

    needs(f, top, base);
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, base, top); /* alone worth more than the rival with what still fits */
    assert_int_equal(plan.picks[0].runner_up, rival);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_LESS_IN_TOTAL);
    f->problem.hours = 11.5;
    plan = plan_of(f);
    ASSERT_PLAN(plan, rival);
    assert_int_equal(plan.picks[0].runner_up, top);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_NO_ROOM);
}

static void shared_prerequisite__is_paid_once(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3), d = competency(f, 1, 4, 3);
    uint32_t base = item(f, "base", 6, CHOOSE_NONE, 0);
    uint32_t a = item(f, "a", 5, c, .5), b = item(f, "b", 5, d, .5);

    needs(f, a, base);
    needs(f, b, base);
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, base, a, b);
    assert_int_equal(plan.picks[0].head, a);
    assert_int_equal(plan.picks[2].head, b);
}

static void circle_and_long_chain__are_no_candidates(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t x = item(f, "x", 1, c, .5), y = item(f, "y", 1, c, .5);
    uint32_t chain[5];

    needs(f, x, y);
    needs(f, y, x);
    for (uint32_t i = 0; i < 5; i++) {
        char id[2] = { (char)('a' + i), '\0' };

        chain[i] = item(f, id, 1, i == 4 ? c : CHOOSE_NONE, .5);
        if (i > 0)
            needs(f, chain[i], chain[i - 1]);
    }
    assert_int_equal(plan_of(f).count, 0);
    f->items[chain[0]].completed = true; /* three left */
    ASSERT_PLAN(plan_of(f), chain[1], chain[2], chain[3], chain[4]);
}

/* --- started items and revision -------------------------------------------------------------- */

static void started_item__stays_first_and_uses_its_hours(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t good = item(f, "good", 8, c, .5), begun = item(f, "begun", 10, c, .1);

    f->items[begun].started = true;
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, begun); /* good no longer fits */
    assert_int_equal(plan.picks[0].runner_up, good);
    assert_int_equal(plan.picks[0].runner_up_reason, CHOOSE_NOT_STARTED);
    f->problem.hours = 18;
    ASSERT_PLAN(plan_of(f), begun, good);
    f->problem.hours = 5; /* over the budget, yet not dropped */
    ASSERT_PLAN(plan_of(f), begun);
}

static void started_item_outside_the_role__stays_without_value(void **ctx)
{
    fixture *f = *ctx;
    competency(f, 1, 4, 3);
    uint32_t begun = item(f, "begun", 4, CHOOSE_NONE, 0);

    f->items[begun].started = true;
    choose_plan plan = plan_of(f);
    ASSERT_PLAN(plan, begun);
    assert_int_equal(plan.picks[0].competency, CHOOSE_NONE);
    assert_true(plan.value == 0.0);
}

static choose_revision revise(fixture *f, const choose_planned *current, size_t count)
{
    choose_revision out;

    assert_int_equal(choose_plan_revise(&f->problem, current, count, &f->arena, &out), PX_OK);
    return out;
}

static void revision__keeps_the_plan_until_another_is_over_5_percent_better(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 6, 3); /* far below: value is nearly the gain */
    uint32_t old = item(f, "old", 16, c, .500), new = item(f, "new", 16, c, .520);
    choose_planned current[] = { { old, c } };

    assert_int_equal(revise(f, current, 1).verdict, CHOOSE_KEEP);
    f->touches[new][0].effect.mean = .527;
    choose_revision out = revise(f, current, 1);
    assert_int_equal(out.verdict, CHOOSE_BETTER);
    assert_near(out.current_value, ep(3, .2) - ep(2.5, .2), 1e-12);
    ASSERT_PLAN(out.plan, new);
}

static void revision__of_an_empty_or_finished_plan_takes_what_is_worth_it(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 4, 3);
    uint32_t done = item(f, "done", 4, c, .5), next = item(f, "next", 4, c, .3);
    choose_planned current[] = { { done, c } };

    f->items[done].completed = true;
    choose_revision out = revise(f, current, 1);
    assert_int_equal(out.verdict, CHOOSE_BETTER);
    assert_true(out.current_value == 0.0);
    ASSERT_PLAN(out.plan, next);
    f->items[next].completed = true;
    assert_int_equal(revise(f, current, 1).verdict, CHOOSE_KEEP);
    assert_int_equal(revise(f, NULL, 0).verdict, CHOOSE_KEEP);
}

static void revision__follows_when_the_gap_behind_a_started_item_closed(void **ctx)
{
    fixture *f = *ctx;
    uint32_t c = competency(f, 1, 3, 3.4), d = competency(f, 1, 4, 3);
    uint32_t begun = item(f, "begun", 4, c, .3), d1 = item(f, "d1", 8, d, .50);
    uint32_t d2 = item(f, "d2", 8, d, .51);
    choose_planned current[] = { { begun, c }, { d1, d } };

    f->items[begun].started = true;
    f->problem.hours = 12;
    assert_true(px_gap_probability(-.4, .2) < .40);
    choose_revision out = revise(f, current, 2);
    assert_int_equal(out.verdict, CHOOSE_STARTED_CLOSED);
    ASSERT_PLAN(out.plan, begun, d2); /* the started item is kept all the same */

    current[1].item = d2; /* said once; the best plan is the one in force */
    assert_int_equal(revise(f, current, 2).verdict, CHOOSE_KEEP);
    current[1].item = d1;
    f->competencies[c].mu = 2.9; /* still open: under 5 % better is not worth saying */
    assert_int_equal(revise(f, current, 2).verdict, CHOOSE_KEEP);
}

static void arena_used_up__is_told(void **ctx)
{
    fixture *f = *ctx;
    choose_plan plan;
    px_arena tiny;

    item(f, "a", 4, competency(f, 1, 4, 3), .5);
    for (size_t size = 0; size < 64; size += 16) {
        assert_true(px_arena_init(&tiny, size));
        assert_int_equal(choose_plan_make(&f->problem, &tiny, &plan), PX_ENOMEM);
        px_arena_fini(&tiny);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, choose_setup, choose_teardown)
    const struct CMUnitTest tests[] = {
        TEST(densest_item__comes_first_with_its_numbers),
        TEST(gain__is_completion_effect_share_zone_and_factor),
        TEST(second_item_on_a_competency__is_worth_less_than_one_elsewhere),
        TEST(ties__go_to_the_lower_id_whatever_the_order),
        TEST(lambda__ends_the_plan),
        TEST(poor_item__is_not_taken_as_a_single_bundle_either),
        TEST(budget__is_never_exceeded_and_the_reason_says_so),
        TEST(single_bundle__replaces_a_set_it_beats),
        TEST(out_of_zone_completed_and_hourless_items__are_no_candidates),
        TEST(weight_zero__plans_nothing),
        TEST(prerequisites__come_with_their_item_and_before_it),
        TEST(prerequisite_hours__count_against_the_bundle),
        TEST(shared_prerequisite__is_paid_once),
        TEST(circle_and_long_chain__are_no_candidates),
        TEST(started_item__stays_first_and_uses_its_hours),
        TEST(started_item_outside_the_role__stays_without_value),
        TEST(revision__keeps_the_plan_until_another_is_over_5_percent_better),
        TEST(revision__of_an_empty_or_finished_plan_takes_what_is_worth_it),
        TEST(revision__follows_when_the_gap_behind_a_started_item_closed),
        TEST(arena_used_up__is_told),
    };

    return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
