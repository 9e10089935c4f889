#include "tests/bench/kit/pace.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/bench/kit/clock.h"

enum { WINDOW = 4096, LEAD_MS = 50, ACK_TIMEOUT_S = 30, WAIT_MS = 100 };

struct bench_pace {
    const bench_pace_plan *plan;
    px_bus *bus;
    pthread_t thread;
    int64_t start_ns;
    double seconds;
    size_t sent;
    size_t acked;
};

int64_t bench_pace_due_ns(const bench_pace *p, size_t index)
{
    if (p->plan->rate <= 0)
        return p->start_ns;
    return p->start_ns + (int64_t)((double)index * 1e9 / p->plan->rate);
}

static void sleep_until(int64_t due_ns)
{
    struct timespec due = { .tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR)
        continue;
}

static void take_acks(bench_pace *p)
{
    px_bus_ack ack;

    while (px_bus_next_ack(p->bus, &ack)) {
        if (ack.status != PX_OK)
            bench_fail("%s: %s (%s)", p->plan->subject, px_strerror(ack.status),
                       px_bus_last_error(p->bus));
        p->acked++;
    }
}

static void wait_for_acks(bench_pace *p, size_t under_way)
{
    int64_t start = bench_now_ns();

    take_acks(p);
    while (p->sent - p->acked > under_way) {
        if (bench_seconds_since(start) > ACK_TIMEOUT_S)
            bench_fail("%s: %zu messages are not acknowledged", p->plan->subject,
                       p->sent - p->acked);
        px_bus_wait(p->bus, WAIT_MS);
        take_acks(p);
    }
}

static void *run(void *context)
{
    bench_pace *p = context;
    const bench_pace_plan *plan = p->plan;

    for (size_t i = 0; i < plan->count; i++) {
        const px_bus_out out = { .subject = plan->subject, .data = plan->messages[i] };

        if (plan->rate > 0)
            sleep_until(bench_pace_due_ns(p, i));
        wait_for_acks(p, WINDOW);
        if (px_bus_publish(p->bus, px_bus_epoch(p->bus), &out, i + 1) != PX_OK)
            bench_fail("%s: %s", plan->subject, px_bus_last_error(p->bus));
        p->sent++;
    }
    wait_for_acks(p, 0);
    p->seconds = bench_seconds_since(p->start_ns);
    return NULL;
}

bench_pace *bench_pace_start(const bench_pace_plan *plan)
{
    bench_pace *p = calloc(1, sizeof *p);

    PX_ASSERT(p != NULL);
    p->plan = plan;
    p->bus = bench_world_connect(plan->world, plan->name);
    p->start_ns = bench_now_ns() + (plan->rate > 0 ? LEAD_MS * 1000000 : 0);
    if (pthread_create(&p->thread, NULL, run, p) != 0)
        bench_fail("cannot start a thread");
    return p;
}

double bench_pace_finish(bench_pace *p)
{
    double seconds;

    pthread_join(p->thread, NULL);
    seconds = p->seconds;
    px_bus_close(p->bus);
    free(p);
    return seconds;
}
