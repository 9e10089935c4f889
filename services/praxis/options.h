/* options.h: the flags and arguments of a command, from one table that also prints its help. */
#ifndef PRAXIS_SERVICES_PRAXIS_OPTIONS_H
#define PRAXIS_SERVICES_PRAXIS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PX_TEXTS_MAX = 256 };

/** Words of the command line, borrowed from argv. */
typedef struct {
    const char *items[PX_TEXTS_MAX];
    size_t count;
} px_texts;

typedef enum {
    PX_OPTION_TEXT,   /* value: const char ** */
    PX_OPTION_NUMBER, /* value: uint64_t *, from min to max */
    PX_OPTION_SWITCH, /* value: bool *; takes none */
    PX_OPTION_TEXTS   /* value: px_texts *; may come again */
} px_option_kind;

typedef struct {
    const char *name;  /* "dir" for --dir */
    const char *shown; /* placeholder of the value in the help; NULL for a switch */
    px_option_kind kind;
    void *value; /* holds the default before and what was given after */
    const char *help;
    uint64_t min, max; /* of a NUMBER */
} px_option;

/** What a command takes. */
typedef struct {
    const char *usage;              /* "praxis verify [flags]" */
    const char *about;              /* a paragraph, ends with a newline */
    const px_option *const *groups; /* tables of options, each ended by a row without a name */
    size_t group_count;
    px_texts *arguments; /* words that are no flags; NULL: none are taken */
    size_t arguments_min, arguments_max;
} px_command_line;

typedef enum { PX_OPTIONS_RUN, PX_OPTIONS_DONE, PX_OPTIONS_WRONG } px_options_outcome;

/**
 * Reads --name value, --name=value and arguments; after `--` everything is an argument. --help
 * prints and gives DONE. What is wrong is said in one line on stderr and gives WRONG.
 */
px_options_outcome px_options_read(const px_command_line *line, int argc, char **argv);
/** The exit code of an outcome that is not RUN. */
int px_options_exit(px_options_outcome outcome);

#endif
