/* test_prompts.c: what comes due: units of spaced learning, and items of plans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

enum { MONTH = 30, PEOPLE = 8, PROMPTS = 4, ABSENT = 7 };

/* An item with prompts on these days. */
static LearningRecommender__Submission *spaced(spec *s, LearningRecommender__ItemKind kind,
                                               double hours, const uint32_t *days, size_t count)
{
    LearningRecommender__Submission *sub = define_item(s, "talk", hours, "speaking");

    sub->define_catalogue_item->kind = kind;
    sub->define_catalogue_item->prompt_days =
        px_arena_copy(spec_arena(s), days, count * sizeof *days);
    sub->define_catalogue_item->n_prompt_days = count;
    return sub;
}

static void given_roundtable(spec *s)
{
    static const uint32_t days[PROMPTS] = { 0, 2, 7, 14 };

    given_done(s,
               spaced(s, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_ROUNDTABLE, 2, days, PROMPTS));
}

static void when_day_is(spec *s, int day)
{
    when_now_is(s, SPEC_START_US + day * DAY_US);
}

static void then_prompted(spec *s, uint32_t number)
{
    const LearningRecommenderFact__PromptDue *f = then_some_fact(s, PROMPT_DUE);

    assert_int_equal(f->number, number);
    assert_int_equal(facts_of(s, PROMPT_DUE), 1);
}

/* ---- the roundtable ---- */

/* One of the eight and the day each prompt came to them. */
typedef struct {
    char id[8];
    uint32_t prompted;
    int days[PROMPTS];
    bool done;
} participant;

static void note_prompt(participant *all, const LearningRecommenderFact__PromptDue *f, int day)
{
    for (size_t i = 0; i < PEOPLE; i++)
        if (strcmp(all[i].id, f->person_id) == 0) {
            assert_int_equal(f->number,
                             all[i].prompted + 1); /* none is doubled, none is left out */
            all[i].days[all[i].prompted++] = day;
        }
}

/* Everybody answers on the day, but the one who is away from day 3 to day 10. */
static void roundtable__nobody_is_prompted_twice_and_who_was_away_is_paced_anew(void **ctx)
{
    participant all[PEOPLE] = { { .prompted = 0 } };
    spec *s = *ctx;

    given_roundtable(s);
    for (size_t i = 0; i < PEOPLE; i++) {
        snprintf(all[i].id, sizeof all[i].id, "p%zu", i);
        given_person(s, all[i].id, "boss");
        given_done(s, start_item(s, all[i].id, "talk"));
        note_prompt(all, then_some_fact(s, PROMPT_DUE), 0);
    }
    for (int day = 0; day < MONTH; day++) {
        when_day_is(s, day);
        for (size_t n = facts_of(s, PROMPT_DUE); n > 0; n--)
            note_prompt(all, then_some_fact(s, PROMPT_DUE), day);
        for (size_t i = 0; i < PEOPLE; i++) {
            bool away = i == ABSENT && day >= 3 && day <= 10;

            if (away || all[i].done || all[i].prompted == 0 ||
                all[i].days[all[i].prompted - 1] > day)
                continue;
            when(s, answer_prompt(s, all[i].id, "talk", all[i].prompted));
            if (facts_of(s, PROMPT_ANSWERED) == 1)
                all[i].done = all[i].prompted == PROMPTS;
        }
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        int fourth = i == ABSENT ? 18 : 14;

        assert_true(all[i].done);
        assert_int_equal(all[i].days[0], 0);
        assert_int_equal(all[i].days[1], 2);
        assert_int_equal(all[i].days[2], 7);
        assert_int_equal(all[i].days[3], fourth); /* a week after the answer of day 11 */
    }
}

/* ---- prompts ---- */

static void prompt__waits_for_the_answer_to_the_one_before(void **ctx)
{
    spec *s = *ctx;

    given_roundtable(s);
    when(s, start_item(s, "ann", "talk"));
    then_fact(s, STARTED);
    const LearningRecommenderFact__PromptDue *f = then_fact(s, PROMPT_DUE);
    assert_int_equal(f->number, 1);
    assert_int_equal(f->of, PROMPTS);
    assert_int_equal(f->due_at_us, SPEC_START_US);
    const LearningRecommender__PromptDue *event = then_event(s, "PromptDue");
    assert_int_equal(event->number, 1);
    when_day_is(s, 30);
    assert_int_equal(facts_of(s, PROMPT_DUE), 0);
    when(s, answer_prompt(s, "ann", "talk", 1));
    then_fact(s, PROMPT_ANSWERED);
    then_no_more_facts(s);
    when_day_is(s, 31);
    assert_int_equal(facts_of(s, PROMPT_DUE), 0);
    when_day_is(s, 32);
    then_prompted(s, 2);
}

static void prompt__that_came_due_while_they_were_gone_is_said_on_return(void **ctx)
{
    spec *s = *ctx;

    given_roundtable(s);
    when(s, start_item(s, "ann", "talk"));
    when(s, answer_prompt(s, "ann", "talk", 1));
    given_person_left(s, "ann", "boss");
    when_day_is(s, 5);
    assert_int_equal(facts_of(s, PROMPT_DUE), 0);
    given_person(s, "ann", "boss");
    then_prompted(s, 2);
}

static void answer__is_evidence_and_the_last_one_completes_the_item(void **ctx)
{
    static const uint32_t days[] = { 0, 3 };
    spec *s = *ctx;

    given_done(s, spaced(s, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO, 0.3, days, 2));
    given_done(s, start_item(s, "ann", "talk"));
    when(s, answer_prompt(s, "ann", "talk", 1));
    const LearningRecommenderFact__PromptAnswered *f = then_fact(s, PROMPT_ANSWERED);
    assert_int_equal(f->n_competency_ids, 1);
    assert_string_equal(f->competency_ids[0], "speaking");
    assert_int_equal(f->n_evidence_ids, 1);
    then_no_more_facts(s);
    char *first = px_arena_strdup(spec_arena(s), f->evidence_ids[0]);
    when_day_is(s, 3);
    then_prompted(s, 2);
    when(s, answer_prompt(s, "ann", "talk", 2));
    f = then_fact(s, PROMPT_ANSWERED);
    assert_string_not_equal(f->evidence_ids[0], first);
    then_fact(s, COMPLETED);
    when_day_is(s, 60);
    then_no_more_facts(s);
}

static void prompts__end_when_the_item_is_given_up(void **ctx)
{
    spec *s = *ctx;

    given_roundtable(s);
    given_done(s, start_item(s, "ann", "talk"));
    given_done(s, answer_prompt(s, "ann", "talk", 1));
    given_done(s, decline_item(s, "ann", "ann", "talk"));
    when_day_is(s, 60);
    assert_int_equal(facts_of(s, PROMPT_DUE), 0);
    given_done(s, start_item(s, "bob", "talk"));
    given_done(s, answer_prompt(s, "bob", "talk", 1));
    given_person_erased(s, "bob");
    when_day_is(s, 90);
    assert_int_equal(facts_of(s, PROMPT_DUE), 0);
}

static void answer_prompt__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, answer_prompt(s, "nobody", "talk", 1));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, answer_prompt(s, "ann", "talk", 1));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "item_id");
    given_roundtable(s);
    when(s, answer_prompt(s, "ann", "talk", 1)); /* not started */
    then_rejected(s, PX_REASON_PROMPT_UNKNOWN, "number");
    given_done(s, start_item(s, "ann", "talk"));
    when(s, answer_prompt(s, "ann", "talk", 2));
    then_rejected(s, PX_REASON_PROMPT_UNKNOWN, "number");
    given_done(s, answer_prompt(s, "ann", "talk", 1));
    when(s, answer_prompt(s, "ann", "talk", 1));
    then_rejected(s, PX_REASON_PROMPT_ANSWERED, "number");
}

static void define_catalogue_item__says_what_is_wrong_with_its_prompts(void **ctx)
{
    static const uint32_t twice[] = { 0, 2, 2 }, once[] = { 0 };
    spec *s = *ctx;

    when(s, spaced(s, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_READING, 1, twice, 3));
    then_rejected(s, PX_REASON_PROMPT_ORDER, "prompt_days[2]");
    when(s, spaced(s, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO, 0.2, once, 1));
    then_rejected(s, PX_REASON_UNIT_TOO_LONG, "hours");
    given_done(s, spaced(s, LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING, 2, once, 1));
    const LearningRecommender__CatalogueItemDefined *event = then_event(s, "CatalogueItemDefined");
    assert_int_equal(event->n_prompt_days, 1);
}

/* ---- dates of items ---- */

static void item__is_due_once_and_overdue_once(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when_day_is(s, 41);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    when_day_is(s, 42);
    const LearningRecommenderFact__ItemDue *f = then_fact(s, ITEM_DUE);
    assert_false(f->overdue);
    assert_int_equal(f->due_at_us, SPEC_START_US + 42 * DAY_US);
    then_no_more_facts(s);
    then_event(s, "ItemDue");
    then_no_event(s, "ItemOverdue");
    given_level(s, "ann", "speaking", 2.45);
    when_day_is(s, 55);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    when_day_is(s, 56);
    f = then_fact(s, ITEM_DUE);
    assert_true(f->overdue);
    const LearningRecommender__ItemOverdue *event = then_event(s, "ItemOverdue");
    assert_int_equal(px_codec_time_us(event->due_at), SPEC_START_US + 42 * DAY_US);
    when_day_is(s, 100);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
}

static void item__is_due_and_overdue_at_once_after_a_long_silence(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when_day_is(s, 60);
    assert_int_equal(facts_of(s, ITEM_DUE), 2);
    const LearningRecommenderFact__ItemDue *f = then_fact(s, ITEM_DUE);
    assert_false(f->overdue);
    f = then_fact(s, ITEM_DUE);
    assert_true(f->overdue);
}

static void item__said_stays_said_when_the_plan_is_revised(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "stage", 12, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when_day_is(s, 42);
    assert_int_equal(facts_of(s, ITEM_DUE), 1);
    given_item(s, "pen", 4, "writing");
    given_gap(s, "ann", "writing", 2);
    then_some_fact(s, REVISED);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    when_day_is(s, 56);
    const LearningRecommenderFact__ItemDue *f = then_some_fact(s, ITEM_DUE);
    assert_string_equal(f->item_id, "pen"); /* which came in later, and comes first */
    assert_false(f->overdue);
    f = then_some_fact(s, ITEM_DUE);
    assert_string_equal(f->item_id, "stage");
    assert_true(f->overdue);
}

static void item__is_not_due_when_done_or_in_a_draft(void **ctx)
{
    LearningRecommender__Submission *policy;
    spec *s = *ctx;

    given_item(s, "stage", 6, "speaking");
    given_item(s, "talks", 6, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, move_plan(s, "boss", "ann-1", DRAFT));
    when_day_is(s, 60);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    policy = set_plan_policy(s);
    policy->set_plan_policy->consent = LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_PERSON;
    given_done(s, policy);
    given_done(s, move_plan(s, "boss", "ann-1", ACTIVE));
    when_day_is(s, 110); /* nobody has agreed to it */
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    given_done(s, accept_item(s, "ann", "ann", "talks"));
    assert_int_equal(facts_of(s, ITEM_DUE), 1);
}

static void item__is_due_once_nobody_has_to_agree_any_more(void **ctx)
{
    LearningRecommender__Submission *policy;
    spec *s = *ctx;

    policy = set_plan_policy(s);
    policy->set_plan_policy->consent = LEARNING_RECOMMENDER__PLAN_CONSENT__PLAN_CONSENT_PERSON;
    given_done(s, policy);
    given_item(s, "stage", 6, "speaking");
    given_gap(s, "ann", "speaking", 2.5);
    when_day_is(s, 50);
    assert_int_equal(facts_of(s, ITEM_DUE), 0);
    given_done(s, set_plan_policy(s));
    assert_int_equal(facts_of(s, ITEM_DUE), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(roundtable__nobody_is_prompted_twice_and_who_was_away_is_paced_anew),
        TEST(prompt__waits_for_the_answer_to_the_one_before),
        TEST(prompt__that_came_due_while_they_were_gone_is_said_on_return),
        TEST(answer__is_evidence_and_the_last_one_completes_the_item),
        TEST(prompts__end_when_the_item_is_given_up),
        TEST(answer_prompt__rejections_in_order),
        TEST(define_catalogue_item__says_what_is_wrong_with_its_prompts),
        TEST(item__is_due_once_and_overdue_once),
        TEST(item__is_due_and_overdue_at_once_after_a_long_silence),
        TEST(item__said_stays_said_when_the_plan_is_revised),
        TEST(item__is_not_due_when_done_or_in_a_draft),
        TEST(item__is_due_once_nobody_has_to_agree_any_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
