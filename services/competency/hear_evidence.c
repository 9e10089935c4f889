/* hear_evidence.c: the one way evidence beside ratings enters the state. */
#include "services/competency/hear_evidence.h"

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/replace.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const int64_t notice_days[] = { NOTICE_FIRST_DAYS, NOTICE_LAST_DAYS, 0 };

void hear_attainment(px_txn *state, const level_key *key, uint8_t reason)
{
    attained_record said;

    competency_state_get_attained(state, key, &said);
    said.reason = reason;
    competency_state_put_attained(state, key, &said);
    level_key_mark(state, KEY_ATTAINMENT, key);
}

/* @return its number */
static uint64_t add_here(px_txn *state, const level_key *key, const action_row *row)
{
    attained_record said;

    competency_state_remove_action(state, key, row->evidence_id);
    competency_state_get_attained(state, key, &said);
    said.count++;
    competency_state_put_attained(state, key, &said);
    competency_state_put_action(state, key, said.count, row);
    hear_attainment(state, key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_EVIDENCE);
    return said.count;
}

/* The id stands for what was recorded; its rows are where the competency's evidence is now. */
void hear_action(px_txn *state, const level_key *key, const action_row *row, evidence_status status)
{
    px_successors now = replace_or_self(state, key);
    evidence_ref ref = { .status = (uint8_t)status, .source = row->source, .level = row->level };

    px_record_set_text(ref.person_id, sizeof ref.person_id, key->person_id);
    px_record_set_text(ref.competency_id, sizeof ref.competency_id, key->competency_id);
    for (size_t i = 0; i < now.count; i++) {
        level_key there = { key->tenant, key->person_id, now.all[i].competency_id };
        action_row copy = *row;

        copy.level = replace_place(state, key->tenant, &now.all[i], row->level);
        ref.number = add_here(state, &there, &copy);
    }
    competency_state_put_evidence_ref(state, key->tenant, row->evidence_id, &ref);
}

void hear_action_gone(px_txn *state, const char *tenant, const char *evidence_id)
{
    evidence_ref ref;

    competency_state_get_evidence_ref(state, tenant, evidence_id, &ref);
    level_key key = { tenant, ref.person_id, ref.competency_id };
    ref.status = EVIDENCE_SUPERSEDED;
    px_successors now = replace_or_self(state, &key);
    for (size_t i = 0; ref.number && i < now.count; i++) {
        level_key there = { tenant, ref.person_id, now.all[i].competency_id };

        if (competency_state_remove_action(state, &there, evidence_id))
            hear_attainment(state, &there,
                            COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_SUPERSEDED);
    }
    /* Nothing leads from a person to it any more, so an erasure would not find it. */
    ref.person_id[0] = ref.competency_id[0] = '\0';
    ref.number = 0;
    competency_state_put_evidence_ref(state, tenant, evidence_id, &ref);
}

void hear_competency_redefined(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (competency_state_next_attaining(state, tenant, competency_id, person_id)) {
        level_key key = { tenant, person_id, competency_id };

        hear_attainment(state, &key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_RULE);
    }
}

void hear_child_moved(px_txn *state, const level_key *key)
{
    char parent_id[PX_ID_SIZE] = "";

    while (competency_state_next_parent(state, key->tenant, key->competency_id, parent_id)) {
        level_key parent = { key->tenant, key->person_id, parent_id };

        hear_attainment(state, &parent, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_RULE);
    }
}

void hear_rule(px_txn *state, const char *tenant, const rule_record *rule, const char *parent_id)
{
    hear_competency_redefined(state, tenant, parent_id);
    for (uint8_t i = 0; i < rule->child_count; i++) {
        const char *child_id = rule->children[i].competency_id;
        char person_id[PX_ID_SIZE] = "";

        while (competency_state_next_attaining(state, tenant, child_id, person_id)) {
            level_key child = { tenant, person_id, child_id };

            hear_child_moved(state, &child);
        }
    }
}

void hear_attainment_due(px_txn *state, const level_key *key, const attainment *now,
                         int64_t after_us)
{
    level_key_clear_due(state, KEY_ATTAINMENT, key);
    for (size_t i = 0; now->lapses_us != 0 && i < PX_COUNT(notice_days); i++) {
        int64_t due_us = now->lapses_us - notice_days[i] * DAY_US;

        if (due_us > after_us) {
            level_key_set_due(state, KEY_ATTAINMENT, key, due_us);
            return;
        }
    }
}
