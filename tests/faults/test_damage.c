/* test_damage.c: an inbox that the server can no longer read is said, emptied, and used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/faults/scene.h"

enum { PEOPLE = 24, AFTER_ORGANISATION = 5, WAITING = 12, LOST = 4, BLOCK_MAX = 1 << 20 };

/* A record begins with its length (little endian, the top bit says "with headers"). */
static size_t record_size(const uint8_t *at)
{
    return ((size_t)at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 | (size_t)at[3] << 24) &
           0x7fffffff;
}

/* What a server killed in mid-purge leaves: a block without its first messages, and an index that
 * still names them. Version 2.9 then stores and acknowledges, but finds nothing. */
static void cut_first_records(const char *path)
{
    static uint8_t block[BLOCK_MAX];
    FILE *file = fopen(path, "r");
    size_t at = 0;

    assert_non_null(file);
    size_t size = fread(block, 1, sizeof block, file);
    fclose(file);
    for (unsigned i = 0; i < LOST; i++) {
        assert_true(at + 4 < size);
        at += record_size(block + at);
    }
    assert_true(at < size);
    file = fopen(path, "w");
    assert_int_equal(fwrite(block + at, 1, size - at, file), size - at);
    fclose(file);
}

/* The only block there is; its number grows with every purge. */
static void cut_inbox(const world *w)
{
    char path[512] = "";
    bool found = false;

    for (unsigned n = 1; n < 1000 && !found; n++) {
        snprintf(path, sizeof path,
                 "%s/store/jetstream/$G/streams/PRAXIS_INBOX_REVIEW_CYCLE/msgs/%u.blk",
                 world_directory(w), n);
        FILE *file = fopen(path, "r");
        found = file && fgetc(file) != EOF;
        if (file)
            fclose(file);
    }
    assert_true(found);
    cut_first_records(path);
}

static void unreadable_inbox__emptied_and_submissions_asked_for_again(void **ctx)
{
    scene *s = *ctx;
    load *l = load_create_empty(400);
    px_stream_info inbox;
    size_t first;

    load_add_organisation(l, PEOPLE);
    first = l->count;
    for (unsigned i = 0; i < WAITING; i++)
        load_add(l, AFTER_ORGANISATION, REVIEW, "hr", "SCALE_UNKNOWN",
                 "\"defineCycle\":{\"cycleId\":\"d%u\",\"label\":\"Another\","
                 "\"startsAt\":\"2031-01-01T00:00:00Z\",\"scaleId\":\"none\",\"scaleVersion\":1}",
                 i);
    scene_begin(s, &(world_options){ 0 }, l, world_seed());
    drive_waves(&s->drive, 0, AFTER_ORGANISATION - 1);
    world_settle(s->world);
    world_kill(s->world, REVIEW, 0);
    for (size_t i = first; i < l->count; i++)
        drive_send(&s->drive, i);
    do
        assert_int_equal(px_bus_stream_info(s->drive.bus, "PRAXIS_INBOX_REVIEW_CYCLE", &inbox),
                         PX_OK);
    while (inbox.messages < WAITING);
    world_broker_end(s->world);
    cut_inbox(s->world);
    world_broker_start(s->world);
    world_run(s->world, REVIEW, 0);
    drive_waves(&s->drive, AFTER_ORGANISATION, AFTER_ORGANISATION);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unreadable_inbox__emptied_and_submissions_asked_for_again,
                                        scene_setup, scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
