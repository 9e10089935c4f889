/* reconcile.c: what should hold now: at most one open plan for everybody with a gap, as it reads
 * best, and what learning did. Said twice it says nothing. Follow-ups: reconcile_follow_up.c. */
#include <string.h>

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/learning-recommender/plan.h"
#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_impact.h"

/* A person to plan for, with the open plan if there is one. */
typedef struct {
    const px_view *state;
    const char *tenant;
    char person_id[PX_ID_SIZE];
    learner_record learner;
    plan_record plan; /* of learner.open_plan */
    int64_t now_us;
    px_facts *out;
} learner_context;

/* ---- stating ---- */

static char *plan_id_of(const learner_context *c, uint32_t number)
{
    char plan_id[PX_ID_SIZE];

    learning_plan_id(plan_id, c->person_id, number);
    return px_arena_strdup(px_facts_arena(c->out), plan_id);
}

static void end_plan(const learner_context *c, LearningRecommender__PlanEnd reason)
{
    LearningRecommenderFact__PlanEnded *fact =
        px_facts_add(c->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED);

    fact->plan_id = plan_id_of(c, c->learner.open_plan);
    fact->person_id = px_arena_strdup(px_facts_arena(c->out), c->person_id);
    fact->reason = (uint32_t)reason;
}

/* The role of their job, which a plan names; what is asked may come from others they hold too. */
static char *role_id_of(const learner_context *c)
{
    char role_id[PX_ID_SIZE];

    px_roles_get_slot(c->state, c->tenant, c->person_id, PX_ROLE_MAIN, role_id);
    return px_arena_strdup(px_facts_arena(c->out), role_id);
}

static void propose_plan(const learner_context *c, const plan_record *plan)
{
    px_arena *arena = px_facts_arena(c->out);
    LearningRecommenderFact__PlanProposed *fact =
        px_facts_add(c->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED);

    fact->plan_id = plan_id_of(c, c->learner.plan_count + 1);
    fact->person_id = px_arena_strdup(arena, c->person_id);
    fact->role_id = role_id_of(c);
    fact->items = plan_items_to_fact(plan, arena);
    fact->n_items = fact->items ? plan->item_count : 0;
    fact->value = plan->value;
    fact->hours = plan->hours;
    fact->rule_version = plan->rule_version;
    fact->cause_review_ids = plan_causes_to_fact(plan, arena);
    fact->n_cause_review_ids = fact->cause_review_ids ? plan->cause_count : 0;
}

/* Ids of the items of `plan` that are not in `other`. */
static char **items_only_in(const plan_record *plan, const plan_record *other, size_t *count,
                            px_arena *arena)
{
    char **ids = px_arena_alloc(arena, plan->item_count * sizeof *ids);

    *count = 0;
    for (uint8_t i = 0; ids && i < plan->item_count; i++)
        if (learning_plan_find(other, plan->items[i].item_id) < 0)
            ids[(*count)++] = px_arena_strdup(arena, plan->items[i].item_id);
    return ids;
}

static void revise_plan(const learner_context *c, const plan_record *plan)
{
    px_arena *arena = px_facts_arena(c->out);
    LearningRecommenderFact__PlanRevised *fact =
        px_facts_add(c->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED);

    fact->plan_id = plan_id_of(c, c->learner.open_plan);
    fact->person_id = px_arena_strdup(arena, c->person_id);
    fact->role_id = role_id_of(c);
    fact->items = plan_items_to_fact(plan, arena);
    fact->n_items = fact->items ? plan->item_count : 0;
    fact->value = plan->value;
    fact->hours = plan->hours;
    fact->rule_version = plan->rule_version;
    fact->revision = plan->revision;
    fact->added_item_ids = items_only_in(plan, &c->plan, &fact->n_added_item_ids, arena);
    fact->dropped_item_ids = items_only_in(&c->plan, plan, &fact->n_dropped_item_ids, arena);
    fact->cause_review_ids = plan_causes_to_fact(plan, arena);
    fact->n_cause_review_ids = fact->cause_review_ids ? plan->cause_count : 0;
}

/* ---- what the open plan needs ---- */

static size_t count_items(const plan_record *plan, LearningRecommender__ItemState state)
{
    size_t n = 0;

    for (uint8_t i = 0; i < plan->item_count; i++)
        n += plan->items[i].state == (uint8_t)state;
    return n;
}

static bool all_completed(const plan_record *plan)
{
    return count_items(plan, LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED) ==
           plan->item_count;
}

/* Whether a gap of the plan went because what it rested on was taken back. */
static bool was_withdrawn(const learner_context *c)
{
    for (uint8_t i = 0; i < c->plan.item_count; i++) {
        standing_record s;

        if (!learning_state_get_standing(c->state, c->tenant, c->person_id,
                                         c->plan.items[i].competency_id, &s))
            continue;
        if (s.open ? !plan_standing_is_gap(&s)
                   : s.closed_by == COMPETENCY__CHANGE_REASON__CHANGE_REASON_WITHDRAWN)
            return true;
    }
    return false;
}

/* No gap is left, and nothing of the plan is under way. */
static void end_without_gaps(const learner_context *c)
{
    end_plan(c, was_withdrawn(c) ? LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN
                                 : LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED);
}

static void look_at_open_plan(const learner_context *c, plan_problem *p)
{
    size_t started = count_items(&c->plan, LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED);
    plan_record revised;

    if (p->gaps == 0) {
        /* Another role or target: wait for what competency says of the gaps. */
        if (learning_state_gap_outside(c->state, c->tenant, c->person_id))
            return;
        if (started == 0) {
            end_without_gaps(c);
            return;
        }
    }
    plan_problem_add_items(p, &c->plan);
    if (!plan_revise(p, &c->plan, c->now_us, &revised))
        return;
    if (revised.item_count == 0)
        end_plan(c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT);
    else
        revise_plan(c, &revised);
}

static void look_for_plan(const learner_context *c, plan_problem *p)
{
    plan_record plan;

    if (p->gaps == 0)
        return;
    plan_problem_add_items(p, NULL);
    if (plan_make(p, c->now_us, &plan))
        propose_plan(c, &plan);
}

static void plan_for(const learner_context *c)
{
    plan_problem problem;
    px_arena scratch;

    /* Of its own, so that planning for many in one batch takes no more room than for one. */
    PX_ASSERT(px_arena_init(&scratch, PROBLEM_ARENA_BYTES));
    plan_problem_begin(&problem, c->state, c->tenant, c->person_id, c->now_us, &scratch);
    if (c->learner.open_plan)
        look_at_open_plan(c, &problem);
    else
        look_for_plan(c, &problem);
    px_arena_fini(&scratch);
}

static void read_id(char id[PX_ID_SIZE], px_bytes bytes)
{
    PX_ASSERT(bytes.size < PX_ID_SIZE);
    memcpy(id, bytes.data, bytes.size);
    id[bytes.size] = '\0';
}

void reconcile_learner(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    learner_context c = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };

    read_id(c.person_id, key->rest);
    c.learner = learning_state_get_learner(state, key->tenant, c.person_id);
    if (!px_people_is_active(state, key->tenant, c.person_id)) {
        if (c.learner.open_plan)
            end_plan(&c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE);
        return;
    }
    if (c.learner.open_plan) {
        if (!learning_state_get_plan(state, key->tenant, c.person_id, c.learner.open_plan,
                                     &c.plan)) {
            /* Erased and recorded anew before the plan's end was said. */
            end_plan(&c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE);
            return;
        }
        if (all_completed(&c.plan)) {
            end_plan(&c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED);
            return;
        }
    }
    plan_for(&c);
}

/* ---- what learning did ---- */

void reconcile_impact(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    impact_key k = learning_impact_key(key->rest);
    impact_record record =
        learning_state_get_impact(state, key->tenant, k.competency_id, k.item_id);
    impact_report report;

    (void)now_us;
    if (!impact_is_news(&record.all, record.said_looks, record.said_enough) ||
        !impact_of(&record.all, &report))
        return;
    LearningRecommenderFact__ImpactUpdated *fact =
        px_facts_add(out, LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED);
    fact->competency_id = px_arena_strdup(px_facts_arena(out), k.competency_id);
    fact->item_id = px_arena_strdup(px_facts_arena(out), k.item_id);
    fact->effect = report.effect;
    fact->low = report.low;
    fact->high = report.high;
    fact->enough_evidence = report.enough;
    fact->follow_ups = record.all.looks;
    fact->control_ratings = record.all.control_count;
}
