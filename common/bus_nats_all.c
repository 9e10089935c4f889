/* bus_nats_all.c: many questions under way at once, and their answers: one wait instead of one for
 * each. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bus_nats_impl.h"

#define ERASED "\"success\":true"

/** What is asked, and what becomes of the answers. */
typedef struct {
    nats_link *link;
    size_t count;
    /* Sends the i-th question. */
    px_status (*ask)(void *context, nats_link *link, size_t i, const char *reply);
    /* Takes the answer to it; `raw` is borrowed. */
    void (*take)(void *context, nats_bus *bus, size_t i, natsMsg *raw);
    void *context;
    unsigned forbidden; /* how often the server had said so before */
} questions;

/* One subscription for all rounds, which goes with the connection. */
static px_status hear_answers(nats_link *link)
{
    char subject[256];

    if (link->answers)
        return PX_OK;
    snprintf(subject, sizeof subject, "%s.all.>", link->bus->inbox);
    return px_nats_bus_failed(
        link->bus, natsConnection_SubscribeSync(&link->answers, link->nc, subject), subject);
}

/* Late ones to an earlier round are passed. nats.c keeps to itself whose question it was that
 * nobody takes: PX_EREFUSED, after the others were heard. */
static px_status take_answers(const questions *q, const char *round)
{
    nats_bus *bus = q->link->bus;
    size_t size = strlen(round), left = q->count;
    px_status result = PX_OK;

    while (left > 0) {
        natsMsg *raw = NULL;
        natsStatus status =
            natsSubscription_NextMsg(&raw, q->link->answers, bus->request_timeout_ms);

        if (status == NATS_TIMEOUT && atomic_load(&bus->forbidden) != q->forbidden)
            return PX_EREFUSED; /* the error of the connection says what may not be done */
        if (status == NATS_NO_RESPONDERS) {
            px_nats_bus_set_error(bus, "asked at once", "nobody takes one of the messages");
            result = PX_EREFUSED;
            left--;
            continue;
        }
        if (status != NATS_OK)
            return px_nats_bus_failed(bus, status, "asking for many things at once");
        if (strncmp(natsMsg_GetSubject(raw), round, size) == 0) {
            q->take(q->context, bus, strtoull(natsMsg_GetSubject(raw) + size, NULL, 16), raw);
            left--;
        }
        px_nats_discard(raw);
    }
    return result;
}

static px_status ask_on(const questions *q)
{
    nats_bus *bus = q->link->bus;
    char round[256], reply[sizeof round + 24];
    px_status status = hear_answers(q->link);

    snprintf(round, sizeof round, "%s.all.%" PRIx64 ".", bus->inbox, ++bus->rounds);
    for (size_t i = 0; status == PX_OK && i < q->count; i++) {
        snprintf(reply, sizeof reply, "%s%zx", round, i);
        status = q->ask(q->context, q->link, i, reply);
    }
    return status == PX_OK ? take_answers(q, round) : status;
}

static px_status ask_all(px_bus *base, questions q)
{
    q.link = px_nats_link_use(nats_bus_of(base));
    if (!q.link)
        return PX_EDISCONNECTED;
    q.forbidden = atomic_load(&q.link->bus->forbidden);
    px_status status = ask_on(&q);
    px_nats_link_release(q.link);
    return status;
}

static px_status ask_api(nats_link *link, const char *call, const char *stream, const char *body,
                         const char *reply)
{
    char subject[PX_SUBJECT_MAX * 2];

    snprintf(subject, sizeof subject, "%s.STREAM.%s.%s", link->bus->js_prefix, call, stream);
    return px_nats_bus_failed(
        link->bus, natsConnection_PublishRequestString(link->nc, subject, reply, body), subject);
}

/* --- erasing --- */

typedef struct {
    const char *stream;
    const uint64_t *seqs;
    bool all; /* each of the answers says that it was done */
} erasures;

static px_status ask_to_erase(void *context, nats_link *link, size_t i, const char *reply)
{
    const erasures *e = context;
    char body[64];

    snprintf(body, sizeof body, "{\"seq\":%" PRIu64 "}", e->seqs[i]);
    return ask_api(link, "MSG.DELETE", e->stream, body, reply);
}

static void take_erased(void *context, nats_bus *bus, size_t i, natsMsg *raw)
{
    erasures *e = context;

    (void)bus, (void)i;
    e->all &= memmem(natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), ERASED,
                     strlen(ERASED)) != NULL;
}

px_status px_nats_erase_all(px_bus *base, const char *stream, const uint64_t *seqs, size_t count)
{
    erasures e = { stream, seqs, true };
    px_status status = ask_all(
        base,
        (questions){ .count = count, .ask = ask_to_erase, .take = take_erased, .context = &e });

    /* One by one, what is gone already can be told from what is refused. */
    for (size_t i = 0; i < count && !e.all && (status == PX_OK || status == PX_ENOTFOUND); i++)
        status = px_nats_erase(base, stream, seqs[i]);
    return status == PX_ENOTFOUND ? PX_OK : status;
}

/* --- the last on each subject --- */

typedef struct {
    const char *stream;
    const char *const *subjects;
    size_t count;
    px_bus_msg **msgs;
    px_status status; /* of the last answer that was neither a message nor "none" */
} lookups;

static px_status ask_for_last(void *context, nats_link *link, size_t i, const char *reply)
{
    const lookups *l = context;
    json_t *body = json_pack("{s:s}", "last_by_subj", l->subjects[i]);
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    px_status status = text ? ask_api(link, "MSG.GET", l->stream, text, reply) : PX_ENOMEM;

    free(text);
    json_decref(body);
    return status;
}

static void take_last(void *context, nats_bus *bus, size_t i, natsMsg *raw)
{
    lookups *l = context;
    px_status status = PX_EMALFORMED;

    if (i < l->count && l->msgs[i] == NULL)
        status = px_nats_message_in(bus, raw, &l->msgs[i]);
    if (status != PX_OK && status != PX_ENOTFOUND)
        l->status = status;
}

px_status px_nats_get_last_all(px_bus *base, const char *stream, const char *const *subjects,
                               size_t count, px_bus_msg **msgs)
{
    lookups l = { stream, subjects, count, msgs, PX_OK };
    px_status status = ask_all(
        base, (questions){ .count = count, .ask = ask_for_last, .take = take_last, .context = &l });

    return status == PX_OK ? l.status : status;
}

/* --- publishing --- */

typedef struct {
    const px_bus_out *outs;
    size_t count;
    px_bus_ack *acks;
} publishes;

static px_status publish_one(void *context, nats_link *link, size_t i, const char *reply)
{
    return px_nats_send_on(link, &((const publishes *)context)->outs[i], reply);
}

static void take_ack(void *context, nats_bus *bus, size_t i, natsMsg *raw)
{
    const publishes *p = context;

    if (i < p->count)
        px_nats_parse_ack(bus, raw, &p->acks[i]);
}

px_status px_nats_publish_all(px_bus *base, const px_bus_out *outs, size_t count, px_bus_ack *acks)
{
    publishes p = { outs, count, acks };

    for (size_t i = 0; i < count; i++)
        acks[i] = (px_bus_ack){ .status = PX_EREFUSED };
    px_status status = ask_all(
        base, (questions){ .count = count, .ask = publish_one, .take = take_ack, .context = &p });
    return status == PX_EREFUSED ? PX_OK : status; /* those without an answer say so */
}
