/* test_rotate.c: the master key changes while texts come in, people are erased, and the command is
 * killed.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/vault.h"
#include "common/vault_keys.h"
#include "services/praxis/layout.h"
#include "tests/faults/scan.h"
#include "tests/faults/scene.h"
#include "tests/faults/tool.h"

enum { PEOPLE = 300, FIRST = 5, TALK = 5, KILLS = 4, KEY_PART = 24 };

typedef struct {
    scene s;
    tool t;
    char master[PX_PATH_MAX];
    char kept[PX_PATH_MAX]; /* the master key of before */
    bool finished;
    unsigned kills;
    uint64_t random;
    int64_t next_ms;
} rotation;

static int setup(void **ctx)
{
    *ctx = calloc(1, sizeof(rotation));
    return *ctx ? 0 : -1;
}

static int teardown(void **ctx)
{
    rotation *r = *ctx;

    if (r->t.pid > 0)
        tool_kill(&r->t);
    scene_clear(&r->s);
    load_destroy(r->s.load);
    free(r);
    return 0;
}

static void add_text(load *l, unsigned wave, unsigned i)
{
    load_add(l, wave, FEEDBACK, "p0", "",
             "\"giveFeedback\":{\"feedbackId\":\"f%u-%u\",\"aboutId\":\"p%u\",\"kind\":1,"
             "\"text\":{\"plain\":\"TEXT-%016" PRIx64 "-%u-%u.\"},\"visibility\":2}",
             wave, i, i, l->random, wave, i);
}

/* Two in three have a key before; then every fifth is erased, while others are written about. */
static load *talking_load(uint64_t seed)
{
    load *l = load_create_empty(2000);

    l->random = seed;
    load_add_organisation(l, PEOPLE);
    l->random = seed;
    for (unsigned i = FIRST; i < PEOPLE; i++)
        if (i % 3 != 0)
            add_text(l, TALK, i);
    for (unsigned i = FIRST; i < PEOPLE; i++) {
        if (i % 5 == 0)
            load_add(l, TALK + 1, FEEDBACK, "hr", "", "\"erasePerson\":{\"personId\":\"p%u\"}", i);
        else
            add_text(l, TALK + 1, i);
    }
    return l;
}

static void start_rotation(rotation *r)
{
    tool_start_connected(
        &r->t, r->s.world,
        (const char *const[]){ "rotate-key", "--master-key-file", r->master, NULL });
    r->next_ms = world_now_ms() + (int64_t)(world_random(&r->random) % 60);
}

static rotation *watched; /* drive.watch hands only the world */

static void rotate_meanwhile(world *w)
{
    rotation *r = watched;
    int code;

    (void)w;
    if (r->finished)
        return;
    if (r->t.pid == 0) {
        start_rotation(r);
    } else if (tool_ended(&r->t, &code)) {
        if (code != 0)
            world_fail(r->s.world, "rotate-key: %s", r->t.text);
        r->finished = true;
    } else if (r->kills < KILLS && world_now_ms() > r->next_ms) {
        tool_kill(&r->t);
        r->kills++;
    }
}

static bool text_is_shown(rotation *r, unsigned wave, unsigned i)
{
    static const px_header json = { "Content-Type", "application/json" };
    char request[128], text[64];
    px_bus_msg *reply;

    snprintf(request, sizeof request, "{\"viewerId\":\"p0\",\"aboutId\":\"p%u\"}", i);
    snprintf(text, sizeof text, "TEXT-%016" PRIx64 "-%u-%u.", r->s.seed, wave, i);
    px_status status = px_bus_request(
        r->s.drive.bus,
        &(px_bus_out){ .subject = "praxis.v1.acme.query.feedback-ingest.ListFeedback",
                       .data = { request, strlen(request) },
                       .headers = &json,
                       .header_count = 1 },
        10000, &reply);
    if (status != PX_OK)
        world_fail(r->s.world, "ListFeedback: %s", px_strerror(status));
    bool shown = memmem(reply->data.data, reply->data.size, text, strlen(text)) != NULL;
    px_bus_msg_free(reply);
    return shown;
}

static void expect_texts(rotation *r)
{
    for (unsigned i = FIRST; i < PEOPLE; i++) {
        bool erased = i % 5 == 0;
        if ((i % 3 != 0 && text_is_shown(r, TALK, i) == erased) ||
            (!erased && !text_is_shown(r, TALK + 1, i)))
            world_fail(r->s.world, "a text about p%u is%s shown", i, erased ? "" : " not");
    }
}

static px_vault_census count_with(rotation *r, const char *master)
{
    px_vault_census census;
    px_masters masters;

    assert_int_equal(px_masters_read(&masters, master), PX_OK);
    assert_int_equal(px_vault_count_keys(r->s.drive.bus, &masters, &census, NULL, NULL), PX_OK);
    px_masters_fini(&masters);
    return census;
}

static uint64_t people_with_keys(void)
{
    uint64_t count = 0;

    for (unsigned i = FIRST; i < PEOPLE; i++)
        count += i % 5 != 0;
    return count;
}

/* The daemons forget what they had cached: from here on only the stream and the file count. */
static void start_daemons_again(rotation *r)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_kill(r->s.world, d, 0);
        world_run(r->s.world, d, 0);
    }
    world_wait_all(r->s.world, "/readyz", 200);
}

static void expect_not_on_disk(rotation *r, px_bytes key)
{
    char where[SCAN_PATH_MAX];

    if (scan_files(world_directory(r->s.world), key, where) > 0)
        world_fail(r->s.world, "a key sealed under the old master is in %s", where);
}

static void rotated_under_load__nothing_lost_nobody_back(void **ctx)
{
    rotation *r = *ctx;
    px_bus_msg *before;
    uint8_t part[KEY_PART];

    watched = r;
    r->random = world_seed();
    scene_begin(&r->s, &(world_options){ 0 }, talking_load(world_seed()), world_seed());
    px_layout_path(world_directory(r->s.world), "master.key", r->master);
    px_layout_path(world_directory(r->s.world), "master.kept", r->kept);
    assert_int_equal(px_vault_copy_master(r->master, r->kept), PX_OK);
    drive_waves(&r->s.drive, 0, TALK);
    assert_int_equal(
        px_bus_get_last(r->s.drive.bus, px_vault_stream, "praxis.key.acme.p7", &before), PX_OK);
    memcpy(part, (const uint8_t *)before->data.data + before->data.size - KEY_PART, KEY_PART);
    px_bus_msg_free(before);

    r->s.drive.watch = rotate_meanwhile;
    drive_waves(&r->s.drive, TALK + 1, TALK + 1);
    while (!r->finished)
        rotate_meanwhile(r->s.world);
    world_settle(r->s.world);
    fprintf(stderr, "killed %u times; %s", r->kills, r->t.text);
    expect_texts(r);
    int code = TOOL_CONNECTED(&r->t, r->s.world, "rotate-key", "--finish", "--grace", "0",
                              "--master-key-file", r->master);
    if (code != 0)
        world_fail(r->s.world, "rotate-key --finish: %s", r->t.text);

    px_vault_census now = count_with(r, r->master), old = count_with(r, r->kept);
    assert_int_equal(now.newest, people_with_keys());
    assert_int_equal(now.older + now.unreadable, 0);
    assert_int_equal(old.newest + old.older, 0);
    expect_not_on_disk(r, (px_bytes){ part, sizeof part });
    start_daemons_again(r);
    expect_texts(r);
    scene_judge(&r->s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rotated_under_load__nothing_lost_nobody_back, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
