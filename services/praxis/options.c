#include "services/praxis/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/praxis/commands.h"
#include "services/praxis/print.h"

enum { HELP_COLUMN = 27 };

static void print_option(const px_option *o)
{
    char flag[80];

    snprintf(flag, sizeof flag, "  --%s%s%s ", o->name, o->shown ? " " : "",
             o->shown ? o->shown : "");
    px_print_text(HELP_COLUMN, flag, "%s", o->help);
}

static void print_help(const px_command_line *line)
{
    printf("usage: %s\n\n%s\n", line->usage, line->about);
    for (size_t g = 0; g < line->group_count; g++)
        for (const px_option *o = line->groups[g]; o->name; o++)
            print_option(o);
    puts("  --help                   this text\n\n"
         "exit codes: 0 done; 1 it failed, or some of it was refused; 2 wrong usage");
}

static bool wrong(const char *command, const char *what, const char *why)
{
    fprintf(stderr, "praxis %s: %s: %s (--help says more)\n", command, what, why);
    return false;
}

static const px_option *find(const px_command_line *line, const char *name, size_t size)
{
    for (size_t g = 0; g < line->group_count; g++)
        for (const px_option *o = line->groups[g]; o->name; o++)
            if (strlen(o->name) == size && memcmp(o->name, name, size) == 0)
                return o;
    return NULL;
}

static bool add(px_texts *texts, const char *text)
{
    if (texts->count == PX_TEXTS_MAX)
        return false;
    texts->items[texts->count++] = text;
    return true;
}

static bool store_number(const char *command, const px_option *o, const char *value)
{
    char why[120];
    char *end = NULL;

    errno = 0;
    uint64_t number = isdigit((unsigned char)*value) ? strtoull(value, &end, 10) : 0;
    if (end && !*end && errno == 0 && number >= o->min && number <= o->max) {
        *(uint64_t *)o->value = number;
        return true;
    }
    snprintf(why, sizeof why, "must be a whole number from %llu to %llu",
             (unsigned long long)o->min, (unsigned long long)o->max);
    return wrong(command, o->name, why);
}

static bool store(const char *command, const px_option *o, const char *value)
{
    switch (o->kind) {
    case PX_OPTION_TEXT:
        *(const char **)o->value = value;
        return true;
    case PX_OPTION_NUMBER:
        return store_number(command, o, value);
    case PX_OPTION_TEXTS:
        return add(o->value, value) || wrong(command, o->name, "given too often");
    case PX_OPTION_SWITCH:
        *(bool *)o->value = true;
        return true;
    }
    return false;
}

/** One flag at argv[*i]; *i ends on the last word it took. */
static bool take_flag(const px_command_line *line, int argc, char **argv, int *i)
{
    const char *word = argv[*i];
    size_t size = strcspn(word, "=");
    const char *value = word[size] ? word + size + 1 : NULL;
    const px_option *o = find(line, word + 2, size - 2);

    if (!o)
        return wrong(argv[0], word, "there is no such flag");
    if (o->kind == PX_OPTION_SWITCH)
        return value ? wrong(argv[0], word, "takes no value") : store(argv[0], o, NULL);
    if (!value && (*i + 1 >= argc || strncmp(argv[*i + 1], "--", 2) == 0))
        return wrong(argv[0], word, "a value must follow");
    return store(argv[0], o, value ? value : argv[++*i]);
}

static bool take_argument(const px_command_line *line, const char *command, const char *word)
{
    if (!line->arguments || line->arguments->count == line->arguments_max)
        return wrong(command, word, "not expected here");
    return add(line->arguments, word) || wrong(command, word, "one argument too many");
}

static bool take_words(const px_command_line *line, int argc, char **argv)
{
    bool flags = true;

    for (int i = 1; i < argc; i++) {
        bool taken = true;

        if (flags && strcmp(argv[i], "--") == 0)
            flags = false;
        else if (flags && strncmp(argv[i], "--", 2) == 0)
            taken = take_flag(line, argc, argv, &i);
        else
            taken = take_argument(line, argv[0], argv[i]);
        if (!taken)
            return false;
    }
    if (line->arguments && line->arguments->count < line->arguments_min)
        return wrong(argv[0], line->usage, "an argument is missing");
    return true;
}

px_options_outcome px_options_read(const px_command_line *line, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help(line);
            return PX_OPTIONS_DONE;
        }
    }
    return take_words(line, argc, argv) ? PX_OPTIONS_RUN : PX_OPTIONS_WRONG;
}

int px_options_exit(px_options_outcome outcome)
{
    return outcome == PX_OPTIONS_DONE ? PX_EXIT_OK : PX_EXIT_WRONG;
}
