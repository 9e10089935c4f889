/* evolve_prompt.h: spaced learning begins when its item is started. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_EVOLVE_PROMPT_H
#define PRAXIS_LEARNING_RECOMMENDER_EVOLVE_PROMPT_H

#include "services/learning-recommender/state_prompt.h"

/** Of an item without prompts: nothing. */
void evolve_prompts_begin(px_txn *state, const char *tenant, const char *person_id,
                          const char *item_id, int64_t started_us);

#endif
