#include "tests/fuzz/decide_fold.h"

#include <string.h>

#include "common/agenda.h"
#include "common/apply.h"
#include "common/chain.h"
#include "common/intake.h"
#include "common/keys.h"
#include "common/tables.h"

enum { KEYS_MAX = 2000 /* reconciled after one operation: more than that never ends */ };

decide_world world;

char *decide_borrow(const char *text)
{
    return (char *)(uintptr_t)text;
}

void *decide_new(const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = px_codec_new(type, &world.deciding);

    PX_ASSERT(message != NULL);
    return message;
}

/* ---- what leaves the daemon ---- */

void decide_assert_readable(const ProtobufCMessage *message, px_arena *arena)
{
    px_bytes bytes = px_codec_pack(message, arena);
    px_codec_error error;

    PX_ASSERT(bytes.data != NULL);
    PX_ASSERT(px_codec_scan(message->descriptor, bytes, &px_batch_limits, arena, &error));
    PX_ASSERT(px_codec_to_json(message, false, arena) != NULL);
}

static void see_event(void *context, const char *name, const char *subject,
                      const ProtobufCMessage *message, bool attributed)
{
    (void)context;
    (void)attributed;
    PX_ASSERT(strcmp(name, px_codec_short_name(message->descriptor)) == 0);
    PX_ASSERT(px_is_id(subject));
    decide_assert_readable(message, &world.folding);
}

static void see_key(void *context, const char *person_id, uint32_t generation)
{
    (void)context;
    PX_ASSERT(px_is_id(person_id) && generation > 0);
}

static void see_fact(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                     const px_fact *fact, bool own)
{
    const px_service *s = world.service;
    const char *stated_by = context;
    px_out out = { .arena = fact->arena, .event = see_event, .destroy_key = see_key };

    (void)entry;
    if (own)
        s->publishers[fact->type](state, fact, &out);
    out.event = NULL;
    for (size_t i = 0; i < s->effect_count; i++)
        if (strcmp(s->effects[i].service, stated_by) == 0 && s->effects[i].type == fact->type)
            s->effects[i].effect(state, fact, &out);
}

/* Report values that were touched are rendered; what is touched stays, as nobody writes it. */
void decide_render_reports(void)
{
    const uint8_t table = PX_TABLE_LOCAL_TOUCHED;
    px_bytes key, value;
    px_scan scan;

    px_arena_reset(&world.folding);
    px_scan_begin(&scan, world.state, PX_LOCAL, (px_bytes){ &table, 1 });
    while (world.service->report != NULL && px_scan_next(&scan, &key, &value)) {
        px_keyread read = px_keyread_begin(key);
        const char *tenant = px_keyread_text(&read), *report = px_keyread_text(&read);
        const ProtobufCMessage *message =
            world.service->report(world.state, tenant, report, &world.folding);

        if (message != NULL)
            decide_assert_readable(message, &world.folding);
    }
    px_scan_end(&scan);
}

/* ---- the log ---- */

/* One message of the log is read back; the bytes are all that is left of the deciding. */
static void fold(const char *service, size_t size)
{
    const px_observer observer = { .fact = see_fact, .context = decide_borrow(service) };
    px_log_message message = { .service = service,
                               .seq = px_chain_cursor(world.state).seq + 1,
                               .time_ns = world.now_us * 1000,
                               .data = { world.batch, size } };
    px_applied applied;

    px_arena_reset(&world.deciding);
    px_arena_reset(&world.folding);
    applied =
        px_apply_message(world.service, world.state, &message, &world.folding, &observer, NULL);
    PX_ASSERT(px_txn_status(world.state) == PX_OK);
    PX_ASSERT(applied == PX_APPLY_COUNTS);
}

/* A batch of one entry or, to say that time has passed or a key has nothing to say, of none. */
static void state_batch(const char *service, PraxisLog__Entry *entry, const px_dirty *reconciled)
{
    px_cursor cursor = px_chain_cursor(world.state);
    px_head head = px_chain_head(world.state, service);
    PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;
    PraxisLog__LogPosition basis = PRAXIS_LOG__LOG_POSITION__INIT;
    PraxisLog__ReconciledPosition through = PRAXIS_LOG__RECONCILED_POSITION__INIT;
    px_bytes bytes;

    basis.seq = cursor.seq;
    basis.tag = cursor.tag;
    batch.service = decide_borrow(service);
    batch.code_version = world.service->code_version;
    batch.number = head.number + 1;
    batch.previous_digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, head.digest };
    batch.basis = &basis;
    batch.decided_at_us = world.now_us;
    batch.entries = &entry;
    batch.n_entries = entry != NULL;
    if (reconciled != NULL) {
        through.first_mark = reconciled->first;
        through.key.data = (uint8_t *)(uintptr_t)reconciled->key.data;
        through.key.len = reconciled->key.size;
        batch.reconciled_through = &through;
    }
    bytes = px_codec_pack(&batch.base, &world.deciding);
    PX_ASSERT(bytes.data != NULL && bytes.size <= sizeof world.batch);
    memcpy(world.batch, bytes.data, bytes.size);
    fold(service, bytes.size);
}

void decide_state_entry(const char *service, PraxisLog__Entry *entry)
{
    state_batch(service, entry, NULL);
}

void decide_pack_facts(PraxisLog__Entry *entry, const px_facts *facts)
{
    entry->facts = px_arena_alloc(&world.deciding, facts->count * sizeof *entry->facts);
    PX_ASSERT(entry->facts != NULL);
    entry->n_facts = facts->count;
    for (size_t i = 0; i < facts->count; i++) {
        px_bytes bytes = px_codec_pack(facts->messages[i], &world.deciding);

        PX_ASSERT(bytes.data != NULL);
        entry->facts[i] = (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    }
}

/* ---- reconcile ---- */

static void ask_reconciler(px_bytes stored, px_facts *facts)
{
    px_keyread read = px_keyread_begin(stored);
    px_key key = { .kind = *(const uint8_t *)stored.data, .tenant = px_keyread_text(&read) };

    key.rest = px_keyread_rest(&read);
    PX_ASSERT(key.kind < world.service->reconciler_count);
    px_facts_init(facts, world.service, &world.deciding);
    world.service->reconcilers[key.kind](world.state, &key, world.now_us, facts);
}

/* Level-triggered: once what should hold has been said, there is nothing more to say. */
static void reconcile(const px_dirty *dirty)
{
    PraxisLog__Entry *entry = NULL;
    px_keybuf kept = { .size = 0 };
    px_facts facts;

    px_key_raw(&kept, dirty->key);
    ask_reconciler(dirty->key, &facts);
    if (facts.count > 0) {
        entry = decide_new(&praxis_log__entry__descriptor);
        entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_KEY;
        entry->key = decide_new(&praxis_log__key_cause__descriptor);
        entry->key->key.data = (uint8_t *)(uintptr_t)dirty->key.data;
        entry->key->key.len = dirty->key.size;
        entry->key->first_mark = dirty->first;
        entry->key->last_mark = dirty->last;
        decide_pack_facts(entry, &facts);
    }
    state_batch(world.service->name, entry, dirty);
    ask_reconciler(px_key_bytes(&kept), &facts);
    PX_ASSERT(facts.count == 0);
    px_arena_reset(&world.deciding);
}

void decide_settle(void)
{
    px_dirty dirty;

    for (unsigned keys = 0; px_agenda_dirty(world.state, &dirty, 1, &world.deciding) > 0; keys++) {
        PX_ASSERT(keys < KEYS_MAX);
        reconcile(&dirty);
    }
    px_arena_reset(&world.deciding);
}
