/* drive.h: an integrator: sends a load wave by wave, keeps each submission until it sees its
 * result. */
#ifndef PRAXIS_TESTS_FAULTS_DRIVE_H
#define PRAXIS_TESTS_FAULTS_DRIVE_H

#include "tests/faults/ledger.h"
#include "tests/faults/load.h"
#include "tests/faults/storm.h"
#include "tests/faults/world.h"

typedef struct {
    world *world;
    const load *load;
    ledger ledger;
    storm *storm;            /* NULL: calm */
    void (*watch)(world *w); /* called all the time; may be NULL */
    px_bus *bus;
    px_reader *feed;
    uint64_t feed_seq; /* the last one read */
    uint64_t epoch;
    px_arena arena;
    int64_t *sent_ms; /* of each step, 0 = not sent */
    size_t *order;    /* of the steps of a wave */
    size_t resent;    /* without a result for long, connected all the time */
    unsigned losses;  /* of the connection */
    uint64_t random;
} drive;

void drive_init(drive *d, world *w, const load *l, uint64_t seed);
void drive_fini(drive *d);
/** Sends the steps of these waves and waits until each has its answer. */
void drive_waves(drive *d, unsigned from, unsigned through);
/** Sends a step and does not wait for the answer; drive_waves() does so later. */
void drive_send(drive *d, size_t step);
/** Looks around once, for those who send step by step: troubles, and what has come. Never waits. */
void drive_turn(drive *d);
/** Sends a step that was sent once more if it got lost or is late. */
void drive_mind(drive *d, size_t step);
/** Sends a step that has been answered once more, and waits for the same answer. */
void drive_again(drive *d, size_t step);

#endif
