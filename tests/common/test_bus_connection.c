/* test_bus_connection.c: what bus.h promises about waiting, requests and lost servers, on both
 * implementations. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

/* --- waiting --- */

static void *wake_it(void *bus)
{
    px_bus_wake(bus);
    return NULL;
}

static void wait__ends_by_wake(void **state)
{
    bus_world *w = *state;
    pthread_t thread;

    px_bus_wait(w->bus, 0); /* forget what has happened so far */
    int64_t start = bus_now_ms();
    assert_int_equal(pthread_create(&thread, NULL, wake_it, w->bus), 0);
    px_bus_wait(w->bus, BUS_DEADLINE_MS);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
    px_bus_wake(w->bus); /* before the wait counts too */
    px_bus_wait(w->bus, BUS_DEADLINE_MS);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
}

static void wait__ends_by_time(void **state)
{
    bus_world *w = *state;
    int64_t start = bus_now_ms();

    px_bus_wait(w->bus, 0);
    for (int i = 0; i < 3; i++)
        px_bus_wait(w->bus, 20);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
}

static void wait__ends_when_a_message_arrives(void **state)
{
    bus_world *w = *state;
    px_bus *other = bus_open(w, "_IN_other");
    px_bus_msg *msg;
    px_status status;

    bus_make_plain_stream(w);
    px_reader *reader = bus_reader_at(w, 1);
    while (px_reader_next(reader, &msg) == PX_EEMPTY && px_reader_caught_up(reader)) {
        px_bus_out out = { .subject = w->subject, .data = bus_text("x") };
        px_bus_wait(w->bus, 0);
        assert_int_equal(px_bus_publish(other, px_bus_epoch(other), &out, 1), PX_OK);
        break;
    }
    int64_t start = bus_now_ms();
    while ((status = px_reader_next(reader, &msg)) == PX_EEMPTY)
        px_bus_wait(w->bus, BUS_DEADLINE_MS);
    assert_int_equal(status, PX_OK);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
    px_bus_msg_free(msg);
    px_reader_close(reader);
    px_bus_close(other);
}

/* --- waiting calmly --- */

enum { CALM_MS = 300 };

static bool ends_in_calm(const void *context, const char *subject)
{
    (void)context;
    return strcmp(strrchr(subject, '.'), ".calm") == 0;
}

/* Publishes from elsewhere, then waits once; returns for how long. */
static int64_t waited_ms(bus_world *w, const char *token, int64_t calm_ms)
{
    px_bus *other = bus_open(w, "_IN_other");
    const px_bus_out out = { .subject = bus_under(w, token), .data = bus_text("x") };
    px_bus_ack ack;

    px_bus_wait(w->bus, 0); /* forget what has happened so far */
    int64_t start = bus_now_ms();
    assert_int_equal(px_bus_publish_wait(other, &out, &ack), PX_OK);
    px_bus_wait_calmly(w->bus, BUS_DEADLINE_MS, calm_ms);
    px_bus_close(other);
    return bus_now_ms() - start;
}

static void wait_calmly__lets_lie_what_is_calm(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    px_reader *reader = bus_reader_at(w, 1);
    px_bus_set_calm(w->bus, ends_in_calm, NULL);
    for (int i = 0; i < 2; i++) { /* after a silence, and soon after another one */
        int64_t ms = waited_ms(w, "calm", CALM_MS);

        assert_true(ms < BUS_DEADLINE_MS);
        if (w->memory == NULL)
            assert_true(ms >= CALM_MS);
        assert_int_equal(px_reader_next(reader, &msg), PX_OK);
        px_bus_msg_free(msg);
    }
    assert_true(waited_ms(w, "calm", 0) < BUS_DEADLINE_MS); /* now nothing is */
    px_bus_set_calm(w->bus, NULL, NULL);
    px_reader_close(reader);
}

static void wait_calmly__ends_for_what_is_not_calm(void **state)
{
    bus_world *w = *state;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    px_reader *reader = bus_reader_at(w, 1);
    px_bus_set_calm(w->bus, ends_in_calm, NULL);
    assert_true(waited_ms(w, "news", BUS_DEADLINE_MS) < BUS_DEADLINE_MS);

    const px_bus_out refused = { .subject = bus_under(w, "calm"),
                                 .data = bus_text("x"),
                                 .expect_subject_seq = true,
                                 .last_subject_seq = 99 };
    int64_t start = bus_now_ms();
    px_bus_wait(w->bus, 0);
    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &refused, 7), PX_OK);
    while (!px_bus_next_ack(w->bus, &ack))
        px_bus_wait_calmly(w->bus, BUS_DEADLINE_MS, BUS_DEADLINE_MS);
    assert_int_equal(ack.status, PX_ESEQUENCE);
    assert_true(bus_now_ms() - start < BUS_DEADLINE_MS);
    px_bus_set_calm(w->bus, NULL, NULL);
    px_reader_close(reader);
}

/* --- requests --- */

typedef struct {
    atomic_int calls;
    const char *answer; /* NULL: none */
    px_status respond_status;
} responder;

static void respond(void *context, px_bus *bus, const px_bus_msg *request)
{
    responder *r = context;
    const char *echo = px_bus_msg_header(request, "echo");
    px_header header = { "Echo", echo ? echo : "" };

    atomic_fetch_add(&r->calls, 1);
    if (r->answer)
        r->respond_status =
            px_bus_respond(bus, request, bus_text(r->answer), &header, echo ? 1 : 0);
}

static void until_called(px_bus *bus, responder *r, int calls)
{
    for (int64_t start = bus_now_ms(); atomic_load(&r->calls) < calls;)
        bus_keep_waiting(bus, start);
}

static void request__gets_the_answer(void **state)
{
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    responder r = { .answer = "pong" };
    const px_header header = { "Echo", "hello" };
    px_bus_out out = {
        .subject = "ask.me.now", .data = bus_text("ping"), .headers = &header, .header_count = 1
    };
    px_bus_msg *reply;

    assert_int_equal(px_bus_request(w->bus, &out, 0, &reply), PX_ENOTFOUND);
    assert_int_equal(px_bus_serve(server, "ask.*.now", "q", respond, &r), PX_OK);
    assert_int_equal(px_bus_request(w->bus, &out, 5000, &reply), PX_OK);
    bus_expect_data(reply, "pong");
    assert_int_equal(reply->seq, 0);
    assert_string_equal(px_bus_msg_header(reply, "echo"), "hello");
    px_bus_msg_free(reply);
    assert_int_equal(r.respond_status, PX_OK);
    assert_int_equal(atomic_load(&r.calls), 1);
    px_bus_close(server);
    px_status status; /* one that still reaches who is about to go is answered by nobody */
    for (int64_t start = bus_now_ms();
         (status = px_bus_request(w->bus, &out, 200, &reply)) == PX_ETIMEOUT;)
        bus_keep_waiting(w->bus, start);
    assert_int_equal(status, PX_ENOTFOUND);
}

static void request__times_out_without_an_answer(void **state)
{
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    responder silent = { 0 };
    px_bus_msg *reply;

    assert_int_equal(px_bus_serve(server, "silent", NULL, respond, &silent), PX_OK);
    px_bus_out out = { .subject = "silent" };
    assert_int_equal(px_bus_request(w->bus, &out, 100, &reply), PX_ETIMEOUT);
    until_called(server, &silent, 1);
    px_bus_close(server);
}

static void requests__are_served_once_per_queue_group(void **state)
{
    bus_world *w = *state;
    px_bus *servers[2] = { bus_open(w, "_IN_one"), bus_open(w, "_IN_two") };
    responder members[2] = { { .answer = "member" }, { .answer = "member" } };
    responder all[2] = { { 0 }, { 0 } };
    px_bus_msg *reply;
    enum { REQUESTS = 20 };

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(px_bus_serve(servers[i], "group", "q", respond, &members[i]), PX_OK);
        assert_int_equal(px_bus_serve(servers[i], "group", NULL, respond, &all[i]), PX_OK);
    }
    for (int i = 0; i < REQUESTS; i++) {
        assert_int_equal(px_bus_request(w->bus, &(px_bus_out){ .subject = "group" }, 5000, &reply),
                         PX_OK);
        px_bus_msg_free(reply);
    }
    assert_int_equal(atomic_load(&members[0].calls) + atomic_load(&members[1].calls), REQUESTS);
    for (size_t i = 0; i < 2; i++)
        until_called(w->bus, &all[i], REQUESTS); /* without a group everybody gets every one */
    for (size_t i = 0; i < 2; i++)
        px_bus_close(servers[i]);
}

static void send__reaches_plain_subscribers(void **state)
{
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    responder r = { .answer = "to nobody" };

    assert_int_equal(px_bus_serve(server, "news.>", NULL, respond, &r), PX_OK);
    assert_int_equal(px_bus_send(w->bus, &(px_bus_out){ .subject = "news.today" }), PX_OK);
    assert_int_equal(px_bus_send(w->bus, &(px_bus_out){ .subject = "unheard" }), PX_OK);
    until_called(w->bus, &r, 1);
    px_bus_close(server);                      /* after this the handler is done */
    assert_int_equal(r.respond_status, PX_OK); /* answering what was not asked does no harm */
    assert_int_equal(atomic_load(&r.calls), 1);
}

/* --- losing the server --- */

static void expect_disconnected(bus_world *w)
{
    px_stream_config config = { .name = w->stream,
                                .subjects = (const char *[]){ "x" },
                                .subject_count = 1 };
    px_bus_out out = { .subject = w->subject };
    px_stream_info info;
    px_reader *reader;
    px_bus_msg *msg;
    px_bus_ack ack;

    assert_int_equal(px_bus_epoch(w->bus), 0);
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_EDISCONNECTED);
    assert_int_equal(px_bus_stream_info(w->bus, w->stream, &info), PX_EDISCONNECTED);
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &msg), PX_EDISCONNECTED);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, w->subject, &msg), PX_EDISCONNECTED);
    assert_int_equal(px_bus_purge(w->bus, w->stream, 1), PX_EDISCONNECTED);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 1), PX_EDISCONNECTED);
    assert_int_equal(px_reader_open(&reader, w->bus, w->stream, 1), PX_EDISCONNECTED);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_EDISCONNECTED);
    assert_int_equal(px_bus_publish_all(w->bus, &out, 1, &ack), PX_EDISCONNECTED);
    assert_int_equal(px_bus_get_last_all(w->bus, w->stream, &out.subject, 1, &msg),
                     PX_EDISCONNECTED);
    assert_int_equal(px_bus_send(w->bus, &out), PX_EDISCONNECTED);
    assert_int_equal(px_bus_request(w->bus, &out, 100, &msg), PX_EDISCONNECTED);
    assert_true(strlen(px_bus_last_error(w->bus)) > 0);
}

static void server__lost_and_back_means_a_new_epoch(void **state)
{
    bus_world *w = *state;
    uint64_t before = bus_connected(w->bus);
    px_bus_ack ack;

    bus_make_plain_stream(w);
    px_bus_out out = { .subject = w->subject, .data = bus_text("kept") };
    bus_put(w, w->subject, "kept");
    px_reader *reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 1, "kept");
    assert_int_equal(px_bus_publish(w->bus, before, &out, 5), PX_OK); /* answer never fetched */

    bus_take_down(w);
    expect_disconnected(w);
    assert_int_equal(px_bus_publish(w->bus, before, &out, 6), PX_EDISCONNECTED);
    bus_until_broken(w->bus, reader);

    bus_bring_up(w);
    assert_true(px_bus_epoch(w->bus) > before);
    assert_int_equal(px_bus_publish(w->bus, before, &out, 7), PX_EDISCONNECTED);
    bus_until_broken(w->bus, reader); /* and stays so */
    px_reader_close(reader);
    assert_false(px_bus_next_ack(w->bus, &ack));

    reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 1, "kept");
    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus), &out, 8), PX_OK);
    assert_int_equal(bus_next_ack(w->bus).token, 8);
    px_reader_close(reader);
}

static void serve__survives_a_lost_server(void **state)
{
    bus_world *w = *state;
    px_bus *server = bus_open(w, "_IN_server");
    responder r = { .answer = "still here" };
    px_bus_msg *reply;

    assert_int_equal(px_bus_serve(server, "survives", "q", respond, &r), PX_OK);
    bus_take_down(w);
    bus_bring_up(w);
    bus_connected(server);
    assert_int_equal(px_bus_request(w->bus, &(px_bus_out){ .subject = "survives" }, 5000, &reply),
                     PX_OK);
    bus_expect_data(reply, "still here");
    px_bus_msg_free(reply);
    px_bus_close(server);
}

static void serve__may_come_before_the_server(void **state)
{
    bus_world *w = *state;
    responder r = { .answer = "here" };
    px_bus_msg *reply;
    px_bus *server;

    bus_take_down(w);
    if (w->memory)
        assert_int_equal(px_bus_open_memory(&server, w->memory, "early"), PX_OK);
    else
        assert_int_equal(
            px_bus_open(&server, &(px_bus_options){ .url = nats_fixture_url(w->nats) }), PX_OK);
    assert_int_equal(px_bus_epoch(server), 0);
    assert_int_equal(px_bus_serve(server, "early", NULL, respond, &r), PX_OK);
    bus_bring_up(w);
    bus_connected(server);
    assert_int_equal(px_bus_request(w->bus, &(px_bus_out){ .subject = "early" }, 5000, &reply),
                     PX_OK);
    px_bus_msg_free(reply);
    px_bus_close(server);
}

static void message_ids__are_known_after_a_restart(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    assert_false(bus_put_id(w, w->subject, "before").duplicate);
    bus_take_down(w);
    bus_bring_up(w);
    assert_true(bus_put_id(w, w->subject, "before").duplicate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wait__ends_by_wake),
        cmocka_unit_test(wait__ends_by_time),
        cmocka_unit_test(wait__ends_when_a_message_arrives),
        cmocka_unit_test(wait_calmly__lets_lie_what_is_calm),
        cmocka_unit_test(wait_calmly__ends_for_what_is_not_calm),
        cmocka_unit_test(request__gets_the_answer),
        cmocka_unit_test(request__times_out_without_an_answer),
        cmocka_unit_test(requests__are_served_once_per_queue_group),
        cmocka_unit_test(send__reaches_plain_subscribers),
        cmocka_unit_test(server__lost_and_back_means_a_new_epoch),
        cmocka_unit_test(serve__survives_a_lost_server),
        cmocka_unit_test(serve__may_come_before_the_server),
        cmocka_unit_test(message_ids__are_known_after_a_restart),
    };

    return bus_run_on_memory(tests, PX_COUNT(tests)) + bus_run_on_nats(tests, PX_COUNT(tests));
}
