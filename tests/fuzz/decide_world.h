/* decide_world.h: a daemon's tables driven by bytes, through the real fold, on a seeded store.
 *
 * An input is a stream of operations. Each starts with a byte, taken modulo OPERATIONS:
 *   0, 1  a submission: type and values are chosen by the bytes that follow (decide_build.h)
 *   2     a submission as wire bytes: two bytes of length, low one first, then the bytes
 *   3, 4  a fact of a followed daemon, built like 0
 *   5     a question, built like 0, asked of the state as it is by now
 *   6     time passes: a byte of quarter days
 *   7     a question as it comes from outside, asked of the seeded store: one byte for question
 *         and encoding, two bytes of length, then the bytes
 * Bytes that are missing read as 0. The committed corpora hold all of these.
 */
#ifndef PRAXIS_TESTS_FUZZ_DECIDE_WORLD_H
#define PRAXIS_TESTS_FUZZ_DECIDE_WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "common/service.h"

/**
 * Runs one input in a transaction that is aborted afterwards. Dies when a table crashes, when what
 * it says cannot be packed and read again, when a reconciler has more to say at once, when the
 * dirty keys never end, or when the same input gives another state.
 */
void decide_world_run(const px_service *service, const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
