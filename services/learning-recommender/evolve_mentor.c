/* evolve_mentor.c: own facts -> state: mentors, and whom they were suggested to. */
#include <string.h>

#include "common/record.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/service.h"
#include "services/learning-recommender/state_mentor.h"

/* Who was taken on or suggested before keeps their slot. */
void evolve_mentoring_offered(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__MentoringOffered *f = fact->body;
    mentor_record record = learning_state_get_mentor(state, fact->tenant, f->person_id);

    if (!px_people_is_known(state, fact->tenant, f->person_id))
        return;
    mentor_record now = { .slots = (uint8_t)f->slots };

    memcpy(now.taken_us, record.taken_us, sizeof now.taken_us);
    for (size_t i = 0; i < f->n_competency_ids && i < MENTOR_COMPETENCIES_MAX; i++)
        px_record_set_text(now.competency_ids[now.count++], PX_ID_SIZE, f->competency_ids[i]);
    learning_state_put_mentor(state, fact->tenant, f->person_id, &now, fact->decided_at_us);
    for (uint8_t i = 0; i < now.count; i++)
        learning_mark_mentees(state, fact->tenant, now.competency_ids[i]);
}

/* The slot that is free, or free for the longest time. */
static int64_t *oldest_slot(mentor_record *record)
{
    int64_t *oldest = &record->taken_us[0];

    for (size_t i = 1; i < MENTOR_ROOM; i++)
        if (record->taken_us[i] < *oldest)
            oldest = &record->taken_us[i];
    return oldest;
}

static void note_declined(mentoring_record *mentoring, const char *mentor_id)
{
    if (mentoring->declined_count < MENTORS_DECLINED_MAX)
        px_record_set_text(mentoring->declined_ids[mentoring->declined_count++], PX_ID_SIZE,
                           mentor_id);
}

void evolve_mentor_suggested(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__MentorSuggested *f = fact->body;

    if (!px_people_is_known(state, fact->tenant, f->person_id) ||
        !px_people_is_known(state, fact->tenant, f->mentor_id))
        return;
    mentoring_record mentoring =
        learning_state_get_mentoring(state, fact->tenant, f->person_id, f->competency_id);
    mentor_record record = learning_state_get_mentor(state, fact->tenant, f->mentor_id);

    *oldest_slot(&record) = fact->decided_at_us;
    learning_state_put_mentor(state, fact->tenant, f->mentor_id, &record, fact->decided_at_us);
    if (mentoring.state == MENTORING_SUGGESTED) /* who was asked before has not answered */
        note_declined(&mentoring, mentoring.mentor_id);
    mentoring.state = MENTORING_SUGGESTED;
    mentoring.suggested_us = fact->decided_at_us;
    px_record_set_text(mentoring.mentor_id, PX_ID_SIZE, f->mentor_id);
    px_record_set_text(mentoring.item_id, PX_ID_SIZE, f->item_id);
    learning_state_put_mentoring(state, fact->tenant, f->person_id, f->competency_id, &mentoring);
}

/* The slot is free again, for whoever has a gap there too. */
static void free_slot(px_txn *state, const px_fact *fact, const mentoring_record *mentoring)
{
    const char *tenant = fact->tenant;
    mentor_record record = learning_state_get_mentor(state, tenant, mentoring->mentor_id);

    for (size_t i = 0; i < MENTOR_ROOM; i++)
        if (record.taken_us[i] == mentoring->suggested_us) {
            record.taken_us[i] = 0;
            break;
        }
    learning_state_put_mentor(state, tenant, mentoring->mentor_id, &record, fact->decided_at_us);
    for (uint8_t i = 0; i < record.count; i++)
        learning_mark_mentees(state, tenant, record.competency_ids[i]);
}

void evolve_mentoring_answered(px_txn *state, const px_fact *fact)
{
    const LearningRecommenderFact__MentoringAnswered *f = fact->body;
    mentoring_record mentoring =
        learning_state_get_mentoring(state, fact->tenant, f->person_id, f->competency_id);

    if (!px_people_is_known(state, fact->tenant, f->person_id) ||
        mentoring.state != MENTORING_SUGGESTED)
        return;
    mentoring.state = f->accepted ? MENTORING_ACCEPTED : MENTORING_NONE;
    if (!f->accepted) {
        if (px_people_is_known(state, fact->tenant, f->mentor_id))
            free_slot(state, fact, &mentoring);
        note_declined(&mentoring, f->mentor_id);
        learning_mark_mentee(state, fact->tenant, f->person_id);
    }
    learning_state_put_mentoring(state, fact->tenant, f->person_id, f->competency_id, &mentoring);
}
