/* backup_projections.h: snapshots of projections, carried in a backup: after a restore daemons
 * start from them and read only the rest of the log.
 *
 * In <backup>/projections/<service>/snapshots, as in a daemon's data directory. They are worth time
 * only: a daemon starts from one that fits the log it finds, and builds its projection from that
 * log when none does.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_BACKUP_PROJECTIONS_H
#define PRAXIS_SERVICES_PRAXIS_BACKUP_PROJECTIONS_H

#include <stdbool.h>

/**
 * Copies the newest snapshot of each daemon whose data directory is <data>/<service>.
 * @param count  of daemons that had one
 * @return false: said on stderr
 */
bool px_backup_projections_save(const char *data, const char *backup, unsigned *count);
/** The other way: into <data>/<service>, made if missing. */
bool px_backup_projections_place(const char *backup, const char *data, unsigned *count);

#endif
