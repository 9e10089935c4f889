/* backup_log.h: streams of a backup back into a server; and its log alone as an archive, to be
 * folded without NATS. */
#ifndef PRAXIS_SERVICES_PRAXIS_BACKUP_LOG_H
#define PRAXIS_SERVICES_PRAXIS_BACKUP_LOG_H

#include "common/bus.h"
#include "services/praxis/backup_part.h"

/** Makes the stream on the server, from the part in `dir`. False after a line on stderr. */
bool px_backup_stream_back(px_bus *bus, const char *dir, const px_backup_stream *stream);
/**
 * Checks the log part in `backup` and writes its log as an archive into `archive`, which is made.
 * @param work  directory of the caller's, for a nats-server that lives as long as the call
 * @return false after a line on stderr
 */
bool px_backup_log_unpack(const char *backup, const char *work, const char *archive);

#endif
