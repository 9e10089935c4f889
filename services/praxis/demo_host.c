#include "services/praxis/demo_host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "services/praxis/child_log.h"
#include "services/praxis/probe.h"
#include "services/praxis/progress.h"

enum {
    READY_MS = 60000,
    STOP_MS = 20000,
    PAUSE_MS = 50,
    PORT_FIRST = 21000, /* below the range from which the kernel takes ports for connections */
    PORT_LAST = 32000,
    PORT_STEP = 1 + PX_DAEMONS
};

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

/* ---- directory and ports ---- */

static bool choose_directory(px_demo_host *host, const char *dir)
{
    if (dir) {
        snprintf(host->dir, sizeof host->dir, "%s", dir);
        if (px_layout_is_empty(dir))
            return true;
        fprintf(stderr, "praxis demo: %s is not empty; the demo starts in a fresh directory\n",
                dir);
        return false;
    }
    host->made = px_layout_temporary("demo", host->dir);
    if (!host->made)
        fprintf(stderr, "praxis demo: no directory can be made at %s: %s\n", host->dir,
                strerror(errno));
    return host->made;
}

static bool all_free(uint16_t first)
{
    for (uint16_t i = 0; i < PORT_STEP; i++)
        if (!px_probe_free((uint16_t)(first + i)))
            return false;
    return true;
}

/* Starts at a place of this process's own, so that two demos seldom try the same ones. */
static bool choose_ports(px_demo_host *host)
{
    enum { PLACES = (PORT_LAST - PORT_FIRST) / PORT_STEP };
    unsigned start = (unsigned)getpid() % PLACES;

    for (unsigned i = 0; i < PLACES; i++) {
        uint16_t first = (uint16_t)(PORT_FIRST + (start + i) % PLACES * PORT_STEP);

        if (all_free(first)) {
            host->port = first;
            host->health_base = (uint16_t)(first + 1);
            return true;
        }
    }
    fputs("praxis demo: no free ports on 127.0.0.1\n", stderr);
    return false;
}

/* ---- the process ---- */

static const char *log_path(const px_demo_host *host, char path[PX_PATH_MAX])
{
    return px_layout_path(host->dir, "run.log", path);
}

/* A session of its own: Ctrl-C is for the demo, which then stops it. */
static _Noreturn void become_run(const px_demo_host *host, int out)
{
    char port[8], health_base[8];
    char *argv[] = { "praxis",
                     "run",
                     "--dir",
                     (char *)(uintptr_t)host->dir,
                     "--port",
                     port,
                     "--health-base",
                     health_base,
                     "--clock",
                     "event",
                     NULL };
    int in = open("/dev/null", O_RDONLY);

    snprintf(port, sizeof port, "%u", (unsigned)host->port);
    snprintf(health_base, sizeof health_base, "%u", (unsigned)host->health_base);
    setsid();
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    execv("/proc/self/exe", argv);
    _exit(127);
}

static bool spawn(px_demo_host *host)
{
    char path[PX_PATH_MAX];
    int out = -1;

    if (mkdir(host->dir, 0700) == 0 || errno == EEXIST)
        out = open(log_path(host, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0) {
        fprintf(stderr, "praxis demo: %s cannot be written: %s\n", host->dir, strerror(errno));
        return false;
    }
    fflush(NULL);
    host->pid = fork();
    if (host->pid == 0)
        become_run(host, out);
    close(out);
    if (host->pid < 0)
        fprintf(stderr, "praxis demo: no process can be started: %s\n", strerror(errno));
    host->pid = host->pid < 0 ? 0 : host->pid;
    return host->pid != 0;
}

static bool all_ready(const px_demo_host *host)
{
    char path[PX_PATH_MAX];

    if (access(px_layout_path(host->dir, "connection", path), R_OK) != 0)
        return false;
    for (unsigned i = 0; i < PX_DAEMONS; i++)
        if (!px_probe_ready((uint16_t)(host->health_base + i)))
            return false;
    return true;
}

static bool wait_ready(px_demo_host *host)
{
    char path[PX_PATH_MAX];

    for (int waited_ms = 0; waited_ms < READY_MS && !px_interrupted; waited_ms += PAUSE_MS) {
        if (all_ready(host))
            return true;
        if (!px_demo_host_alive(host))
            break;
        pause_ms(PAUSE_MS);
    }
    if (!px_interrupted) {
        fputs("praxis demo: the daemons did not become ready; `praxis run` said:\n", stderr);
        px_child_log_tail(log_path(host, path));
    }
    return false;
}

bool px_demo_host_start(px_demo_host *host, const char *dir)
{
    *host = (px_demo_host){ 0 };
    return choose_directory(host, dir) && choose_ports(host) && spawn(host) && wait_ready(host);
}

bool px_demo_host_alive(px_demo_host *host)
{
    if (host->pid != 0 && waitpid(host->pid, NULL, WNOHANG) == host->pid)
        host->pid = 0;
    return host->pid != 0;
}

void px_demo_host_stop(px_demo_host *host)
{
    if (host->pid != 0)
        kill(host->pid, SIGTERM);
    for (int waited_ms = 0; px_demo_host_alive(host) && waited_ms < STOP_MS; waited_ms += PAUSE_MS)
        pause_ms(PAUSE_MS);
    if (host->pid != 0) {
        kill(host->pid, SIGKILL);
        waitpid(host->pid, NULL, 0);
        host->pid = 0;
    }
    if (host->made)
        px_layout_remove(host->dir);
    host->made = false;
}
