/* One copy of a daemon: every submission has one answer, and the log says all there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "tests/common/fold_world.h"

#define DAY_US (INT64_C(86400) * 1000000)

static void expect_answer(fold_world *w, const char *id, const char *code)
{
    const Praxis__Result *result = NULL;

    assert_int_equal(fold_results_of(w, id, &result), 1);
    if (*code == 0) {
        assert_int_equal(result->outcome_case, PRAXIS__RESULT__OUTCOME_ACCEPTED);
    } else {
        assert_int_equal(result->outcome_case, PRAXIS__RESULT__OUTCOME_REJECTED);
        assert_string_equal(result->rejected->code, code);
    }
}

static void finish(fold_world *w)
{
    fold_check_feed(w);
    fold_check_digests(w);
}

static void submission__becomes_facts_a_result_and_events(void **state)
{
    fold_world *w = *state;
    unsigned count;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_submit(w, "acme", "bad", 99);
    fold_settle(w);
    assert_int_equal(fold_entry_of(w, "one", &count)->n_facts, 1);
    assert_int_equal(count, 1);
    expect_answer(w, "one", "");
    expect_answer(w, "bad", "MINIMUM_LOWERED");
    assert_int_equal(fold_facts(w, WORLD_FACT_SAID + 1, WORLD_FACT_SAID + 1), 1);
    finish(w);
}

static void sent_again__same_result_and_no_new_fact(void **state)
{
    fold_world *w = *state;
    px_bytes bytes = fold_pack(w, "one", 12, w->now_us, 0);
    unsigned count;

    fold_start(&w->a);
    for (unsigned i = 0; i < 5; i++) {
        fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
        if (i > 1)
            fold_settle(w);
    }
    (void)fold_entry_of(w, "one", &count);
    assert_int_equal(count, 1);
    expect_answer(w, "one", "");
    assert_int_equal(fold_answers_of(w, "one"), 3); /* twice in one batch: one answer serves both */
    assert_int_equal(fold_facts(w, 0, WORLD_FACT_SAID - 1), 1);
    finish(w);
}

static void id_with_other_content__refused_once_and_first_answer_stays(void **state)
{
    fold_world *w = *state;
    px_bytes other = fold_pack(w, "one", 13, w->now_us, 0);
    unsigned count;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    fold_send(w, "acme", "SetGroupMinimum", other, NULL, 0);
    fold_settle(w);
    fold_send(w, "acme", "SetGroupMinimum", other, NULL, 0);
    fold_settle(w);
    assert_string_equal(fold_entry_of(w, "one", &count)->rejection->code, "ID_REUSED");
    assert_int_equal(count, 2);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "one", 12, WORLD_START_US, 0), NULL, 0);
    fold_settle(w);
    (void)fold_entry_of(w, "one", &count);
    assert_int_equal(count, 2);
    fold_submit(w, "beta", "one", 14); /* another tenant, another submission */
    fold_settle(w);
    assert_null(fold_entry_of(w, "one", &count)->rejection);
    finish(w);
}

static void created_at_out_of_range__refused_and_id_stays_free(void **state)
{
    fold_world *w = *state;
    int64_t now = w->now_us;
    unsigned count;

    fold_start(&w->a);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "old", 12, now - 34 * DAY_US - 1, 0), NULL,
              0);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "new", 12, now + 3600000001, 0), NULL, 0);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "edge", 12, now - 34 * DAY_US, 0), NULL,
              0);
    fold_turn(&w->a);
    while (fold_last(w, px_log_stream) == 0)
        fold_turn(&w->a);
    fold_settle(w);
    expect_answer(w, "old", "CREATED_AT_OUT_OF_RANGE");
    expect_answer(w, "new", "CREATED_AT_OUT_OF_RANGE");
    expect_answer(w, "edge", "");
    fold_submit(w, "acme", "old", 12);
    fold_settle(w);
    assert_null(fold_entry_of(w, "old", &count)->rejection);
    finish(w);
}

static void id_after_35_days__forgotten_but_the_old_submission_is_refused(void **state)
{
    fold_world *w = *state;
    px_bytes old = fold_pack(w, "one", 12, w->now_us, 0);
    unsigned count;

    fold_start(&w->a);
    fold_send(w, "acme", "SetGroupMinimum", old, NULL, 0);
    fold_settle(w);
    w->now_us += 36 * DAY_US;
    fold_submit(w, "acme", "prunes", 12);
    fold_settle(w);
    fold_send(w, "acme", "SetGroupMinimum", old, NULL, 0);
    fold_settle(w);
    assert_string_equal(fold_entry_of(w, "one", &count)->rejection->code,
                        "CREATED_AT_OUT_OF_RANGE");
    assert_int_equal(count, 2);
    assert_int_equal(fold_facts(w, 12, 12), 2); /* "one" and "prunes": no second effect */
    finish(w);
}

static void after_seq__waits_for_the_log_and_is_refused_beyond_its_end(void **state)
{
    fold_world *w = *state;
    unsigned count;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    fold_send(w, "acme", "SetGroupMinimum",
              fold_pack(w, "two", 5, w->now_us, fold_last(w, px_log_stream)), NULL, 0);
    fold_send(w, "acme", "SetGroupMinimum",
              fold_pack(w, "far", 5, w->now_us, fold_last(w, px_log_stream) + 1), NULL, 0);
    fold_settle(w);
    expect_answer(w, "two", "");
    expect_answer(w, "far", "AFTER_SEQ_OUT_OF_RANGE");
    assert_true(fold_entry_of(w, "two", &count)->rejection == NULL);
    finish(w);
}

/* ---- bundles ---- */

static void send_bundle(fold_world *w, const char *prefix, unsigned count, uint32_t n)
{
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    ProtobufCBinaryData *items = px_arena_alloc(&w->arena, count * sizeof *items);

    for (unsigned i = 0; i < count; i++) {
        const char *id = px_arena_printf(&w->arena, "%s-%u", prefix, i);
        px_bytes bytes = fold_pack(w, id, n, WORLD_START_US, 0);

        items[i] = (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    }
    bundle.submissions = items;
    bundle.n_submissions = count;
    fold_send(w, "acme", "Bundle", px_codec_pack(&bundle.base, &w->arena), NULL, 0);
}

static void bundle__each_has_its_result_in_one_batch(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    send_bundle(w, "b", 256, 3);
    fold_settle(w);
    assert_int_equal(fold_batch(w, 1)->n_entries, 256);
    expect_answer(w, "b-0", "");
    expect_answer(w, "b-255", "");
    finish(w);
}

static void bundle_larger_than_a_batch__is_decided_as_far_as_it_fits(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_submit(w, "acme", "before", 5);
    send_bundle(w, "b", 64, 100); /* 3,000 facts each */
    fold_submit(w, "acme", "after", 5);
    fold_settle(w);
    expect_answer(w, "before", "");
    expect_answer(w, "b-0", "");
    expect_answer(w, "b-63", "TOO_MUCH_FOLLOWS");
    expect_answer(w, "after", "");
    fold_check_digests(w);
}

static void bundles_known_already__many_more_than_a_round_answers(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    send_bundle(w, "b", 256, 3);
    fold_settle(w);
    for (unsigned i = 0; i < 20; i++)
        send_bundle(w, "b", 256, 3);
    fold_settle(w);
    assert_int_equal(fold_answers_of(w, "b-7"), 21);
    assert_int_equal(fold_facts(w, 3, 3), 256);
    finish(w);
}

/* ---- bad input ---- */

static void send_text(fold_world *w, const char *type, const char *text, const px_header *headers,
                      size_t header_count)
{
    fold_send(w, "acme", type, (px_bytes){ text, strlen(text) }, headers, header_count);
}

static void bad_input__one_result_each_and_the_daemon_goes_on(void **state)
{
    static const px_header json[] = { { "Content-Type", "application/json" } };
    static const px_header liar[] = { { "ce-id", "other" } };
    fold_world *w = *state;
    px_bytes good = fold_pack(w, "liar", 12, w->now_us, 0);
    unsigned refused = 0;

    fold_start(&w->a);
    send_text(w, "SetGroupMinimum", "\xff\xff\xff", NULL, 0);
    send_text(w, "SetGroupMinimum", "{", json, 1);
    send_text(w, "SetGroupMinimum", "", NULL, 0);
    send_text(w, "NoSuchThing", "x", NULL, 0);
    send_text(w, "Bundle", "\x0a\x7f", NULL, 0);
    fold_send(w, "acme", "SetGroupMinimum", good, liar, 1);
    fold_send(w, "acme", "SetGroupMinimum", (px_bytes){ px_arena_zalloc(&w->arena, 70000), 70000 },
              NULL, 0);
    fold_submit(w, "acme", "range", 2);
    fold_submit(w, "acme", "fine", 12);
    fold_settle(w);
    for (uint64_t seq = 1; seq <= fold_last(w, px_log_stream); seq++) {
        PraxisLog__Batch *batch = fold_batch(w, seq);

        for (size_t i = 0; i < batch->n_entries; i++)
            refused += batch->entries[i]->rejection != NULL;
    }
    assert_int_equal(refused, 8);
    assert_int_equal(fold_results_of(w, "", NULL), 5); /* and one as JSON */
    expect_answer(w, "liar", "HEADER_MISMATCH");
    expect_answer(w, "range", "FIELD_INVALID");
    expect_answer(w, "fine", "");
    finish(w);
}

static void actor_that_is_no_id__refused_and_not_kept(void **state)
{
    fold_world *w = *state;
    const char *text = "{\"submissionId\":\"who\",\"createdAt\":\"2026-01-05T00:00:00Z\","
                       "\"occurredAt\":\"2026-01-05T00:00:00Z\",\"actor\":\"Mary Canary\","
                       "\"setGroupMinimum\":{\"minimum\":7}}";
    static const px_header json[] = { { "Content-Type", "application/json" } };
    px_bus_msg *msg;

    fold_start(&w->a);
    send_text(w, "SetGroupMinimum", text, json, 1);
    fold_settle(w);
    assert_int_equal(px_bus_get(w->bus, px_log_stream, 1, &msg), PX_OK);
    assert_null(memmem(msg->data.data, msg->data.size, "Canary", 6));
    px_bus_msg_free(msg);
}

static void inbox__is_purged_when_decided(void **state)
{
    fold_world *w = *state;
    px_stream_info info;

    fold_start(&w->a);
    for (unsigned i = 0; i < 50; i++)
        fold_submit(w, "acme", px_arena_printf(&w->arena, "s-%u", i), 5);
    fold_settle(w);
    assert_int_equal(px_bus_stream_info(w->bus, "PRAXIS_INBOX_REPORTING", &info), PX_OK);
    assert_int_equal(info.messages, 0);
    finish(w);
}

/* ---- time ---- */

static void due_time__becomes_a_fact_once(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    assert_int_equal(fold_facts(w, WORLD_FACT_FOLLOW_UP, WORLD_FACT_FOLLOW_UP), 0);
    fold_pass_ms(w, 41000);
    fold_settle(w);
    fold_pass_ms(w, 410000);
    fold_settle(w);
    assert_int_equal(fold_facts(w, WORLD_FACT_FOLLOW_UP, WORLD_FACT_FOLLOW_UP), 1);
    finish(w);
}

static void idle_log__does_not_grow(void **state)
{
    fold_world *w = *state;
    uint64_t last;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3); /* marks a key that has nothing to say: progress is said */
    fold_settle(w);
    fold_pass_ms(w, 5000);
    fold_settle(w);
    last = fold_last(w, px_log_stream);
    assert_int_equal(last, 2);
    for (unsigned i = 0; i < 20; i++) {
        fold_pass_ms(w, 60000);
        fold_settle(w);
    }
    assert_int_equal(fold_last(w, px_log_stream), last);
    finish(w);
}

static void repeats__are_progress_and_leave_the_inbox(void **state)
{
    fold_world *w = *state;
    px_bytes bytes = fold_pack(w, "one", 12, w->now_us, 0);
    px_stream_info info;

    fold_start(&w->a);
    for (unsigned i = 0; i < 400; i++)
        fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_settle(w);
    for (unsigned i = 0; i < 400; i++)
        fold_send(w, "acme", "SetGroupMinimum", bytes, NULL, 0);
    fold_settle(w);
    assert_int_equal(px_bus_stream_info(w->bus, "PRAXIS_INBOX_REPORTING", &info), PX_OK);
    assert_int_equal(info.messages, 0);
    assert_int_equal(fold_answers_of(w, "one"), 401);
    finish(w);
}

static void event_clock__now_is_the_latest_accepted_moment(void **state)
{
    fold_world *w = *state;
    int64_t day = WORLD_START_US - 400 * DAY_US;

    w->a.event_clock = true;
    fold_start(&w->a);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "first", 12, day, 0), NULL, 0);
    fold_settle(w);
    assert_int_equal(fold_batch(w, 1)->decided_at_us, day);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "jump", 12, day + 367 * DAY_US, 0), NULL,
              0);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "bad", 99, day + 300 * DAY_US, 0), NULL,
              0);
    fold_settle(w);
    expect_answer(w, "jump", "OCCURRED_AT_OUT_OF_RANGE");
    expect_answer(w, "bad", "MINIMUM_LOWERED");
    assert_int_equal(fold_batch(w, fold_last(w, px_log_stream))->decided_at_us, day);
    assert_int_equal(fold_facts(w, WORLD_FACT_FOLLOW_UP, WORLD_FACT_FOLLOW_UP), 0);
    fold_send(w, "acme", "SetGroupMinimum", fold_pack(w, "next", 12, day + DAY_US, 0), NULL, 0);
    fold_settle(w);
    assert_int_equal(fold_facts(w, WORLD_FACT_FOLLOW_UP, WORLD_FACT_FOLLOW_UP), 0);
    assert_int_equal(fold_facts(w, WORLD_FACT_SAID, WORLD_FACT_SAID + 999), 2);
    finish(w);
}

/* ---- questions ---- */

static px_reason ask(fold_world *w, const char *tenant, const char *question, px_bytes bytes)
{
    px_reason refused;
    px_bytes reply;

    (void)px_fold_query(w->a.fold, tenant, question, bytes, false, &w->arena, &reply, &refused);
    return refused;
}

static void questions__not_ready_then_answered_then_refused_by_name(void **state)
{
    fold_world *w = *state;
    Praxis__GetResult q = PRAXIS__GET_RESULT__INIT;
    px_bytes bytes;
    char tenant[3000];

    q.source = (char *)(uintptr_t) "hr";
    q.submission_id = (char *)(uintptr_t) "one";
    bytes = px_codec_pack(&q.base, &w->arena);
    fold_start(&w->a);
    assert_int_equal(ask(w, "acme", "GetResult", bytes), PX_REASON_NOT_READY);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    assert_int_equal(ask(w, "acme", "GetResult", bytes), PX_REASON_NONE);
    assert_int_equal(ask(w, "beta", "GetResult", bytes), PX_REASON_NOT_FOUND);
    assert_int_equal(ask(w, "acme", "GetNothing", bytes), PX_REASON_UNKNOWN_QUESTION);
    assert_int_equal(ask(w, "acme", "GetResult", (px_bytes){ "\xff", 1 }), PX_REASON_MALFORMED);
    memset(tenant, 'x', sizeof tenant);
    tenant[sizeof tenant - 1] = 0;
    assert_int_equal(ask(w, tenant, "GetResult", bytes), PX_REASON_FORBIDDEN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(submission__becomes_facts_a_result_and_events),
        TEST(sent_again__same_result_and_no_new_fact),
        TEST(id_with_other_content__refused_once_and_first_answer_stays),
        TEST(created_at_out_of_range__refused_and_id_stays_free),
        TEST(id_after_35_days__forgotten_but_the_old_submission_is_refused),
        TEST(after_seq__waits_for_the_log_and_is_refused_beyond_its_end),
        TEST(bundle__each_has_its_result_in_one_batch),
        TEST(bundle_larger_than_a_batch__is_decided_as_far_as_it_fits),
        TEST(bundles_known_already__many_more_than_a_round_answers),
        TEST(bad_input__one_result_each_and_the_daemon_goes_on),
        TEST(actor_that_is_no_id__refused_and_not_kept),
        TEST(inbox__is_purged_when_decided),
        TEST(due_time__becomes_a_fact_once),
        TEST(idle_log__does_not_grow),
        TEST(repeats__are_progress_and_leave_the_inbox),
        TEST(event_clock__now_is_the_latest_accepted_moment),
        TEST(questions__not_ready_then_answered_then_refused_by_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
