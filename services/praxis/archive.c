/* archive.c: `praxis archive`: every message of the log into an archive (common/archive.h), as it
 * comes.
 *
 * Before anything is appended, on every connection, the last message archived is compared with the
 * log: a log that went back or is another one never ends up behind the one that is archived.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/archive.h"
#include "common/chain.h"
#include "common/fold.h"
#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/options.h"
#include "services/praxis/progress.h"

enum { SYNC_MS = 1000, WAIT_MS = 200, SILENCE_MS = 10000 };

typedef struct {
    px_client_flags where;
    const char *to;
    uint64_t segment_bytes;
    bool once;
    bool new_generation;
} archive_flags;

typedef struct {
    archive_flags flags;
    px_client client;
    px_archive_writer *writer;
    px_archive_end end; /* what is archived */
    uint64_t begun_seq; /* before this run */
    uint64_t log_seq;   /* --once: where the log ended at the start */
    uint64_t epoch;     /* of the connection that was compared; 0: none */
    px_reader *log;
    int64_t heard_ms;
    int64_t synced_ms;
    bool dirty;
    px_progress progress;
} archive_state;

static px_options_outcome read_flags(archive_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "to", "DIR", PX_OPTION_TEXT, &f->to, "directory of the archive, made if missing", 0, 0 },
        { "once", NULL, PX_OPTION_SWITCH, &f->once, "stop where the log ends now", 0, 0 },
        { "new-generation", NULL, PX_OPTION_SWITCH, &f->new_generation,
          "begin another copy beside what is there: the log went back or was replaced", 0, 0 },
        { "segment-bytes", "BYTES", PX_OPTION_NUMBER, &f->segment_bytes,
          "when a file is ended and the next one begun (268435456)", 1024, UINT64_C(1) << 40 },
        { 0 },
    };
    const px_option *groups[] = { rows, px_client_options(&f->where, where) };
    const px_command_line line = {
        .usage = "praxis archive --to DIR [flags]",
        .about =
            "Follows the log and appends every message to plain files with digests, synced every\n"
            "second, until it is stopped; goes on where it was, also after a crash. What is there\n"
            "is never written over: if the log is another one, it stops and says so.\n"
            "`praxis verify --archive DIR` checks it, and rebuilds the projections from it alone.\n"
            "Personal text in it is sealed: destroying a person's key erases it here too.\n",
        .groups = groups,
        .group_count = 2,
    };

    return px_options_read(&line, argc, argv);
}

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis archive: %s: %s\n", what, why);
    return false;
}

/* ---- is it the log that is archived ---- */

static bool diverged(const archive_state *a, const char *how)
{
    fprintf(stderr,
            "praxis archive: %s: the log %s; generation %u (through sequence %" PRIu64
            ") is kept as it is. To archive this log beside it: --new-generation\n",
            a->flags.to, how, a->end.generation, a->end.seq);
    return false;
}

static bool is_ours(const archive_state *a, const px_bus_msg *msg)
{
    uint8_t digest[PX_DIGEST_SIZE];

    px_chain_digest(msg->data, digest);
    return msg->time_ns == a->end.time_ns &&
           memcmp(digest, a->end.message, sizeof a->end.message) == 0;
}

static bool compare(archive_state *a)
{
    px_stream_info info;
    px_bus_msg *msg;
    px_status status = px_bus_stream_info(a->client.bus, px_log_stream, &info);

    if (status != PX_OK)
        return status == PX_ENOTFOUND && a->end.seq > 0
                   ? diverged(a, "is gone")
                   : say(px_log_stream, px_bus_last_error(a->client.bus));
    a->log_seq = a->log_seq ? a->log_seq : info.last_seq;
    if (a->end.seq == 0)
        return true;
    if (info.last_seq < a->end.seq)
        return diverged(a, "went back: it ends before the archive");
    status = px_bus_get(a->client.bus, px_log_stream, a->end.seq, &msg);
    if (status != PX_OK)
        return status == PX_ENOTFOUND ? diverged(a, "no longer has the last message archived")
                                      : say(px_log_stream, px_bus_last_error(a->client.bus));
    bool ours = is_ours(a, msg);
    px_bus_msg_free(msg);
    return ours ? true : diverged(a, "is another one: it differs at the last message archived");
}

/* ---- following ---- */

/* False only for what a person must look at. */
static bool attach(archive_state *a)
{
    uint64_t epoch = px_bus_epoch(a->client.bus);

    px_reader_close(a->log);
    a->log = NULL;
    a->epoch = 0;
    if (epoch == 0) {
        px_bus_wait(a->client.bus, WAIT_MS);
        return true;
    }
    if (!compare(a))
        return px_bus_epoch(a->client.bus) != epoch; /* it broke meanwhile: again */
    if (px_reader_open(&a->log, a->client.bus, px_log_stream, a->end.seq + 1) == PX_OK)
        a->epoch = epoch;
    a->heard_ms = px_clock_ms();
    return true;
}

static bool sync_now(archive_state *a)
{
    a->synced_ms = px_clock_ms();
    a->dirty = false;
    return px_archive_sync(a->writer) == PX_OK ? true : say(a->flags.to, "cannot be written");
}

static bool append(archive_state *a, const px_bus_msg *msg)
{
    const px_archive_record record = { msg->seq, msg->time_ns, msg->subject, msg->data };
    px_status status = px_archive_append(a->writer, &record);

    if (status != PX_OK)
        return say(a->flags.to, px_strerror(status));
    a->end.seq = msg->seq;
    a->end.time_ns = msg->time_ns;
    px_chain_digest(msg->data, a->end.message);
    a->heard_ms = px_clock_ms();
    a->dirty = true;
    px_progress_update(&a->progress, a->end.seq, 0);
    return true;
}

/* One message, or a look around. */
static bool turn(archive_state *a)
{
    px_bus_msg *msg;
    px_status status = PX_EDISCONNECTED;
    bool good = true;

    if (a->dirty && px_clock_ms() - a->synced_ms >= SYNC_MS && !sync_now(a))
        return false;
    if (a->epoch != 0 && a->epoch == px_bus_epoch(a->client.bus))
        status = px_reader_next(a->log, &msg);
    if (status == PX_OK) {
        if (msg->seq == a->end.seq + 1)
            good = append(a, msg);
        else
            a->epoch = 0; /* a gap: compared and read anew */
        px_bus_msg_free(msg);
        return good;
    }
    if (status == PX_EEMPTY &&
        (px_reader_caught_up(a->log) || px_clock_ms() - a->heard_ms < SILENCE_MS)) {
        px_bus_wait(a->client.bus, WAIT_MS);
        return true;
    }
    return attach(a);
}

static bool follow(archive_state *a)
{
    bool good = attach(a);

    a->synced_ms = px_clock_ms();
    while (good && !px_interrupted && !(a->flags.once && a->epoch && a->end.seq >= a->log_seq))
        good = turn(a);
    px_progress_clear(&a->progress);
    px_reader_close(a->log);
    return good;
}

static bool open_archive(archive_state *a)
{
    const px_archive_options options = { .segment_bytes = a->flags.segment_bytes,
                                         .new_generation = a->flags.new_generation };
    char problem[PX_ARCHIVE_PROBLEM_SIZE];
    px_status status = px_archive_append_to(&a->writer, a->flags.to, &options, &a->end, problem);

    if (status == PX_EBUSY)
        return say(a->flags.to, "another praxis archive writes to it");
    if (status == PX_ECORRUPT)
        fprintf(stderr,
                "praxis archive: %s: damaged (%s); it is kept as it is. --new-generation makes a "
                "whole copy beside it\n",
                a->flags.to, problem);
    else if (status != PX_OK)
        say(a->flags.to, px_strerror(status));
    if (status == PX_OK && a->end.cut_bytes > 0)
        fprintf(stderr,
                "praxis archive: %s: the last %" PRIu64
                " bytes were not written to their end and are cut off; going on after sequence "
                "%" PRIu64 "\n",
                a->flags.to, a->end.cut_bytes, a->end.seq);
    a->begun_seq = a->end.seq;
    return status == PX_OK;
}

static int archive(archive_state *a)
{
    if (!open_archive(a))
        return PX_EXIT_FAILED;
    int code = px_client_open(&a->client, &a->flags.where, PX_CLIENT_OPERATOR);
    if (code != PX_EXIT_OK)
        return code;
    px_interrupt_catch();
    px_progress_begin(&a->progress, "archived through", 0);
    bool good = follow(a) && sync_now(a);
    if (good)
        printf("%s: generation %u through sequence %" PRIu64 ", %" PRIu64 " messages more\n",
               a->flags.to, a->end.generation, a->end.seq, a->end.seq - a->begun_seq);
    return good ? PX_EXIT_OK : PX_EXIT_FAILED;
}

int px_command_archive(int argc, char **argv)
{
    archive_state *a = calloc(1, sizeof *a);
    px_options_outcome outcome = a ? read_flags(&a->flags, argc, argv) : PX_OPTIONS_WRONG;
    int code;

    if (outcome == PX_OPTIONS_RUN && !a->flags.to) {
        fputs("praxis archive: --to says where it shall go (--help says more)\n", stderr);
        outcome = PX_OPTIONS_WRONG;
    }
    code = outcome == PX_OPTIONS_RUN ? archive(a) : px_options_exit(outcome);
    if (a) {
        px_client_close(&a->client);
        px_archive_writer_close(a->writer);
    }
    free(a);
    return code;
}
