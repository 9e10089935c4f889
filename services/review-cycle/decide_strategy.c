/* decide_strategy.c: what the organisation wants: submission -> facts. */
#include <string.h>

#include "common/codec.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state.h"
#include "services/review-cycle/state_strategy.h"

static bool named_before(const ReviewCycle__DeclareStrategyItem *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->competency_ids[i], cmd->competency_ids[at]) == 0)
            return true;
    return false;
}

static void name_competencies(ReviewCycleFact__StrategyItemDeclared *fact,
                              const ReviewCycle__DeclareStrategyItem *cmd, px_arena *arena)
{
    fact->competency_ids =
        px_arena_alloc(arena, cmd->n_competency_ids * sizeof *fact->competency_ids);
    for (size_t i = 0; fact->competency_ids && i < cmd->n_competency_ids; i++)
        if (!named_before(cmd, i))
            fact->competency_ids[fact->n_competency_ids++] = cmd->competency_ids[i];
}

px_verdict decide_declare_strategy_item(const px_view *state, const px_submission *sub,
                                        px_facts *out)
{
    const ReviewCycle__DeclareStrategyItem *cmd = sub->body;
    int64_t ends_at_us = cmd->ends_at ? px_codec_time_us(cmd->ends_at) : 0;
    strategy_item_record existing;

    if (cmd->ends_at && ends_at_us <= sub->occurred_at_us)
        return px_reject(PX_REASON_FIELD_INVALID, "ends_at");
    if (review_state_get_strategy_item(state, sub->tenant, cmd->strategy_item_id, &existing))
        return px_reject(PX_REASON_STRATEGY_ITEM_EXISTS, "strategy_item_id");
    for (size_t i = 0; i < cmd->n_competency_ids; i++) {
        px_reason out_of_use = review_state_out_of_use(state, sub->tenant, cmd->competency_ids[i]);

        if (out_of_use != PX_REASON_NONE)
            return px_reject(out_of_use, px_field_at(sub, "competency_ids", i, ""));
    }

    ReviewCycleFact__StrategyItemDeclared *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED);
    fact->strategy_item_id = cmd->strategy_item_id;
    fact->title = cmd->title;
    fact->starts_at_us = sub->occurred_at_us;
    fact->ends_at_us = ends_at_us;
    fact->weight = cmd->weight;
    name_competencies(fact, cmd, px_facts_arena(out));
    return px_accept();
}

void review_say_strategy_item_retired(const char *strategy_item_id,
                                      const strategy_item_record *item, bool ended, px_facts *out)
{
    ReviewCycleFact__StrategyItemRetired *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED);
    px_arena *arena = px_facts_arena(out);

    fact->strategy_item_id = px_arena_strdup(arena, strategy_item_id);
    fact->ended = ended;
    fact->competency_ids =
        px_arena_alloc(arena, item->competency_count * sizeof *fact->competency_ids);
    for (size_t i = 0; fact->competency_ids && i < item->competency_count; i++)
        fact->competency_ids[fact->n_competency_ids++] =
            px_arena_strdup(arena, item->competency_ids[i]);
}

px_verdict decide_retire_strategy_item(const px_view *state, const px_submission *sub,
                                       px_facts *out)
{
    const ReviewCycle__RetireStrategyItem *cmd = sub->body;
    strategy_item_record item;

    if (!review_state_get_strategy_item(state, sub->tenant, cmd->strategy_item_id, &item))
        return px_reject(PX_REASON_STRATEGY_ITEM_UNKNOWN, "strategy_item_id");
    if (item.retired)
        return px_reject(PX_REASON_STRATEGY_ITEM_RETIRED, "strategy_item_id");
    review_say_strategy_item_retired(cmd->strategy_item_id, &item, false, out);
    return px_accept();
}
