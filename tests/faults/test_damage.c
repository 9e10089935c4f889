/* test_damage.c: an inbox that the server can no longer read is said, emptied, and used again;
 * projections are damaged under running daemons and under dead ones, which repair them by
 * themselves. More of it, and faster, in tests/common/test_store_damage.c and
 * test_stream_damage.c. */
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

/* ---- projections ---- */

enum { SUBMISSIONS = 500, BITS = 60, PAGE = 4096 };

/* So many that some are in what is read. */
static void damage_projection(world *w, unsigned daemon, uint64_t *random)
{
    char path[512];

    snprintf(path, sizeof path, "%s/%s.0/data.mdb", world_directory(w), world_services[daemon]);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    uint64_t size = (uint64_t)ftell(file);
    for (unsigned i = 0; i < BITS; i++) { /* not the two pages that say where all begins */
        long at = (long)(2 * PAGE + world_random(random) % (size - 2 * PAGE));
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        int byte = fgetc(file);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_true(fputc(byte ^ (1 << world_random(random) % 8), file) != EOF);
    }
    assert_int_equal(fclose(file), 0);
}

static void damaged_projections__given_up_and_made_again_with_the_same_results(void **ctx)
{
    scene *s = *ctx;
    uint64_t random = world_seed();
    double found = 0;
    unsigned died = 0;
    int last_state;

    scene_begin(s, &(world_options){ .supervised = true, .flags = { "--scrub-seconds", "1" } },
                load_create(random, scene_submissions(SUBMISSIONS)), random);
    for (unsigned wave = 0; wave <= s->load->waves; wave++) {
        unsigned daemon = wave % WORLD_DAEMONS;

        if (wave >= AFTER_ORGANISATION && wave % 2 == 0) {
            world_kill(s->world, daemon, 0);
            damage_projection(s->world, daemon, &random);
            world_run(s->world, daemon, 0);
        } else if (wave >= AFTER_ORGANISATION) {
            damage_projection(s->world, daemon, &random);
        }
        drive_waves(&s->drive, wave, wave);
    }
    world_settle(s->world);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        found += world_metric(s->world, d, 0, "praxis_projection_damages_total");
        died += world_ends(s->world, d, 0, &last_state);
    }
    fprintf(stderr, "damage was found %.0f times, and killed %u times\n", found, died);
    assert_true(found + died > 0);
    scene_judge(s);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(unreadable_inbox__emptied_and_submissions_asked_for_again,
                                        scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(
            damaged_projections__given_up_and_made_again_with_the_same_results, scene_setup,
            scene_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
