/* organisation.c: the tables of the demo, and who has which role. */
#include "services/praxis/organisation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/praxis/mapping.h"
#include "services/praxis/organisation_impl.h"
#include "services/praxis/sheet.h"

enum { COLUMNS_MAX = 8, TOKEN_ARENA_BYTES = 4096 };

/* A table being read: columns by name, the first thing that is wrong sticks. */
typedef struct {
    px_sheet *sheet;
    const char *file;
    char *error; /* PX_DEMO_ERROR_MAX; "" while all is well */
    size_t rows;
} reader;

static void fail(char *error, const char *file, const char *what)
{
    if (!*error)
        snprintf(error, PX_DEMO_ERROR_MAX, "%s: %s", file, what);
}

static reader open_sheet(const char *data_dir, const char *file, size_t rows_max, char *error)
{
    char path[PX_DEMO_ERROR_MAX], why[PX_SHEET_ERROR_MAX];
    reader r = { .file = file, .error = error };

    if (*error)
        return r;
    snprintf(path, sizeof path, "%s/%s", data_dir, file);
    r.sheet = px_sheet_read(path, PX_SHEET_CSV, why);
    if (!r.sheet) {
        snprintf(error, PX_DEMO_ERROR_MAX, "%s", why);
        return r;
    }
    r.rows = px_sheet_rows(r.sheet);
    if (r.rows > rows_max) {
        fail(error, file, "more rows than the demo is made for");
        r.rows = 0;
    }
    return r;
}

static const char *text_at(reader *r, size_t row, const char *column)
{
    int number = px_sheet_column(r->sheet, column);

    if (number != PX_SHEET_NO_COLUMN)
        return px_sheet_text(r->sheet, row, number);
    fail(r->error, r->file, "a column is missing");
    return "";
}

static double number_at(reader *r, size_t row, const char *column)
{
    const char *text = text_at(r, row, column);
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end)
        fail(r->error, r->file, "a number is wrong");
    return number;
}

static void copy(reader *r, char *to, size_t size, const char *text)
{
    if (strlen(text) >= size)
        fail(r->error, r->file, "a text is too long");
    snprintf(to, size, "%s", text);
}

/* The id under which the import makes it known: the same rule. */
static void copy_token(reader *r, char to[PX_DEMO_ID_SIZE], const char *text)
{
    px_arena arena;

    if (px_arena_init(&arena, TOKEN_ARENA_BYTES)) {
        const char *token = px_mapping_token(text, &arena);

        copy(r, to, PX_DEMO_ID_SIZE, token ? token : "");
    }
    px_arena_fini(&arena);
    if (!*to)
        fail(r->error, r->file, "an id is wrong");
}

/* ---- tables ---- */

static void read_skills(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "framework/skills.csv", PX_DEMO_SKILLS_MAX, error);

    for (size_t i = 0; i < r.rows; i++) {
        px_demo_skill *skill = &o->skills[o->skill_count++];

        copy_token(&r, skill->id, text_at(&r, i, "skill_id"));
        copy(&r, skill->title, sizeof skill->title, text_at(&r, i, "skill_name"));
    }
    px_sheet_free(r.sheet);
}

static void read_units(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "organisation/units.csv", UNITS_MAX, error);

    for (size_t i = 0; i < r.rows; i++) {
        px_demo_unit *unit = &o->units[o->unit_count++];

        copy(&r, unit->id, sizeof unit->id, text_at(&r, i, "unit_id"));
        copy(&r, unit->parent_id, sizeof unit->parent_id, text_at(&r, i, "parent_unit_id"));
        copy(&r, unit->label, sizeof unit->label, text_at(&r, i, "label"));
        copy(&r, unit->team_role, sizeof unit->team_role, text_at(&r, i, "team_role"));
    }
    px_sheet_free(r.sheet);
}

static void read_roles(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "organisation/roles.csv", ROLES_MAX, error);

    for (size_t i = 0; i < r.rows; i++) {
        px_demo_role *role = &o->roles[o->role_count++];

        copy(&r, role->id, sizeof role->id, text_at(&r, i, "role_id"));
        copy(&r, role->team_role, sizeof role->team_role, text_at(&r, i, "team_role"));
        role->manager = strcmp(text_at(&r, i, "place"), "manager") == 0;
        role->weight = (uint32_t)number_at(&r, i, "weight");
    }
    px_sheet_free(r.sheet);
}

static bool find_skill(const px_organisation *o, const char *id, uint16_t *number)
{
    for (size_t i = 0; i < o->skill_count; i++)
        if (strcmp(o->skills[i].id, id) == 0) {
            *number = (uint16_t)i;
            return true;
        }
    return false;
}

/* Four levels on the scale of 1 to 5; 0 for what is none of them (NOT IN USE). */
static double level_of(const char *name)
{
    static const char *const names[] = { "Awareness", "Working", "Practitioner", "Expert" };

    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0)
            return 1 + 4.0 * i / 3;
    return 0;
}

static void add_target(reader *r, px_demo_role *role, px_demo_target target)
{
    if (role->target_count < PX_DEMO_TARGETS_MAX)
        role->targets[role->target_count++] = target;
    else
        fail(r->error, r->file, "a role has too many targets");
}

static void read_targets(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "framework/role_level_skills.csv", 100000, error);

    for (size_t i = 0; i < r.rows; i++) {
        px_demo_target target = { .level = level_of(text_at(&r, i, "target_level")) };
        char role_id[PX_DEMO_ID_SIZE] = "", skill_id[PX_DEMO_ID_SIZE] = "";

        copy_token(&r, role_id, text_at(&r, i, "role_level_id"));
        copy_token(&r, skill_id, text_at(&r, i, "skill_id"));
        if (!find_skill(o, skill_id, &target.skill))
            fail(error, r.file, "a skill is unknown");
        for (size_t k = 0; k < o->role_count && target.level > 0; k++)
            if (strcmp(o->roles[k].id, role_id) == 0)
                add_target(&r, &o->roles[k], target);
    }
    px_sheet_free(r.sheet);
}

static void read_items(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "catalogue/catalogue.csv", ITEMS_MAX, error);

    for (size_t i = 0; i < r.rows; i++) {
        px_demo_item *item = &o->items[o->item_count++];

        copy(&r, item->id, sizeof item->id, text_at(&r, i, "item_id"));
        item->kind = text_at(&r, i, "kind")[0];
        item->hours = number_at(&r, i, "hours");
    }
    px_sheet_free(r.sheet);
}

static void add_outcome(px_organisation *o, reader *r, size_t row, px_demo_item *item)
{
    char skill_id[PX_DEMO_ID_SIZE] = "";

    if (item->outcome_count == PX_DEMO_OUTCOMES_MAX) {
        fail(r->error, r->file, "an item teaches too much");
        return;
    }
    copy_token(r, skill_id, text_at(r, row, "skill_id"));
    if (!find_skill(o, skill_id, &item->outcomes[item->outcome_count].skill))
        fail(r->error, r->file, "a skill is unknown");
    item->outcomes[item->outcome_count].share = number_at(r, row, "share");
    item->outcomes[item->outcome_count].from = number_at(r, row, "level_from");
    item->outcomes[item->outcome_count++].to = number_at(r, row, "level_to");
}

static void read_outcomes(px_organisation *o, const char *data_dir, char *error)
{
    reader r = open_sheet(data_dir, "catalogue/items_competencies.csv", 100000, error);

    for (size_t i = 0; i < r.rows; i++)
        for (size_t k = 0; k < o->item_count; k++)
            if (strcmp(o->items[k].id, text_at(&r, i, "item_id")) == 0)
                add_outcome(o, &r, i, &o->items[k]);
    px_sheet_free(r.sheet);
}

/* ---- roles of people ---- */

static const char *team_role(const px_organisation *o, uint32_t team)
{
    char id[PX_DEMO_ID_SIZE];

    snprintf(id, sizeof id, "u-team-%02u", team);
    for (size_t i = 0; i < o->unit_count; i++)
        if (strcmp(o->units[i].id, id) == 0)
            return o->units[i].team_role;
    return "";
}

static const px_demo_role *role_by_id(const px_organisation *o, const char *id)
{
    for (size_t i = 0; i < o->role_count; i++)
        if (strcmp(o->roles[i].id, id) == 0)
            return &o->roles[i];
    return NULL;
}

static const px_demo_role *draw_role(const px_organisation *o, uint32_t person, bool manager)
{
    const char *team = team_role(o, px_demo_team_of(person));
    uint32_t weights = 0, drawn;

    for (size_t i = 0; i < o->role_count; i++)
        if (o->roles[i].manager == manager && strcmp(o->roles[i].team_role, team) == 0)
            weights += o->roles[i].weight;
    drawn = px_draw_below(o->seed, (px_draw){ PX_DRAW_ROLE, { person } }, weights);
    for (size_t i = 0; i < o->role_count; i++) {
        if (o->roles[i].manager != manager || strcmp(o->roles[i].team_role, team) != 0)
            continue;
        if (drawn < o->roles[i].weight)
            return &o->roles[i];
        drawn -= o->roles[i].weight;
    }
    return NULL;
}

static void draw_roles(px_organisation *o, char *error)
{
    for (uint32_t p = 1; p <= PX_DEMO_PEOPLE && !*error; p++) {
        bool manager = (p - 1) % PX_DEMO_TEAM_SIZE == 0;

        o->role_of[p] = p == PX_DEMO_STORY ? role_by_id(o, "software-developer_developer")
                                           : draw_role(o, p, manager);
        if (!o->role_of[p] || o->role_of[p]->target_count == 0)
            fail(error, "organisation/roles.csv", "a team has no role with targets");
    }
}

px_organisation *px_organisation_load(const char *data_dir, uint64_t seed,
                                      char error[PX_DEMO_ERROR_MAX])
{
    px_organisation *o = calloc(1, sizeof *o);

    *error = '\0';
    if (!o) {
        fail(error, data_dir, "out of memory");
        return NULL;
    }
    o->seed = seed;
    read_skills(o, data_dir, error);
    read_units(o, data_dir, error);
    read_roles(o, data_dir, error);
    read_targets(o, data_dir, error);
    read_items(o, data_dir, error);
    read_outcomes(o, data_dir, error);
    draw_roles(o, error);
    if (!*error)
        return o;
    px_organisation_free(o);
    return NULL;
}

void px_organisation_free(px_organisation *organisation)
{
    free(organisation);
}

const px_demo_role *px_organisation_role(const px_organisation *o, uint32_t person)
{
    return o->role_of[person];
}

const px_demo_unit *px_organisation_unit(const px_organisation *o, size_t index)
{
    return &o->units[index];
}

size_t px_organisation_units(const px_organisation *o)
{
    return o->unit_count;
}

const px_demo_skill *px_organisation_skill(const px_organisation *o, size_t index)
{
    return &o->skills[index];
}

const char *px_organisation_skill_title(const px_organisation *o, const char *skill_id)
{
    uint16_t number;

    return find_skill(o, skill_id, &number) ? o->skills[number].title : skill_id;
}
