#include "tests/common/store_fixture.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

px_bytes fixture_text(const char *text)
{
    return (px_bytes){ text, strlen(text) };
}

bool fixture_bytes_equal(px_bytes a, px_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void store_fixture_set_boot(store_fixture *f, const char *boot_id)
{
    FILE *file = fopen(f->boot_id_file, "w");

    assert_non_null(file);
    fprintf(file, "%s\n", boot_id);
    assert_int_equal(fclose(file), 0);
}

int store_fixture_setup_closed(void **state)
{
    store_fixture *f = calloc(1, sizeof(*f));
    const char *root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    if (!f)
        return -1;
    *state = f;
    snprintf(f->directory, sizeof(f->directory), "%s/praxis-store-XXXXXX", root);
    if (!mkdtemp(f->directory))
        return -1;
    snprintf(f->boot_id_file, sizeof(f->boot_id_file), "%s.boot", f->directory);
    store_fixture_set_boot(f, "boot-1");
    f->options = (px_store_options){
        .directory = f->directory,
        .layout = 1,
        .boot_id_file = f->boot_id_file,
    };
    return 0;
}

int store_fixture_setup(void **state)
{
    if (store_fixture_setup_closed(state) != 0)
        return -1;
    return store_fixture_open(*state) == PX_OK ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path);
}

int store_fixture_teardown(void **state)
{
    store_fixture *f = *state;

    store_fixture_close(f);
    nftw(f->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    remove(f->boot_id_file);
    free(f);
    return 0;
}

px_status store_fixture_open(store_fixture *f)
{
    return px_store_open(&f->store, &f->options, &f->fresh);
}

void store_fixture_close(store_fixture *f)
{
    px_store_close(f->store);
    f->store = NULL;
}

void store_fixture_put(store_fixture *f, const char *key, const char *value)
{
    px_txn *txn = px_store_begin(f->store);

    px_put(txn, PX_STATE, fixture_text(key), fixture_text(value));
    assert_int_equal(px_txn_commit(txn), PX_OK);
}

bool store_fixture_has(store_fixture *f, const char *key, const char *value)
{
    px_txn *view = px_store_read(f->store);
    px_bytes found;

    assert_non_null(view);
    bool exists = px_get(view, PX_STATE, fixture_text(key), &found);
    bool as_said = value ? exists && fixture_bytes_equal(found, fixture_text(value)) : !exists;
    px_txn_abort(view);
    return as_said;
}

void store_fixture_reopen(store_fixture *f)
{
    store_fixture_close(f);
    assert_int_equal(store_fixture_open(f), PX_OK);
}

void store_fixture_put_many(px_txn *txn, unsigned first, unsigned count, size_t size)
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
