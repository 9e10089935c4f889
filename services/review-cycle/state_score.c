/* state_score.c: keys and bytes of templates, roles and scores. */
#include "services/review-cycle/state_score.h"

#include <string.h>

#include "common/agenda.h"
#include "common/record.h"
#include "services/review-cycle/state_keys.h"

enum {
    TEMPLATE_BYTES_MAX = 3 + REVIEW_CRITERIA_MAX * (2 * (2 + PX_ID_SIZE) + 5),
    SCORED_BYTES_MAX = 2 * (2 + PX_ID_SIZE) + 4 + 2 * 5 + 4,
    VERSION_BYTES = 4
};

static px_keybuf key_of(uint8_t table, const char *tenant, const char *first, const char *second)
{
    px_keybuf key = review_key(table, tenant, first);

    px_key_text(&key, second);
    return key;
}

static void put_mark(px_txn *state, const px_keybuf *key)
{
    px_put(state, PX_STATE, px_key_bytes(key), (px_bytes){ "", 0 });
}

static void del(px_txn *state, px_keybuf key)
{
    px_del(state, PX_STATE, px_key_bytes(&key));
}

/* ---- templates ---- */

static void walk_template(px_record *r, template_record *t)
{
    px_record_u8(r, &t->columns);
    px_record_u8(r, &t->rows);
    px_record_u8(r, &t->criterion_count);
    PX_ASSERT(t->criterion_count <= REVIEW_CRITERIA_MAX);
    for (size_t i = 0; i < t->criterion_count; i++) {
        px_record_text(r, t->criteria[i].criterion_id, PX_ID_SIZE);
        px_record_text(r, t->criteria[i].competency_id, PX_ID_SIZE);
        px_record_u8(r, &t->criteria[i].facet);
        px_record_u32(r, &t->criteria[i].weight);
    }
}

static px_keybuf template_key(const char *tenant, const template_ref *ref)
{
    px_keybuf key = review_key(TABLE_TEMPLATE, tenant, ref->role_id);

    px_key_u64(&key, ref->version);
    return key;
}

void review_state_get_template(const px_view *state, const char *tenant, const template_ref *ref,
                               template_record *out)
{
    px_keybuf key = template_key(tenant, ref);
    px_bytes value;

    *out = (template_record){ .columns = SCORE_SLICES_DEFAULT, .rows = SCORE_SLICES_DEFAULT };
    if (ref->version == 0 || !px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return;
    px_record r = px_record_reader(value);
    walk_template(&r, out);
    px_record_end(&r);
}

uint32_t review_state_last_template(const px_view *state, const char *tenant, const char *role_id)
{
    px_keybuf prefix = review_key(TABLE_TEMPLATE, tenant, role_id);
    px_bytes key, value;

    if (!px_last(state, PX_STATE, px_key_bytes(&prefix), &key, &value))
        return 0;
    px_keyread read = { key, prefix.size };
    return (uint32_t)px_keyread_u64(&read);
}

void review_state_put_template(px_txn *state, const char *tenant, const template_ref *ref,
                               const template_record *record)
{
    px_keybuf key = template_key(tenant, ref);
    unsigned char bytes[TEMPLATE_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    template_record copy = *record;

    walk_template(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

static void pin(px_txn *state, const char *tenant, const char *cycle_id, const char *role_id)
{
    px_keybuf key = key_of(TABLE_PINNED, tenant, cycle_id, role_id);
    uint32_t version = review_state_last_template(state, tenant, role_id);
    unsigned char bytes[VERSION_BYTES];
    px_record r = px_record_writer(bytes, sizeof bytes);

    if (version == 0)
        return;
    px_record_u32(&r, &version);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

void review_state_pin_templates(px_txn *state, const char *tenant, const char *cycle_id)
{
    px_keybuf prefix = review_key(TABLE_TEMPLATE, tenant, NULL);
    char role_id[PX_ID_SIZE] = "";

    pin(state, tenant, cycle_id, role_id); /* everybody's; a walk begins after it */
    while (px_key_next(state, &prefix, role_id, sizeof role_id))
        pin(state, tenant, cycle_id, role_id);
}

static void main_role_of(const px_view *state, const char *tenant, const char *person_id,
                         char role_id[PX_ID_SIZE])
{
    px_keybuf key = review_key(TABLE_MAIN_ROLE, tenant, person_id);
    px_bytes value;

    role_id[0] = '\0';
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return;
    px_record r = px_record_reader(value);
    px_record_text(&r, role_id, PX_ID_SIZE);
    px_record_end(&r);
}

static uint32_t pinned(const px_view *state, const char *tenant, const char *cycle_id,
                       const char *role_id)
{
    px_keybuf key = key_of(TABLE_PINNED, tenant, cycle_id, role_id);

    return review_get_count(state, &key);
}

template_ref review_state_template_of(const px_view *state, const char *tenant,
                                      const char *cycle_id, const char *person_id)
{
    template_ref ref = { 0 };

    main_role_of(state, tenant, person_id, ref.role_id);
    ref.version = pinned(state, tenant, cycle_id, ref.role_id);
    if (ref.version || !ref.role_id[0])
        return ref;
    return (template_ref){ .version = pinned(state, tenant, cycle_id, "") };
}

/* ---- roles ---- */

bool review_state_has_role(const px_view *state, const char *tenant, const char *role_id)
{
    px_keybuf key = review_key(TABLE_ROLE, tenant, role_id);
    px_bytes value;

    return px_get(state, PX_STATE, px_key_bytes(&key), &value);
}

void review_state_put_role(px_txn *state, const char *tenant, const char *role_id)
{
    px_keybuf key = review_key(TABLE_ROLE, tenant, role_id);

    put_mark(state, &key);
}

void review_state_put_main_role(px_txn *state, const char *tenant, const char *person_id,
                                const char *role_id)
{
    px_keybuf key = review_key(TABLE_MAIN_ROLE, tenant, person_id);
    unsigned char bytes[2 + PX_ID_SIZE];
    px_record r = px_record_writer(bytes, sizeof bytes);
    char copy[PX_ID_SIZE];

    if (!role_id[0]) {
        del(state, key);
        return;
    }
    px_record_set_text(copy, sizeof copy, role_id);
    px_record_text(&r, copy, sizeof copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

static bool has_templates_by_role_only(const px_view *state, const char *tenant)
{
    px_keybuf prefix = review_key(TABLE_TEMPLATE, tenant, NULL);
    char role_id[PX_ID_SIZE] = "";

    return review_state_last_template(state, tenant, "") == 0 &&
           px_key_next(state, &prefix, role_id, sizeof role_id);
}

void review_state_roles_without_template(const px_view *state, const char *tenant, role_ids *out)
{
    char person_id[PX_ID_SIZE], role_id[PX_ID_SIZE];
    px_people_scan scan;
    px_person person;

    out->count = 0;
    if (!has_templates_by_role_only(state, tenant))
        return;
    px_people_scan_begin(&scan, state, tenant);
    while (out->count < ROLES_LISTED_MAX && px_people_scan_next(&scan, person_id, &person)) {
        main_role_of(state, tenant, person_id, role_id);
        if (person.active && role_id[0] &&
            !px_ids_has((const char(*)[PX_ID_SIZE])out->ids, out->count, role_id) &&
            review_state_last_template(state, tenant, role_id) == 0)
            memcpy(out->ids[out->count++], role_id, PX_ID_SIZE);
    }
    px_people_scan_end(&scan);
}

/* ---- scores ---- */

static void walk_score(px_record *r, score *s)
{
    px_record_bool(r, &s->known);
    px_record_i32(r, &s->hundredths);
}

static void walk_scored(px_record *r, scored_record *s)
{
    px_record_text(r, s->review_id, sizeof s->review_id);
    px_record_text(r, s->used.role_id, sizeof s->used.role_id);
    px_record_u32(r, &s->used.version);
    walk_score(r, &s->what);
    walk_score(r, &s->how);
    px_record_u8(r, &s->column);
    px_record_u8(r, &s->row);
    px_record_u8(r, &s->columns);
    px_record_u8(r, &s->rows);
}

bool review_state_get_person_scored(const px_view *state, const char *tenant, const char *cycle_id,
                                    const char *person_id, scored_record *out)
{
    px_keybuf key = key_of(TABLE_SCORED, tenant, person_id, cycle_id);
    px_bytes value;

    *out = (scored_record){ 0 };
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    walk_scored(&r, out);
    px_record_end(&r);
    return true;
}

void review_state_put_scored(px_txn *state, const char *tenant, const char *cycle_id,
                             const char *person_id, const scored_record *scored)
{
    px_keybuf key = key_of(TABLE_SCORED, tenant, person_id, cycle_id);
    px_keybuf in = key_of(TABLE_SCORED_IN, tenant, cycle_id, person_id);
    unsigned char bytes[SCORED_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    scored_record copy = *scored;

    walk_scored(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
    put_mark(state, &in);
}

void review_state_drop_scores_of(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = review_key(TABLE_SCORED, tenant, person_id);
    char cycle_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, cycle_id, sizeof cycle_id)) {
        del(state, key_of(TABLE_SCORED, tenant, person_id, cycle_id));
        del(state, key_of(TABLE_SCORED_IN, tenant, cycle_id, person_id));
    }
    del(state, review_key(TABLE_MAIN_ROLE, tenant, person_id));
}

/* Of two at the same time the one with the greater id: any order will do, as long as it is one. */
static bool is_later(const review_record *review, const char *review_id, const review_record *last,
                     const char *last_id)
{
    if (review->occurred_at_us != last->occurred_at_us)
        return review->occurred_at_us > last->occurred_at_us;
    return strcmp(review_id, last_id) > 0;
}

bool review_state_last_manager_review(const px_view *state, const char *tenant,
                                      const char *cycle_id, const char *person_id,
                                      char review_id[PX_ID_SIZE], review_record *out)
{
    px_keybuf prefix = key_of(TABLE_REVIEW_ABOUT, tenant, person_id, cycle_id);
    char id[PX_ID_SIZE];
    px_bytes key, value;
    review_record review;
    px_scan scan;

    review_id[0] = '\0';
    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &key, &value)) {
        px_keyread read = { key, prefix.size };

        px_keyread_text(&read); /* rater */
        px_record_set_text(id, sizeof id, px_keyread_text(&read));
        if (!review_state_get_review(state, tenant, id, &review) || review.withdrawn ||
            review.relation != PX_RELATION_MANAGER)
            continue;
        if (review_id[0] && !is_later(&review, id, out, review_id))
            continue;
        *out = review;
        px_record_set_text(review_id, PX_ID_SIZE, id);
    }
    px_scan_end(&scan);
    return review_id[0] != '\0';
}

/* ---- what is to be looked at ---- */

static void mark_all_in(px_txn *state, uint8_t table, const char *tenant, const char *cycle_id)
{
    px_keybuf prefix = review_key(table, tenant, cycle_id);
    char person_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, person_id, sizeof person_id)) {
        px_keybuf rest = review_key(KEY_SCORE, cycle_id, person_id);

        px_mark(state, KEY_SCORE, tenant, (px_bytes){ rest.bytes + 1, rest.size - 1 });
    }
}

void review_state_mark_scores(px_txn *state, const char *tenant, const char *cycle_id)
{
    mark_all_in(state, TABLE_MANAGER_REVIEWS, tenant, cycle_id);
    mark_all_in(state, TABLE_SCORED_IN, tenant, cycle_id);
}

score_key review_state_score_key(px_bytes rest)
{
    px_keyread read = { rest, 0 };
    score_key key;

    px_record_set_text(key.cycle_id, PX_ID_SIZE, px_keyread_text(&read));
    px_record_set_text(key.person_id, PX_ID_SIZE, px_keyread_text(&read));
    return key;
}
