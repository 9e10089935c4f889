/* service.h: the daemon learning-recommender, and the rows of its tables (service.c). */
#ifndef PRAXIS_LEARNING_RECOMMENDER_SERVICE_H
#define PRAXIS_LEARNING_RECOMMENDER_SERVICE_H

#include "common/service.h"

extern const px_service px_learning_recommender_service;

/* decide.c */
px_decider_fn decide_define_catalogue_item;
px_decider_fn decide_retire_catalogue_item;
px_decider_fn decide_start_item;
px_decider_fn decide_complete_item;
px_decider_fn decide_decline_item;
px_decider_fn decide_void_completion;

/* decide_plan.c */
px_decider_fn decide_set_plan_policy;
px_decider_fn decide_move_plan;
/* decide_statement.c */
px_decider_fn decide_submit_statement;

/* decide_item.c */
px_decider_fn decide_accept_item;
px_decider_fn decide_swap_item;
px_decider_fn decide_add_item;

/* decide_prompt.c */
px_decider_fn decide_answer_prompt;

/* decide_template.c */
px_decider_fn decide_define_template;
px_decider_fn decide_assign_template;
px_decider_fn decide_unlink_plan;

/* decide_initiative.c */
px_decider_fn decide_declare_initiative;
px_decider_fn decide_end_initiative;

/* decide_mentor.c */
px_decider_fn decide_offer_mentoring;
px_decider_fn decide_answer_mentoring;

/* evolve.c */
px_evolver_fn evolve_catalogue_item_defined;
px_evolver_fn evolve_catalogue_item_retired;
px_evolver_fn evolve_item_started;
px_evolver_fn evolve_item_completed;
px_evolver_fn evolve_item_declined;
px_evolver_fn evolve_completion_voided;
px_evolver_fn evolve_impact_updated;

/* evolve_follow_up.c */
px_evolver_fn evolve_plan_relabelled;

/* evolve_statement.c */
px_evolver_fn evolve_statement_taken;
px_evolver_fn evolve_statement_voided;

/* evolve_plan.c */
px_evolver_fn evolve_plan_proposed;
px_evolver_fn evolve_plan_revised;
px_evolver_fn evolve_plan_ended;

/* evolve_follow_up.c */
px_evolver_fn evolve_follow_up_due;
px_evolver_fn evolve_follow_up_overdue;
px_evolver_fn evolve_follow_up_recorded;

/* evolve_move.c */
px_evolver_fn evolve_plan_policy_set;
px_evolver_fn evolve_plan_moved;

/* evolve_item.c */
px_evolver_fn evolve_item_accepted;
px_evolver_fn evolve_item_chosen;
px_evolver_fn evolve_item_objected;
px_evolver_fn evolve_item_waived;
px_evolver_fn evolve_item_deferred;

/* evolve_prompt.c */
px_evolver_fn evolve_item_due;
px_evolver_fn evolve_prompt_due;
px_evolver_fn evolve_prompt_answered;

/* evolve_template.c */
px_evolver_fn evolve_template_defined;
px_evolver_fn evolve_template_assigned;
px_evolver_fn evolve_template_skipped;

/* evolve_initiative.c */
px_evolver_fn evolve_initiative_declared;
px_evolver_fn evolve_initiative_ended;
px_evolver_fn evolve_initiative_progress;

/* evolve_mentor.c */
px_evolver_fn evolve_mentoring_offered;
px_evolver_fn evolve_mentor_suggested;
px_evolver_fn evolve_mentoring_answered;

/* project.c */
px_evolver_fn learning_project_unit_recorded;
px_evolver_fn learning_project_role_defined;
px_evolver_fn learning_project_person_recorded;
px_evolver_fn learning_project_person_erased;
px_evolver_fn learning_project_review_submitted;
px_evolver_fn learning_project_review_withdrawn;
px_evolver_fn learning_project_strategy_item_declared;
px_evolver_fn learning_project_strategy_item_retired;
px_evolver_fn learning_project_competency_defined;
px_evolver_fn learning_project_role_target_set;
px_evolver_fn learning_project_role_assigned;
px_evolver_fn learning_project_level_changed;
px_evolver_fn learning_project_evidence_recorded;
px_evolver_fn learning_project_evidence_superseded;
px_evolver_fn learning_project_gap_opened;
px_evolver_fn learning_project_gap_changed;
px_evolver_fn learning_project_gap_closed;
px_evolver_fn learning_project_effect_observed;
px_evolver_fn learning_project_high_potential_confirmed;
px_evolver_fn learning_project_high_potential_declined;
px_evolver_fn learning_project_high_potential_lapsed;

/* prerequisite.c */
px_evolver_fn learning_project_prerequisites_set;

/* replace.c */
px_evolver_fn learning_project_competency_replaced;

/* reconcile.c */
px_reconciler_fn reconcile_learner;
px_reconciler_fn reconcile_offer_again;
px_reconciler_fn reconcile_impact;

/* reconcile_due.c */
px_reconciler_fn reconcile_prompt;
px_reconciler_fn reconcile_item_due;

/* reconcile_template.c */
px_reconciler_fn reconcile_templates;

/* reconcile_initiative.c */
px_reconciler_fn reconcile_initiative;

/* reconcile_mentor.c */
px_reconciler_fn reconcile_mentors;
px_reconciler_fn reconcile_mentor_room;

/* reconcile_follow_up.c */
px_reconciler_fn reconcile_follow_up;

/* publish.c */
px_publisher_fn publish_catalogue_item_defined;
px_publisher_fn publish_catalogue_item_retired;
px_publisher_fn publish_plan_proposed;
px_publisher_fn publish_plan_revised;
px_publisher_fn publish_plan_ended;
px_publisher_fn publish_item_started;
px_publisher_fn publish_item_completed;
px_publisher_fn publish_item_declined;
px_publisher_fn publish_completion_voided;
px_publisher_fn publish_impact_updated;

/* publish_follow_up.c */
px_publisher_fn publish_plan_relabelled;

/* publish_statement.c */
px_publisher_fn publish_statement_taken;
px_publisher_fn publish_statement_voided;

/* publish_follow_up.c */
px_publisher_fn publish_follow_up_due;
px_publisher_fn publish_follow_up_overdue;
px_publisher_fn publish_follow_up_recorded;
/* publish_move.c */
px_publisher_fn publish_plan_policy_set;
px_publisher_fn publish_plan_moved;

/* publish_item.c */
px_publisher_fn publish_item_accepted;
px_publisher_fn publish_item_chosen;
px_publisher_fn publish_item_objected;
px_publisher_fn publish_item_waived;
px_publisher_fn publish_item_deferred;

/* publish_prompt.c */
px_publisher_fn publish_item_due;
px_publisher_fn publish_prompt_due;
px_publisher_fn publish_prompt_answered;

/* publish_template.c */
px_publisher_fn publish_template_defined;
px_publisher_fn publish_template_assigned;
px_publisher_fn publish_template_skipped;

/* publish_initiative.c */
px_publisher_fn publish_initiative_declared;
px_publisher_fn publish_initiative_ended;
px_publisher_fn publish_initiative_progress;

/* publish_mentor.c */
px_publisher_fn publish_mentoring_offered;
px_publisher_fn publish_mentor_suggested;
px_publisher_fn publish_mentoring_answered;

/* query.c */
px_query_fn query_get_plan;
px_query_fn query_get_catalogue_item;

#endif
