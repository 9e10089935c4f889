/* round_keys.c: dirty keys become entries of the batch, or are found to say nothing. */
#include <string.h>

#include "common/diag.h"
#include "common/keys.h"
#include "common/metrics.h"
#include "common/round_impl.h"

static bool known_silent(const px_progress *progress, const px_dirty *dirty)
{
    size_t silent = progress->silent_key_size, size = dirty->key.size;
    int order;

    if (progress->silent_basis == 0 || dirty->last > progress->silent_basis)
        return false;
    if (dirty->first != progress->silent_first)
        return dirty->first < progress->silent_first;
    order = memcmp(dirty->key.data, progress->silent_key, silent < size ? silent : size);
    return order < 0 || (order == 0 && size <= silent);
}

static void reconciled_through(px_round *r, const px_dirty *dirty)
{
    if (r->reconciled == NULL)
        r->reconciled = px_round_new(r, &praxis_log__reconciled_position__descriptor);
    r->reconciled->first_mark = dirty->first;
    r->reconciled->key.len = dirty->key.size;
    r->reconciled->key.data = (uint8_t *)(uintptr_t)dirty->key.data;
}

static void ask_reconciler(px_round *r, const px_dirty *dirty, px_facts *facts)
{
    const px_service *service = r->in->service;
    int64_t now_us = r->in->event_clock ? r->at.event_us : r->at.now_us;
    px_keyread read = px_keyread_begin(dirty->key);
    px_key key = { .kind = *(const uint8_t *)dirty->key.data, .tenant = px_keyread_text(&read) };

    key.rest = px_keyread_rest(&read);
    if (key.kind < service->reconciler_count && service->reconcilers[key.kind] != NULL)
        service->reconcilers[key.kind](r->overlay, &key, now_us, facts);
}

static PraxisLog__Entry *key_entry(px_round *r, const px_dirty *dirty, const px_facts *facts)
{
    PraxisLog__Entry *entry = px_round_new(r, &praxis_log__entry__descriptor);
    PraxisLog__KeyCause *cause = px_round_new(r, &praxis_log__key_cause__descriptor);

    cause->key.len = dirty->key.size;
    cause->key.data = (uint8_t *)(uintptr_t)dirty->key.data;
    cause->first_mark = dirty->first;
    cause->last_mark = dirty->last;
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_KEY;
    entry->key = cause;
    if (r->in->event_clock)
        entry->decided_at_us = r->at.event_us;
    px_round_pack_facts(r, entry, facts);
    return entry;
}

/* The first entry of a batch may take all of it. One that says more than a whole batch is refused
 * aloud and passed over, so that the keys behind it live. */
static bool add_key(px_round *r, const px_dirty *dirty, const px_facts *facts, size_t bytes_max)
{
    PraxisLog__Entry *entry = key_entry(r, dirty, facts);
    size_t size = px_round_entry_size(entry);

    if (size > r->bytes_max) {
        px_error("a key says more than a batch holds and is passed over",
                 PX_TEXT("service", r->in->service->name),
                 PX_NUMBER("kind", *(const uint8_t *)dirty->key.data),
                 PX_NUMBER("facts", facts->count));
        return true;
    }
    if (r->at.entries > 0 && r->at.bytes + size > bytes_max)
        return false;
    px_round_add(r, entry, size);
    return true;
}

void px_round_keys(px_round *r, const px_progress *progress, const px_dirty *dirty, size_t count,
                   bool half)
{
    size_t keys_max = half ? PX_ROUND_ENTRIES_MAX / 2 : PX_ROUND_ENTRIES_MAX;
    size_t bytes_max = half ? r->bytes_max / 2 : r->bytes_max;
    size_t spare = half ? r->in->arena->size / 2 : 0;

    for (size_t i = 0; i < count && i < keys_max && px_round_has_memory(r, spare); i++) {
        px_facts facts;

        if (known_silent(progress, &dirty[i])) {
            r->known++;
        } else {
            px_facts_init(&facts, r->in->service, r->in->arena);
            ask_reconciler(r, &dirty[i], &facts);
            if (px_txn_status(r->overlay) != PX_OK ||
                (facts.count > 0 && !add_key(r, &dirty[i], &facts, bytes_max)))
                return;
            r->out->reconciled++;
            r->silent += facts.count == 0;
        }
        reconciled_through(r, &dirty[i]);
    }
}
