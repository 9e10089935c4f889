/* loop.c: how long a review takes to become a result and a learning plan, at a steady rate.
 *
 * Open loop: reviews are sent when they are due, and time counts from then. Each round first sends
 * the same number of messages at the same rate over the bus alone (kit/echo.h), on the same server;
 * the ratios compare within a round.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/company.h"
#include "tests/bench/kit/echo.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/usage.h"

enum { ROUNDS_MAX = 100, SHARES = 4, PEOPLE_MIN = 2000, LATE_S = 60, WAIT_MS = 50 };

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
    size_t rate, seconds, rounds, comment;
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
    const bench_feed_listener listener = { hear_result, hear_plan, h };
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
    hearing h = { .first = round * l->count, .count = l->count };
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

/* ---- what is said ---- */

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return a < b ? -1 : a > b;
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, ascending);
    return values[count / 2];
}

static void say_way(loop *l, way *w)
{
    char name[64];
    double others = bench_usage_others(&l->used), echo_others = bench_usage_others(&l->echo_used);

    for (size_t i = 0; i < SHARES; i++) {
        snprintf(name, sizeof name, "submit to %s, %s", w->name, share_names[i]);
        bench_report_row(&(bench_row){ name, bench_samples_ms(&w->samples, shares[i]), "ms",
                                       median(w->ratios[i], l->rounds), "bus alone", others });
    }
    for (size_t i = 0; i < SHARES; i++) {
        snprintf(name, sizeof name, "bus alone, hops to %s, %s", w->name, share_names[i]);
        bench_report_row(&(bench_row){ name, bench_samples_ms(&w->echo, shares[i]), "ms", 0, NULL,
                                       echo_others });
    }
}

static void say_usage(const loop *l)
{
    double reviews = (double)(l->count * l->rounds), others = bench_usage_others(&l->used);
    char name[64];

    bench_report_row(&(bench_row){ "reviews with a plan", reviews / l->sending_s, "1/s",
                                   reviews / l->sending_s / (double)l->rate, "asked", others });
    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        snprintf(name, sizeof name, "CPU of %s", bench_process_names[i]);
        bench_report_row(&(bench_row){ name, l->used.cpu_s[i] / reviews * 1e6, "us/review",
                                       l->used.cpu_s[i] / l->used.seconds, "a core", others });
    }
    bench_report_row(&(bench_row){ "CPU of nats-server, bus alone",
                                   l->echo_used.cpu_s[BENCH_SERVER] / reviews * 1e6, "us/review",
                                   l->echo_used.cpu_s[BENCH_SERVER] / l->echo_used.seconds,
                                   "a core", bench_usage_others(&l->echo_used) });
    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        snprintf(name, sizeof name, "memory of %s", bench_process_names[i]);
        bench_report_row(&(bench_row){ name,
                                       bench_usage_anonymous_mib(bench_world_pid(l->world, i)),
                                       "MiB", 0, NULL, others });
    }
}

int main(int argc, char **argv)
{
    static loop l = { .rate = 200,
                      .seconds = 10,
                      .rounds = 3,
                      .result = { .name = "result" },
                      .plan = { .name = "plan" } };
    size_t people = PEOPLE_MIN;
    const bench_setting settings[] = {
        { "rate", &l.rate, 50, "reviews a second" },
        { "seconds", &l.seconds, 2, "length of a round" },
        { "rounds", &l.rounds, 1, "rounds; each reviews other people" },
        { "people", &people, 20, "least size of the company" },
        { "comment", &l.comment, 0, "1: reviews carry a text, which is sealed" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (l.rate == 0 || l.seconds == 0 || l.rounds == 0 || l.rounds > ROUNDS_MAX)
        bench_fail("rate, seconds and rounds must be at least 1, rounds at most %d", ROUNDS_MAX);
    l.count = l.rate * l.seconds;
    if (people < l.count * l.rounds + 1)
        people = l.count * l.rounds + 1;
    l.world = bench_world_start();
    bench_company_set_up(l.world, people);
    bench_echo *echo = bench_echo_start(l.world);
    for (size_t round = 0; round < l.rounds; round++)
        run_round(&l, echo, round);
    bench_echo_stop(echo);
    say_way(&l, &l.result);
    say_way(&l, &l.plan);
    say_usage(&l);
    bench_report_end("loop");
    bench_samples_free(&l.result.samples);
    bench_samples_free(&l.result.echo);
    bench_samples_free(&l.plan.samples);
    bench_samples_free(&l.plan.echo);
    bench_world_stop(l.world);
    return 0;
}
