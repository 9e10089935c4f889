/* test_codec_scan.c: what bytes from outside have to be before they are unpacked. */
/* test_codec.c: scan, unpack, pack, oneofs, times, and that the contract is one the codec can
 * carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/common/codec_fixture.h"

enum { ARENA_BYTES = 1024 * 1024 };

static const ProtobufCMessageDescriptor *const SUBMISSION = &review_cycle__submission__descriptor;

static px_arena arena;
static wire w;
static px_codec_error error;

static int setup(void **state)
{
    (void)state;
    w.size = 0;
    error = (px_codec_error){ PX_REASON_NONE, NULL };
    return px_arena_init(&arena, ARENA_BYTES) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    px_arena_fini(&arena);
    return 0;
}

static bool scan(const ProtobufCMessageDescriptor *type)
{
    return px_codec_scan(type, wire_bytes(&w), &px_submission_limits, &arena, &error);
}

static void assert_refused(const ProtobufCMessageDescriptor *type, px_reason reason,
                           const char *field)
{
    assert_false(scan(type));
    assert_string_equal(px_reason_code(error.reason), px_reason_code(reason));
    assert_string_equal(error.field, field);
}

static void assert_scans(const ProtobufCMessageDescriptor *type)
{
    if (!scan(type))
        fail_msg("refused: %s %s", px_reason_code(error.reason), error.field);
    assert_non_null(px_codec_unpack(type, wire_bytes(&w), &arena));
}

/* The SubmitReview with `inner` as its body's bytes. */
static void wrap_body(const wire *inner)
{
    wire_field(&w, REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW, inner->data, inner->size);
}

static void scan__accepts_no_bytes_as_an_empty_message(void **state)
{
    (void)state;
    assert_true(
        px_codec_scan(SUBMISSION, (px_bytes){ NULL, 0 }, &px_submission_limits, &arena, &error));
}

static void scan__refuses_every_truncation(void **state)
{
    (void)state;
    px_bytes whole = px_codec_pack(&review_submission(&arena)->base, &arena);
    size_t accepted = 0;

    for (size_t size = 1; size < whole.size; size++)
        accepted += px_codec_scan(SUBMISSION, (px_bytes){ whole.data, size }, &px_submission_limits,
                                  &arena, &error);
    assert_int_equal(accepted, 4); /* after each of the envelope's fields, and nowhere else */
}

/* ---- bombs and floods ---- */

static void scan__refuses_a_nested_bomb(void **state)
{
    (void)state;
    enum { BOMB = 35 * 1024 };
    size_t size = 0;
    uint8_t *bomb = px_arena_alloc(&arena, BOMB + 8);
    uint8_t *front = bomb + BOMB + 8;

    /* j_message inside j_message inside ..., built from the inside */
    while (size < BOMB) {
        wire header = { .size = 0 };
        wire_tag(&header, 10, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
        wire_varint(&header, size);
        front -= header.size;
        memcpy(front, header.data, header.size);
        size += header.size;
    }
    assert_false(px_codec_scan(&every_descriptor, (px_bytes){ front, size }, &px_submission_limits,
                               &arena, &error));
    assert_int_equal(error.reason, PX_REASON_TOO_DEEP);
    assert_string_equal(error.field, "j_message.j_message.j_message.j_message.j_message.j_message."
                                     "j_message.j_message");
}

static void scan__accepts_eight_levels(void **state)
{
    (void)state;
    every *outer = every_new(&arena);
    every *at = outer;

    for (int level = 2; level <= PX_MESSAGE_DEPTH_MAX; level++)
        at = at->j_message = every_new(&arena);
    px_bytes bytes = px_codec_pack(&outer->base, &arena);
    assert_true(px_codec_scan(&every_descriptor, bytes, &px_submission_limits, &arena, &error));
    at->j_message = every_new(&arena);
    bytes = px_codec_pack(&outer->base, &arena);
    assert_false(px_codec_scan(&every_descriptor, bytes, &px_submission_limits, &arena, &error));
}

static void scan__bounds_a_flood_of_empty_items(void **state)
{
    (void)state;
    wire *body = px_arena_zalloc(&arena, sizeof(*body));

    for (int i = 0; i < PX_LIST_ITEMS_MAX; i++)
        wire_field(body, 7, NULL, 0);
    wrap_body(body);
    assert_scans(SUBMISSION);
    wire_field(body, 7, NULL, 0);
    w.size = 0;
    wrap_body(body);
    assert_refused(SUBMISSION, PX_REASON_TOO_MANY_ITEMS, "ratings[256]");
}

static void scan__bounds_fields_in_all(void **state)
{
    (void)state;
    /* Five lists of 250 in as many messages: no list is too long, the sum is. */
    for (int i = 0; i < 5; i++) {
        wire *inner = px_arena_zalloc(&arena, sizeof(*inner));
        for (int j = 0; j < 250; j++)
            wire_field(inner, 20, NULL, 0);
        wire_field(&w, 20, inner->data, inner->size);
    }
    assert_refused(&every_descriptor, PX_REASON_TOO_MANY_ITEMS, "t_messages[4]");
}

static void scan__bounds_packed_numbers(void **state)
{
    (void)state;
    uint8_t numbers[PX_LIST_ITEMS_MAX + 1] = { 0 };

    wire_field(&w, 18, numbers, PX_LIST_ITEMS_MAX);
    assert_scans(&every_descriptor);
    w.size = 0;
    wire_field(&w, 18, numbers, sizeof(numbers));
    assert_refused(&every_descriptor, PX_REASON_TOO_MANY_ITEMS, "r_numbers[256]");
}

static void scan__bounds_the_size(void **state)
{
    (void)state;
    static char filler[PX_SUBMISSION_BYTES_MAX];
    memset(filler, 'x', sizeof(filler));

    wire_field(&w, 15, filler, PX_SUBMISSION_BYTES_MAX - 4); /* 1 byte of tag, 3 of length */
    assert_int_equal(w.size, PX_SUBMISSION_BYTES_MAX);
    assert_scans(&every_descriptor);
    w.size = 0;
    wire_field(&w, 15, filler, PX_SUBMISSION_BYTES_MAX - 3);
    assert_refused(&every_descriptor, PX_REASON_TOO_LARGE, "");
}

static void scan__lets_a_batch_hold_as_many_facts_as_fit(void **state)
{
    (void)state;
    enum { FACTS = 20000 };
    PraxisLog__Batch *batch =
        (PraxisLog__Batch *)px_codec_new(&praxis_log__batch__descriptor, &arena);
    PraxisLog__Entry *entry =
        (PraxisLog__Entry *)px_codec_new(&praxis_log__entry__descriptor, &arena);

    batch->n_entries = 1;
    batch->entries = &entry;
    entry->n_facts = FACTS;
    entry->facts = px_arena_alloc(&arena, FACTS * sizeof(entry->facts[0]));
    for (size_t i = 0; i < FACTS; i++)
        entry->facts[i] = (ProtobufCBinaryData){ 10, (uint8_t *)(uintptr_t) "ten bytes!" };
    px_bytes bytes = px_codec_pack(&batch->base, &arena);
    assert_in_range(bytes.size, 1, PX_BATCH_BYTES_MAX);
    assert_true(
        px_codec_scan(&praxis_log__batch__descriptor, bytes, &px_batch_limits, &arena, &error));
}

/* ---- wire format ---- */

static void scan__refuses_wire_types_that_do_not_fit(void **state)
{
    (void)state;
    for (unsigned wire_type = 0; wire_type < 8; wire_type++) {
        if (wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            continue;
        w.size = 0;
        wire_tag(&w, 4, wire_type); /* actor, a string */
        for (int i = 0; i < 8; i++)
            wire_byte(&w, 0);
        assert_refused(SUBMISSION, PX_REASON_MALFORMED, "actor");
    }
}

static void scan__refuses_groups_and_odd_types_of_unknown_fields(void **state)
{
    (void)state;
    static const unsigned odd[] = { 3, 4, 6, 7 };

    for (size_t i = 0; i < PX_COUNT(odd); i++) {
        w.size = 0;
        wire_tag(&w, 1000, odd[i]);
        assert_false(px_codec_scan(SUBMISSION, wire_bytes(&w), &px_batch_limits, &arena, &error));
        assert_int_equal(error.reason, PX_REASON_MALFORMED);
    }
}

static void scan__refuses_bad_varints(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {
        { "\x28", 1 },                                              /* after_seq without a value */
        { "\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 12 }, /* eleven bytes */
        { "\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11 },     /* 65 bits */
        { "\x22\xff\xff\xff\xff\x0f", 6 },                          /* a length of 4 GiB */
        { "\x22\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11 },     /* a length of 2^64 - 1 */
        { "\x22\x05"
          "abcd",
          6 }, /* one byte short */
        { "\xa2\x80\x80\x80\x80\x00\x01"
          "a",
          8 }, /* a tag of six bytes */
        { "\xa2\x80\x80\x80\x10\x01"
          "a",
          7 },             /* a tag above 32 bits */
        { "\x02\x00", 2 }, /* field number 0 */
        { "\x80", 1 },     /* half a tag */
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_bytes bytes = { rows[i].bytes, rows[i].size };
        assert_false(px_codec_scan(SUBMISSION, bytes, &px_submission_limits, &arena, &error));
        assert_int_equal(error.reason, PX_REASON_MALFORMED);
    }
}

static void scan__refuses_values_cut_short(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *field;
    } rows[] = {
        { "\x19\0\0\0\0", 5, "c_double" },
        { "\x2d\0\0", 3, "e_fixed32" },
        { "\x1a\x08\0\0\0\0\0\0\0\0", 10, "c_double" }, /* as a list, which it is not */
        { "\x9a\x01\x0a\0\0\0\0\0\0\0\0\0\0", 13, "s_doubles[1]" },
        { "\x9a\x01\x10\0\0", 5, "s_doubles" },
        { "\xc1\x3e\0\0\0\0", 6, "1000" }, /* a field of a later version */
        { "\xc5\x3e\0\0", 4, "1000" },
        { "\xc2\x3e\x05\0\0", 5, "1000" },
        { "\xc2\x3e", 2, "1000" },
        { "\xc0\x3e\x80", 3, "1000" },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_bytes bytes = { rows[i].bytes, rows[i].size };

        assert_false(px_codec_scan(&every_descriptor, bytes, &px_batch_limits, &arena, &error));
        assert_int_equal(error.reason, PX_REASON_MALFORMED);
        assert_string_equal(error.field, rows[i].field);
    }
}

/* Six numbers in one field are as many fields. */
static void scan__counts_each_number_of_a_packed_list(void **state)
{
    (void)state;
    static const px_bytes six = { "\x92\x01\x06\1\2\3\4\5\6", 9 };
    px_scan_limits limits = px_submission_limits;

    limits.fields_max = 7;
    assert_true(px_codec_scan(&every_descriptor, six, &limits, &arena, &error));
    limits.fields_max = 4;
    assert_false(px_codec_scan(&every_descriptor, six, &limits, &arena, &error));
    assert_int_equal(error.reason, PX_REASON_TOO_MANY_ITEMS);
    assert_string_equal(error.field, "r_numbers[3]");
}

static void scan__refuses_numbers_that_would_be_cut(void **state)
{
    (void)state;
    static const struct {
        uint32_t field;
        uint64_t value;
        bool fits;
    } rows[] = {
        { 1, 1, true },
        { 1, 2, false },
        { 4, (uint64_t)-1, true },
        { 4, UINT32_MAX, false },
        { 8, INT32_MAX, true },
        { 8, (uint64_t)INT32_MAX + 1, false },
        { 8, (uint64_t)INT32_MIN, true },
        { 8, (uint64_t)INT32_MIN - 1, false },
        { 9, UINT64_MAX, true },
        { 13, UINT32_MAX, true },
        { 13, 1 + (uint64_t)UINT32_MAX, false },
        { 16, UINT32_MAX, true },
        { 16, 1 + (uint64_t)UINT32_MAX, false },
        { 17, UINT64_MAX, true },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        w.size = 0;
        wire_tag(&w, rows[i].field, PROTOBUF_C_WIRE_TYPE_VARINT);
        wire_varint(&w, rows[i].value);
        if (rows[i].fits)
            assert_scans(&every_descriptor);
        else
            assert_refused(&every_descriptor, PX_REASON_FIELD_INVALID,
                           every_descriptor.fields[rows[i].field - 1].name);
    }
}

static void scan__names_an_unknown_field_by_its_place_and_number(void **state)
{
    (void)state;
    wire rating = { .size = 0 };
    wire *body = px_arena_zalloc(&arena, sizeof(*body));

    wire_tag(&rating, 77, PROTOBUF_C_WIRE_TYPE_VARINT);
    wire_varint(&rating, 1);
    wire_field(body, 7, NULL, 0);
    wire_field(body, 7, rating.data, rating.size);
    wrap_body(body);
    assert_refused(SUBMISSION, PX_REASON_UNKNOWN_FIELD, "ratings[1].77");
}

static void scan__lets_unknown_fields_pass_where_newer_writers_may_write(void **state)
{
    (void)state;
    wire_tag(&w, 100, PROTOBUF_C_WIRE_TYPE_VARINT);
    wire_varint(&w, 5);
    wire_tag(&w, 101, PROTOBUF_C_WIRE_TYPE_64BIT);
    for (int i = 0; i < 8; i++)
        wire_byte(&w, 1);
    wire_field(&w, 102, "xyz", 3);
    wire_tag(&w, 103, PROTOBUF_C_WIRE_TYPE_32BIT);
    for (int i = 0; i < 4; i++)
        wire_byte(&w, 1);
    assert_refused(SUBMISSION, PX_REASON_UNKNOWN_FIELD, "100");
    assert_true(px_codec_scan(SUBMISSION, wire_bytes(&w), &px_batch_limits, &arena, &error));
    ProtobufCMessage *message = px_codec_unpack(SUBMISSION, wire_bytes(&w), &arena);
    assert_int_equal(message->n_unknown_fields, 4);
    w.size -= 1; /* cut off */
    assert_false(px_codec_scan(SUBMISSION, wire_bytes(&w), &px_batch_limits, &arena, &error));
}

static void scan__refuses_a_single_field_that_comes_twice(void **state)
{
    (void)state;
    wire_field(&w, 4, "mia", 3);
    wire_field(&w, 4, "mia", 3);
    assert_refused(SUBMISSION, PX_REASON_MALFORMED, "actor");
    w.size = 0;
    wire_field(&w, 2, NULL, 0);
    wire_field(&w, 2, NULL, 0);
    assert_refused(SUBMISSION, PX_REASON_MALFORMED, "created_at");
    w.size = 0;
    wire_field(&w, 19, NULL, 0); /* two members of the oneof */
    wire_field(&w, 20, NULL, 0);
    assert_refused(SUBMISSION, PX_REASON_MALFORMED, "withdraw_review");
}

static void scan__takes_lists_of_numbers_packed_and_one_by_one(void **state)
{
    (void)state;
    static const uint8_t fixed[8] = { 3, 0, 0, 0, 4, 0, 0, 0 };

    wire_field(&w, 18, "\x01\x02", 2);
    wire_tag(&w, 18, PROTOBUF_C_WIRE_TYPE_VARINT);
    wire_varint(&w, 300);
    wire_field(&w, 21, fixed, sizeof(fixed));
    wire_tag(&w, 21, PROTOBUF_C_WIRE_TYPE_32BIT);
    for (int i = 0; i < 4; i++)
        wire_byte(&w, 0);
    assert_scans(&every_descriptor);
    every *e = (every *)px_codec_unpack(&every_descriptor, wire_bytes(&w), &arena);
    assert_int_equal(e->n_r_numbers, 3);
    assert_int_equal(e->r_numbers[2], 300);
    assert_int_equal(e->n_u_fixed, 3);
    assert_int_equal(e->u_fixed[1], 4);

    w.size = 0;
    wire_field(&w, 21, fixed, 7);
    assert_refused(&every_descriptor, PX_REASON_MALFORMED, "u_fixed[1]");
    w.size = 0;
    wire_field(&w, 18, "\x01\x82", 2);
    assert_refused(&every_descriptor, PX_REASON_MALFORMED, "r_numbers[1]");
}

/* ---- text ---- */

static void scan__judges_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        bool good;
    } rows[] = {
        { "", 0, true },
        { "plain\ttext\n", 11, true },
        { "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x8e\x93", 11, true },
        { "\xf4\x8f\xbf\xbf", 4, true }, /* U+10FFFF */
        { "a\0b", 3, false },            /* NUL */
        { "a\rb", 3, false },
        { "\x1b[1m", 4, false }, /* escape */
        { "\x7f", 1, false },
        { "\xc2\x85", 2, false }, /* U+0085, a control */
        { "\xc2\xa0", 2, true },  /* U+00A0, a space */
        { "\xc0\x80", 2, false }, /* overlong NUL */
        { "\xc1\xbf", 2, false },
        { "\xe0\x9f\xbf", 3, false }, /* overlong */
        { "\xf0\x8f\xbf\xbf", 4, false },
        { "\xed\xa0\x80", 3, false },     /* surrogate */
        { "\xed\x9f\xbf", 3, true },      /* U+D7FF */
        { "\xf4\x90\x80\x80", 4, false }, /* above U+10FFFF */
        { "\xf5\x80\x80\x80", 4, false },
        { "\x80", 1, false },     /* a lone continuation */
        { "\xe2\x82", 2, false }, /* cut */
        { "\xe2\x82"
          "a",
          3, false },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        w.size = 0;
        wire_field(&w, 4, rows[i].text, rows[i].size);
        if (rows[i].good)
            assert_scans(SUBMISSION);
        else
            assert_refused(SUBMISSION, PX_REASON_BAD_UTF8, "actor");
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(scan__accepts_no_bytes_as_an_empty_message),
        CASE(scan__refuses_every_truncation),
        CASE(scan__refuses_a_nested_bomb),
        CASE(scan__accepts_eight_levels),
        CASE(scan__bounds_a_flood_of_empty_items),
        CASE(scan__bounds_fields_in_all),
        CASE(scan__bounds_packed_numbers),
        CASE(scan__bounds_the_size),
        CASE(scan__lets_a_batch_hold_as_many_facts_as_fit),
        CASE(scan__refuses_wire_types_that_do_not_fit),
        CASE(scan__refuses_groups_and_odd_types_of_unknown_fields),
        CASE(scan__refuses_bad_varints),
        CASE(scan__refuses_values_cut_short),
        CASE(scan__counts_each_number_of_a_packed_list),
        CASE(scan__refuses_numbers_that_would_be_cut),
        CASE(scan__names_an_unknown_field_by_its_place_and_number),
        CASE(scan__lets_unknown_fields_pass_where_newer_writers_may_write),
        CASE(scan__refuses_a_single_field_that_comes_twice),
        CASE(scan__takes_lists_of_numbers_packed_and_one_by_one),
        CASE(scan__judges_text),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
