/* main.c: `praxis <command>`: finds the command and hands over. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/diag.h"
#include "common/status.h"
#include "services/praxis/commands.h"

static const struct {
    const char *name;
    const char *summary;
    px_command_fn *run;
} commands[] = {
#define PX_COMMAND_ROW(name, summary) { #name, summary, px_command_##name },
    PX_COMMANDS(PX_COMMAND_ROW)
#undef PX_COMMAND_ROW
};

/* C has no '-' in names. */
static bool is_called(const char *name, const char *typed)
{
    for (; *name && *typed; name++, typed++)
        if (*typed != (*name == '_' ? '-' : *name))
            return false;
    return *name == *typed;
}

static void print_command(FILE *out, const char *name, const char *summary)
{
    char typed[32];
    size_t size = 0;

    for (; name[size] && size < sizeof typed - 1; size++)
        typed[size] = name[size] == '_' ? '-' : name[size];
    typed[size] = '\0';
    fprintf(out, "  %-10s %s\n", typed, summary);
}

static void print_help(FILE *out)
{
    fputs("praxis: continuous performance management and learning on a message bus\n\n"
          "usage: praxis <command> [flags]\n\n",
          out);
    for (size_t i = 0; i < PX_COUNT(commands); i++)
        print_command(out, commands[i].name, commands[i].summary);
    fputs("\n  praxis help <command>   says what a command takes; so does praxis <command> --help\n"
          "  praxis --version\n\n"
          "exit codes: 0 done; 1 it failed, or some of it was refused; 2 wrong usage\n",
          out);
}

static px_command_fn *find(const char *name)
{
    for (size_t i = 0; i < PX_COUNT(commands); i++)
        if (is_called(commands[i].name, name))
            return commands[i].run;
    fprintf(stderr, "praxis: there is no command \"%s\" (praxis help lists them)\n", name);
    return NULL;
}

static int help(int argc, char **argv)
{
    char flag[] = "--help";
    px_command_fn *run;

    if (argc < 2) {
        print_help(stdout);
        return PX_EXIT_OK;
    }
    run = find(argv[1]);
    return run ? run(2, (char *[]){ argv[1], flag, NULL }) : PX_EXIT_WRONG;
}

int main(int argc, char **argv)
{
    px_command_fn *run;

    signal(SIGPIPE, SIG_IGN);
    px_diag_init("praxis", "", PX_LEVEL_WARNING, false);
    if (argc < 2) {
        print_help(stderr);
        return PX_EXIT_WRONG;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("praxis " PRAXIS_VERSION);
        return PX_EXIT_OK;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return help(argc - 1, argv + 1);
    run = find(argv[1]);
    return run ? run(argc - 1, argv + 1) : PX_EXIT_WRONG;
}
