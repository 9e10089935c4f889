/* fold.c: the one loop of all five daemons. Start reading at px_fold_turn(). */
#include "common/fold.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/agenda.h"
#include "common/apply.h"
#include "common/chain.h"
#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/service_impl.h"

const char px_log_stream[] = "PRAXIS_LOG";
const char px_feed_stream[] = "PRAXIS_FEED";

enum {
    MESSAGES_PER_COMMIT = 64,
    COMMIT_BYTES = 4 * 1024 * 1024,
    RESEND_AFTER_MS = 2000,
    REATTACH_AFTER_MS = 10000, /* a flight or an expected message that never comes */
    PURGE_EVERY_MS = 1000,
    IDLE_WAIT_MS = 250,
    GAPS_MAX = 3
};

static const uint64_t batch_token = UINT64_MAX >> 1;

int64_t px_fold_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t clock_us(const px_fold *f)
{
    struct timespec now;

    if (f->parts.clock_us != NULL)
        return f->parts.clock_us(f->parts.clock_context);
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- step 1: fold the log ---- */

static void observe_fact(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                         const px_fact *fact, bool own)
{
    px_fold *f = context;

    px_outbound_fact(f->outbound, state, entry, fact, own);
    f->facts_folded++;
}

/* The message a void batch is judged against must still be the one we folded: otherwise the log went back,
 * and it is we who are wrong. */
static px_status log_is_ours(px_fold *f, px_cursor cursor, bool *ours)
{
    uint8_t digest[PX_DIGEST_SIZE];
    px_bus_msg *msg;
    px_status status;

    *ours = true;
    if (cursor.seq == 0)
        return PX_OK;
    status = px_bus_get(f->parts.bus, px_log_stream, cursor.seq, &msg);
    if (status == PX_ENOTFOUND) {
        *ours = false;
        return PX_OK;
    }
    if (status != PX_OK)
        return status;
    px_chain_digest(msg->data, digest);
    *ours = px_chain_tag(digest, msg->time_ns) == cursor.tag;
    px_bus_msg_free(msg);
    return PX_OK;
}

static const char *service_of_subject(const px_bus_msg *msg)
{
    const char *dot = strrchr(msg->subject, '.');

    return dot != NULL ? dot + 1 : "";
}

static px_status stop_for_person(const px_bus_msg *msg)
{
    px_error("the log holds a fact this code does not know: upgrade this daemon before the others",
             PX_TEXT("service", service_of_subject(msg)), PX_NUMBER("seq", msg->seq));
    return PX_EMALFORMED;
}

/* One message into the open transaction. PX_ECORRUPT: the log went back. */
static px_status fold_message(px_fold *f, px_txn *txn, const px_bus_msg *msg)
{
    const px_observer observer = {observe_fact, f};
    const px_log_message message = {service_of_subject(msg), msg->seq, msg->time_ns, msg->data};
    px_cursor before = px_chain_cursor(txn);
    uint64_t number = px_chain_head(txn, message.service).number + 1;
    uint8_t digest[PX_DIGEST_SIZE];
    PraxisLog__Batch *batch;
    px_applied applied;
    px_status status;
    bool ours;

    px_arena_reset(&f->fold_arena);
    px_chain_digest(msg->data, digest);
    px_outbound_begin(f->outbound, txn, message.service, number, msg->seq,
                      px_chain_tag(digest, msg->time_ns), &f->fold_arena);
    applied = px_apply_message(f->parts.service, txn, &message, &f->fold_arena, &observer,
                               &batch);
    if (applied == PX_APPLY_STOP)
        return stop_for_person(msg);
    f->own_seen |= strcmp(message.service, f->parts.service->name) == 0;
    if (applied == PX_APPLY_COUNTS) {
        bool own = strcmp(message.service, f->parts.service->name) == 0;

        px_outbound_end(f->outbound, own ? batch : NULL);
        f->own_counted |= own;
        f->counted++;
        return PX_OK;
    }
    status = log_is_ours(f, before, &ours);
    if (status == PX_OK && !ours)
        return PX_ECORRUPT;
    if (status == PX_OK)
        px_warning("a batch does not count and is skipped", PX_TEXT("service", message.service),
                   PX_NUMBER("seq", msg->seq));
    px_metric_add(PX_METRIC_BATCHES_VOID, 1);
    return status;
}

static px_status fold_messages(px_fold *f, px_bus_msg *const *messages, size_t count)
{
    px_txn *txn = px_store_begin(f->store);
    px_status status = PX_OK;

    f->own_seen = f->own_counted = false;
    f->facts_folded = f->counted = 0;
    for (size_t i = 0; status == PX_OK && i < count; i++) {
        status = fold_message(f, txn, messages[i]);
        if (status == PX_OK)
            status = px_txn_status(txn);
    }
    if (status != PX_OK) {
        px_txn_abort(txn);
        return status;
    }
    return px_txn_commit(txn);
}

/* What the fold of these messages means for the daemon's own doing. */
static void after_fold(px_fold *f, const px_bus_msg *last)
{
    px_metric_add(PX_METRIC_BATCHES_FOLDED, f->counted);
    px_metric_add(PX_METRIC_FACTS_FOLDED, f->facts_folded);
    px_metric_set(PX_METRIC_LOG_CURSOR, last->seq);
    f->cursor_seq = last->seq;
    f->gaps = 0;
    if (f->own_seen)
        f->flight.size = 0; /* ours, or somebody else's: either way it is decided */
    if (f->own_counted) {
        px_round_recorded(&f->progress);
        f->inbox_moved = true;
    }
}

static px_status fold_or_grow(px_fold *f, px_bus_msg *const *messages, size_t count)
{
    px_status status = fold_messages(f, messages, count);

    while (status == PX_EFULL) {
        px_metric_add(PX_METRIC_STORE_GROWN, 1);
        status = px_store_grow(f->store);
        if (status == PX_OK)
            status = fold_messages(f, messages, count);
    }
    return status;
}

/* Sequences of the log have no holes: one that is missing is read again, and never skipped. */
static px_status next_message(px_fold *f, uint64_t wanted, px_bus_msg **msg)
{
    for (;;) {
        px_status status = px_reader_next(f->log, msg);

        if (status != PX_OK || (*msg)->seq == wanted)
            return status;
        if ((*msg)->seq > wanted) {
            px_warning("the log has a gap", PX_NUMBER("wanted", wanted), PX_NUMBER("got", (*msg)->seq));
            px_bus_msg_free(*msg);
            f->gaps++;
            return f->gaps > GAPS_MAX ? PX_EIO : PX_EDISCONNECTED;
        }
        px_bus_msg_free(*msg);
    }
}

/* With --fold-to the loop only folds, up to there. */
static bool at_goal(const px_fold *f, uint64_t seq)
{
    return f->parts.config->fold_to != 0 && seq >= f->parts.config->fold_to;
}

static px_status fold_log(px_fold *f, bool *busy)
{
    px_bus_msg *messages[MESSAGES_PER_COMMIT];
    size_t count = 0, bytes = 0;
    px_status status = PX_OK, folded = PX_OK;

    while (count < MESSAGES_PER_COMMIT && bytes < COMMIT_BYTES && !at_goal(f, f->cursor_seq + count) &&
           (status = next_message(f, f->cursor_seq + 1 + count, &messages[count])) == PX_OK)
        bytes += messages[count++]->data.size;
    if (count > 0) {
        folded = fold_or_grow(f, messages, count);
        if (folded == PX_OK)
            after_fold(f, messages[count - 1]);
        f->heard_ms = px_fold_clock_ms();
        *busy = true;
    }
    while (count > 0)
        px_bus_msg_free(messages[--count]);
    if (folded == PX_ECORRUPT) {
        folded = px_fold_went_back(f);
        return folded == PX_OK ? PX_EDISCONNECTED : folded; /* attach again, from the start */
    }
    if (folded != PX_OK)
        return folded;
    return status == PX_EEMPTY ? PX_OK : status;
}

/* ---- step 2: what waits ---- */

/* A batch of ours says how far the inbox is decided. Only having seen exactly that message on this
 * connection lets us drop what is before it; otherwise we read the inbox from its first message. */
static px_status follow_inbox(px_fold *f)
{
    px_txn *view = px_store_read(f->store);
    px_inbox_through through = {0};
    size_t drop = 0;

    if (view == NULL)
        return PX_OK;
    through = px_chain_inbox(view);
    px_txn_abort(view);
    f->inbox_moved = false;
    if (through.seq == f->through.seq && through.time_ns == f->through.time_ns)
        return PX_OK;
    f->through = through;
    while (drop < f->waiting_count && f->waiting[drop]->seq < through.seq)
        drop++;
    if (drop == f->waiting_count || f->waiting[drop]->seq != through.seq ||
        f->waiting[drop]->time_ns != through.time_ns)
        return px_fold_place_inbox(f);
    px_fold_drop_waiting(f, drop + 1);
    f->anchored = true;
    f->purge_due = true;
    return PX_OK;
}

static px_status fill_waiting(px_fold *f)
{
    px_bus_msg *msg;
    px_status status = PX_OK;

    while (f->waiting_count < PX_COUNT(f->waiting) && (status = px_reader_next(f->inbox, &msg)) == PX_OK)
        f->waiting[f->waiting_count++] = msg;
    return status == PX_EEMPTY ? PX_OK : status;
}

/* "Known" is known when the log as it stood when a submission was taken up has been folded. */
static px_status take_up(px_fold *f)
{
    px_stream_info info;
    px_status status;

    if (f->waiting_count == f->taken_up)
        return PX_OK;
    status = px_bus_stream_info(f->parts.bus, px_log_stream, &info);
    if (status != PX_OK)
        return status;
    f->log_last_seq = info.last_seq;
    f->taken_up = f->waiting_count;
    px_metric_set(PX_METRIC_LOG_LAST, info.last_seq);
    return PX_OK;
}

/* A standby decides only what the other copy has left lying for a while. */
static bool my_turn(px_fold *f, int64_t now_ms)
{
    uint64_t head = f->taken_up > 0 ? f->waiting[0]->seq : 0;

    if (f->parts.config->standby_ms == 0)
        return true;
    if (head != f->standby_head || f->cursor_seq != f->standby_cursor || now_ms < f->standby_since_ms) {
        f->standby_head = head;
        f->standby_cursor = f->cursor_seq;
        f->standby_since_ms = now_ms;
    }
    return now_ms - f->standby_since_ms >= (int64_t)f->parts.config->standby_ms;
}

/* Copies below the log's code version leave deciding to the others. */
static bool outdated(const px_view *state, const px_service *service)
{
    return px_chain_head(state, service->name).code_version > service->code_version;
}

/* ---- step 3: one batch ---- */

static px_status send_flight(px_fold *f, int64_t now_ms)
{
    char subject[64];
    px_status status;

    snprintf(subject, sizeof subject, "praxis.log.%s", f->parts.service->name);
    status = px_bus_publish(f->parts.bus, f->epoch,
                            &(px_bus_out){.subject = subject,
                                          .data = {f->flight.bytes, f->flight.size},
                                          .expect_subject_seq = true,
                                          .last_subject_seq = f->flight.last_subject_seq},
                            batch_token);
    f->flight.sent_ms = now_ms;
    return status;
}

static px_status publish_batch(px_fold *f, const px_round_output *round, int64_t now_ms)
{
    PX_ASSERT(round->batch.size <= sizeof f->flight.bytes);
    memcpy(f->flight.bytes, round->batch.data, round->batch.size);
    f->flight.size = round->batch.size;
    f->flight.last_subject_seq = round->last_subject_seq;
    f->flight.since_ms = now_ms;
    px_metric_add(PX_METRIC_BATCHES_PUBLISHED, 1);
    px_metric_add(PX_METRIC_SUBMISSIONS_ACCEPTED, round->accepted);
    px_metric_add(PX_METRIC_SUBMISSIONS_REJECTED, round->rejected);
    px_metric_add(PX_METRIC_KEYS_RECONCILED, round->reconciled);
    return send_flight(f, now_ms);
}

/* Nothing clever: keep folding; after two seconds the same bytes again, the sequence check lets one land. */
static px_status mind_flight(px_fold *f, int64_t now_ms)
{
    if (now_ms - f->flight.since_ms > REATTACH_AFTER_MS)
        return PX_EDISCONNECTED;
    if (now_ms - f->flight.sent_ms < RESEND_AFTER_MS)
        return PX_OK;
    px_metric_add(PX_METRIC_BATCHES_RESENT, 1);
    return send_flight(f, now_ms);
}

static px_status decide(px_fold *f, int64_t now_ms, bool *busy)
{
    px_round_input input = {
        .service = f->parts.service,
        .vault = f->parts.vault,
        .event_clock = f->parts.config->event_clock,
        .clock_us = clock_us(f),
        .clock_ms = now_ms,
        .handled_us = f->handled_us,
        .log_last_seq = f->log_last_seq,
        .messages = f->waiting,
        .message_count = f->taken_up,
        .arena = &f->round_arena,
    };
    px_txn *overlay = px_store_begin(f->store); /* scratch: each decision sees those before it */
    px_round_output round = {0};
    px_status status;

    if (outdated(overlay, f->parts.service) || !my_turn(f, now_ms)) {
        px_txn_abort(overlay);
        return PX_OK;
    }
    px_arena_reset(&f->round_arena);
    status = px_round_decide(&input, &f->progress, overlay, &round);
    px_txn_abort(overlay);
    if (status == PX_EFULL)
        return px_store_grow(f->store);
    if (status != PX_OK)
        return status;
    for (size_t i = 0; i < round.repeat_count; i++)
        px_outbound_repeat(f->outbound, &round.repeats[i], &f->round_arena);
    f->taken_up = round.waits ? 0 : f->taken_up;
    if (round.batch.size == 0)
        return PX_OK;
    *busy = true;
    return publish_batch(f, &round, now_ms);
}

static bool something_waits(px_fold *f)
{
    px_txn *view;
    int64_t due_us, now_us;
    bool waits;

    if (f->taken_up > 0)
        return true;
    view = px_store_read(f->store);
    if (view == NULL)
        return false;
    now_us = f->parts.config->event_clock ? px_chain_event_time(view) : clock_us(f);
    waits = px_agenda_any_dirty(view) || (px_agenda_next_due(view, &due_us) && due_us <= now_us) ||
            px_chain_head(view, f->parts.service->name).code_version < f->parts.service->code_version;
    px_txn_abort(view);
    return waits;
}

/* ---- step 4: purge ---- */

/* The inbox holds personal text, so what is decided leaves it soon, and is overwritten (bus.h). */
static px_status purge_inbox(px_fold *f, int64_t now_ms)
{
    px_status status;

    if (!f->purge_due || !f->anchored || now_ms - f->purged_ms < PURGE_EVERY_MS)
        return PX_OK;
    status = px_bus_purge(f->parts.bus, f->inbox_stream, f->through.seq);
    f->purged_ms = now_ms;
    if (status != PX_OK)
        return status;
    f->purge_due = false;
    px_metric_set(PX_METRIC_INBOX_PURGED_SEQ, f->through.seq);
    return PX_OK;
}

/* ---- the loop ---- */

static void take_acks(px_fold *f)
{
    px_bus_ack ack;

    while (px_bus_next_ack(f->parts.bus, &ack)) {
        if (ack.token != batch_token)
            px_outbound_acked(f->outbound, &ack);
        else if (ack.status == PX_ESEQUENCE)
            px_metric_add(PX_METRIC_BATCHES_REFUSED, 1); /* somebody else's batch is on its way to us */
        else if (ack.status != PX_OK)
            px_error("the log refused a batch", PX_TEXT("reason", px_bus_last_error(f->parts.bus)));
    }
}

static bool caught_up(px_fold *f)
{
    return f->cursor_seq >= f->log_last_seq && px_reader_caught_up(f->log);
}

/* Messages we know to be in the log and do not get: another consumer, another connection. */
static px_status watch_for_stall(px_fold *f, int64_t now_ms)
{
    if (caught_up(f))
        f->heard_ms = now_ms;
    return now_ms - f->heard_ms > REATTACH_AFTER_MS / 2 ? PX_EDISCONNECTED : PX_OK;
}

static px_status fold_only(px_fold *f, bool *busy)
{
    px_status status = fold_log(f, busy);

    if (status == PX_OK && at_goal(f, f->cursor_seq))
        atomic_store(&f->stopping, true);
    return status == PX_OK ? watch_for_stall(f, px_fold_clock_ms()) : status;
}

static px_status work(px_fold *f, bool *busy)
{
    int64_t now_ms = px_fold_clock_ms();
    px_status status = fold_log(f, busy);

    take_acks(f);
    if (status == PX_OK)
        status = px_outbound_turn(f->outbound, caught_up(f), now_ms, busy);
    if (status == PX_OK)
        status = watch_for_stall(f, now_ms);
    if (status == PX_OK && f->inbox_moved)
        status = follow_inbox(f);
    if (status == PX_OK)
        status = fill_waiting(f);
    if (status != PX_OK || *busy || !caught_up(f))
        return status;
    px_fold_say_ready(f);
    if (f->flight.size > 0)
        return mind_flight(f, now_ms);
    status = take_up(f);
    if (status == PX_OK && caught_up(f) && something_waits(f))
        status = decide(f, now_ms, busy);
    if (status == PX_OK && !*busy)
        status = purge_inbox(f, now_ms);
    return status;
}

px_status px_fold_turn(px_fold *f, bool *busy)
{
    uint64_t epoch = px_bus_epoch(f->parts.bus);
    px_status status;

    *busy = false;
    if (f->parts.health != NULL)
        px_health_tick(f->parts.health);
    if (epoch == 0 || epoch != f->epoch) {
        status = epoch == 0 ? PX_EDISCONNECTED : px_fold_attach(f, epoch);
        *busy = status == PX_OK;
    } else if (atomic_exchange(&f->rebuild, false)) {
        status = px_fold_rebuild(f);
    } else {
        status = f->parts.config->fold_to != 0 ? fold_only(f, busy) : work(f, busy);
    }
    if (status == PX_EDISCONNECTED || status == PX_ETIMEOUT || status == PX_EREFUSED) {
        px_fold_detach(f); /* the world's trouble: start over with an attach */
        *busy = false;
        return PX_OK;
    }
    return status;
}

px_status px_fold_run(px_fold *f)
{
    px_status status = px_fold_serve(f);

    while (status == PX_OK && !atomic_load(&f->stopping)) {
        bool busy;

        status = px_fold_turn(f, &busy);
        if (status == PX_OK && !busy)
            px_bus_wait(f->parts.bus, f->flight.size > 0 || f->progress.silent + f->progress.repeated > 0
                                          ? IDLE_WAIT_MS
                                          : 2 * IDLE_WAIT_MS);
    }
    px_fold_detach(f);
    if (status != PX_OK)
        px_error("stopped", PX_TEXT("reason", px_strerror(status)));
    return status;
}

void px_fold_stop(px_fold *f)
{
    atomic_store(&f->stopping, true);
    px_bus_wake(f->parts.bus);
}
