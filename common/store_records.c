/* store_records.c: get, put, delete, scans and the digest over LMDB's B+trees. */
#include "common/store.h"

#include <lmdb.h>
#include <sodium.h>
#include <string.h>

#include "common/store_hot.h"
#include "common/store_txn.h"

px_status px_txn_status(const px_txn *txn)
{
    return txn->status;
}

size_t px_txn_changes(const px_txn *txn)
{
    return txn->changes;
}

void px_txn_set_seq(px_txn *txn, uint64_t seq)
{
    txn->seq = seq;
}

uint64_t px_txn_seq(const px_view *txn)
{
    return txn->seq;
}

static MDB_val val_of(px_bytes bytes)
{
    return (MDB_val){ .mv_size = bytes.size, .mv_data = (void *)bytes.data };
}

static px_bytes bytes_of(MDB_val val)
{
    return (px_bytes){ .data = val.mv_data, .size = val.mv_size };
}

/* No such key can have been put; LMDB calls an empty one an error. */
static bool key_impossible(px_bytes key)
{
    return key.size == 0 || key.size > PX_KEY_MAX;
}

bool px_tree_get(const px_txn *txn, px_table table, px_bytes key, px_bytes *value)
{
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn->mdb, txn->dbi[table], &k, &v);
    if (rc == MDB_SUCCESS) {
        *value = bytes_of(v);
        return px_record_whole(txn, table, key, value);
    }
    if (rc == MDB_NOTFOUND)
        px_absence_check(txn, table, key);
    else
        px_txn_fail(txn, rc);
    return false;
}

bool px_get(const px_view *txn, px_table table, px_bytes key, px_bytes *value)
{
    if (txn->status != PX_OK || key_impossible(key))
        return false;
    return px_hot_has(txn, table, key) ? px_hot_get(txn, key, value)
                                       : px_tree_get(txn, table, key, value);
}

void px_tree_put(px_txn *txn, px_table table, px_bytes key, px_bytes value)
{
    uint8_t trailer[PX_TRAILER_SIZE];

    if (txn->status != PX_OK)
        return;
    px_trailer(table, key, value, trailer);
    MDB_val k = val_of(key);
    MDB_val v = { .mv_size = value.size + PX_TRAILER_SIZE };
    int rc = mdb_put(txn->mdb, txn->dbi[table], &k, &v, MDB_RESERVE);
    if (rc != MDB_SUCCESS) {
        px_txn_fail(txn, rc);
        return;
    }
    if (value.size > 0)
        memcpy(v.mv_data, value.data, value.size);
    memcpy((uint8_t *)v.mv_data + value.size, trailer, PX_TRAILER_SIZE);
}

void px_put(px_txn *txn, px_table table, px_bytes key, px_bytes value)
{
    PX_ASSERT(txn->writes && !key_impossible(key) && value.size <= UINT32_MAX - PX_TRAILER_SIZE);
    if (txn->status != PX_OK)
        return;
    if (px_hot_has(txn, table, key)) {
        px_hot_put(txn, key, value);
        return;
    }
    txn->changes++;
    px_tree_put(txn, table, key, value);
}

void px_tree_del(px_txn *txn, px_table table, px_bytes key)
{
    if (txn->status != PX_OK)
        return;
    MDB_val k = val_of(key);
    int rc = mdb_del(txn->mdb, txn->dbi[table], &k, NULL);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
}

void px_del(px_txn *txn, px_table table, px_bytes key)
{
    PX_ASSERT(txn->writes);
    if (txn->status != PX_OK || key_impossible(key))
        return;
    if (px_hot_has(txn, table, key)) {
        px_hot_del(txn, key);
        return;
    }
    txn->changes++;
    px_tree_del(txn, table, key);
}

/* --- scans --- */

static bool has_prefix(MDB_val key, const void *prefix, size_t size)
{
    return key.mv_size >= size && (size == 0 || memcmp(key.mv_data, prefix, size) == 0);
}

/* MDB_SET_RANGE, which knows no empty key. */
static int cursor_seek(MDB_cursor *cursor, px_bytes from, MDB_val *key, MDB_val *value)
{
    *key = val_of(from);
    return mdb_cursor_get(cursor, key, value, from.size ? MDB_SET_RANGE : MDB_FIRST);
}

/* Whatever is walked: a walk within this one must find nothing to write any more, or it would pull
 * the bytes from under it. NULL after a sticky error. */
static MDB_cursor *cursor_open(const px_view *view, px_table table)
{
    px_txn *txn = (px_txn *)view; /* as in px_txn_fail() */
    MDB_cursor *cursor = NULL;

    if (txn->status == PX_OK && txn->writes)
        px_hot_write(txn);
    if (txn->status != PX_OK)
        return NULL;
    int rc = mdb_cursor_open(txn->mdb, txn->dbi[table], &cursor);
    if (rc != MDB_SUCCESS)
        px_txn_fail(txn, rc);
    return cursor;
}

/* Without a walk left open only rows of this very table have to be where they belong. */
bool px_any(const px_view *view, px_table table, px_bytes prefix)
{
    px_txn *txn = (px_txn *)view; /* as in px_txn_fail() */
    MDB_cursor *cursor;
    MDB_val k;
    MDB_val v;
    bool before;

    PX_ASSERT(prefix.size > 0 && prefix.size <= PX_KEY_MAX);
    if (px_hot_has(txn, table, prefix) && txn->status == PX_OK)
        px_hot_write(txn);
    if (txn->status != PX_OK)
        return false;
    int rc = mdb_cursor_open(txn->mdb, txn->dbi[table], &cursor);
    if (rc == MDB_SUCCESS) {
        rc = cursor_seek(cursor, prefix, &k, &v);
        if ((rc == MDB_SUCCESS || rc == MDB_NOTFOUND) &&
            !px_gap_whole(txn, table, cursor, prefix, rc == MDB_SUCCESS, &before))
            rc = MDB_NOTFOUND; /* what is wrong sticks already */
        mdb_cursor_close(cursor);
    }
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
    return rc == MDB_SUCCESS && has_prefix(k, prefix.data, prefix.size);
}

/* Puts the cursor on the first record not below `from`. */
static px_scan_place scan_place(px_scan *scan, px_bytes from)
{
    MDB_val k;
    MDB_val v;
    bool before;
    int rc = cursor_seek(scan->cursor, from, &k, &v);

    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(scan->txn, rc);
    else if (px_gap_whole(scan->txn, scan->table, scan->cursor, from, rc == MDB_SUCCESS, &before) &&
             rc == MDB_SUCCESS &&
             (!before || mdb_cursor_get(scan->cursor, &k, &v, MDB_NEXT) == MDB_SUCCESS))
        return PX_SCAN_BEFORE;
    return PX_SCAN_ENDED;
}

void px_scan_begin(px_scan *scan, const px_view *txn, px_table table, px_bytes prefix)
{
    px_scan_begin_at(scan, txn, table, prefix, prefix);
}

void px_scan_begin_at(px_scan *scan, const px_view *txn, px_table table, px_bytes prefix,
                      px_bytes from)
{
    PX_ASSERT(prefix.size <= PX_KEY_MAX);
    scan->txn = txn;
    scan->table = table;
    scan->prefix_size = prefix.size;
    scan->last_size = 0;
    if (prefix.size > 0)
        memcpy(scan->prefix, prefix.data, prefix.size);
    scan->place = PX_SCAN_ENDED;
    scan->cursor = cursor_open(txn, table);
    if (!scan->cursor)
        return;

    scan->place = scan_place(scan, px_bytes_compare(from, prefix) > 0 ? from : prefix);
}

/* Keys come in ascending order, or pages are not where they belong. */
static bool in_order(px_scan *scan, px_bytes key)
{
    bool rising = scan->last_size == 0 ||
                  px_bytes_compare((px_bytes){ scan->last, scan->last_size }, key) < 0;

    if (!rising || key_impossible(key)) {
        px_txn_fail(scan->txn, MDB_CORRUPTED);
        return false;
    }
    memcpy(scan->last, key.data, key.size);
    scan->last_size = key.size;
    return true;
}

/* After a delete LMDB stands on the following record and MDB_NEXT gives that one, also when the
 * page it was on has been merged or the tree is empty; MDB_GET_CURRENT would fail at the end of a
 * page.
 */
bool px_scan_next(px_scan *scan, px_bytes *key, px_bytes *value)
{
    if (scan->txn->status != PX_OK || scan->place == PX_SCAN_ENDED)
        return false;
    MDB_val k;
    MDB_val v;
    int rc = mdb_cursor_get(scan->cursor, &k, &v,
                            scan->place == PX_SCAN_BEFORE ? MDB_GET_CURRENT : MDB_NEXT);
    bool there = rc == MDB_SUCCESS;
    if (!there && rc != MDB_NOTFOUND)
        px_txn_fail(scan->txn, rc);
    if (there) {
        *key = bytes_of(k);
        *value = bytes_of(v);
        there = in_order(scan, *key) && px_record_whole(scan->txn, scan->table, *key, value) &&
                has_prefix(k, scan->prefix, scan->prefix_size);
    }
    scan->place = there ? PX_SCAN_ON : PX_SCAN_ENDED;
    return there;
}

void px_scan_del(px_scan *scan)
{
    PX_ASSERT(scan->txn->writes);
    if (scan->txn->status != PX_OK)
        return;
    PX_ASSERT(scan->place == PX_SCAN_ON);
    scan->place = PX_SCAN_DELETED;
    px_bytes last = { scan->last, scan->last_size };
    if (px_hot_has(scan->txn, scan->table, last))
        px_hot_forget((px_txn *)scan->txn, last);
    int rc = mdb_cursor_del(scan->cursor, 0);
    if (rc != MDB_SUCCESS)
        px_txn_fail(scan->txn, rc);
}

void px_scan_end(px_scan *scan)
{
    mdb_cursor_close(scan->cursor); /* NULL is fine */
    scan->cursor = NULL;
    scan->place = PX_SCAN_ENDED;
}

/* The smallest key above every key with this prefix: "ab" -> "ac", "a\xff" -> "b"; for "\xff" one
 * larger than there can be. */
static px_bytes after_prefix(unsigned char out[PX_KEY_MAX + 1], px_bytes prefix)
{
    const unsigned char *bytes = prefix.data;
    size_t size = prefix.size;

    while (size > 0 && bytes[size - 1] == 0xff)
        size--;
    if (size == 0) {
        memset(out, 0xff, PX_KEY_MAX + 1);
        return (px_bytes){ out, PX_KEY_MAX + 1 };
    }
    memcpy(out, bytes, size);
    out[size - 1]++;
    return (px_bytes){ out, size };
}

/* The record before what follows the prefix, whatever that record is. */
static bool read_before(const px_view *txn, px_table table, MDB_cursor *cursor, px_bytes after,
                        px_bytes *key, px_bytes *value)
{
    MDB_val k;
    MDB_val v;
    bool before;
    int rc = cursor_seek(cursor, after, &k, &v);

    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND) {
        px_txn_fail(txn, rc);
        return false;
    }
    if (!px_gap_whole(txn, table, cursor, after, rc == MDB_SUCCESS, &before) || !before ||
        mdb_cursor_get(cursor, &k, &v, MDB_GET_CURRENT) != MDB_SUCCESS)
        return false;
    *key = bytes_of(k);
    *value = bytes_of(v);
    return px_record_whole(txn, table, *key, value);
}

bool px_last(const px_view *txn, px_table table, px_bytes prefix, px_bytes *key, px_bytes *value)
{
    unsigned char after[PX_KEY_MAX + 1];

    PX_ASSERT(prefix.size <= PX_KEY_MAX);
    MDB_cursor *cursor = cursor_open(txn, table);
    if (!cursor)
        return false;
    bool there = read_before(txn, table, cursor, after_prefix(after, prefix), key, value) &&
                 has_prefix(val_of(*key), prefix.data, prefix.size);
    mdb_cursor_close(cursor);
    return there;
}

/* --- digest and numbers --- */

static void digest_bytes(crypto_generichash_state *hash, px_bytes bytes)
{
    uint8_t size[4];

    for (unsigned i = 0; i < sizeof(size); i++)
        size[i] = (uint8_t)(bytes.size >> (8 * i));
    crypto_generichash_update(hash, size, sizeof(size));
    crypto_generichash_update(hash, bytes.data, bytes.size);
}

px_status px_store_digest(const px_view *txn, uint8_t digest[32], uint64_t *records)
{
    crypto_generichash_state hash;
    px_scan scan;
    px_bytes key;
    px_bytes value;
    uint64_t count = 0;

    crypto_generichash_init(&hash, NULL, 0, 32);
    px_scan_begin(&scan, txn, PX_STATE, (px_bytes){ NULL, 0 });
    while (px_scan_next(&scan, &key, &value)) {
        digest_bytes(&hash, key);
        digest_bytes(&hash, value);
        count++;
    }
    px_scan_end(&scan);
    px_count_check(txn, PX_STATE, count);
    crypto_generichash_final(&hash, digest, 32);
    if (records)
        *records = count;
    return px_txn_status(txn);
}

void px_put_be64(uint8_t out[8], uint64_t value)
{
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (56 - 8 * i));
}

uint64_t px_get_be64(const uint8_t in[8])
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | in[i];
    return value;
}
