/* follow_up.h: looks at completed learning: what the ratings since then say it did. */
#ifndef PRAXIS_COMPETENCY_FOLLOW_UP_H
#define PRAXIS_COMPETENCY_FOLLOW_UP_H

#include "services/competency/state.h"

/** What was seen, and the items with what is known of them after it. */
typedef struct {
    observed_record observed; /* gain and variance are 0 when nothing could be seen */
    item_record items[PX_PENDING_MAX];
} follow_up;

/**
 * A rating by somebody else of a key where no learning waits for its follow-up: what such ratings
 * say beyond the expected is what all ratings of the time say (METHOD section 4, control tide).
 * @param days  of the level that heard it
 */
void follow_up_control(px_txn *state, const char *tenant, double days, double surprise);
/** Looks (harvests) as of `days`; in the standing the effect becomes part of the level. */
follow_up follow_up_look(const px_view *state, const level_key *key, standing *s, double days);
/** Keeps what it taught about the items. */
void follow_up_learn(px_txn *state, const level_key *key, const follow_up *seen);
/** An earlier look, with what is known of its items now. */
follow_up follow_up_recall(const px_view *state, const level_key *key,
                           const observed_record *observed);

#endif
