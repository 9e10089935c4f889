/* state_prompt.c: keys and bytes of spaced learning. */
#include "services/learning-recommender/state_prompt.h"

#include "common/agenda.h"
#include "services/learning-recommender/state_keys.h"

enum { PROMPTS_BYTES_MAX = 16 + PROMPTS_MAX * 4 };

static void walk_prompts(px_record *r, prompt_record *p)
{
    px_record_u8(r, &p->count);
    PX_ASSERT(p->count <= PROMPTS_MAX);
    for (uint8_t i = 0; i < p->count; i++)
        px_record_u32(r, &p->days[i]);
    px_record_u8(r, &p->sent);
    px_record_u8(r, &p->answered);
    px_record_i64(r, &p->due_us);
}

bool learning_state_get_prompts(const px_view *state, const char *tenant, const char *person_id,
                                const char *item_id, prompt_record *out)
{
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_PROMPT, tenant, person_id, item_id), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (prompt_record){ 0 };
    walk_prompts(&r, out);
    px_record_end(&r);
    return true;
}

void learning_state_put_prompts(px_txn *state, const char *tenant, const char *person_id,
                                const char *item_id, prompt_record *prompts)
{
    px_keybuf key = learning_agenda_item(person_id, item_id);
    unsigned char bytes[PROMPTS_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_prompts(&r, prompts);
    learning_put(state, learning_key(TABLE_PROMPT, tenant, person_id, item_id), px_record_end(&r));
    if (prompts->sent == prompts->answered && prompts->sent < prompts->count)
        px_due_set(state, KEY_PROMPT, tenant, px_key_bytes(&key), prompts->due_us);
    else
        px_due_clear(state, KEY_PROMPT, tenant, px_key_bytes(&key));
}

void learning_state_del_prompts(px_txn *state, const char *tenant, const char *person_id,
                                const char *item_id)
{
    px_keybuf key = learning_agenda_item(person_id, item_id);

    learning_del(state, learning_key(TABLE_PROMPT, tenant, person_id, item_id));
    px_due_clear(state, KEY_PROMPT, tenant, px_key_bytes(&key));
}

void learning_state_put_prompts_again(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = learning_key(TABLE_PROMPT, tenant, person_id, NULL);
    char item_id[PX_ID_SIZE] = "";
    prompt_record prompts;

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE))
        if (learning_state_get_prompts(state, tenant, person_id, item_id, &prompts))
            learning_state_put_prompts(state, tenant, person_id, item_id, &prompts);
}

void learning_state_drop_prompts(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = learning_key(TABLE_PROMPT, tenant, person_id, NULL);
    char item_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE))
        learning_state_del_prompts(state, tenant, person_id, item_id);
}
