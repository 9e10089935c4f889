/* Rows kept in memory by the writer: whatever is done, the store is what it is without them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/common/store_fixture.h"

static const uint8_t hot_tables[] = { 'h', 'i', 0 };

typedef struct {
    store_fixture *with, *without;
    uint64_t drawn;
} pair;

static int setup(void **state)
{
    static pair p;

    p = (pair){ .drawn = 88172645463325252u };
    if (store_fixture_setup_closed((void **)&p.with) != 0 ||
        store_fixture_setup((void **)&p.without) != 0)
        return -1;
    p.with->options.hot = hot_tables;
    *state = &p;
    return store_fixture_open(p.with) == PX_OK ? 0 : -1;
}

static int teardown(void **state)
{
    pair *p = *state;
    void *with = p->with, *without = p->without;

    return store_fixture_teardown(&with) || store_fixture_teardown(&without);
}

static unsigned draw(pair *p, unsigned below)
{
    p->drawn ^= p->drawn << 13;
    p->drawn ^= p->drawn >> 7;
    p->drawn ^= p->drawn << 17;
    return (unsigned)(p->drawn % below);
}

/* Two hot tables, one that is not, some 150 keys, values of 0 to 40 bytes. */
static void draw_key(pair *p, char key[16])
{
    snprintf(key, 16, "%c-%02u", "hij"[draw(p, 3)], draw(p, 50));
}

static void expect_same(px_txn *a, px_txn *b, const char *key)
{
    px_bytes x, y;
    bool there = px_get(a, PX_STATE, fixture_text(key), &x);

    assert_int_equal(there, px_get(b, PX_STATE, fixture_text(key), &y));
    assert_true(!there || fixture_bytes_equal(x, y));
}

/* Both walk together; some of what they meet is deleted on the way. */
static void walk(pair *p, px_txn *a, px_txn *b, bool delete)
{
    const char *prefixes[] = { "h", "j", "i-1", "" };
    px_bytes prefix = fixture_text(prefixes[draw(p, 4)]);
    px_bytes key, value, other_key, other_value;
    px_scan x, y;

    px_scan_begin(&x, a, PX_STATE, prefix);
    px_scan_begin(&y, b, PX_STATE, prefix);
    while (px_scan_next(&x, &key, &value)) {
        assert_true(px_scan_next(&y, &other_key, &other_value));
        assert_true(fixture_bytes_equal(key, other_key));
        assert_true(fixture_bytes_equal(value, other_value));
        if (delete &&draw(p, 8) == 0) {
            px_scan_del(&x);
            px_scan_del(&y);
        }
    }
    assert_false(px_scan_next(&y, &other_key, &other_value));
    px_scan_end(&x);
    px_scan_end(&y);
}

static void expect_same_any(px_txn *a, px_txn *b, const char *key, size_t size)
{
    const px_bytes prefix = { key, size };

    assert_int_equal(px_any(a, PX_STATE, prefix), px_any(b, PX_STATE, prefix));
}

static void step(pair *p, px_txn *a, px_txn *b)
{
    char key[16], value[48];
    unsigned what = draw(p, 100);

    draw_key(p, key);
    snprintf(value, sizeof value, "%0*u", (int)draw(p, 40), draw(p, 1000));
    if (what < 35) {
        expect_same(a, b, key);
    } else if (what < 40) {
        expect_same_any(a, b, key, 1 + draw(p, 4));
    } else if (what < 80) {
        px_put(a, PX_STATE, fixture_text(key), fixture_text(value));
        px_put(b, PX_STATE, fixture_text(key), fixture_text(value));
    } else if (what < 94) {
        px_del(a, PX_STATE, fixture_text(key));
        px_del(b, PX_STATE, fixture_text(key));
    } else {
        walk(p, a, b, what >= 97);
    }
}

static void expect_same_digest(pair *p)
{
    px_txn *a = px_store_read(p->with->store), *b = px_store_read(p->without->store);
    uint8_t x[32], y[32];

    assert_int_equal(px_store_digest(a, x, NULL), PX_OK);
    assert_int_equal(px_store_digest(b, y, NULL), PX_OK);
    assert_memory_equal(x, y, sizeof x);
    px_txn_abort(a);
    px_txn_abort(b);
}

static void whatever_is_done__is_what_it_is_without(void **state)
{
    pair *p = *state;

    for (unsigned round = 0; round < 600; round++) {
        px_txn *a = px_store_begin(p->with->store), *b = px_store_begin(p->without->store);

        for (unsigned i = draw(p, 60); i > 0; i--)
            step(p, a, b);
        if (draw(p, 4) == 0) { /* as after every round of decisions */
            px_txn_abort(a);
            px_txn_abort(b);
        } else {
            assert_int_equal(px_txn_commit(a), PX_OK);
            assert_int_equal(px_txn_commit(b), PX_OK);
        }
        expect_same_digest(p);
    }
}

static void put(pair *p, const char *key, const char *value)
{
    store_fixture_put(p->with, key, value);
}

static void view__sees_what_is_committed_only(void **state)
{
    pair *p = *state;

    put(p, "h-1", "before");
    px_txn *txn = px_store_begin(p->with->store);
    px_put(txn, PX_STATE, fixture_text("h-1"), fixture_text("after"));
    assert_true(store_fixture_has(p->with, "h-1", "before"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_true(store_fixture_has(p->with, "h-1", "after"));
}

static void many_changes_of_a_row__count_once(void **state)
{
    pair *p = *state;
    px_txn *txn = px_store_begin(p->with->store);

    for (unsigned i = 0; i < 5; i++)
        px_put(txn, PX_STATE, fixture_text("h-1"), fixture_text("value"));
    px_del(txn, PX_STATE, fixture_text("h-1"));
    assert_int_equal(px_txn_changes(txn), 1);
    px_put(txn, PX_STATE, fixture_text("j-1"), fixture_text("value"));
    assert_int_equal(px_txn_changes(txn), 2);
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_true(store_fixture_has(p->with, "h-1", NULL));
}

/* More than are kept: the others are read and written where they are. */
static void more_rows_than_are_kept__are_all_there(void **state)
{
    enum { ROWS = 40000 };
    pair *p = *state;
    char key[16];

    for (unsigned round = 0; round < 3; round++) {
        px_txn *txn = px_store_begin(p->with->store);

        for (unsigned i = 0; i < ROWS; i++) {
            px_bytes value;

            snprintf(key, sizeof key, "h%08u", i * 7919 % ROWS);
            assert_int_equal(px_get(txn, PX_STATE, fixture_text(key), &value), round > 0);
            px_put(txn, PX_STATE, fixture_text(key), fixture_text(round ? "again" : "once"));
        }
        assert_int_equal(px_txn_commit(txn), PX_OK);
    }
    for (unsigned i = 0; i < ROWS; i += 997) {
        snprintf(key, sizeof key, "h%08u", i);
        assert_true(store_fixture_has(p->with, key, "again"));
    }
}

static void full_map__forgets_what_was_not_committed(void **state)
{
    pair *p = *state;
    px_status status;

    store_fixture_close(p->with);
    p->with->options.map_bytes = 1 << 20;
    assert_int_equal(store_fixture_open(p->with), PX_OK);
    put(p, "h-1", "before");
    px_txn *txn = px_store_begin(p->with->store);
    px_put(txn, PX_STATE, fixture_text("h-1"), fixture_text("after"));
    store_fixture_put_many(txn, 0, 2000, 1000);
    while ((status = px_txn_commit(txn)) == PX_EFULL) {
        px_bytes value;

        assert_int_equal(px_store_grow(p->with->store), PX_OK);
        txn = px_store_begin(p->with->store);
        assert_true(px_get(txn, PX_STATE, fixture_text("h-1"), &value));
        assert_true(fixture_bytes_equal(value, fixture_text("before")));
        store_fixture_put_many(txn, 0, 2000, 1000);
    }
    assert_int_equal(status, PX_OK);
    assert_true(store_fixture_has(p->with, "h-1", "before"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whatever_is_done__is_what_it_is_without),
        TEST(view__sees_what_is_committed_only),
        TEST(many_changes_of_a_row__count_once),
        TEST(more_rows_than_are_kept__are_all_there),
        TEST(full_map__forgets_what_was_not_committed),
    };

    return cmocka_run_group_tests_name("store, hot rows", tests, NULL, NULL);
}
