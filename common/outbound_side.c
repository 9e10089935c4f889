/* outbound_side.c: effects outside the log: keys to destroy, and report values to write. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/diag.h"
#include "common/metrics.h"
#include "common/outbound_impl.h"
#include "common/report.h"
#include "common/tables.h"

enum { REPORTS_PER_TURN = 32, KEY_TEXT_MAX = 400 };

/* ---- keys to destroy ---- */

/* One row per person: a later generation includes the ones before. */
void px_effect_put(px_txn *txn, const char *tenant, const char *person_id, uint32_t generation)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_EFFECT);
    uint8_t value[8];

    px_key_text(&key, tenant);
    px_key_text(&key, person_id);
    px_put_be64(value, generation);
    px_put(txn, PX_LOCAL, px_key_bytes(&key), (px_bytes){ value, sizeof value });
}

static bool first_row(px_outbound *o, uint8_t table, px_keybuf *key, uint8_t value[8])
{
    px_txn *view = px_store_read(o->store);
    px_bytes stored, bytes;
    px_scan scan;
    bool found;

    if (view == NULL)
        return false;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    found = px_scan_next(&scan, &stored, &bytes);
    if (found) {
        key->size = 0;
        px_key_raw(key, stored);
        if (bytes.size == 8)
            memcpy(value, bytes.data, 8);
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return found;
}

px_status px_outbound_delete(px_outbound *o, px_bytes key)
{
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    px_del(txn, PX_LOCAL, key);
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status; /* then done again */
}

px_status px_effects_turn(px_outbound *o, bool *busy)
{
    px_keybuf key;
    px_keyread read;
    uint8_t value[8] = { 0 };
    const char *tenant, *person;
    px_status status;

    if (o->vault == NULL || !first_row(o, PX_TABLE_LOCAL_EFFECT, &key, value))
        return PX_OK;
    read = px_keyread_begin(px_key_bytes(&key));
    tenant = px_keyread_text(&read);
    person = px_keyread_text(&read);
    status = px_vault_destroy(o->vault, tenant, person, (uint32_t)px_get_be64(value));
    if (status != PX_OK) {
        px_metric_add(PX_METRIC_KEY_ERRORS, 1);
        return PX_OK; /* tried again at the next turn, and after every attach */
    }
    *busy = true;
    return px_outbound_delete(o, px_key_bytes(&key));
}

/* ---- report values ---- */

void px_report_touch(px_txn *state, const char *tenant, const char *report_key)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_TOUCHED);

    px_key_text(&key, tenant);
    px_key_text(&key, report_key);
    px_put(state, PX_LOCAL, px_key_bytes(&key), (px_bytes){ "", 0 });
}

/* What stands in the bucket: the log message it is as of, and its revision there. */
typedef struct {
    uint64_t as_of;
    uint64_t tag;
    uint64_t revision;
} stored_value;

static px_status read_stored(px_outbound *o, const char *subject, stored_value *stored)
{
    px_bus_msg *msg;
    px_status status = px_bus_get_last(o->bus, px_reports_stream, subject, &msg);
    const char *as_of, *tag;

    *stored = (stored_value){ 0 };
    if (status == PX_ENOTFOUND)
        return PX_OK;
    if (status != PX_OK)
        return status;
    as_of = px_bus_msg_header(msg, px_as_of_header);
    tag = px_bus_msg_header(msg, px_as_of_tag_header);
    stored->as_of = as_of != NULL ? strtoull(as_of, NULL, 10) : 0;
    stored->tag = tag != NULL ? strtoull(tag, NULL, 16) : 0;
    stored->revision = msg->seq;
    px_bus_msg_free(msg);
    return PX_OK;
}

/* A value of a copy of this daemon that has read further stays, unless what it read was lost since.
 */
static px_status is_newer(px_outbound *o, const stored_value *stored, px_cursor cursor, bool *newer)
{
    *newer = stored->as_of > cursor.seq;
    return *newer ? px_log_has(o, stored->as_of, stored->tag, newer) : PX_OK;
}

static px_status write_value(px_outbound *o, const char *subject, px_bytes value, px_cursor cursor)
{
    char as_of[24], tag[24];
    const px_header headers[] = { { px_as_of_header, as_of },
                                  { px_as_of_tag_header, tag },
                                  { "Content-Type", "application/protobuf" } };
    stored_value stored;
    bool newer = false;
    px_bus_ack ack;
    px_status status = read_stored(o, subject, &stored);

    if (status == PX_OK)
        status = is_newer(o, &stored, cursor, &newer);
    if (status != PX_OK || newer)
        return status;
    snprintf(as_of, sizeof as_of, "%" PRIu64, cursor.seq);
    snprintf(tag, sizeof tag, "%016" PRIx64, cursor.tag);
    status = px_bus_publish_wait(o->bus,
                                 &(px_bus_out){ .subject = subject,
                                                .data = value,
                                                .headers = headers,
                                                .header_count = PX_COUNT(headers),
                                                .expect_subject_seq = true,
                                                .last_subject_seq = stored.revision },
                                 &ack);
    if (status == PX_OK)
        status = ack.status;
    if (status == PX_OK)
        px_metric_add(PX_METRIC_REPORTS_PUT, 1);
    return status;
}

static px_status put_report(px_outbound *o, px_keybuf *key)
{
    px_keyread read = px_keyread_begin(px_key_bytes(key));
    const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
    px_txn *view = px_store_read(o->store);
    const ProtobufCMessage *message;
    const char *subject;
    px_bytes value = { NULL, 0 };
    px_cursor cursor;
    px_status status;

    if (view == NULL)
        return PX_EEMPTY;
    px_arena_reset(&o->scratch);
    cursor = px_chain_cursor(view);
    message = o->service->report(view, tenant, report, &o->scratch);
    if (message != NULL)
        value = px_codec_pack(message, &o->scratch);
    status = px_txn_status(view);
    px_txn_abort(view);
    if (status != PX_OK || message == NULL)
        return status;
    subject = px_arena_printf(&o->scratch, "%s%s.%s", px_reports_subject, tenant, report);
    PX_ASSERT(value.data != NULL && subject != NULL);
    return write_value(o, subject, value, cursor);
}

/* Keys are deleted together after their values are written: until then they stay touched. */
static px_status forget_touched(px_outbound *o, const px_keybuf *keys, size_t count)
{
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    for (size_t i = 0; i < count; i++)
        px_del(txn, PX_LOCAL, px_key_bytes(&keys[i]));
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

static size_t touched(px_outbound *o, px_keybuf *keys, size_t max)
{
    const uint8_t table = PX_TABLE_LOCAL_TOUCHED;
    px_txn *view = px_store_read(o->store);
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    if (view == NULL)
        return 0;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    while (n < max && px_scan_next(&scan, &key, &value)) {
        keys[n].size = 0;
        px_key_raw(&keys[n++], key);
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return n;
}

px_status px_reports_turn(px_outbound *o, bool *busy)
{
    px_keybuf keys[REPORTS_PER_TURN];
    size_t count = touched(o, keys, REPORTS_PER_TURN), done = 0;

    while (done < count && put_report(o, &keys[done]) == PX_OK)
        done++;
    if (done == 0)
        return PX_OK; /* the bus is away or somebody else was quicker: tried again at the next turn
                       */
    *busy = true;
    return forget_touched(o, keys, done);
}
