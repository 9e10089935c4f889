/* round_messages.c: waiting submissions become entries of the batch, or are known already. */
#include <string.h>

#include "common/diag.h"
#include "common/handled.h"
#include "common/metrics.h"
#include "common/round_impl.h"

#define HOUR_US INT64_C(3600000000)
#define DAY_US  (24 * HOUR_US)

enum { FIELD_SHOWN_MAX = 160 };

static char *borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

/* ---- entries ---- */

static PraxisLog__Entry *submission_entry(px_round *r, const px_intake *intake)
{
    PraxisLog__Entry *entry = px_round_new(r, &praxis_log__entry__descriptor);
    PraxisLog__SubmissionCause *cause = px_round_new(r, &praxis_log__submission_cause__descriptor);

    cause->tenant = borrow(intake->tenant);
    cause->source = borrow(intake->source);
    cause->submission_id = borrow(intake->id);
    cause->content_digest.len = PX_DIGEST_SIZE;
    cause->content_digest.data = (uint8_t *)(uintptr_t)intake->digest;
    cause->occurred_at_us = intake->id[0] != 0 ? intake->occurred_at_us : 0;
    cause->actor = borrow(intake->actor);
    cause->json = intake->json;
    cause->inbox_seq = intake->inbox_seq;
    cause->bundle_index = intake->bundle_index;
    cause->history = intake->history;
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry->submission = cause;
    if (r->in->event_clock)
        entry->decided_at_us = r->at.event_us;
    return entry;
}

static void set_rejection(px_round *r, PraxisLog__Entry *entry, px_verdict verdict)
{
    PraxisLog__Rejection *rejection = px_round_new(r, &praxis_log__rejection__descriptor);

    rejection->code = borrow(px_reason_code(verdict.reason));
    rejection->field = borrow(verdict.field);
    if (strlen(verdict.field) > FIELD_SHOWN_MAX) {
        rejection->field = px_arena_strndup(r->in->arena, verdict.field, FIELD_SHOWN_MAX);
        PX_ASSERT(rejection->field != NULL);
    }
    entry->rejection = rejection;
    entry->n_facts = 0;
}

static px_step add_rejection(px_round *r, const px_intake *intake, px_verdict verdict)
{
    PraxisLog__Entry *entry = submission_entry(r, intake);
    size_t size;

    set_rejection(r, entry, verdict);
    size = px_round_entry_size(entry);
    PX_ASSERT(size <= PX_REJECTION_BYTES_MAX); /* ids and fields are bounded */
    if (!r->alone && r->at.bytes + size > r->bytes_max)
        return PX_STEP_FULL;
    r->at.rejected++;
    px_metric_rejected(verdict.reason);
    px_round_add(r, entry, size);
    return PX_STEP_DONE;
}

/* A message that does not fit beside others is first in a batch of its own. There, whatever of it
 * still does not fit is refused, and room is kept to refuse all that stands behind. */
static px_step add_accepted(px_round *r, const px_intake *intake, const px_facts *facts)
{
    PraxisLog__Entry *entry = submission_entry(r, intake);
    size_t size, kept = r->alone ? r->behind * PX_REJECTION_BYTES_MAX : 0;

    px_round_pack_facts(r, entry, facts);
    size = px_round_entry_size(entry);
    if (r->at.bytes + size + kept > r->bytes_max)
        return r->alone ? add_rejection(r, intake, px_reject(PX_REASON_TOO_MUCH_FOLLOWS, ""))
                        : PX_STEP_FULL;
    r->at.accepted++;
    px_round_add(r, entry, size);
    return PX_STEP_DONE;
}

/* ---- one submission ---- */

static px_verdict check_times(const px_round *r, const px_intake *intake)
{
    int64_t now_us = r->at.now_us, event_us = r->at.event_us;

    if (r->in->event_clock)
        return event_us != 0 && intake->occurred_at_us > event_us + 366 * DAY_US
                   ? px_reject(PX_REASON_OCCURRED_AT_OUT_OF_RANGE, "occurred_at")
                   : px_accept();
    if (intake->created_at_us < now_us - 34 * DAY_US || intake->created_at_us > now_us + HOUR_US)
        return px_reject(PX_REASON_CREATED_AT_OUT_OF_RANGE, "created_at");
    if (intake->occurred_at_us > now_us + HOUR_US)
        return px_reject(PX_REASON_OCCURRED_AT_OUT_OF_RANGE, "occurred_at");
    return px_accept();
}

/* The order of refusals is contract: too old, id taken, unreadable content, times; then the domain.
 * A created_at that is not there at all is told as what it is: a missing field. */
static px_verdict judge(const px_round *r, const px_intake *intake, px_handled handled)
{
    px_verdict times = check_times(r, intake);
    bool missing = intake->verdict.reason != PX_REASON_NONE && intake->created_at_us == 0;

    if (times.reason == PX_REASON_CREATED_AT_OUT_OF_RANGE && !missing)
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

static void advance_clock(px_round *r, const px_intake *intake)
{
    if (!r->in->event_clock)
        return;
    if (intake->occurred_at_us > r->at.event_us)
        r->at.event_us = intake->occurred_at_us;
    if (r->at.event_us > r->at.now_us)
        r->at.now_us = r->at.event_us;
}

/* The event clock is that of accepted submissions: one that is rejected moves nothing. */
static px_step decide_new(px_round *r, const px_intake *intake)
{
    const px_tally before = r->at;
    px_submission sub = {
        .tenant = intake->tenant,
        .source = intake->source,
        .id = intake->id,
        .actor = intake->actor,
        .occurred_at_us = intake->occurred_at_us,
        .type = intake->type,
        .body = intake->body,
        .arena = r->in->arena,
    };
    px_verdict verdict;
    px_facts facts;

    px_facts_init(&facts, r->in->service, r->in->arena);
    advance_clock(r, intake);
    sub.now_us = r->in->event_clock ? r->at.event_us : r->at.now_us;
    verdict = r->in->service->deciders[intake->type](r->overlay, &sub, &facts);
    if (verdict.reason == PX_REASON_NONE)
        return add_accepted(r, intake, &facts);
    r->at = before;
    return add_rejection(r, intake, verdict);
}

/* Answered again only from what the log says already; inside a batch the first answer serves both.
 */
static void answer_again(px_round *r, const px_intake *intake, const px_outcome *outcome)
{
    if (outcome->log_seq == PX_OVERLAY_SEQ)
        return;
    PX_ASSERT(r->at.repeats < PX_ROUND_REPEATS_MAX);
    r->repeats[r->at.repeats++] = (px_repeat){ .tenant = intake->tenant,
                                               .source = intake->source,
                                               .id = intake->id,
                                               .json = intake->json,
                                               .asked = { intake->inbox_seq, r->message_ns },
                                               .bundle_index = intake->bundle_index,
                                               .outcome = *outcome };
}

/* A text whose person was unknown then cannot be compared: what is left decides. Neither can one
 * whose person is, or was, erased: then the id decides. */
static px_handled find_answer(const px_round *r, const px_intake *intake, px_outcome *outcome)
{
    px_arena *arena = r->in->arena;
    px_handled handled = px_handled_find(r->overlay, intake->tenant, intake->source, intake->id,
                                         intake->digest, arena, outcome);

    if (handled != PX_HANDLED_OTHER || intake->text_count == 0)
        return handled;
    if (intake->text_incomparable)
        return px_handled_first(r->overlay, intake->tenant, intake->source, intake->id, arena,
                                outcome)
                   ? PX_HANDLED_SAME
                   : handled;
    return px_handled_find(r->overlay, intake->tenant, intake->source, intake->id,
                           intake->bare_digest, arena, outcome);
}

/* Nobody can be answered again: unreadable bytes that were answered are only passed over. */
static px_step decide_unreadable(px_round *r, const px_intake *intake)
{
    char id[PX_HANDLED_ID_SIZE];
    px_outcome outcome;

    px_handled_unreadable_id(intake->inbox_seq, intake->bundle_index, id);
    if (px_handled_find(r->overlay, intake->tenant, intake->source, id, intake->digest,
                        r->in->arena, &outcome) == PX_HANDLED_SAME)
        return PX_STEP_DONE;
    return add_rejection(r, intake, intake->verdict);
}

static px_step decide_submission(px_round *r, px_intake *intake, px_status *status)
{
    px_arena *arena = r->in->arena;
    px_outcome outcome;
    px_handled handled;
    px_verdict verdict;

    if (intake->id[0] == 0)
        return decide_unreadable(r, intake);
    *status = px_intake_digest(intake, r->in->service, r->overlay, r->in->vault, arena);
    if (*status != PX_OK)
        return PX_STEP_FAILED;
    handled = find_answer(r, intake, &outcome);
    if (handled == PX_HANDLED_SAME) {
        answer_again(r, intake, &outcome);
        return PX_STEP_DONE;
    }
    verdict = judge(r, intake, handled);
    if (verdict.reason != PX_REASON_NONE)
        return add_rejection(r, intake, verdict);
    if (intake->after_seq > r->cursor.seq)
        return PX_STEP_WAIT;
    *status = px_intake_seal(intake, r->in->vault, arena);
    return *status == PX_OK ? decide_new(r, intake) : PX_STEP_FAILED;
}

/* ---- one message ---- */

static void watch_source(px_round *r, const px_intake *intake)
{
    if (r->in->flood == NULL || intake->verdict.reason == PX_REASON_NONE ||
        !px_flood_note(r->in->flood, intake->tenant, intake->source, r->in->clock_ms))
        return;
    px_metric_add(PX_METRIC_SOURCES_OVER_RATE, 1);
    px_warning("a source sends more malformed submissions than its rate",
               PX_TEXT("tenant", intake->tenant), PX_TEXT("source", intake->source),
               PX_NUMBER("per_minute", PX_FLOOD_PER_MINUTE));
}

static px_step decide_one(px_round *r, px_intake *intake, px_status *status)
{
    px_step done;

    if (px_round_has_memory(r, 0))
        done = decide_submission(r, intake, status);
    else
        done = r->alone ? add_rejection(r, intake, px_reject(PX_REASON_TOO_MUCH_FOLLOWS, ""))
                        : PX_STEP_FULL;
    if (done == PX_STEP_DONE && px_txn_status(r->overlay) != PX_OK) {
        *status = px_txn_status(r->overlay);
        return PX_STEP_FAILED;
    }
    return done;
}

/* What could not be read may hold anything. */
static bool holds_no_text(const px_intake *intakes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (intakes[i].message == NULL)
            return false;
        for (size_t j = 0; j < intakes[i].text_count; j++)
            if (intakes[i].texts[j].plain.size > 0)
                return false;
    }
    return true;
}

/* A message is taken whole, so a bundle that does not fit any more waits for the next round. */
static px_step decide_message(px_round *r, size_t index, px_status *status)
{
    const px_bus_msg *message = r->in->messages[index];
    const px_tally before = r->at;
    px_intakes read;
    px_step done = PX_STEP_DONE;

    if (!px_round_has_memory(r, 0))
        return PX_STEP_FULL;
    *status = px_round_read(r, index, &read);
    if (*status != PX_OK)
        return PX_STEP_FAILED;
    if (read.count == 0 || r->at.entries + read.count > PX_ROUND_ENTRIES_MAX ||
        r->at.repeats + read.count > PX_ROUND_REPEATS_MAX)
        return PX_STEP_FULL;
    r->in->clean[index] = holds_no_text(read.intakes, read.count);
    r->alone = r->at.entries == 0;
    r->message_ns = message->time_ns;
    for (size_t i = 0; done == PX_STEP_DONE && i < read.count; i++) {
        r->behind = read.count - 1 - i;
        done = decide_one(r, &read.intakes[i], status);
    }
    if (done != PX_STEP_DONE) {
        r->at = before;
        return done;
    }
    for (size_t i = 0; i < read.count; i++)
        watch_source(r, &read.intakes[i]);
    r->repeated += r->at.entries == before.entries;
    r->inbox = (px_inbox_through){ message->seq, message->time_ns };
    r->out->taken++;
    return PX_STEP_DONE;
}

px_step px_round_messages(px_round *r, px_progress *progress, px_status *status)
{
    for (size_t i = 0; i < r->in->message_count && r->at.entries < PX_ROUND_ENTRIES_MAX; i++) {
        const px_bus_msg *message = r->in->messages[i];
        px_step done;

        if (message->seq <= progress->repeated_through) { /* answered in an earlier round */
            r->known++;
            r->inbox = (px_inbox_through){ message->seq, message->time_ns };
            r->out->taken++;
            continue;
        }
        done = decide_message(r, i, status);
        if (done != PX_STEP_DONE) {
            progress->messages_first = done == PX_STEP_FULL && r->out->taken == 0;
            return done;
        }
    }
    progress->messages_first = false;
    return PX_STEP_DONE;
}
