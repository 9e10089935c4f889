/* state_need.c: keys and bytes of shared needs, and who is among those who share one. */
#include "services/competency/state_need.h"

#include <string.h>

#include "common/agenda.h"
#include "services/competency/state_keys.h"
#include "services/competency/state_learned.h"

static void walk_people(px_record *r, void *record)
{
    px_record_u32(r, record);
}

static px_keybuf rule_key(const char *tenant, uint8_t detector)
{
    px_keybuf key = level_keybuf(TABLE_NEED_RULE, tenant, NULL, NULL);

    px_key_u8(&key, detector);
    return key;
}

static px_keybuf group_key(uint8_t table, const char *tenant, const need_key *group)
{
    px_keybuf key = level_keybuf(table, tenant, group->unit_id, group->competency_id);

    px_key_u8(&key, group->detector);
    return key;
}

static px_keybuf member_key(const char *tenant, const need_key *group, const char *person_id)
{
    px_keybuf key = group_key(TABLE_NEED, tenant, group);

    px_key_text(&key, person_id);
    return key;
}

/* ---- detectors ---- */

uint32_t competency_state_get_need_rule(const px_view *state, const char *tenant, uint8_t detector)
{
    px_keybuf key = rule_key(tenant, detector);
    uint32_t people = 0;

    level_get(state, &key, walk_people, &people);
    return people;
}

static void mark(px_txn *state, const char *tenant, const need_key *group)
{
    px_keybuf rest = px_key_begin(KEY_NEED);

    px_key_text(&rest, group->unit_id);
    px_key_text(&rest, group->competency_id);
    px_key_u8(&rest, group->detector);
    px_mark(state, KEY_NEED, tenant, (px_bytes){ rest.bytes + 1, rest.size - 1 });
}

need_key competency_state_need_key(px_bytes rest)
{
    px_keyread read = { rest, 0 };
    need_key group;

    px_record_set_text(group.unit_id, PX_ID_SIZE, px_keyread_text(&read));
    px_record_set_text(group.competency_id, PX_ID_SIZE, px_keyread_text(&read));
    group.detector = px_keyread_u8(&read);
    return group;
}

void competency_state_put_need_rule(px_txn *state, const char *tenant, uint8_t detector,
                                    uint32_t people)
{
    px_keybuf key = rule_key(tenant, detector);
    px_keybuf units = level_keybuf(TABLE_NEED, tenant, NULL, NULL);
    need_key group = { .detector = detector };

    level_put(state, &key, walk_people, &people);
    while (px_key_next(state, &units, group.unit_id, PX_ID_SIZE)) {
        px_keybuf competencies = level_keybuf(TABLE_NEED, tenant, group.unit_id, NULL);

        group.competency_id[0] = '\0';
        while (px_key_next(state, &competencies, group.competency_id, PX_ID_SIZE))
            mark(state, tenant, &group);
    }
}

/* ---- groups ---- */

uint32_t competency_state_count_need(const px_view *state, const char *tenant,
                                     const need_key *group)
{
    px_keybuf prefix = group_key(TABLE_NEED, tenant, group);
    uint32_t people = 0;
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value))
        people++;
    px_scan_end(&scan);
    return people;
}

bool competency_state_next_in_need(const px_view *state, const char *tenant, const need_key *group,
                                   char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = group_key(TABLE_NEED, tenant, group);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

uint32_t competency_state_get_need_said(const px_view *state, const char *tenant,
                                        const need_key *group)
{
    px_keybuf key = group_key(TABLE_NEED_SAID, tenant, group);
    uint32_t people = 0;

    level_get(state, &key, walk_people, &people);
    return people;
}

void competency_state_put_need_said(px_txn *state, const char *tenant, const need_key *group,
                                    uint32_t people)
{
    px_keybuf key = group_key(TABLE_NEED_SAID, tenant, group);

    level_put(state, &key, walk_people, &people);
}

/* ---- what shows a need ---- */

static px_keybuf critic_key(const level_key *key, const char *feedback_id)
{
    px_keybuf buf = level_keybuf(TABLE_CRITIC, key->tenant, key->person_id, key->competency_id);

    if (feedback_id)
        px_key_text(&buf, feedback_id);
    return buf;
}

void competency_state_note_critic(px_txn *state, const level_key *key, const char *feedback_id,
                                  const char *giver_id)
{
    px_keybuf buf = critic_key(key, feedback_id);
    uint8_t hash[PX_METHOD_ID];

    if (giver_id) {
        competency_state_hash(giver_id, hash);
        px_put(state, PX_STATE, px_key_bytes(&buf), (px_bytes){ hash, sizeof hash });
    } else {
        level_del(state, &buf);
    }
}

/* Whether more than one person has given it. */
static bool has_several_critics(const px_view *state, const level_key *key)
{
    px_keybuf prefix = critic_key(key, NULL);
    uint8_t first[PX_METHOD_ID];
    bool any = false, several = false;
    px_bytes found, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!several && px_scan_next(&scan, &found, &value)) {
        PX_ASSERT(value.size == sizeof first);
        several = any && memcmp(first, value.data, sizeof first) != 0;
        memcpy(first, value.data, sizeof first);
        any = true;
    }
    px_scan_end(&scan);
    return several;
}

static px_keybuf no_effect_key(const level_key *key)
{
    return level_keybuf(TABLE_NO_EFFECT, key->tenant, key->person_id, key->competency_id);
}

static void walk_idle(px_record *r, void *record)
{
    idle_items *idle = record;

    px_record_u8(r, &idle->count);
    PX_ASSERT(idle->count <= PX_PENDING_MAX);
    for (uint8_t i = 0; i < idle->count; i++)
        px_record_text(r, idle->item_ids[i], PX_ID_SIZE);
}

void competency_state_note_no_effect(px_txn *state, const level_key *key, const idle_items *items)
{
    px_keybuf buf = no_effect_key(key);
    idle_items copy = *items;

    if (items->count > 0)
        level_put(state, &buf, walk_idle, &copy);
    else
        level_del(state, &buf);
}

static bool shows(const px_view *state, const level_key *key, uint8_t detector)
{
    px_keybuf buf = no_effect_key(key);
    said_record said;

    switch ((need_detector)detector) {
    case NEED_SAME_GAP:
        return competency_state_get_said(state, key, &said) && said.gaps[FOR_PRESENT].open;
    case NEED_FEEDBACK:
        return has_several_critics(state, key) &&
               px_roles_requirement(state, key->tenant, key->person_id, key->competency_id)
                       .target == 0.0;
    case NEED_NO_EFFECT:
        return level_has(state, &buf);
    }
    return false;
}

static size_t feedback_refs(const px_view *state, const level_key *key,
                            char refs[NEED_REFS_MAX][PX_ID_SIZE])
{
    px_keybuf prefix = critic_key(key, NULL);
    char feedback_id[PX_ID_SIZE] = "";
    size_t count = 0;

    while (count < NEED_REFS_MAX && px_key_next(state, &prefix, feedback_id, PX_ID_SIZE))
        memcpy(refs[count++], feedback_id, PX_ID_SIZE);
    return count;
}

_Static_assert((int)PX_PENDING_MAX <= (int)NEED_REFS_MAX, "all items of a look are named");

static size_t item_refs(const px_view *state, const level_key *key,
                        char refs[NEED_REFS_MAX][PX_ID_SIZE])
{
    px_keybuf buf = no_effect_key(key);
    idle_items idle = { 0 };

    level_get(state, &buf, walk_idle, &idle);
    memcpy(refs, idle.item_ids, idle.count * sizeof idle.item_ids[0]);
    return idle.count;
}

size_t competency_state_need_refs(const px_view *state, const level_key *key, uint8_t detector,
                                  char refs[NEED_REFS_MAX][PX_ID_SIZE])
{
    switch ((need_detector)detector) {
    case NEED_SAME_GAP:
        return 0;
    case NEED_FEEDBACK:
        return feedback_refs(state, key, refs);
    case NEED_NO_EFFECT:
        return item_refs(state, key, refs);
    }
    return 0;
}

/* ---- who is among them ---- */

static void set_member(px_txn *state, const level_key *key, const need_key *group, bool is_member)
{
    px_keybuf buf = member_key(key->tenant, group, key->person_id);

    if (level_has(state, &buf) == is_member)
        return;
    if (is_member)
        level_put_mark(state, &buf);
    else
        level_del(state, &buf);
    if (competency_state_get_need_rule(state, key->tenant, group->detector))
        mark(state, key->tenant, group);
}

static void set_members(px_txn *state, const level_key *key, bool may_be)
{
    px_person person;
    need_key group;

    if (!px_people_get(state, key->tenant, key->person_id, &person) || !person.unit_id[0])
        return;
    px_record_set_text(group.unit_id, PX_ID_SIZE, person.unit_id);
    px_record_set_text(group.competency_id, PX_ID_SIZE, key->competency_id);
    for (group.detector = NEED_SAME_GAP; group.detector < NEED_DETECTORS_END; group.detector++)
        set_member(state, key, &group,
                   may_be && person.active && shows(state, key, group.detector));
}

void need_refresh(px_txn *state, const level_key *key)
{
    set_members(state, key, true);
}

void need_leave(px_txn *state, const level_key *key)
{
    set_members(state, key, false);
}

/* ---- a competency ended ---- */

/* @return whether there was any, as with the next one */
static bool move_critics(px_txn *state, const level_key *key, const px_successors *by)
{
    px_keybuf prefix = critic_key(key, NULL);
    char feedback_id[PX_ID_SIZE] = "";
    uint8_t giver[PX_METHOD_ID];
    px_bytes value;
    bool any = false;

    while (px_key_next(state, &prefix, feedback_id, PX_ID_SIZE)) {
        px_keybuf row = critic_key(key, feedback_id);

        if (!px_get(state, PX_STATE, px_key_bytes(&row), &value))
            continue;
        PX_ASSERT(value.size == sizeof giver);
        memcpy(giver, value.data, sizeof giver); /* it dies at the next put */
        for (size_t i = 0; i < by->count; i++) {
            level_key there = { key->tenant, key->person_id, by->all[i].competency_id };
            px_keybuf to = critic_key(&there, feedback_id);

            px_put(state, PX_STATE, px_key_bytes(&to), (px_bytes){ giver, sizeof giver });
        }
        level_del(state, &row);
        any = true;
    }
    return any;
}

static bool move_no_effect(px_txn *state, const level_key *key, const px_successors *by)
{
    static const idle_items none;
    px_keybuf buf = no_effect_key(key);
    idle_items idle = { 0 };

    if (!level_get(state, &buf, walk_idle, &idle))
        return false;
    for (size_t i = 0; i < by->count; i++) {
        level_key there = { key->tenant, key->person_id, by->all[i].competency_id };

        competency_state_note_no_effect(state, &there, &idle);
    }
    competency_state_note_no_effect(state, key, &none);
    return true;
}

void need_replace(px_txn *state, const level_key *key, const px_successors *by)
{
    bool criticised = move_critics(state, key, by);
    bool idle = move_no_effect(state, key, by);

    if (!criticised && !idle)
        return; /* a gap is closed by itself, and opened anew */
    need_refresh(state, key);
    for (size_t i = 0; i < by->count; i++) {
        level_key there = { key->tenant, key->person_id, by->all[i].competency_id };

        need_refresh(state, &there);
    }
}

void need_replace_said(px_txn *state, const char *tenant, const char *old_id,
                       const px_successors *by)
{
    px_keybuf units = level_keybuf(TABLE_NEED_SAID, tenant, NULL, NULL);
    need_key from, to;

    px_record_set_text(from.competency_id, PX_ID_SIZE, old_id);
    from.unit_id[0] = '\0';
    while (px_key_next(state, &units, from.unit_id, PX_ID_SIZE))
        for (from.detector = NEED_SAME_GAP; from.detector < NEED_DETECTORS_END; from.detector++) {
            uint32_t said = competency_state_get_need_said(state, tenant, &from);

            to = from;
            for (size_t i = 0; i < by->count; i++) {
                px_record_set_text(to.competency_id, PX_ID_SIZE, by->all[i].competency_id);
                if (competency_state_get_need_said(state, tenant, &to) < said)
                    competency_state_put_need_said(state, tenant, &to, said);
            }
        }
}
