#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"

enum { ARENA_BYTES = 256 };

static int setup(void **state)
{
    static px_arena arena;

    *state = &arena;
    return px_arena_init(&arena, ARENA_BYTES) ? 0 : -1;
}

static int teardown(void **state)
{
    px_arena_fini(*state);
    return 0;
}

static void alloc__is_aligned_for_any_type(void **state)
{
    for (size_t size = 0; size < 6; size++) {
        void *bytes = px_arena_alloc(*state, size);
        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
    }
}

static void alloc__gives_room_that_does_not_overlap(void **state)
{
    char *first = px_arena_alloc(*state, 20);
    char *second = px_arena_alloc(*state, 20);

    memset(first, 'a', 20);
    memset(second, 'b', 20);
    assert_int_equal(first[19], 'a');
    assert_int_equal(second[0], 'b');
}

static void alloc__hands_out_the_last_byte_and_not_one_more(void **state)
{
    px_arena *arena = *state;

    assert_non_null(px_arena_alloc(arena, ARENA_BYTES));
    assert_non_null(px_arena_alloc(arena, 0));
    assert_false(px_arena_overflowed(arena));
    assert_null(px_arena_alloc(arena, 1));
    assert_true(px_arena_overflowed(arena));
}

static void alloc__refuses_sizes_that_would_wrap_around(void **state)
{
    px_arena *arena = *state;
    static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX / 2 };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_non_null(px_arena_alloc(arena, 1));
        assert_null(px_arena_alloc(arena, sizes[i]));
        px_arena_reset(arena);
    }
    assert_null(px_arena_strndup(arena, "x", SIZE_MAX));
    assert_true(px_arena_overflowed(arena));
}

static void overflow__sticks_until_the_reset(void **state)
{
    px_arena *arena = *state;

    assert_null(px_arena_alloc(arena, ARENA_BYTES + 1));
    assert_null(px_arena_alloc(arena, 1));
    assert_null(px_arena_zalloc(arena, 1));
    assert_null(px_arena_copy(arena, "x", 1));
    assert_null(px_arena_strdup(arena, "x"));
    assert_null(px_arena_printf(arena, "%d", 1));
    px_arena_reset(arena);
    assert_false(px_arena_overflowed(arena));
    assert_non_null(px_arena_alloc(arena, ARENA_BYTES));
}

static void zalloc__clears_what_was_used_before_the_reset(void **state)
{
    px_arena *arena = *state;
    static const char zeros[64];

    memset(px_arena_alloc(arena, sizeof(zeros)), 0xaa, sizeof(zeros));
    px_arena_reset(arena);
    assert_memory_equal(px_arena_zalloc(arena, sizeof(zeros)), zeros, sizeof(zeros));
}

static void peak__outlives_the_reset(void **state)
{
    px_arena *arena = *state;

    px_arena_alloc(arena, 100);
    px_arena_reset(arena);
    px_arena_alloc(arena, 1);
    assert_int_equal(arena->used, 1);
    assert_int_equal(arena->peak, 100);
}

static void copy__takes_all_bytes_and_none(void **state)
{
    assert_memory_equal(px_arena_copy(*state, "a\0b", 3), "a\0b", 3);
    assert_non_null(px_arena_copy(*state, NULL, 0));
}

static void text__ends_in_a_nul(void **state)
{
    assert_string_equal(px_arena_strndup(*state, "abcdef", 3), "abc");
    assert_string_equal(px_arena_strndup(*state, NULL, 0), "");
    assert_string_equal(px_arena_strdup(*state, "whole"), "whole");
    assert_string_equal(px_arena_printf(*state, "%s-%d", "a", 42), "a-42");
}

static void printf__needs_room_for_its_nul(void **state)
{
    px_arena *arena = *state;

    assert_non_null(px_arena_printf(arena, "%*d", ARENA_BYTES - 1, 1));
    px_arena_reset(arena);
    assert_null(px_arena_printf(arena, "%*d", ARENA_BYTES, 1));
    assert_true(px_arena_overflowed(arena));
}

static void init__refuses_what_no_memory_can_hold(void **state)
{
    px_arena arena;

    (void)state;
    assert_false(px_arena_init(&arena, SIZE_MAX / 2 + 1));
    px_arena_fini(&arena);
}

static void empty_arena__overflows_and_can_be_given_back(void **state)
{
    px_arena zero = { 0 };

    (void)state;
    assert_null(px_arena_alloc(&zero, 0));
    px_arena_reset(&zero);
    px_arena_fini(&zero);
    px_arena_fini(&zero);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(alloc__is_aligned_for_any_type),
        TEST(alloc__gives_room_that_does_not_overlap),
        TEST(alloc__hands_out_the_last_byte_and_not_one_more),
        TEST(alloc__refuses_sizes_that_would_wrap_around),
        TEST(overflow__sticks_until_the_reset),
        TEST(zalloc__clears_what_was_used_before_the_reset),
        TEST(peak__outlives_the_reset),
        TEST(copy__takes_all_bytes_and_none),
        TEST(text__ends_in_a_nul),
        TEST(printf__needs_room_for_its_nul),
        cmocka_unit_test(init__refuses_what_no_memory_can_hold),
        cmocka_unit_test(empty_arena__overflows_and_can_be_given_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
