/* state_completion.c: keys and bytes of completed items that are evidence. */
#include "services/competency/state_completion.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "common/agenda.h"
#include "services/competency/state_keys.h"

enum { ID_BYTES = 16, ITEMS_PAGE = 64 };

/* Item before competency, so that voiding finds all that an item was evidence of. */
static px_keybuf row_of(const completion_key *key)
{
    px_keybuf row =
        level_keybuf(TABLE_COMPLETION, key->key.tenant, key->key.person_id, key->item_id);

    px_key_text(&row, key->key.competency_id);
    return row;
}

static void walk_completion(px_record *r, void *record)
{
    completion_record *c = record;

    px_record_u8(r, &c->action);
    px_record_f64(r, &c->level_to);
    px_record_i64(r, &c->earned_us);
    px_record_u32(r, &c->times);
    px_record_bool(r, &c->voided);
}

bool competency_state_get_completion(const px_view *state, const completion_key *key,
                                     completion_record *out)
{
    px_keybuf row = row_of(key);

    *out = (completion_record){ 0 };
    return level_get(state, &row, walk_completion, out);
}

void competency_state_put_completion(px_txn *state, const completion_key *key,
                                     completion_record record)
{
    px_keybuf row = row_of(key), rest = { .size = 0 };

    level_put(state, &row, walk_completion, &record);
    px_key_text(&rest, key->key.person_id);
    px_key_text(&rest, key->item_id);
    px_key_text(&rest, key->key.competency_id);
    px_mark(state, KEY_COMPLETION, key->key.tenant, px_key_bytes(&rest));
}

static void read_rest(completion_ids *out, const char *tenant, px_keyread *read)
{
    px_record_set_text(out->person_id, PX_ID_SIZE, px_keyread_text(read));
    px_record_set_text(out->item_id, PX_ID_SIZE, px_keyread_text(read));
    px_record_set_text(out->competency_id, PX_ID_SIZE, px_keyread_text(read));
    out->of = (completion_key){ { tenant, out->person_id, out->competency_id }, out->item_id };
}

void completion_key_read(completion_ids *out, const px_key *dirty)
{
    px_keyread read = { dirty->rest, 0 };

    read_rest(out, dirty->tenant, &read);
}

/* The first that was not voided: the table may not change under an open scan. */
static bool first_standing(const px_view *state, const char *tenant, const char *person_id,
                           const char *item_id, completion_ids *out, completion_record *record)
{
    px_keybuf prefix = level_keybuf(TABLE_COMPLETION, tenant, person_id, item_id);
    px_bytes key, value;
    bool found = false;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!found && px_scan_next(&scan, &key, &value)) {
        px_keyread read = px_keyread_begin(key);
        px_record r = px_record_reader(value);

        px_keyread_text(&read); /* tenant */
        read_rest(out, tenant, &read);
        walk_completion(&r, record);
        px_record_end(&r);
        found = !record->voided;
    }
    px_scan_end(&scan);
    return found;
}

void competency_state_void_completions(px_txn *state, const char *tenant, const char *person_id,
                                       const char *item_id)
{
    completion_record record;
    completion_ids ids;

    while (first_standing(state, tenant, person_id, item_id, &ids, &record)) {
        record.voided = true;
        competency_state_put_completion(state, &ids.of, record);
    }
}

void competency_state_drop_completions(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = level_keybuf(TABLE_COMPLETION, tenant, person_id, NULL);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value))
        px_scan_del(&scan);
    px_scan_end(&scan);
}

void completion_evidence_id(const px_view *state, const completion_key *key,
                            const completion_record *record, char evidence_id[PX_ID_SIZE])
{
    px_keybuf of = row_of(key);
    unsigned char hash[ID_BYTES];
    char token[2 * ID_BYTES + 1];

    px_key_u64(&of, px_people_key_generation(state, key->key.tenant, key->key.person_id));
    px_key_u64(&of, record->times);
    px_key_u64(&of, (uint64_t)record->earned_us);
    px_bytes bytes = px_key_bytes(&of);
    crypto_generichash(hash, sizeof hash, bytes.data, bytes.size, NULL, 0);
    snprintf(evidence_id, PX_ID_SIZE, "done-%s",
             sodium_bin2hex(token, sizeof token, hash, sizeof hash));
}
