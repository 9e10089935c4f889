/* What a daemon relies on goes away: the server, the end of a stream, room in the map. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "common/codec.h"
#include "common/fold_impl.h"
#include "common/metrics.h"
#include "tests/common/fold_world.h"

static const char inbox[] = "PRAXIS_INBOX_REPORTING";

static const char *name_of(fold_world *w, const char *prefix, unsigned i)
{
    return px_arena_printf(&w->arena, "%s-%u", prefix, i);
}

static void submit_each(fold_world *w, const char *prefix, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        fold_submit(w, "acme", name_of(w, prefix, i), 5 + i % 90);
        fold_settle(w);
    }
}

/* A power cut: the server comes back without the end of a stream. */
static void cut(fold_world *w, const char *stream, uint64_t last)
{
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_bus_server_cut(w->server, stream, last), PX_OK);
    px_bus_server_set_up(w->server, true);
}

static px_bus_msg *find_replaced(fold_world *w, const char *tenant)
{
    const char *subject =
        px_arena_printf(&w->arena, "praxis.v1.%s.event.reporting.HistoryReplaced", tenant);
    px_bus_msg *msg;

    return px_bus_get_last(w->bus, px_feed_stream, subject, &msg) == PX_OK ? msg : NULL;
}

static void server_away__waits_and_goes_on(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_each(w, "s", 5);
    fold_submit(w, "acme", "late", 5);
    for (unsigned i = 0; i < 5; i++) { /* with a batch under way, too */
        (void)fold_turn(&w->a);
        px_bus_server_set_up(w->server, false);
        (void)fold_turn(&w->a);
        (void)fold_turn(&w->a);
        px_bus_server_set_up(w->server, true);
    }
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "late", NULL), 1);
    fold_check_feed(w);
    fold_check_digests(w);
}

/* ---- the log goes back ---- */

static void check_replaced(fold_world *w, const char *tenant, uint64_t after, uint64_t feed_seq)
{
    px_bus_msg *msg = find_replaced(w, tenant);
    const Praxis__HistoryReplaced *event;

    assert_non_null(msg);
    assert_string_equal(px_bus_msg_header(msg, "ce-type"), "praxis.common.v1.HistoryReplaced");
    assert_string_equal(px_bus_msg_header(msg, "ce-specversion"), "1.0");
    assert_string_equal(px_bus_msg_header(msg, "ce-id"), px_bus_msg_header(msg, "Nats-Msg-Id"));
    assert_non_null(px_bus_msg_header(msg, "ce-time"));
    event = (const Praxis__HistoryReplaced *)px_codec_unpack(&praxis__history_replaced__descriptor,
                                                             msg->data, &w->arena);
    assert_non_null(event);
    assert_string_equal(event->service, "reporting");
    assert_int_equal(event->after_number, after);
    assert_int_equal(event->feed_seq, feed_seq);
    px_bus_msg_free(msg);
}

/* Every fact that is in the log now is on the feed, and so is every result. */
static void check_nothing_missing(fold_world *w)
{
    for (uint64_t seq = 1; seq <= fold_last(w, px_log_stream); seq++) {
        PraxisLog__Batch *batch = fold_batch(w, seq);

        for (size_t i = 0; i < batch->n_entries; i++)
            if (batch->entries[i]->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION)
                assert_true(
                    fold_results_of(w, batch->entries[i]->submission->submission_id, NULL) >= 1);
    }
    fold_check_digests(w);
}

static void log_cut_and_numbers_reused__rebuilt_and_told(void **state)
{
    fold_world *w = *state;
    uint64_t regressions = px_metric_get(PX_METRIC_REGRESSIONS);
    uint64_t kept, number, feed;

    fold_start(&w->a);
    fold_submit(w, "beta", "other-tenant", 30);
    submit_each(w, "s", 6);
    kept = fold_last(w, px_log_stream);
    number = fold_batch(w, kept)->number;
    submit_each(w, "lost", 4);
    feed = fold_last(w, px_feed_stream);
    cut(w, px_log_stream, kept);
    for (unsigned i = 0; i < 8; i++) /* new batches under the numbers of the lost ones */
        fold_submit(w, "acme", name_of(w, "new", i), 20);
    fold_settle(w);
    assert_int_equal(px_metric_get(PX_METRIC_REGRESSIONS), regressions + 1);
    check_replaced(w, "acme", number, feed + 1);
    check_replaced(w, "beta", number, feed + 1);
    check_nothing_missing(w);
}

/* The second copy sees the log only after the first has written over the lost end. */
static void log_cut_under_two_copies__both_end_on_the_new_history(void **state)
{
    fold_world *w = *state;
    uint64_t kept, number, feed;

    fold_start(&w->a);
    fold_start(&w->b);
    submit_each(w, "s", 6);
    kept = fold_last(w, px_log_stream);
    number = fold_batch(w, kept)->number;
    submit_each(w, "lost", 4);
    fold_stop(&w->b);
    feed = fold_last(w, px_feed_stream);
    cut(w, px_log_stream, kept);
    submit_each(w, "new", 8);
    fold_start(&w->b);
    fold_settle(w);
    check_replaced(w, "acme", number, feed + 1);
    check_nothing_missing(w);
}

static bool is_told(fold_world *w)
{
    px_bus_msg *msg = find_replaced(w, "acme");

    px_bus_msg_free(msg);
    return msg != NULL;
}

/* The feed loses what was said, with the rows that it was about and without them. */
static void replaced_taken_by_another_cut__said_again(void **state)
{
    fold_world *w = *state;
    uint64_t kept, feed, rows_kept;

    fold_start(&w->a);
    submit_each(w, "s", 6);
    kept = fold_last(w, px_log_stream);
    rows_kept = fold_last(w, px_feed_stream);
    submit_each(w, "lost", 4);
    feed = fold_last(w, px_feed_stream);
    cut(w, px_log_stream, kept);
    fold_settle(w);
    assert_true(is_told(w));
    cut(w, px_feed_stream, feed);
    assert_false(is_told(w));
    fold_settle(w);
    check_replaced(w, "acme", fold_batch(w, kept)->number, feed + 1);
    cut(w, px_feed_stream, rows_kept);
    fold_settle(w);
    assert_true(is_told(w));
    fold_pass_ms(w, 11 * 60 * 1000); /* as long as rows are kept */
    fold_settle(w);
    cut(w, px_feed_stream, rows_kept);
    fold_settle(w);
    assert_false(is_told(w));
    check_nothing_missing(w);
}

/* Who saw it happen is gone, and who is here had not read what was lost. */
static void replaced_unseen__told_by_what_the_feed_ends_in(void **state)
{
    fold_world *w = *state;
    uint64_t kept, number, feed;

    fold_start(&w->a);
    fold_start(&w->b);
    submit_each(w, "s", 6);
    kept = fold_last(w, px_log_stream);
    number = fold_batch(w, kept)->number;
    fold_stop(&w->b);
    submit_each(w, "lost", 4);
    feed = fold_last(w, px_feed_stream);
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    cut(w, px_log_stream, kept);
    fold_start(&w->b);
    submit_each(w, "new", 3);
    check_replaced(w, "acme", number, feed + 1);
    check_nothing_missing(w);
}

static void fresh_store_on_a_log_that_went_back__nothing_missing_on_the_feed(void **state)
{
    fold_world *w = *state;
    uint64_t kept;

    fold_start(&w->a);
    submit_each(w, "s", 6);
    kept = fold_last(w, px_log_stream);
    submit_each(w, "lost", 10);
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    cut(w, px_log_stream, kept);
    fold_start(&w->a);
    for (unsigned i = 0; i < 40; i++) { /* decides anew, and dies before its feed is complete */
        fold_submit(w, "acme", name_of(w, "new", i), 20);
        (void)fold_turn(&w->a);
        fold_pass_ms(w, 10);
    }
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    fold_start(&w->a);
    fold_settle(w);
    check_nothing_missing(w);
}

static void log_lost_altogether__starts_again(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_each(w, "s", 6);
    cut(w, px_log_stream, 0);
    fold_submit(w, "acme", "new", 20);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "new", NULL), 1);
    check_nothing_missing(w);
}

/* ---- inbox and feed go back ---- */

static void inbox_cut__repeats_are_sorted_out(void **state)
{
    fold_world *w = *state;
    px_bytes bytes = fold_pack(w, "again", 12, w->now_us, 0);
    px_stream_info info;
    unsigned count;

    fold_start(&w->a);
    submit_each(w, "s", 5);
    fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_settle(w);
    cut(w, inbox, 2); /* its numbers are handed out again */
    fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_submit(w, "acme", "new", 20);
    fold_settle(w);
    (void)fold_entry_of(w, "again", &count);
    assert_int_equal(count, 1);
    assert_int_equal(fold_answers_of(w, "again"), 2);
    assert_int_equal(fold_results_of(w, "new", NULL), 1);
    assert_int_equal(px_bus_stream_info(w->bus, inbox, &info), PX_OK);
    assert_int_equal(info.messages, 0);
    fold_check_feed(w);
    fold_check_digests(w);
}

static void feed_cut__sent_again_with_the_same_ids(void **state)
{
    fold_world *w = *state;
    uint64_t last;

    fold_start(&w->a);
    submit_each(w, "s", 8);
    last = fold_last(w, px_feed_stream);
    cut(w, px_feed_stream, last - 5);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_feed_stream), last);
    fold_check_feed(w);
    submit_each(w, "t", 2);
    fold_check_feed(w);
    fold_check_digests(w);
}

static void feed_cut_deeper_than_rows_are_kept__rebuilt_and_sent_again(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_each(w, "s", 8);
    for (unsigned i = 0; i < 4; i++) { /* rows are dropped ten minutes after */
        fold_pass_ms(w, 11 * 60 * 1000);
        fold_settle(w);
    }
    cut(w, px_feed_stream, 3);
    fold_settle(w);
    fold_check_feed(w);
    fold_check_digests(w);
}

static void feed_lost_with_the_store__sent_again_in_order(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_each(w, "s", 8);
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    cut(w, px_feed_stream, 4);
    fold_start(&w->a);
    fold_settle(w);
    fold_check_feed(w);
}

static void feed_trimmed_by_age__is_not_taken_for_a_loss(void **state)
{
    fold_world *w = *state;
    uint64_t rebuilds = px_metric_get(PX_METRIC_REBUILDS), last;

    fold_start(&w->a);
    submit_each(w, "s", 8);
    for (unsigned i = 0; i < 4; i++) {
        fold_pass_ms(w, 11 * 60 * 1000);
        fold_settle(w);
    }
    last = fold_last(w, px_feed_stream);
    assert_int_equal(px_bus_purge(w->bus, px_feed_stream, last), PX_OK);
    px_bus_server_set_up(w->server, false);
    px_bus_server_set_up(w->server, true);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_feed_stream), last);
    assert_int_equal(px_metric_get(PX_METRIC_REBUILDS), rebuilds);
}

/* Somebody else's message is behind what we said, and all that we said is hidden. */
static void hide_what_we_said(fold_world *w)
{
    const px_bus_out other = { .subject = "praxis.log.other", .data = { "?", 1 } };
    uint64_t last = fold_last(w, px_log_stream);
    px_bus_ack ack;

    assert_int_equal(px_bus_publish_wait(w->bus, &other, &ack), PX_OK);
    assert_int_equal(ack.status, PX_OK);
    fold_settle(w);
    assert_int_equal(fold_cursor(&w->a), last + 1);
    px_bus_server_set_up(w->server, false);
    px_bus_server_lose_front(w->server, px_log_stream, last);
    px_bus_server_set_up(w->server, true);
    fold_settle(w);
}

/* Server 2.9, killed when it began a file, may hide the first ones until its next start. */
static void front_of_the_log_hidden__who_has_folded_it_goes_on(void **state)
{
    fold_world *w = *state;
    uint64_t rebuilds = px_metric_get(PX_METRIC_REBUILDS), feed;

    fold_start(&w->a);
    submit_each(w, "s", 8);
    for (unsigned i = 0; i < 4; i++) { /* rows are dropped ten minutes after */
        fold_pass_ms(w, 11 * 60 * 1000);
        fold_settle(w);
    }
    feed = fold_last(w, px_feed_stream);
    hide_what_we_said(w);
    assert_int_equal(px_metric_get(PX_METRIC_READY), 1);
    assert_int_equal(px_metric_get(PX_METRIC_REBUILDS), rebuilds);
    assert_int_equal(fold_last(w, px_feed_stream), feed);
}

static void front_of_the_log_hidden__who_needs_it_says_so(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_each(w, "s", 3);
    hide_what_we_said(w);
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    fold_start(&w->a);
    for (unsigned i = 0; i < 100 && w->a.fold->gone[0] == '\0'; i++)
        fold_turn(&w->a);
    assert_int_equal(px_metric_get(PX_METRIC_READY), 0);
    assert_int_equal(fold_cursor(&w->a), 0);
    assert_non_null(strstr(w->a.fold->gone, "start the server again"));
}

/* ---- clocks ---- */

static int64_t right_clock_ns; /* the server's; the daemons' is w->now_us */

static int64_t server_clock(void *context)
{
    (void)context;
    return right_clock_ns;
}

/* One batch of 2038 would make every submission of today too old for everybody. */
static void clock_in_2038__decides_nothing_until_it_is_set(void **state)
{
    static const int64_t years_us = 12 * 365 * INT64_C(86400000000);
    fold_world *w = *state;
    uint64_t last;
    unsigned count;

    right_clock_ns = w->now_us * 1000;
    px_bus_server_set_clock(w->server, server_clock, NULL);
    fold_start(&w->a);
    submit_each(w, "s", 2);
    last = fold_last(w, px_log_stream);
    fold_submit(w, "acme", "today", 5);
    w->now_us += years_us;
    fold_settle(w);
    assert_int_equal(fold_last(w, px_log_stream), last);
    assert_int_equal(px_metric_get(PX_METRIC_READY), 0);
    fold_pass_ms(w, 60000);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_log_stream), last);
    w->now_us -= years_us;
    right_clock_ns = w->now_us * 1000;
    fold_pass_ms(w, 60000);
    fold_settle(w);
    assert_int_equal(px_metric_get(PX_METRIC_READY), 1);
    assert_int_equal(fold_results_of(w, "today", NULL), 1);
    fold_submit(w, "acme", "later", 5);
    fold_settle(w);
    assert_null(fold_entry_of(w, "later", &count)->rejection);
    fold_check_digests(w);
}

/* The server's clock was set meanwhile, and ours with it. */
static void both_clocks_set__goes_on(void **state)
{
    fold_world *w = *state;

    right_clock_ns = w->now_us * 1000;
    px_bus_server_set_clock(w->server, server_clock, NULL);
    fold_start(&w->a);
    submit_each(w, "s", 2);
    w->now_us += INT64_C(7200000000);
    right_clock_ns = w->now_us * 1000;
    fold_pass_ms(w, 60000);
    submit_each(w, "then", 2);
    assert_int_equal(fold_results_of(w, "then-1", NULL), 1);
    fold_check_digests(w);
}

/* ---- room ---- */

static void tiny_map__grows_in_mid_run(void **state)
{
    fold_world *w = *state;
    uint64_t grown = px_metric_get(PX_METRIC_STORE_GROWN);

    w->a.map_bytes = 96 * 1024;
    fold_start(&w->a);
    for (unsigned i = 0; i < 1500; i++)
        fold_submit(w, "acme", name_of(w, "s", i), 5 + i % 90);
    fold_settle(w);
    assert_true(px_metric_get(PX_METRIC_STORE_GROWN) > grown);
    assert_int_equal(fold_results_of(w, "s-1499", NULL), 1);
    fold_check_digests(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server_away__waits_and_goes_on),
        TEST(log_cut_and_numbers_reused__rebuilt_and_told),
        TEST(log_cut_under_two_copies__both_end_on_the_new_history),
        TEST(replaced_taken_by_another_cut__said_again),
        TEST(replaced_unseen__told_by_what_the_feed_ends_in),
        TEST(fresh_store_on_a_log_that_went_back__nothing_missing_on_the_feed),
        TEST(log_lost_altogether__starts_again),
        TEST(inbox_cut__repeats_are_sorted_out),
        TEST(feed_cut__sent_again_with_the_same_ids),
        TEST(feed_cut_deeper_than_rows_are_kept__rebuilt_and_sent_again),
        TEST(feed_lost_with_the_store__sent_again_in_order),
        TEST(feed_trimmed_by_age__is_not_taken_for_a_loss),
        TEST(front_of_the_log_hidden__who_has_folded_it_goes_on),
        TEST(front_of_the_log_hidden__who_needs_it_says_so),
        TEST(clock_in_2038__decides_nothing_until_it_is_set),
        TEST(both_clocks_set__goes_on),
        TEST(tiny_map__grows_in_mid_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
