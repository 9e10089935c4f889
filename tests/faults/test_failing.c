/* test_failing.c: the nth write, sync, open, map or allocation of a daemon fails, n = 1, 2, 3, ...
 * until one start, or one wave of submissions, needs no more of them.
 *
 * Here one daemon, another one in each run, and of allocations only some. PRAXIS_FAULT_EVERY=1: all
 * daemons, every n.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/faults/failing/failing.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum {
    PEOPLE = 24,
    AFTER_ORGANISATION = 5,
    WAVES_MAX = 20000, /* of two submissions each */
    WAVES_USUAL = 400,
    EVERY_UP_TO = 8 /* then in growing steps */
};

typedef struct {
    const char *what;
    int kind;
    int error;
} failure;

static const failure failures[] = {
    { "write: no space", FAILING_WRITE, ENOSPC },
    { "write: broken", FAILING_WRITE, EIO },
    { "write: cut short", FAILING_SHORT_WRITE, 0 },
    { "sync", FAILING_SYNC, EIO },
    { "open", FAILING_OPEN, EMFILE },
    { "map", FAILING_MAP, ENOMEM },
    { "allocation", FAILING_MEMORY, ENOMEM },
};

typedef struct {
    scene *scene;
    unsigned daemon;
    failing_orders *orders;
    unsigned wave; /* the next one */
    unsigned tried, ended[3];
    unsigned ends;
} victim;
enum { ENDED_WITH_1, ENDED_WITH_2, ENDED_BY_ABORT };

static bool everything(void)
{
    return world_setting("PRAXIS_FAULT_EVERY", 0) != 0;
}

static load *load_of(void)
{
    unsigned waves = everything() ? WAVES_MAX : WAVES_USUAL;
    load *l = load_create_empty(1000 + waves * 2);

    load_add_organisation(l, PEOPLE);
    for (unsigned w = 0; w < waves; w++) {
        load_add(l, AFTER_ORGANISATION + w, FEEDBACK, "p1", "",
                 "\"giveFeedback\":{\"feedbackId\":\"f%u\",\"aboutId\":\"p%u\",\"kind\":1,"
                 "\"text\":{\"plain\":\"said\"},\"visibility\":1}",
                 w, 2 + w % (PEOPLE - 2));
        load_add(l, AFTER_ORGANISATION + w, COMPETENCY, "hr", "",
                 "\"recordAssessment\":{\"assessmentId\":\"a%u\",\"personId\":\"p%u\","
                 "\"competencyId\":\"k%u\",\"score\":%u.5}",
                 w, w % PEOPLE, w % 5, 1 + w % 4);
    }
    return l;
}

/* ---- orders ---- */

static failing_orders *orders_of(const world *w, unsigned daemon)
{
    char path[WORLD_PATH_MAX];
    int fd;

    snprintf(path, sizeof path, "%s/%s.0.log.orders", world_directory(w), world_services[daemon]);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, sizeof(failing_orders)), 0);
    void *at = mmap(NULL, sizeof(failing_orders), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    assert_true(at != MAP_FAILED);
    return at;
}

static void arm(victim *v, const failure *f, uint64_t n)
{
    atomic_store(&v->orders->kind, FAILING_NOTHING);
    atomic_store(&v->orders->struck, 0);
    atomic_store(&v->orders->error, f->error);
    atomic_store(&v->orders->left, (int64_t)n);
    atomic_store(&v->orders->kind, f->kind);
}

static bool disarm(victim *v)
{
    atomic_store(&v->orders->kind, FAILING_NOTHING);
    return atomic_load(&v->orders->struck) != 0;
}

/* ---- one failure ---- */

/* It may end, but only in ways that are meant. */
static void judge_ends(victim *v, const failure *f, uint64_t n)
{
    int state;
    unsigned ends = world_ends(v->scene->world, v->daemon, 0, &state);

    v->tried++;
    if (ends == v->ends)
        return;
    v->ends = ends;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 1)
        v->ended[ENDED_WITH_1]++;
    else if (WIFEXITED(state) && WEXITSTATUS(state) == 2)
        v->ended[ENDED_WITH_2]++;
    else if (WIFSIGNALED(state) && WTERMSIG(state) == SIGABRT)
        v->ended[ENDED_BY_ABORT]++;
    else
        world_fail(v->scene->world, "%s number %llu: %s ended with wait status %x", f->what,
                   (unsigned long long)n, world_services[v->daemon], (unsigned)state);
}

/* False: it needed less than n of them. */
static bool fail_while_starting(victim *v, const failure *f, uint64_t n)
{
    world *w = v->scene->world;

    world_kill(w, v->daemon, 0);
    if (n % 2 == 0) /* half of the times from nothing */
        world_forget(w, v->daemon, 0);
    arm(v, f, n);
    world_run(w, v->daemon, 0);
    world_wait_all(w, "/readyz", 200);
    bool struck = disarm(v);
    judge_ends(v, f, n);
    return struck;
}

static bool fail_while_working(victim *v, const failure *f, uint64_t n)
{
    assert_true(v->wave < v->scene->load->waves);
    arm(v, f, n);
    drive_waves(&v->scene->drive, v->wave, v->wave);
    v->wave++;
    bool struck = disarm(v);
    world_wait_all(v->scene->world, "/readyz", 200);
    judge_ends(v, f, n);
    return struck;
}

static void fail_all(victim *v, const failure *f, bool (*try)(victim *, const failure *, uint64_t),
                     const char *when)
{
    uint64_t n = 1;
    int64_t since = world_now_ms();

    v->tried = 0;
    memset(v->ended, 0, sizeof v->ended);
    for (unsigned untouched = 0; untouched < 2;) {
        untouched = try(v, f, n) ? 0 : untouched + 1;
        n += everything() || n < EVERY_UP_TO ? 1 : n / 2 | 1;
    }
    pace_figure("T3", "calls_failed", v->tried, "calls");
    print_message("%s, %s, %s: up to the %lluth, %u tried; ended %u times with 1, %u with 2, "
                  "%u by abort; %lld ms\n",
                  world_services[v->daemon], when, f->what, (unsigned long long)n, v->tried,
                  v->ended[0], v->ended[1], v->ended[2], (long long)(world_now_ms() - since));
}

static void torment(scene *s, unsigned daemon, unsigned *wave)
{
    victim v = {
        .scene = s, .daemon = daemon, .orders = orders_of(s->world, daemon), .wave = *wave
    };
    int state;

    v.ends = world_ends(s->world, daemon, 0, &state);
    world_kill(s->world, daemon, 0); /* the one that runs does not know of the orders */
    world_run(s->world, daemon, 0);
    world_wait_all(s->world, "/readyz", 200);
    for (size_t i = 0; i < PX_COUNT(failures); i++) {
        fail_all(&v, &failures[i], fail_while_starting, "starting");
        fail_all(&v, &failures[i], fail_while_working, "working");
    }
    munmap(v.orders, sizeof *v.orders);
    *wave = v.wave;
}

static void any_call_fails__recovered_or_ended_in_order(void **ctx)
{
    scene *s = *ctx;
    char library[WORLD_PATH_MAX];
    const char *bin = getenv("PRAXIS_BIN");
    unsigned wave = AFTER_ORGANISATION;

    snprintf(library, sizeof library, "%s/tests/faults/libpraxis_failing.so", bin ? bin : "build");
    scene_begin(s, &(world_options){ .preload = realpath(library, NULL), .supervised = true },
                load_of(), world_seed());
    drive_waves(&s->drive, 0, wave - 1);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (everything() || d == world_seed() % WORLD_DAEMONS)
            torment(s, d, &wave);
    drive_waves(&s->drive, wave, s->load->waves);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_call_fails__recovered_or_ended_in_order, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
