/* test_method.c: the level filter, step by step by hand and its laws on random histories. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/effect.h"
#include "common/level_record.h"
#include "common/method.h"
#include "common/status.h"

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

/* --- single steps, by hand ------------------------------------------------------------------- */

static px_rating rating_of(double days, uint8_t rater, px_evidence source, double value)
{
    return (px_rating){ .days = days,
                        .value = value,
                        .rater = { rater },
                        .source = source,
                        .rater_bias = px_rater_start(source),
                        .source_bias = px_source_start(source) };
}

static px_heard heard(px_level *level, double days, uint8_t rater, px_evidence source, double value)
{
    px_rating rating = rating_of(days, rater, source, value);

    return px_level_rate(level, &rating);
}

static void days__are_microseconds_over_a_day(void **ctx)
{
    (void)ctx;
    assert_true(px_days(0) == 0.0);
    assert_true(px_days(86400000000) == 1.0);
    assert_true(px_days(129600000000) == 1.5);
    assert_true(px_days(-86400000000) == -1.0);
}

static void scale__maps_its_ends_to_1_and_5(void **ctx)
{
    (void)ctx;
    assert_true(px_scale_level(1, 2) == 1.0);
    assert_true(px_scale_level(2, 2) == 5.0);
    assert_true(px_scale_level(3, 5) == 3.0);
    assert_near(px_scale_level(2, 4), 1.0 + 4.0 / 3.0, 1e-15);
    assert_true(px_scale_level(10, 10) == 5.0);
}

static void first_manager_rating__moves_by_hand_computed_gain(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 10);
    px_heard out = heard(&level, 10, 1, PX_MANAGER, 5);
    double s = .60 + (.20 + .20 + .04) + .27; /* level + dyad, rater, source + occasion */
    px_estimate now = px_level_estimate(&level, 10);

    assert_near(out.surprise, 2.0, 1e-15);
    assert_near(out.moved, 2.0 * .60 / s, 1e-14);
    assert_near(now.mu, 3.0 + 2.0 * .60 / s, 1e-14);
    assert_near(now.var, .60 - .36 / s, 1e-14);
    assert_near(out.rater_bias.mean, .20 / (2 * s) * 2.0, 1e-14);
    assert_near(out.rater_bias.var, .20 * (1 - .20 / (2 * s)), 1e-14);
    assert_near(out.source_bias.mean, .04 / (10 * s) * 2.0, 1e-14);
    assert_near(out.source_bias.var, .04 * (1 - .04 / (10 * s)), 1e-14);
}

static void known_rater__teaches_no_bias_again(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    heard(&level, 0, 1, PX_PEER, 5);
    px_heard again = heard(&level, 30, 1, PX_PEER, 2);

    assert_int_equal(level.slot_count, 1);
    assert_true(again.rater_bias.mean == 0.0);
    assert_true(again.rater_bias.var == px_rater_start(PX_PEER).var);
    assert_true(again.source_bias.var == px_source_start(PX_PEER).var);
}

static void same_rater_in_two_sources__has_two_slots_but_is_one_rater(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    heard(&level, 0, 1, PX_PEER, 3);
    heard(&level, 1, 1, PX_MANAGER, 3);
    assert_int_equal(level.slot_count, 2);
    assert_int_equal(px_level_estimate(&level, 1).raters, 1);
    assert_true(px_level_estimate(&level, 1).more_evidence);
    heard(&level, 2, 2, PX_PEER, 3);
    assert_int_equal(px_level_estimate(&level, 2).raters, 2);
}

static void opinions_of_one_rater__count_for_less_than_those_of_many(void **ctx)
{
    px_level one, many;

    (void)ctx;
    px_level_init(&one, 0);
    px_level_init(&many, 0);
    for (uint8_t i = 0; i < 4; i++) {
        heard(&one, 0, 1, PX_MANAGER, 5);
        heard(&many, 0, i, PX_MANAGER, 5);
    }
    assert_true(px_level_estimate(&one, 0).var > px_level_estimate(&many, 0).var + .05);
    assert_true(px_level_estimate(&one, 0).mu < px_level_estimate(&many, 0).mu);
}

static void tag_assessment_certificate__observe_what_the_method_says(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    assert_near(px_level_tag(&level, 0, 1), .7 * .6 / 1.9, 1e-14);
    px_level_init(&level, 0);
    assert_near(px_level_assess(&level, 0, 4.0), 1.0 * .6 / .85, 1e-14);
    px_level_init(&level, 0);
    assert_near(px_level_certify(&level, 0, 4.0), 1.25 * .6 / .9, 1e-14);
}

static void certificate__never_lowers(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    px_level_assess(&level, 0, 5.0);
    double mu = px_level_estimate(&level, 0).mu;

    assert_true(px_level_certify(&level, 0, 2.0) == 0.0);
    assert_true(px_level_estimate(&level, 0).mu == mu);
    assert_int_equal(level.counts[PX_CERTIFICATE], 1);
}

static void assessed__needs_more_than_self_and_tags(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    heard(&level, 0, 1, PX_SELF, 4);
    px_level_tag(&level, 0, -1);
    assert_false(px_level_estimate(&level, 0).assessed);
    assert_int_equal(px_level_estimate(&level, 0).raters, 0);
    px_level_certify(&level, 0, 1);
    assert_true(px_level_estimate(&level, 0).assessed);

    px_level_init(&level, 0);
    heard(&level, 0, 1, PX_REPORT, 4);
    assert_true(px_level_estimate(&level, 0).assessed);
}

static void confidence__follows_the_sd(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    assert_int_equal(px_level_estimate(&level, 0).confidence, PX_CONFIDENCE_LOW);
    px_level_assess(&level, 0, 3);
    assert_int_equal(px_level_estimate(&level, 0).confidence, PX_CONFIDENCE_MEDIUM);
    px_level_assess(&level, 0, 3);
    assert_int_equal(px_level_estimate(&level, 0).confidence, PX_CONFIDENCE_HIGH);

    px_estimate now = px_level_estimate(&level, 0);
    assert_near(now.high - now.mu, 1.645 * now.sd, 1e-14);
    assert_near(now.mu - now.low, 1.645 * now.sd, 1e-14);
}

/* --- laws ------------------------------------------------------------------------------------ */

static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* One random event of any kind, sometimes late. */
static void stir(px_level *level, uint64_t *seed, double day)
{
    double when = next(seed) % 8 == 0 ? day - 40 : day;
    double value = 1.0 + (double)(next(seed) % 9) / 2.0;
    uint8_t who = (uint8_t)(next(seed) % 7);
    px_evidence source = (px_evidence)(next(seed) % PX_SOURCE_COUNT);
    px_completion completion = { .days = when,
                                 .item = { who },
                                 .z = (double)(next(seed) % 11) / 10,
                                 .effect = px_effect_start(PX_COURSE, 12) };

    switch (next(seed) % 8) {
    case 0:
        px_level_tag(level, when, (int)(next(seed) % 3) - 1);
        break;
    case 1:
        px_level_assess(level, when, value);
        break;
    case 2:
        px_level_certify(level, when, value);
        break;
    case 3:
        if (px_level_must_harvest(level, &completion))
            px_level_harvest(level, when, NULL);
        px_level_complete(level, &completion);
        break;
    default:
        heard(level, when, who, source, value);
    }
}

static void assert_sound(const px_level *level)
{
    uint32_t n = PX_SLOT0 + level->slot_count;

    assert_true(px_level_estimate(level, level->days).var > 0.0);
    for (uint32_t i = 0; i < PX_LEVEL_DIMS; i++)
        for (uint32_t j = 0; j < PX_LEVEL_DIMS; j++) {
            double vv = level->cov[i][i] * level->cov[j][j];

            assert_true(level->cov[i][j] == level->cov[j][i]);
            assert_true(level->cov[i][j] * level->cov[i][j] <= vv * (1 + 1e-9));
            if (i >= n || j >= n)
                assert_true(level->cov[i][j] == 0.0);
        }
    for (uint32_t i = 0; i < n; i++)
        if (i != PX_EFFECT || level->pending_count)
            assert_true(level->cov[i][i] >= 1e-6);
}

static void any_history__keeps_the_covariance_sound_and_survives_the_record(void **ctx)
{
    uint64_t seed = 7;

    (void)ctx;
    for (int person = 0; person < 200; person++) {
        px_level level, back;
        double day = (double)(next(&seed) % 1000);

        px_level_init(&level, day);
        for (int i = 0; i < 60; i++) {
            uint8_t bytes[PX_LEVEL_BYTES_MAX], again[PX_LEVEL_BYTES_MAX];

            day += (double)(next(&seed) % 200) / 10;
            stir(&level, &seed, day);
            assert_sound(&level);
            size_t size = px_level_encode(&level, bytes);
            assert_true(px_level_decode(&back, bytes, size));
            assert_int_equal(px_level_encode(&back, again), size);
            assert_memory_equal(bytes, again, size);
            assert_true(back.pending_seen == level.pending_seen && back.days == level.days);
        }
    }
}

static void drift__grows_to_the_cap_and_never_shrinks(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    assert_near(px_level_estimate(&level, 365).var, .90, 1e-15);
    assert_true(px_level_estimate(&level, 3650).var == 1.20);
    px_level_advance(&level, 365);
    assert_near(level.cov[PX_THETA][PX_THETA], .90, 1e-15);

    level.cov[PX_THETA][PX_THETA] = 1.5; /* a folded effect may lift it over the cap */
    px_level_advance(&level, 800);
    assert_true(level.cov[PX_THETA][PX_THETA] == 1.5);
    assert_true(level.days == 800);
}

static void late_event__counts_at_the_level_s_time(void **ctx)
{
    px_level late, level;

    (void)ctx;
    px_level_init(&late, 100);
    px_level_init(&level, 100);
    heard(&late, 40, 1, PX_PEER, 4);
    heard(&level, 100, 1, PX_PEER, 4);
    assert_memory_equal(&late, &level, sizeof level);
    assert_true(px_level_estimate(&late, 40).var == px_level_estimate(&late, 100).var);
}

static void fifth_rater__takes_the_least_recently_used_slot_and_goes_last(void **ctx)
{
    px_level level, four;

    (void)ctx;
    px_level_init(&level, 0);
    for (uint8_t i = 0; i < 4; i++)
        heard(&level, i, i, PX_PEER, 2 + i * .5);
    heard(&level, 10, 0, PX_PEER, 3); /* rater 1 is now the oldest */
    four = level;
    heard(&level, 11, 9, PX_PEER, 3);

    static const uint8_t want[] = { 0, 2, 3, 9 };
    assert_int_equal(level.slot_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(level.slots[i].rater[0], want[i]);

    /* Marginalisation: the same as a level that had only ever known the other three. */
    static const size_t kept[] = { PX_THETA, PX_EFFECT, PX_SLOT0, PX_SLOT0 + 2, PX_SLOT0 + 3 };
    px_level three = { .days = four.days, .slot_count = 3 };
    memcpy(three.counts, four.counts, sizeof three.counts);
    for (size_t i = 0; i < PX_COUNT(kept); i++) {
        three.mean[i] = four.mean[kept[i]];
        for (size_t j = 0; j < PX_COUNT(kept); j++)
            three.cov[i][j] = four.cov[kept[i]][kept[j]];
        if (i >= PX_SLOT0)
            three.slots[i - PX_SLOT0] = four.slots[kept[i] - PX_SLOT0];
    }
    heard(&three, 11, 9, PX_PEER, 3);
    assert_memory_equal(&three, &level, sizeof level);
}

static void eviction__breaks_ties_of_the_day_by_lowest_index(void **ctx)
{
    px_level level;

    (void)ctx;
    px_level_init(&level, 0);
    heard(&level, 5.9, 0, PX_PEER, 3);
    heard(&level, 5.95, 1, PX_PEER, 3);
    heard(&level, 6.1, 2, PX_PEER, 3);
    heard(&level, 6.2, 3, PX_PEER, 3);
    heard(&level, 6.3, 4, PX_PEER, 3);
    assert_int_equal(level.slots[0].rater[0], 1);
    heard(&level, 6.4, 1, PX_PEER, 3); /* now all four were used on day 6 */
    heard(&level, 6.5, 5, PX_PEER, 3);
    assert_int_equal(level.slots[0].rater[0], 2);
}

/* Withdrawing = folding the other evidence rows again, each with what it knew then. */
static void refold_without_a_row__is_the_history_without_it(void **ctx)
{
    static const double values[] = { 4, 2, 5, 3, 4, 1 };
    px_rating rows[PX_COUNT(values)];
    px_level all, without;
    px_bias source = px_source_start(PX_PEER);

    (void)ctx;
    px_level_init(&all, 1);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        rows[i] = rating_of(1 + (double)i * 20, (uint8_t)(i % 3), PX_PEER, values[i]);
        rows[i].source_bias = source;
        source = px_level_rate(&all, &rows[i]).source_bias;
    }
    px_level again;
    px_level_init(&again, rows[0].days);
    px_level_init(&without, rows[0].days);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_level_rate(&again, &rows[i]);
        if (i != 2)
            px_level_rate(&without, &rows[i]);
    }
    assert_memory_equal(&again, &all, sizeof all);
    assert_true(px_level_estimate(&without, 200).mu < px_level_estimate(&all, 200).mu);
    assert_int_equal(without.counts[PX_PEER], 5);
    assert_int_equal(without.slot_count, 3); /* rater 2 is first heard in a later row */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days__are_microseconds_over_a_day),
        cmocka_unit_test(scale__maps_its_ends_to_1_and_5),
        cmocka_unit_test(first_manager_rating__moves_by_hand_computed_gain),
        cmocka_unit_test(known_rater__teaches_no_bias_again),
        cmocka_unit_test(same_rater_in_two_sources__has_two_slots_but_is_one_rater),
        cmocka_unit_test(opinions_of_one_rater__count_for_less_than_those_of_many),
        cmocka_unit_test(tag_assessment_certificate__observe_what_the_method_says),
        cmocka_unit_test(certificate__never_lowers),
        cmocka_unit_test(assessed__needs_more_than_self_and_tags),
        cmocka_unit_test(confidence__follows_the_sd),
        cmocka_unit_test(any_history__keeps_the_covariance_sound_and_survives_the_record),
        cmocka_unit_test(drift__grows_to_the_cap_and_never_shrinks),
        cmocka_unit_test(late_event__counts_at_the_level_s_time),
        cmocka_unit_test(fifth_rater__takes_the_least_recently_used_slot_and_goes_last),
        cmocka_unit_test(eviction__breaks_ties_of_the_day_by_lowest_index),
        cmocka_unit_test(refold_without_a_row__is_the_history_without_it),
    };

    return cmocka_run_group_tests_name("method", tests, NULL, NULL);
}
