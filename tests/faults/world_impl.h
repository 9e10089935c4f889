/* world_impl.h: what the files of a world share. */
#ifndef PRAXIS_TESTS_FAULTS_WORLD_IMPL_H
#define PRAXIS_TESTS_FAULTS_WORLD_IMPL_H

#include <sys/types.h>

#include "tests/common/nats_fixture.h"
#include "tests/faults/world.h"

enum { WORLD_ANSWER_MAX = 65536 };

typedef struct {
    pid_t pid;
    uint16_t port;
    char data[WORLD_PATH_MAX];
    char log[WORLD_PATH_MAX];
    unsigned ends; /* by itself */
    int last_state;
} world_process;

struct world {
    world_options options;
    nats_fixture *nats; /* NULL with the servers of somebody else */
    char directory[WORLD_PATH_MAX / 2];
    char redirected[WORLD_PATH_MAX]; /* "" = they go to the servers */
    world_process daemons[WORLD_DAEMONS][WORLD_COPIES_MAX];
    char master_key[WORLD_PATH_MAX];
    unsigned folds;
    char answer[WORLD_ANSWER_MAX];
};

/** Starts a daemon's program with output to files. */
pid_t world_launch(const char *service, char *const *argv, const char *out, const char *err,
                   const char *library);
/** Waits for the end. @return the wait status */
int world_reap(world_process *p);
/** The end of a log, for a person. */
void world_print_end_of(const char *path);

#endif
