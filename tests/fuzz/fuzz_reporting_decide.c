/* fuzz_reporting_decide.c: every table of reporting, driven by bytes (decide_world.h). */
#include "services/reporting/service.h"
#include "tests/fuzz/decide_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_world_run(&px_reporting_service, data, size);
    return 0;
}
