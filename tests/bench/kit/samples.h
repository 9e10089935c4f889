/* samples.h: durations, and what share of them was at most how long. */
#ifndef PRAXIS_TESTS_BENCH_KIT_SAMPLES_H
#define PRAXIS_TESTS_BENCH_KIT_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/** All zero is empty. */
typedef struct {
    int64_t *ns;
    size_t count;
    size_t capacity;
} bench_samples;

void bench_samples_add(bench_samples *samples, int64_t ns);
/** All of `more` as well. */
void bench_samples_join(bench_samples *samples, const bench_samples *more);
/** The nearest rank, in ms; sorts. @param share 0 < share <= 1; 1 is the longest. 0 when empty. */
double bench_samples_ms(bench_samples *samples, double share);
void bench_samples_free(bench_samples *samples);

#endif
