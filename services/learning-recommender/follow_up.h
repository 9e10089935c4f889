/* follow_up.h: what a rating and a level mean for the follow-ups that wait for them. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_FOLLOW_UP_H
#define PRAXIS_LEARNING_RECOMMENDER_FOLLOW_UP_H

#include "common/store.h"

/** The manager or the person has rated: competency's answer is waited for. */
void follow_up_hear_rating(px_txn *state, const char *tenant, const char *person_id,
                           const char *competency_id, int64_t occurred_us, int64_t now_us);
/** Competency has spoken of the level: what waited for that is looked at. */
void follow_up_hear_level(px_txn *state, const char *tenant, const char *person_id,
                          const char *competency_id);

#endif
