#include "common/daemon.h"

#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include "common/bus.h"
#include "common/bus_archive.h"
#include "common/codec.h"
#include "common/config.h"
#include "common/diag.h"
#include "common/fold.h"
#include "common/health.h"
#include "common/metrics.h"
#include "common/micro.h"
#include "common/notify.h"
#include "common/vault.h"

enum {
    EXIT_CLEAN = 0,
    EXIT_FAILED = 1,
    EXIT_WRONG = 2,
    TIMER_MS = 1000,
    PROJECTION_ARENA_BYTES = 1 << 16
};

typedef struct {
    const px_service *service;
    int argc;
    char **argv;
    uint16_t default_health_port;
    char program[80];
    px_config config;
    px_health *health;
    px_bus *bus;
    px_bus *key_bus; /* the vault is asked from many threads, a connection belongs to one */
    px_vault *vault;
    px_fold *fold;
    px_micro *micro;
    pthread_t thread;
    px_status outcome; /* of the fold; read after the thread was joined */
    bool stopping;
    bool hangs;
    uv_loop_t loop;
    uv_signal_t terminate, interrupt, hang_up;
    uv_timer_t timer;
    uv_async_t ended; /* the fold thread is through */
} daemon_state;

static px_config_outcome read_settings(daemon_state *d, px_config *config)
{
    return px_config_read(config, d->program, d->service->summary, d->default_health_port, d->argc,
                          d->argv, stdout, stderr);
}

/** A tool beside the daemon (`praxis verify`): it neither decides nor answers. */
static bool only_folds(const daemon_state *d)
{
    return d->config.fold_to != 0;
}

/* ---- while it runs: the main thread ---- */

static void on_stop(uv_signal_t *handle, int number)
{
    daemon_state *d = handle->data;

    if (d->stopping)
        _exit(128 + number); /* asked twice: whoever asks does not want to wait */
    d->stopping = true;
    px_info("stopping", PX_TEXT("signal", number == SIGTERM ? "SIGTERM" : "SIGINT"));
    px_notify("STOPPING=1");
    px_fold_stop(d->fold);
}

static void on_hang_up(uv_signal_t *handle, int number)
{
    daemon_state *d = handle->data;
    px_config config;
    px_level level;

    (void)number;
    if (read_settings(d, &config) != PX_CONFIG_RUN ||
        !px_diag_level_from_name(config.log_level, &level)) {
        px_warning("settings are wrong now; going on with those from the start");
        return;
    }
    px_diag_set_level(level);
    px_warning("log level read again", PX_TEXT("level", config.log_level));
}

static void watch_turns(daemon_state *d)
{
    bool live = px_health_live(d->health);

    if (live)
        px_notify("WATCHDOG=1"); /* silence makes the service manager act */
    else if (!d->hangs)
        px_error("the loop has not turned for 30 s");
    d->hangs = !live;
}

static void on_timer(uv_timer_t *handle)
{
    daemon_state *d = handle->data;
    uint64_t map_bytes, used_bytes;
    uint32_t readers;

    px_store_usage(px_fold_store(d->fold), &map_bytes, &used_bytes, &readers);
    px_metric_set(PX_METRIC_STORE_MAP_BYTES, map_bytes);
    px_metric_set(PX_METRIC_STORE_USED_BYTES, used_bytes);
    px_metric_set(PX_METRIC_STORE_READERS, readers);
    px_metric_set(PX_METRIC_CONNECTED, px_bus_epoch(d->bus) != 0);
    watch_turns(d);
}

static void on_ended(uv_async_t *handle)
{
    uv_stop(handle->loop);
}

static void *run_fold(void *arg)
{
    daemon_state *d = arg;

    d->outcome = px_fold_run(d->fold);
    uv_async_send(&d->ended);
    return NULL;
}

static bool watch(daemon_state *d)
{
    d->terminate.data = d->interrupt.data = d->hang_up.data = d->timer.data = d;
    return uv_async_init(&d->loop, &d->ended, on_ended) == 0 &&
           uv_signal_init(&d->loop, &d->terminate) == 0 &&
           uv_signal_init(&d->loop, &d->interrupt) == 0 &&
           uv_signal_init(&d->loop, &d->hang_up) == 0 && uv_timer_init(&d->loop, &d->timer) == 0 &&
           uv_signal_start(&d->terminate, on_stop, SIGTERM) == 0 &&
           uv_signal_start(&d->interrupt, on_stop, SIGINT) == 0 &&
           uv_signal_start(&d->hang_up, on_hang_up, SIGHUP) == 0 &&
           uv_timer_start(&d->timer, on_timer, 0, TIMER_MS) == 0;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/** With --fold-to: the projection, as one line of JSON. */
static int print_projection(daemon_state *d)
{
    PraxisLog__Projection *projection;
    px_arena arena;
    const char *text = NULL;

    if (!px_arena_init(&arena, PROJECTION_ARENA_BYTES))
        return EXIT_FAILED;
    if (px_fold_projection(d->fold, &arena, &projection) == PX_OK)
        text = px_codec_to_json(&projection->base, false, &arena);
    if (text)
        puts(text);
    else
        px_error("the projection cannot be read");
    px_arena_fini(&arena);
    return text && fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_FAILED;
}

static int run(daemon_state *d)
{
    bool started = watch(d) && pthread_create(&d->thread, NULL, run_fold, d) == 0;

    if (started) {
        px_info("started", PX_TEXT("version", PRAXIS_VERSION),
                PX_NUMBER("health_port", d->config.health_port));
        px_notify("READY=1"); /* not when it has caught up: a broker away must not fail the start */
        uv_run(&d->loop, UV_RUN_DEFAULT);
        pthread_join(d->thread, NULL);
    }
    uv_walk(&d->loop, close_handle, NULL);
    uv_run(&d->loop, UV_RUN_DEFAULT);
    if (!started) {
        px_error("cannot start threads or signal handling");
        return EXIT_FAILED;
    }
    if (d->outcome != PX_OK)
        return EXIT_FAILED; /* the fold has said why */
    if (only_folds(d))
        return d->stopping ? EXIT_FAILED : print_projection(d);
    px_info("stopped");
    return EXIT_CLEAN;
}

/* ---- start and end ---- */

/** One clear line, whatever the log level is. */
static int give_up(const char *what, const char *which, px_status status)
{
    px_error(what, PX_TEXT("which", which), PX_TEXT("failure", px_strerror(status)));
    return status == PX_EINVALID || status == PX_ENOTFOUND ? EXIT_WRONG : EXIT_FAILED;
}

/** For $SRV.STATS; asked on threads of the bus. */
static px_micro_state state_of(void *health)
{
    px_micro_state state = { .cursor = px_metric_get(PX_METRIC_LOG_CURSOR) };

    state.ready = px_health_ready(health, state.why_not);
    return state;
}

static const char *or_null(const char *text)
{
    return *text ? text : NULL;
}

static px_status open_bus(daemon_state *d, px_bus **bus, const char *purpose)
{
    char name[PX_CONFIG_TEXT_MAX + 128], inbox_prefix[80];
    px_bus_options options = { .url = d->config.nats_url,
                               .user = or_null(d->config.nats_user),
                               .password_file = or_null(d->config.nats_password_file),
                               .name = name,
                               .inbox_prefix = inbox_prefix };

    if (*d->config.archive_dir)
        return px_bus_open_archive(bus, d->config.archive_dir);
    snprintf(name, sizeof name, "%s %s%s", d->program, d->config.instance, purpose);
    snprintf(inbox_prefix, sizeof inbox_prefix, "_IN_%s", d->service->name);
    return px_bus_open(bus, &options);
}

static const char *log_of(const daemon_state *d)
{
    return *d->config.archive_dir ? d->config.archive_dir : d->config.nats_url;
}

static int open_health(daemon_state *d)
{
    char where[PX_CONFIG_TEXT_MAX + 16];
    px_status status = px_health_start(&d->health, d->service->name, d->config.health_address,
                                       (uint16_t)d->config.health_port);

    if (status == PX_OK)
        return EXIT_CLEAN;
    snprintf(where, sizeof where, "%s port %u", d->config.health_address,
             (unsigned)d->config.health_port);
    return give_up(status == PX_EBUSY ? "the health port is taken; see --health-port"
                                      : "health cannot be answered there; see --health-address",
                   where, status);
}

static int open_vault(daemon_state *d)
{
    px_status status;

    if (!d->service->key_generation || only_folds(d))
        return EXIT_CLEAN;
    if (!*d->config.master_key_file) {
        px_error("this daemon takes texts about people: --master-key-file must name the key that "
                 "seals them");
        return EXIT_WRONG;
    }
    status = open_bus(d, &d->key_bus, " keys");
    if (status != PX_OK)
        return give_up("the bus cannot be used", d->config.nats_url, status);
    status = px_vault_open(&d->vault, d->config.master_key_file, d->key_bus);
    if (status == PX_EINVALID || status == PX_ENOTFOUND)
        return EXIT_WRONG; /* the vault has said why */
    return status == PX_OK ? EXIT_CLEAN
                           : give_up("keys cannot be used", d->config.master_key_file, status);
}

static int open_fold(daemon_state *d)
{
    px_fold_parts parts = { .service = d->service,
                            .config = &d->config,
                            .bus = d->bus,
                            .vault = d->vault,
                            .health = d->health,
                            .micro = d->micro };
    px_status status = px_fold_create(&d->fold, &parts);

    if (status == PX_OK) {
        px_tries_watch(d->config.data_dir);
        return EXIT_CLEAN;
    }
    if (status != PX_EBUSY && status != PX_EINVALID) /* of these the fold has said why */
        give_up("the projection cannot be opened", d->config.data_dir, status);
    return EXIT_FAILED;
}

static int open_micro(daemon_state *d)
{
    if (only_folds(d))
        return EXIT_CLEAN;
    px_status status =
        px_micro_start(&d->micro, d->bus, d->service, d->config.instance, state_of, d->health);

    return status == PX_OK ? EXIT_CLEAN
                           : give_up("the services protocol cannot be served", "$SRV", status);
}

static int open_parts(daemon_state *d)
{
    int failed = open_health(d);
    px_status status;

    if (!failed) {
        status = open_bus(d, &d->bus, "");
        failed =
            status == PX_OK ? EXIT_CLEAN : give_up("the bus cannot be used", log_of(d), status);
    }
    if (!failed)
        failed = open_vault(d);
    if (!failed)
        failed = open_micro(d);
    return failed ? failed : open_fold(d);
}

/**
 * Questions are answered on threads of the bus from the projection, so the bus ends first; the fold
 * has closed its readers when its run ended.
 */
static void close_parts(daemon_state *d)
{
    if (d->bus)
        px_bus_close(d->bus);
    px_micro_destroy(d->micro);
    px_fold_destroy(d->fold);
    px_vault_close(d->vault);
    if (d->key_bus)
        px_bus_close(d->key_bus);
    px_health_stop(d->health);
}

static void prepare_process(const daemon_state *d)
{
    px_level level = PX_LEVEL_INFO;

    px_diag_level_from_name(d->config.log_level, &level);
    px_diag_init(d->service->name, d->config.instance, level,
                 strcmp(d->config.log_format, "json") == 0);
    signal(SIGPIPE, SIG_IGN);
    /* Plaintext waiting to be sealed and opened keys are in memory: none of it into a core dump. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    /* Messages are allocated on one thread and freed on another. Left to itself glibc then keeps
     * what a burst of large ones took: it raises its threshold for mapping, and has arenas per
     * thread. */
    mallopt(M_MMAP_THRESHOLD, 64 * 1024);
    mallopt(M_ARENA_MAX, 2);
}

int px_daemon_main(int argc, char **argv, const px_service *service, uint16_t default_health_port)
{
    daemon_state d = {
        .service = service, .argc = argc, .argv = argv, .default_health_port = default_health_port
    };
    int code;

    snprintf(d.program, sizeof d.program, "praxis-%s", service->name);
    switch (read_settings(&d, &d.config)) {
    case PX_CONFIG_DONE:
        return EXIT_CLEAN;
    case PX_CONFIG_WRONG:
        return EXIT_WRONG;
    case PX_CONFIG_RUN:
        break;
    }
    prepare_process(&d);
    if (*d.config.archive_dir && !only_folds(&d)) {
        px_error("--archive-dir is for --fold-to: nothing can be decided on an archive");
        return EXIT_WRONG;
    }
    if (uv_loop_init(&d.loop) != 0) {
        px_error("the event loop cannot be made");
        return EXIT_FAILED;
    }
    code = open_parts(&d);
    if (code == EXIT_CLEAN)
        code = run(&d);
    close_parts(&d);
    uv_loop_close(&d.loop);
    return code;
}
