#include "services/praxis/demo_load.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "services/praxis/mapping.h"
#include "services/praxis/mapping_set.h"
#include "services/praxis/print.h"

enum { LOAD_ARENA_BYTES = 32 << 20, REFUSED_MAX = 4096, LOAD_MINUTE = 300 };

static const struct {
    const char *mapping;
    const char *name;
    const char *what;
} tables[] = {
    { "competencies.json", "competencies", "each with four levels, from Awareness to Expert" },
    { "roles.json", "roles", "professions by seniority, such as Senior developer" },
    { "role_targets.json", "role targets", "the level of a competency that a role needs" },
    { "catalogue.json", "learning items",
      "courses, exercises (skills, hours and levels: our estimate)" },
};

/* One table under way. */
typedef struct {
    const px_organisation *organisation;
    px_arena arena;
    px_programme programme;
    struct {
        size_t index;
        char *code, *text;
    } refused[REFUSED_MAX];
    size_t refused_count;
    size_t skipped; /* rows that the mapping passes over */
} loading;

static bool map_rows(loading *l, const px_mapping *mapping, uint64_t after_seq)
{
    const px_stamp stamp = { .attempt = 1,
                             .created_at_us = px_demo_time_us(1, 0, LOAD_MINUTE),
                             .actor = "p-240",
                             .after_seq = after_seq };

    /* They outlive the mapping. */
    const char *service = px_arena_strdup(&l->arena, px_mapping_service(mapping));
    const char *type = px_arena_strdup(&l->arena, px_mapping_type(mapping));

    for (size_t i = 0; i < px_mapping_rows(mapping); i++) {
        px_mapped row = px_mapping_row(mapping, i, l->programme.arena);

        if (row.state == PX_MAPPED_SKIPPED) {
            l->skipped++;
            continue;
        }
        if (row.state != PX_MAPPED_READY) {
            fprintf(stderr, "praxis demo: %s line %zu: %s %s\n", px_mapping_file(mapping), row.line,
                    row.code ? row.code : "", row.text ? row.text : "");
            return false;
        }
        if (!px_mapping_stamp(&row, &stamp, l->programme.arena) ||
            !px_programme_add_message(&l->programme, service, type, row.id, row.message,
                                      stamp.created_at_us)) {
            fputs("praxis demo: the tables are larger than expected\n", stderr);
            return false;
        }
    }
    return true;
}

static void on_refused(void *context, size_t index, const Praxis__Rejected *why)
{
    loading *l = context;

    if (l->refused_count == REFUSED_MAX)
        return;
    l->refused[l->refused_count].index = index;
    l->refused[l->refused_count].code = px_arena_strdup(l->programme.arena, why->code);
    l->refused[l->refused_count++].text = px_arena_strdup(l->programme.arena, why->text);
}

/* ---- what was refused ---- */

static const Competency__SetRoleTarget *target_at(const loading *l, size_t refused)
{
    const px_programme_item *item = &l->programme.items[l->refused[refused].index];

    if (strcmp(item->type, "SetRoleTarget") != 0)
        return NULL;
    return ((const Competency__Submission *)item->message)->set_role_target;
}

/* "Chief data officer" of "chief-data-officer_not-in-use". */
static void role_words(const char *role_id, char words[PX_DEMO_ID_SIZE])
{
    snprintf(words, PX_DEMO_ID_SIZE, "%.*s", (int)strcspn(role_id, "_"), role_id);
    words[0] = (char)toupper((unsigned char)words[0]);
    for (char *at = words; *at; at++)
        if (*at == '-')
            *at = ' ';
}

/* The refused targets of one role, from `first` on. @return the first one of the next role */
static size_t print_role(const loading *l, size_t first)
{
    const char *role_id = target_at(l, first)->role_id;
    char words[PX_DEMO_ID_SIZE], line[2048] = "", head[PX_DEMO_ID_SIZE + 8];
    size_t i = first;

    for (const Competency__SetRoleTarget *t = target_at(l, i);
         t && strcmp(t->role_id, role_id) == 0; t = ++i < l->refused_count ? target_at(l, i) : NULL)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", *line ? "; " : "",
                 px_organisation_skill_title(l->organisation, t->competency_id));
    role_words(role_id, words);
    snprintf(head, sizeof head, "   %s:", words);
    px_print_text(6, head, " %s", line);
    return i;
}

static void print_refused(const loading *l, const char *name)
{
    const Competency__SetRoleTarget *first = target_at(l, 0);
    size_t i = 0;

    printf("\n");
    if (first)
        px_print_text(3, "",
                      "%zu %s were refused, because the framework gives them \"%s\" as their "
                      "level, and that is no level of the competency (%s). Nothing is "
                      "dropped in silence; they are:",
                      l->refused_count, name, first->level_name, l->refused[0].code);
    while (i < l->refused_count) {
        if (target_at(l, i)) {
            i = print_role(l, i);
            continue;
        }
        px_print_text(6, "   ", "%s: %s %s", l->programme.items[l->refused[i].index].id,
                      l->refused[i].code, l->refused[i].text);
        i++;
    }
}

/* ---- one table ---- */

static void print_count(size_t accepted, size_t all, const char *name, const char *what)
{
    char some[PX_PRINT_NUMBER_SIZE], rows[PX_PRINT_NUMBER_SIZE];

    printf("   %5s of %5s  %-15s  %s\n", px_print_number(accepted, some),
           px_print_number(all, rows), name, what);
    fflush(stdout);
}

static int by_index(const void *left, const void *right)
{
    size_t a = *(const size_t *)left, b = *(const size_t *)right;

    return a < b ? -1 : a > b;
}

static bool load_rows(px_demo_link *link, loading *l, const char *name, const px_mapping *mapping)
{
    px_demo_sending how = { .label = name, .on_refused = on_refused, .context = l };

    l->programme = px_programme_begin(&l->arena);
    if (!map_rows(l, mapping, link->log_seq))
        return false;
    how.count = l->programme.count;
    if (!px_demo_send(link, &l->programme, &how))
        return false;
    if (l->refused_count > 0)
        qsort(l->refused, l->refused_count, sizeof l->refused[0], by_index);
    return true;
}

static bool load_table(px_demo_link *link, loading *l, const char *name, const char *path)
{
    char error[PX_MAPPING_ERROR_MAX];
    px_mapping *mapping = px_mapping_load(path, NULL, error);
    bool loaded;

    if (!mapping) {
        fprintf(stderr, "praxis demo: %s\n", error);
        return false;
    }
    loaded = px_arena_init(&l->arena, LOAD_ARENA_BYTES) && load_rows(link, l, name, mapping);
    px_mapping_free(mapping);
    return loaded;
}

/* ---- all of them ---- */

static bool load_first(px_demo_link *link, loading *l, size_t table, const char *data_dir)
{
    char path[PX_PATH_MAX];

    snprintf(path, sizeof path, "%s/mappings/%s", data_dir, tables[table].mapping);
    if (!load_table(link, l, tables[table].name, path))
        return false;
    print_count(l->programme.count - l->refused_count, l->programme.count, tables[table].name,
                tables[table].what);
    return true;
}

/* Another framework beside the first: the mappings of a set, counted together. */
static bool load_second(px_demo_link *link, const px_organisation *organisation,
                        const char *data_dir)
{
    loading *l = calloc(1, sizeof *l);
    size_t accepted = 0, skipped = 0;
    char path[PX_PATH_MAX], text[120];
    bool loaded = l != NULL;

    snprintf(path, sizeof path, "%s/mappings/onet.json", data_dir);
    px_mapping_set set = px_mapping_set_of(path);
    for (unsigned i = 0; i < set.count && loaded; i++) {
        memset(l, 0, sizeof *l);
        l->organisation = organisation;
        loaded = load_table(link, l, "O*NET", set.paths[i]);
        accepted += l->programme.count - l->refused_count;
        skipped += l->skipped;
        px_arena_fini(&l->arena);
    }
    snprintf(text, sizeof text, "a second framework; %zu rows say that the level means nothing",
             skipped);
    if (loaded)
        print_count(accepted, accepted + skipped, "rows of O*NET", text);
    free(l);
    return loaded;
}

bool px_demo_load(px_demo_link *link, const px_organisation *organisation, const char *data_dir)
{
    loading *all = calloc(PX_COUNT(tables), sizeof *all);
    bool loaded = all != NULL;

    for (size_t i = 0; i < PX_COUNT(tables) && loaded; i++) {
        all[i].organisation = organisation;
        loaded = load_first(link, &all[i], i, data_dir);
    }
    loaded = loaded && load_second(link, organisation, data_dir);
    for (size_t i = 0; i < PX_COUNT(tables) && loaded; i++)
        if (all[i].refused_count > 0)
            print_refused(&all[i], tables[i].name);
    for (size_t i = 0; all && i < PX_COUNT(tables); i++)
        px_arena_fini(&all[i].arena);
    free(all);
    return loaded;
}
