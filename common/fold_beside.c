/* fold_beside.c: the projection is built again beside the one that goes on deciding and answering.
 *
 * The same loop, only folding, over a directory of its own, in slices on the fold thread: it reads
 * up to where the live one stands and never beyond, so that at the switch both are the same prefix
 * of the log. No question ever sees it before.
 */
#include "common/fold_beside.h"

#include <stdio.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/store_copy.h"

enum { SLICES_IDLE = 8, SLICES_BUSY = 1 };

static void remove_files(const px_fold *f)
{
    if (px_store_remove(f->beside.config.data_dir) != PX_OK)
        px_error("the files of a projection beside cannot be removed",
                 PX_TEXT("directory", f->beside.config.data_dir));
}

static px_status begin(px_fold *f)
{
    px_beside *b = &f->beside;
    px_fold_parts parts = f->parts;
    px_status status;

    parts.config = &b->config;
    parts.vault = NULL;
    parts.health = NULL;
    parts.micro = NULL;
    status = px_fold_create(&b->fold, &parts);
    if (status == PX_OK)
        px_outbound_skip_dropped(b->fold->outbound, f->outbound);
    return status;
}

/* An operator's: what an earlier one left is not gone on with. */
static px_status begin_anew(px_fold *f)
{
    px_status status;

    f->beside.serves = atomic_load(&f->beside.asked);
    remove_files(f);
    px_info("the projection is built again beside this one", PX_NUMBER("up to", f->cursor_seq));
    px_metric_add(PX_METRIC_REBUILDS, 1);
    status = begin(f);
    if (status != PX_OK)
        px_error("no projection can be built beside", PX_TEXT("reason", px_strerror(status)));
    return status;
}

static bool left_over(const px_fold *f)
{
    return access(f->beside.config.data_dir, F_OK) == 0;
}

px_status px_fold_beside_resume(px_fold *f)
{
    px_config *config = &f->beside.config;

    if (px_fold_only_folds(f))
        return PX_OK;
    *config = *f->parts.config;
    config->fold_to = 1; /* a fold that only folds; how far is said at each turn */
    if (snprintf(config->data_dir, sizeof config->data_dir, "%s/rebuild",
                 f->parts.config->data_dir) >= (int)sizeof config->data_dir)
        return PX_EINVALID;
    if (!left_over(f))
        return PX_OK;
    if (px_fold_is_empty(f)) { /* the live one starts over: two of them would do the same work */
        remove_files(f);
        return PX_OK;
    }
    px_info("going on with a projection that an earlier process began to build");
    return begin(f);
}

void px_fold_beside_close(px_fold *f)
{
    px_fold_destroy(f->beside.fold);
    f->beside.fold = NULL;
}

/* Whoever asked is told that it is over. */
static void through(px_fold *f, bool failed)
{
    atomic_fetch_add(&f->beside.failed, failed);
    atomic_store(&f->beside.done, f->beside.serves);
    atomic_store(&f->beside.seq, 0);
    px_metric_set(PX_METRIC_REBUILD_SEQ, 0);
}

static void drop(px_fold *f)
{
    px_fold *b = f->beside.fold;

    if (b != NULL) {
        px_store_drop(b->store);
        b->store = NULL;
    }
    px_fold_beside_close(f);
    remove_files(f);
}

void px_fold_beside_drop(px_fold *f)
{
    if (f->beside.fold == NULL)
        return;
    drop(f);
    through(f, true);
}

/* No transaction is open, nobody takes a snapshot, both have folded the same. */
static px_status switch_over(px_fold *f)
{
    px_beside *b = &f->beside;
    char data[PX_CONFIG_TEXT_MAX + 16];
    px_status status = px_outbound_hand_over(f->outbound, b->fold->store);
    bool fresh;

    if (status != PX_OK) {
        px_error("the projection built beside cannot be taken",
                 PX_TEXT("reason", px_strerror(status)));
        px_fold_beside_drop(f);
        return PX_OK; /* the live one is as good as before */
    }
    px_fold_detach(b->fold);
    px_store_drop(b->fold->store);
    b->fold->store = NULL;
    snprintf(data, sizeof data, "%s/data.mdb", b->config.data_dir);
    status = px_store_replace(f->store, data, &fresh);
    drop(f);
    through(f, status != PX_OK);
    if (status == PX_OK)
        px_info("the projection that was built again is in use", PX_NUMBER("seq", f->cursor_seq));
    return status;
}

static px_status fold_slices(px_fold *f, bool *busy)
{
    px_fold *b = f->beside.fold;
    unsigned slices = f->waiting_count > 0 || f->flight.size > 0 ? SLICES_BUSY : SLICES_IDLE;
    px_status status = PX_OK;
    bool folded = true;

    f->beside.config.fold_to = f->cursor_seq;
    for (unsigned i = 0; status == PX_OK && folded && b->cursor_seq < f->cursor_seq && i < slices;
         i++)
        status = px_fold_turn(b, &folded);
    *busy |= status == PX_OK && folded;
    atomic_store(&f->beside.seq, b->cursor_seq);
    px_metric_set(PX_METRIC_REBUILD_SEQ, b->cursor_seq);
    return status;
}

px_status px_fold_beside_turn(px_fold *f, bool *busy)
{
    px_fold *b;
    px_status status = PX_OK;

    if (f->beside.fold == NULL && atomic_load(&f->beside.asked) > atomic_load(&f->beside.done)) {
        status = begin_anew(f);
        if (status != PX_OK)
            through(f, true);
        *busy = true;
        return PX_OK;
    }
    b = f->beside.fold;
    if (b == NULL)
        return PX_OK;
    status = f->cursor_seq > 0 ? fold_slices(f, busy) : PX_OK;
    if (status != PX_OK) {
        px_error("building the projection beside has failed; this one goes on",
                 PX_TEXT("reason", px_strerror(status)));
        px_fold_beside_drop(f);
        return PX_OK;
    }
    if (b->cursor_seq != f->cursor_seq || px_snapshot_keeper_busy(f->keeper))
        return PX_OK;
    return switch_over(f);
}
