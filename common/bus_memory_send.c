/* bus_memory_send.c: what the memory twin does with messages: storing, handlers, requests. */
#include "common/bus_memory_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAYLOAD = 1024 * 1024 }; /* the server's default limit for headers and data */

/* --- delivery to handlers --- */

static bool enqueue(px_bus_server *s, memory_service *to, const px_msg_parts *parts)
{
    memory_delivery *d = malloc(sizeof *d);
    px_bus_msg *msg = px_msg_make(parts);

    if (!d || !msg) {
        free(d);
        px_bus_msg_free(msg);
        return false;
    }
    *d = (memory_delivery){ .to = to, .msg = msg };
    *s->deliveries_end = d;
    s->deliveries_end = &d->next;
    to->served++;
    return true;
}

/* The member of a queue group whose turn it is; `candidate` itself when it is in no group. */
static memory_service *turn_of_group(px_bus_server *s, memory_service *candidate,
                                     const char *subject)
{
    memory_service *turn = NULL;

    if (!candidate->queue)
        return candidate;
    for (memory_service *v = s->services; v; v = v->next) {
        if (!v->queue || strcmp(v->queue, candidate->queue) != 0 ||
            !px_subject_matches(v->subject, subject))
            continue;
        if (!turn || v->served < turn->served)
            turn = v;
    }
    return turn;
}

static bool first_of_group(px_bus_server *s, const memory_service *candidate, const char *subject)
{
    for (memory_service *v = s->services; v != candidate; v = v->next)
        if (candidate->queue && v->queue && strcmp(v->queue, candidate->queue) == 0 &&
            px_subject_matches(v->subject, subject))
            return false;
    return true;
}

/* Queues a message for every handler that should have it; returns how many. */
static size_t deliver(px_bus_server *s, const px_msg_parts *parts)
{
    size_t count = 0;

    for (memory_service *v = s->services; v; v = v->next) {
        if (!px_subject_matches(v->subject, parts->subject) ||
            !first_of_group(s, v, parts->subject))
            continue;
        if (enqueue(s, turn_of_group(s, v, parts->subject), parts))
            count++;
    }
    if (count > 0)
        px_memory_tell_everybody(s);
    return count;
}

static memory_delivery *take_delivery(px_bus_server *s)
{
    memory_delivery *d = s->deliveries;

    if (!d)
        return NULL;
    s->deliveries = d->next;
    if (!s->deliveries)
        s->deliveries_end = &s->deliveries;
    return d;
}

/* Runs handlers without the lock, so that they can use the bus. */
void px_memory_run_deliveries(px_bus_server *s)
{
    for (memory_delivery *d; (d = take_delivery(s)) != NULL;) {
        memory_bus *owner = d->to->owner;
        px_bus_handler handler = d->to->handler;
        void *context = d->to->context;

        owner->running++;
        px_memory_unlock(s);
        handler(context, &owner->base, d->msg);
        px_bus_msg_free(d->msg);
        free(d);
        px_memory_lock(s);
        owner->running--;
        pthread_cond_broadcast(&s->changed);
    }
}

void px_memory_drop_deliveries(px_bus_server *s, const memory_bus *owner)
{
    memory_delivery *kept = NULL;
    memory_delivery **end = &kept;

    for (memory_delivery *d; (d = take_delivery(s)) != NULL;) {
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
    for (memory_asking *a = s->askings; a; a = a->next) {
        if (strcmp(a->inbox, out->subject) != 0)
            continue;
        if (!a->reply) /* the first answer counts */
            a->reply = px_msg_make(&parts);
        pthread_cond_broadcast(&s->changed);
        return 1;
    }
    return deliver(s, &parts);
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
static px_bus_ack route(const px_bus *from, const px_bus_out *out, bool *answered)
{
    px_bus_server *s = ((const memory_bus *)from)->server;
    px_bus_ack ack = { .status = PX_EREFUSED };
    px_bus_out unchecked = *out;
    px_fate fate = PX_FATE_ARRIVES;
    bool stored = false;

    for (size_t i = 0; i < s->stream_count && !stored; i++) {
        if (!px_memory_stream_hears(s->streams[i], out->subject))
            continue;
        stored = true;
        fate = px_memory_publish_fate(from, out);
        if (fate == PX_FATE_LOST)
            break;
        px_memory_stream_expire(s->streams[i], px_memory_peek_clock(s));
        unchecked.expect_subject_seq = out->expect_subject_seq && fate != PX_FATE_UNCHECKED;
        ack = px_memory_stream_store(s->streams[i], &unchecked, px_memory_take_clock(s));
    }
    *answered = false;
    if (fate == PX_FATE_LOST)
        return ack;
    *answered = (send_plain(s, out, NULL) == 0 || stored) && fate != PX_FATE_UNANSWERED;
    if (stored)
        px_memory_tell_everybody(s);
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

px_status px_memory_publish(px_bus *bus, uint64_t epoch, const px_bus_out *out, uint64_t token)
{
    memory_bus *b = memory_bus_of(bus);
    px_status status = PX_OK;
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    px_memory_lock(b->server);
    if (epoch == 0 || epoch != px_memory_current_epoch(b)) {
        status = PX_EDISCONNECTED;
    } else {
        px_bus_ack ack = route(bus, out, &answered);
        ack.token = token;
        if (answered && !push_ack(b, ack))
            status = PX_ENOMEM;
    }
    px_memory_unlock(b->server);
    return status;
}

bool px_memory_next_ack(px_bus *bus, px_bus_ack *ack)
{
    memory_bus *b = memory_bus_of(bus);

    px_memory_lock(b->server);
    bool waiting = b->acks_begin < b->acks_end;
    if (waiting)
        *ack = b->acks[b->acks_begin++];
    px_memory_unlock(b->server);
    return waiting;
}

px_status px_memory_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    memory_bus *b = memory_bus_of(bus);
    px_status status = PX_EDISCONNECTED;
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    px_memory_lock(b->server);
    if (b->server->up) {
        *ack = route(bus, out, &answered);
        status = answered ? ack->status : PX_ETIMEOUT;
    }
    px_memory_unlock(b->server);
    return status;
}

px_status px_memory_send(px_bus *bus, const px_bus_out *out)
{
    memory_bus *b = memory_bus_of(bus);
    bool answered;

    if (too_big(out))
        return PX_ETOOBIG;
    px_memory_lock(b->server);
    px_status status = b->server->up ? PX_OK : PX_EDISCONNECTED;
    if (status == PX_OK)
        route(bus, out, &answered);
    px_memory_unlock(b->server);
    return status;
}

/* --- requests --- */

px_status px_memory_serve(px_bus *bus, const char *subject, const char *queue,
                          px_bus_handler handler, void *context)
{
    memory_bus *b = memory_bus_of(bus);
    memory_service *v = calloc(1, sizeof *v);
    memory_service **end = &b->server->services;

    if (!v)
        return PX_ENOMEM;
    *v = (memory_service){ NULL,    b, strdup(subject), queue ? strdup(queue) : NULL, handler,
                           context, 0 };
    if (!v->subject || (queue && !v->queue)) {
        free(v->subject);
        free(v->queue);
        free(v);
        return PX_ENOMEM;
    }
    px_memory_lock(b->server);
    while (*end)
        end = &(*end)->next;
    *end = v;
    px_memory_unlock(b->server);
    return PX_OK;
}

px_status px_memory_respond(px_bus *bus, const px_bus_msg *request, const px_bus_out *out)
{
    (void)request;
    return px_memory_send(bus, out);
}

/* Handlers run in here; one that answers later, from another thread, has until the time-out. */
static px_status await(px_bus_server *s, memory_asking *a, int64_t timeout_ms, px_bus_msg **reply)
{
    struct timespec deadline = px_memory_deadline_after(timeout_ms);
    uint64_t epoch = s->epoch;

    px_memory_run_deliveries(s);
    while (!a->reply && s->up && s->epoch == epoch) {
        if (pthread_cond_timedwait(&s->changed, &s->lock, &deadline) != 0)
            return PX_ETIMEOUT;
        px_memory_run_deliveries(s);
    }
    if (!a->reply)
        return PX_EDISCONNECTED;
    *reply = a->reply;
    return PX_OK;
}

static void forget(px_bus_server *s, const memory_asking *a)
{
    memory_asking **at = &s->askings;

    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
}

px_status px_memory_request(px_bus *bus, const px_bus_out *out, int64_t timeout_ms,
                            px_bus_msg **reply)
{
    px_bus_server *s = memory_bus_of(bus)->server;
    memory_asking a = { 0 };
    px_status status = PX_EDISCONNECTED;

    if (too_big(out))
        return PX_ETOOBIG;
    px_memory_lock(s);
    if (s->up) {
        snprintf(a.inbox, sizeof a.inbox, "_INBOX.%" PRIu64, ++s->inboxes);
        a.next = s->askings;
        s->askings = &a;
        status = send_plain(s, out, a.inbox) == 0 ? PX_ENOTFOUND : await(s, &a, timeout_ms, reply);
        forget(s, &a);
        if (status != PX_OK)
            px_bus_msg_free(a.reply);
    }
    px_memory_unlock(s);
    return status;
}

void px_memory_remove_services(px_bus_server *s, const memory_bus *owner)
{
    for (memory_service **at = &s->services; *at;) {
        memory_service *v = *at;
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
