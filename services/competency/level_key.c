/* level_key.c: a dirty key is the person's id, NUL, the competency's id. */
#include "services/competency/level_key.h"

#include <string.h>

#include "common/keys.h"
#include "common/record.h"

typedef struct {
    char bytes[2 * PX_ID_SIZE];
    size_t size;
} rest;

static rest rest_of(const level_key *key)
{
    rest r;
    size_t person = strlen(key->person_id) + 1;
    size_t competency = strlen(key->competency_id);

    PX_ASSERT(person + competency <= sizeof r.bytes);
    memcpy(r.bytes, key->person_id, person);
    memcpy(r.bytes + person, key->competency_id, competency);
    r.size = person + competency;
    return r;
}

void level_key_mark(px_txn *state, uint8_t kind, const level_key *key)
{
    rest r = rest_of(key);

    px_mark(state, kind, key->tenant, (px_bytes){ r.bytes, r.size });
}

void level_key_set_due(px_txn *state, uint8_t kind, const level_key *key, int64_t due_us)
{
    rest r = rest_of(key);

    px_due_set(state, kind, key->tenant, (px_bytes){ r.bytes, r.size }, due_us);
}

void level_key_look_at(px_txn *state, const level_key *key, int64_t due_us)
{
    px_keybuf looked = { .size = 0 };

    px_key_text(&looked, key->person_id);
    px_key_text(&looked, key->competency_id);
    px_key_u64(&looked, (uint64_t)due_us);
    px_due_set(state, KEY_AGE, key->tenant, px_key_bytes(&looked), due_us);
}

void level_key_clear_due(px_txn *state, uint8_t kind, const level_key *key)
{
    rest r = rest_of(key);

    px_due_clear(state, kind, key->tenant, (px_bytes){ r.bytes, r.size });
}

px_bytes level_key_kept(const px_view *state, uint8_t kind, const level_key *key, px_marks *marks)
{
    rest r = rest_of(key);

    return px_kept_get(state, kind, key->tenant, (px_bytes){ r.bytes, r.size }, marks);
}

void level_key_keep(px_txn *state, uint8_t kind, const level_key *key, px_marks marks,
                    px_bytes value, bool mark)
{
    rest r = rest_of(key);

    px_kept_put(state, kind, key->tenant, (px_bytes){ r.bytes, r.size }, marks, value, mark);
}

void level_key_read(level_key_ids *out, const px_key *dirty)
{
    char bytes[2 * PX_ID_SIZE + sizeof(uint64_t) + 1] = { 0 }; /* KEY_AGE: the time comes last */

    PX_ASSERT(dirty->rest.size < sizeof bytes);
    memcpy(bytes, dirty->rest.data, dirty->rest.size);
    size_t person = strlen(bytes) + 1;
    PX_ASSERT(person <= dirty->rest.size);
    px_record_set_text(out->person_id, PX_ID_SIZE, bytes);
    px_record_set_text(out->competency_id, PX_ID_SIZE, bytes + person);
    out->key = (level_key){ dirty->tenant, out->person_id, out->competency_id };
}
