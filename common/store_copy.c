/* store_copy.c: whole copies of a store: made beside the writer, looked at, put in its place. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <unistd.h>

#include "common/store_copy.h"
#include "common/store_txn.h"

px_status px_store_copy(px_store *store, int file)
{
    px_status status;

    if (!px_gate_enter(store))
        return PX_EIO;
    status = px_store_status(mdb_env_copyfd2(store->env, file, MDB_CP_COMPACT));
    px_gate_leave(store);
    return status;
}

static int open_tables(px_store *store)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(store->env, NULL, MDB_RDONLY, &txn);

    if (rc != MDB_SUCCESS)
        return rc;
    for (size_t i = 0; i < PX_DBI_COUNT && rc == MDB_SUCCESS; i++)
        rc = mdb_dbi_open(txn, px_store_tables[i], 0, &store->dbi[i]);
    if (rc == MDB_SUCCESS)
        return mdb_txn_commit(txn); /* which keeps the handles */
    mdb_txn_abort(txn);
    return rc == MDB_NOTFOUND ? MDB_INVALID : rc;
}

px_status px_store_open_copy(px_store **out, const char *file)
{
    const unsigned flags = MDB_NOSUBDIR | MDB_RDONLY | MDB_NOLOCK | MDB_NOTLS | MDB_NORDAHEAD;
    px_store *store = px_store_make(&(px_store_options){ .directory = file });
    int rc = ENOMEM;

    *out = NULL;
    if (store)
        rc = mdb_env_create(&store->env);
    if (rc == MDB_SUCCESS)
        rc = mdb_env_set_maxdbs(store->env, PX_DBI_COUNT);
    if (rc == MDB_SUCCESS)
        rc = mdb_env_open(store->env, file, flags, 0);
    if (rc == MDB_SUCCESS)
        rc = open_tables(store);
    if (rc == MDB_SUCCESS)
        *out = store;
    else if (store)
        px_store_release(store);
    return px_store_status(rc);
}

void px_store_drop(px_store *store)
{
    if (!store)
        return;
    PX_ASSERT(!store->writing && store->inside == 0);
    px_store_release(store);
}

/* The note says "open" all the while, or "distrusted" until the new data is in its place: a power
 * cut leaves data that nobody believes, a process that dies here data that is whole. */
static px_status put_in_place(px_store *store, const char *file)
{
    mdb_env_close(store->env); /* NULL is fine: an earlier one went wrong */
    store->env = NULL;
    if (unlinkat(store->directory, "lock.mdb", 0) != 0 && errno != ENOENT)
        return PX_EIO;
    return renameat(AT_FDCWD, file, store->directory, "data.mdb") == 0 ? PX_OK : PX_EIO;
}

px_status px_store_replace(px_store *store, const char *file, bool *fresh)
{
    px_status status;

    PX_ASSERT(!store->writing);
    px_gate_shut(store);
    status = file ? put_in_place(store, file) : px_store_discard_data(store);
    if (status == PX_OK)
        status = px_mark_opened(&store->mark);
    px_gate_verdict(store, PX_OK); /* what failed is gone */
    if (status == PX_OK)
        status = px_store_open_data(store, fresh);
    if (status != PX_OK)
        px_gate_verdict(store, status);
    px_gate_open(store);
    return status;
}

px_status px_store_remove(const char *directory)
{
    static const char *const files[] = { "data.mdb", "lock.mdb",  "mark",    "mark.new",
                                         "tries",    "tries.new", "crashed", "owner.lock" };
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    px_status status = PX_OK;

    if (fd < 0)
        return errno == ENOENT ? PX_OK : PX_EIO;
    for (size_t i = 0; i < PX_COUNT(files); i++)
        if (unlinkat(fd, files[i], 0) != 0 && errno != ENOENT)
            status = PX_EIO;
    close(fd);
    return rmdir(directory) == 0 ? status : PX_EIO;
}
