/* decide_evidence.c: evidence, prior learning and rules: submission + state -> facts, or why not.
 */
#include <string.h>

#include "common/method.h"
#include "common/people.h"
#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/framework.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"

enum { RULES_FOLLOWED_MAX = 256 /* on the way down from a child */ };

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* ---- evidence ---- */

static bool needs_level(const Competency__RecordEvidence *cmd)
{
    return cmd->action == COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE ||
           cmd->source == COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_CERTIFICATE;
}

/* Whoever it is about may keep a record of it, and no more. */
static bool is_own(const px_submission *sub, const Competency__RecordEvidence *cmd)
{
    return strcmp(sub->actor, cmd->person_id) == 0 &&
           cmd->action != COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_LOG;
}

static void state_evidence(const px_submission *sub, const competency_record *competency,
                           const char *evidence_id, const evidence_ref *ref, uint32_t action,
                           int64_t earned_us, px_facts *out)
{
    CompetencyFact__EvidenceRecorded *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED);

    fact->evidence_id = px_arena_strdup(sub->arena, evidence_id);
    fact->person_id = px_arena_strdup(sub->arena, ref->person_id);
    fact->competency_id = px_arena_strdup(sub->arena, ref->competency_id);
    fact->source = ref->source;
    fact->action = action;
    fact->level = ref->level;
    if (ref->level) {
        fact->level_value = px_scale_level(ref->level, competency->level_count);
        fact->level_name = px_arena_strdup(sub->arena, competency->level_names[ref->level - 1]);
    }
    fact->earned_at_us = earned_us;
    if (competency->valid_days)
        fact->valid_until_us = earned_us + competency->valid_days * DAY_US;
}

px_verdict decide_record_evidence(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__RecordEvidence *cmd = sub->body;
    px_reason away = competency_is_away(state, sub, cmd->person_id);
    competency_record competency;
    evidence_ref ref;

    if (competency_state_get_evidence_ref(state, sub->tenant, cmd->evidence_id, &ref))
        return px_reject(PX_REASON_EVIDENCE_EXISTS, "evidence_id");
    if (away != PX_REASON_NONE)
        return px_reject(away, "person_id");
    px_reason beyond = competency_is_beyond_use(state, sub, cmd->competency_id);
    if (beyond != PX_REASON_NONE)
        return px_reject(beyond, "competency_id");
    competency_state_get(state, sub->tenant, cmd->competency_id, &competency);
    if (cmd->source == COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_PRIOR_LEARNING)
        return px_reject(PX_REASON_NOT_ALLOWED, "source"); /* it is handed in, and reviewed */
    if (is_own(sub, cmd))
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (needs_level(cmd) && !cmd->level_name[0])
        return px_reject(PX_REASON_FIELD_MISSING, "level_name");
    ref.level = competency_level_place(&competency, cmd->level_name);
    if (cmd->level_name[0] && ref.level == 0)
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "level_name");

    px_record_set_text(ref.person_id, sizeof ref.person_id, cmd->person_id);
    px_record_set_text(ref.competency_id, sizeof ref.competency_id, cmd->competency_id);
    ref.source = (uint8_t)cmd->source;
    state_evidence(sub, &competency, cmd->evidence_id, &ref, (uint32_t)cmd->action,
                   sub->occurred_at_us, out);
    return px_accept();
}

px_verdict decide_supersede_evidence(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SupersedeEvidence *cmd = sub->body;
    evidence_ref ref;

    if (!competency_state_get_evidence_ref(state, sub->tenant, cmd->evidence_id, &ref) ||
        (ref.status != EVIDENCE_RECORDED && ref.status != EVIDENCE_SUPERSEDED))
        return px_reject(PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
    if (ref.status == EVIDENCE_SUPERSEDED)
        return px_reject(PX_REASON_ALREADY_WITHDRAWN, "evidence_id");
    if (strcmp(sub->actor, ref.person_id) == 0)
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");

    CompetencyFact__EvidenceSuperseded *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED);
    fact->evidence_id = cmd->evidence_id;
    fact->person_id = px_arena_strdup(sub->arena, ref.person_id);
    fact->competency_id = px_arena_strdup(sub->arena, ref.competency_id);
    fact->source = ref.source;
    fact->reason_code = cmd->reason_code;
    return px_accept();
}

/* ---- prior learning ---- */

px_verdict decide_submit_prior_learning(const px_view *state, const px_submission *sub,
                                        px_facts *out)
{
    const Competency__SubmitPriorLearning *cmd = sub->body;
    px_reason away = competency_is_away(state, sub, cmd->person_id);
    competency_record competency;
    evidence_ref ref;

    if (competency_state_get_evidence_ref(state, sub->tenant, cmd->evidence_id, &ref))
        return px_reject(PX_REASON_EVIDENCE_EXISTS, "evidence_id");
    if (away != PX_REASON_NONE)
        return px_reject(away, "person_id");
    px_reason beyond = competency_is_beyond_use(state, sub, cmd->competency_id);
    if (beyond != PX_REASON_NONE)
        return px_reject(beyond, "competency_id");
    competency_state_get(state, sub->tenant, cmd->competency_id, &competency);
    uint8_t level = competency_level_place(&competency, cmd->level_name);
    if (level == 0)
        return px_reject(PX_REASON_BAD_SCALE_VALUE, "level_name");

    CompetencyFact__PriorLearningSubmitted *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED);
    fact->evidence_id = cmd->evidence_id;
    fact->person_id = cmd->person_id;
    fact->competency_id = cmd->competency_id;
    fact->level = level;
    fact->level_name = cmd->level_name;
    fact->occurred_at_us = sub->occurred_at_us;
    return px_accept();
}

/* Whether a step leads on from where the prior learning stands. */
static bool fits(Competency__PriorLearningStep step, uint8_t status)
{
    if (step == COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_TAKE_UP)
        return status == EVIDENCE_WAITING;
    return status == EVIDENCE_IN_REVIEW;
}

px_verdict decide_review_prior_learning(const px_view *state, const px_submission *sub,
                                        px_facts *out)
{
    const Competency__ReviewPriorLearning *cmd = sub->body;
    competency_record competency;
    evidence_ref ref;

    if (!competency_state_get_evidence_ref(state, sub->tenant, cmd->evidence_id, &ref) ||
        ref.source != COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_PRIOR_LEARNING)
        return px_reject(PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_ACTOR_UNKNOWN, "actor");
    if (strcmp(sub->actor, ref.person_id) == 0)
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (!fits(cmd->step, ref.status))
        return px_reject(PX_REASON_REVIEW_STEP, "step");

    CompetencyFact__PriorLearningReviewed *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_REVIEWED);
    fact->evidence_id = cmd->evidence_id;
    fact->person_id = px_arena_strdup(sub->arena, ref.person_id);
    fact->competency_id = px_arena_strdup(sub->arena, ref.competency_id);
    fact->step = (uint32_t)cmd->step;
    fact->reviewer_id = px_arena_strdup(sub->arena, sub->actor);
    if (cmd->step != COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_ACCEPT)
        return px_accept();
    competency_state_get(state, sub->tenant, ref.competency_id, &competency);
    state_evidence(sub, &competency, cmd->evidence_id, &ref,
                   COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE, sub->occurred_at_us, out);
    return px_accept();
}

/* ---- rules ---- */

typedef struct {
    const px_view *state;
    const char *tenant, *parent_id;
    unsigned followed;
} descent;

static bool leads_to_parent(descent *d, const char *from)
{
    bool found = strcmp(from, d->parent_id) == 0 || ++d->followed > RULES_FOLLOWED_MAX;
    rule_record rule;

    if (found || !competency_state_get_rule(d->state, d->tenant, from, &rule))
        return found;
    for (uint8_t i = 0; !found && i < rule.child_count; i++)
        found = leads_to_parent(d, rule.children[i].competency_id);
    return found;
}

bool competency_leads_to(const px_view *state, const char *tenant, const char *from,
                         const char *parent_id)
{
    descent d = { .state = state, .tenant = tenant, .parent_id = parent_id };

    return leads_to_parent(&d, from);
}

static bool is_twice(const Competency__SetCompetencyRule *cmd, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(cmd->children[j]->competency_id, cmd->children[i]->competency_id) == 0)
            return true;
    return false;
}

static px_verdict check_child(const px_view *state, const px_submission *sub, size_t i)
{
    const Competency__SetCompetencyRule *cmd = sub->body;
    const char *child_id = cmd->children[i]->competency_id;
    const char *field = px_field_at(sub, "children", i, "competency_id");
    px_reason out_of_use = competency_is_out_of_use(state, sub, child_id);

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, field);
    if (is_twice(cmd, i))
        return px_reject(PX_REASON_CHILD_TWICE, field);
    if (competency_leads_to(state, sub->tenant, child_id, cmd->competency_id))
        return px_reject(PX_REASON_RULE_LOOP, field);
    return px_accept();
}

static bool is_out_of_reach(const Competency__SetCompetencyRule *cmd)
{
    uint64_t total = 0;

    for (size_t i = 0; i < cmd->n_children; i++)
        total += cmd->children[i]->points;
    return cmd->kind == COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_POINTS &&
           cmd->points_needed > total;
}

static bool is_known_rule(const px_view *state, const px_submission *sub)
{
    const Competency__SetCompetencyRule *cmd = sub->body;
    rule_record rule;
    bool same = competency_state_get_rule(state, sub->tenant, cmd->competency_id, &rule) &&
                rule.kind == (uint8_t)cmd->kind && rule.outcome == (uint8_t)cmd->outcome &&
                rule.points_needed == cmd->points_needed && rule.child_count == cmd->n_children;

    for (size_t i = 0; same && i < cmd->n_children; i++)
        same = strcmp(rule.children[i].competency_id, cmd->children[i]->competency_id) == 0 &&
               rule.children[i].points == cmd->children[i]->points &&
               rule.children[i].required == (bool)cmd->children[i]->required;
    return same;
}

static void state_rule(const Competency__SetCompetencyRule *cmd, px_facts *out)
{
    CompetencyFact__CompetencyRuleSet *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET);
    px_arena *arena = px_facts_arena(out);

    fact->competency_id = cmd->competency_id;
    fact->kind = (uint32_t)cmd->kind;
    fact->points_needed = cmd->points_needed;
    fact->outcome = (uint32_t)cmd->outcome;
    fact->children = px_arena_alloc(arena, cmd->n_children * sizeof *fact->children);
    for (size_t i = 0; fact->children && i < cmd->n_children; i++) {
        CompetencyFact__RuleChild *child = px_arena_alloc(arena, sizeof *child);

        if (!child)
            return; /* the round sees that the arena is full */
        *child = (CompetencyFact__RuleChild)COMPETENCY_FACT__RULE_CHILD__INIT;
        child->competency_id = cmd->children[i]->competency_id;
        child->points = cmd->children[i]->points;
        child->required = cmd->children[i]->required;
        fact->children[fact->n_children++] = child;
    }
}

px_verdict decide_set_competency_rule(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetCompetencyRule *cmd = sub->body;
    bool is_none = cmd->kind == COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_UNSPECIFIED;
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    if (is_none != (cmd->n_children == 0))
        return px_reject(is_none ? PX_REASON_FIELD_INVALID : PX_REASON_FIELD_MISSING, "children");
    for (size_t i = 0; i < cmd->n_children; i++) {
        px_verdict verdict = check_child(state, sub, i);

        if (verdict.reason != PX_REASON_NONE)
            return verdict;
    }
    if (is_out_of_reach(cmd))
        return px_reject(PX_REASON_POINTS_UNREACHABLE, "points_needed");
    if (is_known_rule(state, sub))
        return px_accept(); /* an import repeated says nothing new */
    state_rule(cmd, out);
    return px_accept();
}

/* ---- policies ---- */

static void state_weights(const Competency__SetLevelPolicy *cmd,
                          CompetencyFact__LevelPolicySet *fact, px_arena *arena)
{
    const double weights[] = { cmd->self_weight, cmd->manager_weight, cmd->peer_weight,
                               cmd->report_weight };

    fact->weights = px_arena_alloc(arena, sizeof weights);
    if (!fact->weights)
        return; /* the round sees that the arena is full */
    memcpy(fact->weights, weights, sizeof weights);
    fact->n_weights = PX_COUNT(weights);
}

static void state_priority(const Competency__SetLevelPolicy *cmd,
                           CompetencyFact__LevelPolicySet *fact, px_arena *arena)
{
    fact->priority = px_arena_alloc(arena, cmd->n_priority * sizeof *fact->priority);
    for (size_t i = 0; fact->priority && i < cmd->n_priority; i++)
        fact->priority[fact->n_priority++] = (uint32_t)cmd->priority[i];
}

static px_verdict check_policy(const Competency__SetLevelPolicy *cmd, const px_submission *sub)
{
    double weight = cmd->self_weight + cmd->manager_weight + cmd->peer_weight + cmd->report_weight;

    for (size_t i = 0; i < cmd->n_priority; i++)
        if (cmd->priority[i] == COMPETENCY__RATING_SOURCE__RATING_SOURCE_UNSPECIFIED)
            return px_reject(PX_REASON_FIELD_INVALID, px_field_at(sub, "priority", i, ""));
    if (cmd->kind == COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_PRIORITY &&
        cmd->n_priority == 0)
        return px_reject(PX_REASON_FIELD_MISSING, "priority");
    if (cmd->kind == COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_WEIGHTED_MEAN &&
        weight == 0.0)
        return px_reject(PX_REASON_FIELD_MISSING, "manager_weight");
    return px_accept();
}

px_verdict decide_set_level_policy(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetLevelPolicy *cmd = sub->body;
    px_verdict verdict = check_policy(cmd, sub);
    px_reason out_of_use = competency_is_out_of_use(state, sub, cmd->competency_id);

    if (out_of_use != PX_REASON_NONE)
        return px_reject(out_of_use, "competency_id");
    if (verdict.reason != PX_REASON_NONE)
        return verdict;

    CompetencyFact__LevelPolicySet *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_LEVEL_POLICY_SET);
    fact->competency_id = cmd->competency_id;
    fact->kind = (uint32_t)cmd->kind;
    state_priority(cmd, fact, px_facts_arena(out));
    if (cmd->kind == COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_WEIGHTED_MEAN)
        state_weights(cmd, fact, px_facts_arena(out));
    fact->min_raters = cmd->min_raters;
    fact->max_age_days = cmd->max_age_days;
    return px_accept();
}
