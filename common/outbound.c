/* outbound.c: sends rows to the feed in bursts, and remembers what was acknowledged.
 *
 * A row is stored only after the one before it, whatever is lost on the way (a stream that changes
 * its leader loses one message and takes the next): rows of a burst name the row before as the
 * stream's last message, and the first of a burst is sent when nothing is in flight. When somebody
 * else's message came between, the server refuses the rest of the burst, and it is sent again.
 */
#include "common/outbound.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "common/diag.h"
#include "common/fold.h"
#include "common/metrics.h"
#include "common/outbound_impl.h"
#include "common/tables.h"
#include "praxis/common/v1/result.pb-c.h"

const char px_reports_stream[] = "KV_PRAXIS_REPORTS";
const char px_reports_subject[] = "$KV.PRAXIS_REPORTS.";
const char px_as_of_header[] = "Praxis-As-Of";
const char px_as_of_tag_header[] = "Praxis-As-Of-Tag";
const char px_again_prefix[] = "again.";

enum {
    SCRATCH_BYTES = 8 * 1024 * 1024,
    ACK_WAIT_MS = 2000,
    REFUSED_PAUSE_MS = 1000,
    KEEP_MS = 10 * 60 * 1000, /* how long acknowledged rows stay */
    DROP_ROWS_MAX = 1000,
    SAVE_AFTER_MS = 100,
    SILENCE_MAX_MS = 10000 /* a feed that answers nothing: look at the server again */
};

px_status px_outbound_create(px_outbound **outbound, const px_service *service, px_bus *bus,
                             px_store *store, px_vault *vault)
{
    px_outbound *o = calloc(1, sizeof *o);

    if (o == NULL || !px_arena_init(&o->scratch, SCRATCH_BYTES)) {
        free(o);
        return PX_ENOMEM;
    }
    o->service = service;
    o->bus = bus;
    o->store = store;
    o->vault = vault;
    o->first_token = o->next_token = 1;
    o->burst_max = PX_WINDOW;
    px_position_load(o);
    *outbound = o;
    return PX_OK;
}

void px_outbound_destroy(px_outbound *o)
{
    if (o == NULL)
        return;
    px_arena_fini(&o->scratch);
    free(o);
}

void px_outbound_skip_dropped(px_outbound *o, const px_outbound *live)
{
    o->position.floor = live->position.floor;
}

px_status px_outbound_keep_no_rows(px_outbound *o)
{
    o->position.floor = (px_row_at){ UINT64_MAX, UINT32_MAX };
    return px_position_save_unproved(o);
}

/* ---- attach ---- */

px_status px_outbound_attach(px_outbound *o, uint64_t epoch)
{
    px_status status = px_position_attach(o);

    if (status == PX_OK)
        status = px_replaced_attach(o);
    px_reports_attach(o);
    o->epoch = epoch;
    o->first_token = o->next_token;
    o->sent_through = o->position.row;
    o->more = true;
    o->broken = false;
    o->old_mark = o->new_mark = (px_row_at){ 0, 0 };
    return status;
}

/* ---- acknowledgements ---- */

void px_outbound_acked(px_outbound *o, const px_bus_ack *ack)
{
    px_sent *sent;

    if (px_reports_acked(o, ack))
        return;
    if (ack->token < o->first_token || ack->token >= o->next_token)
        return; /* of an earlier attach */
    sent = &o->window[ack->token % PX_WINDOW];
    if (ack->status == PX_OK) {
        sent->acked = true;
        sent->feed_seq = ack->seq;
        o->exhausted = false;
    } else if (ack->status == PX_ESEQUENCE) {
        o->broken = true;
    } else if (o->pause_until_ms == 0) {
        if (!o->exhausted)
            px_error("the feed refused a message", PX_TEXT("reason", px_bus_last_error(o->bus)));
        o->exhausted = ack->status == PX_EEXHAUSTED;
        o->pause_until_ms = -1; /* set by the next turn, which knows the time */
    }
}

/* Rows count as sent in order only: the position may not jump over one that is not stored. */
static bool advance(px_outbound *o, int64_t clock_ms)
{
    bool moved = false;

    while (o->first_token < o->next_token && o->window[o->first_token % PX_WINDOW].acked) {
        const px_sent *sent = &o->window[o->first_token++ % PX_WINDOW];

        o->position.row = sent->at;
        o->position.feed_seq = sent->feed_seq;
        memcpy(o->position.msg_id, sent->msg_id, sizeof sent->msg_id);
        px_metric_add(PX_METRIC_FEED_SENT, 1);
        moved = true;
    }
    if (moved && o->position_saved)
        o->moved_ms = clock_ms;
    o->position_saved &= !moved;
    return moved;
}

bool px_outbound_exhausted(const px_outbound *o)
{
    return o->exhausted;
}

bool px_outbound_idle(const px_outbound *o)
{
    return !o->must_find && o->first_token == o->next_token;
}

bool px_outbound_waits(const px_outbound *o)
{
    return o->more || o->must_find || o->reports.count == PX_VALUES_MAX;
}

/* ---- sending ---- */

/* The id of the row before, unless nothing is in flight: that one is known to be stored. */
static const char *id_before(const px_outbound *o)
{
    return o->next_token > o->first_token ? o->window[(o->next_token - 1) % PX_WINDOW].msg_id
                                          : NULL;
}

static px_status send_row(px_outbound *o, px_row_at at, const px_row *row)
{
    const px_bus_out out = {
        .subject = row->subject,
        .data = row->body,
        .headers = row->headers,
        .header_count = row->header_count,
        .msg_id = row->msg_id,
        .last_msg_id = id_before(o),
    };
    px_status status = px_bus_publish(o->bus, o->epoch, &out, o->next_token);
    px_sent *sent = &o->window[o->next_token % PX_WINDOW];

    if (status != PX_OK)
        return status;
    *sent = (px_sent){ .at = at };
    snprintf(sent->msg_id, sizeof sent->msg_id, "%s", row->msg_id);
    o->next_token++;
    o->sent_through = at;
    return PX_OK;
}

static px_status send_rows(px_outbound *o, bool *busy)
{
    const uint8_t table = PX_TABLE_LOCAL_ROW;
    px_row_at from = { o->sent_through.number, o->sent_through.n + 1 };
    px_keybuf start = px_row_key(from);
    px_txn *view;
    px_bytes key, value;
    px_status status = PX_OK;
    px_scan scan;

    if (!o->more || o->next_token != o->first_token)
        return PX_OK;
    view = px_store_read(o->store);
    if (view == NULL)
        return PX_OK;
    px_scan_begin_at(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 }, px_key_bytes(&start));
    while (status == PX_OK && o->next_token - o->first_token < o->burst_max &&
           (o->more = px_scan_next(&scan, &key, &value))) {
        px_row row = { 0 };

        px_row_parse(value, &row);
        status = send_row(o, px_row_at_of_key(key), &row);
        *busy = true;
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return status == PX_EDISCONNECTED ? PX_OK : status;
}

/* No answer, or a refusal: everything after the position is sent again; ids are the same. */
static void send_again(px_outbound *o, int64_t clock_ms)
{
    o->sent_through = o->position.row;
    o->more = true;
    o->first_token = o->next_token;
    o->progress_ms = clock_ms;
}

/* ---- dropping what was acknowledged ten minutes ago ---- */

/* A slice of them, so that no turn takes long; the floor says how far. */
static px_row_at drop_rows(px_txn *txn, px_row_at through)
{
    const uint8_t table = PX_TABLE_LOCAL_ROW;
    px_row_at dropped = { 0, 0 };
    px_bytes key, value;
    px_scan scan;
    unsigned left = DROP_ROWS_MAX;

    px_scan_begin(&scan, txn, PX_LOCAL, (px_bytes){ &table, 1 });
    while (left > 0 && px_scan_next(&scan, &key, &value)) {
        px_row_at at = px_row_at_of_key(key);

        if (px_row_after(at, through))
            break;
        dropped = at;
        px_scan_del(&scan);
        left--;
    }
    px_scan_end(&scan);
    return left > 0 ? through : dropped;
}

static px_status forget_old_rows(px_outbound *o, int64_t clock_ms)
{
    px_row_at floor = o->position.floor;
    px_status status;
    px_txn *txn;

    if (clock_ms - o->mark_ms >= KEEP_MS) {
        o->old_mark = o->new_mark;
        o->new_mark = o->position.row;
        o->mark_ms = clock_ms;
    }
    if (!px_row_after(o->old_mark, floor))
        return PX_OK;
    txn = px_store_begin(o->store);
    o->position.floor = drop_rows(txn, o->old_mark);
    px_position_put(o, txn);
    status = px_txn_commit(txn);
    if (status != PX_OK)
        o->position.floor = floor;
    return status == PX_EFULL ? px_store_grow(o->store) : status; /* then done again */
}

static px_status forget_old_values(px_outbound *o, int64_t clock_ms)
{
    if (o->service->report == NULL || clock_ms - o->put_mark_ms < KEEP_MS)
        return PX_OK;
    o->put_mark_ms = clock_ms;
    return px_reports_forget(o);
}

/* As long as rows are kept, so is whom a replaced history was told to. */
static px_status forget_the_told(px_outbound *o, int64_t clock_ms)
{
    px_status status = PX_OK;

    if (!o->told || o->forget_said_ms < 0)
        return PX_OK;
    if (o->forget_said_ms == 0)
        o->forget_said_ms = clock_ms + KEEP_MS;
    if (clock_ms < o->forget_said_ms)
        return PX_OK;
    status = px_replaced_forget(o);
    if (status == PX_OK)
        o->forget_said_ms = -1; /* until the next attach */
    return status == PX_EFULL ? px_store_grow(o->store) : status;
}

/* ---- a turn ---- */

/* Large bursts while they go through, small ones while others write to the feed a lot. */
static void fit_bursts(px_outbound *o)
{
    if (o->broken && o->burst_max > 1)
        o->burst_max /= 2;
    else if (!o->broken && o->burst_max < PX_WINDOW)
        o->burst_max *= 2;
}

static void mind_the_window(px_outbound *o, int64_t clock_ms)
{
    const bool in_flight = o->first_token < o->next_token;

    if (advance(o, clock_ms) || o->first_token == o->next_token)
        o->progress_ms = o->heard_ms = clock_ms;
    if (in_flight && (o->broken || o->first_token == o->next_token))
        fit_bursts(o);
    if (o->broken) {
        o->heard_ms = clock_ms;
        send_again(o, clock_ms);
    }
    o->broken = false;
    if (o->pause_until_ms == -1) {
        o->pause_until_ms = clock_ms + REFUSED_PAUSE_MS;
        o->heard_ms = clock_ms;
        send_again(o, clock_ms);
    } else if (clock_ms - o->progress_ms > ACK_WAIT_MS) {
        send_again(o, clock_ms);
    }
    if (o->pause_until_ms > 0 && clock_ms >= o->pause_until_ms)
        o->pause_until_ms = 0;
    px_metric_set(PX_METRIC_FEED_WAITING, o->next_token - o->first_token);
}

/* The other copy may have sent a lot while we read the log: look once more before sending. */
static px_status find_position(px_outbound *o, bool *busy)
{
    px_status status = px_position_find(o);

    if (status != PX_OK)
        return status == PX_ECORRUPT ? PX_EDISCONNECTED : status; /* judged again at the attach */
    o->must_find = false;
    o->sent_through = o->position.row;
    o->more = true;
    *busy = true;
    return PX_OK;
}

/* Mostly it goes with the next batch of ours (px_outbound_end), without a transaction of its own.
 */
static px_status save_position(px_outbound *o, int64_t clock_ms)
{
    if (o->position_saved || clock_ms - o->moved_ms < SAVE_AFTER_MS)
        return PX_OK;
    return px_position_save(o);
}

void px_outbound_settle(px_outbound *o)
{
    (void)advance(o, 0);
    if (!o->position_saved)
        (void)px_position_save(o); /* else it is found on the feed again */
}

void px_outbound_committed(px_outbound *o)
{
    o->position_saved |= o->position_carried;
    o->position_carried = false;
}

px_status px_outbound_turn(px_outbound *o, bool caught_up, int64_t clock_ms, bool *busy)
{
    px_status status = PX_OK;

    mind_the_window(o, clock_ms);
    if (clock_ms - o->heard_ms > SILENCE_MAX_MS)
        return PX_EDISCONNECTED;
    if (caught_up && o->must_find)
        status = find_position(o, busy);
    if (status == PX_OK && !o->must_find && !o->told)
        status = px_replaced_turn(o);
    if (status == PX_OK && !o->must_find && o->pause_until_ms == 0) {
        status = send_rows(o, busy);
        o->exhausted &= !px_outbound_idle(o); /* nothing left to send */
    }
    if (status == PX_OK)
        status = save_position(o, clock_ms);
    if (status == PX_OK)
        status = px_effects_turn(o, busy);
    if (status == PX_OK && caught_up && o->service->report != NULL)
        status = px_reports_turn(o, clock_ms, busy);
    if (status == PX_OK)
        status = forget_old_rows(o, clock_ms);
    if (status == PX_OK)
        status = forget_the_told(o, clock_ms);
    return status == PX_OK ? forget_old_values(o, clock_ms) : status;
}

/* All that goes to the feed has an id. Server 2.9, started again in a cluster, takes the last
 * messages of its own log of changes once more, as many as were refused or known before, and only
 * an id keeps it from storing them twice: its copy of the feed would number all that follows
 * differently from the others' copies. */
static const char *again_id(const px_outbound *o, const px_repeat *repeat, px_arena *arena)
{
    return px_arena_printf(arena, "%s%s.%" PRIu64 ".%" PRIx64 ".%" PRIu32, px_again_prefix,
                           o->service->name, repeat->asked.seq, (uint64_t)repeat->asked.time_ns,
                           repeat->bundle_index);
}

void px_outbound_repeat(px_outbound *o, const px_repeat *repeat, px_arena *arena)
{
    Praxis__Result *result = px_outcome_message(repeat->id, &repeat->outcome, arena);
    Praxis__ResultBatch *batch =
        (Praxis__ResultBatch *)px_codec_new(&praxis__result_batch__descriptor, arena);
    const char *type = repeat->json ? "application/json" : "application/protobuf";
    const px_header headers[] = { { "Content-Type", type } };
    px_bus_out out = { .headers = headers, .header_count = 1 };

    PX_ASSERT(batch != NULL);
    batch->n_results = 1;
    batch->results = &result;
    out.subject = px_arena_printf(arena, "praxis.v1.%s.result.%s.%s", repeat->tenant,
                                  o->service->name, repeat->source);
    out.msg_id = again_id(o, repeat, arena);
    if (repeat->json) {
        const char *text = px_codec_to_json(&batch->base, false, arena);

        out.data = (px_bytes){ text, text != NULL ? strlen(text) : 0 };
    } else {
        out.data = px_codec_pack(&batch->base, arena);
    }
    if (out.subject != NULL && out.msg_id != NULL && out.data.data != NULL)
        (void)px_bus_publish(o->bus, o->epoch, &out,
                             UINT64_MAX >> 2); /* lost: the sender asks again */
    px_metric_add(PX_METRIC_SUBMISSIONS_REPEATED, 1);
}
