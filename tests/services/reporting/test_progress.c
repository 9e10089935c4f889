/* Tests of reporting: a cycle's progress and a unit's plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/services/reporting/fixtures.h"

enum {
    SELF = REVIEW_CYCLE__RELATION__RELATION_SELF,
    MANAGER = REVIEW_CYCLE__RELATION__RELATION_MANAGER,
    PEER = REVIEW_CYCLE__RELATION__RELATION_PEER,
    REPORT = REVIEW_CYCLE__RELATION__RELATION_REPORT,
    PROPOSED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED,
    STARTED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED,
    COMPLETED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED
};

/* Unit "x" with x-0 to x-4, and cycle "q1". */
static int setup_people(void **state)
{
    spec *s;

    setup_reporting(state);
    s = *state;
    given_framework(s);
    given_team(s, "x", 5, 0, 0);
    given_cycle(s, "q1");
    return 0;
}

/* ---- cycles ---- */

static void then_reviews(spec *s, uint32_t self, uint32_t manager, uint32_t peer, uint32_t report)
{
    const Reporting__CycleProgress *progress = progress_of(s, "q1");

    assert_int_equal(progress->self_reviews, self);
    assert_int_equal(progress->manager_reviews, manager);
    assert_int_equal(progress->peer_reviews, peer);
    assert_int_equal(progress->report_reviews, report);
    then_bucket_is_current(s);
}

static void cycle__has_label_phase_and_people(void **ctx)
{
    spec *s = *ctx;
    const Reporting__CycleProgress *progress = progress_of(s, "q1");

    assert_string_equal(progress->label, "Cycle q1");
    assert_int_equal(progress->phase, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT);
    assert_int_equal(progress->people, 5);
    assert_true(progress->as_of_seq > 0);
    given_phase(s, "q1", REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING);
    assert_int_equal(progress_of(s, "q1")->phase, REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING);
    given_person(s, "ann", "y");
    assert_int_equal(progress_of(s, "q1")->people, 6);
    given_left(s, "ann", "y");
    given_left(s, "ann", "y");
    given_left(s, "x-0", "x");
    assert_int_equal(progress_of(s, "q1")->people, 4);
    given_phase(s, "unheard-of", REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING);
    then_bucket_is_current(s);
}

static void reviews__are_counted_by_relation(void **ctx)
{
    spec *s = *ctx;

    then_reviews(s, 0, 0, 0, 0);
    given_review(s, "r1", "x-0", SELF);
    given_review(s, "r2", "x-1", SELF);
    given_review(s, "r3", "x-0", MANAGER);
    given_review(s, "r4", "x-0", PEER);
    given_review(s, "r5", "x-0", PEER);
    given_review(s, "r6", "x-1", PEER);
    given_review(s, "r7", "x-1", REPORT);
    then_reviews(s, 2, 1, 3, 1);
}

static void reviews__two_managers_of_one_person_are_one_person(void **ctx)
{
    spec *s = *ctx;

    given_review(s, "r1", "x-0", MANAGER);
    given_review(s, "r2", "x-0", MANAGER);
    then_reviews(s, 0, 1, 0, 0);
    given_review_withdrawn(s, "r1", "x-0");
    then_reviews(s, 0, 1, 0, 0);
    given_review_withdrawn(s, "r2", "x-0");
    then_reviews(s, 0, 0, 0, 0);
}

static void reviews__withdrawn_are_not_counted(void **ctx)
{
    spec *s = *ctx;

    given_review(s, "r1", "x-0", SELF);
    given_review(s, "r2", "x-0", PEER);
    given_review(s, "r3", "x-0", REPORT);
    given_review_withdrawn(s, "r1", "x-0");
    given_review_withdrawn(s, "r2", "x-0");
    given_review_withdrawn(s, "r3", "x-0");
    then_reviews(s, 0, 0, 0, 0);
    given_review_withdrawn(s, "r3", "x-0");
    then_reviews(s, 0, 0, 0, 0);
    given_review(s, "r4", "x-0", SELF);
    then_reviews(s, 1, 0, 0, 0);
}

static void cycle_query__says_what_the_bucket_says(void **ctx)
{
    Reporting__GetCycleProgress question = REPORTING__GET_CYCLE_PROGRESS__INIT;
    char cycle_id[] = "q1", nothing[] = "q2";
    spec *s = *ctx;

    given_review(s, "r1", "x-0", SELF);
    question.cycle_id = cycle_id;
    const Reporting__CycleProgress *progress = then_answer(s, "GetCycleProgress", &question);
    assert_string_equal(progress->cycle_id, "q1");
    assert_string_equal(progress->label, "Cycle q1");
    assert_int_equal(progress->people, 5);
    assert_int_equal(progress->self_reviews, 1);
    assert_int_equal(progress->as_of_seq, px_view_cursor(spec_state(s)));
    question.cycle_id = nothing;
    then_refused(s, "GetCycleProgress", &question, PX_REASON_NOT_FOUND);
}

/* ---- plans ---- */

static void then_plans(spec *s, uint32_t proposed, uint32_t under_way, uint32_t completed,
                       uint32_t ended_otherwise, uint32_t items_completed)
{
    const Reporting__PlanCounts *counts = plans_of(s, "x");

    assert_int_equal(counts->people, 5);
    assert_int_equal(counts->proposed, proposed);
    assert_int_equal(counts->under_way, under_way);
    assert_int_equal(counts->completed, completed);
    assert_int_equal(counts->ended_otherwise, ended_otherwise);
    assert_int_equal(counts->items_completed, items_completed);
    then_bucket_is_current(s);
}

static void plans__go_from_proposed_to_completed(void **ctx)
{
    spec *s = *ctx;

    then_plans(s, 0, 0, 0, 0, 0);
    given_plan(s, "x-0", "plan-0", PROPOSED);
    then_plans(s, 1, 0, 0, 0, 0);
    given_item_started(s, "x-0", "plan-0");
    then_plans(s, 0, 1, 0, 0, 0);
    given_item_completed(s, "x-0", "plan-0");
    then_plans(s, 0, 1, 0, 0, 1);
    given_plan_ended(s, "x-0", "plan-0", LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED);
    then_plans(s, 0, 0, 1, 0, 1);
    given_plan_reopened(s, "x-0", "plan-0");
    then_plans(s, 0, 1, 0, 0, 1);
    given_plan_ended(s, "x-0", "plan-0", LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED);
    then_plans(s, 0, 0, 1, 0, 1);
    given_plan(s, "x-0", "plan-1", PROPOSED);
    then_plans(s, 1, 0, 1, 0, 1);
}

static void plans__that_end_another_way(void **ctx)
{
    static const uint32_t reasons[] = {
        LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED,
        LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN,
        LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE,
    };
    spec *s = *ctx;

    for (uint32_t i = 0; i < PX_COUNT(reasons); i++) {
        const char *person_id = px_arena_printf(spec_arena(s), "x-%u", i);

        given_plan(s, person_id, "plan", PROPOSED);
        given_plan_ended(s, person_id, "plan", reasons[i]);
        then_plans(s, 0, 0, 0, i + 1, 0);
    }
    given_plan_ended(s, "x-0", "plan", reasons[0]); /* not open: nothing ends */
    then_plans(s, 0, 0, 0, 3, 0);
}

static void plans__with_something_started_are_under_way(void **ctx)
{
    spec *s = *ctx;

    given_plan(s, "x-0", "a", STARTED);
    given_plan(s, "x-1", "b", COMPLETED);
    given_plan(s, "x-2", "c", PROPOSED);
    then_plans(s, 1, 2, 0, 0, 0);
    given_plan_revised(s, "x-2", "c", PROPOSED);
    then_plans(s, 1, 2, 0, 0, 0);
    given_plan_revised(s, "x-2", "another", STARTED);
    then_plans(s, 1, 2, 0, 0, 0);
    given_plan_revised(s, "x-2", "c", STARTED);
    then_plans(s, 0, 3, 0, 0, 0);
    given_plan_revised(s, "x-2", "c", PROPOSED); /* what was started is no longer in it */
    then_plans(s, 0, 3, 0, 0, 0);
}

static void plans__items_beside_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_plan(s, "x-0", "plan-0", PROPOSED);
    given_item_started(s, "x-0", "");
    given_item_completed(s, "x-0", "");
    then_plans(s, 1, 0, 0, 0, 1);
    given_item_started(s, "x-1", ""); /* no plan at all */
    given_item_completed(s, "x-1", "");
    then_plans(s, 1, 0, 0, 0, 2);
    given_item_completed(s, "x-0", "plan-0");
    then_plans(s, 0, 1, 0, 0, 3);
}

static void plans__follow_the_person(void **ctx)
{
    spec *s = *ctx;

    given_team(s, "y", 5, 0, 0);
    given_plan(s, "y-0", "plan-0", PROPOSED);
    then_plans(s, 0, 0, 0, 0, 0);
    given_person(s, "y-0", "x");
    given_left(s, "x-1", "x");
    then_plans(s, 1, 0, 0, 0, 0);
    given_left(s, "y-0", "x");
    given_item_started(s, "y-0", "plan-0");
    given_person(s, "x-1", "x");
    then_plans(s, 0, 0, 0, 0, 0);
    given_left(s, "x-1", "x");
    given_person(s, "y-0", "x");
    then_plans(s, 0, 1, 0, 0, 0);
}

static void plans__of_a_small_unit_are_withheld(void **ctx)
{
    spec *s = *ctx;

    given_plan(s, "x-0", "plan-0", PROPOSED);
    given_left(s, "x-1", "x");
    const Reporting__PlanFigures *plans =
        report_of(s, "plans.x", &reporting__plan_figures__descriptor);
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_WITHHELD_BELOW);
    assert_int_equal(plans->withheld_below, 5);
    then_bucket_is_current(s);
}

static void plans_query__says_what_the_bucket_says(void **ctx)
{
    Reporting__GetPlanFigures question = REPORTING__GET_PLAN_FIGURES__INIT;
    char x[] = "x", y[] = "y", nowhere[] = "nowhere";
    spec *s = *ctx;

    given_plan(s, "x-0", "plan-0", PROPOSED);
    question.unit_id = x;
    const Reporting__PlanFigures *plans = then_answer(s, "GetPlanFigures", &question);
    assert_string_equal(plans->unit_id, "x");
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_COUNTS);
    assert_int_equal(plans->counts->people, 5);
    assert_int_equal(plans->counts->proposed, 1);
    assert_int_equal(plans->as_of_seq, px_view_cursor(spec_state(s)));
    question.unit_id = y;
    plans = then_answer(s, "GetPlanFigures", &question);
    assert_int_equal(plans->content_case, REPORTING__PLAN_FIGURES__CONTENT_WITHHELD_BELOW);
    question.unit_id = nowhere;
    then_refused(s, "GetPlanFigures", &question, PX_REASON_NOT_FOUND);
}

/* ---- keys ---- */

static void report__keys_of_nothing_are_left_alone(void **ctx)
{
    static const char *const keys[] = { "",          "plans",     "plans.nowhere", "cycle.q2",
                                        "heatmap.x", "other.x.c", "plans.x.c",     "impact.c" };

    for (size_t i = 0; i < PX_COUNT(keys); i++)
        assert_null(rendered(*ctx, keys[i]));
    assert_non_null(rendered(*ctx, "plans.x"));
}

#define people_test(name)                                                                          \
    cmocka_unit_test_setup_teardown(name, setup_people, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        people_test(cycle__has_label_phase_and_people),
        people_test(reviews__are_counted_by_relation),
        people_test(reviews__two_managers_of_one_person_are_one_person),
        people_test(reviews__withdrawn_are_not_counted),
        people_test(cycle_query__says_what_the_bucket_says),
        people_test(plans__go_from_proposed_to_completed),
        people_test(plans__that_end_another_way),
        people_test(plans__with_something_started_are_under_way),
        people_test(plans__items_beside_the_plan),
        people_test(plans__follow_the_person),
        people_test(plans__of_a_small_unit_are_withheld),
        people_test(plans_query__says_what_the_bucket_says),
        people_test(report__keys_of_nothing_are_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
