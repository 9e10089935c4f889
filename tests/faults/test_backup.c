/* test_backup.c: backups made under load come back whole, and bring nobody back who was erased.
 *
 * PRAXIS_FAULT_BACKUPS=100 is the long form: so many random points, each with its own world.
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

#include "common/fold.h"
#include "common/vault.h"
#include "services/praxis/backup_part.h"
#include "tests/faults/scan.h"
#include "tests/faults/scene.h"
#include "tests/faults/tool.h"

enum { SUBMISSIONS = 500, PEOPLE = 30, CANARIES = 20, KEY_PART = 24, TALK = 5, ERASING = 6 };

typedef struct {
    scene s;
    tool t;
    char folder[64]; /* outside of the world, which will be lost */
    char master[PX_PATH_MAX];
    struct {
        uint8_t bytes[512]; /* the sealed key, as it stands in the stream */
        size_t size;
    } keys[CANARIES];
} vaulted;

static int setup(void **ctx)
{
    vaulted *v = calloc(1, sizeof *v);

    snprintf(v->folder, sizeof v->folder, "/tmp/praxis-backup-XXXXXX");
    assert_non_null(mkdtemp(v->folder));
    *ctx = v;
    return 0;
}

static void clear(vaulted *v)
{
    scene_clear(&v->s);
    load_destroy(v->s.load);
    v->s = (scene){ 0 };
    px_layout_remove(v->folder);
}

static int teardown(void **ctx)
{
    clear(*ctx);
    free(*ctx);
    return 0;
}

static const char *in(const vaulted *v, const char *name, char path[PX_PATH_MAX])
{
    return px_layout_path(v->folder, name, path);
}

static void begin(vaulted *v, load *l, uint64_t seed)
{
    scene_begin(&v->s, &(world_options){ 0 }, l, seed);
    px_layout_path(world_directory(v->s.world), "master.key", v->master);
}

static void expect_said(vaulted *v, const char *wanted)
{
    if (!strstr(v->t.text, wanted))
        world_fail(v->s.world, "not said: %s, but: %s", wanted, v->t.text);
}

static void expect_done(vaulted *v, int code)
{
    if (code != 0)
        world_fail(v->s.world, "praxis ended with %d: %s", code, v->t.text);
}

static void backup(vaulted *v, const char *name)
{
    char path[PX_PATH_MAX];

    expect_done(v, TOOL_CONNECTED(&v->t, v->s.world, "backup", "--to", in(v, name, path)));
}

/* Everything dies, and the disk of the server is gone; so are all projections. */
static void lose_everything(vaulted *v)
{
    char store[PX_PATH_MAX];

    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(v->s.world, d, 0);
    world_broker_kill(v->s.world);
    px_layout_path(world_directory(v->s.world), "store", store);
    assert_int_equal(px_layout_remove(store), PX_OK);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_forget(v->s.world, d, 0);
    world_broker_start(v->s.world);
}

static void bring_back(vaulted *v, const char *name, const char *keys)
{
    char from[PX_PATH_MAX], keys_from[PX_PATH_MAX];

    expect_done(v,
                TOOL_CONNECTED(&v->t, v->s.world, "restore", "--from", in(v, name, from), "--keys",
                               in(v, keys, keys_from), "--master-key-file", v->master));
}

static void run_daemons(vaulted *v)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_run(v->s.world, d, 0);
    world_wait_all(v->s.world, "/readyz", 200);
}

static uint64_t log_end(vaulted *v)
{
    px_stream_info info;
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;

    while (px_bus_stream_info(v->s.drive.bus, px_log_stream, &info) != PX_OK) {
        assert_true(world_now_ms() < deadline);
        px_bus_wait(v->s.drive.bus, WORLD_STEP_MS);
    }
    return info.last_seq;
}

/* ---- a random point ---- */

/* Sends a wave, whose results nobody reads, and starts the backup somewhere in it. */
static uint64_t back_up_under_load(vaulted *v, unsigned wave, uint64_t *random)
{
    const load *l = v->s.load;
    char path[PX_PATH_MAX];
    px_bus *bus = world_client(v->s.world);
    uint64_t before = 0;
    size_t at = world_random(random) % 60;

    for (size_t i = 0; i < l->count; i++) {
        if (l->steps[i].wave != wave)
            continue;
        if (at-- == 0) {
            before = log_end(v);
            tool_start_connected(&v->t, v->s.world,
                                 (const char *const[]){ "backup", "--to", in(v, "b", path), NULL });
        }
        assert_int_equal(load_send(&l->steps[i], bus, px_bus_epoch(bus), v->s.drive.ledger.log_seq,
                                   &v->s.drive.arena),
                         PX_OK);
        px_bus_wait(bus, 1);
    }
    if (before == 0) {
        before = log_end(v);
        tool_start_connected(&v->t, v->s.world,
                             (const char *const[]){ "backup", "--to", in(v, "b", path), NULL });
    }
    expect_done(v, tool_wait(&v->t));
    px_bus_close(bus);
    return before;
}

static void random_point(vaulted *v, uint64_t seed)
{
    uint64_t random = seed ^ 0xbacc;
    load *l = load_create(seed, scene_submissions(SUBMISSIONS));

    begin(v, l, seed);
    unsigned wave = 5 + (unsigned)(world_random(&random) % (l->waves - 6));
    drive_waves(&v->s.drive, 0, wave - 1);
    uint64_t before = back_up_under_load(v, wave, &random);
    lose_everything(v);
    int64_t began_ms = world_now_ms();
    bring_back(v, "b", "b.keys");
    assert_true(log_end(v) >= before); /* RPO 0: all that was there when it began */
    run_daemons(v);
    fprintf(stderr, "lost after wave %u of %u; answering again %" PRId64 " ms after\n", wave,
            l->waves, world_now_ms() - began_ms);
    drive_waves(&v->s.drive, 0, l->waves);
    scene_judge(&v->s);
}

static void random_point__one_result_each_and_equal_projections(void **ctx)
{
    vaulted *v = *ctx;

    for (size_t i = 0; i < world_setting("PRAXIS_FAULT_BACKUPS", 1); i++) {
        random_point(v, world_seed() + i);
        clear(v);
        assert_int_equal(px_layout_make(v->folder), PX_OK);
    }
}

/* ---- how long it takes ---- */

/* Messages of a usual size; what they say does not matter to copies and digests. */
static void fill_log(vaulted *v, uint64_t messages)
{
    px_bus *bus = v->s.drive.bus;
    uint64_t before = log_end(v), sent = 0, stored = 0;
    char body[400];
    px_bus_ack ack;

    memset(body, 'x', sizeof body);
    while (stored < messages) {
        for (; sent < messages && sent - stored < 2000; sent++) {
            memcpy(body, &sent, sizeof sent);
            assert_int_equal(px_bus_publish(bus, px_bus_epoch(bus),
                                            &(px_bus_out){ .subject = "praxis.log.nobody",
                                                           .data = { body, sizeof body } },
                                            sent + 1),
                             PX_OK);
        }
        px_bus_wait(bus, 100);
        while (px_bus_next_ack(bus, &ack))
            stored += ack.status == PX_OK;
        if (px_bus_epoch(bus) == 0)
            world_fail(v->s.world, "the server went away");
    }
    assert_int_equal(log_end(v), before + messages);
}

/* PRAXIS_FAULT_MESSAGES=1000000 says how long a million takes; in short runs only that it works. */
static void large_log__comes_back_whole(void **ctx)
{
    vaulted *v = *ctx;
    uint64_t messages = world_setting("PRAXIS_FAULT_MESSAGES", 20000);

    begin(v, load_create_empty(1), world_seed());
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        world_kill(v->s.world, d, 0);
    fill_log(v, messages);
    uint64_t end = log_end(v);
    int64_t began_ms = world_now_ms();
    backup(v, "b");
    int64_t saved_ms = world_now_ms();
    lose_everything(v);
    int64_t lost_ms = world_now_ms();
    bring_back(v, "b", "b.keys");
    fprintf(stderr,
            "%" PRIu64 " messages of 400 bytes: backup %" PRId64 " ms, restore %" PRId64 " ms\n",
            messages, saved_ms - began_ms, world_now_ms() - lost_ms);
    assert_int_equal(log_end(v), end);
}

/* ---- erased people ---- */

static void text_of(char text[64], uint64_t seed, unsigned i)
{
    snprintf(text, 64, "CANARY-%016" PRIx64 "-%02u.", seed, i);
}

static load *canary_load(uint64_t seed)
{
    load *l = load_create_empty(500);
    char text[64];

    l->random = seed;
    load_add_organisation(l, PEOPLE);
    for (unsigned i = 0; i < CANARIES; i++) {
        text_of(text, seed, i);
        load_add(l, TALK, FEEDBACK, "p0", "",
                 "\"giveFeedback\":{\"feedbackId\":\"c%u\",\"aboutId\":\"p%u\",\"kind\":1,"
                 "\"text\":{\"plain\":\"%s\"},\"visibility\":2}",
                 i, i + 5, text);
    }
    for (unsigned i = 0; i < CANARIES; i += 2)
        load_add(l, ERASING, FEEDBACK, "hr", "", "\"erasePerson\":{\"personId\":\"p%u\"}", i + 5);
    return l;
}

static px_status find_key(vaulted *v, unsigned i, px_bus_msg **msg)
{
    char subject[64];

    snprintf(subject, sizeof subject, "praxis.key.acme.p%u", i + 5);
    return px_bus_get_last(v->s.drive.bus, px_vault_stream, subject, msg);
}

static void remember_keys(vaulted *v)
{
    for (unsigned i = 0; i < CANARIES; i++) {
        px_bus_msg *msg;

        assert_int_equal(find_key(v, i, &msg), PX_OK);
        assert_true(msg->data.size > KEY_PART && msg->data.size <= sizeof v->keys[i].bytes);
        memcpy(v->keys[i].bytes, msg->data.data, msg->data.size);
        v->keys[i].size = msg->data.size;
        px_bus_msg_free(msg);
    }
}

/* The end of a sealed key: ciphertext and tag, which look like no other. */
static bool key_is_in(vaulted *v, unsigned i, const char *directory)
{
    char where[SCAN_PATH_MAX];

    return scan_files(directory,
                      (px_bytes){ v->keys[i].bytes + v->keys[i].size - KEY_PART, KEY_PART },
                      where) > 0;
}

static void expect_keys_in(vaulted *v, const char *directory, bool erased, bool others)
{
    for (unsigned i = 0; i < CANARIES; i++)
        if (key_is_in(v, i, directory) != (i % 2 == 0 ? erased : others))
            world_fail(v->s.world, "the key of p%u is%s in %s", i + 5,
                       (i % 2 == 0 ? erased : others) ? " not" : "", directory);
}

static void expect_no_text_in(vaulted *v, const char *directory)
{
    char prefix[64], where[SCAN_PATH_MAX];

    snprintf(prefix, sizeof prefix, "CANARY-%016" PRIx64, v->s.seed);
    if (scan_files(directory, (px_bytes){ prefix, strlen(prefix) }, where) > 0)
        world_fail(v->s.world, "a text is readable in %s", where);
}

/* Copies are compressed by the server: what is in one is seen in the store that comes out of it. */
static void expect_restored(vaulted *v, const char *name, bool erased)
{
    char from[PX_PATH_MAX], dir[PX_PATH_MAX];

    in(v, "restored", dir);
    expect_done(v, TOOL(&v->t, v->s.world, "restore", "--from", in(v, name, from), "--dir", dir,
                        "--master-key-file", v->master));
    expect_no_text_in(v, dir);
    expect_keys_in(v, dir, erased, true);
    assert_int_equal(px_layout_remove(dir), PX_OK);
}

static void archive_once(vaulted *v)
{
    char path[PX_PATH_MAX];

    expect_done(v,
                TOOL_CONNECTED(&v->t, v->s.world, "archive", "--once", "--to", in(v, "arc", path)));
}

static void erased__not_in_later_backups_nor_brought_back_by_earlier_keys(void **ctx)
{
    vaulted *v = *ctx;
    char path[PX_PATH_MAX];
    px_bus_msg *msg;

    begin(v, canary_load(world_seed()), world_seed());
    drive_waves(&v->s.drive, 0, TALK);
    world_settle(v->s.world);
    remember_keys(v);
    archive_once(v);
    backup(v, "before");
    drive_waves(&v->s.drive, ERASING, ERASING);
    world_settle(v->s.world);
    archive_once(v);
    backup(v, "after");
    expect_no_text_in(v, in(v, "arc", path));
    expect_keys_in(v, in(v, "arc", path), false, false);
    expect_keys_in(v, in(v, "before", path), false, false);
    expect_keys_in(v, in(v, "after", path), false, false);
    expect_restored(v, "before", true); /* what the printed date is about */
    expect_restored(v, "after", false);

    /* The log of after with the keys of before: the log erases them again. */
    lose_everything(v);
    bring_back(v, "after", "before.keys");
    expect_said(v, "The keys are older than the log");
    run_daemons(v);
    world_settle(v->s.world);
    for (unsigned i = 0; i < CANARIES; i++) {
        px_status status = find_key(v, i, &msg);
        assert_int_equal(status, i % 2 == 0 ? PX_ENOTFOUND : PX_OK);
        if (status == PX_OK)
            px_bus_msg_free(msg);
    }
    expect_keys_in(v, world_directory(v->s.world), false, true);
    expect_no_text_in(v, world_directory(v->s.world));
}

/* ---- wrong ones ---- */

static void shell(const char *format, const char *folder)
{
    char command[2048];

    snprintf(command, sizeof command, format, folder, folder, folder, folder);
    assert_int_equal(system(command), 0);
}

static void expect_refused(vaulted *v, const char *name, const char *verdict)
{
    char from[PX_PATH_MAX], dir[PX_PATH_MAX], nats[PX_PATH_MAX], other[PX_PATH_MAX];

    in(v, "refused", dir);
    int code =
        TOOL(&v->t, v->s.world, "restore", "--from", in(v, name, from), "--dir", dir,
             "--master-key-file",
             strcmp(verdict, "wrong master key") == 0 ? in(v, "other.key", other) : v->master);
    expect_said(v, verdict);
    assert_int_equal(code, 1);
    px_layout_path(dir, "nats/jetstream", nats);
    assert_int_not_equal(access(nats, F_OK), 0);
    px_layout_path(dir, "master.key", nats);
    assert_int_not_equal(access(nats, F_OK), 0);
    px_layout_remove(dir);
}

/* A whole part, of a log that was another one at one of its ends. */
static void rewrite_end(vaulted *v, const char *name, const char *kind, bool first)
{
    char path[PX_PATH_MAX];
    px_backup_part part;

    assert_int_equal(px_backup_read(in(v, name, path), kind, &part), PX_OK);
    *(first ? &part.first.tag : &part.last.tag) ^= 1;
    assert_int_equal(px_backup_write(path, &part), PX_OK);
    px_backup_part_fini(&part);
}

static void wrong_parts__a_clear_verdict_each_and_nothing_touched(void **ctx)
{
    vaulted *v = *ctx;
    char path[PX_PATH_MAX], dir[PX_PATH_MAX];

    begin(v, canary_load(world_seed()), world_seed());
    drive_waves(&v->s.drive, 0, TALK - 1);
    backup(v, "old");
    drive_waves(&v->s.drive, TALK, TALK);
    backup(v, "b");
    assert_int_equal(px_vault_make_master(in(v, "other.key", path)), PX_OK);

    shell("cp -r %s/b %s/older && cp -r %s/b.keys %s/older.keys", v->folder);
    shell("cp %s/old/PRAXIS_LOG.copy %s/older/PRAXIS_LOG.copy", v->folder);
    expect_refused(v, "older", "another size than when it was written");
    shell("cp -r %s/b %s/swapped && cp -r %s/b.keys %s/swapped.keys", v->folder);
    shell("cp %s/b/PRAXIS_FEED.copy %s/swapped/PRAXIS_LOG.copy", v->folder);
    expect_refused(v, "swapped", "another size than when it was written");
    shell("cp -r %s/b %s/flipped && cp -r %s/b.keys %s/flipped.keys", v->folder);
    shell("printf x | dd of=%s/flipped/PRAXIS_LOG.copy bs=1 seek=77 conv=notrunc status=none",
          v->folder);
    expect_refused(v, "flipped", "damaged, or from another backup");
    shell("cp -r %s/b %s/changed && cp -r %s/b.keys %s/changed.keys", v->folder);
    shell("sed -i 's/\"log\"/\"keys\"/' %s/changed/manifest.json", v->folder);
    expect_refused(v, "changed", "damaged: it is not as it was written");
    shell("cp -r %s/b %s/foreign && cp -r %s/b.keys %s/foreign.keys", v->folder);
    rewrite_end(v, "foreign.keys", "keys", true);
    expect_refused(v, "foreign", "keys of another installation");
    shell("cp -r %s/b %s/other && cp -r %s/b.keys %s/other.keys", v->folder);
    rewrite_end(v, "other", "log", false);
    expect_refused(v, "other", "is not the one this backup was made with");
    shell("cp -r %s/b %s/lost", v->folder);
    expect_refused(v, "lost", "missing keys");
    expect_refused(v, "b", "wrong master key");
    expect_refused(v, "nothing", "holds no finished backup");
    assert_int_equal(TOOL_CONNECTED(&v->t, v->s.world, "backup", "--to", in(v, "b", path)), 1);
    expect_said(v, "never written over");
    assert_int_equal(TOOL_CONNECTED(&v->t, v->s.world, "restore", "--from", in(v, "b", path)), 1);
    expect_said(v, "exists there: nothing is restored over it");

    /* Whole again, with the lost keys done without; then an old log with newer keys is fine. */
    expect_done(v, TOOL(&v->t, v->s.world, "restore", "--from", in(v, "lost", path), "--dir",
                        px_layout_path(v->folder, "d1", dir), "--without-keys"));
    expect_said(v, "no text in it can be read");
    lose_everything(v);
    bring_back(v, "old", "b.keys");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(random_point__one_result_each_and_equal_projections),
        TEST(large_log__comes_back_whole),
        TEST(erased__not_in_later_backups_nor_brought_back_by_earlier_keys),
        TEST(wrong_parts__a_clear_verdict_each_and_nothing_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
