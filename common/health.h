/* health.h: /livez, /readyz and /metrics over HTTP (libmicrohttpd), and whether the daemon is ready
 * and why not. */
#ifndef PRAXIS_COMMON_HEALTH_H
#define PRAXIS_COMMON_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "common/status.h"

enum { PX_HEALTH_WHY_MAX = 320 };

typedef struct px_health px_health;

/**
 * Starts answering on address:port (port 0: keeps the state, answers nobody). livez is 200 while
 * px_health_tick() was called within the last 30 s, broker or not; readyz is 200 while ready. Both
 * give one line of JSON: {"status":"ok"} or {"status":"unavailable","reason":"..."}. GET and HEAD
 * only, bounded connections and request size.
 * @return PX_EBUSY when the port is taken
 */
px_status px_health_start(px_health **health, const char *service, const char *address,
                          uint16_t port);
void px_health_stop(px_health *health);
/** The loop turned. Any thread. */
void px_health_tick(px_health *health);
/** Whether /livez is 200: the loop turned within the last 30 s. Any thread. */
bool px_health_live(px_health *health);
/** Ready, or why not (copied). Logs the change. Any thread. */
void px_health_set(px_health *health, bool ready, const char *why_not);
/** `why_not` may be NULL; "" while ready. */
bool px_health_ready(px_health *health, char why_not[PX_HEALTH_WHY_MAX]);

#endif
