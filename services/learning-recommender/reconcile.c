/* reconcile.c: what should hold now: at most one open plan for everybody with a gap, as it reads
 * best, and what learning did. Said twice it says nothing. Follow-ups: reconcile_follow_up.c. */
#include <string.h>

#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/known.h"
#include "services/learning-recommender/plan.h"
#include "services/learning-recommender/plan_say.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_impact.h"
#include "services/learning-recommender/state_policy.h"

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

static plan_subject subject_of(const learner_context *c, uint32_t number)
{
    return (plan_subject){ c->state, c->tenant, c->person_id, number, c->out };
}

static void end_plan(const learner_context *c, LearningRecommender__PlanEnd reason)
{
    plan_subject subject = subject_of(c, c->learner.open_plan);

    plan_say_ended(&subject, &c->plan, reason, "");
}

/* ---- what the open plan needs ---- */

static size_t count_items(const plan_record *plan, LearningRecommender__ItemState state)
{
    size_t n = 0;

    for (uint8_t i = 0; i < plan->item_count; i++)
        n += plan->items[i].state == (uint8_t)state;
    return n;
}

/* Something was started, or a person wanted it so. */
static bool is_under_way(const plan_record *plan)
{
    for (uint8_t i = 0; i < plan->item_count; i++)
        if (plan->items[i].state == LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED ||
            (plan->items[i].chosen_by_id[0] && !learning_plan_item_done(&plan->items[i])))
            return true;
    return false;
}

/* Says which items the person does not need any more; the plan goes on without them. */
static void waive_items(learner_context *c)
{
    px_arena *arena = px_facts_arena(c->out);
    char plan_id[PX_ID_SIZE], evidence_id[PX_ID_SIZE];

    learning_plan_id(plan_id, c->person_id, c->learner.open_plan);
    for (uint8_t i = 0; i < c->plan.item_count; i++) {
        plan_item *item = &c->plan.items[i];
        standing_record standing = { 0 };

        if (!learning_is_waived(c->state, c->tenant, c->person_id, item))
            continue;
        learning_state_get_standing(c->state, c->tenant, c->person_id, item->competency_id,
                                    &standing);
        learning_newest_evidence(c->state, c->tenant, c->person_id, item->competency_id,
                                 evidence_id);
        LearningRecommenderFact__ItemWaived *fact =
            px_facts_add(c->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED);
        fact->person_id = px_arena_strdup(arena, c->person_id);
        fact->item_id = px_arena_strdup(arena, item->item_id);
        fact->plan_id = px_arena_strdup(arena, plan_id);
        fact->competency_id = px_arena_strdup(arena, item->competency_id);
        fact->mu = standing.mu;
        fact->variance = standing.var;
        fact->evidence_id = px_arena_strdup(arena, evidence_id);
        fact->minutes_saved = (uint32_t)(item->hours * 60.0 + 0.5);
        item->state = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_WAIVED;
    }
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

/* With something under way a plan outlives what it rested on: then it is the person's own wish. */
static void relabel(const learner_context *c, bool voluntary)
{
    char plan_id[PX_ID_SIZE];

    if (c->plan.voluntary == voluntary)
        return;
    LearningRecommenderFact__PlanRelabelled *fact =
        px_facts_add(c->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED);
    learning_plan_id(plan_id, c->person_id, c->learner.open_plan);
    fact->plan_id = px_arena_strdup(px_facts_arena(c->out), plan_id);
    fact->person_id = px_arena_strdup(px_facts_arena(c->out), c->person_id);
    fact->voluntary = voluntary;
}

static bool is_being_reviewed(const plan_record *plan)
{
    return plan->state == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW ||
           plan->state == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_IN_REVIEW;
}

static void look_at_open_plan(const learner_context *c, plan_problem *p)
{
    plan_subject subject = subject_of(c, c->learner.open_plan);
    plan_record revised;

    if (p->gaps == 0) {
        /* Another role or target: wait for what competency says of the gaps. */
        if (learning_state_gap_outside(c->state, c->tenant, c->person_id))
            return;
        if (!is_under_way(&c->plan) && !c->plan.kept_open) {
            end_without_gaps(c);
            return;
        }
        if (was_withdrawn(c))
            relabel(c, true);
    } else {
        relabel(c, false);
    }
    if (is_being_reviewed(&c->plan))
        return; /* what is approved is what was looked at */
    plan_problem_add_items(p, &c->plan);
    if (!plan_revise(p, &c->plan, c->now_us, &revised))
        return;
    if (revised.item_count == 0 && c->plan.kept_open)
        return; /* who opened it again decides what becomes of it */
    plan_say_deferred(&subject, &revised, c->now_us);
    if (revised.item_count == 0)
        end_plan(c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT);
    else
        plan_say_revised(&subject, &c->plan, &revised);
}

static void look_for_plan(const learner_context *c, plan_problem *p)
{
    plan_subject subject = subject_of(c, c->learner.plan_count + 1);
    plan_record plan;

    if (p->gaps == 0 || c->now_us < c->learner.quiet_until_us)
        return;
    plan_problem_add_items(p, NULL);
    bool any = plan_make(p, c->now_us, &plan);
    plan_say_deferred(&subject, &plan, c->now_us);
    if (!any)
        return;
    plan.state = learning_state_get_policy(c->state, c->tenant).review_needed
                     ? LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_WAITING_FOR_REVIEW
                     : LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE;
    plan_say_proposed(&subject, &plan);
}

static void plan_for(const learner_context *c)
{
    plan_problem problem;
    px_arena scratch;

    /* Of its own, so that planning for many in one batch takes no more room than for one. */
    PX_ASSERT(px_arena_init(&scratch, PROBLEM_ARENA_BYTES));
    plan_problem_begin(&problem, c->state, c->tenant, c->person_id, c->now_us, &plan_settings_usual,
                       &scratch);
    if (c->learner.open_plan)
        look_at_open_plan(c, &problem);
    else
        look_for_plan(c, &problem);
    px_arena_fini(&scratch);
}

static void look_at_person(learner_context *c)
{
    c->learner = learning_state_get_learner(c->state, c->tenant, c->person_id);
    if (!px_people_is_active(c->state, c->tenant, c->person_id)) {
        if (c->learner.open_plan)
            end_plan(c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE);
        return;
    }
    if (c->learner.open_plan) {
        if (!learning_state_get_plan(c->state, c->tenant, c->person_id, c->learner.open_plan,
                                     &c->plan)) {
            /* Erased and recorded anew before the plan's end was said. */
            end_plan(c, LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE);
            return;
        }
        waive_items(c);
        if (learning_plan_done(&c->plan) && !c->plan.kept_open) {
            end_plan(c,
                     count_items(&c->plan, LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED)
                         ? LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED
                         : LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED);
            return;
        }
    }
    plan_for(c);
}

void reconcile_learner(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    learner_context c = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };

    learning_read_id(c.person_id, key->rest);
    look_at_person(&c);
}

/* Which item it is does not matter: the plan is looked at as a whole. */
void reconcile_offer_again(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    learner_context c = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };

    memcpy(c.person_id, learning_item_key(key->rest).person_id, sizeof c.person_id);
    look_at_person(&c);
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
