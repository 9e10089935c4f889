#include "common/server_clock.h"

/* A submission may have been made an hour from now: half of that for our clock, half for the
 * sender's. */
#define APART_US INT64_C(1800000000)

void px_server_clock_hear(px_server_clock *clock, int64_t said_ns, int64_t steady_ms)
{
    if (said_ns > 0)
        *clock = (px_server_clock){ .said_us = said_ns / 1000, .heard_ms = steady_ms };
}

bool px_server_clock_apart(const px_server_clock *clock, int64_t now_us, int64_t steady_ms)
{
    int64_t server_us = clock->said_us + (steady_ms - clock->heard_ms) * 1000;

    return clock->said_us > 0 && (now_us - server_us > APART_US || server_us - now_us > APART_US);
}
