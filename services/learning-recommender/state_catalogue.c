/* state_catalogue.c: keys and bytes of the catalogue. */
#include "services/learning-recommender/state_catalogue.h"

#include "services/learning-recommender/state_keys.h"

enum {
    ITEM_BYTES_MAX = 96 + PROMPTS_MAX * 4 + PX_ID_SIZE + OUTCOMES_MAX * (2 + PX_ID_SIZE + 24) +
                     REQUIRES_MAX * (2 + PX_ID_SIZE),
    TEXTS_BYTES_MAX = 8 + ITEM_TITLE_SIZE + 2 * ITEM_URL_SIZE + ITEM_CREDIT_SIZE,
    TEACHING_BYTES_MAX = 128
};

static void walk_item(px_record *r, item_record *item)
{
    px_record_u32(r, &item->version);
    px_record_u8(r, &item->kind);
    px_record_f64(r, &item->hours);
    px_record_bool(r, &item->retired);
    px_record_bool(r, &item->mandatory);
    px_record_u32(r, &item->cost);
    px_record_u32(r, &item->completions);
    px_record_u8(r, &item->outcome_count);
    PX_ASSERT(item->outcome_count <= OUTCOMES_MAX);
    for (size_t i = 0; i < item->outcome_count; i++) {
        item_outcome *o = &item->outcomes[i];

        px_record_text(r, o->competency_id, sizeof o->competency_id);
        px_record_f64(r, &o->share);
        px_record_f64(r, &o->level_from);
        px_record_f64(r, &o->level_to);
    }
    px_record_u8(r, &item->require_count);
    PX_ASSERT(item->require_count <= REQUIRES_MAX);
    for (size_t i = 0; i < item->require_count; i++)
        px_record_text(r, item->required[i], sizeof item->required[i]);
    px_record_text(r, item->activity, sizeof item->activity);
    px_record_u8(r, &item->completion_evidence);
    px_record_bool(r, &item->attendance_completes);
    px_record_u8(r, &item->prompt_count);
    PX_ASSERT(item->prompt_count <= PROMPTS_MAX);
    for (size_t i = 0; i < item->prompt_count; i++)
        px_record_u32(r, &item->prompt_days[i]);
}

bool learning_state_get_item(const px_view *state, const char *tenant, const char *item_id,
                             item_record *out)
{
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_ITEM, tenant, item_id, NULL), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (item_record){ 0 };
    walk_item(&r, out);
    px_record_end(&r);
    return true;
}

void learning_state_put_item(px_txn *state, const char *tenant, const char *item_id,
                             item_record *item)
{
    unsigned char bytes[ITEM_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    item_record before = { 0 };

    learning_state_get_item(state, tenant, item_id, &before);
    for (uint8_t i = 0; i < before.require_count; i++)
        learning_del(state, learning_key(TABLE_REQUIRING, tenant, before.required[i], item_id));
    for (uint8_t i = 0; i < item->require_count; i++)
        learning_put(state, learning_key(TABLE_REQUIRING, tenant, item->required[i], item_id),
                     (px_bytes){ "", 0 });
    walk_item(&r, item);
    learning_put(state, learning_key(TABLE_ITEM, tenant, item_id, NULL), px_record_end(&r));
}

bool learning_state_next_requiring(const px_view *state, const char *tenant, const char *item_id,
                                   char by_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_REQUIRING, tenant, item_id, NULL);

    return px_key_next(state, &prefix, by_id, PX_ID_SIZE);
}

static void walk_texts(px_record *r, item_texts *texts)
{
    px_record_text(r, texts->title, sizeof texts->title);
    px_record_text(r, texts->url, sizeof texts->url);
    px_record_text(r, texts->credit, sizeof texts->credit);
    px_record_text(r, texts->activity_id, sizeof texts->activity_id);
}

void learning_state_get_texts(const px_view *state, const char *tenant, const char *item_id,
                              item_texts *out)
{
    px_bytes value;

    out->title[0] = out->url[0] = out->credit[0] = out->activity_id[0] = '\0';
    if (!learning_get(state, learning_key(TABLE_ITEM_TEXTS, tenant, item_id, NULL), &value))
        return;
    px_record r = px_record_reader(value);
    walk_texts(&r, out);
    px_record_end(&r);
}

void learning_state_put_texts(px_txn *state, const char *tenant, const char *item_id,
                              item_texts *texts)
{
    unsigned char bytes[TEXTS_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_texts(&r, texts);
    learning_put(state, learning_key(TABLE_ITEM_TEXTS, tenant, item_id, NULL), px_record_end(&r));
}

static void walk_teaching(px_record *r, teaching_record *t)
{
    px_record_bool(r, &t->offered);
    px_record_bool(r, &t->has_requires);
    px_record_u32(r, &t->version);
    px_record_f64(r, &t->hours);
    px_record_f64(r, &t->share);
    px_record_f64(r, &t->level_from);
    px_record_f64(r, &t->level_to);
    px_record_f64(r, &t->effect.mean);
    px_record_f64(r, &t->effect.var);
    px_record_f64(r, &t->effect.spread);
    px_record_u32(r, &t->results);
}

static void read_teaching(px_bytes value, teaching_record *out)
{
    px_record r = px_record_reader(value);

    *out = (teaching_record){ 0 };
    walk_teaching(&r, out);
    px_record_end(&r);
}

bool learning_state_get_teaching(const px_view *state, const char *tenant,
                                 const char *competency_id, const char *item_id,
                                 teaching_record *out)
{
    px_keybuf key = learning_key(TABLE_TEACHING, tenant, competency_id, item_id);
    px_bytes value;

    if (!learning_get(state, key, &value))
        return false;
    read_teaching(value, out);
    return true;
}

void learning_state_put_teaching(px_txn *state, const char *tenant, const char *competency_id,
                                 const char *item_id, teaching_record *teaching)
{
    unsigned char bytes[TEACHING_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_teaching(&r, teaching);
    learning_put(state, learning_key(TABLE_TEACHING, tenant, competency_id, item_id),
                 px_record_end(&r));
}

void learning_state_scan_teaching(teaching_scan *scan, const px_view *state, const char *tenant,
                                  const char *competency_id)
{
    px_keybuf prefix = learning_key(TABLE_TEACHING, tenant, competency_id, NULL);

    px_scan_begin(&scan->scan, state, PX_STATE, px_key_bytes(&prefix));
}

bool learning_state_next_teaching(teaching_scan *scan, char item_id[PX_ID_SIZE],
                                  teaching_record *out)
{
    px_bytes key, value;

    if (!px_scan_next(&scan->scan, &key, &value))
        return false;
    read_teaching(value, out);
    px_record_set_text(item_id, PX_ID_SIZE, learning_key_id(key, 1));
    return true;
}

void learning_state_end_teaching(teaching_scan *scan)
{
    px_scan_end(&scan->scan);
}
