/* test_codec_json.c: the protobuf JSON mapping, both ways. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/common/codec_fixture.h"

enum { ARENA_BYTES = 4 * 1024 * 1024 };

static const ProtobufCMessageDescriptor *const SUBMISSION = &review_cycle__submission__descriptor;

static px_arena arena;
static px_codec_error error;

static int setup(void **state)
{
    (void)state;
    return px_arena_init(&arena, ARENA_BYTES) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    px_arena_fini(&arena);
    return 0;
}

static ProtobufCMessage *from_json(const ProtobufCMessageDescriptor *type, const char *text)
{
    return px_codec_from_json(type, text_bytes(text), &px_submission_limits, &arena, &error);
}

static every *every_from(const char *text)
{
    every *e = (every *)from_json(&every_descriptor, text);

    if (!e)
        fail_msg("%s %s: %s", px_reason_code(error.reason), error.field, text);
    return e;
}

static void assert_refused(const ProtobufCMessageDescriptor *type, const char *text,
                           px_reason reason, const char *field)
{
    if (from_json(type, text))
        fail_msg("accepted: %s", text);
    if (error.reason != reason || strcmp(error.field, field) != 0)
        fail_msg("%s %s: %s", px_reason_code(error.reason), error.field, text);
}

static void assert_same_bytes(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    px_bytes left = px_codec_pack(a, &arena);
    px_bytes right = px_codec_pack(b, &arena);

    assert_int_equal(left.size, right.size);
    assert_memory_equal(left.data, right.data, left.size);
}

static void assert_reads_back(const ProtobufCMessage *message)
{
    for (int pretty = 0; pretty < 2; pretty++) {
        const char *text = px_codec_to_json(message, pretty, &arena);
        const ProtobufCMessage *again = from_json(message->descriptor, text);
        if (!again)
            fail_msg("%s %s: %s", px_reason_code(error.reason), error.field, text);
        assert_same_bytes(message, again);
    }
}

/* ---- both ways ---- */

static void json__says_a_submission_in_camel_case(void **state)
{
    (void)state;
    static const char expected[] =
        "{\"submissionId\":\"submission-1\",\"createdAt\":\"2025-06-15T15:06:40.123456Z\","
        "\"occurredAt\":\"2025-06-15T15:06:40.123456Z\",\"actor\":\"mia\",\"submitReview\":{"
        "\"reviewId\":\"review-1\",\"cycleId\":\"cycle-2025-h1\",\"subjectId\":\"ann\","
        "\"relation\":\"RELATION_MANAGER\",\"ratings\":[{\"competencyId\":\"planning\",\"value\":4}"
        ","
        "{\"competencyId\":\"writing\",\"value\":-2}],\"comment\":{\"plain\":"
        "\"Plans well.\\nWrites r\303\251sum\303\251s.\"}}}";
    const ProtobufCMessage *sub = &review_submission(&arena)->base;

    assert_string_equal(px_codec_to_json(sub, false, &arena), expected);
    assert_reads_back(sub);
}

static void json__indents_by_two(void **state)
{
    (void)state;
    every *e = every_new(&arena);
    uint32_t numbers[] = { 1, 2 };

    e->a_bool = true;
    e->j_message = every_new(&arena);
    e->r_numbers = numbers;
    e->n_r_numbers = 2;
    assert_string_equal(px_codec_to_json(&e->base, true, &arena),
                        "{\n  \"aBool\": true,\n  \"jMessage\": {},\n  \"rNumbers\": [\n    1,\n"
                        "    2\n  ]\n}");
}

static void json__carries_every_kind_of_field(void **state)
{
    (void)state;
    uint32_t numbers[] = { 0, UINT32_MAX };
    double doubles[] = { 0, -0.0, 0.1, DBL_MAX };
    every *e = every_new(&arena);
    every *items[] = { every_new(&arena), every_new(&arena) };

    *e = (every){
        .base = e->base,
        .a_bool = true,
        .b_bytes = { 4, (uint8_t *)(uintptr_t) "\xff\xfe\0z" },
        .c_double = 1.0 / 3,
        .d_enum = EVERY_MINUS,
        .e_fixed32 = UINT32_MAX,
        .f_fixed64 = UINT64_MAX,
        .g_float = 0.1f,
        .h_int32 = INT32_MIN,
        .i_int64 = INT64_MIN,
        .j_message = every_new(&arena),
        .k_sfixed32 = -1,
        .l_sfixed64 = INT64_MAX,
        .m_sint32 = INT32_MIN,
        .n_sint64 = INT64_MIN,
        .o_string = px_arena_strdup(&arena, "\"\\/\t"),
        .p_uint32 = UINT32_MAX,
        .q_uint64 = UINT64_MAX,
        .n_r_numbers = 2,
        .r_numbers = numbers,
        .n_s_doubles = 4,
        .s_doubles = doubles,
        .n_t_messages = 2,
        .t_messages = items,
        .n_u_fixed = 2,
        .u_fixed = numbers,
        .choice_case = 22,
        .v_one = -0.0,
    };
    items[1]->choice_case = 23; /* the other member, empty but set */
    items[1]->w_other = e->j_message->o_string;
    assert_reads_back(&e->base);
    e->d_enum = 12; /* nobody's value stays a number */
    assert_reads_back(&e->base);
}

static void double__comes_out_as_short_as_it_reads_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        { 0.1, "{\"cDouble\":0.1}" },
        { 1.0 / 3, "{\"cDouble\":0.3333333333333333}" },
        { 0.1 + 0.2, "{\"cDouble\":0.30000000000000004}" },
        { 5, "{\"cDouble\":5}" },
        { 1e300, "{\"cDouble\":1e+300}" },
        { -2.5, "{\"cDouble\":-2.5}" },
        { DBL_TRUE_MIN, "{\"cDouble\":4.94065645841247e-324}" },
        { NAN, "{\"cDouble\":\"NaN\"}" },
        { -INFINITY, "{\"cDouble\":\"-Infinity\"}" },
    };
    every *e = every_new(&arena);

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        e->c_double = rows[i].value;
        assert_string_equal(px_codec_to_json(&e->base, false, &arena), rows[i].text);
        if (isfinite(rows[i].value))
            assert_reads_back(&e->base);
    }
}

static void json__takes_its_other_spellings(void **state)
{
    (void)state;
    assert_true(every_from("{\"a_bool\":true}")->a_bool);
    assert_int_equal(every_from("{\"hInt32\":\"-7\"}")->h_int32, -7);
    assert_int_equal(every_from("{\"hInt32\":1e3}")->h_int32, 1000);
    assert_int_equal(every_from("{\"iInt64\":-9}")->i_int64, -9);
    assert_int_equal(every_from("{\"qUint64\":\"18446744073709551615\"}")->q_uint64, UINT64_MAX);
    assert_int_equal(every_from("{\"dEnum\":\"EVERY_ONE\"}")->d_enum, EVERY_ONE);
    assert_int_equal(every_from("{\"dEnum\":1}")->d_enum, EVERY_ONE);
    assert_true(every_from("{\"cDouble\":\"1.5\"}")->c_double == 1.5);
    assert_true(every_from("{\"cDouble\":3}")->c_double == 3);
    assert_null(every_from("{\"jMessage\":null,\"tMessages\":null}")->j_message);
    assert_string_equal(every_from("{\"oString\":\"\\ud83c\\udf93 \\u00e9\"}")->o_string,
                        "\xf0\x9f\x8e\x93 \xc3\xa9");
    assert_int_equal(every_from(" {\n} ")->n_t_messages, 0);
}

static void bytes__are_taken_in_both_alphabets(void **state)
{
    (void)state;
    static const char *const rows[] = { "{\"bBytes\":\"+/8=\"}", "{\"bBytes\":\"+/8\"}",
                                        "{\"bBytes\":\"-_8=\"}", "{\"bBytes\":\"-_8\"}" };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        every *e = every_from(rows[i]);
        assert_int_equal(e->b_bytes.len, 2);
        assert_memory_equal(e->b_bytes.data, "\xfb\xff", 2);
    }
    assert_int_equal(every_from("{\"bBytes\":\"\"}")->b_bytes.len, 0);
}

/* ---- refusals ---- */

static void json__refuses_values_of_the_wrong_kind(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        px_reason reason;
        const char *field;
    } rows[] = {
        { "{\"aBool\":1}", PX_REASON_MALFORMED, "a_bool" },
        { "{\"aBool\":\"true\"}", PX_REASON_MALFORMED, "a_bool" },
        { "{\"oString\":1}", PX_REASON_MALFORMED, "o_string" },
        { "{\"bBytes\":[1]}", PX_REASON_MALFORMED, "b_bytes" },
        { "{\"bBytes\":\"+_8=\"}", PX_REASON_FIELD_INVALID, "b_bytes" },
        { "{\"bBytes\":\"a\"}", PX_REASON_FIELD_INVALID, "b_bytes" },
        { "{\"bBytes\":\"ab c\"}", PX_REASON_FIELD_INVALID, "b_bytes" },
        { "{\"hInt32\":true}", PX_REASON_MALFORMED, "h_int32" },
        { "{\"hInt32\":2147483648}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":-2147483649}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":1.5}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":\"\"}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":\"-\"}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":\"+1\"}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"hInt32\":\" 1\"}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"pUint32\":-1}", PX_REASON_FIELD_INVALID, "p_uint32" },
        { "{\"pUint32\":4294967296}", PX_REASON_FIELD_INVALID, "p_uint32" },
        { "{\"qUint64\":\"18446744073709551616\"}", PX_REASON_FIELD_INVALID, "q_uint64" },
        { "{\"iInt64\":\"9223372036854775808\"}", PX_REASON_FIELD_INVALID, "i_int64" },
        { "{\"iInt64\":9223372036854775808}", PX_REASON_FIELD_INVALID, "i_int64" },
        { "{\"iInt64\":1e19}", PX_REASON_FIELD_INVALID, "i_int64" },
        { "{\"dEnum\":\"EVERY_TWO\"}", PX_REASON_FIELD_INVALID, "d_enum" },
        { "{\"dEnum\":\"1\"}", PX_REASON_FIELD_INVALID, "d_enum" },
        { "{\"cDouble\":\"NaN\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":\"Infinity\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":\"1e999\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":1e999}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":\"0x1p3\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":\"\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":NaN}", PX_REASON_MALFORMED, "c_double" },
        { "{\"cDouble\":\"-\"}", PX_REASON_FIELD_INVALID, "c_double" },
        { "{\"cDouble\":true}", PX_REASON_MALFORMED, "c_double" },
        { "{\"hInt32\":1e300}", PX_REASON_FIELD_INVALID, "h_int32" },
        { "{\"gFloat\":\"1e39\"}", PX_REASON_FIELD_INVALID, "g_float" },
        { "{\"dEnum\":1.5}", PX_REASON_FIELD_INVALID, "d_enum" },
        { "{\"jMessage\":7}", PX_REASON_MALFORMED, "j_message" },
        { "{\"gFloat\":1e39}", PX_REASON_FIELD_INVALID, "g_float" },
        { "{\"jMessage\":[]}", PX_REASON_MALFORMED, "j_message" },
        { "{\"tMessages\":{}}", PX_REASON_MALFORMED, "t_messages" },
        { "{\"tMessages\":[{},null]}", PX_REASON_MALFORMED, "t_messages[1]" },
        { "{\"tMessages\":[{},{\"aBool\":0}]}", PX_REASON_MALFORMED, "t_messages[1].a_bool" },
        { "{\"rNumbers\":[1,-1]}", PX_REASON_FIELD_INVALID, "r_numbers[1]" },
        { "{\"vOne\":1,\"wOther\":\"\"}", PX_REASON_MALFORMED, "w_other" },
        { "[]", PX_REASON_MALFORMED, "" },
        { "\"text\"", PX_REASON_MALFORMED, "" },
        { "null", PX_REASON_MALFORMED, "" },
        { "", PX_REASON_MALFORMED, "" },
        { "{} {}", PX_REASON_MALFORMED, "" },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_refused(&every_descriptor, rows[i].text, rows[i].reason, rows[i].field);
}

static void json__names_the_place_of_broken_syntax(void **state)
{
    (void)state;
    assert_refused(SUBMISSION, "{\"actor\":\"a\",\"submitReview\":{\"ratings\":[{},{\"value\":}]}}",
                   PX_REASON_MALFORMED, "ratings[1].value");
    assert_refused(SUBMISSION, "{\"actor\":\"a", PX_REASON_MALFORMED, "actor");
    assert_refused(SUBMISSION, "{\"submitReview\":{\"ratings\":[{\"value\":1e999}]}}",
                   PX_REASON_FIELD_INVALID, "ratings[0].value");
}

/* Only as far as the names are ones: what is no name is repeated to nobody. */
static void json__names_no_place_that_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *field;
    } rows[] = {
        { "{\"submitReview\":{\"colour\":{\"deep\":[", "colour" },
        { "{\"submitReview\":{\"a b\":{\"deep\":[", "submit_review" },
        { "{\"submitReview\":{\"\":{\"deep\":[", "submit_review" },
        { "{\"submitReview\":{\"c\\u006f\":1,", "submit_review" },
        { "{\"submitReview\":{", "submit_review" },
        { "{\"actor\":\"a\\", "actor" },
        { "]}]{\"actor\":", "" },
        { "{\"an_unknown_name_that_is_much_longer_than_any_that_could_be_shown_to_anybody\":{",
          "" },
        { "{\"anUnknownNameOfCapitalsThatIsLongerThanAnyThatTheContractHasEverUsedForAMember\":[",
          "" },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_refused(SUBMISSION, rows[i].text, PX_REASON_MALFORMED, rows[i].field);
}

static void json__refuses_a_name_twice(void **state)
{
    (void)state;
    assert_refused(SUBMISSION, "{\"submitReview\":{\"reviewId\":\"a\",\"reviewId\":\"b\"}}",
                   PX_REASON_MALFORMED, "review_id");
    assert_refused(SUBMISSION, "{\"submitReview\":{\"reviewId\":\"a\",\"review_id\":\"b\"}}",
                   PX_REASON_MALFORMED, "review_id");
}

static void json__refuses_unknown_names(void **state)
{
    (void)state;
    assert_refused(SUBMISSION, "{\"submitReview\":{\"ratings\":[{\"colour\":1}]}}",
                   PX_REASON_UNKNOWN_FIELD, "ratings[0].colour");
    assert_refused(SUBMISSION, "{\"SubmissionId\":1}", PX_REASON_UNKNOWN_FIELD, "SubmissionId");
    assert_refused(SUBMISSION, "{\"a\\u0007\":1}", PX_REASON_UNKNOWN_FIELD, "");
    assert_non_null(px_codec_from_json(SUBMISSION, text_bytes("{\"colour\":{\"deep\":[1]}}"),
                                       &px_batch_limits, &arena, &error));
}

static void json__refuses_bad_text(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"actor\":\"a\\u0000b\"}",    /* NUL */
        "{\"actor\":\"a\\u0007b\"}",    /* control character */
        "{\"actor\":\"a\xff\"}",        /* not UTF-8 */
        "{\"actor\":\"\xed\xa0\x80\"}", /* surrogate in UTF-8 */
        "{\"actor\":\"\\u0085\"}",
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++)
        assert_refused(SUBMISSION, rows[i], PX_REASON_BAD_UTF8, "actor");
    assert_refused(SUBMISSION, "{\"actor\":\"\\ud800\"}", PX_REASON_MALFORMED, "actor");
    assert_refused(SUBMISSION, "{\"actor\":\"\\udc00\\ud800\"}", PX_REASON_MALFORMED, "actor");
}

static void json__refuses_times_that_are_none(void **state)
{
    (void)state;
    assert_refused(SUBMISSION, "{\"createdAt\":\"yesterday\"}", PX_REASON_FIELD_INVALID,
                   "created_at");
    assert_refused(SUBMISSION, "{\"createdAt\":1750000000}", PX_REASON_MALFORMED, "created_at");
    assert_refused(SUBMISSION, "{\"createdAt\":{\"seconds\":1}}", PX_REASON_MALFORMED,
                   "created_at");
    ReviewCycle__Submission *sub = (ReviewCycle__Submission *)from_json(
        SUBMISSION, "{\"createdAt\":\"2025-06-15T17:06:40.123456+02:00\"}");
    assert_int_equal(px_codec_time_us(sub->created_at), 1750000000123456);
}

/* ---- limits ---- */

static const char *repeat(const char *before, const char *text, size_t count, const char *after)
{
    size_t size = strlen(text);
    char *all = px_arena_alloc(&arena, strlen(before) + count * size + strlen(after) + 1);
    char *at = stpcpy(all, before);

    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, text);
    stpcpy(at, after);
    return all;
}

static void json__bounds_the_depth(void **state)
{
    (void)state;
    static const char level[] = "{\"jMessage\":";

    assert_non_null(from_json(&every_descriptor, repeat("", level, 7, "{}}}}}}}}")));
    assert_false(from_json(&every_descriptor, repeat("", level, 8, "{}}}}}}}}}")));
    assert_int_equal(error.reason, PX_REASON_TOO_DEEP);
    /* Never handed to the parser: no closing bracket is needed to be refused. */
    assert_false(from_json(&every_descriptor, repeat("", level, 5000, "")));
    assert_int_equal(error.reason, PX_REASON_TOO_DEEP);
    assert_refused(&every_descriptor, repeat("", "[", 60000, ""), PX_REASON_TOO_DEEP, "");
}

static void json__bounds_lists_and_fields(void **state)
{
    (void)state;
    assert_non_null(from_json(&every_descriptor, repeat("{\"tMessages\":[", "{},", 255, "{}]}")));
    assert_refused(&every_descriptor, repeat("{\"tMessages\":[", "{},", 256, "{}]}"),
                   PX_REASON_TOO_MANY_ITEMS, "t_messages[256]");
    const char *full = repeat("{\"tMessages\":[", "{},", 250, "{}]},");
    assert_refused(&every_descriptor, repeat("{\"tMessages\":[", full, 5, "{}]}"),
                   PX_REASON_TOO_MANY_ITEMS, "t_messages[4].t_messages[15]");
    assert_false(from_json(&every_descriptor, repeat("{\"tMessages\":[", "{},", 20000, "{}]}")));
    assert_int_equal(error.reason, PX_REASON_TOO_MANY_ITEMS);
}

static void json__bounds_the_size_of_text_and_of_bytes(void **state)
{
    (void)state;
    size_t frame = strlen("{\"oString\":\"\"}");

    assert_non_null(from_json(
        &every_descriptor, repeat("{\"oString\":\"", "x", PX_SUBMISSION_BYTES_MAX - frame, "\"}")));
    assert_refused(&every_descriptor,
                   repeat("{\"oString\":\"", "x", PX_SUBMISSION_BYTES_MAX - frame + 1, "\"}"),
                   PX_REASON_TOO_LARGE, "");
    /* Eight bytes a number on the wire, two in the text. */
    const char *text = repeat("{\"sDoubles\":[", "1,", 255, "1],\"oString\":\"");
    size_t room = PX_SUBMISSION_BYTES_MAX - strlen(text) - strlen("\"}");
    assert_refused(&every_descriptor, repeat(text, "x", room, "\"}"), PX_REASON_TOO_LARGE, "");
}

static void stop_at_the_end(const ProtobufCMessageDescriptor *type, const char *text)
{
    const ProtobufCMessage *whole = from_json(type, text), *again = NULL;

    assert_non_null(whole);
    for (size_t room = 0; !again; room += 16) {
        px_arena small;
        assert_in_range(room, 0, 8192);
        assert_true(px_arena_init(&small, room));
        again = px_codec_from_json(type, text_bytes(text), &px_submission_limits, &small, &error);
        if (again)
            assert_same_bytes(again, whole);
        else
            assert_int_equal(error.reason, PX_REASON_TOO_LARGE);
        px_arena_fini(&small);
    }
}

static void json__stops_at_the_end_of_the_arena(void **state)
{
    (void)state;
    static const char every_kind[] =
        "{\"bBytes\":\"AAECAwQF\",\"jMessage\":{\"oString\":\"words\"},\"rNumbers\":[1,2,3],"
        "\"tMessages\":[{},{\"sDoubles\":[0.5,1]}],\"wOther\":\"more words\"}";

    stop_at_the_end(SUBMISSION, px_codec_to_json(&review_submission(&arena)->base, false, &arena));
    stop_at_the_end(&every_descriptor, every_kind);
}
int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(json__says_a_submission_in_camel_case),
        CASE(json__indents_by_two),
        CASE(json__carries_every_kind_of_field),
        CASE(double__comes_out_as_short_as_it_reads_back),
        CASE(json__takes_its_other_spellings),
        CASE(bytes__are_taken_in_both_alphabets),
        CASE(json__refuses_values_of_the_wrong_kind),
        CASE(json__names_the_place_of_broken_syntax),
        CASE(json__names_no_place_that_is_none),
        CASE(json__refuses_a_name_twice),
        CASE(json__refuses_unknown_names),
        CASE(json__refuses_bad_text),
        CASE(json__refuses_times_that_are_none),
        CASE(json__bounds_the_depth),
        CASE(json__bounds_lists_and_fields),
        CASE(json__bounds_the_size_of_text_and_of_bytes),
        CASE(json__stops_at_the_end_of_the_arena),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
