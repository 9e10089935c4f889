/* known.h: what a person can do already, so that nobody is sent where they have been. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_KNOWN_H
#define PRAXIS_LEARNING_RECOMMENDER_KNOWN_H

#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_plan.h"

/**
 * Whether the person is at level in all that the item teaches: at what their roles ask, where they
 * ask for it, else at the upper end of the item's levels. What nothing is known of is not known.
 */
bool learning_knows_item(const px_view *state, const char *tenant, const char *person_id,
                         const item_record *item);
/**
 * Whether a planned item that was not started is not needed any more: the person has come to level
 * by evidence or by learning, not because ratings were taken back or another level is asked now.
 */
bool learning_is_waived(const px_view *state, const char *tenant, const char *person_id,
                        const plan_item *planned);
/** The newest evidence of a competency that may be named: evidence, or a review by the manager or
 * the person; "" for none. */
void learning_newest_evidence(const px_view *state, const char *tenant, const char *person_id,
                              const char *competency_id, char evidence_id[PX_ID_SIZE]);

#endif
