/* decide_seed.h: what is in every store before an input: facts of all daemons, in the order of a
 * log. */
#ifndef PRAXIS_TESTS_FUZZ_DECIDE_SEED_H
#define PRAXIS_TESTS_FUZZ_DECIDE_SEED_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "common/arena.h"

/** The Fact message of a daemon; NULL when there is no such daemon. */
const ProtobufCMessageDescriptor *decide_facts_of(const char *service);
/**
 * Fact number `i` of the script, in the arena.
 * @param service  gets the daemon that stated it
 * @param derived  set when that daemon reconciles such facts: in its own store it states them
 * @return NULL at the end
 */
ProtobufCMessage *decide_seed_fact(unsigned i, const char **service, bool *derived,
                                   px_arena *arena);

#endif
