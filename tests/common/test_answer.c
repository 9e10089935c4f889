/* test_answer.c: what a question is told that has no answer: why, and in its own encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/answer.h"
#include "common/codec.h"
#include "praxis/common/v1/result.pb-c.h"
#include "tests/common/store_fixture.h"

enum { ROOM = 4 * 1024 * 1024 };

static px_status answer_nothing(const px_view *state, const px_request *req, px_reply *reply)
{
    (void)state;
    (void)req;
    (void)reply;
    return PX_OK;
}

static px_status answer_failing(const px_view *state, const px_request *req, px_reply *reply)
{
    (void)state;
    (void)req;
    (void)px_reply_new(reply, &praxis__query_error__descriptor);
    return PX_EIO;
}

/* As many bytes as the question's source says. */
static px_status answer_long(const px_view *state, const px_request *req, px_reply *reply)
{
    const Praxis__GetResult *q = req->body;
    size_t size = strtoul(q->source, NULL, 10);
    Praxis__QueryError *answer = px_reply_new(reply, &praxis__query_error__descriptor);
    char *text = px_arena_zalloc(req->arena, size + 1);

    (void)state;
    if (!text)
        return PX_ENOMEM;
    memset(text, 'x', size);
    answer->text = text;
    return PX_OK;
}

static const px_query_row rows[] = {
    { "GetNothing", &praxis__get_result__descriptor, answer_nothing },
    { "GetFailing", &praxis__get_result__descriptor, answer_failing },
    { "GetLong", &praxis__get_result__descriptor, answer_long },
};

static const px_service service = { .name = "any", .queries = rows, .query_count = PX_COUNT(rows) };

static px_arena arena;

static int setup(void **state)
{
    return px_arena_init(&arena, ROOM) ? store_fixture_setup(state) : -1;
}

static int teardown(void **state)
{
    px_arena_fini(&arena);
    return store_fixture_teardown(state);
}

static px_question question_of(const char *name, const char *json)
{
    return (
        px_question){ .tenant = "acme", .name = name, .bytes = fixture_text(json), .json = true };
}

static px_answer ask(store_fixture *f, const px_question *question)
{
    px_arena_reset(&arena);
    return px_answer_question(&service, f->store, NULL, true, question, &arena);
}

static void expect(store_fixture *f, const px_question *question, px_reason reason)
{
    px_answer answer = ask(f, question);

    assert_string_equal(px_reason_code(answer.refused), px_reason_code(reason));
}

static const char who[] = "{\"source\":\"hr\",\"submissionId\":\"s1\"}";

static void question__is_refused_for_what_is_wrong_with_it(void **state)
{
    static const struct {
        const char *tenant, *name, *json;
        px_reason reason;
    } cases[] = {
        { "ac$me", "GetNothing", who, PX_REASON_FORBIDDEN },
        { "", "GetNothing", who, PX_REASON_FORBIDDEN },
        { "acme", "GetOther", who, PX_REASON_UNKNOWN_QUESTION },
        { "acme", "GetNothing", "{", PX_REASON_MALFORMED },
        { "acme", "GetNothing", "{\"colour\":1}", PX_REASON_UNKNOWN_FIELD },
        { "acme", "GetNothing", "{\"source\":\"a b\"}", PX_REASON_FIELD_INVALID },
        { "acme", "GetResult", who, PX_REASON_NOT_FOUND },
        { "acme", "GetNothing", who, PX_REASON_NOT_FOUND },
        { "acme", "GetFailing", who, PX_REASON_NOT_FOUND },
    };

    for (size_t i = 0; i < PX_COUNT(cases); i++) {
        px_question q = question_of(cases[i].name, cases[i].json);

        q.tenant = cases[i].tenant;
        expect(*state, &q, cases[i].reason);
    }
}

static void question__waits_for_a_state_that_is_as_new(void **state)
{
    store_fixture *f = *state;
    px_question q = question_of("GetLong", who);
    px_answer answer;

    q.after_seq = 1;
    expect(f, &q, PX_REASON_NOT_READY);
    q.after_seq = 0;
    expect(f, &q, PX_REASON_NONE);
    px_arena_reset(&arena);
    answer = px_answer_question(&service, f->store, NULL, false, &q, &arena);
    assert_int_equal(answer.refused, PX_REASON_NOT_READY);
}

/* What no message carries, and what no memory holds, are both too large; nothing is cut off. */
static void answer__is_whole_or_too_large(void **state)
{
    static const struct {
        const char *json;
        px_reason reason;
    } cases[] = {
        { "{\"source\":\"1000\",\"submissionId\":\"s1\"}", PX_REASON_NONE },
        { "{\"source\":\"983000\",\"submissionId\":\"s1\"}", PX_REASON_NONE },
        { "{\"source\":\"983040\",\"submissionId\":\"s1\"}", PX_REASON_TOO_LARGE },
        { "{\"source\":\"3000000\",\"submissionId\":\"s1\"}", PX_REASON_TOO_LARGE },
        { "{\"source\":\"5000000\",\"submissionId\":\"s1\"}", PX_REASON_TOO_LARGE },
    };

    for (size_t i = 0; i < PX_COUNT(cases); i++) {
        px_question q = question_of("GetLong", cases[i].json);

        expect(*state, &q, cases[i].reason);
    }
}

static void refusal__is_in_the_encoding_of_the_question(void **state)
{
    px_question q = question_of("GetOther", who);
    px_answer answer = ask(*state, &q);

    assert_non_null(strstr(answer.bytes.data, "\"code\":\"UNKNOWN_QUESTION\""));
    q.json = false;
    answer = ask(*state, &q);
    const Praxis__QueryError *error = (const Praxis__QueryError *)px_codec_unpack(
        &praxis__query_error__descriptor, answer.bytes, &arena);
    assert_string_equal(error->code, "UNKNOWN_QUESTION");
    assert_string_equal(error->text, answer.text);
}

static void refusal__without_memory_says_why_all_the_same(void **state)
{
    store_fixture *f = *state;
    px_question q = question_of("GetOther", who);
    px_arena none;

    assert_true(px_arena_init(&none, 0));
    px_answer answer = px_answer_question(&service, f->store, NULL, true, &q, &none);
    assert_int_equal(answer.refused, PX_REASON_UNKNOWN_QUESTION);
    assert_int_equal(answer.bytes.size, 0);
    px_arena_fini(&none);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(question__is_refused_for_what_is_wrong_with_it),
        CASE(question__waits_for_a_state_that_is_as_new),
        CASE(answer__is_whole_or_too_large),
        CASE(refusal__is_in_the_encoding_of_the_question),
        CASE(refusal__without_memory_says_why_all_the_same),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
