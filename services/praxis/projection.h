/* projection.h: what a projection is at one log sequence: of a running daemon, or built beside it.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_PROJECTION_H
#define PRAXIS_SERVICES_PRAXIS_PROJECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/bus.h"

typedef struct {
    uint64_t seq;
    uint64_t records;
    char digest[65]; /* hex */
    bool ready;
} px_projection;

/** Asks the running daemon. PX_ENOTFOUND: it is not running. */
px_status px_projection_ask(px_bus *bus, const char *service, px_projection *projection);
/**
 * Folds the log up to `seq` (not 0) into a new directory with the daemon's own program and the
 * settings of `praxis run`. The directory is left only when that worked; px_layout_remove() ends
 * it. What fails is said on stderr.
 * @param dir   of `praxis run`; may be NULL with an archive: the daemons' usual settings
 * @param archive  directory of an archive, read instead of the bus; or NULL
 * @param work  what is there is removed first
 */
px_status px_projection_fold(const char *dir, const char *archive, const char *work,
                             const char *service, uint64_t seq, px_projection *projection);
/** The same, only to see what it would be: the directory is removed. */
px_status px_projection_build(const char *dir, const char *archive, const char *work,
                              const char *service, uint64_t seq, px_projection *projection);

#endif
