/* state_follow_up.c: keys and bytes of follow-ups. */
#include "services/learning-recommender/state_follow_up.h"

#include <string.h>

#include "common/agenda.h"
#include "services/learning-recommender/state_keys.h"

/* The agenda's key: like the record's, without table and tenant. */
static px_keybuf agenda_key(const char *person_id, uint32_t number, const char *competency_id)
{
    px_keybuf key = { .size = 0 };

    px_key_text(&key, person_id);
    px_key_u64(&key, number);
    px_key_text(&key, competency_id);
    return key;
}

follow_up_key learning_follow_up_key(px_bytes rest)
{
    px_keyread read = { rest, 0 };
    follow_up_key key;

    px_record_set_text(key.person_id, PX_ID_SIZE, px_keyread_text(&read));
    key.number = (uint32_t)px_keyread_u64(&read);
    px_record_set_text(key.competency_id, PX_ID_SIZE, px_keyread_text(&read));
    return key;
}

static px_keybuf follow_up_row(const char *tenant, const char *person_id, uint32_t number,
                               const char *competency_id)
{
    px_keybuf key = learning_key(TABLE_FOLLOW_UP, tenant, person_id, NULL);

    px_key_u64(&key, number);
    px_key_text(&key, competency_id);
    return key;
}

static void walk_follow_up(px_record *r, follow_up_record *f)
{
    px_record_i64(r, &f->due_us);
    px_record_bool(r, &f->said);
    px_record_bool(r, &f->manager_asked);
    px_record_bool(r, &f->overdue);
    px_record_bool(r, &f->recorded);
    px_record_i64(r, &f->rated_us);
}

static void read_follow_up(px_bytes value, follow_up_record *out)
{
    px_record r = px_record_reader(value);

    *out = (follow_up_record){ 0 };
    walk_follow_up(&r, out);
    px_record_end(&r);
}

bool learning_state_get_follow_up(const px_view *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id, follow_up_record *out)
{
    px_bytes value;

    if (!learning_get(state, follow_up_row(tenant, person_id, number, competency_id), &value))
        return false;
    read_follow_up(value, out);
    return true;
}

static void put_on_agenda(px_txn *state, const char *tenant, px_bytes key,
                          const follow_up_record *f)
{
    if (!f->said)
        px_due_set(state, KEY_FOLLOW_UP, tenant, key, f->due_us);
    else if (!f->recorded && !f->overdue)
        px_due_set(state, KEY_FOLLOW_UP, tenant, key, f->due_us + FOLLOW_UP_LATE_US);
    else
        px_due_clear(state, KEY_FOLLOW_UP, tenant, key);
    if (f->rated_us && !f->recorded)
        px_due_set(state, KEY_FOLLOW_UP_ANSWER, tenant, key, f->rated_us + FOLLOW_UP_ANSWER_US);
    else
        px_due_clear(state, KEY_FOLLOW_UP_ANSWER, tenant, key);
}

void learning_state_put_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id,
                                  follow_up_record follow_up)
{
    px_keybuf key = agenda_key(person_id, number, competency_id);
    unsigned char bytes[32];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_follow_up(&r, &follow_up);
    learning_put(state, follow_up_row(tenant, person_id, number, competency_id), px_record_end(&r));
    put_on_agenda(state, tenant, px_key_bytes(&key), &follow_up);
}

void learning_state_del_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                  uint32_t number, const char *competency_id)
{
    px_keybuf key = agenda_key(person_id, number, competency_id);

    learning_del(state, follow_up_row(tenant, person_id, number, competency_id));
    px_due_clear(state, KEY_FOLLOW_UP, tenant, px_key_bytes(&key));
    px_due_clear(state, KEY_FOLLOW_UP_ANSWER, tenant, px_key_bytes(&key));
}

static follow_up_key key_of_row(px_bytes key)
{
    px_keyread read = px_keyread_begin(key);

    px_keyread_text(&read); /* tenant */
    return learning_follow_up_key(px_keyread_rest(&read));
}

/* The first follow-up of a person: the table may not change under an open scan. */
static bool first_follow_up(const px_view *state, const char *tenant, const char *person_id,
                            follow_up_key *out)
{
    px_keybuf prefix = learning_key(TABLE_FOLLOW_UP, tenant, person_id, NULL);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    bool found = px_scan_next(&scan, &key, &value);
    if (found)
        *out = key_of_row(key);
    px_scan_end(&scan);
    return found;
}

void learning_state_drop_follow_ups(px_txn *state, const char *tenant, const char *person_id)
{
    follow_up_key key;

    while (first_follow_up(state, tenant, person_id, &key))
        learning_state_del_follow_up(state, tenant, person_id, key.number, key.competency_id);
    learning_drop(state, learning_key(TABLE_WANTING, tenant, person_id, NULL));
}

size_t learning_state_asked_follow_ups(const px_view *state, const char *tenant,
                                       const char *person_id, const char *competency_id,
                                       uint32_t numbers[FOLLOW_UPS_MAX])
{
    px_keybuf prefix = learning_key(TABLE_FOLLOW_UP, tenant, person_id, NULL);
    follow_up_record follow_up;
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (n < FOLLOW_UPS_MAX && px_scan_next(&scan, &key, &value)) {
        follow_up_key at = key_of_row(key);

        read_follow_up(value, &follow_up);
        if (follow_up.said && !follow_up.recorded && strcmp(at.competency_id, competency_id) == 0)
            numbers[n++] = at.number;
    }
    px_scan_end(&scan);
    return n;
}

/* The first plan in which the competency is followed up; 0 for none. */
static uint32_t first_of(const px_view *state, const char *tenant, const char *person_id,
                         const char *competency_id)
{
    px_keybuf prefix = learning_key(TABLE_FOLLOW_UP, tenant, person_id, NULL);
    uint32_t number = 0;
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!number && px_scan_next(&scan, &key, &value)) {
        follow_up_key at = key_of_row(key);

        number = strcmp(at.competency_id, competency_id) == 0 ? at.number : 0;
    }
    px_scan_end(&scan);
    return number;
}

static void move_wanting(px_txn *state, const char *tenant, const char *person_id,
                         const char *old_id, const px_successors *by)
{
    uint32_t kinds = learning_state_get_wanting(state, tenant, person_id, old_id);

    for (size_t i = 0; kinds && i < by->count; i++) {
        const char *id = by->all[i].competency_id;

        learning_state_put_wanting(state, tenant, person_id, id,
                                   kinds |
                                       learning_state_get_wanting(state, tenant, person_id, id));
    }
    learning_state_put_wanting(state, tenant, person_id, old_id, 0);
}

void learning_state_move_follow_ups(px_txn *state, const char *tenant, const char *person_id,
                                    const char *old_id, const px_successors *by)
{
    follow_up_record record, there;
    uint32_t number;

    while ((number = first_of(state, tenant, person_id, old_id)) != 0) {
        learning_state_get_follow_up(state, tenant, person_id, number, old_id, &record);
        learning_state_del_follow_up(state, tenant, person_id, number, old_id);
        for (size_t i = 0; i < by->count; i++) {
            const char *id = by->all[i].competency_id;

            if (!learning_state_get_follow_up(state, tenant, person_id, number, id, &there) ||
                there.due_us < record.due_us)
                learning_state_put_follow_up(state, tenant, person_id, number, id, record);
        }
    }
    move_wanting(state, tenant, person_id, old_id, by);
}

void learning_state_mark_follow_up(px_txn *state, const char *tenant, const char *person_id,
                                   uint32_t number, const char *competency_id)
{
    px_keybuf key = agenda_key(person_id, number, competency_id);

    px_mark(state, KEY_FOLLOW_UP, tenant, px_key_bytes(&key));
}

/* Of no more than a rating is heard for. */
void learning_state_mark_follow_ups(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = learning_key(TABLE_FOLLOW_UP, tenant, person_id, NULL);
    follow_up_key open[FOLLOW_UPS_MAX];
    follow_up_record follow_up;
    px_bytes key, value;
    px_scan scan;
    size_t n = 0;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (n < FOLLOW_UPS_MAX && px_scan_next(&scan, &key, &value)) {
        read_follow_up(value, &follow_up);
        if (!follow_up.recorded)
            open[n++] = key_of_row(key);
    }
    px_scan_end(&scan);
    while (n > 0) {
        n--;
        learning_state_mark_follow_up(state, tenant, person_id, open[n].number,
                                      open[n].competency_id);
    }
}

/* ---- what was found wanting ---- */

uint32_t learning_state_get_wanting(const px_view *state, const char *tenant, const char *person_id,
                                    const char *competency_id)
{
    px_bytes value;
    uint32_t kinds = 0;

    if (!learning_get(state, learning_key(TABLE_WANTING, tenant, person_id, competency_id), &value))
        return 0;
    px_record r = px_record_reader(value);
    px_record_u32(&r, &kinds);
    px_record_end(&r);
    return kinds;
}

void learning_state_put_wanting(px_txn *state, const char *tenant, const char *person_id,
                                const char *competency_id, uint32_t kinds)
{
    px_keybuf key = learning_key(TABLE_WANTING, tenant, person_id, competency_id);
    unsigned char bytes[8];
    px_record r = px_record_writer(bytes, sizeof bytes);

    if (kinds == 0) {
        learning_del(state, key);
        return;
    }
    px_record_u32(&r, &kinds);
    learning_put(state, key, px_record_end(&r));
}
