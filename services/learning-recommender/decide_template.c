/* decide_template.c: plans that many people get, and who gets them. */
#include <string.h>

#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/decide.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_template.h"

/* ---- DefineTemplate ---- */

static bool is_named_before(const LearningRecommender__DefineTemplate *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->items[i]->item_id, cmd->items[at]->item_id) == 0)
            return true;
    return false;
}

static px_verdict check_items(const px_view *state, const px_submission *sub,
                              const LearningRecommender__DefineTemplate *cmd)
{
    uint32_t optional = 0;
    item_record item;

    for (size_t i = 0; i < cmd->n_items; i++) {
        if (!learning_state_get_item(state, sub->tenant, cmd->items[i]->item_id, &item))
            return px_reject(PX_REASON_ITEM_UNKNOWN, px_field_at(sub, "items", i, "item_id"));
        if (is_named_before(cmd, i))
            return px_reject(PX_REASON_ITEM_TWICE, px_field_at(sub, "items", i, "item_id"));
        optional += cmd->items[i]->optional ? 1 : 0;
    }
    if (cmd->optional_needed > optional)
        return px_reject(PX_REASON_TOO_MANY_NEEDED, "optional_needed");
    return px_accept();
}

static void copy_items(LearningRecommenderFact__TemplateDefined *fact,
                       const LearningRecommender__DefineTemplate *cmd, px_arena *arena)
{
    LearningRecommenderFact__TemplateItem *all = px_arena_alloc(arena, cmd->n_items * sizeof *all);

    fact->items = px_arena_alloc(arena, cmd->n_items * sizeof *fact->items);
    if (!all || !fact->items)
        return; /* the overflow sticks and fails the batch */
    for (size_t i = 0; i < cmd->n_items; i++) {
        all[i] =
            (LearningRecommenderFact__TemplateItem)LEARNING_RECOMMENDER_FACT__TEMPLATE_ITEM__INIT;
        all[i].item_id = cmd->items[i]->item_id;
        all[i].optional = cmd->items[i]->optional;
        all[i].due_days = cmd->items[i]->due_days;
        fact->items[i] = &all[i];
    }
    fact->n_items = cmd->n_items;
}

px_verdict decide_define_template(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__DefineTemplate *cmd = sub->body;
    px_verdict verdict = check_items(state, sub, cmd);
    template_record before = { .version = 0 };

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    learning_state_get_template(state, sub->tenant, cmd->template_id, &before);
    if (before.initiative.count)
        return px_reject(PX_REASON_TEMPLATE_EXISTS, "template_id");
    LearningRecommenderFact__TemplateDefined *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_DEFINED);
    fact->template_id = cmd->template_id;
    fact->title = cmd->title;
    copy_items(fact, cmd, px_facts_arena(out));
    fact->optional_needed = cmd->optional_needed;
    fact->version = before.version + 1;
    return px_accept();
}

/* ---- AssignTemplate ---- */

px_verdict decide_audience(const px_view *state, const px_submission *sub,
                           LearningRecommender__AudienceKind audience, const char *unit_id,
                           const char *role_id)
{
    if (audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT &&
        !px_roles_has_unit(state, sub->tenant, unit_id))
        return px_reject(PX_REASON_UNIT_UNKNOWN, "unit_id");
    if (audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_ROLE && !role_id[0])
        return px_reject(PX_REASON_FIELD_MISSING, "role_id");
    return px_accept();
}

px_verdict decide_assign_template(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__AssignTemplate *cmd = sub->body;
    template_record record;

    if (!learning_state_get_template(state, sub->tenant, cmd->template_id, &record) ||
        record.initiative.count)
        return px_reject(PX_REASON_TEMPLATE_UNKNOWN, "template_id");
    if (cmd->audience == LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_HIGH_POTENTIALS &&
        px_people_is_known(state, sub->tenant, sub->actor) &&
        !px_people_is_hr_partner(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor"); /* a plan would tell them who is one */
    px_verdict verdict = decide_audience(state, sub, cmd->audience, cmd->unit_id, cmd->role_id);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    LearningRecommenderFact__TemplateAssigned *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_ASSIGNED);
    fact->template_id = cmd->template_id;
    fact->audience = (uint32_t)cmd->audience;
    fact->unit_id = cmd->unit_id;
    fact->role_id = cmd->role_id;
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    return px_accept();
}

/* ---- UnlinkPlan ---- */

px_verdict decide_unlink_plan(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__UnlinkPlan *cmd = sub->body;
    uint32_t number = learning_plan_number(cmd->plan_id, cmd->person_id);
    plan_record plan;

    if (!px_people_is_known(state, sub->tenant, cmd->person_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!number || !learning_state_get_plan(state, sub->tenant, cmd->person_id, number, &plan) ||
        plan.ended)
        return px_reject(PX_REASON_PLAN_UNKNOWN, "plan_id");
    if (strcmp(sub->actor, cmd->person_id) == 0 ||
        !px_people_may_view(state, sub->tenant, sub->actor, cmd->person_id))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (!learning_state_get_template_plan(state, sub->tenant, cmd->person_id, plan.template_id)
             .linked)
        return px_reject(PX_REASON_PLAN_NOT_LINKED, "plan_id");
    LearningRecommenderFact__PlanMoved *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED);
    fact->plan_id = cmd->plan_id;
    fact->person_id = cmd->person_id;
    fact->from = fact->to = plan.state;
    fact->of_template = true;
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    fact->unlinked_template_id = px_arena_strdup(sub->arena, plan.template_id);
    return px_accept();
}
