/* outbound_reports.c: report values: written when they are touched; what was written in the last
 * ten minutes is looked for after every attach, for a power cut takes it from the server and
 * nothing else would write it again.
 */
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

enum { REPORTS_PER_TURN = 32 };

/* ---- writing ---- */

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

static const char *subject_of(px_outbound *o, px_bytes key)
{
    px_keyread read = px_keyread_begin(key);
    const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
    const char *subject =
        px_arena_printf(&o->scratch, "%s%s.%s", px_reports_subject, tenant, report);

    PX_ASSERT(subject != NULL);
    return subject;
}

/* @param as_of  gets the log sequence; 0 when there is no such value */
static px_status put_report(px_outbound *o, const px_keybuf *key, uint64_t *as_of)
{
    px_keyread read = px_keyread_begin(px_key_bytes(key));
    const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
    px_txn *view = px_store_read(o->store);
    const ProtobufCMessage *message;
    px_bytes value = { NULL, 0 };
    px_cursor cursor;
    px_status status;

    if (view == NULL)
        return PX_EEMPTY;
    *as_of = 0;
    px_arena_reset(&o->scratch);
    cursor = px_chain_cursor(view);
    message = o->service->report(view, tenant, report, &o->scratch);
    if (message != NULL)
        value = px_codec_pack(message, &o->scratch);
    status = px_txn_status(view);
    px_txn_abort(view);
    if (status != PX_OK || message == NULL)
        return status;
    PX_ASSERT(value.data != NULL);
    *as_of = cursor.seq;
    return write_value(o, subject_of(o, px_key_bytes(key)), value, cursor);
}

static px_keybuf put_key(const px_keybuf *touched)
{
    px_keybuf key = *touched;

    key.bytes[0] = PX_TABLE_LOCAL_PUT;
    return key;
}

/* Together, after their values are written: until then they stay touched. */
static px_status note_put(px_outbound *o, const px_keybuf *keys, const uint64_t *as_of,
                          size_t count)
{
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    for (size_t i = 0; i < count; i++) {
        px_keybuf put = put_key(&keys[i]);
        uint8_t record[8];

        px_put_be64(record, as_of[i]);
        px_del(txn, PX_LOCAL, px_key_bytes(&keys[i]));
        if (as_of[i] > 0)
            px_put(txn, PX_LOCAL, px_key_bytes(&put), (px_bytes){ record, sizeof record });
    }
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

/* Not said of what passes by itself: a lost connection, or a copy that was quicker. */
static void say_refused(px_outbound *o, px_status status)
{
    bool refused = status == PX_EEXHAUSTED || status == PX_EREFUSED || status == PX_ETOOBIG;

    if (refused && !o->reports_refused)
        px_error("the server refuses a value of a report: it is tried again, and others wait",
                 PX_TEXT("reason", px_bus_last_error(o->bus)));
    o->reports_refused = refused || (o->reports_refused && status != PX_OK);
}

static px_status write_touched(px_outbound *o, bool *busy)
{
    px_keybuf keys[REPORTS_PER_TURN];
    uint64_t as_of[REPORTS_PER_TURN];
    size_t count = touched(o, keys, REPORTS_PER_TURN), done = 0;
    px_status status = PX_OK;

    while (done < count && (status = put_report(o, &keys[done], &as_of[done])) == PX_OK)
        done++;
    if (count > 0)
        say_refused(o, status);
    if (done == 0)
        return PX_OK; /* the bus is away or somebody else was quicker: tried again at the next turn
                       */
    *busy = true;
    return note_put(o, keys, as_of, done);
}

/* ---- proving, after an attach ---- */

/* Is what was put, or something newer, still in the bucket? */
static px_status is_lost(px_outbound *o, px_bytes key, px_bytes record, bool *lost)
{
    stored_value stored;
    px_status status;

    px_arena_reset(&o->scratch);
    status = read_stored(o, subject_of(o, key), &stored);
    *lost = status == PX_OK && record.size == 8 && stored.as_of < px_get_be64(record.data);
    return status;
}

/* The next few of what was put; those that the server has lost. */
static px_status find_lost(px_outbound *o, px_keybuf *lost, size_t *lost_count, bool *more)
{
    const uint8_t table = PX_TABLE_LOCAL_PUT;
    px_txn *view = px_store_read(o->store);
    px_bytes key, record;
    unsigned left = REPORTS_PER_TURN;
    px_status status = PX_OK;
    px_scan scan;

    *lost_count = 0;
    if (view == NULL)
        return PX_EEMPTY;
    px_scan_begin_at(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 },
                     px_key_bytes(&o->prove_reports_from));
    while ((*more = px_scan_next(&scan, &key, &record)) && status == PX_OK && left-- > 0) {
        px_keybuf *found = &lost[*lost_count];
        bool gone;

        status = is_lost(o, key, record, &gone);
        found->size = o->prove_reports_from.size = 0;
        px_key_raw(&o->prove_reports_from, key);
        px_key_u8(&o->prove_reports_from, 0); /* just after it */
        px_key_raw(found, key);
        found->bytes[0] = PX_TABLE_LOCAL_TOUCHED;
        *lost_count += gone;
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return status;
}

static px_status prove_reports(px_outbound *o, bool *busy)
{
    px_keybuf lost[REPORTS_PER_TURN];
    size_t count;
    px_txn *txn;
    bool more;
    px_status status = find_lost(o, lost, &count, &more);

    if (status != PX_OK)
        return PX_EDISCONNECTED; /* the attach begins again, and this with it */
    *busy |= more;
    o->reports_proved = !more;
    if (count == 0)
        return PX_OK;
    px_warning("the server has lost values of reports: they are written again",
               PX_NUMBER("values", count));
    txn = px_store_begin(o->store);
    for (size_t i = 0; i < count; i++)
        px_put(txn, PX_LOCAL, px_key_bytes(&lost[i]), (px_bytes){ "", 0 });
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

void px_reports_attach(px_outbound *o)
{
    o->prove_reports_from = px_key_begin(PX_TABLE_LOCAL_PUT);
    o->reports_proved = false;
    o->put_old_seq = o->put_new_seq = 0;
}

/* ---- forgetting ---- */

px_status px_reports_forget(px_outbound *o)
{
    const uint8_t table = PX_TABLE_LOCAL_PUT;
    px_txn *txn = px_store_begin(o->store);
    px_bytes key, record;
    px_status status;
    px_scan scan;

    px_scan_begin(&scan, txn, PX_LOCAL, (px_bytes){ &table, 1 });
    while (px_scan_next(&scan, &key, &record))
        if (record.size == 8 && px_get_be64(record.data) <= o->put_old_seq)
            px_scan_del(&scan);
    px_scan_end(&scan);
    o->put_old_seq = o->put_new_seq;
    o->put_new_seq = px_chain_cursor(txn).seq;
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

px_status px_reports_turn(px_outbound *o, bool *busy)
{
    return o->reports_proved ? write_touched(o, busy) : prove_reports(o, busy);
}
