/* test_vault_text.c: texts under the keys of people, and many people and threads at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/vault_cache.h"
#include "tests/common/vault_fixture.h"

/* ---- texts ---- */

static void seal__gives_back_every_length_padded(void **ctx)
{
    static const struct {
        size_t size, padded;
    } rows[] = { { 0, 64 },      { 1, 64 },      { 63, 64 },      { 64, 256 },
                 { 255, 256 },   { 256, 1024 },  { 1023, 1024 },  { 1024, 2048 },
                 { 2047, 2048 }, { 2048, 3072 }, { 10000, 10240 } };
    vault_world *w = *ctx;
    char *plain = malloc(10000);
    px_bytes got;

    memset(plain, 0, 10000); /* what padding must not be taken for */
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, (px_bytes){ plain, rows[i].size });
        assert_int_equal(sealed.size, 1 + 4 + 24 + rows[i].padded + 16);
        assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &got), PX_OK);
        assert_int_equal(got.size, rows[i].size);
        assert_memory_equal(got.data, plain, rows[i].size);
    }
    free(plain);
    assert_int_equal(
        px_vault_seal(w->vault, "acme", "ann", 1, (px_bytes){ NULL, 1 << 25 }, &w->arena, &got),
        PX_ETOOBIG);
}

static void sealed_text__holds_neither_text_nor_repetition(void **ctx)
{
    vault_world *w = *ctx;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes a = vault_sealed(w, w->vault, "ann", 1, vault_text("canary canary canary"));
    px_bytes b = vault_sealed(w, w->vault, "ann", 1, vault_text("canary canary canary"));
    assert_null(memmem(a.data, a.size, "canary", 6));
    assert_int_equal(a.size, b.size);
    assert_memory_not_equal((const char *)a.data + 29, (const char *)b.data + 29, a.size - 29);
}

static void damaged_text__is_found_at_every_byte(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("hello"));
    uint8_t *bytes = px_arena_copy(&w->arena, sealed.data, sealed.size);
    for (size_t i = 0; i < sealed.size; i++) {
        bool generation = i >= 1 && i <= 4; /* names a key that is not there */
        bytes[i] ^= 0x40;
        assert_int_equal(vault_opened(w, w->vault, "ann", (px_bytes){ bytes, sealed.size }, &plain),
                         generation ? PX_ENOTFOUND : PX_ECORRUPT);
        bytes[i] ^= 0x40;
    }
    for (size_t size = 0; size < sealed.size; size++)
        assert_int_equal(vault_opened(w, w->vault, "ann", (px_bytes){ bytes, size }, &plain),
                         PX_ECORRUPT);
}

static void text__of_one_person_does_not_open_for_another(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "other", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("hello"));
    assert_int_equal(vault_opened(w, w->vault, "bob", sealed, &plain), PX_ECORRUPT);
    assert_int_equal(px_vault_open_text(w->vault, "other", "ann", sealed, &w->arena, &plain),
                     PX_ECORRUPT);
}

static void arena__too_small_is_told(void **ctx)
{
    vault_world *w = *ctx;
    px_arena small;
    px_bytes sealed;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_true(px_arena_init(&small, 64));
    assert_int_equal(px_vault_seal(w->vault, "acme", "ann", 1, vault_text("x"), &small, &sealed),
                     PX_ENOMEM);
    px_arena_fini(&small);
}

static void mac__depends_on_text_and_key_only(void **ctx)
{
    vault_world *w = *ctx;
    uint8_t a[PX_VAULT_MAC_SIZE], b[PX_VAULT_MAC_SIZE];

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, vault_text("x"), a), PX_OK);
    assert_int_equal(px_vault_mac(w->other, "acme", "ann", 1, vault_text("x"), b), PX_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, vault_text("y"), b), PX_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "bob", 1, vault_text("x"), b), PX_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 2, vault_text("x"), b), PX_ENOTFOUND);
}

/* ---- many ---- */

static void cache__is_bounded_and_missing_keys_come_from_the_stream(void **ctx)
{
    enum { MANY = PX_VAULT_CACHE_KEYS + 500 };
    vault_world *w = *ctx;
    char person[16];
    px_bytes plain;
    size_t cached = 0;

    px_bytes *sealed = calloc(MANY, sizeof *sealed);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        assert_int_equal(px_vault_ensure(w->vault, "acme", person, 1), PX_OK);
        sealed[i] = vault_sealed(w, w->vault, person, 1, vault_text("x"));
    }
    px_bus_server_set_up(w->server, false);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        cached += vault_opened(w, w->vault, person, sealed[i], &plain) == PX_OK;
    }
    assert_in_range(cached, PX_VAULT_CACHE_KEYS * 3 / 4, PX_VAULT_CACHE_KEYS);
    px_bus_server_set_up(w->server, true);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        assert_int_equal(vault_opened(w, w->vault, person, sealed[i], &plain), PX_OK);
    }
    free(sealed);
}

static void *use_vault(void *arg)
{
    vault_world *w = arg;
    px_arena arena;
    char person[16];
    uintptr_t failures = 0;

    px_arena_init(&arena, 1 << 16);
    for (int i = 0; i < 400; i++) {
        px_bytes sealed, plain;
        snprintf(person, sizeof person, "p%d", i % 20);
        px_arena_reset(&arena);
        failures += px_vault_ensure(w->vault, "acme", person, 1) != PX_OK;
        failures +=
            px_vault_seal(w->vault, "acme", person, 1, vault_text("x"), &arena, &sealed) != PX_OK;
        if (i % 7 == 0)
            px_vault_forget(w->vault, "acme", person);
        failures += px_vault_open_text(w->vault, "acme", person, sealed, &arena, &plain) != PX_OK;
    }
    px_arena_fini(&arena);
    return (void *)failures;
}

static void threads__share_a_vault(void **ctx)
{
    vault_world *w = *ctx;
    pthread_t threads[4];
    void *failures;

    for (size_t i = 0; i < PX_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_vault, w), 0);
    for (size_t i = 0; i < PX_COUNT(threads); i++) {
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
    assert_int_equal(vault_key_messages(w), 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_setup, vault_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(seal__gives_back_every_length_padded),
        TEST(sealed_text__holds_neither_text_nor_repetition),
        TEST(damaged_text__is_found_at_every_byte),
        TEST(text__of_one_person_does_not_open_for_another),
        TEST(arena__too_small_is_told),
        TEST(mac__depends_on_text_and_key_only),
        TEST(cache__is_bounded_and_missing_keys_come_from_the_stream),
        TEST(threads__share_a_vault),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
