/* fold_attach.c: before anything is sent on a new connection: are log, inbox and feed the ones we
 * know? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/service_impl.h"
#include "common/snapshot.h"

/* ---- readiness ---- */

enum { TROUBLE_PAUSE_MIN_MS = 125, TROUBLE_PAUSE_MAX_MS = 2000 };

void px_fold_say_ready(px_fold *f)
{
    f->trouble = NULL;
    f->gone[0] = '\0';
    atomic_store(&f->ready, true);
    f->restore_below = UINT64_MAX;
    if (px_fold_only_folds(f))
        return;
    if (f->built && f->parts.config->snapshot_minutes > 0)
        (void)px_snapshot_keeper_ask(f->keeper);
    f->built = false;
    px_metric_set(PX_METRIC_READY, 1);
    if (f->parts.health != NULL)
        px_health_set(f->parts.health, true, NULL);
}

void px_fold_say_not_ready(px_fold *f, const char *why)
{
    atomic_store(&f->ready, false);
    if (px_fold_only_folds(f))
        return;
    px_metric_set(PX_METRIC_READY, 0);
    if (f->parts.health != NULL)
        px_health_set(f->parts.health, false, why); /* which logs the change */
}

void px_fold_say_blocked(px_fold *f, const char *why)
{
    f->trouble = NULL;
    f->gone[0] = '\0';
    atomic_store(&f->ready, true);
    px_metric_set(PX_METRIC_READY, 0);
    if (f->parts.health != NULL)
        px_health_set(f->parts.health, false, why);
}

static const char *meaning(const px_fold *f, px_status status)
{
    switch (status) {
    case PX_ENOSPACE:
        return "no space left on the volume of the projection";
    case PX_EEXHAUSTED:
        return "the server has no space left for its streams";
    case PX_ETIMEOUT:
        return "the server does not answer: its disk may be full, or too few servers of its "
               "cluster run; if this stays, start them again";
    case PX_EREFUSED:
        return f->gone[0] ? f->gone
               : f->unfit[0]
                   ? f->unfit
                   : "the server refuses; the log record before this one says what and why";
    default:
        return NULL; /* a connection that broke, a gap: attaching again is all it takes */
    }
}

/* Said until the daemon is ready again, and not over and over while it tries. */
void px_fold_note_trouble(px_fold *f, px_status status)
{
    const char *why = meaning(f, status);

    if (why == NULL || px_bus_epoch(f->parts.bus) == 0)
        return;
    if (why != f->trouble && why != f->unfit && why != f->gone && status != PX_ENOSPACE)
        px_warning("the server is of no use", PX_TEXT("reason", px_bus_last_error(f->parts.bus)));
    if (f->trouble == NULL)
        f->pause_ms = TROUBLE_PAUSE_MIN_MS;
    else if (f->pause_ms < TROUBLE_PAUSE_MAX_MS)
        f->pause_ms *= 2;
    f->trouble = why;
    f->pause_until_ms = px_fold_clock_ms(f) + f->pause_ms;
    px_fold_say_not_ready(f, why);
}

/* ---- the server ---- */

/* What is wrong is said, and looked at again at the next turn. */
static px_status check_server(px_fold *f)
{
    px_status status = px_server_check(f->parts.bus, f->parts.service, f->parts.config,
                                       f->parts.vault != NULL, f->unfit);

    if (status != PX_EREFUSED)
        f->unfit[0] = '\0';
    if (status != PX_OK || f->parts.config->fold_to != 0)
        return status;
    return px_server_say_durable(f->parts.bus, f->parts.config);
}

/* ---- the log ---- */

static px_status check_log(px_fold *f, bool *same)
{
    px_txn *view = px_store_read(f->store);
    px_cursor cursor;
    px_status status;

    if (view == NULL)
        return PX_EIO;
    cursor = px_chain_cursor(view);
    f->through = px_chain_inbox(view);
    status = px_txn_status(view);
    px_txn_abort(view);
    if (status != PX_OK)
        return status;
    f->cursor_seq = cursor.seq;
    px_tries_reached(px_store_tries(f->store), cursor.seq);
    return px_fold_log_is_ours(f, cursor, same);
}

static px_status open_log(px_fold *f)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(f->parts.bus, px_log_stream, &info);

    if (status != PX_OK)
        return status;
    f->log_last_seq = info.last_seq;
    f->built &= info.last_seq > 0; /* an empty log is nothing to keep */
    return px_reader_open(&f->log, f->parts.bus, px_log_stream, f->cursor_seq + 1);
}

px_status px_fold_attach(px_fold *f, uint64_t epoch)
{
    bool same;
    px_status status;

    px_fold_detach(f);
    if (!px_fold_only_folds(f))
        px_metric_set(PX_METRIC_CONNECTED, 1);
    status = px_fold_find_gone_streams(f);
    if (status == PX_OK)
        status = check_server(f);
    if (status != PX_OK)
        return status;
    px_fold_say_not_ready(
        f, f->trouble != NULL && f->trouble != f->unfit ? f->trouble : "catching up with the log");
    status = px_fold_ensure_believed(f);
    if (status == PX_OK)
        status = check_log(f, &same);
    if (status == PX_OK && !same)
        status = px_fold_went_back(f);
    if (status == PX_OK && !same)
        status = check_log(f, &same); /* where it stands now */
    if (status == PX_OK && !same)
        return PX_EDISCONNECTED;
    if (status == PX_OK)
        status = open_log(f);
    if (status == PX_OK && f->parts.config->fold_to == 0)
        status = px_fold_place_inbox(f);
    if (status == PX_OK && f->parts.config->fold_to == 0)
        status = px_outbound_attach(f->outbound, epoch);
    if (status == PX_ECORRUPT) { /* the next turn attaches again */
        status = px_store_failure(f->store) == PX_ECORRUPT ? px_fold_disbelieve(f)
                                                           : px_fold_start_over(f);
        return status == PX_OK ? PX_EDISCONNECTED : status;
    }
    if (status != PX_OK)
        return status;
    f->epoch = epoch;
    f->heard_ms = px_fold_clock_ms(f);
    if (px_fold_only_folds(f))
        return PX_OK;
    px_metric_set(PX_METRIC_LOG_CURSOR, f->cursor_seq);
    px_metric_set(PX_METRIC_LOG_LAST, f->log_last_seq);
    px_metric_add(PX_METRIC_ATTACHES, 1);
    if (f->trouble == NULL)
        px_info("attached", PX_NUMBER("cursor", f->cursor_seq), PX_NUMBER("log", f->log_last_seq));
    return PX_OK;
}

void px_fold_detach(px_fold *f)
{
    px_reader_close(f->log);
    px_reader_close(f->inbox);
    f->log = f->inbox = NULL;
    px_fold_drop_waiting(f, f->waiting_count);
    f->taken_up = 0;
    f->epoch = 0;
    f->anchored = f->inbox_moved = f->purge_due = false;
    f->flight.size = 0;
    f->progress = (px_progress){ 0 };
    if (px_bus_epoch(f->parts.bus) == 0)
        px_fold_say_not_ready(f, "the broker is away");
}

/* ---- making and ending ---- */

/* What an older program made stays as a snapshot: going back to it finds its projection again. */
static void keep_other_layout(void *context, px_store *store, uint32_t layout)
{
    const px_config *config = context;
    px_status status = px_snapshot_take(config->data_dir, store, config->snapshots_kept, NULL);

    if (status == PX_OK)
        px_warning("the projection of another version is kept as a snapshot",
                   PX_NUMBER("layout", layout));
    else if (status != PX_EEMPTY)
        px_error("the projection of another version could not be kept: going back to it rebuilds",
                 PX_NUMBER("layout", layout), PX_TEXT("reason", px_strerror(status)));
}

static px_status open_store(px_fold *f)
{
    const px_config *config = f->parts.config;
    const px_store_options options = {
        .directory = config->data_dir,
        .map_bytes = config->map_bytes,
        .layout = f->parts.service->layout,
        .hot = f->parts.service->hot_tables,
        .on_other_layout = px_fold_only_folds(f) ? NULL : keep_other_layout,
        .context = (void *)(uintptr_t)config,
    };
    bool fresh;
    px_status status = px_store_open(&f->store, &options, &fresh);

    if (status == PX_EBUSY)
        px_error("the data directory is in use by another process",
                 PX_TEXT("directory", config->data_dir));
    return status;
}

static px_status open_keeper(px_fold *f)
{
    const px_config *config = f->parts.config;

    if (px_fold_only_folds(f))
        return PX_OK;
    return px_snapshot_keeper_create(
        &f->keeper, &(px_snapshot_plan){ .data_dir = config->data_dir,
                                         .store = f->store,
                                         .keep = config->snapshots_kept,
                                         .every_ms = (int64_t)config->snapshot_minutes * 60000 });
}

px_status px_fold_create(px_fold **fold, const px_fold_parts *parts)
{
    const char *missing;
    px_fold *f;
    px_status status = PX_ENOMEM;

    if (!px_service_complete(parts->service, &missing)) {
        px_error("a type of the contract has no row in the service's tables",
                 PX_TEXT("type", missing));
        return PX_EINVALID;
    }
    f = calloc(1, sizeof *f);
    if (f == NULL)
        return PX_ENOMEM;
    f->parts = *parts;
    f->restore_below = UINT64_MAX;
    f->handled_us = parts->config->event_clock
                        ? 0
                        : (int64_t)parts->config->handled_days * INT64_C(86400000000);
    px_inbox_stream_name(parts->service->name, f->inbox_stream, sizeof f->inbox_stream);
    if (px_arena_init(&f->fold_arena, 64u << 20) && px_arena_init(&f->round_arena, 64u << 20))
        status = open_store(f);
    if (status == PX_OK)
        status = open_keeper(f);
    if (status == PX_OK)
        status =
            px_outbound_create(&f->outbound, parts->service, parts->bus, f->store, parts->vault);
    if (status == PX_OK)
        status = px_fold_beside_resume(f);
    if (status != PX_OK) {
        px_fold_destroy(f);
        return status;
    }
    *fold = f;
    return PX_OK;
}

void px_fold_destroy(px_fold *f)
{
    if (f == NULL)
        return;
    /* After px_fold_run() there is nothing to detach, and maybe no bus any more. */
    if (f->epoch != 0 || f->log != NULL || f->inbox != NULL)
        px_fold_detach(f);
    px_fold_beside_close(f);
    px_snapshot_keeper_destroy(f->keeper);
    px_outbound_destroy(f->outbound);
    px_store_close(f->store);
    px_arena_fini(&f->fold_arena);
    px_arena_fini(&f->round_arena);
    free(f);
}

px_store *px_fold_store(px_fold *f)
{
    return f->store;
}
