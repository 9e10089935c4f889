/* state_follow_up.h: when learning is looked at again, by whom, and what came of it. A follow-up is
 * of one competency in one plan of a person. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_FOLLOW_UP_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_FOLLOW_UP_H

#include "common/replaced.h"
#include "services/learning-recommender/state.h"

enum { FOLLOW_UPS_MAX = 16 /* of one person and competency that are looked at in one go */ };

/** Whoever was asked has this long before a follow-up is overdue. */
#define FOLLOW_UP_LATE_US   (INT64_C(14) * 86400 * 1000000)
/** Competency answers a rating with a new level, or has none to say: then the level is as it was.
 */
#define FOLLOW_UP_ANSWER_US (INT64_C(86400) * 1000000)

typedef struct {
    int64_t due_us;
    bool said;          /* FollowUpDue was stated: once per date */
    bool manager_asked; /* beside the person */
    bool overdue;       /* FollowUpOverdue was stated */
    bool recorded;      /* FollowUpRecorded was stated: it is over */
    int64_t rated_us;   /* one of those asked has rated then, and competency has not answered yet */
} follow_up_record;

bool learning_state_get_follow_up(const px_view *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id,
                                  follow_up_record *out);
/** Stores it; the next date on which something may have to be said is on the agenda. */
void learning_state_put_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id,
                                  follow_up_record follow_up);
/** Takes its dates off the agenda and forgets it. */
void learning_state_del_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id);
/** Forgets all of a person's, of every plan. */
void learning_state_drop_follow_ups(px_txn *state, const char *tenant, const char *person_id);
/** Plans of the person in which the competency was asked for again and nothing was recorded yet,
 * oldest first. @return how many */
size_t learning_state_asked_follow_ups(const px_view *state, const char *tenant,
                                       const char *person_id, const char *competency_id,
                                       uint32_t numbers[FOLLOW_UPS_MAX]);
/**
 * A competency ended: what was to be followed up in it, and what was found wanting, is its
 * successors' from now on. Where a plan has both, the later date stays; of one that was retired
 * nothing is left to ask for.
 */
void learning_state_move_follow_ups(px_txn *state, const char *tenant, const char *person_id,
                                    const char *old_id, const px_successors *by);
/** It is to be looked at now. */
void learning_state_mark_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                   uint32_t number, const char *competency_id);
/** So are all of the person's that are not recorded: they are here again. */
void learning_state_mark_follow_ups(px_txn *state, const char *tenant, const char *person_id);

/** A follow-up key taken apart. */
typedef struct {
    char person_id[PX_ID_SIZE];
    uint32_t number;
    char competency_id[PX_ID_SIZE];
} follow_up_key;
follow_up_key learning_follow_up_key(px_bytes rest);

/* ---- what was found wanting ---- */

/** Kinds of items (bit 1 << ItemKind) that were completed for the competency and left it short. */
uint32_t learning_state_get_wanting(const px_view *state, const char *tenant, const char *person_id,
                                    const char *competency_id);
/** 0 forgets them. */
void learning_state_put_wanting(px_txn *state, const char *tenant, const char *person_id,
                                const char *competency_id, uint32_t kinds);

#endif
