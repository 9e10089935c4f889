/* plan_say.c: plans as facts. */
#include "services/learning-recommender/plan_say.h"

#include <string.h>

#include "services/learning-recommender/plan_fact.h"
#include "services/learning-recommender/state_policy.h"

static px_arena *arena_of(const plan_subject *s)
{
    return px_facts_arena(s->out);
}

static char *copy(const plan_subject *s, const char *text)
{
    return px_arena_strdup(arena_of(s), text);
}

static char *plan_id_of(const plan_subject *s)
{
    char plan_id[PX_ID_SIZE];

    learning_plan_id(plan_id, s->person_id, s->number);
    return copy(s, plan_id);
}

/* The role of their job, which a plan names; what is asked may come from others they hold too. */
static char *role_id_of(const plan_subject *s)
{
    char role_id[PX_ID_SIZE];

    px_roles_get_slot(s->state, s->tenant, s->person_id, PX_ROLE_MAIN, role_id);
    return copy(s, role_id);
}

void plan_say_proposed(const plan_subject *s, const plan_record *plan)
{
    LearningRecommenderFact__PlanProposed *fact =
        px_facts_add(s->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED);

    fact->plan_id = plan_id_of(s);
    fact->person_id = copy(s, s->person_id);
    fact->role_id = role_id_of(s);
    fact->items = plan_items_to_fact(plan, arena_of(s));
    fact->n_items = fact->items ? plan->item_count : 0;
    fact->value = plan->value;
    fact->hours = plan->hours;
    fact->rule_version = plan->rule_version;
    fact->cause_review_ids = plan_causes_to_fact(plan, arena_of(s));
    fact->n_cause_review_ids = fact->cause_review_ids ? plan->cause_count : 0;
    fact->state = plan->state;
    fact->template_id = copy(s, plan->template_id);
    fact->optional_needed = plan->optional_needed;
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

void plan_say_revised(const plan_subject *s, const plan_record *before, const plan_record *plan)
{
    LearningRecommenderFact__PlanRevised *fact =
        px_facts_add(s->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED);

    fact->plan_id = plan_id_of(s);
    fact->person_id = copy(s, s->person_id);
    fact->role_id = role_id_of(s);
    fact->items = plan_items_to_fact(plan, arena_of(s));
    fact->n_items = fact->items ? plan->item_count : 0;
    fact->value = plan->value;
    fact->hours = plan->hours;
    fact->rule_version = plan->rule_version;
    fact->revision = plan->revision;
    fact->optional_needed = plan->optional_needed;
    fact->added_item_ids = items_only_in(plan, before, &fact->n_added_item_ids, arena_of(s));
    fact->dropped_item_ids = items_only_in(before, plan, &fact->n_dropped_item_ids, arena_of(s));
    fact->cause_review_ids = plan_causes_to_fact(plan, arena_of(s));
    fact->n_cause_review_ids = fact->cause_review_ids ? plan->cause_count : 0;
}

void plan_say_deferred(const plan_subject *s, const plan_record *plan, int64_t now_us)
{
    policy_record policy = learning_state_get_policy(s->state, s->tenant);
    int64_t until_us = learning_policy_period_end(&policy, now_us);
    uint32_t number = plan->template_id[0] ? s->number : 0;

    for (uint8_t i = 0; i < plan->deferred_count; i++) {
        const plan_deferral *d = &plan->deferred[i];

        if (learning_state_get_deferred(s->state, s->tenant, s->person_id, number, d->item_id) ==
            until_us)
            continue;
        LearningRecommenderFact__ItemDeferred *fact =
            px_facts_add(s->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED);
        fact->person_id = copy(s, s->person_id);
        fact->item_id = copy(s, d->item_id);
        fact->until_us = until_us;
        fact->over_minutes = d->over_minutes;
        fact->over_cost = d->over_cost;
        fact->plan_id = plan_id_of(s);
    }
}

/* ---- ends ---- */

static bool was_issue_before(const plan_record *plan, uint8_t at)
{
    for (uint8_t i = 0; i < at; i++)
        if (strcmp(plan->items[i].competency_id, plan->items[at].competency_id) == 0)
            return true;
    return false;
}

/* Each competency the plan was for, as it stands now. */
static void add_levels(const plan_subject *s, const plan_record *plan,
                       LearningRecommenderFact__PlanEnded *fact)
{
    LearningRecommenderFact__LevelSnapshot *all =
        px_arena_alloc(arena_of(s), plan->item_count * sizeof *all);
    standing_record now;

    fact->levels = px_arena_alloc(arena_of(s), plan->item_count * sizeof *fact->levels);
    if (!all || !fact->levels)
        return; /* the overflow sticks and fails the batch */
    for (uint8_t i = 0; i < plan->item_count; i++) {
        const plan_item *item = &plan->items[i];
        LearningRecommenderFact__LevelSnapshot *level = &all[fact->n_levels];

        if (was_issue_before(plan, i) ||
            !learning_state_get_standing(s->state, s->tenant, s->person_id, item->competency_id,
                                         &now))
            continue;
        *level =
            (LearningRecommenderFact__LevelSnapshot)LEARNING_RECOMMENDER_FACT__LEVEL_SNAPSHOT__INIT;
        level->competency_id = copy(s, item->competency_id);
        level->mu = now.mu;
        level->variance = now.var;
        level->target = item->target;
        fact->levels[fact->n_levels++] = level;
    }
}

void plan_say_ended(const plan_subject *s, const plan_record *plan,
                    LearningRecommender__PlanEnd reason, const char *actor_id)
{
    LearningRecommenderFact__PlanEnded *fact =
        px_facts_add(s->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED);

    fact->plan_id = plan_id_of(s);
    fact->person_id = copy(s, s->person_id);
    fact->reason = (uint32_t)reason;
    fact->actor_id = copy(s, actor_id);
    if (plan && reason == LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED)
        add_levels(s, plan, fact);
}
