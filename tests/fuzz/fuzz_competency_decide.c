/* fuzz_competency_decide.c: every table of competency, driven by bytes (decide_world.h). */
#include "services/competency/service.h"
#include "tests/fuzz/decide_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_world_run(&px_competency_service, data, size);
    return 0;
}
