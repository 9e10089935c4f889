/* replace.c: evidence of people moves from one competency to others. Rows keep what was known of
 * raters and items when they were heard, so that nothing is learned twice: what stands in the end
 * is what would stand, had all of it been recorded under the new id, in the order of its time.
 */
#include "services/competency/replace.h"

#include "common/record.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/hear.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/policy.h"
#include "services/competency/state_evidence.h"
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
    said_record said;
    bool waits; /* what is protected and unsaid must not be told from the rest */
    evidence_list heard;
    size_t at;
} stream;

static stream stream_of(const px_view *state, const level_key *key)
{
    stream s = { .at = 0 };

    competency_state_get_said(state, key, &s.said);
    s.waits = said_waits(&s.said);
    s.heard = competency_state_evidence(state, s.said.evidence);
    return s;
}

static const evidence_row *next_of(const stream *s)
{
    return s->at < s->heard.count ? &s->heard.rows[s->at] : NULL;
}

static bool is_secret(const stream *s, const evidence_row *row)
{
    return s->waits && row->number > s->said.told && evidence_is_protected(&row->e);
}

static bool comes_first(const evidence_row *theirs, const evidence_row *other)
{
    return theirs && (!other || theirs->e.at_us <= other->e.at_us);
}

/* Everything is heard again, in the order in which it happened. What waited for company waits on,
 * and everything else with it. */
static void interleave(px_txn *state, stream *there, stream *from, const px_successor *to,
                       said_record *said)
{
    bool any_secret = false;

    said->evidence = 0;
    competency_state_del_evidence(state, &there->heard);
    while (next_of(there) || next_of(from)) {
        bool is_theirs = comes_first(next_of(there), next_of(from));
        stream *next = is_theirs ? there : from;
        bool secret = is_secret(next, next_of(next));
        evidence e = next_of(next)->e;
        uint64_t number = secret ? said_hear(said, true, CHANGE_REPLACED) : said_skip(said);

        if (!is_theirs)
            evidence_translate(&e, to);
        competency_state_add_evidence(state, said, number, &e);
        any_secret = any_secret || secret;
        next->at++;
    }
    if (!any_secret)
        said_share(said);
}

static standing heard_anew(const px_view *state, const said_record *said)
{
    evidence_list list = competency_state_evidence(state, said->evidence);
    standing s = { 0 };

    for (size_t i = 0; i < list.count; i++)
        standing_hear(&s, &list.rows[i].e);
    competency_state_free_evidence(&list);
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

static void take_over(px_txn *state, const level_key *key, stream *there, stream *from,
                      const px_successor *to)
{
    said_record said = there->said;

    if (!said.level.known && !said.carried.known)
        said.carried = from->said.level.known ? from->said.level : from->said.carried;
    said.told = said.heard;
    said.fresh = said.fresh || from->said.fresh;
    said.reason = CHANGE_REPLACED;
    interleave(state, there, from, to, &said);
    standing s = heard_anew(state, &said);
    put_standing(state, key, &s);
    competency_state_put_said(state, key, &said);
    policy_note_ages(state, key);
    level_key_mark(state, KEY_LEVEL, key);
}

static void copy_evidence(px_txn *state, const level_key *key, const px_successor *to)
{
    level_key there_key = { key->tenant, key->person_id, to->competency_id };
    stream there = stream_of(state, &there_key), from = stream_of(state, key);

    if (from.heard.count > 0) {
        copy_observed(state, key, &there_key, there.said.heard);
        take_over(state, &there_key, &there, &from, to);
    }
    competency_state_free_evidence(&there.heard);
    competency_state_free_evidence(&from.heard);
}

static void drop_evidence(px_txn *state, const level_key *key, said_record *said)
{
    static const standing nothing;
    evidence_list list = competency_state_evidence(state, said->evidence);
    observed_record observed;

    competency_state_del_evidence(state, &list);
    competency_state_free_evidence(&list);
    said->evidence = 0;
    for (uint64_t number = 0; competency_state_next_observed(state, key, &number, &observed);)
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
        drop_evidence(state, key, &said);
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
    attained_record said, before;

    competency_state_get_attained(state, &there_key, &said);
    competency_state_get_attained(state, key, &before);
    said.lapsed = said.now.level == 0 && (said.lapsed || before.lapsed);
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
    if (said.lapsed)
        hear_attained_level(state, &there_key);
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

/* What the strategy makes of a gap came along, for who never had anything under the old id too. */
static void hold_against_successors(px_txn *state, const level_key *key, const px_successors *by)
{
    for (size_t i = 0; i < by->count; i++) {
        level_key there = { key->tenant, key->person_id, by->all[i].competency_id };

        hear_requirement(state, &there);
    }
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
        hold_against_successors(state, &key, by);
    }
}
