/* world_watch.c: what can be seen of daemons from outside: health, metrics, rest, projections. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fold.h"
#include "tests/faults/world_impl.h"

enum {
    STILL_MS = 1600 /* longer than any timer that makes an idle daemon speak */,
    PATIENCE_MS = 2000,
    PATIENCE_LINES_MAX = 20
};

/* ---- health ---- */

int world_get(world *w, unsigned daemon, unsigned copy, const char *path)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(w->daemons[daemon][copy].port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char request[128];
    size_t used = 0;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = snprintf(request, sizeof request,
                        "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);

    if (connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(s, request, (size_t)size, MSG_NOSIGNAL) == size) {
        ssize_t got;

        while (used < WORLD_ANSWER_MAX - 1 &&
               (got = recv(s, w->answer + used, WORLD_ANSWER_MAX - 1 - used, 0)) > 0)
            used += (size_t)got;
    }
    close(s);
    w->answer[used] = '\0';
    return used > 12 ? (int)strtol(w->answer + 9, NULL, 10) : 0;
}

const char *world_answer(const world *w)
{
    return w->answer;
}

double world_metric(world *w, unsigned daemon, unsigned copy, const char *name)
{
    char line[128];

    if (world_get(w, daemon, copy, "/metrics") != 200)
        return -1;
    snprintf(line, sizeof line, "\n%s ", name);
    const char *at = strstr(w->answer, line);
    return at ? strtod(at + strlen(line), NULL) : -1;
}

double world_rss_anon(const world *w, unsigned daemon)
{
    char path[64], line[256];
    double mib = 0;

    snprintf(path, sizeof path, "/proc/%d/status", world_pid(w, daemon, 0));
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "RssAnon:", 8) == 0)
            mib = strtod(line + 8, NULL) / 1024;
    if (file)
        fclose(file);
    return mib;
}

static void wait_one(world *w, unsigned daemon, unsigned copy, const char *path, int code)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;

    while (world_get(w, daemon, copy, path) != code) {
        world_check(w);
        if (world_now_ms() > deadline)
            world_fail(w, "%s of %s never gave %d, last:\n%s", path, world_services[daemon], code,
                       w->answer);
        poll(NULL, 0, WORLD_STEP_MS);
    }
}

void world_wait_reason(world *w, unsigned daemon, unsigned copy, const char *reason)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;

    while (world_get(w, daemon, copy, "/readyz") != 503 || !strstr(w->answer, reason)) {
        world_check(w);
        if (world_now_ms() > deadline)
            world_fail(w, "%s never said \"%s\", last:\n%s", world_services[daemon], reason,
                       w->answer);
        poll(NULL, 0, WORLD_STEP_MS);
    }
}

int64_t world_cpu_ms(const world *w, unsigned daemon, unsigned copy)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)w->daemons[daemon][copy].pid);
    FILE *file = fopen(path, "r");
    text[file ? fread(text, 1, sizeof text - 1, file) : 0] = '\0';
    if (file)
        fclose(file);
    const char *behind_name = strrchr(text, ')');
    if (behind_name)
        (void)sscanf(behind_name + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                     &system);
    return (int64_t)(user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

static unsigned lines_of(const char *path)
{
    unsigned lines = 0;
    FILE *file = fopen(path, "r");
    int c;

    while (file && (c = fgetc(file)) != EOF)
        lines += c == '\n';
    if (file)
        fclose(file);
    return lines;
}

void world_expect_patience(world *w, unsigned daemon, unsigned copy, const char *reason)
{
    const char *log = w->daemons[daemon][copy].log;
    unsigned lines = lines_of(log);
    int64_t since = world_now_ms(), cpu = world_cpu_ms(w, daemon, copy);

    while (world_now_ms() - since < PATIENCE_MS) {
        if (world_get(w, daemon, copy, "/livez") != 200)
            world_fail(w, "%s hangs", world_services[daemon]);
        world_wait_reason(w, daemon, copy, reason);
        poll(NULL, 0, WORLD_STEP_MS);
    }
    lines = lines_of(log) - lines;
    cpu = world_cpu_ms(w, daemon, copy) - cpu;
    if (lines > PATIENCE_LINES_MAX || cpu > PATIENCE_MS / 2)
        world_fail(w, "%s does not wait in peace: %u lines in its log, %lld ms of processor",
                   world_services[daemon], lines, (long long)cpu);
}

void world_wait_all(world *w, const char *path, int code)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            wait_one(w, d, c, path, code);
}

/* ---- quiet ---- */

static bool copy_is_through(world *w, unsigned daemon, unsigned copy, uint64_t last)
{
    return world_metric(w, daemon, copy, "praxis_log_cursor_sequence") == (double)last &&
           world_metric(w, daemon, copy, "praxis_feed_messages_waiting") == 0 &&
           world_metric(w, daemon, copy, "praxis_ready") == 1;
}

static bool all_are_through(world *w, uint64_t last)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        for (unsigned c = 0; c < world_copies(w); c++)
            if (!copy_is_through(w, d, c, last))
                return false;
    return true;
}

static bool stream_is_empty(px_bus *bus, unsigned daemon)
{
    char name[64];
    px_stream_info info;

    px_inbox_stream_name(world_services[daemon], name, sizeof name);
    return px_bus_stream_info(bus, name, &info) == PX_OK && info.messages == 0;
}

static bool inboxes_are_empty(px_bus *bus)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (!stream_is_empty(bus, d))
            return false;
    return true;
}

/* Nothing says "finished" from outside: an idle world is one where nothing moved for longer than
 * any timer of a daemon. */
uint64_t world_settle(world *w)
{
    const int64_t still_ms = STILL_MS + (int64_t)w->options.standby_ms;
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS, since = world_now_ms();
    uint64_t log_last = UINT64_MAX, feed_last = UINT64_MAX;
    px_bus *bus = world_client(w);

    while (world_now_ms() - since < still_ms) {
        px_stream_info log = { 0 }, feed = { 0 };
        bool quiet = px_bus_stream_info(bus, px_log_stream, &log) == PX_OK &&
                     px_bus_stream_info(bus, px_feed_stream, &feed) == PX_OK &&
                     log.last_seq == log_last && feed.last_seq == feed_last &&
                     inboxes_are_empty(bus) && all_are_through(w, log_last);

        if (!quiet)
            since = world_now_ms();
        log_last = log.last_seq;
        feed_last = feed.last_seq;
        world_check(w);
        if (world_now_ms() > deadline)
            world_fail(w, "the world does not come to rest: log %llu, feed %llu, inboxes %s",
                       (unsigned long long)log_last, (unsigned long long)feed_last,
                       inboxes_are_empty(bus) ? "empty" : "not empty");
        poll(NULL, 0, 50);
    }
    px_bus_close(bus);
    return log_last;
}

/* ---- folding beside ---- */

static const char *after(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    return at ? at + strlen(key) : "";
}

static world_projection read_projection(world *w, const char *path)
{
    world_projection p = { 0 };
    char text[1024];
    FILE *file = fopen(path, "r");

    text[file ? fread(text, 1, sizeof text - 1, file) : 0] = '\0';
    if (file)
        fclose(file);
    p.seq = strtoull(after(text, "\"seq\":\""), NULL, 10);
    p.records = strtoull(after(text, "\"records\":\""), NULL, 10);
    if (sscanf(after(text, "\"digest\":\""), "%63[^\"]", p.digest) != 1)
        world_fail(w, "no digest in: %s", text);
    return p;
}

world_folding world_fold_begin(world *w, unsigned daemon, int copy, uint64_t seq)
{
    const char *directory = w->directory;
    world_folding f = { .daemon = daemon };
    char data[WORLD_PATH_MAX], url[WORLD_PATH_MAX], goal[24];
    char *argv[12 + PX_COUNT(w->options.flags)] = { (char *)(uintptr_t)world_services[daemon],
                                                    "--nats-url",
                                                    url,
                                                    "--data-dir",
                                                    data,
                                                    "--health-port",
                                                    "0",
                                                    "--fold-to",
                                                    goal,
                                                    "--log-format",
                                                    "text" };

    for (size_t i = 0; i < PX_COUNT(w->options.flags) && w->options.flags[i]; i++)
        argv[11 + i] = (char *)(uintptr_t)w->options.flags[i];
    w->folds++;
    snprintf(data, sizeof data, "%s/fold%u", directory, w->folds);
    snprintf(f.out, sizeof f.out, "%s/fold%u.out", directory, w->folds);
    snprintf(f.err, sizeof f.err, "%s/fold%u.err", directory, w->folds);
    if (copy >= 0)
        snprintf(data, sizeof data, "%s", w->daemons[daemon][copy].data);
    snprintf(url, sizeof url, "%s", world_servers(w));
    snprintf(goal, sizeof goal, "%llu", (unsigned long long)seq);
    f.pid = world_launch(world_services[daemon], argv, f.out, f.err, NULL);
    return f;
}

world_projection world_fold_end(world *w, world_folding *f)
{
    world_process p = { .pid = f->pid };
    int state = world_reap(&p);

    if (state != 0) {
        world_print_end_of(f->err);
        world_fail(w, "folding %s ended with wait status %x", world_services[f->daemon],
                   (unsigned)state);
    }
    return read_projection(w, f->out);
}
