/* plan_public.c: a plan as others may read it; events and queries show the same. */
#include <math.h>
#include <string.h>

#include "common/codec.h"
#include "services/learning-recommender/choose.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/state_catalogue.h"

enum { SHOWN_FROM = 3 }; /* fewer peer or report ratings than that are not even counted */
static const double Z90 = 1.645;

/* How the runner-up compares, for a person. Index: choose_reason. */
static const char *const reasons[] = {
    [CHOOSE_WORTH_LESS] = "it is expected to bring less for the time it takes",
    [CHOOSE_TIE] = "it is worth the same; the order of ids decided",
    [CHOOSE_NO_ROOM] = "it needs more hours than were left in the plan",
    [CHOOSE_UNDER_LAMBDA] = "it is expected to bring too little for the time it takes",
    [CHOOSE_LESS_IN_TOTAL] = "it brings more per hour, but the chosen one brings more as a whole",
    [CHOOSE_NOT_STARTED] = "the chosen one was already started",
    [CHOOSE_NOT_WANTED] = "a person put the chosen one into the plan",
};

static uint32_t shown(uint32_t ratings)
{
    return ratings >= SHOWN_FROM ? ratings : 0;
}

static LearningRecommender__RatingBehind *rating_to_public(const rating_behind *rating,
                                                           px_arena *arena)
{
    LearningRecommender__RatingBehind *out =
        (void *)px_codec_new(&learning_recommender__rating_behind__descriptor, arena);

    if (!out)
        return NULL;
    out->review_id = px_arena_strdup(arena, rating->review_id);
    out->rater_id = px_arena_strdup(arena, rating->rater_id);
    out->self = rating->relation == PX_RELATION_SELF;
    out->level = rating->level;
    out->occurred_at = px_codec_timestamp(rating->occurred_at_us, arena);
    return out;
}

static LearningRecommender__Issue *issue_to_public(const px_view *state, const char *tenant,
                                                   const plan_item *item, px_arena *arena)
{
    LearningRecommender__Issue *out =
        (void *)px_codec_new(&learning_recommender__issue__descriptor, arena);
    double half = Z90 * sqrt(item->variance > 0.0 ? item->variance : 0.0);
    char title[TITLE_SIZE];

    if (!out)
        return NULL;
    learning_state_get_title(state, tenant, item->competency_id, title);
    out->competency_id = px_arena_strdup(arena, item->competency_id);
    out->title = px_arena_strdup(arena, title);
    out->level = item->mu;
    out->low = item->mu - half;
    out->high = item->mu + half;
    out->target = item->target;
    out->probability = item->probability;
    out->weight = item->weight;
    out->ratings = px_arena_alloc(arena, item->rating_count * sizeof *out->ratings);
    for (size_t i = 0; out->ratings && i < item->rating_count; i++)
        out->ratings[i] = rating_to_public(&item->ratings[i], arena);
    out->n_ratings = out->ratings ? item->rating_count : 0;
    out->peer_ratings = shown(item->peer_ratings);
    out->report_ratings = shown(item->report_ratings);
    out->more_evidence_needed = item->more_evidence_needed;
    return out;
}

static LearningRecommender__RunnerUp *other_to_public(const px_view *state, const char *tenant,
                                                      const plan_other *other, px_arena *arena)
{
    LearningRecommender__RunnerUp *out =
        (void *)px_codec_new(&learning_recommender__runner_up__descriptor, arena);
    item_texts texts;

    if (!out || !other->item_id[0])
        return out;
    learning_state_get_texts(state, tenant, other->item_id, &texts);
    out->item_id = px_arena_strdup(arena, other->item_id);
    out->title = px_arena_strdup(arena, texts.title);
    out->value_per_hour = other->value_per_hour;
    if (other->reason < PX_COUNT(reasons))
        out->reason = (char *)reasons[other->reason];
    return out;
}

static void others_to_public(const px_view *state, const char *tenant, const plan_item *item,
                             LearningRecommender__Learning *out, px_arena *arena)
{
    plan_other first = { .value_per_hour = item->runner_up_value_per_hour,
                         .reason = item->runner_up_reason };

    memcpy(first.item_id, item->runner_up_id, sizeof first.item_id);
    out->runner_up = other_to_public(state, tenant, &first, arena);
    out->others = px_arena_alloc(arena, item->other_count * sizeof *out->others);
    for (size_t i = 0; out->others && i < item->other_count; i++) {
        out->others[i] = other_to_public(state, tenant, &item->others[i], arena);
        if (!out->others[i])
            return; /* the full arena sticks */
        out->n_others++;
    }
}

static void add_requires(LearningRecommender__Learning *out, const item_record *item,
                         px_arena *arena)
{
    out->requires = px_arena_alloc(arena, item->require_count * sizeof *out->requires);
    for (size_t i = 0; out->requires && i < item->require_count; i++)
    out->requires[i] = px_arena_strdup(arena, item->required[i]);
    out->n_requires = out->requires ? item->require_count : 0;
}

static LearningRecommender__Learning *learning_to_public(const px_view *state, const char *tenant,
                                                         const plan_item *item, px_arena *arena)
{
    LearningRecommender__Learning *out =
        (void *)px_codec_new(&learning_recommender__learning__descriptor, arena);
    item_record record = { 0 };
    item_texts texts;

    if (!out)
        return NULL;
    learning_state_get_texts(state, tenant, item->item_id, &texts);
    learning_state_get_item(state, tenant, item->item_id, &record);
    out->item_id = px_arena_strdup(arena, item->item_id);
    out->title = px_arena_strdup(arena, texts.title);
    out->url = px_arena_strdup(arena, texts.url);
    out->kind = (LearningRecommender__ItemKind)record.kind;
    out->hours = item->hours;
    out->gain = item->gain;
    out->gain_margin = item->gain_margin;
    out->value = item->value;
    out->value_per_hour = item->hours > 0.0 ? item->value / item->hours : 0.0;
    out->results_behind = item->results_behind;
    add_requires(out, &record, arena);
    others_to_public(state, tenant, item, out, arena);
    return out;
}

static LearningRecommender__FollowUp *follow_up_to_public(const plan_item *item, px_arena *arena)
{
    LearningRecommender__FollowUp *out =
        (void *)px_codec_new(&learning_recommender__follow_up__descriptor, arena);

    if (!out)
        return NULL;
    if (item->planned_completion_us) /* a plan that was opened again has lost those that passed */
        out->planned_completion = px_codec_timestamp(item->planned_completion_us, arena);
    if (item->follow_up_at_us)
        out->due_at = px_codec_timestamp(item->follow_up_at_us, arena);
    out->rater_ids = px_arena_alloc(arena, item->rater_count * sizeof *out->rater_ids);
    for (size_t i = 0; out->rater_ids && i < item->rater_count; i++)
        out->rater_ids[i] = px_arena_strdup(arena, item->rater_ids[i]);
    out->n_rater_ids = out->rater_ids ? item->rater_count : 0;
    return out;
}

LearningRecommender__PlanItem **plan_items_to_public(const px_view *state, const char *tenant,
                                                     const plan_record *plan, px_arena *arena)
{
    LearningRecommender__PlanItem **items = px_arena_alloc(arena, plan->item_count * sizeof *items);
    char title[TITLE_SIZE];

    for (size_t i = 0; items && i < plan->item_count; i++) {
        const plan_item *item = &plan->items[i];

        items[i] = (void *)px_codec_new(&learning_recommender__plan_item__descriptor, arena);
        if (!items[i])
            return NULL;
        items[i]->issue = issue_to_public(state, tenant, item, arena);
        items[i]->learning = learning_to_public(state, tenant, item, arena);
        items[i]->follow_up = follow_up_to_public(item, arena);
        items[i]->state = (LearningRecommender__ItemState)item->state;
        items[i]->accepted_by_person = (item->accepted_by & AGREED_PERSON) != 0;
        items[i]->accepted_by_manager = (item->accepted_by & AGREED_MANAGER) != 0;
        items[i]->optional = item->optional;
        items[i]->reason = (LearningRecommender__ItemReason)item->reason;
        items[i]->chosen_by_id = px_arena_strdup(arena, item->chosen_by_id);
        if (!item->basis_for_id[0])
            continue;
        learning_state_get_title(state, tenant, item->basis_for_id, title);
        items[i]->basis_for_id = px_arena_strdup(arena, item->basis_for_id);
        items[i]->basis_for_title = px_arena_strdup(arena, title);
    }
    return px_arena_overflowed(arena) ? NULL : items;
}
