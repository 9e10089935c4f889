/* effect.c: the effect slot of the level filter: completions go in, what the ratings say comes out.
 */
#include "common/effect.h"

#include <math.h>
#include <string.h>

#include "common/status.h"

static const double Z_MIN = 0.05;
static const double JOIN_DAYS = 7.0;

static double clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

px_effect px_effect_start(px_item_kind kind, double hours)
{
    double p = 0.0;

    switch (kind) {
    case PX_COURSE:
        p = 0.30 * sqrt(hours / 10.0);
        break;
    case PX_TASK:
        p = 0.22 * sqrt(hours / 10.0);
        break;
    case PX_MENTOR:
        p = 0.20;
        break;
    case PX_MICRO:
        p = 0.035;
        break;
    }
    return (px_effect){ p, (kind == PX_MENTOR ? 0.15 : 2.0) * p * p, 0.5 * p * p };
}

double px_zone(double mu, double low, double high)
{
    double distance = mu < low ? low - mu : mu > high ? mu - high : 0.0;

    return clamp(1.0 - distance / 0.75, 0.0, 1.0);
}

double px_mentor_done(double mentor_mu, double mu)
{
    return clamp(mentor_mu - mu, 0.2, 1.5);
}

static bool counts(const px_completion *completion)
{
    return completion->z >= Z_MIN;
}

static bool is_pending(const px_level *level, const px_completion *completion)
{
    for (uint32_t i = 0; i < level->pending_count; i++)
        if (!memcmp(level->pending[i].item, completion->item, PX_METHOD_ID))
            return true;
    return false;
}

bool px_level_must_harvest(const px_level *level, const px_completion *completion)
{
    double days = completion->days > level->days ? completion->days : level->days;

    if (level->pending_count == 0 || !counts(completion))
        return false;
    return level->pending_seen > 0 || days - level->pending_days > JOIN_DAYS ||
           level->pending_count == PX_PENDING_MAX || is_pending(level, completion);
}

void px_level_complete(px_level *level, const px_completion *completion)
{
    PX_ASSERT(!px_level_must_harvest(level, completion));
    if (!counts(completion))
        return;
    px_level_advance(level, completion->days);
    if (level->pending_count == 0)
        level->pending_days = level->days;

    const px_effect *effect = &completion->effect;
    double z = completion->z;
    px_pending *pending = &level->pending[level->pending_count++];
    memcpy(pending->item, completion->item, PX_METHOD_ID);
    pending->z = z;
    level->mean[PX_EFFECT] += effect->mean * z;
    level->cov[PX_EFFECT][PX_EFFECT] += (effect->var + effect->spread) * z * z;
    level->effect_mean0 = level->mean[PX_EFFECT];
    level->effect_var0 = level->cov[PX_EFFECT][PX_EFFECT];
    level->pending_seen = 0;
}

/* Divides the belief of the completion out of the belief of now: the likelihood of the new ratings.
 */
static px_harvest measure(const px_level *level)
{
    double now = level->cov[PX_EFFECT][PX_EFFECT];
    double then = level->effect_var0;
    px_harvest out = { .items = level->pending_count };

    for (uint32_t i = 0; i < level->pending_count; i++)
        out.z += level->pending[i].z;
    if (level->pending_seen == 0 || !(now < then) || then < 1e-4)
        return out;
    out.measured = true;
    out.var = 1.0 / (1.0 / now - 1.0 / then);
    out.gain = (level->mean[PX_EFFECT] / now - level->effect_mean0 / then) * out.var;
    return out;
}

static void learn_effects(const px_level *level, const px_harvest *harvest, px_effect *effects)
{
    double s = 2.0 * harvest->var;
    double r = harvest->gain;

    for (uint32_t i = 0; i < level->pending_count; i++) {
        double z = level->pending[i].z;

        s += (effects[i].var + effects[i].spread) * z * z;
        r -= effects[i].mean * z;
    }
    for (uint32_t i = 0; i < level->pending_count; i++) {
        double z = level->pending[i].z;
        double gain = effects[i].var * z / s;

        effects[i].mean += gain * r;
        effects[i].var *= 1.0 - gain * z;
    }
}

/* theta += a: exact for mean and covariance; the effect is part of the level from here on. */
static void fold_effect(px_level *level)
{
    uint32_t n = PX_SLOT0 + level->slot_count;

    level->mean[PX_THETA] += level->mean[PX_EFFECT];
    level->cov[PX_THETA][PX_THETA] +=
        level->cov[PX_EFFECT][PX_EFFECT] + 2.0 * level->cov[PX_THETA][PX_EFFECT];
    for (uint32_t j = PX_SLOT0; j < n; j++) {
        level->cov[PX_THETA][j] += level->cov[PX_EFFECT][j];
        level->cov[j][PX_THETA] = level->cov[PX_THETA][j];
    }
    level->mean[PX_EFFECT] = 0.0;
    for (uint32_t j = 0; j < n; j++)
        level->cov[PX_EFFECT][j] = level->cov[j][PX_EFFECT] = 0.0;
    level->pending_count = 0;
    level->pending_seen = 0;
    level->pending_days = level->effect_mean0 = level->effect_var0 = 0.0;
    memset(level->pending, 0, sizeof level->pending);
}

px_harvest px_level_harvest(px_level *level, double days, px_effect *effects)
{
    px_harvest out = { 0 };

    px_level_advance(level, days);
    if (level->pending_count == 0)
        return out;
    out = measure(level);
    if (out.measured && effects)
        learn_effects(level, &out, effects);
    fold_effect(level);
    return out;
}
