/* test_vault.c: keys of people on a bus, and that erased means gone. */
#include <fcntl.h>
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
#include "tests/common/vault_fixture.h"

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
    vault_world *w = *ctx;
    struct stat info;

    assert_int_equal(stat(w->master, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(info.st_size, 32);
    assert_int_equal(info.st_nlink, 1);
}

static void master__is_never_replaced(void **ctx)
{
    vault_world *w = *ctx;
    px_vault *again;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("hello")), plain;
    assert_int_equal(px_vault_make_master(w->master), PX_EBUSY);
    assert_int_equal(px_vault_open(&again, w->master, w->other_bus), PX_OK);
    assert_int_equal(vault_opened(w, again, "ann", sealed, &plain), PX_OK);
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
    vault_world *w = *ctx;
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
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_key_messages(w), 1);
    assert_int_equal(vault_opened(w, w->other, "ann",
                                  vault_sealed(w, w->vault, "ann", 1, vault_text("hello")), &plain),
                     PX_OK);
    assert_int_equal(plain.size, 5);
    assert_memory_equal(plain.data, "hello", 5);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "other", "ann", 1), PX_OK);
    assert_int_equal(vault_key_messages(w), 3);
}

static void ensure__refuses_what_cannot_be_a_name(void **ctx)
{
    static const char too_long[] =
        "0123456789012345678901234567890123456789012345678901234567890123x";
    vault_world *w = *ctx;

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
    vault_world *w = *ctx;
    raced_bus raced = { { &raced_ops }, w->bus, w->other, 1 };
    px_vault *vault;
    px_bytes plain;

    assert_int_equal(px_vault_open(&vault, w->master, &raced.base), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_key_messages(w), 1);
    assert_int_equal(
        vault_opened(w, w->other, "ann", vault_sealed(w, vault, "ann", 1, vault_text("x")), &plain),
        PX_OK);
    px_vault_close(vault);
}

static void ensure__loses_against_a_newer_generation_made_meanwhile(void **ctx)
{
    vault_world *w = *ctx;
    raced_bus raced = { { &raced_ops }, w->bus, w->other, 2 };
    px_vault *vault;

    assert_int_equal(px_vault_open(&vault, w->master, &raced.base), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_EFORBIDDEN);
    assert_int_equal(vault_key_messages(w), 1);
    px_vault_close(vault);
}

static void newer_generation__replaces_the_older_for_good(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes old = vault_sealed(w, w->vault, "ann", 1, vault_text("old"));
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 2), PX_OK);
    assert_int_equal(vault_key_messages(w), 1);
    px_vault_forget(w->vault, "acme", "ann");
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_EFORBIDDEN);
    assert_int_equal(vault_opened(w, w->vault, "ann", old, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    assert_int_equal(vault_key_messages(w), 1);
}

static void destroy__makes_texts_unreadable_everywhere(void **ctx)
{
    vault_world *w = *ctx;
    px_bus_msg *msg;
    px_bytes plain;
    uint8_t mac[PX_VAULT_MAC_SIZE];

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_OK);
    px_bytes ann = vault_sealed(w, w->vault, "ann", 1, vault_text("about ann"));
    px_bytes bob = vault_sealed(w, w->vault, "bob", 1, vault_text("about bob"));

    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_bus_get_last(w->bus, px_vault_stream, "praxis.key.acme.ann", &msg),
                     PX_ENOTFOUND);
    assert_int_equal(vault_opened(w, w->vault, "ann", ann, &plain), PX_ENOTFOUND);
    assert_int_equal(vault_opened(w, w->other, "ann", ann, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_mac(w->vault, "acme", "ann", 1, vault_text("x"), mac), PX_ENOTFOUND);
    assert_int_equal(vault_opened(w, w->other, "bob", bob, &plain), PX_OK);
}

static void destroy__of_an_old_generation_spares_the_new_one(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 2, vault_text("new"));
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_opened(w, w->other, "ann", sealed, &plain), PX_OK);
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 2), PX_OK);
    assert_int_equal(vault_key_messages(w), 0);
}

static void destroy__clears_leftovers_and_rubbish(void **ctx)
{
    static const uint8_t rubbish[] = { 1, 2, 3 };
    vault_world *w = *ctx;
    px_bus_ack ack;
    px_bus_out out = { .subject = "praxis.key.acme.ann", .data = { rubbish, sizeof rubbish } };

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(px_bus_publish_wait(w->bus, &out, &ack), PX_OK);
    assert_int_equal(vault_key_messages(w), 4);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_key_messages(w), 0);
}

static void destroyed_generation__can_be_followed_by_the_next(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes old = vault_sealed(w, w->vault, "ann", 1, vault_text("old"));
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 2), PX_OK);
    assert_int_equal(vault_opened(w, w->vault, "ann", old, &plain), PX_ENOTFOUND);
    assert_int_equal(px_vault_ensure(w->other, "acme", "ann", 1), PX_EFORBIDDEN);
}

static void forget__asks_the_stream_again(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("x"));
    assert_int_equal(px_vault_destroy(w->other, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &plain), PX_OK); /* still cached */
    px_vault_forget(w->vault, "acme", "ann");
    assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &plain), PX_ENOTFOUND);
}

static void broker_away__cached_keys_go_on_working(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("x"));
    px_bus_server_set_up(w->server, false);
    uint64_t errors = px_metric_get(PX_METRIC_KEY_ERRORS);
    assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &plain), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(px_metric_get(PX_METRIC_KEY_ERRORS), errors);

    assert_int_equal(vault_opened(w, w->other, "ann", sealed, &plain), PX_EDISCONNECTED);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "bob", 1), PX_EDISCONNECTED);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_EDISCONNECTED);
    assert_int_equal(px_metric_get(PX_METRIC_KEY_ERRORS), errors + 3);
    /* asked to destroy it: not used any more, though the stream still has it */
    assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &plain), PX_EDISCONNECTED);

    px_bus_server_set_up(w->server, true);
    assert_int_equal(px_vault_destroy(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(vault_opened(w, w->vault, "ann", sealed, &plain), PX_ENOTFOUND);
}

static void no_bus__is_like_a_broker_away(void **ctx)
{
    vault_world *w = *ctx;
    px_vault *vault;

    assert_int_equal(px_vault_open(&vault, w->master, NULL), PX_OK);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 1), PX_EDISCONNECTED);
    assert_int_equal(px_vault_destroy(vault, "acme", "ann", 1), PX_EDISCONNECTED);
    px_vault_close(vault);
}

static void another_master_key__opens_nothing(void **ctx)
{
    vault_world *w = *ctx;
    char path[128];
    px_vault *stranger;
    px_bytes plain;

    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    px_bytes sealed = vault_sealed(w, w->vault, "ann", 1, vault_text("x"));
    snprintf(path, sizeof path, "%s/other", w->folder);
    assert_int_equal(px_vault_make_master(path), PX_OK);
    assert_int_equal(px_vault_open(&stranger, path, w->other_bus), PX_OK);
    assert_int_equal(px_vault_ensure(stranger, "acme", "ann", 1), PX_ECORRUPT);
    assert_int_equal(vault_opened(w, stranger, "ann", sealed, &plain), PX_ECORRUPT);
    assert_int_equal(vault_key_messages(w), 1);
    px_vault_close(stranger);
    unlink(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_setup, vault_teardown)
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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
