/* clock.h: the clock of all measurements. */
#ifndef PRAXIS_TESTS_BENCH_KIT_CLOCK_H
#define PRAXIS_TESTS_BENCH_KIT_CLOCK_H

#include <stdint.h>
#include <time.h>

/** Monotonic, ns. */
static inline int64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline double bench_seconds_since(int64_t start_ns)
{
    return (double)(bench_now_ns() - start_ns) / 1e9;
}

/** Microseconds since 1970. */
static inline int64_t bench_wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#endif
