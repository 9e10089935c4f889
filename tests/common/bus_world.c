/* bus_world.c: a server of either kind, a connection, and waiting for things with a deadline. */
#include "tests/common/bus_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* --- waiting --- */

int64_t bus_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void bus_keep_waiting(px_bus *bus, int64_t since_ms)
{
    assert_true(bus_now_ms() - since_ms < BUS_DEADLINE_MS);
    px_bus_wait(bus, 50);
}

uint64_t bus_connected(px_bus *bus)
{
    for (int64_t start = bus_now_ms(); px_bus_epoch(bus) == 0;)
        bus_keep_waiting(bus, start);
    return px_bus_epoch(bus);
}

px_bus_msg *bus_next(px_bus *bus, px_reader *reader)
{
    px_bus_msg *msg = NULL;
    px_status status;

    for (int64_t start = bus_now_ms(); (status = px_reader_next(reader, &msg)) == PX_EEMPTY;)
        bus_keep_waiting(bus, start);
    assert_int_equal(status, PX_OK);
    return msg;
}

void bus_until_caught_up(px_bus *bus, px_reader *reader)
{
    px_bus_msg *msg;

    for (int64_t start = bus_now_ms(); !px_reader_caught_up(reader);) {
        assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
        bus_keep_waiting(bus, start);
    }
}

void bus_until_broken(px_bus *bus, px_reader *reader)
{
    px_bus_msg *msg;

    for (int64_t start = bus_now_ms(); px_reader_next(reader, &msg) != PX_EDISCONNECTED;)
        bus_keep_waiting(bus, start);
}

px_bus_ack bus_next_ack(px_bus *bus)
{
    px_bus_ack ack;

    for (int64_t start = bus_now_ms(); !px_bus_next_ack(bus, &ack);)
        bus_keep_waiting(bus, start);
    return ack;
}

/* --- worlds --- */

px_bus *bus_open(bus_world *w, const char *inbox_prefix)
{
    px_bus *bus;
    px_status status;

    if (w->memory)
        status = px_bus_open_memory(&bus, w->memory, "test");
    else
        status = px_bus_open(&bus, &(px_bus_options){ .url = nats_fixture_url(w->nats),
                                                      .name = "test",
                                                      .inbox_prefix = inbox_prefix });
    assert_int_equal(status, PX_OK);
    bus_connected(bus);
    return bus;
}

void bus_take_down(bus_world *w)
{
    if (w->memory)
        px_bus_server_set_up(w->memory, false);
    else
        nats_fixture_kill(w->nats);
    for (int64_t start = bus_now_ms(); px_bus_epoch(w->bus) != 0;)
        bus_keep_waiting(w->bus, start);
}

void bus_bring_up(bus_world *w)
{
    if (w->memory)
        px_bus_server_set_up(w->memory, true);
    else
        nats_fixture_restart(w->nats);
    bus_connected(w->bus);
}

static int world_memory(void **state)
{
    bus_world *w = calloc(1, sizeof *w);

    w->memory = px_bus_server_create();
    w->bus = bus_open(w, NULL);
    *state = w;
    return 0;
}

static int world_nats(void **state)
{
    bus_world *w = calloc(1, sizeof *w);

    w->nats = nats_fixture_start(NULL);
    w->bus = bus_open(w, "_IN_test");
    *state = w;
    return 0;
}

static int world_end(void **state)
{
    bus_world *w = *state;

    px_bus_close(w->bus);
    px_bus_server_destroy(w->memory);
    nats_fixture_stop(w->nats);
    free(w);
    return 0;
}

/* A stream S<n> with the subjects s<n>.>; w->subject is s<n>.a. */
void bus_make_stream(bus_world *w, px_stream_config config)
{
    char subject[32];
    const char *subjects[] = { subject };

    w->streams++;
    snprintf(w->stream, sizeof w->stream, "S%u", w->streams);
    snprintf(subject, sizeof subject, "s%u.>", w->streams);
    snprintf(w->subject, sizeof w->subject, "s%u.a", w->streams);
    config.name = w->stream;
    config.subjects = subjects;
    config.subject_count = 1;
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
}

void bus_make_plain_stream(bus_world *w)
{
    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_UNTIL_PURGED });
}

/* s<n>.<token> of the stream just made; valid until the next call. */
const char *bus_under(bus_world *w, const char *token)
{
    static char subject[48];

    snprintf(subject, sizeof subject, "s%u.%s", w->streams, token);
    return subject;
}

px_bytes bus_text(const char *string)
{
    return (px_bytes){ string, strlen(string) };
}

uint64_t bus_put(bus_world *w, const char *subject, const char *data)
{
    px_bus_ack ack;
    px_bus_out out = { .subject = subject, .data = bus_text(data) };

    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    return ack.seq;
}

px_bus_ack bus_put_id(bus_world *w, const char *subject, const char *id)
{
    px_bus_ack ack;

    px_bus_publish_wait(w->bus, &(px_bus_out){ .subject = subject, .msg_id = id }, &ack);
    return ack;
}

px_reader *bus_reader_at(bus_world *w, uint64_t from_seq)
{
    px_reader *reader;

    assert_int_equal(px_reader_open(&reader, w->bus, w->stream, from_seq), PX_OK);
    return reader;
}

void bus_expect_data(const px_bus_msg *msg, const char *data)
{
    assert_int_equal(msg->data.size, strlen(data));
    assert_memory_equal(msg->data.data, data, msg->data.size);
}

void bus_expect_next(bus_world *w, px_reader *reader, uint64_t seq, const char *data)
{
    px_bus_msg *msg = bus_next(w->bus, reader);

    assert_int_equal(msg->seq, seq);
    bus_expect_data(msg, data);
    px_bus_msg_free(msg);
}

px_stream_info bus_info_of(bus_world *w)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, w->stream, &info), PX_OK);
    return info;
}

static int run(const char *name, const struct CMUnitTest *tests, size_t count,
               CMFixtureFunction setup)
{
    return _cmocka_run_group_tests(name, tests, count, setup, world_end);
}

int bus_run_on_memory(const struct CMUnitTest *tests, size_t count)
{
    return run("memory", tests, count, world_memory);
}

int bus_run_on_nats(const struct CMUnitTest *tests, size_t count)
{
    return run("nats", tests, count, world_nats);
}
