/* pace.h: messages published from a thread and connection of their own, each at its due time.
 *
 * Open loop: what is due is sent whether or not earlier messages were answered, so a system that
 * falls behind is seen to. A message that the stream refuses ends the program.
 */
#ifndef PRAXIS_TESTS_BENCH_KIT_PACE_H
#define PRAXIS_TESTS_BENCH_KIT_PACE_H

#include "tests/bench/kit/world.h"

typedef struct {
    const bench_world *world;
    const char *name;    /* of the connection */
    const char *subject; /* of all messages */
    const px_bytes *messages;
    size_t count;
    double rate; /* messages a second; 0: as fast as they are acknowledged, 4,096 under way */
} bench_pace_plan;

typedef struct bench_pace bench_pace;

/** Starts sending; `plan` and its messages must outlive the pace. */
bench_pace *bench_pace_start(const bench_pace_plan *plan);
/** When message `index` is or was due; with rate 0, when the first was sent. */
int64_t bench_pace_due_ns(const bench_pace *pace, size_t index);
/** Waits until everything is acknowledged. @return how many seconds that took from the start */
double bench_pace_finish(bench_pace *pace);

#endif
