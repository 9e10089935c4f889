/* method.h: the arithmetic two services share: what a rating says of a level. */
#ifndef PRAXIS_COMMON_METHOD_H
#define PRAXIS_COMMON_METHOD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Levels are real numbers on 1..5 ("lv"), variances lv^2, times days (px_days). Everything is a
 * pure fold, O(1) per event, with + - * / sqrt on doubles only, so a replay gives the same bytes on
 * every machine: build with -ffp-contract=off and never with -ffast-math. Callers check input
 * first: values are finite. Sources of the constants: Viswesvaran+ 1996, Conway & Huffcutt 1997 and
 * Salgado 2019 (agreement of raters), Heidemeier & Moser 2009 (self leniency), Scullen+ 2000 (share
 * of the rater's own error), Sturman+ 2005 (stability, hence drift), Piech+ 2013 (learning a
 * rater's bias), Szczecinski & Tihon 2021 (Elo, Glicko and TrueSkill as one Kalman filter).
 * Every key starts at the same prior (no better start from other competencies), and how far "what"
 * and "how" are apart is not kept: both are ratings of one level.
 */
enum {
    PX_THETA,           /* index of the level in mean and cov, */
    PX_EFFECT,          /* of the effect of completed learning (common/effect.h), */
    PX_SLOT0,           /* and of the error of the first remembered rater */
    PX_RATER_SLOTS = 4, /* rater errors a level remembers */
    PX_LEVEL_DIMS = PX_SLOT0 + PX_RATER_SLOTS,
    PX_PENDING_MAX = 6, /* completions waiting for one follow-up */
    PX_METHOD_ID = 16   /* bytes of a hashed rater or item id */
};

/** Kinds of evidence; the first four are the sources of ratings. Storage format: only add. */
typedef enum {
    PX_MANAGER,
    PX_PEER,
    PX_SELF,
    PX_REPORT,
    PX_TAG,
    PX_TEST,
    PX_CERTIFICATE
} px_evidence;
enum { PX_SOURCE_COUNT = 4, PX_EVIDENCE_COUNT = 7 };

/** Leniency of one rater in one source (b, v), or of a whole source (beta, vs); the caller's. */
typedef struct {
    double mean, var;
} px_bias;

typedef struct {
    uint8_t rater[PX_METHOD_ID];
    px_evidence source;
    int32_t last_day;
} px_level_slot;

/** A completed item waiting for the ratings that will tell what it did. */
typedef struct {
    uint8_t item[PX_METHOD_ID];
    double z;
} px_pending;

/**
 * The level of one person in one competency: a Kalman filter over [level, effect of learning not
 * yet followed up, error of each remembered rater]. Plain data; unused parts are zero. Stored by
 * level_record.h.
 */
typedef struct {
    double days; /* of the latest event */
    double mean[PX_LEVEL_DIMS];
    double cov[PX_LEVEL_DIMS][PX_LEVEL_DIMS]; /* symmetric, diagonal >= 1e-6 where in use */
    uint32_t slot_count;
    px_level_slot slots[PX_RATER_SLOTS];
    uint32_t counts[PX_EVIDENCE_COUNT]; /* evidence taken, by kind */
    uint32_t pending_count;
    px_pending pending[PX_PENDING_MAX];
    uint32_t pending_seen;            /* observations since the last completion (pobs) */
    double pending_days;              /* of the first pending completion */
    double effect_mean0, effect_var0; /* the effect as believed at the last completion */
} px_level;

/** One rating and what was known of its rater and source: an evidence row keeps exactly this. */
typedef struct {
    double days;
    double value; /* 1..5, see px_scale_level */
    uint8_t rater[PX_METHOD_ID];
    px_evidence source; /* < PX_SOURCE_COUNT, asserted */
    px_bias rater_bias;
    px_bias source_bias;
} px_rating;

/** What a rating taught. A refold from evidence rows ignores the biases: they were learned once. */
typedef struct {
    px_bias rater_bias;
    px_bias source_bias;
    double surprise; /* e: value minus what was expected */
    double moved;    /* change of the estimate, lv, drift aside */
} px_heard;

/** Microseconds since 1970 as days. */
double px_days(int64_t us);
/** Value i of a scale of k >= 2 values (asserted), i = 1..k, as a level: 1 + 4 (i-1)/(k-1). */
double px_scale_level(double i, uint32_t k);
/** What is believed of a rater, or of a source, of whom nothing was heard yet. */
px_bias px_rater_start(px_evidence source);
px_bias px_source_start(px_evidence source);

/** Level 3.0, variance 0.60, at the time of the first event. Any event may be the first. */
void px_level_init(px_level *level, double days);
/** Drift: variance + 0.30 a year up to 1.20, never less. An earlier time changes nothing. */
void px_level_advance(px_level *level, double days);
/** Takes one rating. A late event (days before the level's) counts at the level's time. */
px_heard px_level_rate(px_level *level, const px_rating *rating);
/** A feedback tag, -1, 0 or +1, observes 2.8 + 0.9 tag. @return change of the estimate, lv */
double px_level_tag(px_level *level, double days, int tag);
/** A test result on the level scale. @return change of the estimate, lv */
double px_level_assess(px_level *level, double days, double value);
/** A valid certificate for `value` observes value + 0.25, and only lifts. @return change, lv */
double px_level_certify(px_level *level, double days, double value);

typedef enum { PX_CONFIDENCE_LOW, PX_CONFIDENCE_MEDIUM, PX_CONFIDENCE_HIGH } px_confidence;

typedef struct {
    double mu, var, sd;
    double low, high;         /* 90 % interval, mu -+ 1.645 sd */
    px_confidence confidence; /* high: sd <= .35, medium: <= .50 */
    uint32_t raters;          /* distinct non-self raters among the remembered slots */
    bool assessed;            /* a non-self rating, an assessment or a certificate */
    bool more_evidence;       /* fewer than two such raters, or sd > .60: ask two colleagues */
} px_estimate;

/** The level as it stands at a time, drift since the latest event included. */
px_estimate px_level_estimate(const px_level *level, double days);

#endif
