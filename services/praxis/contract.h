/* contract.h: the messages of the contract by the names people use: service, type, field. */
#ifndef PRAXIS_SERVICES_PRAXIS_CONTRACT_H
#define PRAXIS_SERVICES_PRAXIS_CONTRACT_H

#include <protobuf-c/protobuf-c.h>

#include "common/arena.h"

/** praxis.<service>.v1.<message> of "review-cycle" and the like; NULL when there is none. */
const ProtobufCMessageDescriptor *px_contract_message(const char *service, const char *message);
/** A field by its name or its lowerCamelCase name; NULL when there is none. */
const ProtobufCFieldDescriptor *px_contract_field(const ProtobufCMessageDescriptor *type,
                                                  const char *key);
/** The submission's member of this type ("SubmitReview"); NULL when the service has none. */
const ProtobufCFieldDescriptor *px_contract_type(const ProtobufCMessageDescriptor *submission,
                                                 const char *type);
/** Where a message keeps a field that it has. */
void *px_contract_member(ProtobufCMessage *message, const char *field);
/** "feedback-ingest, review-cycle, ...", for a line that says what would have been right. */
const char *px_contract_services(void);
/** "GetCycle, GetReview, ...": what the service can be asked; in the arena. */
const char *px_contract_questions(const char *service, px_arena *arena);

#endif
