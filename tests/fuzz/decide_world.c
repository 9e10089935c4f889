#include "tests/fuzz/decide_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/answer.h"
#include "common/chain.h"
#include "common/codec_impl.h"
#include "common/intake.h"
#include "praxis/common/v1/text.pb-c.h"
#include "tests/fuzz/decide_build.h"
#include "tests/fuzz/decide_fold.h"
#include "tests/fuzz/decide_seed.h"

#define HOUR_US  INT64_C(3600000000)
#define START_US INT64_C(1767571200000000) /* 2026-01-05 */
#define TENANT   "acme"
#define SOURCE   "hr"

enum {
    OPERATIONS = 8,
    OPERATIONS_MAX = 24, /* of an input: what more would find, more inputs find sooner */
    ARENA_BYTES = 2 * 1024 * 1024,
    RERUN_EVERY = 4
};

/* ---- operations ---- */

static PraxisLog__Entry *submitted(const char *id, const char *actor, int64_t occurred_at_us)
{
    PraxisLog__Entry *entry = decide_new(&praxis_log__entry__descriptor);
    PraxisLog__SubmissionCause *cause = decide_new(&praxis_log__submission_cause__descriptor);
    char *kept = px_arena_strdup(&world.deciding, id);

    PX_ASSERT(kept != NULL);
    cause->tenant = decide_borrow(TENANT);
    cause->source = decide_borrow(SOURCE);
    cause->submission_id = kept;
    cause->actor = decide_borrow(actor);
    cause->occurred_at_us = occurred_at_us;
    entry->cause_case = PRAXIS_LOG__ENTRY__CAUSE_SUBMISSION;
    entry->submission = cause;
    return entry;
}

static void state_fact(const char *service, const ProtobufCMessage *fact)
{
    px_bytes bytes = px_codec_pack(fact, &world.deciding);
    ProtobufCBinaryData packed = { bytes.size, (uint8_t *)(uintptr_t)bytes.data };
    PraxisLog__Entry *entry = submitted("other", "system", world.now_us);

    PX_ASSERT(bytes.data != NULL);
    entry->facts = &packed;
    entry->n_facts = 1;
    decide_state_entry(service, entry);
}

/* What all Submission messages start with. */
typedef struct {
    ProtobufCMessage base;
    char *submission_id;
    void *created_at;
    void *occurred_at;
    char *actor;
    uint64_t after_seq;
} envelope;

static void reject(PraxisLog__Entry *entry, px_verdict verdict)
{
    PX_ASSERT(verdict.field != NULL && px_text_valid(verdict.field, strlen(verdict.field), false));
    entry->rejection = decide_new(&praxis_log__rejection__descriptor);
    entry->rejection->code = decide_borrow(px_reason_code(verdict.reason));
    entry->rejection->field = decide_borrow(verdict.field);
}

/* Texts are sealed for people who are known, and dropped for others. */
static void seal_texts(ProtobufCMessage *message)
{
    static uint8_t sealed[64];
    px_codec_text texts[PX_INTAKE_TEXTS_MAX];
    size_t count = px_codec_texts(message, texts, PX_INTAKE_TEXTS_MAX);

    PX_ASSERT(count <= PX_INTAKE_TEXTS_MAX);
    for (size_t i = 0; i < count; i++) {
        Praxis__PersonalText *text = (Praxis__PersonalText *)texts[i].text;
        bool known = world.service->key_generation != NULL &&
                     world.service->key_generation(world.state, TENANT, texts[i].person_id) > 0;

        text->plain = decide_borrow("");
        text->sealed = (ProtobufCBinaryData){ known ? sizeof sealed : 0, known ? sealed : NULL };
    }
}

static void decide(const envelope *e)
{
    const ProtobufCMessage *body;
    int64_t occurred_at_us = px_codec_time_us(e->occurred_at);
    PraxisLog__Entry *entry = submitted(e->submission_id, e->actor, occurred_at_us);
    px_submission sub = { TENANT,   SOURCE,         entry->submission->submission_id,
                          e->actor, occurred_at_us, world.now_us,
                          0,        NULL,           &world.deciding };
    px_verdict verdict;
    px_facts facts;

    sub.type = px_codec_oneof(&e->base, "body", &body);
    sub.body = body;
    PX_ASSERT(sub.type < world.service->decider_count);
    px_facts_init(&facts, world.service, &world.deciding);
    verdict = world.service->deciders[sub.type](world.state, &sub, &facts);
    if (verdict.reason == PX_REASON_NONE)
        decide_pack_facts(entry, &facts);
    else
        reject(entry, verdict);
    decide_state_entry(world.service->name, entry);
}

/* As intake and round do: what they refuse never reaches decide. */
static void submit(px_bytes bytes)
{
    const ProtobufCMessageDescriptor *type = world.service->submission;
    const ProtobufCMessage *body;
    px_codec_error error;
    envelope *e;

    if (!px_codec_scan(type, bytes, &px_submission_limits, &world.deciding, &error))
        return;
    e = (envelope *)px_codec_unpack(type, bytes, &world.deciding);
    PX_ASSERT(e != NULL);
    if (px_codec_oneof(&e->base, "body", &body) == 0 ||
        !px_codec_check(&e->base, &world.deciding, &error) ||
        px_codec_time_us(e->occurred_at) > world.now_us + HOUR_US)
        return;
    e->submission_id = px_arena_printf(&world.deciding, "s-%u", ++world.submissions);
    PX_ASSERT(e->submission_id != NULL);
    seal_texts(&e->base);
    decide(e);
}

static void do_built_submission(decide_input *in)
{
    const decide_builder b = { in, &world.deciding, world.now_us, false };
    envelope *e = decide_new(world.service->submission);
    uint8_t when;

    e->submission_id = decide_borrow("s");
    e->created_at = px_codec_timestamp(world.now_us, &world.deciding);
    when = decide_take(in);
    e->occurred_at = px_codec_timestamp(when < 248 ? world.now_us - when * HOUR_US
                                                   : decide_long_ago(world.now_us, when),
                                        &world.deciding);
    e->actor = px_arena_printf(&world.deciding, "p-%u", decide_take(in) % 7 + 1u);
    (void)decide_fill_body(&b, &e->base);
    submit(px_codec_pack(&e->base, &world.deciding));
}

static void do_fact(decide_input *in)
{
    const decide_builder b = { in, &world.deciding, world.now_us, true };
    const px_service *s = world.service;
    const px_follow *follow;
    ProtobufCMessage *fact;

    if (s->follow_count == 0)
        return;
    follow = &s->follows[decide_take(in) % s->follow_count];
    fact = decide_new(follow->facts);
    (void)decide_fill_body(&b, fact);
    state_fact(follow->service, fact);
}

static void do_question(decide_input *in)
{
    const decide_builder b = { in, &world.deciding, world.now_us, false };
    const px_query_row *row = &world.service->queries[decide_take(in) % world.service->query_count];
    ProtobufCMessage *body = decide_new(row->request);
    px_request request = { TENANT, body, &world.deciding };
    px_reply reply = { .arena = &world.deciding, .tenant = TENANT, .field = "" };
    px_codec_error error;

    decide_fill(&b, body);
    if (!px_codec_check(body, &world.deciding, &error))
        return;
    if (row->answer(world.state, &request, &reply) == PX_OK && reply.message != NULL)
        decide_assert_readable(reply.message, &world.deciding);
    else
        PX_ASSERT(reply.field != NULL);
}

static void do_question_from_outside(decide_input *in)
{
    uint8_t choice = decide_take(in);
    size_t row = (choice >> 1) % (world.service->query_count + 1);
    px_question question = { .tenant = TENANT, .json = choice & 1, .name = "GetResult" };
    px_answer answer;

    if (row < world.service->query_count)
        question.name = world.service->queries[row].name;
    question.bytes = decide_take_chunk(in);
    answer = px_answer_question(world.service, world.store, NULL, true, &question, &world.deciding);
    PX_ASSERT(answer.bytes.data != NULL && answer.bytes.size <= PX_ANSWER_BYTES_MAX);
}

static void do_time(decide_input *in)
{
    world.now_us += decide_take(in) * 6 * HOUR_US;
    decide_state_entry(world.service->name, NULL);
}

static void do_operation(decide_input *in)
{
    px_arena_reset(&world.deciding);
    switch (decide_take(in) % OPERATIONS) {
    case 2:
        submit(decide_take_chunk(in));
        break;
    case 3:
    case 4:
        do_fact(in);
        break;
    case 5:
        do_question(in);
        break;
    case 6:
        do_time(in);
        break;
    case 7:
        do_question_from_outside(in);
        break;
    default:
        do_built_submission(in);
    }
    decide_settle();
}

/* ---- life ---- */

static void remove_directory(const char *directory)
{
    char command[128];

    snprintf(command, sizeof command, "rm -rf %s", directory);
    PX_ASSERT(system(command) == 0);
}

/* The files stay open and have no name from here on, so nothing is left however a run ends. */
static void open_store(void)
{
    char directory[] = "/tmp/praxis-fuzz-XXXXXX";
    px_store_options options = { .directory = directory,
                                 .layout = 1,
                                 .map_bytes = UINT64_C(1) << 30 };
    bool fresh;

    PX_ASSERT(mkdtemp(directory) != NULL);
    PX_ASSERT(px_store_open(&world.store, &options, &fresh) == PX_OK && fresh);
    remove_directory(directory);
}

static void seed(void)
{
    const char *service;
    bool derived;
    ProtobufCMessage *fact;

    world.now_us = START_US;
    world.state = px_store_begin(world.store);
    for (unsigned i = 0; (fact = decide_seed_fact(i, &service, &derived, &world.deciding)); i++)
        if (!derived || strcmp(service, world.service->name) != 0) {
            state_fact(service, fact);
            decide_settle();
        }
    PX_ASSERT(px_txn_commit(world.state) == PX_OK);
    world.state = NULL;
}

static void create(const px_service *service)
{
    const char *missing;

    PX_ASSERT(px_service_complete(service, &missing));
    world.service = service;
    PX_ASSERT(px_arena_init(&world.deciding, ARENA_BYTES));
    PX_ASSERT(px_arena_init(&world.folding, ARENA_BYTES));
    open_store();
    seed();
}

static void run(const uint8_t *data, size_t size, uint8_t digest[PX_DIGEST_SIZE])
{
    decide_input in = { data, size };

    world.now_us = START_US + HOUR_US;
    world.submissions = 0;
    world.state = px_store_begin(world.store);
    for (unsigned i = 0; in.size > 0 && i < OPERATIONS_MAX; i++)
        do_operation(&in);
    decide_render_reports();
    PX_ASSERT(px_store_digest(world.state, digest, NULL) == PX_OK);
    px_txn_abort(world.state);
    world.state = NULL;
}

/* Memory that was never written must not get into the state: the second run finds other rubbish. */
static void litter(px_arena *arena, uint8_t byte)
{
    size_t size = arena->peak;

    px_arena_reset(arena);
    memset(px_arena_alloc(arena, size), byte, size);
    px_arena_reset(arena);
}

void decide_world_run(const px_service *service, const uint8_t *data, size_t size)
{
    uint8_t digest[PX_DIGEST_SIZE], again[PX_DIGEST_SIZE];

    if (world.service == NULL)
        create(service);
    run(data, size, digest);
    if (digest[0] % RERUN_EVERY != 0)
        return;
    litter(&world.deciding, digest[1]);
    litter(&world.folding, digest[1]);
    run(data, size, again);
    PX_ASSERT(memcmp(digest, again, sizeof digest) ==
              0); /* the digest covers the chain, so facts too */
}
