/* state.c: keys and bytes of the words of competencies, roles and targets, and of assessments. */
#include "services/competency/state.h"

#include <string.h>

#include "services/competency/state_keys.h"

_Static_assert(TITLE_SIZE + VERSION_SIZE + 2 * PX_ID_SIZE + LEVELS_MAX * (2 + LEVEL_NAME_SIZE) +
                       24 <=
                   LEVEL_RECORD_MAX,
               "the largest record fits");

/* ---- keys and records in general ---- */

px_keybuf level_keybuf(uint8_t table, const char *tenant, const char *first, const char *second)
{
    px_keybuf key = px_key_begin(table);

    px_key_text(&key, tenant);
    if (first)
        px_key_text(&key, first);
    if (first && second)
        px_key_text(&key, second);
    return key;
}

bool level_get(const px_view *state, const px_keybuf *key, level_walk *walk, void *record)
{
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(key), &value))
        return false;
    px_record r = px_record_reader(value);
    walk(&r, record);
    px_record_end(&r);
    return true;
}

void level_put(px_txn *state, const px_keybuf *key, level_walk *walk, void *record)
{
    unsigned char bytes[LEVEL_RECORD_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk(&r, record);
    px_put(state, PX_STATE, px_key_bytes(key), px_record_end(&r));
}

void level_put_mark(px_txn *state, const px_keybuf *key)
{
    px_put(state, PX_STATE, px_key_bytes(key), (px_bytes){ "", 0 });
}

bool level_has(const px_view *state, const px_keybuf *key)
{
    px_bytes value;

    return px_get(state, PX_STATE, px_key_bytes(key), &value);
}

void level_del(px_txn *state, const px_keybuf *key)
{
    px_del(state, PX_STATE, px_key_bytes(key));
}

/* ---- competencies ---- */

static void walk_competency(px_record *r, void *record)
{
    competency_record *c = record;

    px_record_text(r, c->title, sizeof c->title);
    px_record_u8(r, &c->family);
    px_record_u8(r, &c->proficient_from);
    px_record_u8(r, &c->default_level);
    px_record_u32(r, &c->valid_days);
    px_record_u8(r, &c->level_count);
    PX_ASSERT(c->level_count <= LEVELS_MAX);
    for (size_t i = 0; i < c->level_count; i++)
        px_record_text(r, c->level_names[i], sizeof c->level_names[i]);
    px_record_text(r, c->framework_id, sizeof c->framework_id);
    px_record_text(r, c->framework_version, sizeof c->framework_version);
    px_record_text(r, c->parent_id, sizeof c->parent_id);
}

bool competency_state_get(const px_view *state, const char *tenant, const char *competency_id,
                          competency_record *out)
{
    px_keybuf key = level_keybuf(TABLE_COMPETENCY, tenant, competency_id, NULL);

    *out = (competency_record){ 0 };
    return level_get(state, &key, walk_competency, out);
}

void competency_state_put(px_txn *state, const char *tenant, const char *competency_id,
                          const competency_record *competency)
{
    px_keybuf key = level_keybuf(TABLE_COMPETENCY, tenant, competency_id, NULL);
    competency_record copy = *competency;

    level_put(state, &key, walk_competency, &copy);
}

uint8_t competency_level_place(const competency_record *competency, const char *level_name)
{
    for (uint8_t i = 0; i < competency->level_count; i++)
        if (strcmp(competency->level_names[i], level_name) == 0)
            return (uint8_t)(i + 1);
    return 0;
}

/* ---- roles and targets ---- */

static void walk_role(px_record *r, void *record)
{
    role_record *role = record;

    px_record_text(r, role->title, sizeof role->title);
    px_record_text(r, role->family, sizeof role->family);
    px_record_u8(r, &role->holders);
    px_record_text(r, role->unit_id, sizeof role->unit_id);
}

bool competency_state_get_role(const px_view *state, const char *tenant, const char *role_id,
                               role_record *out)
{
    px_keybuf key = level_keybuf(TABLE_ROLE, tenant, role_id, NULL);

    *out = (role_record){ 0 };
    return level_get(state, &key, walk_role, out);
}

void competency_state_put_role(px_txn *state, const char *tenant, const char *role_id,
                               const role_record *role)
{
    px_keybuf key = level_keybuf(TABLE_ROLE, tenant, role_id, NULL);
    role_record copy = *role;

    level_put(state, &key, walk_role, &copy);
}

static void walk_target(px_record *r, void *record)
{
    target_words *t = record;

    px_record_text(r, t->level_name, sizeof t->level_name);
    px_record_text(r, t->indicator, sizeof t->indicator);
}

void competency_state_get_target(const px_view *state, const char *tenant, const char *role_id,
                                 const char *competency_id, target_words *out)
{
    px_keybuf key = level_keybuf(TABLE_TARGET, tenant, role_id, competency_id);

    *out = (target_words){ 0 };
    level_get(state, &key, walk_target, out);
}

void competency_state_put_target(px_txn *state, const char *tenant, const char *role_id,
                                 const char *competency_id, const target_words *target)
{
    px_keybuf key = level_keybuf(TABLE_TARGET, tenant, role_id, competency_id);
    target_words copy = *target;

    level_put(state, &key, walk_target, &copy);
}

void competency_state_del_target(px_txn *state, const char *tenant, const char *role_id,
                                 const char *competency_id)
{
    px_keybuf key = level_keybuf(TABLE_TARGET, tenant, role_id, competency_id);

    level_del(state, &key);
}

/* ---- assessments ---- */

bool competency_state_has_assessment(const px_view *state, const char *tenant,
                                     const char *assessment_id)
{
    px_keybuf key = level_keybuf(TABLE_ASSESSMENT, tenant, assessment_id, NULL);

    return level_has(state, &key);
}

void competency_state_put_assessment(px_txn *state, const char *tenant, const char *assessment_id)
{
    px_keybuf key = level_keybuf(TABLE_ASSESSMENT, tenant, assessment_id, NULL);

    level_put_mark(state, &key);
}
