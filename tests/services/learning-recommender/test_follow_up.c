/* test_follow_up.c: L9: learning is looked at again: asked once, answered once, and what did not
 * help is not tried again first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures.h"

enum {
    SELF = 1,
    RELABELLED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED,
    MANAGER = 2,
    DUE_DAYS = 42 + 91
};

static int64_t day(int days)
{
    return SPEC_START_US + days * DAY_US;
}

static LearningRecommender__Submission *define_kind(spec *s, const char *item_id,
                                                    LearningRecommender__ItemKind kind)
{
    LearningRecommender__Submission *sub = define_item(s, item_id, 9, "speaking");

    sub->define_catalogue_item->kind = kind;
    return sub;
}

/* Ann has completed "stage" for speaking, and it is time to rate again. */
static void given_asked(spec *s)
{
    given_item(s, "stage", 8, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, day(DUE_DAYS));
    then_fact(s, FOLLOW_UP_DUE);
    then_no_more_facts(s);
}

static void follow_up__is_recorded_when_everybody_asked_has_rated(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 4);
    given_level(s, "ann", "speaking", 3.8);
    then_no_more_facts(s); /* ann has not rated yet */
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 4);
    then_no_more_facts(s); /* what that means for the level is not known yet */
    given_gap_closed(s, "ann", "speaking", 3.9, BY_EVIDENCE);

    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->plan_id, "ann-1");
    assert_string_equal(f->competency_id, "speaking");
    assert_true(f->before == 2 && f->after == 3.9 && f->target == 4);
    assert_true(f->at_level);
    assert_int_equal(f->n_review_ids, 2);
    assert_string_equal(f->review_ids[0], "r5");
    assert_string_equal(f->review_ids[1], "r6");
    assert_int_equal(f->n_item_ids, 1);
    assert_string_equal(f->item_ids[0], "stage");
    then_no_more_facts(s);
    const LearningRecommender__FollowUpRecorded *e = then_event(s, "FollowUpRecorded");
    assert_true(e->at_level && e->before == 2 && e->after == 3.9);
    assert_int_equal(e->n_review_ids, 2);
    when_now_is(s, day(DUE_DAYS + 400));
    then_no_more_facts(s);
}

static void follow_up__does_not_wait_for_a_level_that_does_not_move(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 2);
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 2);
    then_no_more_facts(s);
    when_now_is(s, day(DUE_DAYS + 1));
    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_true(f->before == 2 && f->after == 2 && !f->at_level);
}

/* Given before the day, it is about the time before. */
static void follow_up__earlier_ratings_do_not_count(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 8, "speaking");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, day(DUE_DAYS - 2));
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 4);
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 4);
    given_level(s, "ann", "speaking", 3);
    when_now_is(s, day(DUE_DAYS));
    then_fact(s, FOLLOW_UP_DUE);
    then_no_more_facts(s);
}

static void follow_up__two_weeks_late_is_recorded_from_whoever_has_rated(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 3);
    given_level(s, "ann", "speaking", 2.8);
    when_now_is(s, day(DUE_DAYS + 13));
    then_no_more_facts(s);
    when_now_is(s, day(DUE_DAYS + 14));
    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_int_equal(f->n_review_ids, 1);
    assert_true(f->after == 2.8 && !f->at_level);
    then_no_more_facts(s);
}

static void follow_up__is_overdue_once_and_still_recorded_later(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    when_now_is(s, day(DUE_DAYS + 14));
    const LearningRecommenderFact__FollowUpOverdue *f = then_fact(s, FOLLOW_UP_OVERDUE);
    assert_string_equal(f->plan_id, "ann-1");
    assert_int_equal(f->n_rater_ids, 2);
    assert_string_equal(f->rater_ids[0], "boss");
    assert_string_equal(f->rater_ids[1], "ann");
    assert_int_equal(f->due_at_us, day(DUE_DAYS));
    then_no_more_facts(s);
    then_event(s, "FollowUpOverdue");
    when_now_is(s, day(DUE_DAYS + 60));
    then_no_more_facts(s);

    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 3);
    given_level(s, "ann", "speaking", 2.8);
    then_fact(s, FOLLOW_UP_RECORDED);
    then_no_more_facts(s);
}

static void follow_up__without_a_manager_is_the_persons_own(void **ctx)
{
    spec *s = *ctx;

    given_person(s, "solo", "");
    given_role(s, "solo", "dev");
    given_item(s, "stage", 8, "speaking");
    given_gap(s, "solo", "speaking", 2);
    given_done(s, complete_item(s, "solo", "stage"));
    when_now_is(s, day(DUE_DAYS));
    const LearningRecommenderFact__FollowUpDue *due = then_fact(s, FOLLOW_UP_DUE);
    assert_int_equal(due->n_rater_ids, 1);
    given_review(s, "r6", "solo", "solo", SELF, "speaking", 3);
    given_level(s, "solo", "speaking", 2.2);
    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->review_ids[0], "r6");
}

static void when_found_wanting(spec *s)
{
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 2);
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 2);
    given_level(s, "ann", "speaking", 2.1);
    then_fact(s, FOLLOW_UP_RECORDED);
}

/* A course did not do it: a task comes first, though another course would usually bring more. */
static void follow_up__found_wanting_leads_to_another_approach(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    when_found_wanting(s);
    given_done(s, define_kind(s, "talks", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE));
    given_done(s, define_kind(s, "toast", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK));
    given_gap(s, "bob", "speaking", 2.1); /* nothing was tried with bob */
    assert_string_equal(get_plan(s, "bob", "bob", "")->items[0]->learning->item_id, "talks");
    given_level(s, "ann", "speaking", 2.1);
    assert_string_equal(get_plan(s, "ann", "ann", "")->items[0]->learning->item_id, "toast");
}

static void follow_up__found_wanting_revises_the_open_plan(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *toast;

    given_asked(s);
    given_done(s, define_kind(s, "talks", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE));
    toast = define_kind(s, "toast", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK);
    toast->define_catalogue_item->hours = 12; /* with the other it does not fit */
    given_done(s, toast);
    assert_int_equal(get_plan(s, "ann", "ann", "")->n_items, 1);
    assert_string_equal(get_plan(s, "ann", "ann", "")->items[0]->learning->item_id, "talks");
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 2);
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 2);
    given_level(s, "ann", "speaking", 2.0);
    then_fact(s, FOLLOW_UP_RECORDED);
    const LearningRecommenderFact__PlanRevised *f = then_fact(s, REVISED);
    then_items(f->items, f->n_items, "toast");
}

/* Reached in the end: nothing is held against a kind of learning any more. */
static void follow_up__at_level_forgets_what_was_found_wanting(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    when_found_wanting(s);
    given_done(s, define_kind(s, "toast", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK));
    given_done(s, complete_item(s, "ann", "toast"));
    when_now_is(s, day(DUE_DAYS + 15 + DUE_DAYS));
    then_some_fact(s, FOLLOW_UP_DUE);
    given_review(s, "r7", "boss", "ann", MANAGER, "speaking", 5);
    given_review(s, "r8", "ann", "ann", SELF, "speaking", 5);
    given_gap_closed(s, "ann", "speaking", 4.2, BY_EVIDENCE);
    const LearningRecommenderFact__FollowUpRecorded *f = then_some_fact(s, FOLLOW_UP_RECORDED);
    assert_true(f->at_level);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, define_kind(s, "debate", LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE));
    assert_string_equal(get_plan(s, "ann", "ann", "")->items[0]->learning->item_id, "debate");
}

static void follow_up__of_who_left_or_was_erased_is_over(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_person_left(s, "ann", "boss");
    when_now_is(s, day(DUE_DAYS + 20));
    then_no_more_facts(s);
    given_person_erased(s, "ann");
    when_now_is(s, day(DUE_DAYS + 40));
    then_no_more_facts(s);
    then_no_more_facts(s);
    given_person(s, "ann", "boss"); /* somebody new with her id */
    given_role(s, "ann", "dev");
    when_now_is(s, day(DUE_DAYS + 60));
    then_no_more_facts(s);
}

/* Fixture I: what was begun is not taken away, but nobody asks for it any more. */
static void withdrawn_ratings__leave_a_started_plan_voluntary(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 8, "speaking");
    given_review(s, "r1", "boss", "ann", MANAGER, "speaking", 1);
    given_gap(s, "ann", "speaking", 2);
    given_done(s, start_item(s, "ann", "stage"));
    given_review_withdrawn(s, "r1", "boss", "ann", MANAGER, "speaking");
    given_gap_closed(s, "ann", "speaking", 3, BY_WITHDRAWAL);
    const LearningRecommenderFact__PlanRelabelled *f = then_some_fact(s, RELABELLED);
    assert_string_equal(f->plan_id, "ann-1");
    assert_true(f->voluntary);
    then_no_more_facts(s);
    assert_true(get_plan(s, "ann", "ann", "")->voluntary);
    assert_int_equal(get_plan(s, "ann", "ann", "")->ended, 0);

    given_gap(s, "ann", "speaking", 2); /* rated low once more */
    f = then_some_fact(s, RELABELLED);
    assert_false(f->voluntary);
    then_no_more_facts(s);
}

/* Of two items for speaking ann has done one, and the one for writing. */
static void follow_up__of_two_competencies_each_by_itself(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 4, "speaking");
    given_item(s, "talks", 5, "speaking");
    given_item(s, "pen", 4, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 1.5);
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, complete_item(s, "ann", "pen"));
    when_now_is(s, day(DUE_DAYS));
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 2);
    given_review(s, "r5", "boss", "ann", MANAGER, "writing", 3);
    given_review(s, "r6", "ann", "ann", SELF, "writing", 3);
    given_level(s, "ann", "speaking", 2.2); /* of the other one: it is no answer */
    then_no_more_facts(s);
    given_level(s, "ann", "writing", 2.5);
    const LearningRecommenderFact__FollowUpRecorded *f = then_some_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->competency_id, "writing");
    assert_true(f->before == 1.5 && f->after == 2.5 && f->target == 3.5);
    assert_int_equal(f->n_item_ids, 1);
    assert_string_equal(f->item_ids[0], "pen");
    given_review(s, "r7", "boss", "ann", MANAGER, "writing", 4); /* it is over */
    given_review(s, "r8", "boss", "ann", MANAGER, "speaking", 3);
    given_review(s, "r9", "ann", "ann", SELF, "speaking", 3);
    given_level(s, "ann", "speaking", 2.6);
    f = then_some_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->competency_id, "speaking");
    assert_int_equal(f->n_item_ids, 1);
    assert_string_equal(f->item_ids[0], "stage");
    given_person(s, "ann", "hanna"); /* with another manager nothing is asked anew */
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
}

static void follow_up__overdue_reminds_only_who_is_there(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_person_left(s, "boss", "");
    when_now_is(s, day(DUE_DAYS + 14));
    const LearningRecommenderFact__FollowUpOverdue *f = then_fact(s, FOLLOW_UP_OVERDUE);
    assert_int_equal(f->n_rater_ids, 1);
    assert_string_equal(f->rater_ids[0], "ann");
}

/* There was no manager to be asked, and there is one now. */
static void follow_up__overdue_reminds_only_who_was_asked(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 8, "speaking");
    given_person(s, "ann", "");
    given_gap(s, "ann", "speaking", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, day(DUE_DAYS));
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 1);
    given_person(s, "ann", "boss");
    when_now_is(s, day(DUE_DAYS + 14));
    const LearningRecommenderFact__FollowUpOverdue *f = then_fact(s, FOLLOW_UP_OVERDUE);
    assert_int_equal(f->n_rater_ids, 1);
    assert_string_equal(f->rater_ids[0], "ann");
}

static void follow_up__names_the_newest_rating_of_each(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    given_review(s, "r4", "ann", "ann", SELF, "speaking", 3); /* ann first: boss is waited for */
    given_level(s, "ann", "speaking", 2.4);
    then_no_more_facts(s);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 3);
    when_now_is(s, day(DUE_DAYS) + DAY_US / 4);
    given_review(s, "r6", "boss", "ann", MANAGER, "speaking", 4);
    given_level(s, "ann", "speaking", 3);
    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_int_equal(f->n_review_ids, 2);
    assert_string_equal(f->review_ids[0], "r6");
    assert_string_equal(f->review_ids[1], "r4");
}

/* Late, but what competency makes of it is waited for, a day at most. */
static void follow_up__rated_just_before_it_is_late(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    when_now_is(s, day(DUE_DAYS + 13) + DAY_US / 2);
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 3);
    when_now_is(s, day(DUE_DAYS + 14));
    then_no_more_facts(s);
    when_now_is(s, day(DUE_DAYS + 14) + DAY_US / 2);
    const LearningRecommenderFact__FollowUpRecorded *f = then_fact(s, FOLLOW_UP_RECORDED);
    assert_int_equal(f->n_review_ids, 1);
}

/* Given before it was due, and heard of only afterwards. */
static void follow_up__a_rating_from_before_is_none_whenever_it_is_heard(void **ctx)
{
    spec *s = *ctx;

    given_asked(s);
    spec_set_now(s, day(DUE_DAYS - 1));
    given_review(s, "r5", "boss", "ann", MANAGER, "speaking", 4);
    given_review(s, "r6", "ann", "ann", SELF, "speaking", 4);
    spec_set_now(s, day(DUE_DAYS));
    given_level(s, "ann", "speaking", 3);
    then_no_more_facts(s);
    when_now_is(s, day(DUE_DAYS + 2));
    then_no_more_facts(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(follow_up__is_recorded_when_everybody_asked_has_rated),
        TEST(follow_up__does_not_wait_for_a_level_that_does_not_move),
        TEST(follow_up__earlier_ratings_do_not_count),
        TEST(follow_up__two_weeks_late_is_recorded_from_whoever_has_rated),
        TEST(follow_up__is_overdue_once_and_still_recorded_later),
        TEST(follow_up__without_a_manager_is_the_persons_own),
        TEST(follow_up__found_wanting_leads_to_another_approach),
        TEST(follow_up__found_wanting_revises_the_open_plan),
        TEST(follow_up__at_level_forgets_what_was_found_wanting),
        TEST(withdrawn_ratings__leave_a_started_plan_voluntary),
        TEST(follow_up__of_two_competencies_each_by_itself),
        TEST(follow_up__overdue_reminds_only_who_is_there),
        TEST(follow_up__overdue_reminds_only_who_was_asked),
        TEST(follow_up__names_the_newest_rating_of_each),
        TEST(follow_up__rated_just_before_it_is_late),
        TEST(follow_up__a_rating_from_before_is_none_whenever_it_is_heard),
        TEST(follow_up__of_who_left_or_was_erased_is_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
