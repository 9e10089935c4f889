/* bus.h: the message bus as Praxis needs it: streams, own-position readers, checked publishes,
 * requests.
 *
 * Two implementations behind one interface: bus_nats.c (nats.c 3.4.1 on a NATS server with
 * JetStream) and bus_memory.c (a server inside this process, for tests and simulations).
 * tests/common/test_bus.c runs the same conformance suite on both.
 *
 * Threads: one connection is driven by one thread (the fold thread of a daemon) except
 * px_bus_wake(), px_bus_epoch() and served requests, whose handlers run on threads of the bus
 * (memory: inside the caller of px_bus_wait or px_bus_request on the same server).
 */
#ifndef PRAXIS_COMMON_BUS_H
#define PRAXIS_COMMON_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "common/store.h" /* px_bytes */

typedef struct px_bus px_bus;
typedef struct px_reader px_reader;
typedef struct px_bus_server px_bus_server; /* memory only: what several connections share */

typedef struct {
    const char *name;
    const char *value;
} px_header;

/** A message received. Owned by whoever got it; px_bus_msg_free() ends it and all its pointers. */
typedef struct {
    uint64_t seq;     /* stream sequence; 0 outside a stream */
    int64_t time_ns;  /* when the server stored it, ns since 1970 */
    uint64_t pending; /* messages behind this one in the stream, as the server knew when sending */
    const char *subject; /* as stored */
    const char *reply;   /* NULL when none */
    px_bytes data;
    void *impl;
} px_bus_msg;

/** A message to send. Everything is borrowed for the call only. */
typedef struct {
    const char *subject;
    px_bytes data;
    const px_header *headers;
    size_t header_count;
    const char *msg_id;      /* Nats-Msg-Id; NULL for none */
    bool expect_subject_seq; /* with the next field: Nats-Expected-Last-Subject-Sequence, 0 included
                              */
    uint64_t last_subject_seq;
    const char *last_msg_id; /* Nats-Expected-Last-Msg-Id: of the stream's last message; NULL = any
                              */
} px_bus_out;

typedef enum { PX_KEEP_FOREVER, PX_KEEP_UNTIL_PURGED, PX_KEEP_LAST_PER_SUBJECT } px_retention;

/** What a stream must look like. px_bus_stream_ensure() makes it or checks what is there. */
typedef struct {
    const char *name;
    const char *const *subjects;
    size_t subject_count;
    px_retention
        retention; /* FOREVER: deny delete and purge, no rollup; LAST_PER_SUBJECT: a KV bucket */
    uint64_t max_bytes;     /* 0 = no bound; discard new in every case */
    int64_t max_age_ns;     /* 0 = for ever */
    uint32_t replicas;      /* at least; 0 = 1 */
    uint32_t max_consumers; /* of the whole stream; 0 = no bound. Not compared with what is there */
    uint32_t dedupe_ms; /* how long a Nats-Msg-Id is known; 0 = two minutes. Not compared either */
    uint32_t max_msg_bytes; /* 0 = the server's limit */
} px_stream_config;

typedef struct {
    uint64_t first_seq; /* of the first message kept; last_seq + 1 when empty */
    uint64_t last_seq;  /* ever given out; 0 for a new stream */
    uint64_t messages;
    uint64_t bytes;
    int64_t created_ns; /* when the stream was made */
    uint32_t replicas;
} px_stream_info;

/** What the server, and our account there, allow; -1 = no bound. */
typedef struct {
    int64_t max_payload;      /* bytes of one message */
    int64_t max_file_bytes;   /* of all streams of the account */
    int64_t max_stream_bytes; /* of one stream */
    int64_t max_consumers;    /* of the account */
} px_bus_limits;

typedef struct {
    const char *url;           /* nats://host:port[,nats://...]; credentials are not in here */
    const char *user;          /* NULL = anonymous */
    const char *password_file; /* file with the password in its first line; NULL = none */
    const char *name;          /* connection name, shown by the server's monitoring */
    const char *inbox_prefix;  /* private prefix of reply subjects, e.g. "_IN_competency" */
    const char *js_prefix; /* JetStream API prefix; NULL = "$JS.API" (outsiders use "FEED.API") */
    int64_t request_timeout_ms; /* 0 = 5000 */
} px_bus_options;

/**
 * Opens a connection. Does not wait for the server: connecting and reconnecting go on in the
 * background for ever, with jitter; watch px_bus_epoch(). No buffer holds messages while
 * disconnected.
 */
px_status px_bus_open(px_bus **bus, const px_bus_options *options);
/** Flushes what was sent (1 s at most) and closes; readers of this connection must be closed
 * before. */
void px_bus_close(px_bus *bus);
/** 0 while disconnected; otherwise a number that grows with every (re)connect. Any thread. */
uint64_t px_bus_epoch(px_bus *bus);
/** Why we are not connected, or the last error the server reported; static or connection storage.
 */
const char *px_bus_last_error(px_bus *bus);
/**
 * Sleeps until something may have arrived (message, acknowledgement, connection change, wake) since
 * the last call returned, or until the time-out. May return early. Memory: runs what is
 * deliverable.
 */
void px_bus_wait(px_bus *bus, int64_t timeout_ms);
/**
 * The same, but what is calm (messages of readers as px_bus_set_calm() says, acknowledgements that
 * say PX_OK) may lie for `calm_ms`, so that many of them cost one waking. Memory: as px_bus_wait().
 */
void px_bus_wait_calmly(px_bus *bus, int64_t timeout_ms, int64_t calm_ms);
/** Whether a message with this subject is calm; asked on threads of the bus. */
typedef bool px_calm_fn(const void *context, const char *subject);
void px_bus_set_calm(px_bus *bus, px_calm_fn *is_calm, const void *context);
/** Ends a px_bus_wait() of another thread; from signal-driven code through libuv, any thread. */
void px_bus_wake(px_bus *bus);

/**
 * Makes the stream, or checks that the one there has these subjects, retention and limits.
 * PX_EINVALID when it differs (px_bus_last_error() says how): nothing is changed on the server.
 * PX_EREFUSED when it cannot be made or asked for. PX_ETIMEOUT (info): also when nobody leads it.
 */
px_status px_bus_stream_ensure(px_bus *bus, const px_stream_config *config);
px_status px_bus_stream_info(px_bus *bus, const char *stream, px_stream_info *info);
/** PX_EREFUSED when the account has no JetStream. */
px_status px_bus_limits_of(px_bus *bus, px_bus_limits *limits);
/** One stored message by sequence. PX_ENOTFOUND when it is not (or no longer) there. */
px_status px_bus_get(px_bus *bus, const char *stream, uint64_t seq, px_bus_msg **msg);
/** The last stored message on a subject; wildcards allowed. */
px_status px_bus_get_last(px_bus *bus, const char *stream, const char *subject, px_bus_msg **msg);
/**
 * The same for each of many subjects without wildcards, all asked for at once. NULL for none, and
 * perhaps where the last one was erased and earlier ones remain, which px_bus_get_last() finds.
 */
px_status px_bus_get_last_all(px_bus *bus, const char *stream, const char *const *subjects,
                              size_t count, px_bus_msg **msgs);
/** Removes every message with sequence <= seq. */
px_status px_bus_purge(px_bus *bus, const char *stream, uint64_t seq);
/** Overwrites one message with random bytes and removes it. PX_ENOTFOUND when already gone. */
px_status px_bus_erase(px_bus *bus, const char *stream, uint64_t seq);
/** The same for many, all under way at once; those already gone are fine. */
px_status px_bus_erase_all(px_bus *bus, const char *stream, const uint64_t *seqs, size_t count);

/**
 * Starts reading a whole stream at `from_seq` (1 = the beginning; beyond the end = what is stored
 * from now on): own, unfiltered, ack-none consumer, pull requests of our own, two in flight,
 * bounded in bytes. After PX_EDISCONNECTED, a gap or a stall close it and open another one at the
 * wanted position.
 */
px_status px_reader_open(px_reader **reader, px_bus *bus, const char *stream, uint64_t from_seq);
/** As `from_seq`: only what is stored from now on. For outsiders, who may not ask for the end. */
#define PX_READ_NEW UINT64_MAX
/** The same with a subject filter, for tools and outsiders (js_prefix), never for the fold. */
px_status px_reader_open_filtered(px_reader **reader, px_bus *bus, const char *stream,
                                  uint64_t from_seq, const char *filter);
void px_reader_close(px_reader *reader);
/** The server's clock when the reader was opened, nanoseconds since 1970; 0 = it did not say. */
int64_t px_reader_opened_ns(const px_reader *reader);
/**
 * The next message, which now belongs to the caller. Never blocks. PX_EEMPTY: none here yet.
 * PX_EDISCONNECTED: the connection broke since the reader was opened, or the consumer is gone.
 * Sequences ascend but may have holes; judging them is the caller's business.
 */
px_status px_reader_next(px_reader *reader, px_bus_msg **msg);
/** True when nothing is queued here and the server had nothing behind the last message it sent. */
bool px_reader_caught_up(px_reader *reader);

void px_bus_msg_free(px_bus_msg *msg);
/** A header by name, ignoring case; NULL when absent. Lives as long as the message. */
const char *px_bus_msg_header(const px_bus_msg *msg, const char *name);

/**
 * Sends to a stream without waiting; the server's answer comes through px_bus_next_ack() with the
 * same token (the caller's choice, not 0). Refused (PX_EDISCONNECTED) when the connection is not
 * that of `epoch`: nothing is buffered across a reconnect, answers of an older epoch never arrive.
 */
px_status px_bus_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);

typedef struct {
    uint64_t token;
    px_status status; /* PX_OK, PX_ESEQUENCE (not what was expected), PX_EEXHAUSTED, PX_EREFUSED */
    uint64_t seq;     /* stream sequence when PX_OK */
    bool duplicate;   /* the server knew the msg_id; seq is that of the first copy */
} px_bus_ack;

/** The next acknowledgement that has arrived; false when none is waiting. Never blocks. */
bool px_bus_next_ack(px_bus *bus, px_bus_ack *ack);
/** Sends and waits for the acknowledgement: for keys and report values, and for tools. */
px_status px_bus_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
/** The same for many, all under way at once. PX_OK: each acknowledgement says what became of its
 * message, in their order; otherwise some of them may be stored. */
px_status px_bus_publish_all(px_bus *bus, const px_bus_out *outs, size_t count, px_bus_ack *acks);
/** Sends to plain subscribers, without storage or acknowledgement. */
px_status px_bus_send(px_bus *bus, const px_bus_out *out);

/** Handles one request; answers with px_bus_respond() on the same message, which it does not own.
 */
typedef void (*px_bus_handler)(void *context, px_bus *bus, const px_bus_msg *request);
/**
 * Answers requests on a subject (wildcards allowed) from now until px_bus_close(); survives
 * reconnects. At most 1,024 requests or 4 MiB wait for one handler; more are dropped, so a flood
 * costs askers their answers and us no memory. queue NULL = every server gets every request ($SRV
 * discovery). Call before the connection is busy.
 */
px_status px_bus_serve(px_bus *bus, const char *subject, const char *queue, px_bus_handler handler,
                       void *context);
px_status px_bus_respond(px_bus *bus, const px_bus_msg *request, px_bytes data,
                         const px_header *headers, size_t header_count);
/** Asks and waits for one reply. PX_ENOTFOUND when nobody listens. */
px_status px_bus_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                         px_bus_msg **reply);

/* The memory twin. */
px_bus_server *px_bus_server_create(void);
void px_bus_server_destroy(px_bus_server *server); /* after every connection to it is closed */
/** Time stamps of stored messages come from here; the default is a counter of 1 ms per message. */
void px_bus_server_set_clock(px_bus_server *server, int64_t (*now_ns)(void *context),
                             void *context);
/** While down, every connection has epoch 0; coming up again gives each a new one. Streams stay. */
void px_bus_server_set_up(px_bus_server *server, bool up);
/** Forgets all messages of a stream after `last_seq` and hands their numbers out again: a power
 * cut. */
px_status px_bus_server_cut(px_bus_server *server, const char *stream, uint64_t last_seq);
px_status px_bus_open_memory(px_bus **bus, px_bus_server *server, const char *name);

#endif
