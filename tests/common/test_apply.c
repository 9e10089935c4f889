/* Which log messages count, and what an unknown fact does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/agenda.h"
#include "common/apply.h"
#include "common/chain.h"
#include "common/codec.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "tests/common/fold_world.h"
#include "tests/common/store_fixture.h"

static px_evolver_fn *const followed_evolvers[] = { NULL,    px_skip, px_skip,
                                                    px_skip, px_skip, px_skip };

typedef struct {
    store_fixture *store;
    px_txn *txn;
    px_arena arena;
    px_service service;
    uint64_t seq;
} fixture;

static int setup(void **state)
{
    static fixture f;

    memset(&f, 0, sizeof f);
    if (store_fixture_setup((void **)&f.store) != 0 || !px_arena_init(&f.arena, 8 << 20))
        return -1;
    f.txn = px_store_begin(f.store->store);
    f.service = fold_world_service();
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

/* An empty batch that extends the chain as it stands. */
static PraxisLog__Batch *next_batch(fixture *f, const char *service)
{
    PraxisLog__Batch *b =
        (PraxisLog__Batch *)px_codec_new(&praxis_log__batch__descriptor, &f->arena);
    px_head head = px_chain_head(f->txn, service);
    px_cursor cursor = px_chain_cursor(f->txn);

    b->service = px_arena_strdup(&f->arena, service);
    b->code_version = 1;
    b->number = head.number + 1;
    b->previous_digest.len = PX_DIGEST_SIZE;
    b->previous_digest.data = px_arena_copy(&f->arena, head.digest, PX_DIGEST_SIZE);
    b->basis =
        (PraxisLog__LogPosition *)px_codec_new(&praxis_log__log_position__descriptor, &f->arena);
    b->basis->seq = cursor.seq;
    b->basis->tag = cursor.tag;
    b->decided_at_us = WORLD_START_US;
    return b;
}

static void add_entry(fixture *f, PraxisLog__Batch *b, px_bytes fact)
{
    PraxisLog__Entry *e =
        (PraxisLog__Entry *)px_codec_new(&praxis_log__entry__descriptor, &f->arena);
    PraxisLog__SubmissionCause *c = (PraxisLog__SubmissionCause *)px_codec_new(
        &praxis_log__submission_cause__descriptor, &f->arena);

    c->tenant = px_arena_strdup(&f->arena, "acme");
    c->source = px_arena_strdup(&f->arena, "hr");
    c->submission_id = px_arena_strdup(&f->arena, "one");
    c->content_digest.len = PX_DIGEST_SIZE;
    c->content_digest.data = px_arena_zalloc(&f->arena, PX_DIGEST_SIZE);
    e->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    e->submission = c;
    e->n_facts = 1;
    e->facts = px_arena_alloc(&f->arena, sizeof *e->facts);
    e->facts[0].len = fact.size;
    e->facts[0].data = (uint8_t *)(uintptr_t)fact.data;
    b->entries = px_arena_alloc(&f->arena, sizeof *b->entries);
    b->entries[0] = e;
    b->n_entries = 1;
}

static px_bytes fact_of(fixture *f, uint32_t minimum)
{
    ReportingFact__Fact fact = REPORTING_FACT__FACT__INIT;
    ReportingFact__GroupMinimumSet set = REPORTING_FACT__GROUP_MINIMUM_SET__INIT;

    set.minimum = minimum;
    fact.body_case = REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET;
    fact.group_minimum_set = &set;
    return px_codec_pack(&fact.base, &f->arena);
}

static px_applied apply_bytes(fixture *f, const char *service, px_bytes bytes)
{
    px_log_message message = { service, ++f->seq, (int64_t)f->seq * 1000, bytes };

    return px_apply_message(&f->service, f->txn, &message, &f->arena, NULL, NULL);
}

static px_applied apply(fixture *f, const PraxisLog__Batch *b)
{
    return apply_bytes(f, b->service, px_codec_pack(&b->base, &f->arena));
}

static void chain__counts_and_moves_the_head(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "reporting");
    px_head head;

    add_entry(f, b, fact_of(f, 7));
    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    head = px_chain_head(f->txn, "reporting");
    assert_int_equal(head.number, 1);
    assert_int_equal(head.last_seq, 1);
    assert_int_equal(px_chain_cursor(f->txn).seq, 1);
    assert_true(px_agenda_any_dirty(f->txn));
    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
}

/* The batch after this one, by an author who counted it. */
static PraxisLog__Batch *given_void_and_next(fixture *f)
{
    PraxisLog__Batch *b = next_batch(f, "reporting"), *next;
    uint8_t digest[PX_DIGEST_SIZE];

    b->previous_digest.data[0] ^= 1;
    px_bytes bytes = px_codec_pack(&b->base, &f->arena);
    px_chain_digest(bytes, digest);
    assert_int_equal(apply_bytes(f, "reporting", bytes), PX_APPLY_VOID);
    next = next_batch(f, "reporting");
    next->number = b->number + 1;
    next->previous_digest.data = px_arena_copy(&f->arena, digest, PX_DIGEST_SIZE);
    return next;
}

static void batch_after_a_void_one__something_is_altered(void **state)
{
    fixture *f = *state;

    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
    assert_int_equal(apply(f, given_void_and_next(f)), PX_APPLY_ALTERED);
}

/* A power cut took the log in which it counted; both came late. */
static void batch_after_a_void_one__of_another_log_is_void_too(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *next;

    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
    next = given_void_and_next(f);
    next->basis->tag ^= 1;
    assert_int_equal(apply(f, next), PX_APPLY_VOID);
    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
}

/* Each breach alone makes a batch void: the cursor moves, the chain does not. */
static void expect_void(fixture *f, const PraxisLog__Batch *b)
{
    uint64_t number = px_chain_head(f->txn, b->service).number;

    assert_int_equal(apply(f, b), PX_APPLY_VOID);
    assert_int_equal(px_chain_cursor(f->txn).seq, f->seq);
    assert_int_equal(px_chain_head(f->txn, b->service).number, number);
    assert_int_equal(px_chain_head(f->txn, b->service).last_seq, f->seq);
    assert_false(px_agenda_any_dirty(f->txn));
}

static PraxisLog__Batch *batch_with_fact(fixture *f)
{
    PraxisLog__Batch *b = next_batch(f, "reporting");

    add_entry(f, b, fact_of(f, 7));
    return b;
}

static void breach_of_the_chain__is_void(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b;

    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
    b = batch_with_fact(f);
    b->number++;
    expect_void(f, b);
    b = batch_with_fact(f);
    b->number--;
    expect_void(f, b);
    b = batch_with_fact(f);
    b->previous_digest.data[3] ^= 1;
    expect_void(f, b);
    b = batch_with_fact(f);
    b->previous_digest.len = 0;
    expect_void(f, b);
    assert_int_equal(apply(f, batch_with_fact(f)), PX_APPLY_COUNTS);
}

static void basis_of_another_history__is_void(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b;

    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
    b = batch_with_fact(f);
    b->basis->tag ^= 1;
    expect_void(f, b);
    b = batch_with_fact(f);
    b->basis->seq = 99;
    expect_void(f, b);
    b = batch_with_fact(f);
    b->basis = NULL; /* before the first message: every history begins there */
    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
}

static void what_is_no_batch__is_void(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = batch_with_fact(f);

    assert_int_equal(apply_bytes(f, "reporting", (px_bytes){ "\xff\xff", 2 }), PX_APPLY_VOID);
    assert_int_equal(apply_bytes(f, "competency", px_codec_pack(&b->base, &f->arena)),
                     PX_APPLY_VOID);
}

static void daemon_that_is_not_followed__counts_and_says_nothing(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "competency");

    add_entry(f, b, (px_bytes){ "\xff", 1 });
    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    assert_int_equal(px_chain_head(f->txn, "competency").number, 1);
}

static void fact_that_cannot_be_read__stops(void **state)
{
    static const px_bytes facts[] = {
        { "\xff", 1 },         /* no protobuf */
        { "", 0 },             /* no type */
        { "\x7a\x00", 2 },     /* a type of later code */
        { "\x0a\x02\x08", 3 }, /* cut */
    };

    for (size_t i = 0; i < PX_COUNT(facts); i++) {
        fixture *f;

        assert_int_equal(setup(state), 0);
        f = *state;
        PraxisLog__Batch *b = next_batch(f, "reporting");
        add_entry(f, b, facts[i]);
        assert_int_equal(apply(f, b), PX_APPLY_STOP);
        assert_int_equal(teardown(state), 0);
    }
}

/* ---- what the chain vouches for and this code cannot hold: void would be to go on without it ----
 */

static void expect_stop(fixture *f, const PraxisLog__Batch *b)
{
    px_bytes bytes = px_codec_pack(&b->base, &f->arena);

    assert_int_equal(apply_bytes(f, b->service, bytes), PX_APPLY_STOP);
}

static char *long_id(fixture *f)
{
    char *id = px_arena_zalloc(&f->arena, 601);

    memset(id, 'x', 600);
    return id;
}

static void fact_with_an_id_longer_than_any__stops(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "feedback-ingest");
    FeedbackIngestFact__Fact fact = FEEDBACK_INGEST_FACT__FACT__INIT;
    FeedbackIngestFact__UnitRecorded unit = FEEDBACK_INGEST_FACT__UNIT_RECORDED__INIT;
    const px_follow follow = { "feedback-ingest", &feedback_ingest_fact__fact__descriptor,
                               followed_evolvers, PX_COUNT(followed_evolvers) };

    f->service.follows = &follow;
    f->service.follow_count = 1;
    unit.unit_id = long_id(f);
    fact.body_case = FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED;
    fact.unit_recorded = &unit;
    add_entry(f, b, px_codec_pack(&fact.base, &f->arena));
    expect_stop(f, b);
}

static void tenant_longer_than_any__stops(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "reporting");

    add_entry(f, b, fact_of(f, 7));
    b->entries[0]->submission->tenant = long_id(f);
    expect_stop(f, b);
}

static void key_without_a_tenant__stops(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } keys[] = { { "", 0 }, { "\1", 1 }, { "\0acme", 5 }, { "\1acme", 5 }, { "\1\0rest", 6 } };
    fixture *f = *state;

    for (size_t i = 0; i < PX_COUNT(keys); i++) {
        PraxisLog__Batch *b = next_batch(f, "reporting");
        PraxisLog__KeyCause *key =
            (PraxisLog__KeyCause *)px_codec_new(&praxis_log__key_cause__descriptor, &f->arena);

        add_entry(f, b, fact_of(f, 7));
        key->key.data = px_arena_copy(&f->arena, keys[i].bytes, keys[i].size);
        key->key.len = keys[i].size;
        b->entries[0]->cause_case = PRAXIS_LOG__ENTRY__CAUSE_KEY;
        b->entries[0]->key = key;
        expect_stop(f, b);
    }
}

static void reconciled_beyond_what_was_read__stops(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "reporting");

    b->reconciled_through = (PraxisLog__ReconciledPosition *)px_codec_new(
        &praxis_log__reconciled_position__descriptor, &f->arena);
    b->reconciled_through->first_mark = 1; /* nothing was read */
    expect_stop(f, b);
}

static void time_beyond_the_calendar__stops(void **state)
{
    static const int64_t times[] = { INT64_MAX, INT64_MIN };
    fixture *f = *state;

    for (size_t i = 0; i < PX_COUNT(times); i++) {
        PraxisLog__Batch *b = next_batch(f, "reporting");

        b->decided_at_us = times[i];
        expect_stop(f, b);
    }
}

static void reconciled_through_no_key__counts(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = next_batch(f, "reporting");

    b->reconciled_through = (PraxisLog__ReconciledPosition *)px_codec_new(
        &praxis_log__reconciled_position__descriptor, &f->arena);
    px_mark(f->txn, 1, "acme", (px_bytes){ "k", 1 });
    assert_int_equal(apply_bytes(f, "reporting", px_codec_pack(&b->base, &f->arena)),
                     PX_APPLY_COUNTS);
    assert_true(px_agenda_any_dirty(f->txn));
}

static void own_batch__clears_what_it_saw_before_its_facts_mark_again(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = batch_with_fact(f);
    px_dirty dirty[2];

    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    assert_int_equal(px_agenda_dirty(f->txn, dirty, 2, &f->arena), 1);
    assert_int_equal(dirty[0].first, 1);
    b = batch_with_fact(f);
    b->reconciled_through = (PraxisLog__ReconciledPosition *)px_codec_new(
        &praxis_log__reconciled_position__descriptor, &f->arena);
    b->reconciled_through->first_mark = 1;
    b->reconciled_through->key.len = dirty[0].key.size;
    b->reconciled_through->key.data = (uint8_t *)(uintptr_t)dirty[0].key.data;
    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    assert_int_equal(px_agenda_dirty(f->txn, dirty, 2, &f->arena), 1);
    assert_int_equal(dirty[0].first, 2);
    assert_int_equal(dirty[0].last, 2);
}

static void code_version__marks_all_when_it_rises_and_never_falls(void **state)
{
    fixture *f = *state;
    PraxisLog__Batch *b = batch_with_fact(f);
    px_dirty dirty[2];

    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    assert_int_equal(px_agenda_dirty(f->txn, dirty, 2, &f->arena), 1);
    px_agenda_clear(f->txn, 1, dirty[0].key, 1);
    b = next_batch(f, "reporting");
    b->code_version = 2;
    assert_int_equal(apply(f, b), PX_APPLY_COUNTS);
    assert_int_equal(px_agenda_dirty(f->txn, dirty, 2, &f->arena), 1);
    assert_int_equal(dirty[0].first, 2);
    px_agenda_clear(f->txn, 2, dirty[0].key, 2);
    assert_int_equal(apply(f, next_batch(f, "reporting")), PX_APPLY_COUNTS);
    assert_int_equal(px_chain_head(f->txn, "reporting").code_version, 2);
    assert_false(px_agenda_any_dirty(f->txn));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chain__counts_and_moves_the_head),
        TEST(breach_of_the_chain__is_void),
        TEST(basis_of_another_history__is_void),
        TEST(batch_after_a_void_one__something_is_altered),
        TEST(batch_after_a_void_one__of_another_log_is_void_too),
        TEST(what_is_no_batch__is_void),
        TEST(daemon_that_is_not_followed__counts_and_says_nothing),
        cmocka_unit_test(fact_that_cannot_be_read__stops),
        TEST(fact_with_an_id_longer_than_any__stops),
        TEST(tenant_longer_than_any__stops),
        TEST(key_without_a_tenant__stops),
        TEST(reconciled_beyond_what_was_read__stops),
        TEST(time_beyond_the_calendar__stops),
        TEST(reconciled_through_no_key__counts),
        TEST(own_batch__clears_what_it_saw_before_its_facts_mark_again),
        TEST(code_version__marks_all_when_it_rises_and_never_falls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
