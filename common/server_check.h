/* server_check.h: whether the server is one that a daemon can live on: limits, streams, durability.
 *
 * Asked at every attach. What is wrong is one line with the setting, what was found and what is
 * needed; it becomes the daemon's readiness, and the daemon asks again. On the server nothing is
 * changed but that missing streams are made.
 */
#ifndef PRAXIS_COMMON_SERVER_CHECK_H
#define PRAXIS_COMMON_SERVER_CHECK_H

#include "common/bus.h"
#include "common/config.h"
#include "common/service.h"

enum {
    PX_SERVER_WHY_MAX = 320,
    PX_SERVER_PAYLOAD_MIN = 964 * 1024, /* the longest answer to a question, with its headers */
    PX_SERVER_CONSUMERS_MIN = 64, /* readers of five daemons and their standbys, those that a broken
                                     connection left behind, and a few from outside */
    PX_FEED_CONSUMERS_MAX = 1024, /* of all tenants together */
    PX_INBOX_DEDUPE_MS = 100 /* the least there is: an id of one source must not stop another's */
};

/**
 * Makes the streams that this daemon uses, or checks those that are there; then what the account
 * allows.
 * @param keys  the daemon takes text, so it uses the stream of keys
 * @param why   what is wrong, with PX_EREFUSED
 * @return PX_OK; PX_EREFUSED: not a server to live on; anything else: the world's trouble
 */
px_status px_server_check(px_bus *bus, const px_service *service, const px_config *config,
                          bool keys, char why[PX_SERVER_WHY_MAX]);

/**
 * Whether these limits are enough.
 * @param inbox_bytes  how large one stream has to be allowed to become
 */
bool px_server_limits_suffice(const px_bus_limits *limits, uint64_t inbox_bytes,
                              char why[PX_SERVER_WHY_MAX]);

/**
 * Whether what the server acknowledged survives a power cut, as far as anybody can know: three
 * copies of the log, or the operator's word (--durable) that the server syncs what it stores. Sets
 * praxis_server_durable, and warns, once in a process, when it is not known.
 */
px_status px_server_say_durable(px_bus *bus, const px_config *config);

#endif
