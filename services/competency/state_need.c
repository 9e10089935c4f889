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

void competency_state_note_no_effect(px_txn *state, const level_key *key, bool no_effect)
{
    px_keybuf buf = level_keybuf(TABLE_NO_EFFECT, key->tenant, key->person_id, key->competency_id);

    if (no_effect)
        level_put_mark(state, &buf);
    else
        level_del(state, &buf);
}

static bool shows(const px_view *state, const level_key *key, uint8_t detector)
{
    px_keybuf buf = level_keybuf(TABLE_NO_EFFECT, key->tenant, key->person_id, key->competency_id);
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
