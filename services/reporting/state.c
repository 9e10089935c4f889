/* state.c: keys and bytes of units, people's places, titles and levels. */
#include "services/reporting/state.h"

#include <sodium.h>
#include <string.h>

#include "common/record.h"
#include "services/reporting/figures.h"
#include "services/reporting/state_keys.h"

/* ---- shared with state_progress.c ---- */

px_keybuf reporting_key(uint8_t table, const char *tenant, const char *a, const char *b,
                        const char *c)
{
    const char *ids[] = { a, b, c };
    px_keybuf key = px_key_begin(table);

    px_key_text(&key, tenant);
    for (size_t i = 0; i < PX_COUNT(ids) && ids[i]; i++)
        px_key_text(&key, ids[i]);
    return key;
}

void reporting_walk(id_walk *walk, const px_view *state, const px_keybuf *prefix)
{
    walk->at = prefix->size;
    px_scan_begin(&walk->scan, state, PX_STATE, px_key_bytes(prefix));
}

bool reporting_state_next(id_walk *walk, char id[PX_ID_SIZE])
{
    px_bytes key, value;

    if (!px_scan_next(&walk->scan, &key, &value))
        return false;
    px_keyread read = { .key = key, .at = walk->at };
    px_record_set_text(id, PX_ID_SIZE, px_keyread_text(&read));
    return true;
}

void reporting_state_end(id_walk *walk)
{
    px_scan_end(&walk->scan);
}

uint32_t reporting_get_count(const px_view *state, const px_keybuf *key)
{
    uint32_t count = 0;
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return 0;
    px_record r = px_record_reader(value);
    px_record_u32(&r, &count);
    px_record_end(&r);
    return count;
}

static void put_count(px_txn *state, const px_keybuf *key, uint32_t count)
{
    unsigned char bytes[4];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_u32(&r, &count);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

uint32_t reporting_add_count(px_txn *state, const px_keybuf *key, int32_t change)
{
    int64_t sum = (int64_t)reporting_get_count(state, key) + change;

    /* After a failed read the count may be wrong; the transaction is lost anyway. */
    PX_ASSERT((sum >= 0 && sum <= UINT32_MAX) || px_txn_status(state) != PX_OK);
    if (sum > 0)
        put_count(state, key, (uint32_t)sum);
    else
        px_del(state, PX_STATE, px_key_bytes(key)); /* nothing about the erased stays behind */
    return (uint32_t)sum;
}

void reporting_put_text(px_txn *state, const px_keybuf *key, const char *text, size_t capacity)
{
    char copy[TITLE_SIZE];
    unsigned char bytes[2 + TITLE_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);

    PX_ASSERT(capacity <= sizeof copy);
    px_record_set_text(copy, capacity, text);
    px_record_text(&r, copy, capacity);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

void reporting_get_text(const px_view *state, const px_keybuf *key, char *text, size_t capacity)
{
    px_bytes value;

    text[0] = '\0';
    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return;
    px_record r = px_record_reader(value);
    px_record_text(&r, text, capacity);
    px_record_end(&r);
}

void reporting_put_nothing(px_txn *state, px_keybuf key)
{
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ "", 0 });
}

void reporting_del(px_txn *state, px_keybuf key)
{
    px_del(state, PX_STATE, px_key_bytes(&key));
}

static bool get_number(const px_view *state, const px_keybuf *key, double *number)
{
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return false;
    px_record r = px_record_reader(value);
    px_record_f64(&r, number);
    px_record_end(&r);
    return true;
}

static void put_number(px_txn *state, const px_keybuf *key, double number)
{
    unsigned char bytes[8];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_f64(&r, &number);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

/* ---- group minimum ---- */

uint32_t reporting_state_get_minimum(const px_view *state, const char *tenant)
{
    px_keybuf key = reporting_key(TABLE_MINIMUM, tenant, NULL, NULL, NULL);
    uint32_t minimum = reporting_get_count(state, &key);

    return minimum ? minimum : GROUP_MINIMUM_DEFAULT;
}

void reporting_state_put_minimum(px_txn *state, const char *tenant, uint32_t minimum)
{
    px_keybuf key = reporting_key(TABLE_MINIMUM, tenant, NULL, NULL, NULL);

    put_count(state, &key, minimum);
}

/* ---- units ---- */

static void walk_unit(px_record *r, unit_record *u)
{
    px_record_text(r, u->parent_id, sizeof u->parent_id);
    px_record_text(r, u->label, sizeof u->label);
}

bool reporting_state_get_unit(const px_view *state, const char *tenant, const char *unit_id,
                              unit_record *out)
{
    px_keybuf key = reporting_key(TABLE_UNIT, tenant, unit_id, NULL, NULL);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (unit_record){ 0 };
    walk_unit(&r, out);
    px_record_end(&r);
    return true;
}

void reporting_state_put_unit(px_txn *state, const char *tenant, const char *unit_id,
                              const unit_record *unit)
{
    px_keybuf key = reporting_key(TABLE_UNIT, tenant, unit_id, NULL, NULL);
    unsigned char bytes[2 + PX_ID_SIZE + 2 + LABEL_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);
    unit_record copy = *unit, before;

    if (reporting_state_get_unit(state, tenant, unit_id, &before))
        reporting_del(state, reporting_key(TABLE_BELOW, tenant, before.parent_id, unit_id, NULL));
    reporting_put_nothing(state, reporting_key(TABLE_BELOW, tenant, copy.parent_id, unit_id, NULL));
    walk_unit(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

void reporting_state_walk_units(id_walk *walk, const px_view *state, const char *tenant)
{
    px_keybuf prefix = reporting_key(TABLE_UNIT, tenant, NULL, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

void reporting_state_walk_below(id_walk *walk, const px_view *state, const char *tenant,
                                const char *unit_id)
{
    px_keybuf prefix = reporting_key(TABLE_BELOW, tenant, unit_id, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

/* ---- active people ---- */

static void walk_place(px_record *r, place *at)
{
    px_record_text(r, at->unit_id, sizeof at->unit_id);
    px_record_text(r, at->role_set, sizeof at->role_set);
}

place reporting_state_get_place(const px_view *state, const char *tenant, const char *person_id)
{
    px_keybuf key = reporting_key(TABLE_PLACE, tenant, person_id, NULL, NULL);
    place at = { 0 };
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return at;
    px_record r = px_record_reader(value);
    walk_place(&r, &at);
    px_record_end(&r);
    at.active = true;
    return at;
}

static void count_member(px_txn *state, const char *tenant, const place *at, int32_t change)
{
    px_keybuf by_unit = reporting_key(TABLE_UNIT_ROLES, tenant, at->unit_id, at->role_set, NULL);
    px_role_list roles = reporting_state_get_role_set(state, tenant, at->role_set);

    reporting_add_count(state, &by_unit, change);
    for (size_t i = 0; i < roles.count; i++) {
        px_keybuf by_role = reporting_key(TABLE_ROLE_UNIT, tenant, roles.ids[i], at->unit_id, NULL);

        reporting_add_count(state, &by_role, change);
    }
}

void reporting_state_put_place(px_txn *state, const char *tenant, const char *person_id,
                               const place *at)
{
    px_keybuf key = reporting_key(TABLE_PLACE, tenant, person_id, NULL, NULL);
    place before = reporting_state_get_place(state, tenant, person_id), after = *at;
    unsigned char bytes[2 * (2 + PX_ID_SIZE)];
    px_record r = px_record_writer(bytes, sizeof bytes);

    if (before.active) {
        reporting_del(
            state, reporting_key(TABLE_MEMBER, tenant, before.unit_id, before.role_set, person_id));
        count_member(state, tenant, &before, -1);
        reporting_del(state, key);
    }
    if (!after.active)
        return;
    reporting_put_nothing(
        state, reporting_key(TABLE_MEMBER, tenant, after.unit_id, after.role_set, person_id));
    count_member(state, tenant, &after, 1);
    walk_place(&r, &after);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

/* ---- role sets ---- */

/* Ids have no '~', so that the name of several roles is nobody's id. */
static void name_of_several(const px_role_list *roles, char role_set[ROLE_SET_SIZE])
{
    crypto_generichash_state hash;
    uint8_t digest[16];

    crypto_generichash_init(&hash, NULL, 0, sizeof digest);
    for (size_t i = 0; i < roles->count; i++)
        crypto_generichash_update(&hash, (const uint8_t *)roles->ids[i], strlen(roles->ids[i]) + 1);
    crypto_generichash_final(&hash, digest, sizeof digest);
    role_set[0] = '~';
    sodium_bin2hex(role_set + 1, ROLE_SET_SIZE - 1, digest, sizeof digest);
}

static void walk_role_set(px_record *r, px_role_list *roles)
{
    uint32_t count = (uint32_t)roles->count;

    px_record_u32(r, &count);
    PX_ASSERT(count <= PX_ROLES_MAX);
    roles->count = count;
    for (size_t i = 0; i < roles->count; i++)
        px_record_text(r, roles->ids[i], PX_ID_SIZE);
}

void reporting_state_name_role_set(px_txn *state, const char *tenant, const px_role_list *roles,
                                   char role_set[ROLE_SET_SIZE])
{
    unsigned char bytes[4 + PX_ROLES_MAX * (2 + PX_ID_SIZE)];
    px_record r = px_record_writer(bytes, sizeof bytes);
    px_role_list copy = *roles;

    role_set[0] = '\0';
    if (roles->count == 1)
        memcpy(role_set, roles->ids[0], PX_ID_SIZE);
    if (roles->count <= 1)
        return;
    name_of_several(roles, role_set);
    px_keybuf key = reporting_key(TABLE_ROLE_SET, tenant, role_set, NULL, NULL);
    walk_role_set(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

px_role_list reporting_state_get_role_set(const px_view *state, const char *tenant,
                                          const char *role_set)
{
    px_keybuf key = reporting_key(TABLE_ROLE_SET, tenant, role_set, NULL, NULL);
    px_role_list roles = { 0 };
    px_bytes value;

    if (role_set[0] && role_set[0] != '~') {
        roles.count = 1;
        px_record_set_text(roles.ids[0], PX_ID_SIZE, role_set);
    } else if (px_get(state, PX_STATE, px_key_bytes(&key), &value)) {
        px_record r = px_record_reader(value);

        walk_role_set(&r, &roles);
        px_record_end(&r);
    }
    return roles;
}

void reporting_state_walk_role_sets(id_walk *walk, const px_view *state, const char *tenant,
                                    const char *unit_id)
{
    px_keybuf prefix = reporting_key(TABLE_UNIT_ROLES, tenant, unit_id, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

void reporting_state_walk_members(id_walk *walk, const px_view *state, const char *tenant,
                                  const char *unit_id, const char *role_set)
{
    px_keybuf prefix = reporting_key(TABLE_MEMBER, tenant, unit_id, role_set, NULL);

    reporting_walk(walk, state, &prefix);
}

void reporting_state_walk_units_of_role(id_walk *walk, const px_view *state, const char *tenant,
                                        const char *role_id)
{
    px_keybuf prefix = reporting_key(TABLE_ROLE_UNIT, tenant, role_id, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

uint32_t reporting_state_get_headcount(const px_view *state, const char *tenant)
{
    px_keybuf key = reporting_key(TABLE_HEADCOUNT, tenant, NULL, NULL, NULL);

    return reporting_get_count(state, &key);
}

void reporting_state_add_headcount(px_txn *state, const char *tenant, int32_t change)
{
    px_keybuf key = reporting_key(TABLE_HEADCOUNT, tenant, NULL, NULL, NULL);

    reporting_add_count(state, &key, change);
}

/* ---- competencies ---- */

void reporting_state_put_asking(px_txn *state, const char *tenant, const char *role_id,
                                const char *competency_id, bool asks)
{
    px_keybuf key = reporting_key(TABLE_ASKING, tenant, competency_id, role_id, NULL);

    if (asks)
        reporting_put_nothing(state, key);
    else
        reporting_del(state, key);
}

void reporting_state_walk_asking(id_walk *walk, const px_view *state, const char *tenant,
                                 const char *competency_id)
{
    px_keybuf prefix = reporting_key(TABLE_ASKING, tenant, competency_id, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

void reporting_state_get_title(const px_view *state, const char *tenant, const char *competency_id,
                               char title[TITLE_SIZE])
{
    px_keybuf key = reporting_key(TABLE_TITLE, tenant, competency_id, NULL, NULL);

    reporting_get_text(state, &key, title, TITLE_SIZE);
}

void reporting_state_put_title(px_txn *state, const char *tenant, const char *competency_id,
                               const char *title)
{
    px_keybuf key = reporting_key(TABLE_TITLE, tenant, competency_id, NULL, NULL);

    reporting_put_text(state, &key, title, TITLE_SIZE);
}

/* ---- levels ---- */

bool reporting_state_get_level(const px_view *state, const char *tenant, const char *person_id,
                               const char *competency_id, double *mu)
{
    px_keybuf key = reporting_key(TABLE_LEVEL, tenant, person_id, competency_id, NULL);

    return get_number(state, &key, mu);
}

void reporting_state_put_level(px_txn *state, const char *tenant, const char *person_id,
                               const char *competency_id, double mu)
{
    px_keybuf key = reporting_key(TABLE_LEVEL, tenant, person_id, competency_id, NULL);

    put_number(state, &key, mu);
}

void reporting_state_del_level(px_txn *state, const char *tenant, const char *person_id,
                               const char *competency_id)
{
    reporting_del(state, reporting_key(TABLE_LEVEL, tenant, person_id, competency_id, NULL));
}

void reporting_state_drop_levels(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = reporting_key(TABLE_LEVEL, tenant, person_id, NULL, NULL);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value))
        px_scan_del(&scan);
    px_scan_end(&scan);
}
