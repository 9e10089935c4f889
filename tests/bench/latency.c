/* latency.c: how long a review takes to become a result and a learning plan, at a steady rate.
 *
 * Open loop: reviews are sent when they are due, and time counts from then. Each round first sends
 * the same number of messages at the same rate over the bus alone (kit/echo.h), on the same server;
 * the ratios compare within a round. Three cases: few, many, and few while competency's projection
 * is rebuilt on the same machine again and again.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/echo.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/reviews.h"
#include "tests/bench/kit/usage.h"

enum { ROUNDS_MAX = 100, SHARES = 4, CASES = 3, PEOPLE_MIN = 2000, LATE_S = 60, WAIT_MS = 50 };

static const double shares[SHARES] = { .5, .9, .99, 1 };
static const char *const share_names[SHARES] = { "p50", "p90", "p99", "max" };

/** One of the two ways, over all rounds. */
typedef struct {
    const char *name;
    bench_samples samples;
    bench_samples echo;
    double ratios[SHARES][ROUNDS_MAX];
} way;

typedef struct {
    bench_world *world;
    const char *name;
    double p50_max, p99_max; /* of the ratio of a plan; 0: no target */
    bool rebuilding;
    size_t rate, seconds, rounds, comment;
    size_t first; /* review of the case */
    size_t count; /* reviews in a round */
    way result, plan;
    bench_usage used, echo_used;
    double sending_s; /* from the first due to the last plan, over all rounds */
} loop;

/* ---- one round ---- */

/** Who has been heard of; reviews are numbered over all rounds, review n is about person n + 1. */
typedef struct {
    const bench_pace *pace;
    size_t first, count;
    size_t results, plans;
    bool *has_result, *has_plan;
    bench_samples to_result, to_plan;
} hearing;

static void hear(const hearing *h, size_t review, bool *seen, size_t *count, bench_samples *to,
                 int64_t now_ns)
{
    size_t i = review - h->first;

    if (review < h->first || i >= h->count || seen[i])
        return;
    seen[i] = true;
    (*count)++;
    bench_samples_add(to, now_ns - bench_pace_due_ns(h->pace, i));
}

static void hear_result(void *context, const char *id, int64_t now_ns)
{
    hearing *h = context;

    hear(h, bench_number(id), h->has_result, &h->results, &h->to_result, now_ns);
}

static void hear_plan(void *context, const char *person_id, int64_t now_ns)
{
    hearing *h = context;

    hear(h, bench_number(person_id) - 1, h->has_plan, &h->plans, &h->to_plan, now_ns);
}

static void send_and_hear(loop *l, hearing *h, const px_bytes *messages)
{
    const bench_feed_listener listener = { .on_result = hear_result,
                                           .on_plan = hear_plan,
                                           .context = h };
    const bench_pace_plan plan = { l->world, "bench-pace", BENCH_REVIEW_SUBJECT,
                                   messages, h->count,     (double)l->rate };
    bench_feed *feed = bench_feed_open(l->world, &listener);
    bench_usage before = bench_usage_read(l->world);
    bench_pace *pace = bench_pace_start(&plan);
    int64_t start = bench_now_ns();

    h->pace = pace;
    while (h->results < h->count || h->plans < h->count) {
        if (bench_seconds_since(start) > (double)(l->seconds + LATE_S))
            bench_fail("of %zu reviews %zu have a result and %zu a plan", h->count, h->results,
                       h->plans);
        bench_feed_step(feed, WAIT_MS);
    }
    l->sending_s += bench_seconds_since(start);
    bench_pace_finish(pace);
    bench_usage used = bench_usage_since(l->world, &before);
    bench_usage_join(&l->used, &used);
    bench_feed_close(feed);
}

static px_bytes *messages_of_round(const loop *l, size_t first, size_t *count)
{
    bench_review *reviews = calloc(l->count, sizeof *reviews);

    PX_ASSERT(reviews != NULL);
    for (size_t i = 0; i < l->count; i++) {
        reviews[i] = bench_review_by_manager(first + i + 1);
        reviews[i].comment = l->comment != 0;
    }
    px_bytes *messages = bench_review_messages(reviews, l->count, first, 1, count);
    free(reviews);
    return messages;
}

static void compare(way *w, size_t round, bench_samples *samples, bench_samples *echo)
{
    for (size_t i = 0; i < SHARES; i++)
        w->ratios[i][round] =
            bench_samples_ms(samples, shares[i]) / bench_samples_ms(echo, shares[i]);
    bench_samples_join(&w->samples, samples);
    bench_samples_join(&w->echo, echo);
    bench_samples_free(samples);
    bench_samples_free(echo);
}

static void run_round(loop *l, bench_echo *echo, size_t round)
{
    bench_samples third = { 0 }, fifth = { 0 };
    hearing h = { .first = l->first + round * l->count, .count = l->count };
    px_bytes *messages = messages_of_round(l, h.first, &h.count);
    bench_usage before = bench_usage_read(l->world);

    bench_echo_run(echo, h.count, messages[0].size, (double)l->rate, &third, &fifth);
    bench_usage used = bench_usage_since(l->world, &before);
    bench_usage_join(&l->echo_used, &used);

    h.has_result = calloc(h.count, sizeof *h.has_result);
    h.has_plan = calloc(h.count, sizeof *h.has_plan);
    PX_ASSERT(h.has_result != NULL && h.has_plan != NULL);
    send_and_hear(l, &h, messages);
    compare(&l->result, round, &h.to_result, &third);
    compare(&l->plan, round, &h.to_plan, &fifth);
    free(h.has_result);
    free(h.has_plan);
    bench_messages_free(messages, h.count);
}

/* ---- a rebuild beside ---- */

typedef struct {
    bench_world *world;
    uint64_t last; /* of the log */
    pthread_t thread;
    atomic_bool stopping;
    size_t times;
} rebuilding;

static void *rebuild_on(void *context)
{
    rebuilding *r = context;

    while (!atomic_load(&r->stopping)) {
        bench_world_rebuild(r->world, BENCH_COMPETENCY, r->last);
        r->times++;
    }
    return NULL;
}

static void run_case(loop *l, bench_echo *echo)
{
    rebuilding beside = { .world = l->world };

    if (l->rebuilding) {
        px_bus *bus = bench_world_connect(l->world, "bench-rebuilding");
        beside.last = bench_last_seq(bus, "PRAXIS_LOG");
        px_bus_close(bus);
        if (pthread_create(&beside.thread, NULL, rebuild_on, &beside) != 0)
            bench_fail("cannot start a thread");
    }
    for (size_t round = 0; round < l->rounds; round++) {
        bench_progress("%s: round %zu of %zu", l->name, round + 1, l->rounds);
        run_round(l, echo, round);
    }
    if (l->rebuilding) {
        atomic_store(&beside.stopping, true);
        pthread_join(beside.thread, NULL);
        bench_progress("%zu rebuilds went on beside", beside.times);
    }
}

/* ---- what is said ---- */

static void aim(const loop *l, bool is_plan, double share, bench_row *row)
{
    double most = !is_plan ? 0 : share == .5 ? l->p50_max : share == .99 ? l->p99_max : 0;

    if (most > 0) {
        row->aim = BENCH_AT_MOST;
        row->target = most;
    }
}

static void say_way(loop *l, way *w)
{
    char name[96];
    double others = bench_usage_others(&l->used), echo_others = bench_usage_others(&l->echo_used);

    for (size_t i = 0; i < SHARES; i++) {
        snprintf(name, sizeof name, "%s: submit to %s, %s", l->name, w->name, share_names[i]);
        bench_row row = { .name = name,
                          .value = bench_samples_ms(&w->samples, shares[i]),
                          .unit = "ms",
                          .ratio = bench_median(w->ratios[i], l->rounds),
                          .to = "bus alone",
                          .others_cores = others };
        aim(l, w == &l->plan, shares[i], &row);
        bench_report_row(&row);
        snprintf(name, sizeof name, "  bus alone, %s", share_names[i]);
        bench_report_row(&(bench_row){ .name = name,
                                       .value = bench_samples_ms(&w->echo, shares[i]),
                                       .unit = "ms",
                                       .others_cores = echo_others });
    }
}

static void say_usage(const loop *l)
{
    double reviews = (double)(l->count * l->rounds), others = bench_usage_others(&l->used);
    char name[96];

    snprintf(name, sizeof name, "%s: reviews with a plan", l->name);
    bench_report_row(&(bench_row){ .name = name,
                                   .value = reviews / l->sending_s,
                                   .unit = "1/s",
                                   .ratio = reviews / l->sending_s / (double)l->rate,
                                   .to = "asked",
                                   .others_cores = others });
    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        snprintf(name, sizeof name, "  CPU of %s", bench_process_names[i]);
        bench_report_row(&(bench_row){ .name = name,
                                       .value = l->used.cpu_s[i] / reviews * 1e6,
                                       .unit = "us/review",
                                       .ratio = l->used.cpu_s[i] / l->used.seconds,
                                       .to = "a core",
                                       .others_cores = others });
    }
    bench_report_row(&(bench_row){ .name = "  CPU of nats-server, bus alone",
                                   .value = l->echo_used.cpu_s[BENCH_SERVER] / reviews * 1e6,
                                   .unit = "us/review",
                                   .ratio = l->echo_used.cpu_s[BENCH_SERVER] / l->echo_used.seconds,
                                   .to = "a core",
                                   .others_cores = bench_usage_others(&l->echo_used) });
    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        snprintf(name, sizeof name, "  own memory of %s", bench_process_names[i]);
        bench_report_row(
            &(bench_row){ .name = name,
                          .value = bench_usage_memory(bench_world_pid(l->world, i)).anonymous_mib,
                          .unit = "MiB",
                          .others_cores = others });
    }
}

static void say_case(loop *l)
{
    say_way(l, &l->result);
    say_way(l, &l->plan);
    say_usage(l);
    bench_samples_free(&l->result.samples);
    bench_samples_free(&l->result.echo);
    bench_samples_free(&l->plan.samples);
    bench_samples_free(&l->plan.echo);
}

/* @return how many people they need: each is reviewed once */
static size_t lay_out(loop cases[CASES])
{
    size_t first = 0;

    for (size_t i = 0; i < CASES; i++) {
        cases[i].result.name = "result";
        cases[i].plan.name = "plan";
        cases[i].count = cases[i].rate * cases[i].seconds;
        cases[i].first = first;
        first += cases[i].count * cases[i].rounds;
    }
    return first + 1;
}

int main(int argc, char **argv)
{
    static loop cases[CASES];
    size_t rate = 200, fast = 2000, seconds = 10, rounds = 3, people = PEOPLE_MIN, comment = 0;
    const bench_setting settings[] = {
        { "rate", &rate, 50, "reviews a second: few" },
        { "fast", &fast, 100, "reviews a second: many" },
        { "seconds", &seconds, 2, "length of a round, half of it with many" },
        { "rounds", &rounds, 1, "rounds; each reviews other people" },
        { "people", &people, 20, "least size of the company" },
        { "comment", &comment, 0, "1: reviews carry a text, which is sealed" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (rate == 0 || fast == 0 || seconds == 0 || rounds == 0 || rounds > ROUNDS_MAX)
        bench_fail("rates, seconds and rounds must be at least 1, rounds at most %d", ROUNDS_MAX);
    const loop few = { .name = "few",
                       .rate = rate,
                       .seconds = seconds,
                       .rounds = rounds,
                       .comment = comment,
                       .p50_max = 1.5,
                       .p99_max = 2 };
    cases[0] = cases[1] = cases[2] = few;
    cases[1].name = "many";
    cases[1].rate = fast;
    cases[1].seconds = (seconds + 1) / 2;
    cases[2].name = "few, beside a rebuild";
    cases[2].rebuilding = true;
    cases[2].p50_max = 0;
    cases[2].p99_max = 4;
    size_t needed = lay_out(cases);
    bench_world *world = bench_world_start(FIXTURE_SYNC_NONE);
    bench_company_set_up(world, &(bench_company){ .people = people > needed ? people : needed });
    bench_echo *echo = bench_echo_start(world);
    for (size_t i = 0; i < CASES; i++) {
        cases[i].world = world;
        run_case(&cases[i], echo);
    }
    bench_echo_stop(echo);
    for (size_t i = 0; i < CASES; i++)
        say_case(&cases[i]);
    bench_report_end("latency");
    bench_world_stop(world);
    return 0;
}
