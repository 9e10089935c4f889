/* test_story_score.c: fixtures A and C of the feature list: a score with a part that nobody could
 * rate, and its place in the matrix; and a high potential, whom the matrix suggests, who is
 * confirmed and gets the leadership template (C7, L11). From five daemons on a real server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "common/fold.h"
#include "tests/faults/tool.h"
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

/* Boss rates ann in a cycle that begins and shares. */
static void tell_review(story *s, const char *criteria)
{
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
              "\"relation\":2,\"criteria\":[%s]}",
              criteria);
    story_next(s);
    story_say(s, REVIEW, 3, "hr", "\"moveCycle\":{\"cycleId\":\"a\",\"to\":4}");
}

static void fixture_a__what_nobody_rated_is_left_out_of_the_score(void **ctx)
{
    story *s = *ctx;

    tell_review(s, "{\"criterionId\":\"kra1\",\"value\":4},{\"criterionId\":\"kra2\",\"value\":3},"
                   "{\"criterionId\":\"c1\",\"value\":5},"
                   "{\"criterionId\":\"c2\",\"notApplicable\":true}");
    story_until(s, "matrixPlaced", "", 1);
    story_tell(s);

    size_t score = story_find(s, 0, "scoreComputed", "\"whatHundredths\":360", NULL);
    if (!strstr(s->facts[score].json, "\"howHundredths\":500"))
        fail_msg("%s", s->facts[score].json);
    (void)story_find(s, score, "matrixPlaced", "\"column\":2", "\"row\":3", NULL); /* C */
}

/* ---- a high potential ---- */

static void say_leadership(story *s)
{
    story_say(s, FEEDBACK, 4, "hr",
              "\"recordPerson\":{\"personId\":\"hanna\",\"unitId\":\"ledger\",\"active\":true,"
              "\"hrPartner\":true}");
    story_say(s, COMPETENCY, 4, "hr",
              "\"defineCompetency\":{\"competencyId\":\"lead\",\"title\":\"Leading\",\"family\":4,"
              "\"levels\":[{\"name\":\"no\"},{\"name\":\"yes\"}],\"proficientFrom\":\"yes\","
              "\"defaultLevel\":\"yes\"}");
    story_say(
        s, COMPETENCY, 4, "hr",
        "\"defineHighPotentialRule\":{\"topCellIn\":1,\"ofCycles\":1,\"reason\":\"a trial\"}");
    story_next(s);
    story_say(s, LEARNING, 4, "hr",
              "\"defineCatalogueItem\":{\"itemId\":\"summit\",\"title\":\"Summit\",\"kind\":1,"
              "\"hours\":8,\"outcomes\":[{\"competencyId\":\"lead\",\"share\":1,\"levelFrom\":1,"
              "\"levelTo\":5}]}");
    story_next(s);
    story_say(s, LEARNING, 4, "hr",
              "\"defineTemplate\":{\"templateId\":\"track\",\"title\":\"A track\","
              "\"items\":[{\"itemId\":\"summit\"}]}");
    story_next(s);
    story_say(s, LEARNING, 4, "hanna",
              "\"assignTemplate\":{\"templateId\":\"track\",\"audience\":6}");
}

static bool is_event(const px_bus_msg *msg, const char *type, const char *text)
{
    return strstr(msg->subject, ".event.") && strstr(msg->subject, type) &&
           memmem(msg->data.data, msg->data.size, text, strlen(text));
}

/* How many events on the feed have this in their subject and that in their body. */
static size_t events_with(story *s, const char *type, const char *text)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    px_bus *bus = s->scene.drive.bus;
    px_reader *reader = NULL;
    px_bus_msg *msg = NULL;
    px_stream_info feed;
    size_t n = 0;

    assert_int_equal(px_bus_stream_info(bus, px_feed_stream, &feed), PX_OK);
    assert_int_equal(px_reader_open(&reader, bus, px_feed_stream, 1), PX_OK);
    for (uint64_t seq = 0; seq < feed.last_seq;) {
        px_status status = px_reader_next(reader, &msg);

        if (status == PX_EEMPTY && world_now_ms() < deadline) {
            px_bus_wait(bus, WORLD_STEP_MS);
            continue;
        }
        assert_int_equal(status, PX_OK);
        seq = msg->seq;
        n += is_event(msg, type, text);
        px_bus_msg_free(msg);
    }
    px_reader_close(reader);
    return n;
}

/* Who may see the plan finds it by its template. */
static void expect_explanation(story *s)
{
    tool t = { 0 };

    if (TOOL_CONNECTED(&t, s->scene.world, "explain", "ann", "--template", "track", "--viewer",
                       "ann", "--source", "hr") != 0)
        fail_msg("%s", t.text);
    assert_non_null(strstr(t.text, "Plan ann-2000000001,"));
    assert_non_null(strstr(t.text, "Summit"));
    assert_non_null(strstr(t.text, "The template asks for it."));
    if (TOOL_CONNECTED(&t, s->scene.world, "explain", "ann", "--viewer", "ann", "--source", "hr") ==
        0)
        fail_msg("%s", t.text); /* of those on the feed there is none */
}

static void high_potential__gets_the_template_and_the_feed_tells_nothing(void **ctx)
{
    story *s = *ctx;

    tell_review(s, "{\"criterionId\":\"kra1\",\"value\":5},{\"criterionId\":\"kra2\",\"value\":5},"
                   "{\"criterionId\":\"c1\",\"value\":5},{\"criterionId\":\"c2\",\"value\":5}");
    story_until(s, "matrixPlaced", "", 1);
    say_leadership(s);
    story_until(s, "highPotentialSuggested", "\"ann\"", 1);
    story_say(s, COMPETENCY, 5, "hanna", "\"confirmHighPotential\":{\"personId\":\"ann\"}");
    story_until(s, "planProposed", "\"ann\"", 1);
    story_say(s, COMPETENCY, 9, "hanna", "\"declineHighPotential\":{\"personId\":\"ann\"}");
    story_until(s, "planEnded", "\"ann-2000000001\"", 1);
    story_tell(s);

    size_t proposed = story_find(s, 0, "planProposed", "\"track\"", "\"ann-2000000001\"", NULL);
    story_expect_chain(s, proposed, "ann", "highPotentialConfirmed", "\"ann\"");
    assert_int_equal(events_with(s, "TemplateDefined", "track"),
                     1); /* it is the feed that is read */
    assert_int_equal(events_with(s, "", "track"), 1);
    assert_int_equal(events_with(s, "", "ann-2000000001"), 0);
    assert_int_equal(events_with(s, "HighPotential", "ann"), 0);
    assert_int_equal(events_with(s, "learning-recommender", "ann"), 0);
    expect_explanation(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fixture_a__what_nobody_rated_is_left_out_of_the_score,
                                        story_setup, story_teardown),
        cmocka_unit_test_setup_teardown(
            high_potential__gets_the_template_and_the_feed_tells_nothing, story_setup,
            story_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
