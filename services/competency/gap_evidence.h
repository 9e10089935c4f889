/* gap_evidence.h: what a gap is said to rest on: the last pieces behind the level, by id. */
#ifndef PRAXIS_COMPETENCY_GAP_EVIDENCE_H
#define PRAXIS_COMPETENCY_GAP_EVIDENCE_H

#include "services/competency/state.h"

enum { GAP_EVIDENCE_MAX = 8 };

/** Ids of reviews, feedback, tests, certificates and items, oldest first. */
typedef struct {
    size_t count;
    char ids[GAP_EVIDENCE_MAX][PX_ID_SIZE];
} evidence_ids;

/** Those that may be named in public, and those that stay in the log: of peers, reports and givers
 * of feedback. Only what was heard up to the number `through` counts. */
void gap_evidence(const px_view *state, const level_key *key, uint64_t through, evidence_ids *open,
                  evidence_ids *secret);

#endif
