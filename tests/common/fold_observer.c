/* fold_observer.c: what log and feed of a fold_world say, read without the engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/outbound.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "tests/common/fold_world.h"

uint64_t fold_last(fold_world *w, const char *stream)
{
    px_stream_info info;
    px_status status = px_bus_stream_info(w->bus, stream, &info);

    assert_true(status == PX_OK || status == PX_ENOTFOUND);
    return status == PX_OK ? info.last_seq : 0;
}

static px_bytes keep(fold_world *w, px_bytes bytes)
{
    return (px_bytes){ px_arena_copy(&w->arena, bytes.data, bytes.size), bytes.size };
}

PraxisLog__Batch *fold_batch(fold_world *w, uint64_t seq)
{
    px_bus_msg *msg;
    PraxisLog__Batch *batch;

    assert_int_equal(px_bus_get(w->bus, px_log_stream, seq, &msg), PX_OK);
    batch = (PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, keep(w, msg->data),
                                                &w->arena);
    px_bus_msg_free(msg);
    assert_non_null(batch);
    return batch;
}

const PraxisLog__Entry *fold_entry_of(fold_world *w, const char *id, unsigned *count)
{
    const PraxisLog__Entry *found = NULL;

    *count = 0;
    for (uint64_t seq = 1; seq <= fold_last(w, px_log_stream); seq++) {
        PraxisLog__Batch *batch = fold_batch(w, seq);

        for (size_t i = 0; i < batch->n_entries; i++) {
            const PraxisLog__Entry *entry = batch->entries[i];

            if (entry->cause_case == PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION &&
                strcmp(entry->submission->submission_id, id) == 0) {
                found = entry;
                ++*count;
            }
        }
    }
    return found;
}

static uint32_t minimum_of(fold_world *w, ProtobufCBinaryData fact)
{
    const ReportingFact__Fact *f = (const ReportingFact__Fact *)px_codec_unpack(
        &reporting_fact__fact__descriptor, (px_bytes){ fact.data, fact.len }, &w->arena);

    assert_non_null(f);
    return f->group_minimum_set->minimum;
}

unsigned fold_facts(fold_world *w, uint32_t first, uint32_t last)
{
    unsigned count = 0;

    for (uint64_t seq = 1; seq <= fold_last(w, px_log_stream); seq++) {
        PraxisLog__Batch *batch = fold_batch(w, seq);

        for (size_t i = 0; i < batch->n_entries; i++)
            for (size_t j = 0; j < batch->entries[i]->n_facts; j++) {
                uint32_t minimum = minimum_of(w, batch->entries[i]->facts[j]);

                count += minimum >= first && minimum <= last;
            }
    }
    return count;
}

/* ---- the feed ---- */

/* Has an earlier message of the feed this id? Then it must say the same. */
static bool seen_before(fold_world *w, const px_bus_msg *msg)
{
    const char *id = px_bus_msg_header(msg, "Nats-Msg-Id");

    for (uint64_t seq = 1; id != NULL && seq < msg->seq; seq++) {
        px_bus_msg *other;
        const char *other_id;
        bool same;

        if (px_bus_get(w->bus, px_feed_stream, seq, &other) != PX_OK)
            continue;
        other_id = px_bus_msg_header(other, "Nats-Msg-Id");
        same = other_id != NULL && strcmp(other_id, id) == 0;
        if (same) {
            assert_int_equal(other->data.size, msg->data.size);
            assert_memory_equal(other->data.data, msg->data.data, msg->data.size);
        }
        px_bus_msg_free(other);
        if (same)
            return true;
    }
    return false;
}

static bool is_first(fold_world *w, const px_bus_msg *msg)
{
    const char *id = px_bus_msg_header(msg, "Nats-Msg-Id");

    assert_non_null(id); /* what has none may be stored twice */
    return strncmp(id, px_again_prefix, strlen(px_again_prefix)) != 0 && !seen_before(w, msg);
}

static const Praxis__ResultBatch *results_in(fold_world *w, const px_bus_msg *msg)
{
    if (strstr(msg->subject, ".result.") == NULL)
        return NULL;
    return (const Praxis__ResultBatch *)px_codec_unpack(&praxis__result_batch__descriptor,
                                                        keep(w, msg->data), &w->arena);
}

static unsigned count_results(fold_world *w, const char *id, bool again,
                              const Praxis__Result **last)
{
    unsigned count = 0;

    for (uint64_t seq = 1; seq <= fold_last(w, px_feed_stream); seq++) {
        const Praxis__ResultBatch *results;
        px_bus_msg *msg;

        if (px_bus_get(w->bus, px_feed_stream, seq, &msg) != PX_OK)
            continue;
        results = results_in(w, msg);
        for (size_t i = 0; results != NULL && i < results->n_results; i++)
            if (strcmp(results->results[i]->submission_id, id) == 0 &&
                (again || is_first(w, msg))) {
                count++;
                if (last != NULL)
                    *last = results->results[i];
            }
        px_bus_msg_free(msg);
    }
    return count;
}

unsigned fold_results_of(fold_world *w, const char *id, const Praxis__Result **last)
{
    return count_results(w, id, false, last);
}

unsigned fold_answers_of(fold_world *w, const char *id)
{
    return count_results(w, id, true, NULL);
}

/* Where an event stands in the log: the nth fact of a batch. */
typedef struct {
    uint64_t number;
    unsigned n;
} event_place;

static bool is_after(event_place a, event_place b)
{
    return a.number > b.number || (a.number == b.number && a.n > b.n);
}

static event_place place_of(const px_bus_msg *msg)
{
    const char *id = px_bus_msg_header(msg, "Nats-Msg-Id");
    event_place place;

    assert_non_null(id);
    assert_string_equal(px_bus_msg_header(msg, "ce-id"), id);
    assert_string_equal(px_bus_msg_header(msg, "ce-specversion"), "1.0");
    assert_int_equal(sscanf(id, "reporting.%lu.%*16[0-9a-f].%u", &place.number, &place.n), 2);
    return place;
}

/* The next event of the feed after *seq that was not seen before. What stands further back in the
 * log than `last` should have been. */
static bool next_event(fold_world *w, uint64_t *seq, event_place last, event_place *place)
{
    while (++*seq <= fold_last(w, px_feed_stream)) {
        px_bus_msg *msg;
        bool found;

        if (px_bus_get(w->bus, px_feed_stream, *seq, &msg) != PX_OK)
            continue;
        found = strstr(msg->subject, ".event.reporting.GroupMinimumSet") != NULL;
        if (found) {
            *place = place_of(msg);
            found = is_after(*place, last) || !seen_before(w, msg);
        }
        px_bus_msg_free(msg);
        if (found)
            return true;
    }
    return false;
}

void fold_check_feed(fold_world *w)
{
    uint64_t feed = 0, facts = 0, events = 0;
    event_place place, last = { 0, 0 };

    for (uint64_t seq = 1; seq <= fold_last(w, px_log_stream); seq++) {
        PraxisLog__Batch *batch = fold_batch(w, seq);

        for (size_t i = 0; i < batch->n_entries; i++)
            facts += batch->entries[i]->n_facts;
    }
    while (next_event(w, &feed, last, &place)) {
        assert_true(is_after(place, last));
        last = place;
        events++;
    }
    assert_int_equal(events, facts);
}

/* ---- projections ---- */

void fold_digest(fold_copy *copy, uint8_t digest[32])
{
    px_txn *view = px_store_read(px_fold_store(copy->fold));
    uint64_t records;

    assert_non_null(view);
    assert_int_equal(px_store_digest(view, digest, &records), PX_OK);
    px_txn_abort(view);
}

void fold_check_digests(fold_world *w)
{
    fold_copy again = w->a.fold != NULL ? w->a : w->b;
    uint8_t rebuilt[32], live[32];

    snprintf(again.name, sizeof again.name, "rebuild");
    again.standby_ms = UINT32_MAX;
    again.fold = NULL;
    fold_start(&again);
    for (unsigned idle = 0; idle < 3; idle = fold_turn(&again) ? 0 : idle + 1)
        ;
    fold_digest(&again, rebuilt);
    for (size_t i = 0; i < 2; i++) {
        fold_copy *c = i == 0 ? &w->a : &w->b;

        if (c->fold == NULL)
            continue;
        assert_int_equal(fold_cursor(c), fold_cursor(&again));
        fold_digest(c, live);
        assert_memory_equal(live, rebuilt, sizeof live);
    }
    fold_stop(&again);
    fold_lose_store(&again);
}
