/* Snapshots: whole or not there; a lost projection starts from the newest one that fits the log. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fold_impl.h"
#include "common/metrics.h"
#include "common/snapshot.h"
#include "tests/common/fold_world.h"

enum { MINUTE_MS = 60 * 1000, TURNS_MAX = 20000 };

static const char *name_of(fold_world *w, const char *prefix, unsigned i)
{
    return px_arena_printf(&w->arena, "%s-%u", prefix, i);
}

static void submit_some(fold_world *w, const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fold_submit(w, "acme", name_of(w, prefix, i), 5 + i % 90);
        fold_settle(w);
    }
}

static const char *path_in(fold_copy *c, const char *name)
{
    return px_arena_printf(&c->world->arena, "%s/%s/%s", c->world->directory, c->name, name);
}

static const char *file_of(fold_copy *c, const px_snapshot *s, const char *extension)
{
    return path_in(c, px_arena_printf(&c->world->arena, "snapshots/%s%s", s->name, extension));
}

static size_t list(fold_copy *c, px_snapshot out[PX_SNAPSHOTS_MAX])
{
    return px_snapshot_list(c->config.data_dir, out, PX_SNAPSHOTS_MAX);
}

static px_snapshot take(fold_copy *c)
{
    px_snapshot taken;

    assert_int_equal(px_snapshot_take(c->config.data_dir, px_fold_store(c->fold), 3, &taken),
                     PX_OK);
    return taken;
}

/* The projection is gone, its snapshots are not. */
static void lose_projection(fold_copy *c)
{
    fold_stop(c);
    assert_int_equal(unlink(path_in(c, "data.mdb")), 0);
}

static void damage(const char *path, long at)
{
    FILE *file = fopen(path, "r+");
    int byte;

    assert_non_null(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    byte = fgetc(file);
    assert_int_equal(fseek(file, at, SEEK_SET), 0);
    assert_int_not_equal(fputc(byte ^ 1, file), EOF);
    assert_int_equal(fclose(file), 0);
}

static void cut_log(fold_world *w, uint64_t last)
{
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, px_log_stream, last), PX_OK);
    px_bus_server_set_up(w->server, true);
}

/* How often projections were restored or built again since. */
typedef struct {
    uint64_t restores, rebuilds;
} counts;

static counts count(void)
{
    return (counts){ px_metric_get(PX_METRIC_RESTORES), px_metric_get(PX_METRIC_REBUILDS) };
}

static void expect_since(counts before, uint64_t restores, uint64_t rebuilds)
{
    counts now = count();

    assert_int_equal(now.restores - before.restores, restores);
    assert_int_equal(now.rebuilds - before.rebuilds, rebuilds);
}

static void finish(fold_world *w)
{
    fold_check_feed(w);
    fold_check_digests(w);
}

/* ---- by themselves ---- */

static void taken__says_what_it_is(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX], s;
    uint8_t digest[32];

    fold_start(&w->a);
    submit_some(w, "s", 5);
    s = take(&w->a);
    fold_digest(&w->a, digest);
    assert_int_equal(s.seq, fold_cursor(&w->a));
    assert_int_equal(s.layout, 1);
    assert_memory_equal(s.state_digest, digest, sizeof digest);
    assert_int_equal(list(&w->a, listed), 1);
    assert_memory_equal(&listed[0], &s, sizeof s);
}

static void nothing_folded__nothing_to_take(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX], taken;

    fold_start(&w->a);
    assert_int_equal(px_snapshot_take(w->a.config.data_dir, px_fold_store(w->a.fold), 3, &taken),
                     PX_EEMPTY);
    assert_int_equal(list(&w->a, listed), 0);
    submit_some(w, "s", 1);
    (void)take(&w->a);
    (void)take(&w->a);
    assert_int_equal(list(&w->a, listed), 1); /* of the same message: no second one */
}

static void more_than_are_kept__the_newest_stay(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX], newest = { 0 };

    fold_start(&w->a);
    for (unsigned i = 0; i < 5; i++) {
        submit_some(w, name_of(w, "s", i), 1);
        newest = take(&w->a);
    }
    assert_int_equal(list(&w->a, listed), 3);
    assert_string_equal(listed[0].name, newest.name);
    assert_true(listed[0].seq > listed[1].seq && listed[1].seq > listed[2].seq);
}

static void half_written__counts_for_nothing(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX], s;
    FILE *file;

    fold_start(&w->a);
    submit_some(w, "s", 3);
    s = take(&w->a);
    assert_int_equal(truncate(file_of(&w->a, &s, ".info"), 40), 0);
    assert_int_equal(list(&w->a, listed), 0);
    assert_int_equal(unlink(file_of(&w->a, &s, ".info")), 0);
    assert_int_equal(list(&w->a, listed), 0);
    file = fopen(path_in(&w->a, "snapshots/unfinished.mdb"), "w");
    fputs("half", file);
    assert_int_equal(fclose(file), 0);
    (void)take(&w->a);
    assert_int_equal(list(&w->a, listed), 1);
    assert_int_not_equal(access(path_in(&w->a, "snapshots/unfinished.mdb"), F_OK), 0);
}

static void damaged__is_refused_and_the_store_stays_as_it_is(void **state)
{
    fold_world *w = *state;
    uint8_t before[32], after[32];
    px_snapshot s;

    fold_start(&w->a);
    submit_some(w, "s", 3);
    s = take(&w->a);
    submit_some(w, "t", 3);
    fold_digest(&w->a, before);
    damage(file_of(&w->a, &s, ".mdb"), (long)s.bytes / 2);
    assert_int_equal(px_snapshot_restore(w->a.config.data_dir, &s, px_fold_store(w->a.fold)),
                     PX_ECORRUPT);
    assert_int_equal(truncate(file_of(&w->a, &s, ".mdb"), (off_t)s.bytes - 4096), 0);
    assert_int_equal(px_snapshot_restore(w->a.config.data_dir, &s, px_fold_store(w->a.fold)),
                     PX_ECORRUPT);
    fold_digest(&w->a, after);
    assert_memory_equal(before, after, sizeof before);
    finish(w);
}

/* ---- instead of an empty projection ---- */

static void projection_lost__starts_from_the_snapshot_and_sends_nothing_again(void **state)
{
    fold_world *w = *state;
    uint64_t feed;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 10);
    (void)take(&w->a);
    submit_some(w, "t", 10);
    feed = fold_last(w, px_feed_stream);
    before = count();
    lose_projection(&w->a);
    fold_start(&w->a);
    fold_settle(w);
    expect_since(before, 1, 0);
    assert_int_equal(fold_last(w, px_feed_stream), feed);
    submit_some(w, "u", 3);
    assert_int_equal(fold_results_of(w, "u-2", NULL), 1);
    finish(w);
}

/* Its feed position is of the time of the snapshot, and rows that wait were never sent. */
static void projection_lost_with_rows_to_send__they_are_sent(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_some(w, "s", 5);
    (void)take(&w->a);
    fold_submit(w, "acme", "late", 5);
    for (uint64_t last = fold_last(w, px_log_stream); fold_last(w, px_log_stream) == last;)
        (void)fold_turn(&w->a);
    lose_projection(&w->a); /* in the log, not on the feed */
    fold_start(&w->a);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "late", NULL), 1);
    finish(w);
}

static void machine_stopped_uncleanly__starts_from_the_snapshot(void **state)
{
    fold_world *w = *state;
    counts before;
    FILE *mark;

    fold_start(&w->a);
    submit_some(w, "s", 5);
    (void)take(&w->a);
    submit_some(w, "t", 2);
    fold_stop(&w->a);
    mark = fopen(path_in(&w->a, "mark"), "w");
    fputs("open another-boot\n", mark);
    assert_int_equal(fclose(mark), 0);
    before = count();
    fold_start(&w->a);
    fold_settle(w);
    expect_since(before, 1, 0);
    finish(w);
}

static void newest_is_damaged__an_older_one_is_taken(void **state)
{
    fold_world *w = *state;
    px_snapshot s;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 5);
    (void)take(&w->a);
    submit_some(w, "t", 5);
    s = take(&w->a);
    damage(file_of(&w->a, &s, ".mdb"), 100);
    before = count();
    lose_projection(&w->a);
    fold_start(&w->a);
    fold_settle(w);
    expect_since(before, 1, 0);
    finish(w);
}

static void log_went_back__the_newest_that_fits_is_taken_and_consumers_are_told(void **state)
{
    fold_world *w = *state;
    uint64_t kept;
    px_bus_msg *msg;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 5);
    kept = take(&w->a).seq;
    submit_some(w, "t", 5);
    (void)take(&w->a);
    before = count();
    cut_log(w, kept);
    submit_some(w, "u", 9);
    expect_since(before, 1, 0);
    assert_int_equal(px_bus_get_last(w->bus, px_feed_stream,
                                     "praxis.v1.acme.event.reporting.HistoryReplaced", &msg),
                     PX_OK);
    px_bus_msg_free(msg);
    fold_check_digests(w);
}

static void log_lost_altogether__no_snapshot_fits(void **state)
{
    fold_world *w = *state;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 5);
    (void)take(&w->a);
    before = count();
    cut_log(w, 0);
    submit_some(w, "u", 9);
    expect_since(before, 0, 1);
    fold_check_digests(w);
}

/* What the feed lost is in no snapshot's rows: each is tried once, then the log is read. */
static void feed_lost_rows_of_every_snapshot__built_again(void **state)
{
    fold_world *w = *state;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 10);
    for (unsigned i = 0; i < 4; i++) { /* rows are dropped ten minutes after they were sent */
        fold_pass_ms(w, 11 * MINUTE_MS);
        submit_some(w, name_of(w, "t", i), 2);
        if (i >= 2)
            (void)take(&w->a);
    }
    before = count();
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, px_feed_stream, 3), PX_OK);
    px_bus_server_set_up(w->server, true);
    fold_settle(w);
    expect_since(before, 2, 1);
    finish(w);
}

/* ---- another version ---- */

static void other_layout__rebuilds_by_itself_and_going_back_finds_the_old_one(void **state)
{
    fold_world *w = *state;
    counts before;

    fold_start(&w->a);
    submit_some(w, "s", 10);
    fold_stop(&w->a);
    before = count();
    w->a.service.layout = 2;
    fold_start(&w->a); /* the new program: one turn, and the old one comes back */
    fold_stop(&w->a);
    w->a.service.layout = 1;
    fold_start(&w->a);
    assert_int_equal(fold_cursor(&w->a), fold_last(w, px_log_stream));
    expect_since(before, 1, 0);
    submit_some(w, "t", 3);
    finish(w);
    fold_stop(&w->a);
    w->a.service.layout = 2;
    fold_start(&w->a);
    submit_some(w, "u", 3);
    assert_int_equal(fold_results_of(w, "u-2", NULL), 1);
    finish(w);
}

/* ---- now and then ---- */

static size_t turn_until_taken(fold_copy *c, size_t wanted)
{
    px_snapshot listed[PX_SNAPSHOTS_MAX];
    size_t there = 0;

    for (unsigned i = 0; i < TURNS_MAX && (there = list(c, listed)) < wanted; i++) {
        (void)fold_turn(c);
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    while (px_snapshot_keeper_busy(c->fold->keeper))
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    return there;
}

static void every_so_often__taken_when_something_was_folded(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX];

    w->a.snapshot_minutes = 60;
    fold_start(&w->a);
    submit_some(w, "s", 3);
    fold_pass_ms(w, MINUTE_MS); /* the follow-up is due: then there is quiet */
    fold_settle(w);
    assert_int_equal(list(&w->a, listed), 0);
    fold_pass_ms(w, 60 * MINUTE_MS);
    assert_int_equal(turn_until_taken(&w->a, 1), 1);
    fold_pass_ms(w, 60 * MINUTE_MS);
    fold_settle(w);
    assert_false(px_snapshot_keeper_busy(w->a.fold->keeper)); /* nothing new: none is begun */
    assert_int_equal(list(&w->a, listed), 1);
    submit_some(w, "t", 1);
    fold_pass_ms(w, 60 * MINUTE_MS);
    assert_int_equal(turn_until_taken(&w->a, 2), 2);
}

static void never__taken_only_when_asked(void **state)
{
    fold_world *w = *state;
    px_snapshot listed[PX_SNAPSHOTS_MAX];

    fold_start(&w->a);
    submit_some(w, "s", 3);
    fold_pass_ms(w, 1000 * MINUTE_MS);
    fold_settle(w);
    assert_int_equal(list(&w->a, listed), 0);
    assert_int_equal(px_snapshot_keeper_ask(w->a.fold->keeper), 1);
    assert_int_equal(turn_until_taken(&w->a, 1), 1);
    assert_int_equal(px_snapshot_keeper_news(w->a.fold->keeper).done, 1);
    assert_int_equal(px_snapshot_keeper_news(w->a.fold->keeper).seq, fold_cursor(&w->a));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(taken__says_what_it_is),
        TEST(nothing_folded__nothing_to_take),
        TEST(more_than_are_kept__the_newest_stay),
        TEST(half_written__counts_for_nothing),
        TEST(damaged__is_refused_and_the_store_stays_as_it_is),
        TEST(projection_lost__starts_from_the_snapshot_and_sends_nothing_again),
        TEST(projection_lost_with_rows_to_send__they_are_sent),
        TEST(machine_stopped_uncleanly__starts_from_the_snapshot),
        TEST(newest_is_damaged__an_older_one_is_taken),
        TEST(log_went_back__the_newest_that_fits_is_taken_and_consumers_are_told),
        TEST(log_lost_altogether__no_snapshot_fits),
        TEST(feed_lost_rows_of_every_snapshot__built_again),
        TEST(other_layout__rebuilds_by_itself_and_going_back_finds_the_old_one),
        TEST(every_so_often__taken_when_something_was_folded),
        TEST(never__taken_only_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
