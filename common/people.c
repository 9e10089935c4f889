/* people.c: one record per person, a tombstone after erasure. */
#include "common/people.h"

#include <string.h>

#include "common/keys.h"
#include "common/record.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"

bool px_ids_has(const char (*ids)[PX_ID_SIZE], size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(ids[i], id) == 0)
            return true;
    return false;
}

char **px_ids_copy(const char (*ids)[PX_ID_SIZE], size_t count, px_arena *arena)
{
    char **copy = px_arena_alloc(arena, count * sizeof *copy);

    for (size_t i = 0; copy && i < count; i++)
        copy[i] = px_arena_strdup(arena, ids[i]);
    return px_arena_overflowed(arena) ? NULL : copy;
}

/* What is stored: the person and whether this is only a tombstone. */
typedef struct {
    px_person person;
    bool erased;
} entry;

enum { ENTRY_BYTES_MAX = 2 * (2 + PX_ID_SIZE) + 3 + 4 };

static void walk_entry(px_record *r, entry *e)
{
    px_record_bool(r, &e->erased);
    px_record_text(r, e->person.manager_id, sizeof e->person.manager_id);
    px_record_text(r, e->person.unit_id, sizeof e->person.unit_id);
    px_record_bool(r, &e->person.active);
    px_record_bool(r, &e->person.hr_partner);
    px_record_u32(r, &e->person.key_generation);
}

static px_keybuf person_key(const char *tenant, const char *person_id)
{
    px_keybuf key = px_key_begin(PX_PEOPLE_TABLE);

    px_key_text(&key, tenant);
    px_key_text(&key, person_id);
    return key;
}

static entry read_entry(px_bytes value)
{
    px_record r = px_record_reader(value);
    entry e = { 0 };

    walk_entry(&r, &e);
    px_record_end(&r);
    return e;
}

static bool get_entry(const px_view *state, const char *tenant, const char *person_id, entry *out)
{
    px_keybuf key = person_key(tenant, person_id);
    px_bytes value;

    if (!px_get(state, PX_STATE, px_key_bytes(&key), &value))
        return false;
    *out = read_entry(value);
    return true;
}

static void put_entry(px_txn *state, const char *tenant, const char *person_id, entry *e)
{
    px_keybuf key = person_key(tenant, person_id);
    unsigned char bytes[ENTRY_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_entry(&r, e);
    px_put(state, PX_STATE, px_key_bytes(&key), px_record_end(&r));
}

bool px_people_get(const px_view *state, const char *tenant, const char *person_id, px_person *out)
{
    entry e;

    if (!get_entry(state, tenant, person_id, &e) || e.erased)
        return false;
    *out = e.person;
    return true;
}

bool px_people_is_known(const px_view *state, const char *tenant, const char *person_id)
{
    px_person person;

    return px_people_get(state, tenant, person_id, &person);
}

bool px_people_is_active(const px_view *state, const char *tenant, const char *person_id)
{
    px_person person;

    return px_people_get(state, tenant, person_id, &person) && person.active;
}

bool px_people_is_manager_of(const px_view *state, const char *tenant, const char *manager_id,
                             const char *person_id)
{
    px_person person;

    return px_people_get(state, tenant, person_id, &person) &&
           strcmp(person.manager_id, manager_id) == 0 &&
           px_people_is_active(state, tenant, manager_id);
}

bool px_people_is_hr_partner(const px_view *state, const char *tenant, const char *person_id)
{
    px_person person;

    return px_people_get(state, tenant, person_id, &person) && person.active && person.hr_partner;
}

bool px_people_may_view(const px_view *state, const char *tenant, const char *viewer_id,
                        const char *person_id)
{
    if (!px_people_is_known(state, tenant, person_id))
        return false;
    return strcmp(viewer_id, person_id) == 0 ||
           px_people_is_manager_of(state, tenant, viewer_id, person_id) ||
           px_people_is_hr_partner(state, tenant, viewer_id);
}

px_relation px_people_relation(const px_view *state, const char *tenant, const char *rater_id,
                               const char *person_id)
{
    if (strcmp(rater_id, person_id) == 0)
        return PX_RELATION_SELF;
    if (px_people_is_manager_of(state, tenant, rater_id, person_id))
        return PX_RELATION_MANAGER;
    if (px_people_is_manager_of(state, tenant, person_id, rater_id))
        return PX_RELATION_REPORT;
    return PX_RELATION_PEER;
}

uint32_t px_people_key_generation(const px_view *state, const char *tenant, const char *person_id)
{
    px_person person;

    return px_people_get(state, tenant, person_id, &person) ? person.key_generation : 0;
}

uint32_t px_people_last_generation(const px_view *state, const char *tenant, const char *person_id)
{
    entry e;

    return get_entry(state, tenant, person_id, &e) ? e.person.key_generation : 0;
}

bool px_people_next(const px_view *state, const char *tenant, char person_id[PX_ID_SIZE])
{
    px_keybuf prefix = px_key_begin(PX_PEOPLE_TABLE);

    px_key_text(&prefix, tenant);
    return px_key_next(state, &prefix, person_id, PX_ID_SIZE);
}

void px_people_scan_begin(px_people_scan *scan, const px_view *state, const char *tenant)
{
    px_keybuf prefix = px_key_begin(PX_PEOPLE_TABLE);

    px_key_text(&prefix, tenant);
    px_scan_begin(&scan->scan, state, PX_STATE, px_key_bytes(&prefix));
}

bool px_people_scan_next(px_people_scan *scan, char person_id[PX_ID_SIZE], px_person *out)
{
    px_bytes key, value;

    while (px_scan_next(&scan->scan, &key, &value)) {
        px_keyread read = px_keyread_begin(key);
        entry e = read_entry(value);

        if (e.erased)
            continue;
        px_keyread_text(&read); /* the tenant */
        px_record_set_text(person_id, PX_ID_SIZE, px_keyread_text(&read));
        *out = e.person;
        return true;
    }
    return false;
}

void px_people_scan_end(px_people_scan *scan)
{
    px_scan_end(&scan->scan);
}

void px_people_project_recorded(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonRecorded *f = fact->body;
    entry e = { .person = { .active = f->active,
                            .hr_partner = f->hr_partner,
                            .key_generation = f->key_generation } };

    px_record_set_text(e.person.manager_id, sizeof e.person.manager_id, f->manager_id);
    px_record_set_text(e.person.unit_id, sizeof e.person.unit_id, f->unit_id);
    put_entry(state, fact->tenant, f->person_id, &e);
}

void px_people_project_erased(px_txn *state, const px_fact *fact)
{
    const FeedbackIngestFact__PersonErased *f = fact->body;
    entry tombstone = { .erased = true, .person = { .key_generation = f->key_generation } };

    put_entry(state, fact->tenant, f->person_id, &tombstone);
}
