/* state_wish.h: items that a person or their manager put into a plan; they stay in it. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_WISH_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_WISH_H

#include "services/learning-recommender/state_plan.h"

typedef struct {
    uint32_t plan; /* number of the plan it is for; of no use when that one is over */
    char by_id[PX_ID_SIZE];
    uint8_t reason; /* ItemReason of the contract */
} wish_record;

/** @return false when the item is not wished for in this plan */
bool learning_state_get_wish(const px_view *state, const char *tenant, const char *person_id,
                             uint32_t plan, const char *item_id, wish_record *out);
/** The next item after `item_id` ("" for the first) that is wished for in this plan. */
bool learning_state_next_wish(const px_view *state, const char *tenant, const char *person_id,
                              uint32_t plan, char item_id[PX_ID_SIZE]);
void learning_state_put_wish(px_txn *state, const char *tenant, const char *person_id,
                             const char *item_id, wish_record *wish);
void learning_state_del_wish(px_txn *state, const char *tenant, const char *person_id,
                             const char *item_id);

#endif
