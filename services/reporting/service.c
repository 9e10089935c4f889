/* service.c: what reporting hears, says, answers and shows, and whom it follows. Start reading
 * here. */
#include "services/reporting/service.h"

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/query.pb-c.h"
#include "praxis/reporting/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"

static px_decider_fn *const deciders[] = {
    [REPORTING__SUBMISSION__BODY_SET_GROUP_MINIMUM] = decide_set_group_minimum,
};

static px_evolver_fn *const evolvers[] = {
    [REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET] = evolve_group_minimum_set,
};

static px_publisher_fn *const publishers[] = {
    [REPORTING_FACT__FACT__BODY_GROUP_MINIMUM_SET] = publish_group_minimum_set,
};

static px_evolver_fn *const people_projectors[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = reporting_project_person_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = reporting_project_unit_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = reporting_project_person_erased,
};

static px_evolver_fn *const review_projectors[] = {
    [REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED] = reporting_project_cycle_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED] = reporting_project_phase_changed,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED] = reporting_project_review_submitted,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN] = reporting_project_review_withdrawn,
    [REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED] = px_skip,
};

/* Gaps and effects say nothing that levels and targets do not say already. */
static px_evolver_fn *const competency_projectors[] = {
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED] = reporting_project_competency_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED] = reporting_project_role_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET] = reporting_project_role_target_set,
    [COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED] = reporting_project_role_assigned,
    [COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED] = reporting_project_level_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_OPENED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_GAP_CHANGED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_GAP_CLOSED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_REVIEWED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_POLICY_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED] = reporting_project_competency_replaced,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET] = px_skip,
};

static px_evolver_fn *const learning_projectors[] = {
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED] = reporting_project_plan_proposed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED] = reporting_project_plan_revised,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED] = reporting_project_plan_ended,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED] = reporting_project_item_started,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED] = reporting_project_item_completed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED] = px_skip, /* what is begun stays begun */
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED] = reporting_project_completion_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED] = reporting_project_impact_updated,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED] = reporting_project_plan_moved,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED] = reporting_project_item_waived,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN] =
        px_skip, /* what it says are facts of their own */
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_DEFINED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_ASSIGNED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_SKIPPED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_DECLARED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_ENDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_OFFERED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED] = px_skip,
};

static const px_follow follows[] = {
    { "feedback-ingest", &feedback_ingest_fact__fact__descriptor, people_projectors,
      PX_COUNT(people_projectors) },
    { "review-cycle", &review_cycle_fact__fact__descriptor, review_projectors,
      PX_COUNT(review_projectors) },
    { "competency", &competency_fact__fact__descriptor, competency_projectors,
      PX_COUNT(competency_projectors) },
    { "learning-recommender", &learning_recommender_fact__fact__descriptor, learning_projectors,
      PX_COUNT(learning_projectors) },
};

static const px_query_row queries[] = {
    { "GetHeatMap", &reporting__get_heat_map__descriptor, query_get_heat_map },
    { "GetCycleProgress", &reporting__get_cycle_progress__descriptor, query_get_cycle_progress },
    { "GetPlanFigures", &reporting__get_plan_figures__descriptor, query_get_plan_figures },
    { "GetLearningImpact", &reporting__get_learning_impact__descriptor, query_get_learning_impact },
};

const px_service px_reporting_service = {
    .name = "reporting",
    .summary = "figures of units, cycles and plans, never of a person",
    .code_version = 2,
    .layout = 7, /* 3: plans that are opened again; 4: templates have plans too;
                    5: items waived, and what learning did; 6: void batches in a table of
                    their own; 7: answers are listed by batch */
    .submission = &reporting__submission__descriptor,
    .facts = &reporting_fact__fact__descriptor,
    .deciders = deciders,
    .decider_count = PX_COUNT(deciders),
    .evolvers = evolvers,
    .evolver_count = PX_COUNT(evolvers),
    .publishers = publishers,
    .publisher_count = PX_COUNT(publishers),
    .follows = follows,
    .follow_count = PX_COUNT(follows),
    .queries = queries,
    .query_count = PX_COUNT(queries),
    .report = report_value,
};
