#include "common/apply.h"

#include <stdio.h>
#include <string.h>

#include "common/agenda.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/handled.h"
#include "common/intake.h"
#include "common/service_impl.h"

bool px_apply_leaves_id_free(const char *code)
{
    static const px_reason reasons[] = { PX_REASON_ID_REUSED, PX_REASON_CREATED_AT_OUT_OF_RANGE,
                                         PX_REASON_TOO_MUCH_FOLLOWS };

    for (size_t i = 0; i < PX_COUNT(reasons); i++)
        if (strcmp(code, px_reason_code(reasons[i])) == 0)
            return true;
    return false;
}

/* ---- entries ---- */

typedef struct {
    const ProtobufCMessageDescriptor *facts;
    px_evolver_fn *const *rows;
    size_t row_count;
    bool own;
} fold_into;

/* Kind byte, tenant, 0, rest. "" when it is not so. */
static const char *tenant_of_key(const ProtobufCBinaryData *key)
{
    const char *tenant = key->len > 1 ? (const char *)key->data + 1 : "";
    bool ends = key->len > 1 && memchr(tenant, 0, key->len - 1) != NULL;

    return ends && px_is_id(tenant) ? tenant : "";
}

static px_fact fact_of_entry(const PraxisLog__Entry *entry, int64_t decided_at_us, px_arena *arena)
{
    px_fact fact = { .tenant = "", .submission_id = "", .source = "", .arena = arena };

    fact.decided_at_us = entry->decided_at_us != 0 ? entry->decided_at_us : decided_at_us;
    fact.occurred_at_us = fact.decided_at_us;
    if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION) {
        fact.tenant = entry->submission->tenant;
        fact.source = entry->submission->source;
        fact.submission_id = entry->submission->submission_id;
        fact.history = entry->submission->history;
        if (entry->submission->occurred_at_us != 0)
            fact.occurred_at_us = entry->submission->occurred_at_us;
    } else if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_KEY) {
        fact.tenant = tenant_of_key(&entry->key->key);
    }
    return fact;
}

/* The server vouches for the bytes with a checksum only, and a newer writer may have had other
 * constraints, so they are looked at like any others: what our records cannot hold stops the fold.
 */
static ProtobufCMessage *read_fact(const ProtobufCMessageDescriptor *type, px_bytes bytes,
                                   px_arena *arena)
{
    ProtobufCMessage *message = NULL;
    px_codec_error error;

    if (px_codec_scan(type, bytes, &px_batch_limits, arena, &error))
        message = px_codec_unpack(type, bytes, arena);
    return message != NULL && px_codec_check(message, arena, &error) ? message : NULL;
}

static px_applied fold_entry(px_txn *state, const PraxisLog__Entry *entry, const fold_into *into,
                             int64_t decided_at_us, px_arena *arena, const px_observer *observer)
{
    px_fact fact = fact_of_entry(entry, decided_at_us, arena);

    for (size_t i = 0; i < entry->n_facts; i++) {
        px_bytes bytes = { entry->facts[i].data, entry->facts[i].len };
        const ProtobufCMessage *body = NULL;
        ProtobufCMessage *message = read_fact(into->facts, bytes, arena);

        if (message == NULL)
            return PX_APPLY_STOP;
        fact.type = px_codec_oneof(message, "body", &body);
        fact.body = body;
        if (fact.type == 0 || fact.type >= into->row_count || into->rows[fact.type] == NULL)
            return PX_APPLY_STOP;
        into->rows[fact.type](state, &fact);
        if (px_txn_status(state) != PX_OK)
            return PX_APPLY_COUNTS; /* nothing can be read any more; the commit will say why */
        if (observer != NULL)
            observer->fact(observer->context, state, entry, &fact, into->own);
    }
    return PX_APPLY_COUNTS;
}

/* Unreadable bytes have no id. They are known by where they stand, so that an inbox read once more
 * from its beginning does not answer them twice; '@' is in no id. */
static void id_of_cause(const PraxisLog__SubmissionCause *cause, char id[PX_HANDLED_ID_SIZE])
{
    if (cause->submission_id[0] != 0)
        snprintf(id, PX_HANDLED_ID_SIZE, "%s", cause->submission_id);
    else
        px_handled_unreadable_id(cause->inbox_seq, cause->bundle_index, id);
}

/* On the overlay there is no list. */
static void remember_answer(px_txn *state, const PraxisLog__Entry *entry, int64_t decided_at_us,
                            px_handled_list *list)
{
    const PraxisLog__SubmissionCause *cause = entry->submission;
    px_outcome outcome = { .log_seq = px_txn_seq(state), .code = "", .field = "", .text = "" };
    char id[PX_HANDLED_ID_SIZE];
    px_handled_key key;

    if (entry->cause_case != PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION ||
        cause->content_digest.len != PX_DIGEST_SIZE)
        return;
    id_of_cause(cause, id);
    outcome.decided_at_us = entry->decided_at_us != 0 ? entry->decided_at_us : decided_at_us;
    outcome.facts = (uint32_t)entry->n_facts;
    if (entry->rejection != NULL) {
        outcome.code = entry->rejection->code;
        outcome.field = entry->rejection->field;
        outcome.text = entry->rejection->text;
    }
    key = px_handled_put(state, cause->tenant, cause->source, id, cause->content_digest.data,
                         cause->submission_id[0] != 0 && !px_apply_leaves_id_free(outcome.code),
                         &outcome);
    if (list != NULL)
        px_handled_note(state, list, outcome.decided_at_us, key);
}

static fold_into own_facts(const px_service *service)
{
    return (fold_into){ service->facts, service->evolvers, service->evolver_count, true };
}

px_applied px_apply_decided(const px_service *service, px_txn *overlay,
                            const PraxisLog__Entry *entry, int64_t decided_at_us, px_arena *arena)
{
    const fold_into own = own_facts(service);

    remember_answer(overlay, entry, decided_at_us, NULL);
    return fold_entry(overlay, entry, &own, decided_at_us, arena, NULL);
}

/* ---- messages ---- */

/* NULL when it is no batch of this service. */
static PraxisLog__Batch *read_batch(const px_log_message *message, px_arena *arena)
{
    PraxisLog__Batch *batch;
    px_codec_error error;

    if (!px_codec_scan(&praxis_log__batch__descriptor, message->data, &px_batch_limits, arena,
                       &error))
        return NULL;
    batch =
        (PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, message->data, arena);
    PX_ASSERT(
        !px_arena_overflowed(arena)); /* void or not may not depend on how much memory a copy has */
    return batch != NULL && strcmp(batch->service, message->service) == 0 &&
                   batch->previous_digest.len == PX_DIGEST_SIZE
               ? batch
               : NULL;
}

static bool follows(const PraxisLog__Batch *batch, const uint8_t digest[PX_DIGEST_SIZE])
{
    return memcmp(batch->previous_digest.data, digest, PX_DIGEST_SIZE) == 0;
}

static bool rests_on_this_log(const px_txn *state, const PraxisLog__Batch *batch)
{
    return batch->basis == NULL || px_chain_has(state, batch->basis->seq, batch->basis->tag);
}

static bool counts(const px_txn *state, const PraxisLog__Batch *batch, const px_head *head)
{
    return batch->number == head->number + 1 && follows(batch, head->digest) &&
           rests_on_this_log(state, batch);
}

/* Its author counted a batch that does not count here. A batch that is void for a good reason is
 * void for everybody who reads this log, so nothing follows it: something before it is not what its
 * author read. Who read a log that went back may have counted the same bytes there; what its
 * basis names is then not in this one. */
static bool follows_void(const px_txn *state, const PraxisLog__Batch *batch)
{
    uint8_t digest[PX_DIGEST_SIZE];

    return px_chain_void(state, batch->service, digest) && follows(batch, digest) &&
           rests_on_this_log(state, batch);
}

/* What the chain vouches for may still be more than this code can hold; then nobody may go on as if
 * it were void. */
static bool is_sound(const PraxisLog__Batch *batch, px_arena *arena)
{
    const PraxisLog__ReconciledPosition *through = batch->reconciled_through;
    uint64_t basis_seq = batch->basis != NULL ? batch->basis->seq : 0;
    px_codec_error error;

    if (!px_codec_check(&batch->base, arena, &error) ||
        (through != NULL && through->first_mark > basis_seq))
        return false;
    for (size_t i = 0; i < batch->n_entries; i++) {
        const PraxisLog__Entry *entry = batch->entries[i];

        if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_KEY &&
            *tenant_of_key(&entry->key->key) == 0)
            return false;
    }
    return true;
}

static void follow_event_time(px_txn *state, const PraxisLog__Batch *batch)
{
    int64_t before = px_chain_event_time(state), latest = before;

    for (size_t i = 0; i < batch->n_entries; i++) {
        const PraxisLog__Entry *entry = batch->entries[i];

        if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION && entry->rejection == NULL &&
            entry->submission->occurred_at_us > latest)
            latest = entry->submission->occurred_at_us;
    }
    if (latest != before)
        px_chain_set_event_time(state, latest);
}

static void note_tenants(px_txn *state, const PraxisLog__Batch *batch)
{
    const char *last = "";

    for (size_t i = 0; i < batch->n_entries; i++) {
        const PraxisLog__Entry *entry = batch->entries[i];
        const char *tenant = fact_of_entry(entry, 0, NULL).tenant;

        if (*tenant == 0 || strcmp(tenant, last) == 0)
            continue;
        px_chain_note_tenant(state, tenant);
        last = tenant;
    }
}

/* Order matters: what the batch reconciled is cleared before its facts mark keys again. */
static px_applied evolve_batch(const px_service *service, px_txn *state,
                               const PraxisLog__Batch *batch, uint32_t old_version, px_arena *arena,
                               const px_observer *observer)
{
    const fold_into own = own_facts(service);
    px_handled_list answers = { 0 };

    if (batch->inbox_through != NULL)
        px_chain_set_inbox(
            state, (px_inbox_through){ batch->inbox_through->seq, batch->inbox_through->time_ns });
    if (batch->reconciled_through != NULL)
        px_agenda_clear(
            state, batch->reconciled_through->first_mark,
            (px_bytes){ batch->reconciled_through->key.data, batch->reconciled_through->key.len },
            batch->basis != NULL ? batch->basis->seq : 0);
    note_tenants(state, batch);
    for (size_t i = 0; i < batch->n_entries; i++) {
        remember_answer(state, batch->entries[i], batch->decided_at_us, &answers);
        if (fold_entry(state, batch->entries[i], &own, batch->decided_at_us, arena, observer) !=
            PX_APPLY_COUNTS)
            return PX_APPLY_STOP;
    }
    px_handled_list_end(state, &answers);
    if (batch->forget_before_us > 0)
        px_handled_prune(state, batch->forget_before_us);
    px_agenda_come_due(state, batch->decided_at_us);
    if (old_version != 0 && batch->code_version > old_version)
        px_agenda_mark_all(state);
    return PX_APPLY_COUNTS;
}

static px_applied project_batch(const px_follow *follow, px_txn *state,
                                const PraxisLog__Batch *batch, px_arena *arena,
                                const px_observer *observer)
{
    const fold_into into = { follow->facts, follow->projectors, follow->projector_count, false };

    for (size_t i = 0; i < batch->n_entries; i++)
        if (fold_entry(state, batch->entries[i], &into, batch->decided_at_us, arena, observer) !=
            PX_APPLY_COUNTS)
            return PX_APPLY_STOP;
    return PX_APPLY_COUNTS;
}

px_applied px_apply_message(const px_service *service, px_txn *state, const px_log_message *message,
                            px_arena *arena, const px_observer *observer,
                            PraxisLog__Batch **batch_out)
{
    px_head head = px_chain_head(state, message->service);
    PraxisLog__Batch *batch = read_batch(message, arena);
    const px_follow *follow = px_service_follow(service, message->service);
    uint32_t old_version = head.code_version;
    uint8_t digest[PX_DIGEST_SIZE];

    PX_ASSERT(message->seq == px_chain_cursor(state).seq + 1);
    if (batch != NULL && !counts(state, batch, &head)) {
        if (follows_void(state, batch))
            return PX_APPLY_ALTERED;
        batch = NULL;
    }
    px_chain_digest(message->data, digest);
    px_chain_step(state, (px_cursor){ message->seq, px_chain_tag(digest, message->time_ns),
                                      message->time_ns });
    px_txn_set_seq(state, message->seq);
    head.last_seq = message->seq;
    if (batch != NULL) {
        head.number = batch->number;
        head.decided_at_us = batch->decided_at_us;
        if (batch->code_version > head.code_version)
            head.code_version = batch->code_version;
        memcpy(head.digest, digest, PX_DIGEST_SIZE);
    }
    px_chain_set_head(state, message->service, &head);
    if (batch_out != NULL)
        *batch_out = batch;
    if (batch == NULL) {
        px_chain_set_void(state, message->service, digest);
        return PX_APPLY_VOID;
    }
    if (!is_sound(batch, arena))
        return PX_APPLY_STOP;
    if (observer != NULL && observer->batch != NULL)
        observer->batch(observer->context, state, batch);
    follow_event_time(state, batch);
    if (strcmp(message->service, service->name) == 0)
        return evolve_batch(service, state, batch, old_version, arena, observer);
    return follow != NULL ? project_batch(follow, state, batch, arena, observer) : PX_APPLY_COUNTS;
}
