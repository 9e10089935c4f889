/* test_audit.c: which batches of a log count, judged without a projection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "services/praxis/audit.h"

typedef struct {
    px_audit audit;
    px_arena made;  /* what goes into the log */
    px_arena arena; /* of the audit */
    uint64_t seq;
    uint64_t tag; /* of the last message */
    uint8_t digest[PX_DIGEST_SIZE];
} log_under_test;

static int setup(void **ctx)
{
    log_under_test *l = calloc(1, sizeof *l);

    assert_true(px_arena_init(&l->made, 1 << 20) && px_arena_init(&l->arena, 1 << 20));
    px_audit_begin(&l->audit);
    *ctx = l;
    return 0;
}

static int teardown(void **ctx)
{
    log_under_test *l = *ctx;

    px_arena_fini(&l->made);
    px_arena_fini(&l->arena);
    free(l);
    return 0;
}

/* The next message; remembers its digest and tag. */
static const char *append(log_under_test *l, const char *subject, px_bytes data)
{
    px_bus_msg msg = {
        .seq = ++l->seq, .time_ns = (int64_t)l->seq * 1000, .subject = subject, .data = data
    };

    px_chain_digest(data, l->digest);
    l->tag = px_chain_tag(l->digest, msg.time_ns);
    return px_audit_message(&l->audit, &msg, &l->arena);
}

/* A batch as competency would say it; `previous` NULL: the first. */
static px_bytes batch(log_under_test *l, uint64_t number, const uint8_t *previous,
                      uint64_t basis_seq, uint64_t basis_tag)
{
    static const uint8_t zeros[PX_DIGEST_SIZE];
    PraxisLog__Batch b = PRAXIS_LOG__BATCH__INIT;
    PraxisLog__LogPosition basis = PRAXIS_LOG__LOG_POSITION__INIT;
    char service[] = "competency";

    basis.seq = basis_seq;
    basis.tag = basis_tag;
    b.service = service;
    b.number = number;
    b.previous_digest.len = PX_DIGEST_SIZE;
    b.previous_digest.data = px_arena_copy(&l->made, previous ? previous : zeros, PX_DIGEST_SIZE);
    b.basis = &basis;
    return px_codec_pack(&b.base, &l->made);
}

static const char subject[] = "praxis.log.competency";

static void chain__counts(void **ctx)
{
    log_under_test *l = *ctx;

    assert_null(append(l, subject, batch(l, 1, NULL, 0, 0)));
    assert_null(append(l, subject, batch(l, 2, l->digest, l->seq, l->tag)));
    assert_int_equal(px_audit_find(&l->audit, "competency")->batches, 2);
    assert_int_equal(l->audit.voids, 0);
}

static void void_batches__named_and_skipped(void **ctx)
{
    log_under_test *l = *ctx;
    uint8_t first[PX_DIGEST_SIZE];

    assert_null(append(l, subject, batch(l, 1, NULL, 0, 0)));
    memcpy(first, l->digest, sizeof first);
    uint64_t seq = l->seq, tag = l->tag;
    assert_string_equal(append(l, subject, (px_bytes){ "noise", 5 }), "not a batch");
    assert_string_equal(append(l, subject, batch(l, 3, first, seq, tag)), "not the next number");
    assert_string_equal(append(l, subject, batch(l, 2, NULL, seq, tag)),
                        "does not name the batch before it");
    assert_string_equal(append(l, subject, batch(l, 2, first, seq, tag + 1)),
                        "decided on another log");
    assert_string_equal(append(l, "praxis.log.reporting", batch(l, 1, NULL, 0, 0)),
                        "names another service than its subject");
    assert_null(append(l, subject, batch(l, 2, first, seq, tag)));
    assert_int_equal(l->audit.voids, 5);
    assert_int_equal(px_audit_find(&l->audit, "competency")->voids, 4);
    assert_int_equal(px_audit_find(&l->audit, "competency")->batches, 2);
}

static void basis_longer_ago_than_the_ring__void(void **ctx)
{
    log_under_test *l = *ctx;
    uint8_t first[PX_DIGEST_SIZE];

    assert_null(append(l, subject, batch(l, 1, NULL, 0, 0)));
    memcpy(first, l->digest, sizeof first);
    uint64_t tag = l->tag;
    for (int i = 0; i < PX_RING_SIZE; i++)
        append(l, subject, (px_bytes){ "noise", 5 });
    assert_string_equal(append(l, subject, batch(l, 2, first, 1, tag)), "decided on another log");
    assert_null(append(l, subject, batch(l, 2, first, l->seq, l->tag)));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(chain__counts),
        TEST(void_batches__named_and_skipped),
        TEST(basis_longer_ago_than_the_ring__void),
    };

    return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
