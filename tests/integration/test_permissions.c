/* test_permissions.c: who may do what, on a real nats-server with the configuration of `praxis
 * run`: every role against every subject that matters, each cell as listed.
 *
 * A row names the roles that may; all the others must be refused. What an allowed call then does is
 * the matter of test_accounts and test_attacks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/integration/accounts_fixture.h"

/* A role is known by its letter. */
static const struct {
    char letter;
    const char *user; /* NULL: nobody, without a password */
} roles[] = {
    { 'F', "feedback-ingest" },
    { 'R', "review-cycle" },
    { 'C', "competency" },
    { 'L', "learning-recommender" },
    { 'P', "reporting" },
    { 'O', "operator" },
    { 'K', "keeper" },    /* seals the keys of people under a new master */
    { 'h', "hr" },        /* a source of tenant acme */
    { 'm', "lms" },       /* another source of acme */
    { 'b', "board" },     /* reads reports of acme */
    { 'x', "hr@globex" }, /* an outsider of another tenant */
    { 'a', NULL },
};

typedef struct {
    const char *subject;
    const char *who; /* letters of those who may */
} row;

#define JS   "$JS.API."
#define FEED "FEED.API."

static const row publishes[] = {
    /* facts, keys, report values, the feed */
    { "praxis.log.feedback-ingest", "F" },
    { "praxis.log.review-cycle", "R" },
    { "praxis.log.competency", "C" },
    { "praxis.log.learning-recommender", "L" },
    { "praxis.log.reporting", "P" },
    { "praxis.log.other", "" },
    { "praxis.key.acme.ann", "FRK" },
    { "$KV.PRAXIS_REPORTS.acme.progress", "P" },
    { "praxis.v1.acme.event.competency.LevelChanged", "C" },
    { "praxis.v1.acme.event.reporting.ReportReleased", "P" },
    { "praxis.v1.acme.result.competency.hr", "C" },
    { "praxis.v1.acme.result.reporting.hr", "P" },
    /* submitting and asking */
    { "praxis.v1.acme.submit.competency.RecordRole.hr", "h" },
    { "praxis.v1.acme.submit.learning-recommender.CompleteItem.lms", "m" },
    { "praxis.v1.acme.submit.competency.Bundle.lms", "m" },
    { "praxis.v1.globex.submit.competency.RecordRole.hr", "x" },
    { "praxis.v1.acme.submit.competency.RecordRole.operator", "O" },
    { "praxis.v1.acme.submit.competency.RecordRole.board", "b" },
    { "praxis.v1.acme.query.competency.GetLevel", "Ohmb" },
    { "praxis.v1.globex.query.competency.GetLevel", "Ox" },
    /* the operator's calls, and answers put into the inboxes of others */
    { "praxis.admin.competency.Rebuild", "O" },
    { "praxis.admin.competency.Projection", "O" },
    { "$SRV.PING", "O" },
    { "$SRV.STATS.competency", "O" },
    { "_IN_hr.x", "" },
    { "_IN_lms.x", "" },
    { "_IN_competency.x", "" },
    { "_IN_operator.x", "" },
    { "_IN_keeper.x", "" },
    /* the server, its accounts and its cluster */
    { JS "INFO", "FRCLP" },
    { JS "ACCOUNT.PURGE.CORE", "" },
    { JS "ACCOUNT.STREAM.MOVE.CORE.PRAXIS_LOG", "" },
    { JS "SERVER.REMOVE", "" },
    { JS "META.LEADER.STEPDOWN", "" },
    { JS "STREAM.PEER.REMOVE.PRAXIS_LOG", "" },
    { JS "STREAM.LEADER.STEPDOWN.PRAXIS_LOG", "" },
    { "$SYS.REQ.SERVER.PING", "" },
    { "$SYS.REQ.ACCOUNT.CORE.CONNZ", "" },
    /* making, changing and destroying streams */
    { JS "STREAM.CREATE.PRAXIS_LOG", "FRCLP" },
    { JS "STREAM.CREATE.PRAXIS_KEYS", "FR" },
    { JS "STREAM.CREATE.PRAXIS_INBOX_COMPETENCY", "C" },
    { JS "STREAM.CREATE.OTHER", "" },
    { JS "STREAM.UPDATE.PRAXIS_LOG", "" },
    { JS "STREAM.DELETE.PRAXIS_LOG", "" },
    { JS "STREAM.DELETE.PRAXIS_FEED", "" },
    { JS "STREAM.DELETE.PRAXIS_KEYS", "" },
    { JS "STREAM.DELETE.PRAXIS_INBOX_COMPETENCY", "" },
    { JS "STREAM.PURGE.PRAXIS_LOG", "" },
    { JS "STREAM.PURGE.PRAXIS_FEED", "" },
    { JS "STREAM.PURGE.PRAXIS_KEYS", "" },
    { JS "STREAM.PURGE.KV_PRAXIS_REPORTS", "" },
    { JS "STREAM.PURGE.PRAXIS_INBOX_COMPETENCY", "C" },
    { JS "STREAM.PURGE.PRAXIS_INBOX_REPORTING", "P" },
    { JS "STREAM.MSG.DELETE.PRAXIS_LOG", "" },
    { JS "STREAM.MSG.DELETE.PRAXIS_FEED", "" },
    { JS "STREAM.MSG.DELETE.KV_PRAXIS_REPORTS", "" },
    { JS "STREAM.MSG.DELETE.PRAXIS_KEYS", "FRK" },
    { JS "STREAM.MSG.DELETE.PRAXIS_INBOX_COMPETENCY", "C" },
    { JS "STREAM.RESTORE.PRAXIS_LOG", "" },
    { JS "STREAM.RESTORE.PRAXIS_KEYS", "" },
    { "$JS.SNAPSHOT.RESTORE.PRAXIS_LOG.x", "" },
    { JS "STREAM.SNAPSHOT.PRAXIS_LOG", "O" },
    { JS "STREAM.SNAPSHOT.PRAXIS_KEYS", "O" },
    { "$JS.SNAPSHOT.ACK.PRAXIS_LOG.x.131072.1", "O" },
    /* looking into streams */
    { JS "STREAM.NAMES", "" },
    { JS "STREAM.LIST", "" },
    { JS "STREAM.INFO.PRAXIS_LOG", "FRCLPO" },
    { JS "STREAM.INFO.PRAXIS_KEYS", "FROK" },
    { JS "STREAM.INFO.PRAXIS_INBOX_COMPETENCY", "CO" },
    { JS "STREAM.MSG.GET.PRAXIS_LOG", "FRCLPO" },
    { JS "STREAM.MSG.GET.PRAXIS_FEED", "FRCLPO" },
    { JS "STREAM.MSG.GET.PRAXIS_KEYS", "FROK" },
    { JS "STREAM.MSG.GET.PRAXIS_INBOX_COMPETENCY", "CO" },
    { JS "STREAM.MSG.GET.KV_PRAXIS_REPORTS", "PO" },
    { JS "DIRECT.GET.PRAXIS_LOG", "O" },
    { JS "DIRECT.GET.PRAXIS_KEYS", "O" },
    { JS "CONSUMER.CREATE.PRAXIS_LOG", "FRCLPO" },
    { JS "CONSUMER.CREATE.PRAXIS_FEED", "O" },
    { JS "CONSUMER.CREATE.PRAXIS_KEYS", "OK" },
    { JS "CONSUMER.MSG.NEXT.PRAXIS_KEYS.c", "OK" },
    { JS "CONSUMER.CREATE.PRAXIS_INBOX_COMPETENCY", "CO" },
    { JS "CONSUMER.CREATE.PRAXIS_INBOX_REPORTING", "PO" },
    { JS "CONSUMER.DURABLE.CREATE.PRAXIS_LOG.d", "" },
    { JS "CONSUMER.DELETE.PRAXIS_LOG.c", "" },
    { JS "CONSUMER.MSG.NEXT.PRAXIS_LOG.c", "FRCLPO" },
    { JS "CONSUMER.MSG.NEXT.PRAXIS_INBOX_COMPETENCY.c", "CO" },
    /* the renamed API of outsiders */
    { FEED "STREAM.INFO.PRAXIS_FEED", "" },
    { FEED "STREAM.MSG.GET.PRAXIS_FEED", "" },
    { FEED "STREAM.DELETE.PRAXIS_FEED", "" },
    { FEED "STREAM.SNAPSHOT.PRAXIS_FEED", "" },
    { FEED "DIRECT.GET.PRAXIS_FEED", "" },
    { FEED "DIRECT.GET.PRAXIS_FEED.praxis.v1.acme.event.>", "hmb" },
    { FEED "DIRECT.GET.PRAXIS_FEED.praxis.v1.globex.event.>", "x" },
    { FEED "DIRECT.GET.PRAXIS_FEED.praxis.v1.acme.result.*.lms", "m" },
    { FEED "DIRECT.GET.KV_PRAXIS_REPORTS", "" },
    { FEED "DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.acme.progress", "hmb" },
    { FEED "DIRECT.GET.KV_PRAXIS_REPORTS.$KV.PRAXIS_REPORTS.globex.progress", "x" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED", "" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c", "" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.>", "" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.*.event.>", "" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.acme.event.>", "hmb" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.globex.event.>", "x" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.acme.result.>", "" },
    { FEED "CONSUMER.CREATE.PRAXIS_FEED.c.praxis.v1.acme.result.*.lms", "m" },
    { FEED "CONSUMER.CREATE.PRAXIS_LOG.c.praxis.log.*", "" },
    { FEED "CONSUMER.MSG.NEXT.PRAXIS_FEED.c", "hmbx" },
    { FEED "CONSUMER.MSG.NEXT.PRAXIS_LOG.c", "" },
    { FEED "CONSUMER.INFO.PRAXIS_FEED.c", "hmbx" },
    { FEED "CONSUMER.DELETE.PRAXIS_FEED.c", "" },
};

static const row subscribes[] = {
    { ">", "" },
    { "praxis.>", "" },
    { "_INBOX.>", "" },
    { "_IN_*.>", "" },
    { "_IN_hr.>", "h" },
    { "_IN_lms.>", "m" },
    { "_IN_hr@globex.>", "x" },
    { "_IN_competency.>", "C" },
    { "_IN_operator.>", "O" },
    { "_IN_keeper.>", "K" },
    /* nobody hears what a stream stores, but the feed: see test_attacks */
    { "praxis.log.*", "" },
    { "praxis.log.competency", "" },
    { "praxis.key.>", "" },
    { "praxis.key.acme.ann", "" },
    { "$KV.PRAXIS_REPORTS.>", "" },
    { "$KV.PRAXIS_REPORTS.acme.progress", "" },
    { "praxis.v1.acme.submit.>", "" },
    { "praxis.v1.acme.submit.competency.RecordRole.hr", "" },
    { "praxis.v1.*.event.>", "" },
    { "praxis.v1.acme.event.>", "hmb" },
    { "praxis.v1.acme.event.competency.LevelChanged", "hmb" },
    { "praxis.v1.globex.event.>", "x" },
    { "praxis.v1.acme.result.>", "" },
    { "praxis.v1.acme.result.*.hr", "h" },
    { "praxis.v1.acme.result.*.lms", "m" },
    /* nobody answers in another's place, or listens to the server */
    { "praxis.v1.acme.query.>", "" },
    { "praxis.v1.*.query.competency.*", "C" },
    { "praxis.v1.*.query.reporting.*", "P" },
    { "praxis.admin.>", "" },
    { "praxis.admin.competency.*", "C" },
    { "$SRV.>", "" },
    { "$SRV.PING", "FRCLP" },
    { "$JS.API.>", "" },
    { "$JS.API.STREAM.DELETE.PRAXIS_LOG", "" },
    { "$JS.EVENT.>", "" },
    { "$SYS.>", "" },
};

static bool may_publish(nats_raw *c, const char *subject)
{
    return nats_raw_publish(c, subject, "", "{}");
}

static void each_cell(world *w, const char *verb, bool (*may)(nats_raw *c, const char *subject),
                      const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < PX_COUNT(roles); k++) {
            bool allowed = roles[k].user && may(connect_as(w, roles[k].user), rows[i].subject);

            if (allowed != (strchr(rows[i].who, roles[k].letter) != NULL))
                fail_msg("%s %s %s %s", roles[k].user ? roles[k].user : "anybody",
                         allowed ? "may" : "may not", verb, rows[i].subject);
        }
}

static void every_role__publishes_exactly_what_is_listed(void **ctx)
{
    each_cell(*ctx, "publish on", may_publish, publishes, PX_COUNT(publishes));
}

static void every_role__hears_exactly_what_is_listed(void **ctx)
{
    each_cell(*ctx, "subscribe to", nats_raw_subscribe, subscribes, PX_COUNT(subscribes));
}

static void without_a_password__no_connection(void **ctx)
{
    world *w = *ctx;

    assert_null(nats_raw_open(nats_fixture_url(w->nats), NULL, NULL));
    assert_null(nats_raw_open(nats_fixture_url(w->nats), "hr", "0123456789abcdef0123456789abcdef"));
    assert_null(nats_raw_open(nats_fixture_url(w->nats), "sys", ""));
    assert_null(nats_raw_open(nats_fixture_url(w->nats), "nobody", ""));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role__publishes_exactly_what_is_listed),
        cmocka_unit_test(every_role__hears_exactly_what_is_listed),
        cmocka_unit_test(without_a_password__no_connection),
    };

    print_message("%zu cells\n", PX_COUNT(roles) * (PX_COUNT(publishes) + PX_COUNT(subscribes)));
    return cmocka_run_group_tests_name("permissions", tests, world_setup, world_teardown);
}
