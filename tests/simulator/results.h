/* results.h: the results a feed message carries, in either encoding. */
#ifndef PRAXIS_TESTS_SIMULATOR_RESULTS_H
#define PRAXIS_TESTS_SIMULATOR_RESULTS_H

#include "common/arena.h"
#include "common/bus.h"
#include "praxis/common/v1/result.pb-c.h"

typedef struct {
    char tenant[32];
    char service[32];
    char source[32];
    const Praxis__ResultBatch *batch; /* in the arena */
} results;

/** false: not a message with results. Dies when it should be one and cannot be read. */
bool results_read(const px_bus_msg *msg, px_arena *arena, results *out);

#endif
