/* reasons.c: `praxis reasons`: every way to be refused, from the one list in common/reason.h. */
#include "common/reason.h"

#include <jansson.h>
#include <stdio.h>

#include "services/praxis/commands.h"
#include "services/praxis/options.h"

static void print_markdown(void)
{
    puts("| code | meaning |\n|---|---|");
    for (px_reason r = PX_REASON_NONE + 1; r < PX_REASON_COUNT; r++)
        printf("| `%s` | %s |\n", px_reason_code(r), px_reason_text(r));
}

static void print_json(void)
{
    json_t *array = json_array();

    for (px_reason r = PX_REASON_NONE + 1; r < PX_REASON_COUNT; r++)
        json_array_append_new(
            array, json_pack("{s:s, s:s}", "code", px_reason_code(r), "text", px_reason_text(r)));
    json_dumpf(array, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(array);
}

static void print_plain(void)
{
    for (px_reason r = PX_REASON_NONE + 1; r < PX_REASON_COUNT; r++)
        printf("%-26s %s\n", px_reason_code(r), px_reason_text(r));
}

static const char about[] =
    "Prints every code a submission or a query can be refused with. Codes are only ever added.\n\n"
    "  praxis reasons | grep REVIEW\n"
    "  praxis reasons --markdown     the table of the README\n";

int px_command_reasons(int argc, char **argv)
{
    bool markdown = false;
    bool json = false;
    const px_option own[] = {
        { "markdown", NULL, PX_OPTION_SWITCH, &markdown, "as a table for a README", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &json, "as JSON", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { own };
    px_command_line line = { "praxis reasons [flags]", about, groups, 1, NULL, 0, 0 };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    if (json)
        print_json();
    else if (markdown)
        print_markdown();
    else
        print_plain();
    return PX_EXIT_OK;
}
