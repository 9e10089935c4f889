/* The scrub finds what nobody reads; the housekeeping thread does it beside a writer. */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/metrics.h"
#include "common/store_keeper.h"
#include "tests/common/store_fixture.h"

enum { RECORDS = 2500, DEADLINE_S = 60 };

static void fill(store_fixture *f)
{
    px_txn *txn = px_store_begin(f->store);

    store_fixture_put_many(txn, 0, RECORDS, 40);
    px_put(txn, PX_LOCAL, fixture_text("row"), fixture_text("the needle of the local table"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

/* Turns one bit of a value where the file has it; LMDB's map shows it at once. */
static void damage(store_fixture *f, const char *value)
{
    static char bytes[1 << 20];
    char path[96];
    size_t size, at = 0;

    snprintf(path, sizeof path, "%s/data.mdb", f->directory);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    while (at + strlen(value) <= size && memcmp(bytes + at, value, strlen(value)) != 0)
        at++;
    assert_true(at + strlen(value) <= size);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_true(fputc(bytes[at] ^ 4, file) != EOF);
    assert_int_equal(fclose(file), 0);
}

static void scrub__reads_everything_once_a_pass(void **state)
{
    store_fixture *f = *state;
    px_scrub scrub = { 0 };
    unsigned steps = 0;

    fill(f);
    assert_int_equal(px_scrub_size(f->store), RECORDS + 1);
    for (; scrub.passes == 0; steps++)
        assert_int_equal(px_scrub_step(&scrub, f->store, RECORDS / 10), PX_OK);
    assert_in_range(steps, 10, 13);
}

static void scrub__finds_damage_in_a_record_nobody_reads(void **state)
{
    store_fixture *f = *state;
    px_scrub scrub = { 0 };

    fill(f);
    damage(f, "the needle of the local table");
    while (scrub.passes == 0 && px_scrub_step(&scrub, f->store, 1000) == PX_OK)
        ;
    assert_int_equal(scrub.passes, 0);
    assert_int_equal(px_store_failure(f->store), PX_ECORRUPT);
    assert_null(px_store_read(f->store));
    store_fixture_reopen(f);
    assert_true(f->fresh);
}

static void keeper__scrubs_beside_the_writer_and_the_growing_map(void **state)
{
    store_fixture *f = *state;
    uint64_t scrubs = px_metric_get(PX_METRIC_SCRUBS);
    px_store_keeper *keeper;
    time_t since = time(NULL);

    fill(f);
    assert_int_equal(px_store_keeper_start(&keeper, f->store, 1), PX_OK);
    for (unsigned i = 0; px_metric_get(PX_METRIC_SCRUBS) == scrubs; i++) {
        px_txn *txn = px_store_begin(f->store);

        store_fixture_put_many(txn, i * 7 % RECORDS, 5, 40);
        assert_int_equal(px_txn_commit(txn), PX_OK);
        if (i == 20)
            assert_int_equal(px_store_grow(f->store), PX_OK);
        if (i % 50 == 0)
            assert_int_equal(px_store_sync(f->store), PX_OK);
        assert_true(time(NULL) - since < DEADLINE_S);
        sched_yield();
    }
    px_store_keeper_stop(keeper);
    px_store_keeper_stop(NULL);
    assert_int_equal(px_store_failure(f->store), PX_OK);
}

static void keeper__finds_damage_by_itself(void **state)
{
    store_fixture *f = *state;
    px_store_keeper *keeper;
    time_t since = time(NULL);

    fill(f);
    assert_int_equal(px_store_keeper_start(&keeper, f->store, 1), PX_OK);
    damage(f, "the needle of the local table");
    while (px_store_failure(f->store) == PX_OK) {
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        assert_true(time(NULL) - since < DEADLINE_S);
    }
    px_store_keeper_stop(keeper);
    assert_int_equal(px_store_failure(f->store), PX_ECORRUPT);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(scrub__reads_everything_once_a_pass),
        TEST(scrub__finds_damage_in_a_record_nobody_reads),
        TEST(keeper__scrubs_beside_the_writer_and_the_growing_map),
        TEST(keeper__finds_damage_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
