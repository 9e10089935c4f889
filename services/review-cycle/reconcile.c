/* reconcile.c: says what holds and was not said yet: that the time of a strategy item is over. */
#include <string.h>

#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/review-cycle/service.h"
#include "services/review-cycle/state_strategy.h"

void reconcile_strategy_item(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    char strategy_item_id[PX_ID_SIZE] = "";
    strategy_item_record item;

    PX_ASSERT(key->rest.size < sizeof strategy_item_id);
    memcpy(strategy_item_id, key->rest.data, key->rest.size);
    if (review_state_get_strategy_item(state, key->tenant, strategy_item_id, &item) &&
        !item.retired && item.ends_at_us != 0 && item.ends_at_us <= now_us)
        review_say_strategy_item_retired(strategy_item_id, &item, true, out);
}
