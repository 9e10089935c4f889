#include "tests/bench/kit/written.h"

#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/status.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "tests/bench/kit/clock.h"

enum {
    ENTRIES_MAX = 1024,
    BATCH_BYTES = 250 * 1024, /* below the log's limit of 256 KiB */
    WINDOW = 16,
    WORTH_SAYING = 5000,
    ACK_TIMEOUT_S = 60,
    WAIT_MS = 100,
    VALUES = 5,
    ARENA_BYTES = 16 * 1024 * 1024
};

static const char subject[] = "praxis.log.review-cycle";

typedef struct {
    const bench_written *what;
    px_bus *bus;
    px_arena arena;
    PraxisLog__LogPosition basis;
    uint8_t digest[PX_DIGEST_SIZE]; /* of the batch before */
    uint64_t number;                /* of the batch before */
    uint32_t code_version;
    PraxisLog__InboxPosition inbox;
    size_t sent, acked;
    uint64_t last_seq;
} writer;

/* ---- one entry ---- */

static void add_ratings(writer *w, ReviewCycleFact__ReviewSubmitted *fact,
                        const bench_review *review)
{
    fact->ratings = px_arena_alloc(&w->arena, review->ratings * sizeof(void *));
    PX_ASSERT(fact->ratings != NULL);
    fact->n_ratings = review->ratings;
    for (size_t k = 0; k < review->ratings; k++) {
        ReviewCycleFact__Rating *rating =
            bench_new(&review_cycle_fact__rating__descriptor, &w->arena);

        rating->competency_id = bench_name(&w->arena, "c", bench_review_competency(review, k));
        rating->value = bench_review_value(review, k);
        rating->position = (uint32_t)rating->value;
        rating->scale_size = VALUES;
        fact->ratings[k] = rating;
    }
}

static px_bytes pack_fact(writer *w, size_t number, const bench_review *review, int64_t now_us)
{
    ReviewCycleFact__Fact *fact = bench_new(&review_cycle_fact__fact__descriptor, &w->arena);
    ReviewCycleFact__ReviewSubmitted *body =
        bench_new(&review_cycle_fact__review_submitted__descriptor, &w->arena);

    body->review_id = bench_name(&w->arena, "r", number);
    body->cycle_id = bench_name(&w->arena, "cycle", 1);
    body->subject_id = bench_name(&w->arena, "p", review->person);
    body->rater_id = bench_name(&w->arena, "p", review->rater);
    body->relation = REVIEW_CYCLE__RELATION__RELATION_PEER;
    body->occurred_at_us = now_us;
    body->scale_id = bench_name(&w->arena, "s", 1);
    body->scale_version = 1;
    add_ratings(w, body, review);
    fact->body_case = REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED;
    fact->review_submitted = body;
    return px_codec_pack(&fact->base, &w->arena);
}

static PraxisLog__Entry *make_entry(writer *w, size_t number, int64_t now_us)
{
    bench_review review = bench_review_nth(number, w->what->people);
    PraxisLog__Entry *entry = bench_new(&praxis_log__entry__descriptor, &w->arena);
    PraxisLog__SubmissionCause *cause =
        bench_new(&praxis_log__submission_cause__descriptor, &w->arena);
    const char *tenant = w->what->tenant;

    review.ratings = w->what->ratings_per_review;
    px_bytes fact = pack_fact(w, number, &review, now_us);
    cause->tenant = px_arena_strdup(&w->arena, tenant ? tenant : BENCH_TENANT);
    cause->source = px_arena_strdup(&w->arena, BENCH_SOURCE);
    cause->submission_id = bench_name(&w->arena, "r", number);
    cause->actor = bench_name(&w->arena, "p", review.rater);
    cause->occurred_at_us = now_us;
    cause->inbox_seq = number + 1;
    cause->content_digest.len = PX_DIGEST_SIZE;
    cause->content_digest.data = px_arena_alloc(&w->arena, PX_DIGEST_SIZE);
    PX_ASSERT(fact.data != NULL && cause->content_digest.data != NULL);
    px_chain_digest(fact, cause->content_digest.data);
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry->submission = cause;
    entry->n_facts = 1;
    entry->facts = px_arena_alloc(&w->arena, sizeof *entry->facts);
    PX_ASSERT(entry->facts != NULL);
    entry->facts[0] = (ProtobufCBinaryData){ fact.size, (uint8_t *)(uintptr_t)fact.data };
    return entry;
}

/* ---- batches ---- */

/* From review `at` on. @return how many went in */
static size_t pack_batch(writer *w, size_t at, size_t end, px_bytes *bytes)
{
    PraxisLog__Batch *batch = bench_new(&praxis_log__batch__descriptor, &w->arena);
    size_t size = 0;

    batch->service = px_arena_strdup(&w->arena, "review-cycle");
    batch->code_version = w->code_version;
    batch->number = ++w->number;
    batch->previous_digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, w->digest };
    batch->basis = &w->basis;
    batch->decided_at_us = bench_wall_us();
    batch->inbox_through = &w->inbox;
    batch->entries = px_arena_alloc(&w->arena, ENTRIES_MAX * sizeof(void *));
    PX_ASSERT(batch->entries != NULL);
    while (batch->n_entries < ENTRIES_MAX && at + batch->n_entries < end && size < BATCH_BYTES) {
        PraxisLog__Entry *entry = make_entry(w, at + batch->n_entries, batch->decided_at_us);

        size += px_codec_packed_size(&entry->base) + 8;
        if (size < BATCH_BYTES)
            batch->entries[batch->n_entries++] = entry;
    }
    *bytes = px_codec_pack(&batch->base, &w->arena);
    PX_ASSERT(bytes->data != NULL);
    px_chain_digest(*bytes, w->digest);
    return batch->n_entries;
}

static void wait_for_acks(writer *w, size_t under_way)
{
    int64_t start = bench_now_ns();
    px_bus_ack ack;

    for (;;) {
        while (px_bus_next_ack(w->bus, &ack)) {
            if (ack.status != PX_OK)
                bench_fail("the log refuses a batch: %s", px_bus_last_error(w->bus));
            w->acked++;
            w->last_seq = ack.seq;
        }
        if (w->sent - w->acked <= under_way)
            return;
        if (bench_seconds_since(start) > ACK_TIMEOUT_S)
            bench_fail("the log does not acknowledge a batch");
        px_bus_wait(w->bus, WAIT_MS);
    }
}

/* Where review-cycle's chain ends, and the log. */
static void go_on_from(writer *w)
{
    uint64_t last = bench_last_seq(w->bus, "PRAXIS_LOG");
    uint8_t digest[PX_DIGEST_SIZE];
    px_bus_msg *msg;

    if (px_bus_get(w->bus, "PRAXIS_LOG", last, &msg) != PX_OK)
        bench_fail("the end of the log cannot be read");
    px_chain_digest(msg->data, digest);
    w->basis.seq = last;
    w->basis.tag = px_chain_tag(digest, msg->time_ns);
    px_bus_msg_free(msg);
    if (px_bus_get_last(w->bus, "PRAXIS_LOG", subject, &msg) != PX_OK)
        bench_fail("review-cycle has said nothing yet");
    const PraxisLog__Batch *before =
        (const void *)px_codec_unpack(&praxis_log__batch__descriptor, msg->data, &w->arena);
    PX_ASSERT(before != NULL && before->inbox_through != NULL);
    px_chain_digest(msg->data, w->digest);
    w->number = before->number;
    w->code_version = before->code_version;
    w->inbox.seq = before->inbox_through->seq;
    w->inbox.time_ns = before->inbox_through->time_ns;
    px_bus_msg_free(msg);
}

uint64_t bench_write_log(const bench_world *world, const bench_written *what)
{
    writer w = { .what = what, .bus = bench_world_connect(world, "bench-written") };
    size_t end = what->first + what->reviews;

    PX_ASSERT(px_arena_init(&w.arena, ARENA_BYTES));
    praxis_log__log_position__init(&w.basis);
    praxis_log__inbox_position__init(&w.inbox);
    if (what->reviews >= WORTH_SAYING)
        bench_progress("writing %zu reviews of %zu into the log", what->reviews,
                       what->ratings_per_review);
    go_on_from(&w);
    for (size_t at = what->first; at < end;) {
        px_bytes bytes;

        px_arena_reset(&w.arena);
        at += pack_batch(&w, at, end, &bytes);
        const px_bus_out out = { .subject = subject, .data = bytes };
        wait_for_acks(&w, WINDOW);
        if (px_bus_publish(w.bus, px_bus_epoch(w.bus), &out, ++w.sent) != PX_OK)
            bench_fail("the log: %s", px_bus_last_error(w.bus));
    }
    wait_for_acks(&w, 0);
    px_arena_fini(&w.arena);
    px_bus_close(w.bus);
    return w.last_seq;
}
