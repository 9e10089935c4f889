/* fuzz_intake_reporting.c: any bytes in the inbox become one batch that every reader counts. The
 * first byte says how they are addressed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/apply.h"
#include "common/bus_impl.h"
#include "common/chain.h"
#include "common/codec.h"
#include "common/round.h"
#include "services/reporting/service.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TIME_NS = 1000 };

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

static bool as_json;

static const char *header(const px_bus_msg *msg, const char *name)
{
    (void)msg;
    return as_json && strcmp(name, "Content-Type") == 0 ? "application/json" : NULL;
}

/* A message the bus could have given us. */
static px_bus_msg message_of(uint8_t choice, px_bytes bytes)
{
    static const px_msg_ops ops = { .header = header };
    static const px_msg_ops *impl = &ops;
    static const char *const subjects[] = {
        "praxis.v1.acme.submit.reporting.SetGroupMinimum.hr",
        "praxis.v1.acme.submit.reporting.Bundle.hr",
        "praxis.v1.acme.submit.reporting.Other.hr",
        "praxis.v1.$x.submit.reporting.SetGroupMinimum.hr",
    };

    as_json = (choice & 4) != 0;
    return (px_bus_msg){
        .seq = 7, .time_ns = TIME_NS, .subject = subjects[choice % 4], .data = bytes, .impl = &impl
    };
}

static px_round_output decide(px_bus_msg *msg, px_txn *overlay)
{
    px_bus_msg *messages[] = { msg };
    bool clean[1];
    px_round_input input = { .service = &px_reporting_service,
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
    px_bus_msg msg;
    px_txn *txn;

    if (size == 0)
        return 0;
    if (store == NULL)
        open_world();
    px_arena_reset(&arena);
    msg = message_of(data[0], (px_bytes){ data + 1, size - 1 });
    txn = px_store_begin(store);
    px_round_output out = decide(&msg, txn);
    px_txn_abort(txn);
    txn = px_store_begin(store);
    px_log_message logged = { "reporting", 1, TIME_NS, out.batch };
    PX_ASSERT(px_apply_message(&px_reporting_service, txn, &logged, &arena, NULL, NULL) ==
              PX_APPLY_COUNTS);
    PX_ASSERT(px_chain_inbox(txn).seq == 7);
    px_txn_abort(txn);
    return 0;
}
