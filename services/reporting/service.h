/* service.h: the daemon reporting, and the rows of its tables (service.c). */
#ifndef PRAXIS_REPORTING_SERVICE_H
#define PRAXIS_REPORTING_SERVICE_H

#include "common/service.h"

extern const px_service px_reporting_service;

/* decide.c */
px_decider_fn decide_set_group_minimum;

/* evolve.c */
px_evolver_fn evolve_group_minimum_set;

/* project.c */
px_evolver_fn reporting_project_person_recorded;
px_evolver_fn reporting_project_person_erased;
px_evolver_fn reporting_project_unit_recorded;
px_evolver_fn reporting_project_competency_defined;
px_evolver_fn reporting_project_role_defined;
px_evolver_fn reporting_project_role_target_set;
px_evolver_fn reporting_project_role_assigned;
px_evolver_fn reporting_project_level_changed;
px_evolver_fn reporting_project_competency_replaced;

/* project_progress.c */
px_evolver_fn reporting_project_cycle_defined;
px_evolver_fn reporting_project_phase_changed;
px_evolver_fn reporting_project_review_submitted;
px_evolver_fn reporting_project_review_withdrawn;
px_evolver_fn reporting_project_plan_proposed;
px_evolver_fn reporting_project_plan_revised;
px_evolver_fn reporting_project_plan_ended;
px_evolver_fn reporting_project_plan_moved;
px_evolver_fn reporting_project_item_started;
px_evolver_fn reporting_project_item_completed;
px_evolver_fn reporting_project_completion_voided;
px_evolver_fn reporting_project_item_waived;
px_evolver_fn reporting_project_impact_updated;

/* publish.c */
px_publisher_fn publish_group_minimum_set;

/* report.c */
px_report_fn report_value;

/* query.c */
px_query_fn query_get_heat_map;
px_query_fn query_get_cycle_progress;
px_query_fn query_get_plan_figures;
px_query_fn query_get_learning_impact;

#endif
