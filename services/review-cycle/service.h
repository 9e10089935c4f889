/* service.h: the daemon review-cycle, and the rows of its tables (service.c). */
#ifndef PRAXIS_REVIEW_CYCLE_SERVICE_H
#define PRAXIS_REVIEW_CYCLE_SERVICE_H

#include "common/service.h"

extern const px_service px_review_cycle_service;

/* decide.c */
px_decider_fn decide_define_scale;
px_decider_fn decide_define_cycle;
px_decider_fn decide_move_cycle;

/* decide_review.c */
px_decider_fn decide_submit_review;
px_decider_fn decide_withdraw_review;

/* decide_strategy.c */
px_decider_fn decide_declare_strategy_item;
px_decider_fn decide_retire_strategy_item;

/* evolve.c */
px_evolver_fn evolve_scale_defined;
px_evolver_fn evolve_cycle_defined;
px_evolver_fn evolve_phase_changed;
px_evolver_fn evolve_review_submitted;
px_evolver_fn evolve_review_withdrawn;
px_evolver_fn evolve_strategy_item_declared;
px_evolver_fn evolve_strategy_item_retired;

/* reconcile.c */
px_reconciler_fn reconcile_strategy_item;

/* project.c */
px_evolver_fn review_project_person_recorded;
px_evolver_fn review_project_person_erased;
px_evolver_fn review_project_competency_defined;

/* publish.c */
px_publisher_fn publish_scale_defined;
px_publisher_fn publish_cycle_defined;
px_publisher_fn publish_phase_changed;
px_publisher_fn publish_review_submitted;
px_publisher_fn publish_review_withdrawn;
px_publisher_fn publish_strategy_item_declared;
px_publisher_fn publish_strategy_item_retired;
px_publisher_fn effect_comment_key_of_erased_person;

/* query.c */
px_query_fn query_get_cycle;
px_query_fn query_get_review;

#endif
