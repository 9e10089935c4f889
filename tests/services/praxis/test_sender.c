/* What the sender does when answers come, come late, come twice, name only bytes, or do not come.
 */
#include "tests/services/praxis/sender_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void submission__goes_to_its_subject_and_gets_its_result(void **state)
{
    sender_fixture *f = *state;

    assert_int_equal(sender_put(f, "a", 7), PX_OK);
    px_bus_msg *msg = sender_received(f);
    assert_non_null(msg);
    assert_string_equal(msg->subject, "praxis.v1.acme.submit.competency.DefineRole.hr");
    assert_string_equal(px_bus_msg_header(msg, "Content-Type"), "application/protobuf");
    px_bus_msg_free(msg);
    assert_int_equal(px_sender_in_flight(f->sender), 1);

    sender_answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[7], 1);
    assert_int_equal(f->refused[7], 0);
    px_sender_counts counts = px_sender_count(f->sender);
    assert_int_equal(counts.put, 1);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.log_seq, 1);
}

static void refusal__is_counted_and_handed_on(void **state)
{
    sender_fixture *f = *state;

    sender_put(f, "a", 1);
    sender_answer(f, "a", "ROLE_UNKNOWN");
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->refused[1], 1);
    assert_string_equal(f->code, "ROLE_UNKNOWN");
    assert_int_equal(px_sender_count(f->sender).refused, 1);
}

static void result__of_somebody_else_or_repeated_changes_nothing(void **state)
{
    sender_fixture *f = *state;

    sender_put(f, "a", 1);
    sender_answer(f, "b", NULL);
    sender_answer(f, "a", NULL);
    sender_answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    sender_step(f);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(px_sender_count(f->sender).accepted, 1);
}

static void no_result__sends_the_same_bytes_again_ever_more_seldom(void **state)
{
    sender_fixture *f = *state;

    sender_put(f, "a", 1);
    sender_expect_received(f, "a");
    f->now_ms += PX_SENDER_RESEND_MS - 1;
    sender_step(f);
    sender_expect_nothing(f);
    f->now_ms += 1;
    sender_step(f);
    sender_expect_received(f, "a");
    assert_non_null(strstr(f->note, "no result yet from competency"));
    f->now_ms += 2 * PX_SENDER_RESEND_MS - 1;
    sender_step(f);
    sender_expect_nothing(f);
    f->now_ms += 1;
    sender_step(f);
    sender_expect_received(f, "a");
    assert_int_equal(px_sender_count(f->sender).sent_again, 2);

    sender_answer(f, "a", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    f->now_ms += 1000000;
    sender_step(f);
    sender_expect_nothing(f);
}

static void window__holds_back_what_is_too_much(void **state)
{
    sender_fixture *f = *state;
    char id[16];

    sender_make(f, 10, 0);
    f->answering = true;
    for (uint64_t i = 0; i < 1000; i++) {
        snprintf(id, sizeof id, "s%d", (int)i);
        assert_int_equal(sender_put(f, id, i), PX_OK);
        assert_in_range(px_sender_in_flight(f->sender), 0, 10);
    }
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    for (uint64_t i = 0; i < 1000; i++)
        assert_int_equal(f->results[i], 1);
    assert_int_equal(px_sender_count(f->sender).sent_again, 0);
}

static void stop__ends_waiting_for_room_and_for_results(void **state)
{
    sender_fixture *f = *state;

    sender_make(f, 1, 0);
    assert_int_equal(sender_put(f, "a", 1), PX_OK);
    f->stop = 1;
    assert_int_equal(sender_put(f, "b", 2), PX_ETIMEOUT);
    assert_int_equal(px_sender_finish(f->sender), PX_ETIMEOUT);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
}

static void same_id__waits_for_the_first_ones_result(void **state)
{
    sender_fixture *f = *state;

    f->answering = true;
    assert_int_equal(sender_put(f, "a", 1), PX_OK);
    assert_int_equal(sender_put(f, "a", 2), PX_OK);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[2], 1);
}

static void unreadable_bytes__are_known_by_their_digest(void **state)
{
    sender_fixture *f = *state;
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = "",
                           .bytes = { "{bad", 4 },
                           .json = true,
                           .tag = 3 };

    sender_put(f, "a", 1);
    assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    sender_answer_unreadable(f, sending.bytes, true);
    sender_step(f);
    sender_step(f);
    assert_int_equal(f->refused[3], 1);
    assert_string_equal(f->code, "MALFORMED");
    assert_int_equal(f->results[1], 0);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
}

static void broker_away__is_said_once_and_everything_goes_again(void **state)
{
    sender_fixture *f = *state;

    sender_put(f, "a", 1);
    sender_put(f, "b", 2);
    sender_expect_received(f, "a");
    sender_expect_received(f, "b");
    sender_answer(f, "a", NULL);
    sender_step(f);
    px_bus_server_set_up(f->server, false);
    sender_step(f);
    sender_step(f);
    assert_int_equal(f->notes, 1);
    assert_non_null(strstr(f->note, "away"));
    px_bus_server_set_up(f->server, true);
    f->answering = true;
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_non_null(strstr(f->note, "connected again"));
    assert_int_equal(f->results[1], 1);
    assert_int_equal(f->results[2], 1);
    px_reader_close(f->inbox);
    assert_int_equal(px_reader_open(&f->inbox, f->daemon, "INBOX", 3), PX_OK);
    sender_expect_received(f, "b"); /* and not "a", which had its result */
    sender_expect_nothing(f);
}

static void message_larger_than_the_bus__is_refused_here(void **state)
{
    static char huge[2 * 1024 * 1024];
    sender_fixture *f = *state;
    px_sending sending = { .service = "competency",
                           .type = "DefineRole",
                           .id = "huge",
                           .bytes = { huge, sizeof huge },
                           .tag = 9 };

    memset(huge, 'x', sizeof huge);
    assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->refused[9], 1);
    assert_string_equal(f->code, "TOO_LARGE");
}

static void full_inbox__is_asked_again_until_it_takes(void **state)
{
    static const char *const subjects[] = { "praxis.v1.*.submit.tiny.*.*" };
    sender_fixture *f = *state;
    char text[600];
    px_stream_config config = { .name = "TINY",
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED,
                                .max_bytes = 1000 };
    px_sending sending = {
        .service = "tiny", .type = "T", .id = "a", .bytes = { text, 600 }, .tag = 1
    };

    memset(text, 'x', sizeof text);
    assert_int_equal(px_bus_stream_ensure(f->daemon, &config), PX_OK);
    px_sender_put(f->sender, &sending);
    sending.id = "b";
    sending.tag = 2;
    px_sender_put(f->sender, &sending);
    sender_step(f);
    assert_non_null(strstr(f->note, "not taken yet"));
    assert_int_equal(px_bus_purge(f->daemon, "TINY", 1), PX_OK);
    f->now_ms += 500;
    sender_step(f);
    px_stream_info info;
    assert_int_equal(px_bus_stream_info(f->daemon, "TINY", &info), PX_OK);
    assert_int_equal(info.messages, 1);
    assert_int_equal(info.last_seq, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sender_set_up, sender_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(submission__goes_to_its_subject_and_gets_its_result),
        TEST(refusal__is_counted_and_handed_on),
        TEST(result__of_somebody_else_or_repeated_changes_nothing),
        TEST(no_result__sends_the_same_bytes_again_ever_more_seldom),
        TEST(window__holds_back_what_is_too_much),
        TEST(stop__ends_waiting_for_room_and_for_results),
        TEST(same_id__waits_for_the_first_ones_result),
        TEST(unreadable_bytes__are_known_by_their_digest),
        TEST(broker_away__is_said_once_and_everything_goes_again),
        TEST(message_larger_than_the_bus__is_refused_here),
        TEST(full_inbox__is_asked_again_until_it_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
