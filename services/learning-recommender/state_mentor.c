/* state_mentor.c: keys and bytes of mentors. */
#include "services/learning-recommender/state_mentor.h"

#include <string.h>

#include "common/agenda.h"
#include "services/learning-recommender/state_keys.h"

enum {
    MENTOR_BYTES_MAX = 32 + MENTOR_COMPETENCIES_MAX * (2 + PX_ID_SIZE),
    MENTORING_BYTES_MAX = 32 + (2 + MENTORS_DECLINED_MAX) * (2 + PX_ID_SIZE)
};

/* ---- offers ---- */

static void walk_mentor(px_record *r, mentor_record *m)
{
    px_record_u8(r, &m->slots);
    for (size_t i = 0; i < MENTOR_ROOM; i++)
        px_record_i64(r, &m->taken_us[i]);
    px_record_u8(r, &m->count);
    PX_ASSERT(m->count <= MENTOR_COMPETENCIES_MAX);
    for (uint8_t i = 0; i < m->count; i++)
        px_record_text(r, m->competency_ids[i], PX_ID_SIZE);
}

mentor_record learning_state_get_mentor(const px_view *state, const char *tenant,
                                        const char *person_id)
{
    mentor_record record = { 0 };
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_MENTOR, tenant, person_id, NULL), &value))
        return record;
    px_record r = px_record_reader(value);
    walk_mentor(&r, &record);
    px_record_end(&r);
    return record;
}

static void drop_findable(px_txn *state, const char *tenant, const char *person_id)
{
    mentor_record before = learning_state_get_mentor(state, tenant, person_id);

    for (uint8_t i = 0; i < before.count; i++)
        learning_del(state,
                     learning_key(TABLE_MENTOR_FOR, tenant, before.competency_ids[i], person_id));
}

/* When there is room for one more than now: of slots taken when more were offered the first is not.
 */
static void put_room_due(px_txn *state, const char *tenant, const char *person_id,
                         const mentor_record *record, int64_t now_us)
{
    uint32_t room = learning_mentor_room(record, now_us);
    int64_t first_us = 0;

    for (size_t i = 0; i < MENTOR_ROOM; i++) {
        int64_t free_us = record->taken_us[i] ? record->taken_us[i] + MENTORING_US : 0;

        if (free_us > now_us && learning_mentor_room(record, free_us) > room &&
            (first_us == 0 || free_us < first_us))
            first_us = free_us;
    }
    if (first_us && record->count > 0)
        px_due_set(state, KEY_MENTOR_ROOM, tenant, px_text_bytes(person_id), first_us);
    else
        px_due_clear(state, KEY_MENTOR_ROOM, tenant, px_text_bytes(person_id));
}

void learning_state_put_mentor(px_txn *state, const char *tenant, const char *person_id,
                               mentor_record *record, int64_t now_us)
{
    unsigned char bytes[MENTOR_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    drop_findable(state, tenant, person_id);
    walk_mentor(&r, record);
    learning_put(state, learning_key(TABLE_MENTOR, tenant, person_id, NULL), px_record_end(&r));
    for (uint8_t i = 0; i < record->count; i++)
        learning_put(state,
                     learning_key(TABLE_MENTOR_FOR, tenant, record->competency_ids[i], person_id),
                     (px_bytes){ 0 });
    put_room_due(state, tenant, person_id, record, now_us);
}

uint32_t learning_mentor_room(const mentor_record *record, int64_t now_us)
{
    uint32_t taken = 0;

    for (size_t i = 0; i < MENTOR_ROOM; i++)
        taken += record->taken_us[i] != 0 && now_us < record->taken_us[i] + MENTORING_US;
    return record->slots > taken ? record->slots - taken : 0;
}

bool learning_state_next_mentor(const px_view *state, const char *tenant, const char *competency_id,
                                char mentor_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_MENTOR_FOR, tenant, competency_id, NULL);

    return px_key_next(state, &prefix, mentor_id, PX_ID_SIZE);
}

/* ---- suggestions ---- */

static void walk_mentoring(px_record *r, mentoring_record *m)
{
    px_record_u8(r, &m->state);
    px_record_text(r, m->mentor_id, sizeof m->mentor_id);
    px_record_text(r, m->item_id, sizeof m->item_id);
    px_record_i64(r, &m->suggested_us);
    px_record_u8(r, &m->declined_count);
    PX_ASSERT(m->declined_count <= MENTORS_DECLINED_MAX);
    for (uint8_t i = 0; i < m->declined_count; i++)
        px_record_text(r, m->declined_ids[i], PX_ID_SIZE);
}

mentoring_record learning_state_get_mentoring(const px_view *state, const char *tenant,
                                              const char *person_id, const char *competency_id)
{
    mentoring_record record = { 0 };
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_MENTORING, tenant, person_id, competency_id),
                      &value))
        return record;
    px_record r = px_record_reader(value);
    walk_mentoring(&r, &record);
    px_record_end(&r);
    return record;
}

void learning_state_put_mentoring(px_txn *state, const char *tenant, const char *person_id,
                                  const char *competency_id, mentoring_record *record)
{
    unsigned char bytes[MENTORING_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_mentoring(&r, record);
    learning_put(state, learning_key(TABLE_MENTORING, tenant, person_id, competency_id),
                 px_record_end(&r));
}

/* ---- competencies that ended ---- */

static bool offers(const mentor_record *record, const char *competency_id)
{
    return px_ids_has(record->competency_ids, record->count, competency_id);
}

static void offer_instead(mentor_record *record, const char *old_id, const px_successors *by)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < record->count; i++)
        if (strcmp(record->competency_ids[i], old_id) != 0)
            memmove(record->competency_ids[kept++], record->competency_ids[i], PX_ID_SIZE);
    record->count = kept;
    for (size_t i = 0; i < by->count && record->count < MENTOR_COMPETENCIES_MAX; i++)
        if (!offers(record, by->all[i].competency_id))
            memcpy(record->competency_ids[record->count++], by->all[i].competency_id, PX_ID_SIZE);
}

void learning_state_move_mentors(px_txn *state, const char *tenant, const char *old_id,
                                 const px_successors *by, int64_t now_us)
{
    char person_id[PX_ID_SIZE] = "";

    while (learning_state_next_mentor(state, tenant, old_id, person_id)) {
        mentor_record record = learning_state_get_mentor(state, tenant, person_id);

        offer_instead(&record, old_id, by);
        learning_state_put_mentor(state, tenant, person_id, &record, now_us);
    }
}

void learning_state_move_mentoring(px_txn *state, const char *tenant, const char *person_id,
                                   const char *old_id, const px_successors *by)
{
    px_keybuf key = learning_key(TABLE_MENTORING, tenant, person_id, old_id);
    mentoring_record record = learning_state_get_mentoring(state, tenant, person_id, old_id);
    px_bytes value;

    for (size_t i = 0; learning_get(state, key, &value) && i < by->count; i++) {
        const char *id = by->all[i].competency_id;

        if (!learning_get(state, learning_key(TABLE_MENTORING, tenant, person_id, id), &value))
            learning_state_put_mentoring(state, tenant, person_id, id, &record);
    }
    learning_del(state, key);
}

/* ---- both ---- */

void learning_state_drop_mentor(px_txn *state, const char *tenant, const char *person_id)
{
    drop_findable(state, tenant, person_id);
    learning_del(state, learning_key(TABLE_MENTOR, tenant, person_id, NULL));
    px_due_clear(state, KEY_MENTOR_ROOM, tenant, px_text_bytes(person_id));
    learning_drop(state, learning_key(TABLE_MENTORING, tenant, person_id, NULL));
}

bool learning_has_mentors(const px_view *state, const char *tenant)
{
    px_keybuf prefix = learning_key(TABLE_MENTOR, tenant, NULL, NULL);
    char person_id[PX_ID_SIZE] = "";

    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

void learning_mark_mentee(px_txn *state, const char *tenant, const char *person_id)
{
    if (learning_has_mentors(state, tenant))
        px_mark(state, KEY_MENTOR, tenant, px_text_bytes(person_id));
}

void learning_mark_mentees(px_txn *state, const char *tenant, const char *competency_id)
{
    char person_id[PX_ID_SIZE] = "";

    while (learning_state_next_with_gap(state, tenant, competency_id, person_id))
        learning_mark_mentee(state, tenant, person_id);
}

void learning_mark_mentees_of(px_txn *state, const char *tenant, const char *mentor_id)
{
    mentor_record record = learning_state_get_mentor(state, tenant, mentor_id);

    for (uint8_t i = 0; i < record.count; i++)
        learning_mark_mentees(state, tenant, record.competency_ids[i]);
}

void learning_mentor_changed(px_txn *state, const char *tenant, const char *person_id,
                             const char *competency_id)
{
    mentor_record record = learning_state_get_mentor(state, tenant, person_id);

    if (offers(&record, competency_id))
        learning_mark_mentees(state, tenant, competency_id);
}
