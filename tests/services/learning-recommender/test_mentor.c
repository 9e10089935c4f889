/* test_mentor.c: the colleague who is most surely ahead and has room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/status.h"
#include "services/learning-recommender/mentor.h"

static void mentor__is_most_surely_ahead(void **ctx)
{
    static const mentor all[] = { { "ann", 4.4, 0.8, 2 }, { "bob", 4.2, 0.2, 2 } };

    (void)ctx;
    assert_int_equal(mentor_find(all, PX_COUNT(all), "zoe"), 1);
    assert_int_equal(mentor_find(all, PX_COUNT(all), "bob"), 0); /* nobody mentors themselves */
    assert_int_equal(mentor_find(all, 1, "ann"), MENTOR_NONE);
}

static void mentor__has_room(void **ctx)
{
    static const mentor all[] = { { "ann", 4.9, 0.2, 0 }, { "bob", 4.2, 0.2, 1 } };

    (void)ctx;
    assert_int_equal(mentor_find(all, PX_COUNT(all), "zoe"), 1);
}

static void tie__goes_to_the_lower_id(void **ctx)
{
    static const mentor all[] = { { "bob", 4.0, 0.2, 1 }, { "ann", 4.0, 0.2, 1 } };

    (void)ctx;
    assert_int_equal(mentor_find(all, PX_COUNT(all), "zoe"), 1);
}

static void factor__is_the_sure_lead_within_limits(void **ctx)
{
    static const mentor m = { "ann", 4.5, 1.0, 1 }; /* surely 4 */

    (void)ctx;
    assert_true(mentor_factor(&m, 3.25) == 0.75);
    assert_true(mentor_factor(&m, 4.5) == 0.0);
    assert_true(mentor_factor(&m, 1.0) == 1.5);
}

static void need__adds_up_what_is_missing(void **ctx)
{
    static const choose_competency role[] = { { 2.0, 4.0, 3.5, 0.2 }, { 3.0, 3.0, 4.0, 0.2 } };

    (void)ctx;
    assert_true(mentor_need(role, PX_COUNT(role)) == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mentor__is_most_surely_ahead),
        cmocka_unit_test(mentor__has_room),
        cmocka_unit_test(tie__goes_to_the_lower_id),
        cmocka_unit_test(factor__is_the_sure_lead_within_limits),
        cmocka_unit_test(need__adds_up_what_is_missing),
    };

    return cmocka_run_group_tests_name("mentor", tests, NULL, NULL);
}
