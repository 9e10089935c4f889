#include "services/praxis/verify_archive.h"

#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/archive.h"
#include "common/fold.h"
#include "services/praxis/audit.h"
#include "services/praxis/layout.h"
#include "services/praxis/log_walk.h"
#include "services/praxis/progress.h"
#include "services/praxis/projection.h"

enum { ARENA_BYTES = 64 << 20, HEX_SIZE = 2 * PX_ARCHIVE_DIGEST_SIZE + 1 };

typedef struct {
    const px_archive_check *check;
    px_archive *archive;
    px_audit audit;
    px_arena arena;
    uint64_t first_seq; /* 0: it is empty */
    uint64_t last_seq;
    uint64_t compared; /* messages that are the same in the live log */
    uint64_t live_seq; /* where that one ends */
    char digest[HEX_SIZE];
    px_projection projections[PX_DAEMONS];
    bool built[PX_DAEMONS];
} state;

static bool say(const state *s, const char *why)
{
    fprintf(stderr, "praxis verify: %s: %s\n", s->check->archive, why);
    return false;
}

/* ---- the files ---- */

static void judge(state *s, const px_archive_record *record)
{
    const px_bus_msg msg = { .seq = record->seq,
                             .time_ns = record->time_ns,
                             .subject = record->subject,
                             .data = record->data };

    px_audit_message(&s->audit, &msg, &s->arena);
    s->first_seq = s->first_seq ? s->first_seq : record->seq;
    s->last_seq = record->seq;
}

static bool read_files(state *s)
{
    px_archive_record record;
    px_status status;

    while ((status = px_archive_next(s->archive, &record)) == PX_OK)
        judge(s, &record);
    sodium_bin2hex(s->digest, sizeof s->digest, px_archive_digest(s->archive),
                   PX_ARCHIVE_DIGEST_SIZE);
    if (status == PX_EEMPTY)
        return true;
    if (status == PX_ECORRUPT && px_archive_torn(s->archive)) {
        say(s, "its end was not written; praxis archive cuts that off and goes on");
        return true;
    }
    return say(s, status == PX_ECORRUPT ? px_archive_problem(s->archive) : px_strerror(status));
}

/* ---- the live log ---- */

static px_status compare_one(void *context, const px_bus_msg *msg)
{
    state *s = context;
    px_archive_record record;
    px_status status = px_archive_next(s->archive, &record);

    if (status != PX_OK)
        return status;
    if (record.seq != msg->seq || record.time_ns != msg->time_ns ||
        strcmp(record.subject, msg->subject) != 0 || record.data.size != msg->data.size ||
        (msg->data.size > 0 && memcmp(record.data.data, msg->data.data, msg->data.size) != 0))
        return PX_EINVALID;
    s->compared = msg->seq - s->first_seq + 1;
    return PX_OK;
}

static px_status compare_all(state *s)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(s->check->live, px_log_stream, &info);

    if (status != PX_OK)
        return status;
    s->live_seq = info.last_seq;
    px_archive_close(s->archive);
    s->archive = NULL;
    status = px_archive_open(&s->archive, s->check->archive, 0, s->first_seq);
    if (status != PX_OK)
        return status;
    return px_log_walk(s->check->live, s->first_seq,
                       info.last_seq < s->last_seq ? info.last_seq : s->last_seq, compare_one, s);
}

static bool compare_live(state *s)
{
    px_status status;

    if (!s->check->live || s->first_seq == 0)
        return true;
    status = compare_all(s);
    if (status == PX_EINVALID)
        fprintf(stderr,
                "praxis verify: %s: the live log is another one: it differs at sequence %" PRIu64
                "\n",
                s->check->archive, s->first_seq + s->compared);
    else if (status != PX_OK)
        say(s, px_strerror(status));
    else if (s->live_seq < s->last_seq)
        fprintf(stderr,
                "praxis verify: %s: the live log went back: it ends at %" PRIu64
                ", the archive at %" PRIu64 "\n",
                s->check->archive, s->live_seq, s->last_seq);
    return status == PX_OK && s->live_seq >= s->last_seq;
}

/* ---- projections ---- */

static bool build(state *s, const char *base, size_t index)
{
    char settings[PX_PATH_MAX], name[128], work[PX_PATH_MAX];
    const char *service = px_daemon_names[index];

    snprintf(name, sizeof name, "config/%s.conf", service);
    bool configured = access(px_layout_path(s->check->dir, name, settings), R_OK) == 0;
    px_layout_path(base, service, work);
    s->built[index] =
        px_projection_build(configured ? s->check->dir : NULL, s->check->archive, work, service,
                            s->last_seq, &s->projections[index]) == PX_OK;
    return s->built[index];
}

static bool build_all(state *s)
{
    char base[PX_PATH_MAX];
    bool good = true;

    if (s->check->chains_only || s->last_seq == 0)
        return true;
    if (s->first_seq != 1)
        return say(s, "begins in the middle of a log: projections cannot be built from it");
    if (!px_layout_temporary("verify", base))
        return say(s, "no directory can be made to build projections in (TMPDIR says where)");
    px_interrupt_catch(); /* the directory goes, whatever happens */
    for (size_t i = 0; i < PX_DAEMONS && !px_interrupted; i++)
        good = build(s, base, i) && good;
    px_layout_remove(base);
    return good && !px_interrupted;
}

/* ---- what came out ---- */

static void print_people(const state *s)
{
    printf("archive: generation %u, sequences %" PRIu64 " to %" PRIu64 ", %" PRIu64
           " of them void\nchain:   %s\n",
           px_archive_generation(s->check->archive), s->first_seq, s->last_seq, s->audit.voids,
           s->digest);
    if (s->check->live)
        printf("live:    ends at %" PRIu64 "; %" PRIu64 " messages are the same\n", s->live_seq,
               s->compared);
    if (s->check->chains_only)
        return;
    printf("\n%-20s %10s  built from the archive alone\n", "service", "records");
    for (size_t i = 0; i < PX_DAEMONS; i++)
        if (s->built[i])
            printf("%-20s %10" PRIu64 "  %s\n", px_daemon_names[i], s->projections[i].records,
                   s->projections[i].digest);
}

static void print_json(const state *s, bool good)
{
    json_t *rows = json_array();

    for (size_t i = 0; i < PX_DAEMONS; i++)
        if (s->built[i])
            json_array_append_new(rows,
                                  json_pack("{s:s, s:I, s:I, s:s}", "service", px_daemon_names[i],
                                            "seq", (json_int_t)s->projections[i].seq, "records",
                                            (json_int_t)s->projections[i].records, "digest",
                                            s->projections[i].digest));
    json_t *all =
        json_pack("{s:b, s:i, s:I, s:I, s:I, s:s, s:I, s:o}", "ok", (int)good, "generation",
                  (int)px_archive_generation(s->check->archive), "first", (json_int_t)s->first_seq,
                  "last", (json_int_t)s->last_seq, "void", (json_int_t)s->audit.voids, "chain",
                  s->digest, "compared", (json_int_t)s->compared, "services", rows);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static bool run(state *s)
{
    if (px_archive_open(&s->archive, s->check->archive, 0, 0) != PX_OK)
        return say(s, "there is no archive");
    if (!px_arena_init(&s->arena, ARENA_BYTES))
        return say(s, px_strerror(PX_ENOMEM));
    px_audit_begin(&s->audit);
    bool good = read_files(s);
    good = compare_live(s) && good;
    good = good && build_all(s);
    if (s->check->json)
        print_json(s, good);
    else
        print_people(s);
    return good;
}

bool px_verify_archive(const px_archive_check *check)
{
    state *s = calloc(1, sizeof *s);
    bool good;

    if (!s)
        return false;
    s->check = check;
    good = run(s);
    px_archive_close(s->archive);
    px_arena_fini(&s->arena);
    free(s);
    return good;
}
