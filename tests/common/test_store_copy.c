/* Whole copies of a store: what is in them, and a store whose data is replaced under its readers.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/store_copy.h"
#include "tests/common/store_fixture.h"

static const char *copy_path(const store_fixture *f, char path[96])
{
    snprintf(path, 96, "%s/copy", f->directory);
    return path;
}

static void make_copy(store_fixture *f, char path[96])
{
    int file = open(copy_path(f, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(file >= 0);
    assert_int_equal(px_store_copy(f->store, file), PX_OK);
    assert_int_equal(close(file), 0);
}

static void digest_of(px_store *store, uint8_t digest[32])
{
    px_txn *view = px_store_read(store);

    assert_non_null(view);
    assert_int_equal(px_store_digest(view, digest, NULL), PX_OK);
    px_txn_abort(view);
}

static void copy__has_what_is_committed_and_nothing_of_an_open_transaction(void **state)
{
    store_fixture *f = *state;
    uint8_t here[32], there[32];
    char path[96];
    px_store *copy;
    px_txn *txn;

    store_fixture_put(f, "a", "1");
    txn = px_store_begin(f->store);
    store_fixture_put_many(txn, 0, 500, 300);
    make_copy(f, path);
    px_txn_abort(txn);
    digest_of(f->store, here);
    assert_int_equal(px_store_open_copy(&copy, path), PX_OK);
    digest_of(copy, there);
    txn = px_store_read(copy);
    assert_int_equal(px_store_layout(txn), 1);
    px_txn_abort(txn);
    px_store_drop(copy);
    assert_memory_equal(here, there, sizeof here);
}

static void open_copy__of_what_is_none_is_refused(void **state)
{
    store_fixture *f = *state;
    char path[96];
    px_store *copy;
    FILE *file = fopen(copy_path(f, path), "w");

    for (unsigned i = 0; i < 10000; i++)
        fputs("no such thing", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(px_store_open_copy(&copy, path), PX_ECORRUPT);
    assert_null(copy);
}

static void replace__puts_the_copy_in_place_of_later_data(void **state)
{
    store_fixture *f = *state;
    char path[96];

    store_fixture_put(f, "a", "1");
    make_copy(f, path);
    store_fixture_put(f, "a", "2");
    store_fixture_put(f, "b", "2");
    assert_int_equal(px_store_replace(f->store, path, &f->fresh), PX_OK);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
    assert_true(store_fixture_has(f, "b", NULL));
    assert_int_not_equal(access(path, F_OK), 0); /* moved */
    store_fixture_put(f, "c", "3");
    store_fixture_reopen(f);
    assert_false(f->fresh);
    assert_true(store_fixture_has(f, "a", "1"));
    assert_true(store_fixture_has(f, "c", "3"));
}

static void replace__is_not_believed_after_a_power_cut(void **state)
{
    store_fixture *f = *state;
    char path[96];

    store_fixture_put(f, "a", "1");
    make_copy(f, path);
    assert_int_equal(px_store_replace(f->store, path, &f->fresh), PX_OK);
    px_store_drop(f->store); /* as a process that dies */
    store_fixture_set_boot(f, "boot-2");
    assert_int_equal(store_fixture_open(f), PX_OK);
    assert_true(f->fresh);
}

static void replace__with_a_file_that_is_not_there_fails_and_the_next_one_mends(void **state)
{
    store_fixture *f = *state;
    char path[96];

    assert_int_equal(px_store_replace(f->store, copy_path(f, path), &f->fresh), PX_EIO);
    assert_null(px_store_read(f->store));
    assert_int_equal(px_store_replace(f->store, NULL, &f->fresh), PX_OK);
    assert_true(f->fresh);
    store_fixture_put(f, "a", "1");
}

typedef struct {
    store_fixture *f;
    atomic_bool stop;
    atomic_uint views;
    atomic_uint wrong;
} reader;

/* Each view shows one of the two states, whole. */
static void *read_on(void *arg)
{
    reader *r = arg;

    while (!atomic_load(&r->stop)) {
        px_txn *view = px_store_read(r->f->store);
        px_bytes a, b;

        if (!view)
            continue;
        bool both = px_get(view, PX_STATE, fixture_text("a"), &a) &&
                    px_get(view, PX_STATE, fixture_text("b"), &b);
        if (!both || a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
            atomic_fetch_add(&r->wrong, 1);
        px_txn_abort(view);
        atomic_fetch_add(&r->views, 1);
    }
    return NULL;
}

static void replace__under_readers_shows_them_one_or_the_other(void **state)
{
    store_fixture *f = *state;
    reader r = { .f = f };
    pthread_t thread;
    char path[96];

    store_fixture_put(f, "a", "first");
    store_fixture_put(f, "b", "first");
    assert_int_equal(pthread_create(&thread, NULL, read_on, &r), 0);
    for (unsigned i = 0; i < 200 || atomic_load(&r.views) < 1000; i++) {
        char text[16];
        px_txn *txn = px_store_begin(f->store);

        make_copy(f, path);
        snprintf(text, sizeof text, "%u", i);
        px_put(txn, PX_STATE, fixture_text("a"), fixture_text(text));
        px_put(txn, PX_STATE, fixture_text("b"), fixture_text(text));
        assert_int_equal(px_txn_commit(txn), PX_OK);
        assert_int_equal(px_store_replace(f->store, path, &f->fresh), PX_OK);
    }
    atomic_store(&r.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(atomic_load(&r.wrong), 0);
}

static void note_layout(void *context, px_store *store, uint32_t layout)
{
    px_txn *view = px_store_read(store);
    px_bytes value;

    assert_true(px_get(view, PX_STATE, fixture_text("a"), &value));
    px_txn_abort(view);
    *(uint32_t *)context = layout;
}

static void other_layout__is_shown_once_before_it_goes(void **state)
{
    store_fixture *f = *state;
    uint32_t seen = 0;

    store_fixture_put(f, "a", "1");
    f->options.layout = 2;
    f->options.on_other_layout = note_layout;
    f->options.context = &seen;
    store_fixture_reopen(f);
    assert_true(f->fresh);
    assert_int_equal(seen, 1);
    assert_true(store_fixture_has(f, "a", NULL));
    seen = 0;
    store_fixture_reopen(f);
    assert_int_equal(seen, 0);
}

#define ON_A_STORE(test)                                                                           \
    cmocka_unit_test_setup_teardown(test, store_fixture_setup, store_fixture_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_A_STORE(copy__has_what_is_committed_and_nothing_of_an_open_transaction),
        ON_A_STORE(open_copy__of_what_is_none_is_refused),
        ON_A_STORE(replace__puts_the_copy_in_place_of_later_data),
        ON_A_STORE(replace__is_not_believed_after_a_power_cut),
        ON_A_STORE(replace__with_a_file_that_is_not_there_fails_and_the_next_one_mends),
        ON_A_STORE(replace__under_readers_shows_them_one_or_the_other),
        ON_A_STORE(other_layout__is_shown_once_before_it_goes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
