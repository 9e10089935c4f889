/* outbound_side.c: effects outside the log: keys to destroy. */
#include <string.h>

#include "common/metrics.h"
#include "common/outbound_impl.h"
#include "common/tables.h"

/* ---- keys to destroy ---- */

/* One row per person: a later generation includes the ones before. */
void px_effect_put(px_txn *txn, const char *tenant, const char *person_id, uint32_t generation)
{
    px_keybuf key = px_key_begin(PX_TABLE_LOCAL_EFFECT);
    uint8_t value[8];

    px_key_text(&key, tenant);
    px_key_text(&key, person_id);
    px_put_be64(value, generation);
    px_put(txn, PX_LOCAL, px_key_bytes(&key), (px_bytes){ value, sizeof value });
}

static bool first_row(px_outbound *o, uint8_t table, px_keybuf *key, uint8_t value[8])
{
    px_txn *view = px_store_read(o->store);
    px_bytes stored, bytes;
    px_scan scan;
    bool found;

    if (view == NULL)
        return false;
    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    found = px_scan_next(&scan, &stored, &bytes);
    if (found) {
        key->size = 0;
        px_key_raw(key, stored);
        if (bytes.size == 8)
            memcpy(value, bytes.data, 8);
    }
    px_scan_end(&scan);
    px_txn_abort(view);
    return found;
}

px_status px_outbound_delete(px_outbound *o, px_bytes key)
{
    px_txn *txn = px_store_begin(o->store);
    px_status status;

    px_del(txn, PX_LOCAL, key);
    status = px_txn_commit(txn);
    return status == PX_EFULL ? px_store_grow(o->store) : status; /* then done again */
}

px_status px_effects_turn(px_outbound *o, bool *busy)
{
    px_keybuf key;
    px_keyread read;
    uint8_t value[8] = { 0 };
    const char *tenant, *person;
    px_status status;

    if (o->vault == NULL || !first_row(o, PX_TABLE_LOCAL_EFFECT, &key, value))
        return PX_OK;
    read = px_keyread_begin(px_key_bytes(&key));
    tenant = px_keyread_text(&read);
    person = px_keyread_text(&read);
    status = px_vault_destroy(o->vault, tenant, person, (uint32_t)px_get_be64(value));
    if (status != PX_OK) {
        px_metric_add(PX_METRIC_KEY_ERRORS, 1);
        return PX_OK; /* tried again at the next turn, and after every attach */
    }
    *busy = true;
    return px_outbound_delete(o, px_key_bytes(&key));
}
