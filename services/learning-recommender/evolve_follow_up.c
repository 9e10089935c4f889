/* evolve_follow_up.c: what was asked, said and found when learning was looked at again -> state. */
#include "common/agenda.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/follow_up.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_plan.h"

/* What a fact is about; false when the person was erased meanwhile. */
typedef struct {
    const char *tenant, *person_id, *competency_id;
    uint32_t number;
    follow_up_record record;
} followed_up;

static bool find(const px_view *state, followed_up *of, const char *plan_id)
{
    of->number = learning_plan_number(plan_id, of->person_id);
    return learning_state_get_follow_up(state, of->tenant, of->person_id, of->number,
                                        of->competency_id, &of->record);
}

static void keep(px_txn *state, const followed_up *of)
{
    learning_state_put_follow_up(state, of->tenant, of->person_id, of->number, of->competency_id,
                                 of->record);
}

void evolve_follow_up_due(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__FollowUpDue *f = fact->body;
    followed_up of = { fact->tenant, f->person_id, f->competency_id, 0, { 0 } };

    if (!find(state, &of, f->plan_id))
        return;
    of.record.said = true;
    of.record.manager_asked = f->n_rater_ids > 1;
    keep(state, &of);
}

void evolve_follow_up_overdue(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__FollowUpOverdue *f = fact->body;
    followed_up of = { fact->tenant, f->person_id, f->competency_id, 0, { 0 } };

    if (!find(state, &of, f->plan_id))
        return;
    of.record.overdue = true;
    keep(state, &of);
}

/* What kinds of items were tried and left a gap, beside those that did before. */
static uint32_t wanting_kinds(const px_view *state, const char *tenant,
                              const LearningRecommenderFact__FollowUpRecorded *f)
{
    uint32_t kinds = learning_state_get_wanting(state, tenant, f->person_id, f->competency_id);
    item_record item;

    for (size_t i = 0; i < f->n_item_ids; i++)
        if (learning_state_get_item(state, tenant, f->item_ids[i], &item) && item.kind < 32)
            kinds |= UINT32_C(1) << item.kind;
    return kinds;
}

void evolve_follow_up_recorded(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__FollowUpRecorded *f = fact->body;
    followed_up of = { fact->tenant, f->person_id, f->competency_id, 0, { 0 } };

    if (!find(state, &of, f->plan_id))
        return;
    of.record.recorded = true;
    keep(state, &of);
    learning_state_put_wanting(state, fact->tenant, f->person_id, f->competency_id,
                               f->at_level ? 0 : wanting_kinds(state, fact->tenant, f));
    px_mark(state, KEY_PERSON, fact->tenant, px_text_bytes(f->person_id));
}

/* ---- what others say meanwhile ---- */

void follow_up_hear_rating(px_txn *state, const char *tenant, const char *person_id,
                           const char *competency_id, int64_t occurred_us, int64_t now_us)
{
    uint32_t numbers[FOLLOW_UPS_MAX];
    size_t count =
        learning_state_asked_follow_ups(state, tenant, person_id, competency_id, numbers);
    follow_up_record follow_up;

    for (size_t i = 0; i < count; i++) {
        if (!learning_state_get_follow_up(state, tenant, person_id, numbers[i], competency_id,
                                          &follow_up) ||
            occurred_us < follow_up.due_us)
            continue;
        follow_up.rated_us = now_us;
        learning_state_put_follow_up(state, tenant, person_id, numbers[i], competency_id,
                                     follow_up);
    }
}

void follow_up_hear_level(px_txn *state, const char *tenant, const char *person_id,
                          const char *competency_id)
{
    uint32_t numbers[FOLLOW_UPS_MAX];
    size_t count =
        learning_state_asked_follow_ups(state, tenant, person_id, competency_id, numbers);
    follow_up_record follow_up;

    for (size_t i = 0; i < count; i++) {
        if (!learning_state_get_follow_up(state, tenant, person_id, numbers[i], competency_id,
                                          &follow_up) ||
            !follow_up.rated_us)
            continue;
        follow_up.rated_us = 0;
        learning_state_put_follow_up(state, tenant, person_id, numbers[i], competency_id,
                                     follow_up);
        learning_state_mark_follow_up(state, tenant, person_id, numbers[i], competency_id);
    }
}

/* ---- what a plan rested on was taken back ---- */

void evolve_plan_relabelled(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PlanRelabelled *f = fact->body;
    uint32_t number = learning_plan_number(f->plan_id, f->person_id);
    plan_record plan;

    if (!number || !learning_state_get_plan(state, fact->tenant, f->person_id, number, &plan))
        return; /* erased meanwhile */
    plan.voluntary = f->voluntary;
    learning_state_put_plan(state, fact->tenant, f->person_id, number, &plan);
}
