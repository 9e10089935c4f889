/* Tests of learning-recommender (C9): a competency ends, and plans go on with what took its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

/* One takes the place of the other as it is; NULL: it is retired. */
static void given_replaced(spec *s, const char *old_id, const char *new_id)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    CompetencyFact__CompetencyReplaced *f =
        (CompetencyFact__CompetencyReplaced *)px_codec_set_oneof(
            fact, COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED, spec_arena(s));

    f->competency_id = px_arena_strdup(spec_arena(s), old_id);
    f->successors = px_arena_alloc(spec_arena(s), sizeof *f->successors);
    if (new_id) {
        CompetencyFact__Successor *by = (CompetencyFact__Successor *)px_codec_new(
            &competency_fact__successor__descriptor, spec_arena(s));

        by->competency_id = px_arena_strdup(spec_arena(s), new_id);
        by->share = 1.0;
        f->successors[f->n_successors++] = by;
    }
    given(s, "competency", fact);
}

enum { FOLLOW_UP_DAYS = 42 + 91 };

static void given_plan_for_speaking(spec *s)
{
    given_item(s, "stage", 6, "speaking");
    given_review(s, "r1", "boss", "ann", PX_RELATION_MANAGER, "speaking", 2);
    given_gap(s, "ann", "speaking", 2);
    then_items(then_proposed(s, "ann-1")->items, 1, "stage");
}

static void plan__goes_on_with_what_took_the_place(void **ctx)
{
    spec *s = *ctx;

    given_plan_for_speaking(s);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    then_no_more_facts(s); /* competency has not spoken yet */
    given_gap(s, "ann", "talking", 2);
    given_gap_closed(s, "ann", "speaking", 2, COMPETENCY__CHANGE_REASON__CHANGE_REASON_REPLACED);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "");
    assert_string_equal(plan->plan_id, "ann-1");
    assert_int_equal(plan->n_items, 1);
    assert_string_equal(plan->items[0]->learning->item_id, "stage");
    assert_string_equal(plan->items[0]->issue->competency_id, "talking");
    assert_string_equal(plan->items[0]->issue->ratings[0]->review_id, "r1");
}

/* Waived, and needed again since: the plan has it twice, and what is done keeps the old name. */
static void plan__with_something_done_for_the_old_one_is_revised_once(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_gap_closed(s, "ann", "speaking", 4, BY_EVIDENCE);
    given_gap(s, "ann", "speaking", 2);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_gap(s, "ann", "talking", 2);
    given_gap_closed(s, "ann", "speaking", 2, COMPETENCY__CHANGE_REASON__CHANGE_REASON_REPLACED);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    assert_int_equal(plan->n_items, 3);
    assert_string_equal(plan->items[0]->learning->item_id, "stage");
    assert_int_equal(plan->items[0]->state, STATE_WAIVED);
    assert_string_equal(plan->items[0]->issue->competency_id, "speaking");
    uint32_t revision = plan->revision;
    given_level(s, "ann", "talking", 2); /* she is looked at once more */
    assert_int_equal(get_plan(s, "ann", "ann", "ann-1")->revision, revision);
}

static void item__defined_for_the_old_one_teaches_the_new(void **ctx)
{
    spec *s = *ctx;

    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_item(s, "late", 6, "speaking");
    given_gap(s, "ann", "talking", 2);
    then_items(then_proposed(s, "ann-1")->items, 1, "late");
}

/* No role asks for coding, so nobody is told of a new target; but what taught it helps ann now. */
static void item__that_teaches_a_gap_since_is_planned_at_once(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 6, "coding");
    given_gap(s, "ann", "speaking", 2);
    then_no_more_facts(s);
    given_replaced(s, "coding", "speaking");
    then_items(then_proposed(s, "ann-1")->items, 1, "stage");
}

static void item__of_a_retired_competency_is_not_planned(void **ctx)
{
    spec *s = *ctx;

    given_plan_for_speaking(s);
    given_replaced(s, "speaking", NULL);
    given_gap_closed(s, "ann", "speaking", 2, COMPETENCY__CHANGE_REASON__CHANGE_REASON_REPLACED);
    then_ended(s, "ann-1", END_GAPS_CLOSED);
    given_gap(s, "bob", "speaking", 2);
    then_no_more_facts(s);
}

/* Ann has completed what the plan had for speaking; then that becomes talking. */
static void given_learned_and_renamed(spec *s)
{
    given_plan_for_speaking(s);
    given_done(s, complete_item(s, "ann", "stage"));
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_gap(s, "ann", "talking", 2.2);
    given_gap_closed(s, "ann", "speaking", 2, COMPETENCY__CHANGE_REASON__CHANGE_REASON_REPLACED);
}

static void follow_up__goes_on_under_the_new_id(void **ctx)
{
    spec *s = *ctx;

    given_learned_and_renamed(s);
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    const LearningRecommenderFact__FollowUpDue *due = then_some_fact(s, FOLLOW_UP_DUE);
    assert_string_equal(due->plan_id, "ann-1");
    assert_string_equal(due->competency_id, "talking");
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 1);
    given_review(s, "r5", "boss", "ann", PX_RELATION_MANAGER, "talking", 4);
    given_review(s, "r6", "ann", "ann", PX_RELATION_SELF, "talking", 4);
    given_gap_closed(s, "ann", "talking", 3.9, BY_EVIDENCE);
    const LearningRecommenderFact__FollowUpRecorded *f = then_some_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->competency_id, "talking");
    assert_true(f->before == 2 && f->after == 3.9 && f->at_level);
    assert_int_equal(f->n_item_ids, 1);
    assert_string_equal(f->item_ids[0], "stage");
    assert_int_equal(f->n_review_ids, 2);
}

/* Asked for by the old name, answered by the new one. */
static void follow_up__asked_before_is_answered_after(void **ctx)
{
    spec *s = *ctx;

    given_plan_for_speaking(s);
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    then_some_fact(s, FOLLOW_UP_DUE);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0); /* once */
    given_review(s, "r5", "boss", "ann", PX_RELATION_MANAGER, "talking", 4);
    given_review(s, "r6", "ann", "ann", PX_RELATION_SELF, "talking", 4);
    given_level(s, "ann", "talking", 4.2);
    const LearningRecommenderFact__FollowUpRecorded *f = then_some_fact(s, FOLLOW_UP_RECORDED);
    assert_string_equal(f->competency_id, "talking");
    assert_true(f->before == 2 && f->after == 4.2);
}

static void follow_up__of_a_retired_competency_is_not_asked_for(void **ctx)
{
    spec *s = *ctx;

    given_plan_for_speaking(s);
    given_done(s, complete_item(s, "ann", "stage"));
    given_replaced(s, "speaking", NULL);
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
}

/* The plan still calls it by the old name when it ends. */
static void follow_up__of_a_cancelled_plan_goes_with_it(void **ctx)
{
    spec *s = *ctx;

    given_plan_for_speaking(s);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_person_left(s, "ann", "boss");
    then_ended(s, "ann-1", END_PERSON_GONE);
    given_person(s, "ann", "boss");
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 0);
}

static void given_mentor(spec *s)
{
    LearningRecommender__OfferMentoring *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_OFFER_MENTORING, &b);

    sub->actor = px_arena_strdup(spec_arena(s), "boss");
    b->competency_ids = px_arena_alloc(spec_arena(s), sizeof *b->competency_ids);
    b->competency_ids[b->n_competency_ids++] = px_arena_strdup(spec_arena(s), "speaking");
    b->slots = 2;
    given_done(s, sub);
    sub = define_item(s, "coach", 4, "speaking");
    sub->define_catalogue_item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING;
    given_done(s, sub);
}

static void mentor__offers_what_took_the_place(void **ctx)
{
    spec *s = *ctx;

    given_mentor(s);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_level(s, "boss", "talking", 4.9);
    given_gap(s, "ann", "talking", 2.5);
    const LearningRecommenderFact__MentorSuggested *f =
        then_some_fact(s, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED);
    assert_string_equal(f->mentor_id, "boss");
    assert_string_equal(f->competency_id, "talking");
}

/* Asked by the old name, which is the one the mentor answers with. */
static void mentor__asked_before_answers_after(void **ctx)
{
    LearningRecommender__AnswerMentoring *b;
    LearningRecommender__Submission *sub;
    spec *s = *ctx;

    given_mentor(s);
    given_level(s, "boss", "speaking", 4.9);
    given_gap(s, "ann", "speaking", 2.5);
    then_some_fact(s, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_level(s, "boss", "talking", 4.9);
    given_gap(s, "ann", "talking", 2.5);
    assert_int_equal(facts_of(s, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED), 0);
    sub = submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_ANSWER_MENTORING, &b);
    sub->actor = px_arena_strdup(spec_arena(s), "boss");
    b->person_id = px_arena_strdup(spec_arena(s), "ann");
    b->competency_id = px_arena_strdup(spec_arena(s), "speaking");
    b->accepted = true;
    when(s, sub);
    then_accepted(s);
    const LearningRecommenderFact__MentoringAnswered *f =
        then_some_fact(s, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED);
    assert_string_equal(f->competency_id, "talking");
}

static void given_completed_and_asked(spec *s)
{
    given_done(s, complete_item(s, "ann", "stage"));
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    then_some_fact(s, FOLLOW_UP_DUE);
}

/* A course did not do it, whatever it is called now. */
static void found_wanting__goes_along_to_the_new_id(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *toast = define_item(s, "toast", 9, "talking");

    given_plan_for_speaking(s);
    given_completed_and_asked(s);
    given_review(s, "r5", "boss", "ann", PX_RELATION_MANAGER, "speaking", 2);
    given_review(s, "r6", "ann", "ann", PX_RELATION_SELF, "speaking", 2);
    given_level(s, "ann", "speaking", 2.1);
    then_some_fact(s, FOLLOW_UP_RECORDED);
    given_competency(s, "talking", "Talking");
    given_replaced(s, "speaking", "talking");
    given_gap(s, "ann", "talking", 2.1);
    given_item(s, "talks", 9, "talking");
    toast->define_catalogue_item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK;
    given_done(s, toast);
    given_gap(s, "bob", "talking", 2.1); /* nothing was tried with bob */
    assert_string_equal(get_plan(s, "bob", "bob", "")->items[0]->learning->item_id, "stage");
    assert_string_equal(get_plan(s, "ann", "ann", "")->items[0]->learning->item_id, "toast");
}

static int64_t merged_due_us;

static int64_t follow_ups_merged(spec *s, const char *first_id, const char *second_id)
{
    given_item(s, "stage", 6, "speaking");
    given_item(s, "pen", 6, "writing");
    given_gap(s, "ann", "speaking", 2);
    given_gap(s, "ann", "writing", 2);
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, complete_item(s, "ann", "pen"));
    given_competency(s, "rhetoric", "Rhetoric");
    given_replaced(s, first_id, "rhetoric");
    given_replaced(s, second_id, "rhetoric");
    when_now_is(s, SPEC_START_US + FOLLOW_UP_DAYS * DAY_US);
    assert_int_equal(facts_of(s, FOLLOW_UP_DUE), 1);
    const LearningRecommenderFact__FollowUpDue *f = then_some_fact(s, FOLLOW_UP_DUE);
    assert_string_equal(f->competency_id, "rhetoric");
    assert_string_equal(f->plan_id, "ann-1");
    return f->due_at_us;
}

static void follow_ups__of_two_that_were_merged_are_one(void **ctx)
{
    merged_due_us = follow_ups_merged(*ctx, "speaking", "writing");
}

static void follow_ups__are_the_same_in_whatever_order_they_were_merged(void **ctx)
{
    assert_int_equal(follow_ups_merged(*ctx, "writing", "speaking"), merged_due_us);
}

static void mentor__of_two_that_were_merged_offers_one(void **ctx)
{
    LearningRecommender__OfferMentoring *b;
    LearningRecommender__Submission *sub =
        submission_of(*ctx, LEARNING_RECOMMENDER__SUBMISSION__BODY_OFFER_MENTORING, &b);
    char *both[] = { (char *)(uintptr_t) "speaking", (char *)(uintptr_t) "writing" };
    spec *s = *ctx;

    given_mentor(s);
    sub->actor = px_arena_strdup(spec_arena(s), "boss");
    b->competency_ids = both;
    b->n_competency_ids = 2;
    b->slots = 2;
    given_done(s, sub);
    given_competency(s, "rhetoric", "Rhetoric");
    given_replaced(s, "speaking", "rhetoric");
    given_replaced(s, "writing", "rhetoric");
    given_level(s, "boss", "rhetoric", 4.9);
    given_target(s, "dev", "rhetoric", 4, 1);
    given_gap(s, "ann", "rhetoric", 2.5);
    assert_int_equal(facts_of(s, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED), 1);
}

/* It teaches nothing any more that there is a name for, and people are to take it all the same. */
static void item__of_a_retired_competency_is_in_a_template_all_the_same(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "house", 1, "coding");
    given_replaced(s, "coding", NULL);
    given_done(s, define_template(s, "welcome", "house"));
    when(s, assign_template(s, "hanna", "welcome", FOR_MANAGERS));
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    then_items(f->items, f->n_items, "house");
    assert_string_equal(f->items[0]->competency_id, "");
}

/* Speaking built on coding, which has become a part of speaking. */
static void merged__does_not_wait_for_itself(void **ctx)
{
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__PrerequisitesSet set = COMPETENCY_FACT__PREREQUISITES_SET__INIT;
    char *ids[] = { (char *)(uintptr_t) "coding" };
    spec *s = *ctx;

    set.competency_id = (char *)(uintptr_t) "speaking";
    set.requires_ids = ids;
    set.n_requires_ids = 1;
    fact.body_case = COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET;
    fact.prerequisites_set = &set;
    given_item(s, "loop", 3, "coding");
    given_item(s, "stage", 2, "speaking");
    given(s, "competency", &fact);
    given_replaced(s, "coding", "speaking");
    given_gap(s, "ann", "speaking", 2);
    const LearningRecommenderFact__PlanProposed *f = then_proposed(s, "ann-1");
    then_items(f->items, f->n_items, "stage loop");
    assert_string_equal(f->items[0]->basis_for_id, "");
    assert_string_equal(f->items[1]->basis_for_id, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(plan__goes_on_with_what_took_the_place, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(plan__with_something_done_for_the_old_one_is_revised_once,
                                        setup_team, spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(item__defined_for_the_old_one_teaches_the_new, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(item__that_teaches_a_gap_since_is_planned_at_once,
                                        setup_team, spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(item__of_a_retired_competency_is_not_planned, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_up__goes_on_under_the_new_id, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(mentor__offers_what_took_the_place, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(mentor__asked_before_answers_after, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_up__asked_before_is_answered_after, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_up__of_a_retired_competency_is_not_asked_for,
                                        setup_team, spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(found_wanting__goes_along_to_the_new_id, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_ups__of_two_that_were_merged_are_one, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(mentor__of_two_that_were_merged_offers_one, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_ups__are_the_same_in_whatever_order_they_were_merged,
                                        setup_team, spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(item__of_a_retired_competency_is_in_a_template_all_the_same,
                                        setup_team, spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(merged__does_not_wait_for_itself, setup_team,
                                        spec_teardown_looking_again),
        cmocka_unit_test_setup_teardown(follow_up__of_a_cancelled_plan_goes_with_it, setup_team,
                                        spec_teardown_looking_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
