/* fuzz_codec.h: the first byte of an input says which message the rest is, and which limits hold.
 */
#ifndef PRAXIS_TESTS_FUZZ_CODEC_H
#define PRAXIS_TESTS_FUZZ_CODEC_H

#include "common/codec.h"
#include "praxis/common/v1/result.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/log/v1/batch.pb-c.h"
#include "praxis/reporting/v1/query.pb-c.h"
#include "tests/common/codec_fixture.h"

enum { FUZZ_ARENA_BYTES = 64 * 1024 * 1024, FUZZ_BATCH_LIMITS = 0x80 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Not by position in the contract: the corpora must keep their meaning when it grows. */
static inline const ProtobufCMessageDescriptor *fuzz_type(uint8_t choice)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &every_descriptor,
        &review_cycle__submission__descriptor,
        &feedback_ingest__submission__descriptor,
        &competency__submission__descriptor,
        &learning_recommender__submission__descriptor,
        &praxis_log__batch__descriptor,
        &praxis__result_batch__descriptor,
        &reporting__heat_map__descriptor,
    };

    return types[choice % PX_COUNT(types)];
}

static inline const px_scan_limits *fuzz_limits(uint8_t choice)
{
    return choice & FUZZ_BATCH_LIMITS ? &px_batch_limits : &px_submission_limits;
}

#endif
