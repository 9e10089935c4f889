/* check.h: what the deciders of what people do with items have in common. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_CHECK_H
#define PRAXIS_LEARNING_RECOMMENDER_CHECK_H

#include "common/service.h"
#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_plan.h"

/** The person is there, the item is known and the person has not completed it; `item` is filled. */
px_verdict learning_check_item(const px_view *state, const px_submission *sub,
                               const char *person_id, const char *item_id, item_record *item);
/** The id of the open plan that holds the item, in the submission's arena; "" for none. */
char *learning_plan_with(const px_view *state, const px_submission *sub, const char *person_id,
                         const char *item_id);
/** The item is mandatory, or the template that the plan follows needs it: it may be objected to. */
bool learning_must_stay(const px_view *state, const px_submission *sub, const char *person_id,
                        const plan_record *plan, const plan_item *item);

#endif
