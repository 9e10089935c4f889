/* roles_project.c: one refresh() works out what a person holds; everything that may change it calls
 * it. */
#include <string.h>

#include "common/record.h"
#include "common/replaced.h"
#include "common/roles.h"
#include "common/roles_impl.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"

enum { RULE_BYTES = 1 + 2 + PX_ID_SIZE, TARGET_BYTES = 16 };

typedef struct {
    uint8_t holders; /* px_holders */
    char unit_id[PX_ID_SIZE];
} rule;

/* ---- rows ---- */

static void put_mark(px_txn *state, const px_keybuf *key)
{
    px_put(state, PX_STATE, px_key_bytes(key), (px_bytes){ "", 0 });
}

static void del(px_txn *state, const px_keybuf *key)
{
    px_del(state, PX_STATE, px_key_bytes(key));
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

/* ---- what a person holds ---- */

static bool same_list(const px_role_list *a, const px_role_list *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->ids[i], b->ids[i]) != 0)
            return false;
    return a->count == b->count;
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
    px_keybuf held = px_roles_key2(PART_HELD, tenant, person_id, role_id);
    px_keybuf holder = px_roles_key2(PART_HOLDER, tenant, role_id, person_id);

    put_mark(state, &held);
    put_mark(state, &holder);
}

static void leave_role(px_txn *state, const char *tenant, const char *person_id,
                       const char *role_id)
{
    px_keybuf held = px_roles_key2(PART_HELD, tenant, person_id, role_id);
    px_keybuf holder = px_roles_key2(PART_HOLDER, tenant, role_id, person_id);

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
    after = px_roles_hold(state, tenant, person_id, main_id, track_id);
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
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id))
        refresh(state, tenant, person_id, moved);
}

/* ---- people and units ---- */

/* Enters or leaves the list of their manager's reports. */
static void note_report(px_txn *state, const char *tenant, const char *person_id,
                        const px_person *person, bool is_report)
{
    px_keybuf key = px_roles_key2(PART_REPORT, tenant, person->manager_id, person_id);

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
    px_keybuf holder = px_roles_key2(PART_HOLDER, fact->tenant, aspiration, f->person_id);
    del(state, &holder);
    for (px_role_slot slot = PX_ROLE_MAIN; slot <= PX_ROLE_ASPIRATION; slot++) {
        px_keybuf key = px_roles_slot_key(fact->tenant, f->person_id, slot);
        del(state, &key);
    }
    refresh(state, fact->tenant, f->person_id, moved);
    if (before.manager_id[0])
        refresh(state, fact->tenant, before.manager_id, moved);
}

static bool any_unit_rule(const px_view *state, const char *tenant)
{
    px_keybuf prefix = px_roles_part_key(PART_RULED, tenant);
    char unit_id[PX_ID_SIZE] = "";

    px_key_u8(&prefix, PX_HOLDERS_UNIT);
    return px_key_next(state, &prefix, unit_id, PX_ID_SIZE);
}

void px_roles_project_unit(px_txn *state, const px_fact *fact, px_roles_moved_fn *moved)
{
    const FeedbackIngestFact__UnitRecorded *f = fact->body;
    px_keybuf key = px_roles_key(PART_UNIT, fact->tenant, f->unit_id);
    char before[PX_ID_SIZE];
    bool known = px_roles_get_id(state, &key, before);

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
    px_keybuf key = px_roles_key(PART_RULE, fact->tenant, f->role_id);
    rule before = get_rule(state, &key), after = { .holders = (uint8_t)f->holders };
    unsigned char bytes[RULE_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_set_text(after.unit_id, sizeof after.unit_id, f->unit_id);
    if (before.holders == after.holders && strcmp(before.unit_id, after.unit_id) == 0)
        return;
    px_keybuf from = px_roles_ruled_key(fact->tenant, (px_holders)before.holders, before.unit_id);
    px_keybuf to = px_roles_ruled_key(fact->tenant, (px_holders)after.holders, after.unit_id);
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
    px_keybuf key = px_roles_key2(PART_TARGET, fact->tenant, f->role_id, f->competency_id);
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
    px_keybuf key = px_roles_slot_key(tenant, person_id, slot);

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
    px_keybuf from = px_roles_key2(PART_HOLDER, tenant, before, person_id);
    px_keybuf to = px_roles_key2(PART_HOLDER, tenant, role_id, person_id);
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

/* ---- strategy ---- */

void px_roles_put_strategy(px_txn *state, const char *tenant, const char *competency_id,
                           const char *strategy_item_id, double weight)
{
    px_keybuf key = px_roles_key2(PART_STRATEGY, tenant, competency_id, strategy_item_id);
    unsigned char bytes[8];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_f64(&r, &weight);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

bool px_roles_is_strategic(const px_view *state, const char *tenant, const char *competency_id,
                           const char *strategy_item_id)
{
    px_keybuf key = px_roles_key2(PART_STRATEGY, tenant, competency_id, strategy_item_id);
    px_bytes weight;

    return px_get(state, PX_STATE, px_key_bytes(&key), &weight);
}

void px_roles_project_strategy_declared(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemDeclared *f = fact->body;

    for (size_t i = 0; i < f->n_competency_ids; i++) {
        px_successors now = px_replaced_resolve(state, fact->tenant, f->competency_ids[i]);

        for (size_t j = 0; j < now.count; j++)
            px_roles_put_strategy(state, fact->tenant, now.all[j].competency_id,
                                  f->strategy_item_id, f->weight);
    }
}

void px_roles_project_strategy_retired(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemRetired *f = fact->body;

    for (size_t i = 0; i < f->n_competency_ids; i++) {
        px_successors now = px_replaced_resolve(state, fact->tenant, f->competency_ids[i]);

        for (size_t j = 0; j < now.count; j++) {
            px_keybuf key = px_roles_key2(PART_STRATEGY, fact->tenant, now.all[j].competency_id,
                                          f->strategy_item_id);

            del(state, &key);
        }
    }
}
