/* replace.c: evidence of people moves from one competency to others. Rows keep what was known of
 * raters and items when they were heard, so that nothing is learned twice: what stands in the end
 * is what would stand, had all of it been recorded under the new id, in the order of its time.
 */
#include "services/competency/replace.h"

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/state_need.h"

/* ---- translating ---- */

void evidence_translate(evidence *e, const px_successor *to)
{
    if (e->kind == EVIDENCE_RATING || e->kind == EVIDENCE_ASSESSMENT ||
        e->kind == EVIDENCE_CERTIFICATE)
        e->value = px_successor_rating(to, e->value);
    if (e->kind != EVIDENCE_COMPLETION)
        return;
    e->share *= to->share;
    e->low = px_successor_rating(to, e->low);
    e->high = px_successor_rating(to, e->high);
}

px_successors replace_or_self(const px_view *state, const level_key *key)
{
    px_successors now = px_replaced_resolve(state, key->tenant, key->competency_id);

    if (now.count == 0) {
        now.count = 1;
        px_record_set_text(now.all[0].competency_id, PX_ID_SIZE, key->competency_id);
    }
    return now;
}

uint8_t replace_place(const px_view *state, const char *tenant, const px_successor *to,
                      uint8_t place)
{
    competency_record competency;

    if (place == 0 || place > to->level_count ||
        !competency_state_get(state, tenant, to->competency_id, &competency) ||
        competency.level_count < 2)
        return place;
    double steps = (to->levels[place - 1] - 1.0) * ((double)competency.level_count - 1.0) / 4.0;
    return (uint8_t)(steps + 1.5);
}

/* ---- ratings and the like ---- */

/* The rows of a key as they stand, oldest first. */
typedef struct {
    const level_key *key;
    said_record said;
    bool waits; /* what is protected and unsaid must not be told from the rest */
    uint64_t through, number;
    bool any;
    evidence row;
} stream;

static void step(const px_view *state, stream *s)
{
    s->any = competency_state_evidence_after(state, s->key, &s->number, &s->row) &&
             s->number <= s->through;
}

static stream stream_of(const px_view *state, const level_key *key)
{
    stream s = { .key = key };

    competency_state_get_said(state, key, &s.said);
    s.waits = said_waits(&s.said);
    s.through = s.said.heard;
    step(state, &s);
    return s;
}

static bool is_secret(const stream *s)
{
    return s->waits && s->number > s->said.told && evidence_is_protected(&s->row);
}

/* What waited for company waits on, and everything else with it. */
static void interleave(px_txn *state, stream *there, stream *from, const px_successor *to,
                       said_record *said)
{
    bool any_secret = false;

    while (there->any || from->any) {
        bool is_theirs = !from->any || (there->any && there->row.at_us <= from->row.at_us);
        stream *next = is_theirs ? there : from;
        evidence e = next->row;
        bool secret = is_secret(next);
        uint64_t number = secret ? said_hear(said, true, CHANGE_REPLACED) : said_skip(said);

        if (is_theirs)
            competency_state_del_evidence(state, there->key, next->number);
        else
            evidence_translate(&e, to);
        competency_state_put_evidence(state, there->key, number, &e);
        any_secret = any_secret || secret;
        step(state, next);
    }
    if (!any_secret)
        said_share(said);
}

static standing heard_anew(const px_view *state, const level_key *key)
{
    evidence_scan scan;
    standing s = { 0 };
    evidence e;

    competency_state_scan_evidence(&scan, state, key);
    while (competency_state_next_evidence(&scan, &e))
        standing_hear(&s, &e);
    competency_state_end_evidence(&scan);
    return s;
}

static void put_standing(px_txn *state, const level_key *key, const standing *s)
{
    competency_state_put_standing(state, key, s);
    if (s->follow_up_us)
        level_key_set_due(state, KEY_FOLLOW_UP, key, s->follow_up_us);
    else
        level_key_clear_due(state, KEY_FOLLOW_UP, key);
}

/* Looks whose result is not said yet: behind those of the new competency. */
static void copy_observed(px_txn *state, const level_key *from, const level_key *to, uint64_t base)
{
    observed_record observed;
    uint64_t number = 0;

    while (competency_state_next_observed(state, from, &number, &observed)) {
        competency_state_put_observed(state, to, base + number, &observed);
        level_key_mark(state, KEY_FOLLOW_UP, to);
    }
}

static void copy_evidence(px_txn *state, const level_key *key, const px_successor *to)
{
    level_key there_key = { key->tenant, key->person_id, to->competency_id };
    stream there = stream_of(state, &there_key), from = stream_of(state, key);
    said_record said = there.said;
    uint64_t base = said.heard;

    if (!from.any)
        return;
    copy_observed(state, key, &there_key, base);
    if (!said.level.known && !said.carried.known)
        said.carried = from.said.level.known ? from.said.level : from.said.carried;
    said.told = base;
    said.fresh = said.fresh || from.said.fresh;
    said.reason = CHANGE_REPLACED;
    interleave(state, &there, &from, to, &said);
    standing s = heard_anew(state, &there_key);
    put_standing(state, &there_key, &s);
    competency_state_put_said(state, &there_key, &said);
    level_key_mark(state, KEY_LEVEL, &there_key);
}

static void drop_evidence(px_txn *state, const level_key *key)
{
    static const standing nothing;
    observed_record observed;
    uint64_t number = 0;
    evidence e;

    while (competency_state_evidence_after(state, key, &number, &e))
        competency_state_del_evidence(state, key, number);
    for (number = 0; competency_state_next_observed(state, key, &number, &observed);)
        competency_state_del_observed(state, key, number);
    put_standing(state, key, &nothing);
}

static void move_evidence(px_txn *state, const level_key *key, const px_successors *by)
{
    said_record said;

    if (!competency_state_get_said(state, key, &said))
        return;
    for (size_t i = 0; i < by->count; i++)
        copy_evidence(state, key, &by->all[i]);
    if (by->count > 0) {
        drop_evidence(state, key);
        said_hear(&said, false, CHANGE_REPLACED);
        said.carried = (figures){ 0 };
        competency_state_put_said(state, key, &said);
    }
    level_key_mark(state, KEY_LEVEL, key);
}

/* ---- what evidence gives ---- */

/* The actions of a key as they stand, oldest first. */
typedef struct {
    const level_key *key;
    uint64_t through, number;
    bool any;
    action_row row;
} actions;

static void next_action(const px_view *state, actions *a)
{
    a->any = competency_state_action_after(state, a->key, &a->number, &a->row) &&
             a->number <= a->through;
}

static actions actions_of(const px_view *state, const level_key *key)
{
    actions a = { .key = key };
    attained_record said;

    competency_state_get_attained(state, key, &said);
    a.through = said.count;
    next_action(state, &a);
    return a;
}

static void copy_actions(px_txn *state, const level_key *key, const px_successor *to)
{
    level_key there_key = { key->tenant, key->person_id, to->competency_id };
    actions there = actions_of(state, &there_key), from = actions_of(state, key);
    attained_record said;

    competency_state_get_attained(state, &there_key, &said);
    while (there.any || from.any) {
        bool is_theirs = !from.any || (there.any && there.row.earned_us <= from.row.earned_us);
        actions *next = is_theirs ? &there : &from;
        action_row row = next->row;

        if (is_theirs)
            competency_state_del_action(state, &there_key, next->number);
        else
            row.level = replace_place(state, key->tenant, to, row.level);
        competency_state_put_action(state, &there_key, ++said.count, &row);
        next_action(state, next);
    }
    competency_state_put_attained(state, &there_key, &said);
    hear_attainment(state, &there_key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_REPLACED);
}

static void move_actions(px_txn *state, const level_key *key, const px_successors *by)
{
    attained_record said;
    uint64_t number = 0;
    action_row row;

    if (by->count == 0 || !competency_state_get_attained(state, key, &said))
        return;
    for (size_t i = 0; i < by->count; i++)
        copy_actions(state, key, &by->all[i]);
    while (competency_state_action_after(state, key, &number, &row))
        competency_state_del_action(state, key, number);
    hear_attainment(state, key, COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_REPLACED);
}

/* One pass over everybody, in one fold. */
void replace_of_people(px_txn *state, const char *tenant, const char *old_id,
                       const px_successors *by)
{
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id)) {
        level_key key = { tenant, person_id, old_id };

        move_evidence(state, &key, by);
        move_actions(state, &key, by);
        need_replace(state, &key, by);
    }
}
