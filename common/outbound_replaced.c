/* outbound_replaced.c: the log went back: those who read the feed are told from where to read
 * again.
 *
 * Who is to be told is remembered by a daemon that sees it happen. One that does not (its own
 * projection had not read what was lost) sees at the next attach, before it sends anything, that
 * the feed ends in rows of batches which the log does not have. What was said is remembered as long
 * as rows are, for a power cut may take it from the feed again.
 *
 * Record: the tenant -> nothing while it is to be told; then the feed sequence and id of the event.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/diag.h"
#include "common/fold.h"
#include "common/outbound_impl.h"
#include "common/tables.h"
#include "praxis/common/v1/result.pb-c.h"

enum { LOOK_BACK_MAX = 4096 };

/* ---- remembered while the projection is emptied ---- */

typedef struct {
    char (*names)[PX_TENANT_SIZE];
    size_t count;
} tenants;

static bool has_tenant(const tenants *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->names[i], name) == 0)
            return true;
    return false;
}

static bool add_tenant(tenants *list, const char *name)
{
    void *grown = realloc(list->names, (list->count + 1) * sizeof *list->names);

    if (grown == NULL)
        return false;
    list->names = grown;
    snprintf(list->names[list->count++], PX_TENANT_SIZE, "%s", name);
    return true;
}

/* Some may be of the history before. */
static px_status read_recorded(const px_view *view, tenants *list)
{
    const uint8_t table = PX_TABLE_LOCAL_REPLACED;
    px_bytes key, record;
    px_status status = PX_OK;
    px_scan scan;

    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    while (status == PX_OK && px_scan_next(&scan, &key, &record)) {
        px_keyread read = px_keyread_begin(key);
        const char *name = px_keyread_text(&read);

        if (!has_tenant(list, name) && !add_tenant(list, name))
            status = PX_ENOMEM;
    }
    px_scan_end(&scan);
    return status;
}

static px_status read_tenants(px_store *store, tenants *list)
{
    px_txn *view = px_store_read(store);
    char name[PX_TENANT_SIZE], from[PX_TENANT_SIZE + 1] = "";
    px_status status = PX_OK;

    if (view == NULL)
        return PX_EIO;
    while (status == PX_OK && px_chain_next_tenant(view, from, name)) {
        if (!add_tenant(list, name))
            status = PX_ENOMEM;
        snprintf(from, sizeof from, "%s\x01", name); /* just after it */
    }
    if (status == PX_OK)
        status = read_recorded(view, list);
    px_txn_abort(view);
    return status;
}

static px_keybuf replaced_key(const char *tenant)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_REPLACED);

    px_key_text(&key, tenant);
    return key;
}

/* The same record for each; an empty one says that they are to be told. */
static px_status write_tenants(px_store *store, const tenants *list, px_bytes record)
{
    px_status status = PX_OK;

    if (list->count == 0)
        return PX_OK;
    do {
        px_txn *txn = px_store_begin(store);

        for (size_t i = 0; i < list->count; i++) {
            px_keybuf key = replaced_key(list->names[i]);

            px_put(txn, PX_LOCAL, px_key_bytes(&key), record);
        }
        status = px_txn_commit(txn);
    } while (status == PX_EFULL && (status = px_store_grow(store)) == PX_OK);
    return status;
}

static const px_bytes to_be_told = { "", 0 };

px_status px_outbound_went_back(px_outbound *o, px_status (*start_over)(void *context),
                                void *context)
{
    tenants list = { 0 };
    px_status status = read_tenants(o->store, &list);

    if (status == PX_OK)
        status = start_over(context);
    if (status == PX_OK)
        status = write_tenants(o->store, &list, to_be_told);
    free(list.names);
    return status;
}

/* ---- seen at an attach ---- */

static px_status last_event_of(px_outbound *o, const char *tenant, uint64_t *seq)
{
    char subject[256];
    px_bus_msg *msg;
    px_status status;

    *seq = 0;
    snprintf(subject, sizeof subject, "praxis.v1.%s.event.%s.HistoryReplaced", tenant,
             o->service->name);
    status = px_bus_get_last(o->bus, px_feed_stream, subject, &msg);
    if (status != PX_OK)
        return status == PX_ENOTFOUND ? PX_OK : status;
    *seq = msg->seq;
    px_bus_msg_free(msg);
    return PX_OK;
}

/* Rows at the end of the feed that the log has no batch for: their tenants, but for those who have
 * been told behind them. Whoever attaches looks before it sends, so nothing of ours stands behind
 * what nobody was told of. */
static px_status find_untold(px_outbound *o, tenants *seen, tenants *untold)
{
    px_feed_walk walk = { 0 };
    px_status status = PX_OK;

    for (unsigned i = 0; i < LOOK_BACK_MAX && (status = px_feed_back(o, &walk)) == PX_OK; i++) {
        uint64_t told;

        if (walk.valid)
            return PX_OK;
        if (has_tenant(seen, walk.tenant))
            continue;
        status = last_event_of(o, walk.tenant, &told);
        if (status != PX_OK)
            return status;
        if (!add_tenant(seen, walk.tenant) || (told < walk.seq && !add_tenant(untold, walk.tenant)))
            return PX_ENOMEM;
    }
    return status == PX_ENOTFOUND ? PX_OK : status;
}

/* What was said is gone when the feed went back; what fell off its front was there. */
static px_status still_said(px_outbound *o, px_bytes record, bool *said)
{
    px_stream_info info;
    uint64_t seq = px_get_be64(record.data);
    px_bus_msg *msg;
    px_status status = px_bus_get(o->bus, px_feed_stream, seq, &msg);
    const char *id;

    *said = true;
    if (status == PX_OK) {
        id = px_bus_msg_header(msg, "Nats-Msg-Id");
        *said = id != NULL && record.size == 8 + strlen(id) &&
                memcmp((const uint8_t *)record.data + 8, id, strlen(id)) == 0;
        px_bus_msg_free(msg);
        return PX_OK;
    }
    if (status != PX_ENOTFOUND)
        return status;
    status = px_bus_stream_info(o->bus, px_feed_stream, &info);
    *said = status == PX_OK && info.first_seq > seq && info.last_seq >= seq;
    return status;
}

/* Requests inside a read transaction: it is short, and nobody writes but this thread. */
static px_status find_unsaid(px_outbound *o, tenants *unsaid)
{
    const uint8_t table = PX_TABLE_LOCAL_REPLACED;
    px_txn *view = px_store_read(o->store);
    px_bytes key, record;
    px_status status = PX_OK;
    px_scan scan;

    if (view == NULL)
        return PX_EIO;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    while (status == PX_OK && px_scan_next(&scan, &key, &record)) {
        px_keyread read = px_keyread_begin(key);
        bool said = true;

        if (record.size > 8)
            status = still_said(o, record, &said);
        if (!said && !add_tenant(unsaid, px_keyread_text(&read)))
            status = PX_ENOMEM;
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return status;
}

px_status px_replaced_attach(px_outbound *o)
{
    tenants seen = { 0 }, untold = { 0 };
    px_status status = find_unsaid(o, &untold);

    if (status == PX_OK)
        status = find_untold(o, &seen, &untold);
    if (status == PX_OK)
        status = write_tenants(o->store, &untold, to_be_told);
    o->told = false;
    o->forget_said_ms = 0;
    free(seen.names);
    free(untold.names);
    return status;
}

px_status px_replaced_forget(px_outbound *o)
{
    const uint8_t table = PX_TABLE_LOCAL_REPLACED;
    px_txn *txn = px_store_begin(o->store);
    px_bytes key, record;
    px_scan scan;

    px_scan_begin(&scan, txn, PX_LOCAL, (px_bytes){ &table, 1 });
    while (px_scan_next(&scan, &key, &record))
        if (record.size > 0)
            px_scan_del(&scan);
    px_scan_end(&scan);
    return px_txn_commit(txn);
}

/* ---- carried into another store ---- */

static void copy_replaced(const px_view *from, px_txn *to)
{
    const uint8_t table = PX_TABLE_LOCAL_REPLACED;
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, from, PX_LOCAL, (px_bytes){ &table, 1 });
    while (px_scan_next(&scan, &key, &value))
        px_put(to, PX_LOCAL, key, value);
    px_scan_end(&scan);
}

px_status px_outbound_hand_over(px_outbound *o, px_store *next)
{
    px_status status;

    do {
        px_txn *view = px_store_read(o->store);
        px_txn *txn = px_store_begin(next);

        if (view != NULL)
            copy_replaced(view, txn);
        px_position_put(o, txn);
        status = view != NULL ? px_txn_status(view) : PX_EIO;
        px_txn_abort(view);
        if (status == PX_OK)
            status = px_txn_commit(txn);
        else
            px_txn_abort(txn);
    } while (status == PX_EFULL && (status = px_store_grow(next)) == PX_OK);
    return status;
}

/* ---- said ---- */

/* From where on the feed tells this history: after the newest message that tells another one, and
 * from the last batch before that on. Another copy may have sent some of it already. */
static px_status find_break(px_outbound *o, Praxis__HistoryReplaced *event, int64_t *time_ns)
{
    px_feed_walk walk = { 0 };
    px_status status = PX_OK;
    bool broken = false;

    for (unsigned i = 0; i < LOOK_BACK_MAX && (status = px_feed_back(o, &walk)) == PX_OK; i++) {
        if (i == 0 || (!walk.valid && !broken)) {
            event->feed_seq = walk.seq + 1;
            event->after_number = walk.valid ? walk.at.number : 0;
            *time_ns = walk.time_ns;
        }
        broken |= !walk.valid;
        if (walk.valid && broken) {
            event->after_number = walk.at.number;
            return PX_OK;
        }
    }
    return status == PX_ENOTFOUND ? PX_OK : status;
}

/* Said, and remembered where: a connection that breaks between the two has it said once more. */
static px_status tell(px_outbound *o, const char *tenant, const Praxis__HistoryReplaced *event,
                      int64_t time_ns)
{
    const char *name = o->service->name;
    const char *id = px_arena_printf(&o->scratch, "%s.replaced.%" PRIu64 ".%" PRIu64 ".%s", name,
                                     event->after_number, event->feed_seq, tenant);
    const px_header headers[] = {
        { "ce-specversion", "1.0" },
        { "ce-id", id },
        { "ce-source", px_arena_printf(&o->scratch, "/praxis/%s/%s", tenant, name) },
        { "ce-type", event->base.descriptor->name },
        { "ce-subject", name },
        { "ce-time", px_codec_rfc3339(time_ns / 1000, &o->scratch) },
        { "ce-datacontenttype", "application/protobuf" },
        { "Content-Type", "application/protobuf" },
    };
    const px_bus_out out = {
        .subject =
            px_arena_printf(&o->scratch, "praxis.v1.%s.event.%s.HistoryReplaced", tenant, name),
        .data = px_codec_pack(&event->base, &o->scratch),
        .headers = headers,
        .header_count = PX_COUNT(headers),
        .msg_id = id,
    };
    tenants one = { 0 };
    uint8_t record[8 + PX_MSG_ID_MAX + PX_TENANT_SIZE];
    px_bus_ack ack;
    px_status status;

    PX_ASSERT(!px_arena_overflowed(&o->scratch) && 8 + strlen(id) <= sizeof record);
    status = px_bus_publish_wait(o->bus, &out, &ack);
    if (status == PX_OK)
        status = ack.status;
    if (status == PX_OK && !add_tenant(&one, tenant))
        status = PX_ENOMEM;
    if (status == PX_OK) {
        px_put_be64(record, ack.seq);
        memcpy(record + 8, id, strlen(id));
        status = write_tenants(o->store, &one, (px_bytes){ record, 8 + strlen(id) });
    }
    free(one.names);
    return status;
}

/* Of those still to be told. */
static bool first_tenant(px_outbound *o, px_keybuf *key)
{
    const uint8_t table = PX_TABLE_LOCAL_REPLACED;
    px_txn *view = px_store_read(o->store);
    px_bytes stored, value;
    px_scan scan;
    bool found;

    if (view == NULL)
        return false;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    do
        found = px_scan_next(&scan, &stored, &value);
    while (found && value.size > 0);
    if (found) {
        key->size = 0;
        px_key_raw(key, stored);
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return found;
}

px_status px_replaced_turn(px_outbound *o)
{
    Praxis__HistoryReplaced event = PRAXIS__HISTORY_REPLACED__INIT;
    int64_t time_ns = 0;
    px_status status = PX_OK;
    px_keybuf key;

    o->told = !first_tenant(o, &key);
    if (o->told)
        return PX_OK;
    event.service = (char *)(uintptr_t)o->service->name;
    event.feed_seq = 1;
    status = find_break(o, &event, &time_ns);
    while (status == PX_OK && first_tenant(o, &key)) {
        px_keyread read = px_keyread_begin(px_key_bytes(&key));

        px_arena_reset(&o->scratch);
        status = tell(o, px_keyread_text(&read), &event, time_ns);
    }
    px_warning("history was replaced: the feed continues", PX_NUMBER("after", event.after_number),
               PX_NUMBER("feed_seq", event.feed_seq));
    return status;
}
