/* A full map and a failing disk, and the order in which things reach the disk. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
#include "common/store_copy.h"
#include "tests/common/store_fixture.h"

/* --- the disk, as LMDB and the mark see it: these definitions come before those of libc --- */

static struct {
    int write_error; /* errno of every data write, 0 = none */
    int sync_error;  /* errno of fdatasync */
    char trace[256]; /* W = data written, D = data synced, N = note or its directory synced */
    size_t trace_size;
} disk;

static void disk_reset(void)
{
    memset(&disk, 0, sizeof(disk));
}

static int disk_does(char what, int error)
{
    if (disk.trace_size < sizeof(disk.trace) - 1)
        disk.trace[disk.trace_size++] = what;
    errno = error;
    return error;
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    return disk_does('W', disk.write_error) ? -1 : syscall(SYS_pwrite64, fd, bytes, size, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return disk_does('W', disk.write_error) ? -1 : syscall(SYS_writev, fd, parts, count);
}

int fdatasync(int fd)
{
    return disk_does('D', disk.sync_error) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    disk_does('N', 0);
    return (int)syscall(SYS_fsync, fd);
}

/* --- order --- */

static void open__has_its_note_on_disk_before_any_data(void **state)
{
    store_fixture *f = *state;

    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_memory_equal(disk.trace, "NNW", 3);
}

static void close__has_the_data_on_disk_before_its_note(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    disk_reset();
    store_fixture_close(f);
    assert_string_equal(disk.trace, "DNN");
}

static void commit__syncs_nothing(void **state)
{
    store_fixture *f = *state;

    disk_reset();
    store_fixture_put(f, "a", "1");
    assert_non_null(strchr(disk.trace, 'W'));
    assert_null(strchr(disk.trace, 'D'));
}

/* --- a full map --- */

/* Runs one batch, growing and running it again as often as it takes. Counts where the map was full.
 */
static void run_batch(store_fixture *f, unsigned first, unsigned count, size_t size, int full[2])
{
    for (;;) {
        px_txn *txn = px_store_begin(f->store);
        store_fixture_put_many(txn, first, count, size);
        bool full_in_put = px_txn_status(txn) != PX_OK;
        px_status status = px_txn_commit(txn);
        if (status == PX_OK)
            return;
        assert_int_equal(status, PX_EFULL);
        full[full_in_put ? 0 : 1]++;
        assert_int_equal(px_store_grow(f->store), PX_OK);
    }
}

static void full_map__ends_as_efull_from_put_and_from_commit(void **state)
{
    store_fixture *f = *state;
    int full[2] = { 0, 0 };
    unsigned next = 0;

    store_fixture_close(f);
    f->options.map_bytes = 64 * 1024;
    assert_int_equal(store_fixture_open(f), PX_OK);
    for (; next < 300; next++) /* one small record a batch: the tree fits, the free list does not */
        run_batch(f, next, 1, 900, full);
    assert_true(full[1] > 0);
    for (; next < 330; next += 10) /* large records: there is no room for the pages themselves */
        run_batch(f, next, 10, 60000, full);
    assert_true(full[0] > 0);

    px_txn *view = px_store_read(f->store);
    uint64_t records;
    uint8_t digest[32];
    assert_int_equal(px_store_digest(view, digest, &records), PX_OK);
    assert_int_equal(records, next);
    px_txn_abort(view);
}

static void full_map__loses_nothing_committed(void **state)
{
    store_fixture *f = *state;

    store_fixture_close(f);
    f->options.map_bytes = 128 * 1024;
    assert_int_equal(store_fixture_open(f), PX_OK);
    store_fixture_put(f, "a", "1");
    px_txn *txn = px_store_begin(f->store);
    store_fixture_put_many(txn, 0, 10, 60000);
    assert_int_equal(px_txn_status(txn), PX_EFULL);
    px_put(txn, PX_STATE, fixture_text("b"), fixture_text("2")); /* later calls are no-ops */
    assert_false(px_get(txn, PX_STATE, fixture_text("a"), &(px_bytes){ 0 }));
    assert_int_equal(px_txn_commit(txn), PX_EFULL);
    assert_true(store_fixture_has(f, "a", "1"));
    assert_true(store_fixture_has(f, "b", NULL));
    store_fixture_put(f, "a", "2");
}

static void full_map__keeps_nobody_from_clearing_closing_and_opening(void **state)
{
    store_fixture *f = *state;
    px_status status;
    unsigned next = 0;

    store_fixture_close(f);
    f->options.map_bytes = 64 * 1024;
    assert_int_equal(store_fixture_open(f), PX_OK);
    do {
        px_txn *txn = px_store_begin(f->store);
        store_fixture_put_many(txn, next++, 1, 900);
        status = px_txn_commit(txn);
    } while (status == PX_OK);
    assert_int_equal(status, PX_EFULL);
    f->options.layout = 2; /* opening has to write */
    store_fixture_reopen(f);
    assert_true(f->fresh);
    assert_int_equal(px_store_replace(f->store, NULL, &f->fresh), PX_OK);
    store_fixture_put(f, "a", "1");
}

static void open__makes_room_for_itself_in_a_map_too_small_to_start_with(void **state)
{
    store_fixture *f = *state;
    uint64_t map_bytes, used;
    uint32_t readers;

    f->options.map_bytes = 1;
    assert_int_equal(store_fixture_open(f), PX_OK);
    px_store_usage(f->store, &map_bytes, &used, &readers);
    assert_true(map_bytes >= used);
    store_fixture_reopen(f); /* a map of just the bytes used, and the tables are there */
    assert_false(f->fresh);
}

static void grow__beyond_the_address_space_ends_the_store_not_the_process(void **state)
{
    store_fixture *f = *state;
    px_status status = PX_OK;
    uint64_t map_bytes, used;
    uint32_t readers;

    store_fixture_put(f, "a", "1");
    for (int i = 0; i < 64 && status == PX_OK; i++)
        status = px_store_grow(f->store);
    assert_int_equal(status, PX_ENOMEM);
    assert_null(px_store_read(f->store));
    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_STATE, fixture_text("b"), fixture_text("2"));
    assert_int_equal(px_txn_commit(txn), PX_ENOMEM);
    px_store_usage(f->store, &map_bytes, &used, &readers);
    assert_int_equal(map_bytes, 0);
    assert_int_equal(px_store_sync(f->store), PX_ENOMEM);
    assert_int_equal(px_store_grow(f->store), PX_ENOMEM);
    store_fixture_reopen(f);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

/* --- a failing disk --- */

static void commit__on_a_failing_disk_is_eio_and_keeps_earlier_commits(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_STATE, fixture_text("a"), fixture_text("2"));
    disk.write_error = EIO;
    assert_int_equal(px_txn_commit(txn), PX_EIO);
    disk.write_error = 0;
    assert_null(px_store_read(f->store)); /* unknown until reopened */
    assert_int_equal(px_txn_commit(px_store_begin(f->store)), PX_EIO);
    store_fixture_reopen(f);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

static void commit__on_a_full_volume_changes_nothing_and_works_later(void **state)
{
    store_fixture *f = *state;
    static const int errors[] = { ENOSPC, EDQUOT };

    for (size_t i = 0; i < PX_COUNT(errors); i++) {
        store_fixture_put(f, "a", "1");
        px_txn *txn = px_store_begin(f->store);
        px_put(txn, PX_STATE, fixture_text("a"), fixture_text("2"));
        disk.write_error = errors[i];
        assert_int_equal(px_txn_commit(txn), PX_ENOSPACE);
        disk.write_error = 0;
        assert_true(store_fixture_has(f, "a", "1"));
        store_fixture_put(f, "a", "2");
        assert_true(store_fixture_has(f, "a", "2"));
    }
}

static void close__after_a_failed_commit_marks_no_clean_stop(void **state)
{
    store_fixture *f = *state;
    px_txn *txn = px_store_begin(f->store);

    px_put(txn, PX_STATE, fixture_text("a"), fixture_text("1"));
    disk.write_error = EIO;
    assert_int_equal(px_txn_commit(txn), PX_EIO);
    disk.write_error = 0;
    store_fixture_close(f);
    store_fixture_set_boot(f, "boot-2");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
}

static void sync__that_failed_makes_the_files_worthless(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    assert_int_equal(px_store_sync(f->store), PX_OK);
    disk.sync_error = EIO;
    assert_int_equal(px_store_sync(f->store), PX_EIO);
    disk.sync_error = 0;
    assert_int_equal(px_txn_commit(px_store_begin(f->store)), PX_ECORRUPT);
    store_fixture_reopen(f);
    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
}

static void close__whose_sync_failed_makes_the_files_worthless(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    disk.sync_error = EIO;
    store_fixture_close(f);
    disk.sync_error = 0;
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
}

/* --- damaged pages --- */

/* What a power cut leaves of pages that never reached the disk: zeros behind the two meta pages. */
static void zero_the_trees(store_fixture *f)
{
    static const char zeros[4096];
    char path[96];

    snprintf(path, sizeof(path), "%s/data.mdb", f->directory);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long size = ftell(file);
    for (long at = 2 * sysconf(_SC_PAGESIZE); at < size; at += (long)sizeof(zeros)) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        assert_int_equal(fwrite(zeros, 1, sizeof(zeros), file), sizeof(zeros));
    }
    assert_int_equal(fclose(file), 0);
}

static void open__replaces_trees_that_lmdb_finds_damaged(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    store_fixture_close(f);
    zero_the_trees(f);
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
    store_fixture_put(f, "b", "2");
}

static void get__of_a_damaged_page_sticks_and_makes_the_files_worthless(void **state)
{
    store_fixture *f = *state;
    px_bytes key, value;
    px_scan scan;

    store_fixture_put(f, "a", "1");
    zero_the_trees(f);
    px_txn *view = px_store_read(f->store);
    assert_false(px_get(view, PX_STATE, fixture_text("a"), &value));
    assert_int_equal(px_txn_status(view), PX_ECORRUPT);
    px_scan_begin(&scan, view, PX_STATE, fixture_text("a")); /* no-ops from here on */
    assert_false(px_scan_next(&scan, &key, &value));
    px_scan_end(&scan);
    assert_false(px_last(view, PX_STATE, fixture_text("a"), &key, &value));
    assert_int_equal(px_store_digest(view, (uint8_t[32]){ 0 }, NULL), PX_ECORRUPT);
    px_txn_abort(view);
    store_fixture_reopen(f);
    assert_true(f->fresh);
}

static int setup(void **state)
{
    disk_reset();
    return store_fixture_setup(state);
}

static int setup_closed(void **state)
{
    disk_reset();
    return store_fixture_setup_closed(state);
}

int main(void)
{
#define TEST(name)   cmocka_unit_test_setup_teardown(name, setup, store_fixture_teardown)
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, setup_closed, store_fixture_teardown)
    const struct CMUnitTest tests[] = {
        CLOSED(open__has_its_note_on_disk_before_any_data),
        TEST(close__has_the_data_on_disk_before_its_note),
        TEST(commit__syncs_nothing),
        TEST(full_map__ends_as_efull_from_put_and_from_commit),
        TEST(full_map__loses_nothing_committed),
        TEST(full_map__keeps_nobody_from_clearing_closing_and_opening),
        CLOSED(open__makes_room_for_itself_in_a_map_too_small_to_start_with),
        TEST(grow__beyond_the_address_space_ends_the_store_not_the_process),
        TEST(commit__on_a_failing_disk_is_eio_and_keeps_earlier_commits),
        TEST(commit__on_a_full_volume_changes_nothing_and_works_later),
        TEST(close__after_a_failed_commit_marks_no_clean_stop),
        TEST(sync__that_failed_makes_the_files_worthless),
        TEST(open__replaces_trees_that_lmdb_finds_damaged),
        TEST(get__of_a_damaged_page_sticks_and_makes_the_files_worthless),
        TEST(close__whose_sync_failed_makes_the_files_worthless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
