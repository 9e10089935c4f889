/* test_codec_time.c: Timestamp, microseconds, RFC 3339. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "google/protobuf/timestamp.pb-c.h"

enum { ARENA_BYTES = 1024 * 1024 };

static px_arena arena;

static int setup(void **state)
{
    (void)state;
    return px_arena_init(&arena, ARENA_BYTES) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    px_arena_fini(&arena);
    return 0;
}

/* ---- time ---- */

static void timestamp__keeps_microseconds(void **state)
{
    (void)state;
    static const int64_t times[] = {
        0, 1, -1, 1750000000123456, -62135596800000000, 253402300799999999, -1000001
    };

    for (size_t i = 0; i < PX_COUNT(times); i++) {
        Google__Protobuf__Timestamp *t = px_codec_timestamp(times[i], &arena);
        assert_in_range(t->nanos, 0, 999999999);
        assert_true(px_time_in_range(t));
        assert_int_equal(px_codec_time_us(t), times[i]);
    }
    assert_int_equal(px_codec_time_us(NULL), 0);
}

static void timestamp__cannot_overflow(void **state)
{
    (void)state;
    Google__Protobuf__Timestamp t = GOOGLE__PROTOBUF__TIMESTAMP__INIT;

    t.seconds = INT64_MAX;
    t.nanos = INT32_MIN;
    assert_false(px_time_in_range(&t));
    assert_int_equal(px_codec_time_us(&t), 253402300799000000);
    t.seconds = INT64_MIN;
    assert_int_equal(px_codec_time_us(&t), -62135596800000000);
    assert_non_null(px_codec_rfc3339(INT64_MIN, &arena));
    assert_non_null(px_codec_rfc3339(INT64_MAX, &arena));
}

static void rfc3339__shows_utc_with_the_digits_needed(void **state)
{
    (void)state;
    assert_string_equal(px_codec_rfc3339(0, &arena), "1970-01-01T00:00:00Z");
    assert_string_equal(px_codec_rfc3339(-1, &arena), "1969-12-31T23:59:59.999999Z");
    assert_string_equal(px_codec_rfc3339(1709164800500000, &arena), "2024-02-29T00:00:00.500Z");
    assert_string_equal(px_codec_rfc3339(-62135596800000000, &arena), "0001-01-01T00:00:00Z");
    assert_string_equal(px_codec_rfc3339(253402300799999999, &arena),
                        "9999-12-31T23:59:59.999999Z");
}

static void assert_days_read_back(int64_t first, int64_t last, int64_t step)
{
    enum { DAY = 86400 };
    char text[PX_RFC3339_SIZE];
    int64_t seconds;
    int32_t nanos;

    for (int64_t day = first; day <= last; day += step) {
        px_time_print(text, day * DAY + day % 1000 + 1000, 7);
        assert_true(px_time_parse(text, strlen(text), &seconds, &nanos));
        assert_int_equal(seconds, day * DAY + day % 1000 + 1000);
        assert_int_equal(nanos, 7);
    }
}

static void rfc3339__reads_back_whatever_the_day(void **state)
{
    (void)state;
    assert_days_read_back(0, 146097, 1);         /* every day of the calendar's 400-year cycle */
    assert_days_read_back(-719162, 2932896, 97); /* 0001-01-01 to 9999-12-31 */
}

static void rfc3339__is_read_strictly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds; /* -1 = refused */
        int32_t nanos;
    } rows[] = {
        { "1970-01-01T00:00:10Z", 10, 0 },
        { "1970-01-01T00:00:10.5Z", 10, 500000000 },
        { "1970-01-01T00:00:10.000000001Z", 10, 1 },
        { "1970-01-01T02:00:10+02:00", 10, 0 },
        { "1969-12-31T19:30:10-04:30", 10, 0 },
        { "2000-02-29T00:00:00Z", 951782400, 0 },
        { "1970-01-01T00:00:10.0000000001Z", -1, 0 },
        { "1970-01-01T00:00:10.Z", -1, 0 },
        { "1970-01-01T00:00:10", -1, 0 },
        { "1970-01-01T00:00:10z", -1, 0 },
        { "1970-01-01t00:00:10Z", -1, 0 },
        { "1970-01-01 00:00:10Z", -1, 0 },
        { "1970-01-01T00:00:10Z ", -1, 0 },
        { "1970-01-01T00:00Z", -1, 0 },
        { "1970-1-01T00:00:10Z", -1, 0 },
        { "1970-13-01T00:00:10Z", -1, 0 },
        { "1970-00-01T00:00:10Z", -1, 0 },
        { "1900-02-29T00:00:10Z", -1, 0 },
        { "2023-04-31T00:00:10Z", -1, 0 },
        { "1970-01-01T24:00:00Z", -1, 0 },
        { "1970-01-01T00:60:00Z", -1, 0 },
        { "1970-01-01T00:00:60Z", -1, 0 },
        { "1970-01-01T00:00:10+24:00", -1, 0 },
        { "1970-01-01T00:00:10+0200", -1, 0 },
        { "0000-01-01T00:00:00Z", -1, 0 },
        { "0001-01-01T00:00:00+00:01", -1, 0 }, /* before the year 1 */
        { "9999-12-31T23:59:59-00:01", -1, 0 },
        { "", -1, 0 },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        int64_t seconds;
        int32_t nanos;
        bool ok = px_time_parse(rows[i].text, strlen(rows[i].text), &seconds, &nanos);
        if (ok != (rows[i].seconds >= 0))
            fail_msg("%s", rows[i].text);
        if (!ok)
            continue;
        assert_int_equal(seconds, rows[i].seconds);
        assert_int_equal(nanos, rows[i].nanos);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(timestamp__keeps_microseconds),
        CASE(timestamp__cannot_overflow),
        CASE(rfc3339__shows_utc_with_the_digits_needed),
        CASE(rfc3339__reads_back_whatever_the_day),
        CASE(rfc3339__is_read_strictly),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
