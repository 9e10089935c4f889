/* state_progress.c: keys and bytes of cycles, counted reviews, plans and what learning did. */
#include "services/reporting/state_progress.h"

#include "common/record.h"
#include "services/reporting/state_keys.h"

enum {
    CYCLE_BYTES_MAX = 2 + LABEL_SIZE + 1,
    REVIEW_BYTES_MAX = 2 + PX_ID_SIZE + 1,
    PLANS_BYTES_MAX = 2 + PX_ID_SIZE + 1 + 5 * 4,
    IMPACT_BYTES = 3 * 8 + 1 + 4 + 8
};

/* ---- cycles ---- */

static void walk_cycle(px_record *r, cycle_progress *c)
{
    px_record_text(r, c->label, sizeof c->label);
    px_record_u8(r, &c->phase);
}

bool reporting_state_get_cycle(const px_view *state, const char *tenant, const char *cycle_id,
                               cycle_progress *out)
{
    px_keybuf key = reporting_key(TABLE_CYCLE, tenant, cycle_id, NULL, NULL);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (cycle_progress){ 0 };
    walk_cycle(&r, out);
    px_record_end(&r);
    return true;
}

void reporting_state_put_cycle(px_txn *state, const char *tenant, const char *cycle_id,
                               const cycle_progress *cycle)
{
    px_keybuf key = reporting_key(TABLE_CYCLE, tenant, cycle_id, NULL, NULL);
    unsigned char bytes[CYCLE_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    cycle_progress copy = *cycle;

    walk_cycle(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

void reporting_state_walk_cycles(id_walk *walk, const px_view *state, const char *tenant)
{
    px_keybuf prefix = reporting_key(TABLE_CYCLE, tenant, NULL, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}

/* ---- reviews ---- */

static void walk_review(px_record *r, counted_review *v)
{
    px_record_text(r, v->cycle_id, sizeof v->cycle_id);
    px_record_u8(r, &v->relation);
}

static bool get_review(const px_view *state, const px_keybuf *key, counted_review *out)
{
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (counted_review){ 0 };
    walk_review(&r, out);
    px_record_end(&r);
    return true;
}

static px_keybuf relation_key(uint8_t table, const char *tenant, const char *cycle_id,
                              uint8_t relation)
{
    px_keybuf key = reporting_key(table, tenant, cycle_id, NULL, NULL);

    px_key_u8(&key, relation);
    return key;
}

/* Managers change within a cycle, so a person may have two manager reviews; what counts is people.
 */
static void count_review(px_txn *state, const char *tenant, const char *subject_id,
                         const counted_review *v, int32_t change)
{
    px_keybuf total = relation_key(TABLE_REVIEW_COUNT, tenant, v->cycle_id, v->relation);

    if (v->relation == PX_RELATION_SELF || v->relation == PX_RELATION_MANAGER) {
        px_keybuf person = relation_key(TABLE_PERSON_REVIEWS, tenant, v->cycle_id, v->relation);

        px_key_text(&person, subject_id);
        if (reporting_add_count(state, &person, change) != (change > 0 ? 1 : 0))
            return;
    }
    reporting_add_count(state, &total, change);
}

static uint32_t get_reviews(const px_view *state, const char *tenant, const char *cycle_id,
                            px_relation relation)
{
    px_keybuf key = relation_key(TABLE_REVIEW_COUNT, tenant, cycle_id, (uint8_t)relation);

    return reporting_get_count(state, &key);
}

review_counts reporting_state_get_reviews(const px_view *state, const char *tenant,
                                          const char *cycle_id)
{
    return (review_counts){
        .self = get_reviews(state, tenant, cycle_id, PX_RELATION_SELF),
        .managed = get_reviews(state, tenant, cycle_id, PX_RELATION_MANAGER),
        .peer = get_reviews(state, tenant, cycle_id, PX_RELATION_PEER),
        .report = get_reviews(state, tenant, cycle_id, PX_RELATION_REPORT),
    };
}

void reporting_state_add_review(px_txn *state, const char *tenant, const char *subject_id,
                                const char *review_id, const counted_review *review)
{
    px_keybuf key = reporting_key(TABLE_REVIEW, tenant, subject_id, review_id, NULL);
    unsigned char bytes[REVIEW_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    counted_review copy = *review;

    walk_review(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
    count_review(state, tenant, subject_id, review, 1);
}

void reporting_state_del_review(px_txn *state, const char *tenant, const char *subject_id,
                                const char *review_id)
{
    px_keybuf key = reporting_key(TABLE_REVIEW, tenant, subject_id, review_id, NULL);
    counted_review review;

    if (!get_review(state, &key, &review))
        return;
    reporting_del(state, key);
    count_review(state, tenant, subject_id, &review, -1);
}

bool reporting_state_first_review(const px_view *state, const char *tenant, const char *subject_id,
                                  char review_id[PX_ID_SIZE])
{
    px_keybuf prefix = reporting_key(TABLE_REVIEW, tenant, subject_id, NULL, NULL);
    id_walk reviews;

    reporting_walk(&reviews, state, &prefix);
    bool found = reporting_state_next(&reviews, review_id);
    reporting_state_end(&reviews);
    return found;
}

/* ---- plans ---- */

static void walk_plans(px_record *r, plan_history *p)
{
    px_record_text(r, p->open_plan_id, sizeof p->open_plan_id);
    px_record_bool(r, &p->under_way);
    px_record_u32(r, &p->completed);
    px_record_u32(r, &p->ended_otherwise);
    px_record_u32(r, &p->items_completed);
    px_record_u32(r, &p->items_waived);
    px_record_u32(r, &p->minutes_saved);
}

plan_history reporting_state_get_plans(const px_view *state, const char *tenant,
                                       const char *person_id)
{
    px_keybuf key = reporting_key(TABLE_PLANS, tenant, person_id, NULL, NULL);
    plan_history plans = { 0 };
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return plans;
    px_record r = px_record_reader(value);
    walk_plans(&r, &plans);
    px_record_end(&r);
    return plans;
}

void reporting_state_put_plans(px_txn *state, const char *tenant, const char *person_id,
                               const plan_history *plans)
{
    px_keybuf key = reporting_key(TABLE_PLANS, tenant, person_id, NULL, NULL);
    unsigned char bytes[PLANS_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    plan_history copy = *plans;

    walk_plans(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

void reporting_state_del_plans(px_txn *state, const char *tenant, const char *person_id)
{
    reporting_del(state, reporting_key(TABLE_PLANS, tenant, person_id, NULL, NULL));
}

/* ---- what learning did ---- */

static void walk_impact(px_record *r, impact_figures *f)
{
    px_record_f64(r, &f->effect);
    px_record_f64(r, &f->low);
    px_record_f64(r, &f->high);
    px_record_bool(r, &f->enough_evidence);
    px_record_u32(r, &f->follow_ups);
    px_record_u64(r, &f->control_ratings);
}

bool reporting_state_get_impact(const px_view *state, const char *tenant, const char *competency_id,
                                const char *item_id, impact_figures *out)
{
    px_keybuf key = reporting_key(TABLE_IMPACT, tenant, competency_id, item_id, NULL);
    px_bytes value;

    *out = (impact_figures){ 0 };
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    walk_impact(&r, out);
    px_record_end(&r);
    return true;
}

void reporting_state_put_impact(px_txn *state, const char *tenant, const char *competency_id,
                                const char *item_id, const impact_figures *figures)
{
    px_keybuf key = reporting_key(TABLE_IMPACT, tenant, competency_id, item_id, NULL);
    unsigned char bytes[IMPACT_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);
    impact_figures copy = *figures;

    walk_impact(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

void reporting_state_walk_impact(id_walk *walk, const px_view *state, const char *tenant,
                                 const char *competency_id)
{
    px_keybuf prefix = reporting_key(TABLE_IMPACT, tenant, competency_id, NULL, NULL);

    reporting_walk(walk, state, &prefix);
}
