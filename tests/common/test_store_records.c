/* Records: get, put, delete, scans, px_last, the digest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>
#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
#include "tests/common/store_fixture.h"

static void put_text(px_txn *txn, const char *key, const char *value)
{
    px_put(txn, PX_STATE, fixture_text(key), fixture_text(value));
}

/* Everything a scan still gives, as "key key key". */
static const char *rest_of(px_scan *scan)
{
    static char out[512];
    px_bytes key, value;

    out[0] = '\0';
    while (px_scan_next(scan, &key, &value)) {
        size_t used = strlen(out);
        assert_true(used + key.size + 2 < sizeof(out));
        snprintf(out + used, sizeof(out) - used, "%s%.*s", used ? " " : "", (int)key.size,
                 (const char *)key.data);
    }
    return out;
}

static const char *keys_from(const px_view *txn, px_bytes prefix, px_bytes from)
{
    px_scan scan;

    px_scan_begin_at(&scan, txn, PX_STATE, prefix, from);
    const char *keys = rest_of(&scan);
    px_scan_end(&scan);
    return keys;
}

static const char *keys_with(const px_view *txn, px_bytes prefix)
{
    px_scan scan;

    px_scan_begin(&scan, txn, PX_STATE, prefix);
    const char *keys = rest_of(&scan);
    px_scan_end(&scan);
    return keys;
}

static const char *last_with(const px_view *txn, px_bytes prefix)
{
    static char out[64];
    px_bytes key, value;

    if (!px_last(txn, PX_STATE, prefix, &key, &value))
        return NULL;
    snprintf(out, sizeof(out), "%.*s", (int)key.size, (const char *)key.data);
    return out;
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

/* --- scans --- */

static px_txn *with_letters(store_fixture *f)
{
    static const char *const keys[] = { "b", "ab", "a", "abc", "ac", "aba", "abd" };
    px_txn *txn = px_store_begin(f->store);

    for (size_t i = 0; i < PX_COUNT(keys); i++)
        put_text(txn, keys[i], keys[i]);
    return txn;
}

static void scan__gives_the_records_of_a_prefix_in_order(void **state)
{
    px_txn *txn = with_letters(*state);

    assert_string_equal(keys_with(txn, nothing), "a ab aba abc abd ac b");
    assert_string_equal(keys_with(txn, fixture_text("ab")), "ab aba abc abd");
    assert_string_equal(keys_with(txn, fixture_text("abd")), "abd");
    assert_string_equal(keys_with(txn, fixture_text("abe")), "");
    assert_string_equal(keys_with(txn, fixture_text("c")), "");
    px_txn_abort(txn);
}

static void scan__starts_at_the_first_key_not_below_from(void **state)
{
    px_txn *txn = with_letters(*state);
    px_bytes ab = fixture_text("ab");

    assert_string_equal(keys_from(txn, ab, fixture_text("abb")), "abc abd");
    assert_string_equal(keys_from(txn, ab, fixture_text("abc")), "abc abd");
    assert_string_equal(keys_from(txn, ab, fixture_text("a")), "ab aba abc abd"); /* below all */
    assert_string_equal(keys_from(txn, ab, nothing), "ab aba abc abd");
    assert_string_equal(keys_from(txn, ab, fixture_text("ac")), ""); /* above all */
    assert_string_equal(keys_from(txn, ab, fixture_text("zzz")), "");
    assert_string_equal(keys_from(txn, nothing, fixture_text("abd")), "abd ac b");
    px_txn_abort(txn);
}

static void scan__of_an_empty_table_gives_nothing(void **state)
{
    store_fixture *f = *state;
    px_txn *view = px_store_read(f->store);

    assert_string_equal(keys_with(view, nothing), "");
    assert_string_equal(keys_with(view, fixture_text("a")), "");
    assert_null(last_with(view, nothing));
    assert_null(last_with(view, fixture_text("a")));
    px_txn_abort(view);
}

static void scan__ends_once_and_for_all(void **state)
{
    px_txn *txn = with_letters(*state);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, txn, PX_STATE, fixture_text("ac"));
    assert_true(px_scan_next(&scan, &key, &value));
    assert_false(px_scan_next(&scan, &key, &value));
    assert_false(px_scan_next(&scan, &key, &value)); /* "b" comes next in the table */
    px_scan_end(&scan);
    px_txn_abort(txn);
}

static void prefix__of_0xff_bytes_has_its_edge_at_the_end_of_the_table(void **state)
{
    store_fixture *f = *state;
    px_txn *txn = px_store_begin(f->store);

    put_text(txn, "a", "1");
    put_text(txn, "a\xff", "1");
    put_text(txn, "a\xff\xff", "1");
    put_text(txn, "b", "1");
    put_text(txn, "\xff", "1");
    put_text(txn, "\xff\xff", "1");
    put_text(txn, "\xff\xff\x01", "1");

    assert_string_equal(keys_with(txn, fixture_text("a\xff")), "a\xff a\xff\xff");
    assert_string_equal(last_with(txn, fixture_text("a\xff")), "a\xff\xff");
    assert_string_equal(last_with(txn, fixture_text("a")), "a\xff\xff");
    assert_string_equal(keys_with(txn, fixture_text("\xff")), "\xff \xff\xff \xff\xff\x01");
    assert_string_equal(last_with(txn, fixture_text("\xff")), "\xff\xff\x01");
    assert_string_equal(last_with(txn, fixture_text("\xff\xff")), "\xff\xff\x01");
    assert_null(last_with(txn, fixture_text("\xff\xff\xff")));
    px_txn_abort(txn);
}

static void last__gives_the_greatest_key_of_the_prefix(void **state)
{
    px_txn *txn = with_letters(*state);

    assert_string_equal(last_with(txn, fixture_text("ab")), "abd");
    assert_string_equal(last_with(txn, fixture_text("a")), "ac");
    assert_string_equal(last_with(txn, fixture_text("b")), "b"); /* nothing behind it */
    assert_string_equal(last_with(txn, nothing), "b");
    assert_null(last_with(txn, fixture_text("aa"))); /* records before and behind, none in it */
    assert_null(last_with(txn, fixture_text("Z")));  /* before all */
    assert_null(last_with(txn, fixture_text("c")));  /* behind all */
    px_txn_abort(txn);
}

/* --- deleting while scanning --- */

static void scan_del__goes_on_with_the_next_record(void **state)
{
    px_txn *txn = with_letters(*state);
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, txn, PX_STATE, fixture_text("ab"));
    assert_true(px_scan_next(&scan, &key, &value));
    px_scan_del(&scan); /* the first */
    assert_true(px_scan_next(&scan, &key, &value));
    assert_true(fixture_bytes_equal(key, fixture_text("aba")));
    assert_true(px_scan_next(&scan, &key, &value));
    assert_true(px_scan_next(&scan, &key, &value));
    assert_true(fixture_bytes_equal(key, fixture_text("abd")));
    px_scan_del(&scan); /* the last of the prefix, not of the table */
    assert_false(px_scan_next(&scan, &key, &value));
    px_scan_end(&scan);
    assert_string_equal(keys_with(txn, nothing), "a aba abc ac b");
    px_txn_abort(txn);
}

static void scan_del__can_empty_the_table(void **state)
{
    px_txn *txn = with_letters(*state);
    px_bytes key, value;
    px_scan scan;
    int count = 0;

    px_scan_begin(&scan, txn, PX_STATE, nothing);
    for (; px_scan_next(&scan, &key, &value); count++)
        px_scan_del(&scan);
    px_scan_end(&scan);
    assert_int_equal(count, 7);
    assert_string_equal(keys_with(txn, nothing), "");
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u; /* Numerical Recipes; the high bits are good enough */
    return *seed >> 16;
}

enum { MANY = 2000 };

static void put_numbered(px_txn *txn, uint32_t *seed)
{
    static const char filler[600];
    char key[64];

    for (int i = 0; i < MANY; i++) { /* lengths vary: pages split and merge at odd places */
        snprintf(key, sizeof(key), "n%06d%*s", i, (int)(random_next(seed) % 40), "");
        px_put(txn, PX_STATE, fixture_text(key), (px_bytes){ filler, random_next(seed) % 600 });
    }
    put_text(txn, "m", "before");
    put_text(txn, "o", "behind");
}

static int number_of(px_bytes key)
{
    char text[7] = { 0 };

    assert_true(key.size >= 7);
    memcpy(text, (const char *)key.data + 1, 6);
    return atoi(text);
}

/* Deletes about `percent` of the records, seeing that each comes by once; `kept` says which stay.
 */
static void scan_and_thin(px_txn *txn, uint32_t *seed, uint32_t percent, bool kept[MANY])
{
    px_bytes key, value;
    px_scan scan;
    int next = 0;

    px_scan_begin(&scan, txn, PX_STATE, fixture_text("n"));
    while (px_scan_next(&scan, &key, &value)) {
        assert_int_equal(number_of(key), next); /* none skipped, none twice */
        kept[next] = random_next(seed) % 100 >= percent;
        if (!kept[next++])
            px_scan_del(&scan);
    }
    px_scan_end(&scan);
    assert_int_equal(next, MANY);
}

static void assert_only_kept(const px_view *txn, const bool kept[MANY])
{
    px_bytes key, value;
    px_scan scan;
    int next = 0;

    px_scan_begin(&scan, txn, PX_STATE, fixture_text("n"));
    for (; px_scan_next(&scan, &key, &value); next++) {
        while (next < MANY && !kept[next])
            next++;
        assert_true(next < MANY);
        assert_int_equal(number_of(key), next);
    }
    px_scan_end(&scan);
    while (next < MANY && !kept[next])
        next++;
    assert_int_equal(next, MANY);
}

static void scan_del__skips_no_record_whatever_the_pages_do(void **state)
{
    store_fixture *f = *state;
    static const uint32_t percents[] = { 3, 50, 90, 99, 100 };
    static bool kept[MANY];

    for (uint32_t seed_first = 1; seed_first <= 4; seed_first++) {
        for (size_t i = 0; i < PX_COUNT(percents); i++) {
            uint32_t seed = seed_first;
            print_message("seed %u, %u %% deleted\n", seed, percents[i]);
            px_txn *txn = px_store_begin(f->store);
            put_numbered(txn, &seed);
            scan_and_thin(txn, &seed, percents[i], kept);
            assert_only_kept(txn, kept);
            assert_int_equal(px_txn_commit(txn), PX_OK);
            assert_true(store_fixture_has(f, "m", "before"));
            assert_true(store_fixture_has(f, "o", "behind"));
            assert_int_equal(px_store_clear(f->store), PX_OK);
        }
    }
}

/* --- digest --- */

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
    assert_int_equal(px_store_clear(f->store), PX_OK);

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
        TEST(put__takes_an_empty_value),
        TEST(put__takes_the_longest_key),
        TEST(get_and_del__of_a_key_nobody_can_put_find_nothing),
        TEST(del__of_what_is_not_there_is_fine),
        TEST(abort__forgets_the_overlay),
        TEST(seq__belongs_to_its_transaction),
        cmocka_unit_test(be64__sorts_as_it_counts),
        TEST(scan__gives_the_records_of_a_prefix_in_order),
        TEST(scan__starts_at_the_first_key_not_below_from),
        TEST(scan__of_an_empty_table_gives_nothing),
        TEST(scan__ends_once_and_for_all),
        TEST(prefix__of_0xff_bytes_has_its_edge_at_the_end_of_the_table),
        TEST(last__gives_the_greatest_key_of_the_prefix),
        TEST(scan_del__goes_on_with_the_next_record),
        TEST(scan_del__can_empty_the_table),
        TEST(scan_del__skips_no_record_whatever_the_pages_do),
        TEST(digest__is_blake2b_over_lengths_and_bytes),
        TEST(digest__does_not_know_the_order_of_the_puts),
        TEST(digest__changes_with_one_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
