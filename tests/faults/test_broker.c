/* test_broker.c: the server is not there yet, goes away, stays away, comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/faults/scene.h"

enum { SUBMISSIONS = 600, SECOND_MS = 1000 };

static void remember_pids(const world *w, int pids[WORLD_DAEMONS])
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        pids[d] = world_pid(w, d, 0);
}

/* Everybody says so for a while, and nobody has ended. */
static void expect_waiting(world *w)
{
    int64_t until = world_now_ms() + SECOND_MS;

    world_wait_all(w, "/readyz", 503);
    while (world_now_ms() < until) {
        for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
            assert_int_equal(world_get(w, d, 0, "/livez"), 200);
            assert_int_equal(world_get(w, d, 0, "/readyz"), 503);
        }
        world_check(w);
    }
}

static void broker_away__alive_not_ready_and_on_again(void **ctx)
{
    scene *s = *ctx;
    int before[WORLD_DAEMONS], after[WORLD_DAEMONS];

    /* Daemons first, the server later: they wait for it. */
    s->began_ms = world_now_ms();
    s->world = world_start(&(world_options){ .broker_later = true });
    remember_pids(s->world, before);
    expect_waiting(s->world);
    world_broker_start(s->world);
    world_wait_all(s->world, "/readyz", 200);

    s->load = load_create(world_seed(), scene_submissions(SUBMISSIONS));
    drive_init(&s->drive, s->world, s->load, world_seed());
    for (unsigned wave = 0; wave < s->load->waves; wave += 3) {
        drive_waves(&s->drive, wave, wave + 2);
        world_broker_kill(s->world);
        expect_waiting(s->world);
        world_broker_start(s->world);
    }
    world_wait_all(s->world, "/readyz", 200);
    remember_pids(s->world, after);
    assert_memory_equal(before, after, sizeof before);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(broker_away__alive_not_ready_and_on_again, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
