#include "tests/bench/kit/world.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>

#include "common/vault.h"
#include "tests/bench/kit/clock.h"
#include "tests/common/nats_fixture.h"

enum { READY_TIMEOUT_MS = 30000, STEP_MS = 10, PATH_SIZE = 512, FIRST_ARGS_MAX = 24 };

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

static uint16_t free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        bench_fail("no free port: %s", strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

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

bench_world *bench_world_start(void)
{
    bench_world *w = calloc(1, sizeof *w);

    PX_ASSERT(w != NULL);
    w->nats = nats_fixture_start(NULL);
    snprintf(w->key_file, sizeof w->key_file, "%s/master.key", nats_fixture_directory(w->nats));
    if (px_vault_make_master(w->key_file) != PX_OK)
        bench_fail("cannot make %s", w->key_file);
    for (size_t i = 0; i < BENCH_DAEMONS; i++) {
        w->ports[i] = free_port();
        w->pids[i] = launch(w, i, 0);
    }
    for (size_t i = 0; i < BENCH_DAEMONS; i++)
        wait_until_ready(w, i);
    return w;
}

static void end(bench_world *w, size_t daemon)
{
    int state = 0;

    if (w->pids[daemon] == 0)
        return;
    kill(w->pids[daemon], SIGTERM);
    while (waitpid(w->pids[daemon], &state, 0) < 0 && errno == EINTR)
        continue;
    w->pids[daemon] = 0;
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        bench_fail("praxis-%s did not end cleanly", bench_process_names[daemon]);
}

void bench_world_end(bench_world *w, size_t daemon)
{
    end(w, daemon);
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

bench_rebuilt bench_world_rebuild(bench_world *w, size_t daemon, uint64_t seq)
{
    int64_t start = bench_now_ns();
    pid_t pid = launch(w, daemon, seq);
    struct rusage use = { 0 };
    int state = 0;

    while (wait4(pid, &state, 0, &use) < 0 && errno == EINTR)
        continue;
    double seconds = bench_seconds_since(start);
    if (!WIFEXITED(state) || WEXITSTATUS(state) != 0)
        bench_fail("praxis-%s could not rebuild", bench_process_names[daemon]);
    return (bench_rebuilt){
        .seconds = seconds,
        .cpu_seconds = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
                       (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) / 1e6,
    };
}
