/* ingest.c: how fast submissions that wait become results on the feed.
 *
 * review-cycle is kept from running while they are published (that is the raw rate), then let go.
 * The other daemons run along and follow, as they do in production; the CPU they need is counted
 * until the log is quiet again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/status.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/company.h"
#include "tests/bench/kit/feed.h"
#include "tests/bench/kit/pace.h"
#include "tests/bench/kit/report.h"
#include "tests/bench/kit/usage.h"

enum { TIMEOUT_S = 300, WAIT_MS = 50, BUNDLE = 100 };

/** What is sent. */
typedef struct {
    const char *name;
    const char *subject;
    size_t bundle;
    bool comment;
} form;

static const form forms[] = {
    { "single", BENCH_REVIEW_SUBJECT, 1, false },
    { "bundles of 100", BENCH_BUNDLE_SUBJECT, BUNDLE, false },
    { "bundles of 100, with comments", BENCH_BUNDLE_SUBJECT, BUNDLE, true },
};

typedef struct {
    bench_world *world;
    size_t people, reviews;
    size_t sent;  /* reviews so far, over all forms */
    size_t heard; /* results so far */
} ingest;

typedef struct {
    double raw_s;     /* publishing alone */
    double results_s; /* from letting go to the last result */
    double quiet_s;   /* and to where the other daemons have followed */
    bench_usage used; /* to the last result */
    bench_usage used_till_quiet;
} timing;

static void hear_result(void *context, const char *id, int64_t now_ns)
{
    ingest *in = context;

    (void)id;
    (void)now_ns;
    in->heard++;
}

/* Review n is about the n-th person who heads no team, by the next colleague each time round. */
static bench_review review_of(const ingest *in, size_t number)
{
    size_t members = in->people / BENCH_TEAM * (BENCH_TEAM - 1), nth = number % members;
    size_t person = nth / (BENCH_TEAM - 1) * BENCH_TEAM + nth % (BENCH_TEAM - 1) + 1;

    return bench_review_by_colleague(person, number / members, in->people);
}

static px_bytes *messages_of(const ingest *in, const form *f, size_t *count)
{
    bench_review *reviews = calloc(in->reviews, sizeof *reviews);

    PX_ASSERT(reviews != NULL);
    for (size_t i = 0; i < in->reviews; i++) {
        reviews[i] = review_of(in, in->sent + i);
        reviews[i].comment = f->comment;
    }
    px_bytes *messages = bench_review_messages(reviews, in->reviews, in->sent, f->bundle, count);
    free(reviews);
    return messages;
}

static double publish_all(const ingest *in, const form *f, const px_bytes *messages, size_t count)
{
    const bench_pace_plan plan = { in->world, "bench-pace", f->subject, messages, count, 0 };

    return bench_pace_finish(bench_pace_start(&plan));
}

static timing run_form(ingest *in, const form *f)
{
    const bench_feed_listener listener = { hear_result, NULL, in };
    bench_feed *feed = bench_feed_open(in->world, &listener);
    timing t = { 0 };
    size_t count;
    px_bytes *messages = messages_of(in, f, &count);

    bench_world_pause(in->world, BENCH_REVIEW_CYCLE);
    t.raw_s = publish_all(in, f, messages, count);
    in->sent += in->reviews;
    bench_usage before = bench_usage_read(in->world);
    int64_t start = bench_now_ns();
    bench_world_resume(in->world, BENCH_REVIEW_CYCLE);
    while (in->heard < in->sent) {
        if (bench_seconds_since(start) > TIMEOUT_S)
            bench_fail("%zu of %zu results are missing", in->sent - in->heard, in->sent);
        bench_feed_step(feed, WAIT_MS);
    }
    t.results_s = bench_seconds_since(start);
    t.used = bench_usage_since(in->world, &before);
    t.quiet_s = bench_wait_until_quiet(bench_feed_bus(feed), start);
    t.used_till_quiet = bench_usage_since(in->world, &before);
    bench_feed_close(feed);
    bench_messages_free(messages, count);
    return t;
}

static void say(const ingest *in, const form *f, const timing *t)
{
    double reviews = (double)in->reviews, others = bench_usage_others(&t->used);
    double others_till_quiet = bench_usage_others(&t->used_till_quiet);
    char name[96];

    snprintf(name, sizeof name, "publishing, %s", f->name);
    bench_report_row(&(bench_row){ name, reviews / t->raw_s, "1/s", 0, NULL, others });
    snprintf(name, sizeof name, "to results, %s", f->name);
    bench_report_row(&(bench_row){ name, reviews / t->results_s, "1/s", t->raw_s / t->results_s,
                                   "publishing", others });
    snprintf(name, sizeof name, "followed by all, %s", f->name);
    bench_report_row(&(bench_row){ name, reviews / t->quiet_s, "1/s", t->raw_s / t->quiet_s,
                                   "publishing", others_till_quiet });
    for (size_t i = 0; i < BENCH_PROCESSES; i++) {
        snprintf(name, sizeof name, "  CPU of %s", bench_process_names[i]);
        bench_report_row(&(bench_row){ name, t->used_till_quiet.cpu_s[i] / reviews * 1e6,
                                       "us/review", t->used_till_quiet.cpu_s[i] / t->quiet_s,
                                       "a core", others_till_quiet });
    }
}

int main(int argc, char **argv)
{
    ingest in = { .people = 2000, .reviews = 10000 };
    const bench_setting settings[] = {
        { "people", &in.people, 50, "size of the company, in tens" },
        { "reviews", &in.reviews, 200, "of each form" },
        { NULL, NULL, 0, NULL },
    };

    bench_settings_read(argc, argv, settings);
    if (in.reviews == 0)
        bench_fail("there must be reviews");
    in.people = in.people < 5 * BENCH_TEAM ? 5 * BENCH_TEAM : in.people / BENCH_TEAM * BENCH_TEAM;
    if (in.reviews * PX_COUNT(forms) > in.people / 10 * 9 * (in.people - 2 * BENCH_TEAM))
        bench_fail("the company is too small for so many reviews");
    in.world = bench_world_start();
    bench_company_set_up(in.world, in.people);
    for (size_t i = 0; i < PX_COUNT(forms); i++) {
        timing t = run_form(&in, &forms[i]);
        say(&in, &forms[i], &t);
    }
    bench_report_end("ingest");
    bench_world_stop(in.world);
    return 0;
}
