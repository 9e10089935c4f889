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
#include "services/learning-recommender/state_progress.h"

enum {
    OPENINGS_MAX = 16, /* that are tried in one look, when a slot is free again */
    MENTEES_MAX = 1024 /* people without a mentor who are looked at for them */
};

/* A person with an open plan, and who was suggested in this look. */
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

/* Or has not answered in time. */
static bool has_declined(const mentoring_record *mentoring, const char *mentor_id)
{
    return (mentoring->state == MENTORING_SUGGESTED &&
            strcmp(mentoring->mentor_id, mentor_id) == 0) ||
           px_ids_has(mentoring->declined_ids, mentoring->declined_count, mentor_id);
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
            m->now_us < mentoring->suggested_us + MENTORING_US &&
            px_people_is_active(m->state, m->tenant, mentoring->mentor_id));
}

static void suggest(mentee *m, const char *competency_id, const char *mentor_id,
                    const char *item_id)
{
    LearningRecommenderFact__MentorSuggested *fact =
        px_facts_add(m->out, LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED);

    fact->person_id = px_arena_strdup(px_facts_arena(m->out), m->person_id);
    fact->mentor_id = px_arena_strdup(px_facts_arena(m->out), mentor_id);
    fact->competency_id = px_arena_strdup(px_facts_arena(m->out), competency_id);
    fact->item_id = px_arena_strdup(px_facts_arena(m->out), item_id);
    px_record_set_text(m->asked_ids[m->asked_count++], PX_ID_SIZE, mentor_id);
}

static void look_at(mentee *m, const plan_item *planned)
{
    mentoring_record mentoring =
        learning_state_get_mentoring(m->state, m->tenant, m->person_id, planned->competency_id);
    char mentor_id[PX_ID_SIZE], item_id[PX_ID_SIZE];
    standing_record standing;

    if (!is_settled(m, &mentoring) &&
        learning_state_get_standing(m->state, m->tenant, m->person_id, planned->competency_id,
                                    &standing) &&
        plan_standing_is_gap(&standing) &&
        find_item(m, planned->competency_id, standing.mu, item_id) &&
        find_mentor(m, planned->competency_id, planned->target, &mentoring, mentor_id))
        suggest(m, planned->competency_id, mentor_id, item_id);
}

static bool is_first_of(const plan_record *plan, uint8_t at)
{
    for (uint8_t i = 0; i < at; i++)
        if (strcmp(plan->items[i].competency_id, plan->items[at].competency_id) == 0)
            return false;
    return plan->items[at].competency_id[0] != '\0';
}

static bool load(mentee *m, const char *person_id)
{
    uint32_t number;

    px_record_set_text(m->person_id, PX_ID_SIZE, person_id);
    return px_people_is_active(m->state, m->tenant, person_id) &&
           learning_state_get_open_plan(m->state, m->tenant, person_id, &number, &m->plan);
}

void reconcile_mentors(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    mentee m = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };
    char person_id[PX_ID_SIZE];

    learning_read_id(person_id, key->rest);
    if (!load(&m, person_id))
        return;
    for (uint8_t i = 0; i < m.plan.item_count; i++)
        if (is_first_of(&m.plan, i))
            look_at(&m, &m.plan.items[i]);
}

/* ---- a slot is free again ---- */

/* Whom it may be for. */
typedef struct {
    char person_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];
    double need;
} opening;

/* METHOD section 3: all that the person's roles ask for, so that who lacks most comes first. */
static double need_of(const mentee *m, const char *person_id)
{
    plan_problem problem;
    px_arena scratch;

    PX_ASSERT(px_arena_init(&scratch, PROBLEM_ARENA_BYTES));
    plan_problem_begin(&problem, m->state, m->tenant, person_id, m->now_us, &plan_settings_usual,
                       &scratch);
    double need = mentor_need(problem.levels, problem.competency_count);
    px_arena_fini(&scratch);
    return need;
}

static bool needs_more(const opening *a, const opening *b)
{
    return a->need > b->need || (a->need == b->need && strcmp(a->person_id, b->person_id) < 0);
}

static void keep_neediest(opening best[OPENINGS_MAX], size_t *count, const opening *o)
{
    size_t at = *count;

    while (at > 0 && needs_more(o, &best[at - 1]))
        at--;
    if (at == OPENINGS_MAX)
        return;
    *count += *count < OPENINGS_MAX;
    memmove(&best[at + 1], &best[at], (*count - at - 1) * sizeof *best);
    best[at] = *o;
}

static bool may_have_one(const mentee *m, const char *person_id)
{
    return px_people_is_active(m->state, m->tenant, person_id) &&
           learning_state_get_learner(m->state, m->tenant, person_id).open_plan != 0;
}

/* People with a plan, a gap in what the mentor offers, and nobody to help with it. */
static size_t find_openings(const mentee *m, const mentor_record *record,
                            opening best[OPENINGS_MAX])
{
    size_t count = 0, looked_at = 0;

    for (uint8_t i = 0; i < record->count; i++) {
        const char *competency_id = record->competency_ids[i];
        opening o = { .person_id = "" };

        px_record_set_text(o.competency_id, PX_ID_SIZE, competency_id);
        while (looked_at < MENTEES_MAX &&
               learning_state_next_with_gap(m->state, m->tenant, competency_id, o.person_id)) {
            mentoring_record mentoring =
                learning_state_get_mentoring(m->state, m->tenant, o.person_id, competency_id);

            if (is_settled(m, &mentoring) || !may_have_one(m, o.person_id))
                continue;
            looked_at++;
            o.need = need_of(m, o.person_id);
            keep_neediest(best, &count, &o);
        }
    }
    return count;
}

void reconcile_mentor_room(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    mentee m = { .state = state, .tenant = key->tenant, .now_us = now_us, .out = out };
    opening best[OPENINGS_MAX] = { 0 };
    char mentor_id[PX_ID_SIZE];

    learning_read_id(mentor_id, key->rest);
    mentor_record record = learning_state_get_mentor(state, m.tenant, mentor_id);
    if (learning_mentor_room(&record, now_us) == 0)
        return;
    size_t count = find_openings(&m, &record, best);

    for (size_t n = 0; n < count; n++) {
        if (!load(&m, best[n].person_id))
            continue;
        for (uint8_t i = 0; i < m.plan.item_count; i++)
            if (is_first_of(&m.plan, i) &&
                strcmp(m.plan.items[i].competency_id, best[n].competency_id) == 0)
                look_at(&m, &m.plan.items[i]);
    }
}
