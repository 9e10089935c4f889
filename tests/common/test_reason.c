#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/reason.h"

static void reasons__have_codes_that_are_found_again(void **state)
{
    (void)state;
    for (int i = PX_REASON_NONE + 1; i < PX_REASON_COUNT; i++) {
        px_reason reason = (px_reason)i;
        assert_int_equal(px_reason_from_code(px_reason_code(reason)), reason);
        assert_true(strlen(px_reason_text(reason)) > 10);
    }
    assert_string_equal(px_reason_code(PX_REASON_PERSON_UNKNOWN), "PERSON_UNKNOWN");
    assert_int_equal(px_reason_from_code(""), PX_REASON_NONE);
    assert_int_equal(px_reason_from_code("NO_SUCH_REASON"), PX_REASON_NONE);
    assert_string_equal(px_reason_code((px_reason)PX_REASON_COUNT), "");
    assert_string_equal(px_reason_text((px_reason)PX_REASON_COUNT), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons__have_codes_that_are_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
