/* restore_check.h: are restored streams what the backup says: the log's two ends, its chains, and
 * the keys under this master.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_RESTORE_CHECK_H
#define PRAXIS_SERVICES_PRAXIS_RESTORE_CHECK_H

#include "common/bus.h"
#include "services/praxis/backup_part.h"

typedef struct {
    uint64_t log_seq; /* last message of the log: the good prefix ends here */
    int64_t log_time_ns;
    uint64_t voids;
    uint64_t keys; /* that open */
} px_restore_report;

/**
 * PX_ECORRUPT: the log is not the one of the backup, or has a hole. What is wrong is said on
 * stderr.
 */
px_status px_restore_check_log(px_bus *bus, const px_backup_part *part, px_restore_report *report);
/** PX_EFORBIDDEN: keys there are, but this master does not open all of them. Says it on stderr. */
px_status px_restore_check_keys(px_bus *bus, const char *master, px_restore_report *report);

#endif
