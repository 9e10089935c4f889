/* supervise.h: processes started, watched, started again and stopped in order, on a libuv loop. */
#ifndef PRAXIS_SERVICES_PRAXIS_SUPERVISE_H
#define PRAXIS_SERVICES_PRAXIS_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PX_CHILDREN_MAX = 8 };

typedef struct {
    const char *name;
    char *const *argv; /* argv[0]: path of the program */
    const char *log_path;
    bool logs_itself; /* its output goes straight to the file; nothing of it to the terminal */
    bool (*ready)(uint16_t port);
    uint16_t port;
} px_child_plan;

typedef struct {
    /* The first one is the server of the others: started before and stopped after them. */
    px_child_plan children[PX_CHILDREN_MAX];
    size_t count;
    bool foreground_logs;
    void (*all_ready)(void *context); /* once, when all are ready for the first time */
    void *context;
} px_supervise_plan;

/**
 * Runs them until SIGINT or SIGTERM, then stops them; a second signal kills them. One that ends is
 * started again after 250 ms to 5 s. If one cannot be started, says that its settings are wrong
 * (exit code 2), or keeps ending before all were ready, everything is stopped.
 * @return 0 after a signal, 1 when it could not be run; a line on stderr says why
 */
int px_supervise(const px_supervise_plan *plan);

#endif
