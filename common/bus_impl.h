/* bus_impl.h: what bus.c and the two implementations share; nobody else includes it. */
#ifndef PRAXIS_COMMON_BUS_IMPL_H
#define PRAXIS_COMMON_BUS_IMPL_H

#include "common/bus.h"

/** The operations of bus.h, one row per implementation. Arguments have been checked by bus.c. */
typedef struct {
    void (*close)(px_bus *bus);
    uint64_t (*epoch)(px_bus *bus);
    const char *(*last_error)(px_bus *bus);
    void (*wait)(px_bus *bus, int64_t timeout_ms);
    /* NULL: as wait() */
    void (*wait_calmly)(px_bus *bus, int64_t timeout_ms, int64_t calm_ms);
    void (*set_calm)(px_bus *bus, px_calm_fn *is_calm, const void *context); /* may be NULL */
    void (*wake)(px_bus *bus);
    px_status (*stream_ensure)(px_bus *bus, const px_stream_config *config);
    px_status (*stream_info)(px_bus *bus, const char *stream, px_stream_info *info);
    px_status (*limits)(px_bus *bus, px_bus_limits *limits);
    px_status (*get)(px_bus *bus, const char *stream, uint64_t seq, px_bus_msg **msg);
    px_status (*get_last)(px_bus *bus, const char *stream, const char *subject, px_bus_msg **msg);
    /* NULL: one after the other. After a failure bus.c frees what there is. */
    px_status (*get_last_all)(px_bus *bus, const char *stream, const char *const *subjects,
                              size_t count, px_bus_msg **msgs);
    px_status (*purge)(px_bus *bus, const char *stream, uint64_t seq);
    px_status (*erase)(px_bus *bus, const char *stream, uint64_t seq);
    /* NULL: one after the other */
    px_status (*erase_all)(px_bus *bus, const char *stream, const uint64_t *seqs, size_t count);
    px_status (*reader_open)(px_reader **reader, px_bus *bus, const char *stream, uint64_t from_seq,
                             const char *filter);
    void (*reader_close)(px_reader *reader);
    px_status (*reader_next)(px_reader *reader, px_bus_msg **msg);
    bool (*reader_caught_up)(px_reader *reader);
    px_status (*publish)(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);
    bool (*next_ack)(px_bus *bus, px_bus_ack *ack);
    px_status (*publish_wait)(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
    /* NULL: one after the other */
    px_status (*publish_all)(px_bus *bus, const px_bus_out *outs, size_t count, px_bus_ack *acks);
    px_status (*send)(px_bus *bus, const px_bus_out *out);
    px_status (*serve)(px_bus *bus, const char *subject, const char *queue, px_bus_handler handler,
                       void *context);
    px_status (*respond)(px_bus *bus, const px_bus_msg *request, const px_bus_out *out);
    px_status (*request)(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                         px_bus_msg **reply);
} px_bus_ops;

struct px_bus {
    const px_bus_ops *ops;
};

struct px_reader {
    const px_bus_ops *ops;
    int64_t opened_ns; /* by the server's clock; 0 = it did not say */
};

/** What stands behind px_bus_msg.impl; the first member of every kind of message. */
typedef struct {
    void (*free)(px_bus_msg *msg);
    const char *(*header)(const px_bus_msg *msg, const char *name);
} px_msg_ops;

enum {
    PX_HEADERS_MAX = 64,            /* headers of one message, ours included */
    PX_DEDUPE_WINDOW_MS = 120000,   /* duplicate_window of a stream that asks for no other */
    PX_REQUEST_TIMEOUT_MS = 5000,   /* when the options say 0 */
    PX_REQUESTS_WAITING_MAX = 1024, /* requests for one handler; more are dropped */
    PX_REQUESTS_WAITING_BYTES = 4 * 1024 * 1024,
    PX_SUBJECT_MAX = 512 /* bytes, with the NUL; longer subjects are refused */
};

/** The headers a message really carries: the caller's, then those that stand for fields. */
typedef struct {
    px_header list[PX_HEADERS_MAX];
    size_t count;
    char expected[24]; /* text of Nats-Expected-Last-Subject-Sequence */
} px_headers;

/** Never longer than messages are kept. */
int64_t px_dedupe_window_ns(const px_stream_config *config);

void px_headers_collect(px_headers *headers, const px_bus_out *out);

/** What a new self-contained message is made of; everything is copied. */
typedef struct {
    const char *subject;
    const char *reply; /* NULL when none */
    px_bytes data;
    const px_header *headers;
    size_t header_count;
} px_msg_parts;

/** A message in one piece of memory; seq, time_ns and pending are 0. NULL when memory is used up.
 */
px_bus_msg *px_msg_make(const px_msg_parts *parts);
/* Both only for messages made by px_msg_make(). */
px_bus_msg *px_msg_copy(const px_bus_msg *made);
const px_msg_parts *px_msg_parts_of(const px_bus_msg *made);

/** Tokens not empty and printable; with `wildcards`, `*` and a last `>` may be tokens. */
bool px_subject_valid(const char *subject, bool wildcards);
/** Whether a subject without wildcards falls under a pattern that may have them. */
bool px_subject_matches(const char *pattern, const char *subject);
/** Whether some subject falls under both patterns. */
bool px_subjects_overlap(const char *a, const char *b);

#endif
