/* test_story.c: the fixtures E, F, H and I of the feature list, told to five daemons and a server
 * on the event clock, and read back from the log. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "services/praxis/layout.h"
#include "tests/faults/tool.h"
#include "tests/integration/story.h"

enum {
    LEARNERS = 5,  /* as many follow-ups as a figure of what learning did needs */
    CONTROLS = 32, /* ratings of people who do not learn, to hold it against */
    LEARNED_DAY = 20,
    ASKED_DAY = 140,
    RATED_DAY = 141
};

/* ---- the world of the stories ---- */

static void say_frame(story *s)
{
    story_say(s, FEEDBACK, 0, "hr", "\"recordUnit\":{\"unitId\":\"ledger\",\"label\":\"Ledger\"}");
    for (int i = 0; i < 2; i++)
        story_say(s, COMPETENCY, 0, "hr",
                  "\"defineCompetency\":{\"competencyId\":\"%s\",\"title\":\"%s\",\"family\":2,"
                  "\"levels\":[{\"name\":\"25 %%\"},{\"name\":\"50 %%\"},"
                  "{\"name\":\"75 %%\"},{\"name\":\"100 %%\"}]}",
                  i ? "accuracy" : "output", i ? "Accuracy of figures" : "Output");
    story_say(s, COMPETENCY, 0, "hr",
              "\"defineRole\":{\"roleId\":\"clerk\",\"title\":\"Ledger clerk\"}");
    char values[2048] = "";
    for (int v = 25; v <= 100; v += 5)
        snprintf(values + strlen(values), sizeof values - strlen(values),
                 "%s{\"value\":%d,\"label\":\"%d %%\"%s}", v > 25 ? "," : "", v, v,
                 v >= 75 ? ",\"proficient\":true" : "");
    story_say(s, REVIEW, 0, "hr",
              "\"defineScale\":{\"scaleId\":\"percent\",\"version\":1,\"values\":[%s],"
              "\"defaultValue\":50}",
              values);
    story_next(s);
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"boss\",\"unitId\":\"ledger\",\"active\":true}");
    for (int i = 0; i < 2; i++)
        story_say(s, COMPETENCY, 0, "hr",
                  "\"setRoleTarget\":{\"roleId\":\"clerk\",\"competencyId\":\"%s\","
                  "\"levelName\":\"75 %%\",\"weight\":%d}",
                  i ? "accuracy" : "output", 1 + i);
    story_say(s, REVIEW, 0, "hr",
              "\"defineCycle\":{\"cycleId\":\"q1\",\"label\":\"First quarter\","
              "\"startsAt\":\"2026-01-01T00:00:00Z\",\"scaleId\":\"percent\","
              "\"scaleVersion\":1}");
    story_next(s);
}

static void say_item(story *s, const char *item_id, const char *title, int hours, const char *share,
                     const char *more)
{
    story_say(s, LEARNING, 0, "hr",
              "\"defineCatalogueItem\":{\"itemId\":\"%s\",\"title\":\"%s\",\"kind\":1,\"hours\":%d,"
              "\"outcomes\":[{\"competencyId\":\"accuracy\",\"share\":%s,\"levelFrom\":2,"
              "\"levelTo\":4}]%s}",
              item_id, title, hours, share, more);
}

static void say_person(story *s, const char *person_id)
{
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"%s\",\"managerId\":\"boss\","
              "\"unitId\":\"ledger\",\"active\":true}",
              person_id);
}

static void say_team(story *s, const char *const *people, size_t count)
{
    for (size_t i = 0; i < count; i++)
        say_person(s, people[i]);
    say_item(s, "sheets-5", "Spreadsheets, section 5: checking figures", 6, "1",
             ",\"activityId\":\"https://lms.example.org/sheets/5\",\"completionEvidence\":2");
    say_item(s, "sheets", "Spreadsheets, the whole course", 20, "1", "");
    say_item(s, "proof", "Proofreading", 11, "0.3", "");
    story_say(s, REVIEW, 0, "hr", "\"moveCycle\":{\"cycleId\":\"q1\",\"to\":2}");
    story_next(s);
    for (size_t i = 0; i < count; i++)
        story_say(s, COMPETENCY, 0, "hr",
                  "\"assignRole\":{\"personId\":\"%s\",\"roleId\":\"clerk\"}", people[i]);
    story_say(s, REVIEW, 0, "hr", "\"moveCycle\":{\"cycleId\":\"q1\",\"to\":3}");
    story_next(s);
}

static int relation_of(const char *rater, const char *subject)
{
    return strcmp(rater, subject) == 0 ? 1 : strcmp(rater, "boss") == 0 ? 2 : 3;
}

static void say_review(story *s, int day, const char *cycle, const char *name, const char *rater,
                       const char *subject, int output, int accuracy)
{
    story_say(s, REVIEW, day, rater,
              "\"submitReview\":{\"reviewId\":\"%s-%s\",\"cycleId\":\"%s\",\"subjectId\":\"%s\","
              "\"relation\":%d,\"ratings\":[{\"competencyId\":\"output\",\"value\":%d},"
              "{\"competencyId\":\"accuracy\",\"value\":%d}]}",
              name, subject, cycle, subject, relation_of(rater, subject), output, accuracy);
}

/* ---- H: the loop ---- */

static char learners[LEARNERS][16], controls[CONTROLS][16];

static void name_people(const char *people[LEARNERS + CONTROLS])
{
    for (int i = 0; i < LEARNERS; i++) {
        snprintf(learners[i], sizeof learners[i], i ? "learner%d" : "ann", i);
        people[i] = learners[i];
    }
    for (int i = 0; i < CONTROLS; i++) {
        snprintf(controls[i], sizeof controls[i], "other%d", i);
        people[LEARNERS + i] = controls[i];
    }
}

/* They are good at it, and learn nothing meanwhile. */
static void say_controls(story *s, int day, const char *cycle, const char *name)
{
    for (int i = 0; i < CONTROLS; i++)
        say_review(s, day, cycle, name, "boss", controls[i], 80, 75 + 5 * (i % 3));
}

static void say_learning(story *s)
{
    for (int i = 0; i < LEARNERS; i++)
        say_review(s, 1, "q1", "r1", "boss", learners[i], 85, 50);
    say_controls(s, 1, "q1", "r1");
    story_until(s, "planProposed", "sheets-5", LEARNERS);
    for (int i = 0; i < LEARNERS; i++)
        story_say(s, LEARNING, 2, learners[i],
                  "\"acceptItem\":{\"personId\":\"%s\",\"itemId\":\"sheets-5\"}", learners[i]);
    story_next(s);
    for (int i = 0; i < LEARNERS; i++)
        story_say(s, LEARNING, LEARNED_DAY, "lms",
                  "\"submitStatement\":{\"statementId\":\"st-%s\","
                  "\"verb\":\"http://adlnet.gov/expapi/verbs/completed\",\"personId\":\"%s\","
                  "\"activityId\":\"https://lms.example.org/sheets/5\"}",
                  learners[i], learners[i]);
    story_until(s, "evidenceRecorded", "accuracy", LEARNERS);
}

static void say_follow_up(story *s)
{
    story_say(s, REVIEW, ASKED_DAY, "hr",
              "\"defineCycle\":{\"cycleId\":\"q2\",\"label\":\"Second quarter\","
              "\"startsAt\":\"2026-05-01T00:00:00Z\",\"scaleId\":\"percent\","
              "\"scaleVersion\":1}");
    story_next(s);
    story_say(s, REVIEW, ASKED_DAY, "hr", "\"moveCycle\":{\"cycleId\":\"q2\",\"to\":2}");
    story_next(s);
    story_say(s, REVIEW, ASKED_DAY, "hr", "\"moveCycle\":{\"cycleId\":\"q2\",\"to\":3}");
    story_until(s, "followUpDue", "accuracy", LEARNERS);
    /* Three colleagues have seen it too; nobody is asked to decide on one opinion. */
    for (int i = 0; i < LEARNERS; i++)
        for (int peer = 0; peer < 3; peer++) {
            char name[16];

            snprintf(name, sizeof name, "c%d", peer);
            say_review(s, RATED_DAY, "q2", name, controls[peer], learners[i], 85, 100);
        }
    story_next(s);
    for (int i = 0; i < LEARNERS; i++)
        say_review(s, RATED_DAY, "q2", "r2", "boss", learners[i], 85, 100);
    say_controls(s, RATED_DAY, "q2", "r2");
    for (int i = 0; i < LEARNERS; i++)
        say_review(s, RATED_DAY, "q2", "self2", learners[i], learners[i], 85, 100);
    story_until(s, "followUpRecorded", "accuracy", LEARNERS);
    /* Two weeks for those who have not answered yet, and another day. */
    story_say(s, FEEDBACK, RATED_DAY + 16, "hr",
              "\"recordUnit\":{\"unitId\":\"later\",\"label\":\"Later\"}");
    story_until(s, "impactUpdated", "accuracy", 1);
}

static void expect_explanation(story *s)
{
    tool t = { 0 };

    if (TOOL_CONNECTED(&t, s->scene.world, "explain", "ann", "--plan", "ann-1", "--viewer", "boss",
                       "--source", "hr") != 0)
        fail_msg("%s", t.text);
    print_message("%s", t.text);
    assert_non_null(strstr(t.text, "Accuracy of figures"));
    assert_non_null(strstr(t.text, "Spreadsheets, section 5"));
    assert_non_null(strstr(t.text, "50 on the scale of the cycle"));
    assert_non_null(strstr(t.text, "r1-ann"));
}

/* The log alone tells the same, and what was known when the plan was proposed. */
static void expect_explanation_of_log(story *s, const char *archive)
{
    uint64_t proposed = s->facts[story_find(s, 0, "planProposed", "\"ann\"", NULL)].seq;
    char seq[24];
    tool t = { 0 };

#define EXPLAIN(...)                                                                               \
    TOOL(&t, s->scene.world, "explain", "ann", "--archive", archive, "--tenant", "acme", "--plan", \
         "ann-1", __VA_ARGS__)
    if (EXPLAIN("--viewer", "boss") != 0)
        fail_msg("%s", t.text);
    assert_non_null(strstr(t.text, "It has ended: everything in it is completed."));
    assert_non_null(strstr(t.text, "Spreadsheets, section 5"));
    assert_non_null(strstr(t.text, "review r1-ann"));
    snprintf(seq, sizeof seq, "%" PRIu64, proposed);
    if (EXPLAIN("--seq", seq) != 0)
        fail_msg("%s", t.text);
    assert_non_null(strstr(t.text, "Spreadsheets, section 5"));
    assert_null(strstr(t.text, "It has ended"));
    snprintf(seq, sizeof seq, "%" PRIu64, proposed - 1);
    assert_int_equal(EXPLAIN("--seq", seq), 1);
    assert_non_null(strstr(t.text, "NOT_FOUND"));
    assert_int_equal(EXPLAIN("--viewer", "other0"), 1);
    assert_non_null(strstr(t.text, "FORBIDDEN"));
#undef EXPLAIN
}

/* From files alone, without the server, and the second time byte for byte the same. */
static void expect_whatif(story *s, const char *archive)
{
    char *first = NULL;
    tool t = { 0 };

    for (int i = 0; i < 2; i++) {
        if (TOOL(&t, s->scene.world, "whatif", "--archive", archive, "--target",
                 "clerk:accuracy=4.5", "--least", "0") != 0)
            fail_msg("%s", t.text);
        first = first ? first : strdup(t.text);
    }
    print_message("%s", t.text);
    assert_string_equal(t.text, first);
    /* What she has completed is not planned again. */
    assert_non_null(strstr(t.text, "acme ann: 0.0 h -> 11.0 h\n  + proof (11.0 h)\n"));
    assert_int_equal(
        TOOL(&t, s->scene.world, "whatif", "--archive", archive, "--target", "clerk:handwriting=4"),
        1);
    assert_non_null(strstr(t.text, "the role does not ask for it"));
    free(first);
}

static void expect_past(story *s)
{
    char folder[] = "/tmp/praxis-story-XXXXXX", archive[PX_PATH_MAX];
    tool t = { 0 };

    assert_non_null(mkdtemp(folder));
    px_layout_path(folder, "archive", archive);
    if (TOOL_CONNECTED(&t, s->scene.world, "archive", "--once", "--to", archive) != 0)
        fail_msg("%s", t.text);
    expect_explanation_of_log(s, archive);
    expect_whatif(s, archive);
    px_layout_remove(folder);
}

static void fixture_h__one_chain_from_a_rating_to_what_learning_did(void **ctx)
{
    const char *people[LEARNERS + CONTROLS];
    story *s = *ctx;

    name_people(people);
    say_frame(s);
    say_team(s, people, LEARNERS + CONTROLS);
    say_learning(s);
    say_follow_up(s);
    story_tell(s);

#define ANN "\"personId\":\"ann\""
#define ACC "\"competencyId\":\"accuracy\""
    size_t at = story_find(s, 0, "reviewSubmitted", "r1-ann", NULL);
    at = story_find(s, at, "levelChanged", ANN, ACC, NULL);
    at = story_find(s, at, "gapOpened", ANN, ACC, NULL);
    at = story_find(s, at, "planProposed", ANN, "sheets-5", "r1-ann", "followUpAtUs", NULL);
    print_message("%s\n", s->facts[at].json);
    at = story_find(s, at, "itemAccepted", ANN, "sheets-5", NULL);
    at = story_find(s, at, "statementTaken", ANN, NULL);
    at = story_find(s, at, "itemCompleted", ANN, "sheets-5", NULL);
    story_find(s, at, "planEnded", ANN, "\"reason\":1", NULL);
    at = story_find(s, at, "evidenceRecorded", ANN, ACC, "\"action\":1", NULL);
    at = story_find(s, at, "followUpDue", ANN, ACC, "\"boss\",\"ann\"", NULL);
    size_t due = at;
    at = story_find(s, at, "reviewSubmitted", "r2-ann", NULL);
    story_find(s, at, "levelChanged", ANN, ACC, NULL);
    size_t closed = story_find(s, due, "gapClosed", ANN, ACC, NULL);
    size_t recorded = story_find(s, at, "followUpRecorded", ANN, ACC, "\"atLevel\":true",
                                 "sheets-5", "r2-ann", "self2-ann", NULL);
    print_message("%s\n", s->facts[recorded].json);
    size_t impact = story_find(s, closed, "impactUpdated", ACC, NULL);
    print_message("%s\n", s->facts[impact].json);

    assert_int_equal(story_facts_of(s, "followUpDue", ANN), 1);
    assert_int_equal(story_facts_of(s, "followUpRecorded", ANN), 1);
    assert_int_equal(story_facts_of(s, "followUpOverdue", ""), 0);
    story_expect_chain(s, impact, "accuracy", "reviewSubmitted", "r1-");
    story_expect_chain(s, recorded, "ann", "reviewSubmitted", "r1-ann");
    story_expect_chain(s, closed, "ann", "reviewSubmitted", "q2");
    expect_explanation(s);
    expect_past(s);
}

/* ---- I: a withdrawn rating takes everything back ---- */

static void fixture_i__a_withdrawn_rating_takes_its_plan_back(void **ctx)
{
    static const char *const people[] = { "ann", "bob" };
    story *s = *ctx;

    say_frame(s);
    say_team(s, people, 2);
    for (int i = 0; i < 2; i++)
        say_review(s, 1, "q1", "r1", "boss", people[i], 85, 50);
    story_until(s, "planProposed", "sheets-5", 2);
    story_say(s, LEARNING, 2, "lms",
              "\"startItem\":{\"personId\":\"bob\",\"itemId\":\"sheets-5\"}");
    story_next(s);
    for (int i = 0; i < 2; i++)
        story_say(s, REVIEW, 3, "boss", "\"withdrawReview\":{\"reviewId\":\"r1-%s\"}", people[i]);
    story_until(s, "planRelabelled", "bob", 1);
    story_tell(s);

    size_t at = story_find(s, 0, "planProposed", ANN, NULL);
    at = story_find(s, at, "reviewWithdrawn", "r1-ann", NULL);
    story_find(s, at, "levelChanged", ANN, ACC, NULL);
    size_t closed = story_find(s, at, "gapClosed", ANN, ACC, NULL);
    size_t ended = story_find(s, closed, "planEnded", ANN, "\"reason\":3", NULL);
    story_expect_chain(s, ended, "ann", "reviewWithdrawn", "r1-ann");
    /* Bob has begun: he may go on, but nothing asks for it any more. */
    story_find(s, 0, "planRelabelled", "\"personId\":\"bob\"", "\"voluntary\":true", NULL);
    assert_int_equal(story_facts_of(s, "planEnded", "\"personId\":\"bob\""), 0);
}

/* ---- E: what each action does ---- */

static void say_evidence(story *s, int number, int action, const char *level, size_t changes)
{
    story_say(s, COMPETENCY, number, "hr",
              "\"recordEvidence\":{\"evidenceId\":\"e%d\",\"personId\":\"ann\","
              "\"competencyId\":\"three\",\"source\":3,\"action\":%d,\"levelName\":\"%s\"}",
              number, action, level);
    story_until(s, "attainmentChanged", "three", changes);
}

static void fixture_e__evidence_gives_levels_by_its_action(void **ctx)
{
    static const char *const after[] = { "\"level\":2,", "\"level\":1,", "\"level\":2,",
                                         "\"previousLevel\":2", "\"level\":2," };
    story *s = *ctx;
    size_t at = 0;

    story_say(s, FEEDBACK, 0, "hr", "\"recordUnit\":{\"unitId\":\"u\",\"label\":\"U\"}");
    story_say(s, COMPETENCY, 0, "hr",
              "\"defineCompetency\":{\"competencyId\":\"three\",\"title\":\"Three\",\"family\":1,"
              "\"levels\":[{\"name\":\"1\"},{\"name\":\"2\"},{\"name\":\"3\"}],"
              "\"proficientFrom\":\"2\",\"defaultLevel\":\"2\"}");
    story_next(s);
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"ann\",\"unitId\":\"u\",\"active\":true}");
    story_next(s);
    say_evidence(s, 1, 1, "", 0);  /* log: unassessed */
    say_evidence(s, 2, 2, "", 1);  /* complete: 2 */
    say_evidence(s, 3, 3, "1", 2); /* override: 1, not proficient */
    say_evidence(s, 4, 2, "", 2);  /* complete: still 1 */
    say_evidence(s, 5, 4, "2", 3); /* raise: 2 */
    say_evidence(s, 6, 3, "", 4);  /* override by none: unassessed */
    say_evidence(s, 7, 2, "", 5);  /* complete: 2 */
    story_tell(s);

    assert_int_equal(story_facts_of(s, "evidenceRecorded", ""), 7);
    assert_int_equal(story_facts_of(s, "attainmentChanged", ""), 5);
    for (size_t i = 0; i < 5; i++) {
        at = story_find(s, at, "attainmentChanged", "", NULL);
        print_message("%s\n", s->facts[at].json);
        if (!strstr(s->facts[at].json, after[i]))
            fail_msg("%s is not in %s", after[i], s->facts[at].json);
        assert_int_equal(strstr(s->facts[at].json, "\"proficient\":true") != NULL,
                         i != 1 && i != 3);
        at++;
    }
}

/* ---- F: points ---- */

static void say_child(story *s, int number, const char *child, int action, size_t outcomes)
{
    story_say(s, COMPETENCY, number, "hr",
              "\"recordEvidence\":{\"evidenceId\":\"e%d\",\"personId\":\"ann\","
              "\"competencyId\":\"%s\",\"source\":3,\"action\":%d,\"levelName\":\"\"}",
              number, child, action);
    story_until(s, "ruleOutcome", "parent", outcomes);
}

static void fixture_f__points_are_won_and_lost(void **ctx)
{
    static const char *const ids[] = { "parent", "a", "b", "c" };
    story *s = *ctx;
    size_t at = 0;

    story_say(s, FEEDBACK, 0, "hr", "\"recordUnit\":{\"unitId\":\"u\",\"label\":\"U\"}");
    for (int i = 0; i < 4; i++)
        story_say(s, COMPETENCY, 0, "hr",
                  "\"defineCompetency\":{\"competencyId\":\"%s\",\"title\":\"%s\",\"family\":1,"
                  "\"levels\":[{\"name\":\"no\"},{\"name\":\"yes\"}],\"proficientFrom\":\"yes\","
                  "\"defaultLevel\":\"yes\"}",
                  ids[i], ids[i]);
    story_next(s);
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"ann\",\"unitId\":\"u\",\"active\":true}");
    story_say(s, COMPETENCY, 0, "hr",
              "\"setCompetencyRule\":{\"competencyId\":\"parent\",\"kind\":2,\"pointsNeeded\":5,"
              "\"outcome\":3,\"children\":[{\"competencyId\":\"a\",\"points\":3,"
              "\"required\":true},{\"competencyId\":\"b\",\"points\":2},{\"competencyId\":\"c\","
              "\"points\":2}]}");
    story_next(s);
    say_child(s, 1, "b", 2, 0);
    say_child(s, 2, "c", 2, 0); /* 4 points, and a is required: no */
    say_child(s, 3, "a", 2, 1); /* complete */
    say_child(s, 4, "a", 3, 2); /* a falls: withdrawn */
    say_child(s, 5, "a", 2, 3); /* a is back: complete again */
    story_tell(s);

    assert_int_equal(story_facts_of(s, "ruleOutcome", "parent"), 3);
    at = story_find(s, 0, "ruleOutcome", "parent", NULL);
    assert_non_null(strstr(s->facts[at].json, "\"met\":true"));
    assert_true(at > story_find(s, 0, "evidenceRecorded", "\"e3\"", NULL));
    at = story_find(s, at, "attainmentChanged", "parent", "\"level\":2", NULL);
    at = story_find(s, at, "evidenceRecorded", "\"e4\"", NULL);
    size_t lost = story_find(s, at, "ruleOutcome", "parent", NULL);
    assert_null(strstr(s->facts[lost].json, "\"met\":true"));
    story_expect_chain(s, lost, "ann", "evidenceRecorded", "\"e4\"");
    at = story_find(s, at, "evidenceRecorded", "\"e5\"", NULL);
    story_find(s, at, "attainmentChanged", "parent", "\"level\":2", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, story_setup, story_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(fixture_e__evidence_gives_levels_by_its_action),
        TEST(fixture_f__points_are_won_and_lost),
        TEST(fixture_i__a_withdrawn_rating_takes_its_plan_back),
        TEST(fixture_h__one_chain_from_a_rating_to_what_learning_did),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
