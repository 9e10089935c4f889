/* chance.h: every choice of a run comes from its seed, the same on every machine. */
#ifndef PRAXIS_TESTS_SIMULATOR_CHANCE_H
#define PRAXIS_TESTS_SIMULATOR_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t state;
} chance;

static inline chance chance_of_seed(uint64_t seed)
{
    return (chance){ seed };
}

/** SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014. */
static inline uint64_t chance_next(chance *c)
{
    uint64_t z = c->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/** 0 .. below - 1; below > 0. The bias is far below what a simulation could notice. */
static inline unsigned chance_below(chance *c, unsigned below)
{
    return (unsigned)(chance_next(c) >> 33) % below;
}

static inline int64_t chance_between(chance *c, int64_t from, int64_t to)
{
    return from + (int64_t)(chance_next(c) % (uint64_t)(to - from + 1));
}

/** True so many times in ten thousand. */
static inline bool chance_hits(chance *c, unsigned in_ten_thousand)
{
    return chance_below(c, 10000) < in_ten_thousand;
}

#endif
