/* state_wish.c: keys and bytes of wishes. */
#include "services/learning-recommender/state_wish.h"

#include "services/learning-recommender/state_keys.h"

enum { WISH_BYTES_MAX = 8 + 2 + PX_ID_SIZE };

static void walk_wish(px_record *r, wish_record *w)
{
    px_record_u32(r, &w->plan);
    px_record_text(r, w->by_id, sizeof w->by_id);
    px_record_u8(r, &w->reason);
}

static wish_record read_wish(px_bytes value)
{
    px_record r = px_record_reader(value);
    wish_record wish = { 0 };

    walk_wish(&r, &wish);
    px_record_end(&r);
    return wish;
}

bool learning_state_get_wish(const px_view *state, const char *tenant, const char *person_id,
                             uint32_t plan, const char *item_id, wish_record *out)
{
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_WISH, tenant, person_id, item_id), &value))
        return false;
    *out = read_wish(value);
    return out->plan == plan;
}

bool learning_state_next_wish(const px_view *state, const char *tenant, const char *person_id,
                              uint32_t plan, char item_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_WISH, tenant, person_id, NULL);
    wish_record wish;

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE))
        if (learning_state_get_wish(state, tenant, person_id, plan, item_id, &wish))
            return true;
    return false;
}

void learning_state_put_wish(px_txn *state, const char *tenant, const char *person_id,
                             const char *item_id, wish_record *wish)
{
    unsigned char bytes[WISH_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_wish(&r, wish);
    learning_put(state, learning_key(TABLE_WISH, tenant, person_id, item_id), px_record_end(&r));
}

void learning_state_del_wish(px_txn *state, const char *tenant, const char *person_id,
                             const char *item_id)
{
    learning_del(state, learning_key(TABLE_WISH, tenant, person_id, item_id));
}
