/* service.c: what competency hears, says and answers, and whom it follows. Start reading here. */
#include "services/competency/service.h"

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/competency/level_key.h"
#include "services/competency/need.h"
#include "services/competency/prerequisite.h"
#include "services/competency/state_keys.h"

static px_decider_fn *const deciders[] = {
    [COMPETENCY__SUBMISSION__BODY_DEFINE_COMPETENCY] = decide_define_competency,
    [COMPETENCY__SUBMISSION__BODY_DEFINE_ROLE] = decide_define_role,
    [COMPETENCY__SUBMISSION__BODY_SET_ROLE_TARGET] = decide_set_role_target,
    [COMPETENCY__SUBMISSION__BODY_ASSIGN_ROLE] = decide_assign_role,
    [COMPETENCY__SUBMISSION__BODY_RECORD_ASSESSMENT] = decide_record_assessment,
    [COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE] = decide_record_evidence,
    [COMPETENCY__SUBMISSION__BODY_SUPERSEDE_EVIDENCE] = decide_supersede_evidence,
    [COMPETENCY__SUBMISSION__BODY_SUBMIT_PRIOR_LEARNING] = decide_submit_prior_learning,
    [COMPETENCY__SUBMISSION__BODY_REVIEW_PRIOR_LEARNING] = decide_review_prior_learning,
    [COMPETENCY__SUBMISSION__BODY_SET_COMPETENCY_RULE] = decide_set_competency_rule,
    [COMPETENCY__SUBMISSION__BODY_SET_LEVEL_POLICY] = decide_set_level_policy,
    [COMPETENCY__SUBMISSION__BODY_DEFINE_FRAMEWORK] = decide_define_framework,
    [COMPETENCY__SUBMISSION__BODY_RENAME_COMPETENCY] = decide_rename_competency,
    [COMPETENCY__SUBMISSION__BODY_MERGE_COMPETENCIES] = decide_merge_competencies,
    [COMPETENCY__SUBMISSION__BODY_SPLIT_COMPETENCY] = decide_split_competency,
    [COMPETENCY__SUBMISSION__BODY_RETIRE_COMPETENCY] = decide_retire_competency,
    [COMPETENCY__SUBMISSION__BODY_DEFINE_HIGH_POTENTIAL_RULE] = decide_define_high_potential_rule,
    [COMPETENCY__SUBMISSION__BODY_CONFIRM_HIGH_POTENTIAL] = decide_confirm_high_potential,
    [COMPETENCY__SUBMISSION__BODY_DECLINE_HIGH_POTENTIAL] = decide_decline_high_potential,
    [COMPETENCY__SUBMISSION__BODY_SET_NEED_DETECTOR] = decide_set_need_detector,
    [COMPETENCY__SUBMISSION__BODY_SET_PREREQUISITES] = decide_set_prerequisites,
};

static px_evolver_fn *const evolvers[] = {
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED] = evolve_competency_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED] = evolve_role_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET] = evolve_role_target_set,
    [COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED] = evolve_role_assigned,
    [COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED] = evolve_assessment_recorded,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED] = evolve_level_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_OPENED] = evolve_gap_opened,
    [COMPETENCY_FACT__FACT__BODY_GAP_CHANGED] = evolve_gap_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_CLOSED] = evolve_gap_closed,
    [COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED] = evolve_effect_observed,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED] = evolve_evidence_recorded,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED] = evolve_evidence_superseded,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED] = evolve_prior_learning_submitted,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_REVIEWED] = evolve_prior_learning_reviewed,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET] = evolve_competency_rule_set,
    [COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED] = evolve_attainment_changed,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING] = evolve_competency_expiring,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED] =
        px_skip, /* what it brings is said beside it */
    [COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME] = evolve_rule_outcome,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_POLICY_SET] = evolve_level_policy_set,
    [COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED] = evolve_framework_defined,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED] = evolve_competency_replaced,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED] = evolve_high_potential_rule_defined,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED] = evolve_high_potential_suggested,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED] = evolve_high_potential_confirmed,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED] = evolve_high_potential_declined,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED] = evolve_high_potential_lapsed,
    [COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET] = evolve_need_detector_set,
    [COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED] = evolve_latent_need_detected,
    [COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET] = evolve_prerequisites_set,
};

static px_publisher_fn *const publishers[] = {
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED] = publish_competency_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED] = publish_role_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET] = publish_role_target_set,
    [COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED] = publish_role_assigned,
    [COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED] = publish_assessment_recorded,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED] = publish_level_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_OPENED] = publish_gap_opened,
    [COMPETENCY_FACT__FACT__BODY_GAP_CHANGED] = publish_gap_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_CLOSED] = publish_gap_closed,
    [COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED] = publish_effect_observed,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED] = publish_evidence_recorded,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED] = publish_evidence_superseded,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED] = publish_prior_learning_submitted,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_REVIEWED] = publish_prior_learning_reviewed,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET] = publish_competency_rule_set,
    [COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED] = publish_attainment_changed,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING] = publish_competency_expiring,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED] = publish_competency_expired,
    [COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME] = publish_rule_outcome,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_POLICY_SET] = publish_level_policy_set,
    [COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED] = publish_framework_defined,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED] = publish_competency_replaced,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED] = publish_high_potential_rule_defined,
    /* never on an open subject: HR partners ask (GetHighPotentials) */
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED] = px_hold_back,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED] = px_hold_back,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED] = px_hold_back,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED] = px_hold_back,
    [COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET] = publish_need_detector_set,
    [COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED] = publish_latent_need_detected,
    [COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET] = publish_prerequisites_set,
};

static px_reconciler_fn *const reconcilers[] = {
    [KEY_LEVEL] = reconcile_level,
    [KEY_FOLLOW_UP] = reconcile_follow_up,
    [KEY_ATTAINMENT] = reconcile_attainment,
    [KEY_COMPLETION] = reconcile_completion,
    [KEY_POTENTIAL] = reconcile_potential,
    [KEY_NEED] = reconcile_need,
    [KEY_AGE] = reconcile_level,
};

static px_evolver_fn *const feedback_projectors[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = competency_project_person_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = competency_project_unit_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = competency_project_feedback_given,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = competency_project_feedback_withdrawn,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = competency_project_person_erased,
};

static px_evolver_fn *const review_projectors[] = {
    [REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED] = px_skip, /* a rating carries its place on it */
    [REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED] = competency_project_phase_changed,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED] = competency_project_review_submitted,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN] = competency_project_review_withdrawn,
    [REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED] = competency_project_matrix_placed,
    [REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED] =
        competency_project_strategy_item_declared,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED] =
        competency_project_strategy_item_retired,
};

static px_evolver_fn *const learning_projectors[] = {
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED] = competency_project_item_completed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE] = px_skip, /* we have our own date */
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED] =
        competency_project_completion_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN] =
        px_skip, /* what it says are facts of their own */
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE] = px_skip,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED] = competency_project_prompt_answered,
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
    { "feedback-ingest", &feedback_ingest_fact__fact__descriptor, feedback_projectors,
      PX_COUNT(feedback_projectors) },
    { "review-cycle", &review_cycle_fact__fact__descriptor, review_projectors,
      PX_COUNT(review_projectors) },
    { "learning-recommender", &learning_recommender_fact__fact__descriptor, learning_projectors,
      PX_COUNT(learning_projectors) },
};

static const px_query_row queries[] = {
    { "GetProfile", &competency__get_profile__descriptor, query_get_profile },
    { "GetRole", &competency__get_role__descriptor, query_get_role },
    { "GetFramework", &competency__get_framework__descriptor, query_get_framework },
    { "GetCompetency", &competency__get_competency__descriptor, query_get_competency },
    { "ListCompetencies", &competency__list_competencies__descriptor, query_list_competencies },
    { "GetHighPotentials", &competency__get_high_potentials__descriptor,
      query_get_high_potentials },
};

static const uint8_t hot_tables[] = {
    PX_PEOPLE_TABLE, TABLE_RATER, TABLE_SOURCE, TABLE_CONTROL, TABLE_EVIDENCE_COUNT, TABLE_POLICY, 0
};

const px_service px_competency_service = {
    .name = "competency",
    .summary = "competencies, roles, levels and gaps",
    .code_version = 6,
    .layout = 18, /* 3: what ratings of those who do not learn say; 4: frameworks;
                    5: completed items as evidence; 6: prompts answered;
                    7: who shares a need; 8: history;
                    9: looks wait for a rating; 10: what has lapsed;
                    11: the rows of a level are neighbours;
                    12: needs and prerequisites follow competencies that ended;
                    13: void batches in a table of their own;
                    14: what evidence moves is kept with the dirty key, and evidence stands
                    in the order it was heard;
                    15: that a level lapsed is kept by itself;
                    16: what gets too old for a policy has its day;
                    17: answers are listed by batch;
                    18: evidence stands behind everything else */
    .hot_tables = hot_tables,
    .submission = &competency__submission__descriptor,
    .facts = &competency_fact__fact__descriptor,
    .deciders = deciders,
    .decider_count = PX_COUNT(deciders),
    .evolvers = evolvers,
    .evolver_count = PX_COUNT(evolvers),
    .publishers = publishers,
    .publisher_count = PX_COUNT(publishers),
    .reconcilers = reconcilers,
    .reconciler_count = PX_COUNT(reconcilers),
    .follows = follows,
    .follow_count = PX_COUNT(follows),
    .waited_for = "review-cycle", /* a rating becomes a level, which becomes a plan */
    .queries = queries,
    .query_count = PX_COUNT(queries),
};
