/* store_check.c: is what LMDB gives what was put? Every record ends in a keyed hash over table, key
 * and value.
 *
 * LMDB has no checksums: of single flipped bits in its file six in ten come back as wrong data with
 * MDB_SUCCESS. A flipped bit in a key makes a record vanish instead, so "there is none" is not
 * believed either: the records on both sides of the gap must be whole and in order. What is left to
 * the scrub (store_keeper.c), which reads everything in order, counts it and looks for a record of
 * each page, is a whole page in another's place, and one whose header lost its last records or
 * leads elsewhere.
 */
#include <lmdb.h>
#include <sodium.h>
#include <string.h>

#include "common/store_txn.h"

/* Not a secret: it finds accidents. The last byte is the table. */
static const uint8_t hash_key[crypto_shorthash_KEYBYTES] = "praxis records";

void px_trailer(px_table table, px_bytes key, px_bytes value, uint8_t out[PX_TRAILER_SIZE])
{
    uint8_t by_table[crypto_shorthash_KEYBYTES], by_key[crypto_shorthash_KEYBYTES];

    _Static_assert((int)crypto_shorthash_BYTES == (int)PX_TRAILER_SIZE, "a trailer is one hash");
    memcpy(by_table, hash_key, sizeof by_table);
    by_table[sizeof by_table - 1] = (uint8_t)table;
    memcpy(by_key, by_table, sizeof by_key);
    crypto_shorthash(by_key, key.data, key.size, by_table); /* its first half */
    crypto_shorthash(out, value.data, value.size, by_key);
}

static bool damaged(const px_view *txn)
{
    px_txn_fail(txn, MDB_CORRUPTED);
    return false;
}

bool px_record_whole(const px_view *txn, px_table table, px_bytes key, px_bytes *value)
{
    uint8_t trailer[PX_TRAILER_SIZE];

    if (value->size < sizeof trailer)
        return damaged(txn);
    value->size -= sizeof trailer;
    px_trailer(table, key, *value, trailer);
    return memcmp((const uint8_t *)value->data + value->size, trailer, sizeof trailer) == 0 ||
           damaged(txn);
}

int px_bytes_compare(px_bytes a, px_bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

static bool read_whole(const px_view *txn, px_table table, MDB_val k, MDB_val v, px_bytes *key)
{
    px_bytes value = { v.mv_data, v.mv_size };

    *key = (px_bytes){ k.mv_data, k.mv_size };
    return px_record_whole(txn, table, *key, &value);
}

/* No record at all: then the table has none. */
static bool table_empty(const px_view *txn, px_table table)
{
    MDB_stat stat;

    return (mdb_stat(txn->mdb, txn->dbi[table], &stat) == MDB_SUCCESS && stat.ms_entries == 0) ||
           damaged(txn);
}

bool px_gap_whole(const px_view *txn, px_table table, MDB_cursor *cursor, px_bytes at, bool found,
                  bool *before)
{
    px_bytes key;
    MDB_val k, v;

    *before = false;
    if (found && (mdb_cursor_get(cursor, &k, &v, MDB_GET_CURRENT) != MDB_SUCCESS ||
                  !read_whole(txn, table, k, v, &key) || px_bytes_compare(key, at) < 0))
        return damaged(txn);
    int rc = mdb_cursor_get(cursor, &k, &v, found ? MDB_PREV : MDB_LAST);
    if (rc == MDB_NOTFOUND)
        return found || table_empty(txn, table);
    if (rc != MDB_SUCCESS || !read_whole(txn, table, k, v, &key) || px_bytes_compare(key, at) >= 0)
        return damaged(txn);
    *before = true;
    return true;
}

void px_count_check(const px_view *txn, px_table table, uint64_t count)
{
    MDB_stat stat;

    if (txn->status == PX_OK &&
        (mdb_stat(txn->mdb, txn->dbi[table], &stat) != MDB_SUCCESS || stat.ms_entries != count))
        damaged(txn);
}

void px_absence_check(const px_view *txn, px_table table, px_bytes key)
{
    MDB_cursor *cursor;
    MDB_val k = { key.size, (void *)key.data }, v;
    bool before;
    int rc = mdb_cursor_open(txn->mdb, txn->dbi[table], &cursor);

    if (rc != MDB_SUCCESS) {
        px_txn_fail(txn, rc);
        return;
    }
    rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
    else if (rc == MDB_SUCCESS && px_bytes_compare((px_bytes){ k.mv_data, k.mv_size }, key) == 0)
        damaged(txn); /* now it is there */
    else
        (void)px_gap_whole(txn, table, cursor, key, rc == MDB_SUCCESS, &before);
    mdb_cursor_close(cursor);
}
