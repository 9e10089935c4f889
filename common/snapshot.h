/* snapshot.h: whole copies of a projection kept beside it, to start from instead of an empty store.
 *
 * In <data directory>/snapshots: <name>.mdb, and <name>.info with what is needed to know whether it
 * fits and whether it is undamaged. The second is written last: a snapshot without it is none.
 */
#ifndef PRAXIS_COMMON_SNAPSHOT_H
#define PRAXIS_COMMON_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "common/chain.h"
#include "common/store.h"

enum { PX_SNAPSHOT_NAME_MAX = 64, PX_SNAPSHOTS_MAX = 64 };

typedef struct {
    char name[PX_SNAPSHOT_NAME_MAX];
    int64_t taken_us; /* by this machine's clock */
    uint64_t layout;  /* of the records */
    uint64_t seq;     /* of the last log message folded, and its tag */
    uint64_t tag;
    uint64_t records;
    uint64_t bytes;                      /* of the file */
    uint8_t state_digest[32];            /* px_store_digest() */
    uint8_t file_digest[PX_DIGEST_SIZE]; /* BLAKE2b-256 of the file */
} px_snapshot;

/**
 * Takes one of what is committed now, and drops all but the newest `keep` of its layout and the
 * newest of any other. Any thread, one at a time for a directory. One of the same log message that
 * is there already is not taken again.
 * @param taken  what it is; may be NULL
 * @return PX_OK; PX_EEMPTY: nothing was folded yet; PX_EIO: disk or store, nothing is left behind
 */
px_status px_snapshot_take(const char *data_dir, px_store *store, size_t keep, px_snapshot *taken);
/** The snapshots of a directory, newest first, at most `max`. @return how many */
size_t px_snapshot_list(const char *data_dir, px_snapshot *out, size_t max);
/**
 * Copies one into the snapshots of another data directory, which is made if missing. Nothing is
 * checked but the file's digest; whether it fits a log is for the daemon that starts on it.
 * @return PX_OK; PX_ECORRUPT: it is damaged; PX_ENOSPACE, PX_EIO: nothing is left behind
 */
px_status px_snapshot_copy(const char *data_dir, const px_snapshot *snapshot, const char *to_dir);
/**
 * Puts a copy of one where the data of the store is; the snapshot stays. Fold thread.
 * @return PX_OK; PX_ECORRUPT: it is damaged, the store is as before; PX_ENOSPACE, PX_EIO
 */
px_status px_snapshot_restore(const char *data_dir, const px_snapshot *snapshot, px_store *store);

#endif
