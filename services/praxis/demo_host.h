/* demo_host.h: a `praxis run` of the demo's own: in a fresh directory, on free ports. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_HOST_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "services/praxis/layout.h"

typedef struct {
    char dir[PX_PATH_MAX];
    bool made; /* the directory is ours: nobody asked for it by name */
    uint16_t port;
    uint16_t health_base;
    pid_t pid; /* of `praxis run`; 0 while there is none */
} px_demo_host;

/**
 * Starts it and waits until everything is ready. What does not work is said on stderr.
 * @param dir  an empty or missing directory; NULL: a temporary one
 */
bool px_demo_host_start(px_demo_host *host, const char *dir);
/** True while `praxis run` lives. */
bool px_demo_host_alive(px_demo_host *host);
/** Stops it, and removes the directory when it was ours. Safe on an all-zero host. */
void px_demo_host_stop(px_demo_host *host);

#endif
