/* state_snapshot.c: keys and bytes of snapshots. */
#include "services/learning-recommender/state_snapshot.h"

#include "services/learning-recommender/state_keys.h"

enum { SNAPSHOT_BYTES_MAX = 16 + PLAN_ITEMS_MAX * (2 + PX_ID_SIZE + 24) };

static void walk_snapshot(px_record *r, plan_snapshot *s)
{
    px_record_i64(r, &s->completed_us);
    px_record_u8(r, &s->count);
    PX_ASSERT(s->count <= PLAN_ITEMS_MAX);
    for (uint8_t i = 0; i < s->count; i++) {
        px_record_text(r, s->levels[i].competency_id, PX_ID_SIZE);
        px_record_f64(r, &s->levels[i].mu);
        px_record_f64(r, &s->levels[i].variance);
        px_record_f64(r, &s->levels[i].target);
    }
}

static px_keybuf snapshot_key(const char *tenant, const char *person_id, uint32_t number,
                              uint8_t nth)
{
    px_keybuf key = learning_key(TABLE_SNAPSHOT, tenant, person_id, NULL);

    px_key_u64(&key, number);
    px_key_u8(&key, nth);
    return key;
}

bool learning_state_get_snapshot(const px_view *state, const char *tenant, const char *person_id,
                                 uint32_t number, uint8_t nth, plan_snapshot *out)
{
    px_bytes value;

    if (!learning_get(state, snapshot_key(tenant, person_id, number, nth), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (plan_snapshot){ 0 };
    walk_snapshot(&r, out);
    px_record_end(&r);
    return true;
}

void learning_state_put_snapshot(px_txn *state, const char *tenant, const char *person_id,
                                 uint32_t number, uint8_t nth, plan_snapshot *snapshot)
{
    unsigned char bytes[SNAPSHOT_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_snapshot(&r, snapshot);
    learning_put(state, snapshot_key(tenant, person_id, number, nth), px_record_end(&r));
}

void learning_state_drop_snapshots(px_txn *state, const char *tenant, const char *person_id)
{
    learning_drop(state, learning_key(TABLE_SNAPSHOT, tenant, person_id, NULL));
}
