/* state_impact.c: keys and bytes of impact. */
#include "services/learning-recommender/state_impact.h"

#include <string.h>

#include "common/agenda.h"
#include "services/learning-recommender/state_keys.h"

enum { IMPACT_BYTES_MAX = 64 };

static void walk_impact(px_record *r, impact_record *record)
{
    px_record_u32(r, &record->all.looks);
    px_record_f64(r, &record->all.weight);
    px_record_f64(r, &record->all.sum);
    px_record_u64(r, &record->all.control_count);
    px_record_u32(r, &record->said_looks);
    px_record_bool(r, &record->said_enough);
}

impact_record learning_state_get_impact(const px_view *state, const char *tenant,
                                        const char *competency_id, const char *item_id)
{
    px_keybuf key = learning_key(TABLE_IMPACT, tenant, competency_id, item_id);
    impact_record record = { 0 };
    px_bytes value;

    if (!learning_get(state, key, &value))
        return record;
    px_record r = px_record_reader(value);
    walk_impact(&r, &record);
    px_record_end(&r);
    return record;
}

void learning_state_put_impact(px_txn *state, const char *tenant, const char *competency_id,
                               const char *item_id, impact_record *record)
{
    unsigned char bytes[IMPACT_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_impact(&r, record);
    learning_put(state, learning_key(TABLE_IMPACT, tenant, competency_id, item_id),
                 px_record_end(&r));
}

/* The competency's id, NUL, the item's id. */
void learning_impact_mark(px_txn *state, const char *tenant, const char *competency_id,
                          const char *item_id)
{
    char rest[2 * PX_ID_SIZE];
    size_t first = strlen(competency_id) + 1, second = strlen(item_id);

    PX_ASSERT(first + second <= sizeof rest);
    memcpy(rest, competency_id, first);
    memcpy(rest + first, item_id, second);
    px_mark(state, KEY_IMPACT, tenant, (px_bytes){ rest, first + second });
}

impact_key learning_impact_key(px_bytes rest)
{
    char ids[2 * PX_ID_SIZE + 1] = { 0 };
    impact_key key;

    PX_ASSERT(rest.size < sizeof ids);
    memcpy(ids, rest.data, rest.size);
    px_record_set_text(key.competency_id, sizeof key.competency_id, ids);
    px_record_set_text(key.item_id, sizeof key.item_id, ids + strlen(ids) + 1);
    return key;
}
