/* raw.h: what the bus and the database allow who does nothing with what it moves.
 *
 * Written against nats.c and LMDB themselves, so that a fault of common/bus or common/store does
 * not lower what they are measured against. Messages of 149 bytes, one event each.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_RAW_H
#define PRAXIS_TESTS_BENCH_KIT_RAW_H

#include "tests/bench/kit/world.h"

typedef struct {
    double rate;      /* messages, or updates, a second */
    double own_us;    /* CPU of who does it, per message */
    double server_us; /* of nats-server */
    double others;    /* cores that others used */
} bench_raw;

typedef struct bench_raw_bus bench_raw_bus;

/** A stream of `count` messages, and an empty one, in the world's server. */
bench_raw_bus *bench_raw_open(const bench_world *world, size_t count);
/** Fills the first anew: publishes with at most 4,096 not acknowledged. Must come first. */
bench_raw bench_raw_publish(bench_raw_bus *bus);
/** Reads the first: acknowledges nothing, no filter, two own pull requests of 8,192 in flight. */
bench_raw bench_raw_read(bench_raw_bus *bus);
/** Both at once: each message of the first into the second, until all are acknowledged. */
bench_raw bench_raw_relay(bench_raw_bus *bus);
/** Deletes the streams. */
void bench_raw_close(bench_raw_bus *bus);

/**
 * Random read-modify-write of 120,000 keys of 24 bytes with values of 40: 20,000 to a transaction,
 * without sync, a cursor each.
 */
bench_raw bench_raw_lmdb(const bench_world *world, size_t updates);

#endif
