/* What goes into one batch: keys and messages share it, and neither starves the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/agenda.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/intake.h"
#include "common/round.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "tests/common/fold_world.h"

enum { TENANTS = 700 };

static void submit_for_each_tenant(fold_world *w, const char *prefix, uint32_t n)
{
    for (unsigned i = 0; i < TENANTS; i++)
        fold_submit(w, px_arena_printf(&w->arena, "t%u", i),
                    px_arena_printf(&w->arena, "%s-%u", prefix, i), n);
}

static size_t entries_of(const PraxisLog__Batch *batch, PraxisLog__Entry__CauseCase cause)
{
    size_t n = 0;

    for (size_t i = 0; i < batch->n_entries; i++)
        n += batch->entries[i]->cause_case == cause;
    return n;
}

/* Turns without time passing, until the log has this many messages. */
static void turn_until(fold_world *w, uint64_t last)
{
    for (unsigned i = 0; fold_last(w, px_log_stream) < last; i++) {
        assert_true(i < 1000);
        (void)fold_turn(&w->a);
    }
}

static void both_wait__each_gets_half(void **state)
{
    fold_world *w = *state;
    PraxisLog__Batch *batch;

    fold_start(&w->a);
    submit_for_each_tenant(w, "a", 12);
    turn_until(w, 1);
    batch = fold_batch(w, 1);
    assert_int_equal(entries_of(batch, PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION), TENANTS);
    submit_for_each_tenant(w, "b", 12);
    turn_until(w, 2);
    batch = fold_batch(w, 2);
    assert_int_equal(entries_of(batch, PRAXIS_LOG__ENTRY__CAUSE_KEY), 512);
    assert_int_equal(entries_of(batch, PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION), 512);
    fold_settle(w);
    assert_int_equal(fold_facts(w, 0, WORLD_FACT_SAID - 1), 2 * TENANTS);
    fold_check_digests(w);
}

static void one_side_waits__it_gets_all(void **state)
{
    fold_world *w = *state;
    PraxisLog__Batch *batch;

    fold_start(&w->a);
    submit_for_each_tenant(w, "a", 12);
    turn_until(w, 2);
    batch = fold_batch(w, 2);
    assert_int_equal(entries_of(batch, PRAXIS_LOG__ENTRY__CAUSE_KEY), TENANTS);
}

static void send_large_bundle(fold_world *w, const char *prefix)
{
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    ProtobufCBinaryData items[10];

    for (unsigned i = 0; i < PX_COUNT(items); i++) { /* 10 x 3,000 facts of 6 bytes */
        px_bytes bytes =
            fold_pack(w, px_arena_printf(&w->arena, "%s-%u", prefix, i), 100, WORLD_START_US, 0);

        items[i] = (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    }
    bundle.submissions = items;
    bundle.n_submissions = PX_COUNT(items);
    fold_send(w, "acme", "Bundle", px_codec_pack(&bundle.base, &w->arena), NULL, 0);
}

/* It fits into a batch of its own only, and keys go on becoming dirty. */
static void large_bundle_beside_keys__is_decided_whole(void **state)
{
    fold_world *w = *state;

    fold_start(&w->a);
    submit_for_each_tenant(w, "a", 12);
    turn_until(w, 1);
    send_large_bundle(w, "big");
    submit_for_each_tenant(w, "b", 12);
    turn_until(w, 4);
    for (unsigned i = 0; i < 10; i++) {
        unsigned count;
        const PraxisLog__Entry *entry =
            fold_entry_of(w, px_arena_printf(&w->arena, "big-%u", i), &count);

        assert_int_equal(count, 1);
        assert_null(entry->rejection);
    }
    fold_settle(w);
    fold_check_digests(w);
}

/* The same state and the same messages give the same bytes. */
static void deciding_twice__says_the_same(void **state)
{
    fold_world *w = *state;
    px_arena arena = { 0 };
    px_bus_msg *msg;
    bool clean[1];
    px_round_input input = { .service = &w->a.service,
                             .clock_us = w->now_us,
                             .messages = &msg,
                             .clean = clean,
                             .message_count = 1,
                             .arena = &arena };
    px_bytes said[2];

    fold_start(&w->a);
    assert_true(px_arena_init(&arena, 64 << 20));
    fold_submit(w, "acme", "one", 12);
    assert_int_equal(px_bus_get(w->bus, "PRAXIS_INBOX_REPORTING", 1, &msg), PX_OK);
    for (unsigned i = 0; i < 2; i++) {
        px_txn *overlay = px_store_begin(px_fold_store(w->a.fold));
        px_progress progress = { 0 };
        px_round_output out;

        px_arena_reset(&arena);
        assert_int_equal(px_round_decide(&input, &progress, overlay, &out), PX_OK);
        px_txn_abort(overlay);
        assert_int_equal(out.accepted, 1);
        assert_true(clean[0]);
        said[i].data = px_arena_copy(&w->arena, out.batch.data, out.batch.size);
        said[i].size = out.batch.size;
    }
    assert_int_equal(said[0].size, said[1].size);
    assert_memory_equal(said[0].data, said[1].data, said[0].size);
    px_bus_msg_free(msg);
    px_arena_fini(&arena);
}

static void clock_that_goes_back__decided_at_stands_still(void **state)
{
    fold_world *w = *state;
    int64_t before;

    fold_start(&w->a);
    fold_submit(w, "acme", "one", 12);
    fold_settle(w);
    before = fold_batch(w, fold_last(w, px_log_stream))->decided_at_us;
    w->now_us -= 3600000000 / 2;
    fold_submit(w, "acme", "two", 12);
    fold_settle(w);
    assert_true(fold_batch(w, fold_last(w, px_log_stream))->decided_at_us >= before);
    fold_check_digests(w);
}

/* ---- keys that say nothing ---- */

static unsigned looks;
static bool has_to_say;

static void look(const px_view *state, const px_key *key, int64_t now_us, px_facts *out)
{
    (void)state, (void)key, (void)now_us;
    looks++;
    if (has_to_say)
        (void)px_facts_add(out, REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET);
}

/* One key is dirty. @return whether there is a batch */
static bool decide_on_key(fold_world *w, px_progress *progress, px_arena *arena)
{
    static px_reconciler_fn *const reconcilers[] = { NULL, look };
    px_service service = w->a.service;
    px_txn *overlay = px_store_begin(px_fold_store(w->a.fold));
    px_round_input input = { .service = &service, .clock_us = w->now_us, .arena = arena };
    px_round_output out;

    service.reconcilers = reconcilers;
    service.reconciler_count = PX_COUNT(reconcilers);
    px_txn_set_seq(overlay, px_chain_cursor(overlay).seq);
    px_mark(overlay, 1, "acme", px_text_bytes("key"));
    px_arena_reset(arena);
    assert_int_equal(px_round_decide(&input, progress, overlay, &out), PX_OK);
    px_txn_abort(overlay);
    return out.batch.size > 0;
}

/* The batch may have been decided before the look: what it says is news to whoever looks. */
static void key_that_said_nothing__is_looked_at_again_after_a_batch_of_ours(void **state)
{
    fold_world *w = *state;
    px_progress progress = { 0 };
    px_arena arena = { 0 };

    assert_true(px_arena_init(&arena, 64 << 20));
    fold_start(&w->a);
    fold_submit(w, "acme", "one", 3);
    fold_settle(w);
    looks = 0;
    has_to_say = false;
    assert_false(decide_on_key(w, &progress, &arena));
    assert_false(decide_on_key(w, &progress, &arena));
    assert_int_equal(looks, 1);
    has_to_say = true;
    px_round_recorded(&progress);
    assert_true(decide_on_key(w, &progress, &arena));
    assert_int_equal(looks, 2);
    px_arena_fini(&arena);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fold_world_setup, fold_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_wait__each_gets_half),
        TEST(key_that_said_nothing__is_looked_at_again_after_a_batch_of_ours),
        TEST(one_side_waits__it_gets_all),
        TEST(large_bundle_beside_keys__is_decided_whole),
        TEST(deciding_twice__says_the_same),
        TEST(clock_that_goes_back__decided_at_stands_still),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
