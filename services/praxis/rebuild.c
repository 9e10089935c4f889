/* rebuild.c: `praxis rebuild`: a projection is only a cache of the log. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "services/praxis/commands.h"
#include "services/praxis/upkeep.h"

static const char about[] =
    "Asks running daemons to build their projection again from the log, and waits until\n"
    "it is in use. It is built beside the one they have, which goes on deciding and\n"
    "answering until then. Nothing is decided anew and nothing is published twice. When\n"
    "praxis run is not running, removes the projection and its snapshots instead: it is\n"
    "then built at the next start.\n";

/* ---- nobody works on it ---- */

static int remove_files(const char *dir, const px_upkeep_flags *f)
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

static bool rebuild_running(px_bus *bus, const char *service)
{
    px_upkeep_outcome outcome;
    px_status status = px_upkeep_run(bus, service, PX_UPKEEP_REBUILD, &outcome);

    if (status != PX_OK)
        fprintf(stderr, "praxis rebuild: %s: %s\n", service,
                status == PX_ENOTFOUND ? "is not running" : px_strerror(status));
    else if (outcome.failed)
        fprintf(stderr,
                "praxis rebuild: %s: it failed, and the daemon's log says why; the "
                "projection it had is in use\n",
                service);
    else
        printf("%s: built again up to log sequence %" PRIu64 "\n", service, outcome.seq);
    return status == PX_OK && !outcome.failed;
}

static int ask_running(const px_upkeep_flags *f)
{
    px_client client;
    int code = px_client_open(&client, &f->where, PX_CLIENT_OPERATOR);

    if (code != PX_EXIT_OK)
        return code;
    for (size_t i = 0; i < f->services.count; i++)
        if (!rebuild_running(client.bus, f->services.items[i]))
            code = PX_EXIT_FAILED;
    px_client_close(&client);
    return code;
}

static int rebuild(const px_upkeep_flags *f)
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
    px_upkeep_flags f = { 0 };
    px_options_outcome outcome = px_upkeep_flags_read(&f, "rebuild", about, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    return px_upkeep_services_known(&f, "rebuild") ? rebuild(&f) : PX_EXIT_WRONG;
}
