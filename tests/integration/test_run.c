/* test_run.c: `praxis run` and the commands beside it, as a person at a terminal would use them. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store.h"
#include "services/praxis/layout.h"

enum { DEADLINE_MS = 60000, STEP_MS = 20, WORDS_MAX = 12, TEXT_SIZE = 65536 };

typedef struct {
    char folder[64];
    char dir[96];
    char out[96]; /* what `praxis run` says */
    char port[8];
    char health[8];
    pid_t run;
    char text[TEXT_SIZE];
} world;

/* ---- processes ---- */

static bool within_deadline(int *waited_ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = STEP_MS * 1000000 }, NULL);
    *waited_ms += STEP_MS;
    return *waited_ms < DEADLINE_MS;
}

static const char *read_into(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");

    text[0] = '\0';
    if (file) {
        text[fread(text, 1, size - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

static const char *read_file(world *w, const char *path)
{
    return read_into(path, w->text, sizeof w->text);
}

static pid_t launch(const char *out, const char *const *words)
{
    const char *bin = getenv("PRAXIS_BIN");
    char *argv[WORDS_MAX + 2] = { "praxis" };
    char program[512];
    pid_t pid;

    snprintf(program, sizeof program, "%s/praxis", bin ? bin : "build");
    for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i];
    pid = fork();
    if (pid == 0) {
        int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execv(program, argv);
        _exit(127);
    }
    assert_true(pid > 0);
    return pid;
}

static int wait_for_end(pid_t pid)
{
    int status = 0, waited_ms = 0;

    while (waitpid(pid, &status, WNOHANG) != pid) {
        if (!within_deadline(&waited_ms)) {
            kill(pid, SIGKILL);
            fail_msg("a process does not end");
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A command to its end; what it said is in w->text. */
static int command(world *w, const char *const *words)
{
    char out[128];

    snprintf(out, sizeof out, "%s/command.out", w->folder);
    int code = wait_for_end(launch(out, words));
    read_file(w, out);
    return code;
}

#define COMMAND(w, ...) command((w), (const char *const[]){ __VA_ARGS__, NULL })

static bool one_line(const char *text)
{
    const char *end = strchr(text, '\n');

    return end && !end[1];
}

/* ---- the world ---- */

static int listen_on(uint16_t port, uint16_t *given)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0) {
        close(fd);
        return -1;
    }
    if (given)
        *given = ntohs(address.sin_port);
    return fd;
}

/* Five ports in a row that nobody had a moment ago. */
static uint16_t free_row(void)
{
    for (;;) {
        int fds[PX_DAEMONS + 1];
        uint16_t first = 0;
        int count = 0;

        fds[count++] = listen_on(0, &first);
        while (count <= PX_DAEMONS && first < UINT16_MAX - PX_DAEMONS &&
               (fds[count] = listen_on((uint16_t)(first + count), NULL)) >= 0)
            count++;
        for (int i = 0; i < count; i++)
            close(fds[i]);
        if (count == PX_DAEMONS + 1)
            return first;
    }
}

static int setup(void **ctx)
{
    world *w = calloc(1, sizeof *w);
    uint16_t port = free_row();

    snprintf(w->folder, sizeof w->folder, "/tmp/praxis-run-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->dir, sizeof w->dir, "%s/data", w->folder);
    snprintf(w->out, sizeof w->out, "%s/run.out", w->folder);
    snprintf(w->port, sizeof w->port, "%u", port);
    snprintf(w->health, sizeof w->health, "%u", port + 1u);
    *ctx = w;
    return 0;
}

static void begin_run(world *w, const char *source)
{
    const char *const words[] = { "run",           "--dir",   w->dir,     "--port", w->port,
                                  "--health-base", w->health, "--source", source,   NULL };

    unlink(w->out); /* what an earlier run said is not what this one says */
    w->run = launch(w->out, words);
    for (int waited_ms = 0; !strstr(read_file(w, w->out), "Ctrl-C stops it.");)
        if (!within_deadline(&waited_ms))
            fail_msg("praxis run is not ready: %s", w->text);
}

/* What a daemon may not do it does not need: the server has refused nothing. */
static int end_run(world *w)
{
    char log[128];
    pid_t pid = w->run;

    w->run = 0;
    kill(pid, SIGTERM);
    int code = wait_for_end(pid);
    snprintf(log, sizeof log, "%s/logs/nats-server.log", w->dir);
    if (strstr(read_file(w, log), "Violation"))
        fail_msg("the server refused something: %s", strstr(w->text, "Violation"));
    return code;
}

static int teardown(void **ctx)
{
    world *w = *ctx;

    if (w->run > 0)
        end_run(w);
    px_layout_remove(w->folder);
    free(w);
    return 0;
}

static const char *in_dir(world *w, const char *name, char path[PX_PATH_MAX])
{
    return px_layout_path(w->dir, name, path);
}

static void submit_people(world *w)
{
    char path[PX_PATH_MAX];
    FILE *file = fopen(px_layout_path(w->folder, "people.jsonl", path), "we");

    assert_non_null(file);
    fputs("{\"submissionId\": \"u1\", \"recordUnit\": {\"unitId\": \"sales\", \"label\": "
          "\"Sales\"}}\n",
          file);
    for (int i = 0; i < 200; i++)
        fprintf(file,
                "{\"submissionId\": \"p%d\", \"recordPerson\": {\"personId\": \"person-%d\", "
                "\"unitId\": \"sales\", \"active\": true}}\n",
                i, i);
    fclose(file);
    int code = COMMAND(w, "submit", "--dir", w->dir, "--service", "feedback-ingest", path);
    if (code != 0)
        fail_msg("submit: %d: %s", code, w->text);
}

/* ---- tests ---- */

static void run__decides_verifies_rebuilds_and_stops(void **ctx)
{
    world *w = *ctx;

    begin_run(w, "hr");
    submit_people(w);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir, "--json"), 0);
    assert_non_null(strstr(w->text, "\"ok\": true"));
    assert_null(strstr(w->text, "\"messages\": 0"));
    assert_int_equal(COMMAND(w, "rebuild", "--dir", w->dir, "--all"), 0);
    assert_non_null(strstr(w->text, "reporting: built again up to log sequence"));
    assert_int_equal(COMMAND(w, "snapshot", "--dir", w->dir, "--all"), 0);
    assert_non_null(strstr(w->text, "reporting: snapshot at log sequence"));
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir), 0);
    assert_non_null(strstr(w->text, "A rebuild from the log gives the same bytes."));
    assert_int_equal(end_run(w), 0);
}

static void run_again__same_credentials_and_more_sources(void **ctx)
{
    world *w = *ctx;
    char path[PX_PATH_MAX], before[64];

    begin_run(w, "hr");
    submit_people(w);
    read_into(in_dir(w, "credentials/hr", path), before, sizeof before);
    assert_int_equal(strlen(before), PX_PASSWORD_SIZE);
    assert_int_equal(end_run(w), 0);
    assert_int_equal(COMMAND(w, "rebuild", "--dir", w->dir, "reporting"), 0);
    assert_int_not_equal(access(in_dir(w, "data/reporting", path), F_OK), 0);

    begin_run(w, "globex/sap");
    assert_string_equal(read_file(w, in_dir(w, "credentials/hr", path)), before);
    assert_int_equal(access(in_dir(w, "credentials/sap@globex", path), F_OK), 0);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir, "--json"), 0);
    assert_null(strstr(w->text, "\"messages\": 0"));
}

static void second_run_on_the_directory__one_clear_line(void **ctx)
{
    world *w = *ctx;

    begin_run(w, "hr");
    assert_int_equal(COMMAND(w, "run", "--dir", w->dir, "--port", "1"), 1);
    assert_true(one_line(w->text));
    assert_non_null(strstr(w->text, "in use by another praxis run"));
}

static void port_in_use__one_clear_line_and_nothing_started(void **ctx)
{
    world *w = *ctx;
    char path[PX_PATH_MAX];
    int taken = listen_on((uint16_t)strtoul(w->port, NULL, 10), NULL);

    assert_true(taken >= 0);
    assert_int_equal(
        COMMAND(w, "run", "--dir", w->dir, "--port", w->port, "--health-base", w->health), 1);
    assert_true(one_line(w->text));
    assert_non_null(strstr(w->text, w->port));
    close(taken);

    taken = listen_on((uint16_t)strtoul(w->health, NULL, 10), NULL);
    assert_true(taken >= 0);
    assert_int_equal(
        COMMAND(w, "run", "--dir", w->dir, "--port", w->port, "--health-base", w->health), 1);
    assert_true(one_line(w->text));
    assert_non_null(strstr(w->text, w->health));
    assert_non_null(strstr(w->text, "feedback-ingest"));
    close(taken);
    assert_int_not_equal(access(in_dir(w, "logs/nats-server.log", path), F_OK), 0);
}

static void sigterm__leaves_nothing_running(void **ctx)
{
    world *w = *ctx;

    begin_run(w, "hr");
    assert_int_equal(end_run(w), 0);
    int fd = listen_on((uint16_t)strtoul(w->health, NULL, 10), NULL);
    assert_true(fd >= 0);
    close(fd);
    begin_run(w, "hr"); /* locks, ports and stores are free again */
}

/* The pid of a daemon of ours, from its parent's list of children. */
static pid_t child_named(world *w, const char *name)
{
    char path[128], line[64] = "", children[512] = "";
    char *rest = children;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)w->run, (int)w->run);
    read_into(path, children, sizeof children);
    for (char *word; (word = strsep(&rest, " ")) != NULL && *word;) {
        pid_t pid = (pid_t)strtol(word, NULL, 10);
        snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
        read_into(path, line, sizeof line);
        if (strncmp(line, name, strlen(name)) == 0)
            return pid;
    }
    return 0;
}

static void daemon_killed__started_again(void **ctx)
{
    world *w = *ctx;

    begin_run(w, "hr");
    pid_t before = child_named(w, "praxis-competen"), after = 0;
    assert_true(before > 0);
    kill(before, SIGKILL);
    for (int waited_ms = 0; after == 0 || after == before;
         after = child_named(w, "praxis-competen"))
        assert_true(within_deadline(&waited_ms));
    assert_non_null(
        strstr(read_file(w, w->out), "competency ended by signal 9; starting it again"));
    submit_people(w);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir), 0);
}

/* One record that the log does not say. */
static void spoil_projection(world *w)
{
    char path[PX_PATH_MAX];
    px_store_options options = { .directory = in_dir(w, "data/review-cycle", path), .layout = 0 };
    px_status status = PX_ENOTFOUND;
    px_store *store;
    bool fresh = true;

    /* The layout number is the service's own: opening with another one would empty the store. */
    for (uint32_t layout = 1; layout < 64 && fresh; layout++) {
        char copy[PX_PATH_MAX], shell[3 * PX_PATH_MAX];
        px_layout_path(w->folder, "copy", copy);
        px_layout_remove(copy);
        snprintf(shell, sizeof shell, "cp -r '%s' '%s'", path, copy);
        assert_int_equal(system(shell), 0);
        px_store_options trial = { .directory = copy, .layout = layout };
        assert_int_equal(px_store_open(&store, &trial, &fresh), PX_OK);
        px_store_close(store);
        options.layout = layout;
    }
    assert_false(fresh);
    status = px_store_open(&store, &options, &fresh);
    assert_int_equal(status, PX_OK);
    px_txn *txn = px_store_begin(store);
    px_put(txn, PX_STATE, (px_bytes){ "\xfespoiled", 8 }, (px_bytes){ "x", 1 });
    assert_int_equal(px_txn_commit(txn), PX_OK);
    px_store_close(store);
}

static void spoiled_projection__found_by_verify_and_mended_by_rebuild(void **ctx)
{
    world *w = *ctx;

    begin_run(w, "hr");
    submit_people(w);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir), 0);
    assert_int_equal(end_run(w), 0);
    spoil_projection(w);
    begin_run(w, "hr");
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir), 1);
    assert_non_null(strstr(w->text, "NOT verified"));
    assert_int_equal(COMMAND(w, "rebuild", "--dir", w->dir, "review-cycle"), 0);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir), 0);
}

/* True when the archive holds the whole log, and folds to the projection that is in use. */
static bool archive_is_live(world *w, const char *archive)
{
    char digest[65], *found;

    assert_int_equal(COMMAND(w, "archive", "--dir", w->dir, "--to", archive, "--once"), 0);
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir, "--archive", archive, "--json"), 0);
    found = strstr(w->text, "\"digest\": \"");
    assert_non_null(found);
    snprintf(digest, sizeof digest, "%.64s", found + strlen("\"digest\": \""));
    assert_int_equal(COMMAND(w, "verify", "--dir", w->dir, "--json"), 0);
    return strstr(w->text, digest) != NULL;
}

/* Asked about on the live log, with the operator's rights, and on its archive: unless a daemon has
 * had more to say in between, the same. */
static bool past_is_the_same(world *w, const char *archive)
{
    assert_int_equal(COMMAND(w, "archive", "--dir", w->dir, "--to", archive, "--once"), 0);
    assert_int_equal(COMMAND(w, "whatif", "--dir", w->dir, "--archive", archive, "--hours", "8"),
                     0);
    char *offline = strdup(w->text);
    assert_non_null(strstr(offline, "people with a plan or a gap: 0, with another plan: 0"));
    assert_int_equal(COMMAND(w, "whatif", "--dir", w->dir, "--hours", "8"), 0);
    bool same = strcmp(w->text, offline) == 0;
    free(offline);
    return same;
}

static void expect_past(world *w, const char *archive)
{
    int waited_ms = 0;

    assert_int_equal(COMMAND(w, "whatif", "--dir", w->dir), 2); /* nothing is to be different */
    while (!past_is_the_same(w, archive))
        assert_true(within_deadline(&waited_ms));
    assert_int_equal(COMMAND(w, "explain", "person-1", "--dir", w->dir, "--from-log"), 1);
    assert_non_null(strstr(w->text, "NOT_FOUND")); /* they are known, and have no plan */
}

/* With the rights that `praxis run` gives: end_run() fails when the server has refused something.
 */
static void backup_archive_and_new_master__come_back_elsewhere(void **ctx)
{
    world *w = *ctx;
    char master[PX_PATH_MAX], saved[PX_PATH_MAX], archive[PX_PATH_MAX];
    int waited_ms = 0;

    px_layout_path(w->folder, "saved", saved);
    px_layout_path(w->folder, "archive", archive);
    begin_run(w, "hr");
    submit_people(w);
    while (!archive_is_live(w, archive)) /* a daemon had more to say */
        assert_true(within_deadline(&waited_ms));
    expect_past(w, archive);
    assert_int_equal(COMMAND(w, "rotate-key", "--dir", w->dir), 0);
    assert_int_equal(COMMAND(w, "rotate-key", "--dir", w->dir, "--finish"), 1); /* too early */
    assert_int_equal(COMMAND(w, "rotate-key", "--dir", w->dir, "--finish", "--grace", "0"), 0);
    assert_int_equal(COMMAND(w, "backup", "--dir", w->dir, "--to", saved), 0);
    assert_int_equal(end_run(w), 0);
    assert_int_equal(COMMAND(w, "whatif", "--archive", saved, "--hours", "8"), 0);
    assert_non_null(strstr(w->text, "with another plan: 0"));

    in_dir(w, "master.key", master);
    snprintf(w->dir, sizeof w->dir, "%s/elsewhere", w->folder);
    int code = COMMAND(w, "restore", "--from", saved, "--dir", w->dir, "--master-key-file", master);
    if (code != 0)
        fail_msg("restore: %s", w->text);
    begin_run(w, "hr");
    for (waited_ms = 0; !archive_is_live(w, archive);)
        assert_true(within_deadline(&waited_ms));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(run__decides_verifies_rebuilds_and_stops),
        TEST(run_again__same_credentials_and_more_sources),
        TEST(second_run_on_the_directory__one_clear_line),
        TEST(port_in_use__one_clear_line_and_nothing_started),
        TEST(sigterm__leaves_nothing_running),
        TEST(daemon_killed__started_again),
        TEST(spoiled_projection__found_by_verify_and_mended_by_rebuild),
        TEST(backup_archive_and_new_master__come_back_elsewhere),
    };

    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
