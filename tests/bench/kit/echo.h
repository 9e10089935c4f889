/* echo.h: the bus alone: what a message needs through as many streams as a review passes. */
#ifndef PRAXIS_TESTS_BENCH_KIT_ECHO_H
#define PRAXIS_TESTS_BENCH_KIT_ECHO_H

#include "tests/bench/kit/samples.h"
#include "tests/bench/kit/world.h"

/**
 * submit -> inbox -> log -> feed: the way of a result. And inbox -> log (review-cycle) -> log
 * (competency) -> log (recommender) -> feed: the way of a plan. Every stop is a JetStream stream.
 */
enum { BENCH_HOPS_TO_RESULT = 3, BENCH_HOPS_TO_PLAN = 5 };

typedef struct bench_echo bench_echo;

/**
 * Makes a chain of BENCH_HOPS_TO_PLAN streams in the world's server. Between two of them a thread
 * with a connection of its own publishes what it reads, unchanged.
 */
bench_echo *bench_echo_start(const bench_world *world);
/**
 * Publishes `count` messages of `size` bytes at `rate` into the first stream, and adds for each how
 * long after its due time it was read from the third and from the last stream.
 */
void bench_echo_run(bench_echo *echo, size_t count, size_t size, double rate,
                    bench_samples *to_result, bench_samples *to_plan);
void bench_echo_stop(bench_echo *echo);

#endif
