/* draw.h: random draws of the demo as hashes, so that none depends on the order of drawing. */
#ifndef PRAXIS_SERVICES_PRAXIS_DRAW_H
#define PRAXIS_SERVICES_PRAXIS_DRAW_H

#include <stdint.h>

/** What is drawn. A number once given stays: another one changes every demo. */
typedef enum {
    PX_DRAW_ROLE = 1,
    PX_DRAW_ABILITY,    /* of a person in everything */
    PX_DRAW_STRENGTH,   /* of a person in one skill */
    PX_DRAW_PEER,       /* order of colleagues */
    PX_DRAW_THIRD_PEER, /* whether there is one */
    PX_DRAW_REPORT,     /* order of those who report */
    PX_DRAW_RATES,      /* whether a rater rates a skill */
    PX_DRAW_HOUR,       /* of a review */
    PX_DRAW_LENIENCY,   /* of a rater */
    PX_DRAW_DYAD,       /* of a rater about a person */
    PX_DRAW_NOISE,      /* of one rating */
    PX_DRAW_FEEDBACK,   /* whether a person gets some */
    PX_DRAW_FEEDBACK_FROM,
    PX_DRAW_FEEDBACK_SKILL,
    PX_DRAW_FEEDBACK_HOUR,
    PX_DRAW_FEEDBACK_NOISE,
    PX_DRAW_FEEDBACK_TEXT,
    PX_DRAW_FINISHES, /* whether a person completes an item */
    PX_DRAW_USELESS,  /* whether an item teaches nothing */
    PX_DRAW_EFFECT    /* how much an item teaches */
} px_draw_purpose;

enum { PX_DRAW_IDS = 5 };

/** One draw: its purpose and the numbers of what it is about; those left out are 0. */
typedef struct {
    px_draw_purpose purpose;
    uint64_t ids[PX_DRAW_IDS];
} px_draw;

/** 64 bits: h = seed, then h = splitmix64(h ^ a) for the purpose and each id. */
uint64_t px_draw_hash(uint64_t seed, px_draw draw);
/** Uniform in [0, 1): the top 53 bits. */
double px_draw_uniform(uint64_t seed, px_draw draw);
/** Uniform in 0 .. count - 1. */
uint32_t px_draw_below(uint64_t seed, px_draw draw, uint32_t count);
/** Mean 0 and this variance: the sum of twelve uniforms, less 6. */
double px_draw_normal(uint64_t seed, px_draw draw, double variance);

#endif
