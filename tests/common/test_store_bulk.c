/* A store written through its map: the same records, and no block that was not reserved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/common/store_fixture.h"

enum { ROWS = 6000, ROW_SIZE = 1000, ROWS_A_TXN = 500 };

static int setup(void **state)
{
    store_fixture *f;

    if (store_fixture_setup_closed(state) != 0)
        return -1;
    f = *state;
    f->options.bulk = true;
    f->options.map_bytes = 1 << 20; /* a sixth of what is going to be in it */
    return store_fixture_open(f) == PX_OK ? 0 : -1;
}

static void fill(store_fixture *f)
{
    px_status status;

    for (unsigned first = 0; first < ROWS; first += ROWS_A_TXN) {
        do {
            px_txn *txn = px_store_begin(f->store);

            store_fixture_put_many(txn, first, ROWS_A_TXN, ROW_SIZE);
            status = px_txn_commit(txn);
        } while (status == PX_EFULL && px_store_grow(f->store) == PX_OK);
        assert_int_equal(status, PX_OK);
    }
}

static void digest_of(store_fixture *f, uint8_t digest[32])
{
    px_txn *view = px_store_read(f->store);
    uint64_t records;

    assert_int_equal(px_store_digest(view, digest, &records), PX_OK);
    assert_int_equal(records, ROWS);
    px_txn_abort(view);
}

static struct stat data_of(const store_fixture *f)
{
    char path[128];
    struct stat data;

    snprintf(path, sizeof path, "%s/data.mdb", f->directory);
    assert_int_equal(stat(path, &data), 0);
    return data;
}

static void records__are_those_of_any_other_store(void **state)
{
    store_fixture *f = *state;
    uint8_t bulk[32], other[32];

    fill(f);
    digest_of(f, bulk);
    f->options.bulk = false;
    store_fixture_reopen(f);
    assert_false(f->fresh);
    digest_of(f, other);
    assert_memory_equal(bulk, other, sizeof bulk);
}

static void map__is_backed_by_the_disk_and_given_back(void **state)
{
    store_fixture *f = *state;
    uint64_t map_bytes, used_bytes;
    uint32_t readers;

    fill(f);
    px_store_usage(f->store, &map_bytes, &used_bytes, &readers);
    assert_true((uint64_t)data_of(f).st_blocks * 512 >= map_bytes);
    assert_true(map_bytes > used_bytes);
    store_fixture_close(f);
    assert_int_equal(data_of(f).st_size, used_bytes);
    assert_true((uint64_t)data_of(f).st_blocks * 512 <= used_bytes + 4096);
    assert_int_equal(store_fixture_open(f), PX_OK); /* and can be gone on with */
    store_fixture_put(f, "one", "more");
    assert_true(store_fixture_has(f, "one", "more"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, store_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(records__are_those_of_any_other_store),
        TEST(map__is_backed_by_the_disk_and_given_back),
    };

    return cmocka_run_group_tests_name("store in bulk", tests, NULL, NULL);
}
