/* state_policy.c: keys and bytes of the policy, and of what people have spent under it. */
#include "services/learning-recommender/state_policy.h"

#include "services/learning-recommender/state_keys.h"

enum { POLICY_BYTES_MAX = 64 };

static void walk_policy(px_record *r, policy_record *p)
{
    px_record_u32(r, &p->version);
    px_record_bool(r, &p->review_needed);
    px_record_u8(r, &p->consent);
    px_record_u32(r, &p->minutes_per_period);
    px_record_u32(r, &p->cost_per_period);
    px_record_u32(r, &p->period_days);
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

bool learning_policy_has_caps(const policy_record *policy)
{
    return policy->minutes_per_period > 0 || policy->cost_per_period > 0;
}

/* ---- spending ---- */

enum { PERIOD_DAYS = 90 };
static const int64_t DAY_US = INT64_C(86400) * 1000000;

static int64_t period_us(const policy_record *policy)
{
    return (policy->period_days ? policy->period_days : PERIOD_DAYS) * DAY_US;
}

int64_t learning_policy_period(const policy_record *policy, int64_t at_us)
{
    return at_us / period_us(policy);
}

int64_t learning_policy_period_end(const policy_record *policy, int64_t at_us)
{
    return (learning_policy_period(policy, at_us) + 1) * period_us(policy);
}

static void walk_spent(px_record *r, spent_record *s)
{
    px_record_i64(r, &s->period);
    px_record_u32(r, &s->minutes);
    px_record_u32(r, &s->cost);
}

/* All zero when there is none. */
static spent_record get_spent(const px_view *state, px_keybuf key)
{
    spent_record spent = { 0 };
    px_bytes value;

    if (!learning_get(state, key, &value))
        return spent;
    px_record r = px_record_reader(value);
    walk_spent(&r, &spent);
    px_record_end(&r);
    return spent;
}

static void put_spent(px_txn *state, px_keybuf key, spent_record spent)
{
    unsigned char bytes[POLICY_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_spent(&r, &spent);
    learning_put(state, key, px_record_end(&r));
}

spent_record learning_state_get_spent(const px_view *state, const char *tenant,
                                      const char *person_id, int64_t at_us)
{
    policy_record policy = learning_state_get_policy(state, tenant);
    spent_record now = { .period = learning_policy_period(&policy, at_us) };
    spent_record spent = get_spent(state, learning_key(TABLE_SPENT, tenant, person_id, NULL));

    return spent.period == now.period ? spent : now;
}

void learning_state_spend(px_txn *state, const char *tenant, const char *person_id,
                          const char *item_id, int64_t at_us, uint32_t minutes, uint32_t cost)
{
    spent_record spent = learning_state_get_spent(state, tenant, person_id, at_us);
    spent_record on = { .period = spent.period, .minutes = minutes, .cost = cost };

    spent.minutes += minutes;
    spent.cost += cost;
    put_spent(state, learning_key(TABLE_SPENT, tenant, person_id, NULL), spent);
    put_spent(state, learning_key(TABLE_SPENT_ON, tenant, person_id, item_id), on);
}

static uint32_t less(uint32_t all, uint32_t part)
{
    return all > part ? all - part : 0;
}

void learning_state_unspend(px_txn *state, const char *tenant, const char *person_id,
                            const char *item_id, int64_t at_us)
{
    px_keybuf key = learning_key(TABLE_SPENT_ON, tenant, person_id, item_id);
    spent_record spent = learning_state_get_spent(state, tenant, person_id, at_us);
    spent_record on = get_spent(state, key);

    learning_del(state, key);
    if (on.period != spent.period)
        return;
    spent.minutes = less(spent.minutes, on.minutes);
    spent.cost = less(spent.cost, on.cost);
    put_spent(state, learning_key(TABLE_SPENT, tenant, person_id, NULL), spent);
}

static px_keybuf deferred_key(const char *tenant, const char *person_id, uint32_t plan,
                              const char *item_id)
{
    px_keybuf key = learning_key(TABLE_DEFERRED, tenant, person_id, item_id);

    px_key_u64(&key, plan);
    return key;
}

int64_t learning_state_get_deferred(const px_view *state, const char *tenant, const char *person_id,
                                    uint32_t plan, const char *item_id)
{
    px_keybuf key = deferred_key(tenant, person_id, plan, item_id);
    int64_t until_us = 0;
    px_bytes value;

    if (learning_get(state, key, &value)) {
        px_record r = px_record_reader(value);

        px_record_i64(&r, &until_us);
        px_record_end(&r);
    }
    return until_us;
}

void learning_state_put_deferred(px_txn *state, const char *tenant, const char *person_id,
                                 uint32_t plan, const char *item_id, int64_t until_us)
{
    px_keybuf key = deferred_key(tenant, person_id, plan, item_id);
    unsigned char bytes[POLICY_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_i64(&r, &until_us);
    learning_put(state, key, px_record_end(&r));
}
