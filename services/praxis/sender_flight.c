/* sender_flight.c: what is under way, and the results that end it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/codec.h"
#include "services/praxis/sender_impl.h"

static item **bucket_of(px_sender *s, const char *service, const char *id)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (const char *at = service; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    for (const char *at = id; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    return &s->buckets[hash % PX_SENDER_BUCKETS];
}

item *px_sender_find(px_sender *s, const char *service, const char *id)
{
    if (!*id)
        return NULL;
    for (item *i = *bucket_of(s, service, id); i; i = i->next)
        if (strcmp(i->id, id) == 0 && strcmp(i->parcel->service, service) == 0)
            return i;
    return NULL;
}

static void unlink_item(px_sender *s, item *gone)
{
    item **at = bucket_of(s, gone->parcel->service, gone->id);

    while (*at && *at != gone)
        at = &(*at)->next;
    if (*at)
        *at = gone->next;
}

void px_sender_free_parcel(parcel *p)
{
    for (size_t i = 0; p->items && i < p->count; i++)
        free(p->items[i].id);
    free(p->items);
    free(p->service);
    free(p->subject);
    free(p->bytes);
    free(p);
}

static void drop_parcel(px_sender *s, parcel *p)
{
    *(p->prev ? &p->prev->next : &s->first) = p->next;
    *(p->next ? &p->next->prev : &s->last) = p->prev;
    px_sender_free_parcel(p);
}

void px_sender_append(px_sender *s, parcel *p)
{
    p->token = ++s->tokens;
    p->prev = s->last;
    *(s->last ? &s->last->next : &s->first) = p;
    s->last = p;
    p->open = p->count;
    for (size_t i = 0; i < p->count; i++) {
        item **bucket = bucket_of(s, p->service, p->items[i].id);
        p->items[i].parcel = p;
        p->items[i].next = *bucket;
        *bucket = &p->items[i];
    }
}

/* --- results --- */

/* The answer of `i` is here. Its parcel may be gone afterwards. */
static void settle(px_sender *s, item *i, const Praxis__Result *result)
{
    parcel *p = i->parcel;

    unlink_item(s, i);
    i->parcel = NULL;
    s->in_flight--;
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED) {
        s->counts.accepted++;
        if (result->accepted->log_seq > s->counts.log_seq)
            s->counts.log_seq = result->accepted->log_seq;
    } else {
        s->counts.refused++;
    }
    s->options.on_result(s->options.context, i->tag, result);
    if (--p->open == 0)
        drop_parcel(s, p);
}

void px_sender_settle(px_sender *s, parcel *p, const Praxis__Result *result)
{
    size_t left = p->open;

    for (item *i = p->items; left > 0; i++)
        if (i->parcel) {
            left--; /* the last one takes the parcel with it */
            settle(s, i, result);
        }
}

/* Bytes nobody could read are named by their digest: one submission, or a whole bundle. */
static void settle_unreadable(px_sender *s, const Praxis__Result *result)
{
    const ProtobufCBinaryData *digest = &result->unreadable->digest;

    if (digest->len != PX_DIGEST_SIZE)
        return;
    for (parcel *p = s->first; p; p = p->next) {
        if (memcmp(p->digest, digest->data, PX_DIGEST_SIZE) == 0) {
            px_sender_settle(s, p, result);
            return;
        }
        for (size_t i = 0; i < p->count; i++)
            if (p->items[i].parcel &&
                memcmp(p->items[i].digest, digest->data, PX_DIGEST_SIZE) == 0) {
                settle(s, &p->items[i], result);
                return;
            }
    }
}

static const Praxis__ResultBatch *read_results(px_sender *s, const px_bus_msg *msg)
{
    static const px_scan_limits limits = { 1024 * 1024, 8, 64 * 1024, 4096, true };
    const ProtobufCMessageDescriptor *type = &praxis__result_batch__descriptor;
    const char *content = px_bus_msg_header(msg, "Content-Type");
    px_codec_error error;
    const ProtobufCMessage *batch = NULL;

    px_arena_reset(&s->arena);
    if (content && strncasecmp(content, "application/json", 16) == 0)
        batch = px_codec_from_json(type, msg->data, &limits, &s->arena, &error);
    else if (px_codec_scan(type, msg->data, &limits, &s->arena, &error))
        batch = px_codec_unpack(type, msg->data, &s->arena);
    return (const Praxis__ResultBatch *)batch;
}

/* praxis.v1.<tenant>.result.<service>.<source> */
static bool service_of(const char *subject, char *service, size_t size)
{
    const char *at = subject;

    for (int dots = 0; at && dots < 4; dots++)
        if ((at = strchr(at, '.')) != NULL)
            at++;
    if (!at)
        return false;
    snprintf(service, size, "%.*s", (int)strcspn(at, "."), at);
    return true;
}

void px_sender_take_results(px_sender *s, const px_bus_msg *msg)
{
    const Praxis__ResultBatch *batch = read_results(s, msg);
    char service[80];

    if (!batch) {
        px_sender_say(s, "results on %s cannot be read", msg->subject);
        return;
    }
    if (!service_of(msg->subject, service, sizeof service))
        return;
    for (size_t i = 0; i < batch->n_results; i++) {
        const Praxis__Result *result = batch->results[i];
        item *found = px_sender_find(s, service, result->submission_id);
        if (found)
            settle(s, found, result);
        else if (!*result->submission_id && result->unreadable)
            settle_unreadable(s, result);
    }
}

void px_sender_refuse_too_large(px_sender *s, parcel *p)
{
    char code[] = "TOO_LARGE";
    char text[] = "the message is larger than the bus carries";
    Praxis__Rejected rejected = PRAXIS__REJECTED__INIT;
    Praxis__Result result = PRAXIS__RESULT__INIT;

    rejected.code = code;
    rejected.text = text;
    result.outcome_case = PRAXIS__RESULT__OUTCOME_REJECTED;
    result.rejected = &rejected;
    px_sender_settle(s, p, &result);
}
