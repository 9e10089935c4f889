/* test_vault_many.c: the keys of many people at once: a few round trips, and the same promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/bus_impl.h"
#include "common/metrics.h"
#include "common/vault_keys.h"
#include "tests/common/vault_fixture.h"

enum { PEOPLE = 300, ROUND_TRIPS = 3 }; /* 128 to each */

/** A bus that counts, and lets something happen before keys are stored. */
typedef struct {
    px_bus base;
    vault_world *world;
    unsigned lookups, publishes, single;
    void (*before)(vault_world *w);
    px_status refusal; /* what every message is told; PX_OK: it goes through */
} watched_bus;

static px_status watched_get_last(px_bus *bus, const char *stream, const char *subject,
                                  px_bus_msg **msg)
{
    watched_bus *b = (watched_bus *)bus;

    b->single++;
    return px_bus_get_last(b->world->bus, stream, subject, msg);
}

static px_status watched_get_last_all(px_bus *bus, const char *stream, const char *const *subjects,
                                      size_t count, px_bus_msg **msgs)
{
    watched_bus *b = (watched_bus *)bus;

    b->lookups++;
    return px_bus_get_last_all(b->world->bus, stream, subjects, count, msgs);
}

static px_status watched_publish_all(px_bus *bus, const px_bus_out *outs, size_t count,
                                     px_bus_ack *acks)
{
    watched_bus *b = (watched_bus *)bus;

    b->publishes++;
    if (b->before)
        b->before(b->world);
    for (size_t i = 0; b->refusal != PX_OK && i < count; i++)
        acks[i].status = b->refusal;
    return b->refusal == PX_OK ? px_bus_publish_all(b->world->bus, outs, count, acks) : PX_OK;
}

static px_status watched_publish_wait(px_bus *bus, const px_bus_out *out, px_bus_ack *ack)
{
    return px_bus_publish_wait(((watched_bus *)bus)->world->bus, out, ack);
}

static px_status watched_erase(px_bus *bus, const char *stream, uint64_t seq)
{
    return px_bus_erase(((watched_bus *)bus)->world->bus, stream, seq);
}

static const px_bus_ops watched_ops = { .get_last = watched_get_last,
                                        .get_last_all = watched_get_last_all,
                                        .publish_all = watched_publish_all,
                                        .publish_wait = watched_publish_wait,
                                        .erase = watched_erase };

static px_vault *watched_vault(vault_world *w, watched_bus *bus)
{
    px_vault *vault;

    bus->base.ops = &watched_ops;
    bus->world = w;
    assert_int_equal(px_vault_open(&vault, w->master, &bus->base), PX_OK);
    return vault;
}

/* p0, p1, ... of acme, in their first life */
static const px_vault_name *names_of(vault_world *w, size_t count)
{
    px_vault_name *names = px_arena_alloc(&w->arena, count * sizeof *names);

    for (size_t i = 0; i < count; i++)
        names[i] = (px_vault_name){ "acme", px_arena_printf(&w->arena, "p%zu", i), 1 };
    return names;
}

static void expect_one_key_for_both(vault_world *w, px_vault *vault, const char *person)
{
    px_bytes sealed = vault_sealed(w, vault, person, 1, vault_text("hello")), plain;

    assert_int_equal(vault_opened(w, w->other, person, sealed, &plain), PX_OK);
    assert_int_equal(plain.size, 5);
}

static void ensure_all__makes_and_finds_many_in_a_few_round_trips(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .refusal = PX_OK };
    px_vault *vault = watched_vault(w, &bus);
    const px_vault_name *names = names_of(w, PEOPLE);

    for (size_t i = 0; i < PEOPLE; i += 10)
        assert_int_equal(px_vault_ensure(w->other, "acme", names[i].person, 1), PX_OK);
    assert_int_equal(px_vault_ensure_all(vault, names, PEOPLE), PX_OK);
    assert_int_equal(vault_key_messages(w), PEOPLE);
    assert_int_equal(bus.lookups, ROUND_TRIPS);
    assert_int_equal(bus.publishes, ROUND_TRIPS);
    for (size_t i = 0; i < PEOPLE; i++) {
        assert_int_equal(px_vault_ensure(vault, "acme", names[i].person, 1), PX_OK);
        expect_one_key_for_both(w, vault, names[i].person);
    }
    assert_int_equal(px_vault_ensure_all(vault, names, PEOPLE), PX_OK);
    assert_int_equal(bus.lookups, ROUND_TRIPS); /* all are remembered */
    assert_int_equal(bus.single, 0);
    px_vault_close(vault);
}

static void ensure_all__of_one_person_named_often_makes_one_key(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .refusal = PX_OK };
    px_vault *vault = watched_vault(w, &bus);
    px_vault_name names[PEOPLE];

    for (size_t i = 0; i < PEOPLE; i++)
        names[i] = (px_vault_name){ "acme", i % 2 ? "ann" : "ann.b", i % 3 ? 1 : 0 };
    assert_int_equal(px_vault_ensure_all(vault, names, PEOPLE), PX_OK);
    assert_int_equal(vault_key_messages(w), 1); /* what cannot be a name is passed over */
    assert_int_equal(bus.lookups, 1);
    expect_one_key_for_both(w, vault, "ann");
    px_vault_close(vault);
}

static void other_daemon_makes_some(vault_world *w)
{
    assert_int_equal(px_vault_ensure_all(w->other, names_of(w, 10), 10), PX_OK);
}

static void ensure_all__two_makers_at_once_get_the_same_keys(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .before = other_daemon_makes_some };
    px_vault *vault = watched_vault(w, &bus);
    const px_vault_name *names = names_of(w, 20);

    assert_int_equal(px_vault_ensure_all(vault, names, 20), PX_OK);
    assert_int_equal(vault_key_messages(w), 20);
    assert_int_equal(bus.single, 0);
    for (size_t i = 0; i < 20; i++) {
        assert_int_equal(px_vault_ensure(vault, "acme", names[i].person, 1), PX_OK);
        expect_one_key_for_both(w, vault, names[i].person);
    }
    assert_int_equal(bus.single, 10); /* those that the other one has made */
    px_vault_close(vault);
}

static void new_master(vault_world *w)
{
    px_masters masters;

    assert_int_equal(px_masters_read(&masters, w->master), PX_OK);
    assert_int_equal(px_masters_add_new(&masters), PX_OK);
    px_masters_fini(&masters);
}

static void ensure_all__seals_again_under_a_master_that_comes_meanwhile(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .before = new_master };
    px_vault *vault = watched_vault(w, &bus);
    const px_vault_name *names = names_of(w, 20);
    px_vault_census census;
    px_masters masters;

    assert_int_equal(px_vault_ensure_all(vault, names, 20), PX_OK);
    assert_int_equal(px_masters_read(&masters, w->master), PX_OK);
    assert_int_equal(px_vault_count_keys(w->bus, &masters, &census, NULL, NULL), PX_OK);
    assert_int_equal(census.newest, 20);
    assert_int_equal(census.older, 0);
    px_masters_fini(&masters);
    for (size_t i = 0; i < 20; i++)
        expect_one_key_for_both(w, vault, names[i].person);
    px_vault_close(vault);
}

static void ensure_all__leaves_later_and_earlier_lives_alone(void **ctx)
{
    vault_world *w = *ctx;
    const px_vault_name names[] = { { "acme", "later", 2 }, { "acme", "earlier", 1 } };
    px_bus_msg *before, *after;

    assert_int_equal(px_vault_ensure(w->other, "acme", "later", 1), PX_OK);
    assert_int_equal(px_vault_ensure(w->other, "acme", "earlier", 2), PX_OK);
    assert_int_equal(px_bus_get(w->bus, px_vault_stream, 2, &before), PX_OK);
    assert_int_equal(px_vault_ensure_all(w->vault, names, 2), PX_OK);
    assert_int_equal(vault_key_messages(w), 2);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "later", 2), PX_OK);
    assert_int_equal(px_vault_ensure(w->vault, "acme", "earlier", 1), PX_EFORBIDDEN);
    assert_int_equal(vault_key_messages(w), 2);
    assert_int_equal(px_bus_get(w->bus, px_vault_stream, 2, &after), PX_OK);
    assert_memory_equal(before->data.data, after->data.data, before->data.size);
    px_bus_msg_free(before);
    px_bus_msg_free(after);
}

/* An erased last message may hide an earlier one from a lookup: only a look at both makes it sure
 * that no key of an earlier life stays behind a later one. */
static void ensure_all__makes_no_key_of_a_later_life(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .refusal = PX_OK };
    px_vault *vault = watched_vault(w, &bus);

    assert_int_equal(px_vault_ensure_all(vault, &(px_vault_name){ "acme", "ann", 2 }, 1), PX_OK);
    assert_int_equal(bus.publishes, 0);
    assert_int_equal(vault_key_messages(w), 0);
    assert_int_equal(px_vault_ensure(vault, "acme", "ann", 2), PX_OK);
    assert_int_equal(vault_key_messages(w), 1);
    px_vault_close(vault);
}

static void ensure_all__says_what_keeps_it_from_making_keys(void **ctx)
{
    vault_world *w = *ctx;
    watched_bus bus = { .refusal = PX_EEXHAUSTED };
    px_vault *vault = watched_vault(w, &bus);
    const px_vault_name *names = names_of(w, 3);
    uint64_t errors = px_metric_get(PX_METRIC_KEY_ERRORS);
    px_bytes sealed;

    assert_int_equal(px_vault_ensure_all(vault, names, 3), PX_EEXHAUSTED);
    px_bus_server_set_up(w->server, false);
    assert_int_equal(px_vault_ensure_all(vault, names, 3), PX_EDISCONNECTED);
    px_bus_server_set_up(w->server, true);
    assert_int_equal(px_metric_get(PX_METRIC_KEY_ERRORS), errors + 2);
    /* A key that nobody has stored seals nothing. */
    assert_int_equal(px_vault_seal(vault, "acme", "p0", 1, vault_text("x"), &w->arena, &sealed),
                     PX_ENOTFOUND);
    bus.refusal = PX_OK;
    assert_int_equal(px_vault_ensure_all(vault, names, 3), PX_OK);
    assert_int_equal(vault_key_messages(w), 3);
    px_vault_close(vault);
}

static void ensure_all__without_a_bus_is_like_a_broker_away(void **ctx)
{
    vault_world *w = *ctx;
    px_vault *vault;

    assert_int_equal(px_vault_open(&vault, w->master, NULL), PX_OK);
    assert_int_equal(px_vault_ensure_all(vault, names_of(w, 3), 3), PX_EDISCONNECTED);
    assert_int_equal(px_vault_ensure_all(vault, NULL, 0), PX_OK);
    px_vault_close(vault);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, vault_setup, vault_teardown)
    static const struct CMUnitTest tests[] = {
        TEST(ensure_all__makes_and_finds_many_in_a_few_round_trips),
        TEST(ensure_all__of_one_person_named_often_makes_one_key),
        TEST(ensure_all__two_makers_at_once_get_the_same_keys),
        TEST(ensure_all__seals_again_under_a_master_that_comes_meanwhile),
        TEST(ensure_all__leaves_later_and_earlier_lives_alone),
        TEST(ensure_all__makes_no_key_of_a_later_life),
        TEST(ensure_all__says_what_keeps_it_from_making_keys),
        TEST(ensure_all__without_a_bus_is_like_a_broker_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
