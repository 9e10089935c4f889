/* estimate.c: what each kind of evidence does to a level. The same code hears it for the first time
 * and again after a withdrawal. */
#include "services/competency/estimate.h"

#include <string.h>

#include "common/status.h"

/* A quarter of a year: long enough to see in daily work what was learned. */
static const int64_t FOLLOW_UP_US = INT64_C(91) * 86400 * 1000000;
static const int64_t ANSWERS_US = INT64_C(14) * 86400 * 1000000;

static double zone_of(const standing *s, const evidence *e)
{
    px_level level = s->level;

    if (!s->known)
        px_level_init(&level, px_days(e->at_us));
    return px_zone(level.mean[PX_THETA] + level.mean[PX_EFFECT], e->low, e->high);
}

static px_completion completion_of(const standing *s, const evidence *e)
{
    px_completion c = { .days = px_days(e->at_us),
                        .z = e->share * zone_of(s, e),
                        .effect = e->effect };

    memcpy(c.item, e->item, sizeof c.item);
    return c;
}

bool standing_must_harvest(const standing *s, const evidence *completion)
{
    px_completion c = completion_of(s, completion);

    return s->known && px_level_must_harvest(&s->level, &c);
}

/* Anything may be the first that is heard; from then on the level grows older. */
static void begin(standing *s, int64_t at_us)
{
    if (!s->known)
        px_level_init(&s->level, px_days(at_us));
    s->known = true;
}

static void begin_with(standing *s, int64_t at_us)
{
    if (!s->known || at_us > s->as_of_us)
        s->as_of_us = at_us;
    begin(s, at_us);
}

static px_heard hear_rating(standing *s, const evidence *e)
{
    px_rating rating = { .days = px_days(e->at_us),
                         .value = e->value,
                         .source = e->source,
                         .rater_bias = e->rater_bias,
                         .source_bias = e->source_bias };

    memcpy(rating.rater, e->rater, sizeof rating.rater);
    begin_with(s, e->at_us);
    px_heard heard = px_level_rate(&s->level, &rating);

    /* Raters are asked when 91 days are over: the first answer gives the others two weeks. */
    if (s->follow_up_us && s->level.pending_seen == 1 && e->at_us >= s->follow_up_us)
        s->follow_up_us = e->at_us + ANSWERS_US;
    return heard;
}

/* Items that hardly touch the person's level leave no trace in it. */
static void hear_completion(standing *s, const evidence *e)
{
    px_completion c = completion_of(s, e);

    begin(s, e->at_us);
    if (px_level_must_harvest(&s->level, &c))
        px_level_harvest(&s->level, c.days, NULL); /* in a refold: items were learned of once */
    uint32_t pending = s->level.pending_count;
    px_level_complete(&s->level, &c);
    if (s->level.pending_count == pending)
        return;
    begin_with(s, e->at_us);
    s->completions++;
    s->follow_up_us = e->at_us + FOLLOW_UP_US;
    if (s->follow_up_us < 1)
        s->follow_up_us = 1; /* completed before 1970: at once */
}

static void hear_follow_up(standing *s)
{
    if (s->known)
        px_level_harvest(&s->level, s->level.days, NULL);
    s->follow_up_us = 0;
}

px_heard standing_hear(standing *s, const evidence *e)
{
    px_heard heard = { .rater_bias = e->rater_bias, .source_bias = e->source_bias };

    switch (e->kind) {
    case EVIDENCE_RATING:
        return hear_rating(s, e);
    case EVIDENCE_TAG:
        begin_with(s, e->at_us);
        px_level_tag(&s->level, px_days(e->at_us), (int)e->value);
        return heard;
    case EVIDENCE_ASSESSMENT:
        begin_with(s, e->at_us);
        px_level_assess(&s->level, px_days(e->at_us), e->value);
        return heard;
    case EVIDENCE_CERTIFICATE:
        begin_with(s, e->at_us);
        px_level_certify(&s->level, px_days(e->at_us), e->value);
        return heard;
    case EVIDENCE_COMPLETION:
        hear_completion(s, e);
        return heard;
    case EVIDENCE_FOLLOW_UP:
        hear_follow_up(s);
        return heard;
    }
    return heard;
}

bool evidence_is_protected(const evidence *e)
{
    return e->kind == EVIDENCE_TAG ||
           (e->kind == EVIDENCE_RATING && (e->source == PX_PEER || e->source == PX_REPORT));
}

static bool says_anything(const standing *s)
{
    uint32_t pieces = s->completions;

    for (size_t i = 0; i < PX_EVIDENCE_COUNT; i++)
        pieces += s->level.counts[i];
    return s->known && pieces > 0;
}

figures standing_figures(const standing *s)
{
    if (!says_anything(s))
        return (figures){ 0 };

    px_estimate now = px_level_estimate(&s->level, s->level.days);
    const uint32_t *counts = s->level.counts;
    return (figures){ .known = true,
                      .mu = now.mu,
                      .var = now.var,
                      .as_of_us = s->as_of_us,
                      .self = counts[PX_SELF],
                      .manager = counts[PX_MANAGER],
                      .peer = counts[PX_PEER],
                      .report = counts[PX_REPORT],
                      .other = counts[PX_TAG] + counts[PX_TEST] + counts[PX_CERTIFICATE] +
                               s->completions,
                      .raters = now.raters,
                      .assessed = now.assessed };
}

px_estimate figures_estimate(const figures *f)
{
    /* A level of these two moments, so that common/method says what they mean. */
    px_level level = { .mean = { [PX_THETA] = f->mu } };

    level.cov[PX_THETA][PX_THETA] = f->var;
    px_estimate out = px_level_estimate(&level, level.days);
    if (f->var == 0.0) { /* by a policy: it is what it is */
        out.var = out.sd = 0.0;
        out.low = out.high = f->mu;
    }
    out.raters = f->raters;
    out.assessed = f->assessed;
    out.more_evidence = f->raters < 2 || out.sd > 0.60;
    return out;
}
