/* state_learned.c: keys and bytes of what was learned of raters, sources, items and ratings. */
#include <sodium.h>
#include <string.h>

#include "common/level_record.h"
#include "services/competency/state.h"
#include "services/competency/state_keys.h"

void competency_state_hash(const char *id, uint8_t out[PX_METHOD_ID])
{
    crypto_generichash(out, PX_METHOD_ID, (const uint8_t *)id, strlen(id), NULL, 0);
}

static void walk_bias(px_record *r, void *record)
{
    px_record_bias(r, record);
}

static void put_bias(px_txn *state, const px_keybuf *key, const px_bias *bias)
{
    px_bias copy = *bias;

    level_put(state, key, walk_bias, &copy);
}

/* ---- raters and sources ---- */

static px_keybuf rater_key(const char *tenant, const uint8_t rater[PX_METHOD_ID],
                           px_evidence source)
{
    px_keybuf key = level_keybuf(TABLE_RATER, tenant, NULL, NULL);

    px_key_raw(&key, (px_bytes){ rater, PX_METHOD_ID });
    px_key_u8(&key, (uint8_t)source);
    return key;
}

px_bias competency_state_get_rater(const px_view *state, const char *tenant,
                                   const uint8_t rater[PX_METHOD_ID], px_evidence source)
{
    px_keybuf key = rater_key(tenant, rater, source);
    px_bias bias = { 0 };

    return level_get(state, &key, walk_bias, &bias) ? bias : px_rater_start(source);
}

void competency_state_put_rater(px_txn *state, const char *tenant,
                                const uint8_t rater[PX_METHOD_ID], px_evidence source,
                                const px_bias *bias)
{
    px_keybuf key = rater_key(tenant, rater, source);

    put_bias(state, &key, bias);
}

static px_keybuf source_key(const char *tenant, px_evidence source)
{
    px_keybuf key = level_keybuf(TABLE_SOURCE, tenant, NULL, NULL);

    px_key_u8(&key, (uint8_t)source);
    return key;
}

px_bias competency_state_get_source(const px_view *state, const char *tenant, px_evidence source)
{
    px_keybuf key = source_key(tenant, source);
    px_bias bias = { 0 };

    return level_get(state, &key, walk_bias, &bias) ? bias : px_source_start(source);
}

void competency_state_put_source(px_txn *state, const char *tenant, px_evidence source,
                                 const px_bias *bias)
{
    px_keybuf key = source_key(tenant, source);

    put_bias(state, &key, bias);
}

/* ---- the control ---- */

static void walk_control(px_record *r, void *record)
{
    control_record *control = record;

    px_record_f64(r, &control->sum);
    px_record_u64(r, &control->count);
}

static px_keybuf control_key(const char *tenant, uint64_t quarter)
{
    px_keybuf key = level_keybuf(TABLE_CONTROL, tenant, NULL, NULL);

    px_key_u64(&key, quarter);
    return key;
}

control_record competency_state_get_control(const px_view *state, const char *tenant,
                                            uint64_t quarter)
{
    px_keybuf key = control_key(tenant, quarter);
    control_record control = { 0 };

    level_get(state, &key, walk_control, &control);
    return control;
}

void competency_state_put_control(px_txn *state, const char *tenant, uint64_t quarter,
                                  const control_record *control)
{
    px_keybuf key = control_key(tenant, quarter);
    control_record copy = *control;

    level_put(state, &key, walk_control, &copy);
}

/* ---- items ---- */

static void walk_item(px_record *r, void *record)
{
    item_record *item = record;

    px_record_text(r, item->item_id, sizeof item->item_id);
    px_record_effect(r, &item->effect);
}

static px_keybuf item_key(const char *tenant, const uint8_t item[PX_METHOD_ID],
                          const char *competency_id)
{
    px_keybuf key = level_keybuf(TABLE_ITEM, tenant, NULL, NULL);

    px_key_raw(&key, (px_bytes){ item, PX_METHOD_ID });
    px_key_text(&key, competency_id);
    return key;
}

bool competency_state_get_item(const px_view *state, const char *tenant,
                               const uint8_t item[PX_METHOD_ID], const char *competency_id,
                               item_record *out)
{
    px_keybuf key = item_key(tenant, item, competency_id);

    *out = (item_record){ 0 };
    return level_get(state, &key, walk_item, out);
}

void competency_state_put_item(px_txn *state, const char *tenant, const uint8_t item[PX_METHOD_ID],
                               const char *competency_id, const item_record *record)
{
    px_keybuf key = item_key(tenant, item, competency_id);
    item_record copy = *record;

    level_put(state, &key, walk_item, &copy);
}

/* The first key after `last` (its own at the start: the prefix) whose competency this is. */
static bool next_item_of(const px_view *state, const px_keybuf *prefix, const char *competency_id,
                         px_keybuf *last)
{
    px_bytes key, value;
    bool found = false;
    px_scan scan;

    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(prefix), px_key_bytes(last));
    while (!found && px_scan_next(&scan, &key, &value)) {
        px_keyread rest = { key, prefix->size + PX_METHOD_ID };

        found = strcmp(px_keyread_text(&rest), competency_id) == 0;
        if (found) {
            last->size = key.size;
            memcpy(last->bytes, key.data, key.size);
        }
    }
    px_scan_end(&scan);
    return found;
}

void competency_state_copy_items(px_txn *state, const char *tenant, const char *from_id,
                                 const char *to_id)
{
    px_keybuf prefix = level_keybuf(TABLE_ITEM, tenant, NULL, NULL), at = prefix;
    uint8_t item[PX_METHOD_ID];
    item_record record, there;

    while (next_item_of(state, &prefix, from_id, &at)) {
        memcpy(item, at.bytes + prefix.size, sizeof item);
        at.bytes[at.size - 1] = 1; /* in place of the NUL: after this key */
        competency_state_get_item(state, tenant, item, from_id, &record);
        if (!competency_state_get_item(state, tenant, item, to_id, &there))
            competency_state_put_item(state, tenant, item, to_id, &record);
    }
}
