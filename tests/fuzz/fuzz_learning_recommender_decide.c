/* fuzz_learning_recommender_decide.c: every table of learning-recommender, driven by bytes
 * (decide_world.h). */
#include "services/learning-recommender/service.h"
#include "tests/fuzz/decide_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decide_world_run(&px_learning_recommender_service, data, size);
    return 0;
}
