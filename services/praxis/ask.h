/* ask.h: questions to the daemons: request and reply. */
#ifndef PRAXIS_SERVICES_PRAXIS_ASK_H
#define PRAXIS_SERVICES_PRAXIS_ASK_H

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"
#include "services/praxis/client.h"

/** A question. Borrowed. */
typedef struct {
    const char *service;
    const char *name; /* "GetPlan" */
    px_bytes body;
    bool json;
    uint64_t after_seq; /* answered as of this log sequence or later; 0 = any */
} px_asking;

/** The answer: a message in the arena, or a refusal. Texts are in the arena. */
typedef struct {
    ProtobufCMessage *message;
    const char *code; /* "NOT_FOUND", ...; NULL when answered */
    const char *text;
} px_asked;

/**
 * Asks; a daemon that is still catching up is asked again for up to 20 s. The reply belongs to the
 * caller. PX_ENOTFOUND, PX_ETIMEOUT: nobody answered; said on stderr with what to do.
 */
px_status px_ask(px_client *client, const px_asking *asking, px_bus_msg **reply);
/** Code of a reply that is a refusal; NULL for an answer. */
const char *px_ask_refused(const px_bus_msg *reply);
/** Asks with a message and reads the reply as `type`. A refusal is PX_OK, too. */
px_status px_ask_message(px_client *client, const char *service, const char *name,
                         const ProtobufCMessage *request, const ProtobufCMessageDescriptor *type,
                         px_arena *arena, px_asked *asked);

#endif
