/* state_prompt.h: spaced learning under way: what was prompted and answered, and when the next is
 * due. */
#ifndef PRAXIS_LEARNING_RECOMMENDER_STATE_PROMPT_H
#define PRAXIS_LEARNING_RECOMMENDER_STATE_PROMPT_H

#include "services/learning-recommender/state_catalogue.h"
#include "services/learning-recommender/state_plan.h"

typedef struct {
    uint8_t count;
    uint32_t days[PROMPTS_MAX]; /* as the item said when it was started */
    uint8_t sent, answered;     /* never more than one is open */
    int64_t due_us;             /* of the next one, or of the open one */
} prompt_record;

bool learning_state_get_prompts(const px_view *state, const char *tenant, const char *person_id,
                                const char *item_id, prompt_record *out);
/** Stores it; the next one that may be sent is on the agenda (KEY_PROMPT). */
void learning_state_put_prompts(px_txn *state, const char *tenant, const char *person_id,
                                const char *item_id, prompt_record *prompts);
/** Forgets it, and takes it off the agenda. */
void learning_state_del_prompts(px_txn *state, const char *tenant, const char *person_id,
                                const char *item_id);
/** Puts on the agenda again what came due while the person was away. */
void learning_state_put_prompts_again(px_txn *state, const char *tenant, const char *person_id);
/** Forgets all of a person's. */
void learning_state_drop_prompts(px_txn *state, const char *tenant, const char *person_id);

#endif
