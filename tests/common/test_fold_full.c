/* The server has no room for what is to be stored, takes it only in small pieces, or does not give
 * what it has: what waits is kept, and goes on by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "tests/common/fold_world.h"

static void limit(fold_world *w, const char *stream, bool full, uint32_t max_msg_bytes)
{
    px_bus_server_limit(w->server, stream, full, max_msg_bytes);
}

/* Some seconds in which it is tried again and again: there is no rest to wait for. */
static void let_it_try(fold_world *w)
{
    for (unsigned i = 0; i < 60; i++) {
        (void)fold_turn(&w->a);
        fold_pass_ms(w, 100);
    }
}

static void check_all(fold_world *w)
{
    fold_settle(w);
    fold_check_feed(w);
    fold_check_digests(w);
}

static void log_without_room__waits_and_goes_on(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_submit(w, "acme", "before", 5);
    fold_settle(w);
    limit(w, px_log_stream, true, 0);
    fold_submit(w, "acme", "meanwhile", 5);
    fold_settle(w);
    assert_null(fold_entry_of(w, "meanwhile", &(unsigned){ 0 }));
    limit(w, px_log_stream, false, 0);
    check_all(w);
    assert_int_equal(fold_results_of(w, "meanwhile", NULL), 1);
}

/* Also when a copy begins on such a log. */
static void log_of_small_messages__waits_and_goes_on(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_settle(w);
    limit(w, px_log_stream, false, 10);
    fold_submit(w, "acme", "meanwhile", 5);
    fold_settle(w);
    fold_start(&w->b);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_log_stream), 0);
    limit(w, px_log_stream, false, 0);
    check_all(w);
    assert_int_equal(fold_results_of(w, "meanwhile", NULL), 1);
}

/* What is decided and cannot be told would only pile up. */
static void feed_without_room__nothing_more_is_decided(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_settle(w);
    limit(w, px_feed_stream, true, 0);
    fold_submit(w, "acme", "first", 5);
    let_it_try(w);
    fold_submit(w, "acme", "second", 5);
    let_it_try(w);
    assert_non_null(fold_entry_of(w, "first", &(unsigned){ 0 }));
    assert_null(fold_entry_of(w, "second", &(unsigned){ 0 }));
    assert_int_equal(fold_last(w, px_feed_stream), 0);
    limit(w, px_feed_stream, false, 0);
    check_all(w);
    assert_int_equal(fold_results_of(w, "first", NULL), 1);
    assert_int_equal(fold_results_of(w, "second", NULL), 1);
}

/* The event fits and its results do not: none is passed over, and the order stays. */
static void feed_of_small_messages__keeps_its_order(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_settle(w);
    limit(w, px_feed_stream, false, 4);
    for (unsigned i = 0; i < 3; i++) {
        fold_submit(w, "acme", px_arena_printf(&w->arena, "s%u", i), 5);
        fold_turn(&w->a);
    }
    let_it_try(w);
    limit(w, px_feed_stream, false, 0);
    check_all(w);
    assert_int_equal(fold_results_of(w, "s2", NULL), 1);
}

static void inbox_without_room__takes_again_what_is_sent_again(void **state)
{
    fold_world *w = *state;
    px_bus_ack ack;

    fold_start(&w->a);
    fold_settle(w);
    limit(w, "PRAXIS_INBOX_REPORTING", true, 0);
    assert_int_equal(
        px_bus_publish_wait(w->bus,
                            &(px_bus_out){ .subject = "praxis.v1.acme.submit.reporting."
                                                      "SetGroupMinimum.hr",
                                           .data = fold_pack(w, "s", 5, w->now_us, 0) },
                            &ack),
        PX_EEXHAUSTED);
    fold_settle(w);
    limit(w, "PRAXIS_INBOX_REPORTING", false, 0);
    fold_submit(w, "acme", "s", 5);
    check_all(w);
    assert_int_equal(fold_results_of(w, "s", NULL), 1);
}

/* ---- messages that do not come ---- */

static px_read_fate skip_first_of_inbox(void *context, const px_bus *from, const char *stream,
                                        uint64_t seq)
{
    bool *skips = context;

    (void)from;
    if (!*skips || seq != 1 || strcmp(stream, "PRAXIS_INBOX_REPORTING") != 0)
        return PX_READ_COMES;
    *skips = false;
    return PX_READ_SKIPPED;
}

/* No later one shows the gap. */
static void last_of_the_inbox_passed_over__is_read_again(void **state)
{
    fold_world *w = *state;
    bool skips = true;

    fold_start(&w->a);
    px_bus_server_set_faults(w->server,
                             &(px_bus_faults){ .read = skip_first_of_inbox, .context = &skips });
    fold_submit(w, "acme", "s", 5);
    for (unsigned i = 0; i < 40; i++) {
        (void)fold_turn(&w->a);
        fold_pass_ms(w, 500);
    }
    assert_false(skips);
    check_all(w);
    assert_int_equal(fold_results_of(w, "s", NULL), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(log_without_room__waits_and_goes_on),
        TEST(log_of_small_messages__waits_and_goes_on),
        TEST(feed_without_room__nothing_more_is_decided),
        TEST(feed_of_small_messages__keeps_its_order),
        TEST(inbox_without_room__takes_again_what_is_sent_again),
        TEST(last_of_the_inbox_passed_over__is_read_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
