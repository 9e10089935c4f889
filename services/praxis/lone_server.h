/* lone_server.h: a nats-server on a store of its own, known to nobody else, for as long as a
 * command works on that store.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_LONE_SERVER_H
#define PRAXIS_SERVICES_PRAXIS_LONE_SERVER_H

#include <sys/types.h>

#include "common/bus.h"
#include "services/praxis/layout.h"

typedef struct {
    pid_t pid;
    px_bus *bus;             /* connected as its one user, in account CORE, who may do everything */
    char store[PX_PATH_MAX]; /* made if missing */
    char config[PX_PATH_MAX];
    char log[PX_PATH_MAX];
} px_lone_server;

extern const char px_lone_inbox[]; /* inbox prefix of its bus */

/** Starts it on <dir>/<store>. What does not work is said on stderr. */
px_status px_lone_server_start(px_lone_server *server, const char *dir, const char *store);
/** Stops it, and waits until all it wrote is on the disk. Safe on an all-zero one. */
px_status px_lone_server_stop(px_lone_server *server);

#endif
