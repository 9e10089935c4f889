#include "tests/bench/kit/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/vault.h"
#include "tests/bench/kit/clock.h"
#include "tests/bench/kit/usage.h"
#include "tests/common/choose_port.h"
#include "tests/common/nats_fixture.h"

enum {
    READY_TIMEOUT_MS = 60000,
    END_TIMEOUT_S = 60,
    REBUILD_TIMEOUT_S = 300,
    STEP_MS = 10,
    PATH_SIZE = 512,
    FIRST_ARGS_MAX = 24
};

const char *const bench_process_names[BENCH_PROCESSES] = {
    "feedback-ingest",      "review-cycle", "competency",
    "learning-recommender", "reporting",    "nats-server",
};

struct bench_world {
    nats_fixture *nats;
    char key_file[PATH_SIZE];
    pid_t pids[BENCH_DAEMONS];
    uint16_t ports[BENCH_DAEMONS];
};

static int64_t program_start_ns;

__attribute__((constructor)) static void note_start(void)
{
    program_start_ns = bench_now_ns();
}

void bench_progress(const char *format, ...)
{
    va_list words;

    fprintf(stderr, "%6.1f s  ", bench_seconds_since(program_start_ns));
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
}

void bench_fail(const char *format, ...)
{
    va_list words;

    fputs("bench: ", stderr);
    va_start(words, format);
    vfprintf(stderr, format, words);
    va_end(words);
    fputc('\n', stderr);
    exit(1);
}

/* ---- a daemon ---- */

/* What the daemon says goes to <directory>/<name>.log. */
_Noreturn static void become(char *const *argv, const char *log, const char *out)
{
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int out_fd = open(out, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* the benchmark takes its processes along */
    if (fd >= 0)
        dup2(fd, STDERR_FILENO);
    if (out_fd >= 0)
        dup2(out_fd, STDOUT_FILENO);
    execv(argv[0], argv);
    _exit(127);
}

static const char *tree(void)
{
    const char *bin = getenv("PRAXIS_BIN");

    return bin ? bin : "build";
}

/* `seq` > 0: only folds up to there, into a folder of its own. */
static pid_t launch(bench_world *w, size_t daemon, uint64_t seq)
{
    const char *name = bench_process_names[daemon], *directory = nats_fixture_directory(w->nats);
    const char *suffix = seq ? "-rebuilt" : "";
    char program[PATH_SIZE], data[PATH_SIZE], log[PATH_SIZE], out[PATH_SIZE], port[8], to[24];
    char *argv[FIRST_ARGS_MAX] = { program,
                                   "--nats-url",
                                   (char *)(uintptr_t)nats_fixture_url(w->nats),
                                   "--data-dir",
                                   data,
                                   "--health-port",
                                   port,
                                   "--log-format",
                                   "text",
                                   "--fold-to",
                                   to,
                                   "--clock",
                                   "wall",
                                   "--master-key-file",
                                   w->key_file };

    snprintf(program, sizeof program, "%s/praxis-%s", tree(), name);
    snprintf(data, sizeof data, "%s/%s%s", directory, name, suffix);
    snprintf(log, sizeof log, "%s/%s%s.log", directory, name, suffix);
    snprintf(out, sizeof out, "%s/%s%s.out", directory, name, suffix);
    snprintf(port, sizeof port, "%u", seq ? 0u : (unsigned)w->ports[daemon]);
    snprintf(to, sizeof to, "%llu", (unsigned long long)seq);
    pid_t pid = fork();
    if (pid < 0)
        bench_fail("cannot fork: %s", strerror(errno));
    if (pid == 0)
        become(argv, log, out);
    return pid;
}

static bool is_ready(uint16_t port)
{
    static const char request[] = "GET /readyz HTTP/1.0\r\n\r\n";
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[16] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ready = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
                 send(fd, request, sizeof request - 1, MSG_NOSIGNAL) > 0 &&
                 recv(fd, answer, sizeof answer - 1, 0) > 12 && strstr(answer, " 200") != NULL;

    if (fd >= 0)
        close(fd);
    return ready;
}

static void wait_until_ready(const bench_world *w, size_t daemon)
{
    int64_t start = bench_now_ns();

    while (!is_ready(w->ports[daemon])) {
        if (waitpid(w->pids[daemon], NULL, WNOHANG) != 0)
            bench_fail("praxis-%s of %s ended; it said why in %s/%s.log",
                       bench_process_names[daemon], tree(), nats_fixture_directory(w->nats),
                       bench_process_names[daemon]);
        if (bench_seconds_since(start) * 1000 > READY_TIMEOUT_MS)
            bench_fail("praxis-%s does not become ready", bench_process_names[daemon]);
        poll(NULL, 0, STEP_MS);
    }
}

/* ---- all of them ---- */

static bool sync_store(const bench_world *w, fixture_sync sync)
{
    char store[PATH_SIZE];

    snprintf(store, sizeof store, "%s/store", bench_world_directory(w));
    return fixture_sync_store(store, sync);
}

bench_world *bench_world_start(fixture_sync sync)
{
    bench_world *w = calloc(1, sizeof *w);

    PX_ASSERT(w != NULL);
    w->nats = nats_fixture_start(NULL);
    snprintf(w->key_file, sizeof w->key_file, "%s/master.key", nats_fixture_directory(w->nats));
    if (px_vault_make_master(w->key_file) != PX_OK)
        bench_fail("cannot make %s", w->key_file);
    for (size_t i = 0; i < BENCH_DAEMONS; i++) {
        w->ports[i] = fixture_choose_port();
        w->pids[i] = launch(w, i, 0);
    }
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        wait_until_ready(w, i);
    if (!sync_store(w, sync)) {
        bench_world_stop(w);
        return NULL;
    }
    return w;
}

static void end(bench_world *w, size_t daemon)
{
    int state = 0;

    if (w->pids[daemon] == 0)
        return;
    kill(w->pids[daemon], SIGTERM);
    for (int64_t start = bench_now_ns(); waitpid(w->pids[daemon], &state, WNOHANG) == 0;) {
        if (bench_seconds_since(start) > END_TIMEOUT_S)
            bench_fail("praxis-%s does not end", bench_process_names[daemon]);
        poll(NULL, 0, STEP_MS);
    }
    w->pids[daemon] = 0;
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        bench_fail("praxis-%s did not end cleanly", bench_process_names[daemon]);
}

void bench_world_end(bench_world *w, size_t daemon)
{
    end(w, daemon);
}

void bench_world_begin(bench_world *w, size_t daemon)
{
    w->pids[daemon] = launch(w, daemon, 0);
    wait_until_ready(w, daemon);
}

const char *bench_world_url(const bench_world *w)
{
    return nats_fixture_url(w->nats);
}

const char *bench_world_directory(const bench_world *w)
{
    return nats_fixture_directory(w->nats);
}

void bench_world_stop(bench_world *w)
{
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        end(w, i);
    nats_fixture_stop(w->nats);
    free(w);
}

pid_t bench_world_pid(const bench_world *w, size_t process)
{
    return process == BENCH_SERVER ? nats_fixture_pid(w->nats) : w->pids[process];
}

px_bus *bench_world_connect(const bench_world *w, const char *name)
{
    px_bus_options options = { .url = nats_fixture_url(w->nats), .name = name };
    char prefix[64];
    int64_t start = bench_now_ns();
    px_bus *bus;

    snprintf(prefix, sizeof prefix, "_IN_%s", name);
    options.inbox_prefix = prefix;
    if (px_bus_open(&bus, &options) != PX_OK)
        bench_fail("cannot connect");
    while (px_bus_epoch(bus) == 0) {
        if (bench_seconds_since(start) * 1000 > READY_TIMEOUT_MS)
            bench_fail("cannot connect: %s", px_bus_last_error(bus));
        px_bus_wait(bus, STEP_MS);
    }
    return bus;
}

void bench_world_pause(const bench_world *w, size_t daemon)
{
    kill(w->pids[daemon], SIGSTOP);
}

void bench_world_resume(const bench_world *w, size_t daemon)
{
    kill(w->pids[daemon], SIGCONT);
}

/* Where launch() lets it fold to. */
static void rebuilt_folder(const bench_world *w, size_t daemon, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s-rebuilt", bench_world_directory(w),
             bench_process_names[daemon]);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

bench_rebuilt bench_world_rebuild(bench_world *w, size_t daemon, uint64_t seq)
{
    int64_t start = bench_now_ns();
    pid_t pid = launch(w, daemon, seq);
    bench_rebuilt r = { 0 };
    struct rusage use = { 0 };
    char path[PATH_SIZE];
    int state = 0;

    while (wait4(pid, &state, WNOHANG, &use) == 0) {
        double anon = bench_usage_memory(pid).anonymous_mib;

        r.anon_mib = anon > r.anon_mib ? anon : r.anon_mib;
        if (bench_seconds_since(start) > REBUILD_TIMEOUT_S)
            bench_fail("praxis-%s does not come to the end of the log",
                       bench_process_names[daemon]);
        poll(NULL, 0, STEP_MS);
    }
    r.seconds = bench_seconds_since(start);
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        bench_fail("praxis-%s could not rebuild", bench_process_names[daemon]);
    r.cpu_seconds = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                    (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6;
    r.peak_mib = (double)use.ru_maxrss / 1024;
    rebuilt_folder(w, daemon, path);
    r.bytes = bench_usage_disk(path);
    nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    return r;
}
