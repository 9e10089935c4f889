/* outbound_render.c: facts and answers become rows, in the transaction that folds their batch. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "common/outbound_impl.h"
#include "praxis/common/v1/result.pb-c.h"

#define DAY_US INT64_C(86400000000)

static const char protobuf_type[] = "application/protobuf";
static const char json_type[] = "application/json";

static void add_header(px_row *row, const char *name, const char *value)
{
    PX_ASSERT(row->header_count < PX_ROW_HEADERS_MAX);
    if (value != NULL)
        row->headers[row->header_count++] = (px_header){ name, value };
}

/* What made us say it: the submission, or the log messages that marked the key. */
static void add_cause(px_outbound *o, px_row *row)
{
    const PraxisLog__Entry *entry = o->entry;

    if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION) {
        add_header(row, "ce-correlationid", entry->submission->submission_id);
        add_header(row, "ce-causationid",
                   px_arena_printf(o->arena, "%s/%s", entry->submission->source,
                                   entry->submission->submission_id));
    } else if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_KEY) {
        add_header(row, "ce-causationid",
                   px_arena_printf(o->arena, "log.%" PRIu64 "-%" PRIu64, entry->key->first_mark,
                                   entry->key->last_mark));
    }
}

static void add_cloud_event(px_outbound *o, px_row *row, const char *tenant, const char *type,
                            const char *subject, const char *content_type, int64_t time_us)
{
    add_header(row, "ce-specversion", "1.0");
    add_header(row, "ce-id", row->msg_id);
    add_header(row, "ce-source",
               px_arena_printf(o->arena, "/praxis/%s/%s", tenant, o->service->name));
    add_header(row, "ce-type", type);
    if (subject != NULL && *subject != 0)
        add_header(row, "ce-subject", subject);
    add_header(row, "ce-time", px_codec_rfc3339(time_us, o->arena));
    add_header(row, "ce-datacontenttype", content_type);
    add_header(row, "ce-sequence", px_arena_printf(o->arena, "%" PRIu64, o->log_seq));
    add_header(row, "Content-Type", content_type);
}

/* Takes the next place. @return false: the feed had this row long ago, and nobody wants it again */
static bool next_row(px_outbound *o)
{
    o->next_row.n++;
    o->more = true;
    return px_row_after(o->next_row, o->position.floor);
}

static void render_event(void *context, const char *name, const char *subject,
                         const ProtobufCMessage *message, bool attributed)
{
    px_outbound *o = context;
    int64_t time_us = o->fact->decided_at_us;
    px_row row = { 0 };

    if (!next_row(o))
        return;
    row.msg_id = px_arena_printf(o->arena, "%s.%" PRIu32, o->batch_id, o->next_row.n);
    row.subject = px_arena_printf(o->arena, "praxis.v1.%s.event.%s.%s", o->fact->tenant,
                                  o->service->name, name);
    if (!attributed)
        time_us -= time_us % DAY_US;
    add_cloud_event(o, &row, o->fact->tenant, message->descriptor->name, subject, protobuf_type,
                    time_us);
    if (attributed)
        add_cause(o, &row);
    row.body = px_codec_pack(message, o->arena);
    PX_ASSERT(row.body.data != NULL);
    px_row_put(o->state, o->next_row, &row, o->arena);
}

static void render_destroy_key(void *context, const char *person_id, uint32_t generation)
{
    px_outbound *o = context;

    px_effect_put(o->state, o->fact->tenant, person_id, generation);
}

void px_outbound_begin(px_outbound *o, px_txn *state, const PraxisLog__Batch *batch,
                       px_arena *arena)
{
    o->state = state;
    o->arena = arena;
    o->author = batch->service;
    o->log_seq = px_txn_seq(state);
    o->next_row = (px_row_at){ batch->number, 0 };
    o->wanted = batch->number >= o->position.floor.number;
    snprintf(o->batch_id, sizeof o->batch_id, "%s.%" PRIu64 ".%016" PRIx64, batch->service,
             batch->number, px_chain_cursor(state).tag);
}

static void run_effects(px_outbound *o, const px_fact *fact, px_out *out)
{
    for (size_t i = 0; i < o->service->effect_count; i++) {
        const px_effect_row *row = &o->service->effects[i];

        if (row->type == fact->type && strcmp(row->service, o->author) == 0)
            row->effect(o->state, fact, out);
    }
}

void px_outbound_fact(px_outbound *o, const px_txn *state, const PraxisLog__Entry *entry,
                      const px_fact *fact, bool own)
{
    px_out out = { .arena = o->arena, .context = o };

    o->entry = entry;
    o->fact = fact;
    if (own && o->wanted) {
        out.event = render_event;
        o->service->publishers[fact->type](state, fact, &out);
    }
    out.event = NULL;
    out.destroy_key = render_destroy_key;
    run_effects(o, fact, &out);
}

/* ---- results ---- */

static Praxis__Result *new_result(px_outbound *o, const PraxisLog__Entry *entry,
                                  int64_t decided_at_us)
{
    const PraxisLog__SubmissionCause *cause = entry->submission;
    int64_t decided_us = entry->decided_at_us != 0 ? entry->decided_at_us : decided_at_us;
    px_outcome outcome = { .decided_at_us = decided_us, .log_seq = o->log_seq, .code = "" };
    Praxis__Result *result;

    outcome.facts = (uint32_t)entry->n_facts;
    if (entry->rejection != NULL) {
        outcome.code = entry->rejection->code;
        outcome.field = entry->rejection->field;
        outcome.text = entry->rejection->text;
    }
    result = px_outcome_message(cause->submission_id, &outcome, o->arena);
    if (cause->submission_id[0] == 0) {
        result->unreadable =
            (Praxis__Unreadable *)px_codec_new(&praxis__unreadable__descriptor, o->arena);
        PX_ASSERT(result->unreadable != NULL);
        result->unreadable->inbox_seq = cause->inbox_seq;
        result->unreadable->bundle_index = cause->bundle_index;
        result->unreadable->digest = cause->content_digest;
    }
    return result;
}

static bool same_mailbox(const PraxisLog__SubmissionCause *a, const PraxisLog__SubmissionCause *b)
{
    return a->json == b->json && strcmp(a->tenant, b->tenant) == 0 &&
           strcmp(a->source, b->source) == 0;
}

static bool is_answer(const PraxisLog__Entry *entry)
{
    return entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION &&
           entry->submission->tenant[0] != 0;
}

static void put_results(px_outbound *o, const PraxisLog__SubmissionCause *to,
                        Praxis__ResultBatch *results, int64_t decided_at_us)
{
    px_row row = { 0 };

    if (!next_row(o))
        return;
    row.msg_id = px_arena_printf(o->arena, "%s.%" PRIu32, o->batch_id, o->next_row.n);
    row.subject = px_arena_printf(o->arena, "praxis.v1.%s.result.%s.%s", to->tenant,
                                  o->service->name, to->source);
    add_cloud_event(o, &row, to->tenant, praxis__result_batch__descriptor.name, NULL,
                    to->json ? json_type : protobuf_type, decided_at_us);
    if (to->json) {
        const char *text = px_codec_to_json(&results->base, false, o->arena);

        PX_ASSERT(text != NULL);
        row.body = (px_bytes){ text, strlen(text) };
    } else {
        row.body = px_codec_pack(&results->base, o->arena);
        PX_ASSERT(row.body.data != NULL);
    }
    px_row_put(o->state, o->next_row, &row, o->arena);
}

/* Results of one source and encoding go into one message; a batch seldom has more than a few of
 * them. */
void px_outbound_end(px_outbound *o, const PraxisLog__Batch *batch)
{
    size_t count = batch != NULL && o->wanted ? batch->n_entries : 0;
    bool *done = px_arena_zalloc(o->arena, count + 1);

    PX_ASSERT(done != NULL);
    if (batch != NULL && !o->position_saved) {
        px_position_put(o, o->state);
        o->position_carried = true;
    }
    for (size_t i = 0; i < count; i++) {
        Praxis__ResultBatch *results;

        if (done[i] || !is_answer(batch->entries[i]))
            continue;
        results = (Praxis__ResultBatch *)px_codec_new(&praxis__result_batch__descriptor, o->arena);
        PX_ASSERT(results != NULL);
        results->results = px_arena_alloc(o->arena, (count - i) * sizeof(void *));
        PX_ASSERT(results->results != NULL);
        for (size_t j = i; j < count; j++) {
            if (done[j] || !is_answer(batch->entries[j]) ||
                !same_mailbox(batch->entries[i]->submission, batch->entries[j]->submission))
                continue;
            done[j] = true;
            results->results[results->n_results++] =
                new_result(o, batch->entries[j], batch->decided_at_us);
        }
        put_results(o, batch->entries[i]->submission, results, batch->decided_at_us);
    }
    o->state = NULL;
    o->entry = NULL;
}
