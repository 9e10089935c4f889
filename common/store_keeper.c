#include "common/store_keeper.h"

#include <errno.h>
#include <lmdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/metrics.h"
#include "common/store_txn.h"

enum {
    SYNC_EVERY_S = 60,
    SLICES = 100, /* of the records, in one pass */
    VIEW_RECORDS = 1000,
    PAGE_BYTES = 4096 /* the smallest that LMDB has; larger ones are looked for several times */
};

/* ---- the scrub ---- */

static void next_table(px_scrub *scrub)
{
    scrub->key_size = 0;
    scrub->table++;
    if (scrub->table < PX_TABLE_COUNT)
        return;
    scrub->table = PX_STATE;
    scrub->passes++;
}

/* A page whose header leads a search elsewhere is still met when all is read in order. */
static bool is_found(const px_view *view, px_table table, MDB_val k, const MDB_val *v)
{
    MDB_val found;

    return mdb_get(view->mdb, view->dbi[table], &k, &found) == MDB_SUCCESS &&
           found.mv_data == v->mv_data;
}

/* A page whose header lost its last records looks whole, and so does what is around it. */
static void count_records(const px_view *view, px_table table)
{
    MDB_cursor *cursor;
    MDB_val k, v;
    uintptr_t page = 0;
    uint64_t count = 0;
    int rc = mdb_cursor_open(view->mdb, view->dbi[table], &cursor);

    if (rc != MDB_SUCCESS) {
        px_txn_fail(view, rc);
        return;
    }
    for (; (rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT)) == MDB_SUCCESS; count++) {
        if (page != (uintptr_t)k.mv_data / PAGE_BYTES && !is_found(view, table, k, &v))
            px_txn_fail(view, MDB_CORRUPTED);
        page = (uintptr_t)k.mv_data / PAGE_BYTES;
    }
    mdb_cursor_close(cursor);
    if (rc == MDB_NOTFOUND)
        px_count_check(view, table, count);
    else
        px_txn_fail(view, rc);
}

/* A slice from the last key on, which is read again when it is still there; at the end of a table
 * its records are counted. */
static px_status read_slice(px_scrub *scrub, px_store *store, uint64_t records)
{
    const px_bytes all = { NULL, 0 }, from = { scrub->key, scrub->key_size };
    px_txn *view = px_store_read(store);
    px_bytes key, value;
    uint64_t left = records;
    px_scan scan;

    if (!view)
        return PX_EIO;
    px_scan_begin_at(&scan, view, scrub->table, all, from);
    while (left > 0 && px_scan_next(&scan, &key, &value))
        left--;
    if (left < records) {
        memcpy(scrub->key, scan.last, scan.last_size);
        scrub->key_size = scan.last_size;
    }
    px_scan_end(&scan);
    if (left > 0 && px_txn_status(view) == PX_OK)
        count_records(view, scrub->table);
    px_status status = px_txn_status(view);
    px_txn_abort(view);
    if (status == PX_OK && left > 0)
        next_table(scrub);
    return status;
}

px_status px_scrub_step(px_scrub *scrub, px_store *store, uint64_t records)
{
    const uint64_t passes = scrub->passes;
    px_status status = PX_OK;

    while (status == PX_OK && records > 0 && scrub->passes == passes) {
        uint64_t slice = records < VIEW_RECORDS ? records : VIEW_RECORDS;

        status = read_slice(scrub, store, slice + 1); /* one of them again */
        records -= slice;
    }
    return status;
}

uint64_t px_scrub_size(px_store *store)
{
    px_txn *view = px_store_read(store);
    uint64_t records = 0;
    MDB_stat stat;

    for (px_table table = PX_STATE; view && table < PX_TABLE_COUNT; table++)
        if (mdb_stat(view->mdb, view->dbi[table], &stat) == MDB_SUCCESS)
            records += stat.ms_entries;
    px_txn_abort(view);
    return records;
}

/* ---- the thread ---- */

struct px_store_keeper {
    px_store *store;
    uint64_t scrub_s;
    px_scrub scrub;
    pthread_t thread;
    pthread_mutex_t lock; /* of `stopping` */
    pthread_cond_t stop;
    bool stopping;
};

/* @return false when it is time to stop */
static bool wait_until(px_store_keeper *k, const struct timespec *when)
{
    int rc = 0;

    pthread_mutex_lock(&k->lock);
    while (!k->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&k->stop, &k->lock, when);
    bool stopping = k->stopping;
    pthread_mutex_unlock(&k->lock);
    return !stopping;
}

static struct timespec after(struct timespec from, uint64_t ms)
{
    from.tv_sec += (time_t)(ms / 1000);
    from.tv_nsec += (long)(ms % 1000) * 1000000;
    if (from.tv_nsec >= 1000000000) {
        from.tv_sec++;
        from.tv_nsec -= 1000000000;
    }
    return from;
}

static bool earlier(struct timespec a, struct timespec b)
{
    return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

static struct timespec now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

static void scrub_slice(px_store_keeper *k)
{
    const uint64_t passes = k->scrub.passes;

    if (px_store_failure(k->store) != PX_OK) {
        k->scrub = (px_scrub){ .passes = passes }; /* what replaces it is read from the start */
        return;
    }
    (void)px_scrub_step(&k->scrub, k->store, px_scrub_size(k->store) / SLICES + 1);
    px_metric_add(PX_METRIC_SCRUBS, k->scrub.passes - passes);
}

static void *keep(void *arg)
{
    px_store_keeper *k = arg;
    const uint64_t slice_ms = k->scrub_s * 1000 / SLICES;
    struct timespec sync_at = after(now(), SYNC_EVERY_S * 1000), scrub_at = after(now(), slice_ms);

    while (wait_until(k, k->scrub_s > 0 && earlier(scrub_at, sync_at) ? &scrub_at : &sync_at)) {
        if (!earlier(now(), sync_at)) {
            (void)px_store_sync(k->store); /* a failure is found by its user */
            px_store_check_readers(k->store);
            sync_at = after(now(), SYNC_EVERY_S * 1000);
        }
        if (k->scrub_s > 0 && !earlier(now(), scrub_at)) {
            scrub_slice(k);
            scrub_at = after(now(), slice_ms);
        }
    }
    return NULL;
}

px_status px_store_keeper_start(px_store_keeper **keeper, px_store *store, uint64_t scrub_s)
{
    px_store_keeper *k = calloc(1, sizeof *k);
    pthread_condattr_t monotonic;

    *keeper = NULL;
    if (!k)
        return PX_ENOMEM;
    k->store = store;
    k->scrub_s = scrub_s;
    pthread_mutex_init(&k->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&k->stop, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&k->thread, NULL, keep, k) == 0) {
        *keeper = k;
        return PX_OK;
    }
    pthread_cond_destroy(&k->stop);
    pthread_mutex_destroy(&k->lock);
    free(k);
    return PX_ENOMEM;
}

void px_store_keeper_stop(px_store_keeper *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->stopping = true;
    pthread_cond_signal(&k->stop);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    pthread_cond_destroy(&k->stop);
    pthread_mutex_destroy(&k->lock);
    free(k);
}
