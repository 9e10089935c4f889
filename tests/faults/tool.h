/* tool.h: the command `praxis` against a world, as a process. */
#ifndef PRAXIS_TESTS_FAULTS_TOOL_H
#define PRAXIS_TESTS_FAULTS_TOOL_H

#include <stdbool.h>
#include <sys/types.h>

#include "tests/faults/world.h"

enum { TOOL_WORDS_MAX = 24, TOOL_TEXT_MAX = 65536 };

typedef struct {
    pid_t pid;
    char out[WORLD_PATH_MAX + 32];
    char text[TOOL_TEXT_MAX]; /* what it has said, once it has ended */
} tool;

/**
 * Starts it with these words, ended by NULL. `connected`: with --url, --user and a password of the
 * world's server.
 */
void tool_start(tool *t, world *w, const char *const *words);
void tool_start_connected(tool *t, world *w, const char *const *words);
/** True once it has ended; then `code` is its exit code, -1 after a signal. */
bool tool_ended(tool *t, int *code);
/** Waits for the end. @return the exit code; -1 after a signal */
int tool_wait(tool *t);
/** kill -9, and waits. */
void tool_kill(tool *t);

#define TOOL(t, w, ...)                                                                            \
    (tool_start((t), (w), (const char *const[]){ __VA_ARGS__, NULL }), tool_wait(t))
#define TOOL_CONNECTED(t, w, ...)                                                                  \
    (tool_start_connected((t), (w), (const char *const[]){ __VA_ARGS__, NULL }), tool_wait(t))

#endif
