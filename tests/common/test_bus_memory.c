/* test_bus_memory.c: what only the memory twin can do: power cuts, own clocks, the same run every
 * time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

static int64_t fixed_clock(void *context)
{
    return *(int64_t *)context;
}

static void cut__hands_the_numbers_out_again(void **state)
{
    bus_world *w = *state;
    uint64_t before = px_bus_epoch(w->bus);
    px_bus_msg *msg;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "one");
    bus_put(w, w->subject, "two");
    bus_put(w, w->subject, "three");
    px_reader *reader = bus_reader_at(w, 1);
    px_bus_out out = { .subject = w->subject };
    assert_int_equal(px_bus_publish(w->bus, before, &out, 1), PX_OK);

    assert_int_equal(px_bus_server_cut(w->memory, w->stream, 1), PX_OK);
    assert_int_equal(px_reader_next(reader, &msg), PX_EDISCONNECTED);
    assert_false(px_reader_caught_up(reader));
    px_reader_close(reader);
    assert_true(px_bus_epoch(w->bus) > before);
    assert_int_equal(px_bus_publish(w->bus, before, &out, 2), PX_EDISCONNECTED);
    assert_false(px_bus_next_ack(w->bus, &ack));

    assert_int_equal(bus_info_of(w).last_seq, 1);
    assert_int_equal(bus_put(w, w->subject, "other two"), 2);
    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &msg), PX_OK);
    bus_expect_data(msg, "other two");
    px_bus_msg_free(msg);
    assert_int_equal(px_bus_server_cut(w->memory, "NO_SUCH", 1), PX_ENOTFOUND);
}

static void cut__forgets_subjects_and_ids_of_lost_messages(void **state)
{
    bus_world *w = *state;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    bus_put_id(w, w->subject, "kept");
    bus_put_id(w, w->subject, "lost");
    assert_int_equal(px_bus_server_cut(w->memory, w->stream, 1), PX_OK);
    px_bus_out out = { .subject = w->subject, .expect_subject_seq = true, .last_subject_seq = 2 };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_ESEQUENCE);
    out.last_subject_seq = 1;
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_true(bus_put_id(w, w->subject, "kept").duplicate);
    assert_false(bus_put_id(w, w->subject, "lost").duplicate);
}

static void cut__below_what_was_purged_starts_there(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    for (int i = 0; i < 5; i++)
        bus_put(w, w->subject, "data");
    assert_int_equal(px_bus_purge(w->bus, w->stream, 4), PX_OK);
    assert_int_equal(px_bus_server_cut(w->memory, w->stream, 2), PX_OK);
    assert_int_equal(bus_info_of(w).messages, 0);
    assert_int_equal(bus_info_of(w).last_seq, 2);
    assert_int_equal(bus_put(w, w->subject, "data"), 3);
}

static void clock__counts_a_millisecond_per_message(void **state)
{
    bus_world *w = *state;
    px_bus_msg *first, *second;

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "one");
    bus_put(w, w->subject, "two");
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &first), PX_OK);
    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &second), PX_OK);
    assert_int_equal(second->time_ns - first->time_ns, 1000000);
    px_bus_msg_free(first);
    px_bus_msg_free(second);
}

static void clock__can_be_the_tests_own(void **state)
{
    bus_world *w = *state;
    int64_t now_ns = INT64_C(1700000000000000000);
    px_bus_msg *msg;

    px_bus_server_set_clock(w->memory, fixed_clock, &now_ns);
    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_UNTIL_PURGED,
                                           .max_age_ns = INT64_C(600000000000) });
    bus_put_id(w, w->subject, "id");
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &msg), PX_OK);
    assert_true(msg->time_ns == now_ns);
    px_bus_msg_free(msg);

    now_ns += INT64_C(119000000000); /* the window of ids is two minutes */
    assert_true(bus_put_id(w, w->subject, "id").duplicate);
    now_ns += INT64_C(2000000000);
    assert_false(bus_put_id(w, w->subject, "id").duplicate);
    assert_int_equal(bus_info_of(w).messages, 2);
    now_ns += INT64_C(500000000000); /* the first is ten minutes old by now */
    assert_int_equal(bus_info_of(w).messages, 1);
    assert_int_equal(bus_info_of(w).first_seq, 2);
    px_bus_server_set_clock(w->memory, NULL, NULL);
}

static void connections__share_the_server_and_its_epochs(void **state)
{
    bus_world *w = *state;
    px_bus *other = bus_open(w, NULL);

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "data");
    px_reader *reader;
    assert_int_equal(px_reader_open(&reader, other, w->stream, 1), PX_OK);
    bus_expect_next(w, reader, 1, "data");
    px_bus_server_set_up(w->memory, false);
    assert_int_equal(px_bus_epoch(other), 0);
    assert_int_equal(px_bus_epoch(w->bus), 0);
    px_bus_server_set_up(w->memory, true);
    assert_true(px_bus_epoch(other) > 0);
    px_reader_close(reader);
    px_bus_close(other);
}

/* Many ids and subjects: tables grow, and forget nothing that still counts. */
static void stream__stays_right_while_it_grows(void **state)
{
    bus_world *w = *state;
    enum { COUNT = 3000 };
    char id[16];

    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_LAST_PER_SUBJECT });
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "k%d", i % 1000);
        bus_put(w, bus_under(w, id), id);
    }
    assert_int_equal(bus_info_of(w).messages, 1000);
    assert_int_equal(bus_info_of(w).first_seq, COUNT - 999);

    bus_make_plain_stream(w);
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "id%d", i);
        assert_false(bus_put_id(w, w->subject, id).duplicate);
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(id, sizeof id, "id%d", i);
        assert_true(bus_put_id(w, w->subject, id).duplicate);
    }
    assert_int_equal(px_bus_purge(w->bus, w->stream, COUNT - 1), PX_OK);
    assert_int_equal(bus_info_of(w).messages, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut__hands_the_numbers_out_again),
        cmocka_unit_test(cut__forgets_subjects_and_ids_of_lost_messages),
        cmocka_unit_test(cut__below_what_was_purged_starts_there),
        cmocka_unit_test(clock__counts_a_millisecond_per_message),
        cmocka_unit_test(clock__can_be_the_tests_own),
        cmocka_unit_test(connections__share_the_server_and_its_epochs),
        cmocka_unit_test(stream__stays_right_while_it_grows),
    };

    return bus_run_on_memory(tests, PX_COUNT(tests));
}
