/* micro.h: the NATS services protocol (ADR-32): who is there, what it answers, how it is doing.
 *
 * $SRV.PING, $SRV.INFO and $SRV.STATS, plain, with .<name> and with .<name>.<id>; `nats micro ls`,
 * `info` and `stats` show every daemon. Queries themselves are answered elsewhere and counted here.
 */
#ifndef PRAXIS_COMMON_MICRO_H
#define PRAXIS_COMMON_MICRO_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"
#include "common/health.h"
#include "common/service.h"

typedef struct px_micro px_micro;

/** What STATS shows of the daemon beside its counters. */
typedef struct {
    uint64_t cursor; /* last log sequence folded */
    bool ready;
    char why_not[PX_HEALTH_WHY_MAX]; /* "" while ready */
} px_micro_state;

/** Tells the state of the moment; called on threads of the bus. */
typedef px_micro_state px_micro_state_fn(void *context);

/** The queue group in which the copies of a daemon share queries. */
extern const char px_micro_queue[]; /* "q" */

/**
 * Starts answering. Call it before the connection is busy, like px_bus_serve(). The id is made anew
 * each time; `instance` stands in the metadata.
 * @param micro    also set on failure (NULL only when there was no memory): to be destroyed as
 * below
 * @param service  borrowed for as long as the result lives
 */
px_status px_micro_start(px_micro **micro, px_bus *bus, const px_service *service,
                         const char *instance, px_micro_state_fn *state, void *context);
/** Only after the connection is closed, for it may be answering until then. NULL is fine. */
void px_micro_destroy(px_micro *micro);

/**
 * Counts one answered query. Any thread.
 * @param query  index in service->queries
 * @param error  why it was refused, static, such as px_reason_code(); NULL for an answer
 * @param ns     how long it took
 */
void px_micro_count(px_micro *micro, size_t query, const char *error, int64_t ns);

#endif
