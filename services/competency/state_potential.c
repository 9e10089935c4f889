/* state_potential.c: keys and bytes of placements, the rule for high potentials and suggestions. */
#include "services/competency/state_potential.h"

#include "common/agenda.h"
#include "services/competency/level_key.h"
#include "services/competency/state_keys.h"

/* ---- the rule ---- */

static void walk_rule(px_record *r, void *record)
{
    potential_rule *rule = record;

    px_record_u32(r, &rule->version);
    px_record_u8(r, &rule->top_cell_in);
    px_record_u8(r, &rule->of_cycles);
    px_record_u8(r, &rule->leadership_competencies);
}

potential_rule competency_state_get_potential_rule(const px_view *state, const char *tenant)
{
    px_keybuf key = level_keybuf(TABLE_POTENTIAL_RULE, tenant, NULL, NULL);
    potential_rule rule = { 0 };

    level_get(state, &key, walk_rule, &rule);
    return rule;
}

void competency_state_put_potential_rule(px_txn *state, const char *tenant,
                                         const potential_rule *rule)
{
    px_keybuf key = level_keybuf(TABLE_POTENTIAL_RULE, tenant, NULL, NULL);
    potential_rule copy = *rule;

    level_put(state, &key, walk_rule, &copy);
}

/* ---- placements ---- */

static void walk_placement(px_record *r, void *record)
{
    placement *place = record;

    px_record_i64(r, &place->cycle_ends_us);
    px_record_u8(r, &place->column);
    px_record_u8(r, &place->row);
    px_record_u8(r, &place->columns);
    px_record_u8(r, &place->rows);
}

bool competency_state_next_placement(const px_view *state, const char *tenant,
                                     const char *person_id, char cycle_id[PX_ID_SIZE],
                                     placement *out)
{
    px_keybuf prefix = level_keybuf(TABLE_PLACEMENT, tenant, person_id, NULL);

    if (!px_key_next(state, &prefix, cycle_id, PX_ID_SIZE))
        return false;
    px_keybuf key = level_keybuf(TABLE_PLACEMENT, tenant, person_id, cycle_id);
    *out = (placement){ 0 };
    return level_get(state, &key, walk_placement, out);
}

void competency_state_put_placement(px_txn *state, const char *tenant, const char *person_id,
                                    const char *cycle_id, const placement *place)
{
    px_keybuf key = level_keybuf(TABLE_PLACEMENT, tenant, person_id, cycle_id);
    placement copy = *place;

    level_put(state, &key, walk_placement, &copy);
}

/* ---- suggestions ---- */

static void walk_evidence(px_record *r, potential_evidence *e)
{
    px_record_u8(r, &e->cycle_count);
    PX_ASSERT(e->cycle_count <= POTENTIAL_CYCLES_MAX);
    for (size_t i = 0; i < e->cycle_count; i++)
        px_record_text(r, e->cycle_ids[i], PX_ID_SIZE);
    px_record_u8(r, &e->competency_count);
    PX_ASSERT(e->competency_count <= POTENTIAL_COMPETENCIES_MAX);
    for (size_t i = 0; i < e->competency_count; i++)
        px_record_text(r, e->competency_ids[i], PX_ID_SIZE);
}

static void walk_potential(px_record *r, void *record)
{
    potential_record *p = record;

    px_record_u8(r, &p->status);
    px_record_u32(r, &p->rule_version);
    px_record_text(r, p->by_id, sizeof p->by_id);
    walk_evidence(r, &p->evidence);
    walk_evidence(r, &p->declined);
}

bool competency_state_get_potential(const px_view *state, const char *tenant, const char *person_id,
                                    potential_record *out)
{
    px_keybuf key = level_keybuf(TABLE_POTENTIAL, tenant, person_id, NULL);

    *out = (potential_record){ 0 };
    return level_get(state, &key, walk_potential, out);
}

void competency_state_put_potential(px_txn *state, const char *tenant, const char *person_id,
                                    const potential_record *record)
{
    px_keybuf key = level_keybuf(TABLE_POTENTIAL, tenant, person_id, NULL);
    potential_record copy = *record;

    level_put(state, &key, walk_potential, &copy);
}

bool competency_state_next_potential(const px_view *state, const char *tenant,
                                     char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_POTENTIAL, tenant, NULL, NULL);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

void competency_state_drop_potential(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf potential = level_keybuf(TABLE_POTENTIAL, tenant, person_id, NULL);
    char cycle_id[PX_ID_SIZE] = "";
    placement place;

    level_del(state, &potential);
    while (competency_state_next_placement(state, tenant, person_id, cycle_id, &place)) {
        px_keybuf key = level_keybuf(TABLE_PLACEMENT, tenant, person_id, cycle_id);

        level_del(state, &key);
    }
}

void competency_mark_potential(px_txn *state, const char *tenant, const char *person_id)
{
    if (competency_state_get_potential_rule(state, tenant).version)
        px_mark(state, KEY_POTENTIAL, tenant, px_text_bytes(person_id));
}

void competency_mark_potentials(px_txn *state, const char *tenant)
{
    char person_id[PX_ID_SIZE] = "";

    if (competency_state_get_potential_rule(state, tenant).version == 0)
        return;
    while (px_people_next(state, tenant, person_id))
        px_mark(state, KEY_POTENTIAL, tenant, px_text_bytes(person_id));
}
