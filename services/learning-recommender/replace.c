/* replace.c: a competency ended: what items teach of it, what roles ask of it and the ratings
 * behind it are its successors' from now on. Levels and gaps come anew from competency; until they
 * have, no plan is looked at (learning_state_gap_outside).
 */
#include "services/learning-recommender/replace.h"

#include <string.h>

#include "common/agenda.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/prerequisite.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_mentor.h"
#include "services/learning-recommender/state_template.h"

/* ---- what items teach ---- */

static item_outcome *find_outcome(item_record *item, const char *competency_id)
{
    for (uint8_t i = 0; i < item->outcome_count; i++)
        if (strcmp(item->outcomes[i].competency_id, competency_id) == 0)
            return &item->outcomes[i];
    return NULL;
}

/* Two outcomes that have become one: their shares together, the wider range of levels. */
static void add_outcome(item_record *item, const item_outcome *outcome)
{
    item_outcome *there = find_outcome(item, outcome->competency_id);

    if (!there && item->outcome_count < OUTCOMES_MAX) {
        item->outcomes[item->outcome_count++] = *outcome;
    } else if (there) {
        there->share = there->share + outcome->share > 1.0 ? 1.0 : there->share + outcome->share;
        if (outcome->level_from < there->level_from)
            there->level_from = outcome->level_from;
        if (outcome->level_to > there->level_to)
            there->level_to = outcome->level_to;
    }
}

static bool any_ended(const px_view *state, const char *tenant, const item_record *item)
{
    for (uint8_t i = 0; i < item->outcome_count; i++)
        if (px_replaced_has_ended(state, tenant, item->outcomes[i].competency_id))
            return true;
    return false;
}

void learning_replace_outcomes(const px_view *state, const char *tenant, item_record *item)
{
    item_record before = *item;

    if (!any_ended(state, tenant, item))
        return;
    item->outcome_count = 0;
    for (uint8_t i = 0; i < before.outcome_count; i++) {
        px_successors now = px_replaced_resolve(state, tenant, before.outcomes[i].competency_id);

        for (size_t j = 0; j < now.count; j++) {
            item_outcome outcome = before.outcomes[i];

            px_record_set_text(outcome.competency_id, PX_ID_SIZE, now.all[j].competency_id);
            outcome.share *= now.all[j].share;
            outcome.level_from = px_successor_rating(&now.all[j], outcome.level_from);
            outcome.level_to = px_successor_rating(&now.all[j], outcome.level_to);
            add_outcome(item, &outcome);
        }
    }
}

/* What was learned of the item's effect goes along, unless more is known there. */
static void teach_successor(px_txn *state, const char *tenant, const char *item_id,
                            const item_outcome *outcome, const teaching_record *before)
{
    teaching_record t;

    if (!learning_state_get_teaching(state, tenant, outcome->competency_id, item_id, &t) ||
        t.results < before->results)
        t = *before;
    t.offered = before->offered;
    t.has_requires = before->has_requires;
    t.version = before->version;
    t.hours = before->hours;
    t.share = outcome->share;
    t.level_from = outcome->level_from;
    t.level_to = outcome->level_to;
    learning_state_put_teaching(state, tenant, outcome->competency_id, item_id, &t);
}

static void move_item(px_txn *state, const char *tenant, const char *item_id, const char *old_id,
                      const px_successors *by)
{
    teaching_record before, ended;
    item_record item;

    if (!learning_state_get_teaching(state, tenant, old_id, item_id, &before) ||
        !learning_state_get_item(state, tenant, item_id, &item))
        return;
    ended = before;
    ended.offered = false;
    ended.share = 0.0;
    learning_state_put_teaching(state, tenant, old_id, item_id, &ended);
    if (!find_outcome(&item, old_id))
        return; /* it taught it once */
    learning_replace_outcomes(state, tenant, &item);
    learning_state_put_item(state, tenant, item_id, &item);
    for (size_t i = 0; i < by->count; i++) {
        const item_outcome *outcome = find_outcome(&item, by->all[i].competency_id);

        if (outcome)
            teach_successor(state, tenant, item_id, outcome, &before);
    }
}

static void move_items(px_txn *state, const char *tenant, const char *old_id,
                       const px_successors *by)
{
    px_keybuf prefix = learning_key(TABLE_TEACHING, tenant, old_id, NULL);
    char item_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE))
        move_item(state, tenant, item_id, old_id, by);
}

/* What came before it comes before what took its place, unless that has its own. */
static void move_prerequisites(px_txn *state, const char *tenant, const char *old_id,
                               const px_successors *by)
{
    prerequisites_record before = learning_state_get_prerequisites(state, tenant, old_id);

    for (size_t i = 0; before.count > 0 && i < by->count; i++) {
        const char *id = by->all[i].competency_id;

        if (learning_state_get_prerequisites(state, tenant, id).count == 0)
            learning_state_put_prerequisites(state, tenant, id, &before);
    }
}

/* ---- the ratings behind ---- */

void learning_insert_rating(ratings_record *all, const rating_behind *rating)
{
    size_t at = 0;

    while (at < all->count && all->ratings[at].occurred_at_us > rating->occurred_at_us)
        at++;
    if (at == RATINGS_KEPT)
        return;
    if (all->count < RATINGS_KEPT)
        all->count++;
    memmove(&all->ratings[at + 1], &all->ratings[at], (all->count - at - 1) * sizeof *all->ratings);
    all->ratings[at] = *rating;
}

static void move_ratings(px_txn *state, const char *tenant, const char *person_id,
                         const char *old_id, const px_successors *by)
{
    ratings_record from = learning_state_get_ratings(state, tenant, person_id, old_id);
    ratings_record none = { 0 };

    if (from.count == 0 || by->count == 0)
        return;
    for (size_t i = 0; i < by->count; i++) {
        const px_successor *s = &by->all[i];
        ratings_record all = learning_state_get_ratings(state, tenant, person_id, s->competency_id);

        for (uint8_t r = from.count; r > 0; r--) { /* the oldest first: of one time, as they came */
            rating_behind rating = from.ratings[r - 1];

            rating.level = px_successor_rating(s, rating.level);
            learning_insert_rating(&all, &rating);
        }
        learning_state_put_ratings(state, tenant, person_id, s->competency_id, &all);
    }
    learning_state_put_ratings(state, tenant, person_id, old_id, &none);
}

/* ---- all of it ---- */

/* Items teach something else now, and something else comes first: any plan may read better. */
void learning_project_competency_replaced(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;
    char person_id[PX_ID_SIZE] = "";

    px_replaced_project(state, fact, NULL); /* everybody is looked at anyway */
    px_successors by = px_replaced_resolve(state, fact->tenant, f->competency_id);
    move_items(state, fact->tenant, f->competency_id, &by);
    move_prerequisites(state, fact->tenant, f->competency_id, &by);
    learning_state_move_mentors(state, fact->tenant, f->competency_id, &by, fact->decided_at_us);
    while (px_people_next(state, fact->tenant, person_id))
        if (px_people_is_known(state, fact->tenant, person_id)) {
            move_ratings(state, fact->tenant, person_id, f->competency_id, &by);
            learning_state_move_follow_ups(state, fact->tenant, person_id, f->competency_id, &by);
            learning_state_move_mentoring(state, fact->tenant, person_id, f->competency_id, &by);
            learning_mark_person(state, fact->tenant, person_id);
        }
    learning_count_audiences(state, fact->tenant,
                             fact->decided_at_us); /* who may be asked for it */
}
