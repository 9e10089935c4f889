#include "services/praxis/draw.h"

#include <math.h>

/* Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators". */
static uint64_t splitmix64(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31);
}

static double unit(uint64_t hash)
{
    return (double)(hash >> 11) / 9007199254740992.0; /* 2^53 */
}

uint64_t px_draw_hash(uint64_t seed, px_draw draw)
{
    uint64_t hash = splitmix64(seed ^ (uint64_t)draw.purpose);

    for (int i = 0; i < PX_DRAW_IDS; i++)
        hash = splitmix64(hash ^ draw.ids[i]);
    return hash;
}

double px_draw_uniform(uint64_t seed, px_draw draw)
{
    return unit(px_draw_hash(seed, draw));
}

uint32_t px_draw_below(uint64_t seed, px_draw draw, uint32_t count)
{
    return (uint32_t)(px_draw_uniform(seed, draw) * count);
}

double px_draw_normal(uint64_t seed, px_draw draw, double variance)
{
    uint64_t hash = px_draw_hash(seed, draw);
    double sum = -6;

    for (uint64_t i = 1; i <= 12; i++)
        sum += unit(splitmix64(hash ^ i));
    return sum * sqrt(variance);
}
