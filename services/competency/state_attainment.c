/* state_attainment.c: keys and bytes of evidence, of what was said to be attained, and of rules. */
#include "services/competency/state_attainment.h"

#include <string.h>

#include "services/competency/state_keys.h"

enum { RULE_RECORD_MAX = 16 + RULE_CHILDREN_MAX * (2 + PX_ID_SIZE + 5) };

static px_keybuf keybuf(uint8_t table, const level_key *key)
{
    return level_keybuf(table, key->tenant, key->person_id, key->competency_id);
}

/* ---- evidence ---- */

static void walk_ref(px_record *r, void *record)
{
    evidence_ref *ref = record;

    px_record_text(r, ref->person_id, sizeof ref->person_id);
    px_record_text(r, ref->competency_id, sizeof ref->competency_id);
    px_record_u64(r, &ref->number);
    px_record_u8(r, &ref->status);
    px_record_u8(r, &ref->source);
    px_record_u8(r, &ref->level);
}

bool competency_state_get_evidence_ref(const px_view *state, const char *tenant,
                                       const char *evidence_id, evidence_ref *out)
{
    px_keybuf key = level_keybuf(TABLE_EVIDENCE_REF, tenant, evidence_id, NULL);

    *out = (evidence_ref){ 0 };
    return level_get(state, &key, walk_ref, out);
}

void competency_state_put_evidence_ref(px_txn *state, const char *tenant, const char *evidence_id,
                                       const evidence_ref *ref)
{
    px_keybuf key = level_keybuf(TABLE_EVIDENCE_REF, tenant, evidence_id, NULL);
    evidence_ref copy = *ref;

    level_put(state, &key, walk_ref, &copy);
}

static void walk_action(px_record *r, void *record)
{
    action_row *row = record;

    px_record_text(r, row->evidence_id, sizeof row->evidence_id);
    px_record_u8(r, &row->source);
    px_record_u8(r, &row->action);
    px_record_u8(r, &row->level);
    px_record_i64(r, &row->earned_us);
    px_record_i64(r, &row->until_us);
}

static px_keybuf action_key(const level_key *key, uint64_t number)
{
    px_keybuf buf = keybuf(TABLE_ACTION, key);

    px_key_u64(&buf, number);
    return buf;
}

void competency_state_put_action(px_txn *state, const level_key *key, uint64_t number,
                                 const action_row *row)
{
    px_keybuf buf = action_key(key, number);
    action_row copy = *row;

    level_put(state, &buf, walk_action, &copy);
}

void competency_state_del_action(px_txn *state, const level_key *key, uint64_t number)
{
    px_keybuf buf = action_key(key, number);

    level_del(state, &buf);
}

static action_row read_action(px_bytes value)
{
    px_record r = px_record_reader(value);
    action_row row = { 0 };

    walk_action(&r, &row);
    px_record_end(&r);
    return row;
}

bool competency_state_remove_action(px_txn *state, const level_key *key, const char *evidence_id)
{
    px_keybuf prefix = keybuf(TABLE_ACTION, key);
    px_bytes found, value;
    bool any = false;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!any && px_scan_next(&scan, &found, &value)) {
        any = strcmp(read_action(value).evidence_id, evidence_id) == 0;
        if (any)
            px_scan_del(&scan);
    }
    px_scan_end(&scan);
    return any;
}

bool competency_state_action_after(const px_view *state, const level_key *key, uint64_t *number,
                                   action_row *out)
{
    px_keybuf prefix = keybuf(TABLE_ACTION, key);
    px_keybuf from = action_key(key, *number + 1);
    px_bytes found, value;
    px_scan scan;

    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(&prefix), px_key_bytes(&from));
    bool any = px_scan_next(&scan, &found, &value);
    if (any) {
        px_keyread rest = { found, prefix.size };

        *number = px_keyread_u64(&rest);
        *out = read_action(value);
    }
    px_scan_end(&scan);
    return any;
}

void competency_state_scan_actions(action_scan *scan, const px_view *state, const level_key *key)
{
    px_keybuf prefix = keybuf(TABLE_ACTION, key);

    px_scan_begin(&scan->scan, state, PX_STATE, px_key_bytes(&prefix));
}

bool competency_state_next_action(action_scan *scan, action_row *out)
{
    px_bytes key, value;

    if (!px_scan_next(&scan->scan, &key, &value))
        return false;
    *out = read_action(value);
    return true;
}

void competency_state_end_actions(action_scan *scan)
{
    px_scan_end(&scan->scan);
}

/* ---- what was said ---- */

static void walk_attained(px_record *r, void *record)
{
    attained_record *a = record;

    px_record_u64(r, &a->count);
    px_record_u8(r, &a->reason);
    px_record_u8(r, &a->noticed);
    px_record_bool(r, &a->rule_met);
    px_record_bool(r, &a->lapsed);
    px_record_u8(r, &a->now.level);
    px_record_bool(r, &a->now.by_rule);
    px_record_bool(r, &a->now.proficient);
    px_record_i64(r, &a->now.lapses_us);
}

bool competency_state_get_attained(const px_view *state, const level_key *key, attained_record *out)
{
    px_keybuf buf = keybuf(TABLE_ATTAINED, key);

    *out = (attained_record){ 0 };
    return level_get(state, &buf, walk_attained, out);
}

void competency_state_put_attained(px_txn *state, const level_key *key,
                                   const attained_record *record)
{
    px_keybuf buf = keybuf(TABLE_ATTAINED, key);
    px_keybuf by = level_keybuf(TABLE_ATTAINING, key->tenant, key->competency_id, key->person_id);
    attained_record copy = *record;

    level_put(state, &buf, walk_attained, &copy);
    level_put_mark(state, &by);
}

bool competency_state_next_attained(const px_view *state, const char *tenant, const char *person_id,
                                    char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_ATTAINED, tenant, person_id, NULL);

    return px_key_next(state, &prefix, competency_id, PX_ID_SIZE);
}

bool competency_state_next_attaining(const px_view *state, const char *tenant,
                                     const char *competency_id, char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_ATTAINING, tenant, competency_id, NULL);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

/* ---- rules ---- */

static void walk_rule(px_record *r, rule_record *rule)
{
    px_record_u8(r, &rule->kind);
    px_record_u8(r, &rule->outcome);
    px_record_u32(r, &rule->points_needed);
    px_record_u8(r, &rule->child_count);
    PX_ASSERT(rule->child_count <= RULE_CHILDREN_MAX);
    for (uint8_t i = 0; i < rule->child_count; i++) {
        px_record_text(r, rule->children[i].competency_id, PX_ID_SIZE);
        px_record_u32(r, &rule->children[i].points);
        px_record_bool(r, &rule->children[i].required);
    }
}

bool competency_state_get_rule(const px_view *state, const char *tenant, const char *competency_id,
                               rule_record *out)
{
    px_keybuf key = level_keybuf(TABLE_RULE, tenant, competency_id, NULL);
    px_bytes value;

    *out = (rule_record){ 0 };
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    walk_rule(&r, out);
    px_record_end(&r);
    return true;
}

static void index_children(px_txn *state, const char *tenant, const char *competency_id,
                           const rule_record *rule, bool is_set)
{
    for (uint8_t i = 0; i < rule->child_count; i++) {
        px_keybuf key =
            level_keybuf(TABLE_PARENT, tenant, rule->children[i].competency_id, competency_id);

        if (is_set)
            level_put_mark(state, &key);
        else
            level_del(state, &key);
    }
}

void competency_state_put_rule(px_txn *state, const char *tenant, const char *competency_id,
                               const rule_record *rule)
{
    px_keybuf key = level_keybuf(TABLE_RULE, tenant, competency_id, NULL);
    unsigned char bytes[RULE_RECORD_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    rule_record before, after = *rule;

    if (competency_state_get_rule(state, tenant, competency_id, &before))
        index_children(state, tenant, competency_id, &before, false);
    if (after.kind == 0) {
        level_del(state, &key);
        return;
    }
    index_children(state, tenant, competency_id, &after, true);
    walk_rule(&r, &after);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

bool competency_state_next_parent(const px_view *state, const char *tenant, const char *child_id,
                                  char parent_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_PARENT, tenant, child_id, NULL);

    return px_key_next(state, &prefix, parent_id, PX_ID_SIZE);
}

/* ---- a person goes ---- */

static bool take_action(px_txn *state, const level_key *key, action_row *out)
{
    action_scan scan;

    competency_state_scan_actions(&scan, state, key);
    bool any = competency_state_next_action(&scan, out);
    if (any)
        px_scan_del(&scan.scan);
    competency_state_end_actions(&scan);
    return any;
}

static void forget_evidence_of(px_txn *state, const level_key *key)
{
    static const evidence_ref nobodys = { .status = EVIDENCE_SUPERSEDED };
    action_row row;

    while (take_action(state, key, &row))
        competency_state_put_evidence_ref(state, key->tenant, row.evidence_id, &nobodys);
}

void competency_state_drop_attained(px_txn *state, const char *tenant, const char *person_id)
{
    char competency_id[PX_ID_SIZE] = "";

    while (competency_state_next_attained(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };
        px_keybuf attained = keybuf(TABLE_ATTAINED, &key);
        px_keybuf by = level_keybuf(TABLE_ATTAINING, tenant, competency_id, person_id);

        forget_evidence_of(state, &key);
        level_del(state, &attained);
        level_del(state, &by);
    }
}
