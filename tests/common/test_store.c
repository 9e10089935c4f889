/* Opening, closing, growing, failing: what keeps the store sound. Records are in
 * test_store_records.c. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
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

/* --- small steps --- */

static void reopen(store_fixture *f)
{
    store_fixture_close(f);
    assert_int_equal(store_fixture_open(f), PX_OK);
}

/* Leaves the directory as a killed process does: one committed record, nothing closed. */
static void die_after_putting(store_fixture *f, const char *key, const char *value)
{
    int how;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (store_fixture_open(f) != PX_OK)
            _exit(1);
        px_txn *txn = px_store_begin(f->store);
        px_put(txn, PX_STATE, fixture_text(key), fixture_text(value));
        _exit(px_txn_commit(txn) == PX_OK ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
}

/* Puts `count` numbered records of `size` bytes. */
static void put_many(px_txn *txn, unsigned first, unsigned count, size_t size)
{
    static char value[64 * 1024];
    char key[16];

    assert_true(size <= sizeof(value));
    for (unsigned i = first; i < first + count; i++) {
        snprintf(key, sizeof(key), "%08u", i);
        memset(value, 'a' + (int)(i % 26), size);
        px_put(txn, PX_STATE, fixture_text(key), (px_bytes){ value, size });
    }
}

/* --- opening and closing --- */

static void open__makes_an_empty_store(void **state)
{
    store_fixture *f = *state;

    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
}

static void open__keeps_what_was_closed_cleanly_even_in_another_boot(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    store_fixture_close(f);
    store_fixture_set_boot(f, "boot-2");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

static void open__keeps_what_a_process_killed_in_this_boot_left(void **state)
{
    store_fixture *f = *state;

    die_after_putting(f, "a", "1");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

static void open__empties_what_a_machine_that_stopped_left(void **state)
{
    store_fixture *f = *state;

    die_after_putting(f, "a", "1");
    store_fixture_set_boot(f, "boot-2");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
    store_fixture_put(f, "b", "2"); /* and is sound from now on */
    reopen(f);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "b", "2"));
}

static void open__empties_what_a_process_killed_in_an_unknown_boot_left(void **state)
{
    store_fixture *f = *state;

    assert_int_equal(unlink(f->boot_id_file), 0);
    die_after_putting(f, "a", "1");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
    reopen(f); /* a clean stop needs no boot id */
    assert_false(f->fresh);
}

static void open__works_with_the_boot_id_of_the_kernel(void **state)
{
    store_fixture *f = *state;

    f->options.boot_id_file = NULL;
    die_after_putting(f, "a", "1");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_false(f->fresh);
}

static void open__empties_both_tables_when_the_layout_changes(void **state)
{
    store_fixture *f = *state;

    store_fixture_put(f, "a", "1");
    px_txn *txn = px_store_begin(f->store);
    px_put(txn, PX_LOCAL, fixture_text("row"), fixture_text("1"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    f->options.layout = 2;
    reopen(f);
    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
    px_bytes value;
    txn = px_store_begin(f->store);
    assert_false(px_get(txn, PX_LOCAL, fixture_text("row"), &value));
    px_txn_abort(txn);
    reopen(f);
    assert_false(f->fresh);
}

static void open__takes_a_restored_snapshot_as_it_is(void **state)
{
    store_fixture *f = *state;
    char mark[96];

    die_after_putting(f, "a", "1");
    store_fixture_set_boot(f, "boot-2");
    snprintf(mark, sizeof(mark), "%s/mark", f->directory);
    assert_int_equal(unlink(mark), 0);
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

static void open__replaces_a_file_that_is_not_lmdbs(void **state)
{
    store_fixture *f = *state;
    char path[96];

    store_fixture_put(f, "a", "1");
    store_fixture_close(f);
    snprintf(path, sizeof(path), "%s/data.mdb", f->directory);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    for (int i = 0; i < 8192; i++) /* both meta pages */
        fputc('x', file);
    fclose(file);
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
    store_fixture_put(f, "b", "2");
}

static void open__is_refused_while_somebody_else_has_the_directory(void **state)
{
    store_fixture *f = *state;
    store_fixture second = *f;
    int how;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(store_fixture_open(&second) == PX_EBUSY ? 0 : 1);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);

    assert_int_equal(store_fixture_open(&second), PX_EBUSY); /* nor twice in one process */
    assert_null(second.store);
    store_fixture_put(f, "a", "1"); /* the first is none the worse */
    store_fixture_close(f);
    assert_int_equal(store_fixture_open(f), PX_OK);
}

static void open__reports_a_directory_it_cannot_make(void **state)
{
    store_fixture *f = *state;

    f->options.directory = "/dev/null/store";
    assert_int_equal(store_fixture_open(f), PX_EIO);
    assert_null(f->store);
}

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
        put_many(txn, first, count, size);
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
    put_many(txn, 0, 10, 60000);
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
        put_many(txn, next++, 1, 900);
        status = px_txn_commit(txn);
    } while (status == PX_OK);
    assert_int_equal(status, PX_EFULL);
    f->options.layout = 2; /* opening has to write */
    reopen(f);
    assert_true(f->fresh);
    assert_int_equal(px_store_clear(f->store), PX_OK);
    store_fixture_put(f, "a", "1");
}

static void grow__doubles_the_map(void **state)
{
    store_fixture *f = *state;
    uint64_t before, after, used;
    uint32_t readers;

    px_store_usage(f->store, &before, &used, &readers);
    assert_int_equal(before, UINT64_C(16) << 30);
    assert_int_equal(px_store_grow(f->store), PX_OK);
    px_store_usage(f->store, &after, &used, &readers);
    assert_int_equal(after, before * 2);
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
    reopen(f);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
}

/* --- a failing disk --- */

static void commit__on_a_failing_disk_is_eio_and_keeps_earlier_commits(void **state)
{
    store_fixture *f = *state;
    static const int errors[] = { EIO, ENOSPC };

    for (size_t i = 0; i < PX_COUNT(errors); i++) {
        store_fixture_put(f, "a", "1");
        px_txn *txn = px_store_begin(f->store);
        px_put(txn, PX_STATE, fixture_text("a"), fixture_text("2"));
        disk.write_error = errors[i];
        assert_int_equal(px_txn_commit(txn), PX_EIO);
        disk.write_error = 0;
        assert_null(px_store_read(f->store)); /* unknown until reopened */
        assert_int_equal(px_txn_commit(px_store_begin(f->store)), PX_EIO);
        reopen(f);
        assert_false(f->fresh);
        assert_true(store_fixture_has(f, "a", "1"));
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
    reopen(f);
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

/* --- clear --- */

static void clear__empties_both_tables_and_keeps_the_layout(void **state)
{
    store_fixture *f = *state;
    px_bytes value;

    px_txn *txn = px_store_begin(f->store);
    put_many(txn, 0, 2000, 100);
    px_put(txn, PX_LOCAL, fixture_text("row"), fixture_text("1"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_int_equal(px_store_clear(f->store), PX_OK);
    assert_true(store_fixture_has(f, "00000007", NULL));
    txn = px_store_begin(f->store);
    assert_false(px_get(txn, PX_LOCAL, fixture_text("row"), &value));
    px_txn_abort(txn);
    reopen(f);
    assert_false(f->fresh);
}

/* --- views and threads --- */

static void view__sees_its_snapshot_while_the_writer_commits(void **state)
{
    store_fixture *f = *state;
    px_bytes value;

    store_fixture_put(f, "a", "1");
    px_txn *view = px_store_read(f->store);
    store_fixture_put(f, "a", "2");
    store_fixture_put(f, "b", "2");
    assert_true(px_get(view, PX_STATE, fixture_text("a"), &value));
    assert_true(fixture_bytes_equal(value, fixture_text("1")));
    assert_false(px_get(view, PX_STATE, fixture_text("b"), &value));
    px_txn_abort(view);
    assert_true(store_fixture_has(f, "a", "2"));
}

static void view__is_null_when_every_slot_is_taken(void **state)
{
    store_fixture *f = *state;
    px_txn *views[1024];
    uint64_t map_bytes, used;
    uint32_t readers;
    size_t count = 0;

    while (count < PX_COUNT(views) && (views[count] = px_store_read(f->store)) != NULL)
        count++;
    assert_in_range(count, 100, PX_COUNT(views) - 1);
    px_store_usage(f->store, &map_bytes, &used, &readers);
    assert_int_equal(readers, count);
    store_fixture_put(f, "a", "1"); /* the writer needs no slot */
    for (size_t i = 0; i < count; i++)
        px_txn_abort(views[i]);
    px_store_check_readers(f->store);
    assert_true(store_fixture_has(f, "a", "1"));
}

static void usage__grows_with_the_data(void **state)
{
    store_fixture *f = *state;
    uint64_t map_bytes, before, after;
    uint32_t readers;

    px_store_usage(f->store, &map_bytes, &before, &readers);
    assert_int_equal(readers, 0);
    px_txn *txn = px_store_begin(f->store);
    put_many(txn, 0, 1000, 1000);
    assert_int_equal(px_txn_commit(txn), PX_OK);
    px_store_usage(f->store, &map_bytes, &after, &readers);
    assert_true(after >= before + 1000 * 1000);
    assert_true(after <= map_bytes);
}

typedef struct {
    px_store *store;
    atomic_bool started;
    atomic_bool view_ended;
    bool waited;
    px_status status;
} growing;

static void *grow_on_a_thread(void *context)
{
    growing *g = context;

    atomic_store(&g->started, true);
    g->status = px_store_grow(g->store);
    g->waited = atomic_load(&g->view_ended);
    return NULL;
}

static void grow__waits_for_the_views(void **state)
{
    store_fixture *f = *state;
    growing g = { .store = f->store };
    pthread_t thread;
    px_bytes value;

    store_fixture_put(f, "a", "1");
    px_txn *view = px_store_read(f->store);
    assert_int_equal(pthread_create(&thread, NULL, grow_on_a_thread, &g), 0);
    while (!atomic_load(&g.started))
        sched_yield();
    for (int i = 0; i < 100000; i++) /* reads a map that must not go away */
        assert_true(px_get(view, PX_STATE, fixture_text("a"), &value));
    atomic_store(&g.view_ended, true);
    px_txn_abort(view);
    pthread_join(thread, NULL);
    assert_int_equal(g.status, PX_OK);
    assert_true(g.waited);
    assert_true(store_fixture_has(f, "a", "1"));
}

typedef struct {
    px_store *store;
    atomic_bool stop;
    atomic_uint views;
    atomic_bool torn;
} reading;

/* The writer always changes both records together. */
static void *read_on_a_thread(void *context)
{
    reading *r = context;

    while (!atomic_load(&r->stop)) {
        px_txn *view = px_store_read(r->store);
        px_bytes a, b;
        if (!px_get(view, PX_STATE, fixture_text("a"), &a) ||
            !px_get(view, PX_STATE, fixture_text("b"), &b) || !fixture_bytes_equal(a, b))
            atomic_store(&r->torn, true);
        px_txn_abort(view);
        atomic_fetch_add(&r->views, 1);
    }
    return NULL;
}

static void put_both(store_fixture *f, unsigned number)
{
    char text[16];
    px_txn *txn = px_store_begin(f->store);

    snprintf(text, sizeof(text), "%u", number);
    px_put(txn, PX_STATE, fixture_text("a"), fixture_text(text));
    px_put(txn, PX_STATE, fixture_text("b"), fixture_text(text));
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

static void views__stay_whole_while_the_writer_commits_and_grows(void **state)
{
    store_fixture *f = *state;
    reading r = { .store = f->store };
    pthread_t threads[3];

    store_fixture_close(f);
    f->options.map_bytes = 1024 * 1024;
    assert_int_equal(store_fixture_open(f), PX_OK);
    r.store = f->store;
    put_both(f, 0);
    for (size_t i = 0; i < PX_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on_a_thread, &r), 0);
    for (unsigned i = 1; i <= 400 || atomic_load(&r.views) < 400; i++) {
        put_both(f, i);
        if (i % 100 == 0 && i <= 800)
            assert_int_equal(px_store_grow(f->store), PX_OK);
    }
    atomic_store(&r.stop, true);
    for (size_t i = 0; i < PX_COUNT(threads); i++)
        pthread_join(threads[i], NULL);
    assert_false(atomic_load(&r.torn));
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
        TEST(open__makes_an_empty_store),
        TEST(open__keeps_what_was_closed_cleanly_even_in_another_boot),
        CLOSED(open__keeps_what_a_process_killed_in_this_boot_left),
        CLOSED(open__empties_what_a_machine_that_stopped_left),
        CLOSED(open__empties_what_a_process_killed_in_an_unknown_boot_left),
        CLOSED(open__works_with_the_boot_id_of_the_kernel),
        TEST(open__empties_both_tables_when_the_layout_changes),
        CLOSED(open__takes_a_restored_snapshot_as_it_is),
        TEST(open__replaces_a_file_that_is_not_lmdbs),
        TEST(open__is_refused_while_somebody_else_has_the_directory),
        CLOSED(open__reports_a_directory_it_cannot_make),
        CLOSED(open__has_its_note_on_disk_before_any_data),
        TEST(close__has_the_data_on_disk_before_its_note),
        TEST(commit__syncs_nothing),
        TEST(full_map__ends_as_efull_from_put_and_from_commit),
        TEST(full_map__loses_nothing_committed),
        TEST(full_map__keeps_nobody_from_clearing_closing_and_opening),
        TEST(grow__doubles_the_map),
        TEST(grow__beyond_the_address_space_ends_the_store_not_the_process),
        TEST(commit__on_a_failing_disk_is_eio_and_keeps_earlier_commits),
        TEST(close__after_a_failed_commit_marks_no_clean_stop),
        TEST(sync__that_failed_makes_the_files_worthless),
        TEST(close__whose_sync_failed_makes_the_files_worthless),
        TEST(clear__empties_both_tables_and_keeps_the_layout),
        TEST(view__sees_its_snapshot_while_the_writer_commits),
        TEST(view__is_null_when_every_slot_is_taken),
        TEST(usage__grows_with_the_data),
        TEST(grow__waits_for_the_views),
        TEST(views__stay_whole_while_the_writer_commits_and_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
