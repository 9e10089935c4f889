/* fuzz_command_files.c: what people give the programs to read: tables, mappings, settings, lines.
 *
 * An input: a byte for the reader (readers[] below), then its files as chunks (decide_build.h), the
 * last one with all bytes that are left.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/config.h"
#include "services/praxis/csv.h"
#include "services/praxis/import_state.h"
#include "services/praxis/layout.h"
#include "services/praxis/lines.h"
#include "services/praxis/mapping.h"
#include "services/praxis/options.h"
#include "services/praxis/sheet.h"
#include "tests/fuzz/decide_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 2, WORDS_MAX = 16, PATH_SIZE = 32 };

static int files[FILES];
static char paths[FILES][PATH_SIZE];
static px_arena arena;
static FILE *nowhere;

static void create(void)
{
    for (size_t i = 0; i < FILES; i++) {
        files[i] = memfd_create("input", 0);
        PX_ASSERT(files[i] >= 0);
        snprintf(paths[i], PATH_SIZE, "/proc/self/fd/%d", files[i]);
    }
    nowhere = fopen("/dev/null", "w");
    PX_ASSERT(nowhere != NULL && px_arena_init(&arena, PX_MAPPING_ARENA_BYTES));
    PX_ASSERT(freopen("/dev/null", "w", stdout) != NULL); /* --help */
}

static const char *put_file(size_t i, px_bytes bytes)
{
    PX_ASSERT(ftruncate(files[i], 0) == 0);
    PX_ASSERT(pwrite(files[i], bytes.data, bytes.size, 0) == (ssize_t)bytes.size);
    return paths[i];
}

static px_bytes rest_of(decide_input *in)
{
    return (px_bytes){ in->data, in->size };
}

/* ---- readers ---- */

static void read_csv(decide_input *in)
{
    px_csv csv;
    px_csv_row row;

    px_csv_init(&csv, rest_of(in));
    while (px_csv_next(&csv, &row))
        for (size_t i = 0; i < row.count; i++) {
            px_bytes field = { row.fields[i], strlen(row.fields[i]) };

            PX_ASSERT(!row.utf8 || px_csv_utf8(field));
        }
    px_csv_fini(&csv);
}

static void read_sheet(decide_input *in, px_sheet_format format)
{
    char error[PX_SHEET_ERROR_MAX] = "";
    px_sheet *sheet = px_sheet_read(put_file(0, rest_of(in)), format, error);
    const char *code;

    if (sheet == NULL) {
        PX_ASSERT(error[0] != '\0' && strchr(error, '\n') == NULL);
        return;
    }
    for (size_t row = 0; row < px_sheet_rows(sheet); row++) {
        (void)px_sheet_fault(sheet, row, &code);
        PX_ASSERT(px_sheet_text(sheet, row, px_sheet_column(sheet, "id")) != NULL);
    }
    px_sheet_free(sheet);
}

static void read_csv_sheet(decide_input *in)
{
    read_sheet(in, PX_SHEET_CSV);
}

static void read_json_sheet(decide_input *in)
{
    read_sheet(in, PX_SHEET_JSON);
}

static void read_xapi_sheet(decide_input *in)
{
    read_sheet(in, PX_SHEET_XAPI);
}

/* Every part of a framework of the one kind or the other. */
static void read_framework_sheets(decide_input *in)
{
    px_sheet_format format = (px_sheet_format)(PX_SHEET_MOODLE_FRAMEWORK + decide_take(in) % 8);

    PX_ASSERT(format <= PX_SHEET_CASE_LEVELS);
    read_sheet(in, format);
}

static void map_row(const px_mapping *mapping, size_t row)
{
    const px_stamp stamp = { .attempt = 2, .created_at_us = 1, .actor = "hr" };
    px_mapped mapped;

    px_arena_reset(&arena);
    mapped = px_mapping_row(mapping, row, &arena);
    if (mapped.state == PX_MAPPED_READY)
        (void)px_mapping_stamp(&mapped, &stamp, &arena);
    else
        PX_ASSERT(mapped.text != NULL);
}

static void read_mapping(decide_input *in)
{
    const char *path = put_file(0, decide_take_chunk(in)), *table = put_file(1, rest_of(in));
    char error[PX_MAPPING_ERROR_MAX] = "";
    px_mapping *mapping = px_mapping_load(path, table, error);

    (void)px_mapping_is(path);
    PX_ASSERT(mapping != NULL || error[0] != '\0');
    for (size_t row = 0; mapping != NULL && row < px_mapping_rows(mapping) && row < 64; row++)
        map_row(mapping, row);
    px_mapping_free(mapping);
}

static void read_import_state(decide_input *in)
{
    px_import_state *state = NULL;
    const char *service, *id;
    int64_t at_us;

    if (px_import_state_open(&state, put_file(0, rest_of(in)), "acme", "hr") == PX_OK) {
        (void)px_import_state_get(state, "competency", "a");
        if (px_import_state_sample(state, &service, &id, &at_us))
            PX_ASSERT(px_import_state_get(state, service, id).accepted);
    }
    px_import_state_close(state);
}

static void read_layout_value(decide_input *in)
{
    const char *path = put_file(0, rest_of(in));
    char value[16];

    if (px_layout_value(path, "url", value, sizeof value))
        PX_ASSERT(strlen(value) < sizeof value);
}

/* Words ended by NUL, as the kernel gives them. */
static int take_words(px_bytes bytes, char **argv)
{
    char *text = px_arena_zalloc(&arena, bytes.size + 2), *end = text + bytes.size;
    int argc = 1;

    PX_ASSERT(text != NULL);
    if (bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    argv[0] = text + bytes.size + 1;
    for (; text < end && argc < WORDS_MAX; text += strlen(text) + 1)
        argv[argc++] = text;
    argv[argc] = NULL;
    return argc;
}

static void read_config(decide_input *in)
{
    char *argv[WORDS_MAX + 2], flag[] = "--config";
    px_config config;
    int argc;

    px_arena_reset(&arena);
    char *path = (char *)(uintptr_t)put_file(0, decide_take_chunk(in));
    argc = take_words(rest_of(in), argv);
    if (argc + 2 <= WORDS_MAX) {
        argv[argc++] = flag;
        argv[argc++] = path;
        argv[argc] = NULL;
    }
    (void)px_config_read(&config, "praxis", "a summary", 8001, argc, argv, nowhere, nowhere);
}

static void read_options(decide_input *in)
{
    const char *text = "";
    uint64_t number = 1;
    bool on = false;
    px_texts texts = { .count = 0 }, arguments = { .count = 0 };
    const px_option options[] = {
        { "text", "T", PX_OPTION_TEXT, &text, "a text", 0, 0 },
        { "number", "N", PX_OPTION_NUMBER, &number, "a number", 1, 100 },
        { "on", NULL, PX_OPTION_SWITCH, &on, "a switch", 0, 0 },
        { "more", "M", PX_OPTION_TEXTS, &texts, "texts", 0, 0 },
        { .name = NULL },
    };
    const px_option *const groups[] = { options };
    px_command_line line = { "praxis x", "about\n", groups, 1, &arguments, 0, 3 };
    char *argv[WORDS_MAX + 2];

    px_arena_reset(&arena);
    int argc = take_words(rest_of(in), argv);
    if (px_options_read(&line, argc, argv) == PX_OPTIONS_RUN)
        PX_ASSERT(number >= 1 && number <= 100 && arguments.count <= 3);
}

static void read_lines(decide_input *in)
{
    px_lines lines = { .fd = open(put_file(0, rest_of(in)), O_RDONLY) };
    size_t size, sum = 0;
    char *line;

    PX_ASSERT(lines.fd >= 0);
    while (px_lines_next(&lines, 0, &line, &size) == PX_LINE) {
        PX_ASSERT(line[size] == '\0' && memchr(line, '\n', size) == NULL);
        sum += size + 1;
    }
    PX_ASSERT(sum == in->size || sum == in->size + 1);
    px_lines_fini(&lines);
    close(lines.fd);
}

/* The order is that of the committed corpus. */
static void (*const readers[])(decide_input *) = {
    read_csv,          read_csv_sheet,    read_json_sheet,       read_mapping,
    read_import_state, read_layout_value, read_config,           read_options,
    read_lines,        read_xapi_sheet,   read_framework_sheets,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_input in = { data, size };
    uint8_t reader = decide_take(&in);

    if (nowhere == NULL)
        create();
    readers[reader % PX_COUNT(readers)](&in);
    return 0;
}
