/* A projection built again beside the one that goes on: nobody outside can tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/fold_impl.h"
#include "common/metrics.h"
#include "tests/common/fold_world.h"

enum { MANY = 700, VERY_MANY = 1500, TURNS_MAX = 20000 };

static const char *name_of(fold_world *w, const char *prefix, unsigned i)
{
    return px_arena_printf(&w->arena, "%s-%u", prefix, i);
}

/* A log of at least `count` messages: one submission in each batch, as far as the turns allow. */
static void make_log(fold_world *w, unsigned count)
{
    for (unsigned i = 0; fold_last(w, px_log_stream) < count; i++) {
        fold_submit(w, "acme", name_of(w, "s", i), 5 + i % 90);
        (void)fold_turn(&w->a);
        (void)fold_turn(&w->a);
    }
    fold_settle(w);
}

static void ask(fold_copy *c)
{
    atomic_fetch_add(&c->fold->beside.asked, 1);
}

static bool through(const fold_copy *c)
{
    return atomic_load(&c->fold->beside.done) == atomic_load(&c->fold->beside.asked);
}

/* One turn; the projection that answers is always ready, and never goes back. */
static void turn_and_watch(fold_copy *c)
{
    uint64_t before = fold_cursor(c);

    (void)fold_turn(c);
    assert_true(fold_cursor(c) >= before);
    assert_true(atomic_load(&c->fold->ready));
}

static void turn_until_through(fold_copy *c)
{
    for (unsigned i = 0; !through(c); i++) {
        assert_true(i < TURNS_MAX);
        turn_and_watch(c);
    }
}

static bool beside_exists(fold_copy *c)
{
    return access(px_arena_printf(&c->world->arena, "%s/rebuild", c->config.data_dir), F_OK) == 0;
}

static void finish(fold_world *w)
{
    fold_settle(w);
    assert_false(beside_exists(&w->a));
    fold_check_feed(w);
    fold_check_digests(w);
}

/* A record that the log does not say: only a rebuild takes it away. */
static void spoil(fold_copy *c)
{
    px_txn *txn = px_store_begin(px_fold_store(c->fold));

    px_put(txn, PX_STATE, (px_bytes){ "\xfewrong", 6 }, (px_bytes){ "x", 1 });
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void asked_for__built_again_and_nothing_sent_twice(void **state)
{
    fold_world *w = *state;
    uint64_t feed;

    fold_start(&w->a);
    make_log(w, 200);
    feed = fold_last(w, px_feed_stream);
    spoil(&w->a);
    ask(&w->a);
    turn_until_through(&w->a);
    assert_int_equal(atomic_load(&w->a.fold->beside.failed), 0);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_feed_stream), feed);
    finish(w);
}

static void under_load__decides_and_answers_all_the_while(void **state)
{
    fold_world *w = *state;
    unsigned during = 0;

    fold_start(&w->a);
    make_log(w, MANY);
    spoil(&w->a);
    ask(&w->a);
    for (; !through(&w->a); during++) {
        assert_true(during < TURNS_MAX);
        fold_submit(w, "acme", name_of(w, "d", during), 5 + during % 90);
        turn_and_watch(&w->a);
    }
    assert_true(during > 10);
    fold_settle(w);
    for (unsigned i = 0; i < during; i++)
        assert_int_equal(fold_results_of(w, name_of(w, "d", i), NULL), 1);
    finish(w);
}

/* At every turn of a rebuild: the next process goes on, or has already switched. */
static void stopped_in_the_middle__the_next_start_goes_on(void **state)
{
    fold_world *w = *state;
    uint64_t reached = 0;
    unsigned stops = 0;

    fold_start(&w->a);
    make_log(w, VERY_MANY);
    spoil(&w->a);
    ask(&w->a);
    turn_and_watch(&w->a);
    for (; beside_exists(&w->a); stops++) {
        px_fold *beside = w->a.fold->beside.fold;

        assert_true(beside == NULL || beside->cursor_seq >= reached);
        reached = beside != NULL ? beside->cursor_seq : reached;
        fold_stop(&w->a);
        fold_start(&w->a);
        (void)fold_turn(&w->a);
        (void)fold_turn(&w->a);
        assert_true(stops < 100);
    }
    assert_true(stops >= 2);
    assert_true(reached > 0);
    fold_settle(w);
    fold_check_digests(w);
}

static void cannot_be_made__the_live_one_goes_on(void **state)
{
    fold_world *w = *state;
    const char *path;
    FILE *file;

    fold_start(&w->a);
    make_log(w, 20);
    path = px_arena_printf(&w->arena, "%s/rebuild", w->a.config.data_dir);
    file = fopen(path, "w"); /* where a directory is to be */
    assert_non_null(file);
    fclose(file);
    ask(&w->a);
    turn_until_through(&w->a);
    assert_int_equal(atomic_load(&w->a.fold->beside.failed), 1);
    assert_int_equal(unlink(path), 0);
    fold_submit(w, "acme", "after", 12);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "after", NULL), 1);
    finish(w);
}

static void log_goes_back_meanwhile__both_follow_the_new_one(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    make_log(w, MANY);
    ask(&w->a);
    turn_and_watch(&w->a);
    assert_non_null(w->a.fold->beside.fold);
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, px_log_stream, 100), PX_OK);
    px_bus_server_set_up(w->server, true);
    fold_submit(w, "acme", "after", 12);
    fold_settle(w);
    assert_true(through(&w->a));
    assert_false(beside_exists(&w->a));
    fold_check_digests(w);
}

static void server_away_meanwhile__goes_on_afterwards(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    make_log(w, MANY);
    spoil(&w->a);
    ask(&w->a);
    turn_and_watch(&w->a);
    px_bus_server_set_up(w->server, false);
    (void)fold_turn(&w->a);
    (void)fold_turn(&w->a);
    px_bus_server_set_up(w->server, true);
    for (unsigned i = 0; !through(&w->a); i++) {
        assert_true(i < TURNS_MAX);
        (void)fold_turn(&w->a);
    }
    assert_int_equal(atomic_load(&w->a.fold->beside.failed), 0);
    finish(w);
}

/* Rows that the feed had long ago are not made again; those it may still lack are. */
static void rows_still_to_be_sent__are_in_the_new_one(void **state)
{
    fold_world *w = *state;
    uint64_t feed;

    fold_start(&w->a);
    make_log(w, 100);
    feed = fold_last(w, px_feed_stream);
    ask(&w->a);
    turn_until_through(&w->a);
    fold_settle(w);
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, px_feed_stream, feed / 2), PX_OK);
    px_bus_server_set_up(w->server, true);
    finish(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asked_for__built_again_and_nothing_sent_twice),
        TEST(under_load__decides_and_answers_all_the_while),
        TEST(stopped_in_the_middle__the_next_start_goes_on),
        TEST(cannot_be_made__the_live_one_goes_on),
        TEST(log_goes_back_meanwhile__both_follow_the_new_one),
        TEST(server_away_meanwhile__goes_on_afterwards),
        TEST(rows_still_to_be_sent__are_in_the_new_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
