/* Scans, deleting while scanning, px_last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
#include "common/store_copy.h"
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
    return (int)strtol(text, NULL, 10);
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
            assert_int_equal(px_store_replace(f->store, NULL, &f->fresh), PX_OK);
        }
    }
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(scan__gives_the_records_of_a_prefix_in_order),
        TEST(scan__starts_at_the_first_key_not_below_from),
        TEST(scan__of_an_empty_table_gives_nothing),
        TEST(scan__ends_once_and_for_all),
        TEST(prefix__of_0xff_bytes_has_its_edge_at_the_end_of_the_table),
        TEST(last__gives_the_greatest_key_of_the_prefix),
        TEST(scan_del__goes_on_with_the_next_record),
        TEST(scan_del__can_empty_the_table),
        TEST(scan_del__skips_no_record_whatever_the_pages_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
