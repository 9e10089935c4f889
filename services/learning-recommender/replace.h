/* replace.h: what names a competency that ended means its successors (common/replaced.h). */
#ifndef PRAXIS_LEARNING_RECOMMENDER_REPLACE_H
#define PRAXIS_LEARNING_RECOMMENDER_REPLACE_H

#include "common/replaced.h"
#include "services/learning-recommender/state.h"
#include "services/learning-recommender/state_catalogue.h"

/** An item teaches what took the place of what it was defined to teach. */
void learning_replace_outcomes(const px_view *state, const char *tenant, item_record *item);
/** Before the first that is older; the oldest falls out when there is no room. */
void learning_insert_rating(ratings_record *all, const rating_behind *rating);

#endif
