/* growth.c: what stays the same, and what grows with what.
 *
 * Competency and the recommender fold the same kind of log ten times as large in one way after
 * another. Then plans are made from a large catalogue, and every role asks for another level while
 * ratings come in.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/samples.h"
#include "tests/bench/kit/usage.h"
#include "tests/bench/kit/written.h"

enum { TEN = 10, MIB = 1024 * 1024, TIMEOUT_S = 120, WAIT_MS = 50 };

typedef struct {
    size_t people, ratings, tenants, catalogue, plans, rate, seconds;
} sizes;

static void say(const char *of, const char *what, double value, const char *unit, double others)
{
    char name[96];

    snprintf(name, sizeof name, "%s%s", of, what);
    bench_report_row(
        &(bench_row){ .name = name, .value = value, .unit = unit, .others_cores = others });
}

/* ---- rebuilds ---- */

typedef struct {
    const char *name;
    size_t people, ratings, items, tenants;
} size_case;

static const char *tenant_name(size_t tenant, char name[32])
{
    snprintf(name, 32, "%s-%zu", BENCH_TENANT, tenant);
    return name;
}

static uint64_t make_log(bench_world *world, const size_case *c)
{
    size_t people = bench_people(c->people / c->tenants);
    uint64_t last = 0;
    char name[32];

    for (size_t i = 0; i < c->tenants; i++)
        bench_company_set_up(world, &(bench_company){ .tenant = tenant_name(i, name),
                                                      .people = people,
                                                      .items = c->items,
                                                      .hurry = i + 1 < c->tenants });
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        bench_world_end(world, i);
    for (size_t i = 0; i < c->tenants; i++)
        last = bench_write_log(world, &(bench_written){ .tenant = tenant_name(i, name),
                                                        .people = people,
                                                        .reviews = c->ratings / c->tenants,
                                                        .ratings_per_review = 1 });
    return last;
}

static void say_rebuild(bench_world *world, size_t daemon, uint64_t last, const size_case *c)
{
    bench_usage before = bench_usage_read(world);
    bench_rebuilt r = bench_world_rebuild(world, daemon, last);
    bench_usage used = bench_usage_since(world, &before);
    char name[96];

    used.bench_cpu_s += r.cpu_seconds;
    double others = bench_usage_others(&used);
    snprintf(name, sizeof name, "%s: rebuild of %s", c->name, bench_process_names[daemon]);
    say(name, "", r.seconds, "s", others);
    say("  CPU", "", r.cpu_seconds / (double)c->ratings * 1e6, "us/rating", others);
    say("  projection on disk", "", r.bytes / MIB, "MiB", others);
    say("  own memory at its highest", "", r.anon_mib, "MiB", others);
}

static void measure(const size_case *c)
{
    bench_world *world = bench_world_start(FIXTURE_SYNC_NONE);
    char path[512];

    bench_progress("%s: %zu people, %zu ratings, %zu items, %zu tenants", c->name, c->people,
                   c->ratings, c->items, c->tenants);
    uint64_t last = make_log(world, c);
    snprintf(path, sizeof path, "%s/store", bench_world_directory(world));
    say(c->name, ": streams on disk", bench_usage_disk(path) / MIB, "MiB", 0);
    say_rebuild(world, BENCH_COMPETENCY, last, c);
    say_rebuild(world, BENCH_RECOMMENDER, last, c);
    bench_world_stop(world);
}

/* ---- people who are reviewed by their managers ---- */

typedef struct {
    size_t first, count;
    const bench_pace *pace;
    size_t results, levels, plans;
    bool *has_level;
    bench_samples to_result, to_level;
} hearing;

static void hear_result(void *context, const char *id, int64_t now_ns)
{
    hearing *h = context;
    size_t i = bench_number(id) - h->first;

    if (i >= h->count)
        return;
    h->results++;
    bench_samples_add(&h->to_result, now_ns - bench_pace_due_ns(h->pace, i));
}

static void hear_level(void *context, const char *person_id, int64_t now_ns)
{
    hearing *h = context;
    size_t i = bench_number(person_id) - 1 - h->first;

    if (i >= h->count || h->has_level[i])
        return;
    h->has_level[i] = true;
    h->levels++;
    bench_samples_add(&h->to_level, now_ns - bench_pace_due_ns(h->pace, i));
}

static void hear_plan(void *context, const char *person_id, int64_t now_ns)
{
    hearing *h = context;

    (void)person_id;
    (void)now_ns;
    h->plans++;
}

static void send_reviews(const bench_world *world, hearing *h, double rate,
                         void (*meanwhile)(const bench_world *world), bool plans)
{
    const bench_feed_listener listener = {
        .on_result = hear_result, .on_plan = hear_plan, .on_level = hear_level, .context = h
    };
    bench_review *list = calloc(h->count, sizeof *list);
    size_t count;

    h->has_level = calloc(h->count, sizeof *h->has_level);
    PX_ASSERT(list != NULL && h->has_level != NULL);
    for (size_t i = 0; i < h->count; i++) {
        list[i] = bench_review_by_manager(h->first + i + 1);
        list[i].place = 0;
    }
    px_bytes *messages = bench_review_messages(list, h->count, h->first, 1, &count);
    const bench_pace_plan plan = {
        world, "bench-pace", BENCH_REVIEW_SUBJECT, messages, count, rate
    };
    bench_feed *feed = bench_feed_open(world, &listener);
    bench_pace *pace = bench_pace_start(&plan);
    int64_t start = bench_now_ns();
    h->pace = pace;
    if (meanwhile)
        meanwhile(world);
    while (h->results < h->count || h->levels < h->count || (plans && h->plans < h->count)) {
        if (bench_seconds_since(start) > TIMEOUT_S)
            bench_fail("of %zu reviews %zu have a result, %zu a level and %zu a plan", h->count,
                       h->results, h->levels, h->plans);
        bench_feed_step(feed, WAIT_MS);
    }
    bench_pace_finish(pace);
    bench_wait_until_quiet(bench_feed_bus(feed), start, 0);
    bench_feed_close(feed);
    bench_messages_free(messages, count);
    free(h->has_level);
    free(list);
}

static void measure_plans(const sizes *s, size_t items)
{
    bench_world *world = bench_world_start(FIXTURE_SYNC_NONE);
    size_t people = bench_people(s->plans + 1 + BENCH_TEAM);
    hearing h = { .count = s->plans };
    char name[96];

    bench_company_set_up(world, &(bench_company){ .people = people, .items = items });
    bench_usage before = bench_usage_read(world);
    send_reviews(world, &h, 0, NULL, true);
    bench_usage used = bench_usage_since(world, &before);
    snprintf(name, sizeof name, "CPU of the recommender, reading to feed, a plan, %zu items",
             items);
    bench_report_row(&(bench_row){ .name = name,
                                   .value = used.cpu_s[BENCH_RECOMMENDER] / (double)h.count * 1e6,
                                   .unit = "us",
                                   .others_cores = bench_usage_others(&used) });
    bench_samples_free(&h.to_result);
    bench_samples_free(&h.to_level);
    bench_world_stop(world);
}

/* ---- roles ask for more ---- */

static void ask_for_more(const bench_world *world)
{
    bench_progress("every role asks for another level now");
    bench_company_ask(world, BENCH_ROLES, 5);
}

static void say_ratings(const char *when, hearing *h)
{
    char name[96];

    snprintf(name, sizeof name, "a rating to its result, %s, p99", when);
    say(name, "", bench_samples_ms(&h->to_result, .99), "ms", 0);
    snprintf(name, sizeof name, "a rating to its result, %s, longest", when);
    say(name, "", bench_samples_ms(&h->to_result, 1), "ms", 0);
    snprintf(name, sizeof name, "a rating to its level, %s, p50", when);
    say(name, "", bench_samples_ms(&h->to_level, .5), "ms", 0);
    snprintf(name, sizeof name, "a rating to its level, %s, longest", when);
    bench_report_row(&(bench_row){ .name = name,
                                   .value = bench_samples_ms(&h->to_level, 1),
                                   .unit = "ms",
                                   .aim = h->first ? BENCH_AT_MOST : BENCH_NO_TARGET,
                                   .target = 2000 });
    bench_samples_free(&h->to_result);
    bench_samples_free(&h->to_level);
}

/* The n-th review by a colleague rates the first target of a person, so that all have a level. */
static void rate_everybody(const bench_world *world, size_t people)
{
    bench_review *list = calloc(people, sizeof *list);
    size_t count;

    PX_ASSERT(list != NULL);
    for (size_t i = 0; i < people; i++) {
        bool leads = i % BENCH_TEAM == 0; /* and may be the manager of who leads the next team */

        list[i] = bench_review_by_colleague(i, leads, people);
        list[i].place = 0;
    }
    px_bytes *messages = bench_review_messages(list, people, 2 * people, 100, &count);
    const bench_pace_plan plan = { world, "bench-pace", BENCH_BUNDLE_SUBJECT, messages, count, 0 };
    px_bus *bus = bench_world_connect(world, "bench-quiet");
    uint64_t all = bench_last_seq(bus, "PRAXIS_FEED") + people;
    bench_pace_finish(bench_pace_start(&plan));
    bench_wait_until_quiet(bus, 0, all);
    px_bus_close(bus);
    bench_messages_free(messages, count);
    free(list);
}

static void measure_change(const sizes *s)
{
    bench_world *world = bench_world_start(FIXTURE_SYNC_NONE);
    hearing calm = { .count = s->rate * s->seconds };
    hearing busy = { .first = calm.count, .count = calm.count };
    size_t needed = calm.count + busy.count + 1;
    size_t people = bench_people((needed > s->people ? needed : s->people) + BENCH_TEAM);

    bench_company_set_up(world, &(bench_company){ .people = people });
    rate_everybody(world, people);
    send_reviews(world, &calm, (double)s->rate, NULL, false);
    int64_t start = bench_now_ns();
    send_reviews(world, &busy, (double)s->rate, ask_for_more, false);
    say_ratings("calm", &calm);
    say_ratings("while roles ask for more", &busy);
    say("people touched by the change", "", (double)people, "", 0);
    say("  until all is quiet again", "", bench_seconds_since(start), "s", 0);
    bench_world_stop(world);
}

static void run(const sizes *s)
{
    const size_case cases[] = {
        { "as it is", s->people, s->ratings, BENCH_ITEMS, 1 },
        { "10 x the people", s->people * TEN, s->ratings, BENCH_ITEMS, 1 },
        { "10 x the history", s->people, s->ratings * TEN, BENCH_ITEMS, 1 },
        { "10 x the catalogue", s->people, s->ratings, BENCH_ITEMS * TEN, 1 },
        { "many tenants", s->people, s->ratings, BENCH_ITEMS, s->tenants },
    };

    for (size_t i = 0; i < PX_COUNT(cases); i++)
        measure(&cases[i]);
    measure_plans(s, BENCH_ITEMS);
    measure_plans(s, s->catalogue);
    measure_change(s);
}

int main(int argc, char **argv)
{
    sizes s = { 10000, 100000, 100, 5000, 2000, 200, 10 };
    const bench_setting settings[] = {
        { "people", &s.people, 100, "size of the company, in tens" },
        { "ratings", &s.ratings, 500, "in the log" },
        { "tenants", &s.tenants, 2, "of which each has a part of the people and of the ratings" },
        { "catalogue", &s.catalogue, 400, "items that plans are made from" },
        { "plans", &s.plans, 40, "made from them" },
        { "rate", &s.rate, 50, "reviews a second while roles change" },
        { "seconds", &s.seconds, 1, "of that" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (s.tenants == 0 || s.plans == 0 || s.rate == 0 || s.seconds == 0)
        bench_fail("tenants, plans, rate and seconds must be at least 1");
    s.people = bench_people(s.people);
    if (s.ratings * TEN > bench_reviews_most(s.people) ||
        s.ratings / s.tenants > bench_reviews_most(bench_people(s.people / s.tenants)))
        bench_fail("the company is too small for so many ratings");
    run(&s);
    bench_report_end("growth");
    return 0;
}
