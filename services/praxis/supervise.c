#include "services/praxis/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "services/praxis/child_log.h"
#include "services/praxis/commands.h"

enum {
    BACK_OFF_MIN_MS = 250,
    BACK_OFF_MAX_MS = 5000,
    STEADY_MS = 30000, /* who lived this long starts again without delay */
    LOOK_MS = 100,     /* between looks while starting */
    STOP_MS = 20000,   /* after this they are killed */
    EARLY_ENDS_MAX = 4,
    EXIT_WRONG_SETTING = 2,
    EXIT_NO_PROGRAM = 127
};

typedef struct supervisor supervisor;

typedef struct {
    supervisor *owner;
    const px_child_plan *plan;
    pid_t pid; /* 0: not running */
    uint64_t started_ms;
    uint64_t back_off_ms;
    unsigned early_ends; /* before all were ready */
    uv_timer_t again;
} child;

struct supervisor {
    const px_supervise_plan *plan;
    child children[PX_CHILDREN_MAX];
    uv_loop_t loop;
    uv_signal_t interrupt, terminate, ended;
    uv_timer_t look;  /* while starting */
    uv_timer_t limit; /* while stopping */
    bool server_ready, all_ready, stopping;
    int code;
};

/* A pipe from one run of a child; frees itself at its end. */
typedef struct {
    uv_pipe_t pipe;
    px_child_log log;
    char bytes[16384];
} output;

static void stop(supervisor *s, int code);

/* ---- what they say ---- */

static void output_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    output *o = handle->data;

    (void)wanted;
    *buffer = uv_buf_init(o->bytes, sizeof o->bytes);
}

static void output_arrived(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    output *o = stream->data;

    if (size > 0)
        px_child_log_write(&o->log, buffer->base, (size_t)size);
    if (size >= 0)
        return;
    px_child_log_close(&o->log);
    uv_close((uv_handle_t *)stream, output_closed);
}

/* Listens to a new run of a child. @return the end for the child to write to, or -1 */
static int open_output(child *c)
{
    output *o = calloc(1, sizeof *o);
    int ends[2];

    if (!o)
        return -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        free(o);
        return -1;
    }
    o->pipe.data = o;
    if (!px_child_log_open(&o->log, c->plan->name, c->plan->log_path,
                           c->owner->plan->foreground_logs, &c->owner->all_ready))
        fprintf(stderr, "praxis: %s: %s\n", c->plan->log_path, strerror(errno));
    uv_pipe_init(&c->owner->loop, &o->pipe, 0);
    if (uv_pipe_open(&o->pipe, ends[0]) != 0 ||
        uv_read_start((uv_stream_t *)&o->pipe, give_room, output_arrived) != 0) {
        close(ends[1]);
        uv_close((uv_handle_t *)&o->pipe, output_closed);
        return -1;
    }
    return ends[1];
}

static int open_log_file(const child *c)
{
    px_child_log log; /* keeps the file bounded from start to start */

    return px_child_log_open(&log, c->plan->name, c->plan->log_path, false, &c->owner->all_ready)
               ? log.fd
               : -1;
}

/* ---- starting ---- */

_Noreturn static void become(const px_child_plan *plan, int out, pid_t parent)
{
    sigset_t none;
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    /* A terminal's Ctrl-C is for us alone: we stop them in order. Our death is theirs too. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        _exit(EXIT_NO_PROGRAM);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    dup2(nothing, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(plan->argv[0], plan->argv);
    _exit(EXIT_NO_PROGRAM);
}

static void start(child *c)
{
    pid_t parent = getpid();
    int out = c->plan->logs_itself ? open_log_file(c) : open_output(c);

    c->started_ms = uv_now(&c->owner->loop);
    if (out < 0) {
        fprintf(stderr, "praxis: %s: no log: %s\n", c->plan->name, strerror(errno));
        stop(c->owner, PX_EXIT_FAILED);
        return;
    }
    c->pid = fork();
    if (c->pid == 0)
        become(c->plan, out, parent);
    close(out);
    if (c->pid > 0)
        return;
    c->pid = 0;
    fprintf(stderr, "praxis: %s: cannot be started: %s\n", c->plan->name, strerror(errno));
    stop(c->owner, PX_EXIT_FAILED);
}

static void start_again(uv_timer_t *timer)
{
    child *c = timer->data;

    if (!c->owner->stopping && c->pid == 0)
        start(c);
}

static bool others_ready(const supervisor *s)
{
    for (size_t i = 1; i < s->plan->count; i++)
        if (s->children[i].pid == 0 || !s->plan->children[i].ready(s->plan->children[i].port))
            return false;
    return true;
}

static void look(uv_timer_t *timer)
{
    supervisor *s = timer->data;
    const px_child_plan *server = &s->plan->children[0];

    if (s->stopping || s->children[0].pid == 0)
        return;
    if (!s->server_ready && server->ready(server->port)) {
        s->server_ready = true;
        for (size_t i = 1; i < s->plan->count && !s->stopping; i++)
            start(&s->children[i]);
    } else if (s->server_ready && others_ready(s)) {
        s->all_ready = true;
        uv_timer_stop(timer);
        s->plan->all_ready(s->plan->context);
    }
}

/* ---- stopping ---- */

static bool others_running(const supervisor *s)
{
    for (size_t i = 1; i < s->plan->count; i++)
        if (s->children[i].pid > 0)
            return true;
    return false;
}

static void close_handle(uv_handle_t *handle, void *unused)
{
    (void)unused;
    if (handle->type != UV_NAMED_PIPE && !uv_is_closing(handle))
        uv_close(handle, NULL); /* pipes end by themselves, once they have said everything */
}

/* One step: the others first, then the server, then the loop. */
static void go_on_stopping(supervisor *s)
{
    if (others_running(s))
        return;
    if (s->children[0].pid > 0)
        kill(s->children[0].pid, SIGTERM);
    else
        uv_walk(&s->loop, close_handle, NULL);
}

static void kill_all(supervisor *s)
{
    for (size_t i = 0; i < s->plan->count; i++)
        if (s->children[i].pid > 0)
            kill(s->children[i].pid, SIGKILL);
}

static void took_too_long(uv_timer_t *timer)
{
    fputs("praxis: stopping takes too long; killing what is left\n", stderr);
    kill_all(timer->data);
}

static void stop(supervisor *s, int code)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->code = code;
    uv_timer_stop(&s->look);
    uv_timer_start(&s->limit, took_too_long, STOP_MS, 0);
    for (size_t i = 0; i < s->plan->count; i++)
        uv_timer_stop(&s->children[i].again);
    for (size_t i = 1; i < s->plan->count; i++)
        if (s->children[i].pid > 0)
            kill(s->children[i].pid, SIGTERM);
    go_on_stopping(s);
}

static void on_signal(uv_signal_t *handle, int number)
{
    supervisor *s = handle->data;

    (void)number;
    if (s->stopping) {
        kill_all(s);
        return;
    }
    fputs("praxis: stopping\n", stderr);
    stop(s, PX_EXIT_OK);
}

/* ---- ends ---- */

static void describe(int status, char text[64])
{
    if (WIFSIGNALED(status))
        snprintf(text, 64, "ended by signal %d", WTERMSIG(status));
    else
        snprintf(text, 64, "ended with exit code %d", WEXITSTATUS(status));
}

/* Starting it again would end the same way. */
static bool hopeless(const child *c, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

    if (code == EXIT_WRONG_SETTING && c != &c->owner->children[0])
        return true;
    return code == EXIT_NO_PROGRAM || (!c->owner->all_ready && c->early_ends >= EARLY_ENDS_MAX);
}

static void has_ended(child *c, int status)
{
    supervisor *s = c->owner;
    char how[64];

    c->pid = 0;
    if (s->stopping) {
        go_on_stopping(s);
        return;
    }
    describe(status, how);
    c->early_ends++;
    if (hopeless(c, status)) {
        fprintf(stderr, "praxis: %s %s and is not started again; see %s\n", c->plan->name, how,
                c->plan->log_path);
        px_child_log_tail(c->plan->log_path);
        stop(s, PX_EXIT_FAILED);
        return;
    }
    if (uv_now(&s->loop) - c->started_ms > STEADY_MS || c->back_off_ms == 0)
        c->back_off_ms = BACK_OFF_MIN_MS;
    else if (c->back_off_ms < BACK_OFF_MAX_MS)
        c->back_off_ms =
            2 * c->back_off_ms < BACK_OFF_MAX_MS ? 2 * c->back_off_ms : BACK_OFF_MAX_MS;
    fprintf(stderr, "praxis: %s %s; starting it again in %llu ms\n", c->plan->name, how,
            (unsigned long long)c->back_off_ms);
    uv_timer_start(&c->again, start_again, c->back_off_ms, 0);
}

static void on_ended(uv_signal_t *handle, int number)
{
    supervisor *s = handle->data;
    int status;

    (void)number;
    for (size_t i = 0; i < s->plan->count; i++)
        if (s->children[i].pid > 0 &&
            waitpid(s->children[i].pid, &status, WNOHANG) == s->children[i].pid)
            has_ended(&s->children[i], status);
}

/* ---- the whole ---- */

static bool prepare(supervisor *s)
{
    bool made = uv_loop_init(&s->loop) == 0 && uv_signal_init(&s->loop, &s->interrupt) == 0 &&
                uv_signal_init(&s->loop, &s->terminate) == 0 &&
                uv_signal_init(&s->loop, &s->ended) == 0 &&
                uv_timer_init(&s->loop, &s->look) == 0 && uv_timer_init(&s->loop, &s->limit) == 0;

    s->interrupt.data = s->terminate.data = s->ended.data = s->look.data = s->limit.data = s;
    for (size_t i = 0; i < s->plan->count && made; i++) {
        s->children[i].owner = s;
        s->children[i].plan = &s->plan->children[i];
        s->children[i].again.data = &s->children[i];
        made = uv_timer_init(&s->loop, &s->children[i].again) == 0;
    }
    return made && uv_signal_start(&s->interrupt, on_signal, SIGINT) == 0 &&
           uv_signal_start(&s->terminate, on_signal, SIGTERM) == 0 &&
           uv_signal_start(&s->ended, on_ended, SIGCHLD) == 0 &&
           uv_timer_start(&s->look, look, LOOK_MS, LOOK_MS) == 0;
}

int px_supervise(const px_supervise_plan *plan)
{
    supervisor *s = calloc(1, sizeof *s);
    int code;

    if (!s)
        return PX_EXIT_FAILED;
    s->plan = plan;
    if (!prepare(s)) {
        fputs("praxis: the event loop cannot be made\n", stderr);
        free(s);
        return PX_EXIT_FAILED;
    }
    start(&s->children[0]);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    code = s->code;
    uv_loop_close(&s->loop);
    free(s);
    return code;
}
