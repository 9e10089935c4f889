/* test_daemon.c: the daemons as processes: settings, probes, signals, a broker that comes and goes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/bus.h"
#include "common/vault.h"
#include "tests/common/nats_fixture.h"

enum { DEADLINE_MS = 30000, STEP_MS = 10, WORDS_MAX = 24, TEXT_MAX = 65536 };

/** One program being run, or that was. */
typedef struct {
    pid_t pid;
    char out[128]; /* files */
    char err[128];
} process;

typedef struct {
    nats_fixture *nats;
    char folder[64];
    char data[96];
    char port[8];
    process runs[4];
    size_t run_count;
    char text[TEXT_MAX];
} world;

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/** A port nobody had a moment ago. */
static void choose_port(char port[8])
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(s, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(s, (struct sockaddr *)&address, &size), 0);
    close(s);
    snprintf(port, 8, "%u", ntohs(address.sin_port));
}

static int setup(void **ctx)
{
    world *w = calloc(1, sizeof *w);

    snprintf(w->folder, sizeof w->folder, "/tmp/praxis-daemon-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->data, sizeof w->data, "%s/data", w->folder);
    choose_port(w->port);
    w->nats = nats_fixture_start(NULL);
    *ctx = w;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static int teardown(void **ctx)
{
    world *w = *ctx;

    for (size_t i = 0; i < w->run_count; i++) {
        if (w->runs[i].pid > 0 && kill(w->runs[i].pid, SIGKILL) == 0)
            waitpid(w->runs[i].pid, NULL, 0);
    }
    nats_fixture_stop(w->nats);
    nftw(w->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

static void into_file(const char *path, int fd)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (file < 0 || dup2(file, fd) < 0)
        _exit(99);
}

/** Starts a program of the build folder; further words of the command line up to a NULL. */
static process *start(world *w, const char *program, ...)
{
    char path[512], *argv[WORDS_MAX] = { (char *)(uintptr_t)program };
    process *p = &w->runs[w->run_count++];
    va_list words;

    va_start(words, program);
    for (int i = 1; i < WORDS_MAX && (argv[i] = va_arg(words, char *)); i++)
        ;
    va_end(words);
    snprintf(path, sizeof path, "%s/%s", getenv("PRAXIS_BIN"), program);
    snprintf(p->out, sizeof p->out, "%s/out%zu", w->folder, w->run_count);
    snprintf(p->err, sizeof p->err, "%s/err%zu", w->folder, w->run_count);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        into_file(p->out, STDOUT_FILENO);
        into_file(p->err, STDERR_FILENO);
        execv(path, argv);
        _exit(98);
    }
    return p;
}

static process *start_competency(world *w)
{
    return start(w, "praxis-competency", "--data-dir", w->data, "--nats-url",
                 nats_fixture_url(w->nats), "--health-port", w->port, NULL);
}

/** Waits for the end; gives the exit code, 128 + n after signal n. */
static int exit_code(process *p)
{
    int64_t deadline = now_ms() + DEADLINE_MS;
    int state = 0;

    while (waitpid(p->pid, &state, WNOHANG) == 0) {
        if (now_ms() > deadline)
            fail_msg("still running; see %s", p->err);
        poll(NULL, 0, STEP_MS);
    }
    p->pid = 0;
    return WIFSIGNALED(state) ? 128 + WTERMSIG(state) : WEXITSTATUS(state);
}

static const char *contents(world *w, const char *path)
{
    FILE *file = fopen(path, "r");

    w->text[file ? fread(w->text, 1, TEXT_MAX - 1, file) : 0] = '\0';
    if (file)
        fclose(file);
    return w->text;
}

static void wait_for_log(world *w, process *p, const char *said)
{
    int64_t deadline = now_ms() + DEADLINE_MS;

    while (!strstr(contents(w, p->err), said)) {
        if (now_ms() > deadline)
            fail_msg("never said \"%s\":\n%s", said, w->text);
        poll(NULL, 0, STEP_MS);
    }
}

/** The status code of GET path; 0 when nobody answers. The answer is in w->text. */
static int get(world *w, const char *path)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)strtoul(w->port, NULL, 10)),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char request[128];
    size_t used = 0;
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path);

    if (connect(s, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(s, request, (size_t)size, MSG_NOSIGNAL) == size)
        for (ssize_t got = 1; got > 0 && used<TEXT_MAX - 1; used += got> 0 ? (size_t)got : 0)
            got = recv(s, w->text + used, TEXT_MAX - 1 - used, 0);
    close(s);
    w->text[used] = '\0';
    return used > 12 ? (int)strtol(w->text + 9, NULL, 10) : 0;
}

static void wait_for(world *w, const char *path, int code)
{
    int64_t deadline = now_ms() + DEADLINE_MS;

    while (get(w, path) != code) {
        if (now_ms() > deadline)
            fail_msg("%s never gave %d, last:\n%s", path, code, w->text);
        poll(NULL, 0, STEP_MS);
    }
}

static void assert_one_line(world *w, process *p, const char *said)
{
    const char *text = contents(w, p->err);

    if (!strstr(text, said))
        fail_msg("\"%s\" is not said in:\n%s", said, text);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

/* ---- settings ---- */

static void wrong_setting__ends_with_2_and_one_line(void **ctx)
{
    world *w = *ctx;
    char key[96];

    process *p = start(w, "praxis-competency", NULL);
    assert_int_equal(exit_code(p), 2);
    assert_one_line(w, p, "data-dir: is missing");

    p = start(w, "praxis-feedback-ingest", "--data-dir", w->data, "--health-port", "0", NULL);
    assert_int_equal(exit_code(p), 2);
    assert_one_line(w, p, "--master-key-file must name the key");

    snprintf(key, sizeof key, "%s/key", w->folder);
    assert_int_equal(px_vault_make_master(key), PX_OK);
    assert_int_equal(chmod(key, 0644), 0);
    p = start(w, "praxis-feedback-ingest", "--data-dir", w->data, "--health-port", "0",
              "--master-key-file", key, NULL);
    assert_int_equal(exit_code(p), 2);
    assert_one_line(w, p, "others may read it");
}

static void questions_about_the_program__end_with_0(void **ctx)
{
    world *w = *ctx;

    process *p = start(w, "praxis-competency", "--version", NULL);
    assert_int_equal(exit_code(p), 0);
    assert_string_equal(contents(w, p->out), "praxis-competency " PRAXIS_VERSION "\n");
    p = start(w, "praxis-competency", "--help", NULL);
    assert_int_equal(exit_code(p), 0);
    assert_non_null(strstr(contents(w, p->out), "PRAXIS_DATA_DIR"));
    p = start(w, "praxis-competency", "--check-config", "--data-dir", "/d", NULL);
    assert_int_equal(exit_code(p), 0);
    assert_non_null(strstr(contents(w, p->out), "data-dir = /d "));
}

static void taken_port_and_taken_directory__end_with_1_and_one_line(void **ctx)
{
    world *w = *ctx;
    char port[64];

    start_competency(w);
    wait_for(w, "/livez", 200);
    process *p = start_competency(w);
    assert_int_equal(exit_code(p), 1);
    snprintf(port, sizeof port, "127.0.0.1 port %s", w->port);
    assert_one_line(w, p, port);
    p = start(w, "praxis-competency", "--data-dir", w->data, "--nats-url",
              nats_fixture_url(w->nats), "--health-port", "0", NULL);
    assert_int_equal(exit_code(p), 1);
    assert_one_line(w, p, "in use");
}

/* ---- life ---- */

static px_bus *client(world *w)
{
    px_bus_options options = { .url = nats_fixture_url(w->nats),
                               .name = "test",
                               .inbox_prefix = "_IN_test" };
    int64_t deadline = now_ms() + DEADLINE_MS;
    px_bus *bus;

    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    while (px_bus_epoch(bus) == 0) {
        assert_true(now_ms() < deadline);
        px_bus_wait(bus, 100);
    }
    return bus;
}

static void broker_away__alive_but_not_ready_until_it_comes(void **ctx)
{
    world *w = *ctx;

    nats_fixture_shut_down(w->nats);
    process *p = start_competency(w);
    wait_for(w, "/livez", 200);
    assert_int_equal(get(w, "/readyz"), 503);
    assert_non_null(strstr(w->text, "\"reason\":\""));
    nats_fixture_restart(w->nats);
    wait_for(w, "/readyz", 200);
    nats_fixture_shut_down(w->nats);
    wait_for(w, "/readyz", 503);
    assert_int_equal(get(w, "/livez"), 200);
    nats_fixture_restart(w->nats);
    wait_for(w, "/readyz", 200);
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    assert_int_equal(exit_code(p), 0);
}

static void wrong_stream__said_in_readiness_until_it_is_mended(void **ctx)
{
    static const char *const subjects[] = { "praxis.log.*" };
    const px_stream_config wrong = { .name = "PRAXIS_LOG",
                                     .subjects = subjects,
                                     .subject_count = 1,
                                     .retention = PX_KEEP_UNTIL_PURGED };
    world *w = *ctx;
    px_bus *bus = client(w);
    px_bus_msg *reply;

    assert_int_equal(px_bus_stream_ensure(bus, &wrong), PX_OK);
    process *p = start_competency(w);
    wait_for_log(w, p, "stream PRAXIS_LOG: deny_delete is false, true is needed");
    assert_int_equal(get(w, "/readyz"), 503);
    assert_non_null(strstr(w->text, "stream PRAXIS_LOG: deny_delete is false, true is needed"));
    assert_int_equal(get(w, "/livez"), 200);
    assert_int_equal(px_bus_request(bus,
                                    &(px_bus_out){ .subject = "$JS.API.STREAM.DELETE.PRAXIS_LOG" },
                                    5000, &reply),
                     PX_OK);
    px_bus_msg_free(reply);
    wait_for(w, "/readyz", 200);
    const char *once = strstr(contents(w, p->err), "deny_delete");
    assert_null(strstr(once + 1, "deny_delete")); /* said once, however often it was looked at */
    px_bus_close(bus);
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    assert_int_equal(exit_code(p), 0);
}

static void daemon__is_found_and_measured(void **ctx)
{
    world *w = *ctx;
    px_bus_out ping = { .subject = "$SRV.PING.competency" };
    px_bus_msg *reply;

    process *p = start_competency(w);
    wait_for(w, "/readyz", 200);
    px_bus *bus = client(w);
    assert_int_equal(px_bus_request(bus, &ping, 5000, &reply), PX_OK);
    assert_non_null(memmem(reply->data.data, reply->data.size, "\"name\":\"competency\"", 19));
    px_bus_msg_free(reply);
    px_bus_close(bus);
    wait_for(w, "/metrics", 200);
    assert_non_null(strstr(w->text, "\npraxis_ready 1\n"));
    assert_non_null(strstr(w->text, "\npraxis_nats_connected 1\n"));
    assert_null(strstr(w->text, "\npraxis_lmdb_map_bytes 0\n"));
    assert_int_equal(kill(p->pid, SIGINT), 0);
    assert_int_equal(exit_code(p), 0);
}

static void hang_up__reads_the_log_level_again(void **ctx)
{
    world *w = *ctx;
    char path[96];

    snprintf(path, sizeof path, "%s/settings", w->folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "data-dir = %s\nlog-level = warning\n", w->data);
    fclose(file);
    process *p = start(w, "praxis-competency", "--config", path, "--nats-url",
                       nats_fixture_url(w->nats), "--health-port", w->port, NULL);
    wait_for(w, "/readyz", 200);
    assert_null(strstr(contents(w, p->err), "started"));

    file = fopen(path, "w");
    fprintf(file, "data-dir = %s\nlog-level = info\n", w->data);
    fclose(file);
    assert_int_equal(kill(p->pid, SIGHUP), 0);
    wait_for_log(w, p, "log level read again");

    file = fopen(path, "w");
    fprintf(file, "log-level = loud\n");
    fclose(file);
    assert_int_equal(kill(p->pid, SIGHUP), 0);
    wait_for_log(w, p, "going on with those from the start");
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    assert_int_equal(exit_code(p), 0);
    assert_non_null(strstr(contents(w, p->err), "SIGTERM")); /* said at level info */
}

static const char *notified(world *w, int s)
{
    struct pollfd wait = { .fd = s, .events = POLLIN };

    assert_int_equal(poll(&wait, 1, DEADLINE_MS), 1);
    ssize_t size = recv(s, w->text, 64, 0);
    w->text[size > 0 ? size : 0] = '\0';
    return w->text;
}

static void service_manager__is_told(void **ctx)
{
    world *w = *ctx;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", w->folder);
    assert_int_equal(bind(s, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    process *p = start_competency(w);
    unsetenv("NOTIFY_SOCKET");
    assert_string_equal(notified(w, s), "READY=1");
    assert_string_equal(notified(w, s), "WATCHDOG=1");
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    while (strcmp(notified(w, s), "STOPPING=1") != 0)
        assert_string_equal(w->text, "WATCHDOG=1");
    assert_int_equal(exit_code(p), 0);
    close(s);
}

/* ---- fold-to ---- */

static void fold_to__prints_the_same_projection_as_the_daemon_has(void **ctx)
{
    world *w = *ctx;
    char beside[96];
    px_bus_ack ack;
    px_bus_out unreadable = { .subject = "praxis.v1.acme.submit.competency.RecordAssessment.src",
                              .data = { "\xff\xff", 2 } };

    process *p = start_competency(w);
    wait_for(w, "/readyz", 200);
    px_bus *bus = client(w);
    assert_int_equal(px_bus_publish_wait(bus, &unreadable, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
    int64_t deadline = now_ms() + DEADLINE_MS;
    while (get(w, "/metrics") != 200 || !strstr(w->text, "\npraxis_log_cursor_sequence 1\n")) {
        assert_true(now_ms() < deadline); /* its rejection is the first batch of the log */
        poll(NULL, 0, STEP_MS);
    }
    px_bus_close(bus);

    snprintf(beside, sizeof beside, "%s/beside", w->folder);
    process *tool = start(w, "praxis-competency", "--data-dir", beside, "--nats-url",
                          nats_fixture_url(w->nats), "--health-port", "0", "--fold-to", "1", NULL);
    assert_int_equal(exit_code(tool), 0);
    contents(w, tool->out);
    assert_non_null(strstr(w->text, "\"service\":\"competency\""));
    assert_non_null(strstr(w->text, "\"seq\":\"1\""));
    assert_non_null(strstr(w->text, "\"digest\":\""));
    assert_int_equal(kill(p->pid, SIGTERM), 0);
    assert_int_equal(exit_code(p), 0);
    /* What the daemon left behind is the same. */
    char *first = strdup(strstr(w->text, "\"digest\":\""));
    tool = start(w, "praxis-competency", "--data-dir", w->data, "--nats-url",
                 nats_fixture_url(w->nats), "--health-port", "0", "--fold-to", "1", NULL);
    assert_int_equal(exit_code(tool), 0);
    assert_memory_equal(strstr(contents(w, tool->out), "\"digest\":\""), first, 50);
    free(first);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(wrong_setting__ends_with_2_and_one_line),
        TEST(questions_about_the_program__end_with_0),
        TEST(taken_port_and_taken_directory__end_with_1_and_one_line),
        TEST(wrong_stream__said_in_readiness_until_it_is_mended),
        TEST(broker_away__alive_but_not_ready_until_it_comes),
        TEST(daemon__is_found_and_measured),
        TEST(hang_up__reads_the_log_level_again),
        TEST(service_manager__is_told),
        TEST(fold_to__prints_the_same_projection_as_the_daemon_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
