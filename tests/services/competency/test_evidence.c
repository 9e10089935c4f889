/* Tests of competency: evidence beside ratings, what each action does, prior learning, validity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "services/competency/state_attainment.h"
#include "tests/services/competency/fixtures.h"

enum {
    COURSE_DONE = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE,
    CERTIFICATE = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_CERTIFICATE,
    PRIOR = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_PRIOR_LEARNING,
    LOG = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_LOG,
    COMPLETE = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE,
    OVERRIDE = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_OVERRIDE,
    RAISE = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE,
    TAKE_UP = COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_TAKE_UP,
    ACCEPT = COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_ACCEPT,
    REJECT = COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_REJECT,
    RETURN = COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_RETURN,
    ATTAINMENT_CHANGED = COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED,
    EXPIRING = COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING,
    EXPIRED = COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED,
    BY_EXPIRY = COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_EXPIRED,
    BY_SUPERSEDING = COMPETENCY__ATTAINMENT_REASON__ATTAINMENT_REASON_SUPERSEDED
};

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static void *new_body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub =
        (Competency__Submission *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

/* About "three", a competency with levels 1, 2 and 3; the level "" for none. */
static Competency__Submission *record(spec *s, const char *evidence_id, int source, int action,
                                      const char *level_name)
{
    Competency__Submission *sub;
    Competency__RecordEvidence *b = new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);

    b->evidence_id = text(s, evidence_id);
    b->person_id = text(s, "ann");
    b->competency_id = text(s, "three");
    b->source = (Competency__EvidenceSource)source;
    b->action = (Competency__EvidenceAction)action;
    b->level_name = text(s, level_name);
    return sub;
}

static Competency__Submission *supersede(spec *s, const char *evidence_id)
{
    Competency__Submission *sub;
    Competency__SupersedeEvidence *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SUPERSEDE_EVIDENCE);

    b->evidence_id = text(s, evidence_id);
    b->reason_code = text(s, "revoked");
    return sub;
}

static Competency__Submission *hand_in(spec *s, const char *evidence_id)
{
    Competency__Submission *sub;
    Competency__SubmitPriorLearning *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SUBMIT_PRIOR_LEARNING);

    b->evidence_id = text(s, evidence_id);
    b->person_id = text(s, "ann");
    b->competency_id = text(s, "three");
    b->level_name = text(s, "3");
    return sub;
}

static Competency__Submission *step(spec *s, const char *evidence_id, const char *actor, int step)
{
    Competency__Submission *sub;
    Competency__ReviewPriorLearning *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_REVIEW_PRIOR_LEARNING);

    sub->actor = text(s, actor);
    b->evidence_id = text(s, evidence_id);
    b->step = (Competency__PriorLearningStep)step;
    return sub;
}

static attainment attained(spec *s)
{
    level_key key = { SPEC_TENANT, "ann", "three" };
    attained_record said;

    competency_state_get_attained(spec_state(s), &key, &said);
    return said.now;
}

static int setup_three(void **state)
{
    static const char *const levels[] = { "1", "2", "3", NULL };
    int failed = setup(state);

    given_done(*state, define_levels(*state, "three", levels));
    return failed;
}

static int setup_three_for_a_year(void **state)
{
    static const char *const levels[] = { "1", "2", "3", NULL };
    int failed = setup(state);
    Competency__Submission *sub = define_levels(*state, "three", levels);

    sub->define_competency->valid_days = 365;
    given_done(*state, sub);
    return failed;
}

static void then_attained(spec *s, unsigned level, bool proficient)
{
    const CompetencyFact__AttainmentChanged *f = then_some_fact(s, ATTAINMENT_CHANGED);

    assert_int_equal(f->level, level);
    assert_int_equal(f->proficient, proficient);
    assert_int_equal(attained(s).level, level);
}

/* ---- what each action does ---- */

/* Fixture E: values 1, 2, 3; proficient from 2; default 2. */
static void actions__in_a_row(void **ctx)
{
    spec *s = *ctx;

    when(s, record(s, "e1", COURSE_DONE, LOG, ""));
    then_accepted(s);
    assert_int_equal(facts_of(s, ATTAINMENT_CHANGED), 0);
    assert_int_equal(attained(s).level, 0);
    when(s, record(s, "e2", COURSE_DONE, COMPLETE, ""));
    then_attained(s, 2, true);
    when(s, record(s, "e3", COURSE_DONE, OVERRIDE, "1"));
    then_attained(s, 1, false);
    when(s, record(s, "e4", COURSE_DONE, COMPLETE, ""));
    then_accepted(s);
    assert_int_equal(facts_of(s, ATTAINMENT_CHANGED), 0);
    when(s, record(s, "e5", COURSE_DONE, RAISE, "2"));
    then_attained(s, 2, true);
    when(s, record(s, "e6", COURSE_DONE, OVERRIDE, ""));
    then_attained(s, 0, false);
    when(s, record(s, "e7", COURSE_DONE, COMPLETE, ""));
    then_attained(s, 2, true);
    const Competency__AttainmentChanged *event = then_event(s, "AttainmentChanged");
    assert_string_equal(event->level_name, "2");
    assert_true(event->proficient);
    assert_null(event->lapses_at);
}

static void raise__never_lowers(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record(s, "e1", COURSE_DONE, RAISE, "3"));
    when(s, record(s, "e2", COURSE_DONE, RAISE, "1"));
    then_accepted(s);
    assert_int_equal(attained(s).level, 3);
}

static void superseded__is_as_if_it_never_was(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record(s, "e1", COURSE_DONE, COMPLETE, ""));
    given_done(s, record(s, "e2", COURSE_DONE, RAISE, "3"));
    when(s, supersede(s, "e2"));
    const CompetencyFact__AttainmentChanged *f = then_some_fact(s, ATTAINMENT_CHANGED);
    assert_int_equal(f->level, 2);
    assert_int_equal(f->reason, BY_SUPERSEDING);
    const Competency__EvidenceSuperseded *event = then_event(s, "EvidenceSuperseded");
    assert_string_equal(event->reason_code, "revoked");
    when(s, supersede(s, "e2"));
    then_rejected(s, PX_REASON_ALREADY_WITHDRAWN, "evidence_id");
    when(s, record(s, "e2", COURSE_DONE, LOG, ""));
    then_rejected(s, PX_REASON_EVIDENCE_EXISTS, "evidence_id");
}

static void certificate__also_lifts_the_estimate(void **ctx)
{
    spec *s = *ctx;
    level_key key = { SPEC_TENANT, "ann", "three" };

    given_done(s, record(s, "e1", CERTIFICATE, RAISE, "3"));
    assert_true(mu_of(s, "ann", "three") > 3.5);
    assert_true(said_of(s, "ann", "three").level.assessed);
    given_done(s, supersede(s, "e1"));
    assert_false(competency_state_get_standing(spec_state(s), &key).known);
}

static void certificate__that_had_lapsed_when_it_came_in_lifts_nothing(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = record(s, "e1", CERTIFICATE, RAISE, "3");

    sub->occurred_at = px_codec_timestamp(SPEC_START_US - 366 * DAY_US, spec_arena(s));
    given_done(s, sub);
    assert_false(standing_of(s, "ann", "three").known);
    assert_int_equal(attained(s).level, 0);
    sub = record(s, "e2", CERTIFICATE, RAISE, "3");
    sub->occurred_at = px_codec_timestamp(SPEC_START_US - 364 * DAY_US, spec_arena(s));
    given_done(s, sub);
    assert_true(mu_of(s, "ann", "three") > 3.5);
}

static void record_evidence__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = record(s, "e1", COURSE_DONE, RAISE, "3");

    sub->record_evidence->person_id = text(s, "nobody");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    sub = record(s, "e1", COURSE_DONE, RAISE, "3");
    sub->record_evidence->competency_id = text(s, "magic");
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, record(s, "e1", PRIOR, RAISE, "3"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "source");
    sub = record(s, "e1", COURSE_DONE, RAISE, "3");
    sub->actor = text(s, "ann");
    when(s, sub);
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, record(s, "e1", COURSE_DONE, RAISE, ""));
    then_rejected(s, PX_REASON_FIELD_MISSING, "level_name");
    when(s, record(s, "e1", CERTIFICATE, LOG, ""));
    then_rejected(s, PX_REASON_FIELD_MISSING, "level_name");
    when(s, record(s, "e1", COURSE_DONE, OVERRIDE, "4"));
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "level_name");
    when(s, supersede(s, "e1"));
    then_rejected(s, PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
}

static void define_competency__names_its_levels(void **ctx)
{
    static const char *const levels[] = { "1", "2", "3", NULL };
    spec *s = *ctx;
    Competency__Submission *sub = define_levels(s, "three", levels);

    sub->define_competency->proficient_from = text(s, "4");
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "proficient_from");
    sub = define_levels(s, "three", levels);
    sub->define_competency->default_level = text(s, "4");
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "default_level");
    given_done(s, record(s, "e1", COURSE_DONE, COMPLETE, ""));
    sub = define_levels(s, "three", levels);
    sub->define_competency->proficient_from = text(s, "3");
    when(s, sub); /* who is at the default level is judged again */
    then_attained(s, 3, true);
}

/* ---- prior learning ---- */

static void prior_learning__is_reviewed_by_somebody_else(void **ctx)
{
    spec *s = *ctx;

    given_done(s, hand_in(s, "p1"));
    const Competency__PriorLearningSubmitted *event = then_event(s, "PriorLearningSubmitted");
    assert_string_equal(event->level_name, "3");
    when(s, step(s, "p1", "boss", ACCEPT));
    then_rejected(s, PX_REASON_REVIEW_STEP, "step");
    when(s, step(s, "p1", "ann", TAKE_UP));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, step(s, "p1", "stranger", TAKE_UP));
    then_rejected(s, PX_REASON_ACTOR_UNKNOWN, "actor");
    given_done(s, step(s, "p1", "boss", TAKE_UP));
    assert_int_equal(attained(s).level, 0);
    given_done(s, step(s, "p1", "boss", RETURN));
    given_done(s, step(s, "p1", "boss", TAKE_UP));
    when(s, step(s, "p1", "boss", ACCEPT));
    then_attained(s, 3, true);
    const Competency__EvidenceRecorded *recorded = then_event(s, "EvidenceRecorded");
    assert_int_equal(recorded->source, PRIOR);
    const Competency__PriorLearningReviewed *reviewed = then_event(s, "PriorLearningReviewed");
    assert_string_equal(reviewed->reviewer_id, "boss");
    when(s, step(s, "p1", "boss", ACCEPT));
    then_rejected(s, PX_REASON_REVIEW_STEP, "step");
}

static void prior_learning__rejected_gives_nothing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, hand_in(s, "p1"));
    given_done(s, step(s, "p1", "boss", TAKE_UP));
    given_done(s, step(s, "p1", "boss", REJECT));
    assert_int_equal(attained(s).level, 0);
    when(s, hand_in(s, "p1"));
    then_rejected(s, PX_REASON_EVIDENCE_EXISTS, "evidence_id");
    when(s, supersede(s, "p1"));
    then_rejected(s, PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
}

/* ---- validity ---- */

static void validity__is_announced_twice_and_ends(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record(s, "e1", COURSE_DONE, COMPLETE, ""));
    assert_true(attained(s).lapses_us == SPEC_START_US + 365 * DAY_US);
    when_now_is(s, SPEC_START_US + 334 * DAY_US);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 335 * DAY_US);
    const CompetencyFact__CompetencyExpiring *f = then_fact(s, EXPIRING);
    assert_int_equal(f->days, 30);
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 358 * DAY_US);
    f = then_fact(s, EXPIRING);
    assert_int_equal(f->days, 7);
    then_no_more_facts(s);
    const Competency__CompetencyExpiring *event = then_event(s, "CompetencyExpiring");
    assert_int_equal(event->days, 7);
    when_now_is(s, SPEC_START_US + 365 * DAY_US);
    const CompetencyFact__CompetencyExpired *ended = then_fact(s, EXPIRED);
    assert_true(ended->expired_at_us == SPEC_START_US + 365 * DAY_US);
    const CompetencyFact__AttainmentChanged *changed = then_fact(s, ATTAINMENT_CHANGED);
    assert_int_equal(changed->level, 0);
    assert_int_equal(changed->reason, BY_EXPIRY);
    then_no_more_facts(s);
    then_event(s, "CompetencyExpired");
    when_now_is(s, SPEC_START_US + 500 * DAY_US);
    then_no_more_facts(s);
}

static void validity__counts_from_when_it_was_earned(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = record(s, "e1", COURSE_DONE, COMPLETE, "");

    sub->occurred_at = px_codec_timestamp(SPEC_START_US - 361 * DAY_US, spec_arena(s));
    when(s, sub);
    then_attained(s, 2, true);
    const CompetencyFact__CompetencyExpiring *f = then_some_fact(s, EXPIRING);
    assert_int_equal(f->days, 7); /* too late for the other notice */
    assert_true(f->expires_at_us == SPEC_START_US + 4 * DAY_US);
}

static void validity__renewed_in_time_goes_on(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record(s, "e1", COURSE_DONE, COMPLETE, ""));
    when_now_is(s, SPEC_START_US + 340 * DAY_US);
    then_fact(s, EXPIRING);
    given_done(s, record(s, "e2", COURSE_DONE, COMPLETE, ""));
    assert_true(attained(s).lapses_us == SPEC_START_US + (340 + 365) * DAY_US);
    when_now_is(s, SPEC_START_US + 366 * DAY_US);
    assert_int_equal(facts_of(s, EXPIRED), 0);
    assert_int_equal(attained(s).level, 2);
}

/* ---- erasure ---- */

static void erased__leaves_no_evidence(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record(s, "e1", COURSE_DONE, COMPLETE, ""));
    given_done(s, record(s, "e2", COURSE_DONE, RAISE, "3"));
    given_done(s, supersede(s, "e2")); /* also of what was taken back before */
    given_done(s, hand_in(s, "p1"));
    given_person_erased(s, "ann");
    assert_int_equal(records_with(s, "ann"), 0);
    given_person(s, "ann", "boss");
    assert_int_equal(attained(s).level, 0);
    when(s, record(s, "e1", COURSE_DONE, LOG, ""));
    then_rejected(s, PX_REASON_EVIDENCE_EXISTS, "evidence_id");
}

#define THREE(name) cmocka_unit_test_setup_teardown(name, setup_three, spec_teardown_looking_again)
#define FOR_A_YEAR(name)                                                                           \
    cmocka_unit_test_setup_teardown(name, setup_three_for_a_year, spec_teardown_looking_again)

/* ---- spaced learning ---- */

static void prompt_answered__is_on_record_and_attains_nothing(void **ctx)
{
    char *competency_ids[] = { "three" }, *evidence_ids[] = { "prompt-1" };
    LearningRecommenderFact__Fact fact = LEARNING_RECOMMENDER_FACT__FACT__INIT;
    LearningRecommenderFact__PromptAnswered f = LEARNING_RECOMMENDER_FACT__PROMPT_ANSWERED__INIT;
    evidence_ref ref;
    spec *s = *ctx;

    f.person_id = "ann";
    f.item_id = "talk";
    f.competency_ids = competency_ids;
    f.evidence_ids = evidence_ids;
    f.n_competency_ids = f.n_evidence_ids = 1;
    fact.body_case = LEARNING_RECOMMENDER_FACT__FACT__BODY_PROMPT_ANSWERED;
    fact.prompt_answered = &f;
    given(s, "learning-recommender", &fact);
    then_no_more_facts(s);
    assert_true(competency_state_get_evidence_ref(spec_state(s), SPEC_TENANT, "prompt-1", &ref));
    assert_int_equal(ref.status, EVIDENCE_RECORDED);
    assert_int_equal(attained(s).level, 0);
}

static void own_evidence__is_kept_on_record_and_no_more(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = record(s, "e1", COURSE_DONE, LOG, "");

    sub->actor = text(s, "ann");
    given_done(s, sub);
    assert_int_equal(attained(s).level, 0);
    sub = supersede(s, "e1");
    sub->actor = text(s, "ann");
    when(s, sub);
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    given_done(s, supersede(s, "e1"));
    when(s, supersede(s, "e1"));
    then_rejected(s, PX_REASON_ALREADY_WITHDRAWN, "evidence_id");
}

static void prior_learning__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = hand_in(s, "p1");

    sub->submit_prior_learning->person_id = text(s, "nobody");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    sub = hand_in(s, "p1");
    sub->submit_prior_learning->person_id = text(s, "lea");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    sub = hand_in(s, "p1");
    sub->submit_prior_learning->competency_id = text(s, "magic");
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    sub = hand_in(s, "p1");
    sub->submit_prior_learning->level_name = text(s, "4");
    when(s, sub);
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "level_name");
    when(s, step(s, "p1", "boss", TAKE_UP));
    then_rejected(s, PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
    given_done(s, record(s, "e1", COURSE_DONE, RAISE, "3")); /* not handed in: not reviewed */
    when(s, step(s, "e1", "boss", TAKE_UP));
    then_rejected(s, PX_REASON_EVIDENCE_UNKNOWN, "evidence_id");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        THREE(actions__in_a_row),
        THREE(raise__never_lowers),
        THREE(superseded__is_as_if_it_never_was),
        THREE(certificate__also_lifts_the_estimate),
        FOR_A_YEAR(certificate__that_had_lapsed_when_it_came_in_lifts_nothing),
        THREE(record_evidence__rejections_in_order),
        THREE(define_competency__names_its_levels),
        THREE(prior_learning__is_reviewed_by_somebody_else),
        THREE(prior_learning__rejected_gives_nothing),
        FOR_A_YEAR(validity__is_announced_twice_and_ends),
        FOR_A_YEAR(validity__counts_from_when_it_was_earned),
        FOR_A_YEAR(validity__renewed_in_time_goes_on),
        THREE(erased__leaves_no_evidence),
        THREE(prompt_answered__is_on_record_and_attains_nothing),
        THREE(own_evidence__is_kept_on_record_and_no_more),
        THREE(prior_learning__rejections_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
