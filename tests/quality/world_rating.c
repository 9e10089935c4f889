/* world_rating.c: what raters make of a level: leniency, halo, likes and dislikes, chance. */
#include <math.h>

#include "tests/quality/draw.h"
#include "tests/quality/world.h"

/* True figures by source; what METHOD section 1 lets the filter believe is different on purpose. */
static const struct {
    double bias, main, halo, dyad, noise;
} rows[PX_SOURCE_COUNT] = {
    [PX_MANAGER] = { 0.15, 0.22, 0.11, 0.07, 0.107 },
    [PX_PEER] = { 0.25, 0.33, 0.20, 0.13, 0.137 },
    [PX_SELF] = { 0.50, 0.35, 0.0, 0.20, 0.117 },
    [PX_REPORT] = { 0.20, 0.60, 0.40, 0.24, 0.167 },
};

static uint64_t hash(const world *w, draw_purpose purpose, int a, int b, int c, int d)
{
    return draw_hash(w->seed, purpose, (uint32_t)a, (uint32_t)b, (uint32_t)c, (uint32_t)d);
}

static double spread(const world *w, double variance)
{
    return variance * w->kind.rater_spread * w->kind.rater_spread;
}

double world_leniency(const world *w, int rater, px_evidence source)
{
    uint64_t h = hash(w, DRAW_MAIN, rater, (int)source, 0, 0);

    return draw_normal(h, spread(w, rows[source].main));
}

static double likes(const world *w, int rater, px_evidence source, int key)
{
    uint64_t halo = hash(w, DRAW_HALO, rater, (int)source, key / COMPETENCIES, 0);
    uint64_t dyad = hash(w, DRAW_DYAD, rater, (int)source, key, 0);

    return draw_normal(halo, spread(w, rows[source].halo)) +
           draw_normal(dyad, spread(w, rows[source].dyad));
}

static int rounded(double x)
{
    double nearest = floor(world_clamp(x) + 0.5);

    return (int)(nearest > 5.0 ? 5.0 : nearest);
}

int world_rating(const world *w, int rater, px_evidence source, int key, double level, int week,
                 int nth)
{
    int who = rater * PX_SOURCE_COUNT + (int)source;
    double k = 1.0 + draw_normal(hash(w, DRAW_SPREAD, who, 0, 0, 0), 0.0144);
    bool how = draw_uniform(hash(w, DRAW_SIDE, who, key, week, nth)) < 0.5;
    double facet = how ? -w->facet[key] : w->facet[key];
    double noise = draw_normal(hash(w, DRAW_NOISE, who, key, week, nth), rows[source].noise);
    double years = (double)week / 52.0;

    if (source == PX_SELF)
        k = 0.40;
    return rounded(3.0 + k * (level + facet - 3.0) + rows[source].bias +
                   world_leniency(w, rater, source) + likes(w, rater, source, key) + noise +
                   w->kind.inflation * years);
}

int world_tag(const world *w, int peer, int key, double level, int week)
{
    double z = world_leniency(w, peer, PX_PEER) / sqrt(spread(w, rows[PX_PEER].main));
    double l = level - 2.7 + 0.35 * z + draw_normal(hash(w, DRAW_TAG, peer, key, week, 0), 0.64);

    return l > 0.5 ? 1 : l < -0.5 ? -1 : 0;
}

double world_test(const world *w, int key, double level, int week)
{
    return world_clamp(level + w->test_bias[key] +
                       draw_normal(hash(w, DRAW_TEST, key, week, 0, 0), 0.09));
}
