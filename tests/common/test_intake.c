/* Every way a message can be refused before anything is decided, and what is read of a good one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_impl.h"
#include "common/codec.h"
#include "common/intake.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "tests/common/fold_world.h"

static const char subject[] = "praxis.v1.acme.submit.reporting.SetGroupMinimum.hr";
static const char bundle_subject[] = "praxis.v1.acme.submit.reporting.Bundle.hr";
static const px_header json[] = { { "Content-Type", "application/json; charset=utf-8" } };

/* Through the bus, so that it is a message as the daemon gets it. */
static px_bus_msg *receive(fold_world *w, const char *to, px_bytes bytes, const px_header *headers,
                           size_t header_count)
{
    px_stream_config config = { .name = "ANY",
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED };
    const char *subjects[] = { "praxis.>" };
    px_bus_out out = {
        .subject = to, .data = bytes, .headers = headers, .header_count = header_count
    };
    px_bus_ack ack;
    px_bus_msg *msg;

    config.subjects = subjects;
    assert_int_equal(px_bus_stream_ensure(w->bus, &config), PX_OK);
    assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(px_bus_get(w->bus, "ANY", ack.seq, &msg), PX_OK);
    msg->seq = 42;
    return msg;
}

static px_intake *read_many(fold_world *w, const char *to, px_bytes bytes, const px_header *headers,
                            size_t header_count, size_t *count)
{
    px_bus_msg *msg = receive(w, to, bytes, headers, header_count);
    px_intake *intakes;

    *count = px_intake_read(&w->a.service, msg, &w->arena, &intakes);
    px_bus_msg_free(msg);
    return intakes;
}

static px_intake *read_one(fold_world *w, const char *to, px_bytes bytes, const px_header *headers,
                           size_t header_count)
{
    size_t count;
    px_intake *intake = read_many(w, to, bytes, headers, header_count, &count);

    assert_int_equal(count, 1);
    return intake;
}

static void expect(const px_intake *intake, px_reason reason, const char *field)
{
    assert_string_equal(px_reason_code(intake->verdict.reason), px_reason_code(reason));
    assert_string_equal(intake->verdict.field, field);
}

static px_bytes text(const char *string)
{
    return (px_bytes){ string, strlen(string) };
}

static void good_one__is_read(void **state)
{
    fold_world *w = *state;
    px_intake *intake = read_one(w, subject, fold_pack(w, "one", 7, WORLD_START_US, 9), NULL, 0);

    expect(intake, PX_REASON_NONE, "");
    assert_string_equal(intake->tenant, "acme");
    assert_string_equal(intake->source, "hr");
    assert_string_equal(intake->id, "one");
    assert_string_equal(intake->actor, "system");
    assert_int_equal(intake->created_at_us, WORLD_START_US);
    assert_int_equal(intake->after_seq, 9);
    assert_int_equal(intake->inbox_seq, 42);
    assert_false(intake->json);
}

static void json_and_binary__have_one_digest_whatever_after_seq_says(void **state)
{
    fold_world *w = *state;
    const char *same = "{ \"submissionId\": \"one\", \"createdAt\": \"2026-01-05T00:00:00Z\", "
                       "\"occurredAt\": \"2026-01-05T00:00:00.000Z\", \"actor\": \"system\", "
                       "\"setGroupMinimum\": {\"minimum\": 7} }";
    px_intake *a = read_one(w, subject, fold_pack(w, "one", 7, WORLD_START_US, 9), NULL, 0);
    px_intake *b = read_one(w, subject, text(same), json, 1);
    px_intake *c = read_one(w, subject, fold_pack(w, "one", 8, WORLD_START_US, 9), NULL, 0);

    expect(b, PX_REASON_NONE, "");
    assert_true(b->json);
    assert_int_equal(px_intake_digest(a, &w->a.service, NULL, NULL, &w->arena), PX_OK);
    assert_int_equal(px_intake_digest(b, &w->a.service, NULL, NULL, &w->arena), PX_OK);
    assert_int_equal(px_intake_digest(c, &w->a.service, NULL, NULL, &w->arena), PX_OK);
    assert_memory_equal(a->digest, b->digest, PX_DIGEST_SIZE);
    assert_memory_not_equal(a->digest, c->digest, PX_DIGEST_SIZE);
}

/* Without an id there is only the digest of the bytes to name it by. */
static void bytes_that_cannot_be_read__are_named_by_digest(void **state)
{
    static const struct {
        const char *bytes;
        bool json;
        px_reason reason;
        const char *field;
    } rows[] = {
        { "\xff\xff", false, PX_REASON_MALFORMED, "" },
        { "", false, PX_REASON_FIELD_MISSING, "submission_id" },
        { "\x0a\x02\xc3\x28", false, PX_REASON_BAD_UTF8, "submission_id" },
        { "\x0a\x03"
          "a b",
          false, PX_REASON_FIELD_INVALID, "submission_id" },
        { "\xf8\x3f\x01", false, PX_REASON_UNKNOWN_FIELD, "1023" },
        { "{", true, PX_REASON_MALFORMED, "" },
        { "{\"nope\":1}", true, PX_REASON_UNKNOWN_FIELD, "nope" },
        { "{\"submissionId\":\"a\xff\"}", true, PX_REASON_BAD_UTF8, "submission_id" },
    };
    fold_world *w = *state;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_intake *intake = read_one(w, subject, text(rows[i].bytes), json, rows[i].json ? 1 : 0);
        uint8_t digest[PX_DIGEST_SIZE];

        expect(intake, rows[i].reason, rows[i].field);
        assert_string_equal(intake->id, "");
        assert_null(intake->message);
        px_chain_digest(text(rows[i].bytes), digest);
        assert_memory_equal(intake->digest, digest, sizeof digest);
    }
}

static void too_large__is_refused_unread(void **state)
{
    fold_world *w = *state;
    size_t size = PX_SUBMISSION_BYTES_MAX + 1;
    px_bytes bytes = { px_arena_zalloc(&w->arena, size), size };

    expect(read_one(w, subject, bytes, NULL, 0), PX_REASON_TOO_LARGE, "");
    expect(read_one(w, subject, bytes, json, 1), PX_REASON_TOO_LARGE, "");
}

static void too_deep__is_refused(void **state)
{
    fold_world *w = *state;
    char deep[400] = "{\"setGroupMinimum\":";
    size_t used = strlen(deep);

    memset(deep + used, '[', 300);
    assert_int_equal(read_one(w, subject, text(deep), json, 1)->id[0], 0);
    assert_int_not_equal(read_one(w, subject, text(deep), json, 1)->verdict.reason, PX_REASON_NONE);
}

static void subject__decides_the_type(void **state)
{
    fold_world *w = *state;
    px_bytes good = fold_pack(w, "one", 7, WORLD_START_US, 0);
    px_intake *intake;

    expect(read_one(w, "praxis.v1.acme.submit.reporting.Nothing.hr", good, NULL, 0),
           PX_REASON_UNKNOWN_TYPE, "");
    intake = read_one(w, "praxis.v1.ac$me.submit.reporting.SetGroupMinimum.hr", good, NULL, 0);
    expect(intake, PX_REASON_UNKNOWN_TYPE, "");
    assert_string_equal(intake->tenant, "");
    static const char *const others[] = {
        "praxis.v1.acme.submit.competency.SetGroupMinimum.hr",
        "praxis.v1.acme.submit.reporting.SetGroupMinimum",
        "praxis.v1.acme.submit.reporting.SetGroupMinimum.hr.more",
        "praxis.v2.acme.submit.reporting.SetGroupMinimum.hr",
        "praxis.v1.acme.event.reporting.SetGroupMinimum.hr",
        "praxis.v1.acme.submit.reporting.SetGroupMinimum.h$r",
    };
    for (size_t i = 0; i < PX_COUNT(others); i++)
        expect(read_one(w, others[i], good, NULL, 0), PX_REASON_UNKNOWN_TYPE, "");
}

static void field__missing_or_out_of_range(void **state)
{
    fold_world *w = *state;
    const char *no_body = "{\"submissionId\":\"one\",\"createdAt\":\"2026-01-05T00:00:00Z\","
                          "\"occurredAt\":\"2026-01-05T00:00:00Z\",\"actor\":\"system\"}";
    const char *no_times = "{\"submissionId\":\"one\",\"actor\":\"system\","
                           "\"setGroupMinimum\":{\"minimum\":7}}";
    px_intake *intake;

    intake = read_one(w, subject, fold_pack(w, "one", 2, WORLD_START_US, 0), NULL, 0);
    expect(intake, PX_REASON_FIELD_INVALID, "minimum");
    assert_string_equal(intake->id, "one");
    expect(read_one(w, subject, text(no_body), json, 1), PX_REASON_FIELD_MISSING, "body");
    expect(read_one(w, subject, text(no_times), json, 1), PX_REASON_FIELD_MISSING, "created_at");
}

static void header__may_be_absent_but_not_contradict(void **state)
{
    static const struct {
        const char *name, *value;
        px_reason reason;
    } rows[] = {
        { "ce-specversion", "1.0", PX_REASON_NONE },
        { "ce-specversion", "0.3", PX_REASON_HEADER_MISMATCH },
        { "ce-id", "one", PX_REASON_NONE },
        { "ce-id", "two", PX_REASON_HEADER_MISMATCH },
        { "ce-type", "praxis.reporting.v1.SetGroupMinimum", PX_REASON_NONE },
        { "ce-type", "praxis.reporting.v1.Other", PX_REASON_HEADER_MISMATCH },
        { "ce-subject", "whatever", PX_REASON_NONE },
    };
    fold_world *w = *state;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_header header = { rows[i].name, rows[i].value };

        expect(read_one(w, subject, fold_pack(w, "one", 7, WORLD_START_US, 0), &header, 1),
               rows[i].reason, "");
    }
}

static void bundle__is_read_one_by_one(void **state)
{
    fold_world *w = *state;
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    px_bytes good = fold_pack(w, "one", 7, WORLD_START_US, 0);
    ProtobufCBinaryData items[3] = { { good.size, (uint8_t *)(uintptr_t)good.data },
                                     { 1, (uint8_t *)(uintptr_t) "\xff" },
                                     { good.size, (uint8_t *)(uintptr_t)good.data } };
    px_intake *intakes;
    size_t count;

    bundle.submissions = items;
    bundle.n_submissions = 3;
    intakes = read_many(w, bundle_subject, px_codec_pack(&bundle.base, &w->arena), json, 1, &count);
    assert_int_equal(count, 3);
    expect(&intakes[0], PX_REASON_NONE, "");
    expect(&intakes[1], PX_REASON_MALFORMED, "");
    expect(&intakes[2], PX_REASON_NONE, "");
    assert_int_equal(intakes[2].bundle_index, 2);
    assert_false(intakes[0].json);
}

static px_bytes bundle_of(fold_world *w, size_t count)
{
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    ProtobufCBinaryData items[3];

    for (size_t i = 0; i < count; i++) {
        px_bytes one = fold_pack(w, "one", 7, WORLD_START_US, 0);

        items[i] = (ProtobufCBinaryData){ one.size, (uint8_t *)(uintptr_t)one.data };
    }
    bundle.submissions = items;
    bundle.n_submissions = count;
    return px_codec_pack(&bundle.base, &w->arena);
}

/* It says that it ran out, or reads what it reads with enough: a round then takes less at once. */
static void message__is_read_in_any_memory_or_not(void **state)
{
    fold_world *w = *state;
    const char *good = "{ \"submissionId\": \"one\", \"createdAt\": \"2026-01-05T00:00:00Z\", "
                       "\"occurredAt\": \"2026-01-05T00:00:00Z\", \"actor\": \"system\", "
                       "\"setGroupMinimum\": {\"minimum\": 7} }";
    const struct {
        px_bus_msg *msg;
        size_t count;
    } rows[] = {
        { receive(w, subject, text(good), json, 1), 1 },
        { receive(w, bundle_subject, bundle_of(w, 3), NULL, 0), 3 },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        size_t enough = 0;

        for (size_t size = 0; size < 16 * 1024; size += 32) {
            px_intake *intakes = NULL;
            px_arena arena;

            assert_true(px_arena_init(&arena, size));
            size_t count = px_intake_read(&w->a.service, rows[i].msg, &arena, &intakes);
            if (!px_arena_overflowed(&arena)) {
                assert_int_equal(count, rows[i].count);
                expect(&intakes[count - 1], PX_REASON_NONE, "");
                assert_string_equal(intakes[count - 1].tenant, "acme");
                enough++;
            }
            px_arena_fini(&arena);
        }
        assert_true(enough > 0);
        px_bus_msg_free(rows[i].msg);
    }
}

static void bundle_that_is_none__has_one_result(void **state)
{
    fold_world *w = *state;
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    ProtobufCBinaryData *items = px_arena_alloc(&w->arena, 257 * sizeof *items);
    px_intake *intake;

    expect(read_one(w, bundle_subject, text("\xff"), NULL, 0), PX_REASON_MALFORMED, "");
    intake = read_one(w, bundle_subject, text(""), NULL, 0);
    assert_int_not_equal(intake->verdict.reason, PX_REASON_NONE);
    for (size_t i = 0; i < 257; i++)
        items[i] = (ProtobufCBinaryData){ 1, (uint8_t *)(uintptr_t) "x" };
    bundle.submissions = items;
    bundle.n_submissions = 257;
    expect(read_one(w, bundle_subject, px_codec_pack(&bundle.base, &w->arena), NULL, 0),
           PX_REASON_TOO_MANY_ITEMS, "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(good_one__is_read),
        TEST(json_and_binary__have_one_digest_whatever_after_seq_says),
        TEST(bytes_that_cannot_be_read__are_named_by_digest),
        TEST(too_large__is_refused_unread),
        TEST(too_deep__is_refused),
        TEST(subject__decides_the_type),
        TEST(field__missing_or_out_of_range),
        TEST(header__may_be_absent_but_not_contradict),
        TEST(bundle__is_read_one_by_one),
        TEST(message__is_read_in_any_memory_or_not),
        TEST(bundle_that_is_none__has_one_result),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
