/* test_mentoring.c: mentors by their own offer (L11): who is suggested to whom, and answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/learning-recommender/fixtures_plan.h"

enum {
    OFFERED = LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_OFFERED,
    SUGGESTED = LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED,
    ANSWERED = LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED
};

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

/* Of one competency; NULL: no longer. */
static LearningRecommender__Submission *offer(spec *s, const char *actor, const char *competency_id,
                                              uint32_t slots)
{
    LearningRecommender__OfferMentoring *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_OFFER_MENTORING, &b);

    sub->actor = text(s, actor);
    b->slots = slots;
    b->competency_ids = px_arena_alloc(spec_arena(s), 2 * sizeof *b->competency_ids);
    if (competency_id)
        b->competency_ids[b->n_competency_ids++] = text(s, competency_id);
    return sub;
}

static LearningRecommender__Submission *answer(spec *s, const char *actor, const char *person_id,
                                               bool accepted)
{
    LearningRecommender__AnswerMentoring *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_ANSWER_MENTORING, &b);

    sub->actor = text(s, actor);
    b->person_id = text(s, person_id);
    b->competency_id = text(s, "speaking");
    b->accepted = accepted;
    return sub;
}

/* A course that plans are made of, and coaching that is worth too little an hour for that. */
static void given_catalogue(spec *s)
{
    LearningRecommender__Submission *sub = define_item(s, "coach", 30, "speaking");

    sub->define_catalogue_item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING;
    given_done(s, sub);
    given_item(s, "stage", 6, "speaking");
}

static void then_suggested(spec *s, const char *person_id, const char *mentor_id)
{
    const LearningRecommenderFact__MentorSuggested *f = then_some_fact(s, SUGGESTED);

    assert_string_equal(f->person_id, person_id);
    assert_string_equal(f->mentor_id, mentor_id);
    assert_string_equal(f->competency_id, "speaking");
    assert_string_equal(f->item_id, "coach");
}

static void suggested__only_who_offered_and_is_at_level(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_level(s, "hanna", "speaking", 4.0); /* less half a deviation: below what is asked */
    given_gap(s, "ann", "speaking", 2.5);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    when(s, offer(s, "hanna", "speaking", 2));
    then_accepted(s);
    then_event(s, "MentoringOffered");
    assert_int_equal(facts_of(s, OFFERED), 1);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    when(s, offer(s, "boss", "speaking", 2));
    then_suggested(s, "ann", "boss");
    then_event(s, "MentorSuggested");
    when(s, offer(s, "boss", "speaking", 2)); /* once */
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

static void suggested__who_comes_to_level_later(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, offer(s, "hanna", "speaking", 1));
    given_level(s, "hanna", "speaking", 4.8);
    then_suggested(s, "ann", "hanna");
}

static void suggested__no_more_people_than_slots(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 1));
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
    given_gap(s, "bob", "speaking", 2.5);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    when(s, answer(s, "boss", "ann", false)); /* the slot is free again */
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    then_suggested(s, "bob", "boss");
}

/* Nothing is said but the time: who lacks most gets the slot. */
static void slot__that_time_frees_goes_to_who_needs_it_most(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 1));
    given_person(s, "zoe", "boss");
    given_role(s, "zoe", "dev");
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
    given_done(s, answer(s, "boss", "ann", true));
    given_gap(s, "bob", "speaking", 2.5);
    given_gap(s, "zoe", "speaking", 2.0);
    when_now_is(s, SPEC_START_US + 90 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    then_suggested(s, "zoe", "boss");
    when_now_is(s, SPEC_START_US + 182 * DAY_US); /* boss has not answered, and may help bob now */
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    then_suggested(s, "bob", "boss");
}

/* Two were taken on, and one is offered now: the first that is free again is none. */
static void slot__of_an_offer_made_smaller_is_free_with_the_last(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_person(s, "zoe", "boss");
    given_role(s, "zoe", "dev");
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, answer(s, "boss", "ann", true));
    when_now_is(s, SPEC_START_US + 10 * DAY_US);
    given_gap(s, "bob", "speaking", 2.5);
    given_done(s, answer(s, "boss", "bob", true));
    given_done(s, offer(s, "boss", "speaking", 1));
    given_gap(s, "zoe", "speaking", 2.0);
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    when_now_is(s, SPEC_START_US + 101 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    then_suggested(s, "zoe", "boss");
}

static void suggested__and_not_answered_in_time_the_next_is_asked(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_level(s, "hanna", "speaking", 4.7);
    given_done(s, offer(s, "boss", "speaking", 1));
    given_done(s, offer(s, "hanna", "speaking", 1));
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    then_suggested(s, "ann", "hanna");
    when(s, answer(s, "boss", "ann", true));
    then_rejected(s, PX_REASON_MENTORING_UNKNOWN, "competency_id");
    when_now_is(s, SPEC_START_US + 182 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 0); /* nobody is asked twice */
}

static void withdrawn__is_not_suggested(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_done(s, offer(s, "boss", NULL, 0));
    given_gap(s, "ann", "speaking", 2.5);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

static void accepted__coaching_comes_into_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_gap(s, "ann", "speaking", 2.5);
    when(s, answer(s, "boss", "ann", true));
    then_accepted(s);
    const LearningRecommenderFact__ItemChosen *chosen = then_some_fact(s, CHOSEN);
    assert_string_equal(chosen->actor_id, "boss");
    const LearningRecommenderFact__MentoringAnswered *f = then_some_fact(s, ANSWERED);
    assert_string_equal(f->mentor_id, "boss");
    assert_true(f->accepted);
    const LearningRecommender__MentoringAnswered *event = then_event(s, "MentoringAnswered");
    assert_true(event->accepted);
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", "ann-1");
    bool has_coach = false;
    for (size_t i = 0; i < plan->n_items; i++)
        has_coach |=
            strcmp(plan->items[i]->learning->item_id, "coach") == 0 &&
            plan->items[i]->reason == LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_MENTORING;
    assert_true(has_coach);
}

static void declined__the_next_is_asked_and_nobody_twice(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_level(s, "hanna", "speaking", 4.7);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_done(s, offer(s, "hanna", "speaking", 2));
    given_gap(s, "ann", "speaking", 2.5);
    when(s, answer(s, "boss", "ann", false));
    then_suggested(s, "ann", "hanna");
    when(s, answer(s, "hanna", "ann", false));
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

static void erased__offers_and_suggestions_go(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "bob", "speaking", 4.9);
    given_done(s, offer(s, "bob", "speaking", 2));
    given_person_erased(s, "bob");
    assert_int_equal(records_with(s, "bob", false), 1); /* a tombstone */
    given_gap(s, "ann", "speaking", 2.5);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

/* Ann is not left waiting for the answer of somebody who is not there. */
static void left__the_next_is_asked_at_once(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_level(s, "boss", "speaking", 4.9);
    given_level(s, "hanna", "speaking", 4.7);
    given_done(s, offer(s, "boss", "speaking", 1));
    given_done(s, offer(s, "hanna", "speaking", 1));
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
    given_person_left(s, "boss", "");
    then_suggested(s, "ann", "hanna");
}

static void mentoring__rejections(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    when(s, offer(s, "nobody", "speaking", 1));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "actor");
    when(s, offer(s, "boss", "none", 1));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_ids[0]");
    when(s, offer(s, "boss", "speaking", 0));
    then_rejected(s, PX_REASON_FIELD_MISSING, "slots");
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_gap(s, "ann", "speaking", 2.5);
    when(s, answer(s, "hanna", "ann", true)); /* another one was asked */
    then_rejected(s, PX_REASON_MENTORING_UNKNOWN, "competency_id");
    given_done(s, complete_item(s, "ann", "coach"));
    when(s, answer(s, "boss", "ann", true));
    then_rejected(s, PX_REASON_ITEM_COMPLETED, "person_id");
}

/* ---- what suits ---- */

static void given_coaching(spec *s, const char *item_id, const char *competency_id,
                           double level_from, const char *required_id)
{
    LearningRecommender__Submission *sub = define_item(s, item_id, 30, competency_id);

    sub->define_catalogue_item->kind = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING;
    sub->define_catalogue_item->outcomes[0]->level_from = level_from;
    if (required_id)
        add_requires(s, sub, required_id);
    given_done(s, sub);
}

/* All of them come before "coach" by their ids. */
static void suggested__only_with_coaching_that_suits(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_coaching(s, "a-once", "speaking", 1, NULL);
    given_coaching(s, "a-once", "coding", 1, NULL); /* teaches something else now */
    given_coaching(s, "b-experts", "speaking", 5, NULL);
    given_coaching(s, "c-gone", "speaking", 1, NULL);
    given_done(s, retire_item(s, "c-gone"));
    given_coaching(s, "c-later", "speaking", 1, "stage");
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
}

static void suggested__nobody_whose_level_few_know(void **ctx)
{
    spec *s = *ctx;

    given_catalogue(s);
    given_gap_on(s, "hanna", "speaking", 4.9, (evidence){ .peer = 2, .raters = 2 });
    given_done(s, offer(s, "hanna", "speaking", 1));
    given_gap(s, "ann", "speaking", 2.5);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    given_gap_on(s, "hanna", "speaking", 4.9, (evidence){ .peer = 3, .raters = 3 });
    then_suggested(s, "ann", "hanna");
}

static LearningRecommender__Submission *offer_both(spec *s, const char *actor, uint32_t slots)
{
    LearningRecommender__Submission *sub = offer(s, actor, "speaking", slots);
    LearningRecommender__OfferMentoring *b = sub->offer_mentoring;

    b->competency_ids[b->n_competency_ids++] = text(s, "writing");
    return sub;
}

/* Boss can do both and offers both; there are two items for speaking in a plan. */
static void given_both(spec *s)
{
    given_catalogue(s);
    given_item(s, "talks", 4, "speaking");
    given_item(s, "pen", 4, "writing");
    given_coaching(s, "letters", "writing", 1, NULL);
    given_level(s, "boss", "speaking", 4.9);
    given_level(s, "boss", "writing", 4.9);
}

static void two_gaps__take_two_slots(void **ctx)
{
    spec *s = *ctx;

    given_both(s);
    given_done(s, offer_both(s, "boss", 1));
    given_person(s, "zoe", "boss");
    given_gap(s, "zoe", "speaking", 2);
    given_gap(s, "zoe", "writing", 2.5);
    given_role(s, "zoe", "dev");
    assert_int_equal(get_plan(s, "zoe", "zoe", "")->n_items, 3);
    assert_int_equal(facts_of(s, SUGGESTED), 1); /* there is one slot */
    then_suggested(s, "zoe", "boss");
    when(s, offer_both(s, "boss", 2));
    const LearningRecommenderFact__MentorSuggested *f = then_some_fact(s, SUGGESTED);
    assert_string_equal(f->competency_id, "writing");
    assert_string_equal(f->item_id, "letters");
    when(s, answer(s, "boss", "zoe", false)); /* of the two the one for speaking is free again */
    given_gap(s, "bob", "speaking", 2);
    then_suggested(s, "bob", "boss");
    given_gap(s, "bob", "writing", 2);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

/* Of people who need it as much the first by id, whatever they lack; those who left and those of
 * whom too little is known are passed over. */
static void slot__of_equal_need_goes_to_the_first_by_id(void **ctx)
{
    spec *s = *ctx;

    given_both(s);
    given_done(s, offer_both(s, "boss", 1));
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "boss");
    given_done(s, answer(s, "boss", "ann", true));
    given_gap_on(s, "bob", "speaking", 1, (evidence){ .peer = 2, .raters = 2 });
    given_person(s, "abe", "boss");
    given_role(s, "abe", "dev");
    given_gap(s, "abe", "speaking", 1);
    given_person_left(s, "abe", "boss");
    given_person(s, "cid", "boss");
    given_role(s, "cid", "dev");
    for (unsigned i = 0; i < 20; i++) { /* more than are tried */
        const char *person_id = px_arena_printf(spec_arena(s), "p%02u", i);

        given_person(s, person_id, "boss");
        given_role(s, person_id, "dev");
        given_gap(s, person_id, "speaking", 2);
    }
    given_gap(s, "cid", "writing", 1.5);
    when_now_is(s, SPEC_START_US + 91 * DAY_US);
    assert_int_equal(facts_of(s, SUGGESTED), 1);
    const LearningRecommenderFact__MentorSuggested *f = then_some_fact(s, SUGGESTED);
    assert_string_equal(f->person_id, "cid");
    assert_string_equal(f->competency_id, "writing");
}

static void declined__by_four_is_asked_of_nobody_else(void **ctx)
{
    static const char *const mentors[] = { "m1", "m2", "m3", "m4", "m5" };
    spec *s = *ctx;

    given_catalogue(s);
    for (size_t i = 0; i < PX_COUNT(mentors); i++) {
        given_person(s, mentors[i], "boss");
        given_level(s, mentors[i], "speaking", 4.9);
        given_done(s, offer(s, mentors[i], "speaking", 1));
    }
    given_gap(s, "ann", "speaking", 2.5);
    then_suggested(s, "ann", "m1");
    for (size_t i = 0; i < 3; i++) {
        when(s, answer(s, mentors[i], "ann", false));
        then_suggested(s, "ann", mentors[i + 1]);
    }
    when(s, answer(s, "m4", "ann", false));
    then_accepted(s);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
}

/* Between the suggestion and the answer the plan has changed. */
static void accepted__when_there_is_no_place_for_it(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *twice = offer(s, "boss", "speaking", 2);

    given_catalogue(s);
    twice->offer_mentoring->competency_ids[1] = text(s, "speaking");
    twice->offer_mentoring->n_competency_ids = 2;
    when(s, twice);
    then_rejected(s, PX_REASON_COMPETENCY_TWICE, "competency_ids[1]");
    given_level(s, "boss", "speaking", 4.9);
    given_done(s, offer(s, "boss", "speaking", 2));
    when(s, answer(s, "boss", "nobody", true));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    given_gap(s, "ann", "speaking", 2.5);
    for (size_t i = 0; get_plan(s, "ann", "ann", "ann-1")->n_items < 24; i++) {
        const char *item_id = px_arena_printf(spec_arena(s), "more-%zu", i);

        given_item(s, item_id, 1, "coding");
        given_done(s, add_item(s, "ann", "ann", item_id));
    }
    when(s, answer(s, "boss", "ann", true));
    then_rejected(s, PX_REASON_PLAN_FULL, "person_id");
    given_item(s, "one-more", 1, "coding");
    when(s, add_item(s, "ann", "ann", "one-more"));
    then_rejected(s, PX_REASON_PLAN_FULL, "item_id");
    given_done(s, move_plan(s, "boss", "ann-1", CANCELLED));
    when(s, answer(s, "boss", "ann", true));
    then_rejected(s, PX_REASON_PLAN_NONE, "person_id");
    given_done(s, retire_item(s, "coach"));
    when(s, answer(s, "boss", "ann", true));
    then_rejected(s, PX_REASON_ITEM_RETIRED, "person_id");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(suggested__only_who_offered_and_is_at_level),
        TEST(suggested__who_comes_to_level_later),
        TEST(suggested__no_more_people_than_slots),
        TEST(slot__that_time_frees_goes_to_who_needs_it_most),
        TEST(slot__of_an_offer_made_smaller_is_free_with_the_last),
        TEST(suggested__and_not_answered_in_time_the_next_is_asked),
        TEST(withdrawn__is_not_suggested),
        TEST(accepted__coaching_comes_into_the_plan),
        TEST(declined__the_next_is_asked_and_nobody_twice),
        TEST(left__the_next_is_asked_at_once),
        TEST(erased__offers_and_suggestions_go),
        TEST(suggested__only_with_coaching_that_suits),
        TEST(suggested__nobody_whose_level_few_know),
        TEST(two_gaps__take_two_slots),
        TEST(slot__of_equal_need_goes_to_the_first_by_id),
        TEST(declined__by_four_is_asked_of_nobody_else),
        TEST(accepted__when_there_is_no_place_for_it),
        TEST(mentoring__rejections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
