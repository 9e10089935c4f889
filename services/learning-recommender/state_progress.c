/* state_progress.c: keys and bytes of what people did with items. */
#include "services/learning-recommender/state_progress.h"

#include <string.h>

#include "common/agenda.h"
#include "services/learning-recommender/state_keys.h"

enum { DECLINED_BYTES_MAX = 32 + 2 + PX_ID_SIZE };

/* ---- progress ---- */

static learning_progress read_progress(px_bytes value)
{
    uint8_t progress = LEARNING_NOT_STARTED;
    px_record r = px_record_reader(value);

    px_record_u8(&r, &progress);
    px_record_end(&r);
    return (learning_progress)progress;
}

learning_progress learning_state_get_progress(const px_view *state, const char *tenant,
                                              const char *person_id, const char *item_id)
{
    px_bytes value;

    return learning_get(state, learning_key(TABLE_PROGRESS, tenant, person_id, item_id), &value)
               ? read_progress(value)
               : LEARNING_NOT_STARTED;
}

void learning_state_put_progress(px_txn *state, const char *tenant, const char *person_id,
                                 const char *item_id, learning_progress progress)
{
    uint8_t byte = (uint8_t)progress;

    learning_put(state, learning_key(TABLE_PROGRESS, tenant, person_id, item_id),
                 (px_bytes){ &byte, 1 });
}

/* ---- declined ---- */

static void walk_declined(px_record *r, declined_record *d)
{
    px_record_i64(r, &d->declined_us);
    px_record_text(r, d->competency_id, sizeof d->competency_id);
    px_record_f64(r, &d->shortfall);
}

static declined_record read_declined(px_bytes value)
{
    declined_record declined = { 0 };
    px_record r = px_record_reader(value);

    walk_declined(&r, &declined);
    px_record_end(&r);
    return declined;
}

declined_record learning_state_get_declined(const px_view *state, const char *tenant,
                                            const char *person_id, const char *item_id)
{
    px_bytes value;

    return learning_get(state, learning_key(TABLE_DECLINED, tenant, person_id, item_id), &value)
               ? read_declined(value)
               : (declined_record){ 0 };
}

void learning_state_put_declined(px_txn *state, const char *tenant, const char *person_id,
                                 const char *item_id, const declined_record *declined)
{
    px_keybuf again = learning_agenda_item(person_id, item_id);
    unsigned char bytes[DECLINED_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);
    declined_record copy = *declined;

    walk_declined(&r, &copy);
    learning_put(state, learning_key(TABLE_DECLINED, tenant, person_id, item_id),
                 px_record_end(&r));
    px_due_set(state, KEY_OFFER_AGAIN, tenant, px_key_bytes(&again),
               declined->declined_us + PLAN_DECLINED_US);
}

/* ---- many items of a person ---- */

static void step(item_walk *w)
{
    px_bytes key;

    w->there = px_scan_next(&w->scan, &key, &w->value);
    if (w->there)
        px_record_set_text(w->item_id, sizeof w->item_id, learning_key_id(key, 1));
}

static void begin(item_walk *w, const px_view *state, px_keybuf prefix)
{
    px_scan_begin(&w->scan, state, PX_STATE, px_key_bytes(&prefix));
    step(w);
}

/* False: there is no row of the item. */
static bool walk_to(item_walk *w, const char *item_id)
{
    while (w->there && strcmp(w->item_id, item_id) < 0)
        step(w);
    return w->there && strcmp(w->item_id, item_id) == 0;
}

void learning_state_begin_walk(learner_walk *walk, const px_view *state, const char *tenant,
                               const char *person_id)
{
    begin(&walk->progress, state, learning_key(TABLE_PROGRESS, tenant, person_id, NULL));
    begin(&walk->declined, state, learning_key(TABLE_DECLINED, tenant, person_id, NULL));
}

learning_progress learning_state_walk_progress(learner_walk *walk, const char *item_id)
{
    return walk_to(&walk->progress, item_id) ? read_progress(walk->progress.value)
                                             : LEARNING_NOT_STARTED;
}

declined_record learning_state_walk_declined(learner_walk *walk, const char *item_id)
{
    return walk_to(&walk->declined, item_id) ? read_declined(walk->declined.value)
                                             : (declined_record){ 0 };
}

void learning_state_end_walk(learner_walk *walk)
{
    px_scan_end(&walk->progress.scan);
    px_scan_end(&walk->declined.scan);
}

/* ---- erasure ---- */

void learning_state_drop_progress(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = learning_key(TABLE_DECLINED, tenant, person_id, NULL);
    char item_id[PX_ID_SIZE] = "";

    while (px_key_next(state, &prefix, item_id, PX_ID_SIZE)) {
        px_keybuf again = learning_agenda_item(person_id, item_id);

        px_due_clear(state, KEY_OFFER_AGAIN, tenant, px_key_bytes(&again));
    }
    learning_drop(state, prefix);
    learning_drop(state, learning_key(TABLE_PROGRESS, tenant, person_id, NULL));
}
