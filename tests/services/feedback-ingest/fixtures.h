/* fixtures.h: submissions of feedback-ingest with plain defaults, and a small organisation.
 *
 * Builders return the submission, so that a test may change what it is about before it sends it.
 */
#ifndef PRAXIS_TESTS_FEEDBACK_INGEST_FIXTURES_H
#define PRAXIS_TESTS_FEEDBACK_INGEST_FIXTURES_H

#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "praxis/feedback_ingest/v1/event.pb-c.h"
#include "praxis/feedback_ingest/v1/query.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "tests/services/spec.h"

#define FEEDBACK_TEXT "You explained the outage so that everybody understood it."

/** Active, no HR partner. */
FeedbackIngest__Submission *record_person(spec *s, const char *person_id, const char *manager_id,
                                          const char *unit_id);
FeedbackIngest__Submission *record_unit(spec *s, const char *unit_id, const char *parent_unit_id);
/** Praise with FEEDBACK_TEXT for the person and their manager, tagged positive for "speaking". */
FeedbackIngest__Submission *give_feedback(spec *s, const char *giver_id, const char *feedback_id,
                                          const char *about_id);
FeedbackIngest__Submission *withdraw_feedback(spec *s, const char *actor, const char *feedback_id);
FeedbackIngest__Submission *erase_person(spec *s, const char *person_id);

/** Adds one more tag to feedback being built. */
void add_tag(spec *s, FeedbackIngest__Submission *sub, const char *competency_id,
             FeedbackIngest__TagTone tone);

/**
 * Unit sales; boss; ann and bob who report to boss; cid who reports to ann; hanna, HR partner; lea,
 * who reported to boss and has left. All by submissions that must be accepted.
 */
void given_organisation(spec *s);
/** Sends it and demands that it is accepted. */
void given_done(spec *s, FeedbackIngest__Submission *sub);

/** cmocka set-up: a spec of feedback-ingest with the organisation. */
int setup_organisation(void **state);

/** How many records of the service's own tables hold this text in key or value. */
size_t records_that_say(const px_view *state, const char *text);

#endif
