/* sender.h: sends submissions until each has its result: bounded window, sent again when late.
 *
 * A submission is kept until its result is seen, and sent again as the same bytes when none comes
 * or the connection was lost: the daemon knows it by id and content, so it counts once. Results are
 * read from the feed as this source may read them. One thread.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_SENDER_H
#define PRAXIS_SERVICES_PRAXIS_SENDER_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/bus.h"
#include "praxis/common/v1/result.pb-c.h"

typedef struct px_sender px_sender;

enum {
    PX_SENDER_WINDOW = 2000,    /* submissions without a result, when the options say 0 */
    PX_SENDER_BUNDLE_MAX = 256, /* submissions in one message */
    PX_SENDER_RESEND_MS = 5000  /* first wait for a result; doubles up to a minute */
};

typedef struct {
    px_bus *bus;
    const char *tenant;
    const char *source;
    const char *feed_stream;          /* NULL: PRAXIS_FEED */
    size_t window;                    /* 0: PX_SENDER_WINDOW */
    size_t bundle;                    /* > 1: that many packed submissions per message */
    int64_t (*now_ms)(void *context); /* NULL: the monotonic clock */
    /** The result of what was put with this tag; borrowed for the call. */
    void (*on_result)(void *context, uint64_t tag, const Praxis__Result *result);
    /** For the person who waits: the broker is away, is back, no answer yet. One line. NULL: none.
     */
    void (*on_note)(void *context, const char *note);
    const volatile sig_atomic_t *stop; /* not 0: give up waiting. NULL: never */
    void *context;
} px_sender_options;

/** What is to be sent; borrowed for the call. */
typedef struct {
    const char *service;
    const char *type; /* token of the subject; ignored for bundles */
    const char *id;   /* "" when there is none: its result names the bytes */
    px_bytes bytes;
    bool json;    /* JSON text, never bundled; else packed protobuf */
    uint64_t tag; /* the caller's name for it */
} px_sending;

typedef struct {
    uint64_t put;
    uint64_t accepted;
    uint64_t refused;
    uint64_t sent_again; /* messages */
    uint64_t log_seq;    /* the highest of an accepted result: `after_seq` of what depends on it */
} px_sender_counts;

/** The bus may still be away. */
px_status px_sender_create(px_sender **sender, const px_sender_options *options);
void px_sender_destroy(px_sender *sender); /* NULL is fine; forgets what has no result */

/**
 * Takes a submission; waits while the window is full, or while one with the same service and id is
 * under way. PX_ETOOBIG: the bus could never carry it. PX_ETIMEOUT: told to stop.
 */
px_status px_sender_put(px_sender *sender, const px_sending *sending);
/** Sends a bundle that is not full yet. */
px_status px_sender_flush(px_sender *sender);
/** Waits until everything has its result. PX_ETIMEOUT: told to stop. */
px_status px_sender_finish(px_sender *sender);
/** Sends, reads results and waits for at most `timeout_ms`: for callers with more to do. */
px_status px_sender_step(px_sender *sender, int64_t timeout_ms);

size_t px_sender_in_flight(const px_sender *sender);
px_sender_counts px_sender_count(const px_sender *sender);

#endif
