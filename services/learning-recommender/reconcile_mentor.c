/* reconcile_mentor.c: a colleague who can do it and offered to help, for each gap of an open plan.
 */
#include <math.h>
#include <string.h>

#include "common/effect.h"
#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/problem.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_mentor.h"

/* A person with an open plan, and who was suggested for it in this look. */
typedef struct {
    const px_view *state;
    const char *tenant;
    char person_id[PX_ID_SIZE];
    plan_record plan;
    int64_t now_us;
    uint8_t asked_count;
    char asked_ids[PLAN_ITEMS_MAX][PX_ID_SIZE];
    px_facts *out;
} mentee;

/* ---- what they would do together ---- */

static bool is_together(uint8_t kind)
{
    return kind == LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING ||
           kind == LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_ROUNDTABLE;
}

static bool suits(const mentee *m, const char *item_id, const teaching_record *t, double mu)
{
    item_record item;

    return t->offered && t->share > 0.0 && px_zone(mu, t->level_from, t->level_to) > 0.0 &&
           learning_state_get_item(m->state, m->tenant, item_id, &item) && is_together(item.kind) &&
           item.require_count == 0 &&
           learning_state_get_progress(m->state, m->tenant, m->person_id, item_id) !=
               LEARNING_COMPLETED &&
           learning_state_get_declined(m->state, m->tenant, m->person_id, item_id).declined_us == 0;
}

/* The first that suits in the order of ids. */
static bool find_item(const mentee *m, const char *competency_id, double mu,
                      char item_id[PX_ID_SIZE])
{
    teaching_record t;
    teaching_scan scan;
    bool found = false;

    learning_state_scan_teaching(&scan, m->state, m->tenant, competency_id);
    while (!found && learning_state_next_teaching(&scan, item_id, &t))
        found = suits(m, item_id, &t, mu);
    learning_state_end_teaching(&scan);
    return found;
}

/* ---- with whom ---- */

static bool has_declined(const mentoring_record *mentoring, const char *mentor_id)
{
    for (uint8_t i = 0; i < mentoring->declined_count; i++)
        if (strcmp(mentoring->declined_ids[i], mentor_id) == 0)
            return true;
    return false;
}

static uint32_t room_of(const mentee *m, const char *mentor_id)
{
    mentor_record record = learning_state_get_mentor(m->state, m->tenant, mentor_id);
    uint32_t room = learning_mentor_room(&record, m->now_us);

    for (uint8_t i = 0; i < m->asked_count && room > 0; i++)
        room -= strcmp(m->asked_ids[i], mentor_id) == 0;
    return room;
}

/* Whether they are there and surely at the level that is asked; what few peers said is not used. */
static bool read_mentor(const mentee *m, const char *competency_id, double target,
                        const mentoring_record *mentoring, mentor *out)
{
    standing_record standing;

    if (!px_people_is_active(m->state, m->tenant, out->id) || has_declined(mentoring, out->id) ||
        !learning_state_get_standing(m->state, m->tenant, out->id, competency_id, &standing) ||
        !plan_standing_shows(&standing))
        return false;
    out->mu = standing.mu;
    out->sd = sqrt(standing.var);
    out->room = room_of(m, out->id);
    return out->mu - 0.5 * out->sd >= target;
}

/* Each against the best so far, who has no room before there is one. */
static bool find_mentor(const mentee *m, const char *competency_id, double target,
                        const mentoring_record *mentoring, char best_id[PX_ID_SIZE])
{
    char mentor_id[PX_ID_SIZE] = "";
    mentor two[] = { { .id = best_id }, { .id = mentor_id } };

    best_id[0] = '\0';
    while (learning_state_next_mentor(m->state, m->tenant, competency_id, mentor_id)) {
        if (!read_mentor(m, competency_id, target, mentoring, &two[1]) ||
            mentor_find(two, PX_COUNT(two), m->person_id) != 1)
            continue;
        memcpy(best_id, mentor_id, PX_ID_SIZE);
        two[0] = two[1];
        two[0].id = best_id;
    }
    return best_id[0] != '\0';
}

/* ---- all of it ---- */

static bool is_settled(const mentee *m, const mentoring_record *mentoring)
{
    return mentoring->state == MENTORING_ACCEPTED ||
           mentoring->declined_count == MENTORS_DECLINED_MAX ||
           (mentoring->state == MENTORING_SUGGESTED &&
            px_people_is_active(m->state, m->tenant, mentoring->mentor_id));
}

static void look_at(mentee *m, const plan_item *planned)
{
    mentoring_record mentoring =
        learning_state_get_mentoring(m->state, m->tenant, m->person_id, planned->competency_id);
    char mentor_id[PX_ID_SIZE], item_id[PX_ID_SIZE];
    standing_record standing;

    if (is_settled(m, &mentoring) ||
        !learning_state_get_standing(m->state, m->tenant, m->person_id, planned->competency_id,
                                     &standing) ||
        !plan_standing_is_gap(&standing) ||
        !find_item(m, planned->competency_id, standing.mu, item_id) ||
        !find_mentor(m, planned->competency_id, planned->target, &mentoring, mentor_id))
        return;
    LearningRecommenderFact__MentorSuggested *fact =
        px_facts_add(m->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED);
    fact->person_id = px_arena_strdup(px_facts_arena(m->out), m->person_id);
    fact->mentor_id = px_arena_strdup(px_facts_arena(m->out), mentor_id);
    fact->competency_id = px_arena_strdup(px_facts_arena(m->out), planned->competency_id);
    fact->item_id = px_arena_strdup(px_facts_arena(m->out), item_id);
    px_record_set_text(m->asked_ids[m->asked_count++], PX_ID_SIZE, mentor_id);
}

static bool is_first_of(const plan_record *plan, uint8_t at)
{
    for (uint8_t i = 0; i < at; i++)
        if (strcmp(plan->items[i].competency_id, plan->items[at].competency_id) == 0)
            return false;
    return plan->items[at].competency_id[0] != '\0';
}

void reconcile_mentors(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    mentee m = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };
    uint32_t number;

    learning_read_id(m.person_id, key->rest);
    if (!px_people_is_active(state, m.tenant, m.person_id) ||
        !learning_state_get_open_plan(state, m.tenant, m.person_id, &number, &m.plan))
        return;
    for (uint8_t i = 0; i < m.plan.item_count; i++)
        if (is_first_of(&m.plan, i))
            look_at(&m, &m.plan.items[i]);
}
