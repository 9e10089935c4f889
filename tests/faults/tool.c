#include "tests/faults/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/faults/world_impl.h"

static _Noreturn void become(const char *out, char *const *argv)
{
    const char *bin = getenv("PRAXIS_BIN");
    char program[WORLD_PATH_MAX * 2];
    int fd = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that dies takes its processes along */
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    snprintf(program, sizeof program, "%s/praxis", bin ? bin : "build");
    execv(program, argv);
    _exit(98);
}

void tool_start(tool *t, world *w, const char *const *words)
{
    static unsigned number;
    char *argv[TOOL_WORDS_MAX + 2] = { "praxis" };

    for (size_t i = 0; words[i]; i++) {
        assert_true(i < TOOL_WORDS_MAX);
        argv[i + 1] = (char *)(uintptr_t)words[i];
    }
    snprintf(t->out, sizeof t->out, "%s/tool.%u", world_directory(w), number++);
    t->text[0] = '\0';
    t->pid = fork();
    assert_true(t->pid >= 0);
    if (t->pid == 0)
        become(t->out, argv);
}

/* The server asks for no password, but the command has one. */
void tool_start_connected(tool *t, world *w, const char *const *words)
{
    const char *all[TOOL_WORDS_MAX + 1];
    char password[WORLD_PATH_MAX];
    size_t count = 0;

    snprintf(password, sizeof password, "%s/password", world_directory(w));
    FILE *file = fopen(password, "we");
    assert_non_null(file);
    fputs("none\n", file);
    fclose(file);
    for (; words[count]; count++)
        all[count] = words[count];
    assert_true(count + 8 < TOOL_WORDS_MAX);
    const char *const more[] = { "--url",    nats_fixture_url(w->nats), "--user",
                                 "operator", "--password-file",         password };
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        all[count++] = more[i];
    if (strcmp(words[0], "restore") != 0) {
        all[count++] = "--tenant";
        all[count++] = "acme";
    }
    all[count] = NULL;
    tool_start(t, w, all);
}

static void read_text(tool *t)
{
    FILE *file = fopen(t->out, "re");

    assert_non_null(file);
    t->text[fread(t->text, 1, sizeof t->text - 1, file)] = '\0';
    fclose(file);
}

bool tool_ended(tool *t, int *code)
{
    int state = 0;

    if (waitpid(t->pid, &state, WNOHANG) != t->pid)
        return false;
    t->pid = 0;
    read_text(t);
    *code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
    return true;
}

int tool_wait(tool *t)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    int code;

    while (!tool_ended(t, &code)) {
        if (world_now_ms() > deadline) {
            tool_kill(t);
            fail_msg("praxis does not end: %s", t->text);
        }
        poll(NULL, 0, WORLD_STEP_MS);
    }
    return code;
}

void tool_kill(tool *t)
{
    kill(t->pid, SIGKILL);
    while (waitpid(t->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    t->pid = 0;
    read_text(t);
}
