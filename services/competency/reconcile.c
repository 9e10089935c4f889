/* reconcile.c: says what holds and was not said yet: level, gap, and what learning did. */
#include "common/gap.h"
#include "common/people.h"
#include "common/replaced.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "services/competency/figures_fact.h"
#include "services/competency/follow_up.h"
#include "services/competency/gap_evidence.h"
#include "services/competency/policy.h"
#include "services/competency/service.h"
#include "services/competency/state.h"

/* ---- level and gap ---- */

/* What this pass works on. */
typedef struct {
    const px_view *state;
    const level_key *key;
    const said_record *said;
    figures now;    /* what may be said */
    bool held_back; /* there is more, which may not */
    px_facts *out;
} pass;

/* One gap of it. */
typedef struct {
    const pass *pass;
    gap_purpose purpose;
    const said_gap *said;
    px_requirement asked;
    evidence_ids open, secret; /* what it rests on */
} gap_pass;

static char *own(const pass *p, const char *text)
{
    return px_arena_strdup(px_facts_arena(p->out), text);
}

/* Of what waits nothing is said yet. */
static uint64_t heard_by_now(const pass *p)
{
    return p->held_back ? p->said->told : p->said->heard;
}

static char **own_ids(const pass *p, const evidence_ids *list)
{
    return px_ids_copy(list->ids, list->count, px_facts_arena(p->out));
}

static void say_level(const pass *p)
{
    CompetencyFact__LevelChanged *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->estimate = figures_to_fact(&p->now, px_facts_arena(p->out));
    fact->previous_mu = p->said->level.mu;
    fact->reason = p->said->reason;
    fact->heard = heard_by_now(p);
}

static double probability_of(const figures *now, double target)
{
    return now->known ? px_gap_probability(target - now->mu, now->var) : 0.0;
}

static void say_gap_opened(const gap_pass *g)
{
    const pass *p = g->pass;
    CompetencyFact__GapOpened *fact = px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_GAP_OPENED);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->role_id = own(p, g->asked.role_id);
    fact->target = g->asked.target;
    fact->weight = g->asked.weight;
    fact->estimate = figures_to_fact(&p->now, px_facts_arena(p->out));
    fact->probability = probability_of(&p->now, g->asked.target);
    fact->shortfall = px_shortfall(g->asked.target - p->now.mu, p->now.var);
    fact->purpose = (uint32_t)g->purpose + 1;
    fact->from_history = !p->said->fresh;
    fact->evidence_ids = own_ids(p, &g->open);
    fact->n_evidence_ids = fact->evidence_ids ? g->open.count : 0;
    fact->protected_ids = own_ids(p, &g->secret);
    fact->n_protected_ids = fact->protected_ids ? g->secret.count : 0;
}

static void say_gap_changed(const gap_pass *g)
{
    const pass *p = g->pass;
    CompetencyFact__GapChanged *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_GAP_CHANGED);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->role_id = own(p, g->asked.role_id);
    fact->target = g->asked.target;
    fact->weight = g->asked.weight;
    fact->estimate = figures_to_fact(&p->now, px_facts_arena(p->out));
    fact->probability = probability_of(&p->now, g->asked.target);
    fact->shortfall = px_shortfall(g->asked.target - p->now.mu, p->now.var);
    fact->purpose = (uint32_t)g->purpose + 1;
    fact->from_history = !p->said->fresh;
    fact->evidence_ids = own_ids(p, &g->open);
    fact->n_evidence_ids = fact->evidence_ids ? g->open.count : 0;
    fact->protected_ids = own_ids(p, &g->secret);
    fact->n_protected_ids = fact->protected_ids ? g->secret.count : 0;
}

/* The role it was open for, which may no longer be the person's. */
static void say_gap_closed(const gap_pass *g)
{
    const pass *p = g->pass;
    CompetencyFact__GapClosed *fact = px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_GAP_CLOSED);
    bool asked = g->asked.target == g->said->asked.target;
    bool ended = px_replaced_has_ended(p->state, p->key->tenant, p->key->competency_id);
    double target = g->asked.target != 0.0 ? g->asked.target : g->said->asked.target;

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->role_id = own(p, g->said->asked.role_id);
    fact->target = target;
    fact->estimate = figures_to_fact(&p->now, px_facts_arena(p->out));
    fact->probability = probability_of(&p->now, target);
    fact->reason = ended ? CHANGE_REPLACED : asked ? p->said->reason : CHANGE_TARGET;
    fact->purpose = (uint32_t)g->purpose + 1;
    fact->evidence_ids = own_ids(p, &g->open);
    fact->n_evidence_ids = fact->evidence_ids ? g->open.count : 0;
    fact->protected_ids = own_ids(p, &g->secret);
    fact->n_protected_ids = fact->protected_ids ? g->secret.count : 0;
}

static void say_gap(const pass *p, gap_purpose purpose, px_requirement asked)
{
    gap_pass g = { .pass = p, .purpose = purpose, .said = &p->said->gaps[purpose], .asked = asked };
    px_gap_news news = said_gap_news(g.said, &p->now, &asked, p->said->fresh);

    if (news != PX_GAP_SAME)
        gap_evidence(p->state, p->key, heard_by_now(p), &g.open, &g.secret);
    switch (news) {
    case PX_GAP_SAME:
        return;
    case PX_GAP_OPENED:
        say_gap_opened(&g);
        return;
    case PX_GAP_CHANGED:
        say_gap_changed(&g);
        return;
    case PX_GAP_CLOSED:
        say_gap_closed(&g);
        return;
    }
}

/* A level that only grows older is not said again; `now` matters where old ratings do not count,
 * which have a date to be looked at (KEY_AGE). */
void reconcile_level(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    level_key_ids ids;
    heard_record heard;
    const said_record *said = &heard.said;

    level_key_read(&ids, dirty);
    if (!px_people_is_known(state, dirty->tenant, ids.person_id) ||
        !competency_state_get_heard(state, &ids.key, &heard))
        return;
    figures now = policy_figures(state, &ids.key, &heard.standing, now_us);
    pass p = { .state = state,
               .key = &ids.key,
               .said = said,
               .now = said_showable(said, &now),
               .held_back = said_holds_back(said, &now),
               .out = out };
    if (said_level_is_news(said, &p.now))
        say_level(&p);
    say_gap(&p, FOR_PRESENT,
            px_roles_requirement(state, dirty->tenant, ids.person_id, ids.competency_id));
    say_gap(&p, FOR_CAREER,
            px_roles_career(state, dirty->tenant, ids.person_id, ids.competency_id));
}

/* ---- what learning did ---- */

static void say_effect(const level_key *key, const follow_up *seen, px_facts *out)
{
    px_arena *arena = px_facts_arena(out);
    CompetencyFact__EffectObserved *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED);

    fact->person_id = px_arena_strdup(arena, key->person_id);
    fact->competency_id = px_arena_strdup(arena, key->competency_id);
    fact->observed = seen->observed.gain;
    fact->observed_variance = seen->observed.var;
    fact->control_sum = seen->observed.control.sum;
    fact->control_count = seen->observed.control.count;
    fact->items = px_arena_alloc(arena, seen->observed.count * sizeof *fact->items);
    for (size_t i = 0; fact->items && i < seen->observed.count; i++) {
        CompetencyFact__ItemEffect *item = px_arena_alloc(arena, sizeof *item);

        if (!item)
            return;
        *item = (CompetencyFact__ItemEffect)COMPETENCY_FACT__ITEM_EFFECT__INIT;
        item->item_id = px_arena_strdup(arena, seen->items[i].item_id);
        item->mean = seen->items[i].effect.mean;
        item->variance = seen->items[i].effect.var;
        item->exposure = seen->observed.pending[i].z;
        fact->items[fact->n_items++] = item;
    }
}

/* First what a later completion has brought about, then what is due. */
void reconcile_follow_up(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    level_key_ids ids;
    observed_record earlier;
    uint64_t number = 0;

    level_key_read(&ids, dirty);
    while (competency_state_next_observed(state, &ids.key, &number, &earlier)) {
        follow_up seen = follow_up_recall(state, &ids.key, &earlier);
        say_effect(&ids.key, &seen, out);
    }
    standing s = competency_state_get_standing(state, &ids.key);
    if (s.follow_up_us == 0 || s.follow_up_us > now_us)
        return;
    if (s.level.pending_count > 0 && s.level.pending_seen == 0)
        return; /* nobody has rated since: there is nothing to see until somebody does */
    follow_up seen = follow_up_look(state, &ids.key, &s, s.level.days);
    say_effect(&ids.key, &seen, out);
}
