/* test_codec.c: packing, unpacking, types and oneofs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "tests/common/codec_fixture.h"

enum { ARENA_BYTES = 1024 * 1024 };

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

/* ---- a whole message ---- */

static void submission__survives_the_wire(void **state)
{
    (void)state;
    px_bytes bytes = px_codec_pack(&review_submission(&arena)->base, &arena);
    assert_in_range(bytes.size, 140, 180);
    assert_true(px_codec_scan(SUBMISSION, bytes, &px_submission_limits, &arena, &error));

    ReviewCycle__Submission *sub =
        (ReviewCycle__Submission *)px_codec_unpack(SUBMISSION, bytes, &arena);
    assert_string_equal(sub->submission_id, "submission-1");
    assert_int_equal(px_codec_time_us(sub->created_at), 1750000000123456);
    assert_int_equal(sub->submit_review->n_ratings, 2);
    assert_int_equal(sub->submit_review->ratings[1]->value, -2);

    px_bytes again = px_codec_pack(&sub->base, &arena);
    assert_int_equal(again.size, bytes.size);
    assert_int_equal(px_codec_packed_size(&sub->base), bytes.size);
    assert_memory_equal(again.data, bytes.data, bytes.size);
}

static void unpack__stops_at_the_end_of_the_arena(void **state)
{
    (void)state;
    px_bytes bytes = px_codec_pack(&review_submission(&arena)->base, &arena);

    for (size_t room = 0; room < 2048; room += 64) {
        px_arena small;
        assert_true(px_arena_init(&small, room));
        bool fits = px_codec_unpack(SUBMISSION, bytes, &small);
        assert_int_equal(fits, !px_arena_overflowed(&small));
        px_arena_fini(&small);
    }
}

/* ---- types and oneofs ---- */

static void find__knows_every_type_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(px_codec_find("praxis.review_cycle.v1.Submission"), SUBMISSION);
    assert_null(px_codec_find("praxis.review_cycle.v1.Nothing"));
    assert_null(px_codec_find(""));
    for (size_t i = 0; i < px_contract_count; i++) {
        assert_string_equal(px_contracts[i].name, px_contracts[i].type->name);
        assert_ptr_equal(px_codec_find(px_contracts[i].name), px_contracts[i].type);
    }
}

static void next__comes_to_every_type_once(void **state)
{
    const ProtobufCMessageDescriptor *type = NULL;
    size_t count = 0;

    (void)state;
    for (; (type = px_codec_next(type)) != NULL; count++)
        assert_string_equal(type->name, px_contracts[count].name);
    assert_int_equal(count, px_contract_count);
}

static void short_name__leaves_the_package_out(void **state)
{
    (void)state;
    assert_string_equal(px_codec_short_name(&review_cycle__submit_review__descriptor),
                        "SubmitReview");
}

static void oneof__gives_the_member_that_is_set(void **state)
{
    (void)state;
    const ProtobufCMessage *body;
    ProtobufCMessage *sub = px_codec_new(SUBMISSION, &arena);

    assert_int_equal(px_codec_oneof(sub, "body", &body), 0);
    assert_null(body);
    ProtobufCMessage *set =
        px_codec_set_oneof(sub, REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE, &arena);
    assert_ptr_equal(set->descriptor, &review_cycle__move_cycle__descriptor);
    assert_int_equal(px_codec_oneof(sub, "body", &body), REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE);
    assert_ptr_equal(body, set);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(submission__survives_the_wire),       CASE(unpack__stops_at_the_end_of_the_arena),
        CASE(find__knows_every_type_by_name),      CASE(short_name__leaves_the_package_out),
        CASE(next__comes_to_every_type_once),      CASE(short_name__leaves_the_package_out),
        CASE(oneof__gives_the_member_that_is_set),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
