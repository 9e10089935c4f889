/* Single records, transactions and the digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>
#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
#include "common/store_copy.h"
#include "tests/common/store_fixture.h"

static void put_text(px_txn *txn, const char *key, const char *value)
{
    px_put(txn, PX_STATE, fixture_text(key), fixture_text(value));
}

static const px_bytes nothing = { NULL, 0 };

/* --- one record --- */

static void put__replaces_and_get_finds(void **state)
{
    store_fixture *f = *state;
    px_bytes value;

    px_txn *txn = px_store_begin(f->store);
    put_text(txn, "a", "1");
    put_text(txn, "a", "22");
    assert_true(px_get(txn, PX_STATE, fixture_text("a"), &value));
    assert_true(fixture_bytes_equal(value, fixture_text("22")));
    assert_false(px_get(txn, PX_LOCAL, fixture_text("a"), &value));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_true(store_fixture_has(f, "a", "22"));
}

static void any__is_about_the_beginning_of_keys(void **state)
{
    store_fixture *f = *state;

    px_txn *txn = px_store_begin(f->store);
    assert_false(px_any(txn, PX_STATE, fixture_text("b")));
    put_text(txn, "b1x", "1");
    put_text(txn, "d", "2");
    assert_true(px_any(txn, PX_STATE, fixture_text("b")));
    assert_true(px_any(txn, PX_STATE, fixture_text("b1")));
    assert_true(px_any(txn, PX_STATE, fixture_text("b1x")));
    assert_false(px_any(txn, PX_STATE, fixture_text("b1xx")));
    assert_false(px_any(txn, PX_STATE, fixture_text("a")));
    assert_false(px_any(txn, PX_STATE, fixture_text("c")));
    assert_false(px_any(txn, PX_STATE, fixture_text("e")));
    assert_false(px_any(txn, PX_LOCAL, fixture_text("b")));
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void put__takes_an_empty_value(void **state)
{
    store_fixture *f = *state;
    px_bytes value = { "x", 1 };

    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_STATE, fixture_text("a"), nothing);
    assert_true(px_get(txn, PX_STATE, fixture_text("a"), &value));
    assert_int_equal(value.size, 0);
    px_txn_abort(txn);
}

static void put__takes_the_longest_key(void **state)
{
    store_fixture *f = *state;
    char key[PX_KEY_MAX];
    px_bytes value;

    memset(key, 0xff, sizeof(key));
    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_STATE, (px_bytes){ key, sizeof(key) }, fixture_text("1"));
    assert_true(px_get(txn, PX_STATE, (px_bytes){ key, sizeof(key) }, &value));
    assert_true(px_last(txn, PX_STATE, (px_bytes){ key, sizeof(key) }, &(px_bytes){ 0 }, &value));
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void get_and_del__of_a_key_nobody_can_put_find_nothing(void **state)
{
    store_fixture *f = *state;
    static const char big[PX_KEY_MAX + 1];
    px_bytes value;

    px_txn *txn = px_store_begin(f->store);
    assert_false(px_get(txn, PX_STATE, nothing, &value));
    assert_false(px_get(txn, PX_STATE, (px_bytes){ big, sizeof(big) }, &value));
    px_del(txn, PX_STATE, nothing);
    px_del(txn, PX_STATE, (px_bytes){ big, sizeof(big) });
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void del__of_what_is_not_there_is_fine(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    px_txn *txn = px_store_begin(f->store);
    px_del(txn, PX_STATE, fixture_text("a"));
    px_del(txn, PX_STATE, fixture_text("a"));
    assert_int_equal(px_txn_status(txn), PX_OK);
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_true(store_fixture_has(f, "a", NULL));
}

static void abort__forgets_the_overlay(void **state)
{
    store_fixture *f = *state;
    char key[16];

    store_fixture_put(f, "a", "1");
    for (int round = 0; round < 3; round++) {
        px_txn *overlay = px_store_begin(f->store);
        put_text(overlay, "a", "2");
        for (int i = 0; i < 2000; i++) { /* many pages */
            snprintf(key, sizeof(key), "k%06d", i);
            put_text(overlay, key, "some value that takes a little room");
        }
        px_del(overlay, PX_STATE, fixture_text("a"));
        px_txn_abort(overlay);
        assert_true(store_fixture_has(f, "a", "1"));
        assert_true(store_fixture_has(f, "k000000", NULL));
    }
}

static void seq__belongs_to_its_transaction(void **state)
{
    store_fixture *f = *state;

    px_txn *txn = px_store_begin(f->store);
    assert_int_equal(px_txn_seq(txn), 0);
    px_txn_set_seq(txn, UINT64_MAX);
    assert_int_equal(px_txn_seq(txn), UINT64_MAX);
    assert_int_equal(px_txn_commit(txn), PX_OK);
    txn = px_store_begin(f->store);
    assert_int_equal(px_txn_seq(txn), 0);
    px_txn_abort(txn);
    px_txn_abort(NULL);
}

static void be64__sorts_as_it_counts(void **state)
{
    static const uint64_t numbers[] = { 0, 1, 255, 256, UINT64_C(1) << 32, UINT64_MAX };
    uint8_t before[8];
    uint8_t here[8];

    (void)state;
    for (size_t i = 0; i < PX_COUNT(numbers); i++) {
        px_put_be64(here, numbers[i]);
        assert_true(px_get_be64(here) == numbers[i]);
        assert_true(i == 0 || memcmp(before, here, sizeof(here)) < 0);
        memcpy(before, here, sizeof(here));
    }
    px_put_be64(here, UINT64_C(0x0102030405060708));
    assert_memory_equal(here, "\1\2\3\4\5\6\7\10", 8);
}

/* --- digest --- */

enum { MANY = 2000 };

static void assert_digest(store_fixture *f, const uint8_t expected[32], uint64_t records_expected)
{
    uint8_t digest[32];
    uint64_t records;
    px_txn *view = px_store_read(f->store);

    assert_int_equal(px_store_digest(view, digest, &records), PX_OK);
    px_txn_abort(view);
    assert_int_equal(records, records_expected);
    assert_memory_equal(digest, expected, sizeof(digest));
}

static void digest__is_blake2b_over_lengths_and_bytes(void **state)
{
    store_fixture *f = *state;
    static const char bytes[] = "\1\0\0\0a\2\0\0\0xy\2\0\0\0b\0\0\0\0\0";
    uint8_t expected[32];

    crypto_generichash(expected, sizeof(expected), NULL, 0, NULL, 0);
    assert_digest(f, expected, 0);

    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_STATE, (px_bytes){ "b\0", 2 }, nothing);
    put_text(txn, "a", "xy");
    px_put(txn, PX_LOCAL, fixture_text("not"), fixture_text("counted"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    crypto_generichash(expected, sizeof(expected), (const uint8_t *)bytes, sizeof(bytes) - 1, NULL,
                       0);
    assert_digest(f, expected, 2);
}

/* Puts the numbers 0..MANY-1 in steps of `step` (no divisor of MANY), a batch of `batch` each. */
static void put_in_steps(store_fixture *f, int step, int batch)
{
    char key[16];
    px_txn *txn = px_store_begin(f->store);

    for (int i = 0; i < MANY; i++) {
        int number = (int)((long)i * step % MANY);
        snprintf(key, sizeof(key), "k%d", number);
        put_text(txn, key, key + 1);
        if (i % batch == batch - 1) {
            assert_int_equal(px_txn_commit(txn), PX_OK);
            txn = px_store_begin(f->store);
        }
    }
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void digest__does_not_know_the_order_of_the_puts(void **state)
{
    store_fixture *f = *state;
    uint8_t first[32];
    uint64_t records;

    put_in_steps(f, 1, MANY);
    px_txn *view = px_store_read(f->store);
    assert_int_equal(px_store_digest(view, first, &records), PX_OK);
    px_txn_abort(view);
    assert_int_equal(px_store_replace(f->store, NULL, &f->fresh), PX_OK);

    store_fixture_put(f, "gone", "later");
    store_fixture_put(f, "k7", "overwritten later");
    put_in_steps(f, 1237, 71);
    px_txn *txn = px_store_begin(f->store);
    px_del(txn, PX_STATE, fixture_text("gone"));
    uint8_t in_writer[32]; /* a write transaction has the same digest before it commits */
    assert_int_equal(px_store_digest(txn, in_writer, NULL), PX_OK);
    assert_memory_equal(in_writer, first, sizeof(first));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_digest(f, first, MANY);
}

static void digest__changes_with_one_byte(void **state)
{
    store_fixture *f = *state;
    uint8_t before[32];
    uint8_t after[32];

    store_fixture_put(f, "a", "1");
    px_txn *txn = px_store_begin(f->store);
    assert_int_equal(px_store_digest(txn, before, NULL), PX_OK);
    put_text(txn, "a", "2");
    assert_int_equal(px_store_digest(txn, after, NULL), PX_OK);
    assert_memory_not_equal(before, after, sizeof(before));
    px_txn_abort(txn);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(put__replaces_and_get_finds),
        TEST(any__is_about_the_beginning_of_keys),
        TEST(put__takes_an_empty_value),
        TEST(put__takes_the_longest_key),
        TEST(get_and_del__of_a_key_nobody_can_put_find_nothing),
        TEST(del__of_what_is_not_there_is_fine),
        TEST(abort__forgets_the_overlay),
        TEST(seq__belongs_to_its_transaction),
        cmocka_unit_test(be64__sorts_as_it_counts),
        TEST(digest__is_blake2b_over_lengths_and_bytes),
        TEST(digest__does_not_know_the_order_of_the_puts),
        TEST(digest__changes_with_one_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
