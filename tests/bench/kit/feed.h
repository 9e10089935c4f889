/* feed.h: what arrives on the feed, live: results by submission id, plans by person. */
#ifndef PRAXIS_TESTS_BENCH_KIT_FEED_H
#define PRAXIS_TESTS_BENCH_KIT_FEED_H

#include "tests/bench/kit/world.h"

/** Ids borrowed for the call; `now_ns` is when the message was taken from the bus. */
typedef struct {
    void (*on_result)(void *context, const char *submission_id, int64_t now_ns); /* accepted */
    void (*on_plan)(void *context, const char *person_id,
                    int64_t now_ns); /* proposed; NULL: none */
    void (*on_level)(void *context, const char *person_id, int64_t now_ns); /* moved; NULL: none */
    void *context;
} bench_feed_listener;

typedef struct bench_feed bench_feed;

/** Hears what is stored from now on. A rejection ends the program with its text. */
bench_feed *bench_feed_open(const bench_world *world, const bench_feed_listener *listener);
/** Hands on what is here; if nothing is, waits for at most `timeout_ms`. */
void bench_feed_step(bench_feed *feed, int64_t timeout_ms);
void bench_feed_close(bench_feed *feed);
/** The connection, for questions of the same thread. */
px_bus *bench_feed_bus(bench_feed *feed);

#endif
