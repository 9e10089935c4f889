#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/status.h"

static void strerror__has_a_line_of_its_own_for_every_status(void **state)
{
    (void)state;
    for (px_status i = PX_OK; i < PX_STATUS_COUNT; i++) {
        assert_string_not_equal(px_strerror(i), "unknown status");
        for (px_status j = PX_OK; j < i; j++)
            assert_string_not_equal(px_strerror(i), px_strerror(j));
    }
}

static void strerror__knows_no_number_outside_the_table(void **state)
{
    (void)state;
    assert_string_equal(px_strerror(PX_STATUS_COUNT), "unknown status");
    assert_string_equal(px_strerror((px_status)-1), "unknown status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strerror__has_a_line_of_its_own_for_every_status),
        cmocka_unit_test(strerror__knows_no_number_outside_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
