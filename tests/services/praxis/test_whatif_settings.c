/* test_whatif_settings.c: the words of `praxis whatif`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/praxis/whatif_settings.h"

static px_whatif_settings got;

static bool read_words(const px_whatif_words *words)
{
    memset(&got, 0, sizeof got);
    return px_whatif_settings_read(&got, words);
}

static void words__become_settings_and_the_rest_stays(void **ctx)
{
    px_whatif_words words = { .hours = "12.5",
                              .weights = { .items = { "a=2" }, .count = 1 },
                              .targets = { .items = { "clerk:x=4", "boss:z=0" }, .count = 2 } };

    (void)ctx;
    assert_true(read_words(&words));
    assert_true(got.settings.hours == 12.5);
    assert_true(got.settings.least == plan_settings_usual.least);
    assert_int_equal(got.settings.weight_count, 1);
    assert_string_equal(got.settings.weights[0].competency_id, "a");
    assert_true(got.settings.weights[0].factor == 2.0);
    assert_int_equal(got.settings.target_count, 2);
    assert_string_equal(got.settings.targets[0].role_id, "clerk");
    assert_string_equal(got.settings.targets[0].competency_id, "x");
    assert_true(got.settings.targets[0].level == 4.0);
    assert_true(got.settings.targets[1].level == 0.0);
}

static void nothing_different__is_refused(void **ctx)
{
    (void)ctx;
    assert_false(read_words(&(px_whatif_words){ 0 }));
}

static void figures_that_are_none__are_refused(void **ctx)
{
    const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x10", "nan", "inf", "1e999", "8h" };

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(bad); i++) {
        assert_false(read_words(&(px_whatif_words){ .hours = bad[i] }));
        assert_false(read_words(&(px_whatif_words){ .least = bad[i] }));
    }
}

static void weights_and_targets_without_their_parts__are_refused(void **ctx)
{
    const char *const weights[] = { "a", "=2", "a=", "a=x", "a=b=2", "a=1001" };
    const char *const targets[] = { "a=2", ":a=2", "r:=2", "r:a", "r:a=", "r:a=5.1", "r=a:2" };
    char longer[PX_ID_SIZE + 8];

    (void)ctx;
    for (size_t i = 0; i < PX_COUNT(weights); i++)
        assert_false(
            read_words(&(px_whatif_words){ .weights = { .items = { weights[i] }, .count = 1 } }));
    for (size_t i = 0; i < PX_COUNT(targets); i++)
        assert_false(
            read_words(&(px_whatif_words){ .targets = { .items = { targets[i] }, .count = 1 } }));
    memset(longer, 'a', sizeof longer);
    memcpy(&longer[PX_ID_SIZE], "=2", 3);
    assert_false(read_words(&(px_whatif_words){ .weights = { .items = { longer }, .count = 1 } }));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__become_settings_and_the_rest_stays),
        cmocka_unit_test(nothing_different__is_refused),
        cmocka_unit_test(figures_that_are_none__are_refused),
        cmocka_unit_test(weights_and_targets_without_their_parts__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
