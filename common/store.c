/* store.c: the files and transactions of the store. Only store*.c know LMDB (0.9.24).
 *
 * Where order matters
 * - Open: lock, judge the old files, write the note "open" to the disk, only then let LMDB write.
 *   A power cut after the first unsynced commit must find that note, not the "clean" of last time.
 * - Old files are judged, and removed, before LMDB sees them: it has no checksums, and mixed-up
 *   pages would crash us or lie.
 * - Close: sync the data, unmap, then write "clean". The other way round the note could outlive
 *   data that never reached the disk.
 * - Commits are not synced (MDB_NOSYNC): the log is the truth, and a dead process loses nothing
 * that the kernel has. A failed sync is different: the kernel may have dropped the pages and call
 *   them clean, so from then on the files are distrusted.
 * - A map that grows moves in memory. Every user of the map but the one writer passes the gate.
 */
#include "common/store.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/mark.h"
#include "common/store_copy.h"
#include "common/store_hot.h"
#include "common/store_txn.h"
#include "common/volume.h"

enum { FILE_MODE = 0600, DIRECTORY_MODE = 0700 };

static const px_table meta = PX_TABLE_COUNT; /* a table more than others know: the layout number */
const char *const px_store_tables[PX_DBI_COUNT] = { "state", "local", "meta" };

/* --- errors --- */

px_status px_store_status(int rc)
{
    switch (rc) {
    case MDB_SUCCESS:
        return PX_OK;
    case MDB_MAP_FULL:
        return PX_EFULL;
    case MDB_TXN_FULL: /* too many dirty pages: growing would not help */
        return PX_ETOOBIG;
    case ENOMEM:
        return PX_ENOMEM;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_INCOMPATIBLE: /* table flags that we never set */
    case MDB_CURSOR_FULL:  /* a tree deeper than there can be */
    case MDB_BAD_TXN:      /* as a first error: LMDB forgot that it had met a damaged page */
        return PX_ECORRUPT;
    default: /* errno of a system call, MDB_PANIC after one of them */
        return px_volume_is_full(rc) ? PX_ENOSPACE : PX_EIO; /* of pages nobody can reach yet */
    }
}

void px_store_fail(px_store *store, px_status status)
{
    pthread_mutex_lock(&store->gate);
    if (store->failed == PX_OK)
        store->failed = status;
    /* Best effort: when the note cannot be written either, the old one says "open" and holds until
     * reboot. */
    if (status == PX_ECORRUPT)
        (void)px_mark_distrusted(&store->mark);
    pthread_mutex_unlock(&store->gate);
}

void px_txn_fail(const px_txn *view, int rc)
{
    px_txn *txn =
        (px_txn *)view; /* const to its user, but every one is a writable object of ours */
    px_status status = px_store_status(rc);

    /* A volume that is just full takes a part of the pages, which LMDB reports as EIO. */
    if (rc == EIO && px_volume_has_no_room(txn->store->directory))
        status = PX_ENOSPACE;
    if (txn->status == PX_OK)
        txn->status = status;
    if (status == PX_EIO || status == PX_ECORRUPT)
        px_store_fail(txn->store, status);
}

/* --- open and close --- */

/* flock belongs to the open file: it also keeps a second px_store_open of this process out. */
static px_status lock_directory(px_store *store, const char *path)
{
    if (mkdir(path, DIRECTORY_MODE) != 0 && errno != EEXIST)
        return PX_EIO;
    store->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->directory < 0)
        return PX_EIO;
    store->lock = openat(store->directory, "owner.lock", O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
    if (store->lock < 0)
        return PX_EIO;
    if (flock(store->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? PX_EBUSY : PX_EIO;
    return PX_OK;
}

static px_bytes layout_key(void)
{
    static const char key[] = "layout";

    return (px_bytes){ key, sizeof(key) - 1 };
}

uint32_t px_store_layout(const px_view *view)
{
    px_bytes found;

    return px_get(view, meta, layout_key(), &found) && found.size == 8
               ? (uint32_t)px_get_be64(found.data)
               : 0;
}

/* One change of our own, with room made for it: a full map must keep nobody from opening or
 * clearing. */
static px_status change(px_store *store, void (*apply)(px_txn *txn, void *context), void *context)
{
    px_status status;

    do {
        px_txn *txn = px_store_begin(store);
        apply(txn, context);
        status = px_txn_commit(txn);
    } while (status == PX_EFULL && (status = px_store_grow(store)) == PX_OK);
    return status;
}

static void drop_records(px_txn *txn, void *context)
{
    (void)context;
    for (px_table table = PX_STATE; table < PX_TABLE_COUNT && txn->status == PX_OK; table++) {
        int rc = mdb_drop(txn->mdb, txn->store->dbi[table], 0);
        if (rc != MDB_SUCCESS)
            px_txn_fail(txn, rc);
    }
}

typedef struct {
    uint32_t layout; /* wanted */
    uint32_t found;  /* on disk; 0: none */
} preparation;

/* @return how many are not there */
static size_t open_tables(px_txn *txn, unsigned flags)
{
    size_t missing = 0;

    for (size_t i = 0; i < PX_DBI_COUNT && txn->status == PX_OK; i++) {
        int rc = mdb_dbi_open(txn->mdb, px_store_tables[i], flags, &txn->store->dbi[i]);

        missing += rc == MDB_NOTFOUND;
        if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
            px_txn_fail(txn, rc);
    }
    return missing;
}

/* Tables and layout number come and go with the data, so they are LMDB's, unlike the mark. */
static void prepare(px_txn *txn, void *context)
{
    preparation *p = context;

    size_t missing = open_tables(txn, 0);

    if (missing == PX_DBI_COUNT)
        (void)open_tables(txn, MDB_CREATE);
    else if (missing > 0)
        px_txn_fail(txn, MDB_CORRUPTED); /* they are made together */
    p->found = px_store_layout(txn);
}

static void start_empty(px_txn *txn, void *context)
{
    const preparation *p = context;
    uint8_t layout[8];

    drop_records(txn, NULL);
    px_put_be64(layout, p->layout);
    px_put(txn, meta, layout_key(), (px_bytes){ layout, sizeof(layout) });
}

px_status px_store_open_data(px_store *store, bool *fresh)
{
    const px_store_options *options = &store->options;
    preparation p = { .layout = options->layout };
    px_status status = px_map_open(store);
    int dead;

    px_hot_clear(store->hot);
    if (status != PX_OK)
        return status;
    (void)mdb_reader_check(store->env, &dead);
    status = change(store, prepare, &p);
    *fresh = p.found != p.layout;
    if (status != PX_OK || !*fresh)
        return status;
    if (p.found != 0 && options->on_other_layout)
        options->on_other_layout(options->context, store, p.found);
    return change(store, start_empty, &p);
}

px_status px_store_discard_data(px_store *store)
{
    static const char *const files[] = { "data.mdb", "lock.mdb" };

    px_map_close(store);
    px_gate_verdict(store, PX_OK); /* what failed is gone */
    for (size_t i = 0; i < PX_COUNT(files); i++)
        if (unlinkat(store->directory, files[i], 0) != 0 && errno != ENOENT)
            return PX_EIO;
    return PX_OK;
}

/* Opens what is there or, if it is not to be believed or not LMDB's, an empty store in its place.
 */
static px_status open_files(px_store *store, bool *fresh)
{
    bool doubted = px_tries_doubt(&store->tries);
    px_status status =
        px_mark_trusted(&store->mark) && !doubted ? PX_OK : px_store_discard_data(store);

    if (status == PX_OK)
        status = px_mark_opened(&store->mark);
    if (status == PX_OK)
        status = px_store_open_data(store, fresh);
    if (status != PX_ECORRUPT)
        return status;
    status = px_store_discard_data(store);
    if (status == PX_OK)
        status = px_mark_opened(&store->mark);
    return status == PX_OK ? px_store_open_data(store, fresh) : status;
}

void px_store_release(px_store *store)
{
    px_map_close(store);
    if (store->lock >= 0)
        close(store->lock);
    if (store->directory >= 0)
        close(store->directory);
    pthread_cond_destroy(&store->gate_changed);
    pthread_mutex_destroy(&store->gate);
    px_hot_destroy(store->hot);
    free(store->path);
    free(store);
}

px_store *px_store_make(const px_store_options *options)
{
    px_store *store = calloc(1, sizeof(*store));

    if (!store)
        return NULL;
    store->path = strdup(options->directory);
    store->options = *options;
    store->options.directory = store->path;
    store->hot = px_hot_create(options->hot);
    store->directory = store->lock = -1;
    pthread_mutex_init(&store->gate, NULL);
    pthread_cond_init(&store->gate_changed, NULL);
    if (store->path && store->hot)
        return store;
    px_store_release(store);
    return NULL;
}

px_status px_store_open(px_store **out, const px_store_options *options, bool *fresh)
{
    px_store *store = px_store_make(options);

    *out = NULL;
    if (!store)
        return PX_ENOMEM;
    px_status status = sodium_init() < 0 ? PX_EIO : lock_directory(store, store->path);
    if (status != PX_OK)
        goto done;
    px_mark_init(&store->mark, store->directory, options->boot_id_file);
    px_tries_begin(&store->tries, store->directory);
    status = open_files(store, fresh);
done:
    if (status != PX_OK) {
        px_store_release(store);
        return status;
    }
    *out = store;
    return PX_OK;
}

void px_store_close(px_store *store)
{
    if (!store)
        return;
    PX_ASSERT(!store->writing && store->inside == 0);
    bool clean = store->failed == PX_OK && px_store_sync(store) == PX_OK;
    px_map_close(store);
    if (clean) /* when this fails the note says "open", which only costs a rebuild after a reboot */
        (void)px_mark_clean(&store->mark);
    px_tries_settle(&store->tries);
    px_store_release(store);
}

/* --- transactions --- */

px_txn *px_store_begin(px_store *store)
{
    px_txn *txn = &store->writer;

    PX_ASSERT(!store->writing);
    *txn = (px_txn){
        .store = store, .dbi = store->dbi, .status = px_store_failure(store), .writes = true
    };
    store->writing = true;
    if (txn->status != PX_OK)
        return txn;
    int rc = mdb_txn_begin(store->env, NULL, 0, &txn->mdb);
    if (rc != MDB_SUCCESS) {
        txn->mdb = NULL;
        px_txn_fail(txn, rc);
    }
    return txn;
}

px_txn *px_store_read(px_store *store)
{
    px_txn *txn = calloc(1, sizeof(*txn));
    if (!txn)
        return NULL;
    *txn = (px_txn){ .store = store, .dbi = store->dbi };
    if (!px_gate_enter(store))
        goto refused;
    if (mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn->mdb) != MDB_SUCCESS)
        goto shut_out;
    return txn;

shut_out:
    px_gate_leave(store);
refused:
    free(txn);
    return NULL;
}

/* After LMDB's part of the transaction has ended. */
static void txn_end(px_txn *txn, bool committed)
{
    txn->mdb = NULL;
    if (txn->writes) {
        px_hot_end(txn->store->hot, committed);
        txn->store->writing = false;
        return;
    }
    px_gate_leave(txn->store);
    free(txn);
}

px_status px_txn_commit(px_txn *txn)
{
    if (txn->writes && txn->status == PX_OK)
        px_hot_write(txn);
    if (txn->status != PX_OK) {
        px_status status = txn->status;
        px_txn_abort(txn);
        return status;
    }
    int rc = mdb_txn_commit(txn->mdb);
    if (rc != MDB_SUCCESS)
        px_txn_fail(txn, rc);
    px_status status = txn->status;
    txn_end(txn, status == PX_OK);
    return status;
}

void px_txn_abort(px_txn *txn)
{
    if (!txn)
        return;
    mdb_txn_abort(txn->mdb); /* NULL is fine */
    txn_end(txn, false);
}
