/* store_upkeep.c: what any thread may ask of a store, or do for it, beside its user. */
#include <fcntl.h>
#include <lmdb.h>
#include <unistd.h>

#include "common/store.h"
#include "common/store_txn.h"

px_status px_store_failure(px_store *store)
{
    pthread_mutex_lock(&store->gate);
    px_status failed = store->failed;
    pthread_mutex_unlock(&store->gate);
    return failed;
}

px_tries *px_store_tries(px_store *store)
{
    return &store->tries;
}

/* A descriptor of its own, so that neither growing nor replacing waits for the disk; the file is
 * the same, and so are the errors that the kernel has for it. */
static int data_descriptor(px_store *store)
{
    mdb_filehandle_t fd;
    int own = -1;

    if (!px_gate_enter(store))
        return -1;
    if (mdb_env_get_fd(store->env, &fd) == MDB_SUCCESS)
        own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    px_gate_leave(store);
    return own;
}

px_status px_store_sync(px_store *store)
{
    int fd = data_descriptor(store);
    px_status status = fd >= 0 ? PX_OK : px_store_failure(store);

    if (fd < 0)
        return status != PX_OK ? status : PX_EIO;
    if (fdatasync(fd) != 0) {
        px_store_fail(store, PX_ECORRUPT); /* unwritten pages may be lost and yet be called clean */
        status = PX_EIO;
    }
    close(fd);
    return status;
}

void px_store_check_readers(px_store *store)
{
    int dead;

    if (!px_gate_enter(store))
        return;
    (void)mdb_reader_check(store->env, &dead); /* housekeeping: it is tried again in a minute */
    px_gate_leave(store);
}

void px_store_usage(px_store *store, uint64_t *map_bytes, uint64_t *used_bytes, uint32_t *readers)
{
    MDB_envinfo info = { 0 };
    MDB_stat stat = { 0 };

    *map_bytes = *used_bytes = 0;
    *readers = 0;
    if (!px_gate_enter(store))
        return;
    mdb_env_info(store->env, &info);
    mdb_env_stat(store->env, &stat);
    *map_bytes = info.me_mapsize;
    *used_bytes = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    pthread_mutex_lock(&store->gate);
    *readers = store->inside - 1; /* without ourselves */
    pthread_mutex_unlock(&store->gate);
    px_gate_leave(store);
}
