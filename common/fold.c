/* fold.c: the one loop of all five daemons. Start reading at px_fold_turn(). */
#include "common/fold.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/agenda.h"
#include "common/chain.h"
#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/service_impl.h"
#include "common/store_keeper.h"

const char px_log_stream[] = "PRAXIS_LOG";
const char px_feed_stream[] = "PRAXIS_FEED";
static const char log_subject[] = "praxis.log.";

enum {
    RESEND_AFTER_MS = 2000,
    REATTACH_AFTER_MS = 10000, /* a flight or an expected message that never comes */
    IDLE_WAIT_MS = 250,
    CALM_MS = 10,          /* how long a batch may lie that changes nothing here */
    PROBE_EVERY_MS = 5000, /* a server that hangs keeps its connections */
    BLOCKED_PAUSE_MS = 1000,
    CLOCK_AGAIN_MS = 10000 /* a clock that is wrong: is it the server's, and still? */
};

static const char clocks_apart[] =
    "this machine's clock and the server's are more than half an hour apart: nothing is decided "
    "until the wrong one is set";

static const uint64_t batch_token = UINT64_MAX >> 1;

int64_t px_fold_clock_ms(const px_fold *f)
{
    struct timespec now;

    if (f->parts.clock_ms != NULL)
        return f->parts.clock_ms(f->parts.clock_context);
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

/* ---- step 2: what waits ---- */

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

/* A standby decides only what the other copy has left lying for a while. What other services say
 * meanwhile does not count: a busy log must not keep it from taking over. */
static bool my_turn(px_fold *f, const px_view *state, int64_t now_ms)
{
    px_standby now = { .inbox_head = f->taken_up > 0 ? f->waiting[0]->seq : 0,
                       .first_mark = px_agenda_first_mark(state),
                       .own_seq = px_chain_head(state, f->parts.service->name).last_seq,
                       .since_ms = now_ms,
                       .waits = true };
    px_standby *then = &f->standby;

    if (f->parts.config->standby_ms == 0)
        return true;
    if (!then->waits || now.inbox_head != then->inbox_head || now.first_mark != then->first_mark ||
        now.own_seq != then->own_seq || now_ms < then->since_ms)
        *then = now;
    return now_ms - then->since_ms >= (int64_t)f->parts.config->standby_ms;
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

    snprintf(subject, sizeof subject, "%s%s", log_subject, f->parts.service->name);
    status = px_bus_publish(f->parts.bus, f->epoch,
                            &(px_bus_out){ .subject = subject,
                                           .data = { f->flight.bytes, f->flight.size },
                                           .expect_subject_seq = true,
                                           .last_subject_seq = f->flight.last_subject_seq },
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

/* Nothing clever: keep folding; after two seconds the same bytes again, the sequence check lets one
 * land. */
static px_status mind_flight(px_fold *f, int64_t now_ms)
{
    if (f->blocked != NULL)
        f->flight.since_ms = now_ms; /* the server does answer */
    if (now_ms - f->flight.since_ms > REATTACH_AFTER_MS)
        return PX_EDISCONNECTED;
    if (now_ms - f->flight.sent_ms < RESEND_AFTER_MS)
        return PX_OK;
    px_metric_add(PX_METRIC_BATCHES_RESENT, 1);
    return send_flight(f, now_ms);
}

/* What is decided cannot be stored: it is tried again, and nothing further is taken in. */
static void block(px_fold *f, const char *why, int64_t now_ms)
{
    if (f->blocked == NULL)
        px_error(why);
    f->blocked = why;
    f->blocked_until_ms = now_ms + BLOCKED_PAUSE_MS;
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
        .clean = f->clean,
        .flood = &f->flood,
        .message_count = f->taken_up,
        .bytes_max = f->parts.batch_bytes_max,
        .arena = &f->round_arena,
    };
    px_txn *overlay = px_store_begin(f->store); /* scratch: each decision sees those before it */
    px_round_output round = { 0 };
    px_status status;

    if (outdated(overlay, f->parts.service) || !my_turn(f, overlay, now_ms)) {
        px_txn_abort(overlay);
        return PX_OK;
    }
    px_arena_reset(&f->round_arena);
    status = px_round_decide(&input, &f->progress, overlay, &round);
    px_txn_abort(overlay);
    if (status == PX_EFULL)
        return px_store_grow(f->store);
    if (status == PX_EEXHAUSTED) {
        block(f, "the server has no space left for the keys of people", now_ms);
        return PX_OK;
    }
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
    int64_t now_us;
    px_head head;
    bool waits;

    if (f->taken_up > 0)
        return true;
    view = px_store_read(f->store);
    if (view == NULL)
        return false;
    now_us = px_round_now(view, f->parts.service, f->parts.config->event_clock, clock_us(f));
    head = px_chain_head(view, f->parts.service->name);
    waits = px_agenda_any_dirty(view) || px_round_time_due(view, now_us) ||
            px_round_version_due(&head, f->parts.service);
    px_txn_abort(view);
    return waits;
}

/* ---- the loop ---- */

/* A message that was there at the last look too, and did not reach us: another consumer. One behind
 * it would tell us of the gap, but there may be none. */
static px_status mind_inbox(px_fold *f, const px_stream_info *info)
{
    bool behind = info->messages > 0 && info->last_seq >= f->inbox_next;
    bool stalled = behind && f->inbox_behind == f->inbox_next;

    f->inbox_behind = behind ? f->inbox_next : 0;
    return stalled ? px_fold_place_inbox(f) : PX_OK;
}

/* Log and inbox are asked about now and then: version 2.9 on a full disk hangs stream by stream,
 * and keeps its connections. */
static px_status probe(px_fold *f, int64_t now_ms)
{
    px_stream_info info;
    px_status status;

    if (now_ms - f->probed_ms < PROBE_EVERY_MS)
        return PX_OK;
    status = px_bus_stream_info(f->parts.bus, f->inbox_stream, &info);
    if (status == PX_OK)
        status = mind_inbox(f, &info);
    if (status == PX_OK)
        status = px_bus_stream_info(f->parts.bus, px_log_stream, &info);
    f->probed_ms = px_fold_clock_ms(f);
    if (status == PX_OK)
        f->log_last_seq = info.last_seq;
    return status;
}

static void take_acks(px_fold *f, int64_t now_ms)
{
    px_bus_ack ack;

    while (px_bus_next_ack(f->parts.bus, &ack)) {
        if (ack.token != batch_token)
            px_outbound_acked(f->outbound, &ack);
        else if (ack.status == PX_ESEQUENCE)
            px_metric_add(PX_METRIC_BATCHES_REFUSED,
                          1); /* somebody else's batch is on its way to us */
        else if (ack.status == PX_EEXHAUSTED)
            block(f, "the server has no space left for the log", now_ms);
        else if (ack.status != PX_OK)
            px_error("the log refused a batch", PX_TEXT("reason", px_bus_last_error(f->parts.bus)));
    }
}

/* Nobody waits for what follows from it here. It has to be folded, but soon is soon enough. */
static bool is_calm(const void *context, const char *subject)
{
    const px_service *service = context;
    size_t size = strlen(log_subject);

    return strncmp(subject, log_subject, size) == 0 && strcmp(subject + size, service->name) != 0 &&
           (service->waited_for == NULL || strcmp(subject + size, service->waited_for) != 0);
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
    if (now_ms - f->heard_ms <= REATTACH_AFTER_MS / 2)
        return PX_OK;
    return px_fold_find_hole(f, f->cursor_seq + 1);
}

static px_status fold_only(px_fold *f, bool *busy)
{
    px_status status = px_fold_log(f, busy);

    if (status == PX_OK && f->cursor_seq >= f->parts.config->fold_to) {
        atomic_store(&f->stopping, true);
        *busy = true; /* nothing to wait for */
    }
    return status == PX_OK ? watch_for_stall(f, px_fold_clock_ms(f)) : status;
}

/* With the event clock nothing is decided by this machine's. */
static bool clock_is_wrong(const px_fold *f, int64_t now_ms)
{
    return !f->parts.config->event_clock &&
           px_server_clock_apart(&f->server_clock, clock_us(f), now_ms);
}

static void say_how_it_stands(px_fold *f, int64_t now_ms)
{
    if (f->blocked != NULL)
        px_fold_say_blocked(f, f->blocked);
    else if (clock_is_wrong(f, now_ms))
        px_fold_say_blocked(f, clocks_apart);
    else if (px_outbound_exhausted(f->outbound))
        px_fold_say_blocked(f, "the server has no space left for the feed");
    else
        px_fold_say_ready(f);
}

/* While the feed takes nothing, deciding would only pile up what is to be sent. */
static bool may_decide(px_fold *f, int64_t now_ms)
{
    if (!something_waits(f)) {
        f->blocked = NULL;
        f->standby.waits = false;
        return false;
    }
    return !clock_is_wrong(f, now_ms) && !px_outbound_exhausted(f->outbound) &&
           (f->blocked == NULL || now_ms >= f->blocked_until_ms);
}

static px_status follow(px_fold *f, int64_t now_ms, bool *busy)
{
    px_status status = px_fold_log(f, busy);

    take_acks(f, now_ms);
    if (status == PX_OK)
        status = watch_for_stall(f, now_ms);
    if (status == PX_OK)
        status = px_fold_follow_inbox(f);
    return status == PX_OK ? px_fold_fill_waiting(f) : status;
}

static px_status decide_what_waits(px_fold *f, int64_t now_ms, bool *busy)
{
    px_status status;

    if (clock_is_wrong(f, now_ms) && now_ms - f->server_clock.heard_ms >= CLOCK_AGAIN_MS) {
        status = px_fold_place_inbox(f); /* it says the time once more */
        if (status != PX_OK)
            return status;
    }
    say_how_it_stands(f, now_ms);
    if (f->flight.size > 0)
        return mind_flight(f, now_ms);
    status = take_up(f);
    if (status == PX_OK && caught_up(f) && may_decide(f, now_ms))
        status = decide(f, now_ms, busy);
    if (status == PX_OK && !*busy && f->waiting_count == 0)
        px_tries_settle(px_store_tries(f->store));
    return status == PX_OK ? probe(f, now_ms) : status;
}

/* What waits is decided before the last batch's rows are sent: the server takes some 10 us for each
 * of them, and would answer what deciding asks behind them all. */
static px_status work(px_fold *f, bool *busy)
{
    int64_t now_ms = px_fold_clock_ms(f);
    px_status status = follow(f, now_ms, busy);

    if (status == PX_OK && caught_up(f))
        status = decide_what_waits(f, now_ms, busy);
    if (status == PX_OK)
        status = px_outbound_turn(f->outbound, caught_up(f), now_ms, busy);
    return status == PX_OK ? px_fold_purge_inbox(f, now_ms, busy) : status;
}

/* Trouble that may go away while we wait. */
static bool is_the_worlds(const px_fold *f, px_status status)
{
    if (status == PX_ENOSPACE)
        return f->parts.config->fold_to == 0; /* a tool is better told at once */
    return status == PX_EDISCONNECTED || status == PX_ETIMEOUT || status == PX_EREFUSED ||
           status == PX_EEXHAUSTED;
}

/* What goes on beside the work. */
static px_status upkeep(px_fold *f, bool *busy)
{
    px_snapshot_keeper_turn(f->keeper, f->cursor_seq, px_fold_clock_ms(f));
    return px_fold_beside_turn(f, busy);
}

px_status px_fold_turn(px_fold *f, bool *busy)
{
    uint64_t epoch = px_bus_epoch(f->parts.bus);
    px_status status;

    *busy = false;
    if (f->parts.health != NULL)
        px_health_tick(f->parts.health);
    if (epoch != 0 && px_fold_clock_ms(f) < f->pause_until_ms)
        return PX_OK;
    if (epoch == 0 || epoch != f->epoch) {
        status = epoch == 0 ? PX_EDISCONNECTED : px_fold_attach(f, epoch);
        *busy = status == PX_OK;
    } else if (px_fold_only_folds(f)) {
        status = fold_only(f, busy);
    } else {
        status = work(f, busy);
        if (status == PX_OK)
            status = upkeep(f, busy);
    }
    if (px_store_failure(f->store) == PX_ECORRUPT && !f->unbelieved)
        status = px_fold_disbelieve(f);
    if (is_the_worlds(f, status)) {
        px_fold_detach(f); /* start over with an attach */
        px_fold_note_trouble(f, status);
        *busy = false;
        return PX_OK;
    }
    return status;
}

/* What is calm may lie as long as nothing that we have to do waits for it. */
static void wait(px_fold *f)
{
    bool calm = f->waiting_count == 0 && f->cursor_seq >= f->log_last_seq &&
                !px_outbound_waits(f->outbound);
    bool soon = f->flight.size > 0 || f->progress.silent + f->progress.repeated > 0;

    px_bus_wait_calmly(f->parts.bus, soon ? IDLE_WAIT_MS : 2 * IDLE_WAIT_MS, calm ? CALM_MS : 0);
}

px_status px_fold_run(px_fold *f)
{
    px_store_keeper *keeper = NULL;
    px_status status = px_fold_serve(f);

    px_bus_set_calm(f->parts.bus, is_calm, f->parts.service);
    px_fold_mind_deaths(f);
    if (status == PX_OK && px_fold_only_folds(f) && px_fold_is_empty(f))
        status = px_outbound_keep_no_rows(f->outbound);
    if (status == PX_OK)
        status = px_store_keeper_start(&keeper, f->store, f->parts.config->scrub_seconds);
    while (status == PX_OK && !atomic_load(&f->stopping)) {
        bool busy;

        status = px_fold_turn(f, &busy);
        if (status == PX_OK && !busy)
            wait(f);
    }
    px_store_keeper_stop(keeper);
    take_acks(f, px_fold_clock_ms(f));
    px_outbound_settle(f->outbound);
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
