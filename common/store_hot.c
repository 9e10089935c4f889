/* store_hot.c: rows that many facts touch stay in memory, from one write transaction to the next.
 *
 * The leniency of a source, a person's record, the head of a chain: read or changed for nearly
 * every fact, they would be looked up, hashed and written each time. Here a change stays in memory
 * until the transaction commits, or until the table is walked; what was read stays until the store
 * is replaced. Only the one writer looks here: views read what is committed.
 *
 * A bounded number of rows: what does not fit is read and written where it is.
 */
#include "common/store_hot.h"

#include <stdlib.h>
#include <string.h>

#include "common/status.h"
#include "common/store_txn.h"
#include "common/tables.h"

enum {
    BUCKETS = 64 * 1024,
    ROWS_MAX = 32 * 1024,
    TURNED_AWAY_MAX = ROWS_MAX /* then others may have their place */
};

typedef enum { UNKNOWN, THERE, ABSENT } row_state;

struct px_hot_row {
    struct px_hot_row *next; /* of its bucket */
    uint64_t hash;
    struct px_hot_row *next_touched; /* in this transaction */
    struct px_hot_row *next_changed; /* the table does not have them yet */
    row_state state;
    bool touched, changed; /* on that list */
    unsigned char *value;
    size_t size, room;
    size_t key_size;
    unsigned char key[];
};

struct px_hot {
    bool tables[UINT8_MAX + 1]; /* by first byte of the key */
    struct px_hot_row *buckets[BUCKETS], *touched, *changed;
    size_t rows, changes, turned_away;
};

px_hot *px_hot_create(const uint8_t *tables)
{
    static const uint8_t engine[] = { PX_TABLE_CURSOR, PX_TABLE_HEAD, PX_TABLE_TENANT,
                                      PX_TABLE_ROLES };
    px_hot *hot = calloc(1, sizeof *hot);

    for (size_t i = 0; hot && i < PX_COUNT(engine); i++)
        hot->tables[engine[i]] = true;
    for (size_t i = 0; hot && tables && tables[i]; i++)
        hot->tables[tables[i]] = true;
    return hot;
}

void px_hot_clear(px_hot *hot)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (hot->buckets[i]) {
            struct px_hot_row *row = hot->buckets[i];

            hot->buckets[i] = row->next;
            free(row->value);
            free(row);
        }
    hot->touched = hot->changed = NULL;
    hot->rows = hot->changes = hot->turned_away = 0;
}

void px_hot_destroy(px_hot *hot)
{
    if (hot)
        px_hot_clear(hot);
    free(hot);
}

bool px_hot_has(const px_txn *txn, px_table table, px_bytes key)
{
    return txn->writes && table == PX_STATE && key.size > 0 &&
           txn->store->hot->tables[*(const uint8_t *)key.data];
}

/* ---- rows ---- */

static uint64_t hash_of(px_bytes key)
{
    const unsigned char *at = key.data;
    uint64_t hash = key.size;

    for (size_t left = key.size; left > 0;) {
        size_t size = left < 8 ? left : 8;
        uint64_t part = 0;

        memcpy(&part, at, size);
        hash = (hash ^ part) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
        at += size;
        left -= size;
    }
    return hash;
}

static bool is_of(const struct px_hot_row *row, uint64_t hash, px_bytes key)
{
    return row->hash == hash && row->key_size == key.size &&
           memcmp(row->key, key.data, key.size) == 0;
}

/* NULL when there is no room for it. */
static struct px_hot_row *find_or_make(px_hot *hot, px_bytes key)
{
    uint64_t hash = hash_of(key);
    struct px_hot_row **bucket = &hot->buckets[hash % BUCKETS], *row = *bucket;

    while (row && !is_of(row, hash, key))
        row = row->next;
    if (row)
        return row;
    if (hot->rows < ROWS_MAX)
        row = calloc(1, sizeof *row + key.size);
    if (!row) {
        hot->turned_away++;
        return NULL;
    }
    row->hash = hash;
    row->key_size = key.size;
    memcpy(row->key, key.data, key.size);
    row->next = *bucket;
    *bucket = row;
    hot->rows++;
    return row;
}

static bool keep(struct px_hot_row *row, px_bytes value)
{
    if (value.size > row->room) {
        void *more = realloc(row->value, value.size);

        if (!more)
            return false;
        row->value = more;
        row->room = value.size;
    }
    if (value.size > 0)
        memcpy(row->value, value.data, value.size);
    row->size = value.size;
    row->state = THERE;
    return true;
}

static void touch(px_hot *hot, struct px_hot_row *row)
{
    if (row->touched)
        return;
    row->touched = true;
    row->next_touched = hot->touched;
    hot->touched = row;
}

static void note_change(px_txn *txn, struct px_hot_row *row)
{
    px_hot *hot = txn->store->hot;

    touch(hot, row);
    if (row->changed)
        return;
    row->changed = true;
    row->next_changed = hot->changed;
    hot->changed = row;
    hot->changes++;
    txn->changes++;
}

/* ---- reading and writing ---- */

bool px_hot_get(const px_txn *txn, px_bytes key, px_bytes *value)
{
    struct px_hot_row *row = find_or_make(txn->store->hot, key);

    if (!row)
        return px_tree_get(txn, PX_STATE, key, value);
    if (row->state == UNKNOWN) {
        bool there = px_tree_get(txn, PX_STATE, key, value);

        if (there && !keep(row, *value))
            return true;
        if (!there && txn->status == PX_OK)
            row->state = ABSENT;
    }
    if (row->state != THERE)
        return false;
    *value = (px_bytes){ row->size > 0 ? row->value : (const void *)"", row->size };
    return true;
}

void px_hot_put(px_txn *txn, px_bytes key, px_bytes value)
{
    struct px_hot_row *row = find_or_make(txn->store->hot, key);

    if (row && keep(row, value)) {
        note_change(txn, row);
        return;
    }
    px_hot_forget(txn, key);
    txn->changes++;
    px_tree_put(txn, PX_STATE, key, value);
}

void px_hot_del(px_txn *txn, px_bytes key)
{
    struct px_hot_row *row = find_or_make(txn->store->hot, key);

    if (row) {
        row->state = ABSENT;
        note_change(txn, row);
        return;
    }
    txn->changes++;
    px_tree_del(txn, PX_STATE, key);
}

/* Made if need be: what is read of it from now on may not outlive the transaction. */
void px_hot_forget(px_txn *txn, px_bytes key)
{
    struct px_hot_row *row = find_or_make(txn->store->hot, key);

    if (!row)
        return;
    row->state = UNKNOWN;
    touch(txn->store->hot, row);
}

/* ---- into the table ---- */

static px_bytes key_of(const struct px_hot_row *row)
{
    return (px_bytes){ row->key, row->key_size };
}

static int by_key(const void *a, const void *b)
{
    return px_bytes_compare(key_of(*(struct px_hot_row *const *)a),
                            key_of(*(struct px_hot_row *const *)b));
}

static void write_row(px_txn *txn, const struct px_hot_row *row)
{
    if (row->state == THERE)
        px_tree_put(txn, PX_STATE, key_of(row), (px_bytes){ row->value, row->size });
    else if (row->state == ABSENT)
        px_tree_del(txn, PX_STATE, key_of(row));
}

/* Neighbours one after another: in any other order the same pages are looked for again and again.
 * Without memory for that, in any other order. */
void px_hot_write(px_txn *txn)
{
    px_hot *hot = txn->store->hot;
    struct px_hot_row **rows = hot->changes > 1 ? malloc(hot->changes * sizeof *rows) : NULL;
    size_t count = 0;

    for (struct px_hot_row *row = hot->changed; row; row = row->next_changed) {
        row->changed = false;
        if (rows)
            rows[count++] = row;
        else
            write_row(txn, row);
    }
    hot->changed = NULL;
    hot->changes = 0;
    if (rows)
        qsort(rows, count, sizeof *rows, by_key);
    for (size_t i = 0; i < count; i++)
        write_row(txn, rows[i]);
    free(rows);
}

void px_hot_end(px_hot *hot, bool committed)
{
    for (struct px_hot_row *row = hot->touched; row; row = row->next_touched) {
        row->touched = row->changed = false;
        if (!committed)
            row->state = UNKNOWN;
    }
    hot->touched = hot->changed = NULL;
    hot->changes = 0;
    if (hot->turned_away > TURNED_AWAY_MAX)
        px_hot_clear(hot);
}
