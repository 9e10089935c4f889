/* test_power.c: the power of the server's machine fails: of its disk only that is left which had
 * reached it. Needs loop devices and to mount: root.
 *
 * Long form: PRAXIS_FAULT_ROUNDS.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/common/sync_store.h"
#include "tests/faults/mount.h"
#include "tests/faults/pace.h"
#include "tests/faults/scene.h"

enum { PEOPLE = 24, AFTER_ORGANISATION = 5, STEPS = 60, WAVES = 2, DISK_BYTES = 192 << 20 };

static load *load_of(void)
{
    load *l = load_create_empty(1000 + WAVES * STEPS);

    load_add_organisation(l, PEOPLE);
    for (unsigned w = 0; w < WAVES; w++)
        for (unsigned i = 0; i < STEPS; i++)
            load_add(l, AFTER_ORGANISATION + w, COMPETENCY, "hr", "",
                     "\"recordAssessment\":{\"assessmentId\":\"a%u-%u\",\"personId\":\"p%u\","
                     "\"competencyId\":\"k%u\",\"score\":%u.5}",
                     w, i, i % PEOPLE, i % 5, 1 + (w + i) % 4);
    return l;
}

static bool begin(scene *s, mount_disk *disk, bool synced)
{
    static char config[256];

    if (!mount_begin() || !mount_disk_make(disk, DISK_BYTES, synced))
        return false;
    snprintf(config, sizeof config, "jetstream { store_dir: \"%s/store\", max_file_store: 100M }",
             disk->path);
    scene_begin(s,
                &(world_options){ .server_config = config, .flags = { "--inbox-max-bytes", "4M" } },
                load_of(), world_seed());
    return true;
}

static void end(scene *s, mount_disk *disk)
{
    scene_clear(s);
    load_destroy(s->load);
    s->load = NULL;
    mount_disk_end(disk);
}

static void reach_disk(const mount_disk *disk)
{
    int fd = open(disk->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(syncfs(fd), 0);
    close(fd);
}

static void cut_power(scene *s, mount_disk *disk)
{
    world_broker_kill(s->world);
    mount_disk_cut(disk);
    world_broker_start(s->world);
}

static double regressions(world *w)
{
    double sum = 0;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        sum += world_metric(w, d, 0, "praxis_log_regressions_total");
    return sum;
}

/* ---- a server that syncs ---- */

static void cut_after_sync(scene *s)
{
    mount_disk disk;

    if (!begin(s, &disk, true))
        skip();
    drive_waves(&s->drive, 0, AFTER_ORGANISATION);
    for (size_t i = 0; i < s->load->count; i++) /* some are under way */
        if (s->load->steps[i].wave == AFTER_ORGANISATION + 1)
            drive_send(&s->drive, i);
    cut_power(s, &disk);
    drive_waves(&s->drive, 0, s->load->waves);
    assert_true(regressions(s->world) == 0);
    scene_judge(s);
    end(s, &disk);
}

static void server_that_syncs__nothing_acknowledged_is_lost(void **ctx)
{
    for (size_t round = world_setting("PRAXIS_FAULT_ROUNDS", 1); round > 0; round--)
        cut_after_sync(*ctx);
}

/* ---- what was answered before ---- */

static ledger_answer *answers_so_far(const scene *s)
{
    ledger_answer *answers = calloc(s->load->count, sizeof *answers);

    assert_non_null(answers);
    memcpy(answers, s->drive.ledger.answers, s->load->count * sizeof *answers);
    return answers;
}

/* Answers seen before the cut that are not those of now. */
static size_t count_lost(const scene *s, const ledger_answer *before, unsigned wave)
{
    size_t lost = 0;

    for (size_t i = 0; i < s->load->count; i++) {
        const ledger_answer *now = &s->drive.ledger.answers[i];

        if (!before[i].known)
            continue;
        if (s->load->steps[i].wave >= wave || before[i].decided_at_us == now->decided_at_us)
            lost += before[i].decided_at_us != now->decided_at_us;
        else
            world_fail(s->world, "step %zu was on the disk and is decided again", i);
    }
    return lost;
}

static uint64_t feed_end(const scene *s)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(s->drive.bus, "PRAXIS_FEED", &info), PX_OK);
    return info.last_seq;
}

/* ---- a server that syncs log, inboxes and keys ---- */

/* The daemons are away when the server comes back, so that what its feed has lost can be seen. */
static uint64_t feed_end_after_cut(scene *s, mount_disk *disk)
{
    uint64_t end;

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(s->world, d, 0);
    drive_fini(&s->drive);
    cut_power(s, disk);
    drive_init(&s->drive, s->world, s->load, s->seed + 1);
    end = feed_end(s);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(s->world, d, 0);
    world_wait_all(s->world, "/readyz", 200);
    return end;
}

static void cut_with_the_truth_synced(scene *s)
{
    mount_disk disk;

    if (!begin(s, &disk, false))
        skip();
    assert_true(fixture_sync_store(disk.path, FIXTURE_SYNC_TRUTH));
    drive_waves(&s->drive, 0, s->load->waves);
    ledger_answer *before = answers_so_far(s);
    uint64_t had = feed_end(s), has = feed_end_after_cut(s, &disk);
    assert_true(has < had);
    drive_waves(&s->drive, 0, s->load->waves);
    assert_int_equal(count_lost(s, before, 0), 0);
    free(before);
    assert_true(regressions(s->world) == 0);
    scene_judge(s);
    pace_figure("T6", "feed_messages_sent_again", (double)(had - has), "messages");
    end(s, &disk);
}

static void server_that_syncs_the_truth__only_the_feed_goes_back(void **ctx)
{
    for (size_t round = world_setting("PRAXIS_FAULT_ROUNDS", 1); round > 0; round--)
        cut_with_the_truth_synced(*ctx);
}

/* ---- a server that does not ---- */

static void cut_before_sync(scene *s)
{
    mount_disk disk;
    ledger_answer *before;
    oracle_report report;
    size_t lost;

    if (!begin(s, &disk, false))
        skip();
    drive_waves(&s->drive, 0, AFTER_ORGANISATION);
    world_settle(s->world);
    reach_disk(&disk);
    drive_waves(&s->drive, AFTER_ORGANISATION + 1, s->load->waves);
    before = answers_so_far(s);
    world_settle(s->world); /* everybody has read what is about to be lost */
    drive_fini(&s->drive);
    cut_power(s, &disk);
    world_wait_all(s->world, "/readyz", 200);
    drive_init(&s->drive, s->world, s->load, s->seed + 1);
    drive_waves(&s->drive, 0, s->load->waves); /* who sent something asks whether it is there */
    lost = count_lost(s, before, AFTER_ORGANISATION + 1);
    free(before);
    pace_figure("T6", "results_lost_without_sync", (double)lost, "results");
    pace_figure("T6", "regressions_found", regressions(s->world), "daemons");
    assert_true(lost > 0);
    assert_true(regressions(s->world) == WORLD_DAEMONS);
    report = scene_judge(s);
    assert_true(report.replaced > 0);
    end(s, &disk);
}

static void server_that_does_not__every_daemon_notices_and_says_so(void **ctx)
{
    for (size_t round = world_setting("PRAXIS_FAULT_ROUNDS", 1); round > 0; round--)
        cut_before_sync(*ctx);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(server_that_syncs__nothing_acknowledged_is_lost,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(server_that_syncs_the_truth__only_the_feed_goes_back,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(server_that_does_not__every_daemon_notices_and_says_so,
                                        scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
