/* roles.c: rows of roles, and what they ask of whom. What changes them is roles_project.c. */
#include "common/roles.h"

#include <string.h>

#include "common/record.h"
#include "common/roles_impl.h"
#include "common/tables.h"

enum { UNIT_DEPTH_MAX = 64 /* feedback-ingest refuses loops; deeper trees are cut here */ };

/* ---- keys and rows ---- */

px_keybuf px_roles_part_key(px_roles_part part, const char *tenant)
{
    px_keybuf key = px_key_begin(PX_TABLE_ROLES);

    px_key_text(&key, tenant);
    px_key_u8(&key, (uint8_t)part);
    return key;
}

px_keybuf px_roles_key(px_roles_part part, const char *tenant, const char *id)
{
    px_keybuf key = px_roles_part_key(part, tenant);

    px_key_text(&key, id);
    return key;
}

px_keybuf px_roles_key2(px_roles_part part, const char *tenant, const char *id, const char *id2)
{
    px_keybuf key = px_roles_key(part, tenant, id);

    px_key_text(&key, id2);
    return key;
}

px_keybuf px_roles_slot_key(const char *tenant, const char *person_id, px_role_slot slot)
{
    px_keybuf key = px_roles_key(PART_SLOT, tenant, person_id);

    px_key_u8(&key, (uint8_t)slot);
    return key;
}

px_keybuf px_roles_ruled_key(const char *tenant, px_holders holders, const char *unit_id)
{
    px_keybuf key = px_roles_part_key(PART_RULED, tenant);

    px_key_u8(&key, (uint8_t)holders);
    px_key_text(&key, unit_id);
    return key;
}

bool px_roles_get_id(const px_view *state, const px_keybuf *key, char id[PX_ID_SIZE])
{
    px_bytes value;

    id[0] = '\0';
    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return false;
    px_record r = px_record_reader(value);
    px_record_text(&r, id, PX_ID_SIZE);
    px_record_end(&r);
    return true;
}

/* ---- lists ---- */

/* Where the id is, or would have to go. */
static size_t place_in(const px_role_list *list, const char *role_id)
{
    size_t at = 0;

    while (at < list->count && strcmp(list->ids[at], role_id) < 0)
        at++;
    return at;
}

bool px_role_list_has(const px_role_list *list, const char *role_id)
{
    size_t at = place_in(list, role_id);

    return at < list->count && strcmp(list->ids[at], role_id) == 0;
}

static void add_to(px_role_list *list, const char *role_id)
{
    size_t at = place_in(list, role_id);

    if (!role_id[0] || at == PX_ROLES_MAX || px_role_list_has(list, role_id))
        return;
    size_t kept = list->count < PX_ROLES_MAX ? list->count : PX_ROLES_MAX - 1;
    memmove(list->ids[at + 1], list->ids[at], (kept - at) * sizeof list->ids[0]);
    px_record_set_text(list->ids[at], PX_ID_SIZE, role_id);
    list->count = kept + 1;
}

/* ---- what a person holds ---- */

static bool is_manager(const px_view *state, const char *tenant, const char *person_id)
{
    px_keybuf reports = px_roles_key(PART_REPORT, tenant, person_id);
    char report_id[PX_ID_SIZE] = "";

    return px_key_next(state, &reports, report_id, PX_ID_SIZE);
}

static void add_ruled(px_role_list *list, const px_view *state, const char *tenant,
                      px_holders holders, const char *unit_id)
{
    px_keybuf prefix = px_roles_ruled_key(tenant, holders, unit_id);
    char role_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, role_id, PX_ID_SIZE))
        add_to(list, role_id);
}

static void add_of_units(px_role_list *list, const px_view *state, const char *tenant,
                         const char *unit_id)
{
    char at[PX_ID_SIZE];

    px_record_set_text(at, sizeof at, unit_id);
    for (int depth = 0; at[0] && depth < UNIT_DEPTH_MAX; depth++) {
        px_keybuf key = px_roles_key(PART_UNIT, tenant, at);

        add_ruled(list, state, tenant, PX_HOLDERS_UNIT, at);
        px_roles_get_id(state, &key, at);
    }
}

static bool is_in_unit(const px_view *state, const char *tenant, const px_person *person,
                       const char *unit_id)
{
    char at[PX_ID_SIZE];

    px_record_set_text(at, sizeof at, person->unit_id);
    for (int depth = 0; at[0] && depth < UNIT_DEPTH_MAX; depth++) {
        px_keybuf key = px_roles_key(PART_UNIT, tenant, at);

        if (strcmp(at, unit_id) == 0)
            return true;
        px_roles_get_id(state, &key, at);
    }
    return false;
}

bool px_roles_meets(const px_view *state, const char *tenant, const char *person_id,
                    px_holders rule, const char *unit_id)
{
    px_person person;

    if (!px_people_get(state, tenant, person_id, &person) || !person.active)
        return false;
    switch (rule) {
    case PX_HOLDERS_EVERYBODY:
        return true;
    case PX_HOLDERS_UNIT:
        return is_in_unit(state, tenant, &person, unit_id);
    case PX_HOLDERS_MANAGERS:
        return is_manager(state, tenant, person_id);
    default:
        return false;
    }
}

void px_roles_get_slot(const px_view *state, const char *tenant, const char *person_id,
                       px_role_slot slot, char role_id[PX_ID_SIZE])
{
    px_keybuf key = px_roles_slot_key(tenant, person_id, slot);

    px_roles_get_id(state, &key, role_id);
}

/* Only active people hold anything. */
px_role_list px_roles_hold(const px_view *state, const char *tenant, const char *person_id,
                           const char *main_id, const char *track_id)
{
    px_role_list list = { 0 };
    px_person person;

    if (!px_people_get(state, tenant, person_id, &person) || !person.active)
        return list;
    add_to(&list, main_id);
    add_to(&list, track_id);
    add_ruled(&list, state, tenant, PX_HOLDERS_EVERYBODY, "");
    add_of_units(&list, state, tenant, person.unit_id);
    if (is_manager(state, tenant, person_id))
        add_ruled(&list, state, tenant, PX_HOLDERS_MANAGERS, "");
    return list;
}

px_role_list px_roles_with(const px_view *state, const char *tenant, const char *person_id,
                           px_role_slot slot, const char *role_id)
{
    char in[PX_ROLE_SLOTS][PX_ID_SIZE];

    for (px_role_slot s = PX_ROLE_MAIN; s <= PX_ROLE_ASPIRATION; s++)
        px_roles_get_slot(state, tenant, person_id, s, in[s]);
    px_record_set_text(in[slot], PX_ID_SIZE, role_id);
    return px_roles_hold(state, tenant, person_id, in[PX_ROLE_MAIN], in[PX_ROLE_TRACK]);
}

px_role_list px_roles_of(const px_view *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = px_roles_key(PART_HELD, tenant, person_id);
    px_role_list list = { 0 };
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (list.count < PX_ROLES_MAX && px_scan_next(&scan, &key, &value)) {
        px_keyread rest = { key, prefix.size };

        px_record_set_text(list.ids[list.count++], PX_ID_SIZE, px_keyread_text(&rest));
    }
    px_scan_end(&scan);
    return list;
}

/* ---- what is asked ---- */

px_requirement px_roles_target(const px_view *state, const char *tenant, const char *role_id,
                               const char *competency_id)
{
    px_keybuf key = px_roles_key2(PART_TARGET, tenant, role_id, competency_id);
    px_requirement asked = { 0 };
    px_bytes value;

    if (!role_id[0] || !px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return asked;
    px_record r = px_record_reader(value);
    px_record_f64(&r, &asked.target);
    px_record_f64(&r, &asked.weight);
    px_record_end(&r);
    px_record_set_text(asked.role_id, sizeof asked.role_id, role_id);
    return asked;
}

/* The highest of the strategy items in force that name the competency; 1 when none does. */
static double strategy_weight(const px_view *state, const char *tenant, const char *competency_id)
{
    px_keybuf prefix = px_roles_key(PART_STRATEGY, tenant, competency_id);
    double highest = 0.0;
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value)) {
        px_record r = px_record_reader(value);
        double weight;

        px_record_f64(&r, &weight);
        px_record_end(&r);
        highest = weight > highest ? weight : highest;
    }
    px_scan_end(&scan);
    return highest > 0.0 ? highest : 1.0;
}

static px_requirement weighed(const px_view *state, const char *tenant, const char *competency_id,
                              px_requirement asked)
{
    if (asked.target > 0.0)
        asked.weight *= strategy_weight(state, tenant, competency_id);
    return asked;
}

px_requirement px_roles_strongest(const px_view *state, const char *tenant,
                                  const px_role_list *roles, const char *competency_id)
{
    px_requirement strongest = { 0 };

    for (size_t i = 0; i < roles->count; i++) {
        px_requirement asked = px_roles_target(state, tenant, roles->ids[i], competency_id);

        if (asked.target > strongest.target)
            strongest = asked;
    }
    return weighed(state, tenant, competency_id, strongest);
}

px_requirement px_roles_requirement(const px_view *state, const char *tenant, const char *person_id,
                                    const char *competency_id)
{
    px_role_list roles = px_roles_of(state, tenant, person_id);

    return px_roles_strongest(state, tenant, &roles, competency_id);
}

px_requirement px_roles_career(const px_view *state, const char *tenant, const char *person_id,
                               const char *competency_id)
{
    px_requirement now = px_roles_requirement(state, tenant, person_id, competency_id);
    char role_id[PX_ID_SIZE];

    if (!px_people_is_active(state, tenant, person_id))
        return (px_requirement){ 0 };
    px_roles_get_slot(state, tenant, person_id, PX_ROLE_ASPIRATION, role_id);
    px_requirement wanted = px_roles_target(state, tenant, role_id, competency_id);
    if (wanted.target <= now.target)
        return (px_requirement){ 0 };
    return weighed(state, tenant, competency_id, wanted);
}

bool px_roles_next_target(const px_view *state, const char *tenant, const char *role_id,
                          char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = px_roles_key(PART_TARGET, tenant, role_id);

    return px_key_next(state, &prefix, competency_id, PX_ID_SIZE);
}

bool px_roles_next_asked(const px_view *state, const char *tenant, const px_role_list *roles,
                         char competency_id[PX_ID_SIZE])
{
    char lowest[PX_ID_SIZE] = "";

    for (size_t i = 0; i < roles->count; i++) {
        char next[PX_ID_SIZE];

        memcpy(next, competency_id, sizeof next);
        if (px_roles_next_target(state, tenant, roles->ids[i], next) &&
            (!lowest[0] || strcmp(next, lowest) < 0))
            memcpy(lowest, next, sizeof lowest);
    }
    memcpy(competency_id, lowest, sizeof lowest);
    return lowest[0] != '\0';
}

bool px_roles_next_holder(const px_view *state, const char *tenant, const char *role_id,
                          char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = px_roles_key(PART_HOLDER, tenant, role_id);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

bool px_roles_has_unit(const px_view *state, const char *tenant, const char *unit_id)
{
    px_keybuf key = px_roles_key(PART_UNIT, tenant, unit_id);
    char above[PX_ID_SIZE];

    return px_roles_get_id(state, &key, above);
}
