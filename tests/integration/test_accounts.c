/* test_accounts.c: what must work across the border between the accounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/integration/accounts_fixture.h"

static void submission__acknowledged_across_the_border(void **ctx)
{
    world *w = *ctx;
    const char *ack =
        nats_raw_ask(connect_as(w, "hr"), "praxis.v1.acme.submit.competency.RecordRole.hr", "{}");

    assert_non_null(ack);
    assert_non_null(strstr(ack, "\"stream\":\"PRAXIS_INBOX_COMPETENCY\""));
    assert_int_equal(messages_in(w, "PRAXIS_INBOX_COMPETENCY"), 1);
}

static void query__answered_across_the_border(void **ctx)
{
    world *w = *ctx;
    nats_raw *daemon = connect_as(w, "competency"), *hr = connect_as(w, "hr");

    assert_true(nats_raw_subscribe(daemon, "praxis.v1.*.query.competency.*"));
    assert_true(nats_raw_subscribe(hr, "_IN_hr.answer"));
    assert_true(
        nats_raw_publish(hr, "praxis.v1.acme.query.competency.GetLevel", "_IN_hr.answer", "who"));
    const char *question = nats_raw_next(daemon, COME_MS);
    assert_non_null(question);
    assert_non_null(strstr(question, "who")); /* behind a header that names the asking account */
    assert_string_equal(nats_raw_subject(daemon), "praxis.v1.acme.query.competency.GetLevel");
    assert_true(nats_raw_publish(daemon, nats_raw_reply(daemon), "", "ann"));
    assert_string_equal(nats_raw_next(hr, COME_MS), "ann");
}

static void event__comes_live_to_its_tenant_only(void **ctx)
{
    world *w = *ctx;
    nats_raw *acme = connect_as(w, "hr"), *globex = connect_as(w, "hr@globex");

    assert_true(nats_raw_subscribe(acme, "praxis.v1.acme.event.>"));
    assert_true(nats_raw_subscribe(globex, "praxis.v1.globex.event.>"));
    say_event(w, "acme", "for acme");
    say_event(w, "globex", "for globex");
    assert_string_equal(nats_raw_next(acme, COME_MS), "for acme");
    assert_string_equal(nats_raw_next(globex, COME_MS), "for globex");
    assert_null(nats_raw_next(acme, STAY_AWAY_MS));
}

static void result__comes_live_to_its_source_only(void **ctx)
{
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");

    assert_true(nats_raw_subscribe(hr, "praxis.v1.acme.result.*.hr"));
    say_result(w, "lms", "for lms");
    say_result(w, "hr", "for hr");
    assert_string_equal(nats_raw_next(hr, COME_MS), "for hr");
}

static void history__read_through_the_renamed_api(void **ctx)
{
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");

    say_event(w, "globex", "not for acme");
    say_event(w, "acme", "first");
    say_event(w, "acme", "second");
    const char *made = create_consumer(hr, "reader", "praxis.v1.acme.event.>", "");
    assert_non_null(made);
    assert_null(strstr(made, "\"error\""));
    assert_non_null(strstr(made, "\"num_pending\":2"));
    assert_string_equal(
        nats_raw_ask(hr, "FEED.API.CONSUMER.INFO.PRAXIS_FEED.reader", "") ? "" : "no", "");
    assert_true(nats_raw_subscribe(hr, "_IN_hr.pull"));
    assert_true(nats_raw_publish(hr, "FEED.API.CONSUMER.MSG.NEXT.PRAXIS_FEED.reader", "_IN_hr.pull",
                                 "{\"batch\":5,\"no_wait\":true}"));
    assert_string_equal(nats_raw_next(hr, COME_MS), "first");
    assert_string_equal(nats_raw_next(hr, COME_MS), "second");
}

static void last_event_and_report_value__read_directly(void **ctx)
{
    world *w = *ctx;
    nats_raw *hr = connect_as(w, "hr");
    const char *stored;

    say_event(w, "acme", "the last one");
    assert_non_null(
        nats_raw_ask(connect_as(w, "reporting"), "$KV.PRAXIS_REPORTS.acme.progress", "half"));
    stored = nats_raw_ask(hr, "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.acme.event.>", "");
    assert_non_null(stored);
    assert_non_null(strstr(stored, "the last one"));
    stored = nats_raw_ask(
        hr, "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.acme.progress", "");
    assert_non_null(stored);
    assert_non_null(strstr(stored, "half"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(submission__acknowledged_across_the_border),
        TEST(query__answered_across_the_border),
        TEST(event__comes_live_to_its_tenant_only),
        TEST(result__comes_live_to_its_source_only),
        TEST(history__read_through_the_renamed_api),
        TEST(last_event_and_report_value__read_directly),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
