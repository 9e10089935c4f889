/* score.h: a score out of weighted parts, and its slice of the scale: whole numbers only, so that
 * everybody who checks it by hand gets the same. */
#ifndef PRAXIS_REVIEW_CYCLE_SCORE_H
#define PRAXIS_REVIEW_CYCLE_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCORE_FORMULA_VERSION = 1,
    SCORE_SLICE_RULE_VERSION = 1,
    SCORE_WEIGHTS_TOTAL = 10000, /* 100.00 % */
    SCORE_SLICES_DEFAULT = 3
};

/** One part: a rating with its weight. */
typedef struct {
    uint8_t facet;             /* Facet of the contract */
    bool counts;               /* rated, and applicable */
    uint32_t weight;           /* hundredths of a percent */
    int32_t value;             /* of the scale */
    const char *criterion_id;  /* "" for the overall rating */
    const char *competency_id; /* "" for none */
} score_part;

/** In hundredths of a scale value. Not known = nothing was rated, which is not 0. */
typedef struct {
    bool known;
    int32_t hundredths;
} score;

/**
 * The mean of the facet's parts that count, each by its weight: parts without a rating drop out,
 * and the rest share their weight. To hundredths; a half goes away from zero.
 */
score score_of(const score_part *parts, size_t count, uint8_t facet);

/** The mean of both, or the one that is known; to hundredths, a half away from zero. */
score score_mean(score a, score b);

/**
 * The slice, from 1, that a score falls into when [low, high] (scale values, low < high) is cut
 * into equal slices. The lower edge belongs to a slice; the top edge to the last.
 */
uint8_t score_slice(int32_t hundredths, int32_t low, int32_t high, uint8_t slices);

#endif
