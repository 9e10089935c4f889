#include "tests/bench/kit/echo.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/pace.h"

enum { NAME_SIZE = 32, WAIT_MS = 50, RUN_TIMEOUT_S = 60 };

/* What reads stream `at` and publishes into the next one. */
typedef struct {
    bench_echo *echo;
    size_t at;
    px_bus *bus;
    pthread_t thread;
} stage;

struct bench_echo {
    const bench_world *world;
    stage stages[BENCH_HOPS_TO_PLAN - 1];
    atomic_bool stopping;
};

/* Streams and their only subjects have the same names. */
static const char *stream_name(size_t at, char name[NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "BENCH_ECHO_%zu", at);
    return name;
}

static px_reader *read_stream(px_bus *bus, size_t at)
{
    char name[NAME_SIZE];
    px_reader *reader;

    if (px_reader_open(&reader, bus, stream_name(at, name), PX_READ_NEW) != PX_OK)
        bench_fail("%s cannot be read: %s", name, px_bus_last_error(bus));
    return reader;
}

/* Takes the next message; false when there is none yet. */
static bool next(px_reader *reader, px_bus_msg **msg)
{
    px_status status = px_reader_next(reader, msg);

    if (status != PX_OK && status != PX_EEMPTY)
        bench_fail("an echo broke off: %s", px_strerror(status));
    return status == PX_OK;
}

static void *echo_on(void *context)
{
    stage *s = context;
    char name[NAME_SIZE];
    px_reader *reader = read_stream(s->bus, s->at);
    px_bus_ack ack;
    px_bus_msg *msg;

    stream_name(s->at + 1, name);
    for (uint64_t token = 1; !atomic_load(&s->echo->stopping); px_bus_wait(s->bus, WAIT_MS)) {
        while (next(reader, &msg)) {
            const px_bus_out out = { .subject = name, .data = msg->data };

            if (px_bus_publish(s->bus, px_bus_epoch(s->bus), &out, token++) != PX_OK)
                bench_fail("%s: %s", name, px_bus_last_error(s->bus));
            px_bus_msg_free(msg);
        }
        while (px_bus_next_ack(s->bus, &ack))
            if (ack.status != PX_OK)
                bench_fail("%s: %s", name, px_strerror(ack.status));
    }
    px_reader_close(reader);
    return NULL;
}

static void make_streams(px_bus *bus)
{
    for (size_t at = 0; at < BENCH_HOPS_TO_PLAN; at++) {
        char name[NAME_SIZE];
        const char *subject = stream_name(at, name);
        const px_stream_config config = {
            .name = name, .subjects = &subject, .subject_count = 1, .retention = PX_KEEP_FOREVER
        };

        if (px_bus_stream_ensure(bus, &config) != PX_OK)
            bench_fail("%s cannot be made: %s", name, px_bus_last_error(bus));
    }
}

bench_echo *bench_echo_start(const bench_world *world)
{
    bench_echo *e = calloc(1, sizeof *e);
    px_bus *bus = bench_world_connect(world, "bench-echo");

    PX_ASSERT(e != NULL);
    e->world = world;
    make_streams(bus);
    px_bus_close(bus);
    for (size_t at = 0; at < BENCH_HOPS_TO_PLAN - 1; at++) {
        char name[NAME_SIZE];

        snprintf(name, sizeof name, "bench-echo-%zu", at);
        e->stages[at] = (stage){ .echo = e, .at = at, .bus = bench_world_connect(world, name) };
        if (pthread_create(&e->stages[at].thread, NULL, echo_on, &e->stages[at]) != 0)
            bench_fail("cannot start a thread");
    }
    return e;
}

/* Reads what is there; messages arrive in the order they were due. */
static void arrivals(px_reader *reader, const bench_pace *pace, size_t *count, bench_samples *to)
{
    px_bus_msg *msg;

    while (next(reader, &msg)) {
        bench_samples_add(to, bench_now_ns() - bench_pace_due_ns(pace, (*count)++));
        px_bus_msg_free(msg);
    }
}

void bench_echo_run(bench_echo *e, size_t count, size_t size, double rate, bench_samples *to_result,
                    bench_samples *to_plan)
{
    px_bus *bus = bench_world_connect(e->world, "bench-echo-end");
    px_reader *third = read_stream(bus, BENCH_HOPS_TO_RESULT - 1);
    px_reader *last = read_stream(bus, BENCH_HOPS_TO_PLAN - 1);
    size_t at_third = 0, at_last = 0;
    char name[NAME_SIZE], *payload = calloc(1, size);
    px_bytes *messages = calloc(count, sizeof *messages);

    PX_ASSERT(payload != NULL && messages != NULL);
    memset(payload, 'e', size);
    for (size_t i = 0; i < count; i++)
        messages[i] = (px_bytes){ payload, size };
    const bench_pace_plan plan = {
        e->world, "bench-echo-pace", stream_name(0, name), messages, count, rate
    };
    bench_pace *pace = bench_pace_start(&plan);
    int64_t start = bench_now_ns();
    while (at_third < count || at_last < count) {
        arrivals(third, pace, &at_third, to_result);
        arrivals(last, pace, &at_last, to_plan);
        if (bench_seconds_since(start) > (double)count / rate + RUN_TIMEOUT_S)
            bench_fail("echoes are missing: %zu of %zu", count - at_last, count);
        if (at_last < count)
            px_bus_wait(bus, WAIT_MS);
    }
    bench_pace_finish(pace);
    px_reader_close(third);
    px_reader_close(last);
    px_bus_close(bus);
    free(messages);
    free(payload);
}

void bench_echo_stop(bench_echo *e)
{
    atomic_store(&e->stopping, true);
    for (size_t at = 0; at < BENCH_HOPS_TO_PLAN - 1; at++) {
        px_bus_wake(e->stages[at].bus);
        pthread_join(e->stages[at].thread, NULL);
        px_bus_close(e->stages[at].bus);
    }
    free(e);
}
