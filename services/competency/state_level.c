/* state_level.c: keys and bytes of what is known of one competency of one person: kept with its
 * dirty key, because every piece of evidence moves it.
 */
#include "services/competency/state.h"

#include <string.h>

#include "common/level_record.h"
#include "services/competency/state_evidence.h"
#include "services/competency/state_keys.h"

static px_keybuf keybuf(uint8_t row, const level_key *key)
{
    px_keybuf buf = level_keybuf(TABLE_LEVEL, key->tenant, key->person_id, key->competency_id);

    px_key_u8(&buf, row);
    return buf;
}

static px_keybuf numbered(uint8_t row, const level_key *key, uint64_t number)
{
    px_keybuf buf = keybuf(row, key);

    px_key_u64(&buf, number);
    return buf;
}

/* ---- what is kept with the level's dirty key ---- */

static void walk_figures(px_record *r, figures *f)
{
    px_record_bool(r, &f->known);
    if (!f->known)
        return;
    px_record_f64(r, &f->mu);
    px_record_f64(r, &f->var);
    px_record_i64(r, &f->as_of_us);
    px_record_u32(r, &f->self);
    px_record_u32(r, &f->manager);
    px_record_u32(r, &f->peer);
    px_record_u32(r, &f->report);
    px_record_u32(r, &f->other);
    px_record_u32(r, &f->raters);
    px_record_bool(r, &f->assessed);
}

static void walk_gap(px_record *r, said_gap *gap)
{
    px_record_bool(r, &gap->open);
    if (!gap->open)
        return;
    px_record_bool(r, &gap->from_history);
    px_record_f64(r, &gap->mu);
    px_record_text(r, gap->asked.role_id, sizeof gap->asked.role_id);
    px_record_f64(r, &gap->asked.target);
    px_record_f64(r, &gap->asked.weight);
}

static void walk_said(px_record *r, void *record)
{
    said_record *said = record;
    uint8_t reason = (uint8_t)said->reason;

    px_record_u64(r, &said->heard);
    px_record_u64(r, &said->evidence);
    px_record_u64(r, &said->told);
    px_record_u64(r, &said->open_at);
    for (size_t i = 0; i < PROTECTED_MIN; i++)
        px_record_u64(r, &said->protected_at[i]);
    px_record_bool(r, &said->fresh);
    px_record_u8(r, &reason);
    said->reason = (change_reason)reason;
    walk_figures(r, &said->level);
    walk_figures(r, &said->carried);
    for (size_t i = 0; i < GAP_PURPOSES; i++)
        walk_gap(r, &said->gaps[i]);
}

/* What stands before the level's own bytes (common/level_record). */
static void walk_standing(px_record *r, standing *s)
{
    px_record_i64(r, &s->as_of_us);
    px_record_i64(r, &s->follow_up_us);
    px_record_u32(r, &s->completions);
}

static bool read_heard(px_bytes value, heard_record *out, bool standing_too)
{
    px_record r = px_record_reader(value);

    if (value.size == 0)
        return false;
    walk_said(&r, &out->said);
    out->said.listed = said_waits(&out->said);
    if (!standing_too || r.at == r.size)
        return true;
    walk_standing(&r, &out->standing);
    out->standing.known = px_level_decode(&out->standing.level, r.in + r.at, r.size - r.at);
    PX_ASSERT(out->standing.known);
    return true;
}

static bool get_heard(const px_view *state, const level_key *key, heard_record *out,
                      bool standing_too)
{
    *out = (heard_record){ 0 };
    return read_heard(level_key_kept(state, KEY_LEVEL, key, &out->marks), out, standing_too);
}

bool competency_state_get_heard(const px_view *state, const level_key *key, heard_record *out)
{
    return get_heard(state, key, out, true);
}

bool competency_state_get_said(const px_view *state, const level_key *key, said_record *out)
{
    heard_record heard;
    bool known = get_heard(state, key, &heard, false);

    *out = heard.said;
    return known;
}

standing competency_state_get_standing(const px_view *state, const level_key *key)
{
    heard_record heard;

    get_heard(state, key, &heard, true);
    return heard.standing;
}

static void list_waiting(px_txn *state, const level_key *key, const said_record *said)
{
    px_keybuf waiting =
        level_keybuf(TABLE_WAITING, key->tenant, key->person_id, key->competency_id);

    if (said_waits(said) && !said->listed)
        level_put_mark(state, &waiting);
    if (!said_waits(said) && said->listed)
        level_del(state, &waiting);
}

void competency_state_put_heard(px_txn *state, const level_key *key, const heard_record *heard,
                                bool mark)
{
    uint8_t bytes[PX_KEPT_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    heard_record copy = *heard;

    walk_said(&r, &copy.said);
    if (heard->standing.known) {
        walk_standing(&r, &copy.standing);
        PX_ASSERT(r.size - r.at >= PX_LEVEL_BYTES_MAX);
        r.at += px_level_encode(&heard->standing.level, r.out + r.at);
    }
    level_key_keep(state, KEY_LEVEL, key, heard->marks, px_record_end(&r), mark);
    list_waiting(state, key, &heard->said);
}

void competency_state_put_said(px_txn *state, const level_key *key, const said_record *said)
{
    heard_record heard;

    get_heard(state, key, &heard, true);
    heard.said = *said;
    competency_state_put_heard(state, key, &heard, false);
}

void competency_state_put_standing(px_txn *state, const level_key *key, const standing *s)
{
    heard_record heard;

    if (!get_heard(state, key, &heard, true) && !s->known)
        return;
    heard.standing = *s;
    competency_state_put_heard(state, key, &heard, false);
}

bool competency_state_next_heard(const px_view *state, const char *tenant, const char *person_id,
                                 char competency_id[PX_ID_SIZE])
{
    px_bytes person = { person_id, strlen(person_id) + 1 };

    return px_kept_next(state, KEY_LEVEL, tenant, person, competency_id, PX_ID_SIZE);
}

bool competency_state_first_waiting(const px_view *state, const char *tenant,
                                    char person_id[PX_ID_SIZE], char competency_id[PX_ID_SIZE])
{
    px_keybuf people = level_keybuf(TABLE_WAITING, tenant, NULL, NULL);

    person_id[0] = competency_id[0] = '\0';
    if (!px_key_next(state, &people, person_id, PX_ID_SIZE))
        return false;
    px_keybuf prefix = level_keybuf(TABLE_WAITING, tenant, person_id, NULL);
    return px_key_next(state, &prefix, competency_id, PX_ID_SIZE);
}

/* ---- observed ---- */

static void walk_observed(px_record *r, void *record)
{
    observed_record *o = record;

    px_record_u32(r, &o->count);
    PX_ASSERT(o->count <= PX_PENDING_MAX);
    for (size_t i = 0; i < o->count; i++) {
        px_record_bytes(r, o->pending[i].item, PX_METHOD_ID);
        px_record_f64(r, &o->pending[i].z);
    }
    px_record_f64(r, &o->gain);
    px_record_f64(r, &o->var);
    px_record_f64(r, &o->control.sum);
    px_record_u64(r, &o->control.count);
}

bool competency_state_next_observed(const px_view *state, const level_key *key, uint64_t *number,
                                    observed_record *out)
{
    px_keybuf prefix = keybuf(ROW_OBSERVED, key);
    px_keybuf from = numbered(ROW_OBSERVED, key, *number + 1);
    px_bytes found, value;
    px_scan scan;

    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(&prefix), px_key_bytes(&from));
    bool any = px_scan_next(&scan, &found, &value);
    if (any) {
        px_keyread rest = { found, prefix.size };
        px_record r = px_record_reader(value);

        *number = px_keyread_u64(&rest);
        *out = (observed_record){ 0 };
        walk_observed(&r, out);
        px_record_end(&r);
    }
    px_scan_end(&scan);
    return any;
}

void competency_state_put_observed(px_txn *state, const level_key *key, uint64_t number,
                                   const observed_record *observed)
{
    px_keybuf buf = numbered(ROW_OBSERVED, key, number);
    observed_record copy = *observed;

    level_put(state, &buf, walk_observed, &copy);
}

void competency_state_del_observed(px_txn *state, const level_key *key, uint64_t number)
{
    px_keybuf buf = numbered(ROW_OBSERVED, key, number);

    level_del(state, &buf);
}

/* ---- a person goes ---- */

static void drop_rows(px_txn *state, const px_keybuf *prefix)
{
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(prefix));
    while (px_scan_next(&scan, &key, &value))
        px_scan_del(&scan);
    px_scan_end(&scan);
}

static void drop_heard(px_txn *state, const char *tenant, const char *person_id)
{
    char competency_id[PX_ID_SIZE] = "";
    heard_record heard;

    while (competency_state_next_heard(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };

        get_heard(state, &key, &heard, false);
        evidence_list all = competency_state_evidence(state, heard.said.evidence);
        competency_state_del_evidence(state, &all);
        competency_state_free_evidence(&all);
        level_key_keep(state, KEY_LEVEL, &key, heard.marks, (px_bytes){ "", 0 }, false);
    }
}

void competency_state_drop_person(px_txn *state, const char *tenant, const char *person_id)
{
    static const uint8_t tables[] = { TABLE_LEVEL, TABLE_WAITING, TABLE_CRITIC, TABLE_NO_EFFECT };
    uint8_t hash[PX_METHOD_ID];

    for (size_t i = 0; i < PX_COUNT(tables); i++) {
        px_keybuf prefix = level_keybuf(tables[i], tenant, person_id, NULL);
        drop_rows(state, &prefix);
    }
    drop_heard(state, tenant, person_id);

    competency_state_hash(person_id, hash);
    px_keybuf rater = level_keybuf(TABLE_RATER, tenant, NULL, NULL);
    px_key_raw(&rater, (px_bytes){ hash, sizeof hash });
    drop_rows(state, &rater);
}
