#include "tests/golden/record.h"

#include <stdio.h>
#include <string.h>

#include "common/chain.h"
#include "common/codec.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "tests/fuzz/decide_build.h"
#include "tests/fuzz/decide_seed.h"
#include "tests/simulator/chance.h"
#include "tests/tables.h"

#define START_US INT64_C(1767571200000000) /* 2026-01-05 */

enum { OF_EACH_TYPE = 6, VALUES = 512, ARENA_BYTES = 8 << 20 };

typedef struct {
    FILE *out;
    px_arena arena;
    chance chance;
    px_head heads[SERVICES_MAX];
    uint64_t messages;
} recorder;

static unsigned number_of(const char *service)
{
    unsigned d = 0;

    while (strcmp(services[d]->name, service) != 0)
        d++;
    return d;
}

static void write_message(recorder *r, unsigned service, int64_t time_ns, px_bytes bytes)
{
    uint8_t head[LOG_HEAD_SIZE];

    px_put_be64(head, (uint64_t)time_ns);
    head[8] = (uint8_t)service;
    for (unsigned i = 0; i < 4; i++)
        head[9 + i] = (uint8_t)(bytes.size >> (24 - 8 * i));
    fwrite(head, 1, sizeof head, r->out);
    fwrite(bytes.data, 1, bytes.size, r->out);
}

/* A batch of one fact, by the next message of its service. */
static void state_fact(recorder *r, unsigned service, const ProtobufCMessage *fact)
{
    static uint8_t content[PX_DIGEST_SIZE];
    px_head *head = &r->heads[service];
    px_bytes packed = px_codec_pack(fact, &r->arena), bytes;
    ProtobufCBinaryData facts = { packed.size, (uint8_t *)(uintptr_t)packed.data };
    PraxisLog__SubmissionCause cause = PRAXIS_LOG__SUBMISSION_CAUSE__INIT;
    PraxisLog__Entry entry = PRAXIS_LOG__ENTRY__INIT, *entries = &entry;
    PraxisLog__Batch batch = PRAXIS_LOG__BATCH__INIT;

    cause.tenant = px_arena_strdup(&r->arena, "acme");
    cause.source = px_arena_strdup(&r->arena, "hr");
    cause.submission_id = px_arena_printf(&r->arena, "s-%u", (unsigned)++r->messages);
    cause.actor = px_arena_strdup(&r->arena, "p-1");
    cause.content_digest = (ProtobufCBinaryData){ sizeof content, content };
    cause.occurred_at_us = START_US + (int64_t)r->messages * 60000000;
    entry.cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry.submission = &cause;
    entry.facts = &facts;
    entry.n_facts = 1;
    batch.service = px_arena_strdup(&r->arena, services[service]->name);
    batch.code_version = 1;
    batch.number = ++head->number;
    batch.previous_digest = (ProtobufCBinaryData){ PX_DIGEST_SIZE, head->digest };
    batch.decided_at_us = cause.occurred_at_us + 1000;
    batch.entries = &entries;
    batch.n_entries = 1;
    bytes = px_codec_pack(&batch.base, &r->arena);
    px_chain_digest(bytes, head->digest);
    write_message(r, service, batch.decided_at_us * 1000, bytes);
    px_arena_reset(&r->arena);
}

static void state_seed(recorder *r)
{
    const char *service;
    bool derived;
    ProtobufCMessage *fact;

    for (unsigned i = 0; (fact = decide_seed_fact(i, &service, &derived, &r->arena)); i++)
        state_fact(r, number_of(service), fact);
}

/* The first byte chooses the member of the oneof, the rest its values. */
static void state_any(recorder *r, unsigned service, unsigned member)
{
    ProtobufCMessage *fact = px_codec_new(services[service]->facts, &r->arena);
    uint8_t values[VALUES] = { (uint8_t)member };
    decide_input in = { values, sizeof values };
    const decide_builder b = { &in, &r->arena, START_US, true };

    for (size_t i = 1; i < sizeof values; i++)
        values[i] = (uint8_t)chance_below(&r->chance, 256);
    (void)decide_fill_body(&b, fact);
    state_fact(r, service, fact);
}

bool record_facts(const char *path)
{
    recorder r = { .out = fopen(path, "wbx"), .chance = chance_of_seed(1) };
    bool good = r.out != NULL && px_arena_init(&r.arena, ARENA_BYTES);

    if (good)
        state_seed(&r);
    for (unsigned turn = 0; good && turn < OF_EACH_TYPE; turn++)
        for (unsigned d = 0; d < SERVICES_MAX; d++)
            for (unsigned member = 0; member < services[d]->facts->n_fields; member++)
                state_any(&r, d, member);
    px_arena_fini(&r.arena);
    return r.out != NULL && fclose(r.out) == 0 && good;
}
