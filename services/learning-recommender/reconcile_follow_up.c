/* reconcile_follow_up.c: when learning is looked at again: raters are asked, what they say now is
 * held against what was said before, and who says nothing is reminded of it once. */
#include <string.h>

#include "common/replaced.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_plan.h"

/* One follow-up, and who has rated since it was due. */
typedef struct {
    const px_view *state;
    const px_key *key;
    follow_up_key of;
    follow_up_record record;
    px_person person;
    char *plan_id;
    int64_t now_us;
    rating_behind by_manager, by_self; /* without a review id: none */
    px_facts *out;
} looking;

static void name_raters(const looking *l, char ***rater_ids, size_t *count, bool manager)
{
    px_arena *arena = px_facts_arena(l->out);

    *rater_ids = px_arena_alloc(arena, RATERS_ASKED_MAX * sizeof **rater_ids);
    if (!*rater_ids)
        return;
    if (manager)
        (*rater_ids)[(*count)++] = px_arena_strdup(arena, l->person.manager_id);
    (*rater_ids)[(*count)++] = px_arena_strdup(arena, l->of.person_id);
}

/* Whoever is asked late may have answered, or may be late already: that is said along with it. */
static void ask(looking *l)
{
    px_arena *arena = px_facts_arena(l->out);
    bool manager = px_people_is_active(l->state, l->key->tenant, l->person.manager_id);
    LearningRecommenderFact__FollowUpDue *fact =
        px_facts_add(l->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE);

    fact->person_id = px_arena_strdup(arena, l->of.person_id);
    fact->plan_id = l->plan_id;
    fact->competency_id = px_arena_strdup(arena, l->of.competency_id);
    fact->due_at_us = l->record.due_us;
    name_raters(l, &fact->rater_ids, &fact->n_rater_ids, manager);
    l->record.said = true;
    l->record.manager_asked = manager;
}

static void remind(const looking *l)
{
    px_arena *arena = px_facts_arena(l->out);
    LearningRecommenderFact__FollowUpOverdue *fact =
        px_facts_add(l->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE);

    fact->person_id = px_arena_strdup(arena, l->of.person_id);
    fact->plan_id = l->plan_id;
    fact->competency_id = px_arena_strdup(arena, l->of.competency_id);
    fact->due_at_us = l->record.due_us;
    name_raters(l, &fact->rater_ids, &fact->n_rater_ids,
                l->record.manager_asked &&
                    px_people_is_active(l->state, l->key->tenant, l->person.manager_id));
}

/* ---- what was said since ---- */

static void find_ratings(looking *l)
{
    ratings_record all =
        learning_state_get_ratings(l->state, l->key->tenant, l->of.person_id, l->of.competency_id);

    for (uint8_t i = 0; i < all.count; i++) { /* newest first */
        const rating_behind *r = &all.ratings[i];
        rating_behind *by = r->relation == PX_RELATION_SELF ? &l->by_self : &l->by_manager;

        if (r->occurred_at_us >= l->record.due_us && !by->review_id[0])
            *by = *r;
    }
}

/* What the competency of a planned item is now, when that is the one looked at. The plan may have
 * been said before it was renamed, merged or split. */
static bool is_for(const looking *l, const plan_item *item, px_successor *as)
{
    px_successors now = px_replaced_resolve(l->state, l->key->tenant, item->competency_id);
    const px_successor *found = px_successors_find(&now, l->of.competency_id);

    if (found)
        *as = *found;
    return found != NULL;
}

/* What the plan said of the level when the learning was planned. */
static const plan_item *planned_for(const looking *l, const plan_record *plan, px_successor *as)
{
    for (uint8_t i = 0; i < plan->item_count; i++)
        if (is_for(l, &plan->items[i], as))
            return &plan->items[i];
    return NULL;
}

static void name_tried(const looking *l, const plan_record *plan,
                       LearningRecommenderFact__FollowUpRecorded *fact)
{
    px_arena *arena = px_facts_arena(l->out);
    px_successor as;

    fact->item_ids = px_arena_alloc(arena, plan->item_count * sizeof *fact->item_ids);
    for (uint8_t i = 0; fact->item_ids && i < plan->item_count; i++)
        if (learning_plan_item_completed(&plan->items[i]) && is_for(l, &plan->items[i], &as))
            fact->item_ids[fact->n_item_ids++] = px_arena_strdup(arena, plan->items[i].item_id);
}

static void name_reviews(const looking *l, LearningRecommenderFact__FollowUpRecorded *fact)
{
    px_arena *arena = px_facts_arena(l->out);

    fact->review_ids = px_arena_alloc(arena, RATERS_ASKED_MAX * sizeof *fact->review_ids);
    if (!fact->review_ids)
        return;
    if (l->by_manager.review_id[0])
        fact->review_ids[fact->n_review_ids++] = px_arena_strdup(arena, l->by_manager.review_id);
    if (l->by_self.review_id[0])
        fact->review_ids[fact->n_review_ids++] = px_arena_strdup(arena, l->by_self.review_id);
}

static void record_outcome(const looking *l)
{
    px_arena *arena = px_facts_arena(l->out);
    standing_record standing;
    plan_record plan;
    px_successor as;

    if (!learning_state_get_standing(l->state, l->key->tenant, l->of.person_id, l->of.competency_id,
                                     &standing) ||
        !learning_state_get_plan(l->state, l->key->tenant, l->of.person_id, l->of.number, &plan))
        return;
    const plan_item *planned = planned_for(l, &plan, &as);
    if (!planned)
        return;
    LearningRecommenderFact__FollowUpRecorded *fact =
        px_facts_add(l->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED);
    fact->person_id = px_arena_strdup(arena, l->of.person_id);
    fact->plan_id = l->plan_id;
    fact->competency_id = px_arena_strdup(arena, l->of.competency_id);
    fact->before = px_successor_rating(&as, planned->mu);
    fact->after = standing.mu;
    fact->target = px_successor_rating(&as, planned->target);
    fact->at_level = !standing.open;
    name_reviews(l, fact);
    name_tried(l, &plan, fact);
}

/* Everybody asked has rated since, or whoever has once it is late; and what competency makes of the
 * ratings is known. */
static void look_at_answers(looking *l)
{
    bool late = l->now_us >= l->record.due_us + FOLLOW_UP_LATE_US;

    find_ratings(l);
    bool manager = l->by_manager.review_id[0] != '\0', self = l->by_self.review_id[0] != '\0';
    bool all = self && (manager || !l->record.manager_asked);
    bool answered =
        l->record.rated_us == 0 || l->now_us >= l->record.rated_us + FOLLOW_UP_ANSWER_US;

    if (!manager && !self) {
        if (late && !l->record.overdue)
            remind(l);
        return;
    }
    if ((all || late) && answered)
        record_outcome(l);
}

/* A draft is nobody's plan yet; its dates move when it is approved. */
static bool is_in_force(const looking *l)
{
    plan_record plan;

    return learning_state_get_plan(l->state, l->key->tenant, l->of.person_id, l->of.number,
                                   &plan) &&
           (plan.ended || plan.state == LEARNING_RECOMMENDER__PLAN_STATE__PLAN_STATE_ACTIVE);
}

void reconcile_follow_up(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    looking l = { .state = state,
                  .key = key,
                  .of = learning_follow_up_key(key->rest),
                  .now_us = now_us,
                  .out = out };
    char plan_id[PX_ID_SIZE];

    if (!px_people_get(state, key->tenant, l.of.person_id, &l.person) || !l.person.active ||
        !learning_state_get_follow_up(state, key->tenant, l.of.person_id, l.of.number,
                                      l.of.competency_id, &l.record) ||
        l.record.recorded || l.record.due_us > now_us)
        return;
    learning_plan_id(plan_id, l.of.person_id, l.of.number);
    l.plan_id = px_arena_strdup(px_facts_arena(out), plan_id);
    if (!l.record.said && is_in_force(&l))
        ask(&l);
    if (l.record.said)
        look_at_answers(&l);
}
