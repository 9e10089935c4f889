/* replaced.c: rows hold what an ended competency means now: a successor that ends is written into
 * every row that named it, so that reading follows nothing.
 */
#include "common/replaced.h"

#include <string.h>

#include "common/method.h"
#include "common/record.h"
#include "common/roles_impl.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"

enum {
    SUCCESSOR_BYTES = 2 + PX_ID_SIZE + 8 + 1 + 1 + 8 * PX_SUCCESSOR_LEVELS,
    ROW_BYTES = 2 + PX_SUCCESSORS_MAX * SUCCESSOR_BYTES,
    TARGET_BYTES = 16
};

/* ---- rows ---- */

static void walk_successor(px_record *r, px_successor *s)
{
    px_record_text(r, s->competency_id, sizeof s->competency_id);
    px_record_f64(r, &s->share);
    px_record_bool(r, &s->moves_ratings);
    px_record_u8(r, &s->level_count);
    PX_ASSERT(s->level_count <= PX_SUCCESSOR_LEVELS);
    for (size_t i = 0; i < s->level_count; i++)
        px_record_f64(r, &s->levels[i]);
}

static void walk_row(px_record *r, px_successors *row)
{
    uint8_t count = (uint8_t)row->count;

    px_record_u8(r, &row->kind);
    px_record_u8(r, &count);
    PX_ASSERT(count <= PX_SUCCESSORS_MAX);
    row->count = count;
    for (size_t i = 0; i < row->count; i++)
        walk_successor(r, &row->all[i]);
}

static bool get_row(const px_view *state, const char *tenant, const char *competency_id,
                    px_successors *out)
{
    px_keybuf key = px_roles_key(PART_REPLACED, tenant, competency_id);
    px_bytes value;

    if (!competency_id[0] || !px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    *out = (px_successors){ 0 };
    px_record r = px_record_reader(value);
    walk_row(&r, out);
    px_record_end(&r);
    out->ended = true;
    return true;
}

static void put_row(px_txn *state, const char *tenant, const char *competency_id,
                    px_successors *row)
{
    px_keybuf key = px_roles_key(PART_REPLACED, tenant, competency_id);
    unsigned char bytes[ROW_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_row(&r, row);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

/* ---- reading ---- */

px_successors px_replaced_resolve(const px_view *state, const char *tenant,
                                  const char *competency_id)
{
    px_successors found;

    if (get_row(state, tenant, competency_id, &found))
        return found;
    found.ended = false;
    found.kind = 0;
    found.count = 1;
    found.all[0] = (px_successor){ .share = 1.0 };
    px_record_set_text(found.all[0].competency_id, PX_ID_SIZE, competency_id);
    return found;
}

bool px_replaced_has_ended(const px_view *state, const char *tenant, const char *competency_id)
{
    px_keybuf key = px_roles_key(PART_REPLACED, tenant, competency_id);
    px_bytes value;

    return px_get(state, PX_STATE, px_key_bytes(&key), &value);
}

const px_successor *px_successors_find(const px_successors *all, const char *competency_id)
{
    for (size_t i = 0; i < all->count; i++)
        if (strcmp(all->all[i].competency_id, competency_id) == 0)
            return &all->all[i];
    return NULL;
}

/* Where a level stands among those of the old competency, from 0; between two the lower one. */
static size_t place_of(const px_successor *s, double level)
{
    size_t place = 0;

    while (place + 1 < s->level_count && px_scale_level((double)place + 2, s->level_count) <= level)
        place++;
    return place;
}

double px_successor_level(const px_successor *s, double level)
{
    return s->level_count == 0 || level == 0.0 ? level : s->levels[place_of(s, level)];
}

double px_successor_rating(const px_successor *s, double rating)
{
    size_t below = place_of(s, rating);

    if (!s->moves_ratings || s->level_count == 0)
        return rating;
    if (below + 1 == s->level_count)
        return s->levels[below];
    double from = px_scale_level((double)below + 1, s->level_count);
    double to = px_scale_level((double)below + 2, s->level_count);
    double part = (rating - from) / (to - from);
    return s->levels[below] + part * (s->levels[below + 1] - s->levels[below]);
}

/* ---- projecting: the map ---- */

static px_successors read_fact(const CompetencyFact__CompetencyReplaced *f)
{
    px_successors row = { .ended = true, .kind = (uint8_t)f->kind };

    for (size_t i = 0; i < f->n_successors && row.count < PX_SUCCESSORS_MAX; i++) {
        const CompetencyFact__Successor *from = f->successors[i];
        px_successor *to = &row.all[row.count];

        if (px_successors_find(&row, from->competency_id) ||
            strcmp(from->competency_id, f->competency_id) == 0)
            continue;
        px_record_set_text(to->competency_id, PX_ID_SIZE, from->competency_id);
        to->share = from->share;
        to->moves_ratings = from->moves_ratings;
        for (size_t l = 0; l < from->n_levels && l < PX_SUCCESSOR_LEVELS; l++)
            to->levels[to->level_count++] = from->levels[l];
        row.count++;
    }
    return row;
}

/* First to one that has ended, then to what took its place. */
static px_successor joined(const px_successor *first, const px_successor *then)
{
    px_successor s = *first;

    px_record_set_text(s.competency_id, PX_ID_SIZE, then->competency_id);
    s.share = first->share * then->share;
    s.moves_ratings = first->moves_ratings || then->moves_ratings;
    for (size_t i = 0; i < s.level_count; i++)
        s.levels[i] = px_successor_level(then, s.levels[i]);
    return s;
}

/* @return whether the row named it */
static bool rewrite(px_successors *row, const char *ended_id, const px_successors *by)
{
    px_successors before = *row;

    if (!px_successors_find(row, ended_id))
        return false;
    row->count = 0;
    for (size_t i = 0; i < before.count; i++) {
        const px_successor *s = &before.all[i];
        bool ends = strcmp(s->competency_id, ended_id) == 0;

        for (size_t j = 0; j < (ends ? by->count : 1); j++) {
            px_successor next = ends ? joined(s, &by->all[j]) : *s;

            if (row->count < PX_SUCCESSORS_MAX && !px_successors_find(row, next.competency_id))
                row->all[row->count++] = next;
        }
    }
    return true;
}

static void rewrite_all(px_txn *state, const char *tenant, const char *ended_id,
                        const px_successors *by)
{
    px_keybuf prefix = px_roles_part_key(PART_REPLACED, tenant);
    char competency_id[PX_ID_SIZE] = "";
    px_successors row;

    while (px_key_next(state, &prefix, competency_id, PX_ID_SIZE))
        if (get_row(state, tenant, competency_id, &row) && rewrite(&row, ended_id, by))
            put_row(state, tenant, competency_id, &row);
}

/* ---- projecting: targets ---- */

static bool get_target(const px_view *state, const px_keybuf *key, double *target, double *weight)
{
    px_bytes value;

    *target = *weight = 0.0;
    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return false;
    px_record r = px_record_reader(value);
    px_record_f64(&r, target);
    px_record_f64(&r, weight);
    px_record_end(&r);
    return true;
}

/* The higher one stays; of equal ones that which was there. */
static void put_target(px_txn *state, const px_fact *fact, const char *role_id,
                       const px_successor *s, double target, double weight,
                       px_retargeted_fn *retargeted)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;
    px_keybuf key = px_roles_key2(PART_TARGET, fact->tenant, role_id, s->competency_id);
    unsigned char bytes[TARGET_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);
    double there, its_weight, level = px_successor_level(s, target);

    if (get_target(state, &key, &there, &its_weight) && there >= level)
        return;
    px_record_f64(&r, &level);
    px_record_f64(&r, &weight);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
    if (retargeted)
        retargeted(state, fact->tenant, role_id, s->competency_id, f->competency_id, level);
}

static void move_targets(px_txn *state, const px_fact *fact, const px_successors *by,
                         px_retargeted_fn *retargeted)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;
    px_keybuf roles = px_roles_part_key(PART_TARGET, fact->tenant);
    char role_id[PX_ID_SIZE] = "";
    double target, weight;

    while (px_key_next(state, &roles, role_id, PX_ID_SIZE)) {
        px_keybuf key = px_roles_key2(PART_TARGET, fact->tenant, role_id, f->competency_id);

        if (!get_target(state, &key, &target, &weight))
            continue;
        for (size_t i = 0; i < by->count; i++)
            put_target(state, fact, role_id, &by->all[i], target, weight, retargeted);
        px_del(state, PX_STATE, px_key_bytes(&key));
        if (retargeted)
            retargeted(state, fact->tenant, role_id, f->competency_id, f->competency_id, 0.0);
    }
}

/* ---- projecting: strategy ---- */

static void move_strategy(px_txn *state, const char *tenant, const char *old_id,
                          const px_successors *by)
{
    px_keybuf prefix = px_roles_key(PART_STRATEGY, tenant, old_id);
    char item_id[PX_ID_SIZE] = "";
    px_bytes value;

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE)) {
        px_keybuf key = px_roles_key2(PART_STRATEGY, tenant, old_id, item_id);
        double weight = 0.0;

        if (px_get(state, PX_STATE, px_key_bytes(&key), &value)) {
            px_record r = px_record_reader(value);
            px_record_f64(&r, &weight);
        }
        for (size_t i = 0; i < by->count; i++)
            px_roles_put_strategy(state, tenant, by->all[i].competency_id, item_id, weight);
        px_del(state, PX_STATE, px_key_bytes(&key));
    }
}

void px_replaced_project(px_txn *state, const px_fact *fact, px_retargeted_fn *retargeted)
{
    const CompetencyFact__CompetencyReplaced *f = fact->body;
    px_successors by = read_fact(f);

    put_row(state, fact->tenant, f->competency_id, &by);
    rewrite_all(state, fact->tenant, f->competency_id, &by);
    move_strategy(state, fact->tenant, f->competency_id, &by);
    move_targets(state, fact, &by, retargeted);
}
