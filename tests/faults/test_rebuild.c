/* test_rebuild.c: every projection is deleted; the log gives them back, and the feed hears nothing
 * of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/fold.h"
#include "tests/faults/scene.h"

/* The server forgets ids at once: what is not published twice is not published twice by us. */
enum { SUBMISSIONS = 1000, FEED_WINDOW_MS = 100, HALFWAY = 4 };

static uint64_t last_of(world *w, const char *stream)
{
    px_stream_info info;
    px_bus *bus = world_client(w);

    assert_int_equal(px_bus_stream_info(bus, stream, &info), PX_OK);
    px_bus_close(bus);
    return info.last_seq;
}

static void forget_and_run_all(world *w)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_kill(w, d, 0);
        world_forget(w, d, 0);
    }
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(w, d, 0);
    world_wait_all(w, "/readyz", 200);
}

static void projections_deleted__built_again_and_nothing_said_twice(void **ctx)
{
    scene *s = *ctx;
    world_projection before[WORLD_DAEMONS], after[WORLD_DAEMONS];

    scene_begin(s, &(world_options){ .feed_window_ms = FEED_WINDOW_MS },
                load_create(world_seed(), scene_submissions(SUBMISSIONS)), world_seed());
    drive_waves(&s->drive, 0, HALFWAY);
    uint64_t log_last = world_settle(s->world);
    uint64_t feed_last = last_of(s->world, px_feed_stream);
    oracle_check_projections(s->world, log_last, before);

    forget_and_run_all(s->world);
    assert_int_equal(world_settle(s->world), log_last);
    assert_int_equal(last_of(s->world, px_feed_stream), feed_last);
    oracle_check_projections(s->world, log_last, after);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        assert_string_equal(before[d].digest, after[d].digest);

    forget_and_run_all(s->world); /* and from there on, deciding goes on */
    drive_waves(&s->drive, HALFWAY + 1, s->load->waves);
    scene_send_some_again(s, 10);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.doubles, 0);
}

/* Deleted while submissions arrive, one daemon after the other. */
static void projections_deleted_under_load__same_results(void **ctx)
{
    scene *s = *ctx;

    scene_begin(s, &(world_options){ .feed_window_ms = FEED_WINDOW_MS },
                load_create(world_seed() + 1, scene_submissions(SUBMISSIONS)), world_seed() + 1);
    for (unsigned wave = 0; wave < s->load->waves; wave++) {
        unsigned daemon = wave % WORLD_DAEMONS;

        drive_waves(&s->drive, wave, wave);
        world_kill(s->world, daemon, 0); /* what it has still to send is lost with the projection */
        world_forget(s->world, daemon, 0);
        world_run(s->world, daemon, 0);
    }
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(projections_deleted__built_again_and_nothing_said_twice,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(projections_deleted_under_load__same_results, scene_setup,
                                        scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
