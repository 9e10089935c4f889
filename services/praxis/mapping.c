/* mapping.c: reads a mapping file and checks it against the contract and the tables it names. */
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/praxis/contract.h"
#include "services/praxis/mapping_impl.h"

/* What is being read, for the texts of errors. The first error stays. */
typedef struct {
    px_mapping *mapping;
    const char *path;
    char *error;
    bool failed;
} loading;

__attribute__((format(printf, 2, 3))) static bool fail(loading *l, const char *format, ...)
{
    char why[PX_MAPPING_ERROR_MAX];
    va_list arguments;

    if (l->failed)
        return false;
    va_start(arguments, format);
    vsnprintf(why, sizeof why, format, arguments);
    va_end(arguments);
    snprintf(l->error, PX_MAPPING_ERROR_MAX, "%.200s: %.800s", l->path, why);
    l->failed = true;
    return false;
}

/* --- keys --- */

static bool known_keys(loading *l, const json_t *object, const char *where,
                       const char *const *known)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return fail(l, "unknown key \"%s\"%s", key, where);
    }
    return true;
}

static const char *text_of(loading *l, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    if (!text)
        fail(l, "\"%s\" is missing or no text", key);
    return text;
}

static const json_t *object_of(loading *l, const json_t *object, const char *key, bool required)
{
    const json_t *value = json_object_get(object, key);

    if ((value && !json_is_object(value)) || (!value && required))
        fail(l, "\"%s\" is missing or no object", key);
    return value;
}

/* --- templates and columns --- */

bool px_mapping_columns(const char *text,
                        bool (*each)(void *context, const char *name, size_t size), void *context)
{
    for (const char *at = strchr(text, '{'); at; at = strchr(at, '{')) {
        const char *close = strchr(at, '}');
        if (!close || !each(context, at + 1, (size_t)(close - at - 1)))
            return false;
        at = close + 1;
    }
    return true;
}

typedef struct {
    loading *loading;
    const px_sheet *table;
    bool digest; /* {#} is allowed */
} checking;

static bool check_column(void *context, const char *name, size_t size)
{
    const checking *c = context;
    char text[200];

    if (size == 1 && *name == '#')
        return c->digest || fail(c->loading, "{#} may stand in \"id\" only");
    snprintf(text, sizeof text, "%.*s", (int)size, name);
    return px_sheet_column(c->table, text) != PX_SHEET_NO_COLUMN ||
           fail(c->loading, "the table has no column \"%s\"", text);
}

static bool check_template(loading *l, const char *text, const px_sheet *table, bool digest)
{
    checking c = { l, table, digest };

    return px_mapping_columns(text, check_column, &c) ||
           fail(l, "a brace is opened and not closed in \"%s\"", text);
}

bool px_mapping_is_token(const json_t *value)
{
    return json_object_size(value) == 1 && json_is_string(json_object_get(value, "token"));
}

bool px_mapping_is_typed(const json_t *value)
{
    return json_object_size(value) == 2 && json_is_string(json_object_get(value, "column")) &&
           json_is_string(json_object_get(value, "type"));
}

static bool check_typed(loading *l, const json_t *value, const px_sheet *table)
{
    const char *column = json_string_value(json_object_get(value, "column"));
    const char *type = json_string_value(json_object_get(value, "type"));
    checking c = { l, table, false };

    if (strcmp(type, "number") != 0 && strcmp(type, "int") != 0 && strcmp(type, "bool") != 0 &&
        strcmp(type, "nearest") != 0)
        return fail(l, "unknown type \"%s\": number, int, bool or nearest", type);
    return check_column(&c, column, strlen(column));
}

static bool check_value(loading *l, const json_t *value, const px_sheet *table);

static bool check_members(loading *l, const json_t *value, const px_sheet *table)
{
    const char *key;
    json_t *member;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)value, key,
                        member) if (!check_value(l, member, table)) return false;
    json_array_foreach(value, i, member) if (!check_value(l, member, table)) return false;
    return !json_is_null(value) || fail(l, "null is no value");
}

static bool check_value(loading *l, const json_t *value, const px_sheet *table)
{
    if (json_is_string(value))
        return check_template(l, json_string_value(value), table, false);
    if (px_mapping_is_token(value))
        return check_template(l, json_string_value(json_object_get(value, "token")), table, false);
    if (px_mapping_is_typed(value))
        return check_typed(l, value, table);
    return check_members(l, value, table);
}

/* --- the parts --- */

static bool check_fields(loading *l, const json_t *fields)
{
    const ProtobufCMessageDescriptor *type = l->mapping->member->descriptor;
    const char *key;
    json_t *value;

    json_object_foreach(
        (json_t *)(uintptr_t)fields, key,
        value) if (!px_contract_field(type, key)) return fail(l,
                                                              "the message %s has no field \"%s\"",
                                                              l->mapping->type, key);
    return true;
}

static bool find_type(loading *l)
{
    px_mapping *m = l->mapping;

    m->submission = px_contract_message(m->service, "Submission");
    if (!m->submission)
        return fail(l, "there is no service \"%s\": %s", m->service, px_contract_services());
    m->member = px_contract_type(m->submission, m->type);
    return m->member || fail(l, "the service %s has no submission \"%s\"", m->service, m->type);
}

/* Relative to the folder of the mapping file; malloced. */
static char *beside(const char *path, const char *name)
{
    char *copy = strdup(path);
    char *joined = NULL;

    if (!copy || *name == '/' || asprintf(&joined, "%s/%s", dirname(copy), name) < 0)
        joined = *name == '/' ? strdup(name) : NULL;
    free(copy);
    return joined;
}

static px_sheet *read_table(loading *l, const char *file, px_sheet_format format)
{
    char why[PX_SHEET_ERROR_MAX] = "out of memory";
    px_sheet *table = file ? px_sheet_read(file, format, why) : NULL;

    if (!table)
        fail(l, "%s", why);
    return table;
}

static px_sheet_format format_of(loading *l, const json_t *object)
{
    const char *name = json_string_value(json_object_get(object, "source_format"));
    px_sheet_format format = PX_SHEET_CSV;

    if (name && !px_sheet_format_named(name, &format))
        fail(l, "unknown source_format \"%s\": csv, json, xapi, moodle-* or case-*", name);
    return format;
}

/* --- second tables --- */

static int by_text(const void *a, const void *b, void *context)
{
    const px_mapping_rows_of *rows = context;
    size_t left = *(const size_t *)a;
    size_t right = *(const size_t *)b;
    int order = strcmp(px_sheet_text(rows->table, left, rows->by),
                       px_sheet_text(rows->table, right, rows->by));

    return order != 0 ? order : (left > right) - (left < right);
}

static bool sort_rows(loading *l, px_mapping_rows_of *rows)
{
    size_t count = px_sheet_rows(rows->table);
    const char *code;

    rows->order = malloc((count + 1) * sizeof *rows->order);
    if (!rows->order)
        return fail(l, "out of memory");
    for (size_t i = 0; i < count; i++) {
        const char *fault = px_sheet_fault(rows->table, i, &code);
        if (fault) /* whose row it would be is not known: better nothing than something */
            return fail(l, "the table of \"%s\", line %zu: %s", rows->field,
                        px_sheet_line(rows->table, i), fault);
        rows->order[i] = i;
    }
    qsort_r(rows->order, count, sizeof *rows->order, by_text, rows);
    return true;
}

size_t px_mapping_find(const px_mapping_rows_of *rows, const char *text, size_t *first)
{
    size_t low = 0;
    size_t high = px_sheet_rows(rows->table);
    size_t count = high;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(px_sheet_text(rows->table, rows->order[middle], rows->by), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < count && strcmp(px_sheet_text(rows->table, rows->order[low], rows->by), text) == 0)
        low++;
    return low - *first;
}

static bool load_rows_of(loading *l, px_mapping_rows_of *rows, const char *field,
                         const json_t *json)
{
    static const char *const known[] = { "file", "by", "each", "source_format", NULL };
    bool same = json_object_get(json, "file") == NULL; /* another part of the main table's file */
    const char *file = same ? "" : text_of(l, json, "file");
    const char *by = text_of(l, json, "by");

    if (l->failed || !known_keys(l, json, " in \"rows\"", known))
        return false;
    rows->field = field;
    rows->each = json_object_get(json, "each");
    if (!rows->each)
        return fail(l, "\"each\" is missing in \"rows\"");
    px_sheet_format format = format_of(l, json);
    char *path = same ? strdup(l->mapping->file) : beside(l->path, file);
    rows->table = l->failed ? NULL : read_table(l, path, format);
    free(path);
    if (!rows->table)
        return false;
    rows->by = px_sheet_column(rows->table, by);
    rows->main_by = px_sheet_column(l->mapping->table, by);
    if (rows->by == PX_SHEET_NO_COLUMN || rows->main_by == PX_SHEET_NO_COLUMN)
        return fail(l, "\"by\": not both tables have a column \"%s\"", by);
    return sort_rows(l, rows) && check_value(l, rows->each, rows->table);
}

static bool load_rows(loading *l)
{
    const json_t *all = object_of(l, l->mapping->json, "rows", false);
    const char *field;
    json_t *json;

    if (l->failed || !all)
        return !l->failed;
    l->mapping->rows = calloc(json_object_size(all) + 1, sizeof *l->mapping->rows);
    if (!l->mapping->rows)
        return fail(l, "out of memory");
    json_object_foreach((json_t *)(uintptr_t)all, field,
                        json) if (!load_rows_of(l, &l->mapping->rows[l->mapping->rows_count++],
                                                field, json)) return false;
    return check_fields(l, all);
}

/* --- the whole --- */

static bool check_where(loading *l, const json_t *object, const char *name)
{
    checking c = { l, l->mapping->table, false };
    const char *column;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, column, value)
    {
        if (!check_column(&c, column, strlen(column)))
            return false;
        if (strcmp(name, "map") == 0 ? !json_is_object(value) : !json_is_string(value))
            return fail(l, "\"%s\": \"%s\" has a value of the wrong kind", name, column);
    }
    return true;
}

static bool check_optional(loading *l, const char *key)
{
    const json_t *value = json_object_get(l->mapping->json, key);

    return !value || check_value(l, value, l->mapping->table);
}

static bool read_keys(loading *l)
{
    static const char *const known[] = { "comment", "file", "source_format", "service",
                                         "type",    "id",   "where",         "map",
                                         "fields",  "rows", "actor",         "occurred_at",
                                         NULL };
    px_mapping *m = l->mapping;

    m->service = text_of(l, m->json, "service");
    m->type = text_of(l, m->json, "type");
    m->id = text_of(l, m->json, "id");
    m->fields = object_of(l, m->json, "fields", true);
    m->map = object_of(l, m->json, "map", false);
    m->where = object_of(l, m->json, "where", false);
    return !l->failed && known_keys(l, m->json, "", known) && find_type(l) &&
           check_fields(l, m->fields);
}

static bool load(loading *l, const char *table)
{
    px_mapping *m = l->mapping;
    px_sheet_format format = format_of(l, m->json);
    const char *file = table ? table : text_of(l, m->json, "file");

    if (l->failed || !read_keys(l))
        return false;
    m->file = table ? strdup(table) : beside(l->path, file);
    m->table = read_table(l, m->file, format);
    return m->table && check_template(l, m->id, m->table, true) && check_where(l, m->map, "map") &&
           check_where(l, m->where, "where") && check_members(l, m->fields, m->table) &&
           check_optional(l, "actor") && check_optional(l, "occurred_at") && load_rows(l);
}

bool px_mapping_is(const char *path)
{
    json_t *json = json_load_file(path, 0, NULL);
    bool is =
        json_is_object(json) && json_object_get(json, "service") && json_object_get(json, "fields");

    json_decref(json);
    return is;
}

px_mapping *px_mapping_load(const char *path, const char *table, char error[PX_MAPPING_ERROR_MAX])
{
    px_mapping *m = calloc(1, sizeof *m);
    loading l = { m, path, error, false };
    json_error_t why = { .text = "out of memory" };

    if (m)
        m->json = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!m || !json_is_object(m->json))
        fail(&l, "line %d: %s", m && m->json ? 1 : why.line, m && m->json ? "no object" : why.text);
    else if (load(&l, table))
        return m;
    px_mapping_free(m);
    return NULL;
}

void px_mapping_free(px_mapping *mapping)
{
    if (!mapping)
        return;
    for (size_t i = 0; i < mapping->rows_count; i++) {
        px_sheet_free(mapping->rows[i].table);
        free(mapping->rows[i].order);
    }
    free(mapping->rows);
    px_sheet_free(mapping->table);
    free(mapping->file);
    json_decref(mapping->json);
    free(mapping);
}

const char *px_mapping_service(const px_mapping *mapping)
{
    return mapping->service;
}

const char *px_mapping_type(const px_mapping *mapping)
{
    return mapping->type;
}

const char *px_mapping_file(const px_mapping *mapping)
{
    return mapping->file;
}

size_t px_mapping_rows(const px_mapping *mapping)
{
    return px_sheet_rows(mapping->table);
}
