/* store_txn.h: what store.c (files, transactions), store_copy.c (whole copies) and store_records.c
 * (records, scans) and store_check.c (are they whole?) share; private. */
#ifndef PRAXIS_COMMON_STORE_TXN_H
#define PRAXIS_COMMON_STORE_TXN_H

#include <pthread.h>

#include "common/mark.h"
#include "common/store.h"
#include "common/tries.h"

enum {
    PX_DBI_COUNT = PX_TABLE_COUNT + 1, /* the last one: the layout number */
    PX_TRAILER_SIZE = 8
};

struct MDB_cursor;

extern const char *const px_store_tables[PX_DBI_COUNT];

struct px_txn {
    px_store *store;
    const unsigned *dbi; /* the store's table handles (MDB_dbi) by px_table */
    struct MDB_txn *mdb; /* NULL when it could not begin; then status says why */
    px_status status;    /* the first error */
    uint64_t seq;
    size_t changes; /* records put and deleted */
    bool writes;
};

struct px_store {
    px_store_options options; /* its directory is `path` */
    char *path;
    struct MDB_env *env;
    unsigned dbi[PX_DBI_COUNT]; /* MDB_dbi */
    int directory;              /* descriptors; -1 when not open */
    int lock;
    px_mark mark;
    px_tries tries;
    struct px_hot *hot;
    px_txn writer; /* LMDB has one write transaction at a time, so it needs no allocation */
    bool writing;

    /* The gate: whoever reads the map enters it, growing waits until it is empty and keeps it shut.
       Not a rwlock: a view may end on another thread, and a stream of readers must not hold up the
       fold. */
    pthread_mutex_t gate;
    pthread_cond_t gate_changed;
    uint32_t inside;
    bool shut;
    px_status failed; /* after this nothing works but closing */
};

/** Keeps an LMDB error if it is the first one; one of the disk ends the use of the store as well.
 */
void px_txn_fail(const px_txn *txn, int rc);

/** Keeps the first failure; after PX_ECORRUPT nobody believes the files again. */
void px_store_fail(px_store *store, px_status status);

/** False: the store has failed. Whoever entered leaves again. */
bool px_gate_enter(px_store *store);
void px_gate_leave(px_store *store);
/** Waits until nobody is inside, and lets nobody in until it is opened. */
void px_gate_shut(px_store *store);
void px_gate_open(px_store *store);
/** Whether the store has failed from now on (PX_OK: it has not). */
void px_gate_verdict(px_store *store, px_status status);

/** A store with nothing open yet. NULL: no memory. */
px_store *px_store_make(const px_store_options *options);
/** Closes what is open and frees: no sync, no note. */
void px_store_release(px_store *store);
/** The environment in the store's directory; another layout's is emptied. */
px_status px_store_open_data(px_store *store, bool *fresh);
/** Closes the environment and removes its files; the store has not failed any more. */
px_status px_store_discard_data(px_store *store);
/** px_status of an LMDB return code. */
px_status px_store_status(int rc);

/* ---- store_map.c ---- */

/** The environment in the store's directory. */
px_status px_map_open(px_store *store);
/** If it is open. */
void px_map_close(px_store *store);

/* ---- store_check.c ---- */

/** What a record ends in: a keyed hash over table, key and value. */
void px_trailer(px_table table, px_bytes key, px_bytes value, uint8_t out[PX_TRAILER_SIZE]);
/** Takes the trailer off a stored value. False, and PX_ECORRUPT sticks: it is not what was put. */
bool px_record_whole(const px_view *txn, px_table table, px_bytes key, px_bytes *value);
/**
 * The cursor stands on the first record not below `at`; or (found: false) there is none. Are it and
 * the one before whole and in order, so that nothing is missing between them? `before`: there is
 * one before, and the cursor now stands on it. False: PX_ECORRUPT sticks.
 */
bool px_gap_whole(const px_view *txn, px_table table, struct MDB_cursor *cursor, px_bytes at,
                  bool found, bool *before);
/** LMDB finds no such record: PX_ECORRUPT sticks unless that is to be believed. */
void px_absence_check(const px_view *txn, px_table table, px_bytes key);
/** A walk over a whole table met so many records: PX_ECORRUPT sticks when LMDB counts others. */
void px_count_check(const px_view *txn, px_table table, uint64_t count);
/** memcmp, then the shorter first. */
int px_bytes_compare(px_bytes a, px_bytes b);

#endif
