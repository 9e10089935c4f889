#include "common/agenda.h"

#include <string.h>

#include "common/keys.h"
#include "common/tables.h"

enum { MARKS_SIZE = 24 };

/* A key ever marked keeps its record, clean (first = 0) or dirty, so that new code can mark them
 * all. */
typedef struct {
    px_marks marks;
    px_bytes kept; /* a service's own; dies with the next put or delete, so this record is first */
} agenda_record;

px_bytes px_text_bytes(const char *text)
{
    return (px_bytes){ text, strlen(text) };
}

static px_keybuf record_key(px_bytes key)
{
    px_keybuf buf = px_key_begin(PX_TABLE_AGENDA);

    px_key_raw(&buf, key);
    return buf;
}

static px_keybuf order_key(uint8_t table, uint64_t order, px_bytes key)
{
    px_keybuf buf = px_key_begin(table);

    px_key_u64(&buf, order);
    px_key_raw(&buf, key);
    return buf;
}

static agenda_record get_record(const px_view *state, px_bytes key)
{
    px_keybuf buf = record_key(key);
    agenda_record record = { 0 };
    px_bytes value;

    if (px_get(state, PX_STATE, px_key_bytes(&buf), &value)) {
        const uint8_t *at = value.data;

        PX_ASSERT(value.size >= MARKS_SIZE);
        record.marks.first = px_get_be64(at);
        record.marks.last = px_get_be64(at + 8);
        record.marks.due_us = px_get_be64(at + 16);
        record.kept = (px_bytes){ at + MARKS_SIZE, value.size - MARKS_SIZE };
    }
    return record;
}

static void put_record(px_txn *state, px_bytes key, agenda_record record)
{
    px_keybuf buf = record_key(key);
    uint8_t value[MARKS_SIZE + PX_KEPT_MAX];

    PX_ASSERT(record.kept.size <= PX_KEPT_MAX);
    px_put_be64(value, record.marks.first);
    px_put_be64(value + 8, record.marks.last);
    px_put_be64(value + 16, record.marks.due_us);
    if (record.kept.size > 0)
        memcpy(value + MARKS_SIZE, record.kept.data, record.kept.size);
    px_put(state, PX_STATE, px_key_bytes(&buf), (px_bytes){ value, MARKS_SIZE + record.kept.size });
}

static void put_order(px_txn *state, uint8_t table, uint64_t order, px_bytes key)
{
    px_keybuf buf = order_key(table, order, key);

    px_put(state, PX_STATE, px_key_bytes(&buf), (px_bytes){ "", 0 });
}

static void del_order(px_txn *state, uint8_t table, uint64_t order, px_bytes key)
{
    px_keybuf buf = order_key(table, order, key);

    px_del(state, PX_STATE, px_key_bytes(&buf));
}

static void put_marked(px_txn *state, px_bytes key, agenda_record record, uint64_t seq)
{
    bool clean = record.marks.first == 0;

    if (clean)
        record.marks.first = seq;
    record.marks.last = seq;
    put_record(state, key, record);
    if (clean)
        put_order(state, PX_TABLE_AGENDA_DIRTY, seq, key);
}

static void mark(px_txn *state, px_bytes key, uint64_t seq)
{
    put_marked(state, key, get_record(state, key), seq);
}

/* ---- for services ---- */

static px_keybuf full_key(uint8_t kind, const char *tenant, px_bytes rest)
{
    px_keybuf key = px_key_begin(kind);

    PX_ASSERT(kind > 0);
    PX_ASSERT(rest.size <= PX_KEY_REST_MAX);
    px_key_text(&key, tenant);
    px_key_raw(&key, rest);
    return key;
}

void px_mark(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest)
{
    px_keybuf key = full_key(kind, tenant, rest);

    mark(state, px_key_bytes(&key), px_txn_seq(state));
}

void px_due_set(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest, int64_t due_us)
{
    px_keybuf buf = full_key(kind, tenant, rest);
    px_bytes key = px_key_bytes(&buf);
    agenda_record record = get_record(state, key);
    uint64_t before_us = record.marks.due_us;

    PX_ASSERT(due_us > 0);
    if (before_us == (uint64_t)due_us)
        return;
    record.marks.due_us = (uint64_t)due_us;
    put_record(state, key, record);
    if (before_us != 0)
        del_order(state, PX_TABLE_AGENDA_DUE, before_us, key);
    put_order(state, PX_TABLE_AGENDA_DUE, (uint64_t)due_us, key);
}

void px_due_clear(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest)
{
    px_keybuf buf = full_key(kind, tenant, rest);
    px_bytes key = px_key_bytes(&buf);
    agenda_record record = get_record(state, key);
    uint64_t before_us = record.marks.due_us;

    if (before_us == 0)
        return;
    record.marks.due_us = 0;
    put_record(state, key, record);
    del_order(state, PX_TABLE_AGENDA_DUE, before_us, key);
}

px_bytes px_kept_get(const px_view *state, uint8_t kind, const char *tenant, px_bytes rest,
                     px_marks *marks)
{
    px_keybuf key = full_key(kind, tenant, rest);
    agenda_record record = get_record(state, px_key_bytes(&key));

    *marks = record.marks;
    return record.kept;
}

void px_kept_put(px_txn *state, uint8_t kind, const char *tenant, px_bytes rest, px_marks marks,
                 px_bytes value, bool mark_too)
{
    px_keybuf key = full_key(kind, tenant, rest);
    agenda_record record = { marks, value };

    if (mark_too)
        put_marked(state, px_key_bytes(&key), record, px_txn_seq(state));
    else
        put_record(state, px_key_bytes(&key), record);
}

bool px_kept_next(const px_view *state, uint8_t kind, const char *tenant, px_bytes start, char *end,
                  size_t capacity)
{
    px_keybuf key = full_key(kind, tenant, start), prefix = record_key(px_key_bytes(&key));
    px_keybuf from = prefix;
    px_bytes stored, value;
    bool found = false;
    px_scan scan;

    if (*end != 0)
        px_key_text(&from, end); /* with its NUL: just after it */
    else
        px_key_u8(&from, 1); /* an empty one would be found for ever */
    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(&prefix), px_key_bytes(&from));
    while (!found && px_scan_next(&scan, &stored, &value))
        found = value.size > MARKS_SIZE;
    if (found) {
        size_t size = stored.size - prefix.size;

        PX_ASSERT(size < capacity);
        memcpy(end, (const char *)stored.data + prefix.size, size);
        end[size] = 0;
    }
    px_scan_end(&scan);
    return found;
}

/* ---- for the engine ---- */

/* Splits an order key into the number and the agenda key behind it. */
static uint64_t read_order(px_bytes stored, px_bytes *key)
{
    px_keyread read = px_keyread_begin(stored);
    uint64_t order = px_keyread_u64(&read);

    *key = px_keyread_rest(&read);
    return order;
}

static px_bytes copy_bytes(px_arena *arena, px_bytes bytes)
{
    return (px_bytes){ px_arena_copy(arena, bytes.data, bytes.size), bytes.size };
}

size_t px_agenda_dirty(const px_view *state, px_dirty *out, size_t max, px_arena *arena)
{
    const uint8_t table = PX_TABLE_AGENDA_DIRTY;
    px_scan scan;
    px_bytes stored, value;
    size_t n = 0;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    while (n < max && px_scan_next(&scan, &stored, &value)) {
        px_bytes key;

        out[n].first = read_order(stored, &key);
        out[n].key = copy_bytes(arena, key);
        if (out[n].key.data == NULL)
            break;
        n++;
    }
    px_scan_end(&scan);
    for (size_t i = 0; i < n; i++)
        out[i].last = get_record(state, out[i].key).marks.last;
    return n;
}

static bool first_dirty(const px_view *state, uint64_t *first)
{
    const uint8_t table = PX_TABLE_AGENDA_DIRTY;
    px_scan scan;
    px_bytes key, value;
    bool any;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    any = px_scan_next(&scan, &key, &value);
    if (any)
        *first = px_get_be64((const uint8_t *)key.data + 1);
    px_scan_end(&scan);
    return any;
}

bool px_agenda_any_dirty(const px_view *state)
{
    uint64_t first;

    return first_dirty(state, &first);
}

uint64_t px_agenda_first_mark(const px_view *state)
{
    uint64_t first = 0;

    (void)first_dirty(state, &first);
    return first;
}

static bool is_after(uint64_t first, px_bytes key, uint64_t through_first, px_bytes through_key)
{
    size_t common = key.size < through_key.size ? key.size : through_key.size;
    int order;

    if (first != through_first)
        return first > through_first;
    order = common > 0 ? memcmp(key.data, through_key.data, common) : 0;
    return order > 0 || (order == 0 && key.size > through_key.size);
}

/* Takes the first dirty key up to the position off the order. @return false when there is none
 * left. */
static bool take_first(px_txn *state, uint64_t through_first, px_bytes through_key,
                       px_keybuf *taken)
{
    const uint8_t table = PX_TABLE_AGENDA_DIRTY;
    px_scan scan;
    px_bytes stored, value, key;
    bool found = false;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    if (px_scan_next(&scan, &stored, &value)) {
        uint64_t first = read_order(stored, &key);

        if (!is_after(first, key, through_first, through_key)) {
            taken->size = 0;
            px_key_raw(taken, key);
            px_scan_del(&scan);
            found = true;
        }
    }
    px_scan_end(&scan);
    return found;
}

/* A key marked after the basis was not seen in its present state: it stays dirty, from its last
 * mark on. A last mark is above the basis and the position is at or below it, so the walk ends. */
void px_agenda_clear(px_txn *state, uint64_t through_first, px_bytes through_key,
                     uint64_t basis_seq)
{
    px_keybuf taken;

    PX_ASSERT(through_first <= basis_seq);
    while (take_first(state, through_first, through_key, &taken)) {
        px_bytes key = px_key_bytes(&taken);
        agenda_record record = get_record(state, key);

        bool seen = record.marks.last <= basis_seq;

        record.marks.first = seen ? 0 : record.marks.last;
        record.marks.last = record.marks.first;
        put_record(state, key, record);
        if (!seen)
            put_order(state, PX_TABLE_AGENDA_DIRTY, record.marks.first, key);
    }
}

static bool take_due(px_txn *state, int64_t until_us, px_keybuf *taken)
{
    const uint8_t table = PX_TABLE_AGENDA_DUE;
    px_scan scan;
    px_bytes stored, value, key;
    bool found = false;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    if (px_scan_next(&scan, &stored, &value) && read_order(stored, &key) <= (uint64_t)until_us) {
        taken->size = 0;
        px_key_raw(taken, key);
        px_scan_del(&scan);
        found = true;
    }
    px_scan_end(&scan);
    return found;
}

void px_agenda_come_due(px_txn *state, int64_t decided_at_us)
{
    px_keybuf taken;

    while (take_due(state, decided_at_us, &taken)) {
        px_bytes key = px_key_bytes(&taken);
        agenda_record record = get_record(state, key);

        record.marks.due_us = 0;
        put_marked(state, key, record, px_txn_seq(state));
    }
}

bool px_agenda_next_due(const px_view *state, int64_t *due_us)
{
    const uint8_t table = PX_TABLE_AGENDA_DUE;
    px_scan scan;
    px_bytes stored, value, key;
    bool found;

    px_scan_begin(&scan, state, PX_STATE, (px_bytes){ &table, 1 });
    found = px_scan_next(&scan, &stored, &value);
    if (found)
        *due_us = (int64_t)read_order(stored, &key);
    px_scan_end(&scan);
    return found;
}

/* Collected before marking, because marking writes the table that is walked. */
static size_t next_keys(const px_view *state, px_keybuf *from, px_keybuf *out, size_t max)
{
    const uint8_t table = PX_TABLE_AGENDA;
    px_scan scan;
    px_bytes stored, value;
    size_t n = 0;

    px_scan_begin_at(&scan, state, PX_STATE, (px_bytes){ &table, 1 }, px_key_bytes(from));
    while (n < max && px_scan_next(&scan, &stored, &value)) {
        out[n].size = 0;
        px_key_raw(&out[n++], stored);
    }
    px_scan_end(&scan);
    return n;
}

void px_agenda_mark_all(px_txn *state)
{
    enum { CHUNK = 16 };
    px_keybuf keys[CHUNK], from = px_key_begin(PX_TABLE_AGENDA);
    size_t n;

    do {
        n = next_keys(state, &from, keys, CHUNK);
        for (size_t i = 0; i < n; i++)
            mark(state, (px_bytes){ keys[i].bytes + 1, keys[i].size - 1 }, px_txn_seq(state));
        if (n > 0) {
            from = keys[n - 1];
            px_key_u8(&from, 0); /* just after it */
        }
    } while (n == CHUNK && px_txn_status(state) == PX_OK);
}
