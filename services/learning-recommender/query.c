/* query.c: a person's plan, now or then, for those who may see it; and the catalogue for all. */
#include "common/codec.h"
#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_snapshot.h"
#include "services/learning-recommender/state_template.h"

/* The plan asked for; 0 when the person has none like that. */
static uint32_t number_asked(const px_view *state, const px_request *req)
{
    const LearningRecommender__GetPlan *q = req->body;

    if (q->plan_id[0])
        return learning_plan_number(q->plan_id, q->person_id);
    if (q->template_id[0])
        return learning_state_get_template_plan(state, req->tenant, q->person_id, q->template_id)
            .number;
    return learning_state_get_learner(state, req->tenant, q->person_id).plan_count;
}

static LearningRecommender__LevelSnapshot **fill_levels(const plan_snapshot *snapshot,
                                                        px_arena *arena)
{
    LearningRecommender__LevelSnapshot **levels =
        px_arena_alloc(arena, snapshot->count * sizeof *levels);

    for (uint8_t i = 0; levels && i < snapshot->count; i++) {
        levels[i] = (void *)px_codec_new(&learning_recommender__level_snapshot__descriptor, arena);
        if (!levels[i])
            return NULL;
        levels[i]->competency_id = px_arena_strdup(arena, snapshot->levels[i].competency_id);
        levels[i]->level = snapshot->levels[i].mu;
        levels[i]->target = snapshot->levels[i].target;
    }
    return levels;
}

static void fill_completions(const px_view *state, const px_request *req, uint32_t number,
                             const plan_record *plan, LearningRecommender__Plan *answer)
{
    const LearningRecommender__GetPlan *q = req->body;
    plan_snapshot snapshot;

    answer->completions =
        px_arena_alloc(req->arena, plan->completions * sizeof *answer->completions);
    for (uint8_t i = 0; answer->completions && i < plan->completions; i++) {
        LearningRecommender__CompletedPlan *completed =
            (void *)px_codec_new(&learning_recommender__completed_plan__descriptor, req->arena);

        if (!completed ||
            !learning_state_get_snapshot(state, req->tenant, q->person_id, number, i, &snapshot))
            return;
        completed->completed_at = px_codec_timestamp(snapshot.completed_us, req->arena);
        completed->levels = fill_levels(&snapshot, req->arena);
        completed->n_levels = completed->levels ? snapshot.count : 0;
        answer->completions[answer->n_completions++] = completed;
    }
}

static void fill_plan(const px_view *state, const px_request *req, uint32_t number,
                      const plan_record *plan, LearningRecommender__Plan *answer)
{
    const LearningRecommender__GetPlan *q = req->body;
    char plan_id[PX_ID_SIZE];

    learning_plan_id(plan_id, q->person_id, number);
    answer->plan_id = px_arena_strdup(req->arena, plan_id);
    answer->person_id = q->person_id;
    answer->role_id = px_arena_strdup(req->arena, plan->role_id);
    answer->items = plan_items_to_public(state, req->tenant, plan, req->arena);
    answer->n_items = answer->items ? plan->item_count : 0;
    answer->revision = plan->revision;
    answer->proposed_at = px_codec_timestamp(plan->proposed_at_us, req->arena);
    answer->revised_at = px_codec_timestamp(plan->revised_at_us, req->arena);
    answer->ended = (LearningRecommender__PlanEnd)plan->ended;
    answer->value = plan->value;
    answer->hours = plan->hours;
    answer->rule_version = plan->rule_version;
    answer->cause_review_ids = plan_causes_to_fact(plan, req->arena);
    answer->n_cause_review_ids = answer->cause_review_ids ? plan->cause_count : 0;
    answer->state = (LearningRecommender__PlanState)plan->state;
    answer->reviewer_id = px_arena_strdup(req->arena, plan->reviewer_id);
    answer->template_id = px_arena_strdup(req->arena, plan->template_id);
    answer->linked =
        learning_state_get_template_plan(state, req->tenant, q->person_id, plan->template_id)
            .linked;
    answer->optional_needed = plan->optional_needed;
    fill_completions(state, req, number, plan, answer);
    answer->voluntary = plan->voluntary;
    answer->as_of_seq = px_view_cursor(state);
}

px_status query_get_plan(const px_view *state, const px_request *req, px_reply *reply)
{
    const LearningRecommender__GetPlan *q = req->body;
    plan_record plan;

    if (!px_people_may_view(state, req->tenant, q->viewer_id, q->person_id))
        return px_reply_refuse(reply, PX_REASON_FORBIDDEN, "viewer_id");
    uint32_t number = number_asked(state, req);
    if (!number || !learning_state_get_plan(state, req->tenant, q->person_id, number, &plan))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND,
                               q->plan_id[0]       ? "plan_id"
                               : q->template_id[0] ? "template_id"
                                                   : "person_id");

    LearningRecommender__Plan *answer =
        px_reply_new(reply, &learning_recommender__plan__descriptor);
    fill_plan(state, req, number, &plan, answer);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}

static void fill_outcomes(LearningRecommender__CatalogueItemDefined *out, const item_record *item,
                          px_arena *arena)
{
    out->outcomes = px_arena_alloc(arena, item->outcome_count * sizeof *out->outcomes);
    for (size_t i = 0; out->outcomes && i < item->outcome_count; i++) {
        LearningRecommender__ItemOutcome *o =
            (void *)px_codec_new(&learning_recommender__item_outcome__descriptor, arena);

        if (!o)
            return;
        o->competency_id = px_arena_strdup(arena, item->outcomes[i].competency_id);
        o->share = item->outcomes[i].share;
        o->level_from = item->outcomes[i].level_from;
        o->level_to = item->outcomes[i].level_to;
        out->outcomes[out->n_outcomes++] = o;
    }
    out->requires = px_arena_alloc(arena, item->require_count * sizeof *out->requires);
    for (size_t i = 0; out->requires && i < item->require_count; i++)
    out->requires[out->n_requires++] = px_arena_strdup(arena, item->required[i]);
}

px_status query_get_catalogue_item(const px_view *state, const px_request *req, px_reply *reply)
{
    const LearningRecommender__GetCatalogueItem *q = req->body;
    item_record item;
    item_texts texts;

    if (!learning_state_get_item(state, req->tenant, q->item_id, &item))
        return px_reply_refuse(reply, PX_REASON_NOT_FOUND, "item_id");
    learning_state_get_texts(state, req->tenant, q->item_id, &texts);

    LearningRecommender__CatalogueItem *answer =
        px_reply_new(reply, &learning_recommender__catalogue_item__descriptor);
    LearningRecommender__CatalogueItemDefined *defined =
        (void *)px_codec_new(&learning_recommender__catalogue_item_defined__descriptor, req->arena);
    if (!defined)
        return PX_ENOMEM;
    defined->item_id = q->item_id;
    defined->title = px_arena_strdup(req->arena, texts.title);
    defined->kind = (LearningRecommender__ItemKind)item.kind;
    defined->hours = item.hours;
    defined->mandatory = item.mandatory;
    defined->cost = item.cost;
    fill_outcomes(defined, &item, req->arena);
    defined->prompt_days = px_arena_copy(req->arena, item.prompt_days, sizeof item.prompt_days);
    defined->n_prompt_days = defined->prompt_days ? item.prompt_count : 0;
    defined->url = px_arena_strdup(req->arena, texts.url);
    defined->credit = px_arena_strdup(req->arena, texts.credit);
    defined->activity_id = px_arena_strdup(req->arena, texts.activity_id);
    defined->completion_evidence =
        (LearningRecommender__CompletionEvidence)item.completion_evidence;
    defined->attendance_completes = item.attendance_completes;
    answer->item = defined;
    answer->retired = item.retired;
    answer->completions = item.completions;
    answer->as_of_seq = px_view_cursor(state);
    return px_arena_overflowed(req->arena) ? PX_ENOMEM : PX_OK;
}
