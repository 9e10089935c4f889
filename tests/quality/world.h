/* world.h: the simulated company: who works for whom, what they are truly able to do, what the
 * catalogue truly does, and what raters make of it. None of this is known to the code under test.
 */
#ifndef PRAXIS_TESTS_QUALITY_WORLD_H
#define PRAXIS_TESTS_QUALITY_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/effect.h"
#include "common/method.h"

enum {
    PEOPLE = 240,
    TEAM = 8,
    BLOCK = 5 * TEAM,
    COMPETENCIES = 12,
    KEYS = PEOPLE * COMPETENCIES, /* one competency of one person */
    ROLES = 6,
    ROLE_COMPETENCIES = 6,
    ITEMS_EACH = 11,
    ITEMS = COMPETENCIES * ITEMS_EACH,
    QUARTERS = 12,
    QUARTER_WEEKS = 13,
    WEEKS = QUARTERS * QUARTER_WEEKS,
    NOBODY = -1
};

/** How a world differs from the plain one. */
typedef struct {
    double rater_spread; /* factor on the deviations of raters: main, halo, dyad */
    double kept;         /* share of ratings that are given at all */
    double inflation;    /* of ratings, levels a year */
    bool only_ratings;   /* no feedback, no assessments */
    bool placebo;        /* no item does anything */
} world_kind;

extern const world_kind world_plain, world_harsh, world_sparse, world_inflated, world_ratings_only,
    world_placebo, world_placebo_level; /* the last: a placebo without inflation */

typedef struct {
    px_item_kind kind;
    double hours;
    double low, high; /* level window */
    int touch_count;
    int competency[2];
    double share[2];
    int required;  /* an item, or NOBODY */
    double effect; /* what it truly does at share 1, level suiting */
} world_item;

typedef struct {
    world_kind kind;
    uint64_t seed;
    double weight[COMPETENCIES];
    double target[ROLES][COMPETENCIES]; /* 0: the role does not need it */
    int role[PEOPLE];
    world_item items[ITEMS];
    bool in_use[KEYS]; /* what is learned stays */
    double facet[KEYS];
    double test_bias[KEYS];
    double base[WEEKS][KEYS];
} world;

/** NULL when there is no memory. Freed with free(). */
world *world_create(uint64_t seed, const world_kind *kind);

int world_key(int person, int competency);
int world_manager(int person);
bool world_manages(int person);
/** The k-th of those who can be asked as peers (of the same block and rank), any k >= 0; different
 * ones for k = 0, 1, 2. */
int world_peer(const world *w, int person, int nonce, int k);
/** Likewise, of the same team; of those who manage, a peer. */
int world_teammate(const world *w, int person, int nonce, int k);
/** The k-th of those who report to a manager, likewise. */
int world_report(const world *w, int person, int nonce, int k);
double world_target(const world *w, int person, int competency);
/** Leniency of a rater towards everybody. */
double world_leniency(const world *w, int rater, px_evidence source);

/** What somebody with this true level is given: 1..5. */
int world_rating(const world *w, int rater, px_evidence source, int key, double level, int week,
                 int nth);
/** -1, 0 or 1. */
int world_tag(const world *w, int peer, int key, double level, int week);
double world_test(const world *w, int key, double level, int week);

/** Share of started items of a kind that people finish. */
double world_finish_rate(px_item_kind kind);
/**
 * What finishing an item adds to the level of one of its competencies.
 * @param mentor_level  of a mentor's item
 * @param prepared      what the item requires is done
 */
double world_gain(const world *w, int person, int item, int touch, double level,
                  double mentor_level, bool prepared, int week);

/** 1..5 */
double world_clamp(double level);

#endif
