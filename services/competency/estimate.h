/* estimate.h: from evidence to a level: common/method and common/effect, one piece at a time. */
#ifndef PRAXIS_COMPETENCY_ESTIMATE_H
#define PRAXIS_COMPETENCY_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/effect.h"
#include "common/method.h"
#include "common/people.h"

/** Kinds of evidence rows. Storage format: only add. */
typedef enum {
    EVIDENCE_RATING = 1,
    EVIDENCE_TAG = 2,
    EVIDENCE_ASSESSMENT = 3,
    EVIDENCE_COMPLETION = 4,
    EVIDENCE_FOLLOW_UP =
        5, /* completed learning was looked at: no evidence, but it has its place */
    EVIDENCE_CERTIFICATE = 6
} evidence_kind;

/** One piece of evidence with all that it takes to hear it again; what a kind has no use for is 0.
 */
typedef struct {
    evidence_kind kind;
    char ref[PX_ID_SIZE]; /* review, feedback, assessment, item or certificate */
    int64_t at_us;        /* when it happened */
    double value;         /* rating and score on 1..5; tone of a tag, -1, 0 or +1 */
    bool history;         /* taken over from another system; not kept */

    /* A rating: who, and what was known of them. */
    px_evidence source;
    uint8_t rater[PX_METHOD_ID];
    px_bias rater_bias, source_bias;

    /* A completion: the item, what it was made for, and what was known of its effect. */
    uint8_t item[PX_METHOD_ID];
    double share, low, high;
    px_effect effect;
} evidence;

/** All that was heard of one competency of one person; all zero when nothing was. */
typedef struct {
    bool known; /* anything heard and not withdrawn, be it without weight */
    px_level level;
    uint32_t completions;
    int64_t as_of_us;     /* latest time of anything heard */
    int64_t follow_up_us; /* when pending learning is looked at; 0 when none is pending */
} standing;

/** Hears one piece. A rating that opens a rater's slot teaches about rater and source: `heard`. */
px_heard standing_hear(standing *s, const evidence *e);
/** Whether pending learning has to be looked at (harvested) before this completion is heard. */
bool standing_must_harvest(const standing *s, const evidence *completion);
/** True for what only peers or reports say, and for feedback: its giver is never named. */
bool evidence_is_protected(const evidence *e);

/** A level as it is said: LevelEstimate of the facts. */
typedef struct {
    bool known;
    double mu, var;
    int64_t as_of_us;
    uint32_t self, manager, peer, report, other; /* pieces of evidence by source */
    uint32_t raters;                             /* distinct, other than the person */
    bool assessed; /* at least one rating by others, assessment or certificate */
} figures;

/** As of the last evidence: without drift, so that nothing is said because of time alone. */
figures standing_figures(const standing *s);
/** The statistics of figures: deviation, interval, confidence. */
px_estimate figures_estimate(const figures *f);

#endif
