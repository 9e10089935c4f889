/* fixtures.h: what learning-recommender follows, and its submissions, with plain defaults.
 *
 * Builders of submissions return the message, so that a test may change what it is about.
 */
#ifndef PRAXIS_TESTS_LEARNING_RECOMMENDER_FIXTURES_H
#define PRAXIS_TESTS_LEARNING_RECOMMENDER_FIXTURES_H

#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/learning_recommender/v1/query.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "tests/services/spec.h"

#define DAY_US INT64_C(86400000000)

enum {
    DEFINED = LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_DEFINED,
    RETIRED = LEARNING_RECOMMENDER_FACT__FACT__BODY_CATALOGUE_ITEM_RETIRED,
    PROPOSED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_PROPOSED,
    REVISED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_REVISED,
    ENDED = LEARNING_RECOMMENDER_FACT__FACT__BODY_PLAN_ENDED,
    STARTED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_STARTED,
    COMPLETED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_COMPLETED,
    DECLINED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_DECLINED,
    VOIDED = LEARNING_RECOMMENDER_FACT__FACT__BODY_COMPLETION_VOIDED,
    WAIVED = LEARNING_RECOMMENDER_FACT__FACT__BODY_ITEM_WAIVED,
    FOLLOW_UP_DUE = LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_DUE,
    FOLLOW_UP_RECORDED = LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_RECORDED,
    FOLLOW_UP_OVERDUE = LEARNING_RECOMMENDER_FACT__FACT__BODY_FOLLOW_UP_OVERDUE,
    STATE_PROPOSED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_PROPOSED,
    STATE_STARTED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_STARTED,
    STATE_COMPLETED = LEARNING_RECOMMENDER__ITEM_STATE__ITEM_STATE_COMPLETED,
    END_COMPLETED = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_COMPLETED,
    END_GAPS_CLOSED = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_GAPS_CLOSED,
    END_WITHDRAWN = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_WITHDRAWN,
    END_PERSON_GONE = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_PERSON_GONE,
    END_NOTHING_LEFT = LEARNING_RECOMMENDER__PLAN_END__PLAN_END_NOTHING_LEFT,
    BY_EVIDENCE = COMPETENCY__CHANGE_REASON__CHANGE_REASON_EVIDENCE,
    BY_WITHDRAWAL = COMPETENCY__CHANGE_REASON__CHANGE_REASON_WITHDRAWN,
    BY_TARGET = COMPETENCY__CHANGE_REASON__CHANGE_REASON_TARGET
};

/* ---- facts of others: given at once ---- */

void given_person(spec *s, const char *person_id, const char *manager_id);
void given_person_left(spec *s, const char *person_id, const char *manager_id);
void given_hr_partner(spec *s, const char *person_id);
void given_person_erased(spec *s, const char *person_id);
void given_competency(spec *s, const char *competency_id, const char *title);
/** A target of 0 takes it away. */
void given_target(spec *s, const char *role_id, const char *competency_id, double target,
                  double weight);
void given_role(spec *s, const char *person_id, const char *role_id);
void given_role_of_everybody(spec *s, const char *role_id);
/** Of one competency on a scale of five, `relation` as review-cycle counts them. */
void given_review(spec *s, const char *review_id, const char *rater_id, const char *subject_id,
                  uint32_t relation, const char *competency_id, uint32_t position);
void given_review_withdrawn(spec *s, const char *review_id, const char *rater_id,
                            const char *subject_id, uint32_t relation, const char *competency_id);

/** What an estimate rests on. */
typedef struct {
    uint32_t self, manager, peer, report, other, raters;
} evidence;
extern const evidence one_manager; /* a rating by the manager, nothing else */

/** Level `mu` with variance 0.20, from one manager rating unless it says otherwise. */
void given_level(spec *s, const char *person_id, const char *competency_id, double mu);
void given_gap(spec *s, const char *person_id, const char *competency_id, double mu);
void given_gap_on(spec *s, const char *person_id, const char *competency_id, double mu,
                  evidence from);
/** To the role the person aspires to. */
void given_career_gap(spec *s, const char *person_id, const char *competency_id, double mu);
void given_gap_closed(spec *s, const char *person_id, const char *competency_id, double mu,
                      uint32_t reason);
/** Variance .01; observed unless `observed_variance` is 0. */
void given_effect(spec *s, const char *competency_id, const char *item_id, double mean,
                  double observed_variance);

/** A look at these items (ended by NULL), each with exposure .5, at bob's speaking. */
void given_look(spec *s, const char *const *item_ids, double observed, double observed_variance,
                double control_sum, uint64_t control_count);

/* ---- submissions ---- */

/** A course for levels 1..5 that teaches this competency and nothing else. */
LearningRecommender__Submission *define_item(spec *s, const char *item_id, double hours,
                                             const char *competency_id);
LearningRecommender__ItemOutcome *add_outcome(spec *s, LearningRecommender__Submission *sub,
                                              const char *competency_id);
void add_requires(spec *s, LearningRecommender__Submission *sub, const char *item_id);
LearningRecommender__Submission *retire_item(spec *s, const char *item_id);
LearningRecommender__Submission *start_item(spec *s, const char *person_id, const char *item_id);
LearningRecommender__Submission *complete_item(spec *s, const char *person_id, const char *item_id);
LearningRecommender__Submission *decline_item(spec *s, const char *actor, const char *person_id,
                                              const char *item_id);
LearningRecommender__Submission *void_completion(spec *s, const char *person_id,
                                                 const char *item_id);
/** Sends it and demands that it is accepted. */
void given_done(spec *s, LearningRecommender__Submission *sub);
/** An item of define_item(), defined. */
void given_item(spec *s, const char *item_id, double hours, const char *competency_id);

/* ---- then ---- */

/** The one new fact is this plan's proposal. */
const LearningRecommenderFact__PlanProposed *then_proposed(spec *s, const char *plan_id);
const LearningRecommenderFact__PlanRevised *then_revised(spec *s, const char *plan_id);
void then_ended(spec *s, const char *plan_id, uint32_t reason);
void then_items(LearningRecommenderFact__PlanItem *const *items, size_t count, const char *ids);
const LearningRecommender__Plan *get_plan(spec *s, const char *viewer_id, const char *person_id,
                                          const char *plan_id);
/** How many records of the state, the agenda's included or not, hold this text in key or value. */
size_t records_with(spec *s, const char *text, bool agenda);

/**
 * boss; ann and bob who report to boss and are in role "dev": speaking 4, writing 3.5, both weight
 * 1; hanna, HR partner; also competency coding, of no role. The catalogue is empty.
 */
int setup_team(void **state);

#endif
