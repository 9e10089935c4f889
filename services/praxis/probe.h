/* probe.h: is a port of this machine free, does somebody answer there. */
#ifndef PRAXIS_SERVICES_PRAXIS_PROBE_H
#define PRAXIS_SERVICES_PRAXIS_PROBE_H

#include <stdbool.h>
#include <stdint.h>

/** True when nobody listens on 127.0.0.1:port and we may. */
bool px_probe_free(uint16_t port);
/** True when a NATS server greets there. Takes at most half a second. */
bool px_probe_nats(uint16_t port);
/** True when /readyz there is 200. Takes at most half a second. */
bool px_probe_ready(uint16_t port);

#endif
