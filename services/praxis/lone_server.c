#include "services/praxis/lone_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "services/praxis/binaries.h"
#include "services/praxis/child_log.h"
#include "services/praxis/probe.h"

enum {
    PORT_FIRST = 21000, /* below the range from which the kernel takes ports for connections */
    PORT_LAST = 32000,
    READY_MS = 60000,
    STOP_MS = 60000,
    PAUSE_MS = 20
};

const char px_lone_inbox[] = "_IN_lone";

static px_status say(px_status status, const char *what, const char *why)
{
    fprintf(stderr, "praxis: %s: %s\n", what, why);
    return status;
}

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000L }, NULL);
}

static uint16_t free_port(void)
{
    unsigned span = PORT_LAST - PORT_FIRST;

    for (unsigned i = 0; i < span; i++) {
        uint16_t port = (uint16_t)(PORT_FIRST + ((unsigned)getpid() * 7 + i) % span);

        if (px_probe_free(port))
            return port;
    }
    return 0;
}

/* The account is that of the daemons, where the server keeps the streams' files. */
static px_status write_config(const px_lone_server *s, uint16_t port, const char *password)
{
    char *text;
    px_status status;

    if (asprintf(
            &text,
            "listen: \"127.0.0.1:%u\"\nserver_name: \"praxis\"\nmax_payload: 8MB\n"
            "jetstream { store_dir: \"%s\", max_file_store: 1152921504606846976 }\n"
            "accounts {\n  CORE { jetstream: enabled\n    users: [ { user: \"lone\", password: "
            "\"%s\" } ] }\n  SYS {}\n}\nsystem_account: SYS\n",
            (unsigned)port, s->store, password) < 0)
        return PX_ENOMEM;
    status = px_layout_write(s->config, text);
    free(text);
    return status;
}

static _Noreturn void become(const char *program, const px_lone_server *s)
{
    int out = open(s->log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    setsid(); /* Ctrl-C is for the command, which then stops it */
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execl(program, program, "-c", s->config, (char *)NULL);
    _exit(127);
}

static bool alive(px_lone_server *s)
{
    if (s->pid > 0 && waitpid(s->pid, NULL, WNOHANG) == s->pid)
        s->pid = 0;
    return s->pid > 0;
}

static px_status wait_ready(px_lone_server *s, uint16_t port)
{
    for (int waited_ms = 0; waited_ms < READY_MS && alive(s); waited_ms += PAUSE_MS) {
        if (px_probe_nats(port))
            return PX_OK;
        pause_ms(PAUSE_MS);
    }
    px_child_log_tail(s->log);
    return say(PX_EIO, s->store, "nats-server does not start on it");
}

static px_status connect_to(px_lone_server *s, const char *dir, uint16_t port, const char *password)
{
    char url[64], path[PX_PATH_MAX];
    px_bus_options options = { .url = url,
                               .user = "lone",
                               .name = "praxis",
                               .password_file = px_layout_path(dir, "lone.password", path),
                               .inbox_prefix = px_lone_inbox };
    px_status status = px_layout_write(path, password);

    snprintf(url, sizeof url, "nats://127.0.0.1:%u", (unsigned)port);
    if (status == PX_OK)
        status = px_bus_open(&s->bus, &options);
    for (int waited_ms = 0; status == PX_OK && px_bus_epoch(s->bus) == 0; waited_ms += PAUSE_MS) {
        if (waited_ms >= READY_MS)
            status = say(PX_ETIMEOUT, url, px_bus_last_error(s->bus));
        px_bus_wait(s->bus, PAUSE_MS);
    }
    unlink(path);
    return status;
}

static px_status launch(px_lone_server *s, const char *dir)
{
    uint8_t random[16];
    char program[PX_PATH_MAX], password[sizeof random * 2 + 1];
    uint16_t port = free_port();

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(password, sizeof password, random, sizeof random);
    if (!px_binary_nats(program))
        return PX_ENOTFOUND;
    if (port == 0)
        return say(PX_EBUSY, "nats-server", "no free port on 127.0.0.1");
    px_status status = write_config(s, port, password);
    if (status != PX_OK)
        return status;
    fflush(NULL);
    s->pid = fork();
    if (s->pid == 0)
        become(program, s);
    status = s->pid > 0 ? wait_ready(s, port) : say(PX_EIO, program, strerror(errno));
    return status == PX_OK ? connect_to(s, dir, port, password) : status;
}

px_status px_lone_server_start(px_lone_server *s, const char *dir, const char *store)
{
    px_status status;

    *s = (px_lone_server){ 0 };
    px_layout_path(dir, store, s->store);
    px_layout_path(dir, "lone.conf", s->config);
    px_layout_path(dir, "lone.log", s->log);
    if (mkdir(s->store, 0700) != 0 && errno != EEXIST)
        return say(PX_EIO, s->store, strerror(errno));
    status = launch(s, dir);
    if (status != PX_OK)
        px_lone_server_stop(s);
    return status;
}

static void end_process(px_lone_server *s)
{
    if (s->pid > 0)
        kill(s->pid, SIGTERM);
    for (int waited_ms = 0; alive(s) && waited_ms < STOP_MS; waited_ms += PAUSE_MS)
        pause_ms(PAUSE_MS);
    if (s->pid > 0) {
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    s->pid = 0;
}

static px_status sync_store(const char *store)
{
    int fd = open(store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool synced = fd >= 0 && syncfs(fd) == 0;

    if (fd >= 0)
        close(fd);
    return synced ? PX_OK : say(PX_EIO, store, strerror(errno));
}

px_status px_lone_server_stop(px_lone_server *s)
{
    if (s->bus)
        px_bus_close(s->bus);
    s->bus = NULL;
    if (!s->store[0])
        return PX_OK;
    end_process(s);
    unlink(s->config);
    unlink(s->log);
    return sync_store(s->store);
}
