/* publish_evidence.c: own facts about evidence, attainment and rules -> public events. Nothing is
 * said of a person erased meanwhile. */
#include "common/codec.h"
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "services/competency/service.h"

static bool is_gone(const px_view *state, const px_fact *fact, const char *person_id)
{
    return !px_people_is_known(state, fact->tenant, person_id);
}

/* ---- evidence ---- */

void publish_evidence_recorded(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__EvidenceRecorded *f = fact->body;
    Competency__EvidenceRecorded event = COMPETENCY__EVIDENCE_RECORDED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.evidence_id = f->evidence_id;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.source = (Competency__EvidenceSource)f->source;
    event.action = (Competency__EvidenceAction)f->action;
    event.level_name = f->level_name;
    event.earned_at = px_codec_timestamp(f->earned_at_us, px_out_arena(out));
    if (f->valid_until_us)
        event.valid_until = px_codec_timestamp(f->valid_until_us, px_out_arena(out));
    px_out_event(out, "EvidenceRecorded", f->person_id, &event.base);
}

void publish_evidence_superseded(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__EvidenceSuperseded *f = fact->body;
    Competency__EvidenceSuperseded event = COMPETENCY__EVIDENCE_SUPERSEDED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.evidence_id = f->evidence_id;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.reason_code = f->reason_code;
    px_out_event(out, "EvidenceSuperseded", f->person_id, &event.base);
}

void publish_prior_learning_submitted(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__PriorLearningSubmitted *f = fact->body;
    Competency__PriorLearningSubmitted event = COMPETENCY__PRIOR_LEARNING_SUBMITTED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.evidence_id = f->evidence_id;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.level_name = f->level_name;
    px_out_event(out, "PriorLearningSubmitted", f->person_id, &event.base);
}

void publish_prior_learning_reviewed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__PriorLearningReviewed *f = fact->body;
    Competency__PriorLearningReviewed event = COMPETENCY__PRIOR_LEARNING_REVIEWED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.evidence_id = f->evidence_id;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.step = (Competency__PriorLearningStep)f->step;
    event.reviewer_id = f->reviewer_id;
    px_out_event(out, "PriorLearningReviewed", f->person_id, &event.base);
}

/* ---- rules and policies ---- */

void publish_competency_rule_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__CompetencyRuleSet *f = fact->body;
    Competency__CompetencyRuleSet event = COMPETENCY__COMPETENCY_RULE_SET__INIT;
    px_arena *arena = px_out_arena(out);

    (void)state;
    event.competency_id = f->competency_id;
    event.kind = (Competency__CompetencyRuleKind)f->kind;
    event.points_needed = f->points_needed;
    event.outcome = (Competency__CompetencyRuleOutcome)f->outcome;
    event.children = px_arena_alloc(arena, f->n_children * sizeof *event.children);
    for (size_t i = 0; event.children && i < f->n_children; i++) {
        Competency__CompetencyChild *child = px_arena_alloc(arena, sizeof *child);

        if (!child)
            return; /* the arena's overflow sticks */
        *child = (Competency__CompetencyChild)COMPETENCY__COMPETENCY_CHILD__INIT;
        child->competency_id = f->children[i]->competency_id;
        child->points = f->children[i]->points;
        child->required = f->children[i]->required;
        event.children[event.n_children++] = child;
    }
    px_out_event(out, "CompetencyRuleSet", f->competency_id, &event.base);
}

void publish_level_policy_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__LevelPolicySet *f = fact->body;
    Competency__LevelPolicySet event = COMPETENCY__LEVEL_POLICY_SET__INIT;

    (void)state;
    event.competency_id = f->competency_id;
    event.kind = (Competency__LevelPolicyKind)f->kind;
    event.priority = px_arena_alloc(px_out_arena(out), f->n_priority * sizeof *event.priority);
    for (size_t i = 0; event.priority && i < f->n_priority; i++)
        event.priority[event.n_priority++] = (Competency__RatingSource)f->priority[i];
    event.min_raters = f->min_raters;
    event.max_age_days = f->max_age_days;
    px_out_event(out, "LevelPolicySet", f->competency_id, &event.base);
}

void publish_rule_outcome(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__RuleOutcome *f = fact->body;
    Competency__RuleOutcome event = COMPETENCY__RULE_OUTCOME__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.outcome = (Competency__CompetencyRuleOutcome)f->outcome;
    event.met = f->met;
    px_out_event(out, "RuleOutcome", f->person_id, &event.base);
}

/* ---- attainment ---- */

void publish_attainment_changed(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__AttainmentChanged *f = fact->body;
    Competency__AttainmentChanged event = COMPETENCY__ATTAINMENT_CHANGED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.level_name = f->level_name;
    event.proficient = f->proficient;
    event.by_rule = f->by_rule;
    if (f->lapses_at_us)
        event.lapses_at = px_codec_timestamp(f->lapses_at_us, px_out_arena(out));
    event.reason = (Competency__AttainmentReason)f->reason;
    px_out_event(out, "AttainmentChanged", f->person_id, &event.base);
}

void publish_competency_expiring(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__CompetencyExpiring *f = fact->body;
    Competency__CompetencyExpiring event = COMPETENCY__COMPETENCY_EXPIRING__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.expires_at = px_codec_timestamp(f->expires_at_us, px_out_arena(out));
    event.days = f->days;
    px_out_event(out, "CompetencyExpiring", f->person_id, &event.base);
}

void publish_competency_expired(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__CompetencyExpired *f = fact->body;
    Competency__CompetencyExpired event = COMPETENCY__COMPETENCY_EXPIRED__INIT;

    if (is_gone(state, fact, f->person_id))
        return;
    event.person_id = f->person_id;
    event.competency_id = f->competency_id;
    event.expired_at = px_codec_timestamp(f->expired_at_us, px_out_arena(out));
    px_out_event(out, "CompetencyExpired", f->person_id, &event.base);
}
