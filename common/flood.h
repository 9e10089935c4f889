/* flood.h: notices a source that sends more malformed submissions than is sane. Every refusal is an
 * entry in a log that is kept for ever. In memory only: a hint for people, not state.
 *
 * Such a source is alarmed and not slowed: an inbox is decided in order, and the log says with one
 * number how far, so to hold its messages back would hold back everybody's behind them; to drop
 * them would leave submissions without a result. The server acknowledges before a daemon has
 * looked, so only it could slow a sender, and it has no rate per user. What can be done is done
 * elsewhere: a refusal costs a hundredth of a batch, and what is slow (overwriting the text in the
 * inbox) is done behind deciding. tests/faults/test_hostile measures good submissions beside a
 * flood. An operator ends one by taking the user's password away.
 */
#ifndef PRAXIS_COMMON_FLOOD_H
#define PRAXIS_COMMON_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

enum { PX_FLOOD_SOURCES = 64, PX_FLOOD_PER_MINUTE = 1000, PX_FLOOD_NAME_SIZE = 130 };

/** Sources seen lately; all zero to start. Embedded by the caller, fields private. */
typedef struct {
    struct {
        char name[PX_FLOOD_NAME_SIZE]; /* tenant/source */
        int64_t since_ms;              /* when its minute began */
        unsigned count;
    } sources[PX_FLOOD_SOURCES];
} px_flood;

/**
 * Counts one malformed submission.
 * @param clock_ms  any monotonic clock
 * @return true once a minute, when the source goes over its rate
 */
bool px_flood_note(px_flood *flood, const char *tenant, const char *source, int64_t clock_ms);

#endif
