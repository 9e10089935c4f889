/* fuzz_feedback_ingest_decide.c: every table of feedback-ingest, driven by bytes (decide_world.h).
 */
#include "services/feedback-ingest/service.h"
#include "tests/fuzz/decide_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_world_run(&px_feedback_ingest_service, data, size);
    return 0;
}
