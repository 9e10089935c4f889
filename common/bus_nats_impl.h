/* bus_nats_impl.h: what the bus_nats*.c files share: connections, and the JetStream API on top.
 *
 * A connection of nats.c is never reconnected: a broken one is thrown away and the connector thread
 * makes another. So an epoch is one natsConnection, and what an old one was given can never reach
 * the server through a new one. Subscriptions are destroyed after their connection was closed and
 * their threads have ended (nats.c 3.4.1 may crash otherwise: its issue 637).
 */
#ifndef PRAXIS_COMMON_BUS_NATS_IMPL_H
#define PRAXIS_COMMON_BUS_NATS_IMPL_H

#include <jansson.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>

#include "common/bus_impl.h"

typedef struct nats_bus nats_bus;
typedef struct nats_link nats_link;
typedef struct nats_reader nats_reader;

/** A subscription with the thread that nats.c gives it. */
typedef struct nats_sub {
    struct nats_sub *next;
    nats_link *link;
    natsSubscription *sub;
    void *context; /* of the callback */
    void *owned;   /* freed with the subscription; NULL when there is nothing */
} nats_sub;

struct nats_link {
    nats_link *next; /* in the list of lost ones */
    nats_bus *bus;
    natsConnection *nc;
    uint64_t epoch;
    atomic_bool lost; /* the connection is closed: nothing will come or go any more */
    /* Under the lock of the bus: */
    unsigned users;   /* calls and readers that hold this link */
    unsigned threads; /* of subscriptions, still running */
    bool closed;      /* nats.c has made its last callback */
    bool unwatched;   /* a thread could not be watched: never free what it may touch */
    size_t served;    /* how many of the services it has subscribed to */
    nats_sub *subs;
    natsSubscription *answers; /* of the driving thread, to many questions; NULL until needed */
};

typedef struct {
    nats_bus *bus;
    char *subject;
    char *queue;
    px_bus_handler handler;
    void *context;
} nats_service;

struct nats_bus {
    px_bus base;
    char **servers;
    int server_count;
    char *user;
    char *password_file;
    char *name;
    char *inbox_prefix;
    char *js_prefix;
    char *inbox; /* <inbox_prefix>.<128-bit id>: ours alone */
    int64_t request_timeout_ms;
    int64_t connecting_since_ms, closed_since_ms; /* px_nats_link_watch(); 0 = it is not so */
    pthread_t connector;
    /* Of the driving thread: */
    nats_reader *readers;
    uint64_t reader_count; /* ever opened */
    uint64_t rounds;       /* of many questions: no answer is taken for a later one's */
    char shown_error[256];
    /* Under the lock: */
    pthread_mutex_t lock;
    pthread_cond_t arrived; /* wakes px_bus_wait() */
    pthread_cond_t changed; /* wakes the connector */
    bool news;
    bool calm_news;       /* what may lie for a while has arrived */
    bool sleeping;        /* until something arrives, calm or not */
    bool sleeping_calmly; /* its end is set, so what is calm need not end it */
    bool calm_lately;     /* it did before the last sleep ended */
    px_calm_fn *is_calm;  /* of a message that was read; NULL: none is */
    const void *calm_context;
    bool closing;
    nats_link *link; /* the connected one */
    nats_link *lost; /* closed, still in use */
    uint64_t epochs; /* given out */
    nats_service **services;
    size_t service_count;
    px_bus_ack *acks; /* from `acks_begin` to `acks_end` */
    size_t acks_begin;
    size_t acks_end;
    size_t acks_capacity;
    char error[256];
    atomic_uint forbidden; /* any thread; how often the server said that we may not */
};

/* --- bus_nats.c --- */
static inline nats_bus *nats_bus_of(px_bus *bus)
{
    return (nats_bus *)bus;
}

int64_t px_nats_now_ms(void); /* monotonic */
struct timespec px_nats_deadline_at(int64_t ms);
/** Something arrived: wakes the driving thread if it has to know. Called with the lock held. */
void px_nats_bus_arrived(nats_bus *bus, bool calm);
void px_nats_bus_set_error(nats_bus *bus, const char *what, const char *why);
/** What a failed call of nats.c means to callers; writes the error down. */
px_status px_nats_bus_failed(nats_bus *bus, natsStatus status, const char *what);
/* --- bus_nats_bin.c --- */
/** In place of natsMsg_Destroy(). Any thread; NULL is fine. */
void px_nats_discard(natsMsg *raw);
/* --- bus_nats_link.c --- */
/** Looked at now and then by whoever drives the bus: does the library still do its part? */
void px_nats_link_watch(nats_bus *bus);
/** The connector thread, until every link has been freed; context is the bus. */
void *px_nats_connect_loop(void *context);
/** The connected link, held until released; NULL while disconnected. */
nats_link *px_nats_link_use(nats_bus *bus);
void px_nats_link_release(nats_link *link);
/** Subscribes on a link. After PX_OK `owned` is freed with the link; `made` may be NULL. */
px_status px_nats_link_subscribe(nats_link *link, const char *subject, const char *queue,
                                 natsMsgHandler handler, void *context, void *owned,
                                 nats_sub **made);
/* --- bus_nats_send.c: messages, publishing, requests --- */
/** Wraps a received message and owns it. NULL (and `raw` destroyed) when memory is used up. */
px_bus_msg *px_nats_msg_wrap(natsMsg *raw);
/** Sends, with a subject for the answer unless that is NULL. */
px_status px_nats_send_on(nats_link *link, const px_bus_out *out, const char *reply);
/** What a stream, or nobody, answers to a publish. */
void px_nats_parse_ack(nats_bus *bus, natsMsg *raw, px_bus_ack *ack);
px_status px_nats_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token);
bool px_nats_next_ack(px_bus *bus, px_bus_ack *ack);
bool px_nats_is_exhausted(int64_t err_code);
px_status px_nats_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack);
px_status px_nats_send(px_bus *bus, const px_bus_out *out);
px_status px_nats_serve(px_bus *bus, const char *subject, const char *queue, px_bus_handler handler,
                        void *context);
px_status px_nats_respond(px_bus *bus, const px_bus_msg *request, const px_bus_out *out);
px_status px_nats_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                          px_bus_msg **reply);
/** The subscription for acknowledgements; those of services that this link does not have yet. */
px_status px_nats_link_subscribe_acks(nats_link *link);
px_status px_nats_link_subscribe_services(nats_link *link);
/* --- bus_nats_stream.c: the JetStream API --- */
/** Calls <js_prefix>.<call> with a body (stolen; NULL = empty); the answer is the caller's. */
px_status px_nats_api_call(nats_bus *bus, const char *call, json_t *body, json_t **answer);
/** The same for STREAM.<verb>.<stream>. */
px_status px_nats_stream_call(nats_bus *bus, const char *verb, const char *stream, json_t *body,
                              json_t **answer);
px_status px_nats_stream_ensure(px_bus *bus, const px_stream_config *config);
/** Nanoseconds since 1970; 0 for what is no time. */
int64_t px_nats_time(const char *text);
px_status px_nats_stream_info(px_bus *bus, const char *stream, px_stream_info *info);
px_status px_nats_limits(px_bus *bus, px_bus_limits *limits);
px_status px_nats_get(px_bus *bus, const char *stream, uint64_t seq, px_bus_msg **msg);
px_status px_nats_get_last(px_bus *bus, const char *stream, const char *subject, px_bus_msg **msg);
/** The message in the answer to a MSG.GET, which is borrowed. */
px_status px_nats_message_in(nats_bus *bus, natsMsg *answer, px_bus_msg **msg);
/* --- bus_nats_erase.c --- */
px_status px_nats_purge(px_bus *bus, const char *stream, uint64_t seq);
px_status px_nats_erase(px_bus *bus, const char *stream, uint64_t seq);
/* --- bus_nats_all.c --- */
px_status px_nats_erase_all(px_bus *bus, const char *stream, const uint64_t *seqs, size_t count);
px_status px_nats_get_last_all(px_bus *bus, const char *stream, const char *const *subjects,
                               size_t count, px_bus_msg **msgs);
px_status px_nats_publish_all(px_bus *bus, const px_bus_out *outs, size_t count, px_bus_ack *acks);
/* --- bus_nats_reader.c --- */
px_status px_nats_reader_open(px_reader **reader, px_bus *bus, const char *stream,
                              uint64_t from_seq, const char *filter);
void px_nats_reader_close(px_reader *reader);
px_status px_nats_reader_next(px_reader *reader, px_bus_msg **msg);
bool px_nats_reader_caught_up(px_reader *reader);
/** Renews the requests of every reader; returns for how long that is enough, in ms. */
int64_t px_nats_readers_pump(nats_bus *bus);

#endif
