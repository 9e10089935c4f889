/* test_bus_reader.c: what bus.h promises about reading, on both implementations. */
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/bus_world.h"

/* --- single messages --- */

static void get__returns_what_was_stored(void **state)
{
    bus_world *w = *state;
    const px_header headers[] = { { "Content-Type", "text/plain" }, { "Empty", "" } };
    static const char data[] = "zero \0 inside";
    px_bus_msg *msg;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    px_bus_out out = { .subject = w->subject,
                       .data = { data, sizeof data },
                       .headers = headers,
                       .header_count = 2,
                       .msg_id = "the-id" };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &msg), PX_OK);
    assert_int_equal(msg->seq, 1);
    assert_string_equal(msg->subject, w->subject);
    assert_null(msg->reply);
    assert_true(msg->time_ns > 0);
    assert_int_equal(msg->data.size, sizeof data);
    assert_memory_equal(msg->data.data, data, sizeof data);
    assert_string_equal(px_bus_msg_header(msg, "content-type"), "text/plain");
    assert_string_equal(px_bus_msg_header(msg, "Content-Type"), "text/plain");
    assert_string_equal(px_bus_msg_header(msg, "Empty"), "");
    assert_string_equal(px_bus_msg_header(msg, "NATS-MSG-ID"), "the-id");
    assert_null(px_bus_msg_header(msg, "Content"));
    px_bus_msg_free(msg);

    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_get(w->bus, w->stream, 0, &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_get(w->bus, "NO_SUCH", 1, &msg), PX_ENOTFOUND);
}

static void get__and_reader_agree_on_a_message(void **state)
{
    bus_world *w = *state;
    const px_header header = { "X-Any", "value" };
    px_bus_msg *got, *read;
    px_bus_ack ack;

    bus_make_plain_stream(w);
    px_bus_out out = {
        .subject = w->subject, .data = bus_text("body"), .headers = &header, .header_count = 1
    };
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    px_reader *reader = bus_reader_at(w, 1);
    read = bus_next(w->bus, reader);
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &got), PX_OK);
    assert_int_equal(read->seq, got->seq);
    assert_true(read->time_ns == got->time_ns); /* to the nanosecond: tags are made of it */
    assert_string_equal(read->subject, got->subject);
    assert_null(read->reply);
    bus_expect_data(read, "body");
    bus_expect_data(got, "body");
    assert_string_equal(px_bus_msg_header(read, "x-any"), "value");
    assert_string_equal(px_bus_msg_header(got, "x-any"), "value");
    px_bus_msg_free(read);
    px_bus_msg_free(got);
    px_reader_close(reader);
}

static void get_last__finds_the_last_on_the_subject(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "one");
    bus_put(w, w->subject, "two");
    bus_put(w, bus_under(w, "b"), "three");
    assert_int_equal(px_bus_get_last(w->bus, w->stream, w->subject, &msg), PX_OK);
    assert_int_equal(msg->seq, 2);
    bus_expect_data(msg, "two");
    px_bus_msg_free(msg);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, bus_under(w, "c"), &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, bus_under(w, "*"), &msg), PX_OK);
    assert_int_equal(msg->seq, 3);
    px_bus_msg_free(msg);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, bus_under(w, "*.x"), &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, "a..b", &msg), PX_EINVALID);
}

static void get_last_all__finds_each_or_none(void **state)
{
    enum { COUNT = 200 };
    bus_world *w = *state;
    char subjects[COUNT][32];
    const char *asked[COUNT];
    px_bus_msg *msgs[COUNT];

    bus_make_plain_stream(w);
    for (unsigned i = 0; i < COUNT; i++) {
        char token[8];
        snprintf(token, sizeof token, "t%u", i);
        snprintf(subjects[i], sizeof subjects[i], "%s", bus_under(w, token));
        asked[i] = subjects[i];
        if (i % 3 != 0)
            bus_put(w, subjects[i], "old");
        if (i % 3 == 1)
            bus_put(w, subjects[i], "new");
    }
    for (unsigned round = 0; round < 2; round++) {
        assert_int_equal(px_bus_get_last_all(w->bus, w->stream, asked, COUNT, msgs), PX_OK);
        for (unsigned i = 0; i < COUNT; i++) {
            if (i % 3 == 0) {
                assert_null(msgs[i]);
                continue;
            }
            assert_string_equal(msgs[i]->subject, subjects[i]);
            bus_expect_data(msgs[i], i % 3 == 1 ? "new" : "old");
            px_bus_msg_free(msgs[i]);
        }
    }
    assert_int_equal(px_bus_get_last_all(w->bus, w->stream, asked, 0, msgs), PX_OK);
    asked[COUNT - 1] = bus_under(w, "*");
    assert_int_equal(px_bus_get_last_all(w->bus, w->stream, asked, COUNT, msgs), PX_EINVALID);
}

static void last_per_subject__keeps_only_the_last(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_LAST_PER_SUBJECT });
    bus_put(w, w->subject, "old");
    bus_put(w, bus_under(w, "b"), "other");
    bus_put(w, w->subject, "new");
    px_stream_info info = bus_info_of(w);
    assert_int_equal(info.messages, 2);
    assert_int_equal(info.first_seq, 2);
    assert_int_equal(info.last_seq, 3);
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, w->subject, &msg), PX_OK);
    bus_expect_data(msg, "new");
    px_bus_msg_free(msg);

    px_reader *reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 2, "other");
    bus_expect_next(w, reader, 3, "new");
    bus_until_caught_up(w->bus, reader);
    px_reader_close(reader);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 3), PX_EREFUSED); /* KV forbids it */
}

static void purge__removes_up_to_the_sequence(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    for (int i = 0; i < 5; i++)
        bus_put(w, w->subject, "data");
    assert_int_equal(px_bus_purge(w->bus, w->stream, 0), PX_OK);
    assert_int_equal(bus_info_of(w).messages, 5);
    assert_int_equal(px_bus_purge(w->bus, w->stream, 2), PX_OK);
    assert_int_equal(bus_info_of(w).messages, 3);
    assert_int_equal(bus_info_of(w).first_seq, 3);
    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &msg), PX_ENOTFOUND);
    assert_int_equal(px_bus_purge(w->bus, w->stream, 5), PX_OK);
    assert_int_equal(bus_info_of(w).messages, 0);
    assert_int_equal(bus_info_of(w).first_seq, 6);
    assert_int_equal(bus_info_of(w).last_seq, 5); /* numbers are never given out again */
    assert_int_equal(px_bus_purge(w->bus, w->stream, 99), PX_OK);
    assert_int_equal(bus_put(w, w->subject, "data"), 6);
    assert_int_equal(px_bus_purge(w->bus, "NO_SUCH", 1), PX_ENOTFOUND);
}

static void keep_forever__refuses_purge_and_erase(void **state)
{
    bus_world *w = *state;

    bus_make_stream(w, (px_stream_config){ .retention = PX_KEEP_FOREVER });
    bus_put(w, w->subject, "data");
    assert_int_equal(px_bus_purge(w->bus, w->stream, 1), PX_EREFUSED);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 1), PX_EREFUSED);
    assert_int_equal(px_bus_erase_all(w->bus, w->stream, &(uint64_t){ 1 }, 1), PX_EREFUSED);
    assert_int_equal(bus_info_of(w).messages, 1);
}

static void erase_all__takes_what_is_there_and_minds_no_gaps(void **state)
{
    enum { COUNT = 100 };
    bus_world *w = *state;
    uint64_t seqs[COUNT / 2 + 1];
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    for (unsigned i = 0; i < COUNT; i++)
        bus_put(w, w->subject, "text");
    for (unsigned i = 0; i < COUNT / 2; i++)
        seqs[i] = 2 * (uint64_t)i + 1;
    assert_int_equal(px_bus_erase_all(w->bus, w->stream, seqs, 0), PX_OK);
    assert_int_equal(px_bus_erase_all(w->bus, w->stream, seqs, COUNT / 2), PX_OK);
    assert_int_equal(bus_info_of(w).messages, COUNT / 2);
    assert_int_equal(px_bus_get(w->bus, w->stream, 1, &msg), PX_ENOTFOUND);
    seqs[COUNT / 2] = COUNT; /* the others are gone */
    assert_int_equal(px_bus_erase_all(w->bus, w->stream, seqs, COUNT / 2 + 1), PX_OK);
    assert_int_equal(bus_info_of(w).messages, COUNT / 2 - 1);
    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &msg), PX_OK);
    px_bus_msg_free(msg);
}

static void erase__leaves_a_hole(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    for (int i = 0; i < 4; i++)
        bus_put(w, w->subject, "data");
    bus_put(w, bus_under(w, "b"), "last");
    assert_int_equal(px_bus_erase(w->bus, w->stream, 2), PX_OK);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 2), PX_ENOTFOUND);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 0), PX_ENOTFOUND);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 99), PX_ENOTFOUND);
    assert_int_equal(px_bus_get(w->bus, w->stream, 2, &msg), PX_ENOTFOUND);
    assert_int_equal(bus_info_of(w).messages, 4);

    px_reader *reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 1, "data");
    bus_expect_next(w, reader, 3, "data");
    px_reader_close(reader);

    assert_int_equal(px_bus_erase(w->bus, w->stream, 4), PX_OK);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, w->subject, &msg), PX_OK);
    assert_int_equal(msg->seq, 3);
    px_bus_msg_free(msg);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 3), PX_OK);
    assert_int_equal(px_bus_erase(w->bus, w->stream, 1), PX_OK);
    assert_int_equal(px_bus_get_last(w->bus, w->stream, w->subject, &msg), PX_ENOTFOUND);
}

/* --- readers --- */

static void reader__delivers_in_order_and_knows_the_end(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;
    int64_t time_ns = 0;

    bus_make_plain_stream(w);
    for (int i = 0; i < 10; i++)
        bus_put(w, w->subject, "data");
    px_reader *reader = bus_reader_at(w, 1);
    assert_false(px_reader_caught_up(reader));
    for (uint64_t seq = 1; seq <= 10; seq++) {
        assert_false(px_reader_caught_up(reader));
        msg = bus_next(w->bus, reader);
        assert_int_equal(msg->seq, seq);
        assert_int_equal(msg->pending, 10 - seq);
        assert_true(msg->time_ns >= time_ns);
        time_ns = msg->time_ns;
        px_bus_msg_free(msg);
    }
    assert_true(px_reader_caught_up(reader));
    assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
    bus_put(w, w->subject, "later");
    bus_expect_next(w, reader, 11, "later");
    px_reader_close(reader);
}

static void reader__of_an_empty_stream_is_caught_up(void **state)
{
    bus_world *w = *state;
    px_bus_msg *msg;

    bus_make_plain_stream(w);
    px_reader *reader = bus_reader_at(w, 1);
    assert_true(px_reader_caught_up(reader));
    assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
    bus_put(w, w->subject, "first");
    bus_expect_next(w, reader, 1, "first");
    px_reader_close(reader);
}

static void reader__starts_where_it_is_told(void **state)
{
    bus_world *w = *state;
    static const char *const data[] = { "one", "two", "three" };
    px_reader *reader;

    bus_make_plain_stream(w);
    for (size_t i = 0; i < PX_COUNT(data); i++)
        bus_put(w, w->subject, data[i]);
    for (uint64_t from = 1; from <= 3; from++) {
        reader = bus_reader_at(w, from);
        bus_expect_next(w, reader, from, data[from - 1]);
        px_reader_close(reader);
    }
    assert_int_equal(px_bus_purge(w->bus, w->stream, 2), PX_OK);
    reader = bus_reader_at(w, 1); /* the first there is */
    bus_expect_next(w, reader, 3, "three");
    px_reader_close(reader);

    reader = bus_reader_at(w, 50); /* beyond the end is the end */
    assert_true(px_reader_caught_up(reader));
    bus_put(w, w->subject, "four");
    bus_expect_next(w, reader, 4, "four");
    px_reader_close(reader);
    assert_int_equal(px_reader_open(&reader, w->bus, w->stream, 0), PX_EINVALID);
    assert_int_equal(px_reader_open(&reader, w->bus, "NO_SUCH", 1), PX_ENOTFOUND);
}

static void readers__are_independent(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    bus_put(w, w->subject, "one");
    bus_put(w, w->subject, "two");
    px_reader *first = bus_reader_at(w, 1);
    px_reader *second = bus_reader_at(w, 2);
    bus_expect_next(w, second, 2, "two");
    bus_expect_next(w, first, 1, "one");
    px_reader_close(second);
    bus_expect_next(w, first, 2, "two");
    px_reader_close(first);
}

static void reader_from_new__sees_only_what_is_stored_after_it(void **state)
{
    bus_world *w = *state;
    px_reader *reader = NULL;

    bus_make_plain_stream(w);
    bus_put(w, bus_under(w, "x"), "old");
    assert_int_equal(
        px_reader_open_filtered(&reader, w->bus, w->stream, PX_READ_NEW, bus_under(w, "x")), PX_OK);
    bus_put(w, bus_under(w, "y"), "other");
    bus_put(w, bus_under(w, "x"), "new");
    bus_expect_next(w, reader, 3, "new");
    px_reader_close(reader);
}

static void reader_filtered__sees_only_its_subjects(void **state)
{
    bus_world *w = *state;
    px_reader *reader;

    bus_make_plain_stream(w);
    bus_put(w, bus_under(w, "x.1"), "one");
    bus_put(w, bus_under(w, "y.1"), "two");
    bus_put(w, bus_under(w, "x.2"), "three");
    bus_put(w, bus_under(w, "y.2"), "four");
    assert_int_equal(px_reader_open_filtered(&reader, w->bus, w->stream, 1, bus_under(w, "x.*")),
                     PX_OK);
    px_bus_msg *msg = bus_next(w->bus, reader);
    assert_int_equal(msg->seq, 1);
    assert_int_equal(msg->pending, 1);
    px_bus_msg_free(msg);
    bus_expect_next(w, reader, 3, "three");
    assert_true(px_reader_caught_up(reader));
    px_reader_close(reader);
    assert_int_equal(px_reader_open_filtered(&reader, w->bus, w->stream, 1, "a..b"), PX_EINVALID);
}

/* Otherwise a copy of a daemon would wait for ever for what the other copy has purged. */
static void reader__is_caught_up_when_the_rest_was_purged(void **state)
{
    bus_world *w = *state;

    bus_make_plain_stream(w);
    for (int i = 0; i < 3; i++)
        bus_put(w, w->subject, "data");
    px_reader *reader = bus_reader_at(w, 1);
    bus_expect_next(w, reader, 1, "data");
    assert_int_equal(px_bus_purge(w->bus, w->stream, 3), PX_OK);
    px_bus_msg *msg;
    for (int64_t start = bus_now_ms(); !px_reader_caught_up(reader);) {
        if (px_reader_next(reader, &msg) == PX_OK) /* already on its way */
            px_bus_msg_free(msg);
        bus_keep_waiting(w->bus, start);
    }
    bus_put(w, w->subject, "new");
    msg = bus_next(w->bus, reader);
    bus_expect_data(msg, "new");
    px_bus_msg_free(msg);
    px_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__returns_what_was_stored),
        cmocka_unit_test(get__and_reader_agree_on_a_message),
        cmocka_unit_test(get_last__finds_the_last_on_the_subject),
        cmocka_unit_test(get_last_all__finds_each_or_none),
        cmocka_unit_test(last_per_subject__keeps_only_the_last),
        cmocka_unit_test(purge__removes_up_to_the_sequence),
        cmocka_unit_test(keep_forever__refuses_purge_and_erase),
        cmocka_unit_test(erase_all__takes_what_is_there_and_minds_no_gaps),
        cmocka_unit_test(erase__leaves_a_hole),
        cmocka_unit_test(reader__delivers_in_order_and_knows_the_end),
        cmocka_unit_test(reader__of_an_empty_stream_is_caught_up),
        cmocka_unit_test(reader__starts_where_it_is_told),
        cmocka_unit_test(readers__are_independent),
        cmocka_unit_test(reader_from_new__sees_only_what_is_stored_after_it),
        cmocka_unit_test(reader_filtered__sees_only_its_subjects),
        cmocka_unit_test(reader__is_caught_up_when_the_rest_was_purged),
    };

    return bus_run_on_memory(tests, PX_COUNT(tests)) + bus_run_on_nats(tests, PX_COUNT(tests));
}
