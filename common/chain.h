/* chain.h: where a projection stands in the log, and which batches count.
 *
 * The log is a chain per daemon (number, digest of the batch before) and a web across daemons (each
 * batch names the last message its author had folded). A message's tag tells it from another one
 * that was given the same number after a loss.
 */
#ifndef PRAXIS_COMMON_CHAIN_H
#define PRAXIS_COMMON_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/store.h"

enum { PX_DIGEST_SIZE = 32, PX_RING_SIZE = 4096, PX_TENANT_SIZE = 65 };

/** The last log message folded; all zero before the first. */
typedef struct {
    uint64_t seq;
    uint64_t tag;
    int64_t time_ns;
} px_cursor;

/** What is known of one daemon's batches; all zero before the first. */
typedef struct {
    uint64_t number;                /* of the last batch that counts */
    uint8_t digest[PX_DIGEST_SIZE]; /* of that batch's bytes */
    uint64_t last_seq;              /* last log message on its subject, void or not */
    int64_t decided_at_us;          /* of the last batch that counts */
    uint32_t code_version;          /* the highest seen in a batch that counts */
} px_head;

/** How far the daemon's own inbox is decided; all zero before the first. */
typedef struct {
    uint64_t seq;
    int64_t time_ns; /* server time of that message */
} px_inbox_through;

/** BLAKE2b-256 of a message's bytes. */
void px_chain_digest(px_bytes bytes, uint8_t digest[PX_DIGEST_SIZE]);
/** Tag of a stream message from its digest and server time. */
uint64_t px_chain_tag(const uint8_t digest[PX_DIGEST_SIZE], int64_t time_ns);

px_cursor px_chain_cursor(const px_view *state);
/** Steps to the next message and remembers its tag; the oldest of PX_RING_SIZE tags is forgotten.
 */
void px_chain_step(px_txn *state, px_cursor cursor);
/** True when this message is among the last PX_RING_SIZE folded. (0, 0) is "before the first":
 * true. */
bool px_chain_has(const px_view *state, uint64_t seq, uint64_t tag);

px_head px_chain_head(const px_view *state, const char *service);
void px_chain_set_head(px_txn *state, const char *service, const px_head *head);

/** Digest of the service's last batch that does not count. @return false: there was none */
bool px_chain_void(const px_view *state, const char *service, uint8_t digest[PX_DIGEST_SIZE]);
void px_chain_set_void(px_txn *state, const char *service, const uint8_t digest[PX_DIGEST_SIZE]);
px_inbox_through px_chain_inbox(const px_view *state);
void px_chain_set_inbox(px_txn *state, px_inbox_through through);

/** The latest occurred_at in the log: the event clock. 0 before the first. */
int64_t px_chain_event_time(const px_view *state);
void px_chain_set_event_time(px_txn *state, int64_t time_us);

/** Remembers a tenant that this daemon has answered or said something about. */
void px_chain_note_tenant(px_txn *state, const char *tenant);
/** The tenants remembered, in order of their names: the first at or after `from`, copied to `out`.
 */
bool px_chain_next_tenant(const px_view *state, const char *from, char out[PX_TENANT_SIZE]);

#endif
