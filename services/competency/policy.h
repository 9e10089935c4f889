/* policy.h: one level out of many raters and paths, in the way that was set for the competency. */
#ifndef PRAXIS_COMPETENCY_POLICY_H
#define PRAXIS_COMPETENCY_POLICY_H

#include "services/competency/state.h"

enum { RATING_SOURCES = 4 };

/** As set; all zero: the estimate. */
typedef struct {
    uint8_t kind; /* LevelPolicyKind of the contract */
    uint8_t priority_count;
    uint8_t priority[RATING_SOURCES]; /* RatingSource of the contract */
    double weights[RATING_SOURCES];   /* by RatingSource less 1 */
    uint32_t min_raters;
    uint32_t max_age_days;
} policy_record;

policy_record competency_state_get_policy(const px_view *state, const char *tenant,
                                          const char *competency_id);
void competency_state_put_policy(px_txn *state, const char *tenant, const char *competency_id,
                                 const policy_record *policy);

/**
 * The level of a person by the policy of the competency. Other than the estimate it is what it is:
 * its variance is 0.
 */
figures policy_figures(const px_view *state, const level_key *key, const standing *s,
                       int64_t now_us);

/** Evidence was heard: where the policy counts it for a time only, the level is looked at again
 * when that is over. */
void policy_note_age(px_txn *state, const level_key *key, const evidence *e);
/** The same of all that was heard. */
void policy_note_ages(px_txn *state, const level_key *key);

#endif
