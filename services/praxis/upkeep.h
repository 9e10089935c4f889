/* upkeep.h: what operators ask of running daemons: a rebuild, a snapshot; and how it goes on. */
#ifndef PRAXIS_SERVICES_PRAXIS_UPKEEP_H
#define PRAXIS_SERVICES_PRAXIS_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"
#include "services/praxis/client.h"

/** The services of a command line. */
typedef struct {
    px_client_flags where;
    px_texts services;
    bool all;
} px_upkeep_flags;

/** Reads them; with --all all five. `command` is its name, the rest for --help. */
px_options_outcome px_upkeep_flags_read(px_upkeep_flags *flags, const char *command,
                                        const char *about, int argc, char **argv);
/** False, and said in one line on stderr: one is not a service, or none is named. */
bool px_upkeep_services_known(px_upkeep_flags *flags, const char *command);

typedef enum { PX_UPKEEP_REBUILD, PX_UPKEEP_SNAPSHOT } px_upkeep_task;

/** What became of it. */
typedef struct {
    uint64_t seq; /* log sequence of the projection, or of the newest snapshot (0: there is none) */
    bool failed;  /* the daemon's log says why */
} px_upkeep_outcome;

/**
 * Asks the running daemon for it and waits until it is through, however long that takes.
 * @return PX_ENOTFOUND: it is not running; PX_EDISCONNECTED: another process has taken its place
 */
px_status px_upkeep_run(px_bus *bus, const char *service, px_upkeep_task task,
                        px_upkeep_outcome *outcome);

#endif
