/* verify.c: `praxis verify`: the log is a chain, and every projection is what the log says. */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fold.h"
#include "services/praxis/audit.h"
#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/log_walk.h"
#include "services/praxis/options.h"
#include "services/praxis/projection.h"
#include "services/praxis/verify_archive.h"

enum { ARENA_BYTES = 64 << 20, VOIDS_SHOWN = 20 };

typedef struct {
    px_client_flags where;
    const char *archive;
    bool offline;
    bool json;
    bool chains_only;
} verify_flags;

typedef struct {
    px_projection live;
    px_projection rebuilt;
    const char *trouble; /* NULL: both are known */
    bool equal;
} comparison;

typedef struct {
    verify_flags flags;
    px_client client;
    px_audit audit;
    px_arena arena;
    json_t *voids; /* the first ones: seq, subject, why */
    comparison rows[PX_DAEMONS];
} verify_state;

static px_options_outcome read_flags(verify_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "chains-only", NULL, PX_OPTION_SWITCH, &f->chains_only,
          "check the log; build no projections", 0, 0 },
        { "archive", "DIR", PX_OPTION_TEXT, &f->archive,
          "check a directory of praxis archive instead, and compare it with the live log", 0, 0 },
        { "offline", NULL, PX_OPTION_SWITCH, &f->offline,
          "with --archive: without a live log, from these files alone", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &f->json, "for a program", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { px_client_options(&f->where, where), rows };
    const px_command_line line = {
        .usage = "praxis verify [flags]",
        .about =
            "Reads the whole log: number, digest of the batch before and basis of every batch.\n"
            "Then builds the projection of each daemon again from the log, beside the live\n"
            "one, and compares their digests at the same log sequence.\n"
            "Needs the directory of praxis run. Fails (1) on any difference.\n"
            "With --archive: every digest of its files, the same chains, each message against the\n"
            "live log, and the projections built from the files alone, without NATS.\n",
        .groups = groups,
        .group_count = 2,
    };

    return px_options_read(&line, argc, argv);
}

/* ---- the log ---- */

static px_status judge(void *context, const px_bus_msg *msg)
{
    verify_state *v = context;
    const char *why = px_audit_message(&v->audit, msg, &v->arena);

    if (why && json_array_size(v->voids) < VOIDS_SHOWN)
        json_array_append_new(v->voids, json_pack("{s:I, s:s, s:s}", "seq", (json_int_t)msg->seq,
                                                  "subject", msg->subject, "why", why));
    return PX_OK;
}

static px_status check_chains(verify_state *v)
{
    px_stream_info info = { 0 };
    px_status status = px_bus_stream_info(v->client.bus, px_log_stream, &info);

    if (status == PX_OK)
        status = px_log_walk(v->client.bus, 1, info.last_seq, judge, v);
    if (status == PX_ECORRUPT)
        fprintf(stderr, "praxis verify: the log has a gap after %" PRIu64 "\n", v->audit.seq);
    else if (status != PX_OK)
        fprintf(stderr, "praxis verify: the log cannot be read after %" PRIu64 ": %s (%s)\n",
                v->audit.seq, px_strerror(status), px_bus_last_error(v->client.bus));
    return status;
}

/* ---- projections ---- */

static void compare(verify_state *v, size_t index, const char *work)
{
    comparison *row = &v->rows[index];
    const char *service = px_daemon_names[index];
    px_status status = px_projection_ask(v->client.bus, service, &row->live);

    if (status != PX_OK) {
        row->trouble = status == PX_ENOTFOUND ? "not running" : "does not answer";
        return;
    }
    if (row->live.seq == 0) { /* nothing to fold */
        row->rebuilt = row->live;
        row->equal = row->live.records == 0;
        return;
    }
    if (px_projection_build(v->client.dir, NULL, work, service, row->live.seq, &row->rebuilt) !=
        PX_OK) {
        row->trouble = "cannot be rebuilt";
        return;
    }
    row->equal = row->rebuilt.seq == row->live.seq && row->rebuilt.records == row->live.records &&
                 strcmp(row->rebuilt.digest, row->live.digest) == 0;
}

static bool compare_all(verify_state *v)
{
    char base[PX_PATH_MAX], work[PX_PATH_MAX];
    bool equal = true;

    px_layout_path(v->client.dir, "verify", base);
    if (mkdir(base, 0700) == 0 || errno == EEXIST) {
        if (px_layout_lock(base) < 0) {
            fprintf(stderr, "praxis verify: another one is running in %s\n", v->client.dir);
            return false;
        }
    }
    for (size_t i = 0; i < PX_DAEMONS; i++) {
        compare(v, i, px_layout_path(base, px_daemon_names[i], work));
        equal = equal && v->rows[i].equal;
    }
    px_layout_remove(base);
    return equal;
}

/* ---- what came out ---- */

static uint64_t batches_of(const verify_state *v, const char *service)
{
    const px_audit_chain *chain = px_audit_find(&v->audit, service);

    return chain ? chain->batches : 0;
}

static uint64_t voids_of(const verify_state *v, const char *service)
{
    const px_audit_chain *chain = px_audit_find(&v->audit, service);

    return chain ? chain->voids : 0;
}

static void print_row(const verify_state *v, size_t index)
{
    const char *name = px_daemon_names[index];
    const comparison *row = &v->rows[index];

    printf("%-20s %8" PRIu64 " %5" PRIu64, name, batches_of(v, name), voids_of(v, name));
    if (v->flags.chains_only)
        putchar('\n');
    else if (row->trouble)
        printf("  %s\n", row->trouble);
    else
        printf(" %10" PRIu64 " %10" PRIu64 "  %.16s  %.16s  %s\n", row->live.seq, row->live.records,
               row->live.digest, row->rebuilt.digest, row->equal ? "yes" : "NO");
}

static void print_table(const verify_state *v, bool good)
{
    const json_t *one;
    size_t i;

    printf("log: %" PRIu64 " messages, %" PRIu64 " of them void\n", v->audit.seq, v->audit.voids);
    json_array_foreach(v->voids, i, one)
    {
        printf("  void: %" JSON_INTEGER_FORMAT " on %s: %s\n",
               json_integer_value(json_object_get(one, "seq")),
               json_string_value(json_object_get(one, "subject")),
               json_string_value(json_object_get(one, "why")));
    }
    printf("\n%-20s %8s %5s", "service", "batches", "void");
    puts(v->flags.chains_only
             ? ""
             : "        seq    records  live              rebuilt           equal");
    for (i = 0; i < PX_DAEMONS; i++)
        print_row(v, i);
    if (v->flags.chains_only)
        puts("\nEvery batch that counts extends its chain.");
    else
        puts(good ? "\nA rebuild from the log gives the same bytes."
                  : "\nNOT verified: see the rows above.");
}

static json_t *row_json(const verify_state *v, size_t index)
{
    const char *name = px_daemon_names[index];
    const comparison *row = &v->rows[index];
    json_t *json =
        json_pack("{s:s, s:I, s:I}", "service", name, "batches", (json_int_t)batches_of(v, name),
                  "void", (json_int_t)voids_of(v, name));

    if (row->trouble)
        json_object_set_new(json, "trouble", json_string(row->trouble));
    else if (!v->flags.chains_only)
        json_object_update_new(
            json, json_pack("{s:I, s:I, s:s, s:s, s:b}", "seq", (json_int_t)row->live.seq,
                            "records", (json_int_t)row->live.records, "live", row->live.digest,
                            "rebuilt", row->rebuilt.digest, "equal", (int)row->equal));
    return json;
}

static void print_json(const verify_state *v, bool good)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < PX_DAEMONS; i++)
        json_array_append_new(rows, row_json(v, i));
    json_t *all = json_pack("{s:b, s:I, s:I, s:O, s:o}", "ok", (int)good, "messages",
                            (json_int_t)v->audit.seq, "void", (json_int_t)v->audit.voids, "voids",
                            v->voids, "services", rows);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static int verify_archive(verify_state *v)
{
    int code = v->flags.offline ? PX_EXIT_OK
                                : px_client_open(&v->client, &v->flags.where, PX_CLIENT_OPERATOR);

    if (code != PX_EXIT_OK)
        return code;
    return px_verify_archive(&(px_archive_check){ .archive = v->flags.archive,
                                                  .dir = px_client_directory(&v->flags.where),
                                                  .live = v->client.bus,
                                                  .chains_only = v->flags.chains_only,
                                                  .json = v->flags.json })
               ? PX_EXIT_OK
               : PX_EXIT_FAILED;
}

static int verify(verify_state *v)
{
    bool good;

    if (v->flags.archive)
        return verify_archive(v);
    int code = px_client_open(&v->client, &v->flags.where, PX_CLIENT_OPERATOR);
    if (code != PX_EXIT_OK)
        return code;
    px_audit_begin(&v->audit);
    if (check_chains(v) != PX_OK)
        return PX_EXIT_FAILED;
    good = v->flags.chains_only || compare_all(v);
    if (v->flags.json)
        print_json(v, good);
    else
        print_table(v, good);
    return good ? PX_EXIT_OK : PX_EXIT_FAILED;
}

int px_command_verify(int argc, char **argv)
{
    verify_state *v = calloc(1, sizeof *v);
    px_options_outcome outcome;
    int code = PX_EXIT_FAILED;

    if (!v)
        return code;
    outcome = read_flags(&v->flags, argc, argv);
    v->voids = json_array();
    if (outcome != PX_OPTIONS_RUN)
        code = px_options_exit(outcome);
    else if (v->voids && px_arena_init(&v->arena, ARENA_BYTES))
        code = verify(v);
    px_client_close(&v->client);
    px_arena_fini(&v->arena);
    json_decref(v->voids);
    free(v);
    return code;
}
