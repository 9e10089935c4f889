/* test_effect.c: completions wait, share a follow-up within 7 days, and are measured by later
 * ratings. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/effect.h"
#include "common/status.h"

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

static px_completion done(double days, uint8_t item, double z)
{
    return (px_completion){ days, { item }, z, { .30, .18, .045 } };
}

static void start(px_level *level)
{
    px_level_init(level, 100);
    px_level_assess(level, 100, 3);
}

static void prior__follows_kind_and_hours(void **ctx)
{
    static const struct {
        px_item_kind kind;
        double hours, mean, var, spread;
    } rows[] = {
        { PX_COURSE, 10, .30, .18, .045 },       { PX_COURSE, 40, .60, .72, .18 },
        { PX_TASK, 10, .22, .0968, .0242 },      { PX_MENTOR, 6, .20, .006, .02 },
        { PX_MICRO, 1, .035, .00245, .0006125 },
    };

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_effect got = px_effect_start(rows[i].kind, rows[i].hours);

        assert_near(got.mean, rows[i].mean, 1e-15);
        assert_near(got.var, rows[i].var, 1e-15);
        assert_near(got.spread, rows[i].spread, 1e-15);
    }
}

static void zone__falls_to_zero_at_three_quarters_from_the_window(void **ctx)
{
    (void)ctx;
    assert_true(px_zone(3.0, 2.5, 3.5) == 1.0);
    assert_true(px_zone(2.5, 2.5, 3.5) == 1.0);
    assert_near(px_zone(2.125, 2.5, 3.5), .5, 1e-15);
    assert_near(px_zone(3.875, 2.5, 3.5), .5, 1e-15);
    assert_true(px_zone(1.0, 2.5, 3.5) == 0.0);
    assert_true(px_zone(4.25, 2.5, 3.5) == 0.0);
}

static void mentor_factor__is_clamped(void **ctx)
{
    (void)ctx;
    assert_true(px_mentor_done(3, 3) == .2);
    assert_true(px_mentor_done(4, 3) == 1.0);
    assert_true(px_mentor_done(5, 3) == 1.5);
}

static void completion__adds_the_believed_effect_and_its_variance(void **ctx)
{
    px_level level;
    px_completion one = done(110, 1, .5);

    (void)ctx;
    start(&level);
    px_estimate before = px_level_estimate(&level, 110);
    px_level_complete(&level, &one);
    px_estimate after = px_level_estimate(&level, 110);

    assert_near(after.mu - before.mu, .15, 1e-15);
    assert_near(after.var - before.var, .225 * .25, 1e-15);
}

static void weak_completion__is_ignored(void **ctx)
{
    px_level level, before;
    px_completion strong = done(110, 1, .05), weak = done(200, 2, .0499);

    (void)ctx;
    start(&level);
    px_level_complete(&level, &strong);
    before = level;
    assert_false(px_level_must_harvest(&level, &weak));
    px_level_complete(&level, &weak);
    assert_memory_equal(&before, &level, sizeof level);
}

/* The rule that the golden vectors do not reach. */
static void completions_within_7_days__share_one_follow_up(void **ctx)
{
    px_level level;
    px_completion first = done(110, 1, .5), second = done(117, 2, .8), third = done(117.5, 3, .4);

    (void)ctx;
    start(&level);
    px_level_complete(&level, &first);
    assert_false(px_level_must_harvest(&level, &second));
    px_level_complete(&level, &second);

    assert_int_equal(level.pending_count, 2);
    assert_near(level.effect_mean0, .30 * 1.3, 1e-15);
    assert_near(level.effect_var0, .225 * (.25 + .64), 1e-15);
    assert_true(level.pending_days == 110);
    /* 7.5 days after the first, though only half a day after the second. */
    assert_true(px_level_must_harvest(&level, &third));
}

static void completion_after_an_observation__does_not_share(void **ctx)
{
    px_level level;
    px_completion first = done(110, 1, .5), second = done(111, 2, .8);

    (void)ctx;
    start(&level);
    px_level_complete(&level, &first);
    px_level_tag(&level, 110.5, 1);
    assert_true(px_level_must_harvest(&level, &second));
}

static void same_item_again_and_a_seventh__do_not_share(void **ctx)
{
    px_level level;

    (void)ctx;
    start(&level);
    for (uint8_t i = 0; i < PX_PENDING_MAX; i++) {
        px_completion one = done(110, i, .5);

        assert_false(px_level_must_harvest(&level, &one));
        px_level_complete(&level, &one);
        if (i + 1 < PX_PENDING_MAX)
            assert_true(px_level_must_harvest(&level, &one));
    }
    px_completion seventh = done(110, 9, .5);
    assert_true(px_level_must_harvest(&level, &seventh));
}

static void late_completion__joins_at_the_level_s_time(void **ctx)
{
    px_level level;
    px_completion first = done(110, 1, .5), late = done(60, 2, .5);

    (void)ctx;
    start(&level);
    px_level_complete(&level, &first);
    assert_false(px_level_must_harvest(&level, &late));
    px_level_complete(&level, &late);
    assert_true(level.days == 110);
}

static void harvest_without_new_ratings__folds_and_learns_nothing(void **ctx)
{
    px_level level;
    px_completion one = done(110, 1, 1);
    px_effect effect = one.effect;

    (void)ctx;
    start(&level);
    px_level_complete(&level, &one);
    px_estimate before = px_level_estimate(&level, 201);
    px_harvest out = px_level_harvest(&level, 201, &effect);
    px_estimate after = px_level_estimate(&level, 201);

    assert_false(out.measured);
    assert_true(effect.mean == .30 && effect.var == .18);
    assert_int_equal(level.pending_count, 0);
    assert_near(after.mu, before.mu, 1e-15);
    assert_near(after.var, before.var, 1e-15);
}

/*
 * Two items, one assessment x with noise R: the effect a = sum m z has prior variance A, the level
 * t variance P. The assessment alone says a ~ x - t with variance P + R, whatever the prior.
 */
static void harvest__reports_what_the_ratings_alone_say(void **ctx)
{
    px_level level;
    px_completion items[] = { done(110, 1, .5), done(110, 2, 1) };
    px_effect effects[] = { items[0].effect, items[1].effect };

    (void)ctx;
    start(&level);
    px_level_advance(&level, 110);
    double t = level.mean[PX_THETA], p = level.cov[PX_THETA][PX_THETA];
    px_level_complete(&level, &items[0]);
    px_level_complete(&level, &items[1]);
    px_level_assess(&level, 110, 4.0);
    px_harvest out = px_level_harvest(&level, 110, effects);

    assert_true(out.measured);
    assert_int_equal(out.items, 2);
    assert_near(out.z, 1.5, 1e-15);
    assert_near(out.gain, 4.0 - t, 1e-12);
    assert_near(out.var, p + .25, 1e-12);

    double s = 2 * (p + .25) + .225 * (.25 + 1), r = 4.0 - t - .30 * 1.5;
    assert_near(effects[0].mean, .30 + .18 * .5 / s * r, 1e-12);
    assert_near(effects[0].var, .18 * (1 - .18 * .25 / s), 1e-12);
    assert_near(effects[1].mean, .30 + .18 / s * r, 1e-12);
    assert_near(effects[1].var, .18 * (1 - .18 / s), 1e-12);
}

static void harvest_in_a_refold__leaves_the_same_level(void **ctx)
{
    px_level level, refold;
    px_completion one = done(110, 1, 1);
    px_effect effect = one.effect;

    (void)ctx;
    start(&level);
    px_level_complete(&level, &one);
    px_level_assess(&level, 150, 4.0);
    refold = level;
    px_level_harvest(&level, 201, &effect);
    assert_true(px_level_harvest(&refold, 201, NULL).measured);
    assert_memory_equal(&level, &refold, sizeof level);
    assert_true(effect.mean > .30 && effect.var < .18);
}

static void tiny_effect__is_folded_unmeasured(void **ctx)
{
    px_level level;
    px_completion one = { 110, { 1 }, .05, { .035, .00245, .0006125 } }; /* P_a0 under 1e-4 */
    px_effect effect = one.effect;

    (void)ctx;
    start(&level);
    px_level_complete(&level, &one);
    px_level_assess(&level, 150, 4.0);
    assert_false(px_level_harvest(&level, 201, &effect).measured);
    assert_true(effect.mean == .035);
    assert_int_equal(level.pending_count, 0);
}

static void harvest_with_nothing_pending__only_lets_time_pass(void **ctx)
{
    px_level level, aged;
    px_effect effect = { .30, .18, .045 };

    (void)ctx;
    start(&level);
    aged = level;
    px_level_advance(&aged, 201);
    px_harvest harvest = px_level_harvest(&level, 201, &effect);
    assert_false(harvest.measured);
    assert_int_equal(harvest.items, 0);
    assert_memory_equal(&level, &aged, sizeof level);
    assert_true(effect.mean == .30 && effect.var == .18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prior__follows_kind_and_hours),
        cmocka_unit_test(zone__falls_to_zero_at_three_quarters_from_the_window),
        cmocka_unit_test(mentor_factor__is_clamped),
        cmocka_unit_test(completion__adds_the_believed_effect_and_its_variance),
        cmocka_unit_test(weak_completion__is_ignored),
        cmocka_unit_test(completions_within_7_days__share_one_follow_up),
        cmocka_unit_test(completion_after_an_observation__does_not_share),
        cmocka_unit_test(same_item_again_and_a_seventh__do_not_share),
        cmocka_unit_test(late_completion__joins_at_the_level_s_time),
        cmocka_unit_test(harvest_without_new_ratings__folds_and_learns_nothing),
        cmocka_unit_test(harvest__reports_what_the_ratings_alone_say),
        cmocka_unit_test(harvest_in_a_refold__leaves_the_same_level),
        cmocka_unit_test(tiny_effect__is_folded_unmeasured),
        cmocka_unit_test(harvest_with_nothing_pending__only_lets_time_pass),
    };

    return cmocka_run_group_tests_name("effect", tests, NULL, NULL);
}
