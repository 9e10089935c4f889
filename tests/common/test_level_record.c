/* test_level_record.c: the stored bytes of a level: documented size and layout, nothing else
 * accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/level_record.h"
#include "common/status.h"

static px_level level_of(uint8_t raters, uint8_t pending)
{
    px_level level;

    px_level_init(&level, 19000.25);
    for (uint8_t i = 0; i < raters; i++) {
        px_rating rating = { .days = 19001,
                             .value = 4,
                             .rater = { 0xa0, i },
                             .source = PX_REPORT,
                             .rater_bias = px_rater_start(PX_REPORT),
                             .source_bias = px_source_start(PX_REPORT) };
        px_level_rate(&level, &rating);
    }
    for (uint8_t i = 0; i < pending; i++) {
        px_completion one = { 19002, { 0xb0, i }, .5, px_effect_start(PX_COURSE, 8) };
        px_level_complete(&level, &one);
    }
    return level;
}

static void size__is_as_documented(void **ctx)
{
    static const struct {
        uint8_t raters, pending;
        size_t size;
    } rows[] = { { 0, 0, 78 }, { 2, 0, 192 }, { 4, 0, 338 }, { 4, 6, PX_LEVEL_BYTES_MAX } };
    uint8_t bytes[PX_LEVEL_BYTES_MAX];

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_level level = level_of(rows[i].raters, rows[i].pending);

        assert_int_equal(px_level_encode(&level, bytes), rows[i].size);
    }
}

static void layout__is_as_documented(void **ctx)
{
    /* 19000.25 = 0x40d28e1000000000, 3.0 = 0x4008000000000000, 0.6 = 0x3fe3333333333333 */
    static const uint8_t want[78] = {
        [0] = 0,     [1] = 0,                              /* no slots, nothing pending */
        [6] = 0x10,  [7] = 0x8e,  [8] = 0xd2,  [9] = 0x40, /* days */
        [30] = 7,                 /* assessments: kind 5 of the seven counts at 10 */
        [44] = 0x08, [45] = 0x40, /* level */
        [54] = 0x33, [55] = 0x33, [56] = 0x33, [57] = 0x33,
        [58] = 0x33, [59] = 0x33, [60] = 0xe3, [61] = 0x3f, /* its variance */
    };
    px_level level;
    uint8_t bytes[PX_LEVEL_BYTES_MAX];

    (void)ctx;
    px_level_init(&level, 19000.25);
    level.counts[PX_TEST] = 7;
    assert_int_equal(px_level_encode(&level, bytes), sizeof want);
    assert_memory_equal(bytes, want, sizeof want);
}

static void full_level__comes_back_field_by_field(void **ctx)
{
    px_level level = level_of(4, 6), back;
    uint8_t bytes[PX_LEVEL_BYTES_MAX];

    (void)ctx;
    assert_true(px_level_decode(&back, bytes, px_level_encode(&level, bytes)));
    assert_memory_equal(back.mean, level.mean, sizeof level.mean);
    assert_memory_equal(back.cov, level.cov, sizeof level.cov);
    assert_memory_equal(back.counts, level.counts, sizeof level.counts);
    assert_memory_equal(back.slots, level.slots, sizeof level.slots);
    assert_memory_equal(back.pending, level.pending, sizeof level.pending);
    assert_true(back.days == level.days && back.pending_days == level.pending_days);
    assert_true(back.effect_mean0 == level.effect_mean0 && back.effect_var0 == level.effect_var0);
}

static void other_bytes__are_refused(void **ctx)
{
    px_level level = level_of(2, 1), back;
    uint8_t bytes[PX_LEVEL_BYTES_MAX + 1];
    size_t size = px_level_encode(&level, bytes);

    (void)ctx;
    for (size_t cut = 0; cut < size; cut++)
        assert_false(px_level_decode(&back, bytes, cut));
    assert_false(px_level_decode(&back, bytes, size + 1));

    bytes[0] = PX_RATER_SLOTS + 1;
    assert_false(px_level_decode(&back, bytes, size));
    bytes[0] = 2;
    bytes[1] = PX_PENDING_MAX + 1;
    assert_false(px_level_decode(&back, bytes, size));
    bytes[1] = 1;
    size_t source = 2 + 8 + 28 + 4 * 8 + 10 * 8 + 16; /* of the first slot */
    assert_int_equal(bytes[source], PX_REPORT);
    bytes[source] = PX_TAG;
    assert_false(px_level_decode(&back, bytes, size));
}

static void bias_and_effect__come_back(void **ctx)
{
    px_bias bias = { -.25, .31 }, bias_back;
    px_effect effect = { .3, .18, .045 }, effect_back;
    uint8_t bytes[(2 + 3) * 8];
    px_record out = px_record_writer(bytes, sizeof bytes);

    (void)ctx;
    px_record_bias(&out, &bias);
    px_record_effect(&out, &effect);
    px_record in = px_record_reader(px_record_end(&out));
    px_record_bias(&in, &bias_back);
    px_record_effect(&in, &effect_back);
    assert_int_equal(px_record_end(&in).size, sizeof bytes);
    assert_memory_equal(&bias, &bias_back, sizeof bias);
    assert_memory_equal(&effect, &effect_back, sizeof effect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size__is_as_documented),
        cmocka_unit_test(layout__is_as_documented),
        cmocka_unit_test(full_level__comes_back_field_by_field),
        cmocka_unit_test(other_bytes__are_refused),
        cmocka_unit_test(bias_and_effect__come_back),
    };

    return cmocka_run_group_tests_name("level record", tests, NULL, NULL);
}
