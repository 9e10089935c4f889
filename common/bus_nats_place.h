/* bus_nats_place.h: where a message of a consumer stands in its stream. */
#ifndef PRAXIS_COMMON_BUS_NATS_PLACE_H
#define PRAXIS_COMMON_BUS_NATS_PLACE_H

#include "common/bus.h"

/**
 * Reads sequence, time and pending from the reply subject:
 * $JS.ACK.<stream>.<consumer>.<delivered>.<seq>.<consumer seq>.<time>.<pending>, or, from newer
 * servers, $JS.ACK.<domain>.<account>.<stream>. ... .<pending>[.<more>]. False: it is neither.
 */
bool px_nats_place(const char *reply, px_bus_msg *msg);
/**
 * Was it stored before the place that a reader was to begin at, and before the reader was opened?
 * Killed when it had begun a new file of a stream and had nothing in it yet, server 2.9 takes the
 * stream's first sequence for 0 until its next start, and lets every consumer begin at the first
 * message; so does a server of a cluster that has yet to read its copy.
 */
bool px_nats_is_early(const px_bus_msg *msg, uint64_t from_seq, int64_t opened_ns);

#endif
