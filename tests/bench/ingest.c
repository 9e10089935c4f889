/* ingest.c: how fast submissions that wait become results on the feed, by one daemon.
 *
 * The others do not run. review-cycle is kept from running while the submissions are published,
 * then let go. Each round first lets the bus alone do its least: read each message and publish one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/bus.h"
#include "common/status.h"
#include "common/vault.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/raw.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/reviews.h"
#include "tests/bench/kit/usage.h"

enum { TIMEOUT_S = 240, WAIT_MS = 50, BUNDLE = 100, ROUNDS_MAX = 100 };

/** A comment is sealed under the person's key: the first makes it, later ones find it in memory. */
typedef enum { NO_COMMENT, FIRST_COMMENT, LATER_COMMENT } comment;

/** What is sent. */
typedef struct {
    const char *name;
    const char *subject;
    size_t bundle;
    size_t ratings;
    comment comment;
    double target; /* of raw; 0: none */
} form;

static const form forms[] = {
    { "single", BENCH_REVIEW_SUBJECT, 1, 1, NO_COMMENT, 0.5 },
    { "bundles of 100", BENCH_BUNDLE_SUBJECT, BUNDLE, 1, NO_COMMENT, 1.2 },
    { "single, 12 ratings each", BENCH_REVIEW_SUBJECT, 1, BENCH_TARGETS, NO_COMMENT, 0 },
    { "bundles of 100, first comments", BENCH_BUNDLE_SUBJECT, BUNDLE, 1, FIRST_COMMENT, 0 },
    { "bundles of 100, later comments", BENCH_BUNDLE_SUBJECT, BUNDLE, 1, LATER_COMMENT, 0 },
};

/** Of one form, over the rounds. */
typedef struct {
    double publish[ROUNDS_MAX], rate[ROUNDS_MAX], ratio[ROUNDS_MAX];
    double daemon_us[ROUNDS_MAX], server_us[ROUNDS_MAX], others[ROUNDS_MAX];
} outcome;

typedef struct {
    bench_world *world;
    bench_raw_bus *raw;
    size_t people, reviews, rounds;
    size_t sent;  /* reviews so far, over all forms */
    size_t heard; /* results so far */
} ingest;

static void hear_result(void *context, const char *id, int64_t now_ns)
{
    ingest *in = context;

    (void)id;
    (void)now_ns;
    in->heard++;
}

static px_bytes *messages_of(const ingest *in, const form *f, size_t reviews, size_t *count)
{
    bench_review *list = calloc(reviews, sizeof *list);

    PX_ASSERT(list != NULL);
    for (size_t i = 0; i < reviews; i++) {
        list[i] = bench_review_nth(in->sent + i, in->people);
        list[i].comment = f->comment != NO_COMMENT;
        list[i].ratings = f->ratings;
    }
    px_bytes *messages = bench_review_messages(list, reviews, in->sent, f->bundle, count);
    free(list);
    return messages;
}

static double publish_all(const ingest *in, const form *f, const px_bytes *messages, size_t count)
{
    const bench_pace_plan plan = { in->world, "bench-pace", f->subject, messages, count, 0 };

    return bench_pace_finish(bench_pace_start(&plan));
}

static void wait_for_results(ingest *in, bench_feed *feed)
{
    int64_t start = bench_now_ns();

    while (in->heard < in->sent) {
        if (bench_seconds_since(start) > TIMEOUT_S)
            bench_fail("%zu of %zu results are missing", in->sent - in->heard, in->sent);
        bench_feed_step(feed, WAIT_MS);
    }
}

/* Nobody has a key, neither in the stream nor in memory. */
static void forget_keys(const ingest *in)
{
    px_bus *bus = bench_world_connect(in->world, "bench-keys");
    px_stream_info info;

    bench_world_end(in->world, BENCH_REVIEW_CYCLE);
    if (px_bus_stream_info(bus, px_vault_stream, &info) != PX_OK ||
        px_bus_purge(bus, px_vault_stream, info.last_seq) != PX_OK)
        bench_fail("the keys stay: %s", px_bus_last_error(bus));
    px_bus_close(bus);
    bench_world_begin(in->world, BENCH_REVIEW_CYCLE);
}

static void run_form(ingest *in, const form *f, double raw_rate, size_t round, outcome *o)
{
    const bench_feed_listener listener = { .on_result = hear_result, .context = in };
    size_t each_once = bench_reviewed(in->people), reviews = in->reviews;
    bench_feed *feed = bench_feed_open(in->world, &listener);
    size_t count;

    if (f->comment == FIRST_COMMENT) {
        reviews = reviews < each_once ? reviews : each_once;
        forget_keys(in);
    }
    px_bytes *messages = messages_of(in, f, reviews, &count);
    bench_world_pause(in->world, BENCH_REVIEW_CYCLE);
    o->publish[round] = (double)reviews / publish_all(in, f, messages, count);
    in->sent += reviews;
    bench_usage before = bench_usage_read(in->world);
    bench_world_resume(in->world, BENCH_REVIEW_CYCLE);
    wait_for_results(in, feed);
    bench_usage used = bench_usage_since(in->world, &before);
    o->rate[round] = (double)reviews / used.seconds;
    o->ratio[round] = o->rate[round] / raw_rate;
    o->daemon_us[round] = used.cpu_s[BENCH_REVIEW_CYCLE] / (double)reviews * 1e6;
    o->server_us[round] = used.cpu_s[BENCH_SERVER] / (double)reviews * 1e6;
    o->others[round] = bench_usage_others(&used);
    bench_progress("%s: %.0f/s, CPU %.1f us + server %.1f us, %.2f x raw", f->name, o->rate[round],
                   o->daemon_us[round], o->server_us[round], o->ratio[round]);
    bench_feed_close(feed);
    bench_messages_free(messages, count);
}

static void say(const char *text, const char *of, double value, const char *unit, double others)
{
    char name[96];

    snprintf(name, sizeof name, "%s%s", text, of);
    bench_report_row(
        &(bench_row){ .name = name, .value = value, .unit = unit, .others_cores = others });
}

static void say_form(const form *f, outcome *o, size_t rounds)
{
    double others = bench_median(o->others, rounds);
    char name[96];

    snprintf(name, sizeof name, "to results, %s", f->name);
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_median(o->rate, rounds),
                                   .unit = "1/s",
                                   .ratio = bench_median(o->ratio, rounds),
                                   .to = "raw",
                                   .others_cores = others,
                                   .aim = f->target > 0 ? BENCH_AT_LEAST : BENCH_NO_TARGET,
                                   .target = f->target });
    say("  CPU of ", bench_process_names[BENCH_REVIEW_CYCLE], bench_median(o->daemon_us, rounds),
        "us/review", others);
    say("  CPU of ", bench_process_names[BENCH_SERVER], bench_median(o->server_us, rounds),
        "us/review", others);
    say("  publishing them", "", bench_median(o->publish, rounds), "1/s", others);
}

static void run(ingest *in)
{
    static outcome outcomes[PX_COUNT(forms)];
    static double raw_rate[ROUNDS_MAX];
    double others = 0;

    for (size_t round = 0; round < in->rounds; round++) {
        bench_raw_publish(in->raw);
        bench_raw raw = bench_raw_relay(in->raw);

        raw_rate[round] = raw.rate;
        others = raw.others;
        bench_progress("raw, read and publish: %.0f/s, CPU %.1f us + server %.1f us", raw.rate,
                       raw.own_us, raw.server_us);
        for (size_t i = 0; i < PX_COUNT(forms); i++)
            run_form(in, &forms[i], raw.rate, round, &outcomes[i]);
    }
    say("raw: each message read, one published", "", bench_median(raw_rate, in->rounds), "1/s",
        others);
    for (size_t i = 0; i < PX_COUNT(forms); i++)
        say_form(&forms[i], &outcomes[i], in->rounds);
}

int main(int argc, char **argv)
{
    ingest in = { .people = 10000, .reviews = 133334, .rounds = 3 };
    const bench_setting settings[] = {
        { "people", &in.people, 50, "size of the company, in tens" },
        { "reviews", &in.reviews, 200,
          "of each form in a round; first comments: at most one to a person" },
        { "rounds", &in.rounds, 1, "of which the median is said" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (in.reviews == 0 || in.rounds == 0 || in.rounds > ROUNDS_MAX)
        bench_fail("there must be reviews, and 1 to %d rounds", ROUNDS_MAX);
    in.people = bench_people(in.people);
    if (in.reviews * in.rounds * PX_COUNT(forms) > bench_reviews_most(in.people))
        bench_fail("the company is too small for so many reviews");
    in.world = bench_world_start(FIXTURE_SYNC_NONE);
    bench_company_set_up(in.world, &(bench_company){ .people = in.people });
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        if (i != BENCH_REVIEW_CYCLE)
            bench_world_end(in.world, i);
    in.raw = bench_raw_open(in.world, in.reviews);
    run(&in);
    bench_raw_close(in.raw);
    bench_report_end("ingest");
    bench_world_stop(in.world);
    return 0;
}
