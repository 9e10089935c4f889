/* decide_build.h: bytes of a fuzzer's input to messages of the contract and to facts. */
#ifndef PRAXIS_TESTS_FUZZ_DECIDE_BUILD_H
#define PRAXIS_TESTS_FUZZ_DECIDE_BUILD_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/store.h" /* px_bytes */

/** What is left of an input. */
typedef struct {
    const uint8_t *data;
    size_t size;
} decide_input;

/** The next byte; 0 at the end. */
uint8_t decide_take(decide_input *in);
/** A chunk: two bytes of length, low one first, then as many bytes as there are. */
px_bytes decide_take_chunk(decide_input *in);

/** 1, 2, 3 or 4 times 14 or, from 252 on, 500 years before: nobody keeps a sender from it. */
int64_t decide_long_ago(int64_t now_us, uint8_t choice);

/** How values are chosen. */
typedef struct {
    decide_input *in;
    px_arena *arena;
    int64_t now_us;
    /** A fact says only what its daemon could have stated: nobody checks facts again. */
    bool fact;
} decide_builder;

/**
 * Fills a message, one byte or more for each field in the order of the contract. Ids come from
 * small pools ("p-1" to "p-6", "c-1", ...), so that messages speak of what is there.
 */
void decide_fill(const decide_builder *b, ProtobufCMessage *message);
/** A message whose oneof `body` is one of its types, filled. @return the body */
ProtobufCMessage *decide_fill_body(const decide_builder *b, ProtobufCMessage *message);

#endif
