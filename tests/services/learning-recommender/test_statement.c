/* test_statement.c: L8: what learning systems say by xAPI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/learning-recommender/fixtures.h"

#define ADL      "http://adlnet.gov/expapi/verbs/"
#define ACTIVITY "https://lms.example.org/stage"

enum {
    TAKEN = LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_TAKEN,
    TAKEN_BACK = LEARNING_RECOMMENDER_FACT__FACT__BODY_STATEMENT_VOIDED
};

static LearningRecommender__Submission *statement(spec *s, const char *id, const char *verb)
{
    LearningRecommender__Submission *sub =
        (void *)px_codec_new(&learning_recommender__submission__descriptor, spec_arena(s));
    LearningRecommender__SubmitStatement *b = (void *)px_codec_set_oneof(
        &sub->base, LEARNING_RECOMMENDER__SUBMISSION__BODY_SUBMIT_STATEMENT, spec_arena(s));

    b->statement_id = px_arena_strdup(spec_arena(s), id);
    b->verb = px_arena_printf(spec_arena(s), ADL "%s", verb);
    b->person_id = px_arena_strdup(spec_arena(s), "ann");
    b->activity_id = px_arena_strdup(spec_arena(s), ACTIVITY);
    return sub;
}

static LearningRecommender__Submission *voiding(spec *s, const char *id, const char *voids)
{
    LearningRecommender__Submission *sub = statement(s, id, "voided");

    sub->submit_statement->person_id = px_arena_strdup(spec_arena(s), "");
    sub->submit_statement->activity_id = px_arena_strdup(spec_arena(s), "");
    sub->submit_statement->voids = px_arena_strdup(spec_arena(s), voids);
    return sub;
}

static void given_stage(spec *s)
{
    LearningRecommender__Submission *sub = define_item(s, "stage", 8, "speaking");

    sub->define_catalogue_item->activity_id = px_arena_strdup(spec_arena(s), ACTIVITY);
    sub->define_catalogue_item->completion_evidence =
        LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_LOG;
    given_done(s, sub);
}

static void completed__completes_the_item_of_the_activity(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_gap(s, "ann", "speaking", 2);
    when(s, statement(s, "s1", "completed"));

    then_accepted(s);
    const LearningRecommenderFact__StatementTaken *t = then_fact(s, TAKEN);
    assert_string_equal(t->statement_id, "s1");
    assert_true(t->completes && t->made);
    const LearningRecommenderFact__ItemCompleted *f = then_fact(s, COMPLETED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->item_id, "stage");
    assert_string_equal(f->plan_id, "ann-1");
    assert_int_equal(f->completion_evidence,
                     LEARNING_RECOMMENDER__COMPLETION_EVIDENCE__COMPLETION_EVIDENCE_LOG);
    then_ended(s, "ann-1", END_COMPLETED);
    then_event(s, "StatementTaken");
}

static void statement__counts_once_whoever_sends_it(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, statement(s, "s1", "completed"));
    when(s, statement(s, "s1", "completed"));
    then_rejected(s, PX_REASON_STATEMENT_EXISTS, "statement_id");
}

/* Many systems say both of one attempt. */
static void passed_after_completed__is_taken_and_completes_nothing_again(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, statement(s, "s1", "completed"));
    when(s, statement(s, "s2", "passed"));
    then_accepted(s);
    const LearningRecommenderFact__StatementTaken *t = then_fact(s, TAKEN);
    assert_true(t->completes && !t->made);
    then_no_more_facts(s);
}

static void voided__takes_the_completion_back_with_the_last_statement_that_says_it(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, statement(s, "s1", "completed"));
    given_done(s, statement(s, "s2", "passed"));
    when(s, voiding(s, "v1", "s1"));
    then_accepted(s);
    then_fact(s, TAKEN_BACK);
    then_no_more_facts(s); /* it was passed as well */
    when(s, voiding(s, "v2", "s2"));
    then_fact(s, TAKEN_BACK);
    const LearningRecommenderFact__CompletionVoided *f = then_fact(s, VOIDED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->item_id, "stage");
    when(s, statement(s, "s3", "completed"));
    then_fact(s, TAKEN);
    then_fact(s, COMPLETED);
}

static void voided__of_a_completion_reported_otherwise_changes_nothing(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, complete_item(s, "ann", "stage"));
    given_done(s, statement(s, "s1", "completed"));
    when(s, voiding(s, "v1", "s1"));
    then_fact(s, TAKEN_BACK);
    then_no_more_facts(s);
}

/* Statements come in any order. */
static void voided_before_it_came__never_counts(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, voiding(s, "v1", "s1"));
    when(s, statement(s, "s1", "completed"));
    then_rejected(s, PX_REASON_STATEMENT_VOIDED, "statement_id");
}

static void failed_or_progressed__only_starts_the_item(void **ctx)
{
    static const char *const verbs[] = { "failed", "progressed", "completed", "passed" };
    spec *s = *ctx;

    given_stage(s);
    for (size_t i = 0; i < 4; i++) {
        LearningRecommender__Submission *sub =
            statement(s, px_arena_printf(spec_arena(s), "s%zu", i), verbs[i]);

        sub->submit_statement->failed = i == 2;
        sub->submit_statement->incomplete = i == 3;
        when(s, sub);
        then_accepted(s);
        then_fact(s, TAKEN);
        if (i == 0)
            then_fact(s, STARTED);
        then_no_more_facts(s);
    }
}

static void attended__completes_only_what_says_so(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    when(s, statement(s, "s1", "attended"));
    then_rejected(s, PX_REASON_STATEMENT_VERB, "verb");
    LearningRecommender__Submission *sub = define_item(s, "stage", 8, "speaking");
    sub->define_catalogue_item->activity_id = px_arena_strdup(spec_arena(s), ACTIVITY);
    sub->define_catalogue_item->attendance_completes = true;
    given_done(s, sub);
    when(s, statement(s, "s1", "attended"));
    then_fact(s, TAKEN);
    then_fact(s, COMPLETED);
}

static void statement__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub;

    when(s, statement(s, "s1", "experienced"));
    then_rejected(s, PX_REASON_STATEMENT_VERB, "verb");
    when(s, voiding(s, "s1", ""));
    then_rejected(s, PX_REASON_FIELD_MISSING, "voids");
    sub = statement(s, "s1", "completed");
    sub->submit_statement->person_id = px_arena_strdup(spec_arena(s), "nobody");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    given_person_left(s, "lea", "boss");
    sub = statement(s, "s1", "completed");
    sub->submit_statement->person_id = px_arena_strdup(spec_arena(s), "lea");
    when(s, sub);
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    when(s, statement(s, "s1", "completed"));
    then_rejected(s, PX_REASON_ACTIVITY_UNKNOWN, "activity_id");
    given_stage(s);
    given_done(s, statement(s, "s1", "completed"));
    given_done(s, voiding(s, "v1", "s1"));
    when(s, voiding(s, "v2", "s1"));
    then_rejected(s, PX_REASON_STATEMENT_VOIDED, "voids");
    when(s, voiding(s, "v2", "v1"));
    then_rejected(s, PX_REASON_STATEMENT_VERB, "voids");
}

static LearningRecommender__Submission *define_talks(spec *s)
{
    LearningRecommender__Submission *sub = define_item(s, "talks", 8, "speaking");

    sub->define_catalogue_item->activity_id = px_arena_strdup(spec_arena(s), ACTIVITY);
    return sub;
}

static void activity__belongs_to_one_item(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    when(s, define_talks(s));
    then_rejected(s, PX_REASON_ACTIVITY_TAKEN, "activity_id");
    given_item(s, "stage", 8, "speaking"); /* it has none any more */
    given_done(s, define_talks(s));
    when(s, statement(s, "s1", "completed"));
    then_fact(s, TAKEN);
    const LearningRecommenderFact__ItemCompleted *f = then_fact(s, COMPLETED);
    assert_string_equal(f->item_id, "talks");
}

static void erased_person__leaves_no_statement(void **ctx)
{
    spec *s = *ctx;

    given_stage(s);
    given_done(s, statement(s, "s1", "completed"));
    given_done(s, statement(s, "s2", "passed"));
    given_person_erased(s, "ann");
    assert_int_equal(records_with(s, "s1", false) + records_with(s, "s2", false), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(completed__completes_the_item_of_the_activity),
        TEST(statement__counts_once_whoever_sends_it),
        TEST(passed_after_completed__is_taken_and_completes_nothing_again),
        TEST(voided__takes_the_completion_back_with_the_last_statement_that_says_it),
        TEST(voided__of_a_completion_reported_otherwise_changes_nothing),
        TEST(voided_before_it_came__never_counts),
        TEST(failed_or_progressed__only_starts_the_item),
        TEST(attended__completes_only_what_says_so),
        TEST(statement__rejections_in_order),
        TEST(activity__belongs_to_one_item),
        TEST(erased_person__leaves_no_statement),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
