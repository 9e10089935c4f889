/* state_policy.h: how plans begin and what they may take: one policy per tenant. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_POLICY_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_POLICY_H

#include "services/learning-recommender/state.h"

typedef struct {
    uint32_t version; /* 0: none was set, and all is as these zeros say */
    bool review_needed;
    uint8_t consent;                              /* PlanConsent of the contract */
    uint32_t minutes_per_period, cost_per_period; /* of one person; 0 for no cap */
    uint32_t period_days;
} policy_record;

policy_record learning_state_get_policy(const px_view *state, const char *tenant);
/** Whether it sets a cap, on minutes or on money. */
bool learning_policy_has_caps(const policy_record *policy);
void learning_state_put_policy(px_txn *state, const char *tenant, policy_record *policy);

/** What a person has spent in a period, in learning that is completed. */
typedef struct {
    int64_t period; /* how many periods since 1970 there were before it */
    uint32_t minutes, cost;
} spent_record;

/** All zero for another period than the one of `at_us`, or without a policy. */
spent_record learning_state_get_spent(const px_view *state, const char *tenant,
                                      const char *person_id, int64_t at_us);
/** An item was completed: it counts in the period it was completed in. */
void learning_state_spend(px_txn *state, const char *tenant, const char *person_id,
                          const char *item_id, int64_t at_us, uint32_t minutes, uint32_t cost);
/** The completion was none: if it is of the period of `at_us`, that much is free again. */
void learning_state_unspend(px_txn *state, const char *tenant, const char *person_id,
                            const char *item_id, int64_t at_us);
/** The period that a time is in. */
int64_t learning_policy_period(const policy_record *policy, int64_t at_us);
/** When it ends and the next one begins. */
int64_t learning_policy_period_end(const policy_record *policy, int64_t at_us);

/** Until when an item was deferred in a plan; 0 for never. `plan` is the number of one of a
 * template, 0 for the one made of gaps, which may not have come to be. */
int64_t learning_state_get_deferred(const px_view *state, const char *tenant, const char *person_id,
                                    uint32_t plan, const char *item_id);
void learning_state_put_deferred(px_txn *state, const char *tenant, const char *person_id,
                                 uint32_t plan, const char *item_id, int64_t until_us);

#endif
