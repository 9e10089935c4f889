#include "tests/bench/kit/samples.h"

#include <math.h>
#include <stdlib.h>

#include "common/status.h"

void bench_samples_add(bench_samples *s, int64_t ns)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? s->capacity * 2 : 1024;
        s->ns = realloc(s->ns, s->capacity * sizeof *s->ns);
        PX_ASSERT(s->ns != NULL);
    }
    s->ns[s->count++] = ns;
}

void bench_samples_join(bench_samples *s, const bench_samples *more)
{
    for (size_t i = 0; i < more->count; i++)
        bench_samples_add(s, more->ns[i]);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

    return a < b ? -1 : a > b;
}

double bench_samples_ms(bench_samples *s, double share)
{
    size_t rank;

    if (s->count == 0)
        return 0;
    qsort(s->ns, s->count, sizeof *s->ns, compare);
    rank = (size_t)ceil(share * (double)s->count);
    return (double)s->ns[rank > 0 ? rank - 1 : 0] / 1e6;
}

void bench_samples_free(bench_samples *s)
{
    free(s->ns);
    *s = (bench_samples){ 0 };
}
