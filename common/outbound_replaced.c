/* outbound_replaced.c: the log went back: those who read the feed are told from where to read
 * again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/diag.h"
#include "common/outbound_impl.h"
#include "common/tables.h"
#include "praxis/common/v1/result.pb-c.h"

enum { LOOK_BACK_MAX = 4096 };

/* ---- remembered while the projection is emptied ---- */

typedef struct {
    char (*names)[PX_TENANT_SIZE];
    size_t count;
} tenants;

static bool add_tenant(tenants *list, const char *name)
{
    void *grown = realloc(list->names, (list->count + 1) * sizeof *list->names);

    if (grown == NULL)
        return false;
    list->names = grown;
    snprintf(list->names[list->count++], PX_TENANT_SIZE, "%s", name);
    return true;
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
    px_txn_abort(view);
    return status;
}

static px_keybuf replaced_key(const char *tenant)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_REPLACED);

    px_key_text(&key, tenant);
    return key;
}

static px_status write_tenants(px_store *store, const tenants *list)
{
    px_status status;

    do {
        px_txn *txn = px_store_begin(store);

        for (size_t i = 0; i < list->count; i++) {
            px_keybuf key = replaced_key(list->names[i]);

            px_put(txn, PX_LOCAL, px_key_bytes(&key), (px_bytes){ "", 0 });
        }
        status = px_txn_commit(txn);
    } while (status == PX_EFULL && (status = px_store_grow(store)) == PX_OK);
    return status;
}

px_status px_outbound_went_back(px_outbound *o, px_status (*start_over)(void *context),
                                void *context)
{
    tenants list = { 0 };
    px_status status = read_tenants(o->store, &list);

    if (status == PX_OK)
        status = start_over(context);
    if (status == PX_OK)
        status = write_tenants(o->store, &list);
    free(list.names);
    return status;
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

static px_status send_event(px_outbound *o, const char *tenant,
                            const Praxis__HistoryReplaced *event, int64_t time_ns)
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
    px_bus_ack ack;
    px_status status;

    PX_ASSERT(!px_arena_overflowed(&o->scratch));
    status = px_bus_publish_wait(o->bus, &out, &ack);
    return status == PX_OK ? ack.status : status;
}

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
    found = px_scan_next(&scan, &stored, &value);
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
        status = send_event(o, px_keyread_text(&read), &event, time_ns);
        if (status == PX_OK)
            status = px_outbound_delete(o, px_key_bytes(&key));
    }
    px_warning("history was replaced: the feed continues", PX_NUMBER("after", event.after_number),
               PX_NUMBER("feed_seq", event.feed_seq));
    return status;
}
