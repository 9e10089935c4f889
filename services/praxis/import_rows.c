/* import_rows.c: the rows of one mapping: sent, answered, told. */
#include "common/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "services/praxis/import_impl.h"

bool px_import_fail(importing *im, const char *what)
{
    px_progress_clear(&im->progress);
    fprintf(stderr, "praxis import: %s\n", what);
    im->broken = true;
    return false;
}

/* --- what is said --- */

static void show_progress(importing *im)
{
    const px_import_tally *t = &im->rows;

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
            px_import_fail(im, "out of memory");
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
        px_import_fail(im, "the state file cannot be written; the import can be run again");
    report(im, row, result);
}

void px_import_on_result(void *context, uint64_t tag, const Praxis__Result *result)
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

void px_import_on_note(void *context, const char *note)
{
    importing *im = context;

    px_progress_note(&im->progress, note);
}

px_asked px_import_ask_result(importing *im, const char *service, const char *id)
{
    Praxis__GetResult request = PRAXIS__GET_RESULT__INIT;
    px_asked asked = { 0 };

    request.source = im->client.source;
    request.submission_id = (char *)(uintptr_t)id;
    px_ask_message(&im->client, service, "GetResult", &request.base, &praxis__result__descriptor,
                   &im->result_arena, &asked);
    return asked;
}

/* Gives the row the id and envelope it is sent with. */
static bool stamp_row(const importing *im, px_mapped *row, px_arena *arena)
{
    px_stamp stamp = im->stamp;

    stamp.attempt =
        px_import_state_get(im->state, px_mapping_service(im->mapping), row->id).refused + 1;
    return px_mapping_stamp(row, &stamp, arena);
}

/* The row was imported before by somebody with another state file: its first answer stands. */
static void settle_reused(importing *im, size_t number)
{
    px_arena_reset(&im->result_arena);
    px_mapped row = px_mapping_row(im->mapping, number, &im->result_arena);
    px_mapped sent = row;
    stamp_row(im, &sent, &im->result_arena);
    px_asked asked = px_import_ask_result(im, px_mapping_service(im->mapping), sent.id);
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
    px_import_known known =
        px_import_state_get(im->state, px_mapping_service(im->mapping), row->id);

    if (known.accepted) {
        im->rows.known++;
        show_progress(im);
        return true;
    }
    px_bytes packed = { 0 };
    if (stamp_row(im, row, &im->arena))
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
    return status == PX_OK || (status == PX_ENOMEM && px_import_fail(im, "out of memory"));
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
    const px_import_tally *t = &im->rows;

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
        px_import_fail(im, "out of memory");
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

void px_import_mapping(importing *im, const px_mapping *mapping, const char *name)
{
    im->mapping = mapping;
    im->file = base_name(px_mapping_file(mapping));
    im->rows = (px_import_tally){ 0 };
    px_progress_begin(&im->progress, name, px_mapping_rows(mapping));
    import_rows(im);
    px_progress_clear(&im->progress);
    print_tally(im, name);
    im->refused += im->rows.refused;
}
