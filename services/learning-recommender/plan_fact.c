/* plan_fact.c: field by field, both ways. */
#include "services/learning-recommender/plan_fact.h"

#include "common/record.h"

/* ---- record to fact ---- */

static void ratings_to_fact(const plan_item *item, LearningRecommenderFact__PlanItem *fact,
                            px_arena *arena)
{
    size_t count = item->rating_count;
    LearningRecommenderFact__RatingBehind *all = px_arena_alloc(arena, count * sizeof *all);

    fact->ratings = px_arena_alloc(arena, count * sizeof *fact->ratings);
    if (!all || !fact->ratings)
        return;
    for (size_t i = 0; i < count; i++) {
        const rating_behind *rating = &item->ratings[i];

        all[i] =
            (LearningRecommenderFact__RatingBehind)LEARNING_RECOMMENDER_FACT__RATING_BEHIND__INIT;
        all[i].review_id = px_arena_strdup(arena, rating->review_id);
        all[i].rater_id = px_arena_strdup(arena, rating->rater_id);
        all[i].relation = rating->relation;
        all[i].level = rating->level;
        all[i].occurred_at_us = rating->occurred_at_us;
        fact->ratings[i] = &all[i];
    }
    fact->n_ratings = count;
}

static void others_to_fact(const plan_item *item, LearningRecommenderFact__PlanItem *fact,
                           px_arena *arena)
{
    LearningRecommenderFact__Other *all = px_arena_alloc(arena, item->other_count * sizeof *all);

    fact->others = px_arena_alloc(arena, item->other_count * sizeof *fact->others);
    if (!all || !fact->others)
        return;
    for (size_t i = 0; i < item->other_count; i++) {
        all[i] = (LearningRecommenderFact__Other)LEARNING_RECOMMENDER_FACT__OTHER__INIT;
        all[i].item_id = px_arena_strdup(arena, item->others[i].item_id);
        all[i].value_per_hour = item->others[i].value_per_hour;
        all[i].reason = item->others[i].reason;
        fact->others[fact->n_others++] = &all[i];
    }
}

static void item_to_fact(const plan_item *item, LearningRecommenderFact__PlanItem *fact,
                         px_arena *arena)
{
    *fact = (LearningRecommenderFact__PlanItem)LEARNING_RECOMMENDER_FACT__PLAN_ITEM__INIT;
    fact->item_id = px_arena_strdup(arena, item->item_id);
    fact->item_version = item->item_version;
    fact->competency_id = px_arena_strdup(arena, item->competency_id);
    fact->mu = item->mu;
    fact->variance = item->variance;
    fact->target = item->target;
    fact->probability = item->probability;
    fact->weight = item->weight;
    ratings_to_fact(item, fact, arena);
    fact->peer_ratings = item->peer_ratings;
    fact->report_ratings = item->report_ratings;
    fact->more_evidence_needed = item->more_evidence_needed;
    fact->hours = item->hours;
    fact->gain = item->gain;
    fact->gain_margin = item->gain_margin;
    fact->value = item->value;
    fact->results_behind = item->results_behind;
    fact->runner_up_id = px_arena_strdup(arena, item->runner_up_id);
    fact->runner_up_value_per_hour = item->runner_up_value_per_hour;
    fact->runner_up_reason = item->runner_up_reason;
    others_to_fact(item, fact, arena);
    fact->planned_completion_us = item->planned_completion_us;
    fact->follow_up_at_us = item->follow_up_at_us;
    fact->rater_ids = px_ids_copy(item->rater_ids, item->rater_count, arena);
    fact->n_rater_ids = fact->rater_ids ? item->rater_count : 0;
    fact->state = item->state;
    fact->accepted_by = item->accepted_by;
    fact->due_said = item->due_said;
    fact->optional = item->optional;
    fact->reason = item->reason;
    fact->basis_for_id = px_arena_strdup(arena, item->basis_for_id);
    fact->chosen_by_id = px_arena_strdup(arena, item->chosen_by_id);
}

LearningRecommenderFact__PlanItem **plan_items_to_fact(const plan_record *plan, px_arena *arena)
{
    LearningRecommenderFact__PlanItem *all = px_arena_alloc(arena, plan->item_count * sizeof *all);
    LearningRecommenderFact__PlanItem **items =
        px_arena_alloc(arena, plan->item_count * sizeof *items);

    if (!all || !items)
        return NULL;
    for (size_t i = 0; i < plan->item_count; i++) {
        item_to_fact(&plan->items[i], &all[i], arena);
        items[i] = &all[i];
    }
    return px_arena_overflowed(arena) ? NULL : items;
}

char **plan_causes_to_fact(const plan_record *plan, px_arena *arena)
{
    return px_ids_copy(plan->cause_review_ids, plan->cause_count, arena);
}

/* ---- fact to record ---- */

static size_t at_most(size_t count, size_t max)
{
    return count < max ? count : max;
}

static void ratings_from_fact(plan_item *item, const LearningRecommenderFact__PlanItem *fact)
{
    item->rating_count = (uint8_t)at_most(fact->n_ratings, RATINGS_SHOWN);
    for (size_t i = 0; i < item->rating_count; i++) {
        const LearningRecommenderFact__RatingBehind *from = fact->ratings[i];
        rating_behind *rating = &item->ratings[i];

        px_record_set_text(rating->review_id, PX_ID_SIZE, from->review_id);
        px_record_set_text(rating->rater_id, PX_ID_SIZE, from->rater_id);
        rating->relation = (uint8_t)from->relation;
        rating->level = from->level;
        rating->occurred_at_us = from->occurred_at_us;
    }
}

static void item_from_fact(plan_item *item, const LearningRecommenderFact__PlanItem *fact)
{
    *item = (plan_item){ .item_version = fact->item_version,
                         .mu = fact->mu,
                         .variance = fact->variance,
                         .target = fact->target,
                         .probability = fact->probability,
                         .weight = fact->weight,
                         .peer_ratings = fact->peer_ratings,
                         .report_ratings = fact->report_ratings,
                         .more_evidence_needed = fact->more_evidence_needed,
                         .hours = fact->hours,
                         .gain = fact->gain,
                         .gain_margin = fact->gain_margin,
                         .value = fact->value,
                         .results_behind = fact->results_behind,
                         .runner_up_value_per_hour = fact->runner_up_value_per_hour,
                         .runner_up_reason = fact->runner_up_reason,
                         .planned_completion_us = fact->planned_completion_us,
                         .follow_up_at_us = fact->follow_up_at_us,
                         .state = (uint8_t)fact->state,
                         .accepted_by = (uint8_t)fact->accepted_by,
                         .due_said = (uint8_t)fact->due_said,
                         .optional = fact->optional,
                         .reason = (uint8_t)fact->reason };
    px_record_set_text(item->item_id, PX_ID_SIZE, fact->item_id);
    px_record_set_text(item->competency_id, PX_ID_SIZE, fact->competency_id);
    px_record_set_text(item->runner_up_id, PX_ID_SIZE, fact->runner_up_id);
    px_record_set_text(item->chosen_by_id, PX_ID_SIZE, fact->chosen_by_id);
    px_record_set_text(item->basis_for_id, PX_ID_SIZE, fact->basis_for_id);
    ratings_from_fact(item, fact);
    item->other_count = (uint8_t)at_most(fact->n_others, PLAN_OTHERS_MAX);
    for (size_t i = 0; i < item->other_count; i++) {
        px_record_set_text(item->others[i].item_id, PX_ID_SIZE, fact->others[i]->item_id);
        item->others[i].value_per_hour = fact->others[i]->value_per_hour;
        item->others[i].reason = fact->others[i]->reason;
    }
    item->rater_count = (uint8_t)at_most(fact->n_rater_ids, RATERS_ASKED_MAX);
    for (size_t i = 0; i < item->rater_count; i++)
        px_record_set_text(item->rater_ids[i], PX_ID_SIZE, fact->rater_ids[i]);
}

void plan_items_from_fact(plan_record *plan, LearningRecommenderFact__PlanItem *const *items,
                          size_t count)
{
    PX_ASSERT(count <= PLAN_ITEMS_MAX);
    plan->item_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++)
        item_from_fact(&plan->items[i], items[i]);
}

void plan_causes_from_fact(plan_record *plan, char *const *review_ids, size_t count)
{
    PX_ASSERT(count <= PLAN_CAUSES_MAX);
    plan->cause_count = (uint8_t)count;
    for (size_t i = 0; i < count; i++)
        px_record_set_text(plan->cause_review_ids[i], PX_ID_SIZE, review_ids[i]);
}
