/* reconcile_initiative.c: how far an initiative has come, counted over its audience. */
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "services/learning-recommender/initiative.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/template.h"

/* A plan that is open or was completed. */
static bool is_in_plan(const px_view *state, const char *tenant, const char *person_id,
                       const char *initiative_id)
{
    template_plan row = learning_state_get_template_plan(state, tenant, person_id, initiative_id);
    plan_record plan;

    return row.number && learning_state_get_plan(state, tenant, person_id, row.number, &plan) &&
           (!plan.ended || plan.ended == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED);
}

static void count_person(const px_view *state, const char *tenant, const char *person_id,
                         const char *initiative_id, const initiative_part *of,
                         initiative_figures *figures)
{
    initiative_lacks lacks;

    initiative_lacks_find(&lacks, state, tenant, person_id, of);
    figures->people++;
    if (lacks.count == 0)
        figures->have++;
    else if (is_in_plan(state, tenant, person_id, initiative_id))
        figures->in_plan++;
    else if (initiative_is_refused(&lacks))
        figures->refused++;
}

static bool is_same(const initiative_figures *a, const initiative_figures *b)
{
    return a->have == b->have && a->in_plan == b->in_plan && a->refused == b->refused &&
           a->people == b->people;
}

void reconcile_initiative(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    char initiative_id[PX_ID_SIZE], person_id[PX_ID_SIZE] = "";
    initiative_figures now = { 0 };
    template_record record;

    (void)now_us;
    learning_read_id(initiative_id, key->rest);
    if (!learning_state_get_template(state, key->tenant, initiative_id, &record) ||
        record.initiative.ended)
        return;
    while (px_people_next(state, key->tenant, person_id))
        if (px_people_is_active(state, key->tenant, person_id) &&
            template_is_for(state, key->tenant, person_id, &record))
            count_person(state, key->tenant, person_id, initiative_id, &record.initiative, &now);
    if (is_same(&now, &record.initiative.said))
        return;
    LearningRecommenderFact__InitiativeProgress *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS);
    fact->initiative_id = px_arena_strdup(px_facts_arena(out), initiative_id);
    fact->have = now.have;
    fact->in_plan = now.in_plan;
    fact->refused = now.refused;
    fact->people = now.people;
}
