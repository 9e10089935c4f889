/* rebuild.c: how fast each daemon folds a log into an empty projection.
 *
 * The company is made by the daemons, a million ratings are then written into the log at once
 * (kit/written.h). The ratio is to reading as many messages of one event each, which is how such a
 * log looks without batches.
 */
#include <stdio.h>

#include "tests/bench/kit/raw.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/usage.h"
#include "tests/bench/kit/written.h"

enum { ROUNDS_MAX = 100, FORMS = 2, RAW_MESSAGES_MAX = 400000, ANON_MIB_MAX = 64 };

typedef struct {
    size_t people, ratings, rounds;
} sizes;

typedef struct {
    bench_world *world;
    uint64_t last; /* of the log */
    double ratings;
    double log_bytes;
} long_log;

/** Over the rounds. */
typedef struct {
    double rate[ROUNDS_MAX], ratio[ROUNDS_MAX], cpu_us[ROUNDS_MAX], anon[ROUNDS_MAX],
        peak[ROUNDS_MAX], bytes[ROUNDS_MAX], others[ROUNDS_MAX];
} outcome;

static long_log make_log(const sizes *s, size_t ratings_per_review)
{
    const bench_company company = { .people = s->people };
    long_log log = { .world = bench_world_start(FIXTURE_SYNC_NONE), .ratings = (double)s->ratings };
    size_t reviews = s->ratings / ratings_per_review;
    char path[512];

    bench_company_set_up(log.world, &company);
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        bench_world_end(log.world, i);
    snprintf(path, sizeof path, "%s/store/jetstream", bench_world_directory(log.world));
    double before = bench_usage_disk(path);
    log.last =
        bench_write_log(log.world, &(bench_written){ .people = s->people,
                                                     .reviews = reviews,
                                                     .ratings_per_review = ratings_per_review });
    log.log_bytes = bench_usage_disk(path) - before;
    return log;
}

static void measure(const long_log *log, size_t daemon, double raw_rate, size_t round, outcome *o)
{
    bench_usage before = bench_usage_read(log->world);
    bench_rebuilt r = bench_world_rebuild(log->world, daemon, log->last);
    bench_usage used = bench_usage_since(log->world, &before);

    used.bench_cpu_s += r.cpu_seconds; /* it is no process of the world */
    o->rate[round] = log->ratings / r.seconds;
    o->ratio[round] = o->rate[round] / raw_rate;
    o->cpu_us[round] = r.cpu_seconds / log->ratings * 1e6;
    o->anon[round] = r.anon_mib;
    o->peak[round] = r.peak_mib;
    o->bytes[round] = r.bytes;
    o->others[round] = bench_usage_others(&used);
    bench_progress("%s: %.0f ratings/s, %.2f us of CPU each, %.2f x raw",
                   bench_process_names[daemon], o->rate[round], o->cpu_us[round], o->ratio[round]);
}

static void say(const char *name, double value, const char *unit, double others)
{
    bench_report_row(
        &(bench_row){ .name = name, .value = value, .unit = unit, .others_cores = others });
}

static void say_outcome(const char *daemon, outcome *o, size_t rounds, size_t per_review,
                        bool judged)
{
    double others = bench_median(o->others, rounds);
    char name[96], memory[96];

    snprintf(name, sizeof name, "rebuild of %s, %zu to a review", daemon, per_review);
    snprintf(memory, sizeof memory, "  own memory of %s at its highest (RssAnon)", daemon);
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_median(o->rate, rounds),
                                   .unit = "ratings/s",
                                   .ratio = bench_median(o->ratio, rounds),
                                   .to = "raw reading",
                                   .others_cores = others,
                                   .aim = judged ? BENCH_AT_LEAST : BENCH_NO_TARGET,
                                   .target = 0.6 });
    say("  CPU", bench_median(o->cpu_us, rounds), "us/rating", others);
    bench_report_row(&(bench_row){ .name = memory,
                                   .value = bench_median(o->anon, rounds),
                                   .unit = "MiB",
                                   .others_cores = others,
                                   .aim = BENCH_AT_MOST,
                                   .target = ANON_MIB_MAX });
    say("  resident at its highest", bench_median(o->peak, rounds), "MiB", others);
    say("  projection on disk", bench_median(o->bytes, rounds) / 1048576, "MiB", others);
}

static void run_form(const sizes *s, size_t per_review)
{
    static outcome mine, other;
    size_t raw_count = s->ratings < RAW_MESSAGES_MAX ? s->ratings : RAW_MESSAGES_MAX;
    long_log log = make_log(s, per_review);
    bench_raw_bus *raw = bench_raw_open(log.world, raw_count);
    bench_raw read = { 0 };

    bench_raw_publish(raw);
    for (size_t round = 0; round < s->rounds; round++) {
        read = bench_raw_read(raw);
        bench_progress("raw reading: %.0f/s, server %.2f us", read.rate, read.server_us);
        measure(&log, BENCH_COMPETENCY, read.rate, round, &mine);
    }
    say_outcome("competency", &mine, s->rounds, per_review, true);
    say("  raw reading", read.rate, "messages/s", read.others);
    say("  the log", log.log_bytes / log.ratings, "B/rating", read.others);
    for (size_t i = 0; i < BENCH_DAEMONS; i++) {
        if (i == BENCH_COMPETENCY || per_review > 1)
            continue;
        measure(&log, i, read.rate, 0, &other);
        say_outcome(bench_process_names[i], &other, 1, per_review, false);
    }
    bench_raw_close(raw);
    bench_world_stop(log.world);
}

int main(int argc, char **argv)
{
    static const size_t forms[FORMS] = { 1, BENCH_TARGETS };
    sizes s = { .people = 10000, .ratings = 1000000, .rounds = 3 };
    const bench_setting settings[] = {
        { "people", &s.people, 50, "size of the company, in tens" },
        { "ratings", &s.ratings, 1000, "in the log" },
        { "rounds", &s.rounds, 1, "of which the median is said" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    s.people = bench_people(s.people);
    if (s.ratings < BENCH_TARGETS || s.rounds == 0 || s.rounds > ROUNDS_MAX)
        bench_fail("ratings must be at least %d, rounds 1 to %d", BENCH_TARGETS, ROUNDS_MAX);
    if (s.ratings > bench_reviews_most(s.people))
        bench_fail("the company is too small for so many ratings");
    for (size_t i = 0; i < FORMS; i++)
        run_form(&s, forms[i]);
    bench_report_end("rebuild");
    return 0;
}
