/* hear_evidence.h: evidence beside ratings comes in, is taken back, or means something else now:
 * its rows, and whose attainment has to be looked at. */
#ifndef PRAXIS_COMPETENCY_HEAR_EVIDENCE_H
#define PRAXIS_COMPETENCY_HEAR_EVIDENCE_H

#include "services/competency/state_attainment.h"

/** Somebody's attainment has to be looked at; AttainmentReason of the contract. */
void hear_attainment(px_txn *state, const level_key *key, uint8_t reason);
/** A piece of a known person, in place of what its id stood for before. */
void hear_action(px_txn *state, const level_key *key, const action_row *row,
                 evidence_status status);
/** It counts no more; the id stays taken. */
void hear_action_gone(px_txn *state, const char *tenant, const char *evidence_id);
/** The levels or the validity of a competency have changed, or its rule. */
void hear_competency_redefined(px_txn *state, const char *tenant, const char *competency_id);
/** Everybody with evidence of a child may meet the parent's rule, or no longer. */
void hear_rule(px_txn *state, const char *tenant, const rule_record *rule, const char *parent_id);
/** Somebody has become proficient in a child, or is no longer. */
void hear_child_moved(px_txn *state, const level_key *key);
/** The next time something about an attainment has to be said by itself. */
void hear_attainment_due(px_txn *state, const level_key *key, const attainment *now,
                         int64_t after_us);

#endif
