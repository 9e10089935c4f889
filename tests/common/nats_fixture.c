/* nats_fixture.c: starts, kills and restarts one nats-server. */
#include "tests/common/nats_fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { START_ATTEMPTS = 5, START_TIMEOUT_MS = 20000, POLL_MS = 10 };

struct nats_fixture {
    pid_t pid;
    uint16_t port;
    char directory[128];
    char url[64];
    char *config; /* appended to every configuration file written */
};

_Noreturn static void give_up(const nats_fixture *f, const char *what)
{
    fprintf(stderr, "nats_fixture: %s (%s), see %s/server.log\n", what, strerror(errno),
            f->directory);
    abort();
}

static struct sockaddr_in local(uint16_t port)
{
    return (struct sockaddr_in){ .sin_family = AF_INET,
                                 .sin_port = htons(port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
}

/* Somebody else may take the port before the server does; the start is then tried with another one.
 */
static uint16_t free_port(void)
{
    struct sockaddr_in address = local(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool bound = fd >= 0 && bind(fd, (struct sockaddr *)&address, size) == 0 &&
                 getsockname(fd, (struct sockaddr *)&address, &size) == 0;

    if (fd >= 0)
        close(fd);
    return bound ? ntohs(address.sin_port) : 0;
}

static void path_in(const nats_fixture *f, const char *name, char path[192])
{
    snprintf(path, 192, "%s/%s", f->directory, name);
}

static void write_config(const nats_fixture *f)
{
    char path[192];

    path_in(f, "server.conf", path);
    FILE *file = fopen(path, "we");
    if (!file)
        give_up(f, "cannot write the configuration");
    fprintf(file, "listen: 127.0.0.1:%u\njetstream { store_dir: \"%s/store\" }\n%s\n",
            (unsigned)f->port, f->directory, f->config ? f->config : "");
    fclose(file);
}

_Noreturn static void become_server(const nats_fixture *f)
{
    char config[192];
    char log[192];

    path_in(f, "server.conf", config);
    path_in(f, "server.log", log);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies takes its server along */
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    execlp("nats-server", "nats-server", "-c", config, (char *)NULL);
    execl("/usr/sbin/nats-server", "nats-server", "-c", config, (char *)NULL);
    _exit(127);
}

/* The server greets with INFO once it is ready for clients. */
static bool greets(uint16_t port)
{
    struct sockaddr_in address = local(port);
    char greeting[5] = "";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return false;
    bool ready = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    struct pollfd readable = { .fd = fd, .events = POLLIN };
    ready = ready && poll(&readable, 1, 1000) == 1 && read(fd, greeting, 4) == 4 &&
            strcmp(greeting, "INFO") == 0;
    close(fd);
    return ready;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static bool has_ended(nats_fixture *f)
{
    if (waitpid(f->pid, NULL, WNOHANG) != f->pid)
        return false;
    f->pid = 0;
    return true;
}

/* False when the process ended by itself. */
static bool launch(nats_fixture *f)
{
    write_config(f);
    f->pid = fork();
    if (f->pid < 0)
        give_up(f, "cannot fork");
    if (f->pid == 0)
        become_server(f);
    for (int waited = 0; waited < START_TIMEOUT_MS; waited += POLL_MS) {
        if (has_ended(f))
            return false;
        if (greets(f->port))
            return true;
        pause_ms(POLL_MS);
    }
    give_up(f, "the server does not answer");
}

nats_fixture *nats_fixture_start(const char *config)
{
    const char *parent = getenv("TMPDIR");
    nats_fixture *f = calloc(1, sizeof *f);

    if (!f)
        abort();
    f->config = config ? strdup(config) : NULL;
    snprintf(f->directory, sizeof f->directory, "%s/praxis-nats-XXXXXX", parent ? parent : "/tmp");
    if (!mkdtemp(f->directory))
        give_up(f, "cannot make a directory");
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++) {
        f->port = free_port();
        snprintf(f->url, sizeof f->url, "nats://127.0.0.1:%u", (unsigned)f->port);
        if (f->port != 0 && launch(f))
            return f;
    }
    give_up(f, "the server does not start");
}

static void end(nats_fixture *f, int signal)
{
    if (f->pid == 0)
        return;
    kill(f->pid, signal);
    while (waitpid(f->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    f->pid = 0;
}

void nats_fixture_kill(nats_fixture *f)
{
    end(f, SIGKILL);
}

void nats_fixture_shut_down(nats_fixture *f)
{
    end(f, SIGTERM);
}

void nats_fixture_restart(nats_fixture *f)
{
    if (f->pid != 0)
        give_up(f, "still running");
    for (int attempt = 0; attempt < START_ATTEMPTS; attempt++)
        if (launch(f))
            return;
    give_up(f, "the server does not start again");
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    (void)kind;
    (void)walk;
    return remove(path);
}

void nats_fixture_stop(nats_fixture *f)
{
    if (!f)
        return;
    end(f, SIGKILL);
    nftw(f->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(f->config);
    free(f);
}

const char *nats_fixture_url(const nats_fixture *f)
{
    return f->url;
}

const char *nats_fixture_directory(const nats_fixture *f)
{
    return f->directory;
}

pid_t nats_fixture_pid(const nats_fixture *f)
{
    return f->pid;
}
