/* notify.h: what a service manager wants to hear (sd_notify(3)), without its library. */
#ifndef PRAXIS_COMMON_NOTIFY_H
#define PRAXIS_COMMON_NOTIFY_H

#include <stdbool.h>

/**
 * Sends a state such as "READY=1", "STOPPING=1" or "WATCHDOG=1" to the socket named by
 * $NOTIFY_SOCKET. Never blocks. @return false when nobody was told: not set, or the socket does not
 * take it
 */
bool px_notify(const char *state);

#endif
