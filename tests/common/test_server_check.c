/* test_server_check.c: what a daemon says about a server that it cannot live on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/metrics.h"
#include "common/server_check.h"
#include "tests/common/bus_world.h"
#include "tests/common/fold_world.h"
#include "tests/common/nats_fixture.h"

enum { FIRST_ANSWER_MS = 20000 };

/* ---- limits by themselves ---- */

static const px_bus_limits enough = { 1 << 20, -1, -1, -1 };

static void limits__each_named_with_what_is_needed(void **ctx)
{
    static const struct {
        px_bus_limits limits;
        const char *why;
    } rows[] = {
        { { 65536, -1, -1, -1 }, "the server's max_payload is 65536, at least 987136 is needed" },
        { { 1 << 20, 0, -1, -1 },
          "the server's max_file of the account is 0, at least 4096 is needed" },
        { { 1 << 20, -1, 4095, -1 },
          "the server's disk_max_stream_bytes of the account is 4095, at least 4096 is needed" },
        { { 1 << 20, -1, -1, 10 },
          "the server's max_consumers of the account is 10, at least 64 is needed" },
    };
    char why[PX_SERVER_WHY_MAX];

    (void)ctx;
    assert_true(px_server_limits_suffice(&enough, 4096, why));
    assert_true(px_server_limits_suffice(&(px_bus_limits){ 1 << 20, 4096, 4096, 64 }, 4096, why));
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        assert_false(px_server_limits_suffice(&rows[i].limits, 4096, why));
        assert_string_equal(why, rows[i].why);
    }
}

/* ---- a real server ---- */

typedef struct {
    nats_fixture *nats;
    px_service service;
    px_config config;
    char why[PX_SERVER_WHY_MAX];
} checked;

static int setup(void **ctx)
{
    checked *c = calloc(1, sizeof *c);

    c->service = fold_world_service();
    c->config.replicas = 1;
    c->config.inbox_max_bytes = 1 << 20;
    *ctx = c;
    return 0;
}

static int teardown(void **ctx)
{
    checked *c = *ctx;

    nats_fixture_stop(c->nats);
    free(c);
    return 0;
}

static px_bus *connect_to(checked *c, const char *server_config)
{
    px_bus *bus;

    nats_fixture_stop(c->nats);
    c->nats = nats_fixture_start(server_config);
    snprintf(c->config.nats_user, sizeof c->config.nats_user, "%s",
             strstr(server_config, "accounts") ? "u" : "");
    px_bus_options options = { .url = nats_fixture_url(c->nats),
                               .inbox_prefix = "_IN_u",
                               .request_timeout_ms = 1000 };
    char file[192];
    if (*c->config.nats_user) {
        snprintf(file, sizeof file, "%s/password", nats_fixture_directory(c->nats));
        FILE *out = fopen(file, "we");
        assert_non_null(out);
        fputs("p\n", out);
        fclose(out);
        options.user = c->config.nats_user;
        options.password_file = file;
    }
    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    for (int64_t since = bus_now_ms(); px_bus_epoch(bus) == 0;)
        bus_keep_waiting(bus, since);
    return bus;
}

/* A server that has just started may need a moment until it answers for its streams. */
static px_status check(checked *c, px_bus *bus)
{
    int64_t since = bus_now_ms();
    px_status status;

    c->why[0] = '\0';
    do
        status = px_server_check(bus, &c->service, &c->config, true, c->why);
    while (status == PX_ETIMEOUT && bus_now_ms() - since < FIRST_ANSWER_MS);
    return status;
}

static void refused(checked *c, const char *server_config, const char *why)
{
    px_bus *bus = connect_to(c, server_config);

    assert_int_equal(check(c, bus), PX_EREFUSED);
    if (!strstr(c->why, why))
        fail_msg("\"%s\" is not in \"%s\"", why, c->why);
    px_bus_close(bus);
}

static void fresh_server__good_and_not_known_to_be_durable(void **ctx)
{
    checked *c = *ctx;
    px_bus *bus = connect_to(c, "");

    assert_int_equal(check(c, bus), PX_OK);
    assert_int_equal(check(c, bus), PX_OK); /* the streams are there now */
    px_metric_set(PX_METRIC_SERVER_DURABLE, 1);
    assert_int_equal(px_server_say_durable(bus, &c->config), PX_OK);
    assert_int_equal(px_metric_get(PX_METRIC_SERVER_DURABLE), 0);
    c->config.durable = true; /* the operator's word */
    assert_int_equal(px_server_say_durable(bus, &c->config), PX_OK);
    assert_int_equal(px_metric_get(PX_METRIC_SERVER_DURABLE), 1);
    px_bus_close(bus);
}

static void servers_with_other_settings__refused_in_one_line(void **ctx)
{
    static const char one_user[] = "accounts {\n A {\n%s\nusers: [ { user: u, password: p%s } ] "
                                   "}\n SYS {}\n}\nsystem_account: SYS";
    char config[512];

    refused(*ctx, "max_payload: 64KB", "max_payload is 65536, at least 987136 is needed");
    snprintf(config, sizeof config, one_user, "", "");
    refused(*ctx, config, "no JetStream for user \"u\"");
    snprintf(config, sizeof config, one_user, "jetstream: { max_file: 1KB }", "");
    refused(*ctx, config, "max_file of the account is 1024, at least 1048576 is needed");
    snprintf(config, sizeof config, one_user, "jetstream: { max_consumers: 3 }", "");
    refused(*ctx, config, "max_consumers of the account is 3, at least 64 is needed");
    snprintf(config, sizeof config, one_user, "jetstream: { max_streams: 1 }", "");
    refused(*ctx, config, "stream PRAXIS_FEED can be neither seen nor made: ");
    snprintf(config, sizeof config, one_user, "jetstream: enabled",
             ", permissions: { publish: { deny: \"$JS.API.STREAM.INFO.PRAXIS_LOG\" } }");
    refused(*ctx, config, "stream PRAXIS_LOG can be neither seen nor made: ");
}

/* Sources share the stream, so one of them could take the ids of another beforehand. */
static void message_id_of_another_source__stops_nobody_for_long(void **ctx)
{
    checked *c = *ctx;
    px_bus *bus = connect_to(c, "");
    px_bus_out out = { .subject = "praxis.v1.acme.submit.reporting.SetGroupMinimum.eve",
                       .data = { "x", 1 },
                       .msg_id = "taken" };
    px_bus_ack ack;

    assert_int_equal(check(c, bus), PX_OK);
    assert_int_equal(px_bus_publish_wait(bus, &out, &ack), PX_OK);
    out.subject = "praxis.v1.acme.submit.reporting.SetGroupMinimum.hr";
    int64_t since = bus_now_ms();
    do { /* as a client does that has seen no result */
        assert_int_equal(px_bus_publish_wait(bus, &out, &ack), PX_OK);
        assert_true(bus_now_ms() - since < FIRST_ANSWER_MS);
    } while (ack.duplicate);
    px_bus_close(bus);
}

static px_status make_consumer(px_bus *bus, const char *stream, unsigned i)
{
    char subject[128], body[256];
    px_bus_msg *reply;

    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.CREATE.%s.c%u", stream, i);
    snprintf(body, sizeof body,
             "{\"stream_name\":\"%s\",\"config\":{\"name\":\"c%u\",\"ack_policy\":\"none\"}}",
             stream, i);
    assert_int_equal(
        px_bus_request(bus, &(px_bus_out){ .subject = subject, .data = { body, strlen(body) } },
                       FIRST_ANSWER_MS, &reply),
        PX_OK);
    bool refused = memmem(reply->data.data, reply->data.size, "\"error\"", 7) != NULL;
    px_bus_msg_free(reply);
    return refused ? PX_EREFUSED : PX_OK;
}

/* Each costs the server memory, and outsiders may make them: of the feed's. */
static void consumers_of_the_feed__bounded_and_in_nobodys_way(void **ctx)
{
    checked *c = *ctx;
    px_bus *bus = connect_to(c, "");

    assert_int_equal(check(c, bus), PX_OK);
    for (unsigned i = 0; i < PX_FEED_CONSUMERS_MAX; i++)
        assert_int_equal(make_consumer(bus, "PRAXIS_FEED", i), PX_OK);
    assert_int_equal(make_consumer(bus, "PRAXIS_FEED", PX_FEED_CONSUMERS_MAX), PX_EREFUSED);
    assert_int_equal(make_consumer(bus, "PRAXIS_LOG", 0), PX_OK);
    px_bus_close(bus);
}

/* Made by somebody else, or changed by an operator: named, and not touched. */
static void streams_that_differ__named_with_found_and_needed(void **ctx)
{
    static const char *const subjects[] = { "praxis.log.*" };
    checked *c = *ctx;
    px_bus *bus = connect_to(c, "");

    assert_int_equal(
        px_bus_stream_ensure(bus, &(px_stream_config){ .name = "PRAXIS_LOG",
                                                       .subjects = subjects,
                                                       .subject_count = 1,
                                                       .retention = PX_KEEP_UNTIL_PURGED }),
        PX_OK);
    assert_int_equal(check(c, bus), PX_EREFUSED);
    assert_string_equal(c->why, "stream PRAXIS_LOG: deny_delete is false, true is needed");
    px_bus_close(bus);

    bus = connect_to(c, "");
    assert_int_equal(check(c, bus), PX_OK);
    c->config.inbox_max_bytes *= 2;
    assert_int_equal(check(c, bus), PX_EREFUSED);
    assert_string_equal(c->why,
                        "stream PRAXIS_INBOX_REPORTING: max_bytes is 1048576, 2097152 is needed");
    c->config.inbox_max_bytes /= 2;
    c->config.replicas = 3;
    assert_int_equal(check(c, bus), PX_EREFUSED);
    assert_string_equal(c->why, "stream PRAXIS_LOG: num_replicas is 1, 3 is needed");
    px_bus_close(bus);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits__each_named_with_what_is_needed),
        cmocka_unit_test_setup_teardown(fresh_server__good_and_not_known_to_be_durable, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(servers_with_other_settings__refused_in_one_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(message_id_of_another_source__stops_nobody_for_long, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(consumers_of_the_feed__bounded_and_in_nobodys_way, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(streams_that_differ__named_with_found_and_needed, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
