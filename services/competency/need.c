/* need.c: needs that many people of a unit share, which no single gap tells: switched on by
 * detector, said of at least five people, and again when they have become a quarter more. Who they
 * are, and what it shows by, stands in the fact alone: the feed has numbers. */
#include "services/competency/need.h"

#include "common/record.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/competency/state_need.h"

enum { PEOPLE_NAMED_MAX = 64 }; /* in one fact; the first by id */

/* ---- switching on and off ---- */

px_verdict decide_set_need_detector(const px_view *state, const px_submission *sub, px_facts *out)
{
    const Competency__SetNeedDetector *cmd = sub->body;

    (void)state;
    if (cmd->people > 0 && cmd->people < NEED_PEOPLE_MIN)
        return px_reject(PX_REASON_FIELD_INVALID, "people");

    CompetencyFact__NeedDetectorSet *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET);
    fact->detector = (uint32_t)cmd->detector;
    if (!cmd->off)
        fact->people = cmd->people ? cmd->people : NEED_PEOPLE_MIN;
    fact->by_id = (char *)sub->actor; /* borrowed; protobuf-c knows no const */
    return px_accept();
}

void evolve_need_detector_set(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__NeedDetectorSet *f = fact->body;

    competency_state_put_need_rule(state, fact->tenant, (uint8_t)f->detector, f->people);
}

void publish_need_detector_set(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__NeedDetectorSet *f = fact->body;
    Competency__NeedDetectorSet event = COMPETENCY__NEED_DETECTOR_SET__INIT;

    (void)state;
    event.detector = (Competency__NeedDetector)f->detector;
    event.people = f->people;
    event.by_id = f->by_id;
    px_out_event(out, "NeedDetectorSet", "need-detectors", &event.base);
}

/* ---- finding ---- */

/* A quarter more; of what raters said in confidence also by a whole group more, so that nobody
 * finds out about a few by comparing two numbers. */
static bool has_grown(const need_key *group, uint64_t said, uint64_t now)
{
    if (said == 0)
        return true;
    return 4 * now >= 5 * said &&
           (group->detector == NEED_SAME_GAP || now >= said + NEED_PEOPLE_MIN);
}

/* NULL when the arena is full. */
static CompetencyFact__NeedEvidence *evidence_of(const px_view *state, const level_key *key,
                                                 uint8_t detector, px_arena *arena)
{
    CompetencyFact__NeedEvidence *e = px_arena_alloc(arena, sizeof *e);
    char refs[NEED_REFS_MAX][PX_ID_SIZE];

    if (!e)
        return NULL;
    *e = (CompetencyFact__NeedEvidence)COMPETENCY_FACT__NEED_EVIDENCE__INIT;
    e->person_id = px_arena_strdup(arena, key->person_id);
    e->n_ref_ids = competency_state_need_refs(state, key, detector, refs);
    e->ref_ids = px_ids_copy((const char(*)[PX_ID_SIZE])refs, e->n_ref_ids, arena);
    return e->ref_ids ? e : NULL;
}

/* The log can be walked back from it; a fact stays small however large the unit is. */
static void name_evidence(const px_view *state, const char *tenant, const need_key *group,
                          CompetencyFact__LatentNeedDetected *fact, px_arena *arena)
{
    char person_id[PX_ID_SIZE] = "";

    fact->evidence = px_arena_alloc(arena, PEOPLE_NAMED_MAX * sizeof *fact->evidence);
    while (fact->evidence && fact->n_evidence < PEOPLE_NAMED_MAX &&
           competency_state_next_in_need(state, tenant, group, person_id)) {
        level_key key = { tenant, person_id, group->competency_id };
        CompetencyFact__NeedEvidence *e = evidence_of(state, &key, group->detector, arena);

        if (!e)
            return; /* the round sees that the arena is full */
        fact->evidence[fact->n_evidence++] = e;
    }
}

void reconcile_need(const px_view *state, const px_key *dirty, int64_t now_us, px_facts *out)
{
    need_key group = competency_state_need_key(dirty->rest);
    uint32_t needed = competency_state_get_need_rule(state, dirty->tenant, group.detector);
    px_arena *arena = px_facts_arena(out);

    (void)now_us;
    if (needed < NEED_PEOPLE_MIN) /* off */
        return;
    uint32_t people = competency_state_count_need(state, dirty->tenant, &group);
    uint32_t said = competency_state_get_need_said(state, dirty->tenant, &group);
    if (people < needed || !has_grown(&group, said, people))
        return;
    CompetencyFact__LatentNeedDetected *fact =
        px_facts_add(out, COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED);
    fact->detector = group.detector;
    fact->unit_id = px_arena_strdup(arena, group.unit_id);
    fact->competency_id = px_arena_strdup(arena, group.competency_id);
    fact->people = people;
    fact->previous_people = said;
    fact->needed = needed;
    name_evidence(state, dirty->tenant, &group, fact, arena);
}

void evolve_latent_need_detected(px_txn *state, const px_fact *fact)
{
    const CompetencyFact__LatentNeedDetected *f = fact->body;
    need_key group = { .detector = (uint8_t)f->detector };

    px_record_set_text(group.unit_id, PX_ID_SIZE, f->unit_id);
    px_record_set_text(group.competency_id, PX_ID_SIZE, f->competency_id);
    competency_state_put_need_said(state, fact->tenant, &group, f->people);
}

void publish_latent_need_detected(const px_view *state, const px_fact *fact, px_out *out)
{
    const CompetencyFact__LatentNeedDetected *f = fact->body;
    Competency__LatentNeedDetected event = COMPETENCY__LATENT_NEED_DETECTED__INIT;

    (void)state;
    if (f->people < NEED_PEOPLE_MIN) /* not a fact of ours */
        return;
    event.detector = (Competency__NeedDetector)f->detector;
    event.unit_id = f->unit_id;
    event.competency_id = f->competency_id;
    event.people = f->people;
    event.previous_people = f->previous_people;
    event.needed = f->needed;
    px_out_event(out, "LatentNeedDetected", f->competency_id, &event.base);
}
