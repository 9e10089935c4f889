/* draw.h: every chance of the simulated world is a hash of what it is for, so that two policies on
 * one seed meet the same noise. */
#ifndef PRAXIS_TESTS_QUALITY_DRAW_H
#define PRAXIS_TESTS_QUALITY_DRAW_H

#include <stdint.h>

/** What a draw is for. */
typedef enum {
    DRAW_WEIGHT = 1,
    DRAW_TARGET,
    DRAW_ROLE,
    DRAW_PERSON,
    DRAW_SKILL,
    DRAW_DRIFT,
    DRAW_IN_USE,
    DRAW_FACET,
    DRAW_TEST_BIAS,
    DRAW_ITEM,
    DRAW_EFFECT,
    DRAW_MAIN,
    DRAW_HALO,
    DRAW_DYAD,
    DRAW_SPREAD,
    DRAW_NOISE,
    DRAW_SIDE,
    DRAW_EVENT,
    DRAW_WEEK,
    DRAW_ANSWER,
    DRAW_PEER,
    DRAW_KEEP,
    DRAW_TAG,
    DRAW_TEST,
    DRAW_FINISH,
    DRAW_RESPONSE,
    DRAW_PLAN,
    DRAW_SUBSET
} draw_purpose;

/** A chain of splitmix64 over the seed, the purpose and up to four numbers. */
uint64_t draw_hash(uint64_t seed, draw_purpose purpose, uint32_t a, uint32_t b, uint32_t c,
                   uint32_t d);
/** The top 53 bits as a number in 0..1. */
double draw_uniform(uint64_t hash);
/** 0..n-1. */
uint32_t draw_below(uint64_t hash, uint32_t n);
/** Mean 0: the sum of twelve uniforms of 21 bits. */
double draw_normal(uint64_t hash, double variance);

#endif
