/* store_txn.h: what store.c (files, transactions) and store_records.c (records, scans) share;
 * private. */
#ifndef PRAXIS_COMMON_STORE_TXN_H
#define PRAXIS_COMMON_STORE_TXN_H

#include "common/store.h"

struct px_txn {
    px_store *store;
    const unsigned *dbi; /* the store's table handles (MDB_dbi) by px_table */
    struct MDB_txn *mdb; /* NULL when it could not begin; then status says why */
    px_status status;    /* the first error */
    uint64_t seq;
    bool writes;
};

/** Keeps an LMDB error if it is the first one; one of the disk ends the use of the store as well.
 */
void px_txn_fail(const px_txn *txn, int rc);

#endif
