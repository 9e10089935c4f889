/* backup.c: `praxis backup`: copies of all streams while everything runs, in an order that fits
 * together.
 *
 * Order: inboxes, reports, feed, log, keys. A submission that was acknowledged before the backup is
 * then in the inboxes or decided in the log; no report and no event tells of more than the log
 * holds; and every text in the log finds its key, but no key of a person erased meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/chain.h"
#include "common/fold.h"
#include "common/vault.h"
#include "services/praxis/backup_part.h"
#include "services/praxis/backup_projections.h"
#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/options.h"
#include "services/praxis/progress.h"

enum { KEEP_KEYS_DAYS = 30, DAY_S = 86400, NAME_SIZE = 64 };

static const char reports_stream[] = "KV_PRAXIS_REPORTS";

typedef struct {
    px_client_flags where;
    const char *to;
    const char *keys_to;
    const char *projections;
    uint64_t keep_keys_days;
    bool no_inboxes;
    bool json;
} backup_flags;

typedef struct {
    char done[PX_PATH_MAX]; /* the name it gets when it is whole */
    char dir[PX_PATH_MAX];  /* until then */
    px_backup_part part;
} target;

typedef struct {
    backup_flags flags;
    px_client client;
    px_copier *copier;
    target log;
    target keys;
    px_progress progress;
    unsigned projections;
} backup_state;

static px_options_outcome read_flags(backup_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "to", "DIR", PX_OPTION_TEXT, &f->to, "directory to be made: log, feed and reports", 0,
          0 },
        { "keys-to", "DIR", PX_OPTION_TEXT, &f->keys_to,
          "directory to be made: keys of people, and inboxes (<to>.keys)", 0, 0 },
        { "projections", "DIR", PX_OPTION_TEXT, &f->projections,
          "where <service>/snapshots are: the newest of each comes along (<dir>/data)", 0, 0 },
        { "keep-keys-days", "DAYS", PX_OPTION_NUMBER, &f->keep_keys_days,
          "how long you will keep that one (30); it is only written down", 1, 3650 },
        { "no-inboxes", NULL, PX_OPTION_SWITCH, &f->no_inboxes,
          "leave out what waits to be decided, which is not sealed yet; its senders still have it",
          0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &f->json, "for a program", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { rows, px_client_options(&f->where, where) };
    const px_command_line line = {
        .usage = "praxis backup --to DIR [flags]",
        .about =
            "Copies every stream while everything runs. Two directories appear when they are\n"
            "whole: log, feed and reports in one, which may be kept for ever since personal text\n"
            "in it is sealed; keys of people and waiting submissions in the other, to be deleted\n"
            "within 30 days, because an erased person's key is still in it.\n"
            "Not in it: master.key (without it no text can be read again: keep a copy of it in\n"
            "another place) and passwords (made anew). Of projections the newest snapshots are in\n"
            "it, so that a restore need not read the whole log.\n"
            "`praxis restore` brings it back.\n",
        .groups = groups,
        .group_count = 2,
    };

    f->keep_keys_days = KEEP_KEYS_DAYS;
    return px_options_read(&line, argc, argv);
}

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis backup: %s: %s\n", what, why);
    return false;
}

/* ---- one stream ---- */

static void show(void *context, uint64_t bytes)
{
    px_progress_update(context, bytes, 0);
}

static bool copy_into(backup_state *b, target *t, const char *stream, int fd)
{
    px_backup_stream *s = &t->part.streams[t->part.count];
    px_status status;

    snprintf(s->name, sizeof s->name, "%s", stream);
    px_progress_begin(&b->progress, stream, 0);
    status = px_stream_copy_out(b->copier, stream, fd, &s->copy, show, &b->progress);
    px_progress_clear(&b->progress);
    if (status == PX_OK)
        t->part.count++;
    return status == PX_OK ? true : say(stream, px_copy_problem());
}

/* A stream that no daemon has made yet is left out. */
static bool copy(backup_state *b, target *t, const char *stream)
{
    char path[PX_PATH_MAX];
    px_stream_info info;
    px_status status = px_bus_stream_info(b->client.bus, stream, &info);

    if (status == PX_ENOTFOUND)
        return true;
    if (status != PX_OK)
        return say(stream, px_strerror(status));
    px_backup_path(t->dir, stream, path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return say(path, strerror(errno));
    bool copied = copy_into(b, t, stream, fd);
    close(fd);
    return copied;
}

static bool copy_inboxes(backup_state *b)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < PX_DAEMONS && !b->flags.no_inboxes; i++) {
        px_inbox_stream_name(px_daemon_names[i], name, sizeof name);
        if (!copy(b, &b->keys, name))
            return false;
    }
    return true;
}

/* ---- which log it is ---- */

static bool mark_at(backup_state *b, uint64_t seq, px_backup_mark *mark)
{
    uint8_t digest[PX_DIGEST_SIZE];
    px_bus_msg *msg;
    px_status status = px_bus_get(b->client.bus, px_log_stream, seq, &msg);

    if (status != PX_OK)
        return say(px_log_stream, px_strerror(status));
    px_chain_digest(msg->data, digest);
    *mark = (px_backup_mark){ seq, msg->time_ns, px_chain_tag(digest, msg->time_ns) };
    px_bus_msg_free(msg);
    return true;
}

/* What the server said when the copy began; more may have come into it since. */
static bool mark_log(backup_state *b)
{
    const px_backup_stream *log = &b->log.part.streams[b->log.part.count - 1];
    json_int_t last = json_integer_value(json_object_get(log->copy.state, "last_seq"));

    if (last > 0 &&
        (!mark_at(b, 1, &b->log.part.first) || !mark_at(b, (uint64_t)last, &b->log.part.last)))
        return false;
    b->keys.part.first = b->log.part.first;
    b->keys.part.last = b->log.part.last;
    return true;
}

/* Before the log, which then holds all that they have read. */
static bool copy_projections(backup_state *b)
{
    char data[PX_PATH_MAX];

    if (b->flags.projections)
        snprintf(data, sizeof data, "%s", b->flags.projections);
    else if (*b->client.dir)
        px_layout_path(b->client.dir, "data", data);
    else
        return true; /* another machine's */
    return px_backup_projections_save(data, b->log.dir, &b->projections);
}

static bool copy_all(backup_state *b)
{
    px_stream_info info;

    if (px_bus_stream_info(b->client.bus, px_log_stream, &info) != PX_OK)
        return say(px_log_stream, px_bus_last_error(b->client.bus));
    return copy_inboxes(b) && copy(b, &b->log, reports_stream) &&
           copy(b, &b->log, px_feed_stream) && copy_projections(b) &&
           copy(b, &b->log, px_log_stream) && mark_log(b) && copy(b, &b->keys, px_vault_stream);
}

/* ---- directories ---- */

static bool begin_target(target *t, const char *path, const char *kind, int64_t now_s)
{
    size_t size = strlen(path);

    while (size > 1 && path[size - 1] == '/')
        size--;
    if (size + 80 > PX_PATH_MAX)
        return say(path, "too long");
    snprintf(t->done, sizeof t->done, "%.*s", (int)size, path);
    snprintf(t->dir, sizeof t->dir, "%.*s.partial", (int)size, path);
    t->part.kind = kind;
    t->part.made_s = now_s;
    if (access(t->done, F_OK) == 0)
        return say(t->done, "exists; a backup is never written over another one");
    px_layout_remove(t->dir); /* of one that did not end */
    return mkdir(t->dir, 0700) == 0 ? true : say(t->dir, strerror(errno));
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced;
}

/* Under its name only when all of it is on the disk. */
static bool finish_target(target *t)
{
    char parent[PX_PATH_MAX];
    char *slash;

    if (px_backup_write(t->dir, &t->part) != PX_OK)
        return false;
    if (!sync_folder(t->dir) || rename(t->dir, t->done) != 0)
        return say(t->done, strerror(errno));
    snprintf(parent, sizeof parent, "%s", t->done);
    slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent ? 1 : 0] = '\0';
    return sync_folder(slash ? parent : ".") ? true : say(parent, strerror(errno));
}

static char *read_tenants(const char *dir)
{
    char path[PX_PATH_MAX], text[65536];
    FILE *file = fopen(px_layout_path(dir, "tenants", path), "re");
    size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;

    if (file)
        fclose(file);
    text[size] = '\0';
    return strdup(text);
}

static bool begin(backup_state *b)
{
    char keys[PX_PATH_MAX];
    int64_t now_s = (int64_t)time(NULL);

    if (!begin_target(&b->log, b->flags.to, "log", now_s))
        return false;
    snprintf(keys, sizeof keys, "%.*s.keys", PX_PATH_MAX - 8, b->log.done);
    if (!begin_target(&b->keys, b->flags.keys_to ? b->flags.keys_to : keys, "keys", now_s))
        return false;
    b->keys.part.delete_by_s = now_s + (int64_t)b->flags.keep_keys_days * DAY_S;
    b->log.part.tenants = read_tenants(b->client.dir);
    return true;
}

/* ---- what came out ---- */

static void print_part(const target *t)
{
    for (size_t i = 0; i < t->part.count; i++) {
        const px_stream_copy *c = &t->part.streams[i].copy;
        printf("  %-38s %10" JSON_INTEGER_FORMAT " messages %14" PRIu64 " bytes\n",
               t->part.streams[i].name, json_integer_value(json_object_get(c->state, "messages")),
               c->bytes);
    }
}

static void print_people(const backup_state *b)
{
    char through[32], delete_by[32];

    printf("%s: log through sequence %" PRIu64 " (%s)\n", b->log.done, b->log.part.last.seq,
           px_clock_text(b->log.part.last.time_ns / 1000000000, through));
    print_part(&b->log);
    printf("  snapshots of projections               %10u of %d daemons\n", b->projections,
           PX_DAEMONS);
    printf("%s: keys of people%s\n", b->keys.done, b->flags.no_inboxes ? "" : ", and inboxes");
    print_part(&b->keys);
    px_clock_text(b->keys.part.delete_by_s, delete_by);
    printf("\nDelete %s by %s. Until it is gone, an erasure made now is incomplete:\n"
           "whoever has it, the log and the master key can read the texts again.\n"
           "Not in it: the master key. Keep a copy of master.key in another place; without it\n"
           "no text can be read again.\n",
           b->keys.done, delete_by);
}

static void print_json(const backup_state *b)
{
    char delete_by[32];
    json_t *json = json_pack("{s:s, s:s, s:I, s:i, s:s}", "log", b->log.done, "keys", b->keys.done,
                             "log_last_seq", (json_int_t)b->log.part.last.seq, "projections",
                             (int)b->projections, "erasures_incomplete_until",
                             px_clock_text(b->keys.part.delete_by_s, delete_by));

    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

static int backup(backup_state *b)
{
    int code = px_client_open(&b->client, &b->flags.where, PX_CLIENT_OPERATOR);

    if (code != PX_EXIT_OK)
        return code;
    char prefix[PX_USER_MAX + 8];
    snprintf(prefix, sizeof prefix, "_IN_%s", b->client.user);
    bool done = begin(b) && px_copier_create(&b->copier, b->client.bus, prefix) == PX_OK &&
                copy_all(b) && finish_target(&b->keys) && finish_target(&b->log);
    px_client_close(&b->client);
    px_copier_destroy(b->copier);
    if (!done) {
        px_layout_remove(b->log.dir);
        px_layout_remove(b->keys.dir);
        return PX_EXIT_FAILED;
    }
    if (b->flags.json)
        print_json(b);
    else
        print_people(b);
    return PX_EXIT_OK;
}

int px_command_backup(int argc, char **argv)
{
    backup_state *b = calloc(1, sizeof *b);
    px_options_outcome outcome;
    int code = PX_EXIT_FAILED;

    if (!b)
        return code;
    outcome = read_flags(&b->flags, argc, argv);
    if (outcome == PX_OPTIONS_RUN && !b->flags.to) {
        fputs("praxis backup: --to says where it shall go (--help says more)\n", stderr);
        outcome = PX_OPTIONS_WRONG;
    }
    code = outcome == PX_OPTIONS_RUN ? backup(b) : px_options_exit(outcome);
    px_backup_part_fini(&b->log.part);
    px_backup_part_fini(&b->keys.part);
    free(b);
    return code;
}
