/* state_level.c: keys and bytes of what is known of one competency of one person. These rows are
 * neighbours, and so are all of a person.
 */
#include "services/competency/state.h"

#include <string.h>

#include "common/level_record.h"
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

/* ---- standing ---- */

/* What stands before the level's own bytes (common/level_record). */
static void walk_standing(px_record *r, standing *s)
{
    px_record_i64(r, &s->as_of_us);
    px_record_i64(r, &s->follow_up_us);
    px_record_u32(r, &s->completions);
}

standing competency_state_get_standing(const px_view *state, const level_key *key)
{
    px_keybuf buf = keybuf(ROW_STANDING, key);
    standing s = { 0 };
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&buf), &value))
        return s;
    px_record r = px_record_reader(value);
    walk_standing(&r, &s);
    s.known = px_level_decode(&s.level, r.in + r.at, r.size - r.at);
    PX_ASSERT(s.known);
    return s;
}

void competency_state_put_standing(px_txn *state, const level_key *key, const standing *s)
{
    px_keybuf buf = keybuf(ROW_STANDING, key);
    uint8_t bytes[32 + PX_LEVEL_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    standing copy = *s;

    if (!s->known) {
        level_del(state, &buf);
        return;
    }
    walk_standing(&r, &copy);
    r.at += px_level_encode(&s->level, r.out + r.at);
    px_put(state, PX_STATE, px_key_bytes(&buf), px_record_end(&r));
}

/* ---- said ---- */

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

bool competency_state_get_said(const px_view *state, const level_key *key, said_record *out)
{
    px_keybuf buf = keybuf(ROW_SAID, key);

    *out = (said_record){ 0 };
    bool known = level_get(state, &buf, walk_said, out);
    out->listed = said_waits(out);
    return known;
}

void competency_state_put_said(px_txn *state, const level_key *key, const said_record *said)
{
    px_keybuf buf = keybuf(ROW_SAID, key);
    px_keybuf waiting =
        level_keybuf(TABLE_WAITING, key->tenant, key->person_id, key->competency_id);
    said_record copy = *said;

    level_put(state, &buf, walk_said, &copy);
    if (said_waits(said) && !said->listed)
        level_put_mark(state, &waiting);
    if (!said_waits(said) && said->listed)
        level_del(state, &waiting);
}

bool competency_state_next_heard(const px_view *state, const char *tenant, const char *person_id,
                                 char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_LEVEL, tenant, person_id, NULL);

    return px_key_next(state, &prefix, competency_id, PX_ID_SIZE); /* whatever is known is said */
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

/* ---- evidence ---- */

static void walk_hash(px_record *r, uint8_t hash[PX_METHOD_ID])
{
    for (size_t i = 0; i < PX_METHOD_ID; i++)
        px_record_u8(r, &hash[i]);
}

static void walk_bias(px_record *r, px_bias *bias)
{
    px_record_f64(r, &bias->mean);
    px_record_f64(r, &bias->var);
}

static void walk_rating(px_record *r, evidence *e)
{
    uint8_t source = (uint8_t)e->source;

    px_record_u8(r, &source);
    e->source = (px_evidence)source;
    walk_hash(r, e->rater);
    walk_bias(r, &e->rater_bias);
    walk_bias(r, &e->source_bias);
}

static void walk_completion(px_record *r, evidence *e)
{
    walk_hash(r, e->item);
    px_record_f64(r, &e->share);
    px_record_f64(r, &e->low);
    px_record_f64(r, &e->high);
    px_record_f64(r, &e->effect.mean);
    px_record_f64(r, &e->effect.var);
    px_record_f64(r, &e->effect.spread);
}

static void walk_evidence(px_record *r, void *record)
{
    evidence *e = record;
    uint8_t kind = (uint8_t)e->kind;

    px_record_u8(r, &kind);
    e->kind = (evidence_kind)kind;
    px_record_text(r, e->ref, sizeof e->ref);
    px_record_i64(r, &e->at_us);
    px_record_f64(r, &e->value);
    if (e->kind == EVIDENCE_RATING)
        walk_rating(r, e);
    if (e->kind == EVIDENCE_COMPLETION)
        walk_completion(r, e);
}

void competency_state_put_evidence(px_txn *state, const level_key *key, uint64_t number,
                                   const evidence *e)
{
    px_keybuf buf = numbered(ROW_EVIDENCE, key, number);
    evidence copy = *e;

    level_put(state, &buf, walk_evidence, &copy);
}

static evidence read_evidence(px_bytes value)
{
    px_record r = px_record_reader(value);
    evidence e = { 0 };

    walk_evidence(&r, &e);
    px_record_end(&r);
    return e;
}

void competency_state_scan_evidence(evidence_scan *scan, const px_view *state, const level_key *key)
{
    px_keybuf prefix = keybuf(ROW_EVIDENCE, key);

    px_scan_begin(&scan->scan, state, PX_STATE, px_key_bytes(&prefix));
}

bool competency_state_next_evidence(evidence_scan *scan, evidence *out)
{
    px_bytes key, value;

    if (!px_scan_next(&scan->scan, &key, &value))
        return false;
    *out = read_evidence(value);
    return true;
}

void competency_state_end_evidence(evidence_scan *scan)
{
    px_scan_end(&scan->scan);
}

bool competency_state_evidence_after(const px_view *state, const level_key *key, uint64_t *number,
                                     evidence *out)
{
    px_keybuf prefix = keybuf(ROW_EVIDENCE, key);
    px_keybuf from = numbered(ROW_EVIDENCE, key, *number + 1);
    px_bytes found, value;
    px_scan scan;

    px_scan_begin_at(&scan, state, PX_STATE, px_key_bytes(&prefix), px_key_bytes(&from));
    bool any = px_scan_next(&scan, &found, &value);
    if (any) {
        px_keyread rest = { found, prefix.size };

        *number = px_keyread_u64(&rest);
        *out = read_evidence(value);
    }
    px_scan_end(&scan);
    return any;
}

void competency_state_del_evidence(px_txn *state, const level_key *key, uint64_t number)
{
    px_keybuf buf = numbered(ROW_EVIDENCE, key, number);

    level_del(state, &buf);
}

static bool is_of(const evidence *e, evidence_kind kind, const char *ref)
{
    return e->kind == kind && strcmp(e->ref, ref) == 0;
}

bool competency_state_remove_evidence(px_txn *state, const level_key *key, evidence_kind kind,
                                      const char *ref, evidence *removed, standing *rest)
{
    px_keybuf prefix = keybuf(ROW_EVIDENCE, key);
    px_bytes found, value;
    bool any = false;
    px_scan scan;

    *rest = (standing){ 0 };
    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (px_scan_next(&scan, &found, &value)) {
        evidence e = read_evidence(value);

        if (is_of(&e, kind, ref)) {
            px_scan_del(&scan);
            *removed = e;
            any = true;
        } else {
            standing_hear(rest, &e);
        }
    }
    px_scan_end(&scan);
    return any;
}

bool competency_state_find_evidence(const px_view *state, const char *tenant, const char *person_id,
                                    evidence_kind kind, const char *ref,
                                    char competency_id[PX_ID_SIZE])
{
    px_keybuf prefix = level_keybuf(TABLE_LEVEL, tenant, person_id, NULL);
    px_bytes key, value;
    bool found = false;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!found && px_scan_next(&scan, &key, &value)) {
        px_keyread rest = { key, prefix.size };
        const char *competency = px_keyread_text(&rest);

        if (px_keyread_u8(&rest) != ROW_EVIDENCE)
            continue;
        evidence e = read_evidence(value);
        found = is_of(&e, kind, ref);
        if (found)
            px_record_set_text(competency_id, PX_ID_SIZE, competency);
    }
    px_scan_end(&scan);
    return found;
}

/* ---- observed ---- */

static void walk_observed(px_record *r, void *record)
{
    observed_record *o = record;

    px_record_u32(r, &o->count);
    PX_ASSERT(o->count <= PX_PENDING_MAX);
    for (size_t i = 0; i < o->count; i++) {
        walk_hash(r, o->pending[i].item);
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

void competency_state_drop_person(px_txn *state, const char *tenant, const char *person_id)
{
    static const uint8_t tables[] = { TABLE_LEVEL, TABLE_WAITING, TABLE_CRITIC, TABLE_NO_EFFECT };
    uint8_t hash[PX_METHOD_ID];

    for (size_t i = 0; i < PX_COUNT(tables); i++) {
        px_keybuf prefix = level_keybuf(tables[i], tenant, person_id, NULL);
        drop_rows(state, &prefix);
    }

    competency_state_hash(person_id, hash);
    px_keybuf rater = level_keybuf(TABLE_RATER, tenant, NULL, NULL);
    px_key_raw(&rater, (px_bytes){ hash, sizeof hash });
    drop_rows(state, &rater);
}
