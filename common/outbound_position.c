/* outbound_position.c: how far the feed has our rows: remembered, proved, and found on the feed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/diag.h"
#include "common/fold.h"
#include "common/outbound_impl.h"
#include "common/tables.h"

enum {
    RECORD_NUMBERS = 5,
    RECORD_HEAD = RECORD_NUMBERS * 8,
    BEYOND_MAX = 1000 /* how much of the feed's end is looked at for more than a proved position */
};

/* In place of a feed id: nobody knows which message proves the position. No message has this id. */
static const char unproved[] = "?";

static px_keybuf position_key(void)
{
    return px_key_begin(PX_TABLE_LOCAL_POSITION);
}

/* Record: row sent, feed sequence of it, the row up to which none are stored, then the feed id. */
void px_position_load(px_outbound *o)
{
    px_txn *view = px_store_read(o->store);
    px_keybuf key = position_key();
    px_bytes value;

    o->position = (px_position){ 0 };
    o->position_saved = true;
    o->position_carried = false;
    if (view != NULL && px_get(view, PX_LOCAL, px_key_bytes(&key), &value) &&
        value.size > RECORD_HEAD) {
        const uint8_t *at = value.data;

        o->position.known = true;
        o->position.row.number = px_get_be64(at);
        o->position.row.n = (uint32_t)px_get_be64(at + 8);
        o->position.feed_seq = px_get_be64(at + 16);
        o->position.floor.number = px_get_be64(at + 24);
        o->position.floor.n = (uint32_t)px_get_be64(at + 32);
        snprintf(o->position.msg_id, sizeof o->position.msg_id, "%s",
                 (const char *)at + RECORD_HEAD);
    }
    px_txn_abort(view);
}

void px_position_put(const px_outbound *o, px_txn *txn)
{
    uint8_t value[RECORD_HEAD + PX_MSG_ID_MAX] = { 0 };
    px_keybuf key = position_key();

    px_put_be64(value, o->position.row.number);
    px_put_be64(value + 8, o->position.row.n);
    px_put_be64(value + 16, o->position.feed_seq);
    px_put_be64(value + 24, o->position.floor.number);
    px_put_be64(value + 32, o->position.floor.n);
    snprintf((char *)value + RECORD_HEAD, PX_MSG_ID_MAX, "%s", o->position.msg_id);
    px_put(txn, PX_LOCAL, px_key_bytes(&key),
           (px_bytes){ value, RECORD_HEAD + strlen(o->position.msg_id) + 1 });
}

px_status px_position_save(px_outbound *o)
{
    px_status status;

    do {
        px_txn *txn = px_store_begin(o->store);

        px_position_put(o, txn);
        status = px_txn_commit(txn);
    } while (status == PX_EFULL && (status = px_store_grow(o->store)) == PX_OK);
    if (status == PX_OK)
        o->position_saved = o->position.known = true;
    return status;
}

px_status px_position_save_unproved(px_outbound *o)
{
    snprintf(o->position.msg_id, sizeof o->position.msg_id, "%s", unproved);
    return px_position_save(o);
}

/* ---- messages of the feed ---- */

/* <service>.<number>.<tag>.<n>: the place of a row and the tag of its batch. Ids of another shape
 * (another service, an old answer sent again) are not rows. */
static bool parse_id(const px_outbound *o, const char *id, px_row_at *at, uint64_t *tag)
{
    size_t size = strlen(o->service->name);
    char *end;

    if (id == NULL || strncmp(id, o->service->name, size) != 0 || id[size] != '.')
        return false;
    at->number = strtoull(id + size + 1, &end, 10);
    if (*end != '.')
        return false;
    *tag = strtoull(end + 1, &end, 16);
    if (*end != '.')
        return false;
    at->n = (uint32_t)strtoul(end + 1, &end, 10);
    return *end == 0 && at->number > 0 && at->n > 0;
}

/* Nothing is ever taken from the log's front, so what the server cannot find there it hides or has
 * lost; the message at our cursor, which is the one we folded, rests on it. */
static px_status is_before_first(px_outbound *o, uint64_t seq, bool *before)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(o->bus, px_log_stream, &info);

    *before = status == PX_OK && seq < info.first_seq;
    return status;
}

px_status px_log_has(px_outbound *o, uint64_t seq, uint64_t tag, bool *there)
{
    uint8_t digest[PX_DIGEST_SIZE];
    px_bus_msg *batch;
    px_status status;

    *there = false;
    if (seq == 0)
        return PX_OK;
    status = px_bus_get(o->bus, px_log_stream, seq, &batch);
    if (status == PX_ENOTFOUND)
        return is_before_first(o, seq, there);
    if (status != PX_OK)
        return status;
    px_chain_digest(batch->data, digest);
    *there = px_chain_tag(digest, batch->time_ns) == tag;
    px_bus_msg_free(batch);
    return PX_OK;
}

/* Is the batch that a row belongs to in this log? */
static px_status in_log(px_outbound *o, const px_bus_msg *msg, uint64_t tag, bool *there)
{
    const char *header = px_bus_msg_header(msg, "ce-sequence");

    return px_log_has(o, header != NULL ? strtoull(header, NULL, 10) : 0, tag, there);
}

/* Its last feed message, event (praxis.v1.<tenant>.event.<service>.<type>) or result; 0: none. */
static px_status last_of_service(px_outbound *o, uint64_t *seq)
{
    char filter[128];
    px_bus_msg *msg;
    px_status status;

    snprintf(filter, sizeof filter, "praxis.v1.*.*.%s.>", o->service->name);
    status = px_bus_get_last(o->bus, px_feed_stream, filter, &msg);
    *seq = 0;
    if (status == PX_ENOTFOUND)
        return PX_OK;
    if (status != PX_OK)
        return status;
    *seq = msg->seq;
    px_bus_msg_free(msg);
    return PX_OK;
}

/* praxis.v1.<tenant>.<...> */
static void tenant_of(const char *subject, char tenant[PX_TENANT_SIZE])
{
    const char *from = subject + strlen("praxis.v1.");

    snprintf(tenant, PX_TENANT_SIZE, "%.*s", (int)strcspn(from, "."), from);
}

px_status px_feed_back(px_outbound *o, px_feed_walk *walk)
{
    px_status status = PX_OK;
    uint64_t seq = walk->seq - 1;

    if (walk->seq == 0)
        status = last_of_service(o, &seq);
    if (walk->seq == 0 && walk->after > 0 && seq > walk->after + BEYOND_MAX)
        walk->after = seq - BEYOND_MAX;
    for (; status == PX_OK && seq > walk->after; seq--) {
        px_bus_msg *msg;
        const char *id;
        uint64_t tag;
        bool row;

        status = px_bus_get(o->bus, px_feed_stream, seq, &msg);
        if (status != PX_OK)
            break; /* PX_ENOTFOUND: the feed keeps no more */
        id = px_bus_msg_header(msg, "Nats-Msg-Id");
        row = parse_id(o, id, &walk->at, &tag);
        if (row) {
            walk->seq = seq;
            snprintf(walk->msg_id, sizeof walk->msg_id, "%s", id);
            tenant_of(msg->subject, walk->tenant);
            walk->time_ns = msg->time_ns;
            status = in_log(o, msg, tag, &walk->valid);
        }
        px_bus_msg_free(msg);
        if (row)
            return status;
    }
    return status == PX_OK ? PX_ENOTFOUND : status;
}

/* ---- at attach ---- */

/* The very message, of a batch that is in this log: the log may have gone back behind our cursor's
 * back. */
static px_status is_position(px_outbound *o, const px_bus_msg *msg, bool *is)
{
    const char *id = px_bus_msg_header(msg, "Nats-Msg-Id");
    px_row_at at;
    uint64_t tag;

    *is = id != NULL && strcmp(id, o->position.msg_id) == 0 && parse_id(o, id, &at, &tag);
    return *is ? in_log(o, msg, tag, is) : PX_OK;
}

/* What fell off the feed's front by age was there; what was cut off its end was not. */
static px_status still_holds(px_outbound *o, bool *holds)
{
    px_stream_info info;
    px_bus_msg *msg;
    px_status status;

    *holds = false;
    if (!o->position.known || strcmp(o->position.msg_id, unproved) == 0)
        return PX_OK;
    *holds = o->position.feed_seq == 0; /* nothing yet */
    if (*holds)
        return PX_OK;
    status = px_bus_get(o->bus, px_feed_stream, o->position.feed_seq, &msg);
    if (status == PX_OK) {
        status = is_position(o, msg, holds);
        px_bus_msg_free(msg);
        return status;
    }
    if (status != PX_ENOTFOUND)
        return status;
    status = px_bus_stream_info(o->bus, px_feed_stream, &info);
    *holds = status == PX_OK && info.first_seq > o->position.feed_seq &&
             info.last_seq >= o->position.feed_seq;
    return status;
}

/* The newest message of ours whose batch is in this log, none when the one that proves our position
 * is the newest. Rows are sent in order, so the feed has all before it. A row from before our
 * position that stands behind it was stored once more, when the server had forgotten its id. */
static px_status newest_valid(px_outbound *o, px_feed_walk *walk)
{
    const px_feed_walk none = { .after = o->proved ? o->position.feed_seq : 0 };
    px_status status;

    *walk = none;
    while ((status = px_feed_back(o, walk)) == PX_OK)
        if (walk->valid && (!o->proved || px_row_after(walk->at, o->position.row)))
            return PX_OK;
    *walk = none;
    return status == PX_ENOTFOUND ? PX_OK : status;
}

px_status px_position_find(px_outbound *o)
{
    px_feed_walk walk;
    px_status status = newest_valid(o, &walk);

    if (status != PX_OK || (o->proved && walk.seq == 0))
        return status;
    if (o->position.known && px_row_after(o->position.floor, walk.at))
        return PX_ECORRUPT; /* rows the feed lacks were dropped: only the log still has them */
    if (!o->position.known)
        o->position.floor = walk.at;
    o->position.row = walk.at;
    o->position.feed_seq = walk.seq;
    memcpy(o->position.msg_id, walk.msg_id, sizeof walk.msg_id);
    return px_position_save(o);
}

/* Beyond a proved position the feed may have rows that another copy has sent, or whose
 * acknowledgement we did not hear, longer ago than the server knows ids. */
px_status px_position_attach(px_outbound *o)
{
    px_status status;

    px_position_load(o);
    status = still_holds(o, &o->proved);
    o->must_find = !o->proved;
    return status == PX_OK ? px_position_find(o) : status;
}
