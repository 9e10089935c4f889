/* state_template.c: keys and bytes of templates. */
#include "services/learning-recommender/state_template.h"

#include <string.h>

#include "common/agenda.h"
#include "common/replaced.h"
#include "services/learning-recommender/state_keys.h"
#include "services/learning-recommender/state_mentor.h"
#include "services/learning-recommender/state_policy.h"

enum {
    TEMPLATE_BYTES_MAX = 64 + 3 * (2 + PX_ID_SIZE) + PLAN_ITEMS_MAX * (2 + PX_ID_SIZE + 5) +
                         INITIATIVE_COMPETENCIES_MAX * (2 + PX_ID_SIZE + 8),
    TEMPLATE_PLAN_BYTES_MAX = 16
};

static const int64_t HOUR_US = INT64_C(3600) * 1000000;

static void walk_initiative(px_record *r, initiative_part *i)
{
    px_record_u8(r, &i->count);
    PX_ASSERT(i->count <= INITIATIVE_COMPETENCIES_MAX);
    if (i->count == 0)
        return;
    for (uint8_t c = 0; c < i->count; c++) {
        px_record_text(r, i->competencies[c].competency_id, PX_ID_SIZE);
        px_record_f64(r, &i->competencies[c].level);
    }
    px_record_i64(r, &i->until_us);
    px_record_bool(r, &i->ended);
    px_record_u32(r, &i->said.have);
    px_record_u32(r, &i->said.in_plan);
    px_record_u32(r, &i->said.refused);
    px_record_u32(r, &i->said.people);
}

static void walk_template(px_record *r, template_record *t)
{
    px_record_u32(r, &t->version);
    px_record_u8(r, &t->item_count);
    PX_ASSERT(t->item_count <= PLAN_ITEMS_MAX);
    for (uint8_t i = 0; i < t->item_count; i++) {
        px_record_text(r, t->items[i].item_id, PX_ID_SIZE);
        px_record_bool(r, &t->items[i].optional);
        px_record_u32(r, &t->items[i].due_days);
    }
    px_record_u8(r, &t->optional_needed);
    px_record_u8(r, &t->audience);
    px_record_text(r, t->unit_id, sizeof t->unit_id);
    px_record_text(r, t->role_id, sizeof t->role_id);
    px_record_text(r, t->assigned_by, sizeof t->assigned_by);
    walk_initiative(r, &t->initiative);
}

bool learning_state_get_template(const px_view *state, const char *tenant, const char *template_id,
                                 template_record *out)
{
    px_bytes value;

    if (!learning_get(state, learning_key(TABLE_TEMPLATE, tenant, template_id, NULL), &value))
        return false;
    px_record r = px_record_reader(value);
    *out = (template_record){ 0 };
    walk_template(&r, out);
    px_record_end(&r);
    return true;
}

void learning_state_put_template(px_txn *state, const char *tenant, const char *template_id,
                                 template_record *record)
{
    unsigned char bytes[TEMPLATE_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_template(&r, record);
    learning_put(state, learning_key(TABLE_TEMPLATE, tenant, template_id, NULL), px_record_end(&r));
    if (record->initiative.ended)
        learning_del(state, learning_key(TABLE_INITIATIVE, tenant, template_id, NULL));
    else if (record->initiative.count > 0)
        learning_put(state, learning_key(TABLE_INITIATIVE, tenant, template_id, NULL),
                     (px_bytes){ "", 0 });
}

bool learning_state_next_template(const px_view *state, const char *tenant,
                                  char template_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_TEMPLATE, tenant, NULL, NULL);

    return px_key_next(state, &prefix, template_id, PX_ID_SIZE);
}

/* ---- of a person ---- */

static void walk_template_plan(px_record *r, template_plan *p)
{
    px_record_u32(r, &p->number);
    px_record_bool(r, &p->linked);
    px_record_u8(r, &p->skipped);
}

template_plan learning_state_get_template_plan(const px_view *state, const char *tenant,
                                               const char *person_id, const char *template_id)
{
    px_keybuf key = learning_key(TABLE_TEMPLATE_PLAN, tenant, person_id, template_id);
    template_plan plan = { 0 };
    px_bytes value;

    if (!learning_get(state, key, &value))
        return plan;
    px_record r = px_record_reader(value);
    walk_template_plan(&r, &plan);
    px_record_end(&r);
    return plan;
}

void learning_state_put_template_plan(px_txn *state, const char *tenant, const char *person_id,
                                      const char *template_id, template_plan plan)
{
    unsigned char bytes[TEMPLATE_PLAN_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_template_plan(&r, &plan);
    learning_put(state, learning_key(TABLE_TEMPLATE_PLAN, tenant, person_id, template_id),
                 px_record_end(&r));
}

bool learning_state_next_template_plan(const px_view *state, const char *tenant,
                                       const char *person_id, char template_id[PX_ID_SIZE],
                                       uint32_t *number, plan_record *out)
{
    px_keybuf prefix = learning_key(TABLE_TEMPLATE_PLAN, tenant, person_id, NULL);

    while (px_key_next(state, &prefix, template_id, PX_ID_SIZE)) {
        *number = learning_state_get_template_plan(state, tenant, person_id, template_id).number;
        if (*number && learning_state_get_plan(state, tenant, person_id, *number, out))
            return true;
    }
    return false;
}

/* ---- initiatives ---- */

/* The next one that was not ended: each level asks for them, and there may be many templates. */
static bool next_initiative(const px_view *state, const char *tenant, char template_id[PX_ID_SIZE])
{
    px_keybuf prefix = learning_key(TABLE_INITIATIVE, tenant, NULL, NULL);

    return px_key_next(state, &prefix, template_id, PX_ID_SIZE);
}

/* At most once an hour: everybody of the audience is counted. */
static void count_next_hour(px_txn *state, const char *tenant, const char *template_id,
                            int64_t now_us)
{
    px_due_set(state, KEY_INITIATIVE, tenant, px_text_bytes(template_id),
               (now_us / HOUR_US + 1) * HOUR_US);
}

void learning_count_initiative(px_txn *state, const char *tenant, const char *template_id,
                               int64_t now_us)
{
    px_bytes value;

    if (learning_get(state, learning_key(TABLE_INITIATIVE, tenant, template_id, NULL), &value))
        count_next_hour(state, tenant, template_id, now_us);
}

static bool asks(const px_view *state, const char *tenant, const initiative_part *of,
                 const char *competency_id)
{
    for (uint8_t i = 0; i < of->count; i++) {
        px_successors now = px_replaced_resolve(state, tenant, of->competencies[i].competency_id);

        if (px_successors_find(&now, competency_id))
            return true;
    }
    return false;
}

static bool names(const template_record *record, const char *item_id)
{
    for (uint8_t i = 0; i < record->item_count; i++)
        if (strcmp(record->items[i].item_id, item_id) == 0)
            return true;
    return false;
}

bool learning_template_names(const px_view *state, const char *tenant, const char *item_id)
{
    char template_id[PX_ID_SIZE] = "";
    template_record record;

    while (learning_state_next_template(state, tenant, template_id))
        if (learning_state_get_template(state, tenant, template_id, &record) &&
            names(&record, item_id))
            return true;
    return false;
}

bool learning_initiative_asks(const px_view *state, const char *tenant, const char *competency_id)
{
    char template_id[PX_ID_SIZE] = "";
    template_record record;

    while (next_initiative(state, tenant, template_id))
        if (learning_state_get_template(state, tenant, template_id, &record) &&
            asks(state, tenant, &record.initiative, competency_id))
            return true;
    return false;
}

void learning_count_initiatives(px_txn *state, const char *tenant, const char *competency_id,
                                int64_t now_us)
{
    char template_id[PX_ID_SIZE] = "";
    template_record record;

    while (next_initiative(state, tenant, template_id))
        if (learning_state_get_template(state, tenant, template_id, &record) &&
            asks(state, tenant, &record.initiative, competency_id))
            count_next_hour(state, tenant, template_id, now_us);
}

void learning_count_audiences(px_txn *state, const char *tenant, int64_t now_us)
{
    char template_id[PX_ID_SIZE] = "";

    while (next_initiative(state, tenant, template_id))
        count_next_hour(state, tenant, template_id, now_us);
}

/* ---- marks ---- */

bool learning_has_templates(const px_view *state, const char *tenant)
{
    char template_id[PX_ID_SIZE] = "";

    return learning_state_next_template(state, tenant, template_id);
}

void learning_mark_person(px_txn *state, const char *tenant, const char *person_id)
{
    px_mark(state, KEY_PERSON, tenant, px_text_bytes(person_id));
    if (learning_has_mentors(state, tenant))
        px_mark(state, KEY_MENTOR, tenant, px_text_bytes(person_id));
    if (learning_has_templates(state, tenant))
        px_mark(state, KEY_TEMPLATES, tenant, px_text_bytes(person_id));
}

void learning_mark_sharing(px_txn *state, const char *tenant, const char *person_id,
                           bool of_template)
{
    policy_record policy = learning_state_get_policy(state, tenant);

    if (!learning_policy_has_caps(&policy))
        return;
    if (of_template)
        px_mark(state, KEY_PERSON, tenant, px_text_bytes(person_id));
    if (learning_has_templates(state, tenant))
        px_mark(state, KEY_TEMPLATES, tenant, px_text_bytes(person_id));
}

void learning_mark_assigned_by(px_txn *state, const char *tenant, const char *actor_id)
{
    char template_id[PX_ID_SIZE] = "";
    template_record record;
    bool any = false;

    while (!any && learning_state_next_template(state, tenant, template_id))
        any = learning_state_get_template(state, tenant, template_id, &record) &&
              strcmp(record.assigned_by, actor_id) == 0;
    if (any)
        learning_mark_templates(state, tenant);
}

void learning_mark_templates(px_txn *state, const char *tenant)
{
    char person_id[PX_ID_SIZE] = "";

    while (px_people_next(state, tenant, person_id))
        px_mark(state, KEY_TEMPLATES, tenant, px_text_bytes(person_id));
}
