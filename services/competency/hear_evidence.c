/* hear_evidence.c: the one way evidence beside ratings enters the state. */
#include "services/competency/hear_evidence.h"

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;
static const int64_t notice_days[] = { 30, 7, 0 };

static void look_at(px_txn *state, const level_key *key, uint8_t reason)
{
    attained_record said;

    competency_state_get_attained(state, key, &said);
    said.reason = reason;
    competency_state_put_attained(state, key, &said);
    level_key_mark(state, KEY_ATTAINMENT, key);
}

void hear_action(px_txn *state, const level_key *key, const action_row *row, evidence_status status)
{
    evidence_ref ref = { .status = (uint8_t)status, .source = row->source, .level = row->level };
    attained_record said;
    evidence_ref before;

    if (competency_state_get_evidence_ref(state, key->tenant, row->evidence_id, &before) &&
        before.number)
        competency_state_del_action(state, key, before.number);
    competency_state_get_attained(state, key, &said);
    ref.number = ++said.count;
    px_record_set_text(ref.person_id, sizeof ref.person_id, key->person_id);
    px_record_set_text(ref.competency_id, sizeof ref.competency_id, key->competency_id);
    competency_state_put_attained(state, key, &said);
    competency_state_put_action(state, key, ref.number, row);
    competency_state_put_evidence_ref(state, key->tenant, row->evidence_id, &ref);
    look_at(state, key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_EVIDENCE);
}

void hear_action_gone(px_txn *state, const char *tenant, const char *evidence_id)
{
    evidence_ref ref;

    competency_state_get_evidence_ref(state, tenant, evidence_id, &ref);
    level_key key = { tenant, ref.person_id, ref.competency_id };
    ref.status = EVIDENCE_SUPERSEDED;
    if (ref.number) {
        competency_state_del_action(state, &key, ref.number);
        look_at(state, &key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_SUPERSEDED);
    }
    ref.number = 0;
    competency_state_put_evidence_ref(state, tenant, evidence_id, &ref);
}

void hear_competency_redefined(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (competency_state_next_attaining(state, tenant, competency_id, person_id)) {
        level_key key = { tenant, person_id, competency_id };

        look_at(state, &key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_RULE);
    }
}

void hear_child_moved(px_txn *state, const level_key *key)
{
    char parent_id[PX_ID_SIZE] = "";

    while (competency_state_next_parent(state, key->tenant, key->competency_id, parent_id)) {
        level_key parent = { key->tenant, key->person_id, parent_id };

        look_at(state, &parent, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_RULE);
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
