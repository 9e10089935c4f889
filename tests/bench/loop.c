/* loop.c: waiting ratings through all five daemons, to levels, gaps, plans and reports.
 *
 * The same on servers that sync what they store, round by round beside the one that does not, and
 * the bus alone. Afterwards every competency of every person's role has a level: what that takes of
 * memory and of disk.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/raw.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/reviews.h"
#include "tests/bench/kit/usage.h"

enum {
    ROUNDS_MAX = 100,
    ANON_MIB_MAX = 64,
    MIB = 1024 * 1024,
    STEP_MS = 50,
    REPORTS_QUIET_S = 1,
    REPORTS_TIMEOUT_S = 240
};

typedef struct {
    size_t people, reviews, rounds;
} workload;

typedef struct {
    bench_world *world; /* NULL: this file system cannot */
    size_t sent;
    double rate[ROUNDS_MAX], ratio[ROUNDS_MAX], cpu_us[BENCH_PROCESSES][ROUNDS_MAX],
        others[ROUNDS_MAX];
} side;

static void set_up(side *s, const workload *work, fixture_sync sync)
{
    s->world = bench_world_start(sync);
    if (s->world)
        bench_company_set_up(s->world, &(bench_company){ .people = work->people });
}

static double send_all(side *s, const workload *work)
{
    bench_review *list = calloc(work->reviews, sizeof *list);
    size_t count;

    PX_ASSERT(list != NULL);
    for (size_t i = 0; i < work->reviews; i++)
        list[i] = bench_review_nth(s->sent + i, work->people);
    px_bytes *messages = bench_review_messages(list, work->reviews, s->sent, 1, &count);
    const bench_pace_plan plan = {
        s->world, "bench-pace", BENCH_REVIEW_SUBJECT, messages, count, 0
    };
    double seconds = bench_pace_finish(bench_pace_start(&plan));
    s->sent += work->reviews;
    bench_messages_free(messages, count);
    free(list);
    return seconds;
}

/* Report values come behind, on a synced store long behind: what is left of them is no load of the
 * others' round. */
static void wait_for_reports(const side *s)
{
    px_bus *bus = bench_world_connect(s->world, "bench-loop");
    int64_t start = bench_now_ns(), since = start;
    uint64_t last = 0;

    while (bench_seconds_since(since) < REPORTS_QUIET_S) {
        uint64_t now = bench_last_seq(bus, "KV_PRAXIS_REPORTS");

        if (now != last)
            since = bench_now_ns();
        last = now;
        if (bench_seconds_since(start) > REPORTS_TIMEOUT_S)
            bench_fail("report values do not come to rest");
        px_bus_wait(bus, STEP_MS);
    }
    px_bus_close(bus);
}

static void run_round(side *s, const workload *work, double raw_rate, size_t round)
{
    px_bus *bus = bench_world_connect(s->world, "bench-loop");

    bench_world_pause(s->world, BENCH_REVIEW_CYCLE);
    send_all(s, work);
    uint64_t all = bench_last_seq(bus, "PRAXIS_FEED") + work->reviews; /* an event each */
    bench_usage before = bench_usage_read(s->world);
    int64_t start = bench_now_ns();
    bench_world_resume(s->world, BENCH_REVIEW_CYCLE);
    double seconds = bench_wait_until_quiet(bus, start, all);
    bench_usage used = bench_usage_since(s->world, &before);
    s->rate[round] = (double)work->reviews / seconds;
    s->ratio[round] = s->rate[round] / raw_rate;
    s->others[round] = bench_usage_others(&used);
    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        s->cpu_us[i][round] = used.cpu_s[i] / (double)work->reviews * 1e6;
    bench_progress("%.0f ratings/s through all five", s->rate[round]);
    px_bus_close(bus);
}

static void say(const char *text, const char *of, double value, const char *unit, double others)
{
    char name[96];

    snprintf(name, sizeof name, "%s%s", text, of);
    bench_report_row(
        &(bench_row){ .name = name, .value = value, .unit = unit, .others_cores = others });
}

static void say_memory(const side *s)
{
    char name[96];

    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        bench_memory m = bench_usage_memory(bench_world_pid(s->world, i));
        bool judged = i != BENCH_SERVER;

        snprintf(name, sizeof name, "own memory of %s (RssAnon)", bench_process_names[i]);
        bench_report_row(&(bench_row){ .name = name,
                                       .value = m.anonymous_mib,
                                       .unit = "MiB",
                                       .aim = judged ? BENCH_AT_MOST : BENCH_NO_TARGET,
                                       .target = ANON_MIB_MAX });
        say("  mapped pages", "", m.mapped_mib, "MiB", 0);
        say("  both at their highest", "", m.peak_mib, "MiB", 0);
    }
}

static void say_disk(const side *s)
{
    char path[512];

    for (size_t i = 0; i < BENCH_DAEMONS; i++) {
        snprintf(path, sizeof path, "%s/%s", bench_world_directory(s->world),
                 bench_process_names[i]);
        say("disk of ", bench_process_names[i], bench_usage_disk(path) / MIB, "MiB", 0);
    }
    snprintf(path, sizeof path, "%s/store", bench_world_directory(s->world));
    say("disk of the streams", "", bench_usage_disk(path) / MIB, "MiB", 0);
}

static void say_loop(side *s, size_t rounds)
{
    double others = bench_median(s->others, rounds);

    bench_report_row(&(bench_row){ .name = "ratings through all five daemons",
                                   .value = bench_median(s->rate, rounds),
                                   .unit = "1/s",
                                   .ratio = bench_median(s->ratio, rounds),
                                   .to = "raw",
                                   .others_cores = others,
                                   .aim = BENCH_AT_LEAST,
                                   .target = 0.25 });
    for (size_t i = 0; i < BENCH_PROCESSES; i++)
        say("  CPU of ", bench_process_names[i], bench_median(s->cpu_us[i], rounds), "us/rating",
            others);
}

static void say_synced(side *synced, const char *name, const side *plain, size_t rounds)
{
    double ratio[ROUNDS_MAX];

    for (size_t i = 0; i < rounds; i++)
        ratio[i] = synced->rate[i] / plain->rate[i];
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_median(synced->rate, rounds),
                                   .unit = "1/s",
                                   .ratio = bench_median(ratio, rounds),
                                   .to = "unsynced",
                                   .others_cores = bench_median(synced->others, rounds),
                                   .aim = BENCH_AT_LEAST,
                                   .target = 0.5 });
}

/** How the sides' servers store. */
enum { PLAIN, TRUTH_SYNCED, ALL_SYNCED, SIDES };

static void run_rounds(side sides[SIDES], const workload *work)
{
    bench_raw_bus *bus = bench_raw_open(sides[PLAIN].world, work->reviews);

    for (size_t round = 0; round < work->rounds; round++) {
        for (size_t i = 0; i < SIDES; i++)
            if (sides[i].world)
                wait_for_reports(&sides[i]);
        bench_raw_publish(bus);
        bench_raw raw = bench_raw_relay(bus);
        bench_progress("raw, read and publish: %.0f/s", raw.rate);
        for (size_t i = 0; i < SIDES; i++)
            if (sides[i].world) {
                run_round(&sides[i], work, raw.rate, round);
                wait_for_reports(&sides[i]);
            }
    }
    bench_raw_close(bus);
}

static void run(const workload *work)
{
    static side sides[SIDES];

    set_up(&sides[PLAIN], work, FIXTURE_SYNC_NONE);
    set_up(&sides[TRUTH_SYNCED], work, FIXTURE_SYNC_TRUTH);
    set_up(&sides[ALL_SYNCED], work, FIXTURE_SYNC_ALL);
    if (!sides[ALL_SYNCED].world)
        bench_progress("this file system syncs no folders (chattr +S): these parts are left out");
    run_rounds(sides, work);
    if (sides[ALL_SYNCED].world) {
        say_synced(&sides[TRUTH_SYNCED], "the same, log, inboxes and keys synced", &sides[PLAIN],
                   work->rounds);
        say_synced(&sides[ALL_SYNCED], "the same on a synced store", &sides[PLAIN], work->rounds);
    }
    say_loop(&sides[PLAIN], work->rounds);
    say_memory(&sides[PLAIN]);
    say_disk(&sides[PLAIN]);
    for (size_t i = 0; i < SIDES; i++)
        if (sides[i].world)
            bench_world_stop(sides[i].world);
}

int main(int argc, char **argv)
{
    workload s = { .people = 10000, .reviews = 60000, .rounds = 2 };
    const bench_setting settings[] = {
        { "people", &s.people, 50, "size of the company, in tens" },
        { "reviews", &s.reviews, 200, "of one rating, in a round" },
        { "rounds", &s.rounds, 1, "of which the median is said" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    s.people = bench_people(s.people);
    if (s.reviews == 0 || s.rounds == 0 || s.rounds > ROUNDS_MAX)
        bench_fail("there must be reviews, and 1 to %d rounds", ROUNDS_MAX);
    if (s.reviews * s.rounds > bench_reviews_most(s.people))
        bench_fail("the company is too small for so many reviews");
    run(&s);
    bench_report_end("loop");
    return 0;
}
