/* store_fixture.h: a store in a folder of its own, for tests. */
#ifndef PRAXIS_TESTS_COMMON_STORE_FIXTURE_H
#define PRAXIS_TESTS_COMMON_STORE_FIXTURE_H

#include "common/store.h"

typedef struct {
    char directory[64];
    char boot_id_file[80]; /* beside the store's own folder */
    px_store_options options;
    px_store *store; /* NULL while closed */
    bool fresh;
} store_fixture;

/** cmocka set-up: an empty folder and an open, fresh store of layout 1 in boot "boot-1". */
int store_fixture_setup(void **state);
/** The same with the store still closed. */
int store_fixture_setup_closed(void **state);
/** cmocka tear-down: closes the store and removes the folder. */
int store_fixture_teardown(void **state);

void store_fixture_set_boot(store_fixture *f, const char *boot_id);
/** Opens with f->options. */
px_status store_fixture_open(store_fixture *f);
void store_fixture_close(store_fixture *f);
void store_fixture_reopen(store_fixture *f);
/** Puts one text record into a committed transaction of its own. */
void store_fixture_put(store_fixture *f, const char *key, const char *value);
/** True when a view now shows exactly this text under the key; value NULL: shows none. */
bool store_fixture_has(store_fixture *f, const char *key, const char *value);

/** Puts `count` records, keys "%08u" from `first` on, values of `size` bytes (64 KiB at most). */
void store_fixture_put_many(px_txn *txn, unsigned first, unsigned count, size_t size);

px_bytes fixture_text(const char *text);
bool fixture_bytes_equal(px_bytes a, px_bytes b);

#endif
