/* snapshot.c: `praxis snapshot`: a copy of a projection, taken now. */
#include <inttypes.h>
#include <stdio.h>

#include "services/praxis/commands.h"
#include "services/praxis/upkeep.h"

static const char about[] =
    "Asks running daemons to take a snapshot of their projection, and waits until it is\n"
    "on the disk. It lies in the snapshots folder of the daemon's data directory; a daemon\n"
    "whose projection is lost or damaged starts from the newest one that fits the log, and\n"
    "reads the rest from there. Daemons take one by themselves every --snapshot-minutes.\n";

static bool take(px_bus *bus, const char *service)
{
    px_upkeep_outcome outcome;
    px_status status = px_upkeep_run(bus, service, PX_UPKEEP_SNAPSHOT, &outcome);

    if (status != PX_OK)
        fprintf(stderr, "praxis snapshot: %s: %s\n", service,
                status == PX_ENOTFOUND ? "is not running" : px_strerror(status));
    else if (outcome.failed)
        fprintf(stderr, "praxis snapshot: %s: it failed, and the daemon's log says why\n", service);
    else if (outcome.seq == 0)
        printf("%s: the log is empty, and so is the projection\n", service);
    else
        printf("%s: snapshot at log sequence %" PRIu64 "\n", service, outcome.seq);
    return status == PX_OK && !outcome.failed;
}

static int take_all(const px_upkeep_flags *f)
{
    px_client client;
    int code = px_client_open(&client, &f->where, PX_CLIENT_OPERATOR);

    if (code != PX_EXIT_OK)
        return code;
    for (size_t i = 0; i < f->services.count; i++)
        if (!take(client.bus, f->services.items[i]))
            code = PX_EXIT_FAILED;
    px_client_close(&client);
    return code;
}

int px_command_snapshot(int argc, char **argv)
{
    px_upkeep_flags f = { 0 };
    px_options_outcome outcome = px_upkeep_flags_read(&f, "snapshot", about, argc, argv);

    if (outcome != PX_OPTIONS_RUN)
        return px_options_exit(outcome);
    return px_upkeep_services_known(&f, "snapshot") ? take_all(&f) : PX_EXIT_WRONG;
}
