/* decide.c: submission -> facts. In each decider the cheapest checks come first; the order is fixed
 * and tested, because it is what an integrator sees. */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "services/feedback-ingest/service.h"
#include "services/feedback-ingest/state.h"

/* No organisation is deeper; a longer walk up is taken for a loop, so that every walk ends. */
enum { LEVELS_MAX = 64 };

/* Whether `person_id` is met walking up from `from`. */
static bool line_leads_to_person(const px_view *state, const char *tenant, const char *from,
                                 const char *person_id)
{
    px_person at;

    for (int level = 0; level < LEVELS_MAX; level++) {
        if (strcmp(from, person_id) == 0)
            return true;
        if (!px_people_get(state, tenant, from, &at) || !at.manager_id[0])
            return false;
        from = at.manager_id;
    }
    return true;
}

static bool line_leads_to_unit(const px_view *state, const char *tenant, const char *from,
                               const char *unit_id)
{
    char at[PX_ID_SIZE];

    px_record_set_text(at, sizeof at, from);
    for (int level = 0; level < LEVELS_MAX && at[0]; level++) {
        if (strcmp(at, unit_id) == 0)
            return true;
        ingest_state_get_parent(state, tenant, at, at);
    }
    return at[0] != '\0';
}

/* The life of the id that this record belongs to: one more after each erasure. */
static uint32_t generation_of(const px_view *state, const char *tenant, const char *person_id)
{
    uint32_t generation = px_people_key_generation(state, tenant, person_id);

    return generation ? generation : px_people_last_generation(state, tenant, person_id) + 1;
}

static bool is_as_known(const px_view *state, const px_submission *sub)
{
    const FeedbackIngest__RecordPerson *cmd = sub->body;
    px_person known;

    return px_people_get(state, sub->tenant, cmd->person_id, &known) &&
           strcmp(known.manager_id, cmd->manager_id) == 0 &&
           strcmp(known.unit_id, cmd->unit_id) == 0 && known.active == (bool)cmd->active &&
           known.hr_partner == (bool)cmd->hr_partner;
}

px_verdict decide_record_person(const px_view *state, const px_submission *sub, px_facts *out)
{
    const FeedbackIngest__RecordPerson *cmd = sub->body;

    if (strcmp(cmd->manager_id, cmd->person_id) == 0)
        return px_reject(PX_REASON_MANAGER_LOOP, "manager_id");
    if (!ingest_state_has_unit(state, sub->tenant, cmd->unit_id))
        return px_reject(PX_REASON_UNIT_UNKNOWN, "unit_id");
    if (cmd->manager_id[0] && !px_people_is_known(state, sub->tenant, cmd->manager_id))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "manager_id");
    if (cmd->manager_id[0] &&
        line_leads_to_person(state, sub->tenant, cmd->manager_id, cmd->person_id))
        return px_reject(PX_REASON_MANAGER_LOOP, "manager_id");
    if (is_as_known(state, sub))
        return px_accept(); /* a directory that sends everybody every night says nothing new */

    FeedbackIngestFact__PersonRecorded *fact =
        px_facts_add(out, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED);
    fact->person_id = cmd->person_id;
    fact->manager_id = cmd->manager_id;
    fact->unit_id = cmd->unit_id;
    fact->active = cmd->active;
    fact->hr_partner = cmd->hr_partner;
    fact->key_generation = generation_of(state, sub->tenant, cmd->person_id);
    return px_accept();
}

px_verdict decide_record_unit(const px_view *state, const px_submission *sub, px_facts *out)
{
    const FeedbackIngest__RecordUnit *cmd = sub->body;

    if (strcmp(cmd->parent_unit_id, cmd->unit_id) == 0)
        return px_reject(PX_REASON_UNIT_LOOP, "parent_unit_id");
    if (cmd->parent_unit_id[0] && !ingest_state_has_unit(state, sub->tenant, cmd->parent_unit_id))
        return px_reject(PX_REASON_UNIT_UNKNOWN, "parent_unit_id");
    if (line_leads_to_unit(state, sub->tenant, cmd->parent_unit_id, cmd->unit_id))
        return px_reject(PX_REASON_UNIT_LOOP, "parent_unit_id");

    FeedbackIngestFact__UnitRecorded *fact =
        px_facts_add(out, FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED);
    fact->unit_id = cmd->unit_id;
    fact->parent_unit_id = cmd->parent_unit_id;
    fact->label = cmd->label;
    return px_accept();
}

static px_verdict check_tags(const px_submission *sub, const FeedbackIngest__GiveFeedback *cmd)
{
    for (size_t i = 1; i < cmd->n_tags; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(cmd->tags[i]->competency_id, cmd->tags[j]->competency_id) == 0)
                return px_reject(PX_REASON_RATING_TWICE,
                                 px_field_at(sub, "tags", i, "competency_id"));
    return px_accept();
}

static px_verdict check_feedback(const px_view *state, const px_submission *sub,
                                 const FeedbackIngest__GiveFeedback *cmd)
{
    feedback_record existing;
    px_person about;

    if (strcmp(sub->actor, cmd->about_id) == 0)
        return px_reject(PX_REASON_SELF_FEEDBACK, "about_id");
    px_verdict tags = check_tags(sub, cmd);
    if (tags.reason != PX_REASON_NONE)
        return tags;
    if (!px_people_is_active(state, sub->tenant, sub->actor))
        return px_reject(PX_REASON_ACTOR_UNKNOWN, "actor");
    if (ingest_state_get_feedback(state, sub->tenant, cmd->feedback_id, &existing))
        return px_reject(PX_REASON_FEEDBACK_EXISTS, "feedback_id");
    if (!px_people_get(state, sub->tenant, cmd->about_id, &about))
        return px_reject(PX_REASON_PERSON_UNKNOWN, "about_id");
    if (!about.active)
        return px_reject(PX_REASON_PERSON_INACTIVE, "about_id");
    return px_accept();
}

static int32_t tone_number(FeedbackIngest__TagTone tone)
{
    switch (tone) {
    case FEEDBACK_INGEST__TAG_TONE__TAG_TONE_POSITIVE:
        return 1;
    case FEEDBACK_INGEST__TAG_TONE__TAG_TONE_NEGATIVE:
        return -1;
    default:
        return 0;
    }
}

static void copy_tags(FeedbackIngestFact__FeedbackGiven *fact,
                      const FeedbackIngest__GiveFeedback *cmd, px_arena *arena)
{
    FeedbackIngestFact__FeedbackTag *tags = px_arena_alloc(arena, cmd->n_tags * sizeof *tags);

    fact->tags = px_arena_alloc(arena, cmd->n_tags * sizeof *fact->tags);
    if (!tags || !fact->tags) /* the overflow sticks and fails the batch */
        return;
    for (size_t i = 0; i < cmd->n_tags; i++) {
        tags[i] = (FeedbackIngestFact__FeedbackTag)FEEDBACK_INGEST_FACT__FEEDBACK_TAG__INIT;
        tags[i].competency_id = cmd->tags[i]->competency_id;
        tags[i].tone = tone_number(cmd->tags[i]->tone);
        fact->tags[i] = &tags[i];
    }
    fact->n_tags = cmd->n_tags;
}

px_verdict decide_give_feedback(const px_view *state, const px_submission *sub, px_facts *out)
{
    const FeedbackIngest__GiveFeedback *cmd = sub->body;
    px_verdict verdict = check_feedback(state, sub, cmd);

    if (verdict.reason != PX_REASON_NONE)
        return verdict;
    FeedbackIngestFact__FeedbackGiven *fact =
        px_facts_add(out, FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN);
    fact->feedback_id = cmd->feedback_id;
    fact->giver_id = (char *)sub->actor; /* borrowed; protobuf-c knows no const */
    fact->about_id = cmd->about_id;
    fact->kind = (uint32_t)cmd->kind;
    copy_tags(fact, cmd, px_facts_arena(out));
    fact->sealed_text = cmd->text->sealed;
    fact->visibility = (uint32_t)cmd->visibility;
    fact->occurred_at_us = sub->occurred_at_us;
    fact->relation = px_people_relation(state, sub->tenant, sub->actor, cmd->about_id);
    return px_accept();
}

px_verdict decide_withdraw_feedback(const px_view *state, const px_submission *sub, px_facts *out)
{
    const FeedbackIngest__WithdrawFeedback *cmd = sub->body;
    feedback_record feedback;

    if (!ingest_state_get_feedback(state, sub->tenant, cmd->feedback_id, &feedback))
        return px_reject(PX_REASON_FEEDBACK_UNKNOWN, "feedback_id");
    if (strcmp(feedback.giver_id, sub->actor) != 0)
        return px_reject(PX_REASON_NOT_ALLOWED, "actor");
    if (feedback.withdrawn)
        return px_reject(PX_REASON_ALREADY_WITHDRAWN, "feedback_id");

    FeedbackIngestFact__FeedbackWithdrawn *fact =
        px_facts_add(out, FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN);
    fact->feedback_id = cmd->feedback_id;
    fact->about_id = px_arena_strdup(px_facts_arena(out), feedback.about_id);
    return px_accept();
}

px_verdict decide_erase_person(const px_view *state, const px_submission *sub, px_facts *out)
{
    const FeedbackIngest__ErasePerson *cmd = sub->body;
    uint32_t generation = px_people_key_generation(state, sub->tenant, cmd->person_id);

    if (generation == 0)
        return px_reject(PX_REASON_PERSON_UNKNOWN, "person_id");
    FeedbackIngestFact__PersonErased *fact =
        px_facts_add(out, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED);
    fact->person_id = cmd->person_id;
    fact->key_generation = generation;
    return px_accept();
}
