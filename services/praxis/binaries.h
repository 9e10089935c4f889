/* binaries.h: where the binaries are that commands start. */
#ifndef PRAXIS_SERVICES_PRAXIS_BINARIES_H
#define PRAXIS_SERVICES_PRAXIS_BINARIES_H

#include <stdbool.h>

#include "services/praxis/layout.h"

/** nats-server, in PATH, /usr/sbin, /usr/local/bin, /usr/local/sbin. False with a line on stderr.
 */
bool px_binary_nats(char path[PX_PATH_MAX]);
/** A daemon, beside this program. False with a line on stderr. */
bool px_binary_daemon(const char *service, char path[PX_PATH_MAX]);
/** Takes PRAXIS_* out of the environment, but for the log level: daemons have a file of settings.
 */
void px_binary_clean_environment(void);

#endif
