/* store_map.c: the map that LMDB's file is seen through: opened, grown, closed.
 *
 * Flags: NOTLS, so that a thread may hold a view beside the write transaction. NORDAHEAD, since the
 * fold jumps between keys and five daemons share one page cache. Not NOMEMINIT: it would leak heap
 * bytes into the file. WRITEMAP only in bulk: a full disk would be a SIGBUS instead of an error, so
 * the map is no larger than what was reserved on the disk, and grows with it.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/store.h"
#include "common/store_txn.h"
#include "common/volume.h"

enum {
    FILE_MODE = 0600,
    LOCK_FILE_BYTES = 8192 /* LMDB's for its usual 126 readers */
};

static const uint64_t map_bytes_default = UINT64_C(16) << 30;
static const uint64_t map_bytes_bulk = UINT64_C(64) << 20;
static const uint64_t map_bytes_least = UINT64_C(1) << 20;
static const char data_file[] = "data.mdb";

static size_t round_to_page(uint64_t bytes)
{
    const uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;

    return (size_t)((bytes + mask) & ~mask);
}

/* In bulk: a small map, or what is there already. A volume that reserves nothing is written to as
 * ever. */
static px_status reserve(px_store *store, uint64_t *map_bytes)
{
    uint64_t bytes = *map_bytes < map_bytes_bulk ? *map_bytes : map_bytes_bulk;
    struct stat file;
    px_status status;

    while (bytes > map_bytes_least && bytes > px_volume_free(store->directory) / 2)
        bytes /= 2;
    if (fstatat(store->directory, data_file, &file, 0) == 0)
        while (bytes < (uint64_t)file.st_size)
            bytes *= 2;
    status = px_volume_reserve_behind(store->directory, data_file, bytes);
    if (status == PX_OK)
        *map_bytes = bytes;
    store->options.bulk = status != PX_EINVALID;
    return status == PX_EINVALID ? PX_OK : status;
}

px_status px_map_open(px_store *store)
{
    unsigned flags = MDB_NOSYNC | MDB_NOTLS | MDB_NORDAHEAD;
    uint64_t map_bytes = store->options.map_bytes ? store->options.map_bytes : map_bytes_default;
    px_status status = px_volume_reserve(store->directory, "lock.mdb", LOCK_FILE_BYTES);

    if (status == PX_OK && store->options.bulk)
        status = reserve(store, &map_bytes);
    if (status != PX_OK)
        return status;
    if (store->options.bulk)
        flags |= MDB_WRITEMAP;
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

/* Zeros after a failure: then there may be no map. */
static void used_and_mapped(px_store *store, uint64_t *used_bytes, uint64_t *map_bytes)
{
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };

    *used_bytes = *map_bytes = 0;
    if (px_store_failure(store) != PX_OK)
        return;
    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    *used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    *map_bytes = info.me_mapsize;
}

/* What was reserved and not used is given back; else it costs space, and nothing more. */
void px_map_close(px_store *store)
{
    uint64_t used_bytes = 0, map_bytes;
    int file = -1;

    if (!store->env)
        return;
    if (store->options.bulk)
        used_and_mapped(store, &used_bytes, &map_bytes);
    mdb_env_close(store->env);
    store->env = NULL;
    if (used_bytes > 0)
        file = openat(store->directory, data_file, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return;
    (void)!ftruncate(file, (off_t)used_bytes);
    close(file);
}

/* Twice as much, or half as much again, down to an eighth: others write to this volume too, and
 * only the eighth may be more than half of what is free. */
static px_status reserve_more(px_store *store, uint64_t *map_bytes)
{
    uint64_t more = *map_bytes, least = *map_bytes / 8;

    while (more > least && more > px_volume_free(store->directory) / 2)
        more /= 2;
    *map_bytes = round_to_page(*map_bytes + more);
    return px_volume_reserve_behind(store->directory, data_file, *map_bytes);
}

static px_status grow_map(px_store *store)
{
    px_status status = PX_OK;
    uint64_t map_bytes;
    MDB_envinfo info;

    mdb_env_info(store->env, &info);
    map_bytes = info.me_mapsize;
    if (map_bytes > SIZE_MAX / 2)
        return PX_ENOMEM;
    if (store->options.bulk)
        status = reserve_more(store, &map_bytes);
    else
        map_bytes *= 2;
    if (status != PX_OK)
        return status;
    if (mdb_env_set_mapsize(store->env, map_bytes) == MDB_SUCCESS)
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

/* Before a transaction finds the map full, and all that it did is done again. */
void px_map_grow_early(px_store *store)
{
    uint64_t used_bytes, map_bytes;

    used_and_mapped(store, &used_bytes, &map_bytes);
    if (used_bytes > map_bytes / 2)
        (void)px_store_grow(store); /* the transaction will tell */
}
