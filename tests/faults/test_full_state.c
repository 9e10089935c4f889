/* test_full_state.c: the volume of the projections is full for a while. Needs to mount: root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/faults/mount.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum { SUBMISSIONS = 1000, VOLUME_BYTES = 64 << 20, BUSY_WAVE = 5 };

static void state_volume_full__said_and_waited_out(void **ctx)
{
    scene *s = *ctx;
    char volume[MOUNT_PATH_MAX];
    int64_t cleared_ms;

    if (!mount_begin())
        skip();
    mount_memory(volume, VOLUME_BYTES);
    scene_begin(s, &(world_options){ .data_dir = volume },
                load_create(world_seed(), scene_submissions(SUBMISSIONS)), world_seed());
    drive_waves(&s->drive, 0, BUSY_WAVE - 1);
    mount_fill(volume);
    for (size_t i = 0; i < s->load->count; i++)
        if (s->load->steps[i].wave == BUSY_WAVE)
            drive_send(&s->drive, i);
    world_wait_reason(s->world, REVIEW, 0, "no space left on the volume");
    world_expect_patience(s->world, REVIEW, 0, "no space left on the volume");
    world_kill(s->world, REVIEW, 0); /* starting does not need space either */
    world_run(s->world, REVIEW, 0);
    world_wait_reason(s->world, REVIEW, 0, "no space left on the volume");
    mount_clear(volume);
    cleared_ms = world_now_ms();
    world_wait_all(s->world, "/readyz", 200);
    pace_figure("T11", "ready_after_space", (double)(world_now_ms() - cleared_ms), "ms");
    drive_waves(&s->drive, BUSY_WAVE, s->load->waves);
    scene_judge(s);
    scene_clear(s);
    mount_end(volume);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(state_volume_full__said_and_waited_out, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
