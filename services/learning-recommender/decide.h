/* decide.h: what the files of deciders share. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_DECIDE_H
#define PRAXIS_LEARNING_RECOMMENDER_DECIDE_H

#include "common/service.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/learning-recommender/state_catalogue.h"

/** States ItemStarted; the ids are borrowed until the batch is packed. */
void decide_say_started(const px_view *state, const px_submission *sub, char *person_id,
                        char *item_id, px_facts *out);
/** States ItemCompleted. */
void decide_say_completed(const px_view *state, const px_submission *sub, char *person_id,
                          char *item_id, const item_record *item, px_facts *out);

/** Whether the audience is one: its unit is known, its role is named. */
px_verdict decide_audience(const px_view *state, const px_submission *sub,
                           LearningRecommender__AudienceKind audience, const char *unit_id,
                           const char *role_id);

#endif
