/* attainment.c: Moodle's actions (log, complete, override) and raise, validity, and rules from
 * children to their parent, both ways. */
#include "services/competency/attainment.h"

#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/state_attainment.h"

enum { LAPSES_LOOKED_AT = 64 /* of one level, the earliest first; more lapse unannounced */ };

uint8_t attainment_after(uint8_t level, const action_row *row, uint8_t default_level, int64_t at_us)
{
    if (row->until_us != 0 && row->until_us <= at_us)
        return level;
    switch ((evidence_action)row->action) {
    case ACTION_NONE:
    case ACTION_LOG:
        return level;
    case ACTION_COMPLETE:
        return level ? level : default_level;
    case ACTION_OVERRIDE:
        return row->level;
    case ACTION_RAISE:
        return row->level > level ? row->level : level;
    }
    return level;
}

static uint8_t fold(const px_view *state, const level_key *key, uint8_t default_level,
                    int64_t at_us)
{
    action_scan scan;
    uint8_t level = 0;
    action_row row;

    competency_state_scan_actions(&scan, state, key);
    while (competency_state_next_action(&scan, &row))
        level = attainment_after(level, &row, default_level, at_us);
    competency_state_end_actions(&scan);
    return level;
}

/* The first end of validity after a time; 0 when there is none. */
static int64_t next_end(const px_view *state, const level_key *key, int64_t after_us)
{
    action_scan scan;
    int64_t end = 0;
    action_row row;

    competency_state_scan_actions(&scan, state, key);
    while (competency_state_next_action(&scan, &row))
        if (row.until_us > after_us && (end == 0 || row.until_us < end))
            end = row.until_us;
    competency_state_end_actions(&scan);
    return end;
}

/* Evidence may lapse without consequence, as long as other evidence carries the level. */
static int64_t lapse_of(const px_view *state, const level_key *key, uint8_t default_level,
                        uint8_t level, int64_t at_us)
{
    int64_t end = next_end(state, key, at_us);

    for (int i = 0; end != 0 && i < LAPSES_LOOKED_AT; i++) {
        if (fold(state, key, default_level, end) != level)
            return end;
        end = next_end(state, key, end);
    }
    return 0;
}

attainment attainment_of(const px_view *state, const level_key *key, const rule_result *rule,
                         int64_t at_us)
{
    bool completes =
        rule->outcome == COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_COMPLETE;
    competency_record competency;
    attainment now = { 0 };

    competency_state_get(state, key->tenant, key->competency_id, &competency);
    now.level = fold(state, key, competency.default_level, at_us);
    now.lapses_us = lapse_of(state, key, competency.default_level, now.level, at_us);
    if (now.level == 0 && completes && rule->met) {
        now.level = competency.default_level;
        now.by_rule = true;
    }
    now.proficient = now.level > 0 && now.level >= competency.proficient_from;
    return now;
}

/* ---- rules ---- */

static bool is_proficient(const px_view *state, const level_key *key, const char *child_id)
{
    level_key child = { key->tenant, key->person_id, child_id };
    attained_record said;

    return competency_state_get_attained(state, &child, &said) && said.now.proficient;
}

rule_result attainment_rule(const px_view *state, const level_key *key)
{
    rule_result result = { 0 };
    bool all = true, required = true;
    rule_record rule;

    if (!competency_state_get_rule(state, key->tenant, key->competency_id, &rule) ||
        rule.outcome == COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_UNSPECIFIED)
        return result; /* nothing is to follow from it */
    for (uint8_t i = 0; i < rule.child_count; i++) {
        bool has = is_proficient(state, key, rule.children[i].competency_id);

        all = all && has;
        required = required && (has || !rule.children[i].required);
        result.points += has ? rule.children[i].points : 0;
    }
    result.outcome = rule.outcome;
    result.met = rule.kind == COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_ALL
                     ? all
                     : required && result.points >= rule.points_needed;
    return result;
}
