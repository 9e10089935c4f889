/* test_full_stream.c: the server has no space left: within its own limit, and without one on a full
 * volume, where version 2.9 locks up for good. Needs to mount: root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fold.h"
#include "tests/faults/mount.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum {
    SUBMISSIONS = 800,
    VOLUME_BYTES = 48 << 20,
    BUSY_WAVE = 5,
    PIECE_BYTES = 32 * 1024,
    ANSWER_MS = 1500
};

static const char ballast[] = "BALLAST";

static px_status store_piece(px_bus *bus, size_t size)
{
    static const char piece[PIECE_BYTES];
    px_bus_ack ack;

    return px_bus_publish_wait(
        bus, &(px_bus_out){ .subject = "ballast.piece", .data = { piece, size } }, &ack);
}

/* Stores ballast until the server takes no more. @return what it said then */
static px_status fill(px_bus *bus)
{
    const char *subjects[] = { "ballast.piece" };
    px_status status = PX_OK;

    assert_int_equal(
        px_bus_stream_ensure(bus, &(px_stream_config){ .name = ballast,
                                                       .subjects = subjects,
                                                       .subject_count = 1,
                                                       .retention = PX_KEEP_UNTIL_PURGED }),
        PX_OK);
    for (size_t size = PIECE_BYTES; size > 0; size /= 32)
        while ((status = store_piece(bus, size)) == PX_OK)
            continue;
    return status;
}

static void make_room(px_bus *bus)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(bus, ballast, &info), PX_OK);
    assert_int_equal(px_bus_purge(bus, ballast, info.last_seq), PX_OK);
}

static px_bus *filler_of(scene *s)
{
    px_bus_options options = { .url = world_servers(s->world),
                               .name = "ballast",
                               .inbox_prefix = "_IN_ballast",
                               .request_timeout_ms = ANSWER_MS };
    px_bus *bus;

    assert_int_equal(px_bus_open(&bus, &options), PX_OK);
    while (px_bus_epoch(bus) == 0)
        px_bus_wait(bus, 50);
    return bus;
}

static void begin(scene *s, const char *volume, const char *limit)
{
    static char config[256];

    snprintf(config, sizeof config, "jetstream { store_dir: \"%s/store\", max_file_store: %s }",
             volume, limit);
    scene_begin(s,
                &(world_options){ .server_config = config, .flags = { "--inbox-max-bytes", "2M" } },
                load_create(world_seed(), scene_submissions(SUBMISSIONS)), world_seed());
    drive_waves(&s->drive, 0, BUSY_WAVE - 1);
    world_settle(s->world);
}

/* Submissions that wait while nobody decides them. */
static void leave_lying(scene *s, unsigned daemon)
{
    px_stream_info inbox;
    uint64_t sent = 0;
    char name[64];

    px_inbox_stream_name(world_services[daemon], name, sizeof name);
    world_kill(s->world, daemon, 0);
    for (size_t i = 0; i < s->load->count; i++) {
        const load_step *step = &s->load->steps[i];

        if (step->wave != BUSY_WAVE || step->daemon != daemon)
            continue;
        drive_send(&s->drive, i);
        sent += step->times;
    }
    assert_true(sent > 0);
    do
        assert_int_equal(px_bus_stream_info(s->drive.bus, name, &inbox), PX_OK);
    while (inbox.messages < sent);
}

static void streams_full__back_pressure_until_there_is_room(void **ctx)
{
    scene *s = *ctx;
    char volume[MOUNT_PATH_MAX];
    int64_t cleared_ms;
    px_bus *filler;

    if (!mount_begin())
        skip();
    mount_memory(volume, VOLUME_BYTES);
    begin(s, volume, "24M");
    leave_lying(s, REVIEW);
    filler = filler_of(s);
    assert_int_equal(fill(filler), PX_EEXHAUSTED);
    world_run(s->world, REVIEW, 0);
    world_wait_reason(s->world, REVIEW, 0, "the server has no space left");
    world_expect_patience(s->world, REVIEW, 0, "the server has no space left");
    make_room(filler);
    cleared_ms = world_now_ms();
    world_wait_all(s->world, "/readyz", 200);
    pace_figure("T11", "ready_after_room_in_streams", (double)(world_now_ms() - cleared_ms), "ms");
    px_bus_close(filler);
    drive_waves(&s->drive, BUSY_WAVE, s->load->waves);
    scene_judge(s);
    scene_clear(s);
    mount_end(volume);
}

static void server_locked_up__said_until_somebody_restarts_it(void **ctx)
{
    scene *s = *ctx;
    char volume[MOUNT_PATH_MAX];
    int64_t filled_ms;

    if (!mount_begin())
        skip();
    mount_memory(volume, VOLUME_BYTES);
    begin(s, volume, "1G");
    leave_lying(s, COMPETENCY);
    mount_fill(volume);
    world_run(s->world, COMPETENCY, 0);
    filled_ms = world_now_ms();
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_wait_reason(s->world, d, 0, "the server does not answer");
    pace_figure("T11", "locked_server_found", (double)(world_now_ms() - filled_ms), "ms");
    world_expect_patience(s->world, REVIEW, 0, "the server does not answer");
    mount_resize(volume, 2 * VOLUME_BYTES); /* which alone helps nobody */
    world_broker_kill(s->world);
    world_broker_start(s->world);
    world_wait_all(s->world, "/readyz", 200);
    drive_waves(&s->drive, BUSY_WAVE, s->load->waves);
    scene_judge(s);
    scene_clear(s);
    mount_end(volume);
}

/* A limit above what the disk holds would be none. */
static void praxis_run__refuses_a_disk_too_small_for_a_limit(void **ctx)
{
    const char *bin = getenv("PRAXIS_BIN");
    char volume[MOUNT_PATH_MAX], command[512], said[512] = "";
    FILE *run;

    (void)ctx;
    if (!mount_begin())
        skip();
    mount_memory(volume, VOLUME_BYTES);
    snprintf(command, sizeof command, "%s/praxis run --dir %s/data 2>&1", bin ? bin : "build",
             volume);
    run = popen(command, "r");
    assert_non_null(run);
    assert_true(fread(said, 1, sizeof said - 1, run) > 0);
    assert_int_not_equal(pclose(run), 0);
    assert_non_null(strstr(said, "too little space"));
    mount_end(volume);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(streams_full__back_pressure_until_there_is_room,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(server_locked_up__said_until_somebody_restarts_it,
                                        scene_setup, scene_teardown),
        cmocka_unit_test(praxis_run__refuses_a_disk_too_small_for_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
