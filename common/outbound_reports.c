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

enum {
    REPORTS_PER_TURN = 32,
    RECORD_SIZE = 16, /* of what was put: log sequence it is as of, revision in the bucket */
    ACK_WAIT_MS = 2000,
    REFUSED_PAUSE_MS = 1000
};

/* Apart from those of rows, and of what fold.c sends. */
static const uint64_t first_value_token = UINT64_C(1) << 60;

/* ---- touching ---- */

/* The record says since when, so that a value rendered before does not settle it. */
void px_report_touch(px_txn *state, const char *tenant, const char *report_key)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_TOUCHED);
    uint8_t seq[8];

    px_key_text(&key, tenant);
    px_key_text(&key, report_key);
    px_put_be64(seq, px_txn_seq(state));
    px_put(state, PX_LOCAL, px_key_bytes(&key), (px_bytes){ seq, sizeof seq });
}

/* ---- what stands in the bucket ---- */

/* The log message it is as of, and its revision there. */
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

static px_keybuf put_key(const px_keybuf *touched)
{
    px_keybuf key = *touched;

    key.bytes[0] = PX_TABLE_LOCAL_PUT;
    return key;
}

/* What we put last on this connection; 0 when there is none. */
static uint64_t revision_put(const px_outbound *o, const px_view *view, const px_keybuf *touched)
{
    px_keybuf key = put_key(touched);
    px_bytes record;

    return px_get(view, PX_LOCAL, px_key_bytes(&key), &record) && record.size == RECORD_SIZE &&
                   px_get_be64(record.data) > o->reports.since_seq
               ? px_get_be64((const uint8_t *)record.data + 8)
               : 0;
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

/* ---- writing ---- */

/* Nobody is asked what stands there: the server compares the revision that we expect. Only when it
 * was another one, somebody else's, that is read first. */
static px_status put_value(px_outbound *o, px_sent_value *v, px_bytes bytes, px_cursor cursor)
{
    const char *subject = subject_of(o, px_key_bytes(&v->key));
    char as_of[24], tag[24];
    const px_header headers[] = { { px_as_of_header, as_of },
                                  { px_as_of_tag_header, tag },
                                  { "Content-Type", "application/protobuf" } };
    stored_value stored = { .revision = v->revision };
    bool newer = false;
    px_status status = PX_OK;

    if (o->reports.ask_first)
        status = read_stored(o, subject, &stored);
    if (status == PX_OK && o->reports.ask_first)
        status = is_newer(o, &stored, cursor, &newer);
    if (status != PX_OK)
        return status;
    v->settled = newer;
    v->surprising = stored.revision != v->revision;
    v->revision = stored.revision;
    if (newer)
        return PX_OK;
    snprintf(as_of, sizeof as_of, "%" PRIu64, cursor.seq);
    snprintf(tag, sizeof tag, "%016" PRIx64, cursor.tag);
    return px_bus_publish(o->bus, o->epoch,
                          &(px_bus_out){ .subject = subject,
                                         .data = bytes,
                                         .headers = headers,
                                         .header_count = PX_COUNT(headers),
                                         .expect_subject_seq = true,
                                         .last_subject_seq = stored.revision },
                          first_value_token + o->reports.token + (uint64_t)(v - o->reports.values));
}

static px_status send_value(px_outbound *o, const px_view *view, px_sent_value *v)
{
    px_keyread read = px_keyread_begin(px_key_bytes(&v->key));
    const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
    px_cursor cursor = px_chain_cursor(view);
    const ProtobufCMessage *message;
    px_bytes bytes;

    px_arena_reset(&o->scratch);
    v->as_of = cursor.seq;
    v->revision = revision_put(o, view, &v->key);
    message = o->service->report(view, tenant, report, &o->scratch);
    if (px_txn_status(view) != PX_OK)
        return px_txn_status(view);
    v->settled = v->left_alone = message == NULL;
    if (message == NULL)
        return PX_OK;
    bytes = px_codec_pack(message, &o->scratch);
    PX_ASSERT(bytes.data != NULL);
    return put_value(o, v, bytes, cursor);
}

static bool next_touched(px_scan *scan, px_sent_value *v)
{
    px_bytes key, value;

    *v = (px_sent_value){ 0 };
    if (!px_scan_next(scan, &key, &value))
        return false;
    px_key_raw(&v->key, key);
    return true;
}

/* Not said of what passes by itself: a lost connection, or a copy that was quicker. */
static void say_refused(px_outbound *o, px_status status)
{
    bool refused = status == PX_EEXHAUSTED || status == PX_EREFUSED || status == PX_ETOOBIG;

    if (refused && !o->reports.refused)
        px_error("the server refuses a value of a report: it is tried again, and others wait",
                 PX_TEXT("reason", px_bus_last_error(o->bus)));
    o->reports.refused = refused || (o->reports.refused && status != PX_OK);
}

static void send_touched(px_outbound *o, int64_t clock_ms, bool *busy)
{
    const uint8_t table = PX_TABLE_LOCAL_TOUCHED;
    px_txn *view = px_store_read(o->store);
    px_status status = PX_OK;
    px_scan scan;

    if (view == NULL)
        return;
    o->reports.token += PX_VALUES_MAX; /* answers to what was sent before are not taken for these */
    o->reports.sent_ms = clock_ms;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    while (status == PX_OK && o->reports.count < PX_VALUES_MAX &&
           next_touched(&scan, &o->reports.values[o->reports.count])) {
        status = send_value(o, view, &o->reports.values[o->reports.count]);
        o->reports.count += status == PX_OK;
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    if (status != PX_OK)
        say_refused(o, status);
    *busy |= o->reports.count > 0 && !o->reports.refused; /* trying again is no work */
}

bool px_reports_acked(px_outbound *o, const px_bus_ack *ack)
{
    uint64_t i = ack->token - first_value_token - o->reports.token;

    if (ack->token < first_value_token || ack->token >= 2 * first_value_token)
        return false;
    if (i >= o->reports.count)
        return true; /* of an earlier burst */
    say_refused(o, ack->status);
    if (ack->status == PX_OK) {
        o->reports.values[i].settled = true;
        o->reports.values[i].revision = ack->seq;
        px_metric_add(PX_METRIC_REPORTS_PUT, 1);
        return true;
    }
    o->reports.values[i].refused = true;
    o->reports.pause |= ack->status != PX_ESEQUENCE;
    return true;
}

/* What was touched again since it was rendered stays touched. */
static void note_put(px_txn *txn, const px_sent_value *v)
{
    px_keybuf put = put_key(&v->key);
    uint8_t record[RECORD_SIZE];
    px_bytes since;

    if (px_get(txn, PX_LOCAL, px_key_bytes(&v->key), &since) &&
        (since.size != 8 || px_get_be64(since.data) <= v->as_of))
        px_del(txn, PX_LOCAL, px_key_bytes(&v->key));
    px_put_be64(record, v->as_of);
    px_put_be64(record + 8, v->revision);
    if (!v->left_alone)
        px_put(txn, PX_LOCAL, px_key_bytes(&put), (px_bytes){ record, sizeof record });
}

/* Together, once each has its answer: until then they stay touched. */
static px_status settle(px_outbound *o)
{
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    o->reports.ask_first = false;
    for (size_t i = 0; i < o->reports.count; i++) {
        if (o->reports.values[i].settled)
            note_put(txn, &o->reports.values[i]);
        o->reports.ask_first |= !o->reports.values[i].settled || o->reports.values[i].surprising;
    }
    o->reports.count = 0;
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

static bool all_answered(const px_outbound *o)
{
    for (size_t i = 0; i < o->reports.count; i++)
        if (!o->reports.values[i].settled && !o->reports.values[i].refused)
            return false;
    return true;
}

static px_status write_touched(px_outbound *o, int64_t clock_ms, bool *busy)
{
    px_status status = PX_OK;

    if (o->reports.count > 0) {
        if (!all_answered(o) && clock_ms - o->reports.sent_ms < ACK_WAIT_MS)
            return PX_OK;
        status = settle(o);
        if (o->reports.pause)
            o->reports.pause_until_ms = clock_ms + REFUSED_PAUSE_MS;
        o->reports.pause = false;
    }
    if (status == PX_OK && clock_ms >= o->reports.pause_until_ms)
        send_touched(o, clock_ms, busy);
    return status;
}

/* ---- proving, after an attach ---- */

/* Is what was put, or something newer, still in the bucket? */
static px_status is_lost(px_outbound *o, px_bytes key, px_bytes record, bool *lost)
{
    stored_value stored;
    px_status status;

    px_arena_reset(&o->scratch);
    status = read_stored(o, subject_of(o, key), &stored);
    *lost = status == PX_OK && record.size >= 8 && stored.as_of < px_get_be64(record.data);
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
                     px_key_bytes(&o->reports.prove_from));
    while ((*more = px_scan_next(&scan, &key, &record)) && status == PX_OK && left-- > 0) {
        px_keybuf *found = &lost[*lost_count];
        bool gone;

        status = is_lost(o, key, record, &gone);
        found->size = o->reports.prove_from.size = 0;
        px_key_raw(&o->reports.prove_from, key);
        px_key_u8(&o->reports.prove_from, 0); /* just after it */
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
    o->reports.proved = !more;
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
    px_txn *view = px_store_read(o->store);

    o->reports.prove_from = px_key_begin(PX_TABLE_LOCAL_PUT);
    o->reports.proved = false;
    o->reports.old_seq = o->reports.new_seq = 0;
    o->reports.count = 0;
    o->reports.ask_first = true;
    o->reports.since_seq = view != NULL ? px_chain_cursor(view).seq : UINT64_MAX;
    px_txn_abort(view);
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
        if (record.size >= 8 && px_get_be64(record.data) <= o->reports.old_seq)
            px_scan_del(&scan);
    px_scan_end(&scan);
    o->reports.old_seq = o->reports.new_seq;
    o->reports.new_seq = px_chain_cursor(txn).seq;
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

px_status px_reports_turn(px_outbound *o, int64_t clock_ms, bool *busy)
{
    return o->reports.proved ? write_touched(o, clock_ms, busy) : prove_reports(o, busy);
}
