#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_memory_faults.h"

static const char stream[] = "S";

typedef struct {
    px_bus_server *server;
    px_bus *bus;
    px_fate fate;
    unsigned requests_well; /* so many arrive first, */
    unsigned requests_lost; /* then so many are lost */
    px_read_fate reading;
    uint64_t reading_seq; /* of this message only */
} world;

static px_fate fate_of(void *context, const px_bus *from, const px_bus_out *out)
{
    const world *w = context;

    assert_ptr_equal(from, w->bus);
    assert_string_equal(out->subject, "s.a");
    return w->fate;
}

static bool loses(void *context, const px_bus *from, const char *name)
{
    world *w = context;

    (void)from;
    assert_string_equal(name, stream);
    if (w->requests_well > 0) {
        w->requests_well--;
        return false;
    }
    if (w->requests_lost == 0)
        return false;
    w->requests_lost--;
    return true;
}

static px_read_fate reads(void *context, const px_bus *from, const char *name, uint64_t seq)
{
    const world *w = context;

    (void)from;
    assert_string_equal(name, stream);
    return seq == w->reading_seq ? w->reading : PX_READ_COMES;
}

static int setup(void **state)
{
    const char *const subjects[] = { "s.>" };
    const px_stream_config config = {
        .name = stream, .subjects = subjects, .subject_count = 1, .retention = PX_KEEP_UNTIL_PURGED
    };
    world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    w->server = px_bus_server_create();
    assert_non_null(w->server);
    assert_int_equal(px_bus_open_memory(&w->bus, w->server, "test"), PX_OK);
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    px_bus_server_set_faults(w->server, &(px_bus_faults){ fate_of, loses, reads, w });
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;

    px_bus_close(w->bus);
    px_bus_server_destroy(w->server);
    free(w);
    return 0;
}

static px_status send(world *w)
{
    const px_bus_out out = { .subject = "s.a", .data = { "x", 1 } };
    px_bus_ack ack;

    return px_bus_publish_wait(w->bus, &out, &ack);
}

static uint64_t last_seq(world *w)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, stream, &info), PX_OK);
    return info.last_seq;
}

static void message_lost__is_not_stored_and_not_answered(void **state)
{
    world *w = *state;

    w->fate = PX_FATE_LOST;
    assert_int_equal(send(w), PX_ETIMEOUT);
    assert_int_equal(last_seq(w), 0);
}

static void message_unanswered__is_stored(void **state)
{
    world *w = *state;
    px_bus_ack ack;

    w->fate = PX_FATE_UNANSWERED;
    assert_int_equal(send(w), PX_ETIMEOUT);
    assert_int_equal(px_bus_publish(w->bus, px_bus_epoch(w->bus),
                                    &(px_bus_out){ .subject = "s.a", .data = { "x", 1 } }, 7),
                     PX_OK);
    assert_false(px_bus_next_ack(w->bus, &ack));
    assert_int_equal(last_seq(w), 2);
}

static void request_lost__times_out(void **state)
{
    world *w = *state;
    px_stream_info info;

    w->requests_lost = 1;
    assert_int_equal(px_bus_stream_info(w->bus, stream, &info), PX_ETIMEOUT);
    assert_int_equal(px_bus_stream_info(w->bus, stream, &info), PX_OK);
}

static void purge_lost_on_its_way__is_not_done(void **state)
{
    world *w = *state;
    px_bus_msg *msg;

    assert_int_equal(send(w), PX_OK);
    w->requests_lost = 1;
    assert_int_equal(px_bus_purge(w->bus, stream, 1), PX_ETIMEOUT);
    assert_int_equal(px_bus_get(w->bus, stream, 1, &msg), PX_OK);
    px_bus_msg_free(msg);
}

static void purge_whose_answer_is_lost__is_done(void **state)
{
    world *w = *state;
    px_bus_msg *msg;

    assert_int_equal(send(w), PX_OK);
    w->requests_well = 1;
    w->requests_lost = 1;
    assert_int_equal(px_bus_purge(w->bus, stream, 1), PX_ETIMEOUT);
    assert_int_equal(px_bus_get(w->bus, stream, 1, &msg), PX_ENOTFOUND);
}

static void message_that_comes_later__is_not_known_of(void **state)
{
    world *w = *state;
    px_reader *reader;
    px_bus_msg *msg;

    assert_int_equal(send(w), PX_OK);
    assert_int_equal(px_reader_open(&reader, w->bus, stream, 1), PX_OK);
    w->reading = PX_READ_LATER;
    w->reading_seq = 1;
    assert_int_equal(px_reader_next(reader, &msg), PX_EEMPTY);
    assert_true(px_reader_caught_up(reader));
    w->reading = PX_READ_COMES;
    assert_false(px_reader_caught_up(reader));
    assert_int_equal(px_reader_next(reader, &msg), PX_OK);
    px_bus_msg_free(msg);
    px_reader_close(reader);
}

static void message_skipped__leaves_a_gap(void **state)
{
    world *w = *state;
    px_reader *reader;
    px_bus_msg *msg;

    assert_int_equal(send(w), PX_OK);
    assert_int_equal(send(w), PX_OK);
    assert_int_equal(px_reader_open(&reader, w->bus, stream, 1), PX_OK);
    w->reading = PX_READ_SKIPPED;
    w->reading_seq = 1;
    assert_int_equal(px_reader_next(reader, &msg), PX_OK);
    assert_int_equal(msg->seq, 2);
    px_bus_msg_free(msg);
    px_reader_close(reader);
}

static void break_of_one_connection__gives_it_a_new_epoch(void **state)
{
    world *w = *state;
    px_bus *other;
    px_reader *reader;
    px_bus_msg *msg;
    px_bus_ack ack;
    uint64_t epoch = px_bus_epoch(w->bus), epoch_of_other;

    assert_int_equal(px_bus_open_memory(&other, w->server, "other"), PX_OK);
    epoch_of_other = px_bus_epoch(other);
    assert_int_equal(px_reader_open(&reader, w->bus, stream, 1), PX_OK);
    assert_int_equal(
        px_bus_publish(w->bus, epoch, &(px_bus_out){ .subject = "s.a", .data = { "x", 1 } }, 7),
        PX_OK);
    px_bus_memory_break(w->bus);
    assert_true(px_bus_epoch(w->bus) > epoch);
    assert_int_equal(px_bus_epoch(other), epoch_of_other);
    assert_false(px_bus_next_ack(w->bus, &ack));
    assert_int_equal(px_reader_next(reader, &msg), PX_EDISCONNECTED);
    px_reader_close(reader);
    px_bus_close(other);
}

static void faults_ended__all_goes_well(void **state)
{
    world *w = *state;

    w->fate = PX_FATE_LOST;
    px_bus_server_set_faults(w->server, NULL);
    assert_int_equal(send(w), PX_OK);
}

static px_status store(const world *w, const char *text)
{
    px_bus_ack ack;

    return px_bus_publish_wait(
        w->bus, &(px_bus_out){ .subject = "s.a", .data = { text, strlen(text) } }, &ack);
}

static void stream_without_room__refuses_until_it_has_some(void **state)
{
    world *w = *state;

    assert_int_equal(store(w, "one"), PX_OK);
    px_bus_server_limit(w->server, stream, true, 0);
    assert_int_equal(store(w, "two"), PX_EEXHAUSTED);
    px_bus_server_limit(w->server, stream, false, 0);
    assert_int_equal(store(w, "three"), PX_OK);
}

static void stream_of_small_messages__refuses_larger_ones(void **state)
{
    const char *const subjects[] = { "s.>" };
    const px_stream_config config = {
        .name = stream, .subjects = subjects, .subject_count = 1, .retention = PX_KEEP_UNTIL_PURGED
    };
    world *w = *state;

    px_bus_server_limit(w->server, stream, false, 4);
    assert_int_equal(store(w, "four"), PX_OK);
    assert_int_equal(store(w, "fives"), PX_EREFUSED);
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_EINVALID); /* it is another one */
    px_bus_server_limit(w->server, stream, false, 0);
    assert_int_equal(store(w, "fives"), PX_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(message_lost__is_not_stored_and_not_answered, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(message_unanswered__is_stored, setup, teardown),
        cmocka_unit_test_setup_teardown(request_lost__times_out, setup, teardown),
        cmocka_unit_test_setup_teardown(purge_lost_on_its_way__is_not_done, setup, teardown),
        cmocka_unit_test_setup_teardown(purge_whose_answer_is_lost__is_done, setup, teardown),
        cmocka_unit_test_setup_teardown(message_that_comes_later__is_not_known_of, setup, teardown),
        cmocka_unit_test_setup_teardown(message_skipped__leaves_a_gap, setup, teardown),
        cmocka_unit_test_setup_teardown(break_of_one_connection__gives_it_a_new_epoch, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(stream_without_room__refuses_until_it_has_some, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(stream_of_small_messages__refuses_larger_ones, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(faults_ended__all_goes_well, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
