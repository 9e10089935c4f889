/* fuzz_review_cycle_decide.c: every table of review-cycle, driven by bytes (decide_world.h). */
#include "services/review-cycle/service.h"
#include "tests/fuzz/decide_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_world_run(&px_review_cycle_service, data, size);
    return 0;
}
