/* store_map.c: the map that LMDB's file is seen through: opened, grown, closed.
 *
 * Flags: NOTLS, so that a thread may hold a view beside the write transaction. NORDAHEAD, since the
 * fold jumps between keys and five daemons share one page cache. Not NOMEMINIT: it would leak heap
 * bytes into the file. Never WRITEMAP: a full disk would be a SIGBUS instead of an error.
 */
#include <lmdb.h>
#include <unistd.h>

#include "common/store.h"
#include "common/store_txn.h"
#include "common/volume.h"

enum {
    FILE_MODE = 0600,
    LOCK_FILE_BYTES = 8192 /* LMDB's for its usual 126 readers */
};

static const uint64_t map_bytes_default = UINT64_C(16) << 30;

static size_t round_to_page(uint64_t bytes)
{
    const uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;

    return (size_t)((bytes + mask) & ~mask);
}

px_status px_map_open(px_store *store)
{
    const unsigned flags = MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD;
    const uint64_t map_bytes =
        store->options.map_bytes ? store->options.map_bytes : map_bytes_default;
    px_status status = px_volume_reserve(store->directory, "lock.mdb", LOCK_FILE_BYTES);

    if (status != PX_OK)
        return status;
    int rc = mdb_env_create(&store->env);
    if (rc != MDB_SUCCESS)
        return px_store_status(rc);

    rc = mdb_env_set_mapsize(store->env, round_to_page(map_bytes));
    if (rc == MDB_SUCCESS)
        rc = mdb_env_set_maxdbs(store->env, PX_DBI_COUNT);
    if (rc == MDB_SUCCESS)
        rc = mdb_env_open(store->env, store->options.directory, flags, FILE_MODE);
    if (rc != MDB_SUCCESS) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    return px_store_status(rc);
}

void px_map_close(px_store *store)
{
    if (store->env)
        mdb_env_close(store->env);
    store->env = NULL;
}

static px_status grow_map(px_store *store)
{
    MDB_envinfo info;

    mdb_env_info(store->env, &info);
    if (info.me_mapsize > SIZE_MAX / 2)
        return PX_ENOMEM;
    if (mdb_env_set_mapsize(store->env, info.me_mapsize * 2) == MDB_SUCCESS)
        return PX_OK;
    /* LMDB gave the old map back before it asked for the new one: now it has none. */
    px_store_fail(store, PX_ENOMEM);
    return PX_ENOMEM;
}

px_status px_store_grow(px_store *store)
{
    px_status status = px_store_failure(store);

    PX_ASSERT(!store->writing);
    if (status != PX_OK)
        return status;
    if (store->shut) /* by px_store_replace(): nobody is in there */
        return grow_map(store);
    px_gate_shut(store);
    status = grow_map(store);
    px_gate_open(store);
    return status;
}
