/* publish.c: own facts -> public events. Titles are those of now; who is behind a peer's or a
 * report's figure never leaves, nor does a count under three (plan_public.c). */
#include <string.h>

#include "common/codec.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/service.h"

/* ---- the catalogue ---- */

void publish_catalogue_item_defined(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__CatalogueItemDefined *f = fact->body;
    LearningRecommender__CatalogueItemDefined event =
        LEARNING_RECOMMENDER__CATALOGUE_ITEM_DEFINED__INIT;
    px_arena *arena = px_out_arena(out);

    (void)state;
    event.item_id = f->item_id;
    event.title = f->title;
    event.kind = (LearningRecommender__ItemKind)f->kind;
    event.hours = f->hours;
    event.requires = f->requires;
    event.n_requires = f->n_requires;
    event.url = f->url;
    event.credit = f->credit;
    event.mandatory = f->mandatory;
    event.cost = f->cost;
    event.activity_id = f->activity_id;
    event.completion_evidence = (LearningRecommender__CompletionEvidence)f->completion_evidence;
    event.attendance_completes = f->attendance_completes;
    event.prompt_days = f->prompt_days;
    event.n_prompt_days = f->n_prompt_days;
    event.outcomes = px_arena_alloc(arena, f->n_outcomes * sizeof *event.outcomes);
    for (size_t i = 0; event.outcomes && i < f->n_outcomes; i++) {
        LearningRecommender__ItemOutcome *o =
            (void *)px_codec_new(&learning_recommender__item_outcome__descriptor, arena);

        if (!o)
            return; /* the full arena sticks */
        o->competency_id = f->outcomes[i]->competency_id;
        o->share = f->outcomes[i]->share;
        o->level_from = f->outcomes[i]->level_from;
        o->level_to = f->outcomes[i]->level_to;
        event.outcomes[event.n_outcomes++] = o;
    }
    px_out_event(out, "CatalogueItemDefined", f->item_id, &event.base);
}

void publish_catalogue_item_retired(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__CatalogueItemRetired *f = fact->body;
    LearningRecommender__CatalogueItemRetired event =
        LEARNING_RECOMMENDER__CATALOGUE_ITEM_RETIRED__INIT;

    (void)state;
    event.item_id = f->item_id;
    px_out_event(out, "CatalogueItemRetired", f->item_id, &event.base);
}

/* ---- plans ---- */

static LearningRecommender__PlanItem **public_items(const px_view *state, const px_fact *fact,
                                                    LearningRecommenderFact__PlanItem *const *items,
                                                    size_t count, px_arena *arena)
{
    plan_record plan;

    memset(&plan, 0, sizeof plan);
    plan_items_from_fact(&plan, items, count);
    return plan_items_to_public(state, fact->tenant, &plan, arena);
}

void publish_plan_proposed(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanProposed *f = fact->body;
    LearningRecommender__PlanProposed event = LEARNING_RECOMMENDER__PLAN_PROPOSED__INIT;

    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.role_id = f->role_id;
    event.items = public_items(state, fact, f->items, f->n_items, px_out_arena(out));
    event.n_items = event.items ? f->n_items : 0;
    event.value = f->value;
    event.hours = f->hours;
    event.rule_version = f->rule_version;
    event.cause_review_ids = f->cause_review_ids;
    event.n_cause_review_ids = f->n_cause_review_ids;
    event.state = f->state ? (LearningRecommender__PlanState)f->state
                           : LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE;
    event.template_id = f->template_id;
    event.optional_needed = f->optional_needed;
    px_out_event(out, "PlanProposed", f->person_id, &event.base);
}

void publish_plan_revised(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanRevised *f = fact->body;
    LearningRecommender__PlanRevised event = LEARNING_RECOMMENDER__PLAN_REVISED__INIT;

    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.role_id = f->role_id;
    event.items = public_items(state, fact, f->items, f->n_items, px_out_arena(out));
    event.n_items = event.items ? f->n_items : 0;
    event.added_item_ids = f->added_item_ids;
    event.n_added_item_ids = f->n_added_item_ids;
    event.dropped_item_ids = f->dropped_item_ids;
    event.n_dropped_item_ids = f->n_dropped_item_ids;
    event.value = f->value;
    event.hours = f->hours;
    event.rule_version = f->rule_version;
    event.revision = f->revision;
    px_out_event(out, "PlanRevised", f->person_id, &event.base);
}

static LearningRecommender__LevelSnapshot **public_levels(
    const LearningRecommenderFact__PlanEnded *f, px_arena *arena)
{
    LearningRecommender__LevelSnapshot **levels =
        px_arena_alloc(arena, f->n_levels * sizeof *levels);

    for (size_t i = 0; levels && i < f->n_levels; i++) {
        levels[i] = (void *)px_codec_new(&learning_recommender__level_snapshot__descriptor, arena);
        if (!levels[i])
            return NULL;
        levels[i]->competency_id = f->levels[i]->competency_id;
        levels[i]->level = f->levels[i]->mu;
        levels[i]->target = f->levels[i]->target;
    }
    return levels;
}

void publish_plan_ended(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__PlanEnded *f = fact->body;
    LearningRecommender__PlanEnded event = LEARNING_RECOMMENDER__PLAN_ENDED__INIT;

    (void)state;
    if (learning_plan_is_confidential(f->plan_id, f->person_id))
        return;
    event.plan_id = f->plan_id;
    event.person_id = f->person_id;
    event.reason = (LearningRecommender__PlanEnd)f->reason;
    event.actor_id = f->actor_id;
    event.levels = public_levels(f, px_out_arena(out));
    event.n_levels = event.levels ? f->n_levels : 0;
    px_out_event(out, "PlanEnded", f->person_id, &event.base);
}

/* ---- what people do ---- */

/* What is done is done outside of any plan, as far as the feed knows, when the plan is not on it.
 */
static char *public_plan_id(char *plan_id, const char *person_id)
{
    return learning_plan_is_confidential(plan_id, person_id) ? (char *)"" : plan_id;
}

void publish_item_started(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemStarted *f = fact->body;
    LearningRecommender__ItemStarted event = LEARNING_RECOMMENDER__ITEM_STARTED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = public_plan_id(f->plan_id, f->person_id);
    px_out_event(out, "ItemStarted", f->person_id, &event.base);
}

void publish_item_completed(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemCompleted *f = fact->body;
    LearningRecommender__ItemCompleted event = LEARNING_RECOMMENDER__ITEM_COMPLETED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = public_plan_id(f->plan_id, f->person_id);
    event.completed_at = px_codec_timestamp(f->occurred_at_us, px_out_arena(out));
    px_out_event(out, "ItemCompleted", f->person_id, &event.base);
}

void publish_item_declined(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ItemDeclined *f = fact->body;
    LearningRecommender__ItemDeclined event = LEARNING_RECOMMENDER__ITEM_DECLINED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    event.plan_id = public_plan_id(f->plan_id, f->person_id);
    event.started = f->started;
    event.reason_code = f->reason_code;
    event.state = f->started ? LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WITHDRAWN
                             : LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_DECLINED;
    px_out_event(out, "ItemDeclined", f->person_id, &event.base);
}

void publish_completion_voided(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__CompletionVoided *f = fact->body;
    LearningRecommender__CompletionVoided event = LEARNING_RECOMMENDER__COMPLETION_VOIDED__INIT;

    (void)state;
    event.person_id = f->person_id;
    event.item_id = f->item_id;
    px_out_event(out, "CompletionVoided", f->person_id, &event.base);
}

void publish_impact_updated(const px_view *state, const px_fact *fact, px_out *out)
{
    const LearningRecommenderFact__ImpactUpdated *f = fact->body;
    LearningRecommender__ImpactUpdated event = LEARNING_RECOMMENDER__IMPACT_UPDATED__INIT;

    (void)state;
    event.competency_id = f->competency_id;
    event.item_id = f->item_id;
    event.effect = f->effect;
    event.low = f->low;
    event.high = f->high;
    event.verdict = f->enough_evidence ? LEARNING_RECOMMENDER__VERDICT__VERDICT_ASSOCIATED
                                       : LEARNING_RECOMMENDER__VERDICT__VERDICT_NOT_ENOUGH_EVIDENCE;
    event.follow_ups = f->follow_ups;
    event.control_ratings = f->control_ratings;
    px_out_event(out, "ImpactUpdated", f->item_id[0] ? f->item_id : f->competency_id, &event.base);
}
