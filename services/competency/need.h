/* need.h: rows of service.c about needs that many people share. */
#ifndef PRAXIS_COMPETENCY_NEED_H
#define PRAXIS_COMPETENCY_NEED_H

#include "common/service.h"

px_decider_fn decide_set_need_detector;
px_evolver_fn evolve_need_detector_set;
px_evolver_fn evolve_latent_need_detected;
px_reconciler_fn reconcile_need;
px_publisher_fn publish_need_detector_set;
px_publisher_fn publish_latent_need_detected;

#endif
