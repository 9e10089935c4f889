#include "services/praxis/sheet.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/reason.h"
#include "services/praxis/csv.h"
#include "services/praxis/framework_order.h"
#include "services/praxis/sheet_format.h"
#include "services/praxis/statement.h"

typedef struct {
    char **cells; /* NULL or missing at the end: "" */
    size_t count;
    size_t line;
    px_reason fault;
    const char *fault_text; /* static */
} table_row;

struct px_sheet {
    char **columns;
    size_t column_count;
    table_row *rows;
    size_t row_count;
    size_t row_capacity;
};

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(texts[i]);
    free(texts);
}

void px_sheet_free(px_sheet *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->row_count; i++)
        free_texts(table->rows[i].cells, table->rows[i].count);
    free_texts(table->columns, table->column_count);
    free(table->rows);
    free(table);
}

/* A fresh row at the end, NULL when memory is out. */
static table_row *add_row(px_sheet *t, size_t line)
{
    if (t->row_count == t->row_capacity) {
        size_t capacity = t->row_capacity ? t->row_capacity * 2 : 256;
        table_row *rows = realloc(t->rows, capacity * sizeof *rows);
        if (!rows)
            return NULL;
        t->rows = rows;
        t->row_capacity = capacity;
    }
    t->rows[t->row_count] = (table_row){ .line = line };
    return &t->rows[t->row_count++];
}

static bool copy_texts(char ***to, size_t *count, char *const *from, size_t n)
{
    *to = calloc(n ? n : 1, sizeof **to);
    for (*count = 0; *to && *count < n; ++*count)
        if (((*to)[*count] = strdup(from[*count])) == NULL)
            return false;
    return *to != NULL;
}

/* --- CSV --- */

static bool add_csv_row(px_sheet *t, const px_csv_row *from)
{
    table_row *row = add_row(t, from->line);

    if (!row || !copy_texts(&row->cells, &row->count, from->fields, from->count))
        return false;
    if (!from->utf8) {
        row->fault = PX_REASON_BAD_UTF8;
        row->fault_text = "the row is not valid UTF-8";
    } else if (from->count != t->column_count) {
        row->fault = PX_REASON_MALFORMED;
        row->fault_text = from->count < t->column_count ? "fewer columns than the header has"
                                                        : "more columns than the header has";
    }
    return true;
}

static bool same_name_twice(const px_sheet *t, char error[PX_SHEET_ERROR_MAX])
{
    for (size_t i = 0; i < t->column_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(t->columns[i], t->columns[j]) == 0) {
                snprintf(error, PX_SHEET_ERROR_MAX, "two columns are called \"%s\"", t->columns[i]);
                return true;
            }
    return false;
}

static bool read_header(px_sheet *t, px_csv *csv, char error[PX_SHEET_ERROR_MAX])
{
    px_csv_row header;

    if (!px_csv_next(csv, &header)) {
        snprintf(error, PX_SHEET_ERROR_MAX, "line %zu: %s", csv->line,
                 csv->error ? csv->error : "there is no header row");
        return false;
    }
    if (!header.utf8) {
        snprintf(error, PX_SHEET_ERROR_MAX,
                 "the header is not UTF-8; save the table as \"CSV UTF-8\"");
        return false;
    }
    if (!copy_texts(&t->columns, &t->column_count, header.fields, header.count)) {
        snprintf(error, PX_SHEET_ERROR_MAX, "out of memory");
        return false;
    }
    return !same_name_twice(t, error);
}

static bool read_csv(px_sheet *t, px_bytes text, char error[PX_SHEET_ERROR_MAX])
{
    px_csv csv;
    px_csv_row row;

    px_csv_init(&csv, text);
    bool good = read_header(t, &csv, error);
    while (good && px_csv_next(&csv, &row))
        if (!add_csv_row(t, &row)) {
            snprintf(error, PX_SHEET_ERROR_MAX, "out of memory");
            good = false;
        }
    if (good && csv.error) {
        snprintf(error, PX_SHEET_ERROR_MAX, "line %zu: %s", csv.line, csv.error);
        good = false;
    }
    px_csv_fini(&csv);
    return good;
}

/* --- JSON --- */

static int column_of(px_sheet *t, const char *name)
{
    int found = px_sheet_column(t, name);

    if (found != PX_SHEET_NO_COLUMN)
        return found;
    char **columns = realloc(t->columns, (t->column_count + 1) * sizeof *columns);
    if (!columns)
        return PX_SHEET_NO_COLUMN;
    t->columns = columns;
    columns[t->column_count] = strdup(name);
    return columns[t->column_count] ? (int)t->column_count++ : PX_SHEET_NO_COLUMN;
}

/* The text of a scalar, malloced; NULL for a list or an object. */
static char *scalar_text(const json_t *value)
{
    char text[64];

    switch (json_typeof(value)) {
    case JSON_STRING:
        return strdup(json_string_value(value));
    case JSON_INTEGER:
        snprintf(text, sizeof text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        return strdup(text);
    case JSON_REAL:
        snprintf(text, sizeof text, "%.17g", json_real_value(value));
        return strdup(text);
    case JSON_TRUE:
        return strdup("true");
    case JSON_FALSE:
        return strdup("false");
    case JSON_NULL:
        return strdup("");
    default:
        return NULL;
    }
}

static bool set_cell(px_sheet *t, table_row *row, const char *name, const json_t *value)
{
    int column = column_of(t, name);
    char *text = scalar_text(value);

    if (!text && (json_is_object(value) || json_is_array(value))) {
        row->fault = PX_REASON_MALFORMED;
        row->fault_text = "a value is a list or an object; rows hold texts, numbers, true, false";
        return true;
    }
    if (column == PX_SHEET_NO_COLUMN || !text) {
        free(text);
        return false;
    }
    if ((size_t)column >= row->count) {
        char **cells = realloc(row->cells, ((size_t)column + 1) * sizeof *cells);
        if (!cells) {
            free(text);
            return false;
        }
        memset(cells + row->count, 0, ((size_t)column + 1 - row->count) * sizeof *cells);
        row->cells = cells;
        row->count = (size_t)column + 1;
    }
    row->cells[column] = text;
    return true;
}

static bool add_json_row(px_sheet *t, json_t *object, size_t line)
{
    table_row *row = add_row(t, line);
    const char *name;
    json_t *value;

    if (!row)
        return false;
    if (!json_is_object(object)) {
        row->fault = PX_REASON_MALFORMED;
        row->fault_text = "not a JSON object";
        return true;
    }
    json_object_foreach(object, name, value) if (!set_cell(t, row, name, value)) return false;
    return true;
}

static bool add_statement(px_sheet *t, json_t *statement, size_t line)
{
    json_t *row = px_statement_row(statement);
    bool added = row && add_json_row(t, row, line);

    json_decref(row);
    return added;
}

static bool read_array(px_sheet *t, const json_t *array)
{
    size_t i;
    json_t *object;

    json_array_foreach(array, i, object) if (!add_json_row(t, object, i + 1)) return false;
    return true;
}

static bool blank(const char *from, size_t size)
{
    return strspn(from, " \t\r") >= size;
}

typedef bool add_object_fn(px_sheet *t, json_t *object, size_t line);

static bool read_lines(px_sheet *t, px_bytes text, add_object_fn *add,
                       char error[PX_SHEET_ERROR_MAX])
{
    const char *at = text.data;
    const char *end = at + text.size; /* a NUL stands there */

    for (size_t line = 1; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t size = (size_t)((newline ? newline : end) - at);
        json_error_t why;
        if (!blank(at, size)) {
            json_t *object = json_loadb(at, size, JSON_REJECT_DUPLICATES, &why);
            bool added = object && add(t, object, line);
            json_decref(object);
            if (!added) {
                snprintf(error, PX_SHEET_ERROR_MAX, "line %zu: %s", line,
                         object ? "out of memory" : why.text);
                return false;
            }
        }
        at += size + 1;
    }
    return true;
}

/* A store's answer and a statement alone are one document; else there is one on each line. */
static bool read_xapi(px_sheet *t, px_bytes text, char error[PX_SHEET_ERROR_MAX])
{
    json_t *document = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    json_t *list = document ? px_statement_list(document) : NULL, *statement;
    bool good = list != NULL;
    size_t i;

    json_array_foreach(list, i, statement) good = good && add_statement(t, statement, i + 1);
    json_decref(list);
    if (document) {
        json_decref(document);
        if (!good)
            snprintf(error, PX_SHEET_ERROR_MAX, "out of memory");
        return good;
    }
    return read_lines(t, text, add_statement, error);
}

static bool read_json(px_sheet *t, px_bytes text, char error[PX_SHEET_ERROR_MAX])
{
    const char *at = text.data;
    json_error_t why;

    if (text.size >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) {
        at += 3;
        text = (px_bytes){ at, text.size - 3 };
    }
    if (at[strspn(at, " \t\r\n")] != '[')
        return read_lines(t, text, add_json_row, error);
    json_t *array = json_loadb(at, text.size, JSON_REJECT_DUPLICATES, &why);
    bool good = array && read_array(t, array);
    if (!good)
        snprintf(error, PX_SHEET_ERROR_MAX, "line %d: %s", why.line,
                 array ? "out of memory" : why.text);
    json_decref(array);
    return good;
}

/* --- frameworks --- */

/* A row is an object with the line it stands on, or the line of a row that makes no sense. */
static bool add_framework_row(px_sheet *t, json_t *object, size_t at)
{
    const json_t *line = json_is_object(object) ? json_object_get(object, "line") : object;
    size_t number = line ? (size_t)json_integer_value(line) : at;

    if (json_is_object(object))
        json_object_del(object, "line");
    if (!add_json_row(t, object, number))
        return false;
    if (!json_is_object(object))
        t->rows[t->row_count - 1].fault_text = "the row is not whole, or not valid UTF-8";
    return true;
}

static bool read_framework(px_sheet *t, px_bytes text, px_sheet_format format,
                           char error[PX_SHEET_ERROR_MAX])
{
    json_t *rows = px_sheet_formats[format].read(text, px_sheet_formats[format].part, error),
           *object;
    bool good = rows != NULL;
    size_t i;

    if (good && px_sheet_formats[format].part == PX_FRAMEWORK_COMPETENCIES)
        rows = px_framework_parents_first(rows);
    for (i = 0; good && px_sheet_formats[format].columns[i]; i++)
        good = column_of(t, px_sheet_formats[format].columns[i]) != PX_SHEET_NO_COLUMN;
    if (good)
        json_array_foreach(rows, i, object) good = good && add_framework_row(t, object, i + 1);
    if (rows && !good)
        snprintf(error, PX_SHEET_ERROR_MAX, "out of memory");
    json_decref(rows);
    return good;
}

/* --- the file --- */

/* malloced, with a NUL behind it */
static char *read_file(const char *path, size_t *size, char error[PX_SHEET_ERROR_MAX])
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    size_t capacity = 0;

    *size = 0;
    while (file && !feof(file) && !ferror(file)) {
        if (capacity - *size < 2) {
            capacity = capacity ? capacity * 2 : 65536;
            char *larger = realloc(text, capacity);
            if (!larger) {
                errno = ENOMEM;
                break;
            }
            text = larger;
        }
        *size += fread(text + *size, 1, capacity - *size - 1, file);
    }
    if (file && feof(file)) {
        text[*size] = 0;
        fclose(file);
        return text;
    }
    snprintf(error, PX_SHEET_ERROR_MAX, "%s", strerror(errno));
    if (file)
        fclose(file);
    free(text);
    return NULL;
}

static bool read_as(px_sheet *t, px_bytes text, px_sheet_format format,
                    char error[PX_SHEET_ERROR_MAX])
{
    switch (format) {
    case PX_SHEET_CSV:
        return read_csv(t, text, error);
    case PX_SHEET_JSON:
        return read_json(t, text, error);
    case PX_SHEET_XAPI:
        return read_xapi(t, text, error);
    default:
        return read_framework(t, text, format, error);
    }
}

px_sheet *px_sheet_read(const char *path, px_sheet_format format, char error[PX_SHEET_ERROR_MAX])
{
    char why[PX_SHEET_ERROR_MAX] = "out of memory";
    px_sheet *t = calloc(1, sizeof *t);
    size_t size;
    char *text = read_file(path, &size, why);
    px_bytes bytes = { text, size };

    if (t && text && read_as(t, bytes, format, why)) {
        free(text);
        return t;
    }
    snprintf(error, PX_SHEET_ERROR_MAX, "%.200s: %.300s", path, why);
    free(text);
    px_sheet_free(t);
    return NULL;
}

size_t px_sheet_rows(const px_sheet *table)
{
    return table->row_count;
}

int px_sheet_column(const px_sheet *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i], name) == 0)
            return (int)i;
    return PX_SHEET_NO_COLUMN;
}

const char *px_sheet_text(const px_sheet *table, size_t row, int column)
{
    const table_row *r = &table->rows[row];

    return column >= 0 && (size_t)column < r->count && r->cells[column] ? r->cells[column] : "";
}

size_t px_sheet_line(const px_sheet *table, size_t row)
{
    return table->rows[row].line;
}

const char *px_sheet_fault(const px_sheet *table, size_t row, const char **code)
{
    *code = px_reason_code(table->rows[row].fault);
    return table->rows[row].fault_text;
}
