/* What reaches the feed: headers, mailboxes, encodings; and how long rows are kept. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"
#include "common/codec.h"
#include "common/outbound_impl.h"
#include "common/tables.h"
#include "tests/common/fold_world.h"

static px_bus_msg *last_on(fold_world *w, const char *subject)
{
    px_bus_msg *msg;

    assert_int_equal(px_bus_get_last(w->bus, px_feed_stream, subject, &msg), PX_OK);
    return msg;
}

static void event__is_a_cloud_event_that_names_its_cause(void **state)
{
    fold_world *w = *state;
    px_bus_msg *msg;
    const char *id;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    msg = last_on(w, "praxis.v1.acme.event.reporting.GroupMinimumSet");
    id = px_bus_msg_header(msg, "ce-id");
    assert_string_equal(id, px_bus_msg_header(msg, "Nats-Msg-Id"));
    assert_int_equal(strncmp(id, "reporting.1.", 12), 0);
    assert_string_equal(strrchr(id, '.'), ".1");
    assert_string_equal(px_bus_msg_header(msg, "ce-specversion"), "1.0");
    assert_string_equal(px_bus_msg_header(msg, "ce-source"), "/praxis/acme/reporting");
    assert_string_equal(px_bus_msg_header(msg, "ce-type"), "praxis.reporting.v1.GroupMinimumSet");
    assert_string_equal(px_bus_msg_header(msg, "ce-subject"), "acme");
    assert_string_equal(px_bus_msg_header(msg, "ce-sequence"), "1");
    assert_string_equal(px_bus_msg_header(msg, "ce-correlationid"), "one");
    assert_string_equal(px_bus_msg_header(msg, "ce-causationid"), "hr/one");
    assert_int_equal(strncmp(px_bus_msg_header(msg, "ce-time"), "2026-01-05T", 11), 0);
    px_bus_msg_free(msg);
}

static void results__one_message_per_mailbox_in_its_encoding(void **state)
{
    static const px_header json[] = { { "Content-Type", "application/json" } };
    static const char text[] = "{\"submissionId\":\"j\",\"createdAt\":\"2026-01-05T00:00:00Z\","
                               "\"occurredAt\":\"2026-01-05T00:00:00Z\",\"actor\":\"system\","
                               "\"setGroupMinimum\":{\"minimum\":7}}";
    fold_world *w = *state;
    const Praxis__ResultBatch *results;
    unsigned mailboxes = 0;

    fold_start(&w->a);
    fold_submit(w, "acme", "a", 3);
    fold_send(w, "acme", "SetGroupMinimum", (px_bytes){ text, strlen(text) }, json, 1);
    fold_submit(w, "beta", "b", 3);
    fold_submit(w, "acme", "c", 3);
    fold_settle(w);
    for (uint64_t seq = 1; seq <= fold_last(w, px_feed_stream); seq++) {
        px_bus_msg *msg;

        assert_int_equal(px_bus_get(w->bus, px_feed_stream, seq, &msg), PX_OK);
        if (strstr(msg->subject, ".result.") != NULL) {
            mailboxes++;
            if (strcmp(px_bus_msg_header(msg, "Content-Type"), "application/json") == 0)
                assert_non_null(
                    memmem(msg->data.data, msg->data.size, "\"submissionId\":\"j\"", 18));
        }
        px_bus_msg_free(msg);
    }
    assert_int_equal(mailboxes, 3);
    assert_int_equal(fold_results_of(w, "a", NULL), 1);
    px_bus_msg *msg = last_on(w, "praxis.v1.beta.result.reporting.hr");
    results = (const Praxis__ResultBatch *)px_codec_unpack(&praxis__result_batch__descriptor,
                                                           msg->data, &w->arena);
    assert_int_equal(results->n_results, 1);
    assert_string_equal(results->results[0]->submission_id, "b");
    px_bus_msg_free(msg);
}

/* A server of a cluster that was started again stores what has no id a second time. */
static void answers_sent_again__have_an_id_for_each_time_they_are_asked_for(void **state)
{
    fold_world *w = *state;
    px_bytes bytes = fold_pack(w, "one", 3, w->now_us, 0);
    char earlier[PX_MSG_ID_MAX] = "";

    fold_start(&w->a);
    fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_settle(w);
    for (unsigned answers = 2; answers <= 3; answers++) {
        const char *id;
        px_bus_msg *msg;

        fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
        fold_settle(w);
        assert_int_equal(fold_answers_of(w, "one"), answers);
        msg = last_on(w, "praxis.v1.acme.result.reporting.hr");
        id = px_bus_msg_header(msg, "Nats-Msg-Id");
        assert_non_null(id);
        assert_int_equal(strncmp(id, px_again_prefix, strlen(px_again_prefix)), 0);
        assert_string_not_equal(id, earlier);
        snprintf(earlier, sizeof earlier, "%s", id);
        px_bus_msg_free(msg);
    }
}

static unsigned rows_kept(fold_copy *c)
{
    const uint8_t table = PX_TABLE_LOCAL_ROW;
    px_txn *view = px_store_read(px_fold_store(c->fold));
    px_bytes key, value;
    px_scan scan;
    unsigned n = 0;

    px_scan_begin(&scan, view, PX_LOCAL, (px_bytes){ &table, 1 });
    while (px_scan_next(&scan, &key, &value))
        n++;
    px_scan_end(&scan);
    px_txn_abort(view);
    return n;
}

static void rows__more_than_a_window_are_sent_and_leave_after_ten_minutes(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    for (unsigned i = 0; i < 3; i++)
        fold_submit(w, "acme", px_arena_printf(&w->arena, "many-%u", i), 100);
    fold_settle(w);
    assert_true(rows_kept(&w->a) > 3 * WORLD_MANY_FACTS);
    assert_true(fold_last(w, px_feed_stream) > 3 * WORLD_MANY_FACTS);
    for (unsigned i = 0; i < 3; i++) {
        fold_pass_ms(w, 10 * 60 * 1000);
        fold_settle(w);
    }
    assert_true(rows_kept(&w->a) < 10); /* what was said since */
}

static void restart__continues_after_the_last_row_the_feed_has(void **state)
{
    fold_world *w = *state;
    uint64_t last;

    fold_start(&w->a);
    fold_submit(w, "acme", "many", 100);
    fold_settle(w);
    last = fold_last(w, px_feed_stream);
    fold_stop(&w->a);
    fold_start(&w->a);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_feed_stream), last);
    fold_stop(&w->a);
    fold_lose_store(&w->a);
    fold_start(&w->a);
    fold_settle(w);
    assert_int_equal(fold_last(w, px_feed_stream), last);
    assert_int_equal(rows_kept(&w->a), 0); /* the feed has them: a rebuild stores none */
}

static px_fate fate_of_all_rows(void *context, const px_bus *from, const px_bus_out *out)
{
    const fold_world *w = context;

    return from != w->bus && strncmp(out->subject, "praxis.v1.", 10) == 0 ? PX_FATE_LOST
                                                                          : PX_FATE_ARRIVES;
}

/* Something is decided, and its rows do not reach the feed before the daemon ends. */
static void say_what_the_feed_misses(fold_world *w)
{
    uint64_t last = fold_last(w, px_log_stream);

    px_bus_server_set_faults(w->server,
                             &(px_bus_faults){ .publish = fate_of_all_rows, .context = w });
    fold_submit(w, "acme", "late", 5);
    bool busy = true;
    while (busy || fold_last(w, px_log_stream) == last)
        busy = fold_turn(&w->a);
    fold_stop(&w->a);
    px_bus_server_set_faults(w->server, NULL);
}

static px_fate fate_of_acknowledgements(void *context, const px_bus *from, const px_bus_out *out)
{
    return fate_of_all_rows(context, from, out) == PX_FATE_LOST ? PX_FATE_UNANSWERED
                                                                : PX_FATE_ARRIVES;
}

/* The server's time passes as ours does: it knows an id for two minutes only. */
static int64_t same_clock(void *context)
{
    return ((const fold_world *)context)->now_us * 1000;
}

static void server_away_for_long__stored_rows_are_not_sent_again(void **state)
{
    fold_world *w = *state;
    uint64_t last;

    px_bus_server_set_clock(w->server, same_clock, w);
    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    last = fold_last(w, px_feed_stream);
    px_bus_server_set_faults(w->server,
                             &(px_bus_faults){ .publish = fate_of_acknowledgements, .context = w });
    fold_submit(w, "acme", "two", 5);
    while (fold_last(w, px_feed_stream) < last + 2)
        fold_turn(&w->a);
    last = fold_last(w, px_feed_stream);
    px_bus_server_set_up(w->server, false);
    px_bus_server_set_faults(w->server, NULL);
    fold_pass_ms(w, 3 * 60 * 1000);
    px_bus_server_set_up(w->server, true);
    fold_settle(w);
    fold_check_feed(w);
    assert_int_equal(fold_answers_of(w, "two"), 1);
}

static void copy_away_for_long__does_not_send_what_the_other_has_sent(void **state)
{
    fold_world *w = *state;

    px_bus_server_set_clock(w->server, same_clock, w);
    fold_start(&w->a);
    fold_start(&w->b);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    fold_stop(&w->b);
    for (unsigned i = 0; i < 3; i++) {
        fold_submit(w, "acme", px_arena_printf(&w->arena, "later-%u", i), 5);
        fold_settle(w);
    }
    fold_pass_ms(w, 3 * 60 * 1000);
    fold_settle(w);
    fold_start(&w->b);
    fold_settle(w);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(fold_answers_of(w, px_arena_printf(&w->arena, "later-%u", i)), 1);
}

/* As a publish that hung in the network for longer than the server knows ids. */
static void given_stored_once_more(fold_world *w, uint64_t seq)
{
    px_bus_msg *msg;
    px_bus_ack ack;

    assert_int_equal(px_bus_get(w->bus, px_feed_stream, seq, &msg), PX_OK);
    const px_header headers[] = { { "ce-sequence", px_bus_msg_header(msg, "ce-sequence") } };
    assert_int_equal(
        px_bus_publish_wait(w->bus,
                            &(px_bus_out){ .subject = msg->subject,
                                           .data = msg->data,
                                           .headers = headers,
                                           .header_count = 1,
                                           .msg_id = px_bus_msg_header(msg, "Nats-Msg-Id") },
                            &ack),
        PX_OK);
    assert_true(ack.seq > seq);
    px_bus_msg_free(msg);
}

static void old_row_stored_late__sending_goes_on_after_the_newest(void **state)
{
    fold_world *w = *state;
    uint64_t first;

    px_bus_server_set_clock(w->server, same_clock, w);
    fold_start(&w->a);
    first = fold_last(w, px_feed_stream) + 1;
    fold_submit(w, "acme", "one", 3); /* an event and a result, one batch */
    fold_settle(w);
    fold_pass_ms(w, 3 * 60 * 1000);
    given_stored_once_more(w, first);
    fold_stop(&w->a);
    fold_start(&w->a);
    fold_submit(w, "acme", "two", 5);
    fold_settle(w);
    assert_int_equal(fold_answers_of(w, "one"), 1);
    assert_int_equal(fold_answers_of(w, "two"), 1);
}

static void store_of_a_tool__keeps_no_rows_and_is_no_daemons(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 7);
    fold_settle(w);
    say_what_the_feed_misses(w);
    fold_lose_store(&w->a);
    w->a.fold_to = fold_last(w, px_log_stream);
    fold_start(&w->a);
    assert_int_equal(px_fold_run(w->a.fold), PX_OK);
    assert_int_equal(rows_kept(&w->a), 0);
    fold_stop(&w->a);
    w->a.fold_to = 0;
    fold_start(&w->a); /* builds it again: this one lacks what the feed lacks */
    fold_settle(w);
    fold_check_feed(w);
    assert_int_equal(fold_results_of(w, "late", NULL), 1);
}

/* A server that loses what it is told to, and takes what comes behind it. */
typedef struct {
    fold_world *world;
    unsigned rows, lost_row; /* the rows seen, and which of them is lost */
} leader;

static px_fate fate_of_row(void *context, const px_bus *from, const px_bus_out *out)
{
    leader *l = context;

    if (from == l->world->bus || strncmp(out->subject, "praxis.v1.", 10) != 0)
        return PX_FATE_ARRIVES;
    return ++l->rows == l->lost_row ? PX_FATE_LOST : PX_FATE_ARRIVES;
}

/* Every row is there once, each after the one before. */
static void check_rows_ascend(fold_world *w, uint64_t rows)
{
    uint64_t last = fold_last(w, px_feed_stream), number = 0;
    unsigned n = 0;

    assert_int_equal(last, rows);
    for (uint64_t seq = 1; seq <= last; seq++) {
        uint64_t before = number;
        unsigned n_before = n;
        px_bus_msg *msg;

        assert_int_equal(px_bus_get(w->bus, px_feed_stream, seq, &msg), PX_OK);
        assert_int_equal(sscanf(px_bus_msg_header(msg, "Nats-Msg-Id"),
                                "reporting.%" SCNu64 ".%*[0-9a-f].%u", &number, &n),
                         2);
        px_bus_msg_free(msg);
        assert_true(number > before || (number == before && n > n_before));
    }
}

/* Resets the bus of the world to whole afterwards. */
static void check_order_when_lost(fold_world *w, unsigned lost_row)
{
    leader l = { .world = w, .lost_row = lost_row };

    px_bus_server_set_faults(w->server, &(px_bus_faults){ .publish = fate_of_row, .context = &l });
    fold_submit(w, "acme", px_arena_printf(&w->arena, "lost-%u", lost_row), 100);
    fold_settle(w);
    px_bus_server_set_faults(w->server, NULL);
    assert_true(l.rows > WORLD_MANY_FACTS);
}

static void rows__stay_in_order_when_the_feed_loses_one(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    check_order_when_lost(w, 1);
    check_order_when_lost(w, 2);
    check_order_when_lost(w, 1025);
    check_rows_ascend(w, fold_facts(w, 0, UINT32_MAX) + 3); /* and a result each */
}

static px_fate fate_of_many(void *context, const px_bus *from, const px_bus_out *out)
{
    leader *l = context;

    if (from == l->world->bus || strncmp(out->subject, "praxis.v1.", 10) != 0)
        return PX_FATE_ARRIVES;
    return l->rows++ % 500 == 499 ? PX_FATE_LOST : PX_FATE_ARRIVES;
}

static void rows__get_through_when_the_feed_loses_many(void **state)
{
    fold_world *w = *state;
    leader l = { .world = w };

    fold_start(&w->a);
    px_bus_server_set_faults(w->server, &(px_bus_faults){ .publish = fate_of_many, .context = &l });
    fold_submit(w, "acme", "one", 100);
    fold_settle(w);
    check_rows_ascend(w, fold_facts(w, 0, UINT32_MAX) + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(event__is_a_cloud_event_that_names_its_cause),
        TEST(results__one_message_per_mailbox_in_its_encoding),
        TEST(answers_sent_again__have_an_id_for_each_time_they_are_asked_for),
        TEST(rows__more_than_a_window_are_sent_and_leave_after_ten_minutes),
        TEST(rows__stay_in_order_when_the_feed_loses_one),
        TEST(rows__get_through_when_the_feed_loses_many),
        TEST(restart__continues_after_the_last_row_the_feed_has),
        TEST(server_away_for_long__stored_rows_are_not_sent_again),
        TEST(copy_away_for_long__does_not_send_what_the_other_has_sent),
        TEST(old_row_stored_late__sending_goes_on_after_the_newest),
        TEST(store_of_a_tool__keeps_no_rows_and_is_no_daemons),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
