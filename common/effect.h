/* effect.h: what learning did to a level, free of regression to the mean. */
#ifndef PRAXIS_COMMON_EFFECT_H
#define PRAXIS_COMMON_EFFECT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/method.h"

/*
 * People learn what they were rated low in, so the next rating rises anyway. The filter's
 * prediction has that rise in it already; what the later ratings say beyond it is the effect. Rules
 * of method.h hold here. Priors after Arthur+ 2003 (courses) and Jones+ 2016 (coaching).
 */

/** What is known of an item's effect on a competency: m, V, and H = variance between people. */
typedef struct {
    double mean, var, spread;
} px_effect;

typedef enum { PX_COURSE, PX_TASK, PX_MENTOR, PX_MICRO } px_item_kind;
/** Before any result: m = p by kind and hours, V = 2 p^2 (mentor .15 p^2), H = .5 p^2. */
px_effect px_effect_start(px_item_kind kind, double hours);
/** How well an item for levels low..high suits a person at mu: 1 inside, 0 from .75 outside. */
double px_zone(double mu, double low, double high);
/** Factor on z of a mentor's item at completion: clamp(difference, .2, 1.5). */
double px_mentor_done(double mentor_mu, double mu);

/** A finished item; z = its share on this competency * zone (* mentor factor) when finished. */
typedef struct {
    double days;
    uint8_t item[PX_METHOD_ID];
    double z;
    px_effect effect;
} px_completion;

/** What the later ratings alone say (yl, vl, sum of z): impact is reported from this only. */
typedef struct {
    bool measured;
    double gain, var, z;
    uint32_t items;
} px_harvest;

/** True when px_level_harvest must run first: this completion cannot join the pending ones. */
bool px_level_must_harvest(const px_level *level, const px_completion *completion);
/** Adds the believed effect until the follow-up. z < .05 is ignored. Asserts !must_harvest. */
void px_level_complete(px_level *level, const px_completion *completion);
/**
 * Follow-up: learns what the pending items did, folds their effect into the level. None pending:
 * no-op.
 * @param effects  of pending[0..pending_count-1] as known now, updated in place; NULL in a refold
 */
px_harvest px_level_harvest(px_level *level, double days, px_effect *effects);

#endif
