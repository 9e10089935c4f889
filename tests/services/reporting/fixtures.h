/* fixtures.h: facts that reporting follows, with plain defaults, and its report values as they
 * stand in the bucket. */
#ifndef PRAXIS_TESTS_REPORTING_FIXTURES_H
#define PRAXIS_TESTS_REPORTING_FIXTURES_H

#include <math.h>

#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/fact/v1/fact.pb-c.h"
#include "praxis/learning_recommender/v1/event.pb-c.h"
#include "praxis/reporting/fact/v1/fact.pb-c.h"
#include "praxis/reporting/v1/event.pb-c.h"
#include "praxis/reporting/v1/query.pb-c.h"
#include "praxis/reporting/v1/submission.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "tests/services/spec.h"

/** cmocka set-up: an empty spec of reporting. */
int setup_reporting(void **state);

/* ---- facts ---- */

void given_unit(spec *s, const char *unit_id, const char *parent_unit_id);
/** Active. */
void given_person(spec *s, const char *person_id, const char *unit_id);
void given_left(spec *s, const char *person_id, const char *unit_id);
void given_erased(spec *s, const char *person_id);
void given_competency(spec *s, const char *competency_id, const char *title);
/** target 0 takes it away. */
void given_target(spec *s, const char *role_id, const char *competency_id, double target);
void given_role_of_everybody(spec *s, const char *role_id);
void given_role(spec *s, const char *person_id, const char *role_id);
/** The person is assessed. */
void given_level(spec *s, const char *person_id, const char *competency_id, double mu);
/** Only the person has rated themself. */
void given_own_view(spec *s, const char *person_id, const char *competency_id, double mu);
/** Units, the competency "c" (target 3 in the role "dev") and nothing else: "hq" with "x", "y"
 * below. */
void given_framework(spec *s);
/**
 * `people` in the unit, with the role "dev", named <unit>-0, <unit>-1, ...; the first `assessed` of
 * them have the level `mu` in "c".
 */
void given_team(spec *s, const char *unit_id, unsigned people, unsigned assessed, double mu);

void given_cycle(spec *s, const char *cycle_id);
void given_phase(spec *s, const char *cycle_id, uint32_t phase);
void given_review(spec *s, const char *review_id, const char *subject_id, uint32_t relation);
void given_review_withdrawn(spec *s, const char *review_id, const char *subject_id);

/** One item, in this state. */
void given_plan(spec *s, const char *person_id, const char *plan_id, uint32_t item_state);
void given_plan_revised(spec *s, const char *person_id, const char *plan_id, uint32_t item_state);
void given_plan_ended(spec *s, const char *person_id, const char *plan_id, uint32_t reason);
/** It was complete, and is opened again. */
void given_plan_reopened(spec *s, const char *person_id, const char *plan_id);
void given_item_started(spec *s, const char *person_id, const char *plan_id);
void given_item_completed(spec *s, const char *person_id, const char *plan_id);

/** Sets the group minimum by a submission that must be accepted. */
void given_minimum(spec *s, uint32_t minimum);
Reporting__Submission *set_group_minimum(spec *s, uint32_t minimum);

/* ---- report values ---- */

/** Equal but for rounding; cmocka's own comparison is for float. */
#define assert_near(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/** The value of a key in the bucket; NULL when there is none. */
const void *report_of(spec *s, const char *key, const ProtobufCMessageDescriptor *type);
void then_figures(spec *s, const char *unit_id, const char *competency_id, uint32_t people,
                  uint32_t assessed, uint32_t at_level, double mean_gap);
void then_withheld(spec *s, const char *unit_id, const char *competency_id, uint32_t minimum);
const Reporting__CycleProgress *progress_of(spec *s, const char *cycle_id);
/** The counts must be shown. */
const Reporting__PlanCounts *plans_of(spec *s, const char *unit_id);
/**
 * Every value in the bucket is what would be rendered now (but for as_of_seq): whatever changes a
 * figure has touched its key.
 */
void then_bucket_is_current(spec *s);
/** How many values were written to the bucket so far. */
uint64_t report_writes(spec *s);
/** The value that would be rendered now; NULL when the key is left alone. */
const ProtobufCMessage *rendered(spec *s, const char *key);

const Reporting__HeatMap *heat_map_of(spec *s, const char *unit_id, bool with_units_below);

/** How many records of reporting hold this text in key or value (people's tombstones apart). */
size_t records_that_say(const px_view *state, const char *text);

#endif
