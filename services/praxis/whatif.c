/* whatif.c: `praxis whatif`: everybody's plan under other settings, on the same history. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fold.h"
#include "services/learning-recommender/service.h"
#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/projection.h"
#include "services/praxis/whatif_report.h"
#include "services/praxis/whatif_settings.h"

static const char service[] = "learning-recommender";

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
    uint64_t seq; /* where the log ends */
    int64_t time_us;
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
          "a directory of praxis archive instead of the live log, without NATS", 0, 0 },
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

/* ---- where the log ends ---- */

static px_status end_of_archive(whatif_state *w)
{
    px_archive_record record;
    px_archive *archive;
    uint64_t first;
    px_status status = px_archive_range(w->flags.archive, 0, &first, &w->seq);

    if (status != PX_OK || w->seq == 0)
        return status != PX_OK ? status : PX_EEMPTY;
    status = px_archive_open(&archive, w->flags.archive, 0, w->seq);
    if (status != PX_OK)
        return status;
    status = px_archive_next(archive, &record);
    if (status == PX_OK)
        w->time_us = record.time_ns / 1000;
    px_archive_close(archive);
    return status;
}

static px_status end_of_log(whatif_state *w)
{
    px_stream_info info = { 0 };
    px_bus_msg *msg;
    px_status status = px_bus_stream_info(w->client.bus, px_log_stream, &info);

    if (status != PX_OK || info.last_seq == 0)
        return status != PX_OK ? status : PX_EEMPTY;
    w->seq = info.last_seq;
    status = px_bus_get(w->client.bus, px_log_stream, w->seq, &msg);
    if (status != PX_OK)
        return status;
    w->time_us = msg->time_ns / 1000;
    px_bus_msg_free(msg);
    return PX_OK;
}

static bool find_end(whatif_state *w)
{
    const char *what = w->flags.archive ? w->flags.archive : "the log";
    px_status status;

    if (!w->flags.archive &&
        px_client_open(&w->client, &w->flags.where, PX_CLIENT_OPERATOR) != PX_OK)
        return false;
    status = w->flags.archive ? end_of_archive(w) : end_of_log(w);
    if (status == PX_EEMPTY)
        return say(what, "there is nothing in it");
    return status == PX_OK ? true : say(what, px_strerror(status));
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

static void print_report(whatif_state *w)
{
    time_t seconds = (time_t)(w->time_us / 1000000);
    char text[32];
    struct tm utc;

    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &utc));
    px_whatif_finish(&w->report, w->seq, text);
}

static bool plan(whatif_state *w, px_store *store)
{
    px_txn *view = px_store_read(store);
    bool good = view && all_known(w, view);

    if (good) {
        learning_whatif(view, w->time_us, &w->other.settings, px_whatif_add, &w->report);
        good = px_txn_status(view) == PX_OK || say("the projection", "cannot be read");
    }
    px_txn_abort(view);
    if (good)
        print_report(w);
    return good;
}

static bool open_and_plan(whatif_state *w, const char *work)
{
    const px_store_options options = { .directory = work,
                                       .layout = px_learning_recommender_service.layout };
    px_store *store;
    bool fresh, good;
    px_status status = px_store_open(&store, &options, &fresh);

    if (status != PX_OK)
        return say(work, px_strerror(status));
    good = fresh ? say(service, "is of another version than this command") : plan(w, store);
    px_store_close(store);
    return good;
}

/* ---- the projection ---- */

static bool fold(whatif_state *w, const char *work)
{
    const char *dir = w->flags.archive ? px_client_directory(&w->flags.where) : w->client.dir;
    char name[128], settings[PX_PATH_MAX];
    px_projection projection;

    snprintf(name, sizeof name, "config/%s.conf", service);
    bool configured = access(px_layout_path(dir, name, settings), R_OK) == 0;
    return px_projection_fold(configured || !w->flags.archive ? dir : NULL, w->flags.archive, work,
                              service, w->seq, &projection) == PX_OK;
}

static bool whatif(whatif_state *w)
{
    const char *temporary = getenv("TMPDIR");
    char base[PX_PATH_MAX], work[PX_PATH_MAX];

    if (!find_end(w))
        return false;
    snprintf(base, sizeof base, "%s/praxis-whatif-XXXXXX",
             temporary && *temporary ? temporary : "/tmp");
    if (!mkdtemp(base))
        return say(base, "no directory can be made to fold the log in");
    px_layout_path(base, service, work);
    bool good = fold(w, work) && open_and_plan(w, work);
    px_layout_remove(base);
    return good;
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
        code = whatif(w) ? PX_EXIT_OK : PX_EXIT_FAILED;
    }
    json_decref(w->report.rows);
    px_client_close(&w->client);
    free(w);
    return code;
}
