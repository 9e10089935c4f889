/* test_story_score.c: fixtures A and C of the feature list: a score with a part that nobody could
 * rate, and its place in the matrix, from five daemons on a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "tests/integration/story.h"

/* 1 to 5, of which any may be left out. */
static void say_scale(story *s)
{
    char values[1024] = "";

    for (int v = 1; v <= 5; v++)
        snprintf(values + strlen(values), sizeof values - strlen(values),
                 "%s{\"value\":%d,\"label\":\"%d\",\"proficient\":true}", v > 1 ? "," : "", v, v);
    story_say(s, REVIEW, 0, "hr",
              "\"defineScale\":{\"scaleId\":\"five\",\"version\":1,\"values\":[%s],"
              "\"defaultValue\":3,\"allowsNotApplicable\":true}",
              values);
}

static void say_template(story *s)
{
    static const struct {
        const char *id;
        int facet, weight;
    } rows[] = { { "kra1", 1, 6000 }, { "kra2", 1, 4000 }, { "c1", 2, 5000 }, { "c2", 2, 5000 } };
    char criteria[1024] = "";

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        snprintf(criteria + strlen(criteria), sizeof criteria - strlen(criteria),
                 "%s{\"criterionId\":\"%s\",\"label\":\"%s\",\"facet\":%d,"
                 "\"weightHundredths\":%d}",
                 i ? "," : "", rows[i].id, rows[i].id, rows[i].facet, rows[i].weight);
    story_say(s, REVIEW, 0, "hr", "\"defineTemplate\":{\"version\":1,\"criteria\":[%s]}", criteria);
}

static void fixture_a__what_nobody_rated_is_left_out_of_the_score(void **ctx)
{
    story *s = *ctx;

    story_say(s, FEEDBACK, 0, "hr", "\"recordUnit\":{\"unitId\":\"ledger\",\"label\":\"Ledger\"}");
    say_scale(s);
    say_template(s);
    story_next(s);
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"boss\",\"unitId\":\"ledger\",\"active\":true}");
    story_say(s, REVIEW, 0, "hr",
              "\"defineCycle\":{\"cycleId\":\"a\",\"label\":\"A\",\"startsAt\":"
              "\"2026-01-01T00:00:00Z\",\"scaleId\":\"five\",\"scaleVersion\":1}");
    for (int phase = 2; phase <= 3; phase++) {
        story_next(s);
        story_say(s, REVIEW, 0, "hr", "\"moveCycle\":{\"cycleId\":\"a\",\"to\":%d}", phase);
    }
    story_say(s, FEEDBACK, 0, "hr",
              "\"recordPerson\":{\"personId\":\"ann\",\"managerId\":\"boss\","
              "\"unitId\":\"ledger\",\"active\":true}");
    story_next(s);
    story_say(s, REVIEW, 2, "boss",
              "\"submitReview\":{\"reviewId\":\"r\",\"cycleId\":\"a\",\"subjectId\":\"ann\","
              "\"relation\":2,\"criteria\":[{\"criterionId\":\"kra1\",\"value\":4},"
              "{\"criterionId\":\"kra2\",\"value\":3},{\"criterionId\":\"c1\",\"value\":5},"
              "{\"criterionId\":\"c2\",\"notApplicable\":true}]}");
    story_next(s);
    story_say(s, REVIEW, 3, "hr", "\"moveCycle\":{\"cycleId\":\"a\",\"to\":4}");
    story_until(s, "matrixPlaced", "", 1);
    story_tell(s);

    size_t score = story_find(s, 0, "scoreComputed", "\"whatHundredths\":360", NULL);
    if (!strstr(s->facts[score].json, "\"howHundredths\":500"))
        fail_msg("%s", s->facts[score].json);
    (void)story_find(s, score, "matrixPlaced", "\"column\":2", "\"row\":3", NULL); /* C */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
        fixture_a__what_nobody_rated_is_left_out_of_the_score, story_setup, story_teardown) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
