/* follow_up.c: the harvest of common/effect.h with its items read and written. */
#include "services/competency/follow_up.h"

#include <string.h>

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
