/* test_vault_keys.c: the master key changes under daemons that run; nobody loses or regains a key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/vault_keys.h"
#include "tests/common/vault_fixture.h"

enum { PEOPLE = 20 };

static const char *person(unsigned i)
{
    static char names[2][16];
    static unsigned next;
    char *name = names[next++ % 2];

    snprintf(name, sizeof names[0], "p%u", i);
    return name;
}

/* The text of each person, sealed. */
static void seal_texts(vault_world *w, px_bytes sealed[PEOPLE])
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        assert_int_equal(px_vault_ensure(w->vault, "acme", person(i), 1), PX_OK);
        sealed[i] = vault_sealed(w, w->vault, person(i), 1, vault_text(person(i)));
    }
}

static void add_master(vault_world *w, px_masters *masters)
{
    assert_int_equal(px_masters_read(masters, w->master), PX_OK);
    assert_int_equal(px_masters_add_new(masters), PX_OK);
    assert_int_equal(masters->count, 2);
}

static px_vault_census reseal(vault_world *w, const px_masters *masters)
{
    px_vault_census census;

    assert_int_equal(px_vault_reseal_keys(w->bus, masters, &census, NULL, NULL), PX_OK);
    return census;
}

static px_vault_census count(vault_world *w, const px_masters *masters)
{
    px_vault_census census;

    assert_int_equal(px_vault_count_keys(w->bus, masters, &census, NULL, NULL), PX_OK);
    return census;
}

static px_bus_msg *key_of(vault_world *w, const char *who)
{
    char subject[64];
    px_bus_msg *msg;

    snprintf(subject, sizeof subject, "praxis.key.acme.%s", who);
    assert_int_equal(px_bus_get_last(w->bus, px_vault_stream, subject, &msg), PX_OK);
    return msg;
}

static void no_cache(vault_world *w, px_vault *vault)
{
    (void)w;
    for (unsigned i = 0; i < PEOPLE; i++)
        px_vault_forget(vault, "acme", person(i));
}

static void rotated__every_text_opens_and_the_old_master_opens_nothing(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes sealed[PEOPLE], plain;
    px_masters masters, old;
    char kept[160];

    seal_texts(w, sealed);
    snprintf(kept, sizeof kept, "%s.kept", w->master);
    assert_int_equal(px_vault_copy_master(w->master, kept), PX_OK);
    add_master(w, &masters);
    assert_int_equal(reseal(w, &masters).resealed, PEOPLE);
    assert_int_equal(reseal(w, &masters).older, 0);
    assert_int_equal(vault_key_messages(w), PEOPLE);
    assert_int_equal(px_masters_drop_old(&masters), PX_OK);
    assert_int_equal(masters.count, 1);

    no_cache(w, w->other); /* which has read only the old master so far */
    for (unsigned i = 0; i < PEOPLE; i++)
        assert_int_equal(vault_opened(w, w->other, person(i), sealed[i], &plain), PX_OK);
    assert_int_equal(px_masters_read(&old, kept), PX_OK);
    assert_int_equal(count(w, &old).unreadable, PEOPLE);
    assert_int_equal(count(w, &old).newest, 0);
    px_masters_fini(&old);
    px_masters_fini(&masters);
    unlink(kept);
}

static void key_made_meanwhile__sealed_under_the_new_master(void **ctx)
{
    vault_world *w = *ctx;
    px_masters masters;

    add_master(w, &masters); /* no vault has been told */
    assert_int_equal(px_vault_ensure(w->vault, "acme", "ann", 1), PX_OK);
    assert_int_equal(count(w, &masters).newest, 1);
    assert_int_equal(count(w, &masters).older, 0);
    px_masters_fini(&masters);
}

/* The message as it was before, published once more: what a crash before the erasure leaves. */
static void crash_before_the_erasure__both_open_and_the_next_run_clears(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes sealed[PEOPLE], plain;
    px_masters masters, old;
    px_bus_ack ack;

    seal_texts(w, sealed);
    px_bus_msg *before = key_of(w, person(3));
    assert_int_equal(px_masters_read(&old, w->master), PX_OK);
    add_master(w, &masters);
    reseal(w, &masters);
    px_bus_msg *after = key_of(w, person(3));
    assert_int_equal(px_bus_erase(w->bus, px_vault_stream, after->seq), PX_OK);
    assert_int_equal(
        px_bus_publish_wait(w->bus, &(px_bus_out){ before->subject, .data = before->data }, &ack),
        PX_OK);
    assert_int_equal(
        px_bus_publish_wait(w->bus, &(px_bus_out){ after->subject, .data = after->data }, &ack),
        PX_OK);
    px_bus_msg_free(before);
    px_bus_msg_free(after);
    assert_int_equal(vault_key_messages(w), PEOPLE + 1);
    no_cache(w, w->other);
    assert_int_equal(vault_opened(w, w->other, person(3), sealed[3], &plain), PX_OK);

    px_vault_census census = reseal(w, &masters);
    assert_int_equal(census.older, 1);
    assert_int_equal(census.resealed, 0);
    assert_int_equal(vault_key_messages(w), PEOPLE);
    assert_int_equal(count(w, &old).newest, 0);
    no_cache(w, w->other);
    assert_int_equal(vault_opened(w, w->other, person(3), sealed[3], &plain), PX_OK);
    px_masters_fini(&old);
    px_masters_fini(&masters);
}

/* Read, then erased by a daemon, then sealed again: it must not come back. */
static void erased_between_read_and_sealing__stays_erased(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes sealed[PEOPLE], plain;
    px_masters masters;

    seal_texts(w, sealed);
    add_master(w, &masters);
    px_bus_msg *read = key_of(w, person(5));
    assert_int_equal(px_vault_destroy(w->other, "acme", person(5), 1), PX_OK);
    assert_int_equal(px_vault_reseal_key(w->bus, &masters, read->subject, read->seq, read->data),
                     PX_ESEQUENCE);
    assert_int_equal(vault_key_messages(w), PEOPLE - 1);
    assert_int_equal(vault_opened(w, w->other, person(5), sealed[5], &plain), PX_ENOTFOUND);

    /* Also when the person has come back, with a key of the next generation. */
    assert_int_equal(px_vault_ensure(w->vault, "acme", person(5), 2), PX_OK);
    assert_int_equal(px_vault_reseal_key(w->bus, &masters, read->subject, read->seq, read->data),
                     PX_ESEQUENCE);
    assert_int_equal(vault_key_messages(w), PEOPLE);
    assert_int_equal(px_vault_ensure(w->other, "acme", person(5), 2), PX_OK);
    px_bus_msg_free(read);
    px_masters_fini(&masters);
}

static void foreign_key__counted_and_left_alone(void **ctx)
{
    vault_world *w = *ctx;
    px_bytes sealed[PEOPLE];
    px_masters masters;
    px_bus_ack ack;

    seal_texts(w, sealed);
    assert_int_equal(px_bus_publish_wait(w->bus,
                                         &(px_bus_out){ .subject = "praxis.key.acme.stranger",
                                                        .data = { "rubbish", 7 } },
                                         &ack),
                     PX_OK);
    assert_int_equal(px_masters_read(&masters, w->master), PX_OK);
    assert_int_equal(px_masters_add_new(&masters), PX_OK);
    px_vault_census census = reseal(w, &masters);
    assert_int_equal(census.unreadable, 1);
    assert_int_equal(census.resealed, PEOPLE);
    assert_int_equal(vault_key_messages(w), PEOPLE + 1);
    px_masters_fini(&masters);
}

static void masters__at_most_four_and_in_whole_keys(void **ctx)
{
    vault_world *w = *ctx;
    px_masters masters;

    assert_int_equal(px_masters_read(&masters, w->master), PX_OK);
    for (size_t count_now = 2; count_now <= PX_MASTERS_MAX; count_now++) {
        assert_int_equal(px_masters_add_new(&masters), PX_OK);
        assert_int_equal(masters.count, count_now);
    }
    assert_int_equal(px_masters_add_new(&masters), PX_EFULL);
    assert_false(px_masters_refresh(&masters));
    px_masters_fini(&masters);
    assert_int_equal(truncate(w->master, 40), 0);
    assert_int_equal(px_masters_read(&masters, w->master), PX_EINVALID);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, vault_setup, vault_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rotated__every_text_opens_and_the_old_master_opens_nothing),
        TEST(key_made_meanwhile__sealed_under_the_new_master),
        TEST(crash_before_the_erasure__both_open_and_the_next_run_clears),
        TEST(erased_between_read_and_sealing__stays_erased),
        TEST(foreign_key__counted_and_left_alone),
        TEST(masters__at_most_four_and_in_whole_keys),
    };

    return cmocka_run_group_tests_name("vault_keys", tests, NULL, NULL);
}
