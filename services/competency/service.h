/* service.h: the daemon competency, and the rows of its tables (service.c). */
#ifndef PRAXIS_COMPETENCY_SERVICE_H
#define PRAXIS_COMPETENCY_SERVICE_H

#include "common/service.h"

extern const px_service px_competency_service;

/* decide.c */
px_decider_fn decide_define_competency;
px_decider_fn decide_define_role;
px_decider_fn decide_set_role_target;
px_decider_fn decide_assign_role;
px_decider_fn decide_record_assessment;
/** PX_REASON_NONE when the person is known and has not left. */
px_reason competency_is_away(const px_view *state, const px_submission *sub, const char *person_id);

/* decide_evidence.c */
px_decider_fn decide_record_evidence;
px_decider_fn decide_supersede_evidence;
px_decider_fn decide_submit_prior_learning;
px_decider_fn decide_review_prior_learning;
px_decider_fn decide_set_competency_rule;
px_decider_fn decide_set_level_policy;

/* decide_framework.c */
px_decider_fn decide_define_framework;
px_decider_fn decide_rename_competency;
px_decider_fn decide_merge_competencies;
px_decider_fn decide_split_competency;
px_decider_fn decide_retire_competency;

/* evolve_framework.c */
px_evolver_fn evolve_framework_defined;
px_evolver_fn evolve_competency_replaced;

/* publish_framework.c */
px_publisher_fn publish_framework_defined;
px_publisher_fn publish_competency_replaced;

/* query_framework.c */
px_query_fn query_get_framework;
px_query_fn query_get_competency;
px_query_fn query_list_competencies;
/* decide_potential.c */
px_decider_fn decide_define_high_potential_rule;
px_decider_fn decide_confirm_high_potential;
px_decider_fn decide_decline_high_potential;

/* evolve.c */
px_evolver_fn evolve_competency_defined;
px_evolver_fn evolve_role_defined;
px_evolver_fn evolve_role_target_set;
px_evolver_fn evolve_role_assigned;
px_evolver_fn evolve_assessment_recorded;
px_evolver_fn evolve_level_changed;
px_evolver_fn evolve_gap_opened;
px_evolver_fn evolve_gap_changed;
px_evolver_fn evolve_gap_closed;
px_evolver_fn evolve_effect_observed;

/* evolve_evidence.c */
px_evolver_fn evolve_evidence_recorded;
px_evolver_fn evolve_evidence_superseded;
px_evolver_fn evolve_prior_learning_submitted;
px_evolver_fn evolve_prior_learning_reviewed;
px_evolver_fn evolve_competency_rule_set;
px_evolver_fn evolve_attainment_changed;
px_evolver_fn evolve_competency_expiring;
px_evolver_fn evolve_rule_outcome;
px_evolver_fn evolve_level_policy_set;

/* evolve_potential.c */
px_evolver_fn evolve_high_potential_rule_defined;
px_evolver_fn evolve_high_potential_suggested;
px_evolver_fn evolve_high_potential_confirmed;
px_evolver_fn evolve_high_potential_declined;
px_evolver_fn evolve_high_potential_lapsed;
px_evolver_fn competency_project_matrix_placed;

/* project.c */
px_evolver_fn competency_project_person_recorded;
px_evolver_fn competency_project_unit_recorded;
px_evolver_fn competency_project_person_erased;
px_evolver_fn competency_project_feedback_given;
px_evolver_fn competency_project_feedback_withdrawn;
px_evolver_fn competency_project_phase_changed;
px_evolver_fn competency_project_review_submitted;
px_evolver_fn competency_project_review_withdrawn;
px_evolver_fn competency_project_strategy_item_declared;
px_evolver_fn competency_project_strategy_item_retired;
px_evolver_fn competency_project_item_completed;
px_evolver_fn competency_project_prompt_answered;
px_evolver_fn competency_project_completion_voided;

/* reconcile.c */
px_reconciler_fn reconcile_level;
px_reconciler_fn reconcile_follow_up;

/* reconcile_attainment.c */
px_reconciler_fn reconcile_attainment;

/* reconcile_completion.c */
px_reconciler_fn reconcile_completion;
/* reconcile_potential.c */
px_reconciler_fn reconcile_potential;

/* publish.c */
px_publisher_fn publish_competency_defined;
px_publisher_fn publish_role_defined;
px_publisher_fn publish_role_target_set;
px_publisher_fn publish_role_assigned;
px_publisher_fn publish_assessment_recorded;
px_publisher_fn publish_level_changed;
px_publisher_fn publish_gap_opened;
px_publisher_fn publish_gap_changed;
px_publisher_fn publish_gap_closed;
px_publisher_fn publish_effect_observed;
px_publisher_fn publish_high_potential_rule_defined;

/* publish_evidence.c */
px_publisher_fn publish_evidence_recorded;
px_publisher_fn publish_evidence_superseded;
px_publisher_fn publish_prior_learning_submitted;
px_publisher_fn publish_prior_learning_reviewed;
px_publisher_fn publish_competency_rule_set;
px_publisher_fn publish_attainment_changed;
px_publisher_fn publish_competency_expiring;
px_publisher_fn publish_competency_expired;
px_publisher_fn publish_rule_outcome;
px_publisher_fn publish_level_policy_set;

/* query.c */
px_query_fn query_get_profile;
px_query_fn query_get_role;

/* query_potential.c */
px_query_fn query_get_high_potentials;

#endif
