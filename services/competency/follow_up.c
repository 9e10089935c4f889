/* follow_up.c: the harvest of common/effect.h with its items read and written. */
#include "services/competency/follow_up.h"

#include <string.h>

/* As long as the follow-up takes: one look spans two or three. */
static uint64_t quarter_of(double days)
{
    return days > 0.0 ? (uint64_t)(days / 91.0) : 0;
}

void follow_up_control(px_txn *state, const char *tenant, double days, double surprise)
{
    uint64_t quarter = quarter_of(days);
    control_record control = competency_state_get_control(state, tenant, quarter);

    control.sum += surprise;
    control.count++;
    competency_state_put_control(state, tenant, quarter, &control);
}

/* Of the quarters in which the ratings came that the look rests on. */
static control_record control_of(const px_view *state, const char *tenant, const px_level *level)
{
    control_record all = { 0 };

    for (uint64_t q = quarter_of(level->pending_days); q <= quarter_of(level->days); q++) {
        control_record control = competency_state_get_control(state, tenant, q);

        all.sum += control.sum;
        all.count += control.count;
    }
    return all;
}

follow_up follow_up_recall(const px_view *state, const level_key *key,
                           const observed_record *observed)
{
    follow_up seen = { .observed = *observed };

    for (size_t i = 0; i < observed->count; i++) {
        bool known = competency_state_get_item(state, key->tenant, observed->pending[i].item,
                                               key->competency_id, &seen.items[i]);
        /* Written with the completion, and kept; a full map is told by the commit. */
        PX_ASSERT(known || px_txn_status(state) != PX_OK);
    }
    return seen;
}

follow_up follow_up_look(const px_view *state, const level_key *key, standing *s, double days)
{
    observed_record pending = { .count = s->level.pending_count };
    px_effect effects[PX_PENDING_MAX];

    memcpy(pending.pending, s->level.pending, sizeof pending.pending);
    if (pending.count > 0)
        pending.control = control_of(state, key->tenant, &s->level);
    follow_up seen = follow_up_recall(state, key, &pending);
    for (size_t i = 0; i < pending.count; i++)
        effects[i] = seen.items[i].effect;
    px_harvest harvest = px_level_harvest(&s->level, days, effects);
    s->follow_up_us = 0;
    if (!harvest.measured)
        return seen;
    seen.observed.gain = harvest.gain;
    seen.observed.var = harvest.var;
    for (size_t i = 0; i < pending.count; i++)
        seen.items[i].effect = effects[i];
    return seen;
}

void follow_up_learn(px_txn *state, const level_key *key, const follow_up *seen)
{
    for (size_t i = 0; i < seen->observed.count; i++)
        competency_state_put_item(state, key->tenant, seen->observed.pending[i].item,
                                  key->competency_id, &seen->items[i]);
}
