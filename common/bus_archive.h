/* bus_archive.h: an archive as a bus that holds one stream, the log, and takes nothing: for folding
 * without NATS (--fold-to).
 */
#ifndef PRAXIS_COMMON_BUS_ARCHIVE_H
#define PRAXIS_COMMON_BUS_ARCHIVE_H

#include "common/bus.h"

/** Opens the newest generation. PX_ENOTFOUND: there is none. Messages are read when asked for. */
px_status px_bus_open_archive(px_bus **bus, const char *directory);

#endif
