/* decide_initiative.c: what an audience is to have by a date, and the end of that. */
#include <string.h>

#include "common/codec.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/decide.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_template.h"

/* ---- DeclareInitiative ---- */

static bool is_named_before(const LearningRecommender__DeclareInitiative *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->competencies[i]->competency_id, cmd->competencies[at]->competency_id) == 0)
            return true;
    return false;
}

static px_verdict check_competencies(const px_view *state, const px_submission *sub,
                                     const LearningRecommender__DeclareInitiative *cmd)
{
    bool is_served = !cmd->strategy_item_id[0];

    for (size_t i = 0; i < cmd->n_competencies; i++) {
        const char *competency_id = cmd->competencies[i]->competency_id;

        if (!learning_state_has_competency(state, sub->tenant, competency_id))
            return px_reject(PX_REASON_COMPETENCY_UNKNOWN,
                             px_field_at(sub, "competencies", i, "competency_id"));
        if (is_named_before(cmd, i))
            return px_reject(PX_REASON_COMPETENCY_TWICE,
                             px_field_at(sub, "competencies", i, "competency_id"));
        is_served = is_served ||
                    px_roles_is_strategic(state, sub->tenant, competency_id, cmd->strategy_item_id);
    }
    if (!is_served)
        return px_reject(PX_REASON_STRATEGY_ITEM_UNKNOWN, "strategy_item_id");
    return px_accept();
}

static px_verdict check_declaration(const px_view *state, const px_submission *sub,
                                    const LearningRecommender__DeclareInitiative *cmd)
{
    template_record before;

    if (learning_state_get_template(state, sub->tenant, cmd->initiative_id, &before))
        return px_reject(PX_REASON_TEMPLATE_EXISTS, "initiative_id");
    px_verdict verdict = check_competencies(state, sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (cmd->audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_NOBODY ||
        cmd->audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS)
        return px_reject(PX_REASON_FIELD_INVALID, "audience");
    if (px_codec_time_us(cmd->until) <= sub->occurred_at_us)
        return px_reject(PX_REASON_FIELD_INVALID, "until");
    return decide_audience(state, sub, cmd->audience, cmd->unit_id, cmd->role_id);
}

static void copy_competencies(LearningRecommenderFact__InitiativeDeclared *fact,
                              const LearningRecommender__DeclareInitiative *cmd, px_arena *arena)
{
    fact->competencies = px_arena_alloc(arena, cmd->n_competencies * sizeof *fact->competencies);
    for (size_t i = 0; fact->competencies && i < cmd->n_competencies; i++) {
        LearningRecommenderFact__InitiativeCompetency *competency = (void *)px_codec_new(
            &learning_recommender_fact__initiative_competency__descriptor, arena);

        if (!competency)
            return; /* the full arena sticks */
        competency->competency_id = cmd->competencies[i]->competency_id;
        competency->level = cmd->competencies[i]->level;
        fact->competencies[fact->n_competencies++] = competency;
    }
}

px_verdict decide_declare_initiative(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__DeclareInitiative *cmd = sub->body;
    px_verdict verdict = check_declaration(state, sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    LearningRecommenderFact__InitiativeDeclared *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_DECLARED);
    fact->initiative_id = cmd->initiative_id;
    fact->title = cmd->title;
    fact->strategy_item_id = cmd->strategy_item_id;
    copy_competencies(fact, cmd, px_facts_arena(out));
    fact->audience = (uint32_t)cmd->audience;
    fact->unit_id = cmd->unit_id;
    fact->role_id = cmd->role_id;
    fact->until_us = px_codec_time_us(cmd->until);
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    return px_accept();
}

/* ---- EndInitiative ---- */

px_verdict decide_end_initiative(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__EndInitiative *cmd = sub->body;
    template_record record;

    if (!learning_state_get_template(state, sub->tenant, cmd->initiative_id, &record) ||
        !record.initiative.count)
        return px_reject(PX_REASON_INITIATIVE_UNKNOWN, "initiative_id");
    if (record.initiative.ended || sub->now_us >= record.initiative.until_us)
        return px_reject(PX_REASON_INITIATIVE_ENDED, "initiative_id");
    LearningRecommenderFact__InitiativeEnded *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_ENDED);
    fact->initiative_id = cmd->initiative_id;
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    return px_accept();
}
