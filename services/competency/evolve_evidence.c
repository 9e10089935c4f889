/* evolve_evidence.c: own facts about evidence, attainment and rules -> state. */
#include <string.h>

#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/hear.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/policy.h"
#include "services/competency/service.h"
#include "services/competency/state_potential.h"

/* ---- evidence ---- */

/* An id stays taken, also when its person was erased meanwhile. */
static bool is_nobodys(px_txn *state, const px_fact *fact, const char *evidence_id,
                       const char *person_id)
{
    static const evidence_ref nobodys = { .status = EVIDENCE_SUPERSEDED };

    if (px_people_is_known(state, fact->tenant, person_id))
        return false;
    competency_state_put_evidence_ref(state, fact->tenant, evidence_id, &nobodys);
    return true;
}

/* METHOD section 1 takes valid ones; what comes in from the past was valid at its time. */
static bool is_lapsed(const px_fact *fact)
{
    const CompetencyFact__EvidenceRecorded *f = fact->body;

    return !fact->history && f->valid_until_us != 0 && f->valid_until_us <= fact->decided_at_us;
}

static void hear_certificate(px_txn *state, const level_key *key, const px_fact *fact)
{
    const CompetencyFact__EvidenceRecorded *f = fact->body;
    evidence e = { .kind = EVIDENCE_CERTIFICATE,
                   .at_us = f->earned_at_us,
                   .value = f->level_value,
                   .history = fact->history };

    px_record_set_text(e.ref, sizeof e.ref, f->evidence_id);
    hear_evidence(state, key, &e);
}

void evolve_evidence_recorded(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EvidenceRecorded *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    action_row row = { .source = (uint8_t)f->source,
                       .action = (uint8_t)f->action,
                       .level = (uint8_t)f->level,
                       .earned_us = f->earned_at_us,
                       .until_us = f->valid_until_us };

    if (is_nobodys(state, fact, f->evidence_id, f->person_id))
        return;
    px_record_set_text(row.evidence_id, sizeof row.evidence_id, f->evidence_id);
    hear_action(state, &key, &row, EVIDENCE_RECORDED);
    if (f->source == COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_CERTIFICATE && !is_lapsed(fact))
        hear_certificate(state, &key, fact);
}

void evolve_evidence_superseded(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__EvidenceSuperseded *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };

    if (is_nobodys(state, fact, f->evidence_id, f->person_id))
        return;
    hear_action_gone(state, fact->tenant, f->evidence_id);
    if (f->source == COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_CERTIFICATE)
        hear_withdrawal(state, &key, EVIDENCE_CERTIFICATE, f->evidence_id);
}

/* ---- prior learning ---- */

void evolve_prior_learning_submitted(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__PriorLearningSubmitted *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    action_row row = { .source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_PRIOR_LEARNING,
                       .action = ACTION_NONE,
                       .level = (uint8_t)f->level,
                       .earned_us = f->occurred_at_us };

    if (is_nobodys(state, fact, f->evidence_id, f->person_id))
        return;
    px_record_set_text(row.evidence_id, sizeof row.evidence_id, f->evidence_id);
    hear_action(state, &key, &row, EVIDENCE_WAITING);
}

void evolve_prior_learning_reviewed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__PriorLearningReviewed *f = fact->body;
    evidence_ref ref;

    if (is_nobodys(state, fact, f->evidence_id, f->person_id))
        return;
    competency_state_get_evidence_ref(state, fact->tenant, f->evidence_id, &ref);
    switch ((Competency__PriorLearningStep)f->step) {
    case COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_TAKE_UP:
        ref.status = EVIDENCE_IN_REVIEW;
        break;
    case COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_REJECT:
        ref.status = EVIDENCE_REJECTED;
        break;
    case COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_RETURN:
        ref.status = EVIDENCE_WAITING;
        break;
    default: /* accepted: the evidence itself comes next */
        return;
    }
    competency_state_put_evidence_ref(state, fact->tenant, f->evidence_id, &ref);
}

/* ---- rules and policies ---- */

void evolve_competency_rule_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyRuleSet *f = fact->body;
    rule_record rule = { .kind = (uint8_t)f->kind,
                         .outcome = (uint8_t)f->outcome,
                         .points_needed = f->points_needed,
                         .child_count = (uint8_t)f->n_children };

    PX_ASSERT(f->n_children <= RULE_CHILDREN_MAX);
    for (size_t i = 0; i < f->n_children; i++) {
        px_record_set_text(rule.children[i].competency_id, PX_ID_SIZE,
                           f->children[i]->competency_id);
        rule.children[i].points = f->children[i]->points;
        rule.children[i].required = f->children[i]->required;
    }
    competency_state_put_rule(state, fact->tenant, f->competency_id, &rule);
    hear_rule(state, fact->tenant, &rule, f->competency_id);
}

void evolve_level_policy_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__LevelPolicySet *f = fact->body;
    policy_record policy = { .kind = (uint8_t)f->kind,
                             .priority_count = (uint8_t)f->n_priority,
                             .min_raters = f->min_raters,
                             .max_age_days = f->max_age_days };

    PX_ASSERT(f->n_priority <= RATING_SOURCES);
    PX_ASSERT(f->n_weights <= RATING_SOURCES);
    for (size_t i = 0; i < f->n_priority; i++)
        policy.priority[i] = (uint8_t)f->priority[i];
    for (size_t i = 0; i < f->n_weights; i++)
        policy.weights[i] = f->weights[i];
    competency_state_put_policy(state, fact->tenant, f->competency_id, &policy);
    hear_policy(state, fact->tenant, f->competency_id);
}

/* ---- what was said ---- */

/* False when there is nothing to note it in: the person was erased meanwhile. */
static bool get_attained(const px_view *state, const level_key *key, attained_record *said)
{
    return px_people_is_known(state, key->tenant, key->person_id) &&
           competency_state_get_attained(state, key, said);
}

void evolve_attainment_changed(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__AttainmentChanged *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    attained_record said;

    if (!get_attained(state, &key, &said))
        return;
    bool moved = said.now.proficient != (bool)f->proficient;
    bool expired = f->reason == COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_EXPIRED;
    said.lapsed = f->level == 0 && (expired || said.lapsed);
    if (said.now.lapses_us != f->lapses_at_us)
        said.noticed = 0;
    said.now = (attainment){ .level = (uint8_t)f->level,
                             .by_rule = f->by_rule,
                             .proficient = f->proficient,
                             .lapses_us = f->lapses_at_us };
    competency_state_put_attained(state, &key, &said);
    hear_attainment_due(state, &key, &said.now, fact->decided_at_us);
    hear_attained_level(state, &key);
    competency_mark_potential(state, fact->tenant, f->person_id);
    if (moved)
        hear_child_moved(state, &key);
}

void evolve_competency_expiring(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__CompetencyExpiring *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    attained_record said;

    if (!get_attained(state, &key, &said))
        return;
    said.noticed = (uint8_t)f->days;
    competency_state_put_attained(state, &key, &said);
    hear_attainment_due(state, &key, &said.now, fact->decided_at_us);
}

void evolve_rule_outcome(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__RuleOutcome *f = fact->body;
    level_key key = { fact->tenant, f->person_id, f->competency_id };
    attained_record said;

    if (!get_attained(state, &key, &said))
        return;
    said.rule_met = f->met;
    competency_state_put_attained(state, &key, &said);
}
