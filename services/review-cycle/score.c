/* score.c: see score.h. */
#include "services/review-cycle/score.h"

#include "common/status.h"

/* Half goes away from zero; `by` is positive. */
static int64_t divide_rounded(int64_t number, int64_t by)
{
    return number < 0 ? -((-number + by / 2) / by) : (number + by / 2) / by;
}

score score_of(const score_part *parts, size_t count, uint8_t facet)
{
    int64_t sum = 0, weights = 0;

    for (size_t i = 0; i < count; i++) {
        if (parts[i].facet != facet || !parts[i].counts)
            continue;
        sum += (int64_t)parts[i].weight * parts[i].value;
        weights += parts[i].weight;
    }
    if (weights == 0)
        return (score){ 0 };
    return (score){ .known = true, .hundredths = (int32_t)divide_rounded(sum * 100, weights) };
}

score score_mean(score a, score b)
{
    if (!a.known || !b.known)
        return a.known ? a : b;
    a.hundredths = (int32_t)divide_rounded((int64_t)a.hundredths + b.hundredths, 2);
    return a;
}

uint8_t score_slice(int32_t hundredths, int32_t low, int32_t high, uint8_t slices)
{
    int64_t above = (int64_t)hundredths - (int64_t)low * 100;
    int64_t range = ((int64_t)high - low) * 100;

    PX_ASSERT(range > 0);
    PX_ASSERT(slices > 0);
    if (above <= 0)
        return 1;
    int64_t slice = above * slices / range + 1;
    return (uint8_t)(slice > slices ? slices : slice);
}
