/* test_vault.c: keys of people on a bus, texts under them, and that erased means gone. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/bus_impl.h"
#include "common/metrics.h"
#include "common/vault.h"
#include "common/vault_cache.h"

typedef struct {
    char folder[64];
    char master[96];
    px_bus_server *server;
    px_bus *bus, *other_bus;
    px_vault *vault, *other; /* of two daemons with the same master key */
    px_arena arena;
} world;

static void make_stream(px_bus *bus)
{
    static const char *const subjects[] = { "praxis.key.>" };
    px_stream_config config = { .name = px_vault_stream,
                                .subjects = subjects,
                                .subject_count = 1,
                                .retention = PX_KEEP_UNTIL_PURGED };

    assert_int_equal(px_bus_stream_ensure(bus, &config), PX_OK);
}

static int setup(void **ctx)
{
    world *w = calloc(1, sizeof *w);

    snprintf(w->folder, sizeof w->folder, "/tmp/praxis-vault-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    snprintf(w->master, sizeof w->master, "%s/master", w->folder);
    assert_int_equal(px_vault_make_master(w->master), PX_OK);
    w->server = px_bus_server_create();
    assert_int_equal(px_bus_open_memory(&w->bus, w->server, "one"), PX_OK);
    assert_int_equal(px_bus_open_memory(&w->other_bus, w->server, "two"), PX_OK);
    make_stream(w->bus);
    assert_int_equal(px_vault_open(&w->vault, w->master, w->bus), PX_OK);
    assert_int_equal(px_vault_open(&w->other, w->master, w->other_bus), PX_OK);
    assert_true(px_arena_init(&w->arena, 1 << 22));
    *ctx = w;
    return 0;
}

static int teardown(void **ctx)
{
    world *w = *ctx;

    px_arena_fini(&w->arena);
    px_vault_close(w->vault);
    px_vault_close(w->other);
    px_bus_close(w->bus);
    px_bus_close(w->other_bus);
    px_bus_server_destroy(w->server);
    unlink(w->master);
    assert_int_equal(rmdir(w->folder), 0); /* nothing else was left behind */
    free(w);
    return 0;
}

static px_bytes text(const char *s)
{
    return (px_bytes){ s, strlen(s) };
}

static px_bytes sealed_by(world *w, px_vault *vault, const char *person, uint32_t generation,
                          px_bytes plain)
{
    px_bytes sealed = { 0 };

    assert_int_equal(px_vault_seal(vault, "acme", person, generation, plain, &w->arena, &sealed),
                     PX_OK);
    return sealed;
}

static px_status opened_by(world *w, px_vault *vault, const char *person, px_bytes sealed,
                           px_bytes *plain)
{
    return px_vault_open_text(vault, "acme", person, sealed, &w->arena, plain);
}

static uint64_t key_messages(world *w)
{
    px_stream_info info;

    assert_int_equal(px_bus_stream_info(w->bus, px_vault_stream, &info), PX_OK);
    return info.messages;
}

/* ---- master key ---- */

static void write_file(const char *path, size_t size, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, "0123456789012345678901234567890123456789", size), size);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void master__is_a_new_private_file_of_32_bytes(void **ctx)
{
    world *w = *ctx;
    struct stat info;

    assert_int_equal(stat(w->master, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 32);
    assert_int_equal(info.st_nlink, 1);
}

static void master__is_never_replaced(void **ctx)
{
    world *w = *ctx;
    px_vault *again;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("hello")), plain;
    assert_int_equal(px_vault_make_master(w->master), PX_EBUSY);
    assert_int_equal(px_vault_open(&again, w->master, w->other_bus), PX_OK);
    assert_int_equal(opened_by(w, again, "ann", sealed, &plain), PX_OK);
    px_vault_close(again);
    assert_int_equal(px_vault_make_master("/nonexistent/folder/master"), PX_EIO);
}

static void master__that_others_may_read_or_of_another_size_is_refused(void **ctx)
{
    static const struct {
        size_t size;
        mode_t mode;
        px_status status;
    } rows[] = {
        { 32, 0600, PX_OK },       { 32, 0400, PX_OK },       { 32, 0640, PX_EINVALID },
        { 32, 0604, PX_EINVALID }, { 32, 0602, PX_EINVALID }, { 31, 0600, PX_EINVALID },
        { 33, 0600, PX_EINVALID }, { 0, 0600, PX_EINVALID },
    };
    world *w = *ctx;
    char path[128];

    snprintf(path, sizeof path, "%s/key", w->folder);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_vault *vault;
        write_file(path, rows[i].size, rows[i].mode);
        assert_int_equal(px_vault_open(&vault, path, w->bus), rows[i].status);
        assert_int_equal(vault == NULL, rows[i].status != PX_OK);
        px_vault_close(vault);
        unlink(path);
    }
    px_vault *vault;
    assert_int_equal(px_vault_open(&vault, path, w->bus), PX_ENOTFOUND);
    assert_int_equal(px_vault_open(&vault, w->folder, w->bus), PX_EINVALID);
}

/* ---- keys ---- */

static void ensure__makes_one_key_and_only_one(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(key_messages(w), 1);
    assert_int_equal(
        opened_by(w, w->other, "ann", sealed_by(w, w->vault, "ann", 1, text("hello")), &plain),
        PX_OK);
    assert_int_equal(plain.size, 5);
    assert_memory_equal(plain.data, "hello", 5);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "other", "ann", 1), PX_OK);
    assert_int_equal(key_messages(w), 3);
}

static void ensure__refuses_what_cannot_be_a_name(void **ctx)
{
    static const char too_long[] =
        "0123456789012345678901234567890123456789012345678901234567890123x";
    world *w = *ctx;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann.b", 1), PX_EINVALID);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "*", 1), PX_EINVALID);
    assert_int_equal(px_vault_ensure(w->vault, "", "ann", 1), PX_EINVALID);
    assert_int_equal(px_vault_ensure(w->vault, "acme", too_long, 1), PX_EINVALID);
    assert_int_equal(px_vault_ensure(w->vault, "acme", too_long + 1, 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 0), PX_EINVALID);
    assert_int_equal(px_vault_destroy(w->vault, "acme", ">", 1), PX_EINVALID);
}

/** A bus that lets another maker in just before this one's key is sent. */
typedef struct {
    px_bus base;
    px_bus *inner;
    px_vault *intruder;
    uint32_t generation;
} raced_bus;

static px_status raced_get_last(px_bus *bus, const char *stream, const char *subject,
                                px_bus_msg **msg)
{
    return px_bus_get_last(((raced_bus *)bus)->inner, stream, subject, msg);
}

static px_status raced_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    raced_bus *raced = (raced_bus *)bus;

    assert_int_equal(px_vault_ensure(raced->intruder, "acme", "ann", raced->generation), PX_OK);
    return px_bus_publish_wait(raced->inner, out, ack);
}

static const px_bus_ops raced_ops = { .get_last = raced_get_last,
                                      .publish_wait = raced_publish_wait };

static void ensure__two_makers_at_once_get_the_same_key(void **ctx)
{
    world *w = *ctx;
    raced_bus raced = { { &raced_ops }, w->bus, w->other, 1 };
    px_vault *vault;
    px_bytes plain;

    assert_int_equal(px_vault_open(&vault, w->master, &raced.base), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(key_messages(w), 1);
    assert_int_equal(
        opened_by(w, w->other, "ann", sealed_by(w, vault, "ann", 1, text("x")), &plain), PX_OK);
    px_vault_close(vault);
}

static void ensure__loses_against_a_newer_generation_made_meanwhile(void **ctx)
{
    world *w = *ctx;
    raced_bus raced = { { &raced_ops }, w->bus, w->other, 2 };
    px_vault *vault;

    assert_int_equal(px_vault_open(&vault, w->master, &raced.base), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_EFORBIDDEN);
    assert_int_equal(key_messages(w), 1);
    px_vault_close(vault);
}

static void newer_generation__replaces_the_older_for_good(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes old = sealed_by(w, w->vault, "ann", 1, text("old"));
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 2), PX_OK);
    assert_int_equal(key_messages(w), 1);
    px_vault_forget(w->vault, "acme", "ann");
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_EFORBIDDEN);
    assert_int_equal(opened_by(w, w->vault, "ann", old, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    assert_int_equal(key_messages(w), 1);
}

static void destroy__makes_texts_unreadable_everywhere(void **ctx)
{
    world *w = *ctx;
    px_bus_msg *msg;
    px_bytes plain;
    uint8_t mac[PX_VAULT_MAC_SIZE];

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    px_bytes ann = sealed_by(w, w->vault, "ann", 1, text("about ann"));
    px_bytes bob = sealed_by(w, w->vault, "bob", 1, text("about bob"));

    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_bus_get_last(w->bus, px_vault_stream, "praxis.key.acme.ann", &msg),
                     PX_ENOTFOUND);
    assert_int_equal(opened_by(w, w->vault, "ann", ann, &plain), PX_ENOTFOUND);
    assert_int_equal(opened_by(w, w->other, "ann", ann, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, text("x"), mac), PX_ENOTFOUND);
    assert_int_equal(opened_by(w, w->other, "bob", bob, &plain), PX_OK);
}

static void destroy__of_an_old_generation_spares_the_new_one(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 2, text("new"));
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(opened_by(w, w->other, "ann", sealed, &plain), PX_OK);
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 2), PX_OK);
    assert_int_equal(key_messages(w), 0);
}

static void destroy__clears_leftovers_and_rubbish(void **ctx)
{
    static const uint8_t rubbish[] = { 1, 2, 3 };
    world *w = *ctx;
    px_bus_ack ack;
    px_bus_out out = { .subject = "praxis.key.acme.ann", .data = { rubbish, sizeof rubbish } };

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(key_messages(w), 4);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(key_messages(w), 0);
}

static void destroyed_generation__can_be_followed_by_the_next(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes old = sealed_by(w, w->vault, "ann", 1, text("old"));
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    assert_int_equal(opened_by(w, w->vault, "ann", old, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 1), PX_EFORBIDDEN);
}

static void forget__asks_the_stream_again(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("x"));
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(opened_by(w, w->vault, "ann", sealed, &plain), PX_OK); /* still cached */
    px_vault_forget(w->vault, "acme", "ann");
    assert_int_equal(opened_by(w, w->vault, "ann", sealed, &plain), PX_ENOTFOUND);
}

static void broker_away__cached_keys_go_on_working(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("x"));
    px_bus_server_set_up(w->server, false);
    uint64_t errors = px_metric_get(PX_METRIC_KEY_ERRORS);
    assert_int_equal(opened_by(w, w->vault, "ann", sealed, &plain), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_metric_get(PX_METRIC_KEY_ERRORS), errors);

    assert_int_equal(opened_by(w, w->other, "ann", sealed, &plain), PX_EDISCONNECTED);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_EDISCONNECTED);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_EDISCONNECTED);
    assert_int_equal(px_metric_get(PX_METRIC_KEY_ERRORS), errors + 3);
    /* asked to destroy it: not used any more, though the stream still has it */
    assert_int_equal(opened_by(w, w->vault, "ann", sealed, &plain), PX_EDISCONNECTED);

    px_bus_server_set_up(w->server, true);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(opened_by(w, w->vault, "ann", sealed, &plain), PX_ENOTFOUND);
}

static void no_bus__is_like_a_broker_away(void **ctx)
{
    world *w = *ctx;
    px_vault *vault;

    assert_int_equal(px_vault_open(&vault, w->master, NULL), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_EDISCONNECTED);
    assert_int_equal(px_vault_destroy(vault, "acme", "ann", 1), PX_EDISCONNECTED);
    px_vault_close(vault);
}

static void another_master_key__opens_nothing(void **ctx)
{
    world *w = *ctx;
    char path[128];
    px_vault *stranger;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("x"));
    snprintf(path, sizeof path, "%s/other", w->folder);
    assert_int_equal(px_vault_make_master(path), PX_OK);
    assert_int_equal(px_vault_open(&stranger, path, w->other_bus), PX_OK);
    assert_int_equal(px_vault_ensure(stranger, "acme", "ann", 1), PX_ECORRUPT);
    assert_int_equal(opened_by(w, stranger, "ann", sealed, &plain), PX_ECORRUPT);
    assert_int_equal(key_messages(w), 1);
    px_vault_close(stranger);
    unlink(path);
}

/* ---- texts ---- */

static void seal__gives_back_every_length_padded(void **ctx)
{
    static const struct {
        size_t size, padded;
    } rows[] = { { 0, 64 },      { 1, 64 },      { 63, 64 },      { 64, 256 },
                 { 255, 256 },   { 256, 1024 },  { 1023, 1024 },  { 1024, 2048 },
                 { 2047, 2048 }, { 2048, 3072 }, { 10000, 10240 } };
    world *w = *ctx;
    char *plain = malloc(10000);
    px_bytes got;

    memset(plain, 0, 10000); /* what padding must not be taken for */
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        px_bytes sealed = sealed_by(w, w->vault, "ann", 1, (px_bytes){ plain, rows[i].size });
        assert_int_equal(sealed.size, 1 + 4 + 24 + rows[i].padded + 16);
        assert_int_equal(opened_by(w, w->vault, "ann", sealed, &got), PX_OK);
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
    world *w = *ctx;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes a = sealed_by(w, w->vault, "ann", 1, text("canary canary canary"));
    px_bytes b = sealed_by(w, w->vault, "ann", 1, text("canary canary canary"));
    assert_null(memmem(a.data, a.size, "canary", 6));
    assert_int_equal(a.size, b.size);
    assert_memory_not_equal((const char *)a.data + 29, (const char *)b.data + 29, a.size - 29);
}

static void damaged_text__is_found_at_every_byte(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("hello"));
    uint8_t *bytes = px_arena_copy(&w->arena, sealed.data, sealed.size);
    for (size_t i = 0; i < sealed.size; i++) {
        bool generation = i >= 1 && i <= 4; /* names a key that is not there */
        bytes[i] ^= 0x40;
        assert_int_equal(opened_by(w, w->vault, "ann", (px_bytes){ bytes, sealed.size }, &plain),
                         generation ? PX_ENOTFOUND : PX_ECORRUPT);
        bytes[i] ^= 0x40;
    }
    for (size_t size = 0; size < sealed.size; size++)
        assert_int_equal(opened_by(w, w->vault, "ann", (px_bytes){ bytes, size }, &plain),
                         PX_ECORRUPT);
}

static void text__of_one_person_does_not_open_for_another(void **ctx)
{
    world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "other", "ann", 1), PX_OK);
    px_bytes sealed = sealed_by(w, w->vault, "ann", 1, text("hello"));
    assert_int_equal(opened_by(w, w->vault, "bob", sealed, &plain), PX_ECORRUPT);
    assert_int_equal(px_vault_open_text(w->vault, "other", "ann", sealed, &w->arena, &plain),
                     PX_ECORRUPT);
}

static void arena__too_small_is_told(void **ctx)
{
    world *w = *ctx;
    px_arena small;
    px_bytes sealed;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_true(px_arena_init(&small, 64));
    assert_int_equal(px_vault_seal(w->vault, "acme", "ann", 1, text("x"), &small, &sealed),
                     PX_ENOMEM);
    px_arena_fini(&small);
}

static void mac__depends_on_text_and_key_only(void **ctx)
{
    world *w = *ctx;
    uint8_t a[PX_VAULT_MAC_SIZE], b[PX_VAULT_MAC_SIZE];

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, text("x"), a), PX_OK);
    assert_int_equal(px_vault_mac(w->other, "acme", "ann", 1, text("x"), b), PX_OK);
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, text("y"), b), PX_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "bob", 1, text("x"), b), PX_OK);
    assert_memory_not_equal(a, b, sizeof a);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 2, text("x"), b), PX_ENOTFOUND);
}

/* ---- many ---- */

static void cache__is_bounded_and_missing_keys_come_from_the_stream(void **ctx)
{
    enum { MANY = PX_VAULT_CACHE_KEYS + 500 };
    world *w = *ctx;
    char person[16];
    px_bytes plain;
    size_t cached = 0;

    px_bytes *sealed = calloc(MANY, sizeof *sealed);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        assert_int_equal(px_vault_ensure(w->vault, "acme", person, 1), PX_OK);
        sealed[i] = sealed_by(w, w->vault, person, 1, text("x"));
    }
    px_bus_server_set_up(w->server, false);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        cached += opened_by(w, w->vault, person, sealed[i], &plain) == PX_OK;
    }
    assert_in_range(cached, PX_VAULT_CACHE_KEYS * 3 / 4, PX_VAULT_CACHE_KEYS);
    px_bus_server_set_up(w->server, true);
    for (int i = 0; i < MANY; i++) {
        snprintf(person, sizeof person, "p%d", i);
        assert_int_equal(opened_by(w, w->vault, person, sealed[i], &plain), PX_OK);
    }
    free(sealed);
}

static void *use_vault(void *arg)
{
    world *w = arg;
    px_arena arena;
    char person[16];
    uintptr_t failures = 0;

    px_arena_init(&arena, 1 << 16);
    for (int i = 0; i < 400; i++) {
        px_bytes sealed, plain;
        snprintf(person, sizeof person, "p%d", i % 20);
        px_arena_reset(&arena);
        failures += px_vault_ensure(w->vault, "acme", person, 1) != PX_OK;
        failures += px_vault_seal(w->vault, "acme", person, 1, text("x"), &arena, &sealed) != PX_OK;
        if (i % 7 == 0)
            px_vault_forget(w->vault, "acme", person);
        failures += px_vault_open_text(w->vault, "acme", person, sealed, &arena, &plain) != PX_OK;
    }
    px_arena_fini(&arena);
    return (void *)failures;
}

static void threads__share_a_vault(void **ctx)
{
    world *w = *ctx;
    pthread_t threads[4];
    void *failures;

    for (size_t i = 0; i < PX_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_vault, w), 0);
    for (size_t i = 0; i < PX_COUNT(threads); i++) {
        pthread_join(threads[i], &failures);
        assert_null(failures);
    }
    assert_int_equal(key_messages(w), 20);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    static const struct CMUnitTest tests[] = {
        TEST(master__is_a_new_private_file_of_32_bytes),
        TEST(master__is_never_replaced),
        TEST(master__that_others_may_read_or_of_another_size_is_refused),
        TEST(ensure__makes_one_key_and_only_one),
        TEST(ensure__refuses_what_cannot_be_a_name),
        TEST(ensure__two_makers_at_once_get_the_same_key),
        TEST(ensure__loses_against_a_newer_generation_made_meanwhile),
        TEST(newer_generation__replaces_the_older_for_good),
        TEST(destroy__makes_texts_unreadable_everywhere),
        TEST(destroy__of_an_old_generation_spares_the_new_one),
        TEST(destroy__clears_leftovers_and_rubbish),
        TEST(destroyed_generation__can_be_followed_by_the_next),
        TEST(forget__asks_the_stream_again),
        TEST(broker_away__cached_keys_go_on_working),
        TEST(no_bus__is_like_a_broker_away),
        TEST(another_master_key__opens_nothing),
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
