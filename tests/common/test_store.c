/* Opening, closing, clearing, views and threads. Failures are in test_store_faults.c. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/status.h"
#include "common/store.h"
#include "common/store_copy.h"
#include "tests/common/store_fixture.h"

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
    store_fixture_reopen(f);
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
    store_fixture_reopen(f); /* a clean stop needs no boot id */
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
    store_fixture_reopen(f);
    assert_true(f->fresh);
    assert_true(store_fixture_has(f, "a", NULL));
    px_bytes value;
    txn = px_store_begin(f->store);
    assert_false(px_get(txn, PX_LOCAL, fixture_text("row"), &value));
    px_txn_abort(txn);
    store_fixture_reopen(f);
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

/* --- clear --- */

static void clear__empties_both_tables_and_keeps_the_layout(void **state)
{
    store_fixture *f = *state;
    px_bytes value;

    px_txn *txn = px_store_begin(f->store);
    store_fixture_put_many(txn, 0, 2000, 100);
    px_put(txn, PX_LOCAL, fixture_text("row"), fixture_text("1"));
    assert_int_equal(px_txn_commit(txn), PX_OK);
    assert_int_equal(px_store_replace(f->store, NULL, &f->fresh), PX_OK);
    assert_true(store_fixture_has(f, "00000007", NULL));
    txn = px_store_begin(f->store);
    assert_false(px_get(txn, PX_LOCAL, fixture_text("row"), &value));
    px_txn_abort(txn);
    store_fixture_reopen(f);
    assert_false(f->fresh);
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
    store_fixture_put_many(txn, 0, 1000, 1000);
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

/* The map is small and a thread that gets no turn keeps old pages in use: it may well be full. */
static void put_both(store_fixture *f, unsigned number)
{
    char text[16];
    px_status status;

    snprintf(text, sizeof(text), "%u", number);
    do {
        px_txn *txn = px_store_begin(f->store);
        px_put(txn, PX_STATE, fixture_text("a"), fixture_text(text));
        px_put(txn, PX_STATE, fixture_text("b"), fixture_text(text));
        status = px_txn_commit(txn);
    } while (status == PX_EFULL && px_store_grow(f->store) == PX_OK);
    assert_int_equal(status, PX_OK);
}

static void views__stay_whole_while_the_writer_commits_and_grows(void **state)
{
    store_fixture *f = *state;
    reading r = { .store = f->store };
    pthread_t threads[3];

    store_fixture_close(f);
    f->options.map_bytes = 256 * 1024;
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

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup, store_fixture_teardown)
#define CLOSED(name)                                                                               \
    cmocka_unit_test_setup_teardown(name, store_fixture_setup_closed, store_fixture_teardown)
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
        TEST(grow__doubles_the_map),
        TEST(clear__empties_both_tables_and_keeps_the_layout),
        TEST(view__sees_its_snapshot_while_the_writer_commits),
        TEST(view__is_null_when_every_slot_is_taken),
        TEST(usage__grows_with_the_data),
        TEST(grow__waits_for_the_views),
        TEST(views__stay_whole_while_the_writer_commits_and_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
