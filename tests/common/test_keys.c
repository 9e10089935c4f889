/* Walks over the ids under a prefix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/keys.h"
#include "tests/common/store_fixture.h"

enum { TABLE = 200, ID_SIZE = 65 };

static px_keybuf key_of(const char *first, const char *second)
{
    px_keybuf key = px_key_begin(TABLE);

    px_key_text(&key, first);
    if (second)
        px_key_text(&key, second);
    return key;
}

static void put(px_txn *txn, const char *first, const char *second)
{
    px_keybuf key = key_of(first, second);

    px_put(txn, PX_STATE, px_key_bytes(&key), (px_bytes){ "", 0 });
}

static void expect_walk(px_txn *txn, const char *first, const char *const *ids)
{
    px_keybuf prefix = key_of(first, NULL);
    char id[ID_SIZE] = "";

    for (; *ids; ids++) {
        assert_true(px_key_next(txn, &prefix, id, sizeof id));
        assert_string_equal(id, *ids);
    }
    assert_false(px_key_next(txn, &prefix, id, sizeof id));
}

static void walk__meets_every_id_once(void **state)
{
    store_fixture *f = *state;
    px_txn *txn = px_store_begin(f->store);

    put(txn, "ann", "a");
    put(txn, "ann", "ab");
    put(txn, "ann", "b");
    put(txn, "bob", "z");
    expect_walk(txn, "ann", (const char *const[]){ "a", "ab", "b", NULL });
    expect_walk(txn, "bob", (const char *const[]){ "z", NULL });
    expect_walk(txn, "cid", (const char *const[]){ NULL });
    px_txn_abort(txn);
}

/* "" is where a walk begins: one that stopped there would begin for ever. */
static void walk__ends_where_an_id_is_empty(void **state)
{
    store_fixture *f = *state;
    px_txn *txn = px_store_begin(f->store);

    put(txn, "ann", "");
    expect_walk(txn, "ann", (const char *const[]){ NULL });
    put(txn, "ann", "a");
    expect_walk(txn, "ann", (const char *const[]){ "a", NULL });
    px_txn_abort(txn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(walk__meets_every_id_once, store_fixture_setup,
                                        store_fixture_teardown),
        cmocka_unit_test_setup_teardown(walk__ends_where_an_id_is_empty, store_fixture_setup,
                                        store_fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
