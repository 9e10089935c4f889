/* test_accounts.c: who may do what on a real nats-server with the configuration of `praxis run`. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/integration/accounts_fixture.h"

/* ---- lists ---- */

typedef struct {
    const char *user;
    const char *subject;
} attempt;

static void each_publish(world *w, const attempt *attempts, size_t count, bool allowed)
{
    for (size_t i = 0; i < count; i++) {
        bool published =
            nats_raw_publish(connect_as(w, attempts[i].user), attempts[i].subject, "", "{}");
        if (published != allowed)
            fail_msg("%s %s publish on %s", attempts[i].user, published ? "may" : "may not",
                     attempts[i].subject);
    }
}

static void each_subscribe(world *w, const attempt *attempts, size_t count, bool allowed)
{
    for (size_t i = 0; i < count; i++) {
        bool subscribed = nats_raw_subscribe(connect_as(w, attempts[i].user), attempts[i].subject);
        if (subscribed != allowed)
            fail_msg("%s %s subscribe to %s", attempts[i].user, subscribed ? "may" : "may not",
                     attempts[i].subject);
    }
}

static void anonymous_and_wrong_passwords__refused(void **ctx)
{
    world *w = *ctx;

    assert_null(nats_raw_open(nats_fixture_url(w->nats), NULL, NULL));
    assert_null(nats_raw_open(nats_fixture_url(w->nats), "hr", "0123456789abcdef0123456789abcdef"));
    assert_null(nats_raw_open(nats_fixture_url(w->nats), "nobody", ""));
}

static void outsider__publishes_nothing_but_its_own(void **ctx)
{
    static const attempt refused[] = {
        { "hr", "praxis.log.competency" },
        { "hr", "praxis.key.acme.ann" },
        { "hr", "$KV.PRAXIS_REPORTS.acme.progress" },
        { "hr", "praxis.v1.acme.submit.competency.RecordRole.lms" },
        { "hr", "praxis.v1.globex.submit.competency.RecordRole.hr" },
        { "hr", "praxis.v1.acme.event.competency.LevelChanged" },
        { "hr", "praxis.v1.acme.result.competency.hr" },
        { "hr", "praxis.v1.globex.query.competency.GetLevel" },
        { "hr", "praxis.admin.competency.Rebuild" },
        { "hr", "$SRV.PING" },
        { "hr", "_IN_lms.x" },
        { "hr", "_IN_competency.x" },
        { "hr", "$JS.API.STREAM.INFO.PRAXIS_LOG" },
        { "hr", "$JS.API.STREAM.PURGE.KV_PRAXIS_REPORTS" },
        { "hr", "$JS.API.CONSUMER.CREATE.PRAXIS_LOG" },
        { "hr", "FEED.API.STREAM.INFO.PRAXIS_FEED" },
        { "hr", "FEED.API.STREAM.MSG.GET.PRAXIS_FEED" },
        { "hr", "FEED.API.DIRECT.GET.PRAXIS_FEED" },
        { "hr", "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.globex.event.>" },
        { "hr", "FEED.API.DIRECT.GET.PRAXIS_FEED.praxis.v1.acme.result.*.lms" },
        { "hr", "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS" },
        { "hr", "FEED.API.DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.globex.progress" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.>" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.*.event.>" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.globex.event.>" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.acme.result.>" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.acme.result.*.lms" },
        { "hr", "FEED.API.CONSUMER.CREATE.PRAXIS_LOG.c.praxis.log.*" },
        { "hr", "FEED.API.CONSUMER.MSG.NEXT.PRAXIS_LOG.c" },
        { "hr", "FEED.API.CONSUMER.DELETE.PRAXIS_FEED.c" },
        { "hr@globex", "praxis.v1.acme.submit.competency.RecordRole.hr" },
    };
    static const attempt allowed[] = {
        { "hr", "praxis.v1.acme.submit.competency.RecordRole.hr" },
        { "hr", "praxis.v1.acme.query.competency.GetLevel" },
        { "lms", "praxis.v1.acme.submit.learning-recommender.CompleteItem.lms" },
        { "hr@globex", "praxis.v1.globex.submit.competency.RecordRole.hr" },
    };

    each_publish(*ctx, refused, PX_COUNT(refused), false);
    each_publish(*ctx, allowed, PX_COUNT(allowed), true);
}

static void outsider__hears_nothing_but_its_own(void **ctx)
{
    static const attempt refused[] = {
        { "hr", ">" },
        { "hr", "praxis.>" },
        { "hr", "praxis.log.*" },
        { "hr", "praxis.key.>" },
        { "hr", "$KV.PRAXIS_REPORTS.>" },
        { "hr", "$JS.EVENT.>" },
        { "hr", "_INBOX.>" },
        { "hr", "_IN_lms.>" },
        { "hr", "_IN_*.>" },
        { "hr", "_IN_competency.>" },
        { "hr", "praxis.v1.acme.submit.>" },
        { "hr", "praxis.v1.acme.query.>" },
        { "hr", "praxis.v1.*.event.>" },
        { "hr", "praxis.v1.globex.event.>" },
        { "hr", "praxis.v1.acme.result.>" },
        { "hr", "praxis.v1.acme.result.*.lms" },
    };
    static const attempt allowed[] = {
        { "hr", "_IN_hr.>" },
        { "hr", "praxis.v1.acme.event.>" },
        { "hr", "praxis.v1.acme.result.*.hr" },
        { "hr@globex", "_IN_hr@globex.>" },
    };

    each_subscribe(*ctx, refused, PX_COUNT(refused), false);
    each_subscribe(*ctx, allowed, PX_COUNT(allowed), true);
}

static void daemon__writes_nothing_of_the_others(void **ctx)
{
    static const attempt refused[] = {
        { "competency", "praxis.log.reporting" },
        { "competency", "praxis.log.review-cycle" },
        { "competency", "praxis.key.acme.ann" },
        { "competency", "$KV.PRAXIS_REPORTS.acme.progress" },
        { "competency", "praxis.v1.acme.event.reporting.ReportReleased" },
        { "competency", "praxis.v1.acme.result.reporting.hr" },
        { "competency", "praxis.v1.acme.submit.competency.RecordRole.hr" },
        { "competency", "_IN_hr.x" },
        { "competency", "praxis.admin.reporting.Rebuild" },
        { "competency", "$JS.API.STREAM.MSG.GET.PRAXIS_KEYS" },
        { "competency", "$JS.API.CONSUMER.CREATE.PRAXIS_KEYS" },
        { "competency", "$JS.API.CONSUMER.CREATE.PRAXIS_INBOX_REPORTING" },
        { "competency", "$JS.API.STREAM.PURGE.PRAXIS_INBOX_REPORTING" },
        { "competency", "$JS.API.STREAM.PURGE.PRAXIS_LOG" },
        { "competency", "$JS.API.STREAM.DELETE.PRAXIS_LOG" },
        { "competency", "$JS.API.STREAM.UPDATE.PRAXIS_LOG" },
        { "competency", "$JS.API.ACCOUNT.PURGE.CORE" },
        { "feedback-ingest", "$JS.API.STREAM.PURGE.PRAXIS_KEYS" },
        { "feedback-ingest", "$JS.API.STREAM.MSG.DELETE.PRAXIS_LOG" },
        { "reporting", "praxis.key.acme.ann" },
        { "operator", "praxis.log.competency" },
        { "operator", "praxis.key.acme.ann" },
        { "operator", "praxis.v1.acme.submit.competency.RecordRole.hr" },
        { "operator", "$JS.API.STREAM.DELETE.PRAXIS_FEED" },
    };
    static const attempt unheard[] = {
        { "competency", ">" },
        { "competency", "_IN_reporting.>" },
        { "competency", "praxis.v1.*.query.reporting.*" },
        { "operator", "_IN_competency.>" },
        { "operator", ">" },
    };

    each_publish(*ctx, refused, PX_COUNT(refused), false);
    each_subscribe(*ctx, unheard, PX_COUNT(unheard), false);
}

static void daemon__hears_no_stream(void **ctx)
{
    static const char *const subjects[] = {
        "praxis.log.*",
        "praxis.log.competency",
        "praxis.key.acme.ann",
        "$KV.PRAXIS_REPORTS.acme.progress",
        "praxis.v1.acme.submit.competency.RecordRole.hr",
        "praxis.v1.acme.event.competency.LevelChanged",
        "$JS.API.STREAM.DELETE.PRAXIS_LOG",
    };

    for (size_t user = 0; user <= PX_DAEMONS; user++)
        for (size_t i = 0; i < PX_COUNT(subjects); i++) {
            const attempt one = { user < PX_DAEMONS ? px_daemon_names[user] : "operator",
                                  subjects[i] };
            each_subscribe(*ctx, &one, 1, false);
        }
}

/* ---- what must work ---- */

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
        TEST(anonymous_and_wrong_passwords__refused),
        TEST(outsider__publishes_nothing_but_its_own),
        TEST(outsider__hears_nothing_but_its_own),
        TEST(daemon__writes_nothing_of_the_others),
        TEST(daemon__hears_no_stream),
        TEST(submission__acknowledged_across_the_border),
        TEST(query__answered_across_the_border),
        TEST(event__comes_live_to_its_tenant_only),
        TEST(result__comes_live_to_its_source_only),
        TEST(history__read_through_the_renamed_api),
        TEST(last_event_and_report_value__read_directly),
    };

    return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
