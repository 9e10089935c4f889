/* The log goes back behind the back of who reads it: without a broken connection, or under a store
 * that has read less than the feed tells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_impl.h"
#include "tests/common/fold_world.h"

static void submit_each(fold_world *w, const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fold_submit(w, "acme", px_arena_printf(&w->arena, "%s-%u", prefix, i), 5 + i);
        fold_settle(w);
    }
}

/* What no server should do: the end of the log is gone, and every connection goes on. */
static void cut_in_silence(fold_world *w, uint64_t last)
{
    bool found = false;

    px_memory_lock(w->server);
    for (size_t i = 0; i < w->server->stream_count; i++)
        if (strcmp(px_memory_stream_name(w->server->streams[i]), px_log_stream) == 0) {
            px_memory_stream_cut(w->server->streams[i], last);
            found = true;
        }
    px_memory_unlock(w->server);
    assert_true(found);
}

/* The first thing that a sees of the new history is a batch that does not count. */
static void log_back_without_a_break__noticed_before_a_batch_is_called_void(void **state)
{
    fold_world *w = *state;
    uint64_t kept, lost;

    fold_start(&w->a);
    submit_each(w, "s", 4);
    kept = fold_last(w, px_log_stream);
    submit_each(w, "lost", 1);
    lost = fold_last(w, px_log_stream);
    cut_in_silence(w, kept);
    fold_start(&w->b);
    for (unsigned i = 0; fold_last(w, px_log_stream) <= lost; i++) {
        assert_true(i < 1000);
        fold_submit(w, "acme", px_arena_printf(&w->arena, "new-%u", i), 5);
        while (fold_turn(&w->b))
            continue;
        fold_pass_ms(w, 500);
    }
    fold_settle(w);
    fold_check_digests(w);
}

/* b has found on the feed how far a has sent, and folded nothing yet, when the log goes back: what
 * the feed has of the lost history is not what b would have sent. */
static void feed_ahead_of_store_and_log__rows_of_the_new_history_are_sent(void **state)
{
    fold_world *w = *state;
    uint64_t kept;

    fold_start(&w->a);
    submit_each(w, "s", 2);
    kept = fold_last(w, px_log_stream);
    submit_each(w, "lost", 6);
    fold_stop(&w->a);
    fold_start(&w->b);
    assert_int_equal(fold_cursor(&w->b), 0);
    assert_int_equal(px_bus_server_cut(w->server, px_log_stream, kept), PX_OK);
    fold_submit(w, "acme", "new", 5);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "new", NULL), 1);
    fold_check_digests(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(log_back_without_a_break__noticed_before_a_batch_is_called_void),
        TEST(feed_ahead_of_store_and_log__rows_of_the_new_history_are_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
