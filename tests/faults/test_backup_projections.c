/* test_backup_projections.c: snapshots come along in a backup; a daemon starts from one that fits
 * the log it finds, and gives up one that is ahead of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "services/praxis/layout.h"
#include "tests/faults/scene.h"
#include "tests/faults/tool.h"

enum { SUBMISSIONS = 500, EARLY = 6, LATE = 10 };

typedef struct {
    scene s;
    tool t;
    char folder[64]; /* outside of the world, which will be lost */
} kept;

static int setup(void **ctx)
{
    kept *k = calloc(1, sizeof *k);

    snprintf(k->folder, sizeof k->folder, "/tmp/praxis-kept-XXXXXX");
    assert_non_null(mkdtemp(k->folder));
    *ctx = k;
    return 0;
}

static int teardown(void **ctx)
{
    kept *k = *ctx;

    scene_clear(&k->s);
    load_destroy(k->s.load);
    px_layout_remove(k->folder);
    free(k);
    return 0;
}

static const char *in(const kept *k, const char *name, char path[PX_PATH_MAX])
{
    return px_layout_path(k->folder, name, path);
}

static void expect_done(kept *k, int code)
{
    if (code != 0)
        world_fail(k->s.world, "praxis ended with %d: %s", code, k->t.text);
}

/* As `praxis run` lays them out: <data>/<service>. */
static void link_data(kept *k)
{
    char data[PX_PATH_MAX], name[PX_PATH_MAX], target[PX_PATH_MAX];

    assert_int_equal(mkdir(in(k, "data", data), 0700), 0);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        snprintf(target, sizeof target, "%s/%s.0", world_directory(k->s.world), world_services[d]);
        assert_int_equal(symlink(target, px_layout_path(data, world_services[d], name)), 0);
    }
}

static void backup(kept *k, const char *name)
{
    char to[PX_PATH_MAX], data[PX_PATH_MAX];

    expect_done(k, TOOL_CONNECTED(&k->t, k->s.world, "snapshot", "--all"));
    expect_done(k, TOOL_CONNECTED(&k->t, k->s.world, "backup", "--to", in(k, name, to),
                                  "--projections", in(k, "data", data)));
    if (!strstr(k->t.text, "5 of 5 daemons"))
        world_fail(k->s.world, "not all snapshots came along: %s", k->t.text);
}

/* The disk of the server is gone, and so are all projections. */
static void lose_everything(kept *k)
{
    char path[PX_PATH_MAX];

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(k->s.world, d, 0);
    world_broker_kill(k->s.world);
    px_layout_path(world_directory(k->s.world), "store", path);
    assert_int_equal(px_layout_remove(path), PX_OK);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_forget(k->s.world, d, 0);
        snprintf(path, sizeof path, "%s/%s.0", world_directory(k->s.world), world_services[d]);
        assert_int_equal(mkdir(path, 0700), 0);
    }
    world_broker_start(k->s.world);
}

static void restore(kept *k, const char *name)
{
    char from[PX_PATH_MAX], data[PX_PATH_MAX], master[PX_PATH_MAX];

    px_layout_path(world_directory(k->s.world), "master.key", master);
    expect_done(k,
                TOOL_CONNECTED(&k->t, k->s.world, "restore", "--from", in(k, name, from),
                               "--master-key-file", master, "--projections", in(k, "data", data)));
    if (!strstr(k->t.text, "5 of 5 daemons"))
        world_fail(k->s.world, "not all snapshots came back: %s", k->t.text);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(k->s.world, d, 0);
    world_wait_all(k->s.world, "/readyz", 200);
}

static bool said(const kept *k, unsigned daemon, const char *what)
{
    char path[PX_PATH_MAX], line[2048];
    bool found = false;

    snprintf(path, sizeof path, "%s/%s.0.log", world_directory(k->s.world), world_services[daemon]);
    FILE *log = fopen(path, "re");
    assert_non_null(log);
    while (!found && fgets(line, sizeof line, log))
        found = strstr(line, what) != NULL;
    fclose(log);
    return found;
}

static void expect_each_said(kept *k, const char *what)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (!said(k, d, what))
            world_fail(k->s.world, "%s did not say: %s", world_services[d], what);
}

static void expect_equal_to_the_log(kept *k)
{
    uint64_t last = world_settle(k->s.world);

    world_end_all(k->s.world);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_folding lived = world_fold_begin(k->s.world, d, 0, last);
        world_projection here = world_fold_end(k->s.world, &lived);
        world_folding built = world_fold_begin(k->s.world, d, -1, last);
        world_projection there = world_fold_end(k->s.world, &built);

        assert_int_equal(here.seq, last);
        assert_string_equal(here.digest, there.digest);
    }
}

/* The rest of the log is read, and the daemon is no different for having skipped the beginning. */
static void snapshots_in_a_backup__daemons_start_from_them(void **ctx)
{
    kept *k = *ctx;
    load *l = load_create(world_seed(), scene_submissions(SUBMISSIONS));

    scene_begin(&k->s, &(world_options){ 0 }, l, world_seed());
    link_data(k);
    drive_waves(&k->s.drive, 0, EARLY);
    backup(k, "b");
    lose_everything(k);
    restore(k, "b");
    expect_each_said(k, "the projection is taken from a snapshot");
    drive_waves(&k->s.drive, 0, l->waves);
    scene_judge(&k->s);
}

/* An older log, with what daemons had made of a newer one. */
static void log_older_than_projections__built_from_the_log_and_said(void **ctx)
{
    kept *k = *ctx;
    load *l = load_create(world_seed(), scene_submissions(SUBMISSIONS));
    char old[PX_PATH_MAX], newer[PX_PATH_MAX];

    scene_begin(&k->s, &(world_options){ 0 }, l, world_seed());
    link_data(k);
    drive_waves(&k->s.drive, 0, EARLY);
    backup(k, "old");
    drive_waves(&k->s.drive, EARLY, LATE);
    world_settle(k->s.world);
    backup(k, "new");
    lose_everything(k);
    assert_int_equal(px_layout_remove(in(k, "old/projections", old)), PX_OK);
    assert_int_equal(rename(in(k, "new/projections", newer), old), 0);
    restore(k, "old");
    expect_each_said(k, "no snapshot fits this log");
    expect_equal_to_the_log(k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(snapshots_in_a_backup__daemons_start_from_them),
        TEST(log_older_than_projections__built_from_the_log_and_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
