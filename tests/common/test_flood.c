/* A source over its rate is noticed once a minute; others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/flood.h"

static unsigned note_many(px_flood *flood, const char *source, unsigned count, int64_t clock_ms)
{
    unsigned alarms = 0;

    for (unsigned i = 0; i < count; i++)
        alarms += px_flood_note(flood, "acme", source, clock_ms);
    return alarms;
}

static void rate__is_alarmed_once_a_minute_beyond_it(void **state)
{
    px_flood flood = { 0 };

    (void)state;
    assert_int_equal(note_many(&flood, "a", PX_FLOOD_PER_MINUTE, 5000), 0);
    assert_int_equal(note_many(&flood, "b", PX_FLOOD_PER_MINUTE, 5000), 0);
    assert_int_equal(note_many(&flood, "a", 5000, 64999), 1);
    assert_int_equal(note_many(&flood, "a", PX_FLOOD_PER_MINUTE, 65000), 0);
    assert_int_equal(note_many(&flood, "a", 1, 65001), 1);
}

static void many_sources__take_bounded_memory(void **state)
{
    px_flood flood = { 0 };
    char name[16];

    (void)state;
    for (unsigned i = 0; i < 10 * PX_FLOOD_SOURCES; i++) {
        snprintf(name, sizeof name, "s%u", i);
        assert_int_equal(note_many(&flood, name, 1, 1000 + i), 0);
    }
    assert_int_equal(note_many(&flood, "s639", PX_FLOOD_PER_MINUTE, 2000), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate__is_alarmed_once_a_minute_beyond_it),
        cmocka_unit_test(many_sources__take_bounded_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
