/* store.h: one LMDB environment per daemon: the state, and what is still to be sent. */
#ifndef PRAXIS_COMMON_STORE_H
#define PRAXIS_COMMON_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/status.h"
#include "common/tries.h"

/**
 * Two tables. PX_STATE is a pure function of a prefix of the log and is what px_store_digest()
 * covers; PX_LOCAL holds what is not (rows waiting to be sent, feed position, touched report keys).
 */
typedef enum { PX_STATE, PX_LOCAL, PX_TABLE_COUNT } px_table;

typedef struct px_store px_store;
typedef struct px_txn px_txn;  /* a transaction that may write */
typedef struct px_txn px_view; /* the same seen by code that only reads: always `const px_view *` */

typedef struct {
    const void *data;
    size_t size;
} px_bytes;

typedef struct {
    const char *directory; /* made if missing (0700); the store's alone; locked by one process */
    uint64_t map_bytes;    /* first size of the sparse map; 0 = 16 GiB */
    uint32_t layout;       /* projection version; another number found on disk empties the store */
    const uint8_t *hot;    /* first bytes of the keys that many facts touch; 0 ends them; or NULL */
    const char *boot_id_file; /* NULL = the kernel's; its first line tells one boot from another */
    /** Another layout was found, and can be read (and copied) until this returns. May be NULL. */
    void (*on_other_layout)(void *context, px_store *store, uint32_t layout);
    void *context;
} px_store_options;

enum { PX_KEY_MAX = 500 }; /* bytes; LMDB's own limit is 511 */

/**
 * Opens or creates the store. One that was not closed cleanly and whose boot id differs from this
 * machine's current one is emptied (LMDB is a cache; a rebuild follows); so is one whose last sync
 * failed or that LMDB finds damaged.
 * A data.mdb without the store's own `mark` file beside it is a restored snapshot and is taken as
 * it is. Dead readers are cleared.
 * @param fresh  set to true when the store starts empty (new, other layout, or discarded)
 * @return PX_OK; PX_EBUSY when another process has the directory; PX_ENOSPACE, PX_EIO, PX_ENOMEM
 */
px_status px_store_open(px_store **store, const px_store_options *options, bool *fresh);
/** Syncs, marks a clean stop (not after PX_EIO), closes; no transaction is open. NULL is fine. */
void px_store_close(px_store *store);
/** Doubles the map. No write transaction may be open; waits for views to end (they are short).
 * PX_ENOMEM: there is no address space left and the store has failed; only closing works. */
px_status px_store_grow(px_store *store);
/** fdatasync; called now and then and at exit, never per commit. Any thread. */
px_status px_store_sync(px_store *store);
/**
 * PX_OK while it works. PX_ECORRUPT: a record or a page was found that is not what was put; nothing
 * is read from it any more, nor by the next process: replace it (store_copy.h). Any thread.
 */
px_status px_store_failure(px_store *store);
/** Of its directory; begun when it was opened, settled when it is closed. Fold thread only. */
px_tries *px_store_tries(px_store *store);
/** Clears slots of readers that died; called every minute. Any thread. */
void px_store_check_readers(px_store *store);
/** Map size, bytes used (high-water mark) and open views, for metrics; zeros after a failure. */
void px_store_usage(px_store *store, uint64_t *map_bytes, uint64_t *used_bytes, uint32_t *readers);

/** The one write transaction: of the fold (committed) or of a decision round (aborted). Fold thread
 * only. Never NULL: a failure to begin sticks like every later error. */
px_txn *px_store_begin(px_store *store);
/**
 * A snapshot for a query; any thread; never waits for the writer, only for a map that is just
 * growing: so one at a time per thread, and the fold thread none while it grows. NULL when no
 * reader slot is free or the store has failed.
 */
px_txn *px_store_read(px_store *store);
/**
 * Commits. The first error of any earlier call on this transaction sticks and is reported here.
 * Frees the transaction in every case. PX_EFULL: px_store_grow() and run the batch again.
 * PX_ENOSPACE: nothing was changed; the same may work when the volume has space again.
 */
px_status px_txn_commit(px_txn *txn);
/** Forgets every change (and ends a read transaction). NULL is fine. */
void px_txn_abort(px_txn *txn);
/** The first error so far; PX_OK while there is none. "Not found" is never an error here. */
px_status px_txn_status(const px_txn *txn);
/** Records put and deleted so far: every page they touch is held in memory until the end. */
size_t px_txn_changes(const px_txn *txn);
/** The log sequence being folded, for dirty marks; in a decision round the cursor (agenda.h). */
void px_txn_set_seq(px_txn *txn, uint64_t seq);
uint64_t px_txn_seq(const px_view *txn);

/**
 * Reads one record. The bytes belong to LMDB, are not aligned, and die at the next put or delete on
 * the same transaction (and at its end): copy what must live. @return false when there is none, or
 * after a sticky error, of which PX_ECORRUPT says that the record is not what was put, or is
 * missing and should not be.
 */
bool px_get(const px_view *txn, px_table table, px_bytes key, px_bytes *value);
/** Is there a record whose key starts with `prefix`? Cheaper than px_get() where mostly none is. */
bool px_any(const px_view *txn, px_table table, px_bytes prefix);
/** Writes one record, replacing an old one. Errors stick. An over-long key is a bug (asserted). */
void px_put(px_txn *txn, px_table table, px_bytes key, px_bytes value);
/** Removes one record; removing what is not there is fine. */
void px_del(px_txn *txn, px_table table, px_bytes key);

/**
 * Walks the records whose key starts with a prefix, in ascending key order (memcmp). Embedded by
 * the caller, fields private. Changing the table while a scan is open is allowed only through
 * px_scan_del(); otherwise collect keys first.
 */
typedef enum { PX_SCAN_BEFORE, PX_SCAN_ON, PX_SCAN_DELETED, PX_SCAN_ENDED } px_scan_place;
typedef struct {
    const px_txn *txn;
    void *cursor;
    px_table table;
    unsigned char prefix[PX_KEY_MAX], last[PX_KEY_MAX];
    size_t prefix_size, last_size;
    px_scan_place place;
} px_scan;

/** Starts before the first record whose key starts with `prefix` (size 0: the whole table). */
void px_scan_begin(px_scan *scan, const px_view *txn, px_table table, px_bytes prefix);
/** The same, but starts at the first such record whose key is >= `from`. */
void px_scan_begin_at(px_scan *scan, const px_view *txn, px_table table, px_bytes prefix,
                      px_bytes from);
/** Steps to the next record. @return false at the end or after a sticky error. */
bool px_scan_next(px_scan *scan, px_bytes *key, px_bytes *value);
/** Deletes the record the scan stands on (write transactions); the walk goes on with the next. */
void px_scan_del(px_scan *scan);
/** Ends the walk; must be called exactly once, before the transaction ends. */
void px_scan_end(px_scan *scan);
/** The last record whose key starts with `prefix`. @return false when there is none. */
bool px_last(const px_view *txn, px_table table, px_bytes prefix, px_bytes *key, px_bytes *value);

/**
 * BLAKE2b-256 over every (key, value) of PX_STATE in key order, each preceded by its length as 4
 * bytes little endian; `records` (may be NULL) gets their number. Two daemons at the same log
 * sequence agree.
 */
px_status px_store_digest(const px_view *txn, uint8_t digest[32], uint64_t *records);

/* Big-endian numbers sort in LMDB as they count. */
void px_put_be64(uint8_t out[8], uint64_t value);
uint64_t px_get_be64(const uint8_t in[8]);

#endif
