/* fold_restore.c: a projection that cannot be believed: a snapshot in its place, or an empty one.
 */
#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/snapshot.h"
#include "common/store_copy.h"

/* Of our layout, of this log, and not one that was tried since we were last ready. */
static px_status fits(px_fold *f, const px_snapshot *snapshot, bool *fit)
{
    *fit = false;
    if (snapshot->layout != f->parts.service->layout || snapshot->seq >= f->restore_below)
        return PX_OK;
    return px_fold_log_is_ours(f, (px_cursor){ .seq = snapshot->seq, .tag = snapshot->tag }, fit);
}

static px_status restore_one(px_fold *f, const px_snapshot *snapshot, bool *restored)
{
    px_status status = px_snapshot_restore(f->parts.config->data_dir, snapshot, f->store);
    bool fresh;

    f->restore_below = snapshot->seq;
    if (status == PX_ECORRUPT) {
        px_error("a snapshot is damaged and is passed over", PX_TEXT("name", snapshot->name));
        return PX_OK;
    }
    if (status == PX_ENOSPACE) { /* what is not believed makes room; tried again by and by */
        f->restore_below = UINT64_MAX;
        (void)px_store_replace(f->store, NULL, &fresh);
        return status;
    }
    if (status != PX_OK)
        return status;
    *restored = true;
    px_metric_add(PX_METRIC_RESTORES, 1);
    px_warning("the projection is taken from a snapshot", PX_NUMBER("seq", snapshot->seq),
               PX_NUMBER("records", snapshot->records));
    return PX_OK;
}

static px_status restore(px_fold *f, bool *restored)
{
    px_snapshot snapshots[PX_SNAPSHOTS_MAX];
    size_t count = px_snapshot_list(f->parts.config->data_dir, snapshots, PX_SNAPSHOTS_MAX);
    px_status status = PX_OK;
    bool fit;

    *restored = false;
    for (size_t i = 0; status == PX_OK && !*restored && i < count; i++) {
        status = fits(f, &snapshots[i], &fit);
        if (status == PX_OK && fit)
            status = restore_one(f, &snapshots[i], restored);
    }
    if (status == PX_OK && !*restored && count > 0)
        px_warning("no snapshot fits this log: the projection is built from it",
                   PX_NUMBER("newest", snapshots[0].seq));
    return status;
}

static px_status start_over(void *context)
{
    px_fold *f = context;
    bool restored, fresh;
    px_status status;

    f->unbelieved = true; /* when the bus fails here the next attach goes on */
    f->cursor_seq = 0;
    px_fold_detach(f);
    px_fold_say_not_ready(f, "the projection is restored or built again");
    px_fold_beside_drop(f);
    status = restore(f, &restored);
    if (status != PX_OK)
        return status;
    if (!restored) {
        px_warning("the projection is emptied and built again from the log");
        px_metric_add(PX_METRIC_REBUILDS, 1);
        f->built = true;
        status = px_store_replace(f->store, NULL, &fresh);
    }
    f->unbelieved = status != PX_OK;
    return status;
}

px_status px_fold_start_over(px_fold *f)
{
    return start_over(f);
}

px_status px_fold_went_back(px_fold *f)
{
    px_error("the log is not the one this projection was built from",
             PX_NUMBER("cursor", f->cursor_seq));
    px_metric_add(PX_METRIC_REGRESSIONS, 1); /* the alarm: it stays until restart */
    return px_outbound_went_back(f->outbound, start_over, f);
}

bool px_fold_is_empty(const px_fold *f)
{
    px_txn *view = px_store_read(f->store);
    bool empty = view == NULL || px_view_cursor(view) == 0;

    px_txn_abort(view);
    return empty;
}

px_status px_fold_ensure_believed(px_fold *f)
{
    bool restored, empty;
    px_status status;

    if (f->unbelieved)
        return start_over(f);
    empty = px_fold_is_empty(f);
    if (px_store_failure(f->store) == PX_ECORRUPT)
        return PX_ECORRUPT; /* that it is empty was not to be believed */
    if (!empty)
        return PX_OK;
    status = restore(f, &restored);
    f->built = status == PX_OK && !restored;
    if (f->built)
        px_info("the projection is empty and will be built from the log");
    return status;
}
