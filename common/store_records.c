/* store_records.c: get, put, delete, scans and the digest over LMDB's B+trees. */
#include "common/store.h"

#include <lmdb.h>
#include <sodium.h>
#include <string.h>

#include "common/store_txn.h"

px_status px_txn_status(const px_txn *txn)
{
    return txn->status;
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

bool px_get(const px_view *txn, px_table table, px_bytes key, px_bytes *value)
{
    if (txn->status != PX_OK || key_impossible(key))
        return false;
    MDB_val k = val_of(key);
    MDB_val v;
    int rc = mdb_get(txn->mdb, txn->dbi[table], &k, &v);
    if (rc == MDB_SUCCESS)
        *value = bytes_of(v);
    else if (rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
    return rc == MDB_SUCCESS;
}

void px_put(px_txn *txn, px_table table, px_bytes key, px_bytes value)
{
    PX_ASSERT(txn->writes && !key_impossible(key) && value.size <= UINT32_MAX);
    if (txn->status != PX_OK)
        return;
    MDB_val k = val_of(key);
    MDB_val v = val_of(value);
    int rc = mdb_put(txn->mdb, txn->dbi[table], &k, &v, 0);
    if (rc != MDB_SUCCESS)
        px_txn_fail(txn, rc);
}

void px_del(px_txn *txn, px_table table, px_bytes key)
{
    PX_ASSERT(txn->writes);
    if (txn->status != PX_OK || key_impossible(key))
        return;
    MDB_val k = val_of(key);
    int rc = mdb_del(txn->mdb, txn->dbi[table], &k, NULL);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
}

/* --- scans --- */

static bool has_prefix(MDB_val key, const void *prefix, size_t size)
{
    return key.mv_size >= size && (size == 0 || memcmp(key.mv_data, prefix, size) == 0);
}

static int compare(px_bytes a, px_bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;

    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* MDB_SET_RANGE, which knows no empty key. */
static int cursor_seek(MDB_cursor *cursor, px_bytes from, MDB_val *key, MDB_val *value)
{
    *key = val_of(from);
    return mdb_cursor_get(cursor, key, value, from.size ? MDB_SET_RANGE : MDB_FIRST);
}

/* NULL after a sticky error. */
static MDB_cursor *cursor_open(const px_view *txn, px_table table)
{
    MDB_cursor *cursor = NULL;

    if (txn->status != PX_OK)
        return NULL;
    int rc = mdb_cursor_open(txn->mdb, txn->dbi[table], &cursor);
    if (rc != MDB_SUCCESS)
        px_txn_fail(txn, rc);
    return cursor;
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
    if (prefix.size > 0)
        memcpy(scan->prefix, prefix.data, prefix.size);
    scan->place = PX_SCAN_ENDED;
    scan->cursor = cursor_open(txn, table);
    if (!scan->cursor)
        return;

    MDB_val key;
    MDB_val value;
    int rc = cursor_seek(scan->cursor, compare(from, prefix) > 0 ? from : prefix, &key, &value);
    if (rc == MDB_SUCCESS)
        scan->place = PX_SCAN_BEFORE;
    else if (rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
}

bool px_scan_next(px_scan *scan, px_bytes *key, px_bytes *value)
{
    if (scan->txn->status != PX_OK || scan->place == PX_SCAN_ENDED)
        return false;
    /* After a delete LMDB stands on the following record and MDB_NEXT gives that one, also when the
       page it was on has been merged or the tree is empty; MDB_GET_CURRENT would fail at the end of
       a page. */
    MDB_cursor_op step = scan->place == PX_SCAN_BEFORE ? MDB_GET_CURRENT : MDB_NEXT;
    MDB_val k;
    MDB_val v;
    int rc = mdb_cursor_get(scan->cursor, &k, &v, step);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(scan->txn, rc);
    if (rc != MDB_SUCCESS || !has_prefix(k, scan->prefix, scan->prefix_size)) {
        scan->place = PX_SCAN_ENDED;
        return false;
    }
    scan->place = PX_SCAN_ON;
    *key = bytes_of(k);
    *value = bytes_of(v);
    return true;
}

void px_scan_del(px_scan *scan)
{
    PX_ASSERT(scan->txn->writes);
    if (scan->txn->status != PX_OK)
        return;
    PX_ASSERT(scan->place == PX_SCAN_ON);
    scan->place = PX_SCAN_DELETED;
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

/* The smallest key above every key with this prefix: "ab" -> "ac", "a\xff" -> "b"; none (0) for
 * "\xff". */
static size_t after_prefix(unsigned char out[PX_KEY_MAX], px_bytes prefix)
{
    const unsigned char *bytes = prefix.data;
    size_t size = prefix.size;

    while (size > 0 && bytes[size - 1] == 0xff)
        size--;
    if (size > 0) {
        memcpy(out, bytes, size);
        out[size - 1]++;
    }
    return size;
}

/* Puts the cursor on the last record below what follows the prefix, whatever that record is. */
static int cursor_seek_last(MDB_cursor *cursor, px_bytes prefix, MDB_val *key, MDB_val *value)
{
    unsigned char after[PX_KEY_MAX];
    size_t size = after_prefix(after, prefix);

    if (size == 0)
        return mdb_cursor_get(cursor, key, value, MDB_LAST);
    int rc = cursor_seek(cursor, (px_bytes){ after, size }, key, value);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        return rc;
    return mdb_cursor_get(cursor, key, value, rc == MDB_SUCCESS ? MDB_PREV : MDB_LAST);
}

bool px_last(const px_view *txn, px_table table, px_bytes prefix, px_bytes *key, px_bytes *value)
{
    PX_ASSERT(prefix.size <= PX_KEY_MAX);
    MDB_cursor *cursor = cursor_open(txn, table);
    if (!cursor)
        return false;

    MDB_val k = { 0 };
    MDB_val v = { 0 };
    int rc = cursor_seek_last(cursor, prefix, &k, &v);
    mdb_cursor_close(cursor);
    if (rc != MDB_SUCCESS && rc != MDB_NOTFOUND)
        px_txn_fail(txn, rc);
    if (rc != MDB_SUCCESS || !has_prefix(k, prefix.data, prefix.size))
        return false;
    *key = bytes_of(k);
    *value = bytes_of(v);
    return true;
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
