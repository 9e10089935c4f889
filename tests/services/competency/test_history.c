/* Tests of competency (I6): what is taken over from another system's past counts as of its dates,
 * and is no reason to act by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures.h"

static void given_history(spec *s)
{
    given_done(s, assign_role(s, "ann", "analyst"));
    spec_set_history(s, true);
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 1, -800);
    given_rating(s, "r2", "boss", MANAGER, "ann", "sql", 2, -400);
    spec_set_history(s, false);
}

static void history__gives_levels_as_of_its_dates(void **ctx)
{
    spec *s = *ctx;

    given_history(s);
    figures level = said_of(s, "ann", "sql").level;
    assert_int_equal(level.manager, 2);
    assert_true(level.as_of_us == SPEC_START_US - 400 * DAY_US);
}

static void history__alone_opens_a_gap_that_says_so(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    spec_set_history(s, true);
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 1, -800);
    spec_set_history(s, false);
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_true(f->from_history);
    const Competency__GapOpened *event = then_event(s, "GapOpened");
    assert_true(event->from_history);
    given_rating(s, "r3", "boss", MANAGER, "ann", "sql", 1, 0);
    const CompetencyFact__GapChanged *changed = then_some_fact(s, GAP_CHANGED);
    assert_false(changed->from_history);
}

static void history__of_a_submission_is_kept_in_the_log(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = record_assessment(s, "as1", "ann", "sql", 1.0);

    given_done(s, assign_role(s, "ann", "analyst"));
    sub->history = true;
    when(s, sub);
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_true(f->from_history);
}

static void history__after_what_is_fresh_changes_nothing_of_that(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "sql", 1, 0);
    given_rating(s, "r2", "boss", MANAGER, "ann", "sql", 1, 1);
    spec_set_history(s, true);
    given_rating(s, "r3", "pat", MANAGER, "ann", "sql", 1, -100);
    assert_true(said_of(s, "ann", "sql").fresh);
    assert_false(said_of(s, "ann", "sql").gaps[FOR_PRESENT].from_history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(history__gives_levels_as_of_its_dates),
        TEST(history__alone_opens_a_gap_that_says_so),
        TEST(history__of_a_submission_is_kept_in_the_log),
        TEST(history__after_what_is_fresh_changes_nothing_of_that),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
