/* fuzz_services_intake.c: any bytes in an inbox become one batch that every reader counts.
 *
 * An input: a byte for the service, one for how the message is addressed (its subject; 4: as JSON;
 * 8: headers of CloudEvents follow; 16: the subject follows), then the chunks announced, then the
 * bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/apply.h"
#include "common/bus_impl.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/round.h"
#include "tests/fuzz/decide_build.h"
#include "tests/tables.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TIME_NS = 1000, AS_JSON = 4, WITH_HEADERS = 8, OWN_SUBJECT = 16, HEADERS = 3 };

#define NOW_US INT64_C(1767571200000000)

static px_store *store;
static px_arena arena;

/* The files stay open and have no name from here on, so nothing is left however a run ends. */
static void open_world(void)
{
    char directory[] = "/tmp/praxis-fuzz-XXXXXX", command[64];
    bool fresh;

    PX_ASSERT(mkdtemp(directory) != NULL);
    PX_ASSERT(px_store_open(&store, &(px_store_options){ .directory = directory, .layout = 1 },
                            &fresh) == PX_OK);
    snprintf(command, sizeof command, "rm -rf %s", directory);
    PX_ASSERT(system(command) == 0);
    PX_ASSERT(px_arena_init(&arena, 64 << 20));
}

/* ---- a message the bus could have given us ---- */

static bool as_json;
static const char *headers[HEADERS];

static const char *header(const px_bus_msg *msg, const char *name)
{
    static const char *const names[HEADERS] = { "ce-specversion", "ce-id", "ce-type" };

    (void)msg;
    for (size_t i = 0; i < HEADERS; i++)
        if (strcmp(name, names[i]) == 0)
            return headers[i];
    return as_json && strcmp(name, "Content-Type") == 0 ? "application/json" : NULL;
}

/* As libraries give it: a C string. */
static const char *take_text(decide_input *in)
{
    px_bytes chunk = decide_take_chunk(in);
    char *text = px_arena_zalloc(&arena, chunk.size + 1);

    PX_ASSERT(text != NULL);
    if (chunk.size > 0)
        memcpy(text, chunk.data, chunk.size);
    return text;
}

static const char *subject_of(const px_service *service, uint8_t choice)
{
    const ProtobufCMessageDescriptor *type = service->submission;
    const char *tenant = choice % 4 == 3 ? "$x" : "acme", *token = "Bundle";

    if (choice % 4 == 2)
        token = "Other";
    for (unsigned i = 0; choice % 4 == 0 && i < type->n_fields; i++)
        if ((type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            token = px_codec_short_name(type->fields[i].descriptor);
    return px_arena_printf(&arena, "praxis.v1.%s.submit.%s.%s.hr", tenant, service->name, token);
}

static px_bus_msg take_message(const px_service *service, decide_input *in)
{
    static const px_msg_ops ops = { .header = header };
    static const px_msg_ops *impl = &ops;
    uint8_t choice = decide_take(in);
    px_bus_msg msg = { .seq = 7, .time_ns = TIME_NS, .impl = &impl };

    as_json = (choice & AS_JSON) != 0;
    for (size_t i = 0; i < HEADERS; i++)
        headers[i] = (choice & WITH_HEADERS) != 0 ? take_text(in) : NULL;
    msg.subject = (choice & OWN_SUBJECT) != 0 ? take_text(in) : subject_of(service, choice);
    msg.data = (px_bytes){ in->data, in->size };
    return msg;
}

/* ---- what becomes of it ---- */

static px_round_output decide(const px_service *service, px_bus_msg *msg, px_txn *overlay)
{
    px_bus_msg *messages[] = { msg };
    bool clean[1];
    px_round_input input = { .service = service,
                             .clock_us = NOW_US,
                             .messages = messages,
                             .clean = clean,
                             .message_count = 1,
                             .arena = &arena };
    px_progress progress = { 0 };
    px_round_output out;

    PX_ASSERT(px_round_decide(&input, &progress, overlay, &out) == PX_OK);
    PX_ASSERT(out.taken == 1 && out.batch.size > 0 && out.accepted + out.rejected > 0);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_input in = { data, size };
    const px_service *service = services[decide_take(&in) % SERVICES_MAX];
    px_bus_msg msg;
    px_txn *txn;

    if (store == NULL)
        open_world();
    px_arena_reset(&arena);
    msg = take_message(service, &in);
    txn = px_store_begin(store);
    px_round_output out = decide(service, &msg, txn);
    px_txn_abort(txn);
    txn = px_store_begin(store);
    px_log_message logged = { service->name, 1, TIME_NS, out.batch };
    PX_ASSERT(px_apply_message(service, txn, &logged, &arena, NULL, NULL) == PX_APPLY_COUNTS);
    PX_ASSERT(px_chain_inbox(txn).seq == 7);
    px_txn_abort(txn);
    return 0;
}
