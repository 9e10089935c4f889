/* state.c: keys and bytes of units and feedback; the only file that knows them. */
#include "services/feedback-ingest/state.h"

#include <string.h>

#include "common/keys.h"
#include "common/record.h"

/* Table 16 is people's. */
enum {
    TABLE_UNIT = 17,          /* tenant, unit -> parent */
    TABLE_FEEDBACK = 18,      /* tenant, feedback -> feedback_record */
    TABLE_FEEDBACK_TEXT = 19, /* tenant, feedback -> sealed bytes */
    TABLE_FEEDBACK_ABOUT = 20 /* tenant, about, time, feedback -> nothing */
};

enum { FEEDBACK_BYTES_MAX = 256 + FEEDBACK_TAGS_MAX * (2 + PX_ID_SIZE + 4) };

static px_keybuf id_key(uint8_t table, const char *tenant, const char *id)
{
    px_keybuf key = px_key_begin(table);

    px_key_text(&key, tenant);
    px_key_text(&key, id);
    return key;
}

/* ---- units ---- */

bool ingest_state_has_unit(const px_view *state, const char *tenant, const char *unit_id)
{
    px_keybuf key = id_key(TABLE_UNIT, tenant, unit_id);
    px_bytes value;

    return px_get(state, PX_STATE, px_key_bytes(&key), &value);
}

void ingest_state_get_parent(const px_view *state, const char *tenant, const char *unit_id,
                             char parent_id[PX_ID_SIZE])
{
    px_keybuf key = id_key(TABLE_UNIT, tenant, unit_id);
    px_bytes value;

    parent_id[0] = '\0';
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return;
    px_record r = px_record_reader(value);
    px_record_text(&r, parent_id, PX_ID_SIZE);
    px_record_end(&r);
}

void ingest_state_put_unit(px_txn *state, const char *tenant, const char *unit_id,
                           const char *parent_id)
{
    px_keybuf key = id_key(TABLE_UNIT, tenant, unit_id);
    char parent[PX_ID_SIZE];
    unsigned char bytes[2 + PX_ID_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_set_text(parent, sizeof parent, parent_id);
    px_record_text(&r, parent, sizeof parent);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

/* ---- feedback ---- */

static void walk_feedback(px_record *r, feedback_record *f)
{
    px_record_text(r, f->giver_id, sizeof f->giver_id);
    px_record_text(r, f->about_id, sizeof f->about_id);
    px_record_u8(r, &f->kind);
    px_record_u8(r, &f->visibility);
    px_record_i64(r, &f->occurred_at_us);
    px_record_bool(r, &f->withdrawn);
    px_record_u8(r, &f->tag_count);
    PX_ASSERT(f->tag_count <= FEEDBACK_TAGS_MAX);
    for (size_t i = 0; i < f->tag_count; i++) {
        px_record_text(r, f->tags[i].competency_id, sizeof f->tags[i].competency_id);
        px_record_i32(r, &f->tags[i].tone);
    }
}

/* Times before 1970 sort before those after it. */
static uint64_t sortable(int64_t time_us)
{
    return (uint64_t)time_us ^ (UINT64_C(1) << 63);
}

static px_keybuf about_key(const char *tenant, const feedback_record *f, const char *feedback_id)
{
    px_keybuf key = id_key(TABLE_FEEDBACK_ABOUT, tenant, f->about_id);

    px_key_u64(&key, sortable(f->occurred_at_us));
    px_key_text(&key, feedback_id);
    return key;
}

static void put_feedback(px_txn *state, const char *tenant, const char *feedback_id,
                         feedback_record f)
{
    px_keybuf key = id_key(TABLE_FEEDBACK, tenant, feedback_id);
    unsigned char bytes[FEEDBACK_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_feedback(&r, &f);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

static void del_text(px_txn *state, const char *tenant, const char *feedback_id)
{
    px_keybuf key = id_key(TABLE_FEEDBACK_TEXT, tenant, feedback_id);

    px_del(state, PX_STATE, px_key_bytes(&key));
}

bool ingest_state_get_feedback(const px_view *state, const char *tenant, const char *feedback_id,
                               feedback_record *out)
{
    px_keybuf key = id_key(TABLE_FEEDBACK, tenant, feedback_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (feedback_record){ 0 };
    walk_feedback(&r, out);
    px_record_end(&r);
    return true;
}

void ingest_state_add_feedback(px_txn *state, const char *tenant, const char *feedback_id,
                               const feedback_record *feedback, px_bytes sealed_text)
{
    px_keybuf about = about_key(tenant, feedback, feedback_id);
    px_keybuf text = id_key(TABLE_FEEDBACK_TEXT, tenant, feedback_id);

    put_feedback(state, tenant, feedback_id, *feedback);
    px_put(state, PX_STATE, px_key_bytes(&about), (px_bytes){ "", 0 });
    px_put(state, PX_STATE, px_key_bytes(&text), sealed_text);
}

px_bytes ingest_state_get_text(const px_view *state, const char *tenant, const char *feedback_id,
                               px_arena *arena)
{
    px_keybuf key = id_key(TABLE_FEEDBACK_TEXT, tenant, feedback_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return (px_bytes){ "", 0 };
    void *copy = px_arena_copy(arena, value.data, value.size);
    return (px_bytes){ copy, copy ? value.size : 0 };
}

void ingest_state_withdraw_feedback(px_txn *state, const char *tenant, const char *feedback_id)
{
    feedback_record f;

    if (!ingest_state_get_feedback(state, tenant, feedback_id, &f))
        return;
    f.withdrawn = true;
    f.tag_count = 0;
    put_feedback(state, tenant, feedback_id, f);
    del_text(state, tenant, feedback_id);
}

static void drop_feedback(px_txn *state, const char *tenant, const char *feedback_id,
                          const feedback_record *f)
{
    px_keybuf about = about_key(tenant, f, feedback_id);
    px_keybuf key = id_key(TABLE_FEEDBACK, tenant, feedback_id);

    px_del(state, PX_STATE, px_key_bytes(&about));
    px_del(state, PX_STATE, px_key_bytes(&key));
    del_text(state, tenant, feedback_id);
}

void ingest_state_drop_feedback_about(px_txn *state, const char *tenant, const char *person_id)
{
    char feedback_id[PX_ID_SIZE];
    feedback_record f;
    bool found;

    /* One at a time: the table may not change under an open scan. */
    do {
        feedback_scan scan;

        ingest_state_scan_feedback(&scan, state, tenant, person_id, "");
        found = ingest_state_next_feedback(&scan, feedback_id, &f);
        ingest_state_end_feedback(&scan);
        if (found)
            drop_feedback(state, tenant, feedback_id, &f);
    } while (found);
}

void ingest_state_scan_feedback(feedback_scan *scan, const px_view *state, const char *tenant,
                                const char *about_id, const char *after_id)
{
    px_keybuf prefix = id_key(TABLE_FEEDBACK_ABOUT, tenant, about_id), from = prefix;
    feedback_record after;

    scan->state = state;
    scan->tenant = tenant;
    if (after_id[0] && ingest_state_get_feedback(state, tenant, after_id, &after) &&
        strcmp(after.about_id, about_id) == 0) {
        from = about_key(tenant, &after, after_id);
        px_key_u8(&from, 0); /* the next key there can be */
    }
    px_scan_begin_at(&scan->scan, state, PX_STATE, px_key_bytes(&prefix), px_key_bytes(&from));
}

bool ingest_state_next_feedback(feedback_scan *scan, char feedback_id[PX_ID_SIZE],
                                feedback_record *out)
{
    px_bytes key, value;

    if (!px_scan_next(&scan->scan, &key, &value))
        return false;
    px_keyread read = px_keyread_begin(key);
    px_keyread_text(&read); /* tenant */
    px_keyread_text(&read); /* about */
    px_keyread_u64(&read);  /* time */
    px_record_set_text(feedback_id, PX_ID_SIZE, px_keyread_text(&read));
    /* After a read error the record may be out of reach; the error sticks to the transaction. */
    return ingest_state_get_feedback(scan->state, scan->tenant, feedback_id, out);
}

void ingest_state_end_feedback(feedback_scan *scan)
{
    px_scan_end(&scan->scan);
}
