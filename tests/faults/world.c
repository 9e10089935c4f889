#include "tests/faults/world_impl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fold.h"
#include "common/vault.h"
#include "tests/common/choose_port.h"

const char *const world_services[WORLD_DAEMONS] = { "feedback-ingest", "review-cycle", "competency",
                                                    "learning-recommender", "reporting" };

/* ---- settings of a run ---- */

int64_t world_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

size_t world_setting(const char *name, size_t usual)
{
    const char *text = getenv(name);

    return text && *text ? strtoull(text, NULL, 10) : usual;
}

uint64_t world_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t world_seed(void)
{
    static uint64_t seed;
    struct timespec now;

    if (seed != 0)
        return seed;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = world_setting("PRAXIS_SEED", (size_t)now.tv_nsec ^ (size_t)now.tv_sec);
    fprintf(stderr, "PRAXIS_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* ---- failing ---- */

void world_print_end_of(const char *path)
{
    char text[4096];
    FILE *file = fopen(path, "r");

    if (!file)
        return;
    if (fseek(file, -(long)sizeof text + 1, SEEK_END) != 0)
        rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    fprintf(stderr, "--- the end of %s\n%s", path, text);
}

void world_fail(world *w, const char *format, ...)
{
    char what[1024];
    va_list words;

    va_start(words, format);
    vsnprintf(what, sizeof what, format, words);
    va_end(words);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            world_print_end_of(w->daemons[d][c].log);
    fprintf(stderr, "PRAXIS_SEED=%llu\n%s\n", (unsigned long long)world_seed(), what);
    if (world_setting("PRAXIS_FAULT_PAUSE", 0))
        pause(); /* for whoever wants to look at the processes and files */
    fail_msg("%s", what);
    abort(); /* fail_msg() does not come back, which the compiler cannot know */
}

/* ---- processes ---- */

static void into_file(const char *path, int fd)
{
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (file < 0 || dup2(file, fd) < 0)
        _exit(99);
}

/* The library of a test, told where its file with orders is: beside the log. */
static void preload(const char *library, const char *log)
{
    char file[WORLD_PATH_MAX + 8];

    snprintf(file, sizeof file, "%s.orders", log);
    setenv("PRAXIS_FAILING_ORDERS", file, 1);
    setenv("LD_PRELOAD", library, 1);
}

pid_t world_launch(const char *service, char *const *argv, const char *out, const char *err,
                   const char *library)
{
    char path[WORLD_PATH_MAX * 2];
    const char *bin = getenv("PRAXIS_BIN");
    int started[2];
    pid_t pid;

    snprintf(path, sizeof path, "%s/praxis-%s", bin ? bin : "build", service);
    assert_int_equal(pipe2(started, O_CLOEXEC), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) { /* until then it is a copy of the test, with the memory of the test */
        close(started[1]);
        assert_int_equal(read(started[0], path, sizeof path), 0);
        close(started[0]);
        return pid;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies takes its daemons along */
    into_file(out, STDOUT_FILENO);
    into_file(err, STDERR_FILENO);
    if (library)
        preload(library, err);
    execv(path, argv);
    _exit(98);
}

const char *world_servers(const world *w)
{
    return w->nats ? nats_fixture_url(w->nats) : w->options.servers;
}

void world_run(world *w, unsigned daemon, unsigned copy)
{
    world_process *p = &w->daemons[daemon][copy];
    char port[8], standby[16], url[WORLD_PATH_MAX];
    char *argv[16 + PX_COUNT(w->options.flags)] = { (char *)(uintptr_t)world_services[daemon],
                                                    "--nats-url",
                                                    url,
                                                    "--data-dir",
                                                    p->data,
                                                    "--master-key-file",
                                                    w->master_key,
                                                    "--health-port",
                                                    port,
                                                    "--standby-ms",
                                                    standby,
                                                    "--log-format",
                                                    "text" };
    size_t count = 13;

    assert_int_equal(p->pid, 0);
    snprintf(url, sizeof url, "%s", w->redirected[0] ? w->redirected : world_servers(w));
    snprintf(port, sizeof port, "%u", (unsigned)p->port);
    snprintf(standby, sizeof standby, "%u", copy > 0 ? w->options.standby_ms : 0);
    for (size_t i = 0; i < PX_COUNT(w->options.flags) && w->options.flags[i]; i++)
        argv[count++] = (char *)(uintptr_t)w->options.flags[i];
    p->pid = world_launch(world_services[daemon], argv, p->log, p->log, w->options.preload);
}

void world_run_all(world *w)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            world_run(w, d, c);
}

void world_redirect(world *w, const char *url)
{
    snprintf(w->redirected, sizeof w->redirected, "%s", url);
}

int world_reap(world_process *p)
{
    int state = 0;

    while (waitpid(p->pid, &state, 0) < 0 && errno == EINTR)
        continue;
    p->pid = 0;
    return state;
}

void world_kill(world *w, unsigned daemon, unsigned copy)
{
    world_process *p = &w->daemons[daemon][copy];

    if (p->pid == 0)
        return;
    kill(p->pid, SIGKILL);
    world_reap(p);
}

static void expect_clean_end(world *w, unsigned daemon, unsigned copy)
{
    world_process *p = &w->daemons[daemon][copy];
    int state;

    if (p->pid == 0)
        return;
    state = world_reap(p);
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        world_fail(w, "%s did not end cleanly: wait status %x", world_services[daemon],
                   (unsigned)state);
}

void world_end_all(world *w)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            if (w->daemons[d][c].pid > 0)
                kill(w->daemons[d][c].pid, SIGTERM);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            expect_clean_end(w, d, c);
}

void world_check(world *w)
{
    int state;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        for (unsigned c = 0; c < world_copies(w); c++) {
            world_process *p = &w->daemons[d][c];

            if (p->pid == 0 || waitpid(p->pid, &state, WNOHANG) != p->pid)
                continue;
            p->pid = 0;
            p->ends++;
            p->last_state = state;
            if (w->options.supervised) {
                world_run(w, d, c);
                continue;
            }
            world_fail(w, "%s (copy %u) ended by itself: wait status %x", world_services[d], c,
                       (unsigned)state);
        }
    }
}

int world_pid(const world *w, unsigned daemon, unsigned copy)
{
    return w->daemons[daemon][copy].pid;
}

unsigned world_ends(const world *w, unsigned daemon, unsigned copy, int *last_state)
{
    *last_state = w->daemons[daemon][copy].last_state;
    return w->daemons[daemon][copy].ends;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

void world_forget(world *w, unsigned daemon, unsigned copy)
{
    assert_int_equal(w->daemons[daemon][copy].pid, 0);
    assert_int_equal(nftw(w->daemons[daemon][copy].data, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* ---- the bus ---- */

px_bus *world_client(world *w)
{
    px_bus_options options = { .url = world_servers(w),
                               .name = "faults",
                               .inbox_prefix = "_IN_faults" };
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    px_bus *bus;

    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    while (px_bus_epoch(bus) == 0) {
        if (world_now_ms() > deadline)
            world_fail(w, "no connection: %s", px_bus_last_error(bus));
        px_bus_wait(bus, 50);
    }
    return bus;
}

void world_broker_kill(world *w)
{
    nats_fixture_kill(w->nats);
}

void world_broker_end(world *w)
{
    nats_fixture_shut_down(w->nats);
}

void world_broker_start(world *w)
{
    nats_fixture_restart(w->nats);
}

/* The daemons take the stream as it is: its window is not theirs to judge. */
static void make_feed(world *w)
{
    char config[512];
    px_bus *bus = world_client(w);
    px_bus_msg *reply;

    snprintf(
        config, sizeof config,
        "{\"name\":\"%s\",\"subjects\":[\"praxis.v1.*.event.>\",\"praxis.v1.*.result.>\"],"
        "\"retention\":\"limits\",\"storage\":\"file\",\"discard\":\"new\",\"max_consumers\":-1,"
        "\"max_msgs\":-1,\"max_bytes\":-1,\"max_age\":0,\"max_msgs_per_subject\":-1,"
        "\"max_msg_size\":-1,\"num_replicas\":1,\"allow_direct\":true,"
        "\"duplicate_window\":%u000000}",
        px_feed_stream, w->options.feed_window_ms);
    assert_int_equal(px_bus_request(bus,
                                    &(px_bus_out){ .subject = "$JS.API.STREAM.CREATE.PRAXIS_FEED",
                                                   .data = { config, strlen(config) } },
                                    5000, &reply),
                     PX_OK);
    if (memmem(reply->data.data, reply->data.size, "\"error\"", 7))
        world_fail(w, "no feed: %.*s", (int)reply->data.size, (const char *)reply->data.data);
    px_bus_msg_free(reply);
    px_bus_close(bus);
}

/* ---- start and end ---- */

unsigned world_copies(const world *w)
{
    return w->options.copies > 1 ? w->options.copies : 1;
}

const char *world_directory(const world *w)
{
    return w->directory;
}

static void place(world *w, unsigned daemon, unsigned copy)
{
    world_process *p = &w->daemons[daemon][copy];
    const char *data = w->options.data_dir ? w->options.data_dir : w->directory;

    p->port = fixture_choose_port();
    snprintf(p->data, sizeof p->data, "%s/%s.%u", data, world_services[daemon], copy);
    snprintf(p->log, sizeof p->log, "%s/%s.%u.log", w->directory, world_services[daemon], copy);
}

static void start_server(world *w)
{
    const char *parent = getenv("TMPDIR");

    if (!w->options.servers) {
        w->nats = nats_fixture_start(w->options.server_config);
        snprintf(w->directory, sizeof w->directory, "%s", nats_fixture_directory(w->nats));
        return;
    }
    snprintf(w->directory, sizeof w->directory, "%s/praxis-world-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(w->directory));
}

world *world_start(const world_options *options)
{
    world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->options = *options;
    start_server(w);
    if (options->feed_window_ms > 0)
        make_feed(w);
    if (options->broker_later)
        world_broker_kill(w);
    snprintf(w->master_key, sizeof w->master_key, "%s/master.key", w->directory);
    assert_int_equal(px_vault_make_master(w->master_key), PX_OK);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            place(w, d, c);
    if (!options->daemons_later)
        world_run_all(w);
    return w;
}

void world_stop(world *w)
{
    if (!w)
        return;
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            world_kill(w, d, c);
    nats_fixture_stop(w->nats);
    if (!w->nats)
        nftw(w->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(w);
}
