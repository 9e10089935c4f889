/* fixtures.h: what competency follows, and its submissions with plain defaults.
 *
 * Builders return the message, so that a test may change what it is about before it uses it.
 */
#ifndef PRAXIS_TESTS_COMPETENCY_FIXTURES_H
#define PRAXIS_TESTS_COMPETENCY_FIXTURES_H

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/competency/v1/event.pb-c.h"
#include "praxis/competency/v1/query.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "services/competency/state.h"
#include "tests/services/spec.h"

#define DAY_US INT64_C(86400000000)

/** A test on a fresh setup(). */
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, spec_teardown_looking_again)

/** The facts of competency, as then_fact() takes them. */
enum {
    COMPETENCY_DEFINED = COMPETENCY_FACT__FACT__BODY_COMPETENCY_DEFINED,
    ROLE_DEFINED = COMPETENCY_FACT__FACT__BODY_ROLE_DEFINED,
    ROLE_TARGET_SET = COMPETENCY_FACT__FACT__BODY_ROLE_TARGET_SET,
    ROLE_ASSIGNED = COMPETENCY_FACT__FACT__BODY_ROLE_ASSIGNED,
    ASSESSMENT_RECORDED = COMPETENCY_FACT__FACT__BODY_ASSESSMENT_RECORDED,
    LEVEL_CHANGED = COMPETENCY_FACT__FACT__BODY_LEVEL_CHANGED,
    GAP_OPENED = COMPETENCY_FACT__FACT__BODY_GAP_OPENED,
    GAP_CHANGED = COMPETENCY_FACT__FACT__BODY_GAP_CHANGED,
    GAP_CLOSED = COMPETENCY_FACT__FACT__BODY_GAP_CLOSED,
    EFFECT_OBSERVED = COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED
};
enum {
    SELF = REVIEW_CYCLE__RELATION__RELATION_SELF,
    MANAGER = REVIEW_CYCLE__RELATION__RELATION_MANAGER,
    PEER = REVIEW_CYCLE__RELATION__RELATION_PEER,
    REPORT = REVIEW_CYCLE__RELATION__RELATION_REPORT,
    WRITING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING,
    SHARING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING,
    CLOSED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED,
    CANCELLED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CANCELLED,
    COURSE = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_COURSE,
    MICRO = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_MICRO,
    TASK = LEARNING_RECOMMENDER__ITEM_KIND__ITEM_KIND_TASK
};

/* ---- facts of others: given at once, as decided now ---- */

void given_person(spec *s, const char *person_id, const char *manager_id);
void given_person_left(spec *s, const char *person_id, const char *manager_id);
void given_hr_partner(spec *s, const char *person_id, const char *manager_id);
/** In a unit other than "sales". */
void given_person_of_unit(spec *s, const char *person_id, const char *unit_id);
void given_unit(spec *s, const char *unit_id, const char *parent_unit_id);
void given_person_erased(spec *s, const char *person_id);

/** A review with one rating, `value` of 1..5, that happened on day `day` after the start. */
void given_rating(spec *s, const char *review_id, const char *rater_id, int relation,
                  const char *subject_id, const char *competency_id, unsigned value, int day);
/** A review to add ratings to, on day 0; given_fact() then gives it. */
ReviewCycleFact__Fact *review(spec *s, const char *review_id, const char *rater_id, int relation,
                              const char *subject_id);
void add_rating(spec *s, ReviewCycleFact__Fact *review, const char *competency_id,
                unsigned position, unsigned scale_size);
void given_review(spec *s, ReviewCycleFact__Fact *review);
/** It was about one competency. */
void given_review_withdrawn(spec *s, const char *review_id, const char *rater_id, int relation,
                            const char *subject_id, const char *competency_id);
void given_phase(spec *s, int from, int to);

/** Feedback with a tag per competency (NULL for no second one), all of the same tone. */
void given_feedback(spec *s, const char *feedback_id, const char *giver_id, const char *about_id,
                    const char *competency_id, const char *second_id, int tone, int day);
void given_feedback_withdrawn(spec *s, const char *feedback_id, const char *about_id);

/** For levels 1..5, all of it on one competency. */
LearningRecommenderFact__Fact *item_completed(spec *s, const char *person_id, const char *item_id,
                                              int kind, double hours, const char *competency_id,
                                              double share, int day);
void given_item_completed(spec *s, LearningRecommenderFact__Fact *fact);
void given_completion_voided(spec *s, const char *person_id, const char *item_id);

/** A follow-up of these items (NULL ends them) is stated. */
void given_followed_up(spec *s, const char *person_id, const char *competency_id,
                       const char *const *item_ids);
void given_assessed(spec *s, const char *assessment_id, const char *person_id,
                    const char *competency_id, double score, int day);

/* ---- submissions ---- */

/** With levels "Low", "Working", "Good", "High", "Expert". */
Competency__Submission *define_competency(spec *s, const char *competency_id);
/** With these levels only, NULL ends them. */
Competency__Submission *define_levels(spec *s, const char *competency_id,
                                      const char *const *level_names);
Competency__Submission *define_role(spec *s, const char *role_id);
/** Held by whom the rule says; unit_id "" unless it is a unit's. */
Competency__Submission *define_ruled_role(spec *s, const char *role_id, int holders,
                                          const char *unit_id);
Competency__Submission *set_target(spec *s, const char *role_id, const char *competency_id,
                                   const char *level_name);
Competency__Submission *assign_role(spec *s, const char *person_id, const char *role_id);
Competency__Submission *assign_slot(spec *s, const char *person_id, const char *role_id, int slot);
Competency__Submission *record_assessment(spec *s, const char *assessment_id, const char *person_id,
                                          const char *competency_id, double score);
/** Sends it and demands that it is accepted. */
void given_done(spec *s, Competency__Submission *sub);

/**
 * boss; ann and bob who report to boss; pat, pia and zoe, who are nobody's; cid who reports to ann;
 * hanna, HR partner; lea, who has left. Competencies "sql" and "talk"; role "analyst", which wants
 * sql at "High" (4.0); nobody has it yet.
 */
int setup(void **state);

/* ---- what is known ---- */

standing standing_of(spec *s, const char *person_id, const char *competency_id);
double mu_of(spec *s, const char *person_id, const char *competency_id);
said_record said_of(spec *s, const char *person_id, const char *competency_id);
void assert_near(double got, double want, double tolerance);
/** How many records of the service's own tables hold this text in key or value. */
size_t records_with(spec *s, const char *text);
/** Of everybody. */
size_t pieces_of_evidence(spec *s);

#endif
