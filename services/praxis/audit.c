#include "services/praxis/audit.h"

#include <stdio.h>
#include <string.h>

#include "common/codec.h"
#include "praxis/log/v1/batch.pb-c.h"

void px_audit_begin(px_audit *audit)
{
    memset(audit, 0, sizeof *audit);
}

const px_audit_chain *px_audit_find(const px_audit *audit, const char *service)
{
    for (size_t i = 0; i < audit->chain_count; i++)
        if (strcmp(audit->chains[i].service, service) == 0)
            return &audit->chains[i];
    return NULL;
}

/* NULL when there are too many: nobody but the five daemons may write to the log. */
static px_audit_chain *chain_of(px_audit *audit, const char *service)
{
    px_audit_chain *chain = (px_audit_chain *)(uintptr_t)px_audit_find(audit, service);

    if (chain || audit->chain_count == PX_AUDIT_CHAINS_MAX || strlen(service) >= PX_AUDIT_NAME_MAX)
        return chain;
    chain = &audit->chains[audit->chain_count++];
    snprintf(chain->service, sizeof chain->service, "%s", service);
    return chain;
}

static bool in_log(const px_audit *audit, const PraxisLog__LogPosition *basis)
{
    uint64_t seq = basis ? basis->seq : 0;
    uint64_t tag = basis ? basis->tag : 0;

    if (seq == 0)
        return tag == 0;
    return audit->ring[seq % PX_RING_SIZE].seq == seq && audit->ring[seq % PX_RING_SIZE].tag == tag;
}

static const char *judge(const px_audit *audit, const px_audit_chain *chain, const px_bus_msg *msg,
                         px_arena *arena)
{
    const PraxisLog__Batch *batch = NULL;
    px_codec_error error;

    if (px_codec_scan(&praxis_log__batch__descriptor, msg->data, &px_batch_limits, arena, &error))
        batch = (const PraxisLog__Batch *)px_codec_unpack(&praxis_log__batch__descriptor, msg->data,
                                                          arena);
    if (!batch)
        return "not a batch";
    if (strcmp(batch->service, chain->service) != 0)
        return "names another service than its subject";
    if (batch->number != chain->batches + 1)
        return "not the next number";
    if (batch->previous_digest.len != PX_DIGEST_SIZE ||
        memcmp(batch->previous_digest.data, chain->digest, PX_DIGEST_SIZE) != 0)
        return "does not name the batch before it";
    return in_log(audit, batch->basis) ? NULL : "decided on another log";
}

const char *px_audit_message(px_audit *audit, const px_bus_msg *msg, px_arena *arena)
{
    const char *dot = strrchr(msg->subject, '.');
    px_audit_chain *chain = chain_of(audit, dot ? dot + 1 : "");
    const char *why = "a service nobody knows";
    uint8_t digest[PX_DIGEST_SIZE];

    px_arena_reset(arena);
    px_chain_digest(msg->data, digest);
    if (chain)
        why = judge(audit, chain, msg, arena);
    audit->seq = msg->seq;
    audit->ring[msg->seq % PX_RING_SIZE].seq = msg->seq;
    audit->ring[msg->seq % PX_RING_SIZE].tag = px_chain_tag(digest, msg->time_ns);
    if (why) {
        audit->voids++;
        if (chain)
            chain->voids++;
        return why;
    }
    chain->batches++;
    memcpy(chain->digest, digest, PX_DIGEST_SIZE);
    return NULL;
}
