/* state.c: keys and bytes of competencies, levels, ratings and progress. */
#include "services/learning-recommender/state.h"

#include <string.h>

#include "common/agenda.h"
#include "services/learning-recommender/state_follow_up.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_plan.h"
#include "services/learning-recommender/state_progress.h"
#include "services/learning-recommender/state_prompt.h"
#include "services/learning-recommender/state_snapshot.h"
#include "services/learning-recommender/state_statement.h"

enum { RATING_BYTES_MAX = 2 * (2 + PX_ID_SIZE) + 1 + 8 + 8, RECORD_BYTES_MAX = 256 };

/* ---- what all state files share ---- */

px_keybuf learning_key(uint8_t table, const char *tenant, const char *id, const char *id2)
{
    px_keybuf key = px_key_begin(table);

    px_key_text(&key, tenant);
    if (id)
        px_key_text(&key, id);
    if (id2)
        px_key_text(&key, id2);
    return key;
}

bool learning_get(const px_view *state, px_keybuf key, px_bytes *value)
{
    return px_get(state, PX_STATE, px_key_bytes(&key), value);
}

void learning_put(px_txn *state, px_keybuf key, px_bytes value)
{
    px_put(state, PX_STATE, px_key_bytes(&key), value);
}

void learning_del(px_txn *state, px_keybuf key)
{
    px_del(state, PX_STATE, px_key_bytes(&key));
}

void learning_drop(px_txn *state, px_keybuf prefix)
{
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value))
        px_scan_del(&scan);
    px_scan_end(&scan);
}

const char *learning_key_id(px_bytes key, unsigned index)
{
    px_keyread read = px_keyread_begin(key);

    px_keyread_text(&read); /* the tenant */
    for (unsigned i = 0; i < index; i++)
        px_keyread_text(&read);
    return px_keyread_text(&read);
}

void learning_read_id(char id[PX_ID_SIZE], px_bytes rest)
{
    PX_ASSERT(rest.size < PX_ID_SIZE);
    memcpy(id, rest.data, rest.size);
    id[rest.size] = '\0';
}

px_keybuf learning_agenda_item(const char *person_id, const char *item_id)
{
    px_keybuf key = { .size = 0 };

    px_key_text(&key, person_id);
    px_key_text(&key, item_id);
    return key;
}

item_key learning_item_key(px_bytes rest)
{
    px_keyread read = { rest, 0 };
    item_key key;

    px_record_set_text(key.person_id, PX_ID_SIZE, px_keyread_text(&read));
    px_record_set_text(key.item_id, PX_ID_SIZE, px_keyread_text(&read));
    return key;
}

/* ---- competencies ---- */

bool learning_state_has_competency(const px_view *state, const char *tenant,
                                   const char *competency_id)
{
    px_bytes value;

    return learning_get(state, learning_key(TABLE_COMPETENCY, tenant, competency_id, NULL), &value);
}

void learning_state_get_title(const px_view *state, const char *tenant, const char *competency_id,
                              char title[TITLE_SIZE])
{
    px_bytes value;

    title[0] = '\0';
    if (!learning_get(state, learning_key(TABLE_COMPETENCY, tenant, competency_id, NULL), &value))
        return;
    px_record r = px_record_reader(value);
    px_record_text(&r, title, TITLE_SIZE);
    px_record_end(&r);
}

void learning_state_put_title(px_txn *state, const char *tenant, const char *competency_id,
                              const char *title)
{
    unsigned char bytes[2 + TITLE_SIZE];
    char text[TITLE_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);

    px_record_set_text(text, sizeof text, title);
    px_record_text(&r, text, sizeof text);
    learning_put(state, learning_key(TABLE_COMPETENCY, tenant, competency_id, NULL),
                 px_record_end(&r));
}

/* ---- learners ---- */

static void walk_learner(px_record *r, learner_record *l)
{
    px_record_u32(r, &l->plan_count);
    px_record_u32(r, &l->confidential_count);
    px_record_u32(r, &l->open_plan);
    px_record_i64(r, &l->quiet_until_us);
}

learner_record learning_state_get_learner(const px_view *state, const char *tenant,
                                          const char *person_id)
{
    learner_record learner = { 0 };
    px_bytes value;

    if (learning_get(state, learning_key(TABLE_LEARNER, tenant, person_id, NULL), &value)) {
        px_record r = px_record_reader(value);

        walk_learner(&r, &learner);
        px_record_end(&r);
    }
    return learner;
}

void learning_state_put_learner(px_txn *state, const char *tenant, const char *person_id,
                                const learner_record *learner)
{
    px_keybuf key = learning_key(TABLE_LEARNER, tenant, person_id, NULL);
    learner_record copy = *learner;
    unsigned char bytes[RECORD_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_learner(&r, &copy);
    learning_put(state, key, px_record_end(&r));
}

bool learning_state_is_potential(const px_view *state, const char *tenant, const char *person_id)
{
    px_bytes value;

    return learning_get(state, learning_key(TABLE_POTENTIAL, tenant, person_id, NULL), &value);
}

void learning_state_put_potential(px_txn *state, const char *tenant, const char *person_id,
                                  bool is_potential)
{
    px_keybuf key = learning_key(TABLE_POTENTIAL, tenant, person_id, NULL);

    if (is_potential)
        learning_put(state, key, (px_bytes){ "", 0 });
    else
        learning_del(state, key);
}

/* ---- levels and gaps ---- */

static void walk_standing(px_record *r, standing_record *s)
{
    px_record_f64(r, &s->mu);
    px_record_f64(r, &s->var);
    px_record_u32(r, &s->self_ratings);
    px_record_u32(r, &s->manager_ratings);
    px_record_u32(r, &s->peer_ratings);
    px_record_u32(r, &s->report_ratings);
    px_record_u32(r, &s->other_evidence);
    px_record_u32(r, &s->raters);
    px_record_bool(r, &s->open);
    px_record_bool(r, &s->from_history);
    px_record_u8(r, &s->closed_by);
    px_record_text(r, s->evidence_id, sizeof s->evidence_id);
    px_record_i64(r, &s->evidence_us);
}

static standing_record read_standing(px_bytes value)
{
    px_record r = px_record_reader(value);
    standing_record s = { 0 };

    walk_standing(&r, &s);
    px_record_end(&r);
    return s;
}

bool learning_state_get_standing(const px_view *state, const char *tenant, const char *person_id,
                                 const char *competency_id, standing_record *out)
{
    px_keybuf key = learning_key(TABLE_STANDING, tenant, person_id, competency_id);
    px_bytes value;

    if (!learning_get(state, key, &value))
        return false;
    *out = read_standing(value);
    return true;
}

void learning_state_put_standing(px_txn *state, const char *tenant, const char *person_id,
                                 const char *competency_id, const standing_record *standing)
{
    px_keybuf by_gap = learning_key(TABLE_GAP_PERSON, tenant, competency_id, person_id);
    unsigned char bytes[RECORD_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    standing_record s = *standing;

    walk_standing(&r, &s);
    learning_put(state, learning_key(TABLE_STANDING, tenant, person_id, competency_id),
                 px_record_end(&r));
    if (s.open)
        learning_put(state, by_gap, (px_bytes){ "", 0 });
    else
        learning_del(state, by_gap);
}

bool learning_state_gap_outside(const px_view *state, const char *tenant, const char *person_id)
{
    px_role_list roles = px_roles_of(state, tenant, person_id);
    px_keybuf prefix = learning_key(TABLE_STANDING, tenant, person_id, NULL);
    px_bytes key, value;
    bool found = false;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!found && px_scan_next(&scan, &key, &value))
        found = read_standing(value).open &&
                px_roles_strongest(state, tenant, &roles, learning_key_id(key, 1)).target == 0.0;
    px_scan_end(&scan);
    return found;
}

bool learning_state_next_with_gap(const px_view *state, const char *tenant,
                                  const char *competency_id, char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_GAP_PERSON, tenant, competency_id, NULL);

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

/* ---- ratings ---- */

static void walk_ratings(px_record *r, ratings_record *all)
{
    px_record_u8(r, &all->count);
    PX_ASSERT(all->count <= RATINGS_KEPT);
    for (size_t i = 0; i < all->count; i++) {
        rating_behind *rating = &all->ratings[i];

        px_record_text(r, rating->review_id, sizeof rating->review_id);
        px_record_text(r, rating->rater_id, sizeof rating->rater_id);
        px_record_u8(r, &rating->relation);
        px_record_f64(r, &rating->level);
        px_record_i64(r, &rating->occurred_at_us);
    }
}

ratings_record learning_state_get_ratings(const px_view *state, const char *tenant,
                                          const char *person_id, const char *competency_id)
{
    px_keybuf key = learning_key(TABLE_RATINGS, tenant, person_id, competency_id);
    ratings_record ratings = { 0 };
    px_bytes value;

    if (learning_get(state, key, &value)) {
        px_record r = px_record_reader(value);

        walk_ratings(&r, &ratings);
        px_record_end(&r);
    }
    return ratings;
}

void learning_state_put_ratings(px_txn *state, const char *tenant, const char *person_id,
                                const char *competency_id, ratings_record *ratings)
{
    unsigned char bytes[1 + RATINGS_KEPT * RATING_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_ratings(&r, ratings);
    learning_put(state, learning_key(TABLE_RATINGS, tenant, person_id, competency_id),
                 px_record_end(&r));
}

/* ---- erasure ---- */

/* The first competency of the person in a table, so that records with an index go one at a time. */
static bool first_gap(const px_view *state, const char *tenant, const char *person_id,
                      char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_STANDING, tenant, person_id, NULL);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    bool found = px_scan_next(&scan, &key, &value);
    if (found)
        px_record_set_text(competency_id, PX_ID_SIZE, learning_key_id(key, 1));
    px_scan_end(&scan);
    return found;
}

void learning_state_drop_person(px_txn *state, const char *tenant, const char *person_id)
{
    static const uint8_t tables[] = { TABLE_RATINGS, TABLE_WISH, TABLE_DEFERRED, TABLE_SPENT,
                                      TABLE_SPENT_ON };
    char competency_id[PX_ID_SIZE];

    while (first_gap(state, tenant, person_id, competency_id)) {
        learning_del(state, learning_key(TABLE_STANDING, tenant, person_id, competency_id));
        learning_del(state, learning_key(TABLE_GAP_PERSON, tenant, competency_id, person_id));
    }
    for (size_t i = 0; i < PX_COUNT(tables); i++)
        learning_drop(state, learning_key(tables[i], tenant, person_id, NULL));
    learning_state_drop_progress(state, tenant, person_id);
    learning_state_put_potential(state, tenant, person_id, false);
    learner_record learner = learning_state_get_learner(state, tenant, person_id);
    if (learner.quiet_until_us != 0) {
        learner.quiet_until_us = 0;
        learning_state_put_learner(state, tenant, person_id, &learner);
        px_due_clear(state, KEY_QUIET, tenant, px_text_bytes(person_id));
    }
    learning_state_drop_plans(state, tenant, person_id);
    learning_state_drop_snapshots(state, tenant, person_id);
    learning_state_drop_prompts(state, tenant, person_id);
    learning_state_drop_follow_ups(state, tenant, person_id);
    learning_state_drop_statements(state, tenant, person_id);
}
