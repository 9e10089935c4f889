/* service.h: the daemon review-cycle, and the rows of its tables (service.c). */
#ifndef PRAXIS_REVIEW_CYCLE_SERVICE_H
#define PRAXIS_REVIEW_CYCLE_SERVICE_H

#include "common/service.h"
#include "services/review-cycle/state.h"

extern const px_service px_review_cycle_service;

/* decide.c */
px_decider_fn decide_define_scale;
px_decider_fn decide_define_cycle;
px_decider_fn decide_move_cycle;

/* decide_review.c */
px_decider_fn decide_submit_review;
px_decider_fn decide_withdraw_review;

/** Refused unless the cycle is known and open for reviews. */
px_verdict review_check_open(const px_view *state, const px_submission *sub, const char *cycle_id,
                             cycle_record *cycle);

/* decide_strategy.c */
px_decider_fn decide_declare_strategy_item;
px_decider_fn decide_retire_strategy_item;

/* decide_template.c */
px_decider_fn decide_define_template;

/* evolve.c */
px_evolver_fn evolve_scale_defined;
px_evolver_fn evolve_cycle_defined;
px_evolver_fn evolve_phase_changed;
px_evolver_fn evolve_review_submitted;
px_evolver_fn evolve_review_withdrawn;
px_evolver_fn evolve_strategy_item_declared;
px_evolver_fn evolve_strategy_item_retired;

/* evolve_score.c */
px_evolver_fn evolve_template_defined;
px_evolver_fn evolve_score_computed;
px_evolver_fn evolve_matrix_placed;

/* reconcile.c */
px_reconciler_fn reconcile_strategy_item;

/* reconcile_score.c */
px_reconciler_fn reconcile_score;

/* project.c */
px_evolver_fn review_project_person_recorded;
px_evolver_fn review_project_person_erased;
px_evolver_fn review_project_competency_defined;
px_evolver_fn review_project_competency_replaced;
px_evolver_fn review_project_role_defined;
px_evolver_fn review_project_role_assigned;

/* publish.c */
/** Whether the person was erased between the decision and its batch. */
bool review_is_gone(const px_view *state, const px_fact *fact, const char *person_id);
px_publisher_fn publish_scale_defined;
px_publisher_fn publish_cycle_defined;
px_publisher_fn publish_phase_changed;
px_publisher_fn publish_review_submitted;
px_publisher_fn publish_review_withdrawn;
px_publisher_fn publish_strategy_item_declared;
px_publisher_fn publish_strategy_item_retired;
px_publisher_fn effect_comment_key_of_erased_person;

/* publish_score.c */
px_publisher_fn publish_template_defined;
px_publisher_fn publish_score_computed;
px_publisher_fn publish_matrix_placed;

/* query.c */
px_query_fn query_get_cycle;
px_query_fn query_get_review;
px_query_fn query_get_person_score;

#endif
