/* Tests of said.h: when there is something to say, as plain arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/competency/said.h"

static void waits__needs_three_or_something_open(void **ctx)
{
    said_record said = { 0 };

    (void)ctx;
    assert_false(said_waits(&said));
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_true(said_waits(&said));
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_true(said_waits(&said));
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_false(said_waits(&said));
}

static void open__uncovers_what_is_unsaid(void **ctx)
{
    said_record said = { 0 };

    (void)ctx;
    said_hear(&said, true, CHANGE_EVIDENCE);
    said_hear(&said, false, CHANGE_LEARNING);
    assert_false(said_waits(&said));
    assert_int_equal(said.reason, CHANGE_LEARNING);
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_false(said_waits(&said)); /* the open one is not said yet */
    said.told = 2;
    assert_true(said_waits(&said)); /* now it is, and the third stands alone */
}

/* What arrived between the decision and its batch is not counted as said. */
static void told__counts_from_what_was_heard_then(void **ctx)
{
    said_record said = { 0 };

    (void)ctx;
    for (int i = 0; i < 4; i++)
        said_hear(&said, true, CHANGE_EVIDENCE);
    said.told = 3;
    assert_true(said_waits(&said));
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_true(said_waits(&said));
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_false(said_waits(&said));
}

static void skip__takes_a_number_and_uncovers_nothing(void **ctx)
{
    said_record said = { 0 };

    (void)ctx;
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_int_equal(said_skip(&said), 2);
    assert_true(said_waits(&said));
    assert_int_equal(said_hear(&said, true, CHANGE_EVIDENCE), 3);
}

static void share__uncovers_all_so_far(void **ctx)
{
    said_record said = { 0 };

    (void)ctx;
    said_hear(&said, true, CHANGE_EVIDENCE);
    said_share(&said);
    assert_false(said_waits(&said));
    said.told = said.heard;
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_true(said_waits(&said));
}

static const figures level = { .known = true, .mu = 3, .var = .25, .assessed = true };

static void level__is_news_from_a_hundredth_on(void **ctx)
{
    said_record said = { .level = level };
    figures now = level;

    (void)ctx;
    assert_false(said_level_is_news(&said, &now));
    now.mu = 3.009;
    assert_false(said_level_is_news(&said, &now));
    now.mu = 2.98;
    assert_true(said_level_is_news(&said, &now));
    now = level;
    now.var = .50 * .50 - .0098; /* deviation .4901 */
    assert_false(said_level_is_news(&said, &now));
    now.var = .489 * .489;
    assert_true(said_level_is_news(&said, &now));
}

static void level__is_news_when_it_comes_and_goes(void **ctx)
{
    said_record never = { 0 }, said = { .level = level };
    figures nothing = { 0 };

    (void)ctx;
    assert_true(said_level_is_news(&never, &level));
    assert_true(said_level_is_news(&said, &nothing));
    assert_false(said_level_is_news(&never, &nothing));
}

static void showable__is_what_was_said_while_it_waits(void **ctx)
{
    said_record said = { .level = level };
    figures now = level;

    (void)ctx;
    now.mu = 1;
    said_hear(&said, true, CHANGE_EVIDENCE);
    assert_true(said_showable(&said, &now).mu == 3);
    now.assessed = false; /* all ratings by others are withdrawn */
    assert_true(said_showable(&said, &now).mu == 1);
}

static void gap__of_a_level_nobody_knows_is_closed(void **ctx)
{
    said_gap said = { .open = true, .mu = 2, .asked = { .role_id = "r", .target = 4 } };
    figures nothing = { 0 };
    px_requirement role = { .role_id = "r", .target = 4 };

    (void)ctx;
    assert_int_equal(said_gap_news(&said, &nothing, &role, true), PX_GAP_CLOSED);
    said.open = false;
    assert_int_equal(said_gap_news(&said, &nothing, &role, true), PX_GAP_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits__needs_three_or_something_open),
        cmocka_unit_test(open__uncovers_what_is_unsaid),
        cmocka_unit_test(told__counts_from_what_was_heard_then),
        cmocka_unit_test(skip__takes_a_number_and_uncovers_nothing),
        cmocka_unit_test(share__uncovers_all_so_far),
        cmocka_unit_test(level__is_news_from_a_hundredth_on),
        cmocka_unit_test(level__is_news_when_it_comes_and_goes),
        cmocka_unit_test(showable__is_what_was_said_while_it_waits),
        cmocka_unit_test(gap__of_a_level_nobody_knows_is_closed),
    };

    return cmocka_run_group_tests_name("competency said", tests, NULL, NULL);
}
