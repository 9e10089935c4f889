/* state_impact.h: what the looks at completed learning add up to. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_IMPACT_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_IMPACT_H

#include "services/learning-recommender/impact.h"
#include "services/learning-recommender/state.h"

typedef struct {
    impact all;
    uint32_t said_looks; /* 0: nothing was said yet */
    bool said_enough;
} impact_record;

/** All zero when nothing was looked at. item_id "": all learning for the competency. */
impact_record learning_state_get_impact(const px_view *state, const char *tenant,
                                        const char *competency_id, const char *item_id);
void learning_state_put_impact(px_txn *state, const char *tenant, const char *competency_id,
                               const char *item_id, impact_record *record);
/** Marks it, to be said if it is news. */
void learning_impact_mark(px_txn *state, const char *tenant, const char *competency_id,
                          const char *item_id);

/** A key of KEY_IMPACT taken apart. */
typedef struct {
    char competency_id[PX_ID_SIZE], item_id[PX_ID_SIZE];
} impact_key;
impact_key learning_impact_key(px_bytes rest);

#endif
