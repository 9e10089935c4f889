#include "tests/faults/oracle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "common/fold.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/faults/ledger.h"
#include "tests/faults/oracle_ids.h"

enum { ARENA_BYTES = 64 * 1024 * 1024, BATCH_ENTRIES_MAX = 1024, WAIT_MS = 50 };

/* What the log says of one message. */
typedef struct {
    uint64_t seq;
    uint64_t tag;
    uint8_t digest[PX_DIGEST_SIZE];
    unsigned daemon;
    uint64_t number;
    uint64_t answers;  /* submissions it decides */
    uint64_t answered; /* results seen on the feed */
    uint32_t last_n;   /* of its messages on the feed */
} batch_seen;

typedef struct {
    uint64_t number;
    uint8_t digest[PX_DIGEST_SIZE];
    int64_t decided_at_us;
    uint64_t inbox_seq;
    uint64_t feed_number; /* the batch whose messages the feed is giving */
    uint64_t *at;         /* by number - 1: index into batches */
} chain_seen;

typedef struct {
    world *w;
    px_bus *bus;
    px_arena arena;
    ledger ledger;
    oracle_ids causes;
    batch_seen *batches; /* by log sequence - 1 */
    chain_seen chains[WORLD_DAEMONS];
    oracle_report report;
} oracle;

static unsigned daemon_of(oracle *o, const char *service)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        if (strcmp(world_services[d], service) == 0)
            return d;
    world_fail(o->w, "no daemon is called %s", service);
}

/* ---- reading a whole stream ---- */

typedef void (*take_fn)(oracle *o, const px_bus_msg *msg);

static void read_stream(oracle *o, const char *stream, take_fn take)
{
    int64_t deadline = world_now_ms() + WORLD_DEADLINE_MS;
    px_stream_info info;
    px_reader *reader;
    px_bus_msg *msg;

    if (px_bus_stream_info(o->bus, stream, &info) != PX_OK ||
        px_reader_open(&reader, o->bus, stream, 1) != PX_OK)
        world_fail(o->w, "%s cannot be read: %s", stream, px_bus_last_error(o->bus));
    for (uint64_t wanted = 1; wanted <= info.last_seq;) {
        px_status status = px_reader_next(reader, &msg);

        if (status == PX_EEMPTY && world_now_ms() < deadline) {
            px_bus_wait(o->bus, WAIT_MS);
            continue;
        }
        if (status != PX_OK)
            world_fail(o->w, "%s: %s at %" PRIu64, stream, px_strerror(status), wanted);
        if (msg->seq != wanted++)
            world_fail(o->w, "%s has a hole before %" PRIu64, stream, msg->seq);
        take(o, msg);
        px_bus_msg_free(msg);
    }
    px_reader_close(reader);
}

/* ---- the log ---- */

static bool basis_holds(const oracle *o, const PraxisLog__Batch *batch, uint64_t seq)
{
    uint64_t basis = batch->basis ? batch->basis->seq : 0;

    if (basis == 0)
        return !batch->basis || batch->basis->tag == 0;
    return basis < seq && o->batches[basis - 1].tag == batch->basis->tag;
}

/* Sent again for want of an answer, and stored a second time: what the expected sequence prevents,
 * but for a cluster of servers older than 2.9.21, which check it before they agree. */
static bool is_copy(const oracle *o, const batch_seen *seen, const PraxisLog__Batch *batch)
{
    const chain_seen *chain = &o->chains[seen->daemon];

    return batch->number > 0 && batch->number <= chain->number &&
           memcmp(o->batches[chain->at[batch->number - 1]].digest, seen->digest, PX_DIGEST_SIZE) ==
               0;
}

static bool extends_chain(const oracle *o, const chain_seen *chain, const PraxisLog__Batch *batch,
                          uint64_t seq)
{
    return batch->number == chain->number + 1 && batch->previous_digest.len == PX_DIGEST_SIZE &&
           memcmp(batch->previous_digest.data, chain->digest, PX_DIGEST_SIZE) == 0 &&
           basis_holds(o, batch, seq);
}

/* A submission may be decided once: by id and content, or by place and content when it has no id.
 */
static void take_entry(oracle *o, const px_bus_msg *msg, batch_seen *seen,
                       const PraxisLog__Entry *entry)
{
    const PraxisLog__SubmissionCause *cause = entry->submission;
    char id[512];
    int size;

    if (entry->cause_case != PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION)
        return;
    size = cause->submission_id[0] ? snprintf(id, sizeof id, "%u %s %s %s ", seen->daemon,
                                              cause->tenant, cause->source, cause->submission_id)
                                   : snprintf(id, sizeof id, "%u %" PRIu64 " %u", seen->daemon,
                                              cause->inbox_seq, cause->bundle_index);
    for (size_t i = 0; i < cause->content_digest.len; i++)
        size +=
            snprintf(id + size, sizeof id - (size_t)size, "%02x", cause->content_digest.data[i]);
    if (!oracle_ids_add(&o->causes, id))
        world_fail(o->w, "decided twice, again at %" PRIu64 ": %s", msg->seq, id);
    if (entry->rejection && entry->n_facts > 0)
        world_fail(o->w, "a rejection with facts at %" PRIu64, msg->seq);
    seen->answers += cause->tenant[0] != '\0'; /* a sender without a mailbox gets none */
    o->report.entries++;
}

static void step_chain(oracle *o, const px_bus_msg *msg, batch_seen *seen,
                       const PraxisLog__Batch *batch)
{
    chain_seen *chain = &o->chains[seen->daemon];
    uint64_t inbox = batch->inbox_through ? batch->inbox_through->seq : 0;

    if (batch->decided_at_us < chain->decided_at_us)
        world_fail(o->w, "time goes back at %" PRIu64, msg->seq);
    /* A server killed in mid-purge may bring back what was decided: known by id, and answered
     * again. */
    if (inbox != 0 && inbox < chain->inbox_seq)
        o->report.inbox_returns++;
    if (batch->n_entries > BATCH_ENTRIES_MAX || msg->data.size > PX_BATCH_BYTES_MAX)
        world_fail(o->w, "a batch over the limit at %" PRIu64, msg->seq);
    chain->number = seen->number = batch->number;
    chain->decided_at_us = batch->decided_at_us;
    chain->inbox_seq = inbox != 0 ? inbox : chain->inbox_seq;
    chain->at[batch->number - 1] = msg->seq - 1;
    px_chain_digest(msg->data, chain->digest);
    o->report.batches[seen->daemon]++;
    for (size_t i = 0; i < batch->n_entries; i++)
        take_entry(o, msg, seen, batch->entries[i]);
}

static void take_log_message(oracle *o, const px_bus_msg *msg)
{
    batch_seen *seen = &o->batches[msg->seq - 1];
    const PraxisLog__Batch *batch;

    px_arena_reset(&o->arena);
    px_chain_digest(msg->data, seen->digest);
    seen->seq = msg->seq;
    seen->tag = px_chain_tag(seen->digest, msg->time_ns);
    seen->daemon = daemon_of(o, strrchr(msg->subject, '.') + 1);
    batch = (const PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, msg->data,
                                                      &o->arena);
    o->report.log_messages++;
    if (!batch || strcmp(batch->service, world_services[seen->daemon]) != 0)
        world_fail(o->w, "log message %" PRIu64 " is no batch of %s", msg->seq, msg->subject);
    if (extends_chain(o, &o->chains[seen->daemon], batch, msg->seq))
        step_chain(o, msg, seen, batch);
    else if (is_copy(o, seen, batch))
        o->report.copies++;
    else
        o->report.voids++;
}

/* ---- the feed ---- */

/* <service>.<number>.<tag>.<n> */
static batch_seen *batch_of_id(oracle *o, const char *id, uint32_t *n)
{
    const char *dot = strchr(id, '.');
    char service[64];
    uint64_t number, tag;

    if (!dot || (size_t)(dot - id) >= sizeof service ||
        sscanf(dot + 1, "%" SCNu64 ".%16" SCNx64 ".%" SCNu32, &number, &tag, n) != 3)
        world_fail(o->w, "not an id: %s", id);
    snprintf(service, sizeof service, "%.*s", (int)(dot - id), id);
    const chain_seen *chain = &o->chains[daemon_of(o, service)];
    if (number == 0 || number > chain->number)
        world_fail(o->w, "no batch has the number of %s", id);
    batch_seen *batch = &o->batches[chain->at[number - 1]];
    if (batch->tag != tag)
        world_fail(o->w, "the log holds another batch than %s", id);
    return batch;
}

/* A consumer keeps the last (batch, n) and drops what is not greater: it must miss nothing by that.
 */
static bool is_new(oracle *o, batch_seen *batch, uint32_t n, const char *id)
{
    chain_seen *chain = &o->chains[batch->daemon];

    if (batch->number < chain->feed_number || n <= batch->last_n) {
        if (n > batch->last_n)
            world_fail(o->w, "%s comes after batch %" PRIu64, id, chain->feed_number);
        o->report.doubles++;
        return false;
    }
    if (n != batch->last_n + 1)
        world_fail(o->w, "%s comes after n = %" PRIu32, id, batch->last_n);
    chain->feed_number = batch->number;
    batch->last_n = n;
    return true;
}

static bool is_replaced(const px_bus_msg *msg)
{
    const char *type = px_bus_msg_header(msg, "ce-type");

    return type && strcmp(type, "praxis.common.v1.HistoryReplaced") == 0;
}

static void take_feed_message(oracle *o, const px_bus_msg *msg)
{
    const char *id = px_bus_msg_header(msg, "Nats-Msg-Id");
    const Praxis__ResultBatch *results = NULL;
    batch_seen *batch;
    uint32_t n;

    o->report.feed_messages++;
    if (is_replaced(msg)) {
        o->report.replaced++;
        return;
    }
    if (ledger_is_result(msg))
        results = ledger_read(&o->ledger, msg);
    if (!id)
        world_fail(o->w, "without an id: %s", msg->subject);
    if (results && ledger_is_again(id)) {
        o->report.repeats += results->n_results;
        ledger_take(&o->ledger, msg);
        return;
    }
    batch = batch_of_id(o, id, &n);
    if (!is_new(o, batch, n, id))
        return;
    if (!results) {
        o->report.events++;
        return;
    }
    batch->answered += results->n_results;
    o->report.results += results->n_results;
    ledger_take(&o->ledger, msg);
}

static void check_answered(oracle *o)
{
    char why[512];

    for (uint64_t i = 0; i < o->report.log_messages; i++)
        if (o->batches[i].answers != o->batches[i].answered)
            world_fail(
                o->w, "%s batch %" PRIu64 " decided %" PRIu64 " submissions, the feed has %" PRIu64,
                world_services[o->batches[i].daemon], o->batches[i].number, o->batches[i].answers,
                o->batches[i].answered);
    if (o->ledger.problem[0])
        world_fail(o->w, "%s", o->ledger.problem);
    if (ledger_first_wrong(&o->ledger, why) != LOAD_NONE)
        world_fail(o->w, "%s", why);
}

/* ---- all of it ---- */

static void start(oracle *o, world *w, const load *l)
{
    px_stream_info info;

    *o = (oracle){ .w = w, .bus = world_client(w) };
    if (!px_arena_init(&o->arena, ARENA_BYTES) ||
        px_bus_stream_info(o->bus, px_log_stream, &info) != PX_OK)
        world_fail(w, "the log is not there: %s", px_bus_last_error(o->bus));
    ledger_init(&o->ledger, l);
    oracle_ids_init(&o->causes, l->count * 4);
    o->batches = calloc(info.last_seq + 1, sizeof *o->batches);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        o->chains[d].at = calloc(info.last_seq + 1, sizeof *o->chains[d].at);
}

static void finish(oracle *o)
{
    for (unsigned d = 0; d < WORLD_DAEMONS; d++)
        free(o->chains[d].at);
    free(o->batches);
    oracle_ids_fini(&o->causes);
    ledger_fini(&o->ledger);
    px_arena_fini(&o->arena);
    px_bus_close(o->bus);
}

static void print_report(const oracle_report *r)
{
    fprintf(stderr,
            "log: %" PRIu64 " messages, %" PRIu64 " void, %" PRIu64 " stored twice, %" PRIu64
            " submissions, %" PRIu64 " returns of the inbox; feed: %" PRIu64 " events, %" PRIu64
            " results, %" PRIu64 " sent again, %" PRIu64 " doubles\n",
            r->log_messages, r->voids, r->copies, r->entries, r->inbox_returns, r->events,
            r->results, r->repeats, r->doubles);
}

oracle_report oracle_check(world *w, const load *l)
{
    oracle o;

    start(&o, w, l);
    read_stream(&o, px_log_stream, take_log_message);
    read_stream(&o, px_feed_stream, take_feed_message);
    print_report(&o.report);
    check_answered(&o);
    if (o.report.voids > 0) /* only a log that lost its end makes batches void */
        world_fail(w, "%" PRIu64 " batches are void", o.report.voids);
    if (o.report.copies > 0 && !strchr(world_servers(w), ','))
        world_fail(w, "%" PRIu64 " batches are in the log twice", o.report.copies);
    finish(&o);
    return o.report;
}

static void compare_projections(world *w, unsigned daemon, const world_projection *fresh,
                                const world_projection *lived)
{
    if (lived->seq == fresh->seq && lived->records == fresh->records &&
        strcmp(lived->digest, fresh->digest) == 0)
        return;
    world_fail(w,
               "%s at %" PRIu64 ": %" PRIu64 " records, digest %s; a rebuild at %" PRIu64
               ": %" PRIu64 " records, %s",
               world_services[daemon], lived->seq, lived->records, lived->digest, fresh->seq,
               fresh->records, fresh->digest);
}

void oracle_check_projections(world *w, uint64_t last_seq, world_projection kept[WORLD_DAEMONS])
{
    world_folding fresh[WORLD_DAEMONS], lived[WORLD_DAEMONS][WORLD_COPIES_MAX];

    world_end_all(w);
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        fresh[d] = world_fold_begin(w, d, -1, last_seq);
        for (unsigned c = 0; c < world_copies(w); c++)
            lived[d][c] = world_fold_begin(w, d, (int)c, last_seq);
    }
    for (unsigned d = 0; d < WORLD_DAEMONS; d++) {
        world_projection rebuilt = world_fold_end(w, &fresh[d]);

        if (rebuilt.seq != last_seq || rebuilt.records == 0)
            world_fail(w, "a rebuild of %s reached %" PRIu64, world_services[d], rebuilt.seq);
        for (unsigned c = 0; c < world_copies(w); c++) {
            world_projection had = world_fold_end(w, &lived[d][c]);

            compare_projections(w, d, &rebuilt, &had);
        }
        if (kept)
            kept[d] = rebuilt;
    }
}
