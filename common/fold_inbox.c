/* fold_inbox.c: the inbox: where to read, what waits, and how what is decided leaves it.
 *
 * The inbox holds personal text in the clear. A purge of all that is there makes the server throw
 * its files away; any other only moves the stream's beginning, and the bytes of a block stay as
 * long as one of its messages is kept. So the purge waits for a moment when nothing stands behind
 * what is decided. Where there is none for a while, what may hold text is overwritten: one message
 * a turn, for the server syncs its disk for each, and whoever sends or decides waits for that. A
 * flood of texts makes a long list, and nobody waits for its end.
 */
#include <string.h>

#include "common/diag.h"
#include "common/fold_impl.h"
#include "common/metrics.h"

enum {
    PURGE_EVERY_MS = 1000,
    PURGE_LATE_MS = 10000, /* more always stands behind what is decided */
    PURGE_REFUSED_PAUSE_MS = 30000,
    ERASE_AT_ONCE_MAX = 8,              /* a turn, when the list is nearly full */
    WAITING_BYTES_MAX = 4 * 1024 * 1024 /* one message more may be waiting */
};

/* ---- messages with text ---- */

static bool takes_text(const px_fold *f)
{
    return f->parts.service->key_generation != NULL;
}

static bool list_is_full(const px_fold *f)
{
    return f->erase_count > PX_ERASE_MAX - PX_WAITING_MAX;
}

static void note_decided(px_fold *f, size_t count)
{
    PX_ASSERT(f->erase_count + count <= PX_ERASE_MAX);
    for (size_t i = 0; i < count; i++)
        if (takes_text(f) && !f->clean[i])
            f->erase[f->erase_count++] = f->waiting[i]->seq;
}

/* What was decided before this connection was not looked at here: all of it is overwritten. */
static px_status erase_unseen(px_fold *f, unsigned *left)
{
    uint64_t seqs[ERASE_AT_ONCE_MAX];
    size_t count = 0;

    for (uint64_t s = f->unseen_from; count < *left && s <= f->unseen_through; s++)
        seqs[count++] = s;
    if (count == 0)
        return PX_OK;
    px_status status = px_bus_erase_all(f->parts.bus, f->inbox_stream, seqs, count);
    if (status == PX_OK)
        f->unseen_from += count;
    *left -= (unsigned)count;
    return status;
}

static px_status erase_listed(px_fold *f, unsigned *left)
{
    size_t count = f->erase_count < *left ? f->erase_count : *left;

    if (count == 0)
        return PX_OK;
    px_status status = px_bus_erase_all(f->parts.bus, f->inbox_stream, f->erase, count);
    if (status != PX_OK)
        return status;
    *left -= (unsigned)count;
    f->erase_count -= count;
    memmove(f->erase, f->erase + count, f->erase_count * sizeof f->erase[0]);
    return PX_OK;
}

static uint64_t first_to_erase(const px_fold *f)
{
    if (f->unseen_from <= f->unseen_through)
        return f->unseen_from;
    return f->erase_count > 0 ? f->erase[0] : f->through.seq + 1;
}

/* Deciding goes on, but messages stay: a person has to mend the permission. The list makes room;
 * all between its first and its last is overwritten later. */
static px_status purge_refused(px_fold *f, int64_t now_ms)
{
    px_error("the server refuses to purge the inbox", PX_TEXT("stream", f->inbox_stream),
             PX_TEXT("reason", px_bus_last_error(f->parts.bus)));
    f->purge_next_ms = f->purge_due_ms = now_ms + PURGE_REFUSED_PAUSE_MS;
    f->unseen_from = first_to_erase(f);
    f->unseen_through = f->through.seq;
    f->erase_count = 0;
    return PX_OK;
}

static px_status purge(px_fold *f, uint64_t through)
{
    px_status status = px_bus_purge(f->parts.bus, f->inbox_stream, through);

    if (status != PX_OK)
        return status;
    px_metric_set(PX_METRIC_INBOX_PURGED_SEQ, through);
    f->purge_due = through != f->through.seq;
    return PX_OK;
}

/* With something behind, server 2.9 writes the rest of the block anew, and whoever publishes may
 * wait for that. Without texts nobody asks whether more has come; what comes between the question
 * and the purge keeps the block of these texts, until it is decided and purged itself. */
static px_status purge_whole(px_fold *f)
{
    px_stream_info info = { .last_seq = f->through.seq };
    bool texts = first_to_erase(f) <= f->through.seq;
    px_status status = PX_OK;

    if (f->waiting_count > 0)
        return PX_OK;
    if (texts)
        status = px_bus_stream_info(f->parts.bus, f->inbox_stream, &info);
    if (status != PX_OK || info.last_seq != f->through.seq)
        return status;
    f->erase_count = 0;
    f->unseen_from = f->unseen_through + 1;
    return purge(f, f->through.seq);
}

/* A slice of what is to be overwritten; what is before the rest is purged now and then. */
static px_status overwrite(px_fold *f, int64_t now_ms, bool *more)
{
    unsigned left = 1 + (unsigned)(f->erase_count / (PX_ERASE_MAX / ERASE_AT_ONCE_MAX));
    px_status status = erase_unseen(f, &left);

    if (status == PX_OK)
        status = erase_listed(f, &left);
    if (status != PX_OK)
        return status;
    bool rest = first_to_erase(f) <= f->through.seq;
    *more |= rest; /* at the next turns */
    if (rest && now_ms - f->overwritten_ms < PURGE_LATE_MS)
        return PX_OK;
    f->overwritten_ms = now_ms;
    return purge(f, first_to_erase(f) - 1);
}

px_status px_fold_purge_inbox(px_fold *f, int64_t now_ms, bool *more)
{
    px_status status = PX_OK;

    if (!f->purge_due || !f->anchored) {
        f->purge_due_ms = f->overwritten_ms = now_ms;
        return PX_OK;
    }
    if (now_ms >= f->purge_next_ms) {
        f->purge_next_ms = now_ms + PURGE_EVERY_MS;
        status = purge_whole(f);
    }
    if (status == PX_OK && f->purge_due &&
        (now_ms - f->purge_due_ms >= PURGE_LATE_MS || list_is_full(f)))
        status = overwrite(f, now_ms, more);
    return status == PX_EREFUSED ? purge_refused(f, now_ms) : status;
}

/* ---- where to read ---- */

void px_fold_drop_waiting(px_fold *f, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        f->waiting_bytes -= f->waiting[i]->data.size;
        px_bus_msg_free(f->waiting[i]);
    }
    f->waiting_count -= count;
    memmove(f->waiting, f->waiting + count, f->waiting_count * sizeof f->waiting[0]);
    memmove(f->clean, f->clean + count, f->waiting_count * sizeof f->clean[0]);
    f->taken_up = f->taken_up > count ? f->taken_up - count : 0;
}

/* Is the message that the log says is decided the one that stands there? */
static px_status find_anchor(px_fold *f)
{
    px_bus_msg *msg;
    px_status status = PX_ENOTFOUND;

    f->anchored = false;
    if (f->through.seq > 0)
        status = px_bus_get(f->parts.bus, f->inbox_stream, f->through.seq, &msg);
    if (status == PX_OK) {
        f->anchored = msg->time_ns == f->through.time_ns;
        px_bus_msg_free(msg);
    }
    return status == PX_ENOTFOUND ? PX_OK : status;
}

/* nats-server 2.9 killed in the middle of a purge may come back with an inbox that takes messages
 * and gives none: the first it says it has is not there, and every consumer jumps to the end.
 * Emptied, it works again; nothing is lost, for who sent a submission keeps it until its result is
 * there. */
static px_status mend_unreadable(px_fold *f, px_stream_info *info)
{
    px_stream_info again;
    px_bus_msg *msg;
    px_status status;

    if (info->messages == 0)
        return PX_OK;
    status = px_bus_get(f->parts.bus, f->inbox_stream, info->first_seq, &msg);
    if (status == PX_OK)
        px_bus_msg_free(msg);
    if (status != PX_ENOTFOUND)
        return status;
    status = px_bus_stream_info(f->parts.bus, f->inbox_stream, &again);
    if (status != PX_OK || again.messages == 0 || again.first_seq != info->first_seq)
        return status; /* another copy has purged meanwhile */
    px_error("the server cannot read the inbox it has: it is emptied, and senders send again",
             PX_TEXT("stream", f->inbox_stream), PX_NUMBER("messages", again.messages));
    status = px_bus_purge(f->parts.bus, f->inbox_stream, again.last_seq);
    return status == PX_OK ? px_bus_stream_info(f->parts.bus, f->inbox_stream, info) : status;
}

static px_status find_unseen(px_fold *f)
{
    px_stream_info info;
    px_status status;

    f->erase_count = 0;
    f->unseen_from = 1;
    f->unseen_through = 0;
    status = px_bus_stream_info(f->parts.bus, f->inbox_stream, &info);
    if (status == PX_OK)
        status = mend_unreadable(f, &info);
    if (status != PX_OK)
        return status;
    f->inbox_first = info.first_seq;
    if (!f->anchored || !takes_text(f))
        return PX_OK;
    f->unseen_from = info.first_seq;
    f->unseen_through = f->through.seq;
    return PX_OK;
}

px_status px_fold_place_inbox(px_fold *f)
{
    px_status status = find_anchor(f);

    if (status == PX_OK)
        status = find_unseen(f);
    if (status != PX_OK)
        return status;
    px_reader_close(f->inbox);
    f->inbox = NULL;
    px_fold_drop_waiting(f, f->waiting_count);
    f->taken_up = 0;
    f->progress.repeated_through = 0;
    f->inbox_behind = 0;
    f->purge_due = f->anchored;
    f->inbox_next = f->anchored ? f->through.seq + 1 : f->inbox_first;
    status = px_reader_open(&f->inbox, f->parts.bus, f->inbox_stream,
                            f->anchored ? f->through.seq + 1 : 1);
    if (status == PX_OK)
        px_server_clock_hear(&f->server_clock, px_reader_opened_ns(f->inbox), px_fold_clock_ms(f));
    return status;
}

static px_status read_through(px_fold *f, px_inbox_through *through)
{
    px_txn *view = px_store_read(f->store);

    if (view == NULL)
        return PX_EEMPTY;
    *through = px_chain_inbox(view);
    px_txn_abort(view);
    return PX_OK;
}

/* A batch of ours says how far the inbox is decided. Only having seen exactly that message on this
 * connection lets us drop what is before it; otherwise we read the inbox from its first message. */
px_status px_fold_follow_inbox(px_fold *f)
{
    px_inbox_through through;
    size_t drop = 0;

    if (!f->inbox_moved || list_is_full(f) || read_through(f, &through) != PX_OK)
        return PX_OK; /* again at the next turn */
    f->inbox_moved = false;
    if (through.seq == f->through.seq && through.time_ns == f->through.time_ns)
        return PX_OK;
    f->through = through;
    while (drop < f->waiting_count && f->waiting[drop]->seq < through.seq)
        drop++;
    if (drop == f->waiting_count || f->waiting[drop]->seq != through.seq ||
        f->waiting[drop]->time_ns != through.time_ns)
        return px_fold_place_inbox(f);
    note_decided(f, drop + 1);
    px_fold_drop_waiting(f, drop + 1);
    f->anchored = true;
    f->purge_due = true;
    return PX_OK;
}

/* Between two messages only such may be missing as the server says are not there: overwritten ones.
 * One that is there and did not reach us would be passed over undecided, so the inbox is read
 * again. */
static px_status none_skipped(px_fold *f, uint64_t seq)
{
    px_status status = PX_ENOTFOUND;
    uint64_t lost = 0;

    for (uint64_t s = f->inbox_next; f->inbox_next != 0 && s < seq && status == PX_ENOTFOUND; s++) {
        px_bus_msg *msg;

        status = px_bus_get(f->parts.bus, f->inbox_stream, s, &msg);
        if (status == PX_OK)
            px_bus_msg_free(msg);
        lost += status == PX_ENOTFOUND && s > f->through.seq;
    }
    if (lost > 0)
        px_warning(
            "inbox messages are gone: another copy has decided them, or the server lost them",
            PX_NUMBER("before", seq), PX_NUMBER("messages", lost));
    return status == PX_ENOTFOUND ? PX_OK : status == PX_OK ? PX_EDISCONNECTED : status;
}

px_status px_fold_fill_waiting(px_fold *f)
{
    px_bus_msg *msg;
    px_status status = PX_OK;

    while (f->waiting_count < PX_COUNT(f->waiting) && f->waiting_bytes < WAITING_BYTES_MAX &&
           (status = px_reader_next(f->inbox, &msg)) == PX_OK) {
        status = none_skipped(f, msg->seq);
        if (status != PX_OK) {
            px_bus_msg_free(msg);
            return status;
        }
        f->inbox_next = msg->seq + 1;
        f->clean[f->waiting_count] = false;
        f->waiting[f->waiting_count++] = msg;
        f->waiting_bytes += msg->data.size;
    }
    return status == PX_EEMPTY ? PX_OK : status;
}
