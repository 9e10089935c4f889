/* daemon.h: what the main() of every daemon is. */
#ifndef PRAXIS_COMMON_DAEMON_H
#define PRAXIS_COMMON_DAEMON_H

#include <stdint.h>

#include "common/service.h"

/**
 * Reads the settings, starts health, bus, keys and the fold thread, and waits for it to end. The
 * broker may be away at any time, at the start too. SIGTERM or SIGINT: ends cleanly; a second one
 * at once. SIGHUP: reads the log level again.
 * @param default_health_port  used when no setting names one
 * @return the exit code: 0 after a clean stop (and --help, --version, --check-config), 1 after a
 * failure, 2 when a setting is wrong; each failure has said why in one line
 */
int px_daemon_main(int argc, char **argv, const px_service *service, uint16_t default_health_port);

#endif
