/* commands.h: the commands of `praxis`: a row here, a file of its own each. */
#ifndef PRAXIS_SERVICES_PRAXIS_COMMANDS_H
#define PRAXIS_SERVICES_PRAXIS_COMMANDS_H

/** A command; argv[0] is its name. Takes --help. @return one of PX_EXIT_* */
typedef int px_command_fn(int argc, char **argv);

enum {
    PX_EXIT_OK = 0,
    PX_EXIT_FAILED = 1, /* it did not work, or some of it was refused; a line says what */
    PX_EXIT_WRONG = 2   /* the command line is wrong; nothing was done */
};

/* X(name, summary): px_command_<name>() in <name>.c, typed with - for _. Listed by `praxis help` in
 * this order. */
#define PX_COMMANDS(X)                                                                             \
    X(demo, "the whole of Praxis on real data: three review cycles in about a minute")             \
    X(run, "start nats-server and the five daemons, in the foreground, under one directory")       \
    X(submit, "send submissions from JSON lines and print what becomes of each")                   \
    X(import, "turn tables into submissions by mapping files, without code")                       \
    X(export, "write a competency framework for other systems: CSV, Moodle, CASE")                 \
    X(tail, "print events as they come")                                                           \
    X(query, "ask a daemon: profile, plan, heat map, and the rest")                                \
    X(explain, "walk a person's plan back to its ratings, in words")                               \
    X(whatif, "plans under other settings on the same history; nothing is published")              \
    X(erase, "destroy every text about a person")                                                  \
    X(reasons, "list every code a submission or a query can be refused with")                      \
    X(verify, "check every chain of the log and rebuild each projection beside the live one")      \
    X(snapshot, "keep a copy of the projection of a daemon, to start from when it is lost")        \
    X(rebuild, "build the projection of a daemon again from the log, beside the one in use")       \
    X(backup, "copy all streams while everything runs; keys of people apart")                      \
    X(restore, "bring a backup back, into an installation that has no streams")                    \
    X(archive, "follow the log into files that nobody writes over")                                \
    X(rotate_key, "change the master key while the daemons run")

#define PX_COMMAND_DECLARE(name, summary) px_command_fn px_command_##name;
PX_COMMANDS(PX_COMMAND_DECLARE)
#undef PX_COMMAND_DECLARE

#endif
