/* hear.h: evidence comes in, or is taken back: the level, its rows and what is to be said. */
#ifndef PRAXIS_COMPETENCY_HEAR_H
#define PRAXIS_COMPETENCY_HEAR_H

#include "services/competency/state.h"

/**
 * One piece of evidence of a known person. What is known of its rater, its source or its item (an
 * item never heard of before: `effect` as given) is filled in, kept with the row, and learned from.
 * A competency that ended is resolved (common/replaced.h).
 */
void hear_evidence(px_txn *state, const level_key *key, const evidence *e);
/** The evidence of this kind and ref is taken back; without such a row nothing happens. */
void hear_withdrawal(px_txn *state, const level_key *key, evidence_kind kind, const char *ref);
/** Something else may be asked of the person in this competency: what was heard is held against it
 * again. */
void hear_requirement(px_txn *state, const level_key *key);
/** The same for all competencies: px_roles_moved_fn; the lists are not looked at. */
px_roles_moved_fn hear_roles_moved;
/** The attained level moved, which is the level where the policy says so. */
void hear_attained_level(px_txn *state, const level_key *key);
/** Levels of the competency are worked out in another way: everybody's are, at once. */
void hear_policy(px_txn *state, const char *tenant, const char *competency_id);
/** Learning was looked at, on the date for it. */
void hear_follow_up(px_txn *state, const level_key *key);

#endif
