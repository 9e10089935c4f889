/* storm.h: kill -9 of daemons and server at random moments, each started again at once. */
#ifndef PRAXIS_TESTS_FAULTS_STORM_H
#define PRAXIS_TESTS_FAULTS_STORM_H

#include "tests/faults/world.h"

typedef struct {
    uint64_t random;
    unsigned kills; /* wanted in all */
    unsigned done;
    size_t every;                      /* answers between two */
    size_t next_at;                    /* answers */
    int64_t due_ms;                    /* 0 = not chosen yet */
    unsigned order[WORLD_DAEMONS + 1]; /* a round of victims; the last number is the server */
    unsigned killed[WORLD_DAEMONS + 1];
} storm;

/** `kills` of them, spread over `answers` answers. */
void storm_init(storm *s, uint64_t seed, unsigned kills, size_t answers);
/** Kills somebody when it is time. */
void storm_turn(storm *s, world *w, size_t answered);

#endif
