/* load.h: a seeded script of submissions in waves, with the answer each must get.
 *
 * Steps of one wave do not depend on each other, so their order on the bus does not matter; those
 * of a later wave are sent once every result of the earlier ones is there.
 */
#ifndef PRAXIS_TESTS_FAULTS_LOAD_H
#define PRAXIS_TESTS_FAULTS_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/chain.h"

enum { LOAD_STEPS_MIN = 400 };
#define LOAD_NONE SIZE_MAX

typedef struct {
    unsigned wave;
    unsigned daemon;
    const char *type;               /* token of the subject */
    const char *source;             /* the other one */
    const char *id;                 /* "" for bytes that cannot be read */
    ProtobufCMessage *message;      /* NULL with bytes that cannot be read */
    px_bytes bytes;                 /* those */
    uint8_t digest[PX_DIGEST_SIZE]; /* of those */
    bool json;                      /* sent as JSON */
    bool after;                     /* carries the sequence of the newest result seen */
    unsigned times;                 /* how often it is sent in a row */
    const char *code;               /* of the rejection it must get; "" = accepted */
    size_t reused_by; /* the step that has the same id and other content; LOAD_NONE for none */
    size_t reuses;    /* the other way round */
} load_step;

typedef struct {
    px_arena arena;
    uint64_t random;
    load_step *steps; /* by wave */
    size_t count;
    size_t capacity;
    unsigned waves;
    unsigned people;   /* p0.. */
    unsigned managers; /* of these, the first */
} load;

/** About the whole of what Praxis does, in `count` submissions (LOAD_STEPS_MIN at least). */
load *load_create(uint64_t seed, size_t count);
/** An empty one, to be filled with load_add(). */
load *load_create_empty(size_t capacity);
void load_destroy(load *l);

/**
 * Adds a step; waves must not go down. `body` is the JSON of the submission's member, such as
 * "\"recordUnit\":{...}".
 * @return it, to be changed
 */
load_step *load_add(load *l, unsigned wave, unsigned daemon, const char *actor, const char *code,
                    const char *body, ...) __attribute__((format(printf, 6, 7)));
/** Adds bytes that are no submission. */
load_step *load_add_bytes(load *l, unsigned wave, unsigned daemon, const char *type,
                          px_bytes bytes);

/** Units, people, competencies, roles, a scale and an open cycle "c1": waves 0 to 4. */
void load_add_organisation(load *l, unsigned people);

/** Sends one copy of a step. `arena` is reset. */
px_status load_send(const load_step *step, px_bus *bus, uint64_t epoch, uint64_t after_seq,
                    px_arena *arena);

#endif
