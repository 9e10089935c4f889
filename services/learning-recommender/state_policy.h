/* state_policy.h: how plans begin and what they may take: one policy per tenant. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_POLICY_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_POLICY_H

#include "services/learning-recommender/state.h"

typedef struct {
    uint32_t version; /* 0: none was set, and all is as these zeros say */
    bool review_needed;
    uint8_t consent; /* PlanConsent of the contract */
} policy_record;

policy_record learning_state_get_policy(const px_view *state, const char *tenant);
void learning_state_put_policy(px_txn *state, const char *tenant, policy_record *policy);

#endif
