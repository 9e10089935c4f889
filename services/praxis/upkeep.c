#include "services/praxis/upkeep.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/codec.h"
#include "praxis/log/v1/projection.pb-c.h"

enum {
    ASK_MS = 60000,
    ARENA_BYTES = 1 << 16,
    ANSWER_BYTES_MAX = 4096,
    LOOK_MS = 20,
    GONE_LOOKS = 250
};

static const px_scan_limits answer_limits = { ANSWER_BYTES_MAX, 2, 32, 8, true };

/* ---- the command line ---- */

px_options_outcome px_upkeep_flags_read(px_upkeep_flags *f, const char *command, const char *about,
                                        int argc, char **argv)
{
    char usage[80];
    px_option where[PX_CLIENT_OPTIONS];
    const px_option rows[] = {
        { "all", NULL, PX_OPTION_SWITCH, &f->all, "all five, one after another", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { px_client_options(&f->where, where), rows };
    const px_command_line line = {
        .usage = usage,
        .about = about,
        .groups = groups,
        .group_count = 2,
        .arguments = &f->services,
        .arguments_max = PX_DAEMONS,
    };

    snprintf(usage, sizeof usage, "praxis %s <service>... | --all [flags]", command);
    return px_options_read(&line, argc, argv);
}

bool px_upkeep_services_known(px_upkeep_flags *f, const char *command)
{
    if (f->all && f->services.count == 0) {
        for (size_t i = 0; i < PX_DAEMONS; i++)
            f->services.items[f->services.count++] = px_daemon_names[i];
        return true;
    }
    for (size_t i = 0; i < f->services.count; i++) {
        if (px_daemon_index(f->services.items[i]) >= 0)
            continue;
        fprintf(stderr, "praxis %s: there is no service %s; there are", command,
                f->services.items[i]);
        for (size_t k = 0; k < PX_DAEMONS; k++)
            fprintf(stderr, "%s %s", k > 0 ? "," : "", px_daemon_names[k]);
        fputc('\n', stderr);
        return false;
    }
    if (f->services.count == 0 || f->all)
        fprintf(stderr, "praxis %s: name the services, or give --all (--help says more)\n",
                command);
    return f->services.count > 0 && !f->all;
}

/* ---- a running daemon ---- */

/* One question; the answer is in the arena. */
static px_status ask(px_bus *bus, const char *service, const char *question,
                     const ProtobufCMessageDescriptor *type, px_arena *arena, void *answer)
{
    char subject[160];
    px_codec_error error;
    px_bus_msg *reply;
    px_status status;
    void *message = NULL;

    snprintf(subject, sizeof subject, "praxis.admin.%s.%s", service, question);
    status = px_bus_request(bus, &(px_bus_out){ .subject = subject }, ASK_MS, &reply);
    if (status != PX_OK)
        return status;
    px_arena_reset(arena);
    if (px_codec_scan(type, reply->data, &answer_limits, arena, &error))
        message = px_codec_unpack(type, reply->data, arena);
    px_bus_msg_free(reply);
    *(void **)answer = message;
    return message != NULL ? PX_OK : PX_EMALFORMED;
}

/* What was asked of whom. */
typedef struct {
    char instance[PX_PATH_MAX];
    uint64_t done;   /* what its counter reaches when it is through */
    uint64_t failed; /* how many had failed before */
    px_upkeep_task task;
} errand;

static px_status begin(px_bus *bus, const char *service, px_arena *arena, errand *e)
{
    const PraxisLog__RebuildStarted *rebuild;
    const PraxisLog__SnapshotStarted *snapshot;
    px_status status;

    if (e->task == PX_UPKEEP_REBUILD) {
        status =
            ask(bus, service, "Rebuild", &praxis_log__rebuild_started__descriptor, arena, &rebuild);
        if (status != PX_OK)
            return status;
        e->done = rebuild->rebuilds_done;
        e->failed = rebuild->rebuilds_failed;
        snprintf(e->instance, sizeof e->instance, "%s", rebuild->instance);
        return PX_OK;
    }
    status =
        ask(bus, service, "Snapshot", &praxis_log__snapshot_started__descriptor, arena, &snapshot);
    if (status != PX_OK)
        return status;
    e->done = snapshot->snapshots_done;
    e->failed = snapshot->snapshots_failed;
    snprintf(e->instance, sizeof e->instance, "%s", snapshot->instance);
    return PX_OK;
}

static uint64_t done_of(const errand *e, const PraxisLog__Upkeep *now)
{
    return e->task == PX_UPKEEP_REBUILD ? now->rebuilds_done : now->snapshots_done;
}

static uint64_t failed_of(const errand *e, const PraxisLog__Upkeep *now)
{
    return e->task == PX_UPKEEP_REBUILD ? now->rebuilds_failed : now->snapshots_failed;
}

/* There may be two copies, and either may answer: only who was asked knows. */
static px_status look(px_bus *bus, const char *service, px_arena *arena, const errand *e,
                      const PraxisLog__Upkeep **now)
{
    for (unsigned looks = 0; looks < GONE_LOOKS; looks++) {
        px_status status = ask(bus, service, "Upkeep", &praxis_log__upkeep__descriptor, arena, now);

        if (status != PX_OK || strcmp((*now)->instance, e->instance) == 0)
            return status;
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000 }, NULL);
    }
    return PX_EDISCONNECTED;
}

static px_status wait(px_bus *bus, const char *service, px_arena *arena, const errand *e,
                      px_upkeep_outcome *outcome)
{
    const PraxisLog__Upkeep *now;
    px_status status = look(bus, service, arena, e, &now);

    while (status == PX_OK && (done_of(e, now) < e->done || !now->ready)) {
        nanosleep(&(struct timespec){ .tv_nsec = LOOK_MS * 1000000 }, NULL);
        status = look(bus, service, arena, e, &now);
    }
    if (status != PX_OK)
        return status;
    outcome->seq = e->task == PX_UPKEEP_REBUILD ? now->seq : now->snapshot_seq;
    outcome->failed = failed_of(e, now) > e->failed;
    return PX_OK;
}

px_status px_upkeep_run(px_bus *bus, const char *service, px_upkeep_task task,
                        px_upkeep_outcome *outcome)
{
    errand e = { .task = task };
    px_arena arena;
    px_status status = PX_ENOMEM;

    if (px_arena_init(&arena, ARENA_BYTES))
        status = begin(bus, service, &arena, &e);
    if (status == PX_OK)
        status = wait(bus, service, &arena, &e, outcome);
    px_arena_fini(&arena);
    return status;
}
