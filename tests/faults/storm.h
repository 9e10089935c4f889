/* storm.h: kill -9 of daemons and server at random moments, each started again at once. */
#ifndef PRAXIS_TESTS_FAULTS_STORM_H
#define PRAXIS_TESTS_FAULTS_STORM_H

#include "tests/faults/world.h"

enum { STORM_BACK_MAX = 1024, STORM_SERVER = WORLD_DAEMONS, STORM_SERVER_MAX = WORLD_DAEMONS };

typedef struct {
    uint64_t random;
    unsigned kills; /* wanted in all */
    unsigned done;
    size_t every;     /* answers between two */
    size_t next_at;   /* answers */
    int64_t due_ms;   /* 0 = not chosen yet */
    unsigned victims; /* in a round: each daemon, and the server once or more */
    unsigned order[WORLD_DAEMONS + STORM_SERVER_MAX]; /* numbers above the daemons: the server */
    unsigned killed[WORLD_DAEMONS + 1];
    /* how long until everybody was ready again, of the newest ones */
    struct {
        double ms[STORM_BACK_MAX];
        unsigned count;
    } back[2];         /* after a daemon, after the server */
    int64_t struck_ms; /* 0 = everybody is ready */
    bool server_struck;
    unsigned not_ready; /* daemon and copy that was not, last time */
} storm;

/** `kills` of them, spread over `answers` answers; PRAXIS_FAULT_SERVER_KILLS (1) of the server for
 * each of every daemon. */
void storm_init(storm *s, uint64_t seed, unsigned kills, size_t answers);
/** Kills somebody when it is time. */
void storm_turn(storm *s, world *w, size_t answered);

/** Kills, and how long it took to be back: figures of T4 and T5. */
void storm_say(const storm *s);

#endif
