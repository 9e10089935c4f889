/* import.c: `praxis import`: tables in, by mapping files, without code. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/codec.h"
#include "services/praxis/ask.h"
#include "services/praxis/commands.h"
#include "services/praxis/contract.h"
#include "services/praxis/import_state.h"
#include "services/praxis/mapping.h"
#include "services/praxis/outcome.h"
#include "services/praxis/progress.h"
#include "services/praxis/sender.h"

enum { SHOWN_OF_GROUP = 5, BUNDLE = 50 };

static const int64_t answers_kept_us = (int64_t)34 * 24 * 3600 * 1000000;

typedef struct {
    px_mapping *mapping;
    const char *name; /* of its file */
} loaded;

/* What became of the rows of one mapping. */
typedef struct {
    uint64_t accepted;
    uint64_t refused;
    uint64_t known; /* accepted in an earlier run */
    uint64_t skipped;
} tally;

typedef struct {
    const char *state_path;
    const char *actor;
    const char *occurred_at;
    bool dry_run;
    bool json;
    bool all;
    uint64_t bundle;
    uint64_t after_seq;
    px_client client;
    px_sender *sender;
    px_import_state *state;
    px_refusals *refusals;
    px_progress progress;
    px_stamp stamp;
    px_arena arena;        /* of the row being sent */
    px_arena result_arena; /* of the row whose result is here */
    const px_mapping *mapping;
    const char *file; /* name of its table */
    tally rows;
    uint64_t refused; /* of all mappings */
    size_t *reused;   /* rows whose id was used before, and no state says so */
    size_t reused_count;
    bool broken;
} importing;

static bool fail(importing *im, const char *what)
{
    px_progress_clear(&im->progress);
    fprintf(stderr, "praxis import: %s\n", what);
    im->broken = true;
    return false;
}

/* --- what is said --- */

static void show_progress(importing *im)
{
    const tally *t = &im->rows;

    px_progress_update(&im->progress, t->accepted + t->refused + t->known + t->skipped, t->refused);
}

static void report(importing *im, const px_mapped *row, const Praxis__Result *result)
{
    px_outcome_line outcome = { .file = im->file,
                                .line = row->line,
                                .key = row->key,
                                .service = px_mapping_service(im->mapping),
                                .id = result ? result->submission_id : row->id,
                                .result = result,
                                .code = row->code,
                                .field = row->field,
                                .text = row->text };

    if (px_outcome_accepted(&outcome)) {
        im->rows.accepted++;
    } else {
        im->rows.refused++;
        if (!im->json && !px_refusals_add(im->refusals, &outcome))
            fail(im, "out of memory");
    }
    if (im->json)
        px_outcome_print_json(&outcome);
    show_progress(im);
}

static void report_skipped(importing *im, const px_mapped *row)
{
    im->rows.skipped++;
    px_progress_clear(&im->progress);
    fprintf(im->json ? stderr : stdout, "%s line %zu (%s): SKIPPED: %s\n", im->file, row->line,
            row->key, row->text);
}

/* --- results --- */

static void settle(importing *im, const px_mapped *row, const Praxis__Result *result)
{
    const char *service = px_mapping_service(im->mapping);
    bool accepted = result->outcome_case == PRAXIS__RESULT__OUTCOME_ACCEPTED;
    unsigned attempt = px_import_state_get(im->state, service, row->id).refused + 1;

    if (px_import_state_put(im->state, service, row->id, attempt,
                            accepted ? NULL : result->rejected->code) != PX_OK)
        fail(im, "the state file cannot be written; the import can be run again");
    report(im, row, result);
}

static void on_result(void *context, uint64_t tag, const Praxis__Result *result)
{
    importing *im = context;

    px_arena_reset(&im->result_arena);
    px_mapped row = px_mapping_row(im->mapping, (size_t)tag, &im->result_arena);
    if (result->outcome_case == PRAXIS__RESULT__OUTCOME_REJECTED &&
        strcmp(result->rejected->code, "ID_REUSED") == 0)
        im->reused[im->reused_count++] = (size_t)tag; /* asked for when all is sent */
    else
        settle(im, &row, result);
}

static void on_note(void *context, const char *note)
{
    importing *im = context;

    px_progress_note(&im->progress, note);
}

static px_asked ask_result(importing *im, const char *service, const char *id)
{
    Praxis__GetResult request = PRAXIS__GET_RESULT__INIT;
    px_asked asked = { 0 };

    request.source = im->client.source;
    request.submission_id = (char *)(uintptr_t)id;
    px_ask_message(&im->client, service, "GetResult", &request.base, &praxis__result__descriptor,
                   &im->result_arena, &asked);
    return asked;
}

/* The row was imported before by somebody with another state file: its first answer stands. */
static void settle_reused(importing *im, size_t number)
{
    px_arena_reset(&im->result_arena);
    px_mapped row = px_mapping_row(im->mapping, number, &im->result_arena);
    px_asked asked = ask_result(im, px_mapping_service(im->mapping), row.id);
    const Praxis__Result *first = (const Praxis__Result *)asked.message;

    if (first && first->outcome_case != PRAXIS__RESULT__OUTCOME__NOT_SET) {
        settle(im, &row, first);
    } else {
        row.code = "ID_REUSED";
        row.text = px_reason_text(PX_REASON_ID_REUSED);
        report(im, &row, NULL);
    }
}

/* --- sending --- */

static bool send_row(importing *im, size_t number, px_mapped *row)
{
    px_stamp stamp = im->stamp;
    px_import_known known =
        px_import_state_get(im->state, px_mapping_service(im->mapping), row->id);

    if (known.accepted) {
        im->rows.known++;
        show_progress(im);
        return true;
    }
    stamp.attempt = known.refused + 1;
    px_bytes packed = { 0 };
    if (px_mapping_stamp(row, &stamp, &im->arena))
        packed = px_codec_pack(row->message, &im->arena);
    if (!packed.data) {
        row->code = px_reason_code(PX_REASON_TOO_LARGE);
        row->text = px_reason_text(PX_REASON_TOO_LARGE);
        report(im, row, NULL);
        return true;
    }
    px_sending sending = { .service = px_mapping_service(im->mapping),
                           .type = px_mapping_type(im->mapping),
                           .id = row->id,
                           .bytes = packed,
                           .tag = number };
    px_status status = px_sender_put(im->sender, &sending);
    return status == PX_OK || (status == PX_ENOMEM && fail(im, "out of memory"));
}

static void check_row(importing *im, px_mapped *row)
{
    px_codec_error error;

    if (!px_mapping_stamp(row, &im->stamp, &im->arena) ||
        !px_codec_check(row->message, &im->arena, &error)) {
        bool full = px_arena_overflowed(&im->arena);
        row->code = px_reason_code(full ? PX_REASON_TOO_LARGE : error.reason);
        row->field = full ? "" : error.field;
        row->text = px_reason_text(full ? PX_REASON_TOO_LARGE : error.reason);
        report(im, row, NULL);
    } else {
        im->rows.accepted++;
        show_progress(im);
    }
}

/* False: stop. */
static bool take_row(importing *im, size_t number)
{
    px_arena_reset(&im->arena);
    px_mapped row = px_mapping_row(im->mapping, number, &im->arena);

    if (row.state == PX_MAPPED_SKIPPED)
        report_skipped(im, &row);
    else if (row.state == PX_MAPPED_REFUSED)
        report(im, &row, NULL);
    else if (im->dry_run)
        check_row(im, &row);
    else
        return send_row(im, number, &row);
    return !im->broken && !px_interrupted;
}

/* --- one mapping --- */

static void print_tally(const importing *im, const char *path)
{
    const tally *t = &im->rows;

    if (im->json)
        return;
    printf("%s: %zu rows: %" PRIu64 " %s, %" PRIu64 " refused", path, px_mapping_rows(im->mapping),
           t->accepted, im->dry_run ? "would be sent" : "accepted", t->refused);
    if (t->known > 0)
        printf(", %" PRIu64 " imported before", t->known);
    if (t->skipped > 0)
        printf(", %" PRIu64 " skipped", t->skipped);
    putchar('\n');
}

static void settle_all_reused(importing *im)
{
    for (size_t i = 0; i < im->reused_count && !px_interrupted; i++)
        settle_reused(im, im->reused[i]);
}

static void import_rows(importing *im)
{
    size_t count = px_mapping_rows(im->mapping);
    bool going = true;

    im->reused = calloc(count + 1, sizeof *im->reused);
    im->reused_count = 0;
    if (!im->reused) {
        fail(im, "out of memory");
        return;
    }
    for (size_t i = 0; i < count && going; i++)
        going = take_row(im, i);
    if (!im->dry_run && px_sender_finish(im->sender) == PX_OK) {
        settle_all_reused(im);
        /* What the next mapping names is known to every daemon that has folded this far. */
        uint64_t seq = px_sender_count(im->sender).log_seq;
        im->stamp.after_seq = seq > im->stamp.after_seq ? seq : im->stamp.after_seq;
    }
    free(im->reused);
    im->reused = NULL;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static void import_mapping(importing *im, const loaded *mapping)
{
    im->mapping = mapping->mapping;
    im->file = base_name(px_mapping_file(mapping->mapping));
    im->rows = (tally){ 0 };
    px_progress_begin(&im->progress, mapping->name, px_mapping_rows(mapping->mapping));
    import_rows(im);
    px_progress_clear(&im->progress);
    print_tally(im, mapping->name);
    im->refused += im->rows.refused;
}

/* --- what is to be imported --- */

static void free_all(loaded *mappings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        px_mapping_free(mappings[i].mapping);
    free(mappings);
}

/* Words are mappings, each with the table to take in place of its own behind it. */
static loaded *load_all(importing *im, const px_texts *words, size_t *count)
{
    loaded *mappings = calloc(words->count + 1, sizeof *mappings);
    char error[PX_MAPPING_ERROR_MAX];

    *count = 0;
    for (size_t i = 0; mappings && i < words->count; i++) {
        bool table = i + 1 < words->count && !px_mapping_is(words->items[i + 1]);
        px_mapping *mapping =
            px_mapping_load(words->items[i], table ? words->items[i + 1] : NULL, error);
        if (!mapping) {
            fail(im, error);
            free_all(mappings, *count);
            return NULL;
        }
        mappings[*count].name = base_name(words->items[i]);
        mappings[(*count)++].mapping = mapping;
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
    px_asked asked = ask_result(im, service, id);
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
        return fail(im, note);
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
                                  .on_result = on_result,
                                  .on_note = on_note,
                                  .stop = &px_interrupted,
                                  .context = im };
    px_status status = px_client_open(&im->client, flags, PX_CLIENT_SOURCE);

    *code = status == PX_EINVALID ? PX_EXIT_WRONG : PX_EXIT_FAILED;
    if (status != PX_OK)
        return false;
    options.bus = im->client.bus;
    options.tenant = im->client.tenant;
    options.source = im->client.source;
    if (!im->actor)
        im->stamp.actor = im->client.source;
    return open_state(im) &&
           (px_sender_create(&im->sender, &options) == PX_OK || fail(im, "out of memory"));
}

static int finish(importing *im)
{
    size_t open = im->sender ? px_sender_in_flight(im->sender) : 0;

    px_refusals_print(im->refusals, im->all ? SIZE_MAX - 1 : SHOWN_OF_GROUP);
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
            import_mapping(im, &mappings[i]);
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
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    im->stamp = (px_stamp){ .attempt = 1,
                            .actor = im->actor ? im->actor : "import",
                            .after_seq = im->after_seq };
    im->stamp.created_at_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
    if (im->occurred_at) {
        struct tm parts = { 0 };
        const char *end = strptime(im->occurred_at, "%Y-%m-%d", &parts);
        if (end && *end == 'T')
            end = strptime(end, "T%H:%M:%SZ", &parts);
        if (!end || *end)
            return fail(im, "--occurred-at: 2026-03-14 or 2026-03-14T09:30:00Z is meant");
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
        fail(im, "out of memory");
        code = PX_EXIT_FAILED;
    }
    px_refusals_destroy(im->refusals);
    px_arena_fini(&im->arena);
    px_arena_fini(&im->result_arena);
    return code;
}

static const char about[] = "Turns the rows of tables (CSV, JSON) into submissions as mapping "
                            "files say, sends them and waits\n"
                            "for the result of each; refused rows are listed at the end: line, key "
                            "columns, code, text. Each\n"
                            "mapping names its table; a file behind it is taken instead. Several "
                            "mappings are imported one\n"
                            "after the other, each after what came before is known to all daemons. "
                            "The grammar of mappings is\n"
                            "in demo/mappings/README.md.\n\n"
                            "  praxis import competencies.json roles.json role_targets.json\n"
                            "  praxis import roles.json my_roles.csv --dry-run\n\n"
                            "Can be repeated, and goes on where it was stopped: .praxis-import "
                            "(--state; in the directory of\n"
                            "praxis run if that is at hand, else here) remembers what was "
                            "accepted, by id, and when it was\n"
                            "sent. Accepted rows are left out; a changed row has a new id and is "
                            "sent; a refused row is asked\n"
                            "again under an id ending in -a2, -a3, ... A stopped run goes on with "
                            "its own created_at for 30\n"
                            "days. Without the file, rows whose id the daemon still knows (35 "
                            "days) keep their first answer;\n"
                            "older ones are recorded again.\n";

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
