/* bus_memory.c: the memory twin: a server in this process, deterministic, with one lock for all of
 * it. */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/bus_impl.h"
#include "common/bus_memory_stream.h"

enum { MAX_PAYLOAD = 1024 * 1024 }; /* the server's default limit for headers and data */

static const int64_t tick_ns = 1000000;

typedef struct memory_bus memory_bus;

typedef struct service {
    struct service *next;
    memory_bus *owner;
    char *subject;
    char *queue; /* NULL = every server gets every request */
    px_bus_handler handler;
    void *context;
    uint64_t served; /* in a queue group the one that served least is next */
} service;

/* A message on its way to a handler. */
typedef struct delivery {
    struct delivery *next;
    service *to;
    px_bus_msg *msg;
} delivery;

/* A caller of px_bus_request() waiting for its answer; lives on that caller's stack. */
typedef struct asking {
    struct asking *next;
    char inbox[40];
    px_bus_msg *reply;
} asking;

struct px_bus_server {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    memory_bus *buses;
    px_memory_stream **streams;
    size_t stream_count;
    service *services; /* in the order they came */
    delivery *deliveries;
    delivery **deliveries_end;
    asking *askings;
    uint64_t inboxes; /* numbers of reply subjects given out */
    uint64_t epoch;   /* grows whenever every connection breaks */
    bool up;
    int64_t (*now_ns)(void *context);
    void *now_context;
    int64_t ticks_ns; /* the default clock */
};

struct memory_bus {
    px_bus base;
    memory_bus *next;
    px_bus_server *server;
    bool news;        /* something happened since px_bus_wait() last returned */
    unsigned running; /* handlers of this connection now at work */
    px_bus_ack *acks; /* from `acks_begin` to `acks_end` */
    size_t acks_begin;
    size_t acks_end;
    size_t acks_capacity;
    char error[160];
};

typedef struct {
    px_reader base;
    memory_bus *bus;
    px_memory_stream *stream;
    uint64_t epoch; /* of the connection this reader belongs to */
    uint64_t next_seq;
    char *filter;
} memory_reader;

static memory_bus *of(px_bus *bus)
{
    return (memory_bus *)bus;
}

static void lock(px_bus_server *s)
{
    pthread_mutex_lock(&s->lock);
}

static void unlock(px_bus_server *s)
{
    pthread_mutex_unlock(&s->lock);
}

static px_status fail(memory_bus *b, px_status status, const char *what, const char *name)
{
    snprintf(b->error, sizeof b->error, "%s: %s", name, what);
    return status;
}

static uint64_t current_epoch(const px_bus_server *s)
{
    return s->up ? s->epoch : 0;
}

static void tell_everybody(px_bus_server *s)
{
    for (memory_bus *b = s->buses; b; b = b->next)
        b->news = true;
    pthread_cond_broadcast(&s->changed);
}

static int64_t peek_clock(const px_bus_server *s)
{
    return s->now_ns ? s->now_ns(s->now_context) : s->ticks_ns;
}

static int64_t take_clock(px_bus_server *s)
{
    if (!s->now_ns)
        s->ticks_ns += tick_ns;
    return peek_clock(s);
}

/* --- delivery to handlers --- */

static bool enqueue(px_bus_server *s, service *to, const px_msg_parts *parts)
{
    delivery *d = malloc(sizeof *d);
    px_bus_msg *msg = px_msg_make(parts);

    if (!d || !msg) {
        free(d);
        px_bus_msg_free(msg);
        return false;
    }
    *d = (delivery){ .to = to, .msg = msg };
    *s->deliveries_end = d;
    s->deliveries_end = &d->next;
    to->served++;
    return true;
}

/* The member of a queue group whose turn it is; `candidate` itself when it is in no group. */
static service *turn_of_group(px_bus_server *s, service *candidate, const char *subject)
{
    service *turn = NULL;

    if (!candidate->queue)
        return candidate;
    for (service *v = s->services; v; v = v->next) {
        if (!v->queue || strcmp(v->queue, candidate->queue) != 0 ||
            !px_subject_matches(v->subject, subject))
            continue;
        if (!turn || v->served < turn->served)
            turn = v;
    }
    return turn;
}

static bool first_of_group(px_bus_server *s, const service *candidate, const char *subject)
{
    for (service *v = s->services; v != candidate; v = v->next)
        if (candidate->queue && v->queue && strcmp(v->queue, candidate->queue) == 0 &&
            px_subject_matches(v->subject, subject))
            return false;
    return true;
}

/* Queues a message for every handler that should have it; returns how many. */
static size_t deliver(px_bus_server *s, const px_msg_parts *parts)
{
    size_t count = 0;

    for (service *v = s->services; v; v = v->next) {
        if (!px_subject_matches(v->subject, parts->subject) ||
            !first_of_group(s, v, parts->subject))
            continue;
        if (enqueue(s, turn_of_group(s, v, parts->subject), parts))
            count++;
    }
    if (count > 0)
        tell_everybody(s);
    return count;
}

static delivery *take_delivery(px_bus_server *s)
{
    delivery *d = s->deliveries;

    if (!d)
        return NULL;
    s->deliveries = d->next;
    if (!s->deliveries)
        s->deliveries_end = &s->deliveries;
    return d;
}

/* Runs handlers without the lock, so that they can use the bus. */
static void run_deliveries(px_bus_server *s)
{
    for (delivery *d; (d = take_delivery(s)) != NULL;) {
        memory_bus *owner = d->to->owner;
        px_bus_handler handler = d->to->handler;
        void *context = d->to->context;

        owner->running++;
        unlock(s);
        handler(context, &owner->base, d->msg);
        px_bus_msg_free(d->msg);
        free(d);
        lock(s);
        owner->running--;
        pthread_cond_broadcast(&s->changed);
    }
}

static void drop_deliveries(px_bus_server *s, const memory_bus *owner)
{
    delivery *kept = NULL;
    delivery **end = &kept;

    for (delivery *d; (d = take_delivery(s)) != NULL;) {
        if (!owner || d->to->owner == owner) {
            px_bus_msg_free(d->msg);
            free(d);
            continue;
        }
        d->next = NULL;
        *end = d;
        end = &d->next;
    }
    s->deliveries = kept;
    s->deliveries_end = kept ? end : &s->deliveries;
}

static px_msg_parts parts_of(const px_headers *headers, const px_bus_out *out, const char *reply)
{
    return (px_msg_parts){ out->subject, reply, out->data, headers->list, headers->count };
}

/* Plain delivery; an answer goes to the one who asks. Returns how many heard it. */
static size_t send_plain(px_bus_server *s, const px_bus_out *out, const char *reply)
{
    px_headers headers;

    px_headers_collect(&headers, out);
    px_msg_parts parts = parts_of(&headers, out, reply);
    for (asking *a = s->askings; a; a = a->next) {
        if (strcmp(a->inbox, out->subject) != 0)
            continue;
        if (!a->reply) /* the first answer counts */
            a->reply = px_msg_make(&parts);
        pthread_cond_broadcast(&s->changed);
        return 1;
    }
    return deliver(s, &parts);
}

/* --- streams --- */

static px_memory_stream *stream_find(px_bus_server *s, const char *name)
{
    for (size_t i = 0; i < s->stream_count; i++) {
        if (strcmp(px_memory_stream_name(s->streams[i]), name) == 0) {
            px_memory_stream_expire(s->streams[i], peek_clock(s));
            return s->streams[i];
        }
    }
    return NULL;
}

/* Every call on a stream starts here: takes the lock, and keeps it only when all is well. */
static px_status enter(memory_bus *b, const char *name, px_memory_stream **stream)
{
    lock(b->server);
    *stream = stream_find(b->server, name);
    if (b->server->up && *stream)
        return PX_OK;
    px_status status =
        b->server->up ? fail(b, PX_ENOTFOUND, "no such stream", name) : PX_EDISCONNECTED;
    unlock(b->server);
    return status;
}

static px_status stream_add(memory_bus *b, const px_stream_config *config)
{
    px_bus_server *s = b->server;

    for (size_t i = 0; i < s->stream_count; i++)
        for (size_t k = 0; k < config->subject_count; k++)
            if (px_memory_stream_overlaps(s->streams[i], config->subjects[k]))
                return fail(b, PX_EREFUSED, "subjects overlap with another stream", config->name);

    px_memory_stream **streams = realloc(s->streams, (s->stream_count + 1) * sizeof *streams);
    if (!streams)
        return PX_ENOMEM;
    s->streams = streams;
    streams[s->stream_count] = px_memory_stream_create(config, peek_clock(s));
    if (!streams[s->stream_count])
        return PX_ENOMEM;
    s->stream_count++;
    return PX_OK;
}

static px_status memory_stream_ensure(px_bus *bus, const px_stream_config *config)
{
    memory_bus *b = of(bus);
    px_status status = PX_EDISCONNECTED;

    lock(b->server);
    if (b->server->up) {
        const px_memory_stream *there = stream_find(b->server, config->name);
        const char *what = there ? px_memory_stream_differs(there, config) : NULL;
        if (what)
            status = fail(b, PX_EINVALID, what, config->name);
        else
            status = there ? PX_OK : stream_add(b, config);
    }
    unlock(b->server);
    return status;
}

static px_status memory_stream_info(px_bus *bus, const char *name, px_stream_info *info)
{
    px_memory_stream *stream;
    px_status status = enter(of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    px_memory_stream_info(stream, info);
    unlock(of(bus)->server);
    return PX_OK;
}

static px_status copy_out(const px_bus_msg *found, uint64_t pending, px_bus_msg **msg)
{
    if (!found)
        return PX_ENOTFOUND;
    *msg = px_msg_copy(found);
    if (!*msg)
        return PX_ENOMEM;
    (*msg)->pending = pending;
    return PX_OK;
}

static px_status memory_get(px_bus *bus, const char *name, uint64_t seq, px_bus_msg **msg)
{
    px_memory_stream *stream;
    px_status status = enter(of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    status = copy_out(px_memory_stream_get(stream, seq), 0, msg);
    unlock(of(bus)->server);
    return status;
}

static px_status memory_get_last(px_bus *bus, const char *name, const char *subject,
                                 px_bus_msg **msg)
{
    px_memory_stream *stream;
    px_status status = enter(of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    status = copy_out(px_memory_stream_get_last(stream, subject), 0, msg);
    unlock(of(bus)->server);
    return status;
}

static px_status memory_purge(px_bus *bus, const char *name, uint64_t seq)
{
    px_memory_stream *stream;
    px_status status = enter(of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    if (px_memory_stream_keeps(stream) == PX_KEEP_FOREVER)
        status = fail(of(bus), PX_EREFUSED, "purge not permitted", name);
    else
        px_memory_stream_purge(stream, seq);
    unlock(of(bus)->server);
    return status;
}

static px_status memory_erase(px_bus *bus, const char *name, uint64_t seq)
{
    px_memory_stream *stream;
    px_status status = enter(of(bus), name, &stream);

    if (status != PX_OK)
        return status;
    if (!px_memory_stream_get(stream, seq))
        status = PX_ENOTFOUND;
    else if (px_memory_stream_keeps(stream) != PX_KEEP_UNTIL_PURGED)
        status = fail(of(bus), PX_EREFUSED, "erase not permitted", name);
    else
        px_memory_stream_erase(stream, seq);
    unlock(of(bus)->server);
    return status;
}

/* --- readers --- */

static px_status memory_reader_open(px_reader **reader, px_bus *bus, const char *name,
                                    uint64_t from_seq, const char *filter)
{
    memory_bus *b = of(bus);
    px_memory_stream *stream;
    px_stream_info info;
    px_status status = enter(b, name, &stream);

    if (status != PX_OK)
        return status;
    memory_reader *r = calloc(1, sizeof *r);
    char *filter_copy = filter ? strdup(filter) : NULL;
    if (!r || (filter && !filter_copy)) {
        free(r);
        free(filter_copy);
        unlock(b->server);
        return PX_ENOMEM;
    }
    px_memory_stream_info(stream, &info);
    /* Like the server: a start beyond the end is the end. */
    uint64_t start = from_seq > info.last_seq + 1 ? info.last_seq + 1 : from_seq;
    *r = (memory_reader){ { bus->ops }, b, stream, b->server->epoch, start, filter_copy };
    unlock(b->server);
    *reader = &r->base;
    return PX_OK;
}

static void memory_reader_close(px_reader *reader)
{
    memory_reader *r = (memory_reader *)reader;

    free(r->filter);
    free(r);
}

static const px_bus_msg *reader_peek(memory_reader *r, uint64_t *pending)
{
    px_memory_stream_expire(r->stream, peek_clock(r->bus->server));
    return px_memory_stream_next(r->stream, r->next_seq, r->filter, pending);
}

static px_status memory_reader_next(px_reader *reader, px_bus_msg **msg)
{
    memory_reader *r = (memory_reader *)reader;
    px_status status = PX_EDISCONNECTED;
    uint64_t pending;

    lock(r->bus->server);
    if (current_epoch(r->bus->server) == r->epoch) {
        const px_bus_msg *found = reader_peek(r, &pending);
        status = found ? copy_out(found, pending, msg) : PX_EEMPTY;
        if (status == PX_OK)
            r->next_seq = found->seq + 1;
    }
    unlock(r->bus->server);
    return status;
}

static bool memory_reader_caught_up(px_reader *reader)
{
    memory_reader *r = (memory_reader *)reader;
    uint64_t pending;

    lock(r->bus->server);
    bool caught_up = current_epoch(r->bus->server) == r->epoch && !reader_peek(r, &pending);
    unlock(r->bus->server);
    return caught_up;
}

/* --- sending --- */

static bool too_big(const px_bus_out *out)
{
    size_t size = out->data.size;

    for (size_t i = 0; i < out->header_count; i++)
        size += strlen(out->headers[i].name) + strlen(out->headers[i].value) + 4;
    return size > MAX_PAYLOAD;
}

/* Stores and delivers one message. `answered` = somebody will acknowledge it: a stream, or nobody
 * at all. */
static px_bus_ack route(px_bus_server *s, const px_bus_out *out, bool *answered)
{
    px_bus_ack ack = { .status = PX_EREFUSED };
    bool stored = false;

    for (size_t i = 0; i < s->stream_count && !stored; i++) {
        if (!px_memory_stream_hears(s->streams[i], out->subject))
            continue;
        stored = true;
        px_memory_stream_expire(s->streams[i], peek_clock(s));
        ack = px_memory_stream_store(s->streams[i], out, take_clock(s));
    }
    *answered = send_plain(s, out, NULL) == 0 || stored;
    if (stored)
        tell_everybody(s);
    return ack;
}

static bool push_ack(memory_bus *b, px_bus_ack ack)
{
    if (b->acks_begin == b->acks_end)
        b->acks_begin = b->acks_end = 0;
    if (b->acks_end == b->acks_capacity) {
        size_t capacity = b->acks_capacity ? b->acks_capacity * 2 : 64;
        px_bus_ack *acks = realloc(b->acks, capacity * sizeof *acks);
        if (!acks)
            return false;
        b->acks = acks;
        b->acks_capacity = capacity;
    }
    b->acks[b->acks_end++] = ack;
    b->news = true;
    return true;
}

static px_status memory_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token)
{
    memory_bus *b = of(bus);
    px_status status = PX_OK;
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    lock(b->server);
    if (epoch == 0 || epoch != current_epoch(b->server)) {
        status = PX_EDISCONNECTED;
    } else {
        px_bus_ack ack = route(b->server, out, &answered);
        ack.token = token;
        if (answered && !push_ack(b, ack))
            status = PX_ENOMEM;
    }
    unlock(b->server);
    return status;
}

static bool memory_next_ack(px_bus *bus, px_bus_ack *ack)
{
    memory_bus *b = of(bus);

    lock(b->server);
    bool waiting = b->acks_begin < b->acks_end;
    if (waiting)
        *ack = b->acks[b->acks_begin++];
    unlock(b->server);
    return waiting;
}

static px_status memory_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    memory_bus *b = of(bus);
    px_status status = PX_EDISCONNECTED;
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    lock(b->server);
    if (b->server->up) {
        *ack = route(b->server, out, &answered);
        status = answered ? ack->status : PX_ETIMEOUT;
    }
    unlock(b->server);
    return status;
}

static px_status memory_send(px_bus *bus, const px_bus_out *out)
{
    memory_bus *b = of(bus);
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    lock(b->server);
    px_status status = b->server->up ? PX_OK : PX_EDISCONNECTED;
    if (status == PX_OK)
        route(b->server, out, &answered);
    unlock(b->server);
    return status;
}

/* --- requests --- */

static px_status memory_serve(px_bus *bus, const char *subject, const char *queue,
                              px_bus_handler handler, void *context)
{
    memory_bus *b = of(bus);
    service *v = calloc(1, sizeof *v);
    service **end = &b->server->services;

    if (!v)
        return PX_ENOMEM;
    *v = (service){ NULL, b, strdup(subject), queue ? strdup(queue) : NULL, handler, context, 0 };
    if (!v->subject || (queue && !v->queue)) {
        free(v->subject);
        free(v->queue);
        free(v);
        return PX_ENOMEM;
    }
    lock(b->server);
    while (*end)
        end = &(*end)->next;
    *end = v;
    unlock(b->server);
    return PX_OK;
}

static px_status memory_respond(px_bus *bus, const px_bus_msg *request, const px_bus_out *out)
{
    (void)request;
    return memory_send(bus, out);
}

static struct timespec deadline_after(int64_t timeout_ms)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += (time_t)(timeout_ms / 1000);
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* Handlers run in here; one that answers later, from another thread, has until the time-out. */
static px_status await(px_bus_server *s, asking *a, int64_t timeout_ms, px_bus_msg **reply)
{
    struct timespec deadline = deadline_after(timeout_ms);
    uint64_t epoch = s->epoch;

    run_deliveries(s);
    while (!a->reply && current_epoch(s) == epoch) {
        if (pthread_cond_timedwait(&s->changed, &s->lock, &deadline) != 0)
            return PX_ETIMEOUT;
        run_deliveries(s);
    }
    if (!a->reply)
        return PX_EDISCONNECTED;
    *reply = a->reply;
    return PX_OK;
}

static void forget(px_bus_server *s, const asking *a)
{
    asking **at = &s->askings;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
}

static px_status memory_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                                px_bus_msg **reply)
{
    px_bus_server *s = of(bus)->server;
    asking a = { 0 };
    px_status status = PX_EDISCONNECTED;

    if (too_big(out))
        return PX_ETOOBIG;
    lock(s);
    if (s->up) {
        snprintf(a.inbox, sizeof a.inbox, "_INBOX.%" PRIu64, ++s->inboxes);
        a.next = s->askings;
        s->askings = &a;
        status = send_plain(s, out, a.inbox) == 0 ? PX_ENOTFOUND : await(s, &a, timeout_ms, reply);
        forget(s, &a);
        if (status != PX_OK)
            px_bus_msg_free(a.reply);
    }
    unlock(s);
    return status;
}

/* --- connections --- */

static uint64_t memory_epoch(px_bus *bus)
{
    px_bus_server *s = of(bus)->server;

    lock(s);
    uint64_t epoch = current_epoch(s);
    unlock(s);
    return epoch;
}

static const char *memory_last_error(px_bus *bus)
{
    lock(of(bus)->server);
    const char *error = of(bus)->server->up ? of(bus)->error : "server is down";
    unlock(of(bus)->server);
    return error;
}

static void memory_wait(px_bus *bus, int64_t timeout_ms)
{
    memory_bus *b = of(bus);
    struct timespec deadline = deadline_after(timeout_ms);

    lock(b->server);
    run_deliveries(b->server);
    while (!b->news && timeout_ms > 0) {
        if (pthread_cond_timedwait(&b->server->changed, &b->server->lock, &deadline) != 0)
            break;
        run_deliveries(b->server);
    }
    b->news = false;
    unlock(b->server);
}

static void memory_wake(px_bus *bus)
{
    lock(of(bus)->server);
    of(bus)->news = true;
    pthread_cond_broadcast(&of(bus)->server->changed);
    unlock(of(bus)->server);
}

static void remove_services(px_bus_server *s, const memory_bus *owner)
{
    for (service **at = &s->services; *at;) {
        service *v = *at;
        if (v->owner != owner) {
            at = &v->next;
            continue;
        }
        *at = v->next;
        free(v->subject);
        free(v->queue);
        free(v);
    }
}

static void memory_close(px_bus *bus)
{
    memory_bus *b = of(bus);
    px_bus_server *s = b->server;
    memory_bus **at = &s->buses;

    lock(s);
    drop_deliveries(s, b);
    remove_services(s, b);
    while (b->running > 0)
        pthread_cond_wait(&s->changed, &s->lock);
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    unlock(s);
    free(b->acks);
    free(b);
}

static const px_bus_ops memory_ops = {
    .close = memory_close,
    .epoch = memory_epoch,
    .last_error = memory_last_error,
    .wait = memory_wait,
    .wake = memory_wake,
    .stream_ensure = memory_stream_ensure,
    .stream_info = memory_stream_info,
    .get = memory_get,
    .get_last = memory_get_last,
    .purge = memory_purge,
    .erase = memory_erase,
    .reader_open = memory_reader_open,
    .reader_close = memory_reader_close,
    .reader_next = memory_reader_next,
    .reader_caught_up = memory_reader_caught_up,
    .publish = memory_publish,
    .next_ack = memory_next_ack,
    .publish_wait = memory_publish_wait,
    .send = memory_send,
    .serve = memory_serve,
    .respond = memory_respond,
    .request = memory_request,
};

px_status px_bus_open_memory(px_bus **bus, px_bus_server *server, const char *name)
{
    memory_bus *b = calloc(1, sizeof *b);
    if (!b)
        return PX_ENOMEM;
    (void)name; /* shown by a real server's monitoring only */
    *b = (memory_bus){ .base = { &memory_ops }, .server = server, .news = true };
    lock(server);
    b->next = server->buses;
    server->buses = b;
    unlock(server);
    *bus = &b->base;
    return PX_OK;
}

/* --- the server --- */

px_bus_server *px_bus_server_create(void)
{
    px_bus_server *s = calloc(1, sizeof *s);
    pthread_condattr_t attributes;

    if (!s)
        return NULL;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&s->lock, NULL);
    s->deliveries_end = &s->deliveries;
    s->epoch = 1;
    s->up = true;
    s->ticks_ns = tick_ns;
    return s;
}

void px_bus_server_destroy(px_bus_server *server)
{
    if (!server)
        return;
    PX_ASSERT(!server->buses);
    for (size_t i = 0; i < server->stream_count; i++)
        px_memory_stream_destroy(server->streams[i]);
    free(server->streams);
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

void px_bus_server_set_clock(px_bus_server *server, int64_t (*now_ns)(void *context), void *context)
{
    lock(server);
    server->now_ns = now_ns;
    server->now_context = context;
    unlock(server);
}

/* Everything that lived on the connections is gone: readers, answers under way, messages not
 * handled. */
static void break_connections(px_bus_server *s)
{
    s->epoch++;
    drop_deliveries(s, NULL);
    for (memory_bus *b = s->buses; b; b = b->next)
        b->acks_begin = b->acks_end = 0;
    tell_everybody(s);
}

void px_bus_server_set_up(px_bus_server *server, bool up)
{
    lock(server);
    if (server->up != up) {
        server->up = up;
        break_connections(server);
    }
    unlock(server);
}

px_status px_bus_server_cut(px_bus_server *server, const char *name, uint64_t last_seq)
{
    lock(server);
    px_memory_stream *stream = stream_find(server, name);
    if (stream) {
        px_memory_stream_cut(stream, last_seq);
        break_connections(server);
    }
    unlock(server);
    return stream ? PX_OK : PX_ENOTFOUND;
}
