#include "services/praxis/csv.h"

#include <stdlib.h>
#include <string.h>

/* The longest valid sequence at `at` that starts with a byte >= 0x80; 0 when there is none. */
static size_t sequence(const unsigned char *at, size_t left)
{
    size_t size = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;

    if (at[0] < 0xC2 || at[0] > 0xF4 || left < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    /* Overlong, surrogates, beyond U+10FFFF: told by the second byte. */
    if ((at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] > 0x9F) ||
        (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] > 0x8F))
        return 0;
    return size;
}

bool px_csv_utf8(px_bytes text)
{
    const unsigned char *bytes = text.data;

    for (size_t i = 0; i < text.size;) {
        size_t size = bytes[i] < 0x80 ? 1 : sequence(bytes + i, text.size - i);
        if (size == 0)
            return false;
        i += size;
    }
    return true;
}

void px_csv_init(px_csv *csv, px_bytes text)
{
    const char *at = text.data;

    *csv = (px_csv){ .at = at, .end = at + text.size, .line = 1 };
    if (text.size >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0)
        csv->at += 3;
}

void px_csv_fini(px_csv *csv)
{
    free(csv->text);
    free(csv->fields);
    free(csv->starts);
    *csv = (px_csv){ 0 };
}

static bool fail(px_csv *csv, const char *error)
{
    csv->error = error;
    return false;
}

/* A line break at csv->at: skips it. A lone CR is an error. */
static bool line_break(px_csv *csv)
{
    if (*csv->at == '\r')
        csv->at++;
    if (csv->at == csv->end || *csv->at != '\n')
        return fail(csv, "a carriage return without a line feed");
    csv->at++;
    csv->line++;
    return true;
}

static bool put(px_csv *csv, char byte)
{
    if (csv->used == csv->capacity) {
        size_t capacity = csv->capacity ? csv->capacity * 2 : 4096;
        char *text = realloc(csv->text, capacity);
        if (!text)
            return fail(csv, "out of memory");
        csv->text = text;
        csv->capacity = capacity;
    }
    csv->text[csv->used++] = byte;
    return true;
}

static bool begin_field(px_csv *csv)
{
    if (csv->field_count == csv->field_capacity) {
        size_t capacity = csv->field_capacity ? csv->field_capacity * 2 : 32;
        size_t *starts = realloc(csv->starts, capacity * sizeof *starts);
        if (!starts)
            return fail(csv, "out of memory");
        csv->starts = starts;
        char **fields = realloc(csv->fields, capacity * sizeof *fields);
        if (!fields)
            return fail(csv, "out of memory");
        csv->fields = fields;
        csv->field_capacity = capacity;
    }
    csv->starts[csv->field_count++] = csv->used;
    return true;
}

/* From behind the opening quote to behind the closing one. */
static bool read_quoted(px_csv *csv)
{
    size_t opened = csv->line;

    for (; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"') {
            csv->at++;
            if (csv->at == csv->end || *csv->at != '"')
                return true;
        }
        if (*csv->at == 0)
            return fail(csv, "a NUL byte");
        if (*csv->at == '\n')
            csv->line++;
        if (!put(csv, *csv->at))
            return false;
    }
    csv->line = opened;
    return fail(csv, "a quote is opened here and never closed");
}

static bool ends_field(char c)
{
    return c == ',' || c == '\n' || c == '\r';
}

static bool read_plain(px_csv *csv)
{
    for (; csv->at < csv->end && !ends_field(*csv->at); csv->at++) {
        if (*csv->at == 0)
            return fail(csv, "a NUL byte");
        if (*csv->at == '"')
            return fail(csv, "a quote inside a field that does not begin with one");
        if (!put(csv, *csv->at))
            return false;
    }
    return true;
}

static bool read_field(px_csv *csv)
{
    bool quoted = csv->at < csv->end && *csv->at == '"';

    if (!begin_field(csv))
        return false;
    if (quoted)
        csv->at++;
    if (!(quoted ? read_quoted(csv) : read_plain(csv)))
        return false;
    if (quoted && csv->at < csv->end && !ends_field(*csv->at))
        return fail(csv, "text behind a closing quote");
    return put(csv, 0);
}

static bool read_record(px_csv *csv)
{
    csv->used = csv->field_count = 0;
    for (;;) {
        if (!read_field(csv))
            return false;
        if (csv->at == csv->end)
            return true;
        if (*csv->at != ',')
            return line_break(csv);
        csv->at++;
    }
}

bool px_csv_next(px_csv *csv, px_csv_row *row)
{
    while (!csv->error && csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r'))
        line_break(csv);
    if (csv->error || csv->at == csv->end)
        return false;
    size_t line = csv->line;
    const char *from = csv->at;
    if (!read_record(csv))
        return false;
    for (size_t i = 0; i < csv->field_count; i++)
        csv->fields[i] = csv->text + csv->starts[i];
    *row = (px_csv_row){ csv->fields, csv->field_count, line,
                         px_csv_utf8((px_bytes){ from, (size_t)(csv->at - from) }) };
    return true;
}
