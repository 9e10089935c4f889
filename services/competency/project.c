/* project.c: facts of feedback-ingest, review-cycle and learning-recommender -> state. Facts about
 * somebody erased meanwhile leave nothing.
 */
#include <string.h>

#include "common/people.h"
#include "common/record.h"
#include "common/replaced.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/competency/hear.h"
#include "services/competency/hear_evidence.h"
#include "services/competency/service.h"
#include "services/competency/state.h"
#include "services/competency/state_attainment.h"
#include "services/competency/state_completion.h"
#include "services/competency/state_evidence.h"
#include "services/competency/state_need.h"
#include "services/competency/state_potential.h"

/* ---- people ---- */

/* Of what the person is among those who need it, in the unit they are in now. */
static void refresh_needs(px_txn *state, const char *tenant, const char *person_id,
                          void (*move)(px_txn *, const level_key *))
{
    char competency_id[PX_ID_SIZE] = "";

    while (competency_state_next_heard(state, tenant, person_id, competency_id)) {
        level_key key = { tenant, person_id, competency_id };

        move(state, &key);
    }
}

void competency_project_person_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;
    px_person before = { 0 };
    bool known = px_people_get(state, fact->tenant, f->person_id, &before);
    bool moves =
        known && (strcmp(before.unit_id, f->unit_id) != 0 || before.active != (bool)f->active);

    if (moves)
        refresh_needs(state, fact->tenant, f->person_id, need_leave);
    px_roles_project_person(state, fact, hear_roles_moved);
    if (known && before.active != (bool)f->active) /* a role aspired to is in no list */
        hear_roles_moved(state, fact->tenant, f->person_id, NULL, NULL);
    if (moves)
        refresh_needs(state, fact->tenant, f->person_id, need_refresh);
    competency_mark_potential(state, fact->tenant, f->person_id); /* may have left, or be back */
}

void competency_project_unit_recorded(px_txn *state, const px_fact *fact)
{
    px_roles_project_unit(state, fact, hear_roles_moved);
}

void competency_project_person_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;
    char competency_id[PX_ID_SIZE] = "";

    refresh_needs(state, fact->tenant, f->person_id, need_leave);
    while (competency_state_next_heard(state, fact->tenant, f->person_id, competency_id)) {
        level_key key = { fact->tenant, f->person_id, competency_id };

        level_key_clear_due(state, KEY_FOLLOW_UP, &key);
        level_key_clear_due(state, KEY_ATTAINMENT, &key);
    }
    competency_state_drop_attained(state, fact->tenant, f->person_id);
    competency_state_drop_completions(state, fact->tenant, f->person_id);
    competency_state_drop_potential(state, fact->tenant, f->person_id);
    competency_state_drop_person(state, fact->tenant, f->person_id);
    px_roles_project_erased(state, fact, hear_roles_moved);
}

/* ---- feedback ---- */

/* As the evidence is: of a competency that ended, on what took its place. */
static void note_critic(px_txn *state, const level_key *key, const char *feedback_id,
                        const char *giver_id)
{
    px_successors now = px_replaced_resolve(state, key->tenant, key->competency_id);

    for (size_t i = 0; i < now.count; i++) {
        level_key there = { key->tenant, key->person_id, now.all[i].competency_id };

        competency_state_note_critic(state, &there, feedback_id, giver_id);
        need_refresh(state, &there);
    }
}

void competency_project_feedback_given(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__FeedbackGiven *f = fact->body;

    if (!px_people_is_known(state, fact->tenant, f->about_id))
        return;
    for (size_t i = 0; i < f->n_tags; i++) {
        level_key key = { fact->tenant, f->about_id, f->tags[i]->competency_id };
        evidence e = { .kind = EVIDENCE_TAG,
                       .history = fact->history,
                       .at_us = f->occurred_at_us,
                       .value = (double)f->tags[i]->tone };

        px_record_set_text(e.ref, sizeof e.ref, f->feedback_id);
        hear_evidence(state, &key, &e);
        if (f->tags[i]->tone < 0)
            note_critic(state, &key, f->feedback_id, f->giver_id);
    }
}

/* The fact does not say which competencies it was about. */
void competency_project_feedback_withdrawn(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__FeedbackWithdrawn *f = fact->body;
    char competency_id[PX_ID_SIZE];

    while (competency_state_find_evidence(state, fact->tenant, f->about_id, EVIDENCE_TAG,
                                          f->feedback_id, competency_id)) {
        level_key key = { fact->tenant, f->about_id, competency_id };

        hear_withdrawal(state, &key, EVIDENCE_TAG, f->feedback_id);
        competency_state_note_critic(state, &key, f->feedback_id, NULL);
        need_refresh(state, &key);
    }
}

/* ---- reviews ---- */

/* PX_SOURCE_COUNT for a relation that is no source of ratings. */
static px_evidence source_of(uint32_t relation)
{
    switch ((ReviewCycle__Relation)relation) {
    case REVIEW_CYCLE__RELATION__RELATION_SELF:
        return PX_SELF;
    case REVIEW_CYCLE__RELATION__RELATION_MANAGER:
        return PX_MANAGER;
    case REVIEW_CYCLE__RELATION__RELATION_PEER:
        return PX_PEER;
    case REVIEW_CYCLE__RELATION__RELATION_REPORT:
        return PX_REPORT;
    default:
        return (px_evidence)PX_SOURCE_COUNT;
    }
}

/* Overall ratings are about the person, not about a competency; place 0 means "cannot say". */
static bool is_evidence(const ReviewCycleFact__Rating *rating)
{
    return rating->competency_id[0] && rating->scale_size >= 2 && rating->position >= 1 &&
           rating->position <= rating->scale_size;
}

void competency_project_review_submitted(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewSubmitted *f = fact->body;
    evidence e = { .kind = EVIDENCE_RATING,
                   .history = fact->history,
                   .at_us = f->occurred_at_us,
                   .source = source_of(f->relation) };

    if ((unsigned)e.source >= PX_SOURCE_COUNT ||
        !px_people_is_known(state, fact->tenant, f->subject_id))
        return;
    px_record_set_text(e.ref, sizeof e.ref, f->review_id);
    competency_state_hash(f->rater_id, e.rater);
    for (size_t i = 0; i < f->n_ratings; i++) {
        const ReviewCycleFact__Rating *rating = f->ratings[i];
        level_key key = { fact->tenant, f->subject_id, rating->competency_id };

        if (!is_evidence(rating))
            continue;
        e.value = px_scale_level(rating->position, rating->scale_size);
        hear_evidence(state, &key, &e);
    }
    if (!px_people_is_known(state, fact->tenant, f->rater_id))
        competency_state_drop_person(state, fact->tenant, f->rater_id);
}

void competency_project_review_withdrawn(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__ReviewWithdrawn *f = fact->body;

    for (size_t i = 0; i < f->n_competency_ids; i++) {
        level_key key = { fact->tenant, f->subject_id, f->competency_ids[i] };

        hear_withdrawal(state, &key, EVIDENCE_RATING, f->review_id);
    }
}

/* What waits for company waits no longer: any cycle that shares, or ends, lets all of it go. */
void competency_project_phase_changed(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__PhaseChanged *f = fact->body;
    char person_id[PX_ID_SIZE], competency_id[PX_ID_SIZE];

    if (f->to != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING &&
        f->to != REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED)
        return;
    while (competency_state_first_waiting(state, fact->tenant, person_id, competency_id)) {
        level_key key = { fact->tenant, person_id, competency_id };
        said_record said;

        competency_state_get_said(state, &key, &said);
        said_share(&said);
        competency_state_put_said(state, &key, &said); /* it is off the list */
        level_key_mark(state, KEY_LEVEL, &key);
    }
}

/* ---- learning ---- */

/* @return false for a kind of item that no prior is known for */
static bool prior_of(const LearningRecommenderFact__ItemCompleted *f, px_effect *out)
{
    switch ((LearningRecommender__ItemKind)f->kind) {
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_READING:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_EXTERNAL:
        *out = px_effect_start(PX_COURSE, f->hours);
        return true;
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO:
        *out = px_effect_start(PX_MICRO, f->hours);
        return true;
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COACHING:
    case LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_ROUNDTABLE: /* learned by doing, with others */
        *out = px_effect_start(PX_TASK, f->hours);
        return true;
    default:
        return false;
    }
}

/* What was evidence before keeps its id; completed again it is another piece. */
static void note_completion(px_txn *state, const px_fact *fact,
                            const LearningRecommenderFact__ItemCompleted *f)
{
    for (size_t i = 0; i < f->n_outcomes; i++) {
        completion_key key = { { fact->tenant, f->person_id, f->outcomes[i]->competency_id },
                               f->item_id };
        completion_record record;

        competency_state_get_completion(state, &key, &record);
        record.action = (uint8_t)f->completion_evidence;
        record.level_to = f->outcomes[i]->level_to;
        record.earned_us = f->occurred_at_us;
        record.times++;
        record.voided = false;
        competency_state_put_completion(state, &key, record);
    }
}

void competency_project_item_completed(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__ItemCompleted *f = fact->body;
    px_effect prior;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    if (f->completion_evidence >
        LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_NONE)
        note_completion(state, fact, f);
    if (!prior_of(f, &prior))
        return;
    for (size_t i = 0; i < f->n_outcomes; i++) {
        const LearningRecommenderFact__Outcome *outcome = f->outcomes[i];
        level_key key = { fact->tenant, f->person_id, outcome->competency_id };
        evidence e = { .kind = EVIDENCE_COMPLETION,
                       .history = fact->history,
                       .at_us = f->occurred_at_us,
                       .share = outcome->share,
                       .low = outcome->level_from,
                       .high = outcome->level_to,
                       .effect = prior };

        px_record_set_text(e.ref, sizeof e.ref, f->item_id);
        competency_state_hash(f->item_id, e.item);
        hear_evidence(state, &key, &e);
    }
}

/* A unit of spaced learning is on record; no level is attained by it. */
void competency_project_prompt_answered(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__PromptAnswered *f = fact->body;

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    for (size_t i = 0; i < f->n_competency_ids && i < f->n_evidence_ids; i++) {
        level_key key = { fact->tenant, f->person_id, f->competency_ids[i] };
        action_row row = { .source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE,
                           .action = ACTION_LOG,
                           .earned_us = f->occurred_at_us };

        px_record_set_text(row.evidence_id, sizeof row.evidence_id, f->evidence_ids[i]);
        hear_action(state, &key, &row, EVIDENCE_RECORDED);
    }
}

/* The fact does not say what the item was said to teach then. */
void competency_project_completion_voided(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__CompletionVoided *f = fact->body;
    char competency_id[PX_ID_SIZE];

    while (competency_state_find_evidence(state, fact->tenant, f->person_id, EVIDENCE_COMPLETION,
                                          f->item_id, competency_id)) {
        level_key key = { fact->tenant, f->person_id, competency_id };

        hear_withdrawal(state, &key, EVIDENCE_COMPLETION, f->item_id);
    }
    competency_state_void_completions(state, fact->tenant, f->person_id, f->item_id);
}

/* ---- strategy ---- */

static void hold_everybody_against(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id)) {
        level_key key = { tenant, person_id, competency_id };

        hear_requirement(state, &key);
    }
}

/* What a gap weighs is part of what was said of it. */
static void hold_against_strategy(px_txn *state, const char *tenant, char *const *competency_ids,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        px_successors now = px_replaced_resolve(state, tenant, competency_ids[i]);

        for (size_t j = 0; j < now.count; j++)
            hold_everybody_against(state, tenant, now.all[j].competency_id);
    }
}

void competency_project_strategy_item_declared(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemDeclared *f = fact->body;

    px_roles_project_strategy_declared(state, fact);
    hold_against_strategy(state, fact->tenant, f->competency_ids, f->n_competency_ids);
}

void competency_project_strategy_item_retired(px_txn *state, const px_fact *fact)
{
    const ReviewCycleFact__StrategyItemRetired *f = fact->body;

    px_roles_project_strategy_retired(state, fact);
    hold_against_strategy(state, fact->tenant, f->competency_ids, f->n_competency_ids);
}
