/* server_clock.h: is this machine's clock the server's, give or take half an hour?
 *
 * What was decided last is never later than what is decided next, so one batch of a clock that
 * stands in 2038 would make every submission too old from then on, for everybody. The server tells
 * the time whenever a reader is opened; in between the steady clock goes on from there.
 */
#ifndef PRAXIS_COMMON_SERVER_CLOCK_H
#define PRAXIS_COMMON_SERVER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/** All zero: the server has not said. */
typedef struct {
    int64_t said_us;  /* what the server said, since 1970 */
    int64_t heard_ms; /* when, by the steady clock */
} px_server_clock;

/** @param said_ns  px_reader_opened_ns(); 0 leaves what was known */
void px_server_clock_hear(px_server_clock *clock, int64_t said_ns, int64_t steady_ms);
/** Whether a wall clock that says now_us differs by more than half an hour; false while nothing is
 * known. */
bool px_server_clock_apart(const px_server_clock *clock, int64_t now_us, int64_t steady_ms);

#endif
