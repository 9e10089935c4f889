/* roles.c: one refresh() works out what a person holds; everything that may change it calls it. */
#include "common/roles.h"

#include <string.h>

#include "common/keys.h"
#include "common/record.h"
#include "common/tables.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"

enum {
    UNIT_DEPTH_MAX = 64, /* feedback-ingest refuses loops; deeper trees are cut here */
    RULE_BYTES = 1 + 2 + PX_ID_SIZE,
    TARGET_BYTES = 16
};

/** Part of the table, behind the tenant. Stored: only add. */
typedef enum {
    PART_RULE = 1,   /* role -> rule */
    PART_RULED = 2,  /* holders, unit, role -> nothing: roles by their rule */
    PART_TARGET = 3, /* role, competency -> target and weight */
    PART_SLOT = 4,   /* person, slot -> role */
    PART_HELD = 5,   /* person, role -> nothing: what refresh() worked out */
    PART_HOLDER = 6, /* role, person -> nothing: held or aspired to */
    PART_REPORT = 7, /* manager, active report -> nothing */
    PART_UNIT = 8    /* unit -> the one above */
} part;

typedef struct {
    uint8_t holders; /* px_holders */
    char unit_id[PX_ID_SIZE];
} rule;

/* ---- keys and rows ---- */

static px_keybuf part_key(part p, const char *tenant)
{
    px_keybuf key = px_key_begin(PX_TABLE_ROLES);

    px_key_text(&key, tenant);
    px_key_u8(&key, (uint8_t)p);
    return key;
}

static px_keybuf key1(part p, const char *tenant, const char *id)
{
    px_keybuf key = part_key(p, tenant);

    px_key_text(&key, id);
    return key;
}

static px_keybuf key2(part p, const char *tenant, const char *id, const char *id2)
{
    px_keybuf key = key1(p, tenant, id);

    px_key_text(&key, id2);
    return key;
}

static px_keybuf slot_key(const char *tenant, const char *person_id, px_role_slot slot)
{
    px_keybuf key = key1(PART_SLOT, tenant, person_id);

    px_key_u8(&key, (uint8_t)slot);
    return key;
}

static px_keybuf ruled_key(const char *tenant, px_holders holders, const char *unit_id)
{
    px_keybuf key = part_key(PART_RULED, tenant);

    px_key_u8(&key, (uint8_t)holders);
    px_key_text(&key, unit_id);
    return key;
}

static void put_mark(px_txn *state, const px_keybuf *key)
{
    px_put(state, PX_STATE, px_key_bytes(key), (px_bytes){ "", 0 });
}

static void del(px_txn *state, const px_keybuf *key)
{
    px_del(state, PX_STATE, px_key_bytes(key));
}

static bool get_id(const px_view *state, const px_keybuf *key, char id[PX_ID_SIZE])
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

static void put_id(px_txn *state, const px_keybuf *key, const char *id)
{
    unsigned char bytes[2 + PX_ID_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);
    char copy[PX_ID_SIZE];

    px_record_set_text(copy, sizeof copy, id);
    px_record_text(&r, copy, sizeof copy);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

/* The first id under the prefix that is greater than `id`, which becomes it. */
static bool next_id(const px_view *state, const px_keybuf *prefix, char id[PX_ID_SIZE])
{
    px_keybuf from = *prefix;
    px_bytes key, value;
    px_scan scan;

    if (id[0]) {
        px_key_text(&from, id);
        from.bytes[from.size - 1] = 1; /* in place of the NUL: after every key that goes on */
    }
    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(prefix), px_key_bytes(&from));
    bool found = px_scan_next(&scan, &key, &value);
    if (found) {
        px_keyread rest = { key, prefix->size };

        px_record_set_text(id, PX_ID_SIZE, px_keyread_text(&rest));
    }
    px_scan_end(&scan);
    return found;
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

static bool same_list(const px_role_list *a, const px_role_list *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->ids[i], b->ids[i]) != 0)
            return false;
    return a->count == b->count;
}

/* ---- what a person holds ---- */

static bool is_manager(const px_view *state, const char *tenant, const char *person_id)
{
    px_keybuf reports = key1(PART_REPORT, tenant, person_id);
    char report_id[PX_ID_SIZE] = "";

    return next_id(state, &reports, report_id);
}

static void add_ruled(px_role_list *list, const px_view *state, const char *tenant,
                      px_holders holders, const char *unit_id)
{
    px_keybuf prefix = ruled_key(tenant, holders, unit_id);
    char role_id[PX_ID_SIZE] = "";

    while (next_id(state, &prefix, role_id))
        add_to(list, role_id);
}

static void add_of_units(px_role_list *list, const px_view *state, const char *tenant,
                         const char *unit_id)
{
    char at[PX_ID_SIZE];

    px_record_set_text(at, sizeof at, unit_id);
    for (int depth = 0; at[0] && depth < UNIT_DEPTH_MAX; depth++) {
        px_keybuf key = key1(PART_UNIT, tenant, at);

        add_ruled(list, state, tenant, PX_HOLDERS_UNIT, at);
        get_id(state, &key, at);
    }
}

void px_roles_get_slot(const px_view *state, const char *tenant, const char *person_id,
                       px_role_slot slot, char role_id[PX_ID_SIZE])
{
    px_keybuf key = slot_key(tenant, person_id, slot);

    get_id(state, &key, role_id);
}

/* Only active people hold anything. */
static px_role_list hold(const px_view *state, const char *tenant, const char *person_id,
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
    return hold(state, tenant, person_id, in[PX_ROLE_MAIN], in[PX_ROLE_TRACK]);
}

px_role_list px_roles_of(const px_view *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = key1(PART_HELD, tenant, person_id);
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

static bool aspires_to(const px_view *state, const char *tenant, const char *person_id,
                       const char *role_id)
{
    char aspiration[PX_ID_SIZE];

    px_roles_get_slot(state, tenant, person_id, PX_ROLE_ASPIRATION, aspiration);
    return strcmp(aspiration, role_id) == 0;
}

static void take_role(px_txn *state, const char *tenant, const char *person_id, const char *role_id)
{
    px_keybuf held = key2(PART_HELD, tenant, person_id, role_id);
    px_keybuf holder = key2(PART_HOLDER, tenant, role_id, person_id);

    put_mark(state, &held);
    put_mark(state, &holder);
}

static void leave_role(px_txn *state, const char *tenant, const char *person_id,
                       const char *role_id)
{
    px_keybuf held = key2(PART_HELD, tenant, person_id, role_id);
    px_keybuf holder = key2(PART_HOLDER, tenant, role_id, person_id);

    del(state, &held);
    if (!aspires_to(state, tenant, person_id, role_id))
        del(state, &holder);
}

static void refresh(px_txn *state, const char *tenant, const char *person_id,
                    px_roles_moved_fn *moved)
{
    px_role_list before = px_roles_of(state, tenant, person_id), after;
    char main_id[PX_ID_SIZE], track_id[PX_ID_SIZE];

    px_roles_get_slot(state, tenant, person_id, PX_ROLE_MAIN, main_id);
    px_roles_get_slot(state, tenant, person_id, PX_ROLE_TRACK, track_id);
    after = hold(state, tenant, person_id, main_id, track_id);
    if (same_list(&before, &after))
        return;
    for (size_t i = 0; i < before.count; i++)
        if (!px_role_list_has(&after, before.ids[i]))
            leave_role(state, tenant, person_id, before.ids[i]);
    for (size_t i = 0; i < after.count; i++)
        if (!px_role_list_has(&before, after.ids[i]))
            take_role(state, tenant, person_id, after.ids[i]);
    moved(state, tenant, person_id, &before, &after);
}

/* By id, because the state changes between two steps. */
static void refresh_everybody(px_txn *state, const char *tenant, px_roles_moved_fn *moved)
{
    px_keybuf prefix = px_key_begin(PX_PEOPLE_TABLE);
    char person_id[PX_ID_SIZE] = "";

    px_key_text(&prefix, tenant);
    while (next_id(state, &prefix, person_id))
        refresh(state, tenant, person_id, moved);
}

/* ---- what is asked ---- */

px_requirement px_roles_target(const px_view *state, const char *tenant, const char *role_id,
                               const char *competency_id)
{
    px_keybuf key = key2(PART_TARGET, tenant, role_id, competency_id);
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

px_requirement px_roles_strongest(const px_view *state, const char *tenant,
                                  const px_role_list *roles, const char *competency_id)
{
    px_requirement strongest = { 0 };

    for (size_t i = 0; i < roles->count; i++) {
        px_requirement asked = px_roles_target(state, tenant, roles->ids[i], competency_id);

        if (asked.target > strongest.target)
            strongest = asked;
    }
    return strongest;
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
    return wanted.target > now.target ? wanted : (px_requirement){ 0 };
}

bool px_roles_next_target(const px_view *state, const char *tenant, const char *role_id,
                          char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = key1(PART_TARGET, tenant, role_id);

    return next_id(state, &prefix, competency_id);
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
    px_keybuf prefix = key1(PART_HOLDER, tenant, role_id);

    return next_id(state, &prefix, person_id);
}

bool px_roles_has_unit(const px_view *state, const char *tenant, const char *unit_id)
{
    px_keybuf key = key1(PART_UNIT, tenant, unit_id);
    char above[PX_ID_SIZE];

    return get_id(state, &key, above);
}

/* ---- people and units ---- */

/* Enters or leaves the list of their manager's reports. */
static void note_report(px_txn *state, const char *tenant, const char *person_id,
                        const px_person *person, bool is_report)
{
    px_keybuf key = key2(PART_REPORT, tenant, person->manager_id, person_id);

    if (!person->manager_id[0])
        return;
    if (is_report && person->active)
        put_mark(state, &key);
    else
        del(state, &key);
}

void px_roles_project_person(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;
    px_person before = { 0 }, after;

    px_people_get(state, fact->tenant, f->person_id, &before);
    px_people_project_recorded(state, fact);
    PX_ASSERT(px_people_get(state, fact->tenant, f->person_id, &after));
    note_report(state, fact->tenant, f->person_id, &before, false);
    note_report(state, fact->tenant, f->person_id, &after, true);
    refresh(state, fact->tenant, f->person_id, moved);
    if (before.manager_id[0])
        refresh(state, fact->tenant, before.manager_id, moved);
    if (after.manager_id[0])
        refresh(state, fact->tenant, after.manager_id, moved);
}

void px_roles_project_erased(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;
    char aspiration[PX_ID_SIZE];
    px_person before = { 0 };

    px_people_get(state, fact->tenant, f->person_id, &before);
    px_people_project_erased(state, fact);
    note_report(state, fact->tenant, f->person_id, &before, false);
    px_roles_get_slot(state, fact->tenant, f->person_id, PX_ROLE_ASPIRATION, aspiration);
    px_keybuf holder = key2(PART_HOLDER, fact->tenant, aspiration, f->person_id);
    del(state, &holder);
    for (px_role_slot slot = PX_ROLE_MAIN; slot <= PX_ROLE_ASPIRATION; slot++) {
        px_keybuf key = slot_key(fact->tenant, f->person_id, slot);
        del(state, &key);
    }
    refresh(state, fact->tenant, f->person_id, moved);
    if (before.manager_id[0])
        refresh(state, fact->tenant, before.manager_id, moved);
}

static bool any_unit_rule(const px_view *state, const char *tenant)
{
    px_keybuf prefix = part_key(PART_RULED, tenant);
    char unit_id[PX_ID_SIZE] = "";

    px_key_u8(&prefix, PX_HOLDERS_UNIT);
    return next_id(state, &prefix, unit_id);
}

void px_roles_project_unit(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const FeedbackIngestFact__UnitRecorded *f = fact->body;
    px_keybuf key = key1(PART_UNIT, fact->tenant, f->unit_id);
    char before[PX_ID_SIZE];
    bool known = get_id(state, &key, before);

    put_id(state, &key, f->parent_unit_id);
    if (known && strcmp(before, f->parent_unit_id) != 0 && any_unit_rule(state, fact->tenant))
        refresh_everybody(state, fact->tenant, moved);
}

/* ---- roles ---- */

static void walk_rule(px_record *r, rule *record)
{
    px_record_u8(r, &record->holders);
    px_record_text(r, record->unit_id, sizeof record->unit_id);
}

static rule get_rule(const px_view *state, const px_keybuf *key)
{
    rule found = { 0 };
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return found;
    px_record r = px_record_reader(value);
    walk_rule(&r, &found);
    px_record_end(&r);
    return found;
}

void px_roles_project_defined(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const CompetencyFact__RoleDefined *f = fact->body;
    px_keybuf key = key1(PART_RULE, fact->tenant, f->role_id);
    rule before = get_rule(state, &key), after = { .holders = (uint8_t)f->holders };
    unsigned char bytes[RULE_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_set_text(after.unit_id, sizeof after.unit_id, f->unit_id);
    if (before.holders == after.holders && strcmp(before.unit_id, after.unit_id) == 0)
        return;
    px_keybuf from = ruled_key(fact->tenant, (px_holders)before.holders, before.unit_id);
    px_keybuf to = ruled_key(fact->tenant, (px_holders)after.holders, after.unit_id);
    px_key_text(&from, f->role_id);
    px_key_text(&to, f->role_id);
    del(state, &from);
    if (after.holders != PX_HOLDERS_ASSIGNED)
        put_mark(state, &to);
    walk_rule(&r, &after);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
    refresh_everybody(state, fact->tenant, moved);
}

void px_roles_project_target(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RoleTargetSet *f = fact->body;
    px_keybuf key = key2(PART_TARGET, fact->tenant, f->role_id, f->competency_id);
    unsigned char bytes[TARGET_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);
    double target = f->target, weight = f->weight;

    if (target == 0.0) {
        del(state, &key);
        return;
    }
    px_record_f64(&r, &target);
    px_record_f64(&r, &weight);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

static void put_slot(px_txn *state, const char *tenant, const char *person_id, px_role_slot slot,
                     const char *role_id)
{
    px_keybuf key = slot_key(tenant, person_id, slot);

    if (role_id[0])
        put_id(state, &key, role_id);
    else
        del(state, &key);
}

static void aspire(px_txn *state, const char *tenant, const char *person_id, const char *role_id)
{
    px_role_list held = px_roles_of(state, tenant, person_id);
    char before[PX_ID_SIZE];

    px_roles_get_slot(state, tenant, person_id, PX_ROLE_ASPIRATION, before);
    px_keybuf from = key2(PART_HOLDER, tenant, before, person_id);
    px_keybuf to = key2(PART_HOLDER, tenant, role_id, person_id);
    if (before[0] && !px_role_list_has(&held, before))
        del(state, &from);
    put_slot(state, tenant, person_id, PX_ROLE_ASPIRATION, role_id);
    if (role_id[0])
        put_mark(state, &to);
}

/* Of somebody erased meanwhile nothing may come back. */
void px_roles_project_assigned(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const CompetencyFact__RoleAssigned *f = fact->body;
    px_role_slot slot = (px_role_slot)f->slot;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    if (slot == PX_ROLE_ASPIRATION) {
        aspire(state, fact->tenant, f->person_id, f->role_id);
        return;
    }
    put_slot(state, fact->tenant, f->person_id, slot, f->role_id);
    refresh(state, fact->tenant, f->person_id, moved);
}
