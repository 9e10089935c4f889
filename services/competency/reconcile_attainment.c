/* reconcile_attainment.c: says what evidence and rules give, and what is about to lapse. */
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* What this pass works on. */
typedef struct {
    const px_view *state;
    const level_key *key;
    attained_record said;
    attainment now;
    int64_t now_us;
    px_facts *out;
} pass;

static char *own(const pass *p, const char *text)
{
    return px_arena_strdup(px_facts_arena(p->out), text);
}

static void say_rule(const pass *p, const rule_result *rule)
{
    CompetencyFact__RuleOutcome *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->outcome = rule->outcome;
    fact->met = rule->met;
    fact->points = rule->points;
}

/* What was said to lapse by now, and did. */
static bool has_expired(const pass *p)
{
    return p->said.now.lapses_us != 0 && p->said.now.lapses_us <= p->now_us &&
           p->now.level != p->said.now.level;
}

static void say_expired(const pass *p)
{
    CompetencyFact__CompetencyExpired *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->expired_at_us = p->said.now.lapses_us;
}

static void say_attainment(const pass *p)
{
    CompetencyFact__AttainmentChanged *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED);
    competency_record competency;

    competency_state_get(p->state, p->key->tenant, p->key->competency_id, &competency);
    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->level = p->now.level;
    if (p->now.level)
        fact->level_name = own(p, competency.level_names[p->now.level - 1]);
    fact->previous_level = p->said.now.level;
    fact->proficient = p->now.proficient;
    fact->by_rule = p->now.by_rule;
    fact->lapses_at_us = p->now.lapses_us;
    fact->reason =
        has_expired(p) ? COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_EXPIRED : p->said.reason;
}

/* The notice that is due, in days; 0 for none. One that comes too late is passed over for the next.
 */
static uint32_t notice_due(const pass *p)
{
    int64_t left_us = p->now.lapses_us - p->now_us;

    if (p->now.lapses_us == 0 || left_us > NOTICE_FIRST_DAYS * DAY_US)
        return 0;
    return left_us > NOTICE_LAST_DAYS * DAY_US ? NOTICE_FIRST_DAYS : NOTICE_LAST_DAYS;
}

static void say_expiring(const pass *p, uint32_t days)
{
    CompetencyFact__CompetencyExpiring *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING);

    fact->person_id = own(p, p->key->person_id);
    fact->competency_id = own(p, p->key->competency_id);
    fact->expires_at_us = p->now.lapses_us;
    fact->days = days;
}

static bool is_news(const pass *p)
{
    const attainment *said = &p->said.now;

    return said->level != p->now.level || said->by_rule != p->now.by_rule ||
           said->proficient != p->now.proficient || said->lapses_us != p->now.lapses_us;
}

void reconcile_attainment(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    level_key_ids ids;

    level_key_read(&ids, dirty);
    pass p = { .state = state, .key = &ids.key, .now_us = now_us, .out = out };
    if (!px_people_is_known(state, dirty->tenant, ids.person_id) ||
        !competency_state_get_attained(state, &ids.key, &p.said))
        return;
    rule_result rule = attainment_rule(state, &ids.key);
    p.now = attainment_of(state, &ids.key, &rule, now_us);
    if (rule.met != p.said.rule_met)
        say_rule(&p, &rule);
    if (has_expired(&p))
        say_expired(&p);
    uint8_t noticed = p.said.now.lapses_us == p.now.lapses_us ? p.said.noticed : 0;
    if (is_news(&p))
        say_attainment(&p);
    uint32_t days = notice_due(&p);
    if (days && (noticed == 0 || days < noticed))
        say_expiring(&p, days);
}
