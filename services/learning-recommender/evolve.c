/* evolve.c: own facts -> state: the catalogue, what people started and completed, what it did. */
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/evolve_prompt.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/replace.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_impact.h"
#include "services/learning-recommender/state_plan.h"
#include "services/learning-recommender/state_policy.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_statement.h"
#include "services/learning-recommender/state_template.h"
#include "services/learning-recommender/state_wish.h"

enum { REQUIRED_DEPTH = CHOOSE_PREREQUISITES_MAX + 1 };

/* ---- the catalogue ---- */

static bool is_asked_for(const px_view *state, const px_fact *fact, const item_record *item)
{
    for (uint8_t i = 0; i < item->outcome_count; i++)
        if (learning_initiative_asks(state, fact->tenant, item->outcomes[i].competency_id))
            return true;
    return false;
}

/* Plans of templates that name the item, and of initiatives that ask for what it teaches or taught,
 * may read otherwise now. */
static void mark_templates(px_txn *state, const px_fact *fact, const char *item_id,
                           const item_record *before, const item_record *item)
{
    if (learning_template_names(state, fact->tenant, item_id) ||
        is_asked_for(state, fact, before) || is_asked_for(state, fact, item))
        learning_mark_templates(state, fact->tenant);
}

/* Whoever has an open gap there may now have a better plan. */
static void mark_people_with_gap(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (learning_state_next_with_gap(state, tenant, competency_id, person_id))
        learning_mark_person(state, tenant, person_id);
}

/* A plan may have the item for what an older version of it taught. */
static void mark_people_planning(px_txn *state, const char *tenant, const char *item_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (learning_state_next_planning(state, tenant, item_id, person_id))
        learning_mark_person(state, tenant, person_id);
}

/* What requires the item may be within reach now, or no longer; deeper requirements rule an item
 * out anyway. */
static void mark_requiring(px_txn *state, const px_fact *fact, const char *item_id, unsigned depth)
{
    char by_id[PX_ID_SIZE] = "";
    item_record by;

    while (depth > 0 && learning_state_next_requiring(state, fact->tenant, item_id, by_id)) {
        if (!learning_state_get_item(state, fact->tenant, by_id, &by))
            continue;
        for (uint8_t i = 0; i < by.outcome_count; i++)
            mark_people_with_gap(state, fact->tenant, by.outcomes[i].competency_id);
        if (is_asked_for(state, fact, &by))
            learning_mark_templates(state, fact->tenant);
        mark_requiring(state, fact, by_id, depth - 1);
    }
}

/* In whatever plan it is, it takes another part of what the person may spend. */
static void mark_spending(px_txn *state, const char *tenant, const item_record *before,
                          const item_record *item)
{
    policy_record policy = learning_state_get_policy(state, tenant);
    char person_id[PX_ID_SIZE] = "";

    if (before->version == 0 || !learning_policy_has_caps(&policy) ||
        (before->cost == item->cost && !(before->hours > item->hours) &&
         !(before->hours < item->hours)))
        return;
    while (px_people_next(state, tenant, person_id))
        learning_mark_person(state, tenant, person_id);
}

static px_item_kind effect_kind(uint8_t kind)
{
    switch ((LearningRecommender__ItemKind)kind) {
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO:
        return PX_MICRO;
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_ROUNDTABLE: /* learned by doing, with others */
        return PX_TASK;
    default:
        return PX_COURSE;
    }
}

/* What results have taught stays; before any the usual effect of its kind and hours is expected. */
static void teach(px_txn *state, const char *tenant, const char *item_id, const item_record *item,
                  const item_outcome *outcome)
{
    teaching_record t = { 0 };

    learning_state_get_teaching(state, tenant, outcome->competency_id, item_id, &t);
    t.offered = !item->retired;
    t.has_requires = item->require_count > 0;
    t.version = item->version;
    t.hours = item->hours;
    t.share = outcome->share;
    t.level_from = outcome->level_from;
    t.level_to = outcome->level_to;
    if (t.results == 0)
        t.effect = px_effect_start(effect_kind(item->kind), item->hours);
    learning_state_put_teaching(state, tenant, outcome->competency_id, item_id, &t);
    mark_people_with_gap(state, tenant, outcome->competency_id);
}

/* It teaches this no more, or is offered no more. */
static void stop_teaching(px_txn *state, const char *tenant, const char *item_id,
                          const char *competency_id, bool keep_share)
{
    teaching_record t;

    if (!learning_state_get_teaching(state, tenant, competency_id, item_id, &t))
        return;
    t.offered = false;
    if (!keep_share)
        t.share = 0.0;
    learning_state_put_teaching(state, tenant, competency_id, item_id, &t);
    mark_people_with_gap(state, tenant, competency_id);
}

static void read_outcomes(item_record *item, const LearningRecommenderFact__CatalogueItemDefined *f)
{
    PX_ASSERT(f->n_outcomes <= OUTCOMES_MAX);
    PX_ASSERT(f->n_requires <= REQUIRES_MAX);
    PX_ASSERT(f->n_prompt_days <= PROMPTS_MAX);
    item->outcome_count = (uint8_t)f->n_outcomes;
    for (size_t i = 0; i < f->n_outcomes; i++) {
        item_outcome *o = &item->outcomes[i];

        px_record_set_text(o->competency_id, PX_ID_SIZE, f->outcomes[i]->competency_id);
        o->share = f->outcomes[i]->share;
        o->level_from = f->outcomes[i]->level_from;
        o->level_to = f->outcomes[i]->level_to;
    }
    item->require_count = (uint8_t)f->n_requires;
    for (size_t i = 0; i < f->n_requires; i++)
        px_record_set_text(item->required[i], PX_ID_SIZE, f->requires[i]);
    item->prompt_count = (uint8_t)f->n_prompt_days;
    for (size_t i = 0; i < f->n_prompt_days; i++)
        item->prompt_days[i] = f->prompt_days[i];
}

static void keep_texts(px_txn *state, const char *tenant,
                       const LearningRecommenderFact__CatalogueItemDefined *f)
{
    item_texts texts;

    px_record_set_text(texts.title, sizeof texts.title, f->title);
    px_record_set_text(texts.url, sizeof texts.url, f->url);
    px_record_set_text(texts.credit, sizeof texts.credit, f->credit);
    px_record_set_text(texts.activity_id, sizeof texts.activity_id, f->activity_id);
    learning_state_put_texts(state, tenant, f->item_id, &texts);
}

void evolve_catalogue_item_defined(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__CatalogueItemDefined *f = fact->body;
    item_record before = { 0 };

    learning_state_get_item(state, fact->tenant, f->item_id, &before);
    item_record item = { .version = f->version,
                         .kind = (uint8_t)f->kind,
                         .hours = f->hours,
                         .mandatory = f->mandatory,
                         .cost = f->cost,
                         .completions = before.completions };
    read_outcomes(&item, f);
    learning_replace_outcomes(state, fact->tenant, &item);
    item.completion_evidence = (uint8_t)f->completion_evidence;
    item.attendance_completes = f->attendance_completes;
    learning_activity_token(item.activity, f->activity_id);
    learning_state_move_activity(state, fact->tenant, before.activity, item.activity, f->item_id);
    learning_state_put_item(state, fact->tenant, f->item_id, &item);
    keep_texts(state, fact->tenant, f);
    for (uint8_t i = 0; i < before.outcome_count; i++)
        stop_teaching(state, fact->tenant, f->item_id, before.outcomes[i].competency_id, false);
    for (uint8_t i = 0; i < item.outcome_count; i++)
        teach(state, fact->tenant, f->item_id, &item, &item.outcomes[i]);
    mark_people_planning(state, fact->tenant, f->item_id);
    mark_templates(state, fact, f->item_id, &before, &item);
    mark_requiring(state, fact, f->item_id, REQUIRED_DEPTH);
    mark_spending(state, fact->tenant, &before, &item);
}

void evolve_catalogue_item_retired(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__CatalogueItemRetired *f = fact->body;
    item_record item;

    if (!learning_state_get_item(state, fact->tenant, f->item_id, &item))
        return;
    item.retired = true;
    learning_state_put_item(state, fact->tenant, f->item_id, &item);
    for (uint8_t i = 0; i < item.outcome_count; i++)
        stop_teaching(state, fact->tenant, f->item_id, item.outcomes[i].competency_id, true);
    mark_people_planning(state, fact->tenant, f->item_id);
    mark_templates(state, fact, f->item_id, &item, &item);
    mark_requiring(state, fact, f->item_id, REQUIRED_DEPTH);
}

/* ---- what people do ---- */

static void set_state_in(px_txn *state, const char *tenant, const char *person_id, uint32_t number,
                         const char *item_id, uint8_t item_state)
{
    plan_record plan;

    if (!number || !learning_state_get_plan(state, tenant, person_id, number, &plan))
        return;
    int at = learning_plan_find(&plan, item_id);
    if (at < 0)
        return;
    plan.items[at].state = item_state;
    if (item_state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED)
        plan.kept_open = false; /* opened again, and something was done */
    learning_state_put_plan(state, tenant, person_id, number, &plan);
}

/* In the plan the fact names, and in every open plan of a template. */
static void set_item_state(px_txn *state, const char *tenant, const char *person_id,
                           const char *plan_id, const char *item_id, uint8_t item_state)
{
    char template_id[PX_ID_SIZE] = "";
    uint32_t named = learning_plan_number(plan_id, person_id), number;
    plan_record plan;

    set_state_in(state, tenant, person_id, named, item_id, item_state);
    while (learning_state_next_template_plan(state, tenant, person_id, template_id, &number, &plan))
        if (number != named && !plan.ended)
            set_state_in(state, tenant, person_id, number, item_id, item_state);
}

void evolve_item_started(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemStarted *f = fact->body;

    /* Erased between the decision and here: nothing of the person comes back. */
    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    learning_state_put_progress(state, fact->tenant, f->person_id, f->item_id, LEARNING_STARTED);
    set_item_state(state, fact->tenant, f->person_id, f->plan_id, f->item_id,
                   LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED);
    evolve_prompts_begin(state, fact->tenant, f->person_id, f->item_id, fact->decided_at_us);
    learning_mark_person(state, fact->tenant, f->person_id);
}

void evolve_item_completed(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemCompleted *f = fact->body;
    item_record item = { 0 };

    if (learning_state_get_item(state, fact->tenant, f->item_id, &item)) {
        item.completions++;
        learning_state_put_item(state, fact->tenant, f->item_id, &item);
    }
    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    learning_state_put_progress(state, fact->tenant, f->person_id, f->item_id, LEARNING_COMPLETED);
    set_item_state(state, fact->tenant, f->person_id, f->plan_id, f->item_id,
                   LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED);
    learning_state_spend(state, fact->tenant, f->person_id, f->item_id, fact->decided_at_us,
                         (uint32_t)(item.hours * 60.0 + 0.5), item.cost);
    learning_state_del_prompts(state, fact->tenant, f->person_id, f->item_id);
    learning_mark_person(state, fact->tenant, f->person_id);
}

/* It leaves the open plan by the next look at the person, and may be offered again by a later one.
 */
void evolve_item_declined(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemDeclined *f = fact->body;
    declined_record declined = { .declined_us = fact->decided_at_us, .shortfall = f->shortfall };

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    px_record_set_text(declined.competency_id, sizeof declined.competency_id, f->competency_id);
    learning_state_put_declined(state, fact->tenant, f->person_id, f->item_id, &declined);
    learning_state_del_wish(state, fact->tenant, f->person_id, f->item_id);
    learning_state_del_prompts(state, fact->tenant, f->person_id, f->item_id);
    learning_state_put_progress(state, fact->tenant, f->person_id, f->item_id,
                                LEARNING_NOT_STARTED);
    set_item_state(state, fact->tenant, f->person_id, f->plan_id, f->item_id,
                   LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED);
    learning_count_audiences(state, fact->tenant, fact->decided_at_us); /* who refused */
    learning_mark_person(state, fact->tenant, f->person_id);
}

void evolve_completion_voided(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__CompletionVoided *f = fact->body;
    item_record item;
    plan_record plan;
    uint32_t number;

    if (learning_state_get_item(state, fact->tenant, f->item_id, &item) && item.completions > 0) {
        item.completions--;
        learning_state_put_item(state, fact->tenant, f->item_id, &item);
    }
    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    learning_state_put_progress(state, fact->tenant, f->person_id, f->item_id, LEARNING_STARTED);
    learning_state_unspend(state, fact->tenant, f->person_id, f->item_id, fact->decided_at_us);
    char plan_id[PX_ID_SIZE] = "";
    if (learning_state_get_open_plan(state, fact->tenant, f->person_id, &number, &plan))
        learning_plan_id(plan_id, f->person_id, number);
    set_item_state(state, fact->tenant, f->person_id, plan_id, f->item_id,
                   LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED);
    learning_mark_person(state, fact->tenant, f->person_id);
}

/* ---- what learning did ---- */

void evolve_impact_updated(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ImpactUpdated *f = fact->body;
    impact_record record =
        learning_state_get_impact(state, fact->tenant, f->competency_id, f->item_id);

    record.said_looks = f->follow_ups;
    record.said_enough = f->enough_evidence;
    learning_state_put_impact(state, fact->tenant, f->competency_id, f->item_id, &record);
}
