/* state_mentor.h: who offers to be a mentor, and whom they were suggested to. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_MENTOR_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_MENTOR_H

#include "common/replaced.h"
#include "services/learning-recommender/mentor.h"
#include "services/learning-recommender/state.h"

/** A suggestion takes a slot for so long; not answered by then, the next one is asked. */
#define MENTORING_US (INT64_C(91) * 86400 * 1000000)

enum { MENTOR_COMPETENCIES_MAX = 8, MENTORS_DECLINED_MAX = 4 };

/** An offer. A suggestion that is declined takes no slot any more. */
typedef struct {
    uint8_t slots; /* at most MENTOR_ROOM */
    int64_t taken_us[MENTOR_ROOM];
    uint8_t count;
    char competency_ids[MENTOR_COMPETENCIES_MAX][PX_ID_SIZE];
} mentor_record;

/** All zero for somebody who never offered. */
mentor_record learning_state_get_mentor(const px_view *state, const char *tenant,
                                        const char *person_id);
/** Keeps mentors findable by competency, and when the next slot is free again on the agenda. */
void learning_state_put_mentor(px_txn *state, const char *tenant, const char *person_id,
                               mentor_record *record, int64_t now_us);
/** How many more people the mentor takes on now. */
uint32_t learning_mentor_room(const mentor_record *record, int64_t now_us);
/** The next mentor after `mentor_id` ("" for the first) who offers the competency. */
bool learning_state_next_mentor(const px_view *state, const char *tenant, const char *competency_id,
                                char mentor_id[PX_ID_SIZE]);

/** Stored: only add. */
typedef enum {
    MENTORING_NONE = 0,
    MENTORING_SUGGESTED = 1,
    MENTORING_ACCEPTED = 2
} mentoring_state;

/** How it stands with a mentor for one competency of a person. */
typedef struct {
    uint8_t state; /* mentoring_state */
    char mentor_id[PX_ID_SIZE];
    char item_id[PX_ID_SIZE];
    int64_t suggested_us;
    uint8_t declined_count; /* who declined is not asked again; after the last nobody is */
    char declined_ids[MENTORS_DECLINED_MAX][PX_ID_SIZE];
} mentoring_record;

mentoring_record learning_state_get_mentoring(const px_view *state, const char *tenant,
                                              const char *person_id, const char *competency_id);
void learning_state_put_mentoring(px_txn *state, const char *tenant, const char *person_id,
                                  const char *competency_id, mentoring_record *record);

/** A competency ended: who offered it offers its successors. */
void learning_state_move_mentors(px_txn *state, const char *tenant, const char *old_id,
                                 const px_successors *by, int64_t now_us);
/** The same of who was suggested to a person for it, where nobody was for a successor. */
void learning_state_move_mentoring(px_txn *state, const char *tenant, const char *person_id,
                                   const char *old_id, const px_successors *by);

/** Forgets what the person offered and who was suggested to them. */
void learning_state_drop_mentor(px_txn *state, const char *tenant, const char *person_id);
bool learning_has_mentors(const px_view *state, const char *tenant);
/** There may be a mentor for the person now. */
void learning_mark_mentee(px_txn *state, const char *tenant, const char *person_id);

/** The same for everybody with a gap there. */
void learning_mark_mentees(px_txn *state, const char *tenant, const char *competency_id);
/** The same in all that this mentor offers: they came or left, or have room again. */
void learning_mark_mentees_of(px_txn *state, const char *tenant, const char *mentor_id);
/** The person's level moved: if they offer the competency, others may have a mentor now. */
void learning_mentor_changed(px_txn *state, const char *tenant, const char *person_id,
                             const char *competency_id);

#endif
