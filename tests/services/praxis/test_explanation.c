/* The words of `praxis explain`: every number rounded for people, nobody named who must not be. */
#include "services/praxis/explanation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/codec.h"
#include "services/praxis/plan_words.h"

typedef struct {
    px_arena arena;
    px_explanation found;
    char *text;
} fixture;

static const char plan_json[] =
    "{\"planId\": \"plan-1\", \"personId\": \"p-104\", \"roleId\": \"dev\", \"hours\": 19.04,"
    " \"revision\": 2, \"proposedAt\": \"2026-03-15T08:00:00Z\", \"asOfSeq\": \"812\","
    " \"revisedAt\": \"2026-04-01T08:00:00Z\", \"ruleVersion\": 1, \"causeReviewIds\": [\"r-1\"],"
    " \"items\": [{\"issue\": {\"competencyId\": \"sql\", \"title\": \"Querying data\","
    "   \"level\": 2.4437, \"low\": 1.91, \"high\": 3.02, \"target\": 4, \"probability\": 0.9999,"
    "   \"ratings\": [{\"reviewId\": \"r-1\", \"raterId\": \"m-7\", \"level\": 2,"
    "     \"occurredAt\": \"2026-03-14T23:59:59Z\"},"
    "    {\"reviewId\": \"r-2\", \"raterId\": \"p-104\", \"self\": true, \"level\": 3.67,"
    "     \"occurredAt\": \"2026-03-13T10:00:00Z\"}],"
    "   \"peerRatings\": 3, \"moreEvidenceNeeded\": true},"
    "  \"learning\": {\"itemId\": \"i-1\", \"title\": \"Databases\", \"kind\": "
    "\"ITEM_KIND_COURSE\","
    "   \"hours\": 15.04, \"gain\": 0.412, \"gainMargin\": 0.3, \"valuePerHour\": 0.02,"
    "   \"resultsBehind\": 12, \"requires\": [\"i-0\"],"
    "   \"runnerUp\": {\"itemId\": \"i-2\", \"title\": \"SQL by heart\", \"valuePerHour\": 0.015,"
    "     \"reason\": \"it is expected to bring less\"}},"
    "  \"followUp\": {\"plannedCompletion\": \"2026-05-03T00:00:00Z\","
    "   \"dueAt\": \"2026-08-02T00:00:00Z\", \"raterIds\": [\"m-7\", \"p-104\"]},"
    "  \"state\": \"ITEM_STATE_STARTED\"},"
    "  {\"issue\": {\"competencyId\": \"sql\", \"title\": \"Querying data\", \"level\": 2.4437, "
    "\"target\": 4},"
    "  \"learning\": {\"itemId\": \"i-3\", \"title\": \"Exercises\", \"kind\": \"ITEM_KIND_TASK\","
    "   \"hours\": 4, \"gain\": 0.1, \"gainMargin\": 0.1}}]}";

static const char review_json[] = "{\"reviewId\": \"r-2\", \"cycleId\": \"2026-1\", \"ratings\": ["
                                  "{\"competencyId\": \"sql\", \"value\": 3}]}";

static const void *from_json(fixture *f, const ProtobufCMessageDescriptor *type, const char *text)
{
    px_codec_error error;
    ProtobufCMessage *message = px_codec_from_json(type, (px_bytes){ text, strlen(text) },
                                                   &px_submission_limits, &f->arena, &error);

    if (!message)
        fail_msg("%s %s", px_reason_code(error.reason), error.field);
    return message;
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    assert_true(px_arena_init(&f->arena, 1024 * 1024));
    f->found.plan = from_json(f, &learning_recommender__plan__descriptor, plan_json);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    px_arena_fini(&f->arena);
    free(f->text);
    free(f);
    return 0;
}

static void explain(fixture *f)
{
    size_t size;
    FILE *out = open_memstream(&f->text, &size);

    assert_non_null(out);
    px_explanation_print(out, &f->found);
    fclose(out);
}

static void expect(fixture *f, const char *words)
{
    if (!strstr(f->text, words))
        fail_msg("\"%s\" is not in:\n%s", words, f->text);
}

static void plan__is_told_with_rounded_numbers_and_days(void **state)
{
    fixture *f = *state;

    explain(f);
    expect(f, "Learning plan of p-104 for the role dev\n");
    expect(f, "proposed on 15 March 2026, wording 2 of 1 April 2026: 2 items, 19 hours in all.");
    expect(f, "caused by review r-1.");
    expect(f, "estimated at 2.4 of 5 (very likely between 1.9 and 3); the role needs 4.");
    expect(f, "It is 99 % likely");
    expect(f, "a course of 15 hours");
    expect(f, "0.41 of a level, give or take 0.30; 12 people's results");
    expect(f, "completed before: i-0");
    expect(f, "on 2 August 2026 m-7 and p-104 will be asked");
    expect(f, "by 3 May 2026; it is under way");
    expect(f, "As of log sequence 812");
}

static void ratings__name_manager_and_person_and_count_others(void **state)
{
    fixture *f = *state;

    explain(f);
    expect(f, "- manager m-7 rated 2 of 5 on 14 March 2026, review r-1\n");
    expect(f, "- the person p-104 rated 3.7 of 5 on 13 March 2026, review r-2\n");
    expect(f, "- 3 ratings by colleagues\n");
    expect(f, "two colleagues should be asked");
    assert_null(strstr(f->text, "report to this person"));
}

static void review_that_may_be_seen__adds_value_and_cycle(void **state)
{
    fixture *f = *state;

    f->found.reviews[f->found.review_count++] =
        from_json(f, &review_cycle__review__descriptor, review_json);
    explain(f);
    expect(f, "rated 3.7 of 5 (3 on the scale of the cycle) on 13 March 2026 in cycle 2026-1,");
}

static void role__has_its_title_when_the_profile_is_of_the_same_role(void **state)
{
    fixture *f = *state;

    f->found.profile = from_json(f, &competency__profile__descriptor,
                                 "{\"roleId\": \"dev\", \"roleTitle\": \"Developer\"}");
    explain(f);
    expect(f, "for the role Developer\n");
    free(f->text);
    f->found.profile = from_json(f, &competency__profile__descriptor,
                                 "{\"roleId\": \"lead\", \"roleTitle\": \"Lead\"}");
    explain(f);
    expect(f, "for the role dev\n");
}

static void second_item_of_an_issue__refers_to_the_first(void **state)
{
    fixture *f = *state;

    explain(f);
    expect(f, "2. ISSUE: Querying data, as in item 1\n   LEARNING: Exercises");
    expect(f, "no results here stand behind it yet");
    expect(f, "Nothing else in the catalogue came into question.");
}

static void runner_up__is_compared_by_the_hour(void **state)
{
    fixture *f = *state;

    explain(f);
    expect(f, "Next best was \"SQL by heart\",\n     not chosen: it is expected to bring less "
              "(it brings 75 % as much per hour).");
}

static const char template_json[] =
    "{\"planId\": \"plan-2\", \"personId\": \"p-104\", \"templateId\": \"first-weeks\", \"hours\": "
    "5,"
    " \"state\": \"PLAN_STATE_WAITING_FOR_REVIEW\", \"items\": ["
    "  {\"issue\": {\"competencyId\": \"sql\", \"title\": \"Querying data\"},"
    "   \"learning\": {\"itemId\": \"i-1\", \"title\": \"Databases\", \"hours\": 1, \"runnerUp\": "
    "{}},"
    "   \"followUp\": {\"plannedCompletion\": \"2026-05-03T00:00:00Z\"},"
    "   \"state\": \"ITEM_STATE_ACCEPTED\"},"
    "  {\"issue\": {\"competencyId\": \"git\", \"title\": \"Keeping versions\", \"target\": 3},"
    "   \"learning\": {\"itemId\": \"i-2\", \"title\": \"Branches\", \"hours\": 4},"
    "   \"followUp\": {}, \"state\": \"ITEM_STATE_WAIVED\"}]}";

static const char *kind_word(int number)
{
    return px_words_item_kind((LearningRecommender__ItemKind)number);
}

static const char *state_word(int number)
{
    return px_words_item_state((LearningRecommender__ItemState)number);
}

static const char *plan_word(int number)
{
    return px_words_plan_state((LearningRecommender__PlanState)number);
}

static const char *end_word(int number)
{
    return px_words_plan_end((LearningRecommender__PlanEnd)number);
}

static void plan_of_a_template__claims_no_shortfall(void **state)
{
    fixture *f = *state;

    f->found.plan = from_json(f, &learning_recommender__plan__descriptor, template_json);
    explain(f);
    expect(f, "Learning plan of p-104 for the template or initiative first-weeks\n");
    expect(f, "It is waiting for review.\n");
    expect(f, "1. FOR: Querying data\n   LEARNING: Databases");
    expect(f, "of 1 hour.\n     The template asks for it.\n   FOLLOW-UP: nobody is asked to rate "
              "it again.\n"
              "     The learning should be completed by 3 May 2026; it is agreed to, and not "
              "started yet.\n");
    expect(f, "2. ISSUE: Keeping versions\n     Nothing is known of the level yet; the initiative "
              "needs 3 of 5.\n");
    expect(f, "It is not needed any more: the person can do by now what it teaches.\n");
    assert_null(strstr(f->text, "Expected gain"));
    assert_null(strstr(f->text, "came into question"));
    assert_null(strstr(f->text, "rests on"));
}

/* A word is missing where the contract has grown and the command has not. */
static void every_number_of_a_plan__has_a_word(void **state)
{
    static const struct {
        const ProtobufCEnumDescriptor *of;
        const char *(*word)(int number);
        const char *none;
    } rows[] = {
        { &learning_recommender__item_kind__descriptor, kind_word, "learning" },
        { &learning_recommender__item_state__descriptor, state_word, "?" },
        { &learning_recommender__plan_state__descriptor, plan_word, "?" },
        { &learning_recommender__plan_end__descriptor, end_word,
          "for a reason this praxis does not know" },
    };

    (void)state;
    for (size_t i = 0; i < PX_COUNT(rows); i++)
        for (unsigned v = 0; v < rows[i].of->n_values; v++) {
            int number = rows[i].of->values[v].value;
            bool has_word = strcmp(rows[i].word(number), rows[i].none) != 0;

            if (has_word != (number != 0))
                fail_msg("%s: %s", rows[i].of->values[v].name, rows[i].word(number));
        }
}

static void reason__is_said_in_words(void **state)
{
    static const struct {
        const char *reason, *words;
    } rows[] = {
        { "BEST_FOR_GAP", "It was chosen because it brings the most for its hours." },
        { "FOUNDATION", "It comes first because \"Speaking\" builds on this competency" },
        { "REQUIRED", "It comes first because another item of the plan requires it." },
        { "STARTED_BEFORE", "It was under way when the plan was made, and stays." },
        { "ADDED", "bob put it into the plan." },
        { "SWAPPED_IN", "bob put it into the plan, in the place of another item." },
        { "MENTORING", "bob is ready to be the mentor for it." },
        { "TEMPLATE", "The template asks for it." },
        { "TEMPLATE_CHOICE", "The template asks for it, as one of several to choose from." },
        { "INITIATIVE", "because the initiative asks for the competency" },
    };
    fixture *f = *state;
    char json[512];

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        snprintf(json, sizeof json,
                 "{\"planId\": \"ann-1\", \"personId\": \"ann\", \"templateId\": \"welcome\", "
                 "\"items\": [{\"learning\": {\"itemId\": \"i-1\", \"title\": \"Tour\"}, "
                 "\"chosenById\": \"bob\", \"basisForTitle\": \"Speaking\", "
                 "\"reason\": \"ITEM_REASON_%s\"}]}",
                 rows[i].reason);
        f->found.plan = from_json(f, &learning_recommender__plan__descriptor, json);
        free(f->text);
        explain(f);
        expect(f, rows[i].words);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(reason__is_said_in_words),
        TEST(plan__is_told_with_rounded_numbers_and_days),
        TEST(ratings__name_manager_and_person_and_count_others),
        TEST(review_that_may_be_seen__adds_value_and_cycle),
        TEST(role__has_its_title_when_the_profile_is_of_the_same_role),
        TEST(second_item_of_an_issue__refers_to_the_first),
        TEST(runner_up__is_compared_by_the_hour),
        TEST(plan_of_a_template__claims_no_shortfall),
        cmocka_unit_test(every_number_of_a_plan__has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
