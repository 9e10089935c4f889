/* state_policy.c: key and bytes of the policy. */
#include "services/learning-recommender/state_policy.h"

#include "services/learning-recommender/state_keys.h"

enum { POLICY_BYTES_MAX = 64 };

static void walk_policy(px_record *r, policy_record *p)
{
    px_record_u32(r, &p->version);
    px_record_bool(r, &p->review_needed);
    px_record_u8(r, &p->consent);
}

policy_record learning_state_get_policy(const px_view *state, const char *tenant)
{
    policy_record policy = { 0 };
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_POLICY, tenant, NULL, NULL), &value))
        return policy;
    px_record r = px_record_reader(value);
    walk_policy(&r, &policy);
    px_record_end(&r);
    return policy;
}

void learning_state_put_policy(px_txn *state, const char *tenant, policy_record *policy)
{
    unsigned char bytes[POLICY_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_policy(&r, policy);
    learning_put(state, learning_key(TABLE_POLICY, tenant, NULL, NULL), px_record_end(&r));
}
