/* test_twins.c: two live copies of every daemon at once, and a standby that has to take over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/faults/scene.h"

enum { SUBMISSIONS = 2000, FEW_SUBMISSIONS = 500, KILLS = 18, AGAIN = 10, STANDBY_MS = 500 };

static void live_through(scene *s, unsigned standby_ms, uint64_t seed)
{
    storm weather;

    scene_begin(s, &(world_options){ .copies = 2, .standby_ms = standby_ms },
                load_create(seed, scene_submissions(SUBMISSIONS)), seed);
    storm_init(&weather, seed, (unsigned)world_setting("PRAXIS_FAULT_KILLS", KILLS),
               s->load->count);
    s->drive.storm = &weather;
    drive_waves(&s->drive, 0, s->load->waves);
    scene_send_some_again(s, AGAIN);
    scene_judge(s);
    assert_int_equal(weather.done, weather.kills);
    scene_clear(s);
    load_destroy(s->load);
    s->load = NULL;
}

static void live_rounds(scene *s, unsigned standby_ms)
{
    size_t rounds = world_setting("PRAXIS_FAULT_ROUNDS", 1);

    for (size_t round = 0; round < rounds; round++)
        live_through(s, standby_ms, world_seed() + round);
}

static void primary_and_standby__as_if_one(void **ctx)
{
    live_rounds(*ctx, STANDBY_MS);
}

static void two_primaries__as_if_one(void **ctx)
{
    live_rounds(*ctx, 0);
}

static void primaries_gone__the_standbys_go_on(void **ctx)
{
    scene *s = *ctx;

    scene_begin(s, &(world_options){ .copies = 2, .standby_ms = STANDBY_MS },
                load_create(world_seed(), FEW_SUBMISSIONS), world_seed());
    drive_waves(&s->drive, 0, 4);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(s->world, d, 0);
    drive_waves(&s->drive, 5, s->load->waves);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(s->world, d, 0);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(primary_and_standby__as_if_one, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(two_primaries__as_if_one, scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(primaries_gone__the_standbys_go_on, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
