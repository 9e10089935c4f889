/* Tests of common/record: what is written is read back, and equal records give equal bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/record.h"

typedef struct {
    bool flag;
    uint8_t small;
    uint32_t count;
    int32_t below;
    uint64_t big;
    int64_t when;
    double real;
    char text[8];
} sample;

static void walk_sample(px_record *r, sample *s)
{
    px_record_bool(r, &s->flag);
    px_record_u8(r, &s->small);
    px_record_u32(r, &s->count);
    px_record_i32(r, &s->below);
    px_record_u64(r, &s->big);
    px_record_i64(r, &s->when);
    px_record_f64(r, &s->real);
    px_record_text(r, s->text, sizeof s->text);
}

static px_bytes write_sample(void *bytes, size_t size, sample s)
{
    px_record r = px_record_writer(bytes, size);

    walk_sample(&r, &s);
    return px_record_end(&r);
}

static sample read_sample(px_bytes bytes)
{
    px_record r = px_record_reader(bytes);
    sample s = { 0 };

    walk_sample(&r, &s);
    px_record_end(&r);
    return s;
}

static void record__is_read_back_as_written(void **state)
{
    static const sample rows[] = {
        { false, 0, 0, 0, 0, 0, 0.0, "" },
        { true, 255, UINT32_MAX, INT32_MIN, UINT64_MAX, INT64_MIN, -0.1, "seven77" },
        { true, 7, 1, -1, 1, -1, 1e300, "a" },
    };
    (void)state;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        unsigned char bytes[64];
        sample s = read_sample(write_sample(bytes, sizeof bytes, rows[i]));

        assert_int_equal(s.flag, rows[i].flag);
        assert_int_equal(s.small, rows[i].small);
        assert_int_equal(s.count, rows[i].count);
        assert_int_equal(s.below, rows[i].below);
        assert_true(s.big == rows[i].big);
        assert_true(s.when == rows[i].when);
        assert_memory_equal(&s.real, &rows[i].real, sizeof s.real);
        assert_string_equal(s.text, rows[i].text);
    }
}

static void record__bytes_are_little_endian_and_packed(void **state)
{
    static const sample s = { true, 2, 3, -1, 4, 5, 0.0, "ab" };
    static const unsigned char expected[] = { 1, 2, 3, 0, 0, 0, 255, 255, 255, 255, 4,   0,  0,
                                              0, 0, 0, 0, 0, 5, 0,   0,   0,   0,   0,   0,  0,
                                              0, 0, 0, 0, 0, 0, 0,   0,   2,   0,   'a', 'b' };
    unsigned char bytes[64];
    px_bytes written = write_sample(bytes, sizeof bytes, s);
    (void)state;

    assert_int_equal(written.size, sizeof expected);
    assert_memory_equal(written.data, expected, sizeof expected);
}

static void record__bytes_behind_a_text_do_not_matter(void **state)
{
    sample clean = { .text = "ab" };
    sample dirty = { .text = "abXYZ" };
    unsigned char a[64], b[64];
    (void)state;

    dirty.text[2] = '\0';
    px_bytes first = write_sample(a, sizeof a, clean);
    px_bytes second = write_sample(b, sizeof b, dirty);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
}

/* The undefined behaviour of looking at what was there before is for the sanitizer to see. */
static void bool__is_read_over_whatever_was_there(void **ctx)
{
    unsigned char bytes[1];
    bool yes = true, got;
    px_record w = px_record_writer(bytes, sizeof bytes);

    (void)ctx;
    px_record_bool(&w, &yes);
    memset(&got, 0x84, sizeof got);
    px_record r = px_record_reader(px_record_end(&w));
    px_record_bool(&r, &got);
    assert_true(got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record__is_read_back_as_written),
        cmocka_unit_test(record__bytes_are_little_endian_and_packed),
        cmocka_unit_test(record__bytes_behind_a_text_do_not_matter),
        cmocka_unit_test(bool__is_read_over_whatever_was_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
