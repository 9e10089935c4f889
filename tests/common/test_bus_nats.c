/* test_bus_nats.c: what only a real server can show: permissions, passwords, bulk, lost consumers.
 */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/bus_impl.h"
#include "tests/common/bus_world.h"

enum { BULK = 200000, BULK_SIZE = 150, WINDOW = 4096 };

/* --- bulk --- */

static double per_second(uint64_t count, int64_t since_ms)
{
    int64_t took_ms = bus_now_ms() - since_ms;

    return (double)count * 1000 / (double)(took_ms > 0 ? took_ms : 1);
}

static void publish_bulk(bus_world *w, uint64_t count, px_bytes data)
{
    uint64_t epoch = px_bus_epoch(w->bus);
    px_bus_out out = { .subject = w->subject, .data = data };
    uint64_t sent = 0;
    uint64_t acked = 0;
    px_bus_ack ack;

    for (int64_t start = bus_now_ms(); acked < count;) {
        while (sent < count && sent - acked < WINDOW)
            assert_int_equal(px_bus_publish(w->bus, epoch, &out, ++sent), PX_OK);
        while (px_bus_next_ack(w->bus, &ack)) {
            assert_int_equal(ack.status, PX_OK);
            assert_int_equal(ack.token, ++acked);
            assert_int_equal(ack.seq, acked);
        }
        if (acked < count && (sent == count || sent - acked == WINDOW))
            bus_keep_waiting(w->bus, start);
    }
}

static void bulk__is_published_and_read_in_order(void **state)
{
    bus_world *w = *state;
    char data[BULK_SIZE];
    uint64_t seq = 0;
    px_bus_msg *msg;

    memset(data, 'x', sizeof data);
    bus_make_plain_stream(w);
    int64_t start = bus_now_ms();
    publish_bulk(w, BULK, (px_bytes){ data, sizeof data });
    print_message("published %d messages, %.0f a second\n", BULK, per_second(BULK, start));

    start = bus_now_ms();
    px_reader *reader = bus_reader_at(w, 1);
    while (seq < BULK) {
        px_status status = px_reader_next(reader, &msg);
        if (status == PX_EEMPTY) {
            bus_keep_waiting(w->bus, start);
            continue;
        }
        assert_int_equal(status, PX_OK);
        if (msg->seq != ++seq || msg->data.size != BULK_SIZE || msg->pending != BULK - seq)
            fail_msg("message %" PRIu64 " has sequence %" PRIu64, seq, msg->seq);
        px_bus_msg_free(msg);
    }
    print_message("read %d messages, %.0f a second\n", BULK, per_second(BULK, start));
    assert_true(px_reader_caught_up(reader));
    px_reader_close(reader);
}

/* Far more bytes than two requests may bring: the bound ends requests, not the reading. */
static void large_messages__pass_the_byte_bound(void **state)
{
    bus_world *w = *state;
    enum { COUNT = 40, SIZE = 900 * 1024 };
    char *data = calloc(1, SIZE);

    bus_make_plain_stream(w);
    publish_bulk(w, COUNT, (px_bytes){ data, SIZE });
    px_reader *reader = bus_reader_at(w, 1);
    for (uint64_t seq = 1; seq <= COUNT; seq++) {
        px_bus_msg *msg = bus_next(w->bus, reader);
        assert_int_equal(msg->seq, seq);
        assert_int_equal(msg->data.size, SIZE);
        px_bus_msg_free(msg);
    }
    px_reader_close(reader);
    free(data);
}

/* --- the server's side of a reader --- */

static void api(px_bus *bus, const char *subject, const char *body, char *answer, size_t size)
{
    px_bus_out out = { .subject = subject, .data = bus_text(body) };
    px_bus_msg *reply;

    assert_int_equal(px_bus_request(bus, &out, 5000, &reply), PX_OK);
    assert_true(reply->data.size < size);
    memcpy(answer, reply->data.data, reply->data.size);
    answer[reply->data.size] = '\0';
    px_bus_msg_free(reply);
}

/* The one consumer of the stream, by the API's list: {... "consumers":["name"]}. */
static void consumer_name(bus_world *w, char name[64])
{
    static const char key[] = "\"consumers\":[\"";
    char subject[64];
    char answer[4096];

    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.NAMES.%s", w->stream);
    api(w->bus, subject, "", answer, sizeof answer);
    const char *at = strstr(answer, key);
    assert_non_null(at);
    at += sizeof key - 1;
    snprintf(name, 64, "%.*s", (int)strcspn(at, "\""), at);
}

static void reader__notices_that_its_consumer_is_gone(void **state)
{
    bus_world *w = *state;
    char name[64];
    char subject[160];
    char answer[4096];

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "data");
    px_reader *reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 1, "data");
    consumer_name(w, name);
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.DELETE.%s.%s", w->stream, name);
    api(w->bus, subject, "", answer, sizeof answer);
    assert_non_null(strstr(answer, "\"success\":true"));
    bus_until_broken(w->bus, reader);
    assert_non_null(strstr(px_bus_last_error(w->bus), "consumer gone"));
    px_reader_close(reader);
}

static void reader__consumer_is_as_the_design_says(void **state)
{
    static const char *const wanted[] = { "\"ack_policy\":\"none\"", "\"mem_storage\":true",
                                          "\"deliver_policy\":\"by_start_sequence\"",
                                          "\"opt_start_seq\":1", "\"num_waiting\":2" };
    bus_world *w = *state;
    char name[64];
    char subject[160];
    char answer[4096];

    bus_make_plain_stream(w);
    px_reader *reader = bus_reader_at(w, 1);
    assert_in_range(px_reader_opened_ns(reader) / 1000000000, time(NULL) - 60, time(NULL));
    consumer_name(w, name);
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.INFO.%s.%s", w->stream, name);
    api(w->bus, subject, "", answer, sizeof answer);
    for (size_t i = 0; i < PX_COUNT(wanted); i++)
        if (!strstr(answer, wanted[i]))
            fail_msg("%s is not in %s", wanted[i], answer);
    assert_null(strstr(answer, "filter_subject"));
    px_reader_close(reader);
}

/* What must not happen needs its time: requests run out after five seconds and are renewed when
 * somebody reads. */
static void reader__asks_for_no_more_while_nobody_reads(void **state)
{
    enum { COUNT = 40, SIZE = 900 * 1024, IN_TWO_REQUESTS = 10, TWICE_EXPIRED_MS = 12000 };
    bus_world *w = *state;
    char *data = calloc(1, SIZE);
    char name[64], subject[160], answer[4096];

    bus_make_plain_stream(w);
    publish_bulk(w, COUNT, (px_bytes){ data, SIZE });
    px_reader *reader = bus_reader_at(w, 1);
    for (int64_t start = bus_now_ms(); bus_now_ms() - start < TWICE_EXPIRED_MS;)
        px_bus_wait(w->bus, 500);
    consumer_name(w, name);
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.INFO.%s.%s", w->stream, name);
    api(w->bus, subject, "", answer, sizeof answer);
    const char *pending = strstr(answer, "\"num_pending\":");
    assert_non_null(pending);
    assert_true(strtoul(strchr(pending, ':') + 1, NULL, 10) >= COUNT - IN_TWO_REQUESTS);
    for (uint64_t seq = 1; seq <= COUNT; seq++) {
        px_bus_msg *msg = bus_next(w->bus, reader);
        assert_int_equal(msg->seq, seq);
        px_bus_msg_free(msg);
    }
    px_reader_close(reader);
    free(data);
}

/* A message the server takes is no proof; only that it survives kill -9 of an R1 stream is shown
 * here. */
typedef struct {
    atomic_uint count;
    int64_t sent_ms;     /* of the last one */
    int64_t standing_ms; /* until then one of those before it stood */
    int64_t longest_ms;
} requests;

static void note_request(void *context, px_bus *bus, const px_bus_msg *request)
{
    static const char key[] = "\"expires\":";
    requests *r = context;
    char body[128] = "";

    (void)bus;
    memcpy(body, request->data.data,
           request->data.size < sizeof body ? request->data.size : sizeof body - 1);
    const char *expires = strstr(body, key);
    if (!expires || atomic_load(&r->count) == 3)
        return;
    r->standing_ms = r->longest_ms;
    r->sent_ms = bus_now_ms();
    int64_t until_ms = r->sent_ms + strtoll(expires + sizeof key - 1, NULL, 10) / 1000000;
    r->longest_ms = until_ms > r->longest_ms ? until_ms : r->longest_ms;
    atomic_fetch_add(&r->count, 1);
}

/* Requests expire, and 2.9 does not say so when a message comes just then: there must be another
 * one left, or that message waits half a second for the next. */
static void reader__asks_again_while_a_request_still_stands(void **state)
{
    bus_world *w = *state;
    requests seen = { 0 };
    char subject[80];
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    px_bus *other = bus_open(w, NULL);
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.MSG.NEXT.%s.*", w->stream);
    assert_int_equal(px_bus_serve(other, subject, NULL, note_request, &seen), PX_OK);
    bus_put(w, w->subject, "one"); /* a round trip: the other connection listens by now */
    assert_int_equal(px_bus_get(other, w->stream, 1, &msg), PX_OK);
    px_bus_msg_free(msg);
    px_reader *reader = bus_reader_at(w, 2);
    for (int64_t start = bus_now_ms(); atomic_load(&seen.count) < 3;) {
        assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
        bus_keep_waiting(w->bus, start);
    }
    assert_true(seen.sent_ms < seen.standing_ms - 1000);
    px_reader_close(reader);
    px_bus_close(other);
}

static void acknowledged_messages__survive_kill_9(void **state)
{
    bus_world *w = *state;
    enum { ROUNDS = 3, EACH = 200 };

    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_FOREVER });
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < EACH; i++)
            bus_put(w, w->subject, "data");
        bus_take_down(w);
        bus_bring_up(w);
        px_stream_info info = bus_info_of(w);
        assert_int_equal(info.last_seq, (round + 1) * EACH);
        assert_int_equal(info.messages, (round + 1) * EACH);
    }
}

/* --- users --- */

static const char users_config[] = "authorization { users: [\n"
                                   "  { user: admin, password: secret }\n"
                                   "  { user: reader, password: \"r-secret\", permissions: {\n"
                                   "    publish: [\"$JS.API.CONSUMER.CREATE.S1.*.s1.mine.>\", "
                                   "\"$JS.API.CONSUMER.MSG.NEXT.S1.>\",\n"
                                   "              \"$JS.API.CONSUMER.INFO.S1.>\"]\n"
                                   "    subscribe: [\"_IN_reader.>\"] } }\n"
                                   "] }\n";

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static px_bus *open_as(nats_fixture *nats, const char *user, const char *password_file)
{
    char prefix[32];
    px_bus *bus;

    snprintf(prefix, sizeof prefix, "_IN_%s", user);
    px_bus_options options = { .url = nats_fixture_url(nats),
                               .user = user,
                               .password_file = password_file,
                               .inbox_prefix = prefix };
    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    return bus;
}

static void until_error(px_bus *bus, const char *text)
{
    for (int64_t start = bus_now_ms(); !strstr(px_bus_last_error(bus), text);) {
        assert_int_equal(px_bus_epoch(bus), 0);
        bus_keep_waiting(bus, start);
    }
}

static void password__is_read_at_every_attempt(void **state)
{
    nats_fixture *nats = nats_fixture_start(users_config);
    char path[256];

    (void)state;
    snprintf(path, sizeof path, "%s/password", nats_fixture_directory(nats));
    px_bus *bus = open_as(nats, "admin", path);
    until_error(bus, "cannot read the password"); /* there is no such file yet */
    write_file(path, "wrong\n");
    until_error(bus, "Auth"); /* "Authentication" or "Authorization": servers differ */
    write_file(path, "secret\nsecond line\n");
    bus_connected(bus);
    px_bus_close(bus);
    nats_fixture_stop(nats);
}

static void filtered_reader__works_with_permissions_bound_to_its_filter(void **state)
{
    bus_world w = { .nats = nats_fixture_start(users_config) };
    char path[256];
    px_reader *reader;

    (void)state;
    snprintf(path, sizeof path, "%s/password", nats_fixture_directory(w.nats));
    write_file(path, "secret");
    w.bus = open_as(w.nats, "admin", path);
    bus_connected(w.bus);
    bus_make_plain_stream(&w);
    bus_put(&w, "s1.mine.x", "mine");
    bus_put(&w, "s1.yours.x", "yours");
    bus_put(&w, "s1.mine.y", "mine too");

    write_file(path, "r-secret");
    px_bus *outsider = open_as(w.nats, "reader", path);
    bus_connected(outsider);
    assert_int_equal(px_reader_open_filtered(&reader, outsider, "S1", 1, "s1.mine.>"), PX_OK);
    px_bus_msg *first = bus_next(outsider, reader);
    px_bus_msg *second = bus_next(outsider, reader);
    assert_int_equal(first->seq, 1);
    assert_int_equal(second->seq, 3);
    assert_true(px_reader_caught_up(reader));
    px_bus_msg_free(first);
    px_bus_msg_free(second);
    px_reader_close(reader);
    px_bus_close(outsider);
    px_bus_close(w.bus);
    nats_fixture_stop(w.nats);
}

/* --- more than one server --- */

static void open__tries_every_url(void **state)
{
    bus_world *w = *state;
    char url[128];
    px_bus *bus;

    snprintf(url, sizeof url, "nats://127.0.0.1:1,,%s", nats_fixture_url(w->nats));
    assert_int_equal(px_bus_open(&bus, &(px_bus_options){ .url = url }), PX_OK);
    bus_connected(bus);
    px_bus_close(bus);
    assert_int_equal(px_bus_open(&bus, &(px_bus_options){ .url = "," }), PX_EINVALID);
    assert_int_equal(px_bus_open(&bus, &(px_bus_options){ .url = url, .inbox_prefix = "a b" }),
                     PX_EINVALID);
}

/* A daemon must end in time even when the server is away. */
/* --- floods --- */

enum { FLOOD = 200, FLOOD_SIZE = 100 * 1000 };

typedef struct {
    pthread_mutex_t held; /* by the test, while the handler is to be busy */
    atomic_uint handled;
} busy_handler;

static void handle_slowly(void *context, px_bus *bus, const px_bus_msg *request)
{
    busy_handler *h = context;

    pthread_mutex_lock(&h->held);
    pthread_mutex_unlock(&h->held);
    if (request->reply)
        px_bus_respond(bus, request, (px_bytes){ "done", 4 }, NULL, 0);
    else
        atomic_fetch_add(&h->handled, 1);
}

static void answer_at_once(void *context, px_bus *bus, const px_bus_msg *request)
{
    (void)context;
    px_bus_respond(bus, request, (px_bytes){ "here", 4 }, NULL, 0);
}

static void ask(px_bus *from, const char *subject)
{
    const px_bus_out out = { .subject = subject };
    px_bus_msg *reply;

    for (int64_t since = bus_now_ms(); px_bus_request(from, &out, 1000, &reply) != PX_OK;)
        bus_keep_waiting(from, since);
    px_bus_msg_free(reply);
}

static void requests__dropped_beyond_the_bound_while_the_handler_is_busy(void **state)
{
    static char large[FLOOD_SIZE];
    bus_world *w = *state;
    busy_handler h = { .held = PTHREAD_MUTEX_INITIALIZER };
    px_bus *server = bus_open(w, "_IN_busy");

    assert_int_equal(px_bus_serve(server, "flood.here", NULL, handle_slowly, &h), PX_OK);
    assert_int_equal(px_bus_serve(server, "flood.behind", NULL, answer_at_once, NULL), PX_OK);
    pthread_mutex_lock(&h.held);
    for (unsigned i = 0; i < FLOOD; i++)
        assert_int_equal(px_bus_send(w->bus, &(px_bus_out){ .subject = "flood.here",
                                                            .data = { large, sizeof large } }),
                         PX_OK);
    ask(w->bus, "flood.behind"); /* so all that was sent before it has come, too */
    pthread_mutex_unlock(&h.held);
    ask(w->bus, "flood.here"); /* behind what was kept */
    assert_in_range(atomic_load(&h.handled), 1, PX_REQUESTS_WAITING_BYTES / FLOOD_SIZE + 1);
    px_bus_close(server);
    pthread_mutex_destroy(&h.held);
}

static void close__does_not_wait_for_an_absent_server(void **state)
{
    bus_world *w = *state;
    px_bus *bus = bus_open(w, "_IN_other");
    int64_t start = bus_now_ms();

    bus_take_down(w);
    px_bus_close(bus);
    assert_int_equal(px_bus_open(&bus, &(px_bus_options){ .url = nats_fixture_url(w->nats) }),
                     PX_OK);
    px_bus_close(bus);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
    bus_bring_up(w);
}

/* A hung server looks like a live one until pings go unanswered. */
static void epoch__ends_when_the_server_hangs(void **state)
{
    bus_world *w = *state;
    uint64_t epoch = bus_connected(w->bus);

    assert_int_equal(kill(nats_fixture_pid(w->nats), SIGSTOP), 0);
    for (int64_t start = bus_now_ms(); px_bus_epoch(w->bus) == epoch;)
        bus_keep_waiting(w->bus, start);
    assert_int_equal(kill(nats_fixture_pid(w->nats), SIGCONT), 0);
    assert_true(bus_connected(w->bus) > epoch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bulk__is_published_and_read_in_order),
        cmocka_unit_test(large_messages__pass_the_byte_bound),
        cmocka_unit_test(reader__notices_that_its_consumer_is_gone),
        cmocka_unit_test(reader__consumer_is_as_the_design_says),
        cmocka_unit_test(reader__asks_for_no_more_while_nobody_reads),
        cmocka_unit_test(reader__asks_again_while_a_request_still_stands),
        cmocka_unit_test(acknowledged_messages__survive_kill_9),
        cmocka_unit_test(password__is_read_at_every_attempt),
        cmocka_unit_test(filtered_reader__works_with_permissions_bound_to_its_filter),
        cmocka_unit_test(requests__dropped_beyond_the_bound_while_the_handler_is_busy),
        cmocka_unit_test(open__tries_every_url),
        cmocka_unit_test(close__does_not_wait_for_an_absent_server),
        cmocka_unit_test(epoch__ends_when_the_server_hangs),
    };

    return bus_run_on_nats(tests, PX_COUNT(tests));
}
