/* state_strategy.c: keys and bytes of strategy items. */
#include "services/review-cycle/state_strategy.h"

#include "common/record.h"
#include "services/review-cycle/state_keys.h"

enum { ITEM_BYTES_MAX = 1 + 8 + 1 + STRATEGY_COMPETENCIES_MAX * (2 + PX_ID_SIZE) };

static void walk_item(px_record *r, strategy_item_record *item)
{
    px_record_bool(r, &item->retired);
    px_record_i64(r, &item->ends_at_us);
    px_record_u8(r, &item->competency_count);
    PX_ASSERT(item->competency_count <= STRATEGY_COMPETENCIES_MAX);
    for (size_t i = 0; i < item->competency_count; i++)
        px_record_text(r, item->competency_ids[i], PX_ID_SIZE);
}

bool review_state_get_strategy_item(const px_view *state, const char *tenant,
                                    const char *strategy_item_id, strategy_item_record *out)
{
    px_keybuf key = review_key(TABLE_STRATEGY_ITEM, tenant, strategy_item_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (strategy_item_record){ 0 };
    walk_item(&r, out);
    px_record_end(&r);
    return true;
}

void review_state_put_strategy_item(px_txn *state, const char *tenant, const char *strategy_item_id,
                                    const strategy_item_record *item)
{
    px_keybuf key = review_key(TABLE_STRATEGY_ITEM, tenant, strategy_item_id);
    unsigned char bytes[ITEM_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    strategy_item_record copy = *item;

    walk_item(&r, &copy);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}
