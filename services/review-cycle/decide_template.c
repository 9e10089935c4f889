/* decide_template.c: by what people of a role are scored: submission -> facts. */
#include <string.h>

#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_score.h"

static px_verdict check_named_once(const px_submission *sub, const ReviewCycle__DefineTemplate *cmd)
{
    for (size_t i = 1; i < cmd->n_criteria; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(cmd->criteria[i]->criterion_id, cmd->criteria[j]->criterion_id) == 0)
                return px_reject(PX_REASON_CRITERION_TWICE,
                                 px_field_at(sub, "criteria", i, "criterion_id"));
    return px_accept();
}

/* A facet without criteria is scored by the overall rating. */
static bool weights_are_whole(const ReviewCycle__DefineTemplate *cmd, ReviewCycle__Facet facet)
{
    uint32_t sum = 0;
    bool any = false;

    for (size_t i = 0; i < cmd->n_criteria; i++)
        if (cmd->criteria[i]->facet == facet) {
            sum += cmd->criteria[i]->weight_hundredths;
            any = true;
        }
    return !any || sum == SCORE_WEIGHTS_TOTAL;
}

static px_verdict check_template(const px_view *state, const px_submission *sub,
                                 const ReviewCycle__DefineTemplate *cmd)
{
    px_verdict once = check_named_once(sub, cmd);

    if (once.reason != PX_REASON_NONE)
        return once;
    if (!weights_are_whole(cmd, REVIEW_CYCLE__FACET__FACET_WHAT) ||
        !weights_are_whole(cmd, REVIEW_CYCLE__FACET__FACET_HOW))
        return px_reject(PX_REASON_WEIGHTS, "criteria");
    if (cmd->role_id[0] && !review_state_has_role(state, sub->tenant, cmd->role_id))
        return px_reject(PX_REASON_ROLE_UNKNOWN, "role_id");
    for (size_t i = 0; i < cmd->n_criteria; i++) {
        const char *competency_id = cmd->criteria[i]->competency_id;
        px_reason out_of_use = competency_id[0]
                                   ? review_state_out_of_use(state, sub->tenant, competency_id)
                                   : PX_REASON_NONE;

        if (out_of_use != PX_REASON_NONE)
            return px_reject(out_of_use, px_field_at(sub, "criteria", i, "competency_id"));
    }
    if (cmd->version != review_state_last_template(state, sub->tenant, cmd->role_id) + 1)
        return px_reject(PX_REASON_TEMPLATE_VERSION, "version");
    return px_accept();
}

static void copy_criteria(ReviewCycleFact__TemplateDefined *fact,
                          const ReviewCycle__DefineTemplate *cmd, px_arena *arena)
{
    ReviewCycleFact__TemplateCriterion *rows =
        px_arena_alloc(arena, cmd->n_criteria * sizeof *rows);

    fact->criteria = px_arena_alloc(arena, cmd->n_criteria * sizeof *fact->criteria);
    if (!rows || !fact->criteria) /* the overflow sticks and fails the batch */
        return;
    for (size_t i = 0; i < cmd->n_criteria; i++) {
        rows[i] = (ReviewCycleFact__TemplateCriterion)REVIEW_CYCLE_FACT__TEMPLATE_CRITERION__INIT;
        rows[i].criterion_id = cmd->criteria[i]->criterion_id;
        rows[i].label = cmd->criteria[i]->label;
        rows[i].facet = (uint32_t)cmd->criteria[i]->facet;
        rows[i].weight_hundredths = cmd->criteria[i]->weight_hundredths;
        rows[i].competency_id = cmd->criteria[i]->competency_id;
        fact->criteria[fact->n_criteria++] = &rows[i];
    }
}

px_verdict decide_define_template(const px_view *state, const px_submission *sub, px_facts *out)
{
    const ReviewCycle__DefineTemplate *cmd = sub->body;
    px_verdict verdict = check_template(state, sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    ReviewCycleFact__TemplateDefined *fact =
        px_facts_add(out, REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED);
    fact->role_id = cmd->role_id;
    fact->version = cmd->version;
    copy_criteria(fact, cmd, px_facts_arena(out));
    fact->columns = cmd->columns ? cmd->columns : SCORE_SLICES_DEFAULT;
    fact->rows = cmd->rows ? cmd->rows : SCORE_SLICES_DEFAULT;
    return px_accept();
}
