/* bus_nats_erase.c: taking messages out of a stream: a purge moves its beginning, erasing
 * overwrites one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/bus_nats_impl.h"

#define ERASED "\"success\":true"

px_status px_nats_purge(px_bus *base, const char *stream, uint64_t seq)
{
    nats_bus *bus = nats_bus_of(base);
    px_stream_info info;
    json_t *answer;
    px_status status = px_nats_stream_info(base, stream, &info);

    if (status != PX_OK)
        return status;
    /* Purging beyond the end would move the last number; below 1 means everything. */
    if (seq > info.last_seq)
        seq = info.last_seq;
    if (seq == 0)
        return PX_OK;
    status = px_nats_stream_call(bus, "PURGE", stream,
                                 json_pack("{s:I}", "seq", (json_int_t)seq + 1), &answer);
    if (status == PX_OK)
        json_decref(answer);
    return status;
}

px_status px_nats_erase(px_bus *base, const char *stream, uint64_t seq)
{
    json_t *answer;
    px_bus_msg *msg;
    json_t *which = json_pack("{s:I, s:b}", "seq", (json_int_t)seq, "no_erase", 0);
    px_status status = px_nats_stream_call(nats_bus_of(base), "MSG.DELETE", stream, which, &answer);

    if (status == PX_OK)
        json_decref(answer);
    if (status != PX_EREFUSED)
        return status;
    /* "Not allowed" and "not there" differ in wording only. */
    status = px_nats_get(base, stream, seq, &msg);
    if (status == PX_OK)
        px_bus_msg_free(msg);
    return status == PX_ENOTFOUND ? PX_ENOTFOUND : PX_EREFUSED;
}

/* True when each of the answers says that it was done. Late ones to an earlier round are passed. */
static px_status take_erased(nats_link *link, const char *reply, size_t count, bool *all)
{
    natsMsg *raw = NULL;

    *all = true;
    while (count > 0) {
        natsStatus status =
            natsSubscription_NextMsg(&raw, link->erased, link->bus->request_timeout_ms);
        if (status != NATS_OK)
            return px_nats_bus_failed(link->bus, status, "erasing");
        bool ours = strcmp(natsMsg_GetSubject(raw), reply) == 0;
        count -= ours;
        *all &= !ours || memmem(natsMsg_GetData(raw), (size_t)natsMsg_GetDataLength(raw), ERASED,
                                strlen(ERASED)) != NULL;
        px_nats_discard(raw);
    }
    return PX_OK;
}

static natsStatus ask_to_erase(nats_link *link, const char *stream, const char *reply, uint64_t seq)
{
    char subject[PX_SUBJECT_MAX * 2], body[64];

    snprintf(subject, sizeof subject, "%s.STREAM.MSG.DELETE.%s", link->bus->js_prefix, stream);
    snprintf(body, sizeof body, "{\"seq\":%" PRIu64 "}", seq);
    return natsConnection_PublishRequestString(link->nc, subject, reply, body);
}

/* One subscription for all rounds, which goes with the connection. */
static natsStatus hear_answers(nats_link *link)
{
    char subject[256];

    if (link->erased)
        return NATS_OK;
    snprintf(subject, sizeof subject, "%s.erased.*", link->bus->inbox);
    return natsConnection_SubscribeSync(&link->erased, link->nc, subject);
}

static px_status erase_at_once(nats_link *link, const char *stream, const uint64_t *seqs,
                               size_t count, bool *all)
{
    char reply[256];

    snprintf(reply, sizeof reply, "%s.erased.%" PRIx64, link->bus->inbox, ++link->bus->erasures);
    natsStatus sent = hear_answers(link);
    for (size_t i = 0; sent == NATS_OK && i < count; i++)
        sent = ask_to_erase(link, stream, reply, seqs[i]);
    px_status status = px_nats_bus_failed(link->bus, sent, "erasing");
    return status == PX_OK ? take_erased(link, reply, count, all) : status;
}

px_status px_nats_erase_all(px_bus *base, const char *stream, const uint64_t *seqs, size_t count)
{
    nats_link *link = px_nats_link_use(nats_bus_of(base));
    bool all = true;

    if (!link)
        return PX_EDISCONNECTED;
    px_status status = erase_at_once(link, stream, seqs, count, &all);
    px_nats_link_release(link);
    /* One by one, what is gone already can be told from what is refused. */
    for (size_t i = 0; i < count && !all && (status == PX_OK || status == PX_ENOTFOUND); i++)
        status = px_nats_erase(base, stream, seqs[i]);
    return status == PX_ENOTFOUND ? PX_OK : status;
}
