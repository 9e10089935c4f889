/* state.c: keys and bytes of scales, cycles, competencies and counters. Reviews: state_review.c. */
#include "services/review-cycle/state.h"

#include "common/keys.h"
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/state_keys.h"

enum {
    SCALE_BYTES_MAX = 2 + 4 * SCALE_VALUES_MAX,
    CYCLE_BYTES_MAX = (2 + LABEL_SIZE) + 1 + 8 + 8 + (2 + PX_ID_SIZE) + 4
};

px_keybuf review_key(uint8_t table, const char *tenant, const char *id)
{
    px_keybuf key = px_key_begin(table);

    px_key_text(&key, tenant);
    if (id)
        px_key_text(&key, id);
    return key;
}

uint32_t review_get_count(const px_view *state, const px_keybuf *key)
{
    uint32_t count = 0;
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return 0;
    px_record r = px_record_reader(value);
    px_record_u32(&r, &count);
    px_record_end(&r);
    return count;
}

uint32_t review_add_count(px_txn *state, const px_keybuf *key, int32_t change)
{
    int64_t sum = (int64_t)review_get_count(state, key) + change;
    unsigned char bytes[4];
    px_record r = px_record_writer(bytes, sizeof bytes);

    /* After a failed write nothing reads true any more, and the transaction will not be committed.
     */
    PX_ASSERT((sum >= 0 && sum <= UINT32_MAX) || px_txn_status(state) != PX_OK);
    uint32_t count = (uint32_t)sum;
    px_record_u32(&r, &count);
    if (count)
        px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
    else
        px_del(state, PX_STATE, px_key_bytes(key)); /* nothing about the erased stays behind */
    return count;
}

/* ---- scales ---- */

static void walk_scale(px_record *r, scale_record *s)
{
    px_record_bool(r, &s->allows_not_applicable);
    px_record_u8(r, &s->value_count);
    PX_ASSERT(s->value_count <= SCALE_VALUES_MAX);
    for (size_t i = 0; i < s->value_count; i++)
        px_record_i32(r, &s->values[i]);
}

bool review_state_get_scale(const px_view *state, const char *tenant, const char *scale_id,
                            uint32_t version, scale_record *out)
{
    px_keybuf key = review_key(TABLE_SCALE, tenant, scale_id);
    px_bytes value;

    px_key_u64(&key, version);
    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (scale_record){ 0 };
    walk_scale(&r, out);
    px_record_end(&r);
    return true;
}

uint32_t scale_position(const scale_record *scale, int32_t value)
{
    for (uint32_t i = 0; i < scale->value_count; i++)
        if (scale->values[i] == value)
            return i + 1;
    return 0;
}

uint32_t review_state_last_version(const px_view *state, const char *tenant, const char *scale_id)
{
    px_keybuf prefix = review_key(TABLE_SCALE, tenant, scale_id);
    px_bytes key, value;

    if (!px_last(state, PX_STATE, px_key_bytes(&prefix), &key, &value))
        return 0;
    px_keyread read = px_keyread_begin(key);
    px_keyread_text(&read); /* tenant */
    px_keyread_text(&read); /* scale */
    return (uint32_t)px_keyread_u64(&read);
}

void review_state_put_scale(px_txn *state, const char *tenant, const char *scale_id,
                            uint32_t version, const scale_record *scale)
{
    px_keybuf key = review_key(TABLE_SCALE, tenant, scale_id);
    unsigned char bytes[SCALE_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    scale_record copy = *scale;

    px_key_u64(&key, version);
    walk_scale(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

/* ---- cycles ---- */

static void walk_cycle(px_record *r, cycle_record *c)
{
    px_record_text(r, c->label, sizeof c->label);
    px_record_u8(r, &c->phase);
    px_record_i64(r, &c->starts_at_us);
    px_record_i64(r, &c->ends_at_us);
    px_record_text(r, c->scale_id, sizeof c->scale_id);
    px_record_u32(r, &c->scale_version);
}

static cycle_record read_cycle(px_bytes value)
{
    px_record r = px_record_reader(value);
    cycle_record cycle = { 0 };

    walk_cycle(&r, &cycle);
    px_record_end(&r);
    return cycle;
}

bool review_state_get_cycle(const px_view *state, const char *tenant, const char *cycle_id,
                            cycle_record *out)
{
    px_keybuf key = review_key(TABLE_CYCLE, tenant, cycle_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    *out = read_cycle(value);
    return true;
}

void review_state_put_cycle(px_txn *state, const char *tenant, const char *cycle_id,
                            const cycle_record *cycle)
{
    px_keybuf key = review_key(TABLE_CYCLE, tenant, cycle_id);
    unsigned char bytes[CYCLE_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    cycle_record copy = *cycle;

    walk_cycle(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

bool review_state_cycle_overlaps(const px_view *state, const char *tenant, int64_t starts_at_us,
                                 int64_t ends_at_us)
{
    px_keybuf prefix = review_key(TABLE_CYCLE, tenant, NULL);
    px_bytes key, value;
    bool overlaps = false;
    px_scan scan;

    /* All of them: a tenant has a handful of cycles a year, and they are defined rarely. */
    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!overlaps && px_scan_next(&scan, &key, &value)) {
        cycle_record cycle = read_cycle(value);

        overlaps = cycle.phase != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CANCELLED &&
                   cycle.starts_at_us < ends_at_us && starts_at_us < cycle.ends_at_us;
    }
    px_scan_end(&scan);
    return overlaps;
}

bool cycle_shares(const cycle_record *cycle)
{
    return cycle->phase == REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING ||
           cycle->phase == REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED;
}

bool review_state_cycle_shares(const px_view *state, const char *tenant, const char *cycle_id)
{
    cycle_record cycle;

    return review_state_get_cycle(state, tenant, cycle_id, &cycle) && cycle_shares(&cycle);
}

/* ---- competencies ---- */

bool review_state_has_competency(const px_view *state, const char *tenant,
                                 const char *competency_id)
{
    px_keybuf key = review_key(TABLE_COMPETENCY, tenant, competency_id);
    px_bytes value;

    return px_get(state, PX_STATE, px_key_bytes(&key), &value);
}

px_reason review_state_out_of_use(const px_view *state, const char *tenant,
                                  const char *competency_id)
{
    if (!review_state_has_competency(state, tenant, competency_id))
        return PX_REASON_COMPETENCY_UNKNOWN;
    if (px_replaced_has_ended(state, tenant, competency_id))
        return PX_REASON_COMPETENCY_REPLACED;
    return PX_REASON_NONE;
}

void review_state_put_competency(px_txn *state, const char *tenant, const char *competency_id)
{
    px_keybuf key = review_key(TABLE_COMPETENCY, tenant, competency_id);

    px_put(state, PX_STATE, px_key_bytes(&key), (px_bytes){ "", 0 });
}

/* ---- how many manager reviews there should be ---- */

uint32_t review_state_get_reports(const px_view *state, const char *tenant, const char *manager_id)
{
    px_keybuf key = review_key(TABLE_REPORTS, tenant, manager_id);

    return review_get_count(state, &key);
}

void review_state_add_reports(px_txn *state, const char *tenant, const char *manager_id,
                              int32_t change)
{
    px_keybuf key = review_key(TABLE_REPORTS, tenant, manager_id);

    review_add_count(state, &key, change);
}

uint32_t review_state_get_expected(const px_view *state, const char *tenant)
{
    px_keybuf key = review_key(TABLE_EXPECTED, tenant, NULL);

    return review_get_count(state, &key);
}

void review_state_add_expected(px_txn *state, const char *tenant, int32_t change)
{
    px_keybuf key = review_key(TABLE_EXPECTED, tenant, NULL);

    review_add_count(state, &key, change);
}
