/* Tests of review-cycle: how far somebody could go. R6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/review-cycle/fixtures.h"

enum { RATED = REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED };

static ReviewCycle__Submission *rate_potential(spec *s, const char *actor, const char *person_id,
                                               int32_t value)
{
    ReviewCycle__Submission *sub = (ReviewCycle__Submission *)px_codec_new(
        &review_cycle__submission__descriptor, spec_arena(s));
    ReviewCycle__RatePotential *b = (ReviewCycle__RatePotential *)px_codec_set_oneof(
        &sub->base, REVIEW_CYCLE__SUBMISSION__BODY_RATE_POTENTIAL, spec_arena(s));

    sub->actor = px_arena_strdup(spec_arena(s), actor);
    b->cycle_id = px_arena_strdup(spec_arena(s), "q1");
    b->person_id = px_arena_strdup(spec_arena(s), person_id);
    b->value = value;
    return sub;
}

/* The manager's review of ann: what 4, how 3. */
static void given_reviewed(spec *s)
{
    ReviewCycle__Submission *sub = submit_review(s, "boss", "r1", "ann", MANAGER);

    add_overall(s, sub, 4, 3);
    given_done(s, sub);
}

static const ReviewCycle__PersonScore *score_for(spec *s, const char *viewer_id)
{
    ReviewCycle__GetPersonScore q = REVIEW_CYCLE__GET_PERSON_SCORE__INIT;

    q.viewer_id = (char *)viewer_id;
    q.cycle_id = "q1";
    q.person_id = "ann";
    return then_answer(s, "GetPersonScore", &q);
}

static void rate_potential__is_said_and_never_published(void **ctx)
{
    spec *s = *ctx;

    when(s, rate_potential(s, "boss", "ann", 5));
    const ReviewCycleFact__PotentialRated *f = then_fact(s, RATED);
    assert_string_equal(f->cycle_id, "q1");
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->by_id, "boss");
    assert_int_equal(f->value, 5);
    then_no_more_facts(s);
    then_feed_never_says(s, "Potential");
}

static void rate_potential__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    ReviewCycle__Submission *sub = rate_potential(s, "nobody", "none", 9);

    sub->rate_potential->cycle_id = "q9";
    when(s, sub);
    then_rejected(s, PX_REASON_ACTOR_UNKNOWN, "actor");
    sub->actor = "bob";
    when_again(s, sub);
    then_rejected(s, PX_REASON_CYCLE_UNKNOWN, "cycle_id");
    sub->rate_potential->cycle_id = "q1";
    when_again(s, sub);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    sub->rate_potential->person_id = "lea";
    when_again(s, sub);
    then_rejected(s, PX_REASON_PERSON_INACTIVE, "person_id");
    sub->rate_potential->person_id = "ann"; /* a colleague */
    when_again(s, sub);
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, rate_potential(s, "hanna", "hanna", 5));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, rate_potential(s, "boss", "ann", 6));
    then_rejected(s, PX_REASON_BAD_SCALE_VALUE, "value");
    given_moved(s, SHARING);
    when(s, rate_potential(s, "boss", "ann", 5));
    then_rejected(s, PX_REASON_CYCLE_NOT_OPEN, "cycle_id");
}

/* Performance 3.50 of 1..5 is in the second slice of three, potential 5 in the third. */
static void potential__is_shown_with_its_place_to_manager_and_hr_only(void **ctx)
{
    spec *s = *ctx;

    given_reviewed(s);
    given_done(s, rate_potential(s, "hanna", "ann", 2));
    given_done(s, rate_potential(s, "boss", "ann", 5)); /* the last one counts */
    given_moved(s, SHARING);
    static const char *const viewers[] = { "boss", "hanna" };
    for (size_t i = 0; i < PX_COUNT(viewers); i++) {
        const ReviewCycle__PersonScore *a = score_for(s, viewers[i]);

        assert_int_equal(a->performance->hundredths, 350);
        assert_int_equal(a->potential->hundredths, 500);
        assert_int_equal(a->performance_slice, 2);
        assert_int_equal(a->potential_slice, 3);
    }
    const ReviewCycle__PersonScore *own = score_for(s, "ann");
    assert_int_equal(own->what->hundredths, 400);
    assert_null(own->performance);
    assert_null(own->potential);
    assert_int_equal(own->potential_slice, 0);
}

static void potential__that_nobody_rated_has_no_place(void **ctx)
{
    spec *s = *ctx;

    given_reviewed(s);
    given_moved(s, SHARING);
    const ReviewCycle__PersonScore *a = score_for(s, "boss");
    assert_int_equal(a->performance->hundredths, 350);
    assert_null(a->potential);
    assert_int_equal(a->performance_slice, 0);
    assert_int_equal(a->potential_slice, 0);
}

static void potential__of_the_erased_is_gone(void **ctx)
{
    ReviewCycleFact__PotentialRated late = REVIEW_CYCLE_FACT__POTENTIAL_RATED__INIT;
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    spec *s = *ctx;

    given_done(s, rate_potential(s, "boss", "bob", 5));
    given_person_erased(s, "bob");
    late.cycle_id = "q1";
    late.person_id = "bob";
    late.value = 4;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_POTENTIAL_RATED;
    fact.potential_rated = &late;
    given(s, "review-cycle", &fact);                             /* decided before the erasure */
    assert_int_equal(records_that_say(spec_state(s), "bob"), 1); /* the tombstone */
}

#define WHILE_WRITING(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, setup_writing, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WHILE_WRITING(rate_potential__is_said_and_never_published),
        WHILE_WRITING(rate_potential__rejections_in_order),
        WHILE_WRITING(potential__is_shown_with_its_place_to_manager_and_hr_only),
        WHILE_WRITING(potential__that_nobody_rated_has_no_place),
        WHILE_WRITING(potential__of_the_erased_is_gone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
