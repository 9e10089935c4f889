#include "common/round.h"

#include <string.h>

#include "common/apply.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/fold.h"
#include "common/intake.h"
#include "common/keys.h"
#include "common/metrics.h"
#include "common/service_impl.h"

#define HOUR_US INT64_C(3600000000)
#define DAY_US (24 * HOUR_US)

enum {
    ARENA_RESERVE = 4 * 1024 * 1024, /* what any one entry may need */
    BATCH_OVERHEAD = 1024,           /* everything in a batch but its entries */
    PROGRESS_WAIT_MS = 1000
};

/* Stands for "in this round" where the log will say a sequence: nothing on the overlay may depend on it. */
#define OVERLAY_SEQ (UINT64_MAX >> 1)

typedef struct {
    const px_round_input *in;
    px_round_output *out;
    px_txn *overlay;
    px_head head;
    px_cursor cursor;
    int64_t now_us;     /* of the batch: never smaller than in the batch before */
    int64_t event_us;   /* the event clock as far as decided */
    PraxisLog__Entry *entries[PX_ROUND_ENTRIES_MAX];
    size_t entry_count;
    size_t bytes;
    px_repeat *repeats;
    PraxisLog__ReconciledPosition *reconciled;
    px_inbox_through inbox;
} px_round;

typedef enum { STEP_DONE, STEP_FULL, STEP_WAIT, STEP_FAILED } step;

/* ---- entries ---- */

static void *new_message(px_round *r, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = px_codec_new(type, r->in->arena);

    PX_ASSERT(message != NULL); /* the reserve holds this much */
    return message;
}

static char *borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

static bool has_room(const px_round *r)
{
    return r->entry_count < PX_ROUND_ENTRIES_MAX &&
           r->in->arena->size - r->in->arena->used > ARENA_RESERVE;
}

static void pack_facts(px_round *r, PraxisLog__Entry *entry, const px_facts *facts)
{
    if (facts->count == 0)
        return;
    entry->facts = px_arena_alloc(r->in->arena, facts->count * sizeof *entry->facts);
    PX_ASSERT(entry->facts != NULL);
    entry->n_facts = facts->count;
    for (size_t i = 0; i < facts->count; i++) {
        px_bytes bytes = px_codec_pack(facts->messages[i], r->in->arena);

        PX_ASSERT(bytes.data != NULL);
        entry->facts[i] = (ProtobufCBinaryData){bytes.size, (uint8_t *)(uintptr_t)bytes.data};
    }
}

static bool fits(const px_round *r, const PraxisLog__Entry *entry, size_t *size)
{
    *size = px_codec_packed_size(&entry->base) + 8;
    return r->bytes + *size <= PX_BATCH_BYTES_MAX - BATCH_OVERHEAD;
}

/* The next decision of this round has to see this one. */
static void add_entry(px_round *r, PraxisLog__Entry *entry, size_t size)
{
    px_applied applied;

    r->entries[r->entry_count++] = entry;
    r->bytes += size;
    applied = px_apply_own_entry(r->in->service, r->overlay, entry, r->now_us, r->in->arena, NULL);
    PX_ASSERT(applied == PX_APPLY_COUNTS);
}

/* ---- submissions ---- */

static PraxisLog__Entry *submission_entry(px_round *r, const px_intake *intake)
{
    PraxisLog__Entry *entry = new_message(r, &praxis_log__entry__descriptor);
    PraxisLog__SubmissionCause *cause = new_message(r, &praxis_log__submission_cause__descriptor);

    cause->tenant = borrow(intake->tenant);
    cause->source = borrow(intake->source);
    cause->submission_id = borrow(intake->id);
    cause->content_digest = (ProtobufCBinaryData){PX_DIGEST_SIZE, (uint8_t *)(uintptr_t)intake->digest};
    cause->occurred_at_us = intake->id[0] != 0 ? intake->occurred_at_us : 0;
    cause->actor = borrow(intake->actor);
    cause->json = intake->json;
    cause->inbox_seq = intake->inbox_seq;
    cause->bundle_index = intake->bundle_index;
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry->submission = cause;
    return entry;
}

static void set_rejection(px_round *r, PraxisLog__Entry *entry, px_verdict verdict)
{
    PraxisLog__Rejection *rejection = new_message(r, &praxis_log__rejection__descriptor);

    rejection->code = borrow(px_reason_code(verdict.reason));
    rejection->field = borrow(verdict.field);
    entry->rejection = rejection;
    entry->n_facts = 0;
}

static px_verdict check_times(const px_round *r, const px_intake *intake)
{
    int64_t now = r->now_us;

    if (r->in->event_clock)
        return r->event_us != 0 && intake->occurred_at_us > r->event_us + 366 * DAY_US
                   ? px_reject(PX_REASON_OCCURRED_AT_OUT_OF_RANGE, "occurred_at")
                   : px_accept();
    if (intake->created_at_us < now - 34 * DAY_US || intake->created_at_us > now + HOUR_US)
        return px_reject(PX_REASON_CREATED_AT_OUT_OF_RANGE, "created_at");
    if (intake->occurred_at_us > now + HOUR_US)
        return px_reject(PX_REASON_OCCURRED_AT_OUT_OF_RANGE, "occurred_at");
    return px_accept();
}

/* The order of refusals is contract: too old, id taken, unreadable content, times; then the domain. */
static px_verdict judge(const px_round *r, const px_intake *intake, px_handled handled)
{
    px_verdict times = check_times(r, intake);

    if (times.reason == PX_REASON_CREATED_AT_OUT_OF_RANGE)
        return times;
    if (handled == PX_HANDLED_OTHER)
        return px_reject(PX_REASON_ID_REUSED, "submission_id");
    if (intake->verdict.reason != PX_REASON_NONE)
        return intake->verdict;
    if (times.reason != PX_REASON_NONE)
        return times;
    if (intake->after_seq > r->in->log_last_seq)
        return px_reject(PX_REASON_AFTER_SEQ_OUT_OF_RANGE, "after_seq");
    return px_accept();
}

static px_verdict ask_decider(px_round *r, const px_intake *intake, px_facts *facts)
{
    const px_submission sub = {
        .tenant = intake->tenant,
        .source = intake->source,
        .id = intake->id,
        .actor = intake->actor,
        .occurred_at_us = intake->occurred_at_us,
        .now_us = r->in->event_clock ? r->event_us : r->now_us,
        .type = intake->type,
        .body = intake->body,
        .arena = r->in->arena,
    };
    return r->in->service->deciders[intake->type](r->overlay, &sub, facts);
}

static void advance_clock(px_round *r, const px_intake *intake)
{
    if (!r->in->event_clock)
        return;
    if (intake->occurred_at_us > r->event_us)
        r->event_us = intake->occurred_at_us;
    if (r->event_us > r->now_us)
        r->now_us = r->event_us;
}

static step finish_submission(px_round *r, const px_intake *intake, px_verdict verdict, const px_facts *facts)
{
    PraxisLog__Entry *entry = submission_entry(r, intake);
    size_t size;

    if (r->in->event_clock)
        entry->decided_at_us = r->event_us;
    if (verdict.reason == PX_REASON_NONE)
        pack_facts(r, entry, facts);
    else
        set_rejection(r, entry, verdict);
    if (!fits(r, entry, &size)) {
        if (r->entry_count > 0)
            return STEP_FULL; /* first in the next round */
        verdict = px_reject(PX_REASON_TOO_MUCH_FOLLOWS, "");
        set_rejection(r, entry, verdict);
        size = px_codec_packed_size(&entry->base) + 8;
    }
    if (verdict.reason == PX_REASON_NONE)
        r->out->accepted++;
    else
        r->out->rejected++;
    add_entry(r, entry, size);
    return STEP_DONE;
}

/* Answered again only from what the log says already; inside one batch the first answer serves both. */
static void repeat_answer(px_round *r, const px_intake *intake, const px_outcome *outcome)
{
    if (outcome->log_seq == OVERLAY_SEQ)
        return;
    r->repeats[r->out->repeat_count++] =
        (px_repeat){intake->tenant, intake->source, intake->id, intake->json, *outcome};
}

static step decide_submission(px_round *r, px_intake *intake, px_status *status)
{
    px_arena *arena = r->in->arena;
    px_outcome outcome;
    px_handled handled;
    px_verdict verdict;
    px_facts facts;

    px_facts_init(&facts, r->in->service, arena);
    if (intake->id[0] == 0)
        return finish_submission(r, intake, intake->verdict, &facts);
    *status = px_intake_digest(intake, r->in->service, r->overlay, r->in->vault, arena);
    if (*status != PX_OK)
        return STEP_FAILED;
    handled = px_handled_find(r->overlay, intake->tenant, intake->source, intake->id, intake->digest, arena,
                              &outcome);
    if (handled == PX_HANDLED_SAME) {
        repeat_answer(r, intake, &outcome);
        return STEP_DONE;
    }
    verdict = judge(r, intake, handled);
    if (verdict.reason == PX_REASON_NONE && intake->after_seq > r->cursor.seq)
        return STEP_WAIT;
    if (verdict.reason == PX_REASON_NONE) {
        *status = px_intake_seal(intake, r->in->vault, arena);
        if (*status != PX_OK)
            return STEP_FAILED;
        advance_clock(r, intake);
        verdict = ask_decider(r, intake, &facts);
    }
    return finish_submission(r, intake, verdict, &facts);
}

/* A message is taken whole, so a bundle that does not fit any more waits for the next round. */
static step decide_message(px_round *r, const px_bus_msg *message, px_status *status)
{
    size_t entries = r->entry_count, repeats = r->out->repeat_count;
    px_intake *intakes;
    size_t count = px_intake_read(r->in->service, message, r->in->arena, &intakes);
    step done = count == 0 || r->entry_count + count > PX_ROUND_ENTRIES_MAX ? STEP_FULL : STEP_DONE;

    for (size_t i = 0; done == STEP_DONE && i < count; i++)
        done = has_room(r) ? decide_submission(r, &intakes[i], status) : STEP_FULL;
    if (done != STEP_DONE) {
        r->entry_count = entries;
        r->out->repeat_count = repeats;
        return done;
    }
    r->inbox = (px_inbox_through){message->seq, message->time_ns};
    r->out->taken++;
    return STEP_DONE;
}

static step decide_messages(px_round *r, px_progress *progress, size_t entries_max, px_status *status)
{
    for (size_t i = 0; i < r->in->message_count && r->entry_count < entries_max; i++) {
        const px_bus_msg *message = r->in->messages[i];
        step done;

        if (message->seq <= progress->repeated_through) {
            r->inbox = (px_inbox_through){message->seq, message->time_ns};
            r->out->taken++;
            continue;
        }
        done = decide_message(r, message, status);
        if (done != STEP_DONE)
            return done;
    }
    return STEP_DONE;
}

/* ---- keys ---- */

static bool known_silent(const px_progress *progress, const px_dirty *dirty)
{
    size_t size = progress->silent_key_size < dirty->key.size ? progress->silent_key_size : dirty->key.size;
    int order;

    if (dirty->last > progress->silent_basis || progress->silent_basis == 0)
        return false;
    if (dirty->first != progress->silent_first)
        return dirty->first < progress->silent_first;
    order = memcmp(dirty->key.data, progress->silent_key, size);
    return order < 0 || (order == 0 && dirty->key.size <= progress->silent_key_size);
}

static void reconciled_through(px_round *r, const px_dirty *dirty)
{
    if (r->reconciled == NULL)
        r->reconciled = new_message(r, &praxis_log__reconciled_position__descriptor);
    r->reconciled->first_mark = dirty->first;
    r->reconciled->key = (ProtobufCBinaryData){dirty->key.size, (uint8_t *)(uintptr_t)dirty->key.data};
}

static void ask_reconciler(px_round *r, const px_dirty *dirty, px_facts *facts)
{
    px_keyread read = px_keyread_begin(dirty->key);
    px_key key = {.kind = *(const uint8_t *)dirty->key.data, .tenant = px_keyread_text(&read)};
    const px_service *service = r->in->service;

    key.rest = px_keyread_rest(&read);
    if (key.kind < service->reconciler_count && service->reconcilers[key.kind] != NULL)
        service->reconcilers[key.kind](r->overlay, &key, r->in->event_clock ? r->event_us : r->now_us,
                                       facts);
}

static bool add_key_entry(px_round *r, const px_dirty *dirty, const px_facts *facts)
{
    PraxisLog__Entry *entry = new_message(r, &praxis_log__entry__descriptor);
    PraxisLog__KeyCause *cause = new_message(r, &praxis_log__key_cause__descriptor);
    size_t size;

    cause->key = (ProtobufCBinaryData){dirty->key.size, (uint8_t *)(uintptr_t)dirty->key.data};
    cause->first_mark = dirty->first;
    cause->last_mark = dirty->last;
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_KEY;
    entry->key = cause;
    if (r->in->event_clock)
        entry->decided_at_us = r->event_us;
    pack_facts(r, entry, facts);
    if (!fits(r, entry, &size)) {
        PX_ASSERT(r->entry_count > 0); /* no single key says more than a batch holds */
        return false;
    }
    add_entry(r, entry, size);
    return true;
}

static void reconcile_keys(px_round *r, px_progress *progress, const px_dirty *dirty, size_t count)
{
    for (size_t i = 0; i < count && has_room(r); i++) {
        px_facts facts;

        if (known_silent(progress, &dirty[i])) {
            reconciled_through(r, &dirty[i]);
            continue;
        }
        px_facts_init(&facts, r->in->service, r->in->arena);
        ask_reconciler(r, &dirty[i], &facts);
        if (facts.count > 0 && !add_key_entry(r, &dirty[i], &facts))
            return;
        reconciled_through(r, &dirty[i]);
        r->out->reconciled++;
        if (facts.count == 0 && progress->silent++ + progress->repeated == 0)
            progress->since_ms = r->in->clock_ms;
    }
}

/* ---- the batch ---- */

static bool must_say_progress(const px_round *r, const px_progress *progress)
{
    unsigned n = progress->silent + progress->repeated;

    return n >= PX_ROUND_PROGRESS_MAX ||
           (n > 0 && r->in->clock_ms - progress->since_ms >= PROGRESS_WAIT_MS);
}

static bool must_say_time(const px_round *r)
{
    int64_t due_us;

    return px_agenda_next_due(r->overlay, &due_us) && due_us <= r->now_us;
}

/* A higher code version says so at once, so that copies below it stop deciding. */
static bool must_say_version(const px_round *r)
{
    return r->head.number > 0 && r->head.code_version < r->in->service->code_version;
}

static px_bytes pack_batch(px_round *r)
{
    PraxisLog__Batch *batch = new_message(r, &praxis_log__batch__descriptor);
    PraxisLog__LogPosition *basis = new_message(r, &praxis_log__log_position__descriptor);
    PraxisLog__InboxPosition *inbox = new_message(r, &praxis_log__inbox_position__descriptor);
    px_bytes bytes;

    basis->seq = r->cursor.seq;
    basis->tag = r->cursor.tag;
    inbox->seq = r->inbox.seq;
    inbox->time_ns = r->inbox.time_ns;
    batch->service = borrow(r->in->service->name);
    batch->code_version = r->in->service->code_version;
    batch->number = r->head.number + 1;
    batch->previous_digest = (ProtobufCBinaryData){PX_DIGEST_SIZE, r->head.digest};
    batch->basis = basis;
    batch->decided_at_us = r->now_us;
    batch->inbox_through = inbox;
    batch->reconciled_through = r->reconciled;
    batch->forget_before_us = r->in->handled_us > 0 ? r->now_us - r->in->handled_us : 0;
    batch->entries = r->entries;
    batch->n_entries = r->entry_count;
    bytes = px_codec_pack(&batch->base, r->in->arena);
    PX_ASSERT(bytes.data != NULL && bytes.size <= PX_BATCH_BYTES_MAX);
    return bytes;
}

static void remember_progress(px_round *r, px_progress *progress)
{
    if (r->reconciled != NULL) {
        progress->silent_first = r->reconciled->first_mark;
        progress->silent_key_size = r->reconciled->key.len;
        memcpy(progress->silent_key, r->reconciled->key.data, r->reconciled->key.len);
        progress->silent_basis = r->cursor.seq;
    }
    if (r->inbox.seq > progress->repeated_through) {
        if (progress->silent + progress->repeated == 0)
            progress->since_ms = r->in->clock_ms;
        progress->repeated += (unsigned)r->out->taken;
        progress->repeated_through = r->inbox.seq;
    }
}

static void begin(px_round *r, const px_round_input *input, px_txn *overlay, px_round_output *output)
{
    *r = (px_round){.in = input, .out = output, .overlay = overlay};
    r->cursor = px_chain_cursor(overlay);
    r->head = px_chain_head(overlay, input->service->name);
    r->inbox = px_chain_inbox(overlay);
    r->event_us = px_chain_event_time(overlay);
    r->now_us = input->event_clock ? r->event_us : input->clock_us;
    if (r->now_us < r->head.decided_at_us)
        r->now_us = r->head.decided_at_us;
    *output = (px_round_output){.last_subject_seq = r->head.last_seq};
    px_txn_set_seq(overlay, OVERLAY_SEQ);
}

px_status px_round_decide(const px_round_input *input, px_progress *progress, px_txn *overlay,
                          px_round_output *output)
{
    px_round *r = px_arena_alloc(input->arena, sizeof *r);
    px_dirty *dirty = px_arena_alloc(input->arena, PX_ROUND_ENTRIES_MAX * sizeof *dirty);
    px_status status = PX_OK;
    size_t dirty_count;
    bool both;
    step done;

    PX_ASSERT(r != NULL && dirty != NULL);
    begin(r, input, overlay, output);
    r->repeats = px_arena_alloc(input->arena, PX_ROUND_ENTRIES_MAX * 2 * sizeof *r->repeats);
    PX_ASSERT(r->repeats != NULL);
    output->repeats = r->repeats;
    /* Listed before anything is decided: marks made on the overlay are not in the log yet. */
    dirty_count = px_agenda_dirty(overlay, dirty, PX_ROUND_ENTRIES_MAX, input->arena);
    both = dirty_count > 0 && input->message_count > 0;
    done = decide_messages(r, progress, both ? PX_ROUND_ENTRIES_MAX / 2 : PX_ROUND_ENTRIES_MAX, &status);
    output->waits = done == STEP_WAIT;
    if (done == STEP_FAILED)
        return status;
    if (done == STEP_DONE) /* otherwise the overlay holds a part of what did not fit */
        reconcile_keys(r, progress, dirty, dirty_count);
    if (px_txn_status(overlay) != PX_OK)
        return px_txn_status(overlay);
    if (r->entry_count > 0 || must_say_time(r) || must_say_version(r) || must_say_progress(r, progress))
        output->batch = pack_batch(r);
    else
        remember_progress(r, progress);
    return PX_OK;
}

void px_round_recorded(px_progress *progress)
{
    progress->silent = 0;
    progress->repeated = 0;
}
