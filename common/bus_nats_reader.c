/* bus_nats_reader.c: an own-position reader: ephemeral consumer, own pull requests, two in flight.
 *
 * The thread of nats.c only queues; everything else happens in the driving thread, in the order of
 * arrival. The server serves requests first in, first out, so messages count against the oldest
 * one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_nats_impl.h"
#include "common/bus_nats_place.h"

enum {
    IN_FLIGHT = 2,
    REQUEST_MESSAGES = 8192,
    REQUEST_BYTES = 4 * 1024 * 1024,
    EXPIRES_MS = 5000,
    STAGGER_MS = EXPIRES_MS / 2,
    REFUSED_PAUSE_MS = 250,        /* before asking again after "too many requests" */
    ALIVE_MS = 3000,               /* nothing is expected, but is the consumer still there? */
    SILENT_MS = 3000,              /* it is not */
    QUIET_MS = 500,                /* something is expected and does not come: ask why */
    INACTIVE_THRESHOLD_MS = 30000, /* the server forgets the consumer after this */
    MAX_WAITING = 2 * IN_FLIGHT,   /* requests whose end we missed may still stand at the server */
    QUEUE_MAX = MAX_WAITING * REQUEST_MESSAGES + 64
};

typedef struct {
    uint64_t number;
    uint32_t left; /* messages it may still bring */
    int64_t deadline_ms;
} pull;

typedef struct {
    natsMsg **items;
    size_t begin;
    size_t end;
    size_t capacity;
} msg_queue;

struct nats_reader {
    px_reader base;
    nats_reader *next; /* in the list of the bus */
    nats_link *link;   /* held until closed */
    nats_sub *sub;
    char *inbox;     /* <bus inbox>.r<n> */
    char *next_call; /* subject of pull requests */
    char *info_call; /* subject of questions about the consumer */
    int64_t request_bytes;
    uint64_t from_seq; /* what was stored before it, and before the reader, is passed over */
    uint64_t pulls;    /* ever sent */
    pull in_flight[IN_FLIGHT];
    size_t in_flight_count;
    uint64_t pending;      /* behind the last message, as the server said */
    int64_t heard_ms;      /* when something last arrived */
    int64_t asked_ms;      /* when we last asked about the consumer */
    int64_t unanswered_ms; /* the first time without having heard anything since; 0 = none */
    bool gone;             /* the consumer, or our trust in it */
    msg_queue taken;       /* being handed out */
    /* Under the lock of the bus: */
    msg_queue arriving;
    bool overflow;
    bool closed;
};

/* --- the thread of nats.c --- */

static bool queue_push(msg_queue *q, natsMsg *raw)
{
    if (q->end == q->capacity) {
        size_t capacity = q->capacity ? q->capacity * 2 : 1024;
        natsMsg **items = q->end < QUEUE_MAX ? realloc(q->items, capacity * sizeof *items) : NULL;
        if (!items)
            return false;
        q->items = items;
        q->capacity = capacity;
    }
    q->items[q->end++] = raw;
    return true;
}

static void message_arrived(natsConnection *nc, natsSubscription *handle, natsMsg *raw,
                            void *context)
{
    nats_reader *r = ((nats_sub *)context)->context;
    nats_bus *bus = ((nats_sub *)context)->link->bus;

    (void)nc;
    (void)handle;
    pthread_mutex_lock(&bus->lock);
    bool kept = !r->closed && queue_push(&r->arriving, raw);
    r->overflow = r->overflow || (!kept && !r->closed);
    if (!r->closed)
        px_nats_bus_arrived(bus, bus->is_calm &&
                                     bus->is_calm(bus->calm_context, natsMsg_GetSubject(raw)));
    pthread_mutex_unlock(&bus->lock);
    if (!kept)
        px_nats_discard(raw);
}

/* --- requests --- */

/* Requests expire apart: 2.9 drops those that have expired when a message comes, and does not say
 * so. One must be left to bring it. */
static int64_t expires_ms(const nats_reader *r, int64_t now_ms)
{
    for (size_t i = 0; i < r->in_flight_count; i++)
        if (r->in_flight[i].deadline_ms - now_ms > STAGGER_MS + STAGGER_MS / 2)
            return STAGGER_MS;
    return r->in_flight_count == 0 ? STAGGER_MS : EXPIRES_MS;
}

static void send_pull(nats_reader *r, int64_t now_ms)
{
    const int64_t expires = expires_ms(r, now_ms);
    char reply[PX_SUBJECT_MAX], body[96];
    pull *p = &r->in_flight[r->in_flight_count++];

    *p = (pull){ ++r->pulls, REQUEST_MESSAGES, now_ms + expires };
    snprintf(reply, sizeof reply, "%s.%" PRIu64, r->inbox, p->number);
    snprintf(body, sizeof body, "{\"batch\":%d,\"max_bytes\":%" PRId64 ",\"expires\":%" PRId64 "}",
             REQUEST_MESSAGES, r->request_bytes, expires * 1000000);
    /* On failure the connection is breaking, which the reader learns soon enough. */
    natsConnection_PublishRequestString(r->link->nc, r->next_call, reply, body);
}

static void drop_pull(nats_reader *r, size_t i)
{
    for (r->in_flight_count--; i < r->in_flight_count; i++)
        r->in_flight[i] = r->in_flight[i + 1];
}

static void refill(nats_reader *r)
{
    while (r->in_flight_count < IN_FLIGHT)
        send_pull(r, px_nats_now_ms());
}

/* Something should come and does not: the answer says how much there is, or that nobody is there.
 */
static void ask_consumer(nats_reader *r, int64_t now_ms)
{
    char reply[PX_SUBJECT_MAX];

    r->asked_ms = now_ms;
    if (r->unanswered_ms == 0)
        r->unanswered_ms = now_ms;
    snprintf(reply, sizeof reply, "%s.info", r->inbox);
    natsConnection_PublishRequest(r->link->nc, r->info_call, reply, NULL, 0);
}

/* A consumer in memory dies with its server, while we may be connected to another one of a cluster:
 * then nobody refuses our requests, and nobody answers them. */
static bool is_silent(nats_reader *r, int64_t now_ms)
{
    if (r->unanswered_ms == 0 || now_ms - r->unanswered_ms < SILENT_MS)
        return false;
    px_nats_bus_set_error(r->link->bus, "consumer gone", "it does not answer");
    return r->gone = true;
}

static bool arrived_unread(nats_reader *r)
{
    pthread_mutex_lock(&r->link->bus->lock);
    bool unread = r->arriving.end > 0;
    pthread_mutex_unlock(&r->link->bus->lock);
    return unread || r->taken.begin < r->taken.end;
}

/*
 * Renews what has run out; returns for how many ms nothing more needs to be done. Nothing more is
 * asked for while something lies unread, so who does not read (a standby) holds two requests' worth
 * at most.
 */
static int64_t pump(nats_reader *r)
{
    int64_t now_ms = px_nats_now_ms();
    int64_t due_ms = now_ms + EXPIRES_MS;

    if (r->gone || atomic_load(&r->link->lost) || arrived_unread(r))
        return EXPIRES_MS;
    for (size_t i = r->in_flight_count; i-- > 0;)
        if (r->in_flight[i].deadline_ms <= now_ms)
            drop_pull(r, i);
    refill(r);
    int64_t quiet_ms = r->pending > 0 ? QUIET_MS : ALIVE_MS;
    int64_t since_ms = r->asked_ms > r->heard_ms ? r->asked_ms : r->heard_ms;
    if (now_ms - since_ms >= quiet_ms)
        ask_consumer(r, since_ms = now_ms);
    due_ms = since_ms + quiet_ms < due_ms ? since_ms + quiet_ms : due_ms;
    if (is_silent(r, now_ms))
        return 0;
    for (size_t i = 0; i < r->in_flight_count; i++)
        if (r->in_flight[i].deadline_ms < due_ms)
            due_ms = r->in_flight[i].deadline_ms;
    return due_ms - now_ms;
}

int64_t px_nats_readers_pump(nats_bus *bus)
{
    int64_t enough_ms = INT64_MAX;

    for (nats_reader *r = bus->readers; r; r = r->next) {
        int64_t ms = pump(r);
        if (ms < enough_ms)
            enough_ms = ms;
    }
    return enough_ms;
}

/* --- what arrives --- */

/* The request numbered `number` has ended, and with it those before. */
static void pull_ended(nats_reader *r, uint64_t number)
{
    while (r->in_flight_count > 0 && r->in_flight[0].number <= number)
        drop_pull(r, 0);
    refill(r);
}

/* The server has too many of our requests: leave this one standing and look again a little later.
 */
static void pull_refused(nats_reader *r, uint64_t number)
{
    for (size_t i = 0; i < r->in_flight_count; i++)
        if (r->in_flight[i].number == number)
            r->in_flight[i].deadline_ms = px_nats_now_ms() + REFUSED_PAUSE_MS;
}

static void handle_status(nats_reader *r, natsMsg *raw)
{
    const char *status = NULL;
    const char *description = NULL;
    uint64_t number = strtoull(strrchr(natsMsg_GetSubject(raw), '.') + 1, NULL, 10);

    if (natsMsgHeader_Get(raw, "Status", &status) != NATS_OK)
        status = "";
    if (natsMsgHeader_Get(raw, "Description", &description) != NATS_OK)
        description = "";
    if (strcmp(status, "100") == 0)
        return; /* a sign of life */
    if (strcmp(status, "404") == 0 || strcmp(status, "408") == 0) {
        pull_ended(r, number);
    } else if (strcmp(status, "409") == 0 && strstr(description, "MaxBytes")) {
        pull_ended(r, number);
    } else if (strcmp(status, "409") == 0 && strstr(description, "MaxWaiting")) {
        pull_refused(r, number);
    } else {
        px_nats_bus_set_error(r->link->bus, "consumer gone", *description ? description : status);
        r->gone = true;
    }
}

/* The answer to ask_consumer(). */
static void handle_info(nats_reader *r, natsMsg *raw)
{
    json_t *info = json_loadb(natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), 0, NULL);
    const json_t *pending = json_object_get(info, "num_pending");

    if (pending) {
        r->pending = (uint64_t)json_integer_value(pending);
        /* Requests that ended without a word: the server has fewer than we think. */
        if (json_integer_value(json_object_get(info, "num_waiting")) < IN_FLIGHT && r->pending > 0)
            pull_ended(r, r->pulls);
    } else {
        px_nats_bus_set_error(r->link->bus, "consumer gone", "the server does not know it");
        r->gone = true;
    }
    json_decref(info);
}

static px_status handle_message(nats_reader *r, natsMsg *raw, px_bus_msg **msg)
{
    px_bus_msg *wrapped = px_nats_msg_wrap(raw);

    if (!wrapped)
        return PX_ENOMEM;
    if (!px_nats_place(wrapped->reply, wrapped)) {
        px_nats_bus_set_error(r->link->bus, "reader", "a message without its place in the stream");
        px_bus_msg_free(wrapped);
        r->gone = true;
        return PX_EDISCONNECTED;
    }
    wrapped->reply = NULL; /* nothing is acknowledged */
    r->pending = wrapped->pending;
    if (r->in_flight_count > 0 && --r->in_flight[0].left == 0)
        pull_ended(r, r->in_flight[0].number);
    *msg = wrapped;
    return PX_OK;
}

static void note_heard(nats_reader *r)
{
    r->heard_ms = px_nats_now_ms();
    r->unanswered_ms = 0;
}

/* One lock for many messages. */
static natsMsg *take(nats_reader *r)
{
    if (r->taken.begin == r->taken.end) {
        nats_bus *bus = r->link->bus;
        r->taken.begin = r->taken.end = 0;
        pthread_mutex_lock(&bus->lock);
        msg_queue empty = r->taken;
        r->taken = r->arriving;
        r->arriving = empty;
        r->gone = r->gone || r->overflow;
        pthread_mutex_unlock(&bus->lock);
        if (r->taken.end > 0)
            note_heard(r);
    }
    return r->taken.begin < r->taken.end ? r->taken.items[r->taken.begin++] : NULL;
}

px_status px_nats_reader_next(px_reader *base, px_bus_msg **msg)
{
    nats_reader *r = (nats_reader *)base;
    natsMsg *raw;

    while (!r->gone && !atomic_load_explicit(&r->link->lost, memory_order_relaxed) &&
           (raw = take(r)) != NULL) {
        if (natsMsg_GetReply(raw)) {
            px_status status = handle_message(r, raw, msg);
            if (status != PX_OK || !px_nats_is_early(*msg, r->from_seq, base->opened_ns))
                return status;
            px_bus_msg_free(*msg);
            continue;
        }
        if (natsMsg_GetDataLength(raw) > 0)
            handle_info(r, raw);
        else
            handle_status(r, raw);
        px_nats_discard(raw);
    }
    if (r->gone || atomic_load(&r->link->lost))
        return PX_EDISCONNECTED;
    pump(r);
    return PX_EEMPTY;
}

bool px_nats_reader_caught_up(px_reader *base)
{
    nats_reader *r = (nats_reader *)base;

    return !r->gone && !atomic_load(&r->link->lost) && r->pending == 0 && !arrived_unread(r);
}

/* --- opening and closing --- */

static json_t *consumer_config(const char *stream, uint64_t from_seq, const char *name,
                               const char *filter)
{
    json_t *config = json_pack("{s:s, s:s, s:s, s:I, s:b, s:i, s:i}", "deliver_policy",
                               from_seq == PX_READ_NEW ? "new" : "by_start_sequence", "ack_policy",
                               "none", "replay_policy", "instant", "inactive_threshold",
                               (json_int_t)INACTIVE_THRESHOLD_MS * 1000000, "mem_storage", 1,
                               "num_replicas", 1, "max_waiting", MAX_WAITING);

    if (config && from_seq != PX_READ_NEW)
        json_object_set_new(config, "opt_start_seq", json_integer((json_int_t)from_seq));
    if (config && filter) {
        json_object_set_new(config, "name", json_string(name));
        json_object_set_new(config, "filter_subject", json_string(filter));
    }
    return json_pack("{s:s, s:o}", "stream_name", stream, "config", config);
}

static px_status set_calls(nats_reader *r, const char *stream, const char *consumer)
{
    const char *prefix = r->link->bus->js_prefix;

    if (asprintf(&r->next_call, "%s.CONSUMER.MSG.NEXT.%s.%s", prefix, stream, consumer) < 0)
        r->next_call = NULL;
    if (asprintf(&r->info_call, "%s.CONSUMER.INFO.%s.%s", prefix, stream, consumer) < 0)
        r->info_call = NULL;
    return r->next_call && r->info_call ? PX_OK : PX_ENOMEM;
}

static px_status create_consumer(nats_reader *r, const char *stream, uint64_t from_seq,
                                 const char *filter)
{
    nats_bus *bus = r->link->bus;
    char call[PX_SUBJECT_MAX * 2];
    char name[80];
    json_t *answer;

    /* With a filter the subject of the call says what is read, so that permissions can bind it. */
    snprintf(name, sizeof name, "%s_%" PRIu64, strrchr(bus->inbox, '.') + 1, bus->reader_count);
    if (filter)
        snprintf(call, sizeof call, "CONSUMER.CREATE.%s.%s.%s", stream, name, filter);
    else
        snprintf(call, sizeof call, "CONSUMER.CREATE.%s", stream);
    px_status status =
        px_nats_api_call(bus, call, consumer_config(stream, from_seq, name, filter), &answer);
    if (status != PX_OK)
        return status;
    const char *given = json_string_value(json_object_get(answer, "name"));
    r->pending = (uint64_t)json_integer_value(json_object_get(answer, "num_pending"));
    r->base.opened_ns = px_nats_time(json_string_value(json_object_get(answer, "created")));
    const json_t *before = json_object_get(json_object_get(answer, "delivered"), "stream_seq");
    r->from_seq = from_seq == PX_READ_NEW && json_integer_value(before) > 0 ? 0 : from_seq;
    status = given ? set_calls(r, stream, given) : PX_EMALFORMED;
    json_decref(answer);
    return status;
}

static px_status subscribe(nats_reader *r)
{
    char subject[PX_SUBJECT_MAX];

    snprintf(subject, sizeof subject, "%s.*", r->inbox);
    px_status status =
        px_nats_link_subscribe(r->link, subject, NULL, message_arrived, r, r, &r->sub);
    if (status == PX_OK) /* two requests at a time bound it already */
        natsSubscription_SetPendingLimits(r->sub->sub, -1, -1);
    return status;
}

static void queue_clear(msg_queue *q)
{
    while (q->begin < q->end)
        px_nats_discard(q->items[q->begin++]);
    free(q->items);
    *q = (msg_queue){ 0 };
}

/* The reader itself stays until the link goes: its subscription's thread may be about to use it. */
void px_nats_reader_close(px_reader *base)
{
    nats_reader *r = (nats_reader *)base;
    nats_link *link = r->link;
    nats_bus *bus = link->bus;

    for (nats_reader **at = &bus->readers; *at; at = &(*at)->next) {
        if (*at == r) {
            *at = r->next;
            break;
        }
    }
    if (r->sub)
        natsSubscription_Unsubscribe(r->sub->sub);
    pthread_mutex_lock(&bus->lock);
    r->closed = true;
    queue_clear(&r->arriving);
    pthread_mutex_unlock(&bus->lock);
    queue_clear(&r->taken);
    free(r->inbox);
    free(r->next_call);
    free(r->info_call);
    if (!r->sub)
        free(r);
    px_nats_link_release(link);
}

/* A request must have room for the largest message there can be, or it would never come. */
static int64_t request_bytes(const nats_reader *r)
{
    int64_t bytes = natsConnection_GetMaxPayload(r->link->nc) * 2;

    return bytes > REQUEST_BYTES ? bytes : REQUEST_BYTES;
}

px_status px_nats_reader_open(px_reader **reader, px_bus *base, const char *stream,
                              uint64_t from_seq, const char *filter)
{
    nats_bus *bus = nats_bus_of(base);
    nats_link *link = px_nats_link_use(bus);
    nats_reader *r = link ? calloc(1, sizeof *r) : NULL;

    if (!link)
        return PX_EDISCONNECTED;
    if (!r) {
        px_nats_link_release(link);
        return PX_ENOMEM;
    }
    r->base.ops = base->ops;
    r->link = link;
    r->request_bytes = request_bytes(r);
    px_status status = PX_ENOMEM;
    if (asprintf(&r->inbox, "%s.r%" PRIu64, bus->inbox, ++bus->reader_count) >= 0)
        status = subscribe(r);
    else
        r->inbox = NULL;
    if (status == PX_OK)
        status = create_consumer(r, stream, from_seq, filter);
    if (status != PX_OK) {
        px_nats_reader_close(&r->base);
        return status;
    }
    r->heard_ms = px_nats_now_ms();
    refill(r);
    r->next = bus->readers;
    bus->readers = r;
    *reader = &r->base;
    return PX_OK;
}
