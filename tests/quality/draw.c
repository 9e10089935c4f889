/* draw.c: splitmix64 (Steele, Lea & Flood 2014), chained. */
#include "tests/quality/draw.h"

#include <math.h>

static uint64_t splitmix64(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t draw_hash(uint64_t seed, draw_purpose purpose, uint32_t a, uint32_t b, uint32_t c,
                   uint32_t d)
{
    uint64_t h = splitmix64(seed);

    h = splitmix64(h + (uint64_t)purpose);
    h = splitmix64(h + a);
    h = splitmix64(h + b);
    h = splitmix64(h + c);
    return splitmix64(h + d);
}

double draw_uniform(uint64_t hash)
{
    return (double)(hash >> 11) / 9007199254740992.0;
}

uint32_t draw_below(uint64_t hash, uint32_t n)
{
    return (uint32_t)(draw_uniform(hash) * (double)n);
}

double draw_normal(uint64_t hash, double variance)
{
    double sum = 0.0;

    for (uint32_t i = 0; i < 4; i++) {
        hash = splitmix64(hash);
        for (uint32_t part = 0; part < 3; part++) {
            uint64_t bits = (hash >> (21 * part)) & 0x1fffff;

            sum += ((double)bits + 0.5) / 2097152.0;
        }
    }
    return (sum - 6.0) * sqrt(variance);
}
