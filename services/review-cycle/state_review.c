/* state_review.c: keys and bytes of reviews, and the counts that follow from them. */
#include <string.h>

#include "common/record.h"
#include "services/review-cycle/state.h"
#include "services/review-cycle/state_keys.h"

enum {
    REVIEW_BYTES_MAX =
        256 + REVIEW_RATINGS_MAX * (2 + PX_ID_SIZE + 6) + REVIEW_CRITERIA_MAX * (2 + PX_ID_SIZE + 5)
};

static void walk_review(px_record *r, review_record *v)
{
    px_record_text(r, v->cycle_id, sizeof v->cycle_id);
    px_record_text(r, v->subject_id, sizeof v->subject_id);
    px_record_text(r, v->rater_id, sizeof v->rater_id);
    px_record_u8(r, &v->relation);
    px_record_i64(r, &v->occurred_at_us);
    px_record_bool(r, &v->withdrawn);
    px_record_u8(r, &v->rating_count);
    PX_ASSERT(v->rating_count <= REVIEW_RATINGS_MAX);
    for (size_t i = 0; i < v->rating_count; i++) {
        review_rating *rating = &v->ratings[i];

        px_record_text(r, rating->competency_id, sizeof rating->competency_id);
        px_record_u8(r, &rating->facet);
        px_record_i32(r, &rating->value);
        px_record_u8(r, &rating->position);
    }
    px_record_u8(r, &v->criterion_count);
    PX_ASSERT(v->criterion_count <= REVIEW_CRITERIA_MAX);
    for (size_t i = 0; i < v->criterion_count; i++) {
        px_record_text(r, v->criteria[i].criterion_id, PX_ID_SIZE);
        px_record_i32(r, &v->criteria[i].value);
        px_record_u8(r, &v->criteria[i].position);
    }
}

/* The beginning of the keys of what the rater wrote about the subject in the cycle. */
static px_keybuf by_prefix(const char *tenant, const char *cycle_id, const char *subject_id,
                           const char *rater_id)
{
    px_keybuf key = review_key(TABLE_REVIEW_ABOUT, tenant, subject_id);

    px_key_text(&key, cycle_id);
    px_key_text(&key, rater_id);
    return key;
}

/* A withdrawn one stays known to be about the subject, but not by whom. */
static px_keybuf about_key(const char *tenant, const review_record *v, const char *review_id)
{
    px_keybuf key = by_prefix(tenant, v->cycle_id, v->subject_id, v->withdrawn ? "" : v->rater_id);

    px_key_text(&key, review_id);
    return key;
}

static px_keybuf manager_reviews_key(const char *tenant, const char *cycle_id,
                                     const char *subject_id)
{
    px_keybuf key = review_key(TABLE_MANAGER_REVIEWS, tenant, cycle_id);

    px_key_text(&key, subject_id);
    return key;
}

static px_keybuf count_key(const char *tenant, const char *cycle_id, uint8_t relation)
{
    px_keybuf key = review_key(TABLE_CYCLE_COUNT, tenant, cycle_id);

    px_key_u8(&key, relation);
    return key;
}

static void put_mark(px_txn *state, px_keybuf key)
{
    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ "", 0 });
}

static void del(px_txn *state, px_keybuf key)
{
    px_del(state, PX_STATE, px_key_bytes(&key));
}

/* ---- reading ---- */

cycle_counts review_state_get_counts(const px_view *state, const char *tenant, const char *cycle_id)
{
    px_keybuf self = count_key(tenant, cycle_id, PX_RELATION_SELF);
    px_keybuf managed = count_key(tenant, cycle_id, PX_RELATION_MANAGER);
    px_keybuf peer = count_key(tenant, cycle_id, PX_RELATION_PEER);
    px_keybuf report = count_key(tenant, cycle_id, PX_RELATION_REPORT);

    return (cycle_counts){
        .self = review_get_count(state, &self),
        .managed = review_get_count(state, &managed),
        .peer = review_get_count(state, &peer),
        .report = review_get_count(state, &report),
    };
}

bool review_state_get_review(const px_view *state, const char *tenant, const char *review_id,
                             review_record *out)
{
    px_keybuf key = review_key(TABLE_REVIEW, tenant, review_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (review_record){ 0 };
    walk_review(&r, out);
    px_record_end(&r);
    return true;
}

px_bytes review_state_get_comment(const px_view *state, const char *tenant, const char *review_id,
                                  px_arena *arena)
{
    px_keybuf key = review_key(TABLE_REVIEW_COMMENT, tenant, review_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return (px_bytes){ "", 0 };
    void *copy = px_arena_copy(arena, value.data, value.size);
    return (px_bytes){ copy, copy ? value.size : 0 };
}

bool review_state_has_review_by(const px_view *state, const char *tenant, const char *cycle_id,
                                const char *subject_id, const char *rater_id)
{
    px_keybuf prefix = by_prefix(tenant, cycle_id, subject_id, rater_id);

    return px_any(state, PX_STATE, px_key_bytes(&prefix));
}

bool review_state_has_manager_review(const px_view *state, const char *tenant, const char *cycle_id,
                                     const char *subject_id)
{
    px_keybuf key = manager_reviews_key(tenant, cycle_id, subject_id);

    return review_get_count(state, &key) > 0;
}

/* ---- writing ---- */

static void put_review(px_txn *state, const char *tenant, const char *review_id, review_record v)
{
    px_keybuf key = review_key(TABLE_REVIEW, tenant, review_id);
    unsigned char bytes[REVIEW_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_review(&r, &v);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

/* Managers change within a cycle, so a person may have two manager reviews; what counts is people.
 */
static void count_review(px_txn *state, const char *tenant, const review_record *v, int32_t change)
{
    px_keybuf total = count_key(tenant, v->cycle_id, v->relation);

    if (v->relation == PX_RELATION_MANAGER) {
        px_keybuf key = manager_reviews_key(tenant, v->cycle_id, v->subject_id);
        uint32_t reviews = review_add_count(state, &key, change);

        if (reviews != (change > 0 ? 1 : 0))
            return;
    }
    review_add_count(state, &total, change);
}

void review_state_add_review(px_txn *state, const char *tenant, const char *review_id,
                             const review_record *review, px_bytes sealed_comment)
{
    px_keybuf comment = review_key(TABLE_REVIEW_COMMENT, tenant, review_id);

    put_review(state, tenant, review_id, *review);
    put_mark(state, about_key(tenant, review, review_id));
    if (sealed_comment.size)
        px_put(state, PX_STATE, px_key_bytes(&comment), sealed_comment);
    count_review(state, tenant, review, 1);
}

/* What a withdrawn review no longer has: its place among the rater's reviews, count and comment. */
static void take_out(px_txn *state, const char *tenant, const char *review_id,
                     const review_record *v)
{
    del(state, about_key(tenant, v, review_id));
    del(state, review_key(TABLE_REVIEW_COMMENT, tenant, review_id));
    count_review(state, tenant, v, -1);
}

void review_state_withdraw_review(px_txn *state, const char *tenant, const char *review_id)
{
    review_record v;

    if (!review_state_get_review(state, tenant, review_id, &v) || v.withdrawn)
        return;
    take_out(state, tenant, review_id, &v);
    v.withdrawn = true;
    v.rating_count = 0;
    v.criterion_count = 0;
    put_mark(state, about_key(tenant, &v, review_id));
    put_review(state, tenant, review_id, v);
}

static bool first_review_of(const px_view *state, const char *tenant, const char *subject_id,
                            px_keybuf *row, char review_id[PX_ID_SIZE])
{
    px_keybuf prefix = review_key(TABLE_REVIEW_ABOUT, tenant, subject_id);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    bool found = px_scan_next(&scan, &key, &value);
    if (found) {
        px_keyread read = { key, prefix.size };

        px_keyread_text(&read); /* cycle */
        px_keyread_text(&read); /* rater */
        px_record_set_text(review_id, PX_ID_SIZE, px_keyread_text(&read));
        row->size = 0;
        px_key_raw(row, key);
    }
    px_scan_end(&scan);
    return found;
}

void review_state_drop_reviews_of(px_txn *state, const char *tenant, const char *subject_id)
{
    char review_id[PX_ID_SIZE];
    px_keybuf row;
    review_record v;

    /* One at a time: the table may not change under an open scan. */
    while (first_review_of(state, tenant, subject_id, &row, review_id)) {
        if (review_state_get_review(state, tenant, review_id, &v) && !v.withdrawn)
            take_out(state, tenant, review_id, &v);
        del(state, review_key(TABLE_REVIEW, tenant, review_id));
        del(state, row);
    }
}
