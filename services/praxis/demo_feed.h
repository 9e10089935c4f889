/* demo_feed.h: everything that was said on the feed, read once from its beginning. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_FEED_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_FEED_H

#include "services/praxis/demo_link.h"

/** One event. Everything dies with the call. */
typedef struct {
    const char *name;  /* "GapOpened" */
    uint64_t log_seq;  /* of the batch that said it */
    int64_t time_us;   /* when it happened, on the event clock */
    int64_t stored_ns; /* when the server took it, since 1970 */
    const ProtobufCMessage *message;
    px_arena *arena; /* scratch */
} px_demo_event;

/** Calls `each` for every event of the tenant. False after a line on stderr. */
bool px_demo_feed_read(px_demo_link *link, void (*each)(void *context, const px_demo_event *event),
                       void *context);

/** Counts the facts in the log. False after a line on stderr. */
bool px_demo_count_facts(px_demo_link *link, uint64_t *facts);

#endif
