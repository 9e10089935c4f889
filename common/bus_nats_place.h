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

#endif
