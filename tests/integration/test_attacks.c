/* test_attacks.c: what an outsider tries against the border between the accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/integration/accounts_fixture.h"

/* ---- what must not have happened ---- */

/* What hr and the daemons have sent so far has been dealt with, and what the server sends because
 * of it has had its time. */
static void settle(world *w)
{
    nats_raw *hr = connect_as(w, "hr");

    assert_non_null(nats_raw_ask(hr, "praxis.v1.acme.submit.competency.RecordRole.hr", "{}"));
    nats_raw_ask(hr, "FEED.API.CONSUMER.INFO.PRAXIS_FEED.reader", "");
    messages_in(w, "PRAXIS_FEED");
    assert_null(nats_raw_next(hr, STAY_AWAY_MS));
}

/* Nothing has reached what is not an outsider's, and the inbox holds only what hr has submitted. */
static void nothing_else_written(world *w, long submitted)
{
    char call[] = "$JS.API.STREAM.MSG.GET.PRAXIS_INBOX_COMPETENCY";

    settle(w);
    submitted++; /* by settle() */
    assert_int_equal(messages_in(w, "PRAXIS_LOG"), 0);
    assert_int_equal(messages_in(w, "PRAXIS_KEYS"), 0);
    assert_int_equal(messages_in(w, "KV_PRAXIS_REPORTS"), 0);
    assert_int_equal(messages_in(w, "PRAXIS_INBOX_COMPETENCY"), submitted);
    const char *other = nats_raw_ask(connect_as(w, "operator"), call,
                                     "{\"last_by_subj\":\"praxis.v1.*.submit.competency.*.lms\"}");
    assert_non_null(other);
    assert_non_null(strstr(other, "\"error\""));
}

/* ---- attacks ---- */

/* Where a reply subject would do harm if the server took it at its word. */
static const char *const targets[] = {
    "praxis.log.competency",
    "praxis.key.acme.ann",
    "$KV.PRAXIS_REPORTS.acme.progress",
    "praxis.v1.acme.submit.competency.RecordRole.lms",
    "praxis.v1.globex.submit.competency.RecordRole.hr",
};

/* Why there is a border at all: without one the server writes wherever a reply subject says. */
static void reply_subject_inside_the_account__writes_into_the_log(void **ctx)
{
    world *w = *ctx;

    assert_true(nats_raw_publish(connect_as(w, "competency"),
                                 "praxis.v1.acme.event.competency.LevelChanged",
                                 "praxis.log.competency", "{}"));
    settle(w);
    assert_int_equal(messages_in(w, "PRAXIS_LOG"), 1);
}

static void reply_subject_on_submit__reaches_nothing(void **ctx)
{
    world *w = *ctx;

    for (size_t i = 0; i < PX_COUNT(targets); i++)
        nats_raw_publish(connect_as(w, "hr"), "praxis.v1.acme.submit.competency.RecordRole.hr",
                         targets[i], "{}");
    nothing_else_written(w, (long)PX_COUNT(targets));
}

static void reply_subject_on_query__reaches_nothing(void **ctx)
{
    world *w = *ctx;
    nats_raw *daemon = connect_as(w, "competency");

    assert_true(nats_raw_subscribe(daemon, "praxis.v1.*.query.competency.*"));
    for (size_t i = 0; i < PX_COUNT(targets); i++) {
        nats_raw_publish(connect_as(w, "hr"), "praxis.v1.acme.query.competency.GetLevel",
                         targets[i], "{}");
        assert_non_null(nats_raw_next(daemon, COME_MS));
        nats_raw_publish(daemon, nats_raw_reply(daemon), "", "an answer");
    }
    nothing_else_written(w, 0);
}

static void reply_subject_on_the_feed__reaches_nothing(void **ctx)
{
    static const char *const calls[] = {
        "FEED.API.CONSUMER.MSG.NEXT.PRAXIS_FEED.reader",
        "FEED.API.CONSUMER.INFO.PRAXIS_FEED.reader",
        "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.other.praxis.v1.acme.event.>",
        "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.acme.event.>",
        "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.acme.progress",
    };
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");

    for (size_t i = 0; i < 2 * PX_COUNT(targets); i++)
        say_event(w, "acme", "an event");
    assert_non_null(create_consumer(hr, "reader", "praxis.v1.acme.event.>", ""));
    for (size_t i = 0; i < PX_COUNT(targets); i++)
        for (size_t k = 0; k < PX_COUNT(calls); k++)
            nats_raw_publish(hr, calls[k], targets[i], "");
    nothing_else_written(w, 0);
}

static void push_consumer__reaches_nothing(void **ctx)
{
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");
    char name[16], more[200];

    say_event(w, "acme", "an event");
    for (size_t i = 0; i < PX_COUNT(targets); i++) {
        snprintf(name, sizeof name, "push%zu", i);
        snprintf(more, sizeof more, ",\"deliver_subject\":\"%s\"", targets[i]);
        create_consumer(hr, name, "praxis.v1.acme.event.>", more);
    }
    say_event(w, "acme", "another event");
    nothing_else_written(w, 0);
}

/* A push consumer delivers, and then a stream stores, where a client inside listens to exactly its
 * subject. So nobody inside may listen to what a stream stores (test_permissions), and
 * daemons know the operator by the inbox to answer to, which is here the server's own. */
static void push_consumer_to_a_listening_daemon__has_no_inbox_to_answer_to(void **ctx)
{
    world *w = *ctx;
    nats_raw *daemon = connect_as(w, "competency");

    assert_true(nats_raw_subscribe(daemon, "praxis.admin.competency.Rebuild"));
    say_event(w, "acme", "an event");
    create_consumer(connect_as(w, "hr"), "admin", "praxis.v1.acme.event.>",
                    ",\"deliver_subject\":\"praxis.admin.competency.Rebuild\"");
    assert_non_null(nats_raw_next(daemon, COME_MS));
    assert_int_not_equal(strncmp(nats_raw_reply(daemon), "_IN_", 4), 0);
}

static void wider_filter_in_the_body__refused(void **ctx)
{
    static const char *const filters[] = { "praxis.v1.*.event.>", "praxis.v1.globex.event.>", ">",
                                           "" };
    world *w = *ctx;

    for (size_t i = 0; i < PX_COUNT(filters); i++) {
        const char *answer = create_consumer(connect_as(w, "hr"), "wide", filters[i], "");
        assert_non_null(answer);
        assert_non_null(strstr(answer, "\"error\""));
    }
}

/* A stream that allows it would forget everything else it holds. */
static void rollup_header__wipes_nothing(void **ctx)
{
    static const char *const kinds[] = { "Nats-Rollup: all\r\n", "Nats-Rollup: sub\r\n" };
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");
    const char *subject = "praxis.v1.acme.submit.competency.RecordRole.hr";

    assert_non_null(nats_raw_ask(hr, subject, "{}"));
    for (size_t i = 0; i < PX_COUNT(kinds); i++) {
        nats_raw_publish_with(hr, subject, "_IN_hr.raw.rollup", kinds[i], "{}");
        const char *ack = nats_raw_next(hr, COME_MS);
        assert_non_null(ack);
        assert_non_null(strstr(ack, "\"error\""));
    }
    assert_int_equal(messages_in(w, "PRAXIS_INBOX_COMPETENCY"), 1);
}

/* What one tenant may ask of the server has bounds. */
static void limits_of_a_tenant__hold(void **ctx)
{
    enum { BUNDLE = 120 * 1024, TOO_LARGE = 128 * 1024 + 1, SUBSCRIPTIONS = 1000 };
    world *w = *ctx;
    const char *subject = "praxis.v1.acme.submit.competency.Bundle.lms";
    nats_raw *hr = connect_as(w, "hr");
    unsigned count = 0;

    while (count <= SUBSCRIPTIONS && nats_raw_subscribe(hr, "_IN_hr.many"))
        count++;
    assert_in_range(count, 1, SUBSCRIPTIONS);
    assert_true(nats_raw_announce(connect_as(w, "board"), subject, BUNDLE));
    assert_false(nats_raw_announce(connect_as(w, "lms"), subject, TOO_LARGE));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reply_subject_inside_the_account__writes_into_the_log),
        TEST(reply_subject_on_submit__reaches_nothing),
        TEST(reply_subject_on_query__reaches_nothing),
        TEST(reply_subject_on_the_feed__reaches_nothing),
        TEST(push_consumer__reaches_nothing),
        TEST(push_consumer_to_a_listening_daemon__has_no_inbox_to_answer_to),
        TEST(wider_filter_in_the_body__refused),
        TEST(rollup_header__wipes_nothing),
        TEST(limits_of_a_tenant__hold),
    };

    return cmocka_run_group_tests_name("attacks", tests, NULL, NULL);
}
