#include "common/config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/config_table.h"

extern char **environ;

#ifndef PRAXIS_VERSION
#error "the build names the version: -DPRAXIS_VERSION"
#endif

enum { FILE_MAX_BYTES = 65536 };

enum { FROM_MAX = PX_CONFIG_TEXT_MAX + 64 };

/** What is known about the settings while reading. */
typedef struct {
    const char *program;
    FILE *err;
    const char *value[PX_SETTINGS];   /* text of each setting; NULL: not given anywhere */
    char from[PX_SETTINGS][FROM_MAX]; /* where it came from, for people */
    bool in_file[PX_SETTINGS];
    char port[8], format[8], instance[PX_CONFIG_TEXT_MAX]; /* defaults worked out at run time */
    const char *file;                                      /* of --config; NULL for none */
    char *file_bytes;                                      /* values of the file point in here */
} reading;

/** One line, whatever the settings hold. */
static bool wrong(const reading *r, const char *where, const char *what)
{
    fprintf(r->err, "%s: ", r->program);
    for (const char *c = where; *c; c++)
        fputc(iscntrl((unsigned char)*c) ? '?' : *c, r->err);
    fprintf(r->err, ": %s\n", what);
    return false;
}

/* ---- the four places, the weakest first ---- */

static void take_defaults(reading *r, uint64_t health_port)
{
    char host[256] = "localhost";

    for (int i = 0; i < PX_SETTINGS; i++) {
        r->value[i] = px_settings[i].value;
        snprintf(r->from[i], FROM_MAX, "default");
    }
    gethostname(host, sizeof host - 1);
    snprintf(r->instance, sizeof r->instance, "%s-%ld", host, (long)getpid());
    snprintf(r->port, sizeof r->port, "%u", (unsigned)(uint16_t)health_port);
    snprintf(r->format, sizeof r->format, isatty(STDERR_FILENO) ? "text" : "json");
    r->value[px_setting_find("instance", 8)] = r->instance;
    r->value[px_setting_find("health-port", 11)] = r->port;
    r->value[px_setting_find("log-format", 10)] = r->format;
}

static char *trimmed(char *text)
{
    char *end = text + strlen(text);

    while (isspace((unsigned char)*text))
        text++;
    while (end > text && isspace((unsigned char)end[-1]))
        *--end = '\0';
    return text;
}

/** Cuts a comment: a # at the start of the line or after a blank, so that a value may hold one. */
static void cut_comment(char *line)
{
    for (char *c = line; *c; c++) {
        if (*c == '#' && (c == line || isspace((unsigned char)c[-1]))) {
            *c = '\0';
            return;
        }
    }
}

static bool take_line(reading *r, char *line, int number)
{
    char where[FROM_MAX];
    char *equals;
    int i;

    snprintf(where, sizeof where, "%s line %d", r->file, number);
    cut_comment(line);
    line = trimmed(line);
    if (!*line)
        return true;
    equals = strchr(line, '=');
    if (!equals)
        return wrong(r, where, "expected: name = value");
    *equals = '\0';
    line = trimmed(line);
    i = px_setting_find(line, strlen(line));
    if (i < 0) {
        char what[PX_CONFIG_TEXT_MAX];
        snprintf(what, sizeof what, "there is no setting '%.100s' (--help lists them)", line);
        return wrong(r, where, what);
    }
    if (r->in_file[i])
        return wrong(r, where, "this setting is given twice");
    r->in_file[i] = true;
    r->value[i] = trimmed(equals + 1);
    snprintf(r->from[i], FROM_MAX, "%s", where);
    return true;
}

static bool load_file(reading *r)
{
    FILE *file = fopen(r->file, "re");
    size_t size;
    bool failed;

    if (!file)
        return wrong(r, r->file, strerror(errno));
    r->file_bytes = malloc(FILE_MAX_BYTES + 1);
    size = r->file_bytes ? fread(r->file_bytes, 1, FILE_MAX_BYTES + 1, file) : 0;
    failed = !r->file_bytes || ferror(file);
    fclose(file);
    if (failed)
        return wrong(r, r->file, "cannot be read");
    if (size > FILE_MAX_BYTES)
        return wrong(r, r->file, "is larger than 64 KiB");
    if (memchr(r->file_bytes, '\0', size))
        return wrong(r, r->file, "is not a text file");
    r->file_bytes[size] = '\0';
    return true;
}

static bool take_file(reading *r)
{
    char *next;
    int number = 1;

    if (!r->file)
        return true;
    if (!load_file(r))
        return false;
    for (char *line = r->file_bytes; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (!take_line(r, line, number))
            return false;
    }
    return true;
}

/** An empty variable counts as not set: compose files and unit files cannot leave one out. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static void take_environment(reading *r)
{
    char name[PX_SETTING_NAME_MAX];

    for (int i = 0; i < PX_SETTINGS; i++) {
        px_setting_variable(px_settings[i].name, name);
        const char *value = variable(name);
        if (!value)
            continue;
        r->value[i] = value;
        snprintf(r->from[i], FROM_MAX, "environment %s", name);
    }
}

/** One flag at argv[*i], as --name value or --name=value; *i ends on the last word it took. */
static bool take_flag(reading *r, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    size_t size = strcspn(word, "=");
    const char *value = word[size] ? word + size + 1 : NULL;
    int found = strncmp(word, "--", 2) == 0 ? px_setting_find(word + 2, size - 2) : -1;
    bool config = size == 8 && memcmp(word, "--config", 8) == 0;

    if (strcmp(word, "--check-config") == 0)
        return true;
    if (found < 0 && !config)
        return wrong(r, word,
                     word[0] == '-' ? "there is no such flag (--help lists them)"
                                    : "only flags are expected here (--help lists them)");
    if (!value && (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0))
        return wrong(r, word, "a value must follow");
    if (!value)
        value = argv[++*i];
    if (config) {
        r->file = value;
        return true;
    }
    r->value[found] = value;
    snprintf(r->from[found], FROM_MAX, "flag --%s", px_settings[found].name);
    return true;
}

static bool take_flags(reading *r, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!take_flag(r, argc, argv, &i))
            return false;
    }
    return true;
}

/* ---- from text to values ---- */

/** Only what is empty by default may be empty. */
static bool missing(const px_setting *w, const char *value)
{
    bool may_be_empty = w->value && !*w->value;

    return !value || (!*value && !may_be_empty);
}

static bool store_all(const reading *r, px_config *config)
{
    for (int i = 0; i < PX_SETTINGS; i++) {
        char where[2 * FROM_MAX], what[PX_SETTING_ALLOWED_MAX];
        const px_setting *w = &px_settings[i];

        if (missing(w, r->value[i])) {
            snprintf(what, sizeof what, "is missing; give --%s, or see --help", w->name);
            return wrong(r, w->name, what);
        }
        if (!px_setting_store(w, r->value[i], config)) {
            snprintf(where, sizeof where, "%s (%s) = %.200s", w->name, r->from[i], r->value[i]);
            return wrong(r, where, px_setting_allowed(w, what));
        }
    }
    return true;
}

/* ---- what is printed ---- */

static void print_row(FILE *out, const px_setting *w, uint64_t health_port)
{
    char flag[64], name[PX_SETTING_NAME_MAX], port[24], range[64] = "";
    const char *value = w->value;

    if (w->group)
        fprintf(out, "\n%s\n", w->group);
    snprintf(flag, sizeof flag, "--%s %s", w->name, w->shown);
    snprintf(port, sizeof port, "%llu", (unsigned long long)health_port);
    if (!value && w->offset == offsetof(px_config, health_port))
        value = port;
    px_setting_variable(w->name, name);
    fprintf(out, value && *value ? "  %-30s %-28s [%s]\n" : "  %-30s %s\n", flag, name, value);
    if (w->kind == PX_SETTING_NUMBER && !w->choices && w->max <= UINT32_MAX)
        snprintf(range, sizeof range, " (%llu to %llu)", (unsigned long long)w->min,
                 (unsigned long long)w->max);
    else if (w->kind == PX_SETTING_CHOICE && strchr(w->shown, '|') == NULL)
        snprintf(range, sizeof range, " (%s)", w->choices);
    fprintf(out, "      %s%s\n", w->help, range);
}

static void print_help(FILE *out, const char *program, const char *summary, uint64_t health_port)
{
    fprintf(out,
            "%s: %s\n\nUsage: %s --data-dir DIR [--name value | --name=value]...\n\n"
            "Each setting is a flag, an environment variable, or a line `name = value` of the file "
            "given\n"
            "by --config; the first of these that names it counts, then the default in [brackets]. "
            "Sizes\n"
            "take k, M or G (1,024 each). Secrets are files, never values.\n",
            program, summary, program);
    for (int i = 0; i < PX_SETTINGS; i++)
        print_row(out, &px_settings[i], health_port);
    fprintf(out,
            "\nThis command\n"
            "  %-30s PRAXIS_CONFIG\n      file with settings, `#` starts a comment\n"
            "  %-30s print the settings in force and where each came from, and end\n"
            "  %-30s print the version, and end\n"
            "  %-30s print this, and end\n"
            "\nEnds with 0 after a clean stop, 1 after a failure, 2 when a setting is wrong.\n",
            "--config FILE", "--check-config", "--version", "--help");
}

/** As a file that --config would take. */
static void print_settings(FILE *out, const reading *r)
{
    for (int i = 0; i < PX_SETTINGS; i++) {
        char line[FROM_MAX];
        snprintf(line, sizeof line, "%s = %s", px_settings[i].name, r->value[i]);
        fprintf(out, "%-48s # %s\n", line, r->from[i]);
    }
}

static bool variable_known(const char *name, size_t size)
{
    char known[PX_SETTING_NAME_MAX];

    if (size == 13 && memcmp(name, "PRAXIS_CONFIG", 13) == 0)
        return true;
    for (int i = 0; i < PX_SETTINGS; i++) {
        px_setting_variable(px_settings[i].name, known);
        if (strlen(known) == size && memcmp(known, name, size) == 0)
            return true;
    }
    return false;
}

/** Other tools may have PRAXIS_ variables too, so an unknown one is worth a word, not a refusal. */
static void warn_of_unknown_variables(const reading *r)
{
    for (char **entry = environ; *entry; entry++) {
        size_t size = strcspn(*entry, "=");
        if (strncmp(*entry, "PRAXIS_", 7) == 0 && !variable_known(*entry, size))
            fprintf(r->err, "%s: warning: environment %.*s is no setting of this program\n",
                    r->program, (int)size, *entry);
    }
}

static bool given(int argc, char **argv, const char *flag)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0)
            return true;
    }
    return false;
}

static px_config_outcome read_all(reading *r, px_config *config, int argc, char **argv, FILE *out)
{
    /* Flags first, for they name the file; then again, for they win. */
    if (!take_flags(r, argc, argv))
        return PX_CONFIG_WRONG;
    if (!r->file)
        r->file = variable("PRAXIS_CONFIG");
    take_defaults(r, config->health_port);
    if (!take_file(r))
        return PX_CONFIG_WRONG;
    take_environment(r);
    if (!take_flags(r, argc, argv) || !store_all(r, config))
        return PX_CONFIG_WRONG;
    if (!given(argc, argv, "--check-config"))
        return PX_CONFIG_RUN;
    print_settings(out, r);
    warn_of_unknown_variables(r);
    return PX_CONFIG_DONE;
}

px_config_outcome px_config_read(px_config *config, const char *program, const char *summary,
                                 uint64_t default_health_port, int argc, char **argv, FILE *out,
                                 FILE *err)
{
    reading *r;
    px_config_outcome outcome;

    if (given(argc, argv, "--help") || given(argc, argv, "-h")) {
        print_help(out, program, summary, default_health_port);
        return PX_CONFIG_DONE;
    }
    if (given(argc, argv, "--version")) {
        fprintf(out, "%s %s\n", program, PRAXIS_VERSION);
        return PX_CONFIG_DONE;
    }
    r = calloc(1, sizeof *r);
    if (!r) {
        fprintf(err, "%s: out of memory\n", program);
        return PX_CONFIG_WRONG;
    }
    r->program = program;
    r->err = err;
    memset(config, 0, sizeof *config);
    config->health_port = default_health_port;
    outcome = read_all(r, config, argc, argv, out);
    free(r->file_bytes);
    free(r);
    return outcome;
}
