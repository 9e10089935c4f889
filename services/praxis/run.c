/* run.c: `praxis run`: everything under one directory, in the foreground. */
#include <errno.h> /* program_invocation_name */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "services/praxis/binaries.h"
#include "services/praxis/client.h"
#include "services/praxis/commands.h"
#include "services/praxis/files.h"
#include "services/praxis/options.h"
#include "services/praxis/probe.h"
#include "services/praxis/supervise.h"

enum { PORT = 14222, HEALTH_BASE = 9471, CHILDREN = PX_DAEMONS + 1, ARGV_SIZE = 4 };

typedef struct {
    px_client_flags where; /* only --dir of it */
    uint64_t port;
    uint64_t health_base;
    px_texts tenants;
    px_texts sources;
    const char *clock;
    bool foreground_logs;
} run_flags;

typedef struct {
    run_flags flags;
    char shown_dir[PX_PATH_MAX];
    char dir[PATH_MAX]; /* absolute */
    px_sources known;
    char paths[CHILDREN][PX_PATH_MAX];
    char config[CHILDREN][PX_PATH_MAX];
    char logs[CHILDREN][PX_PATH_MAX];
    char *argv[CHILDREN][ARGV_SIZE];
    px_supervise_plan plan;
} run_state;

static px_options_outcome read_flags(run_flags *f, int argc, char **argv)
{
    const px_option rows[] = {
        { "dir", "DIR", PX_OPTION_TEXT, &f->where.dir,
          "where everything is kept, made if missing (praxis-data; PRAXIS_DIR)", 0, 0 },
        { "port", "PORT", PX_OPTION_NUMBER, &f->port, "of nats-server (14222)", 1, 65535 },
        { "health-base", "PORT", PX_OPTION_NUMBER, &f->health_base,
          "of the first daemon's /readyz and /metrics, the others follow (9471)", 1,
          65535 - PX_DAEMONS },
        { "tenant", "NAME", PX_OPTION_TEXTS, &f->tenants,
          "an organisation; may come again (acme); kept for the next start", 0, 0 },
        { "source", "NAME", PX_OPTION_TEXTS, &f->sources,
          "a system that submits, of the first tenant, or TENANT/NAME; may come again (hr)", 0, 0 },
        { "clock", "CLOCK", PX_OPTION_TEXT, &f->clock,
          "wall (default), or event: now is the latest occurred_at submitted", 0, 0 },
        { "foreground-logs", NULL, PX_OPTION_SWITCH, &f->foreground_logs,
          "every line the daemons log, not only warnings and errors", 0, 0 },
        { 0 },
    };
    const px_option *groups[] = { rows };
    const px_command_line line = {
        .usage = "praxis run [flags]",
        .about = "Starts nats-server and the five daemons and keeps them running until Ctrl-C.\n"
                 "Everything is under one directory: configuration, passwords, keys, streams,\n"
                 "projections, logs. Started again, it goes on where it was.\n",
        .groups = groups,
        .group_count = 1,
    };

    *f = (run_flags){ .port = PORT, .health_base = HEALTH_BASE, .clock = "wall" };
    return px_options_read(&line, argc, argv);
}

/* ---- tenants and sources ---- */

static bool add_source(px_sources *known, const char *tenant, const char *name)
{
    px_status status = px_sources_add(known, tenant, name);

    if (status == PX_OK)
        return true;
    fprintf(stderr, "praxis run: %s/%s: %s\n", tenant, name,
            status == PX_EFULL ? "too many sources"
                               : "tenants and sources are letters, digits, - and _ (at most 64), "
                                 "and no source has the name of a daemon, operator, keeper or sys");
    return false;
}

static bool has_tenant(const px_sources *known, const char *tenant)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->items[i].tenant, tenant) == 0)
            return true;
    return false;
}

static const char *first_tenant(const run_state *r)
{
    if (r->known.count > 0)
        return r->known.items[0].tenant;
    return r->flags.tenants.count > 0 ? r->flags.tenants.items[0] : "acme";
}

static bool add_given(run_state *r, const char *given)
{
    char tenant[PX_NAME_MAX + 2];
    const char *slash = strchr(given, '/');

    if (!slash)
        return add_source(&r->known, first_tenant(r), given);
    snprintf(tenant, sizeof tenant, "%.*s", (int)(slash - given), given);
    return add_source(&r->known, tenant, slash + 1);
}

/* Those of earlier starts stay; a tenant that nobody speaks for gets the source hr. */
static bool gather_sources(run_state *r)
{
    if (px_layout_sources(r->dir, &r->known) != PX_OK)
        return false;
    /* The first tenant must come first, whatever the order of the flags. */
    if (r->known.count == 0 && r->flags.sources.count == 0 &&
        !add_source(&r->known, first_tenant(r), "hr"))
        return false;
    for (size_t i = 0; i < r->flags.sources.count; i++)
        if (!strchr(r->flags.sources.items[i], '/') && !add_given(r, r->flags.sources.items[i]))
            return false;
    for (size_t i = 0; i < r->flags.sources.count; i++)
        if (strchr(r->flags.sources.items[i], '/') && !add_given(r, r->flags.sources.items[i]))
            return false;
    for (size_t i = 0; i < r->flags.tenants.count; i++)
        if (!has_tenant(&r->known, r->flags.tenants.items[i]) &&
            !add_source(&r->known, r->flags.tenants.items[i], "hr"))
            return false;
    return true;
}

/* ---- before anything is started ---- */

static bool port_free(uint16_t port, const char *whose, const char *flag)
{
    if (px_probe_free(port))
        return true;
    fprintf(stderr, "praxis run: port %u, for %s, is in use on 127.0.0.1; choose another: %s\n",
            (unsigned)port, whose, flag);
    return false;
}

static bool ports_free(const run_flags *f)
{
    char whose[80];

    if (!port_free((uint16_t)f->port, "nats-server", "--port"))
        return false;
    for (unsigned i = 0; i < PX_DAEMONS; i++) {
        snprintf(whose, sizeof whose, "the health of %s", px_daemon_names[i]);
        if (!port_free((uint16_t)(f->health_base + i), whose, "--health-base"))
            return false;
    }
    return true;
}

static bool take_directory(run_state *r)
{
    snprintf(r->shown_dir, sizeof r->shown_dir, "%s", px_client_directory(&r->flags.where));
    if (px_layout_make(r->shown_dir) != PX_OK)
        return false;
    if (!realpath(r->shown_dir, r->dir) || px_layout_make(r->dir) != PX_OK) {
        fprintf(stderr, "praxis run: %s cannot be used\n", r->shown_dir);
        return false;
    }
    int lock = px_layout_lock(r->dir); /* held until this process ends */
    if (lock == -1)
        fprintf(stderr, "praxis run: %s is in use by another praxis run\n", r->shown_dir);
    else if (lock < 0)
        fprintf(stderr, "praxis run: %s cannot be locked\n", r->shown_dir);
    return lock >= 0;
}

static void plan_child(run_state *r, size_t index, const char *name, const char *flag,
                       const char *config)
{
    char log[128];

    snprintf(log, sizeof log, "logs/%s.log", name);
    px_layout_path(r->dir, log, r->logs[index]);
    px_layout_path(r->dir, config, r->config[index]);
    r->argv[index][0] = r->paths[index];
    r->argv[index][1] = (char *)(uintptr_t)flag;
    r->argv[index][2] = r->config[index];
    r->plan.children[index] = (px_child_plan){
        .name = name,
        .argv = r->argv[index],
        .log_path = r->logs[index],
        .logs_itself = index == 0,
        .ready = index == 0 ? px_probe_nats : px_probe_ready,
        .port = (uint16_t)(index == 0 ? r->flags.port : r->flags.health_base + index - 1),
    };
}

static bool plan_children(run_state *r)
{
    char config[128];

    if (!px_binary_nats(r->paths[0]))
        return false;
    plan_child(r, 0, "nats-server", "-c", "nats.conf");
    for (size_t i = 0; i < PX_DAEMONS; i++) {
        if (!px_binary_daemon(px_daemon_names[i], r->paths[i + 1]))
            return false;
        snprintf(config, sizeof config, "config/%s.conf", px_daemon_names[i]);
        plan_child(r, i + 1, px_daemon_names[i], "--config", config);
    }
    r->plan.count = CHILDREN;
    r->plan.foreground_logs = r->flags.foreground_logs;
    return true;
}

/* ---- when all are ready ---- */

static void print_banner(void *context)
{
    const run_state *r = context;
    unsigned base = (unsigned)r->flags.health_base;

    printf("\nPraxis is ready.\n\n  bus        nats://127.0.0.1:%u\n", (unsigned)r->flags.port);
    for (size_t i = 0; i < r->known.count; i++)
        printf("  tenant %s, source %s: user %s, password in %s/credentials/%s\n",
               r->known.items[i].tenant, r->known.items[i].name, r->known.items[i].user,
               r->shown_dir, r->known.items[i].user);
    printf("  operator   user operator, password in %s/credentials/operator\n"
           "  health     http://127.0.0.1:%u/readyz to :%u, and /metrics\n"
           "  logs       %s/logs\n\n"
           "In another terminal, events as they come, whether every projection is what the log\n"
           "says, and what else there is:\n\n"
           "  %s tail --dir %s\n"
           "  %s verify --dir %s\n"
           "  %s help\n\nCtrl-C stops it.\n\n",
           r->shown_dir, base, base + PX_DAEMONS - 1, r->shown_dir, program_invocation_name,
           r->shown_dir, program_invocation_name, r->shown_dir, program_invocation_name);
    fflush(stdout);
}

static int run(run_state *r)
{
    const px_run_files files = { .dir = r->dir,
                                 .port = (uint16_t)r->flags.port,
                                 .health_base = (uint16_t)r->flags.health_base,
                                 .event_clock = strcmp(r->flags.clock, "event") == 0,
                                 .sources = &r->known };

    if (!take_directory(r) || !gather_sources(r) || !ports_free(&r->flags) || !plan_children(r))
        return PX_EXIT_FAILED;
    if (px_files_write(&files) != PX_OK)
        return PX_EXIT_FAILED;
    px_binary_clean_environment();
    fprintf(stderr, "praxis: starting in %s\n", r->shown_dir);
    r->plan.all_ready = print_banner;
    r->plan.context = r;
    return px_supervise(&r->plan);
}

int px_command_run(int argc, char **argv)
{
    run_state *r = calloc(1, sizeof *r);
    px_options_outcome outcome = r ? read_flags(&r->flags, argc, argv) : PX_OPTIONS_WRONG;
    int code;

    if (outcome == PX_OPTIONS_RUN && strcmp(r->flags.clock, "wall") != 0 &&
        strcmp(r->flags.clock, "event") != 0) {
        fputs("praxis run: --clock: must be wall or event\n", stderr);
        outcome = PX_OPTIONS_WRONG;
    }
    code = outcome == PX_OPTIONS_RUN ? run(r) : px_options_exit(outcome);
    free(r);
    return code;
}
