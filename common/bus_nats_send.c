/* bus_nats_send.c: messages out and in: checked publishes, acknowledgements, requests and services.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/bus_nats_impl.h"

enum { ERR_WRONG_LAST_MSG_ID = 10070, ERR_WRONG_LAST_SEQUENCE = 10071 };

/* 10023: the account's or the server's limit; 10047: not even for an empty stream; 10077: the
 * stream's own limit, or a disk that does not take the message. */
bool px_nats_is_exhausted(int64_t err_code)
{
    return err_code == 10023 || err_code == 10047 || err_code == 10077;
}

/* --- received messages --- */

typedef struct {
    const px_msg_ops *ops; /* first: px_bus_msg.impl points here */
    px_bus_msg msg;
    natsMsg *raw;
} wrapped_msg;

static void wrapped_free(px_bus_msg *msg)
{
    wrapped_msg *wrapped = msg->impl;

    px_nats_discard(wrapped->raw);
    free(wrapped);
}

/* nats.c compares header names byte by byte, but they are written in any case. */
static const char *other_spelling(natsMsg *raw, const char *name)
{
    const char **keys = NULL;
    const char *value = NULL;
    int count = 0;

    if (natsMsgHeader_Keys(raw, &keys, &count) != NATS_OK)
        return NULL;
    for (int i = 0; i < count && !value; i++)
        if (strcasecmp(keys[i], name) == 0 && natsMsgHeader_Get(raw, keys[i], &value) != NATS_OK)
            value = NULL;
    free((void *)keys);
    return value;
}

static const char *wrapped_header(const px_bus_msg *msg, const char *name)
{
    wrapped_msg *wrapped = msg->impl;
    const char *value = NULL;

    if (natsMsgHeader_Get(wrapped->raw, name, &value) == NATS_OK)
        return value;
    return other_spelling(wrapped->raw, name);
}

static const px_msg_ops wrapped_ops = { wrapped_free, wrapped_header };

px_bus_msg *px_nats_msg_wrap(natsMsg *raw)
{
    wrapped_msg *wrapped = malloc(sizeof *wrapped);

    if (!wrapped) {
        px_nats_discard(raw);
        return NULL;
    }
    *wrapped = (wrapped_msg){ .ops = &wrapped_ops, .raw = raw };
    wrapped->msg =
        (px_bus_msg){ .subject = natsMsg_GetSubject(raw),
                      .reply = natsMsg_GetReply(raw),
                      .data = { natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw) },
                      .impl = wrapped };
    return &wrapped->msg;
}

/* --- messages to send --- */

/* nats.c keeps headers in a hash, with four allocations for each, only to write them one after
 * another. It writes a name as it is given, so all but the last value go into one name: px_bus lets
 * no line break into either. NULL: no memory. */
static char *name_of_all(const px_headers *headers)
{
    size_t size = 1, last = headers->count - 1;
    char *name, *at;

    for (size_t i = 0; i <= last; i++)
        size += strlen(headers->list[i].name) + strlen(headers->list[i].value) + 4;
    name = at = malloc(size);
    for (size_t i = 0; name && i < last; i++)
        at = stpcpy(stpcpy(stpcpy(stpcpy(at, headers->list[i].name), ": "), headers->list[i].value),
                    "\r\n");
    if (name)
        stpcpy(at, headers->list[last].name);
    return name;
}

static natsStatus add_headers(natsMsg *raw, const px_headers *headers)
{
    char *name;
    natsStatus status = NATS_NO_MEMORY;

    if (headers->count == 0)
        return NATS_OK;
    name = name_of_all(headers);
    if (name)
        status = natsMsgHeader_Add(raw, name, headers->list[headers->count - 1].value);
    free(name);
    return status;
}

static natsStatus build(natsMsg **raw, const px_bus_out *out, const char *reply)
{
    px_headers headers;
    natsStatus status =
        natsMsg_Create(raw, out->subject, reply, out->data.data, (int)out->data.size);

    px_headers_collect(&headers, out);
    return status == NATS_OK ? add_headers(*raw, &headers) : status;
}

static bool has_headers(const px_bus_out *out)
{
    return out->header_count > 0 || out->msg_id || out->expect_subject_seq || out->last_msg_id;
}

/* Without headers nothing needs to be copied. */
px_status px_nats_send_on(nats_link *link, const px_bus_out *out, const char *reply)
{
    natsMsg *raw = NULL;
    natsStatus status;

    if (out->data.size > INT32_MAX)
        return PX_ETOOBIG;
    if (has_headers(out)) {
        status = build(&raw, out, reply);
        if (status == NATS_OK)
            status = natsConnection_PublishMsg(link->nc, raw);
        px_nats_discard(raw);
    } else if (reply) {
        status = natsConnection_PublishRequest(link->nc, out->subject, reply, out->data.data,
                                               (int)out->data.size);
    } else {
        status =
            natsConnection_Publish(link->nc, out->subject, out->data.data, (int)out->data.size);
    }
    return px_nats_bus_failed(link->bus, status, out->subject);
}

px_status px_nats_send(px_bus *base, const px_bus_out *out)
{
    nats_link *link = px_nats_link_use(nats_bus_of(base));

    if (!link)
        return PX_EDISCONNECTED;
    px_status status = px_nats_send_on(link, out, NULL);
    px_nats_link_release(link);
    return status;
}

/* --- acknowledgements --- */

static void parse_refusal(nats_bus *bus, const char *text, size_t size, px_bus_ack *ack)
{
    json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *error = json_object_get(json, "error");
    const char *why = json_string_value(json_object_get(error, "description"));
    json_int_t code = json_integer_value(json_object_get(error, "err_code"));

    px_nats_bus_set_error(bus, "publish refused", why ? why : "not an acknowledgement of a stream");
    if (code == ERR_WRONG_LAST_SEQUENCE || code == ERR_WRONG_LAST_MSG_ID)
        ack->status = PX_ESEQUENCE;
    else
        ack->status = px_nats_is_exhausted(code) ? PX_EEXHAUSTED : PX_EREFUSED;
    json_decref(json);
}

/* Behind `"key":` and blanks, which some servers write; NULL when the key is not there. */
static const char *value_of(const char *key, const char *text, const char *end)
{
    size_t size = strlen(key);
    const char *at = text < end ? memmem(text, (size_t)(end - text), key, size) : NULL;

    if (!at)
        return NULL;
    for (at += size; at < end && (*at == ':' || *at == ' ');)
        at++;
    return at;
}

/* {"stream":"S","seq":12} with perhaps "duplicate":true behind; anything else takes the slow way.
 */
static void parse_ack(nats_bus *bus, const char *text, size_t size, px_bus_ack *ack)
{
    const char *end = text + size;
    const char *at = value_of("\"seq\"", text, end);

    ack->seq = 0;
    for (; at && at < end && *at >= '0' && *at <= '9'; at++)
        ack->seq = ack->seq * 10 + (uint64_t)(*at - '0');
    if (ack->seq == 0) { /* refusals carry sequence 0 or none */
        parse_refusal(bus, text, size, ack);
        return;
    }
    const char *duplicate = value_of("\"duplicate\"", at, end);
    ack->status = PX_OK;
    ack->duplicate = duplicate && duplicate < end && *duplicate == 't';
}

void px_nats_parse_ack(nats_bus *bus, natsMsg *raw, px_bus_ack *ack)
{
    if (natsMsg_IsNoResponders(raw)) {
        px_nats_bus_set_error(bus, "publish refused", "no stream has this subject");
        ack->status = PX_EREFUSED;
    } else {
        parse_ack(bus, natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), ack);
    }
}

static bool acks_room(nats_bus *bus)
{
    if (bus->acks_begin == bus->acks_end)
        bus->acks_begin = bus->acks_end = 0;
    if (bus->acks_end < bus->acks_capacity)
        return true;
    if (bus->acks_begin > bus->acks_capacity / 2) {
        memmove(bus->acks, bus->acks + bus->acks_begin,
                (bus->acks_end - bus->acks_begin) * sizeof *bus->acks);
        bus->acks_end -= bus->acks_begin;
        bus->acks_begin = 0;
        return true;
    }
    size_t capacity = bus->acks_capacity ? bus->acks_capacity * 2 : 256;
    px_bus_ack *acks = realloc(bus->acks, capacity * sizeof *acks);
    if (!acks)
        return false; /* a lost acknowledgement is a time-out to the sender */
    bus->acks = acks;
    bus->acks_capacity = capacity;
    return true;
}

static void ack_arrived(natsConnection *nc, natsSubscription *handle, natsMsg *raw, void *context)
{
    nats_link *link = ((nats_sub *)context)->link;
    nats_bus *bus = link->bus;
    const char *token = strrchr(natsMsg_GetSubject(raw), '.');
    px_bus_ack ack = { .token = strtoull(token ? token + 1 : "", NULL, 16) };

    (void)nc;
    (void)handle;
    px_nats_parse_ack(bus, raw, &ack);
    px_nats_discard(raw);

    pthread_mutex_lock(&bus->lock);
    if (bus->link == link && ack.token != 0 && acks_room(bus)) {
        bus->acks[bus->acks_end++] = ack;
        px_nats_bus_arrived(bus, ack.status == PX_OK);
    }
    pthread_mutex_unlock(&bus->lock);
}

px_status px_nats_link_subscribe_acks(nats_link *link)
{
    char subject[PX_SUBJECT_MAX];

    if (link->subs)
        return PX_OK; /* prepared once already */
    snprintf(subject, sizeof subject, "%s.ack.*", link->bus->inbox);
    return px_nats_link_subscribe(link, subject, NULL, ack_arrived, NULL, NULL, NULL);
}

px_status px_nats_publish(px_bus *base, uint64_t epoch, const px_bus_out *out, uint64_t token)
{
    nats_bus *bus = nats_bus_of(base);
    nats_link *link = px_nats_link_use(bus);
    char reply[PX_SUBJECT_MAX];
    px_status status = PX_EDISCONNECTED;

    if (!link)
        return status;
    if (link->epoch == epoch) {
        snprintf(reply, sizeof reply, "%s.ack.%" PRIx64, bus->inbox, token);
        status = px_nats_send_on(link, out, reply);
    }
    px_nats_link_release(link);
    return status;
}

bool px_nats_next_ack(px_bus *base, px_bus_ack *ack)
{
    nats_bus *bus = nats_bus_of(base);

    pthread_mutex_lock(&bus->lock);
    bool waiting = bus->acks_begin < bus->acks_end;
    if (waiting)
        *ack = bus->acks[bus->acks_begin++];
    pthread_mutex_unlock(&bus->lock);
    return waiting;
}

/* --- questions --- */

static px_status ask(nats_bus *bus, const px_bus_out *out, int64_t timeout_ms, natsMsg **reply)
{
    nats_link *link = px_nats_link_use(bus);
    natsMsg *raw = NULL;

    if (!link)
        return PX_EDISCONNECTED;
    natsStatus status = out->data.size > INT32_MAX ? NATS_MAX_PAYLOAD : build(&raw, out, NULL);
    if (status == NATS_OK)
        status = natsConnection_RequestMsg(reply, link->nc, raw, timeout_ms);
    px_nats_discard(raw);
    px_nats_link_release(link);
    return px_nats_bus_failed(bus, status, out->subject);
}

px_status px_nats_request(px_bus *base, const px_bus_out *out, int64_t timeout_ms,
                          px_bus_msg **reply)
{
    nats_bus *bus = nats_bus_of(base);
    natsMsg *raw = NULL;
    px_status status = ask(bus, out, timeout_ms > 0 ? timeout_ms : bus->request_timeout_ms, &raw);

    if (status != PX_OK)
        return status;
    *reply = px_nats_msg_wrap(raw);
    return *reply ? PX_OK : PX_ENOMEM;
}

px_status px_nats_publish_wait(px_bus *base, const px_bus_out *out, px_bus_ack *ack)
{
    nats_bus *bus = nats_bus_of(base);
    natsMsg *raw = NULL;
    px_status status = ask(bus, out, bus->request_timeout_ms, &raw);

    *ack = (px_bus_ack){ .status = PX_EREFUSED };
    if (status == PX_ENOTFOUND) /* no responders: no stream has this subject */
        return PX_EREFUSED;
    if (status != PX_OK)
        return ack->status = status;
    parse_ack(bus, natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), ack);
    px_nats_discard(raw);
    return ack->status;
}

/* --- services --- */

static void request_arrived(natsConnection *nc, natsSubscription *handle, natsMsg *raw,
                            void *context)
{
    const nats_service *service = ((nats_sub *)context)->context;
    px_bus_msg *msg = px_nats_msg_wrap(raw);

    (void)nc;
    (void)handle;
    if (!msg)
        return;
    service->handler(service->context, &service->bus->base, msg);
    px_bus_msg_free(msg);
}

static nats_service *service_at(nats_link *link)
{
    nats_bus *bus = link->bus;
    nats_service *service = NULL;

    pthread_mutex_lock(&bus->lock);
    if (link->served < bus->service_count)
        service = bus->services[link->served++];
    pthread_mutex_unlock(&bus->lock);
    return service;
}

/* Who asks can wait for an answer in vain, but not fill our memory. */
static px_status bound_requests(nats_sub *sub)
{
    return natsSubscription_SetPendingLimits(sub->sub, PX_REQUESTS_WAITING_MAX,
                                             PX_REQUESTS_WAITING_BYTES) == NATS_OK
               ? PX_OK
               : PX_EDISCONNECTED;
}

px_status px_nats_link_subscribe_services(nats_link *link)
{
    px_status status = PX_OK;
    nats_sub *sub;

    for (nats_service *v; status == PX_OK && (v = service_at(link)) != NULL;) {
        status = px_nats_link_subscribe(link, v->subject, v->queue, request_arrived, v, NULL, &sub);
        if (status == PX_OK)
            status = bound_requests(sub);
    }
    return status;
}

static nats_service *service_new(nats_bus *bus, const char *subject, const char *queue)
{
    nats_service *v = calloc(1, sizeof *v);

    if (!v)
        return NULL;
    v->bus = bus;
    v->subject = strdup(subject);
    v->queue = queue ? strdup(queue) : NULL;
    if (v->subject && (v->queue || !queue))
        return v;
    free(v->subject);
    free(v->queue);
    free(v);
    return NULL;
}

static bool service_add(nats_bus *bus, nats_service *service)
{
    pthread_mutex_lock(&bus->lock);
    size_t size = (bus->service_count + 1) * sizeof(nats_service *);
    nats_service **services = realloc(bus->services, size);
    if (services) {
        bus->services = services;
        services[bus->service_count++] = service;
    }
    pthread_mutex_unlock(&bus->lock);
    return services != NULL;
}

px_status px_nats_serve(px_bus *base, const char *subject, const char *queue,
                        px_bus_handler handler, void *context)
{
    nats_bus *bus = nats_bus_of(base);
    nats_service *service = service_new(bus, subject, queue);

    if (!service)
        return PX_ENOMEM;
    service->handler = handler;
    service->context = context;
    if (!service_add(bus, service)) {
        free(service->subject);
        free(service->queue);
        free(service);
        return PX_ENOMEM;
    }
    nats_link *link = px_nats_link_use(bus);
    if (!link)
        return PX_OK; /* the connector does it with the next link */
    if (px_nats_link_subscribe_services(link) == PX_OK)
        natsConnection_FlushTimeout(link->nc, bus->request_timeout_ms);
    px_nats_link_release(link);
    return PX_OK;
}

px_status px_nats_respond(px_bus *base, const px_bus_msg *request, const px_bus_out *out)
{
    (void)request;
    return px_nats_send(base, out);
}
