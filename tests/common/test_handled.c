/* The memory behind "sent again, same result". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/handled.h"
#include "tests/common/store_fixture.h"

typedef struct {
    store_fixture *store;
    px_txn *txn;
    px_arena arena;
    uint8_t one[PX_DIGEST_SIZE], two[PX_DIGEST_SIZE];
} fixture;

static int setup(void **state)
{
    static fixture f;

    memset(&f, 0, sizeof f);
    if (store_fixture_setup((void **)&f.store) != 0 || !px_arena_init(&f.arena, 1 << 20))
        return -1;
    f.txn = px_store_begin(f.store->store);
    px_chain_digest(fixture_text("one"), f.one);
    px_chain_digest(fixture_text("two"), f.two);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    void *store = f->store;

    assert_int_equal(px_txn_status(f->txn), PX_OK);
    px_txn_abort(f->txn);
    px_arena_fini(&f->arena);
    return store_fixture_teardown(&store);
}

static px_handled_key put_unlisted(fixture *f, const char *id, const uint8_t *digest, bool claims,
                                   const char *code, int64_t at_us)
{
    px_outcome outcome = {
        .decided_at_us = at_us, .log_seq = 5, .facts = 2, .code = code, .field = "f", .text = ""
    };

    return px_handled_put(f->txn, "acme", "hr", id, digest, claims, &outcome);
}

static void put(fixture *f, const char *id, const uint8_t *digest, bool claims, const char *code,
                int64_t at_us)
{
    px_handled_list list = { 0 };

    px_txn_set_seq(f->txn, px_txn_seq(f->txn) + 1);
    px_handled_note(f->txn, &list, at_us, put_unlisted(f, id, digest, claims, code, at_us));
    px_handled_list_end(f->txn, &list);
}

static px_handled find(fixture *f, const char *tenant, const char *source, const char *id,
                       const uint8_t *digest, px_outcome *outcome)
{
    return px_handled_find(f->txn, tenant, source, id, digest, &f->arena, outcome);
}

static void same_submission__has_its_answer(void **state)
{
    fixture *f = *state;
    px_outcome outcome;

    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_NEW);
    put(f, "a", f->one, true, "", 100);
    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_SAME);
    assert_int_equal(outcome.decided_at_us, 100);
    assert_int_equal(outcome.log_seq, 5);
    assert_int_equal(outcome.facts, 2);
    assert_string_equal(outcome.code, "");
    assert_string_equal(outcome.field, "f");
}

static void tenant_and_source__are_part_of_the_id(void **state)
{
    fixture *f = *state;
    px_outcome outcome;

    put(f, "a", f->one, true, "", 100);
    assert_int_equal(find(f, "beta", "hr", "a", f->one, &outcome), PX_HANDLED_NEW);
    assert_int_equal(find(f, "acme", "it", "a", f->one, &outcome), PX_HANDLED_NEW);
    assert_int_equal(find(f, "acme", "hr", "b", f->one, &outcome), PX_HANDLED_NEW);
}

static void other_content__is_remembered_beside_the_first_answer(void **state)
{
    fixture *f = *state;
    px_outcome outcome;

    put(f, "a", f->one, true, "", 100);
    assert_int_equal(find(f, "acme", "hr", "a", f->two, &outcome), PX_HANDLED_OTHER);
    put(f, "a", f->two, false, "ID_REUSED", 200);
    assert_int_equal(find(f, "acme", "hr", "a", f->two, &outcome), PX_HANDLED_SAME);
    assert_string_equal(outcome.code, "ID_REUSED");
    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_SAME);
    assert_string_equal(outcome.code, "");
    assert_true(px_handled_first(f->txn, "acme", "hr", "a", &f->arena, &outcome));
    assert_string_equal(outcome.code, "");
}

static void answer_that_does_not_claim__leaves_the_id_free(void **state)
{
    fixture *f = *state;
    px_outcome outcome;

    put(f, "a", f->one, false, "CREATED_AT_OUT_OF_RANGE", 100);
    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_SAME);
    assert_int_equal(find(f, "acme", "hr", "a", f->two, &outcome), PX_HANDLED_NEW);
    assert_false(px_handled_first(f->txn, "acme", "hr", "a", &f->arena, &outcome));
}

static void prune__forgets_what_was_decided_before(void **state)
{
    fixture *f = *state;
    px_outcome outcome;

    put(f, "a", f->one, true, "", 100);
    put(f, "b", f->one, true, "", 200);
    px_handled_prune(f->txn, 200);
    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_NEW);
    assert_int_equal(find(f, "acme", "hr", "b", f->one, &outcome), PX_HANDLED_SAME);
}

static void prune__takes_a_bounded_slice(void **state)
{
    fixture *f = *state;
    px_outcome outcome;
    char id[16];

    for (unsigned i = 0; i <= PX_HANDLED_PRUNE_MAX; i++) {
        snprintf(id, sizeof id, "a%u", i);
        put(f, id, f->one, true, "", 100 + i);
    }
    px_handled_prune(f->txn, 1000000);
    assert_int_equal(find(f, "acme", "hr", id, f->one, &outcome), PX_HANDLED_SAME);
    assert_int_equal(find(f, "acme", "hr", "a0", f->one, &outcome), PX_HANDLED_NEW);
    px_handled_prune(f->txn, 1000000);
    assert_int_equal(find(f, "acme", "hr", id, f->one, &outcome), PX_HANDLED_NEW);
}

/* As many as a batch may answer, all at the same time, and one later. */
static void prune__forgets_all_of_a_batch(void **state)
{
    enum { BATCH = 1024 };
    fixture *f = *state;
    px_handled_list list = { 0 };
    px_outcome outcome;
    char id[16];

    for (unsigned i = 0; i <= BATCH; i++) {
        int64_t at_us = i < BATCH ? 100 : 200;

        snprintf(id, sizeof id, "a%u", i);
        px_handled_note(f->txn, &list, at_us, put_unlisted(f, id, f->one, i % 7 != 0, "", at_us));
    }
    px_handled_list_end(f->txn, &list);
    px_handled_prune(f->txn, 200);
    for (unsigned i = 0; i <= BATCH; i++) {
        snprintf(id, sizeof id, "a%u", i);
        assert_int_equal(find(f, "acme", "hr", id, f->one, &outcome),
                         i < BATCH ? PX_HANDLED_NEW : PX_HANDLED_SAME);
    }
}

static void long_field__is_cut_not_refused(void **state)
{
    fixture *f = *state;
    char field[1000];
    px_outcome outcome = { .decided_at_us = 1, .code = "FIELD_INVALID", .text = "t" };

    memset(field, 'x', sizeof field);
    field[sizeof field - 1] = 0;
    outcome.field = field;
    px_handled_put(f->txn, "acme", "hr", "a", f->one, true, &outcome);
    assert_int_equal(find(f, "acme", "hr", "a", f->one, &outcome), PX_HANDLED_SAME);
    assert_true(strlen(outcome.field) > 100 && strlen(outcome.field) < 200);
    assert_string_equal(outcome.text, "t");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_submission__has_its_answer),
        TEST(tenant_and_source__are_part_of_the_id),
        TEST(other_content__is_remembered_beside_the_first_answer),
        TEST(answer_that_does_not_claim__leaves_the_id_free),
        TEST(prune__forgets_what_was_decided_before),
        TEST(prune__takes_a_bounded_slice),
        TEST(prune__forgets_all_of_a_batch),
        TEST(long_field__is_cut_not_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
