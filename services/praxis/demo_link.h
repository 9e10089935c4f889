/* demo_link.h: the demo's connections: what it sends, what it asks, and when all is quiet. */
#ifndef PRAXIS_SERVICES_PRAXIS_DEMO_LINK_H
#define PRAXIS_SERVICES_PRAXIS_DEMO_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "services/praxis/ask.h"
#include "services/praxis/client.h"
#include "services/praxis/programme.h"
#include "services/praxis/progress.h"
#include "services/praxis/sender.h"

/** What has its result. */
typedef struct {
    uint64_t accepted;
    uint64_t refused;
    uint64_t unexpected; /* refused though nothing should have been; each was said on stderr */
} px_demo_sent;

typedef struct {
    px_client outside; /* the source that submits, asks, and reads events */
    px_client inside;  /* the operator, who may look at the log */
    px_arena arena;    /* of one submission at a time */
    px_demo_sent sent;
    uint64_t log_seq; /* the highest of an accepted result */
} px_demo_link;

/** Connects to what `praxis run` keeps in `dir`. False after a line on stderr. */
bool px_demo_link_open(px_demo_link *link, const char *dir);
void px_demo_link_close(px_demo_link *link); /* safe on an all-zero link */

/** How to send a part of a programme. */
typedef struct {
    const char *label;  /* of the progress line */
    size_t from, count; /* of its items */
    unsigned
        per_second;   /* > 0: one by one at this rate; 0: in bundles, as fast as they are taken */
    int64_t *sent_ns; /* of each item, since 1970, when it left; NULL: nobody asks */
    /** An item was refused; NULL: none should be. */
    void (*on_refused)(void *context, size_t index, const Praxis__Rejected *why);
    void *context;
} px_demo_sending;

/** Sends and waits for every result. False after a line on stderr. */
bool px_demo_send(px_demo_link *link, const px_programme *programme, const px_demo_sending *how);
/** All of it in bundles. */
bool px_demo_send_all(px_demo_link *link, const px_programme *programme, const char *label);

/**
 * Waits until nothing happens any more: no new message in log and feed for a while, and every
 * daemon ready and at the end of the log. False, after a line on stderr, when it does not come.
 */
bool px_demo_settle(px_demo_link *link, const char *label);

#endif
