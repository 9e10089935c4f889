/* fixtures.h: what review-cycle follows, and its submissions with plain defaults.
 *
 * Builders return the message, so that a test may change what it is about before it uses it.
 */
#ifndef PRAXIS_TESTS_REVIEW_CYCLE_FIXTURES_H
#define PRAXIS_TESTS_REVIEW_CYCLE_FIXTURES_H

#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/v1/event.pb-c.h"
#include "praxis/review_cycle/v1/query.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"
#include "tests/services/spec.h"

#define COMMENT_TEXT "Took the whole migration on and brought everybody along."
#define DAY_US       INT64_C(86400000000)

enum {
    DRAFT = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_DRAFT,
    SCHEDULED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SCHEDULED,
    WRITING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING,
    SHARING = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_SHARING,
    CLOSED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CLOSED,
    CANCELLED = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_CANCELLED,
    SELF = REVIEW_CYCLE__RELATION__RELATION_SELF,
    MANAGER = REVIEW_CYCLE__RELATION__RELATION_MANAGER,
    PEER = REVIEW_CYCLE__RELATION__RELATION_PEER,
    REPORT = REVIEW_CYCLE__RELATION__RELATION_REPORT,
    WHAT = REVIEW_CYCLE__FACET__FACET_WHAT,
    HOW = REVIEW_CYCLE__FACET__FACET_HOW,
    ANY_FACET = REVIEW_CYCLE__FACET__FACET_UNSPECIFIED
};

/* ---- facts of others: given at once ---- */

void given_person(spec *s, const char *person_id, const char *manager_id);
void given_person_left(spec *s, const char *person_id, const char *manager_id);
void given_hr_partner(spec *s, const char *person_id, const char *manager_id);
void given_person_erased(spec *s, const char *person_id);
void given_competency(spec *s, const char *competency_id);
/** It ended; with a successor it was renamed or merged, with NULL retired. */
void given_replaced(spec *s, const char *competency_id, const char *successor_id);

void given_role(spec *s, const char *role_id);
/** The role of their job. */
void given_role_assigned(spec *s, const char *person_id, const char *role_id);
/** Slot 0 is the role of their job. */
void given_role_in_slot(spec *s, const char *person_id, const char *role_id, uint32_t slot);

/* ---- submissions ---- */

/** Values 1..5; 4 and 5 proficient; default 3; "not applicable" allowed. */
ReviewCycle__Submission *define_scale(spec *s, const char *scale_id, uint32_t version);
/** On version 1 of scale "five", 90 days from now + `start_day` days. */
ReviewCycle__Submission *define_cycle(spec *s, const char *cycle_id, int start_day);
ReviewCycle__Submission *move_cycle(spec *s, const char *cycle_id, int to, const char *reason);
/** In cycle "q1", with COMMENT_TEXT and no ratings. */
ReviewCycle__Submission *submit_review(spec *s, const char *rater_id, const char *review_id,
                                       const char *subject_id, int relation);
ReviewCycle__Submission *withdraw_review(spec *s, const char *actor, const char *review_id);

/** In force from now on, on "speaking" with weight 2, without an end. */
ReviewCycle__Submission *declare_strategy_item(spec *s, const char *strategy_item_id);
ReviewCycle__Submission *retire_strategy_item(spec *s, const char *strategy_item_id);

/** Without criteria; for the role, "" for everybody. */
ReviewCycle__Submission *define_template(spec *s, const char *role_id, uint32_t version);
/** Adds one to a template being built; weight in percent, competency_id "" for none. */
void add_criterion(spec *s, ReviewCycle__Submission *sub, const char *criterion_id, int facet,
                   uint32_t percent, const char *competency_id);
/** Rates one in a review being built. */
ReviewCycle__CriterionRating *rate_criterion(spec *s, ReviewCycle__Submission *sub,
                                             const char *criterion_id, int32_t value);

/** Adds to a review being built. */
ReviewCycle__CompetencyRating *add_rating(spec *s, ReviewCycle__Submission *sub,
                                          const char *competency_id, int facet, int32_t value);
void add_overall(spec *s, ReviewCycle__Submission *sub, int32_t what, int32_t how);

/** With comment; overall what 4, how 2; speaking 5; writing in "how" not applicable. */
ReviewCycle__Submission *full_review(spec *s, const char *rater_id, const char *review_id,
                                     const char *subject_id, int relation);

/** Of ann by boss: only what and how. */
ReviewCycle__Submission *overall_review(spec *s, const char *review_id, int32_t what, int32_t how);

/** Fixture A: 60 % and 40 % of what; speaking and writing, half each, of how. */
ReviewCycle__Submission *fixture_a(spec *s, const char *role_id, uint32_t version);
/** Its review of ann by boss: 4 and 3; speaking 5, writing not applicable. */
ReviewCycle__Submission *review_of_fixture_a(spec *s, const char *review_id);

/** Sends it and demands that it is accepted. */
void given_done(spec *s, ReviewCycle__Submission *sub);
/** Another submission of the same message. */
void when_again(spec *s, ReviewCycle__Submission *sub);
/** Moves q1 one step, forced where that is possible, with a reason. */
void given_moved(spec *s, int to);
/** Moves q1 from where it starts, a draft, up to this phase. */
void given_phase(spec *s, int phase);

/**
 * boss; ann and bob who report to boss; cid who reports to ann; hanna, HR partner; lea, who
 * reported to boss and has left; competencies "speaking" and "writing"; scale "five"; cycle "q1", a
 * draft.
 */
int setup_draft(void **state);
/** The same with q1 open for writing. */
int setup_writing(void **state);

const ReviewCycle__Cycle *cycle_now(spec *s);
const ReviewCycle__GetReview *get_review(spec *s, const char *viewer_id, const char *review_id);
/** How many records of the service's own tables hold this text in key or value. */
size_t records_that_say(const px_view *state, const char *text);

#endif
