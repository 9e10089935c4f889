/* fold_log.c: step 1 of the loop: the log beyond the cursor into the projection. */
#include <string.h>

#include "common/apply.h"
#include "common/chain.h"
#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"

enum {
    MESSAGES_PER_COMMIT = 64,
    COMMIT_BYTES = 4 * 1024 * 1024,
    COMMIT_CHANGES = 12 * 1024 /* of records: 48 MiB of pages where each is on a page of its own */
};

static void observe_fact(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                         const px_fact *fact, bool own)
{
    px_fold *f = context;

    px_outbound_fact(f->outbound, state, entry, fact, own);
    f->facts_folded++;
}

static void observe_batch(void *context, px_txn *state, const PraxisLog__Batch *batch)
{
    px_fold *f = context;

    px_outbound_begin(f->outbound, state, batch, &f->fold_arena);
}

/* Also before a batch is called void: when the message it is judged against is not the one we
 * folded, the log went back, and it is we who are wrong. */
px_status px_fold_log_is_ours(px_fold *f, px_cursor cursor, bool *ours)
{
    uint8_t digest[PX_DIGEST_SIZE];
    px_bus_msg *msg;
    px_status status;

    *ours = true;
    if (cursor.seq == 0)
        return PX_OK;
    status = px_bus_get(f->parts.bus, px_log_stream, cursor.seq, &msg);
    if (status == PX_ENOTFOUND) {
        status = px_fold_find_hole(f, cursor.seq);
        *ours = status != PX_EDISCONNECTED; /* then the log ends before it */
        return *ours ? status : PX_OK;
    }
    if (status != PX_OK)
        return status;
    px_chain_digest(msg->data, digest);
    *ours = px_chain_tag(digest, msg->time_ns) == cursor.tag;
    px_bus_msg_free(msg);
    return PX_OK;
}

static const char *service_of_subject(const px_bus_msg *msg)
{
    const char *dot = strrchr(msg->subject, '.');

    return dot != NULL ? dot + 1 : "";
}

static px_status stop_for_person(const px_bus_msg *msg)
{
    px_error("the log holds a fact that this code does not know or cannot hold: upgrade this "
             "daemon before the "
             "others",
             PX_TEXT("service", service_of_subject(msg)), PX_NUMBER("seq", msg->seq));
    return PX_EMALFORMED;
}

static px_status went_back(px_fold *f)
{
    f->replaced = true;
    return PX_EDISCONNECTED;
}

/* Or the log went back behind our back, and what we have folded is another one. */
static px_status log_altered(px_fold *f, px_cursor before, uint64_t seq)
{
    bool ours;
    px_status status = px_fold_log_is_ours(f, before, &ours);

    if (status != PX_OK)
        return status;
    return ours ? px_fold_say_altered(f, seq) : went_back(f);
}

/* One message into the open transaction. */
static px_status fold_message(px_fold *f, px_txn *txn, const px_bus_msg *msg)
{
    const px_observer observer = { observe_fact, f, observe_batch };
    const px_log_message message = { service_of_subject(msg), msg->seq, msg->time_ns, msg->data };
    px_cursor before = px_chain_cursor(txn);
    PraxisLog__Batch *batch;
    px_applied applied;
    px_status status;
    bool ours;

    px_arena_reset(&f->fold_arena);
    applied = px_apply_message(f->parts.service, txn, &message, &f->fold_arena, &observer, &batch);
    if (applied == PX_APPLY_STOP)
        return stop_for_person(msg);
    if (applied == PX_APPLY_ALTERED)
        return log_altered(f, before, msg->seq);
    f->own_seen |= strcmp(message.service, f->parts.service->name) == 0;
    if (applied == PX_APPLY_COUNTS) {
        bool own = strcmp(message.service, f->parts.service->name) == 0;

        px_outbound_end(f->outbound, own ? batch : NULL);
        f->own_counted |= own;
        f->counted++;
        return PX_OK;
    }
    status = px_fold_log_is_ours(f, before, &ours);
    if (status == PX_OK && !ours)
        return went_back(f);
    if (status == PX_OK)
        px_warning("a batch does not count and is skipped", PX_TEXT("service", message.service),
                   PX_NUMBER("seq", msg->seq));
    px_metric_add(PX_METRIC_BATCHES_VOID, 1);
    return status;
}

/* One transaction. @return in `folded` how many messages went into it */
static px_status fold_messages(px_fold *f, px_bus_msg *const *messages, size_t count,
                               size_t *folded)
{
    px_txn *txn = px_store_begin(f->store);
    px_status status = PX_OK;

    f->own_seen = f->own_counted = false;
    f->facts_folded = f->counted = 0;
    *folded = 0;
    while (status == PX_OK && *folded < count && px_txn_changes(txn) < COMMIT_CHANGES) {
        status = fold_message(f, txn, messages[(*folded)++]);
        if (status == PX_OK)
            status = px_txn_status(txn);
    }
    if (status != PX_OK) {
        px_txn_abort(txn);
        return status;
    }
    status = px_txn_commit(txn);
    if (status == PX_OK)
        px_outbound_committed(f->outbound);
    return status;
}

/* What the fold of these messages means for the daemon's own doing. */
static void after_fold(px_fold *f, const px_bus_msg *last)
{
    px_metric_add(PX_METRIC_BATCHES_FOLDED, f->counted);
    px_metric_add(PX_METRIC_FACTS_FOLDED, f->facts_folded);
    f->cursor_seq = last->seq;
    if (!px_fold_only_folds(f))
        px_metric_set(PX_METRIC_LOG_CURSOR, last->seq);
    px_tries_reached(px_store_tries(f->store), last->seq);
    if (f->own_seen) {
        f->flight.size = 0; /* ours, or somebody else's: either way it is decided */
        f->blocked = NULL;
    }
    if (f->own_counted) {
        px_round_recorded(&f->progress);
        f->inbox_moved = true;
    }
}

static px_status fold_or_grow(px_fold *f, px_bus_msg *const *messages, size_t count, size_t *folded)
{
    px_status status = fold_messages(f, messages, count, folded);

    while (status == PX_EFULL) {
        px_metric_add(PX_METRIC_STORE_GROWN, 1);
        status = px_store_grow(f->store);
        if (status == PX_OK)
            status = fold_messages(f, messages, count, folded);
    }
    return status;
}

/* Sequences of the log have no holes: one that is missing is read again, and never skipped. */
static px_status next_message(px_fold *f, uint64_t wanted, px_bus_msg **msg)
{
    for (;;) {
        px_status status = px_reader_next(f->log, msg);

        if (status != PX_OK || (*msg)->seq == wanted)
            return status;
        if ((*msg)->seq > wanted) {
            px_bus_msg_free(*msg);
            return px_fold_find_hole(f, wanted);
        }
        px_bus_msg_free(*msg);
    }
}

static px_status fold_all(px_fold *f, px_bus_msg *const *messages, size_t count)
{
    px_status status = PX_OK;
    size_t folded;

    for (size_t done = 0; status == PX_OK && done < count; done += folded) {
        status = fold_or_grow(f, messages + done, count - done, &folded);
        if (status == PX_OK)
            after_fold(f, messages[done + folded - 1]);
    }
    return status;
}

bool px_fold_only_folds(const px_fold *f)
{
    return f->parts.config->fold_to != 0;
}

static bool at_goal(const px_fold *f, uint64_t seq)
{
    return px_fold_only_folds(f) && seq >= f->parts.config->fold_to;
}

px_status px_fold_log(px_fold *f, bool *busy)
{
    px_bus_msg *messages[MESSAGES_PER_COMMIT];
    size_t count = 0, bytes = 0;
    px_status status = PX_OK, folded = PX_OK;

    while (count < MESSAGES_PER_COMMIT && bytes < COMMIT_BYTES &&
           !at_goal(f, f->cursor_seq + count) &&
           (status = next_message(f, f->cursor_seq + 1 + count, &messages[count])) == PX_OK)
        bytes += messages[count++]->data.size;
    if (count > 0) {
        folded = fold_all(f, messages, count);
        f->heard_ms = px_fold_clock_ms(f);
        *busy = true;
    }
    while (count > 0)
        px_bus_msg_free(messages[--count]);
    if (f->replaced) {
        f->replaced = false;
        folded = px_fold_went_back(f);
        return folded == PX_OK ? PX_EDISCONNECTED : folded; /* attach again, from the start */
    }
    if (folded != PX_OK)
        return folded;
    return status == PX_EEMPTY ? PX_OK : status;
}
