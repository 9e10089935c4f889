/* Is this machine's clock the server's? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/server_clock.h"
#include "common/status.h"

#define HALF_US INT64_C(1800000000)
#define SAID_US INT64_C(1767571200000000)

static void nothing_said__believed(void **state)
{
    px_server_clock clock = { 0 };

    (void)state;
    px_server_clock_hear(&clock, 0, 5);
    assert_false(px_server_clock_apart(&clock, 0, 5));
    assert_false(px_server_clock_apart(&clock, INT64_MAX, 5));
}

static void clocks__apart_by_more_than_half_an_hour(void **state)
{
    static const struct {
        int64_t ahead_us;
        bool apart;
    } rows[] = { { 0, false },        { HALF_US, false },     { HALF_US + 1, true },
                 { -HALF_US, false }, { -HALF_US - 1, true }, { 12 * 365 * 48 * HALF_US, true } };
    px_server_clock clock = { 0 };

    (void)state;
    px_server_clock_hear(&clock, SAID_US * 1000, 7000);
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_int_equal(px_server_clock_apart(&clock, SAID_US + rows[i].ahead_us, 7000),
                         rows[i].apart);
}

static void said_long_ago__goes_on_by_the_steady_clock(void **state)
{
    px_server_clock clock = { 0 };

    (void)state;
    px_server_clock_hear(&clock, SAID_US * 1000, 7000);
    px_server_clock_hear(&clock, 0, 9000); /* a reader that was told nothing */
    assert_false(px_server_clock_apart(&clock, SAID_US + 5 * HALF_US, 7000 + 5 * 1800000));
    assert_true(px_server_clock_apart(&clock, SAID_US, 7000 + 5 * 1800000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said__believed),
        cmocka_unit_test(clocks__apart_by_more_than_half_an_hour),
        cmocka_unit_test(said_long_ago__goes_on_by_the_steady_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
