/* Bundles: several submissions in one message, each with its own result. */
#include "tests/services/praxis/sender_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"

static void bundle__is_one_message_with_a_result_each(void **state)
{
    sender_fixture *f = *state;
    const px_scan_limits limits = { 200000, 2, 300, 300, false };
    px_codec_error error;

    sender_make(f, 0, 3);
    sender_put(f, "a", 1);
    sender_put(f, "b", 2);
    sender_expect_nothing(f);
    sender_put(f, "c", 3);
    sender_put(f, "d", 4);
    px_bus_msg *msg = sender_received(f);
    assert_non_null(msg);
    assert_string_equal(msg->subject, "praxis.v1.acme.submit.competency.Bundle.hr");
    assert_true(px_codec_scan(&praxis__bundle__descriptor, msg->data, &limits, &f->arena, &error));
    const Praxis__Bundle *bundle =
        (const Praxis__Bundle *)px_codec_unpack(&praxis__bundle__descriptor, msg->data, &f->arena);
    assert_int_equal(bundle->n_submissions, 3);
    assert_memory_equal(bundle->submissions[1].data, "b", 1);
    px_bus_msg_free(msg);
    sender_expect_nothing(f);

    assert_int_equal(px_sender_flush(f->sender), PX_OK);
    msg = sender_received(f);
    assert_non_null(msg); /* the last one leaves unfilled */
    px_bus_msg_free(msg);
    sender_answer(f, "b", NULL);
    sender_answer(f, "d", NULL);
    sender_answer(f, "a", "ROLE_UNKNOWN");
    sender_answer(f, "c", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    for (uint64_t tag = 1; tag <= 4; tag++)
        assert_int_equal(f->results[tag], 1);
    assert_int_equal(f->refused[1], 1);
}

static void bundle_half_answered__is_sent_again_whole(void **state)
{
    sender_fixture *f = *state;

    sender_make(f, 0, 2);
    sender_put(f, "a", 1);
    sender_put(f, "b", 2);
    px_bus_msg *first = sender_received(f);
    assert_non_null(first);
    sender_answer(f, "a", NULL);
    sender_step(f);
    assert_int_equal(px_sender_in_flight(f->sender), 1);
    f->now_ms += PX_SENDER_RESEND_MS;
    sender_step(f);
    px_bus_msg *second = sender_received(f);
    assert_non_null(second);
    assert_int_equal(first->data.size, second->data.size);
    assert_memory_equal(first->data.data, second->data.data, first->data.size);
    px_bus_msg_free(first);
    px_bus_msg_free(second);
    sender_answer(f, "a", NULL);
    sender_answer(f, "b", NULL);
    assert_int_equal(px_sender_finish(f->sender), PX_OK);
    assert_int_equal(f->results[1], 1);
    assert_int_equal(f->results[2], 1);
}

static void bundles__stay_below_the_limit_of_bytes(void **state)
{
    static char large[50 * 1024];
    sender_fixture *f = *state;

    memset(large, 'x', sizeof large);
    sender_make(f, 0, 100);
    for (uint64_t i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "s%d", (int)i);
        px_sending sending = { .service = "competency",
                               .type = "DefineRole",
                               .id = id,
                               .bytes = { large, sizeof large },
                               .tag = i };
        assert_int_equal(px_sender_put(f->sender, &sending), PX_OK);
    }
    assert_int_equal(px_sender_flush(f->sender), PX_OK);
    size_t messages = 0;
    for (px_bus_msg *msg; (msg = sender_received(f)) != NULL; messages++) {
        assert_in_range(msg->data.size, 1, 120 * 1024);
        px_bus_msg_free(msg);
    }
    assert_int_equal(messages, 3);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sender_set_up, sender_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(bundle__is_one_message_with_a_result_each),
        TEST(bundle_half_answered__is_sent_again_whole),
        TEST(bundles__stay_below_the_limit_of_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
