/* service.c: what learning-recommender hears, says and answers, and whom it follows. Start reading
 * here. */
#include "services/learning-recommender/service.h"

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "services/learning-recommender/state.h"

static px_decider_fn *const deciders[] = {
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_CATALOGUE_ITEM] = decide_define_catalogue_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_RETIRE_CATALOGUE_ITEM] = decide_retire_catalogue_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_START_ITEM] = decide_start_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_COMPLETE_ITEM] = decide_complete_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_DECLINE_ITEM] = decide_decline_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_VOID_COMPLETION] = decide_void_completion,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_SET_PLAN_POLICY] = decide_set_plan_policy,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_MOVE_PLAN] = decide_move_plan,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_SUBMIT_STATEMENT] = decide_submit_statement,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_ACCEPT_ITEM] = decide_accept_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_SWAP_ITEM] = decide_swap_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_ADD_ITEM] = decide_add_item,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_ANSWER_PROMPT] = decide_answer_prompt,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_DEFINE_TEMPLATE] = decide_define_template,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_ASSIGN_TEMPLATE] = decide_assign_template,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_UNLINK_PLAN] = decide_unlink_plan,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_DECLARE_INITIATIVE] = decide_declare_initiative,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_END_INITIATIVE] = decide_end_initiative,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_OFFER_MENTORING] = decide_offer_mentoring,
    [LEARNING_RECOMMENDER__SUBMISSION__BODY_ANSWER_MENTORING] = decide_answer_mentoring,
};

static px_evolver_fn *const evolvers[] = {
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED] = evolve_catalogue_item_defined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED] = evolve_catalogue_item_retired,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED] = evolve_plan_proposed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED] = evolve_plan_revised,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED] = evolve_plan_ended,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED] = evolve_item_started,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED] = evolve_item_completed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE] = evolve_follow_up_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED] = evolve_item_declined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED] = evolve_completion_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED] = evolve_impact_updated,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED] = evolve_follow_up_recorded,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE] = evolve_follow_up_overdue,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET] = evolve_plan_policy_set,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED] = evolve_plan_moved,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN] = evolve_statement_taken,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED] = evolve_statement_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED] = evolve_plan_relabelled,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED] = evolve_item_accepted,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN] = evolve_item_chosen,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED] = evolve_item_objected,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED] = evolve_item_waived,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED] = evolve_item_deferred,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE] = evolve_item_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE] = evolve_prompt_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED] = evolve_prompt_answered,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_DEFINED] = evolve_template_defined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_ASSIGNED] = evolve_template_assigned,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_SKIPPED] = evolve_template_skipped,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_DECLARED] = evolve_initiative_declared,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_ENDED] = evolve_initiative_ended,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS] = evolve_initiative_progress,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_OFFERED] = evolve_mentoring_offered,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED] = evolve_mentor_suggested,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED] = evolve_mentoring_answered,
};

static px_publisher_fn *const publishers[] = {
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED] = publish_catalogue_item_defined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED] = publish_catalogue_item_retired,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED] = publish_plan_proposed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED] = publish_plan_revised,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED] = publish_plan_ended,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED] = publish_item_started,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED] = publish_item_completed,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE] = publish_follow_up_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED] = publish_item_declined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED] = publish_completion_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_IMPACT_UPDATED] = publish_impact_updated,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED] = publish_follow_up_recorded,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE] = publish_follow_up_overdue,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_POLICY_SET] = publish_plan_policy_set,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_MOVED] = publish_plan_moved,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN] = publish_statement_taken,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED] = publish_statement_voided,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_RELABELLED] = publish_plan_relabelled,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_ACCEPTED] = publish_item_accepted,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_CHOSEN] = publish_item_chosen,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_OBJECTED] = publish_item_objected,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED] = publish_item_waived,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DEFERRED] = publish_item_deferred,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DUE] = publish_item_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_DUE] = publish_prompt_due,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED] = publish_prompt_answered,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_DEFINED] = publish_template_defined,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_ASSIGNED] = publish_template_assigned,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_TEMPLATE_SKIPPED] = publish_template_skipped,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_DECLARED] = publish_initiative_declared,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_ENDED] = publish_initiative_ended,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS] = publish_initiative_progress,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_OFFERED] = publish_mentoring_offered,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTOR_SUGGESTED] = publish_mentor_suggested,
    [LEARNING_RECOMMENDER_FACT__FACT__BODY_MENTORING_ANSWERED] = publish_mentoring_answered,
};

static px_reconciler_fn *const reconcilers[] = {
    [KEY_PERSON] = reconcile_learner,          [KEY_FOLLOW_UP] = reconcile_follow_up,
    [KEY_OFFER_AGAIN] = reconcile_offer_again, [KEY_IMPACT] = reconcile_impact,
    [KEY_DEFERRED] = reconcile_learner,        [KEY_TEMPLATES] = reconcile_templates,
    [KEY_PROMPT] = reconcile_prompt,           [KEY_ITEM_DUE] = reconcile_item_due,
    [KEY_QUIET] = reconcile_learner,           [KEY_FOLLOW_UP_ANSWER] = reconcile_follow_up,
    [KEY_INITIATIVE] = reconcile_initiative,   [KEY_MENTOR] = reconcile_mentors,
    [KEY_MENTOR_ROOM] = reconcile_mentor_room,
};

static px_evolver_fn *const people_projectors[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = learning_project_person_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = learning_project_unit_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = learning_project_person_erased,
};

static px_evolver_fn *const review_projectors[] = {
    [REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED] = learning_project_review_submitted,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN] = learning_project_review_withdrawn,
    [REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED] = px_skip,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED] =
        learning_project_strategy_item_declared,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED] = learning_project_strategy_item_retired,
};

static px_evolver_fn *const competency_projectors[] = {
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED] = learning_project_competency_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED] = learning_project_role_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET] = learning_project_role_target_set,
    [COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED] = learning_project_role_assigned,
    [COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED] = learning_project_level_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_OPENED] = learning_project_gap_opened,
    [COMPETENCY_FACT__FACT__BODY_GAP_CHANGED] = learning_project_gap_changed,
    [COMPETENCY_FACT__FACT__BODY_GAP_CLOSED] = learning_project_gap_closed,
    [COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED] = learning_project_effect_observed,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED] = learning_project_evidence_recorded,
    [COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED] = learning_project_evidence_superseded,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_REVIEWED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED] = px_skip, /* plans rest on the estimate */
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_POLICY_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_FRAMEWORK_DEFINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED] = learning_project_competency_replaced,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED] =
        learning_project_high_potential_confirmed,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED] =
        learning_project_high_potential_declined,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED] = learning_project_high_potential_lapsed,
    [COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET] = learning_project_prerequisites_set,
};

static const px_follow follows[] = {
    { "feedback-ingest", &feedback_ingest_fact__fact__descriptor, people_projectors,
      PX_COUNT(people_projectors) },
    { "review-cycle", &review_cycle_fact__fact__descriptor, review_projectors,
      PX_COUNT(review_projectors) },
    { "competency", &competency_fact__fact__descriptor, competency_projectors,
      PX_COUNT(competency_projectors) },
};

static const px_query_row queries[] = {
    { "GetPlan", &learning_recommender__get_plan__descriptor, query_get_plan },
    { "GetCatalogueItem", &learning_recommender__get_catalogue_item__descriptor,
      query_get_catalogue_item },
};

const px_service px_learning_recommender_service = {
    .name = "learning-recommender",
    .summary = "the catalogue, and a learning plan with its reasons for everybody with a gap",
    .code_version = 16,
    /* 2: people are found by the items of their open plans; 4: a look after a plan; 5: what
       learning did; 6: what follow-ups came to; 7: states of plans; 8: wishes and evidence; 9:
       statements; 10: dates of items, spaced learning; 11: templates; 12: gaps from history;
       13: voluntary plans; 14: caps; 15: three candidates not chosen; 16: initiatives;
       17: mentors; 18: reasons of items, what completions took, high
       potentials, prerequisites of competencies, items of templates that wait;
       19: void batches in a table of their own; 20: what is deferred, for each plan, and
       items by what they require; 21: initiatives by themselves;
       22: when a mentor has room again; 23: answers are listed by batch */
    .layout = 23,
    .submission = &learning_recommender__submission__descriptor,
    .facts = &learning_recommender_fact__fact__descriptor,
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
    .waited_for = "competency", /* a level becomes a plan */
    .queries = queries,
    .query_count = PX_COUNT(queries),
};
