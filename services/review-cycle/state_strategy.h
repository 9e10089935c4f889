/* state_strategy.h: the records of strategy items. */
#ifndef PRAXIS_REVIEW_CYCLE_STATE_STRATEGY_H
#define PRAXIS_REVIEW_CYCLE_STATE_STRATEGY_H

#include "common/people.h"
#include "common/service.h"

enum { STRATEGY_COMPETENCIES_MAX = 32 };

typedef struct {
    bool retired;
    int64_t ends_at_us; /* 0 = when it is retired */
    uint8_t competency_count;
    char competency_ids[STRATEGY_COMPETENCIES_MAX][PX_ID_SIZE];
} strategy_item_record;

bool review_state_get_strategy_item(const px_view *state, const char *tenant,
                                    const char *strategy_item_id, strategy_item_record *out);
void review_state_put_strategy_item(px_txn *state, const char *tenant, const char *strategy_item_id,
                                    const strategy_item_record *item);

/** States that it is no longer in force: its time is over, or somebody retired it. */
void review_say_strategy_item_retired(const char *strategy_item_id,
                                      const strategy_item_record *item, bool ended, px_facts *out);

#endif
