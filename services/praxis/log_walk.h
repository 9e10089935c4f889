/* log_walk.h: every message of the log from one sequence to another, without a hole. */
#ifndef PRAXIS_SERVICES_PRAXIS_LOG_WALK_H
#define PRAXIS_SERVICES_PRAXIS_LOG_WALK_H

#include <stdint.h>

#include "common/bus.h"

/** Looks at the next message, which it does not own. Anything but PX_OK ends the walk. */
typedef px_status px_log_step(void *context, const px_bus_msg *msg);

/**
 * PX_ECORRUPT: a sequence is missing. PX_ETIMEOUT: nothing came for ten seconds, though there
 * should be more.
 */
px_status px_log_walk(px_bus *bus, uint64_t from_seq, uint64_t through_seq, px_log_step *step,
                      void *context);

#endif
