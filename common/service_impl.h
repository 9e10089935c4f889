/* service_impl.h: the engine's side of service.h: what is behind px_facts, px_out and px_reply. */
#ifndef PRAXIS_COMMON_SERVICE_IMPL_H
#define PRAXIS_COMMON_SERVICE_IMPL_H

#include <stddef.h>

#include "common/service.h"
#include "common/vault.h"

enum { PX_FACTS_PER_ENTRY_MAX = 4096, PX_REPLY_MESSAGE_MAX = 512 };

struct px_facts {
    const px_service *service;
    px_arena *arena;
    px_arena *given; /* to whoever states them: the same, but for a test that leaves too little */
    const ProtobufCMessage **messages; /* Fact messages of the service */
    size_t count;
    size_t capacity;
};

void px_facts_init(px_facts *facts, const px_service *service, px_arena *arena);

/** What publish and effect produced for one fact; the engine turns it into rows. */
struct px_out {
    px_arena *arena;
    void (*event)(void *context, const char *name, const char *subject,
                  const ProtobufCMessage *message, bool attributed);
    void (*destroy_key)(void *context, const char *person_id, uint32_t generation);
    void *context;
};

struct px_reply {
    px_arena *arena;
    const char *tenant;
    px_vault *vault; /* NULL when texts cannot be opened */
    ProtobufCMessage *message;
    px_reason refused;
    const char *field;
    /* The message when the arena is full: to be filled like any other, and seen by nobody. */
    max_align_t unseen[PX_REPLY_MESSAGE_MAX / sizeof(max_align_t)];
};

/**
 * Proves that every type of the contract has a row: submissions, own facts (evolve and publish),
 * facts of followed daemons. The first type without one is named in `missing` (static or service
 * storage).
 */
bool px_service_complete(const px_service *service, const char **missing);
/** The projectors' row for a followed daemon, NULL when it is not followed. */
const px_follow *px_service_follow(const px_service *service, const char *name);

#endif
