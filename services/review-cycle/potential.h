/* potential.h: how far somebody could go, by who may say so. */
#ifndef PRAXIS_REVIEW_CYCLE_POTENTIAL_H
#define PRAXIS_REVIEW_CYCLE_POTENTIAL_H

#include "common/service.h"
#include "services/review-cycle/state_score.h"

/** Rows of service.c; nothing of it is published. */
px_decider_fn decide_rate_potential;
px_evolver_fn evolve_potential_rated;

/** In hundredths, as scores are; not known when nobody said so. */
score review_state_get_potential(const px_view *state, const char *tenant, const char *cycle_id,
                                 const char *person_id);
/** Forgets all of a person's. */
void review_state_drop_potential(px_txn *state, const char *tenant, const char *person_id);

#endif
