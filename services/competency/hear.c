/* hear.c: the one way evidence enters the state, from own facts and from those of others. */
#include "services/competency/hear.h"

#include "common/record.h"
#include "common/replaced.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/follow_up.h"
#include "services/competency/policy.h"
#include "services/competency/replace.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_evidence.h"
#include "services/competency/state_need.h"

static bool is_same(px_bias a, px_bias b)
{
    return a.mean == b.mean && a.var == b.var;
}

static void learn_rater(px_txn *state, const level_key *key, const evidence *e, px_heard heard)
{
    if (!is_same(e->source_bias, heard.source_bias))
        competency_state_put_source(state, key->tenant, e->source, &heard.source_bias);
    if (!is_same(e->rater_bias, heard.rater_bias))
        competency_state_put_rater(state, key->tenant, e->rater, e->source, &heard.rater_bias);
}

static void fill_rating(const px_view *state, const level_key *key, evidence *e)
{
    e->rater_bias = competency_state_get_rater(state, key->tenant, e->rater, e->source);
    e->source_bias = competency_state_get_source(state, key->tenant, e->source);
}

/* What is pending is looked at before more learning is added to it; that is said by and by. */
static void look_first(px_txn *state, const level_key *key, standing *s, const evidence *e,
                       uint64_t number)
{
    if (!standing_must_harvest(s, e))
        return;
    follow_up seen = follow_up_look(state, key, s, px_days(e->at_us));
    if (seen.observed.var == 0.0)
        return;
    follow_up_learn(state, key, &seen);
    competency_state_put_observed(state, key, number, &seen.observed);
    level_key_mark(state, KEY_FOLLOW_UP, key);
}

static void fill_completion(px_txn *state, const level_key *key, evidence *e)
{
    item_record item;

    if (!competency_state_get_item(state, key->tenant, e->item, key->competency_id, &item)) {
        px_record_set_text(item.item_id, sizeof item.item_id, e->ref);
        item.effect = e->effect;
        competency_state_put_item(state, key->tenant, e->item, key->competency_id, &item);
    }
    e->effect = item.effect;
}

static change_reason reason_of(const evidence *e)
{
    return e->kind == EVIDENCE_COMPLETION ? CHANGE_LEARNING : CHANGE_EVIDENCE;
}

static void hear_here(px_txn *state, const level_key *key, evidence *e)
{
    heard_record here;

    competency_state_get_heard(state, key, &here);
    standing *s = &here.standing;
    uint32_t completions = s->completions;
    if (e->kind == EVIDENCE_RATING)
        fill_rating(state, key, e);
    if (e->kind == EVIDENCE_COMPLETION) {
        look_first(state, key, s, e, here.said.heard + 1);
        fill_completion(state, key, e);
    }

    bool learning = s->level.pending_count > 0;
    int64_t due_us = s->follow_up_us;
    uint32_t seen = s->level.pending_seen;
    px_heard heard = standing_hear(s, e);
    if (e->kind == EVIDENCE_RATING) {
        learn_rater(state, key, e, heard);
        if (!learning && e->source != PX_SELF)
            follow_up_control(state, key->tenant, s->level.days, heard.surprise);
    }
    here.said.fresh = here.said.fresh || !e->history;
    bool moves = e->kind != EVIDENCE_COMPLETION || s->completions != completions;
    uint64_t number = moves ? said_hear(&here.said, evidence_is_protected(e), reason_of(e))
                            : said_skip(&here.said);
    /* The date may have passed while nobody had rated: with the first rating it comes again. */
    bool first_seen = seen == 0 && s->level.pending_seen > 0;
    if (s->follow_up_us && (s->follow_up_us != due_us || first_seen))
        level_key_set_due(state, KEY_FOLLOW_UP, key, s->follow_up_us);

    competency_state_add_evidence(state, &here.said, number, e);
    competency_state_put_heard(state, key, &here, true);
    policy_note_age(state, key, e);
}

/* Evidence of a competency that ended is evidence of what took its place; none when it was retired.
 */
void hear_evidence(px_txn *state, const level_key *key, const evidence *e)
{
    px_successors now = px_replaced_resolve(state, key->tenant, key->competency_id);

    for (size_t i = 0; i < now.count; i++) {
        level_key there = { key->tenant, key->person_id, now.all[i].competency_id };
        evidence copy = *e;

        evidence_translate(&copy, &now.all[i]);
        hear_here(state, &there, &copy);
    }
}

static void withdraw_here(px_txn *state, const level_key *key, evidence_kind kind, const char *ref)
{
    heard_record here;
    evidence removed;

    competency_state_get_heard(state, key, &here);
    if (!competency_state_remove_evidence(state, &here, kind, ref, &removed))
        return;
    said_hear(&here.said, evidence_is_protected(&removed), CHANGE_WITHDRAWN);
    if (here.standing.follow_up_us)
        level_key_set_due(state, KEY_FOLLOW_UP, key, here.standing.follow_up_us);
    else
        level_key_clear_due(state, KEY_FOLLOW_UP, key);
    competency_state_put_heard(state, key, &here, true);
}

/* What was known of a retired competency is still there. */
void hear_withdrawal(px_txn *state, const level_key *key, evidence_kind kind, const char *ref)
{
    px_successors now = px_replaced_resolve(state, key->tenant, key->competency_id);

    for (size_t i = 0; i < now.count; i++) {
        level_key there = { key->tenant, key->person_id, now.all[i].competency_id };

        withdraw_here(state, &there, kind, ref);
    }
    if (now.count == 0)
        withdraw_here(state, key, kind, ref);
}

void hear_follow_up(px_txn *state, const level_key *key)
{
    heard_record here;

    competency_state_get_heard(state, key, &here);
    evidence e = { .kind = EVIDENCE_FOLLOW_UP, .at_us = here.standing.as_of_us };
    follow_up seen = follow_up_look(state, key, &here.standing, here.standing.level.days);
    follow_up_learn(state, key, &seen);
    level_key_clear_due(state, KEY_FOLLOW_UP, key);
    competency_state_add_evidence(state, &here.said, said_skip(&here.said), &e);
    competency_state_put_heard(state, key, &here, false);
}

void hear_requirement(px_txn *state, const level_key *key)
{
    said_record said;

    if (!competency_state_get_said(state, key, &said))
        return;
    level_key_mark(state, KEY_LEVEL, key);
    need_refresh(state, key);
}

void hear_roles_moved(px_txn *state, const char *tenant, const char *person_id,
                      const px_role_list *before, const px_role_list *after)
{
    char competency_id[PX_ID_SIZE] = "";

    (void)before;
    (void)after;
    while (competency_state_next_heard(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };

        level_key_mark(state, KEY_LEVEL, &key);
        need_refresh(state, &key);
    }
}

/* Also of whom only evidence beside ratings is known: by some policies that gives a level. */
static void look_by_policy(px_txn *state, const level_key *key)
{
    attained_record attained;
    said_record said;

    if (!competency_state_get_said(state, key, &said) &&
        !competency_state_get_attained(state, key, &attained))
        return;
    said.reason = CHANGE_POLICY;
    competency_state_put_said(state, key, &said);
    policy_note_ages(state, key);
    level_key_mark(state, KEY_LEVEL, key);
}

void hear_policy(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id)) {
        level_key key = { tenant, person_id, competency_id };

        look_by_policy(state, &key);
    }
}

void hear_attained_level(px_txn *state, const level_key *key)
{
    policy_record policy = competency_state_get_policy(state, key->tenant, key->competency_id);
    said_record said;

    if (policy.kind != COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_ATTAINED)
        return;
    competency_state_get_said(state, key, &said);
    said_hear(&said, false, CHANGE_EVIDENCE);
    said.fresh = true;
    competency_state_put_said(state, key, &said);
    level_key_mark(state, KEY_LEVEL, key);
}
