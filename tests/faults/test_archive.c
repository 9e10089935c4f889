/* test_archive.c: `praxis archive` under load and kill -9, and when the log is not the one any
 * more.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/archive.h"
#include "common/fold.h"
#include "services/praxis/layout.h"
#include "tests/faults/scene.h"
#include "tests/faults/tool.h"

enum { SUBMISSIONS = 450, KILLS = 6, AFTER_ORGANISATION = 5 };

typedef struct {
    scene s;
    tool t;
    char folder[64];
    char archive[PX_PATH_MAX];
} archiving;

static int setup(void **ctx)
{
    archiving *a = calloc(1, sizeof *a);

    snprintf(a->folder, sizeof a->folder, "/tmp/praxis-archive-XXXXXX");
    assert_non_null(mkdtemp(a->folder));
    px_layout_path(a->folder, "arc", a->archive);
    *ctx = a;
    return 0;
}

static int teardown(void **ctx)
{
    archiving *a = *ctx;

    if (a->t.pid > 0)
        tool_kill(&a->t);
    scene_clear(&a->s);
    load_destroy(a->s.load);
    px_layout_remove(a->folder);
    free(a);
    return 0;
}

static void expect_code(archiving *a, int code, int wanted, const char *said)
{
    if (code != wanted || !strstr(a->t.text, said))
        world_fail(a->s.world, "praxis ended with %d: %s", code, a->t.text);
}

static void archive_once(archiving *a, int wanted, const char *said)
{
    expect_code(a, TOOL_CONNECTED(&a->t, a->s.world, "archive", "--once", "--to", a->archive),
                wanted, said);
}

static void verify(archiving *a, int wanted, const char *said)
{
    expect_code(
        a, TOOL_CONNECTED(&a->t, a->s.world, "verify", "--archive", a->archive, "--chains-only"),
        wanted, said);
}

static void follow(archiving *a)
{
    tool_start_connected(
        &a->t, a->s.world,
        (const char *const[]){ "archive", "--to", a->archive, "--segment-bytes", "20000", NULL });
}

static uint64_t archived(const archiving *a, unsigned generation)
{
    uint64_t first, last = 0;

    px_archive_range(a->archive, generation, &first, &last);
    return last;
}

static uint64_t log_end(archiving *a)
{
    px_stream_info info;
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;

    while (px_bus_stream_info(a->s.drive.bus, px_log_stream, &info) != PX_OK) {
        assert_true(world_now_ms() < deadline);
        px_bus_wait(a->s.drive.bus, WORLD_STEP_MS);
    }
    return info.last_seq;
}

/* ---- under load ---- */

static archiving *watched; /* drive.watch hands only the world */
static uint64_t chance, next_kill, kills;

/* Kills it once it has written something since it was started. */
static void kill_now_and_then(world *w)
{
    (void)w;
    if (kills == KILLS || archived(watched, 0) < next_kill)
        return;
    tool_kill(&watched->t);
    kills++;
    next_kill = archived(watched, 0) + 1 + world_random(&chance) % 5;
    follow(watched);
}

static void killed_under_load__holds_every_message_once(void **ctx)
{
    archiving *a = *ctx;
    char last[64];

    watched = a;
    chance = world_seed();
    kills = 0;
    next_kill = 3;
    scene_begin(&a->s, &(world_options){ 0 },
                load_create(world_seed(), scene_submissions(SUBMISSIONS)), world_seed());
    follow(a);
    a->s.drive.watch = kill_now_and_then;
    drive_waves(&a->s.drive, 0, a->s.load->waves);
    uint64_t end = world_settle(a->s.world);
    assert_true(kills > 0);
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    while (archived(a, 0) < end) /* it follows without being asked */
        if (world_now_ms() > deadline)
            world_fail(a->s.world, "the archive does not follow");
    tool_kill(&a->t);
    archive_once(a, 0, "0 messages more");
    snprintf(last, sizeof last, "%" PRIu64 " messages are the same", end);
    verify(a, 0, last);
    fprintf(stderr, "%" PRIu64 " messages archived, killed %" PRIu64 " times\n", end, kills);
}

/* ---- another log ---- */

static void replace_log(archiving *a, const char *backup)
{
    char store[PX_PATH_MAX], from[PX_PATH_MAX], master[PX_PATH_MAX];

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(a->s.world, d, 0);
    world_broker_kill(a->s.world);
    assert_int_equal(px_layout_remove(px_layout_path(world_directory(a->s.world), "store", store)),
                     PX_OK);
    world_broker_start(a->s.world);
    px_layout_path(world_directory(a->s.world), "master.key", master);
    expect_code(a,
                TOOL_CONNECTED(&a->t, a->s.world, "restore", "--from",
                               px_layout_path(a->folder, backup, from), "--master-key-file",
                               master),
                0, "Restored");
}

/* Decides more than was lost; nobody looks at the answers. */
static void decide_past(archiving *a, uint64_t seq, unsigned wave)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    px_bus *bus = world_client(a->s.world);

    for (size_t i = 0; log_end(a) <= seq; i = (i + 1) % a->s.load->count) {
        if (world_now_ms() > deadline)
            world_fail(a->s.world, "the log does not grow past %" PRIu64, seq);
        if (a->s.load->steps[i].wave == wave)
            load_send(&a->s.load->steps[i], bus, px_bus_epoch(bus), 0, &a->s.drive.arena);
        px_bus_wait(bus, 1);
    }
    px_bus_close(bus);
}

static load *talking_load(uint64_t seed)
{
    load *l = load_create_empty(1000);

    l->random = seed;
    load_add_organisation(l, 24);
    for (unsigned wave = 0; wave < 2; wave++)
        for (unsigned i = 0; i < 300; i++)
            load_add(l, AFTER_ORGANISATION + wave, FEEDBACK, "hr", "",
                     "\"recordUnit\":{\"unitId\":\"w%u-%u\",\"label\":\"More\"}", wave, i);
    return l;
}

static void another_log__refused_and_both_kept(void **ctx)
{
    archiving *a = *ctx;
    char backup[PX_PATH_MAX];

    scene_begin(&a->s, &(world_options){ 0 }, talking_load(world_seed()), world_seed());
    drive_waves(&a->s.drive, 0, AFTER_ORGANISATION - 1);
    expect_code(
        a,
        TOOL_CONNECTED(&a->t, a->s.world, "backup", "--to", px_layout_path(a->folder, "b", backup)),
        0, "Delete");
    drive_waves(&a->s.drive, AFTER_ORGANISATION, AFTER_ORGANISATION);
    world_settle(a->s.world);
    archive_once(a, 0, "generation 1");
    uint64_t kept = archived(a, 1);

    replace_log(a, "b");
    assert_true(log_end(a) < kept);
    archive_once(a, 1, "went back: it ends before the archive");
    verify(a, 1, "the live log went back");
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(a->s.world, d, 0);
    decide_past(a, kept, AFTER_ORGANISATION + 1);
    archive_once(a, 1, "is another one: it differs at the last message archived");
    verify(a, 1, "it differs at sequence");
    assert_int_equal(archived(a, 1), kept);
    assert_int_equal(archived(a, 2), 0);

    expect_code(a,
                TOOL_CONNECTED(&a->t, a->s.world, "archive", "--once", "--to", a->archive,
                               "--new-generation"),
                0, "generation 2");
    assert_int_equal(archived(a, 1), kept);
    assert_true(archived(a, 2) > kept);
    verify(a, 0, "generation 2");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(killed_under_load__holds_every_message_once),
        TEST(another_log__refused_and_both_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
