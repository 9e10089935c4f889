#include "common/round.h"

#include <string.h>

#include "common/apply.h"
#include "common/codec.h"
#include "common/metrics.h"
#include "common/round_impl.h"

enum { PROGRESS_WAIT_MS = 1000 };

/* ---- entries ---- */

void *px_round_new(px_round *r, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = px_codec_new(type, r->in->arena);

    PX_ASSERT(message != NULL);
    return message;
}

bool px_round_has_memory(const px_round *r, size_t spare)
{
    const px_arena *arena = r->in->arena;

    return !px_arena_overflowed(arena) &&
           arena->size - arena->used > PX_ROUND_ARENA_RESERVE + spare;
}

void px_round_pack_facts(px_round *r, PraxisLog__Entry *entry, const px_facts *facts)
{
    if (facts->count == 0)
        return;
    entry->facts = px_arena_alloc(r->in->arena, facts->count * sizeof *entry->facts);
    PX_ASSERT(entry->facts != NULL);
    entry->n_facts = facts->count;
    for (size_t i = 0; i < facts->count; i++) {
        px_bytes bytes = px_codec_pack(facts->messages[i], r->in->arena);

        PX_ASSERT(bytes.data != NULL);
        entry->facts[i].len = bytes.size;
        entry->facts[i].data = (uint8_t *)(uintptr_t)bytes.data;
    }
}

size_t px_round_entry_size(const PraxisLog__Entry *entry)
{
    return px_codec_packed_size(&entry->base) + 8; /* with its tag and length */
}

void px_round_add(px_round *r, PraxisLog__Entry *entry, size_t size)
{
    px_applied applied;

    r->entries[r->at.entries++] = entry;
    r->at.bytes += size;
    applied = px_apply_decided(r->in->service, r->overlay, entry, r->at.now_us, r->in->arena);
    PX_ASSERT(applied == PX_APPLY_COUNTS || px_txn_status(r->overlay) != PX_OK);
}

/* ---- the batch ---- */

static bool must_say_progress(const px_round *r, const px_progress *progress)
{
    unsigned before = progress->silent + progress->repeated;

    return before + r->silent + r->repeated >= PX_ROUND_PROGRESS_MAX ||
           (r->known > 0 && r->in->clock_ms - progress->since_ms >= PROGRESS_WAIT_MS);
}

bool px_round_time_due(const px_view *state, int64_t now_us)
{
    int64_t due_us;

    return px_agenda_next_due(state, &due_us) && due_us <= now_us;
}

bool px_round_version_due(const px_head *head, const px_service *service)
{
    return head->number > 0 && head->code_version < service->code_version;
}

static px_bytes pack_batch(px_round *r)
{
    PraxisLog__Batch *batch = px_round_new(r, &praxis_log__batch__descriptor);
    PraxisLog__LogPosition *basis = px_round_new(r, &praxis_log__log_position__descriptor);
    PraxisLog__InboxPosition *inbox = px_round_new(r, &praxis_log__inbox_position__descriptor);
    px_bytes bytes;

    basis->seq = r->cursor.seq;
    basis->tag = r->cursor.tag;
    inbox->seq = r->inbox.seq;
    inbox->time_ns = r->inbox.time_ns;
    batch->service = (char *)(uintptr_t)r->in->service->name;
    batch->code_version = r->in->service->code_version;
    batch->number = r->head.number + 1;
    batch->previous_digest.len = PX_DIGEST_SIZE;
    batch->previous_digest.data = r->head.digest;
    batch->basis = basis;
    batch->decided_at_us = r->at.now_us;
    batch->inbox_through = inbox;
    batch->reconciled_through = r->reconciled;
    batch->forget_before_us = r->in->handled_us > 0 ? r->at.now_us - r->in->handled_us : 0;
    batch->entries = r->entries;
    batch->n_entries = r->at.entries;
    bytes = px_codec_pack(&batch->base, r->in->arena);
    PX_ASSERT(bytes.data != NULL && bytes.size <= PX_BATCH_BYTES_MAX);
    return bytes;
}

/* Nothing to say yet: what was looked at need not be looked at again. */
static void remember_progress(px_round *r, px_progress *progress)
{
    if (progress->silent + progress->repeated == 0)
        progress->since_ms = r->in->clock_ms;
    progress->silent += r->silent;
    progress->repeated += r->repeated;
    if (r->reconciled != NULL) {
        progress->silent_first = r->reconciled->first_mark;
        progress->silent_key_size = r->reconciled->key.len;
        memcpy(progress->silent_key, r->reconciled->key.data, r->reconciled->key.len);
        progress->silent_basis = r->cursor.seq;
    }
    if (r->out->taken > 0)
        progress->repeated_through = r->inbox.seq;
}

static px_round *begin(const px_round_input *input, px_txn *overlay, px_round_output *output)
{
    px_round *r = px_arena_zalloc(input->arena, sizeof *r);

    PX_ASSERT(r != NULL);
    *output = (px_round_output){ 0 };
    r->in = input;
    r->out = output;
    r->overlay = overlay;
    r->bytes_max = input->bytes_max > 0 ? input->bytes_max : PX_ROUND_BYTES_MAX;
    r->cursor = px_chain_cursor(overlay);
    r->head = px_chain_head(overlay, input->service->name);
    r->inbox = px_chain_inbox(overlay);
    r->at.event_us = px_chain_event_time(overlay);
    r->at.now_us = px_round_now(overlay, input->service, input->event_clock, input->clock_us);
    r->time_due = px_round_time_due(overlay, r->at.now_us);
    r->repeats = px_arena_alloc(input->arena, PX_ROUND_REPEATS_MAX * sizeof *r->repeats);
    PX_ASSERT(r->repeats != NULL);
    px_txn_set_seq(overlay, PX_OVERLAY_SEQ);
    return r;
}

int64_t px_round_now(const px_view *state, const px_service *service, bool event_clock,
                     int64_t clock_us)
{
    int64_t last_us = px_chain_head(state, service->name).decided_at_us;
    int64_t now_us = event_clock ? px_chain_event_time(state) : clock_us;

    return now_us > last_us ? now_us : last_us;
}

static void finish(px_round *r, px_progress *progress)
{
    px_round_output *out = r->out;

    out->last_subject_seq = r->head.last_seq;
    out->accepted = r->at.accepted;
    out->rejected = r->at.rejected;
    out->repeats = r->repeats;
    out->repeat_count = r->at.repeats;
    if (r->at.entries > 0 || r->time_due || px_round_version_due(&r->head, r->in->service) ||
        must_say_progress(r, progress))
        out->batch = pack_batch(r);
    else
        remember_progress(r, progress);
}

/* Keys come before messages: they never leave the overlay with half of what did not fit, so a
 * flood of messages cannot starve them; nor can they starve a message that needs a whole batch. */
px_status px_round_decide(const px_round_input *input, px_progress *progress, px_txn *overlay,
                          px_round_output *output)
{
    px_round *r = begin(input, overlay, output);
    px_dirty *dirty = px_arena_alloc(input->arena, PX_ROUND_ENTRIES_MAX * sizeof *dirty);
    px_status status = PX_OK;
    size_t count;
    px_step done;

    PX_ASSERT(dirty != NULL);
    /* Listed before anything is decided: marks made on the overlay are not in the log yet. */
    count = px_agenda_dirty(overlay, dirty, PX_ROUND_ENTRIES_MAX, input->arena);
    px_metric_set(PX_METRIC_DIRTY_KEYS, count);
    if (input->message_count == 0 || !progress->messages_first)
        px_round_keys(r, progress, dirty, count, input->message_count > 0);
    if (px_txn_status(overlay) != PX_OK)
        return px_txn_status(overlay);
    done = px_round_messages(r, progress, &status);
    output->waits = done == PX_STEP_WAIT;
    if (done == PX_STEP_FAILED)
        return status;
    if (px_txn_status(overlay) != PX_OK)
        return px_txn_status(overlay);
    finish(r, progress);
    return PX_OK;
}

void px_round_recorded(px_progress *progress)
{
    progress->silent = 0;
    progress->silent_basis = 0; /* it may say other than what they were looked at with */
    progress->repeated = 0;
}
