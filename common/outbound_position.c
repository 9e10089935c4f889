/* outbound_position.c: how far the feed has our rows: remembered, proved, and found again on the feed. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/fold.h"
#include "common/outbound_impl.h"
#include "common/tables.h"

static px_keybuf position_key(void)
{
    return px_key_begin(PX_TABLE_LOCAL_POSITION);
}

/* Record: batch number, place, feed sequence, then the id of that feed message. */
void px_position_load(px_outbound *o)
{
    px_txn *view = px_store_read(o->store);
    px_keybuf key = position_key();
    px_bytes value;

    o->position = (px_position){0};
    o->position_saved = true;
    if (view != NULL && px_get(view, PX_LOCAL, px_key_bytes(&key), &value) && value.size > 24) {
        const uint8_t *at = value.data;

        o->position.row.number = px_get_be64(at);
        o->position.row.n = (uint32_t)px_get_be64(at + 8);
        o->position.feed_seq = px_get_be64(at + 16);
        snprintf(o->position.msg_id, sizeof o->position.msg_id, "%s", (const char *)at + 24);
    }
    px_txn_abort(view);
}

px_status px_position_save(px_outbound *o)
{
    uint8_t value[24 + PX_MSG_ID_MAX] = {0};
    px_keybuf key = position_key();
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    px_put_be64(value, o->position.row.number);
    px_put_be64(value + 8, o->position.row.n);
    px_put_be64(value + 16, o->position.feed_seq);
    snprintf((char *)value + 24, PX_MSG_ID_MAX, "%s", o->position.msg_id);
    px_put(txn, PX_LOCAL, px_key_bytes(&key),
           (px_bytes){value, 24 + strlen(o->position.msg_id) + 1});
    status = px_txn_commit(txn);
    if (status == PX_EFULL)
        status = px_store_grow(o->store) == PX_OK ? PX_OK : PX_EIO; /* saved at the next turn */
    else if (status == PX_OK)
        o->position_saved = true;
    return status;
}

/* ---- on the feed ---- */

static bool is_ours(const px_outbound *o, const char *msg_id)
{
    size_t size = strlen(o->service->name);

    return msg_id != NULL && strncmp(msg_id, o->service->name, size) == 0 && msg_id[size] == '.';
}

/* The place that an id names, <service>.<number>.<tag>.<n>; whether the row there has this id is another
 * question. */
static bool place_of_id(const px_outbound *o, const char *msg_id, px_row_at *at)
{
    const char *number = msg_id + strlen(o->service->name) + 1;
    const char *last = strrchr(msg_id, '.');

    at->number = strtoull(number, NULL, 10);
    at->n = (uint32_t)strtoul(last + 1, NULL, 10);
    return at->number > 0 && at->n > 0;
}

/* Last feed message on a subject filter; 0 when there is none. */
static px_status last_on(px_outbound *o, const char *format, uint64_t *seq)
{
    char filter[128];
    px_bus_msg *msg;
    px_status status;

    snprintf(filter, sizeof filter, format, o->service->name);
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

static px_status last_of_service(px_outbound *o, uint64_t *seq)
{
    uint64_t event, result;
    px_status status = last_on(o, "praxis.v1.*.event.%s.>", &event);

    if (status == PX_OK)
        status = last_on(o, "praxis.v1.*.result.%s.*", &result);
    if (status == PX_OK)
        *seq = event > result ? event : result;
    return status;
}

/* From the last message on our subjects back: results sent again carry no id, other daemons stand between. */
px_status px_position_newest(px_outbound *o, uint64_t before_seq, px_bus_msg **msg)
{
    uint64_t seq = before_seq - 1;
    px_status status = before_seq == 0 ? last_of_service(o, &seq) : PX_OK;

    for (; status == PX_OK && seq > 0; seq--) {
        status = px_bus_get(o->bus, px_feed_stream, seq, msg);
        if (status == PX_OK && is_ours(o, px_bus_msg_header(*msg, "Nats-Msg-Id")))
            return PX_OK;
        if (status == PX_OK)
            px_bus_msg_free(*msg);
        else if (status == PX_ENOTFOUND)
            break; /* the feed keeps no more */
    }
    return status == PX_OK ? PX_ENOTFOUND : status;
}

static bool row_has_id(px_outbound *o, px_row_at at, const char *msg_id)
{
    px_txn *view = px_store_read(o->store);
    px_keybuf key = px_row_key(at);
    px_bytes value;
    px_row row;
    bool same = false;

    if (view != NULL && px_get(view, PX_LOCAL, px_key_bytes(&key), &value)) {
        px_row_parse(value, &row);
        same = strcmp(row.msg_id, msg_id) == 0;
    }
    px_txn_abort(view);
    return same;
}

static void continue_after(px_outbound *o, px_row_at at, const px_bus_msg *msg, const char *msg_id)
{
    o->position.row = at;
    o->position.feed_seq = msg != NULL ? msg->seq : 0;
    snprintf(o->position.msg_id, sizeof o->position.msg_id, "%s", msg_id);
    o->sent_through = at;
    o->must_find = false;
    o->keep_from = 0;
    o->position_saved = false;
}

/* Consumers that read what no longer holds are told from where to read again. */
static void say_history_replaced(px_outbound *o)
{
    px_info("feed continues after the log went back", PX_NUMBER("batch", o->position.row.number),
            PX_NUMBER("feed_seq", o->position.feed_seq));
}

px_status px_position_find(px_outbound *o)
{
    uint64_t before = 0;

    for (;;) {
        px_bus_msg *msg;
        px_status status = px_position_newest(o, before, &msg);
        const char *msg_id;
        px_row_at at;
        bool found;

        if (status == PX_ENOTFOUND) { /* none of ours: everything kept is still to be sent */
            continue_after(o, (px_row_at){0, 0}, NULL, "");
            return PX_OK;
        }
        if (status != PX_OK)
            return status;
        msg_id = px_bus_msg_header(msg, "Nats-Msg-Id");
        found = place_of_id(o, msg_id, &at) && row_has_id(o, at, msg_id);
        before = msg->seq;
        if (found)
            continue_after(o, at, msg, msg_id);
        px_bus_msg_free(msg);
        if (found) {
            if (o->went_back)
                say_history_replaced(o);
            return PX_OK;
        }
    }
}
