/* service.c: what review-cycle hears, says and answers, and whom it follows. Start reading here. */
#include "services/review-cycle/service.h"

#include "common/people.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/query.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/review-cycle/potential.h"
#include "services/review-cycle/state_keys.h"

static px_decider_fn *const deciders[] = {
    [REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_SCALE] = decide_define_scale,
    [REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_CYCLE] = decide_define_cycle,
    [REVIEW_CYCLE__SUBMISSION__BODY_MOVE_CYCLE] = decide_move_cycle,
    [REVIEW_CYCLE__SUBMISSION__BODY_SUBMIT_REVIEW] = decide_submit_review,
    [REVIEW_CYCLE__SUBMISSION__BODY_WITHDRAW_REVIEW] = decide_withdraw_review,
    [REVIEW_CYCLE__SUBMISSION__BODY_DECLARE_STRATEGY_ITEM] = decide_declare_strategy_item,
    [REVIEW_CYCLE__SUBMISSION__BODY_RETIRE_STRATEGY_ITEM] = decide_retire_strategy_item,
    [REVIEW_CYCLE__SUBMISSION__BODY_DEFINE_TEMPLATE] = decide_define_template,
    [REVIEW_CYCLE__SUBMISSION__BODY_RATE_POTENTIAL] = decide_rate_potential,
};

static px_evolver_fn *const evolvers[] = {
    [REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED] = evolve_scale_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED] = evolve_cycle_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED] = evolve_phase_changed,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED] = evolve_review_submitted,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN] = evolve_review_withdrawn,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED] = evolve_strategy_item_declared,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED] = evolve_strategy_item_retired,
    [REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED] = evolve_template_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED] = evolve_score_computed,
    [REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED] = evolve_matrix_placed,
    [REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED] = evolve_potential_rated,
};

static px_publisher_fn *const publishers[] = {
    [REVIEW_CYCLE_FACT__FACT__BODY_SCALE_DEFINED] = publish_scale_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_CYCLE_DEFINED] = publish_cycle_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_PHASE_CHANGED] = publish_phase_changed,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_SUBMITTED] = publish_review_submitted,
    [REVIEW_CYCLE_FACT__FACT__BODY_REVIEW_WITHDRAWN] = publish_review_withdrawn,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED] = publish_strategy_item_declared,
    [REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_RETIRED] = publish_strategy_item_retired,
    [REVIEW_CYCLE_FACT__FACT__BODY_TEMPLATE_DEFINED] = publish_template_defined,
    [REVIEW_CYCLE_FACT__FACT__BODY_SCORE_COMPUTED] = publish_score_computed,
    [REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED] = publish_matrix_placed,
    [REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED] = px_hold_back, /* never on an open subject */
};

static px_reconciler_fn *const reconcilers[] = {
    [KEY_STRATEGY_ITEM] = reconcile_strategy_item,
    [KEY_SCORE] = reconcile_score,
};

static px_evolver_fn *const people_projectors[] = {
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED] = review_project_person_recorded,
    [FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_GIVEN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_FEEDBACK_WITHDRAWN] = px_skip,
    [FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED] = review_project_person_erased,
};

static px_evolver_fn *const competency_projectors[] = {
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED] = review_project_competency_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED] = review_project_role_defined,
    [COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED] = review_project_role_assigned,
    [COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED] = px_skip,
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
    [COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED] = review_project_competency_replaced,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED] = px_skip,
    [COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET] = px_skip,
};

static const px_follow follows[] = {
    { "feedback-ingest", &feedback_ingest_fact__fact__descriptor, people_projectors,
      PX_COUNT(people_projectors) },
    { "competency", &competency_fact__fact__descriptor, competency_projectors,
      PX_COUNT(competency_projectors) },
};

static const px_effect_row effects[] = {
    { "feedback-ingest", FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED,
      effect_comment_key_of_erased_person },
};

static const px_query_row queries[] = {
    { "GetCycle", &review_cycle__get_cycle__descriptor, query_get_cycle },
    { "GetReview", &review_cycle__get_review__descriptor, query_get_review },
    { "GetPersonScore", &review_cycle__get_person_score__descriptor, query_get_person_score },
};

static const uint8_t hot_tables[] = { PX_PEOPLE_TABLE,   TABLE_SCALE,      TABLE_CYCLE,
                                      TABLE_CYCLE_COUNT, TABLE_COMPETENCY, 0 };

const px_service px_review_cycle_service = {
    .name = "review-cycle",
    .summary = "scales, review cycles and reviews",
    .code_version = 4,
    .layout = 5, /* 2: roles, and criteria of reviews; 3: what took the place of competencies, and
                    potential; 4: void batches in a table of their own; 5: answers are listed
                    by batch, one row says who wrote a review about whom */
    .hot_tables = hot_tables,
    .submission = &review_cycle__submission__descriptor,
    .facts = &review_cycle_fact__fact__descriptor,
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
    .effects = effects,
    .effect_count = PX_COUNT(effects),
    .queries = queries,
    .query_count = PX_COUNT(queries),
    .key_generation = px_people_key_generation,
};
