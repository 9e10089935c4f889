/* decide.c: submission -> facts. The order of the checks is fixed and tested: it is what an
 * integrator sees. */
#include <string.h>

#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/check.h"
#include "services/learning-recommender/decide.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_plan.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_statement.h"

/* Items met on the way down from an item's requirements; more is refused as a loop, so that every
 * walk ends. */
enum { CHAIN_ITEMS_MAX = 256 };
static const double MICRO_MINUTES_MAX = 10.001; /* a sum of tenths of hours is not exact */

/* ---- DefineCatalogueItem ---- */

static bool is_taught_twice(const LearningRecommender__DefineCatalogueItem *cmd, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(cmd->outcomes[i]->competency_id, cmd->outcomes[at]->competency_id) == 0)
            return true;
    return false;
}

static px_verdict check_outcomes(const px_view *state, const px_submission *sub,
                                 const LearningRecommender__DefineCatalogueItem *cmd)
{
    for (size_t i = 0; i < cmd->n_outcomes; i++) {
        const LearningRecommender__ItemOutcome *o = cmd->outcomes[i];

        if (!learning_state_has_competency(state, sub->tenant, o->competency_id))
            return px_reject(PX_REASON_COMPETENCY_UNKNOWN,
                             px_field_at(sub, "outcomes", i, "competency_id"));
        if (is_taught_twice(cmd, i))
            return px_reject(PX_REASON_OUTCOME_TWICE,
                             px_field_at(sub, "outcomes", i, "competency_id"));
        if (o->level_to < o->level_from)
            return px_reject(PX_REASON_LEVEL_WINDOW, px_field_at(sub, "outcomes", i, "level_to"));
    }
    return px_accept();
}

/* Items still to look at, and those seen: one list with a reading position. */
typedef struct {
    char ids[CHAIN_ITEMS_MAX][PX_ID_SIZE];
    size_t count;
} chain;

/* @return false when there is no room */
static bool chain_add(chain *c, const char *item_id)
{
    if (px_ids_has((const char(*)[PX_ID_SIZE])c->ids, c->count, item_id))
        return true;
    if (c->count == CHAIN_ITEMS_MAX)
        return false;
    px_record_set_text(c->ids[c->count++], PX_ID_SIZE, item_id);
    return true;
}

/* Whether `item_id` is met walking down from `from`, or the walk is longer than any sane chain. */
static bool leads_to_item(const px_view *state, const char *tenant, const char *from,
                          const char *item_id)
{
    chain c = { .count = 0 };
    item_record item;

    chain_add(&c, from);
    for (size_t at = 0; at < c.count; at++) {
        if (strcmp(c.ids[at], item_id) == 0)
            return true;
        if (!learning_state_get_item(state, tenant, c.ids[at], &item))
            continue;
        for (uint8_t i = 0; i < item.require_count; i++)
            if (!chain_add(&c, item.required[i]))
                return true;
    }
    return false;
}

static px_verdict check_requires(const px_view *state, const px_submission *sub,
                                 const LearningRecommender__DefineCatalogueItem *cmd)
{
    item_record item;

    for (size_t i = 0; i < cmd->n_requires; i++) {
        if (strcmp(cmd->requires[i], cmd -> item_id) == 0)
            return px_reject(PX_REASON_PREREQUISITE_LOOP, px_field_at(sub, "requires", i, ""));
        if (!learning_state_get_item(state, sub->tenant, cmd->requires[i], &item))
            return px_reject(PX_REASON_ITEM_UNKNOWN, px_field_at(sub, "requires", i, ""));
        if (leads_to_item(state, sub->tenant, cmd->requires[i], cmd -> item_id))
            return px_reject(PX_REASON_PREREQUISITE_LOOP, px_field_at(sub, "requires", i, ""));
    }
    return px_accept();
}

static px_verdict check_prompts(const px_submission *sub,
                                const LearningRecommender__DefineCatalogueItem *cmd)
{
    for (size_t i = 1; i < cmd->n_prompt_days; i++)
        if (cmd->prompt_days[i] <= cmd->prompt_days[i - 1])
            return px_reject(PX_REASON_PROMPT_ORDER, px_field_at(sub, "prompt_days", i, ""));
    if (cmd->kind == LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO && cmd->n_prompt_days > 0 &&
        cmd->hours * 60.0 > MICRO_MINUTES_MAX * (double)cmd->n_prompt_days)
        return px_reject(PX_REASON_UNIT_TOO_LONG, "hours");
    return px_accept();
}

static void copy_outcomes(LearningRecommenderFact__CatalogueItemDefined *fact,
                          const LearningRecommender__DefineCatalogueItem *cmd, px_arena *arena)
{
    LearningRecommenderFact__Outcome *all = px_arena_alloc(arena, cmd->n_outcomes * sizeof *all);

    fact->outcomes = px_arena_alloc(arena, cmd->n_outcomes * sizeof *fact->outcomes);
    if (!all || !fact->outcomes) /* the overflow sticks and fails the batch */
        return;
    for (size_t i = 0; i < cmd->n_outcomes; i++) {
        all[i] = (LearningRecommenderFact__Outcome)LEARNING_RECOMMENDER_FACT__OUTCOME__INIT;
        all[i].competency_id = cmd->outcomes[i]->competency_id;
        all[i].share = cmd->outcomes[i]->share;
        all[i].level_from = cmd->outcomes[i]->level_from;
        all[i].level_to = cmd->outcomes[i]->level_to;
        fact->outcomes[i] = &all[i];
    }
    fact->n_outcomes = cmd->n_outcomes;
}

/* A requirement named twice counts once. */
static void copy_requires(LearningRecommenderFact__CatalogueItemDefined *fact,
                          const LearningRecommender__DefineCatalogueItem *cmd, px_arena *arena)
{
    fact->requires = px_arena_alloc(arena, cmd->n_requires * sizeof *fact->requires);
    for (size_t i = 0; fact->requires && i < cmd->n_requires; i++) {
        bool named = false;

        for (size_t j = 0; j < i && !named; j++)
            named = strcmp(cmd->requires[i], cmd -> requires[j]) == 0;
        if (!named)
        fact->requires[fact->n_requires++] = cmd->requires[i];
    }
}

/* A statement has to lead to one item. */
static bool is_activity_of_another(const px_view *state, const px_submission *sub,
                                   const LearningRecommender__DefineCatalogueItem *cmd)
{
    char item_id[PX_ID_SIZE];

    return learning_state_get_activity(state, sub->tenant, cmd->activity_id, item_id) &&
           strcmp(item_id, cmd->item_id) != 0;
}

px_verdict decide_define_catalogue_item(const px_view *state, const px_submission *sub,
                                        px_facts *out)
{
    const LearningRecommender__DefineCatalogueItem *cmd = sub->body;
    px_verdict verdict = check_outcomes(state, sub, cmd);
    item_record before = { .version = 0 };

    if (verdict.reason == PX_REASON_NONE)
        verdict = check_requires(state, sub, cmd);
    if (verdict.reason == PX_REASON_NONE)
        verdict = check_prompts(sub, cmd);
    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (is_activity_of_another(state, sub, cmd))
        return px_reject(PX_REASON_ACTIVITY_TAKEN, "activity_id");
    learning_state_get_item(state, sub->tenant, cmd->item_id, &before);

    LearningRecommenderFact__CatalogueItemDefined *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED);
    fact->item_id = cmd->item_id;
    fact->title = cmd->title;
    fact->kind = (uint32_t)cmd->kind;
    fact->hours = cmd->hours;
    copy_outcomes(fact, cmd, px_facts_arena(out));
    copy_requires(fact, cmd, px_facts_arena(out));
    fact->url = cmd->url;
    fact->credit = cmd->credit;
    fact->activity_id = cmd->activity_id;
    fact->completion_evidence = (uint32_t)cmd->completion_evidence;
    fact->attendance_completes = cmd->attendance_completes;
    fact->version = before.version + 1;
    fact->mandatory = cmd->mandatory;
    fact->cost = cmd->cost;
    fact->prompt_days = cmd->prompt_days;
    fact->n_prompt_days = cmd->n_prompt_days;
    return px_accept();
}

/* ---- RetireCatalogueItem ---- */

px_verdict decide_retire_catalogue_item(const px_view *state, const px_submission *sub,
                                        px_facts *out)
{
    const LearningRecommender__RetireCatalogueItem *cmd = sub->body;
    item_record item;

    if (!learning_state_get_item(state, sub->tenant, cmd->item_id, &item))
        return px_reject(PX_REASON_ITEM_UNKNOWN, "item_id");
    if (item.retired)
        return px_reject(PX_REASON_ITEM_RETIRED, "item_id");

    LearningRecommenderFact__CatalogueItemRetired *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED);
    fact->item_id = cmd->item_id;
    return px_accept();
}

/* ---- StartItem, CompleteItem ---- */

void decide_say_started(const px_view *state, const px_submission *sub, char *person_id,
                        char *item_id, px_facts *out)
{
    LearningRecommenderFact__ItemStarted *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED);

    fact->person_id = person_id;
    fact->item_id = item_id;
    fact->plan_id = learning_plan_with(state, sub, person_id, item_id);
    fact->occurred_at_us = sub->occurred_at_us;
}

px_verdict decide_start_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__StartItem *cmd = sub->body;
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, cmd->person_id, cmd->item_id, &item);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (learning_state_get_progress(state, sub->tenant, cmd->person_id, cmd->item_id) ==
        LEARNING_STARTED)
        return px_reject(PX_REASON_ITEM_STARTED, "item_id");
    if (item.retired)
        return px_reject(PX_REASON_ITEM_RETIRED, "item_id");

    decide_say_started(state, sub, cmd->person_id, cmd->item_id, out);
    return px_accept();
}

static void copy_taught(LearningRecommenderFact__ItemCompleted *fact, const item_record *item,
                        px_arena *arena)
{
    size_t count = item->outcome_count;
    LearningRecommenderFact__Outcome *all = px_arena_alloc(arena, count * sizeof *all);

    fact->outcomes = px_arena_alloc(arena, count * sizeof *fact->outcomes);
    if (!all || !fact->outcomes)
        return;
    for (size_t i = 0; i < count; i++) {
        all[i] = (LearningRecommenderFact__Outcome)LEARNING_RECOMMENDER_FACT__OUTCOME__INIT;
        all[i].competency_id = px_arena_strdup(arena, item->outcomes[i].competency_id);
        all[i].share = item->outcomes[i].share;
        all[i].level_from = item->outcomes[i].level_from;
        all[i].level_to = item->outcomes[i].level_to;
        fact->outcomes[i] = &all[i];
    }
    fact->n_outcomes = count;
}

void decide_say_completed(const px_view *state, const px_submission *sub, char *person_id,
                          char *item_id, const item_record *item, px_facts *out)
{
    LearningRecommenderFact__ItemCompleted *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED);
    fact->person_id = person_id;
    fact->item_id = item_id;
    fact->plan_id = learning_plan_with(state, sub, person_id, item_id);
    fact->occurred_at_us = sub->occurred_at_us;
    fact->kind = item->kind;
    fact->hours = item->hours;
    copy_taught(fact, item, px_facts_arena(out));
    fact->completion_evidence = item->completion_evidence;
}

px_verdict decide_complete_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__CompleteItem *cmd = sub->body;
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, cmd->person_id, cmd->item_id, &item);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    decide_say_completed(state, sub, cmd->person_id, cmd->item_id, &item, out);
    return px_accept();
}

/* ---- DeclineItem, VoidCompletion ---- */

/* What is mandatory stays in the plan; what is said about it is on record. */
static void object(const px_view *state, const px_submission *sub,
                   const LearningRecommender__DeclineItem *cmd, px_facts *out)
{
    LearningRecommenderFact__ItemObjected *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED);

    fact->person_id = cmd->person_id;
    fact->item_id = cmd->item_id;
    fact->plan_id = learning_plan_with(state, sub, cmd->person_id, cmd->item_id);
    fact->reason_code = cmd->reason_code;
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
}

px_verdict decide_decline_item(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__DeclineItem *cmd = sub->body;
    item_record item;
    px_verdict verdict = learning_check_item(state, sub, cmd->person_id, cmd->item_id, &item);
    const plan_item *planned = NULL;
    plan_record plan;
    uint32_t number;

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    if (!px_people_may_view(state, sub->tenant, sub->actor, cmd->person_id))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (learning_state_find_planned(state, sub->tenant, cmd->person_id, cmd->item_id, &number,
                                    &plan))
        planned = &plan.items[learning_plan_find(&plan, cmd->item_id)];
    if (planned && learning_must_stay(state, sub, cmd->person_id, &plan, planned)) {
        object(state, sub, cmd, out);
        return px_accept();
    }

    LearningRecommenderFact__ItemDeclined *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED);
    fact->person_id = cmd->person_id;
    fact->item_id = cmd->item_id;
    fact->plan_id = learning_plan_with(state, sub, cmd->person_id, cmd->item_id);
    fact->started = learning_state_get_progress(state, sub->tenant, cmd->person_id, cmd->item_id) ==
                    LEARNING_STARTED;
    fact->reason_code = cmd->reason_code;
    fact->actor_id = px_arena_strdup(sub->arena, sub->actor);
    if (planned) {
        fact->competency_id = px_arena_strdup(sub->arena, planned->competency_id);
        fact->shortfall = planned->target - planned->mu;
    }
    return px_accept();
}

px_verdict decide_void_completion(const px_view *state, const px_submission *sub, px_facts *out)
{
    const LearningRecommender__VoidCompletion *cmd = sub->body;
    item_record item;

    if (!px_people_is_known(state, sub->tenant, cmd->person_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    if (!learning_state_get_item(state, sub->tenant, cmd->item_id, &item))
        return px_reject(PX_REASON_ITEM_UNKNOWN, "item_id");
    if (learning_state_get_progress(state, sub->tenant, cmd->person_id, cmd->item_id) !=
        LEARNING_COMPLETED)
        return px_reject(PX_REASON_ITEM_NOT_COMPLETED, "item_id");

    LearningRecommenderFact__CompletionVoided *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED);
    fact->person_id = cmd->person_id;
    fact->item_id = cmd->item_id;
    return px_accept();
}
