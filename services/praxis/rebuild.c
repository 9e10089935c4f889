/* rebuild.c: `praxis rebuild`: a projection is only a cache of the log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/options.h"
#include "services/praxis/projection.h"

enum { LOOK_MS = 20, STARTS_OVER_LOOKS = 50 };

typedef struct {
    px_client_flags where;
    px_texts services;
    bool all;
} rebuild_flags;

static px_options_outcome read_flags(rebuild_flags *f, int argc, char **argv)
{
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "all", NULL, PX_OPTION_SWITCH, &f->all, "all five, one after another", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { px_client_options(&f->where, where), rows };
    const px_command_line line = {
        .usage = "praxis rebuild <service>... | --all [flags]",
        .about =
            "Asks running daemons to empty their projection and build it again from the log,\n"
            "and waits until they answer questions again. Nothing is decided anew and nothing\n"
            "is published twice. When praxis run is not running, removes the files of the\n"
            "projection instead: it is then built at the next start.\n",
        .groups = groups,
        .group_count = 2,
        .arguments = &f->services,
        .arguments_max = PX_DAEMONS,
    };

    return px_options_read(&line, argc, argv);
}

static bool services_known(rebuild_flags *f)
{
    if (f->all && f->services.count == 0) {
        for (size_t i = 0; i < PX_DAEMONS; i++)
            f->services.items[f->services.count++] = px_daemon_names[i];
        return true;
    }
    for (size_t i = 0; i < f->services.count; i++) {
        if (px_daemon_index(f->services.items[i]) >= 0)
            continue;
        fprintf(stderr, "praxis rebuild: there is no service %s; there are", f->services.items[i]);
        for (size_t k = 0; k < PX_DAEMONS; k++)
            fprintf(stderr, "%s %s", k > 0 ? "," : "", px_daemon_names[k]);
        fputc('\n', stderr);
        return false;
    }
    if (f->services.count == 0 || f->all)
        fputs("praxis rebuild: name the services, or give --all (--help says more)\n", stderr);
    return f->services.count > 0 && !f->all;
}

/* ---- nobody works on it ---- */

static int remove_files(const char *dir, const rebuild_flags *f)
{
    char name[128], path[PX_PATH_MAX];

    for (size_t i = 0; i < f->services.count; i++) {
        snprintf(name, sizeof name, "data/%s", f->services.items[i]);
        if (px_layout_remove(px_layout_path(dir, name, path)) != PX_OK) {
            fprintf(stderr, "praxis rebuild: %s cannot be removed\n", path);
            return PX_EXIT_FAILED;
        }
        printf("%s: removed; it is built from the log at the next praxis run\n",
               f->services.items[i]);
    }
    return PX_EXIT_OK;
}

/* ---- they are running ---- */

static px_status look(px_bus *bus, const char *service, px_projection *now)
{
    nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000 }, NULL);
    return px_projection_ask(bus, service, now);
}

/* First it starts over, which may be too quick to be seen; then it is where it was, however long
 * that takes. */
static px_status wait_ready(px_bus *bus, const char *service, uint64_t seq, px_projection *now)
{
    px_status status = look(bus, service, now);

    for (int i = 0; i < STARTS_OVER_LOOKS && status == PX_OK && now->ready && now->seq >= seq; i++)
        status = look(bus, service, now);
    while (status == PX_OK && (!now->ready || now->seq < seq))
        status = look(bus, service, now);
    return status;
}

static bool rebuild_running(px_bus *bus, const char *service)
{
    px_projection before, after;
    px_status status = px_projection_ask(bus, service, &before);

    if (status == PX_OK)
        status = px_projection_rebuild(bus, service);
    if (status == PX_OK)
        status = wait_ready(bus, service, before.seq, &after);
    if (status == PX_OK) {
        printf("%s: built again up to log sequence %llu, %llu records\n", service,
               (unsigned long long)after.seq, (unsigned long long)after.records);
        return true;
    }
    fprintf(stderr, "praxis rebuild: %s: %s\n", service,
            status == PX_ENOTFOUND ? "is not running" : px_strerror(status));
    return false;
}

static int ask_running(const rebuild_flags *f)
{
    px_client client;
    int code = PX_EXIT_OK;

    if (px_client_open(&client, &f->where, PX_CLIENT_OPERATOR) != PX_OK)
        return PX_EXIT_FAILED;
    for (size_t i = 0; i < f->services.count; i++)
        if (!rebuild_running(client.bus, f->services.items[i]))
            code = PX_EXIT_FAILED;
    px_client_close(&client);
    return code;
}

static int rebuild(const rebuild_flags *f)
{
    const char *dir = px_client_directory(&f->where);
    char connection[PX_PATH_MAX];
    int lock, code;

    if (f->where.url)
        return ask_running(f);
    if (access(px_layout_path(dir, "connection", connection), F_OK) != 0) {
        fprintf(stderr, "praxis rebuild: %s is not a directory of praxis run\n", dir);
        return PX_EXIT_FAILED;
    }
    lock = px_layout_lock(dir);
    if (lock < 0)
        return ask_running(f);
    code = remove_files(dir, f);
    close(lock);
    return code;
}

int px_command_rebuild(int argc, char **argv)
{
    rebuild_flags f = { 0 };
    px_options_outcome outcome = read_flags(&f, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    return services_known(&f) ? rebuild(&f) : PX_EXIT_WRONG;
}
