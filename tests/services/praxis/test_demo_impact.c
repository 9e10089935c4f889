/* test_demo_impact.c: what was said last of impact counts, and follow-ups are counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>
#include <cmocka.h>

#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/praxis/demo_impact.h"

static px_impact impact;

static int setup(void **state)
{
    (void)state;
    impact = (px_impact){ 0 };
    return 0;
}

static void hear(const char *name, const void *message)
{
    px_demo_event event = { .name = name, .message = message };

    px_impact_hear(&impact, &event);
}

static void hear_impact(const char *competency_id, const char *item_id, double effect, bool shown)
{
    LearningRecommender__ImpactUpdated m = LEARNING_RECOMMENDER__IMPACT_UPDATED__INIT;

    m.competency_id = (char *)(uintptr_t)competency_id;
    m.item_id = (char *)(uintptr_t)item_id;
    m.effect = effect;
    m.follow_ups = 7;
    m.verdict = shown ? LEARNING_RECOMMENDER__VERDICT__VERDICT_ASSOCIATED
                      : LEARNING_RECOMMENDER__VERDICT__VERDICT_NOT_ENOUGH_EVIDENCE;
    hear("ImpactUpdated", &m);
}

static void impact__the_last_word_of_each_counts(void **state)
{
    (void)state;
    hear_impact("sql", "", .1, false);
    hear_impact("sql", "course-1", .2, false);
    hear_impact("sql", "", .4, true);
    assert_int_equal(impact.count, 2);
    assert_true(impact.rows[0].effect == .4 && impact.rows[0].associated);
    assert_string_equal(impact.rows[1].item_id, "course-1");
    assert_false(impact.rows[1].associated);
}

static void follow_ups__due_answered_and_overdue_are_counted(void **state)
{
    LearningRecommender__FollowUpRecorded m = LEARNING_RECOMMENDER__FOLLOW_UP_RECORDED__INIT;

    (void)state;
    m.before = 2.5;
    m.after = 3.5;
    hear("FollowUpRecorded", &m);
    m.at_level = 1;
    hear("FollowUpRecorded", &m);
    hear("FollowUpOverdue", &m);
    for (int i = 0; i < 3; i++)
        hear("FollowUpDue", &m);
    hear("PlanProposed", &m);
    assert_int_equal(impact.due, 3);
    assert_int_equal(impact.answered, 2);
    assert_int_equal(impact.at_level, 1);
    assert_int_equal(impact.overdue, 1);
    assert_true(impact.before == 5.0 && impact.after == 7.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(impact__the_last_word_of_each_counts, setup),
        cmocka_unit_test_setup(follow_ups__due_answered_and_overdue_are_counted, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
