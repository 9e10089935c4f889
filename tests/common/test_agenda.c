/* Dirty keys keep their order and are never lost; due times become marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/agenda.h"
#include "tests/common/store_fixture.h"

typedef struct {
    store_fixture *store;
    px_txn *txn;
    px_arena arena;
    px_dirty dirty[64];
    size_t count;
} fixture;

static int setup(void **state)
{
    static fixture f;

    memset(&f, 0, sizeof f);
    if (store_fixture_setup((void **)&f.store) != 0 || !px_arena_init(&f.arena, 1 << 20))
        return -1;
    f.txn = px_store_begin(f.store->store);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    void *store = f->store;

    assert_int_equal(px_txn_status(f->txn), PX_OK);
    px_txn_abort(f->txn);
    px_arena_fini(&f->arena);
    return store_fixture_teardown(&store);
}

static void mark_at(fixture *f, uint64_t seq, const char *name)
{
    px_txn_set_seq(f->txn, seq);
    px_mark(f->txn, 1, "acme", px_text_bytes(name));
}

static void look(fixture *f)
{
    f->count = px_agenda_dirty(f->txn, f->dirty, PX_COUNT(f->dirty), &f->arena);
}

/* "kind tenant 0 rest" of acme's key of kind 1 */
static px_bytes key_of(fixture *f, const char *name)
{
    return (px_bytes){ px_arena_printf(&f->arena,
                                       "\x01"
                                       "acme%c%s",
                                       0, name),
                       6 + strlen(name) };
}

static void expect(fixture *f, size_t i, const char *name, uint64_t first, uint64_t last)
{
    assert_true(i < f->count);
    assert_true(fixture_bytes_equal(f->dirty[i].key, key_of(f, name)));
    assert_int_equal(f->dirty[i].first, first);
    assert_int_equal(f->dirty[i].last, last);
}

static void marks__are_ordered_by_first_mark_then_key(void **state)
{
    fixture *f = *state;

    mark_at(f, 3, "b");
    mark_at(f, 3, "a");
    mark_at(f, 2, "z");
    mark_at(f, 9, "b"); /* again: keeps its place */
    look(f);
    assert_int_equal(f->count, 3);
    expect(f, 0, "z", 2, 2);
    expect(f, 1, "a", 3, 3);
    expect(f, 2, "b", 3, 9);
    assert_true(px_agenda_any_dirty(f->txn));
}

static void clear__up_to_the_position_only(void **state)
{
    fixture *f = *state;

    mark_at(f, 2, "a");
    mark_at(f, 3, "a2");
    mark_at(f, 3, "b");
    mark_at(f, 4, "c");
    px_agenda_clear(f->txn, 3, key_of(f, "a2"), 4);
    look(f);
    assert_int_equal(f->count, 2);
    expect(f, 0, "b", 3, 3);
    expect(f, 1, "c", 4, 4);
}

static void key_marked_after_the_basis__stays_dirty_from_its_last_mark(void **state)
{
    fixture *f = *state;

    mark_at(f, 2, "a");
    mark_at(f, 3, "b");
    mark_at(f, 7, "a");
    px_agenda_clear(f->txn, 3, key_of(f, "b"), 5);
    look(f);
    assert_int_equal(f->count, 1);
    expect(f, 0, "a", 7, 7);
    px_agenda_clear(f->txn, 7, key_of(f, "a"), 7);
    look(f);
    assert_int_equal(f->count, 0);
    assert_false(px_agenda_any_dirty(f->txn));
}

static void mark_of_the_basis_itself__is_cleared(void **state)
{
    fixture *f = *state;

    mark_at(f, 5, "a");
    px_agenda_clear(f->txn, 5, key_of(f, "a"), 5);
    assert_false(px_agenda_any_dirty(f->txn));
}

static void due_time__becomes_a_mark_when_its_moment_is_folded(void **state)
{
    fixture *f = *state;
    int64_t due_us = 0;

    px_due_set(f->txn, 1, "acme", px_text_bytes("a"), 200);
    px_due_set(f->txn, 1, "acme", px_text_bytes("b"), 100);
    px_due_set(f->txn, 1, "acme", px_text_bytes("b"), 300); /* replaces */
    assert_true(px_agenda_next_due(f->txn, &due_us));
    assert_int_equal(due_us, 200);
    px_txn_set_seq(f->txn, 8);
    px_agenda_come_due(f->txn, 199);
    assert_false(px_agenda_any_dirty(f->txn));
    px_agenda_come_due(f->txn, 200);
    look(f);
    assert_int_equal(f->count, 1);
    expect(f, 0, "a", 8, 8);
    px_due_clear(f->txn, 1, "acme", px_text_bytes("b"));
    px_due_clear(f->txn, 1, "acme", px_text_bytes("b"));
    assert_false(px_agenda_next_due(f->txn, &due_us));
}

static void mark_all__finds_every_key_ever_marked(void **state)
{
    fixture *f = *state;
    char name[8];

    for (unsigned i = 0; i < 40; i++) { /* more than one slice */
        snprintf(name, sizeof name, "k%02u", i);
        mark_at(f, 2, name);
    }
    px_agenda_clear(f->txn, 2, key_of(f, "k99"), 2);
    assert_false(px_agenda_any_dirty(f->txn));
    px_due_set(f->txn, 1, "acme", px_text_bytes("due"), 500);
    px_txn_set_seq(f->txn, 9);
    px_agenda_mark_all(f->txn);
    look(f);
    assert_int_equal(f->count, 41);
    expect(f, 0, "due", 9, 9);
    expect(f, 40, "k39", 9, 9);
}

/* ---- what is kept ---- */

static void expect_kept(fixture *f, const char *name, const char *value)
{
    px_marks marks;

    assert_true(fixture_bytes_equal(px_kept_get(f->txn, 1, "acme", px_text_bytes(name), &marks),
                                    px_text_bytes(value)));
}

static void keep(fixture *f, const char *name, const char *value, bool mark)
{
    px_marks marks;

    px_kept_get(f->txn, 1, "acme", px_text_bytes(name), &marks);
    px_kept_put(f->txn, 1, "acme", px_text_bytes(name), marks, px_text_bytes(value), mark);
}

static void kept__outlives_whatever_happens_to_the_key(void **state)
{
    fixture *f = *state;
    int64_t due_us;

    expect_kept(f, "a", "");
    keep(f, "a", "first", false);
    assert_false(px_agenda_any_dirty(f->txn));
    mark_at(f, 4, "a");
    expect_kept(f, "a", "first");
    px_due_set(f->txn, 1, "acme", px_text_bytes("a"), 300);
    px_agenda_clear(f->txn, 4, key_of(f, "a"), 4);
    expect_kept(f, "a", "first");
    keep(f, "a", "second, which is longer", false);
    assert_true(px_agenda_next_due(f->txn, &due_us)); /* as it was */
    px_txn_set_seq(f->txn, 8);
    px_agenda_come_due(f->txn, 300);
    look(f);
    expect(f, 0, "a", 8, 8);
    px_due_set(f->txn, 1, "acme", px_text_bytes("a"), 400);
    px_due_clear(f->txn, 1, "acme", px_text_bytes("a"));
    px_agenda_mark_all(f->txn);
    expect_kept(f, "a", "second, which is longer");
}

static void keeping__marks_the_key_when_asked(void **state)
{
    fixture *f = *state;

    px_txn_set_seq(f->txn, 5);
    keep(f, "a", "1", true);
    px_txn_set_seq(f->txn, 6);
    keep(f, "b", "1", false);
    keep(f, "a", "2", true);
    look(f);
    assert_int_equal(f->count, 1);
    expect(f, 0, "a", 5, 6);
    expect_kept(f, "a", "2");
}

static void walk__meets_only_keys_of_which_anything_is_kept(void **state)
{
    fixture *f = *state;
    char end[16] = "";

    keep(f, "ann/", "1", false); /* no id; a walk would meet it for ever */
    keep(f, "ann/b", "1", false);
    keep(f, "ann/a-c", "1", false);
    keep(f, "ann/a", "1", false);
    keep(f, "bob/a", "1", false);
    mark_at(f, 3, "ann/ab");
    keep(f, "ann/c", "1", false);
    keep(f, "ann/c", "", false);
    assert_true(px_kept_next(f->txn, 1, "acme", px_text_bytes("ann/"), end, sizeof end));
    assert_string_equal(end, "a");
    assert_true(px_kept_next(f->txn, 1, "acme", px_text_bytes("ann/"), end, sizeof end));
    assert_string_equal(end, "a-c");
    assert_true(px_kept_next(f->txn, 1, "acme", px_text_bytes("ann/"), end, sizeof end));
    assert_string_equal(end, "b");
    assert_false(px_kept_next(f->txn, 1, "acme", px_text_bytes("ann/"), end, sizeof end));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(marks__are_ordered_by_first_mark_then_key),
        TEST(clear__up_to_the_position_only),
        TEST(key_marked_after_the_basis__stays_dirty_from_its_last_mark),
        TEST(mark_of_the_basis_itself__is_cleared),
        TEST(due_time__becomes_a_mark_when_its_moment_is_folded),
        TEST(mark_all__finds_every_key_ever_marked),
        TEST(kept__outlives_whatever_happens_to_the_key),
        TEST(keeping__marks_the_key_when_asked),
        TEST(walk__meets_only_keys_of_which_anything_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
