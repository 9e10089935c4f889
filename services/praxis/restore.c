/* restore.c: `praxis restore`: nothing is touched until every file is known to be good, and nothing
 * gets its name until everything is back and fits together.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/vault.h"
#include "services/praxis/backup_log.h"
#include "services/praxis/backup_projections.h"
#include "services/praxis/client.h"
#include "services/praxis/clock.h"
#include "services/praxis/commands.h"
#include "services/praxis/lone_server.h"
#include "services/praxis/options.h"
#include "services/praxis/progress.h"
#include "services/praxis/restore_check.h"

typedef struct {
    const char *from;
    const char *projections;
    const char *keys;
    const char *master;
    const char *dir;
    const char *url;
    const char *user;
    const char *password_file;
    bool without_keys;
    bool json;
} restore_flags;

typedef struct {
    restore_flags flags;
    px_backup_part log;
    px_backup_part keys;
    bool has_keys;
    bool copied_master;
    char keys_dir[PX_PATH_MAX];
    char dir[PATH_MAX]; /* "" with --url */
    char master[PX_PATH_MAX];
    px_lone_server server;
    px_client client; /* with --url */
    px_restore_report report;
    unsigned projections;
} restore_state;

static const char half_store[] = "nats.restore";

static px_options_outcome read_flags(restore_flags *f, int argc, char **argv)
{
    const px_option rows[] = {
        { "from", "DIR", PX_OPTION_TEXT, &f->from, "of praxis backup: log, feed and reports", 0,
          0 },
        { "keys", "DIR", PX_OPTION_TEXT, &f->keys,
          "its other part, or that of a later backup (<from>.keys)", 0, 0 },
        { "without-keys", NULL, PX_OPTION_SWITCH, &f->without_keys,
          "there are none any more: every text becomes unreadable, all else comes back", 0, 0 },
        { "dir", "DIR", PX_OPTION_TEXT, &f->dir, "an installation without streams, made if missing",
          0, 0 },
        { "master-key-file", "FILE", PX_OPTION_TEXT, &f->master,
          "the copy of master.key that you kept (<dir>/master.key)", 0, 0 },
        { "projections", "DIR", PX_OPTION_TEXT, &f->projections,
          "where the daemons' data directories are, <DIR>/<service> (<dir>/data)", 0, 0 },
        { "url", "URL", PX_OPTION_TEXT, &f->url,
          "instead of --dir: a running server that has none of these streams", 0, 0 },
        { "user", "NAME", PX_OPTION_TEXT, &f->user,
          "there: in the daemons' account, allowed to restore", 0, 0 },
        { "password-file", "FILE", PX_OPTION_TEXT, &f->password_file,
          "there: file with that user's password", 0, 0 },
        { "json", NULL, PX_OPTION_SWITCH, &f->json, "for a program", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { rows };
    const px_command_line line = {
        .usage = "praxis restore --from DIR --dir NEW [flags]",
        .about =
            "Checks every digest of a backup, restores its streams with their sequences and\n"
            "times, checks the chains of the log and that the master key opens the keys, and only\n"
            "then puts the result in its place. Streams that exist are never written over.\n"
            "Daemons started on it begin with the snapshots in it that fit the log. Take the "
            "newest\n"
            "keys there are: with those of the backup itself, people erased since come back.\n",
        .groups = groups,
        .group_count = 1,
    };

    return px_options_read(&line, argc, argv);
}

static bool say(const char *what, const char *why)
{
    fprintf(stderr, "praxis restore: %s: %s\n", what, why);
    return false;
}

/* ---- the backup ---- */

static void show(void *context, uint64_t bytes)
{
    px_progress_update(context, bytes, 0);
}

static bool check_files(const char *dir, const px_backup_part *part)
{
    px_progress progress;

    px_progress_begin(&progress, "checking", 0);
    px_status status = px_backup_check(dir, part, show, &progress);
    px_progress_clear(&progress);
    return status == PX_OK;
}

static bool same_installation(const restore_state *r)
{
    if (r->keys.first.tag == r->log.first.tag && r->keys.first.time_ns == r->log.first.time_ns)
        return true;
    return say(r->keys_dir, "keys of another installation: its log does not begin as this one");
}

static bool read_keys(restore_state *r)
{
    snprintf(r->keys_dir, sizeof r->keys_dir, "%s%s", r->flags.keys ? r->flags.keys : r->flags.from,
             r->flags.keys ? "" : ".keys");
    if (access(r->keys_dir, F_OK) != 0)
        return say(r->keys_dir, "missing keys: without them every text is unreadable; name them "
                                "with --keys, or give --without-keys");
    r->has_keys = px_backup_read(r->keys_dir, "keys", &r->keys) == PX_OK;
    return r->has_keys && same_installation(r) && check_files(r->keys_dir, &r->keys);
}

static bool read_backup(restore_state *r)
{
    return px_backup_read(r->flags.from, "log", &r->log) == PX_OK &&
           check_files(r->flags.from, &r->log) && (r->flags.without_keys || read_keys(r));
}

/* ---- where to ---- */

/* praxis run would make a new master key, under which no restored key opens. */
static bool place_master(restore_state *r)
{
    char shown[PX_PATH_MAX];

    px_layout_path(r->dir, "master.key", r->master);
    if (access(r->master, F_OK) == 0)
        return !r->flags.master ? true : say(r->master, "is there already: leave out one of them");
    if (!r->has_keys)
        return true;
    if (!r->flags.master) {
        snprintf(shown, sizeof shown, "%.*s", PX_PATH_MAX - 1, r->master);
        return say(shown, "no master key: put your copy there, or name it with --master-key-file");
    }
    if (px_vault_copy_master(r->flags.master, r->master) != PX_OK)
        return say(r->flags.master, "is not a master key, or cannot be copied");
    r->copied_master = true;
    return true;
}

static bool take_directory(restore_state *r)
{
    char path[PX_PATH_MAX];

    if (px_layout_make(r->flags.dir) != PX_OK)
        return false;
    if (!realpath(r->flags.dir, r->dir) || strlen(r->dir) + 200 > PX_PATH_MAX)
        return say(r->flags.dir, "cannot be used");
    if (px_layout_lock(r->dir) < 0) /* held until this process ends */
        return say(r->dir, "is in use by praxis run, or cannot be locked");
    if (!px_layout_is_empty(px_layout_path(r->dir, "nats", path)))
        return say(path, "holds streams: nothing is restored over them");
    if (!px_layout_is_empty(px_layout_path(r->dir, "data", path)))
        return say(path, "holds projections of before: remove them, they are rebuilt");
    return px_layout_remove(px_layout_path(r->dir, half_store, path)) == PX_OK && place_master(r);
}

static bool open_target(restore_state *r, px_bus **bus)
{
    px_client_flags where = { .url = r->flags.url,
                              .user = r->flags.user,
                              .password_file = r->flags.password_file,
                              .tenant = "none" };

    if (!r->flags.url) {
        if (!take_directory(r) || px_lone_server_start(&r->server, r->dir, half_store) != PX_OK)
            return false;
        *bus = r->server.bus;
        return true;
    }
    if (r->flags.master)
        snprintf(r->master, sizeof r->master, "%s", r->flags.master);
    if (px_client_open(&r->client, &where, PX_CLIENT_OPERATOR) != PX_EXIT_OK)
        return false;
    *bus = r->client.bus;
    return true;
}

/* ---- bringing it back ---- */

static bool none_there(px_bus *bus, const px_backup_part *part)
{
    px_stream_info info;

    for (size_t i = 0; i < part->count; i++) {
        px_status status = px_bus_stream_info(bus, part->streams[i].name, &info);
        if (status == PX_OK)
            return say(part->streams[i].name, "exists there: nothing is restored over it");
        if (status != PX_ENOTFOUND)
            return say(part->streams[i].name, px_bus_last_error(bus));
    }
    return true;
}

static bool bring_back(px_bus *bus, const char *dir, const px_backup_part *part)
{
    for (size_t i = 0; i < part->count; i++)
        if (!px_backup_stream_back(bus, dir, &part->streams[i]))
            return false;
    return true;
}

static bool restore_streams(restore_state *r, px_bus *bus)
{
    return none_there(bus, &r->log) && none_there(bus, &r->keys) &&
           bring_back(bus, r->flags.from, &r->log) && bring_back(bus, r->keys_dir, &r->keys) &&
           px_restore_check_log(bus, &r->log, &r->report) == PX_OK &&
           (!r->has_keys || !r->master[0] ||
            px_restore_check_keys(bus, r->master, &r->report) == PX_OK);
}

/* The empty store that px_layout_make() made gives way. */
static bool give_name(restore_state *r)
{
    char half[PX_PATH_MAX], store[PX_PATH_MAX], tenants[PX_PATH_MAX];
    int fd = open(r->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done;

    px_layout_path(r->dir, half_store, half);
    px_layout_path(r->dir, "nats", store);
    px_layout_path(r->dir, "tenants", tenants);
    done = access(tenants, F_OK) == 0 || !*r->log.tenants ||
           px_layout_write(tenants, r->log.tenants) == PX_OK;
    done = done && rename(half, store) == 0 && fd >= 0 && fsync(fd) == 0;
    if (!done)
        say(store, strerror(errno));
    if (fd >= 0)
        close(fd);
    return done;
}

/* They save time and are believed only by a daemon that finds its log message in the log, so one
 * that does not come back is no reason to give up what has. */
static void place_projections(restore_state *r)
{
    char data[PX_PATH_MAX];

    if (r->flags.projections)
        snprintf(data, sizeof data, "%s", r->flags.projections);
    else if (r->dir[0])
        px_layout_path(r->dir, "data", data);
    else
        return;
    if (!px_backup_projections_place(r->flags.from, data, &r->projections))
        say(data, "not all projections are back; daemons build them from the log");
}

/* ---- what came out ---- */

static void print_people(const restore_state *r)
{
    char through[32];

    printf("Restored: the log through sequence %" PRIu64 " (%s), %" PRIu64
           " void; what came after that is lost.\n",
           r->report.log_seq, px_clock_text(r->report.log_time_ns / 1000000000, through),
           r->report.voids);
    if (!r->has_keys)
        puts("Without keys: no text in it can be read.");
    else if (r->master[0])
        printf("%" PRIu64 " keys of people, all open under this master key.\n", r->report.keys);
    if (r->has_keys && r->keys.last.seq < r->log.last.seq)
        puts("The keys are older than the log: texts of people whose first text came between the "
             "two\ncannot be read; people erased between the two are erased again.");
    printf("%u of %d daemons have a snapshot to start from; the others, and those whose snapshot "
           "does not\nfit this log, build their projection from its beginning. Senders send again "
           "what has no\nresult yet. Whoever was erased after this backup must be erased again.\n",
           r->projections, PX_DAEMONS);
}

static void print_json(const restore_state *r)
{
    json_t *json =
        json_pack("{s:I, s:I, s:I, s:i, s:b}", "log_last_seq", (json_int_t)r->report.log_seq,
                  "void", (json_int_t)r->report.voids, "keys", (json_int_t)r->report.keys,
                  "projections", (int)r->projections, "with_keys", (int)r->has_keys);

    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

/* As if it had never been tried. */
static void take_back(restore_state *r)
{
    char half[PX_PATH_MAX];

    if (r->dir[0])
        px_layout_remove(px_layout_path(r->dir, half_store, half));
    if (r->copied_master)
        unlink(r->master);
}

static int restore(restore_state *r)
{
    px_bus *bus = NULL;
    bool done = read_backup(r) && open_target(r, &bus) && restore_streams(r, bus);

    px_client_close(&r->client);
    done = px_lone_server_stop(&r->server) == PX_OK && done;
    if (done && r->dir[0])
        done = give_name(r);
    if (done)
        place_projections(r);
    if (!done) {
        take_back(r);
        return PX_EXIT_FAILED;
    }
    if (r->flags.json)
        print_json(r);
    else
        print_people(r);
    return PX_EXIT_OK;
}

int px_command_restore(int argc, char **argv)
{
    restore_state *r = calloc(1, sizeof *r);
    px_options_outcome outcome;
    int code = PX_EXIT_FAILED;

    if (!r)
        return code;
    outcome = read_flags(&r->flags, argc, argv);
    if (outcome == PX_OPTIONS_RUN && (!r->flags.from || !r->flags.dir == !r->flags.url)) {
        fputs("praxis restore: --from and one of --dir and --url are needed (--help says more)\n",
              stderr);
        outcome = PX_OPTIONS_WRONG;
    }
    code = outcome == PX_OPTIONS_RUN ? restore(r) : px_options_exit(outcome);
    px_backup_part_fini(&r->log);
    px_backup_part_fini(&r->keys);
    free(r);
    return code;
}
