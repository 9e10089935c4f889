/* import.c: `praxis import`: tables in, by mapping files, without code. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/import_impl.h"
#include "services/praxis/mapping_set.h"

enum { SHOWN_OF_GROUP = 5, BUNDLE = 50, PX_NAME_SIZE = 80 };

static const int64_t answers_kept_us = (int64_t)34 * 24 * 3600 * 1000000;

typedef struct {
    px_mapping *mapping;
    char name[PX_NAME_SIZE]; /* of its file */
} loaded;

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* --- what is to be imported --- */

static void free_all(loaded *mappings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        px_mapping_free(mappings[i].mapping);
    free(mappings);
}

/* A mapping, or those of a set, all for the same table. */
static bool load_some(importing *im, const char *word, const char *table, loaded *mappings,
                      size_t *count)
{
    px_mapping_set set = px_mapping_set_of(word);
    char error[PX_MAPPING_ERROR_MAX];

    for (unsigned i = 0; i < set.count; i++) {
        loaded *next = &mappings[*count];

        next->mapping = px_mapping_load(set.paths[i], table, error);
        if (!next->mapping)
            return px_import_fail(im, error);
        snprintf(next->name, sizeof next->name, "%s", base_name(set.paths[i]));
        ++*count;
    }
    return true;
}

static bool is_table(const px_texts *words, size_t i)
{
    return i < words->count && !px_mapping_is(words->items[i]) &&
           !px_mapping_set_is(words->items[i]);
}

/* Words are mappings, each with the table to take in place of its own behind it. */
static loaded *load_all(importing *im, const px_texts *words, size_t *count)
{
    loaded *mappings = calloc(words->count * PX_MAPPING_SET_MAX + 1, sizeof *mappings);

    *count = 0;
    for (size_t i = 0; mappings && i < words->count; i++) {
        bool table = is_table(words, i + 1);

        if (!load_some(im, words->items[i], table ? words->items[i + 1] : NULL, mappings, count)) {
            free_all(mappings, *count);
            return NULL;
        }
        i += table;
    }
    return mappings;
}

/* --- the state file --- */

/*
 * A state that remembers what nobody here has heard of is about another place, or an emptied one:
 * it would leave out rows that are missing.
 */
static void check_state(importing *im, const char *path)
{
    const char *service, *id;
    char note[PX_PATH_MAX + 120];
    int64_t at_us;

    if (!px_import_state_sample(im->state, &service, &id, &at_us) ||
        im->stamp.created_at_us - at_us > answers_kept_us)
        return;
    px_arena_reset(&im->result_arena);
    px_asked asked = px_import_ask_result(im, service, id);
    if (!asked.code || strcmp(asked.code, "NOT_FOUND") != 0)
        return;
    snprintf(note, sizeof note, "%s is about another place; every row is sent again", path);
    px_progress_note(&im->progress, note);
    px_import_state_forget(im->state);
}

static bool open_state(importing *im)
{
    char path[PX_PATH_MAX + 20] = ".praxis-import";
    char note[PX_PATH_MAX + 200];

    if (im->state_path)
        snprintf(path, sizeof path, "%s", im->state_path);
    else if (access(im->client.dir, W_OK) == 0)
        snprintf(path, sizeof path, "%s/.praxis-import", im->client.dir);
    px_status status = px_import_state_open(&im->state, path, im->client.tenant, im->client.source);
    if (status != PX_OK) {
        snprintf(note, sizeof note, "the state file %s: %s (--state names another)", path,
                 status == PX_EMALFORMED ? "not written by praxis import" : strerror(errno));
        return px_import_fail(im, note);
    }
    check_state(im, path);
    im->stamp.created_at_us = px_import_state_begin(im->state, im->stamp.created_at_us);
    return true;
}

/* --- the whole --- */

static bool connect(importing *im, const px_client_flags *flags, int *code)
{
    px_sender_options options = { .bus = NULL,
                                  .feed_stream = px_client_feed_stream,
                                  .bundle = im->bundle,
                                  .on_result = px_import_on_result,
                                  .on_note = px_import_on_note,
                                  .stop = &px_interrupted,
                                  .context = im };

    *code = px_client_open(&im->client, flags, PX_CLIENT_SOURCE);
    if (*code != PX_EXIT_OK)
        return false;
    *code = PX_EXIT_FAILED;
    options.bus = im->client.bus;
    options.tenant = im->client.tenant;
    options.source = im->client.source;
    if (!im->actor)
        im->stamp.actor = im->client.source;
    return open_state(im) && (px_sender_create(&im->sender, &options) == PX_OK ||
                              px_import_fail(im, "out of memory"));
}

static int finish(importing *im)
{
    size_t open = im->sender ? px_sender_in_flight(im->sender) : 0;

    px_refusals_print(im->refusals, im->all ? SIZE_MAX / 2 : SHOWN_OF_GROUP);
    if (px_interrupted)
        fprintf(stderr,
                "praxis import: stopped with %zu rows sent and no result seen; run it again to go "
                "on where it stopped\n",
                open);
    else if (im->state && !im->broken && open == 0)
        px_import_state_end(im->state);
    return im->refused > 0 || im->broken || px_interrupted ? PX_EXIT_FAILED : PX_EXIT_OK;
}

static int import(importing *im, const px_client_flags *flags, const px_texts *words)
{
    size_t count = 0;
    int code = PX_EXIT_WRONG;
    loaded *mappings = load_all(im, words, &count);

    if (!mappings)
        return code;
    if (im->dry_run || connect(im, flags, &code)) {
        px_interrupt_catch();
        for (size_t i = 0; i < count && !im->broken && !px_interrupted; i++)
            px_import_mapping(im, mappings[i].mapping, mappings[i].name);
        code = finish(im);
    }
    px_sender_destroy(im->sender);
    px_import_state_close(im->state);
    px_client_close(&im->client);
    free_all(mappings, count);
    return code;
}

static bool prepare(importing *im)
{
    im->stamp = (px_stamp){ .attempt = 1,
                            .actor = im->actor ? im->actor : "import",
                            .created_at_us = px_clock_ns() / 1000,
                            .after_seq = im->after_seq,
                            .history = im->history };
    if (im->occurred_at) {
        struct tm parts = { 0 };
        const char *end = strptime(im->occurred_at, "%Y-%m-%d", &parts);
        if (end && *end == 'T')
            end = strptime(end, "T%H:%M:%SZ", &parts);
        if (!end || *end)
            return px_import_fail(im, "--occurred-at: 2026-03-14 or 2026-03-14T09:30:00Z is meant");
        im->stamp.occurred_at_us = (int64_t)timegm(&parts) * 1000000;
    }
    return true;
}

static int run(importing *im, const px_client_flags *flags, const px_texts *words)
{
    int code = PX_EXIT_WRONG;

    if (!prepare(im))
        return code;
    im->refusals = px_refusals_create();
    if (im->refusals && px_arena_init(&im->arena, PX_MAPPING_ARENA_BYTES) &&
        px_arena_init(&im->result_arena, PX_MAPPING_ARENA_BYTES)) {
        code = import(im, flags, words);
    } else {
        px_import_fail(im, "out of memory");
        code = PX_EXIT_FAILED;
    }
    px_refusals_destroy(im->refusals);
    px_arena_fini(&im->arena);
    px_arena_fini(&im->result_arena);
    return code;
}

static const char about[] =
    "Turns the rows of tables (CSV, JSON) into submissions as mapping files say,\n"
    "sends them and waits for the result of each; refused rows are listed at the end:\n"
    "line, key columns, code, text. Each mapping names its table; a file behind it is\n"
    "taken instead. Several mappings are imported one after the other, each after\n"
    "what came before is known to all daemons. The grammar of mappings is in\n"
    "demo/mappings/README.md.\n"
    "\n"
    "  praxis import competencies.json roles.json role_targets.json\n"
    "  praxis import roles.json my_roles.csv --dry-run\n"
    "\n"
    "Can be repeated, and goes on where it was stopped: .praxis-import (--state; in\n"
    "the directory of praxis run if that is at hand, else here) remembers what was\n"
    "accepted, by id, and when it was sent. Accepted rows are left out; a changed row\n"
    "has a new id and is sent; a refused row is asked again under an id ending in\n"
    "-a2, -a3, ... A stopped run goes on with its own created_at for 30 days.\n"
    "Without the file, rows whose id the daemon still knows (35 days) keep their\n"
    "first answer; older ones are recorded again.\n"
    "With --history everything counts as of the date its mapping gives (occurred_at),\n"
    "and nothing of it makes a plan by itself.\n";

int px_command_import(int argc, char **argv)
{
    importing im = { .bundle = BUNDLE };
    px_client_flags flags = { 0 };
    px_texts words = { .count = 0 };
    px_option client[PX_CLIENT_OPTIONS];
    const px_option own[] = {
        { "dry-run", NULL, PX_OPTION_SWITCH, &im.dry_run,
          "check every row against the contract, send nothing", 0, 0 },
        { "all", NULL, PX_OPTION_SWITCH, &im.all, "name every refused row, however many", 0, 0 },
        { "history", NULL, PX_OPTION_SWITCH, &im.history,
          "taken over from another system: it counts as of its dates, and makes no plan by itself",
          0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &im.json, "print every result, one JSON object a line", 0,
          0 },
        { "actor", "ID", PX_OPTION_TEXT, &im.actor,
          "who asks, where a mapping does not say (source)", 0, 0 },
        { "occurred-at", "TIME", PX_OPTION_TEXT, &im.occurred_at,
          "when it happened, where a mapping does not say (now)", 0, 0 },
        { "state", "FILE", PX_OPTION_TEXT, &im.state_path, "what was imported before", 0, 0 },
        { "bundle", "N", PX_OPTION_NUMBER, &im.bundle, "submissions in one message (50)", 1,
          PX_SENDER_BUNDLE_MAX },
        { "after-seq", "N", PX_OPTION_NUMBER, &im.after_seq,
          "log sequence the daemons must have read first", 0, UINT64_MAX },
        { 0 },
    };
    const px_option *groups[] = { own, px_client_options(&flags, client) };
    px_command_line line = {
        "praxis import MAPPING.json [TABLE] ... [flags]", about, groups, 2, &words, 1, PX_TEXTS_MAX
    };
    px_options_outcome outcome = px_options_read(&line, argc, argv);

    return outcome == PX_OPTIONS_RUN ? run(&im, &flags, &words) : px_options_exit(outcome);
}
