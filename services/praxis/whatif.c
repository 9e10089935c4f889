/* whatif.c: `praxis whatif`: everybody's plan under other settings, on the same history. */
#include <stdio.h>
#include <stdlib.h>

#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/past.h"
#include "services/praxis/whatif_report.h"
#include "services/praxis/whatif_settings.h"

typedef struct {
    px_client_flags where;
    px_whatif_words words;
    const char *archive;
    bool json;
} whatif_flags;

typedef struct {
    whatif_flags flags;
    px_whatif_settings other;
    px_client client;
    px_past past;
    px_whatif_report report;
} whatif_state;

static px_options_outcome read_flags(whatif_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "hours", "HOURS", PX_OPTION_TEXT, &f->words.hours, "hours of one plan (16)", 0, 0 },
        { "least", "VALUE", PX_OPTION_TEXT, &f->words.least,
          "value per hour below which learning is not worth it (0.01)", 0, 0 },
        { "weight", "ID=FACTOR", PX_OPTION_TEXTS, &f->words.weights,
          "the competency weighs so many times what it does; may come again", 0, 0 },
        { "target", "ROLE:ID=LEVEL", PX_OPTION_TEXTS, &f->words.targets,
          "the role asks for another level of the competency, 0 for none; may come again", 0, 0 },
        { "archive", "DIR", PX_OPTION_TEXT, &f->archive,
          "a directory of praxis archive or praxis backup instead of the live log", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &f->json, "for a program", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { rows, px_client_options(&f->where, where) };
    const px_command_line line = {
        .usage = "praxis whatif --hours 8 | --least .. | --weight .. | --target .. [flags]",
        .about =
            "Folds the log into a temporary projection, makes the best plan of everybody with a\n"
            "plan or a gap twice, by the rule as it is and with other settings, and prints who\n"
            "would get another one. Nothing is published, nothing is kept. The same log and the\n"
            "same flags give the same bytes: plans are made as of the last message of the log.\n"
            "Items that were started, or put in by a person, stay in both plans.\n"
            "This is the operator's tool: it names people, and holds no group minimum.\n",
        .groups = groups,
        .group_count = 2,
    };

    return px_options_read(&line, argc, argv);
}

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis whatif: %s: %s\n", what, why);
    return false;
}

/* ---- plans ---- */

static bool all_known(const whatif_state *w, const px_view *view)
{
    const plan_settings *s = &w->other.settings;

    for (size_t i = 0; i < s->weight_count; i++)
        if (!learning_whatif_has_competency(view, s->weights[i].competency_id))
            return say(s->weights[i].competency_id, "there is no such competency");
    for (size_t i = 0; i < s->target_count; i++)
        if (!learning_whatif_has_target(view, s->targets[i].role_id, s->targets[i].competency_id))
            return say(w->flags.words.targets.items[i], "the role does not ask for it");
    return true;
}

static bool plan(whatif_state *w)
{
    px_txn *view = px_store_read(w->past.store);
    bool good = view && all_known(w, view);
    char time[32];

    if (good) {
        learning_whatif(view, w->past.time_us, &w->other.settings, px_whatif_add, &w->report);
        good = px_txn_status(view) == PX_OK || say("the projection", "cannot be read");
    }
    px_txn_abort(view);
    if (good)
        px_whatif_finish(&w->report, w->past.seq, px_clock_text(w->past.time_us / 1000000, time));
    return good;
}

static int whatif(whatif_state *w)
{
    int code = w->flags.archive ? PX_EXIT_OK
                                : px_client_open(&w->client, &w->flags.where, PX_CLIENT_OPERATOR);

    if (code != PX_EXIT_OK)
        return code;
    const px_past_log log = {
        .command = "whatif",
        .dir = w->flags.archive ? px_client_directory(&w->flags.where) : w->client.dir,
        .archive = w->flags.archive,
        .bus = w->client.bus,
    };
    return px_past_open(&w->past, &log) && plan(w) ? PX_EXIT_OK : PX_EXIT_FAILED;
}

int px_command_whatif(int argc, char **argv)
{
    whatif_state *w = calloc(1, sizeof *w);
    int code = PX_EXIT_FAILED;

    if (!w)
        return code;
    px_options_outcome outcome = read_flags(&w->flags, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        code = px_options_exit(outcome);
    else if (!px_whatif_settings_read(&w->other, &w->flags.words))
        code = PX_EXIT_WRONG;
    else {
        w->report.rows = w->flags.json ? json_array() : NULL;
        code = whatif(w);
    }
    json_decref(w->report.rows);
    px_past_close(&w->past);
    px_client_close(&w->client);
    free(w);
    return code;
}
