/* Copies of a daemon: alive at once, dying between any two steps, standing by, of another version.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "common/codec.h"
#include "common/metrics.h"
#include "tests/common/fold_world.h"

enum { SCRIPT = 30 };

static const char *script_id(fold_world *w, unsigned i)
{
    return px_arena_printf(&w->arena, "s-%u", i);
}

/* One submission of the script: plain ones, rejected ones, ones sent again, ids used again. */
static void send_script(fold_world *w, unsigned i)
{
    const char *tenant = i % 3 == 0 ? "beta" : "acme";
    px_bytes bytes = fold_pack(w, script_id(w, i), i % 7 == 6 ? 99 : 3 + i, WORLD_START_US, 0);

    fold_send(w, tenant, "SetGroupMinimum", bytes, NULL, 0);
    if (i % 5 == 4)
        fold_send(w, tenant, "SetGroupMinimum", bytes, NULL, 0);
    if (i % 10 == 9)
        fold_send(w, tenant, "SetGroupMinimum",
                  fold_pack(w, script_id(w, i), 50, WORLD_START_US, 0), NULL, 0);
}

/* Every submission has one entry and one result that says the same; copies agree with the log. */
static void check_script(fold_world *w)
{
    for (unsigned i = 0; i < SCRIPT; i++) {
        const char *id = script_id(w, i);
        const Praxis__Result *result = NULL;
        unsigned entries, expected = i % 10 == 9 ? 2 : 1;

        (void)fold_entry_of(w, id, &entries);
        assert_int_equal(entries, expected);
        assert_int_equal(fold_results_of(w, id, &result), expected);
        if (expected == 1)
            assert_int_equal(result->outcome_case, i % 7 == 6 ? PRAXIS__RESULT__OUTCOME_REJECTED
                                                              : PRAXIS__RESULT__OUTCOME_ACCEPTED);
    }
    fold_check_feed(w);
    fold_check_digests(w);
}

static void two_copies__one_result_each(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_start(&w->b);
    for (unsigned i = 0; i < SCRIPT; i++) {
        send_script(w, i);
        for (unsigned j = 0; j < i % 4; j++)
            (void)fold_turn(j % 2 == 0 ? &w->a : &w->b);
        fold_pass_ms(w, 10);
    }
    fold_settle(w);
    check_script(w);
}

/* Runs the script in small steps, and dies after exactly so many turns. */
static bool run_and_die(fold_world *w, unsigned death, bool lose)
{
    unsigned turns = 0;
    bool died = false;

    fold_start(&w->a);
    for (unsigned i = 0; i < SCRIPT; i++) {
        send_script(w, i);
        for (unsigned j = 0; j < 3; j++) {
            (void)fold_turn(&w->a);
            if (++turns != death)
                continue;
            fold_stop(&w->a);
            if (lose)
                fold_lose_store(&w->a);
            fold_start(&w->a);
            died = true;
        }
        fold_pass_ms(w, 20);
    }
    fold_settle(w);
    check_script(w);
    return died;
}

static void die_everywhere(bool lose)
{
    bool died = true;

    for (unsigned death = 1; died; death++) {
        void *world;

        assert_int_equal(fold_world_setup(&world), 0);
        died = run_and_die(world, death, lose);
        assert_int_equal(fold_world_teardown(&world), 0);
    }
}

static void crash_between_any_two_turns__nothing_lost_or_doubled(void **state)
{
    (void)state;
    die_everywhere(false);
}

static void store_lost_between_any_two_turns__nothing_lost_or_doubled(void **state)
{
    (void)state;
    die_everywhere(true);
}

/* ---- standby ---- */

static px_read_fate keep_inbox_from(void *context, const px_bus *from, const char *stream,
                                    uint64_t seq)
{
    (void)seq;
    return from == context && strcmp(stream, "PRAXIS_INBOX_REPORTING") == 0 ? PX_READ_LATER
                                                                            : PX_READ_COMES;
}

/* b says something else, does not know of the repeat, and is gone: a has to say how far the inbox
 * is decided all the same. */
static void repeat_beside_a_batch_of_another_copy__leaves_the_inbox(void **state)
{
    fold_world *w = *state;
    px_bytes bytes = fold_pack(w, "s", 15, w->now_us, 0);
    uint64_t last;

    fold_start(&w->a);
    fold_start(&w->b);
    fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_settle(w);
    px_bus_server_set_faults(w->server,
                             &(px_bus_faults){ .read = keep_inbox_from, .context = w->b.bus });
    fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    for (unsigned i = 0; i < 5; i++)
        (void)fold_turn(&w->a);
    last = fold_last(w, px_log_stream);
    fold_pass_ms(w, 60 * 1000); /* a follow-up is due */
    while (fold_last(w, px_log_stream) == last || fold_turn(&w->b))
        (void)fold_turn(&w->b);
    fold_stop(&w->b);
    px_bus_server_set_faults(w->server, NULL);
    fold_settle(w);
    px_stream_info info;
    assert_int_equal(px_bus_stream_info(w->bus, "PRAXIS_INBOX_REPORTING", &info), PX_OK);
    assert_int_equal(info.messages, 0);
}

static void standby__decides_when_the_head_has_waited(void **state)
{
    fold_world *w = *state;

    w->b.standby_ms = 2000;
    fold_start(&w->a);
    fold_start(&w->b);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    fold_stop(&w->a);
    fold_submit(w, "acme", "two", 15);
    for (unsigned i = 0; i < 19; i++) {
        (void)fold_turn(&w->b);
        fold_pass_ms(w, 100);
    }
    assert_int_equal(fold_results_of(w, "two", NULL), 0);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "two", NULL), 1);
    fold_start(&w->a);
    fold_settle(w);
    fold_check_feed(w);
    fold_check_digests(w);
}

static void standby__leaves_it_to_a_living_copy(void **state)
{
    fold_world *w = *state;
    uint64_t refused = px_metric_get(PX_METRIC_BATCHES_REFUSED);

    w->b.standby_ms = 2000;
    fold_start(&w->a);
    fold_start(&w->b);
    for (unsigned i = 0; i < SCRIPT; i++) {
        send_script(w, i);
        for (unsigned j = 0; j < 8; j++)
            (void)fold_turn(j % 2 == 0 ? &w->b : &w->a);
        fold_pass_ms(w, 100);
    }
    fold_settle(w);
    assert_int_equal(px_metric_get(PX_METRIC_BATCHES_REFUSED), refused);
    check_script(w);
}

/* Another service's message; whether it counts does not matter here. */
static void other_service_speaks(fold_world *w)
{
    PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;
    px_bus_ack ack;

    batch.service = (char *)(uintptr_t) "competency";
    batch.number = 1;
    assert_int_equal(
        px_bus_publish_wait(w->bus,
                            &(px_bus_out){ .subject = "praxis.log.competency",
                                           .data = px_codec_pack(&batch.base, &w->arena) },
                            &ack),
        PX_OK);
}

static void standby__is_not_held_up_by_what_other_services_say(void **state)
{
    fold_world *w = *state;
    unsigned entries = 0, waited_ms = 0;

    w->b.standby_ms = 2000;
    fold_start(&w->b);
    fold_submit(w, "acme", "one", 12);
    for (; entries == 0; waited_ms += 100) {
        assert_true(waited_ms < 5000);
        other_service_speaks(w);
        for (unsigned i = 0; i < 6; i++)
            (void)fold_turn(&w->b);
        fold_pass_ms(w, 100);
        (void)fold_entry_of(w, "one", &entries);
    }
    assert_true(waited_ms >= 2000);
}

/* ---- versions ---- */

static void higher_code_version__marks_every_key_and_older_copies_stop(void **state)
{
    fold_world *w = *state;
    uint64_t last;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    last = fold_last(w, px_log_stream);
    w->b.service.code_version = 2;
    fold_start(&w->b);
    for (unsigned i = 0; fold_last(w, px_log_stream) == last; i++) {
        assert_true(i < 100);
        (void)fold_turn(&w->b);
        fold_pass_ms(w, 100);
    }
    assert_int_equal(fold_batch(w, last + 1)->code_version, 2);
    assert_int_equal(fold_batch(w, last + 1)->n_entries, 0);
    fold_settle(w); /* the marked key has nothing new to say, and that is said */
    assert_non_null(fold_batch(w, last + 2)->reconciled_through);
    fold_stop(&w->b);
    fold_submit(w, "acme", "two", 15);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "two", NULL), 0); /* version 1 alone does not decide */
    fold_start(&w->b);
    fold_settle(w);
    assert_int_equal(fold_results_of(w, "two", NULL), 1);
    fold_check_feed(w);
    fold_check_digests(w);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_copies__one_result_each),
        cmocka_unit_test(crash_between_any_two_turns__nothing_lost_or_doubled),
        cmocka_unit_test(store_lost_between_any_two_turns__nothing_lost_or_doubled),
        TEST(repeat_beside_a_batch_of_another_copy__leaves_the_inbox),
        TEST(standby__decides_when_the_head_has_waited),
        TEST(standby__leaves_it_to_a_living_copy),
        TEST(standby__is_not_held_up_by_what_other_services_say),
        TEST(higher_code_version__marks_every_key_and_older_copies_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
