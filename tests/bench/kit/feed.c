#include "tests/bench/kit/feed.h"

#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/common/v1/result.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "tests/bench/kit/clock.h"

enum { ARENA_BYTES = 16 * 1024 * 1024 };

struct bench_feed {
    px_bus *bus;
    px_reader *reader;
    px_arena arena;
    bench_feed_listener listener;
};

bench_feed *bench_feed_open(const bench_world *world, const bench_feed_listener *listener)
{
    bench_feed *f = calloc(1, sizeof *f);

    PX_ASSERT(f != NULL && px_arena_init(&f->arena, ARENA_BYTES));
    f->listener = *listener;
    f->bus = bench_world_connect(world, "bench-feed");
    if (px_reader_open(&f->reader, f->bus, "PRAXIS_FEED", PX_READ_NEW) != PX_OK)
        bench_fail("the feed cannot be read: %s", px_bus_last_error(f->bus));
    return f;
}

static const void *unpack(bench_feed *f, const ProtobufCMessageDescriptor *type, px_bytes bytes)
{
    const void *message;

    px_arena_reset(&f->arena);
    message = px_codec_unpack(type, bytes, &f->arena);
    if (!message)
        bench_fail("a message of the feed is no %s", type->name);
    return message;
}

static void take_results(bench_feed *f, px_bytes bytes, int64_t now_ns)
{
    const Praxis__ResultBatch *batch = unpack(f, &praxis__result_batch__descriptor, bytes);

    for (size_t i = 0; i < batch->n_results; i++) {
        const Praxis__Result *result = batch->results[i];

        if (result->outcome_case != PRAXIS__RESULT__OUTCOME_ACCEPTED)
            bench_fail("%s was refused: %s %s (%s)", result->submission_id, result->rejected->code,
                       result->rejected->field, result->rejected->text);
        f->listener.on_result(f->listener.context, result->submission_id, now_ns);
    }
}

static void take_plan(bench_feed *f, px_bytes bytes, int64_t now_ns)
{
    const LearningRecommender__PlanProposed *plan =
        unpack(f, &learning_recommender__plan_proposed__descriptor, bytes);

    f->listener.on_plan(f->listener.context, plan->person_id, now_ns);
}

static void take_level(bench_feed *f, px_bytes bytes, int64_t now_ns)
{
    const Competency__LevelChanged *level =
        unpack(f, &competency__level_changed__descriptor, bytes);

    f->listener.on_level(f->listener.context, level->person_id, now_ns);
}

static void take(bench_feed *f, const px_bus_msg *msg)
{
    int64_t now_ns = bench_now_ns();
    const char *name = strrchr(msg->subject, '.');

    if (strstr(msg->subject, ".result."))
        take_results(f, msg->data, now_ns);
    else if (f->listener.on_plan && strcmp(name, ".PlanProposed") == 0)
        take_plan(f, msg->data, now_ns);
    else if (f->listener.on_level && strcmp(name, ".LevelChanged") == 0)
        take_level(f, msg->data, now_ns);
}

void bench_feed_step(bench_feed *f, int64_t timeout_ms)
{
    px_bus_msg *msg;
    px_status status;
    bool any = false;

    while ((status = px_reader_next(f->reader, &msg)) == PX_OK) {
        take(f, msg);
        px_bus_msg_free(msg);
        any = true;
    }
    if (status != PX_EEMPTY)
        bench_fail("the feed broke off: %s", px_strerror(status));
    if (!any)
        px_bus_wait(f->bus, timeout_ms);
}

px_bus *bench_feed_bus(bench_feed *f)
{
    return f->bus;
}

void bench_feed_close(bench_feed *f)
{
    px_reader_close(f->reader);
    px_bus_close(f->bus);
    px_arena_fini(&f->arena);
    free(f);
}
