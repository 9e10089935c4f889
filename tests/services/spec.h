/* spec.h: given / when / then for the tables of one service, through the real engine on the memory
 * bus.
 *
 * After each accepted `when` the same submission is sent again: the same result and no new fact are
 * demanded. What the service decides, reconciles, publishes, reports and answers it also does with
 * too little memory, of every size (starved.h). At the end all batches are folded into an empty
 * store and the digests compared.
 */
#ifndef PRAXIS_TESTS_SPEC_H
#define PRAXIS_TESTS_SPEC_H

#include "common/fold.h"
#include "common/service.h"

typedef struct spec spec;

#define SPEC_TENANT   "acme"
#define SPEC_SOURCE   "hr"
#define SPEC_START_US INT64_C(1767571200000000) /* 2026-01-05T00:00:00Z */

spec *spec_create(const px_service *service);
/** Replays, compares, frees. Fails the test on a difference. */
void spec_destroy(spec *s);
/** cmocka setup and teardown around the service under test: `*state` is a spec. */
int spec_setup_with(void **state, const px_service *service);
int spec_teardown(void **state);
/** Before that newer code looks at every key once more: fails the test on any fact it finds to say.
 */
int spec_teardown_looking_again(void **state);

/** Memory for messages of this test; freed with the spec. */
px_arena *spec_arena(spec *s);
/** The tester's own connection, to look at what has no word here (report values). */
px_bus *spec_bus(spec *s);
/** The wall clock from now on (microseconds since 1970); starts at SPEC_START_US. */
void spec_set_now(spec *s, int64_t now_us);
int64_t spec_now(const spec *s);

/** What is given from now on was taken over from another system's past, or not. */
void spec_set_history(spec *s, bool history);
/** A Fact message (praxis.<x>.fact.v1.Fact) of any service is in the log, as if decided now. */
void given(spec *s, const char *service, const void *fact);
/**
 * A Submission is sent and everything that follows is done (also reconciling). An empty
 * submission_id gets a fresh one, missing times the current one, an empty actor "system". Facts of
 * earlier `when`s are forgotten.
 */
void when(spec *s, void *submission);
/** Time passes: due keys are reconciled. Facts of earlier `when`s are forgotten. */
void when_now_is(spec *s, int64_t now_us);

/** The last submission was accepted. */
void then_accepted(spec *s);
/** The last submission was rejected with this reason and field, and stated no fact. */
void then_rejected(spec *s, px_reason reason, const char *field);
/** The next fact stated since the last `when` (or `given`) has this type; returns its body. */
const void *then_fact(spec *s, unsigned type);
/** The next fact of this type, skipping others. Fails when there is none. */
const void *then_some_fact(spec *s, unsigned type);
void then_no_more_facts(spec *s);
/** How many facts of this type were stated since the last `when`. */
size_t facts_of(spec *s, unsigned type);
/** The public event with this name since the last `when`; returns the unpacked message. */
const void *then_event(spec *s, const char *name);
/** No event with this name was published since the last `when`. */
void then_no_event(spec *s, const char *name);
/** All bytes on the feed so far (subjects, headers, bodies) do not contain this text. */
void then_feed_never_says(spec *s, const char *text);
/** Asks a question; returns the unpacked answer. */
const void *then_answer(spec *s, const char *question, const void *request);
/** The question is refused with this reason. */
void then_refused(spec *s, const char *question, const void *request, px_reason reason);
/** Reads the state: valid until the next call on the spec. */
const px_view *spec_state(spec *s);

#endif
