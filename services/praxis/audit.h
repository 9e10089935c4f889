/* audit.h: does every batch of the log count, judged from the log alone and without any projection.
 *
 * The same rules as common/apply.c, written a second time on purpose: number, digest of the batch
 * before, and a basis that is in this log.
 */
#ifndef PRAXIS_SERVICES_PRAXIS_AUDIT_H
#define PRAXIS_SERVICES_PRAXIS_AUDIT_H

#include <stdint.h>

#include "common/arena.h"
#include "common/bus.h"
#include "common/chain.h"

enum { PX_AUDIT_CHAINS_MAX = 16, PX_AUDIT_NAME_MAX = 64 };

/** What is known of one service's batches. */
typedef struct {
    char service[PX_AUDIT_NAME_MAX];
    uint64_t batches; /* that count; the number of the last one */
    uint64_t voids;
    uint8_t digest[PX_DIGEST_SIZE];
} px_audit_chain;

typedef struct {
    uint64_t seq; /* last message looked at */
    uint64_t voids;
    px_audit_chain chains[PX_AUDIT_CHAINS_MAX];
    size_t chain_count;
    struct {
        uint64_t seq;
        uint64_t tag;
    } ring[PX_RING_SIZE];
} px_audit;

/** Starts before the first message. */
void px_audit_begin(px_audit *audit);
/**
 * Looks at the next message of the log.
 * @return NULL when it counts, else why it is void; static
 */
const char *px_audit_message(px_audit *audit, const px_bus_msg *msg, px_arena *arena);
/** The chain of a service; NULL when it has said nothing. */
const px_audit_chain *px_audit_find(const px_audit *audit, const char *service);

#endif
