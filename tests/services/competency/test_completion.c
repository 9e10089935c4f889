/* L8: what a completed item is as evidence, as its catalogue says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures.h"

enum {
    NONE = LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_NONE,
    LOG = LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_LOG,
    COMPLETE = LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_COMPLETE,
    RECOMMEND = LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_RECOMMEND,
    RECORDED = COMPETENCY_FACT__FACT__BODY_EVIDENCE_RECORDED,
    SUPERSEDED = COMPETENCY_FACT__FACT__BODY_EVIDENCE_SUPERSEDED,
    SUBMITTED = COMPETENCY_FACT__FACT__BODY_PRIOR_LEARNING_SUBMITTED,
    ATTAINED = COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED
};

static void given_completed(spec *s, uint32_t action, int day)
{
    LearningRecommenderFact__Fact *fact =
        item_completed(s, "ann", "stage", COURSE, 8, "sql", 1, day);

    fact->item_completed->completion_evidence = action;
    given_item_completed(s, fact);
}

static void completion__is_no_evidence_unless_the_item_says_so(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, NONE, 0);
    assert_int_equal(facts_of(s, RECORDED) + facts_of(s, SUBMITTED), 0);
}

static void log__is_kept_and_gives_no_level(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, LOG, 0);
    const CompetencyFact__EvidenceRecorded *f = then_some_fact(s, RECORDED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_int_equal(f->source, COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE);
    assert_int_equal(f->action, COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_LOG);
    assert_int_equal(f->earned_at_us, SPEC_START_US);
    assert_int_equal(facts_of(s, ATTAINED), 0);
    then_event(s, "EvidenceRecorded");
}

static void complete__gives_the_default_level(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, COMPLETE, 0);
    then_some_fact(s, RECORDED);
    const CompetencyFact__AttainmentChanged *f = then_some_fact(s, ATTAINED);
    assert_true(f->level > 0);
}

static void recommend__hands_it_in_for_review(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, RECOMMEND, 0);
    const CompetencyFact__PriorLearningSubmitted *f = then_some_fact(s, SUBMITTED);
    assert_int_equal(f->level, 5); /* the item is made for levels 1 to 5 */
    assert_int_equal(facts_of(s, ATTAINED), 0);
    assert_int_equal(facts_of(s, RECORDED), 0);
}

static void voided__takes_the_evidence_and_its_level_back(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, COMPLETE, 0);
    given_completion_voided(s, "ann", "stage");
    const CompetencyFact__EvidenceSuperseded *f = then_some_fact(s, SUPERSEDED);
    assert_string_equal(f->reason_code, "completion-voided");
    const CompetencyFact__AttainmentChanged *gone = then_some_fact(s, ATTAINED);
    assert_int_equal(gone->level, 0);

    given_completed(s, COMPLETE, 3); /* now really: another piece of evidence */
    then_some_fact(s, RECORDED);
    then_some_fact(s, ATTAINED);
}

static void voided__what_waits_for_review_waits_no_longer(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, RECOMMEND, 0);
    given_completion_voided(s, "ann", "stage");
    then_some_fact(s, SUPERSEDED);
}

static void erased_person__leaves_no_completion(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, COMPLETE, 0);
    given_person_erased(s, "ann");
    given_person(s, "ann", "boss");
    given_completed(s, COMPLETE, 0);
    then_some_fact(s, RECORDED);
}

static void complete__lapses_as_long_after_it_as_the_competency_is_valid(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = define_competency(s, "sql");

    sub->define_competency->valid_days = 90;
    given_done(s, sub);
    given_completed(s, COMPLETE, 2);
    const CompetencyFact__EvidenceRecorded *f = then_some_fact(s, RECORDED);
    assert_true(f->valid_until_us == SPEC_START_US + (2 + 90) * DAY_US);
}

static void recommend__hands_in_the_highest_level_the_item_is_made_for(void **ctx)
{
    spec *s = *ctx;
    LearningRecommenderFact__Fact *fact = item_completed(s, "ann", "stage", COURSE, 8, "sql", 1, 0);

    fact->item_completed->completion_evidence = RECOMMEND;
    fact->item_completed->outcomes[0]->level_to = 3.4;
    given_item_completed(s, fact);
    const CompetencyFact__PriorLearningSubmitted *f = then_some_fact(s, SUBMITTED);
    assert_int_equal(f->level, 3);
    assert_string_equal(f->level_name, "Good");
}

static void completion__of_what_nobody_defined_or_by_whom_nobody_knows_is_no_evidence(void **ctx)
{
    spec *s = *ctx;
    LearningRecommenderFact__Fact *magic =
        item_completed(s, "ann", "stage", COURSE, 8, "magic", 1, 0);
    LearningRecommenderFact__Fact *stranger =
        item_completed(s, "stranger", "stage", COURSE, 8, "sql", 1, 0);

    magic->item_completed->completion_evidence = COMPLETE;
    given_item_completed(s, magic);
    assert_int_equal(facts_of(s, RECORDED), 0);
    stranger->item_completed->completion_evidence = COMPLETE;
    given_item_completed(s, stranger);
    assert_int_equal(facts_of(s, RECORDED), 0);
}

static Competency__Submission *supersede(spec *s, char *evidence_id)
{
    Competency__Submission *sub =
        (void *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    Competency__SupersedeEvidence *b = (void *)px_codec_set_oneof(
        &sub->base, COMPETENCY__SUBMISSION__BODY_SUPERSEDE_EVIDENCE, spec_arena(s));

    b->evidence_id = evidence_id;
    b->reason_code = "revoked";
    return sub;
}

static void voided__after_somebody_took_the_evidence_back_says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, COMPLETE, 0);
    const CompetencyFact__EvidenceRecorded *f = then_some_fact(s, RECORDED);
    given_done(s, supersede(s, f->evidence_id));
    given_completion_voided(s, "ann", "stage");
    assert_int_equal(facts_of(s, SUPERSEDED), 0);
}

static Competency__Submission *review_step(spec *s, char *evidence_id,
                                           Competency__PriorLearningStep step)
{
    Competency__Submission *sub =
        (void *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    Competency__ReviewPriorLearning *b = (void *)px_codec_set_oneof(
        &sub->base, COMPETENCY__SUBMISSION__BODY_REVIEW_PRIOR_LEARNING, spec_arena(s));

    sub->actor = "boss";
    b->evidence_id = evidence_id;
    b->step = step;
    return sub;
}

static void voided__after_the_review_rejected_it_says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, RECOMMEND, 0);
    const CompetencyFact__PriorLearningSubmitted *f = then_some_fact(s, SUBMITTED);
    char *id = f->evidence_id;
    given_done(s, review_step(s, id, COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_TAKE_UP));
    given_done(s, review_step(s, id, COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_REJECT));
    given_completion_voided(s, "ann", "stage");
    assert_int_equal(facts_of(s, SUPERSEDED), 0);
}

static void voided__after_the_review_accepted_it_takes_the_level_back(void **ctx)
{
    spec *s = *ctx;

    given_completed(s, RECOMMEND, 0);
    const CompetencyFact__PriorLearningSubmitted *f = then_some_fact(s, SUBMITTED);
    char *id = f->evidence_id;
    given_done(s, review_step(s, id, COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_TAKE_UP));
    given_done(s, review_step(s, id, COMPETENCY__PRIOR_LEARNING_STEP__PRIOR_LEARNING_STEP_ACCEPT));
    given_completion_voided(s, "ann", "stage");
    then_some_fact(s, SUPERSEDED);
    const CompetencyFact__AttainmentChanged *gone = then_some_fact(s, ATTAINED);
    assert_int_equal(gone->level, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(completion__is_no_evidence_unless_the_item_says_so),
        TEST(log__is_kept_and_gives_no_level),
        TEST(complete__gives_the_default_level),
        TEST(recommend__hands_it_in_for_review),
        TEST(voided__takes_the_evidence_and_its_level_back),
        TEST(voided__what_waits_for_review_waits_no_longer),
        TEST(erased_person__leaves_no_completion),
        TEST(complete__lapses_as_long_after_it_as_the_competency_is_valid),
        TEST(recommend__hands_in_the_highest_level_the_item_is_made_for),
        TEST(completion__of_what_nobody_defined_or_by_whom_nobody_knows_is_no_evidence),
        TEST(voided__after_somebody_took_the_evidence_back_says_nothing),
        TEST(voided__after_the_review_rejected_it_says_nothing),
        TEST(voided__after_the_review_accepted_it_takes_the_level_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
