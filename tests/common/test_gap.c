/* test_gap.c: shortfall and probability against 40-digit figures, and when a gap is news. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/gap.h"
#include "common/status.h"

static void assert_near(double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        fail_msg("got %.12g, want %.12g", got, want);
}

/* Made with decimal arithmetic of 40 digits. */
static const struct {
    double u, var, shortfall, probability;
} figures[] = {
    { 0, 0.6, 0.3090194168656720, 0.5 },
    { 1, 0.6, 1.0877865258748280, 0.9253244826051672 },
    { -1, 0.6, 0.0877865258748281, 0.0746755173948328 },
    { 0.5, 0.1, 0.5300276772035222, 0.9463844475956956 },
    { -0.5, 0.1, 0.0300276772035222, 0.0536155524043044 },
    { 2, 0.04, 2.0031780499991014, 0.9984160090030357 },
    { -2, 0.04, 0.0031780499991016, 0.0015839909969643 },
    { 0.3, 0.3, 0.4150405629332989, 0.7829755535150851 },
    { 0, 1.2, 0.4370194503680586, 0.5 },
    { -3, 1.2, 0.0623655142123433, 0.0199586824097895 },
    { 0.25, 0, 0.25, 1.0 },
    { 0, 0, 0.0, 0.0 }, /* certainly at the target */
};

static void shortfall_and_probability__match_the_table(void **ctx)
{
    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(figures); i++) {
        assert_near(px_shortfall(figures[i].u, figures[i].var), figures[i].shortfall, 1e-14);
        assert_near(px_gap_probability(figures[i].u, figures[i].var), figures[i].probability,
                    1e-14);
    }
}

/* Equal at u = 0; elsewhere never more than .072 sd apart (most at 1.6 sd). */
static void shortfall__is_close_to_the_normal_one(void **ctx)
{
    (void)ctx;
    for (double u = -2; u <= 2; u += .125) {
        double sd = .5;
        double normal = sd * exp(-u * u / (2 * sd * sd)) / sqrt(2 * acos(-1)) +
                        u * .5 * erfc(-u / sd / sqrt(2));

        assert_near(px_shortfall(u, sd * sd), normal, u == 0 ? 1e-6 : .072 * sd);
    }
}

static px_estimate assessed(double mu, double var)
{
    return (px_estimate){ .mu = mu, .var = var, .assessed = true };
}

static void unassessed__is_no_gap(void **ctx)
{
    px_gap said = { 0 };
    px_estimate now = assessed(1, .1);

    (void)ctx;
    assert_int_equal(px_gap_decide(&said, &now, 4), PX_GAP_OPENED);
    now.assessed = false;
    assert_int_equal(px_gap_decide(&said, &now, 4), PX_GAP_SAME);
}

static void open_gap__closes_when_its_evidence_is_withdrawn(void **ctx)
{
    px_gap said = { true, 1, 4 };
    px_estimate now = assessed(1, .1);

    (void)ctx;
    now.assessed = false;
    assert_int_equal(px_gap_decide(&said, &now, 4), PX_GAP_CLOSED);
}

/* P = (1 + u/r)/2 with V = u^2/.63662 * (1/q^2 - 1) is (1 + q)/2: q = .2 is P = .60. */
static double var_for(double u, double q)
{
    return u * u / .63662 * (1 / (q * q) - 1);
}

static void hysteresis__holds_between_40_and_60(void **ctx)
{
    static const struct {
        double u, q;
        px_gap_news when_closed, when_open;
    } rows[] = {
        { .1, .201, PX_GAP_OPENED, PX_GAP_SAME },
        { .1, .199, PX_GAP_SAME, PX_GAP_SAME },
        { -.1, .199, PX_GAP_SAME, PX_GAP_SAME },
        { -.1, .201, PX_GAP_SAME, PX_GAP_CLOSED },
    };

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_estimate now = assessed(4 - rows[i].u, var_for(rows[i].u, rows[i].q));
        px_gap closed = { false, 0, 0 };
        px_gap open = { true, now.mu, 4 };

        assert_int_equal(px_gap_decide(&closed, &now, 4), rows[i].when_closed);
        assert_int_equal(px_gap_decide(&open, &now, 4), rows[i].when_open);
    }
}

static void open_gap__is_news_again_when_level_or_target_moved_a_quarter(void **ctx)
{
    static const struct {
        double mu, target;
        px_gap_news want;
    } rows[] = {
        { 3.0, 4.0, PX_GAP_SAME },     { 3.24, 4.0, PX_GAP_SAME },    { 3.25, 4.0, PX_GAP_CHANGED },
        { 2.75, 4.0, PX_GAP_CHANGED }, { 3.0, 4.25, PX_GAP_CHANGED }, { 3.0, 3.75, PX_GAP_CHANGED },
        { 3.0, 3.8, PX_GAP_SAME },
    };
    px_gap said = { true, 3.0, 4.0 };

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_estimate now = assessed(rows[i].mu, .05);
        assert_int_equal(px_gap_decide(&said, &now, rows[i].target), rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shortfall_and_probability__match_the_table),
        cmocka_unit_test(shortfall__is_close_to_the_normal_one),
        cmocka_unit_test(unassessed__is_no_gap),
        cmocka_unit_test(open_gap__closes_when_its_evidence_is_withdrawn),
        cmocka_unit_test(hysteresis__holds_between_40_and_60),
        cmocka_unit_test(open_gap__is_news_again_when_level_or_target_moved_a_quarter),
    };

    return cmocka_run_group_tests_name("gap", tests, NULL, NULL);
}
