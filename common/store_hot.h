/* store_hot.h: rows of a few tables that the writer keeps in memory; private to store*.c. */
#ifndef PRAXIS_COMMON_STORE_HOT_H
#define PRAXIS_COMMON_STORE_HOT_H

#include <stdbool.h>

#include "common/store.h"

typedef struct px_hot px_hot;

/** For the engine's own hot tables and these (0 ends them; NULL: none). NULL: no memory. */
px_hot *px_hot_create(const uint8_t *tables);
void px_hot_destroy(px_hot *hot);
/** Other data is in place. */
void px_hot_clear(px_hot *hot);

/** Whether this key is one of a hot table to the writer. */
bool px_hot_has(const px_txn *txn, px_table table, px_bytes key);
bool px_hot_get(const px_txn *txn, px_bytes key, px_bytes *value);
void px_hot_put(px_txn *txn, px_bytes key, px_bytes value);
void px_hot_del(px_txn *txn, px_bytes key);
/** The table was changed behind its back. */
void px_hot_forget(px_txn *txn, px_bytes key);

/** Writes what has changed into the table: before any walk, and before the commit. */
void px_hot_write(px_txn *txn);
/** The transaction is over: what was not committed is forgotten. */
void px_hot_end(px_hot *hot, bool committed);

/* ---- store_records.c: the table itself ---- */

bool px_tree_get(const px_txn *txn, px_table table, px_bytes key, px_bytes *value);
void px_tree_put(px_txn *txn, px_table table, px_bytes key, px_bytes value);
void px_tree_del(px_txn *txn, px_table table, px_bytes key);

#endif
