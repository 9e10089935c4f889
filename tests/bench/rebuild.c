/* rebuild.c: how fast each daemon folds a log into an empty projection.
 *
 * The log is made here: a company, then reviews by managers and colleagues in bundles. The ratio is
 * that to reading the same log and doing nothing with it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/codec.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/company.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/usage.h"

enum { TIMEOUT_S = 300, WAIT_MS = 50, BUNDLE = 100, ARENA_BYTES = 16 * 1024 * 1024 };

typedef struct {
    uint64_t messages, entries, facts, bytes;
    double seconds; /* to read it, without looking at it */
} log_size;

static void hear_result(void *context, const char *id, int64_t now_ns)
{
    (void)id;
    (void)now_ns;
    ++*(size_t *)context;
}

/* Everybody but person 0 by the manager, and who heads no team by `colleagues` others. */
static size_t choose_reviews(bench_review *reviews, size_t people, size_t colleagues)
{
    size_t count = 0;

    for (size_t p = 1; p < people; p++)
        reviews[count++] = bench_review_by_manager(p);
    for (size_t k = 0; k < colleagues; k++)
        for (size_t p = 1; p < people; p++)
            if (p % BENCH_TEAM != 0)
                reviews[count++] = bench_review_by_colleague(p, k, people);
    return count;
}

/* @return last sequence of the log */
static uint64_t make_log(const bench_world *world, size_t people, size_t colleagues)
{
    bench_review *reviews = calloc(people * (colleagues + 1), sizeof *reviews);
    size_t heard = 0, bundles;
    const bench_feed_listener listener = { hear_result, NULL, &heard };

    bench_company_set_up(world, people);
    bench_feed *feed = bench_feed_open(world, &listener);
    PX_ASSERT(reviews != NULL);
    size_t count = choose_reviews(reviews, people, colleagues);
    px_bytes *messages = bench_review_messages(reviews, count, 0, BUNDLE, &bundles);
    const bench_pace_plan plan = {
        world, "bench-pace", BENCH_BUNDLE_SUBJECT, messages, bundles, 0
    };
    bench_pace *pace = bench_pace_start(&plan);
    int64_t start = bench_now_ns();
    while (heard < count) {
        if (bench_seconds_since(start) > TIMEOUT_S)
            bench_fail("%zu of %zu results are missing", count - heard, count);
        bench_feed_step(feed, WAIT_MS);
    }
    bench_pace_finish(pace);
    bench_wait_until_quiet(bench_feed_bus(feed), start);
    uint64_t last = bench_last_seq(bench_feed_bus(feed), "PRAXIS_LOG");
    bench_feed_close(feed);
    bench_messages_free(messages, bundles);
    free(reviews);
    return last;
}

/* ---- reading alone ---- */

static void count_facts(const px_bus_msg *msg, px_arena *arena, log_size *log)
{
    const PraxisLog__Batch *batch;

    px_arena_reset(arena);
    batch = (const void *)px_codec_unpack(&praxis_log__batch__descriptor, msg->data, arena);
    if (!batch)
        bench_fail("the log holds something that is no batch");
    log->messages++;
    log->bytes += msg->data.size;
    log->entries += batch->n_entries;
    for (size_t i = 0; i < batch->n_entries; i++)
        log->facts += batch->entries[i]->n_facts;
}

/* @return seconds; with an arena, counts what is in there */
static double read_log(px_bus *bus, uint64_t last, px_arena *arena, log_size *log)
{
    int64_t start = bench_now_ns();
    uint64_t seq = 0;
    px_reader *reader;
    px_bus_msg *msg;

    if (px_reader_open(&reader, bus, "PRAXIS_LOG", 1) != PX_OK)
        bench_fail("the log cannot be read");
    while (seq < last) {
        px_status status = px_reader_next(reader, &msg);

        if (status != PX_OK && status != PX_EEMPTY)
            bench_fail("the log broke off: %s", px_strerror(status));
        if (status == PX_EEMPTY) {
            px_bus_wait(bus, WAIT_MS);
            continue;
        }
        seq = msg->seq;
        if (arena)
            count_facts(msg, arena, log);
        px_bus_msg_free(msg);
    }
    px_reader_close(reader);
    return bench_seconds_since(start);
}

static log_size measure_log(const bench_world *world, uint64_t last)
{
    px_bus *bus = bench_world_connect(world, "bench-log");
    log_size log = { 0 };
    px_arena arena;

    PX_ASSERT(px_arena_init(&arena, ARENA_BYTES));
    read_log(bus, last, &arena, &log);
    log.seconds = read_log(bus, last, NULL, NULL);
    px_arena_fini(&arena);
    px_bus_close(bus);
    return log;
}

static void say_rebuild(bench_world *world, size_t daemon, uint64_t last, const log_size *log)
{
    bench_usage before = bench_usage_read(world);
    bench_rebuilt r = bench_world_rebuild(world, daemon, last);
    bench_usage used = bench_usage_since(world, &before);
    char name[64];

    used.bench_cpu_s += r.cpu_seconds; /* it is no process of the world */
    snprintf(name, sizeof name, "rebuild of %s", bench_process_names[daemon]);
    bench_report_row(&(bench_row){ name, (double)log->facts / r.seconds, "facts/s",
                                   log->seconds / r.seconds, "reading",
                                   bench_usage_others(&used) });
    snprintf(name, sizeof name, "  CPU of %s", bench_process_names[daemon]);
    bench_report_row(&(bench_row){ name, r.cpu_seconds / (double)log->facts * 1e6, "us/fact",
                                   r.cpu_seconds / r.seconds, "a core",
                                   bench_usage_others(&used) });
}

int main(int argc, char **argv)
{
    size_t people = 2000, colleagues = 4;
    const bench_setting settings[] = {
        { "people", &people, 50, "size of the company, in tens" },
        { "colleagues", &colleagues, 1, "reviews of each by colleagues" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    people = people < 5 * BENCH_TEAM ? 5 * BENCH_TEAM : people / BENCH_TEAM * BENCH_TEAM;
    if (colleagues > people - 2 * BENCH_TEAM)
        bench_fail("the company has fewer colleagues than that");
    bench_world *world = bench_world_start();
    uint64_t last = make_log(world, people, colleagues);
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        bench_world_end(world, i);
    bench_usage before = bench_usage_read(world);
    log_size log = measure_log(world, last);
    bench_usage used = bench_usage_since(world, &before);
    double others = bench_usage_others(&used);
    bench_report_row(&(bench_row){ "facts in the log", (double)log.facts, "", 0, NULL, others });
    bench_report_row(&(bench_row){ "facts in a message", (double)log.facts / (double)log.messages,
                                   "", 0, NULL, others });
    bench_report_row(&(bench_row){ "bytes for a fact", (double)log.bytes / (double)log.facts, "B",
                                   0, NULL, others });
    bench_report_row(&(bench_row){ "reading the log", (double)log.facts / log.seconds, "facts/s", 0,
                                   NULL, others });
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        say_rebuild(world, i, last, &log);
    bench_report_end("rebuild");
    bench_world_stop(world);
    return 0;
}
