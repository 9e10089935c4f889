/* Tests of review-cycle's arithmetic: scores out of parts, and slices of a scale. Fixtures A to C.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/review-cycle/score.h"

enum { WHAT = 1, HOW = 2 };

#define PART(facet, percent, value)                                                                \
    {                                                                                              \
        facet, true, (percent)*100, value, "", ""                                                  \
    }
#define ABSENT(facet, percent)                                                                     \
    {                                                                                              \
        facet, false, (percent)*100, 0, "", ""                                                     \
    }

static void assert_score(const score_part *parts, size_t count, uint8_t facet, int32_t hundredths)
{
    score got = score_of(parts, count, facet);

    assert_true(got.known);
    assert_int_equal(got.hundredths, hundredths);
}

/* Fixture A. */
static void score__is_the_weighted_mean_without_what_is_not_applicable(void **ctx)
{
    static const score_part parts[] = { PART(WHAT, 60, 4), PART(WHAT, 40, 3), PART(HOW, 50, 5),
                                        ABSENT(HOW, 50) };

    (void)ctx;
    assert_score(parts, 4, WHAT, 360);
    assert_score(parts, 4, HOW, 500);
}

/* Fixture B: the absent part is not a 0, which would make it 3.33. */
static void score__an_absent_part_shares_its_weight_out(void **ctx)
{
    static const score_part parts[] = { { WHAT, true, 3333, 5, "", "" },
                                        { WHAT, true, 3333, 5, "", "" },
                                        { WHAT, false, 3334, 0, "", "" } };

    (void)ctx;
    assert_score(parts, 3, WHAT, 500);
}

static void score__is_absent_when_nothing_is_left(void **ctx)
{
    static const score_part parts[] = { ABSENT(WHAT, 100), PART(HOW, 100, 3) };

    (void)ctx;
    assert_false(score_of(parts, 2, WHAT).known);
    assert_false(score_of(parts, 0, HOW).known);
}

static void score__half_a_hundredth_goes_away_from_zero(void **ctx)
{
    static const struct {
        int32_t values[2];
        int32_t hundredths;
    } rows[] = { { { 3, 4 }, 313 }, { { -3, -4 }, -313 }, { { 4, 3 }, 388 }, { { 0, 0 }, 0 } };

    (void)ctx;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        score_part parts[] = { { WHAT, true, 8750, rows[i].values[0], "", "" },
                               { WHAT, true, 1250, rows[i].values[1], "", "" } };

        /* 3 * .875 + 4 * .125 = 3.125; 4 * .875 + 3 * .125 = 3.875 */
        assert_score(parts, 2, WHAT, rows[i].hundredths);
    }
}

static void score_mean__is_of_what_is_known(void **ctx)
{
    static const score none, four = { true, 400 }, odd = { true, 333 }, minus = { true, -401 };

    (void)ctx;
    assert_int_equal(score_mean(four, odd).hundredths, 367); /* 366.5 */
    assert_int_equal(score_mean(minus, (score){ true, 0 }).hundredths, -201);
    assert_int_equal(score_mean(none, odd).hundredths, 333);
    assert_int_equal(score_mean(odd, none).hundredths, 333);
    assert_false(score_mean(none, none).known);
}

/* Fixture C, both scales, and what lies beyond. */
static void slice__lower_edge_is_in_it_and_the_top_in_the_last(void **ctx)
{
    static const struct {
        int32_t hundredths, low, high;
        uint8_t slices, slice;
    } rows[] = {
        { 360, 1, 5, 3, 2 },  { 500, 1, 5, 3, 3 }, { 233, 1, 5, 3, 1 },  { 234, 1, 5, 3, 2 },
        { 366, 1, 5, 3, 2 },  { 367, 1, 5, 3, 3 }, { 160, 1, 3, 3, 1 },  { 167, 1, 3, 3, 2 },
        { 233, 1, 3, 3, 2 },  { 240, 1, 3, 3, 3 }, { 300, 1, 3, 3, 3 },  { 100, 1, 3, 3, 1 },
        { 200, 1, 3, 2, 2 },  { 199, 1, 3, 2, 1 }, /* an edge that is a hundredth */
        { -50, -1, 1, 4, 2 }, { 0, -1, 1, 4, 3 },  { 100, 1, 3, 10, 1 }, { 300, 1, 3, 1, 1 },
        { 0, 1, 3, 3, 1 },    { 900, 1, 3, 3, 3 }, /* no scale of ours gives these */
    };

    (void)ctx;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (score_slice(rows[i].hundredths, rows[i].low, rows[i].high, rows[i].slices) !=
            rows[i].slice)
            fail_msg("row %zu: slice %d, not %d", i,
                     score_slice(rows[i].hundredths, rows[i].low, rows[i].high, rows[i].slices),
                     rows[i].slice);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(score__is_the_weighted_mean_without_what_is_not_applicable),
        cmocka_unit_test(score__an_absent_part_shares_its_weight_out),
        cmocka_unit_test(score__is_absent_when_nothing_is_left),
        cmocka_unit_test(score__half_a_hundredth_goes_away_from_zero),
        cmocka_unit_test(score_mean__is_of_what_is_known),
        cmocka_unit_test(slice__lower_edge_is_in_it_and_the_top_in_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
