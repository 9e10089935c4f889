/* bus_world.h: tests of the bus run in a world: one server, the memory twin or a real one, one
 * connection. */
#ifndef PRAXIS_TESTS_COMMON_BUS_WORLD_H
#define PRAXIS_TESTS_COMMON_BUS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "tests/common/nats_fixture.h"

enum { BUS_DEADLINE_MS = 20000 };

struct CMUnitTest;

/** A server of one kind or the other, and one connection to it; *state of every test. */
typedef struct {
    px_bus_server *memory; /* NULL: it is NATS */
    nats_fixture *nats;
    px_bus *bus;
    unsigned streams; /* made so far: every test has its own */
    char stream[16];
    char subject[32]; /* of the stream just made, one literal token below it */
} bus_world;

/** Runs the tests in a fresh world of one kind; returns the number that failed. */
int bus_run_on_memory(const struct CMUnitTest *tests, size_t count);
int bus_run_on_nats(const struct CMUnitTest *tests, size_t count);

/** Another connection to the server, connected; the caller closes it. */
px_bus *bus_open(bus_world *w, const char *inbox_prefix);
/** Takes the server away (NATS: kill -9) until the connection has noticed, and brings it back. */
void bus_take_down(bus_world *w);
void bus_bring_up(bus_world *w);

/** A stream S<n> on s<n>.>; w->subject is s<n>.a. Name and subjects of `config` are not used. */
void bus_make_stream(bus_world *w, px_stream_config config);
void bus_make_plain_stream(bus_world *w);
/** s<n>.<token> of the stream just made; valid until the next call. */
const char *bus_under(bus_world *w, const char *token);
px_stream_info bus_info_of(bus_world *w);

px_bytes bus_text(const char *string);
uint64_t bus_put(bus_world *w, const char *subject, const char *data);
px_bus_ack bus_put_id(bus_world *w, const char *subject, const char *id);
px_reader *bus_reader_at(bus_world *w, uint64_t from_seq);
void bus_expect_data(const px_bus_msg *msg, const char *data);
void bus_expect_next(bus_world *w, px_reader *reader, uint64_t seq, const char *data);

/* These wait for what they name, and fail the test after BUS_DEADLINE_MS. */
int64_t bus_now_ms(void);
void bus_keep_waiting(px_bus *bus, int64_t since_ms);
uint64_t bus_connected(px_bus *bus);
px_bus_msg *bus_next(px_bus *bus, px_reader *reader);
px_bus_ack bus_next_ack(px_bus *bus);
void bus_until_caught_up(px_bus *bus, px_reader *reader);
void bus_until_broken(px_bus *bus, px_reader *reader);

#endif
