/* decide.h: what the files of deciders share. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_DECIDE_H
#define PRAXIS_LEARNING_RECOMMENDER_DECIDE_H

#include "common/service.h"
#include "services/learning-recommender/state_catalogue.h"

/** States ItemStarted; the ids are borrowed until the batch is packed. */
void decide_say_started(const px_view *state, const px_submission *sub, char *person_id,
                        char *item_id, px_facts *out);
/** States ItemCompleted. */
void decide_say_completed(const px_view *state, const px_submission *sub, char *person_id,
                          char *item_id, const item_record *item, px_facts *out);

#endif
