/* reconcile_completion.c: a completed item is the evidence its catalogue says it is: kept, giving a
 * level, or handed in for review; and none any more when it was not completed after all. */
#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/competency/service.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_completion.h"

static const int64_t DAY_US = INT64_C(86400) * 1000000;

/* What this pass works on. */
typedef struct {
    const completion_ids *ids;
    const completion_record *completion;
    const competency_record *competency;
    char *evidence_id;
    px_facts *out;
} pass;

static char *own(const pass *p, const char *text)
{
    return px_arena_strdup(px_facts_arena(p->out), text);
}

static void say_evidence(const pass *p, Competency__EvidenceAction action)
{
    CompetencyFact__EvidenceRecorded *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED);

    fact->evidence_id = p->evidence_id;
    fact->person_id = own(p, p->ids->person_id);
    fact->competency_id = own(p, p->ids->competency_id);
    fact->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    fact->action = (uint32_t)action;
    fact->earned_at_us = p->completion->earned_us;
    if (p->competency->valid_days)
        fact->valid_until_us = fact->earned_at_us + p->competency->valid_days * DAY_US;
}

/* The highest level of the competency's own that the item is made for. */
static uint8_t level_handed_in(const pass *p)
{
    uint8_t level = 1;

    for (uint8_t i = 2; i <= p->competency->level_count; i++)
        if (px_scale_level(i, p->competency->level_count) <= p->completion->level_to + 1e-9)
            level = i;
    return level;
}

static void hand_in(const pass *p)
{
    CompetencyFact__PriorLearningSubmitted *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED);

    fact->evidence_id = p->evidence_id;
    fact->person_id = own(p, p->ids->person_id);
    fact->competency_id = own(p, p->ids->competency_id);
    fact->level = level_handed_in(p);
    fact->level_name = own(p, p->competency->level_names[fact->level - 1]);
    fact->occurred_at_us = p->completion->earned_us;
}

static void say_it_counts(const pass *p)
{
    switch ((LearningRecommender__CompletionEvidence)p->completion->action) {
    case LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_LOG:
        say_evidence(p, COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_LOG);
        break;
    case LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_COMPLETE:
        say_evidence(p, COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE);
        break;
    case LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_RECOMMEND:
        hand_in(p);
        break;
    default:
        break;
    }
}

static void take_back(const pass *p, const evidence_ref *ref)
{
    CompetencyFact__EvidenceSuperseded *fact =
        px_facts_add(p->out, COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED);

    fact->evidence_id = p->evidence_id;
    fact->person_id = own(p, p->ids->person_id);
    fact->competency_id = own(p, p->ids->competency_id);
    fact->source = ref->source;
    fact->reason_code = own(p, "completion-voided");
}

void reconcile_completion(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    char evidence_id[PX_ID_SIZE];
    competency_record competency;
    completion_record completion;
    completion_ids ids;
    evidence_ref ref;

    (void)now_us;
    completion_key_read(&ids, key);
    if (!competency_state_get_completion(state, &ids.of, &completion) ||
        !px_people_is_known(state, key->tenant, ids.person_id) ||
        !competency_state_get(state, key->tenant, ids.competency_id, &competency))
        return;
    completion_evidence_id(state, &ids.of, &completion, evidence_id);
    pass p = { .ids = &ids, .completion = &completion, .competency = &competency, .out = out };
    p.evidence_id = own(&p, evidence_id);

    bool said = competency_state_get_evidence_ref(state, key->tenant, evidence_id, &ref);
    if (!said && !completion.voided)
        say_it_counts(&p);
    else if (said && completion.voided && ref.status != EVIDENCE_SUPERSEDED &&
             ref.status != EVIDENCE_REJECTED)
        take_back(&p, &ref);
}
