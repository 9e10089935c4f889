/* fuzz_services_log.c: a log that bit rot, an attacker or another version has written is folded by
 * each service: a message counts, is void or stops the fold, and what it left behind can be
 * reconciled, published, reported and asked about.
 *
 * An input: a byte for the service, then messages. Each has a byte for its author and one of flags
 * (FLAG_*); then it is a chunk of raw bytes, or a batch of 1 to 3 entries. An entry: a byte for the
 * cause, its fields, a byte for how its facts are made (FACT_*), and their bytes (decide_build.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/agenda.h"
#include "common/apply.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/keys.h"
#include "common/service_impl.h"
#include "common/tables.h"
#include "tests/fuzz/decide_build.h"
#include "tests/fuzz/decide_seed.h"
#include "tests/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define START_US INT64_C(1767571200000000) /* 2026-01-05 */

enum {
    FLAG_OTHER_NUMBER = 1,
    FLAG_OTHER_DIGEST = 2,
    FLAG_OTHER_BASIS = 4,
    FLAG_RAW = 8,
    FLAG_INBOX = 16,
    FLAG_RECONCILED = 32,
    FLAG_FORGET = 64,
    FLAG_TIME = 128
};
enum { FACT_ANY_VALUES, FACT_OWN_VALUES, FACT_ONE_BYTE_CHANGED, FACT_RAW, FACT_WAYS };
enum { MESSAGES_MAX = 12, FACTS_MAX = 3, KEYS_MAX = 64, ARENA_BYTES = 16 * 1024 * 1024 };

static struct {
    px_store *stores[SERVICES_MAX];
    px_arena making, folding, asking;
    uint8_t batch[PX_BATCH_BYTES_MAX];
    const px_service *service;
    px_txn *state;
} world;

static void *new_message(const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = px_codec_new(type, &world.making);

    PX_ASSERT(message != NULL);
    return message;
}

static ProtobufCBinaryData binary(px_bytes bytes)
{
    return (ProtobufCBinaryData){ bytes.size, (uint8_t *)(uintptr_t)bytes.data };
}

/* ---- folding ---- */

/* What leaves the daemon can be read, by whoever gets it. */
static void see_event(void *context, const char *name, const char *subject,
                      const ProtobufCMessage *message, bool attributed)
{
    (void)context;
    (void)attributed;
    PX_ASSERT(name != NULL && subject != NULL);
    PX_ASSERT(px_codec_pack(message, &world.asking).data != NULL);
    PX_ASSERT(px_codec_to_json(message, false, &world.asking) != NULL);
}

static void see_key(void *context, const char *person_id, uint32_t generation)
{
    (void)context;
    (void)generation;
    PX_ASSERT(person_id != NULL);
}

static void see_fact(void *context, const px_txn *state, const PraxisLog__Entry *entry,
                     const px_fact *fact, bool own)
{
    px_out out = { .arena = fact->arena, .event = see_event, .destroy_key = see_key };
    const px_service *s = world.service;

    (void)entry;
    if (own)
        s->publishers[fact->type](state, fact, &out);
    out.event = NULL;
    for (size_t i = 0; i < s->effect_count; i++)
        if (strcmp(s->effects[i].service, context) == 0 && s->effects[i].type == fact->type)
            s->effects[i].effect(state, fact, &out);
}

static px_applied fold(const char *author, px_bytes bytes)
{
    const px_observer observer = { .fact = see_fact, .context = (void *)(uintptr_t)author };
    px_log_message message = { author, px_chain_cursor(world.state).seq + 1, START_US * 1000,
                               bytes };
    px_applied applied;

    px_arena_reset(&world.folding);
    px_arena_reset(&world.asking);
    applied =
        px_apply_message(world.service, world.state, &message, &world.folding, &observer, NULL);
    PX_ASSERT(px_txn_status(world.state) == PX_OK);
    PX_ASSERT(px_chain_cursor(world.state).seq == message.seq);
    return applied;
}

/* A batch that extends its author's chain, unless the flags say otherwise. */
static px_applied fold_batch(const char *author, PraxisLog__Batch *batch, uint8_t flags)
{
    px_head head = px_chain_head(world.state, author);
    px_cursor cursor = px_chain_cursor(world.state);
    PraxisLog__LogPosition basis = PRAXIS_LOG__LOG_POSITION__INIT;
    bool extends = (flags & (FLAG_OTHER_NUMBER | FLAG_OTHER_DIGEST | FLAG_OTHER_BASIS)) == 0;
    px_applied applied;
    px_bytes bytes;

    basis.seq = cursor.seq;
    basis.tag = cursor.tag + (flags & FLAG_OTHER_BASIS);
    head.digest[0] ^= flags & FLAG_OTHER_DIGEST;
    batch->service = (char *)(uintptr_t)author;
    batch->number = head.number + 1 + (flags & FLAG_OTHER_NUMBER);
    batch->previous_digest = binary((px_bytes){ head.digest, PX_DIGEST_SIZE });
    batch->basis = &basis;
    bytes = px_codec_pack(&batch->base, &world.making);
    if (bytes.data == NULL || bytes.size > sizeof world.batch)
        return PX_APPLY_STOP; /* no server takes it */
    memcpy(world.batch, bytes.data, bytes.size);
    applied = fold(author, (px_bytes){ world.batch, bytes.size });
    PX_ASSERT(extends || applied == PX_APPLY_VOID);
    return applied;
}

/* ---- making a batch ---- */

static const ProtobufCMessageDescriptor *facts_of(const char *author)
{
    const ProtobufCMessageDescriptor *facts = decide_facts_of(author);

    return facts != NULL ? facts : decide_facts_of(world.service->name);
}

static px_bytes make_fact(decide_input *in, const char *author)
{
    uint8_t way = decide_take(in) % FACT_WAYS;
    const decide_builder b = { in, &world.making, START_US, way == FACT_OWN_VALUES };
    ProtobufCMessage *fact = new_message(facts_of(author));
    px_bytes bytes;

    if (way == FACT_RAW)
        return decide_take_chunk(in);
    (void)decide_fill_body(&b, fact);
    bytes = px_codec_pack(fact, &world.making);
    if (way == FACT_ONE_BYTE_CHANGED && bytes.size > 0) {
        size_t at = (decide_take(in) + 256u * decide_take(in)) % bytes.size;

        ((uint8_t *)(uintptr_t)bytes.data)[at] ^= decide_take(in);
    }
    return bytes;
}

/* An id of the contract, mostly. */
static char *make_id(decide_input *in, const char *usual)
{
    uint8_t choice = decide_take(in);
    size_t size = choice < 224 ? 0 : choice < 240 ? 64 : 65 + 40u * (choice - 240u);
    char *text = px_arena_zalloc(&world.making, size + 1);

    PX_ASSERT(text != NULL);
    memset(text, 'x', size);
    return choice < 216 ? (char *)(uintptr_t)usual : text;
}

static PraxisLog__SubmissionCause *make_submission(decide_input *in)
{
    PraxisLog__SubmissionCause *cause = new_message(&praxis_log__submission_cause__descriptor);
    static uint8_t digest[PX_DIGEST_SIZE];

    cause->tenant = make_id(in, "acme");
    cause->source = make_id(in, "hr");
    cause->submission_id = make_id(in, "s-1");
    cause->actor = make_id(in, "p-1");
    cause->content_digest =
        binary((px_bytes){ digest, decide_take(in) % 8 != 0 ? PX_DIGEST_SIZE : 3 });
    cause->occurred_at_us = decide_long_ago(START_US, decide_take(in));
    return cause;
}

static PraxisLog__Rejection *make_rejection(decide_input *in)
{
    PraxisLog__Rejection *rejection = new_message(&praxis_log__rejection__descriptor);

    rejection->code = make_id(in, "FIELD_INVALID");
    rejection->field = make_id(in, "person_id");
    rejection->text = make_id(in, "");
    return rejection;
}

static PraxisLog__Entry *make_entry(decide_input *in, const char *author)
{
    PraxisLog__Entry *entry = new_message(&praxis_log__entry__descriptor);
    uint8_t cause = decide_take(in), count = decide_take(in) % (FACTS_MAX + 1);

    if (cause % 4 != 3) {
        entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
        entry->submission = make_submission(in);
        entry->rejection = cause % 4 == 2 ? make_rejection(in) : NULL;
    } else if (cause != UINT8_MAX) {
        entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_KEY;
        entry->key = new_message(&praxis_log__key_cause__descriptor);
        entry->key->key = binary(decide_take_chunk(in));
    }
    entry->facts = px_arena_zalloc(&world.making, (count + 1u) * sizeof *entry->facts);
    PX_ASSERT(entry->facts != NULL);
    for (; entry->n_facts < count; entry->n_facts++)
        entry->facts[entry->n_facts] = binary(make_fact(in, author));
    return entry;
}

static void make_progress(decide_input *in, uint8_t flags, PraxisLog__Batch *batch)
{
    if ((flags & FLAG_INBOX) != 0) {
        batch->inbox_through = new_message(&praxis_log__inbox_position__descriptor);
        batch->inbox_through->seq = decide_take(in);
    }
    if ((flags & FLAG_RECONCILED) != 0) {
        batch->reconciled_through = new_message(&praxis_log__reconciled_position__descriptor);
        batch->reconciled_through->first_mark = decide_take(in);
        batch->reconciled_through->key = binary(decide_take_chunk(in));
    }
    if ((flags & FLAG_FORGET) != 0)
        batch->forget_before_us = START_US + decide_take(in);
    batch->decided_at_us = START_US;
    if ((flags & FLAG_TIME) != 0)
        batch->decided_at_us = (decide_take(in) & 1) != 0 ? INT64_MAX : INT64_MIN;
}

static px_applied fold_made(decide_input *in, const char *author, uint8_t flags)
{
    PraxisLog__Entry *entries[3];
    PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;
    uint8_t count = decide_take(in) % 3 + 1;

    make_progress(in, flags, &batch);
    for (uint8_t i = 0; i < count; i++)
        entries[i] = make_entry(in, author);
    batch.code_version = 1;
    batch.entries = entries;
    batch.n_entries = count;
    return fold_batch(author, &batch, flags);
}

/* ---- what follows ---- */

static void reconcile(void)
{
    static px_dirty dirty[KEYS_MAX];
    size_t count = px_agenda_dirty(world.state, dirty, KEYS_MAX, &world.asking);
    px_facts facts;

    for (size_t i = 0; i < count; i++) {
        px_keyread read = px_keyread_begin(dirty[i].key);
        px_key key = { .kind = *(const uint8_t *)dirty[i].key.data,
                       .tenant = px_keyread_text(&read) };

        key.rest = px_keyread_rest(&read);
        px_arena_reset(&world.folding);
        px_facts_init(&facts, world.service, &world.folding);
        world.service->reconcilers[key.kind](world.state, &key, START_US, &facts);
        for (size_t f = 0; f < facts.count; f++)
            PX_ASSERT(px_codec_pack(facts.messages[f], &world.folding).data != NULL);
    }
}

static void report(void)
{
    const uint8_t table = PX_TABLE_LOCAL_TOUCHED;
    px_bytes key, value;
    px_scan scan;

    px_scan_begin(&scan, world.state, PX_LOCAL, (px_bytes){ &table, 1 });
    while (world.service->report != NULL && px_scan_next(&scan, &key, &value)) {
        px_keyread read = px_keyread_begin(key);
        const char *tenant = px_keyread_text(&read), *name = px_keyread_text(&read);
        const ProtobufCMessage *message;

        px_arena_reset(&world.folding);
        message = world.service->report(world.state, tenant, name, &world.folding);
        if (message != NULL)
            PX_ASSERT(px_codec_to_json(message, false, &world.folding) != NULL);
    }
    px_scan_end(&scan);
}

/* Every question, about what the pools of decide_build.c name first. */
static void ask(void)
{
    for (size_t i = 0; i < world.service->query_count; i++) {
        const px_query_row *row = &world.service->queries[i];
        decide_input nothing = { NULL, 0 };
        decide_builder b = { &nothing, &world.folding, START_US, false };
        px_reply reply = { .arena = &world.folding, .tenant = "acme", .field = "" };
        ProtobufCMessage *body;

        px_arena_reset(&world.folding);
        body = px_codec_new(row->request, &world.folding);
        decide_fill(&b, body);
        px_request request = { "acme", body, &world.folding };
        if (row->answer(world.state, &request, &reply) == PX_OK && reply.message != NULL)
            PX_ASSERT(px_codec_to_json(reply.message, false, &world.folding) != NULL);
    }
}

/* ---- life ---- */

static void seed(px_store *store)
{
    const char *author;
    bool derived;
    ProtobufCMessage *fact;

    world.state = px_store_begin(store);
    for (unsigned i = 0; (fact = decide_seed_fact(i, &author, &derived, &world.making)); i++) {
        ProtobufCBinaryData packed = binary(px_codec_pack(fact, &world.making));
        PraxisLog__SubmissionCause cause = PRAXIS_LOG__SUBMISSION_CAUSE__INIT;
        PraxisLog__Entry entry = PRAXIS_LOG__ENTRY__INIT, *entries = &entry;
        PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;

        cause.tenant = (char *)(uintptr_t) "acme";
        entry.cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
        entry.submission = &cause;
        entry.facts = &packed;
        entry.n_facts = 1;
        batch.code_version = 1;
        batch.decided_at_us = START_US;
        batch.entries = &entries;
        batch.n_entries = 1;
        PX_ASSERT(fold_batch(author, &batch, 0) == PX_APPLY_COUNTS);
        px_arena_reset(&world.making);
    }
    PX_ASSERT(px_txn_commit(world.state) == PX_OK);
}

/* The files stay open and have no name from here on, so nothing is left however a run ends. */
static void open_store(size_t service)
{
    char directory[] = "/tmp/praxis-fuzz-XXXXXX", command[64];
    px_store_options options = { .directory = directory,
                                 .layout = 1,
                                 .map_bytes = UINT64_C(1) << 30 };
    bool fresh;

    PX_ASSERT(mkdtemp(directory) != NULL);
    PX_ASSERT(px_store_open(&world.stores[service], &options, &fresh) == PX_OK);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    PX_ASSERT(system(command) == 0);
    seed(world.stores[service]);
}

static void create(void)
{
    PX_ASSERT(px_arena_init(&world.making, ARENA_BYTES));
    PX_ASSERT(px_arena_init(&world.folding, ARENA_BYTES));
    PX_ASSERT(px_arena_init(&world.asking, ARENA_BYTES));
    for (size_t i = 0; i < SERVICES_MAX; i++) {
        world.service = services[i];
        open_store(i);
    }
}

static px_applied fold_next(decide_input *in)
{
    uint8_t choice = decide_take(in) % (SERVICES_MAX + 1), flags = decide_take(in);
    const char *author = choice < SERVICES_MAX ? services[choice]->name : "unheard-of";

    px_arena_reset(&world.making);
    return (flags & FLAG_RAW) != 0 ? fold(author, decide_take_chunk(in))
                                   : fold_made(in, author, flags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_input in = { data, size };
    size_t service = decide_take(&in) % SERVICES_MAX;

    if (world.stores[0] == NULL)
        create();
    world.service = services[service];
    world.state = px_store_begin(world.stores[service]);
    for (unsigned i = 0; in.size > 0 && i < MESSAGES_MAX; i++) {
        if (fold_next(&in) == PX_APPLY_STOP)
            break; /* the fold stands still; what was folded before is still asked about */
    }
    reconcile();
    report();
    ask();
    PX_ASSERT(px_txn_status(world.state) == PX_OK);
    px_txn_abort(world.state);
    return 0;
}
