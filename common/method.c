/* method.c: the level filter. Loop order is fixed everywhere: the same sums in the same order. */
#include "common/method.h"

#include <math.h>
#include <string.h>

#include "common/status.h"

static const double PRIOR_LEVEL = 3.0;
static const double PRIOR_VAR = 0.60;
static const double DRIFT_PER_YEAR = 0.30; /* Sturman+ 2005: 1-year stability .67 to .85 */
static const double DRIFT_CAP = 1.20;
static const double VAR_MIN = 1e-6;
static const double Z90 = 1.645;

/* One row of METHOD's table: beta, vs, v at the start; D (this pair), R (this occasion), h. */
typedef struct {
    double source_mean, source_var, rater_var, dyad, noise, h;
} source_row;

static const source_row sources[PX_SOURCE_COUNT] = {
    [PX_MANAGER] = { 0.0, 0.04, 0.20, 0.20, 0.27, 1.0 },
    [PX_PEER] = { 0.10, 0.04, 0.30, 0.30, 0.30, 1.0 },
    [PX_SELF] = { 0.35, 0.04, 0.45, 0.20, 0.27, 0.5 },
    [PX_REPORT] = { 0.10, 0.04, 0.50, 0.50, 0.33, 1.0 },
};

static const source_row *row_of(px_evidence source)
{
    PX_ASSERT((unsigned)source < PX_SOURCE_COUNT);
    return &sources[source];
}

static uint32_t dims(const px_level *level)
{
    return PX_SLOT0 + level->slot_count;
}

static double mu_of(const px_level *level)
{
    return level->mean[PX_THETA] + level->mean[PX_EFFECT];
}

double px_days(int64_t us)
{
    return (double)us / 86400e6;
}

double px_scale_level(double i, uint32_t k)
{
    PX_ASSERT(k >= 2);
    return 1.0 + 4.0 * (i - 1.0) / ((double)k - 1.0);
}

px_bias px_rater_start(px_evidence source)
{
    return (px_bias){ 0.0, row_of(source)->rater_var };
}

px_bias px_source_start(px_evidence source)
{
    return (px_bias){ row_of(source)->source_mean, row_of(source)->source_var };
}

void px_level_init(px_level *level, double days)
{
    memset(level, 0, sizeof *level);
    level->days = days;
    level->mean[PX_THETA] = PRIOR_LEVEL;
    level->cov[PX_THETA][PX_THETA] = PRIOR_VAR;
}

static double drifted(double var, double dt)
{
    double grown = var + DRIFT_PER_YEAR * dt / 365.0;

    if (grown > DRIFT_CAP)
        grown = DRIFT_CAP;
    return grown > var ? grown : var;
}

void px_level_advance(px_level *level, double days)
{
    double dt = days - level->days;

    if (!(dt > 0.0))
        return;
    level->cov[PX_THETA][PX_THETA] = drifted(level->cov[PX_THETA][PX_THETA], dt);
    level->days = days;
}

/* P h, in the fixed order; h has PX_LEVEL_DIMS entries, zero beyond the dimensions in use. */
static void times(const px_level *level, const double h[PX_LEVEL_DIMS], double out[PX_LEVEL_DIMS])
{
    uint32_t n = dims(level);

    for (uint32_t i = 0; i < n; i++) {
        out[i] = 0.0;
        for (uint32_t j = 0; j < n; j++)
            out[i] += level->cov[i][j] * h[j];
    }
}

static double dot(const px_level *level, const double a[PX_LEVEL_DIMS],
                  const double b[PX_LEVEL_DIMS])
{
    double sum = 0.0;

    for (uint32_t i = 0; i < dims(level); i++)
        sum += a[i] * b[i];
    return sum;
}

/* The effect has no variance while nothing is pending; lifting that to the floor would invent some.
 */
static bool in_use(const px_level *level, uint32_t i)
{
    return i != PX_EFFECT || level->pending_count > 0;
}

/* The Kalman step for a surprise e of variance s, with ph = P H'. Upper half computed, then
 * mirrored. */
static void correct(px_level *level, const double ph[PX_LEVEL_DIMS], double e, double s)
{
    uint32_t n = dims(level);

    for (uint32_t i = 0; i < n; i++) {
        double gain = ph[i] / s;

        level->mean[i] += gain * e;
        for (uint32_t j = i; j < n; j++) {
            level->cov[i][j] -= gain * ph[j];
            level->cov[j][i] = level->cov[i][j];
        }
        if (in_use(level, i) && level->cov[i][i] < VAR_MIN)
            level->cov[i][i] = VAR_MIN;
    }
    if (level->pending_count > 0)
        level->pending_seen++;
}

static void remove_slot(px_level *level, uint32_t slot)
{
    uint32_t gone = PX_SLOT0 + slot;
    uint32_t n = dims(level);

    for (uint32_t i = gone; i + 1 < n; i++) {
        level->mean[i] = level->mean[i + 1];
        level->slots[i - PX_SLOT0] = level->slots[i + 1 - PX_SLOT0];
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = gone; j + 1 < n; j++)
            level->cov[i][j] = level->cov[i][j + 1];
    for (uint32_t i = gone; i + 1 < n; i++)
        for (uint32_t j = 0; j < n; j++)
            level->cov[i][j] = level->cov[i + 1][j];

    level->slot_count--;
    level->mean[n - 1] = 0.0;
    memset(&level->slots[n - 1 - PX_SLOT0], 0, sizeof level->slots[0]);
    for (uint32_t i = 0; i < n; i++)
        level->cov[i][n - 1] = level->cov[n - 1][i] = 0.0;
}

static uint32_t find_slot(const px_level *level, const px_rating *rating)
{
    for (uint32_t i = 0; i < level->slot_count; i++) {
        const px_level_slot *slot = &level->slots[i];

        if (slot->source == rating->source && !memcmp(slot->rater, rating->rater, PX_METHOD_ID))
            return i;
    }
    return PX_RATER_SLOTS;
}

static uint32_t least_recent(const px_level *level)
{
    uint32_t oldest = 0;

    for (uint32_t i = 1; i < level->slot_count; i++)
        if (level->slots[i].last_day < level->slots[oldest].last_day)
            oldest = i;
    return oldest;
}

/* The newcomer goes last: with what is known of rater and source, and no covariance to anything. */
static uint32_t open_slot(px_level *level, const px_rating *rating)
{
    if (level->slot_count == PX_RATER_SLOTS)
        remove_slot(level, least_recent(level));

    uint32_t slot = level->slot_count++;
    uint32_t i = PX_SLOT0 + slot;
    memcpy(level->slots[slot].rater, rating->rater, PX_METHOD_ID);
    level->slots[slot].source = rating->source;
    level->mean[i] = rating->source_bias.mean + rating->rater_bias.mean;
    level->cov[i][i] =
        row_of(rating->source)->dyad + rating->rater_bias.var + rating->source_bias.var;
    return slot;
}

/* Halo makes one person's competencies move together: 2 and 10 keep a rater from counting many
 * times. */
static void learn_bias(px_bias *bias, double caution, double e, double s)
{
    double gain = bias->var / (caution * s);

    bias->mean += gain * e;
    bias->var *= 1.0 - gain;
}

static int32_t whole_day(double days)
{
    int32_t day = (int32_t)days;

    return (double)day > days ? day - 1 : day;
}

px_heard px_level_rate(px_level *level, const px_rating *rating)
{
    const source_row *row = row_of(rating->source);
    px_heard heard = { rating->rater_bias, rating->source_bias, 0.0, 0.0 };

    px_level_advance(level, rating->days);
    uint32_t slot = find_slot(level, rating);
    bool fresh = slot == PX_RATER_SLOTS;
    if (fresh)
        slot = open_slot(level, rating);
    level->slots[slot].last_day = whole_day(level->days);
    level->counts[rating->source]++;

    double h[PX_LEVEL_DIMS] = { [PX_THETA] = row->h, [PX_EFFECT] = row->h };
    h[PX_SLOT0 + slot] = 1.0;
    double ph[PX_LEVEL_DIMS];
    times(level, h, ph);
    double s = dot(level, h, ph) + row->noise;
    double before = mu_of(level);
    double expected = row->h * before + (1.0 - row->h) * PRIOR_LEVEL + level->mean[PX_SLOT0 + slot];
    double e = rating->value - expected;

    if (fresh) {
        learn_bias(&heard.rater_bias, 2.0, e, s);
        learn_bias(&heard.source_bias, 10.0, e, s);
    }
    correct(level, ph, e, s);
    heard.surprise = e;
    heard.moved = mu_of(level) - before;
    return heard;
}

/* Evidence without a rater's own error: observes level + effect directly. */
static double observe(px_level *level, double value, double noise)
{
    static const double h[PX_LEVEL_DIMS] = { [PX_THETA] = 1.0, [PX_EFFECT] = 1.0 };
    double ph[PX_LEVEL_DIMS];
    double before = mu_of(level);

    times(level, h, ph);
    correct(level, ph, value - before, dot(level, h, ph) + noise);
    return mu_of(level) - before;
}

double px_level_tag(px_level *level, double days, int tag)
{
    px_level_advance(level, days);
    level->counts[PX_TAG]++;
    return observe(level, 2.8 + 0.9 * (double)tag, 1.3);
}

double px_level_assess(px_level *level, double days, double value)
{
    px_level_advance(level, days);
    level->counts[PX_TEST]++;
    return observe(level, value, 0.25);
}

double px_level_certify(px_level *level, double days, double value)
{
    double x = value + 0.25;

    px_level_advance(level, days);
    level->counts[PX_CERTIFICATE]++;
    return mu_of(level) < x ? observe(level, x, 0.30) : 0.0;
}

/* The person rates the self slots only; one colleague may hold several slots (peer, then manager).
 */
static uint32_t distinct_raters(const px_level *level)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < level->slot_count; i++) {
        bool first = level->slots[i].source != PX_SELF;

        for (uint32_t j = 0; j < i; j++)
            if (level->slots[j].source != PX_SELF &&
                !memcmp(level->slots[i].rater, level->slots[j].rater, PX_METHOD_ID))
                first = false;
        count += first;
    }
    return count;
}

px_estimate px_level_estimate(const px_level *level, double days)
{
    double dt = days - level->days;
    double theta = level->cov[PX_THETA][PX_THETA];
    px_estimate out = { .mu = mu_of(level), .raters = distinct_raters(level) };

    if (dt > 0.0)
        theta = drifted(theta, dt);
    out.var = theta + level->cov[PX_EFFECT][PX_EFFECT] + 2.0 * level->cov[PX_THETA][PX_EFFECT];
    if (out.var < VAR_MIN)
        out.var = VAR_MIN;
    out.sd = sqrt(out.var);
    out.low = out.mu - Z90 * out.sd;
    out.high = out.mu + Z90 * out.sd;
    out.confidence = out.sd <= 0.35   ? PX_CONFIDENCE_HIGH
                     : out.sd <= 0.50 ? PX_CONFIDENCE_MEDIUM
                                      : PX_CONFIDENCE_LOW;
    out.assessed = level->counts[PX_MANAGER] + level->counts[PX_PEER] + level->counts[PX_REPORT] +
                       level->counts[PX_TEST] + level->counts[PX_CERTIFICATE] >
                   0;
    out.more_evidence = out.raters < 2 || out.sd > 0.60;
    return out;
}
