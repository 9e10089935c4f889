/* test_snapshot.c: a machine stops uncleanly and daemons start from a snapshot; a projection is
 * built again beside the one in use, under load, and in spite of a kill.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fold.h"
#include "services/praxis/upkeep.h"
#include "tests/faults/scene.h"

/* The server forgets ids at once: what is not published twice is not published twice by us. */
enum { SUBMISSIONS = 1000, FEED_WINDOW_MS = 100, HALFWAY = 5, LOOK_EVERY = 20 };

static void ask(world *w, px_upkeep_task task)
{
    px_bus *bus = world_client(w);

    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        px_upkeep_outcome outcome;

        assert_int_equal(px_upkeep_run(bus, world_services[d], task, &outcome), PX_OK);
        assert_false(outcome.failed);
        assert_true(outcome.seq > 0);
    }
    px_bus_close(bus);
}

static void path_in(const world *w, unsigned daemon, const char *name, char path[WORLD_PATH_MAX])
{
    snprintf(path, WORLD_PATH_MAX, "%s/%s.0/%s", world_directory(w), world_services[daemon], name);
}

/* What is found after the power was cut: files of another boot, not closed. */
static void stop_machine(world *w)
{
    char path[WORLD_PATH_MAX];

    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_kill(w, d, 0);
        path_in(w, d, "mark", path);
        FILE *mark = fopen(path, "w");
        assert_non_null(mark);
        fputs("open another-boot\n", mark);
        assert_int_equal(fclose(mark), 0);
    }
}

/* @return ms until all are ready */
static int64_t start_all(world *w)
{
    int64_t since = world_now_ms();

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(w, d, 0);
    world_wait_all(w, "/readyz", 200);
    return world_now_ms() - since;
}

static void expect_each(world *w, const char *metric, double value)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (world_metric(w, d, 0, metric) != value)
            world_fail(w, "%s of %s is %g and not %g", metric, world_services[d],
                       world_metric(w, d, 0, metric), value);
}

static uint64_t last_of(world *w, const char *stream)
{
    px_stream_info info;
    px_bus *bus = world_client(w);

    assert_int_equal(px_bus_stream_info(bus, stream, &info), PX_OK);
    px_bus_close(bus);
    return info.last_seq;
}

static void machine_stopped__snapshots_are_taken_up_and_nothing_is_said_twice(void **ctx)
{
    scene *s = *ctx;

    scene_begin(s, &(world_options){ .feed_window_ms = FEED_WINDOW_MS },
                load_create(world_seed(), scene_submissions(SUBMISSIONS)), world_seed());
    drive_waves(&s->drive, 0, HALFWAY);
    world_settle(s->world);
    ask(s->world, PX_UPKEEP_SNAPSHOT);
    drive_waves(&s->drive, HALFWAY + 1, s->load->waves - 2);
    uint64_t log_last = world_settle(s->world);
    uint64_t feed_last = last_of(s->world, px_feed_stream);

    stop_machine(s->world);
    start_all(s->world);
    expect_each(s->world, "praxis_restores_total", 1);
    assert_int_equal(world_settle(s->world), log_last);
    assert_int_equal(last_of(s->world, px_feed_stream), feed_last);

    for (unsigned d = 0; d < WORLD_DAEMONS; d++) { /* the same without a snapshot, for the figure */
        world_kill(s->world, d, 0);
        world_forget(s->world, d, 0);
    }
    int64_t rebuilt_ms = start_all(s->world);
    expect_each(s->world, "praxis_restores_total", 0);
    world_settle(s->world);
    ask(s->world, PX_UPKEEP_SNAPSHOT);
    stop_machine(s->world);
    int64_t restored_ms = start_all(s->world);
    fprintf(stderr,
            "log of %llu messages: five daemons ready %lld ms after a start from snapshots, %lld "
            "ms after one from nothing\n",
            (unsigned long long)log_last, (long long)restored_ms, (long long)rebuilt_ms);
    drive_waves(&s->drive, s->load->waves - 1, s->load->waves);
    scene_send_some_again(s, 10);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.doubles, 0);
}

/* ---- rebuilds ---- */

typedef struct {
    world *world;
    unsigned rounds;
    atomic_bool stop;
    atomic_bool failed;
} rebuilder;

/* All five, over and over. */
static void *rebuild_on(void *arg)
{
    rebuilder *r = arg;
    px_bus *bus = world_client(r->world);

    while (!atomic_load(&r->stop) && !atomic_load(&r->failed)) {
        for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
            px_upkeep_outcome outcome = { 0 };
            px_status status = px_upkeep_run(bus, world_services[d], PX_UPKEEP_REBUILD, &outcome);

            if (status != PX_OK || outcome.failed)
                atomic_store(&r->failed, true);
        }
        r->rounds++;
    }
    px_bus_close(bus);
    return NULL;
}

/* Whoever looks sees a daemon that is ready, all the while. */
static void watch_ready(world *w)
{
    static unsigned calls;
    unsigned daemon = calls / LOOK_EVERY % WORLD_DAEMONS;

    if (calls++ % LOOK_EVERY == 0)
        assert_int_equal(world_get(w, daemon, 0, "/readyz"), 200);
}

static void rebuilt_beside_under_load__decides_and_answers_meanwhile(void **ctx)
{
    scene *s = *ctx;
    pthread_t thread;

    scene_begin(s, &(world_options){ .feed_window_ms = FEED_WINDOW_MS },
                load_create(world_seed() + 1, scene_submissions(SUBMISSIONS)), world_seed() + 1);
    drive_waves(&s->drive, 0, 1);
    rebuilder r = { .world = s->world };
    assert_int_equal(pthread_create(&thread, NULL, rebuild_on, &r), 0);
    s->drive.watch = watch_ready;
    drive_waves(&s->drive, 2, s->load->waves);
    s->drive.watch = NULL;
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_false(atomic_load(&r.failed));
    fprintf(stderr, "rebuilt %u times over under load\n", r.rounds);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.doubles, 0);
}

static void wait_until(world *w, const char *path, bool there)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;

    while ((access(path, F_OK) == 0) != there) {
        world_check(w);
        if (world_now_ms() > deadline)
            world_fail(w, "%s is %s", path, there ? "not there" : "still there");
    }
}

static void killed_while_it_rebuilds__the_next_process_goes_on(void **ctx)
{
    scene *s = *ctx;
    char path[WORLD_PATH_MAX];

    scene_begin(s, &(world_options){ .feed_window_ms = FEED_WINDOW_MS },
                load_create(world_seed() + 2, SUBMISSIONS), world_seed() + 2);
    drive_waves(&s->drive, 0, s->load->waves);
    world_settle(s->world);
    path_in(s->world, LEARNING, "rebuild", path);
    px_bus *bus = world_client(s->world);
    px_bus_msg *reply;
    assert_int_equal(
        px_bus_request(bus, &(px_bus_out){ .subject = "praxis.admin.learning-recommender.Rebuild" },
                       5000, &reply),
        PX_OK);
    px_bus_msg_free(reply);
    px_bus_close(bus);
    wait_until(s->world, path, true);
    world_kill(s->world, LEARNING, 0);
    assert_int_equal(access(path, F_OK), 0); /* in the middle */
    world_run(s->world, LEARNING, 0);
    wait_until(s->world, path, false);
    oracle_report report = scene_judge(s);
    assert_int_equal(report.doubles, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            machine_stopped__snapshots_are_taken_up_and_nothing_is_said_twice, scene_setup,
            scene_teardown),
        cmocka_unit_test_setup_teardown(rebuilt_beside_under_load__decides_and_answers_meanwhile,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(killed_while_it_rebuilds__the_next_process_goes_on,
                                        scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
