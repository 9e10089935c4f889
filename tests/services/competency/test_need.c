/* Tests of competency: needs that many people of a unit share. C8, S1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures_framework.h"

enum {
    SET = COMPETENCY_FACT__FACT__BODY_NEED_DETECTOR_SET,
    DETECTED = COMPETENCY_FACT__FACT__BODY_LATENT_NEED_DETECTED,
    SAME_GAP = COMPETENCY__NEED_DETECTOR__NEED_DETECTOR_SAME_GAP,
    REPEATED_FEEDBACK = COMPETENCY__NEED_DETECTOR__NEED_DETECTOR_REPEATED_FEEDBACK,
    NO_EFFECT = COMPETENCY__NEED_DETECTOR__NEED_DETECTOR_NO_EFFECT,
    TEAM = 12
};

/* Nobody of setup() is in "ops". */
static const char *const team[TEAM] = { "o01", "o02", "o03", "o04", "o05", "o06",
                                        "o07", "o08", "o09", "o10", "o11", "o12" };

static Competency__Submission *set_detector(spec *s, int detector, uint32_t people)
{
    Competency__Submission *sub =
        (void *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    Competency__SetNeedDetector *b = (void *)px_codec_set_oneof(
        &sub->base, COMPETENCY__SUBMISSION__BODY_SET_NEED_DETECTOR, spec_arena(s));

    b->detector = (Competency__NeedDetector)detector;
    b->people = people;
    return sub;
}

static void given_team(spec *s, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        given_person_of_unit(s, team[i], "ops");
        given_done(s, assign_role(s, team[i], "analyst"));
    }
}

static void given_gap(spec *s, const char *person_id)
{
    char id[PX_ID_SIZE];

    snprintf(id, sizeof id, "gap-%s", person_id);
    given_rating(s, id, "boss", MANAGER, person_id, "sql", 1, 0);
}

/* Constructive, on "talk", which no role asks for. */
static void given_criticised(spec *s, const char *person_id, const char *giver_id)
{
    char id[2 * PX_ID_SIZE];

    snprintf(id, sizeof id, "f-%s-%s", giver_id, person_id);
    given_feedback(s, id, giver_id, person_id, "talk", NULL, -1, 0);
}

static const CompetencyFact__LatentNeedDetected *then_detected(spec *s, int detector,
                                                               const char *competency_id,
                                                               uint32_t people)
{
    const CompetencyFact__LatentNeedDetected *f = then_some_fact(s, DETECTED);

    assert_int_equal(f->detector, detector);
    assert_string_equal(f->unit_id, "ops");
    assert_string_equal(f->competency_id, competency_id);
    assert_int_equal(f->people, people);
    return f;
}

/* Who they are and what it shows by is in the log; `refs` of each. */
static void then_rests_on(const CompetencyFact__LatentNeedDetected *f, size_t people, size_t refs)
{
    assert_int_equal(f->n_evidence, people);
    for (size_t i = 0; i < f->n_evidence; i++) {
        assert_string_equal(f->evidence[i]->person_id, team[i]);
        assert_int_equal(f->evidence[i]->n_ref_ids, refs);
    }
}

/* ---- detectors ---- */

static void set_detector__never_below_five_people(void **ctx)
{
    spec *s = *ctx;

    when(s, set_detector(s, SAME_GAP, 4));
    then_rejected(s, PX_REASON_FIELD_INVALID, "people");
    when(s, set_detector(s, SAME_GAP, 0));
    const CompetencyFact__NeedDetectorSet *f = then_fact(s, SET);
    assert_int_equal(f->people, 5);
    const Competency__NeedDetectorSet *e = then_event(s, "NeedDetectorSet");
    assert_int_equal(e->detector, SAME_GAP);
}

/* ---- the same gap ---- */

static void same_gap__in_five_people_of_a_unit(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, SAME_GAP, 0));
    given_team(s, 5);
    for (int i = 0; i < 4; i++) {
        given_gap(s, team[i]);
        assert_int_equal(facts_of(s, DETECTED), 0);
    }
    given_gap(s, "ann"); /* of another unit, and in no role */
    assert_int_equal(facts_of(s, DETECTED), 0);
    given_gap(s, team[4]);
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, SAME_GAP, "sql", 5);
    assert_int_equal(f->previous_people, 0);
    then_rests_on(f, 5, 0);
    const Competency__LatentNeedDetected *e = then_event(s, "LatentNeedDetected");
    assert_int_equal(e->people, 5);
    assert_string_equal(e->unit_id, "ops");
}

static void same_gap__said_again_only_when_a_quarter_more(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, SAME_GAP, 0));
    given_team(s, 7);
    for (int i = 0; i < 6; i++)
        given_gap(s, team[i]);
    assert_int_equal(facts_of(s, DETECTED), 0); /* six are a fifth more than five */
    given_gap(s, team[6]);
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, SAME_GAP, "sql", 7);
    assert_int_equal(f->previous_people, 5);
}

static void same_gap__found_when_the_detector_comes_later_and_not_when_off(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *off = set_detector(s, SAME_GAP, 0);

    given_team(s, 6);
    for (int i = 0; i < 6; i++)
        given_gap(s, team[i]);
    assert_int_equal(facts_of(s, DETECTED), 0);
    when(s, set_detector(s, SAME_GAP, 7));
    assert_int_equal(facts_of(s, DETECTED), 0);
    off->set_need_detector->off = true;
    when(s, off);
    assert_int_equal(facts_of(s, DETECTED), 0);
    when(s, set_detector(s, SAME_GAP, 6));
    then_detected(s, SAME_GAP, "sql", 6);
}

static void same_gap__who_moved_left_or_was_erased_does_not_count(void **ctx)
{
    spec *s = *ctx;

    given_team(s, 8);
    for (int i = 0; i < 7; i++)
        given_gap(s, team[i]);
    given_person_of_unit(s, team[0], "elsewhere");
    given_person_left(s, team[1], "");
    given_person_erased(s, team[2]);
    when(s, set_detector(s, SAME_GAP, 0));
    assert_int_equal(facts_of(s, DETECTED), 0); /* four */
    given_gap(s, team[7]);
    then_detected(s, SAME_GAP, "sql", 5);
    given_person_erased(s, team[3]);
    assert_int_equal(records_with(s, team[3]), 0);
}

/* ---- feedback ---- */

static void feedback__by_two_raters_each_on_what_no_role_asks_for(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, REPEATED_FEEDBACK, 0));
    given_team(s, 5);
    for (int i = 0; i < 5; i++)
        given_criticised(s, team[i], "ann");
    assert_int_equal(facts_of(s, DETECTED), 0); /* one opinion each */
    given_feedback(s, "again", "ann", team[0], "talk", NULL, -1, 1);
    for (int i = 1; i < 5; i++)
        given_criticised(s, team[i], "bob");
    assert_int_equal(facts_of(s, DETECTED), 0); /* of the first, the same person twice */
    given_feedback(s, "praise", "bob", team[0], "talk", NULL, 1, 1);
    assert_int_equal(facts_of(s, DETECTED), 0);
    given_criticised(s, team[0], "bob");
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, REPEATED_FEEDBACK, "talk", 5);
    assert_string_equal(f->evidence[0]->person_id, "o01");
    assert_int_equal(f->evidence[0]->n_ref_ids, 3);
    assert_string_equal(f->evidence[0]->ref_ids[0], "again");
    assert_string_equal(f->evidence[4]->ref_ids[1], "f-bob-o05");
    then_feed_never_says(s, "f-bob-o05");
}

/* However many they are: the number is whole, the names are the first ones. */
static void feedback__names_no_more_than_a_fact_should_hold(void **ctx)
{
    spec *s = *ctx;
    char person_id[16];

    for (int i = 0; i < 70; i++) {
        snprintf(person_id, sizeof person_id, "p%02d", i);
        given_person_of_unit(s, person_id, "ops");
        given_criticised(s, person_id, "ann");
        given_criticised(s, person_id, "bob");
    }
    when(s, set_detector(s, REPEATED_FEEDBACK, 0));
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, REPEATED_FEEDBACK, "talk", 70);
    assert_int_equal(f->n_evidence, 64);
    assert_string_equal(f->evidence[63]->person_id, "p63");
}

static void feedback__not_on_what_a_role_asks_for_and_not_when_withdrawn(void **ctx)
{
    spec *s = *ctx;

    given_team(s, 5);
    for (int i = 0; i < 5; i++) {
        given_criticised(s, team[i], "ann");
        given_criticised(s, team[i], "bob");
    }
    given_feedback_withdrawn(s, "f-bob-o01", "o01");
    when(s, set_detector(s, REPEATED_FEEDBACK, 0));
    assert_int_equal(facts_of(s, DETECTED), 0);
    given_criticised(s, "o01", "pat");
    then_detected(s, REPEATED_FEEDBACK, "talk", 5);
    given_done(s, set_target(s, "analyst", "talk", "Good"));
    when(s, set_detector(s, REPEATED_FEEDBACK, 0));
    assert_int_equal(facts_of(s, DETECTED), 0);
}

/* What raters said in confidence is not found out by comparing two numbers (S2). */
static void feedback__said_again_only_with_a_whole_group_more(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, REPEATED_FEEDBACK, 0));
    given_team(s, 10);
    for (int i = 0; i < 9; i++) {
        given_criticised(s, team[i], "ann");
        given_criticised(s, team[i], "bob");
    }
    assert_int_equal(facts_of(s, DETECTED), 0); /* nine, four more than five */
    given_criticised(s, team[9], "ann");
    given_criticised(s, team[9], "bob");
    then_detected(s, REPEATED_FEEDBACK, "talk", 10);
}

/* ---- competencies that ended ---- */

/* Ten people are ten by the new id too, and are not said again: five new ones are (S2). */
static void feedback__follows_a_competency_to_its_new_id(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, REPEATED_FEEDBACK, 0));
    given_team(s, 10);
    for (int i = 0; i < 5; i++) {
        given_criticised(s, team[i], "ann");
        given_criticised(s, team[i], "bob");
    }
    given_done(s, rename_to(s, "talk", "speech"));
    assert_int_equal(facts_of(s, DETECTED), 0);
    for (int i = 5; i < 10; i++) {
        given_criticised(s, team[i], "ann"); /* by the old id */
        given_feedback(s, team[i], "bob", team[i], "speech", NULL, -1, 0);
    }
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, REPEATED_FEEDBACK, "speech", 10);
    assert_int_equal(f->previous_people, 5);
    then_rests_on(f, 10, 2);
    given_feedback_withdrawn(s, "f-bob-o01", "o01");
    assert_int_equal(records_with(s, "f-bob-o01"), 0);
}

static void feedback__on_what_was_retired_is_no_need(void **ctx)
{
    spec *s = *ctx;

    given_team(s, 5);
    for (int i = 0; i < 5; i++) {
        given_criticised(s, team[i], "ann");
        given_criticised(s, team[i], "bob");
    }
    given_done(s, retire(s, "talk"));
    given_criticised(s, team[0], "pat");
    when(s, set_detector(s, REPEATED_FEEDBACK, 0));
    assert_int_equal(facts_of(s, DETECTED), 0);
}

/* ---- no effect ---- */

static void given_observed(spec *s, const char *person_id, double observed, double variance)
{
    CompetencyFact__ItemEffect item = COMPETENCY_FACT__ITEM_EFFECT__INIT, *items = &item;
    CompetencyFact__Fact fact = COMPETENCY_FACT__FACT__INIT;
    CompetencyFact__EffectObserved f = COMPETENCY_FACT__EFFECT_OBSERVED__INIT;

    item.item_id = "course-1";
    f.items = &items;
    f.n_items = 1;
    f.person_id = (char *)person_id;
    f.competency_id = "sql";
    f.observed = observed;
    f.observed_variance = variance;
    fact.body_case = COMPETENCY_FACT__FACT__BODY_EFFECT_OBSERVED;
    fact.effect_observed = &f;
    given(s, "competency", &fact);
}

static void no_effect__of_learning_that_was_finished_and_looked_at(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_detector(s, NO_EFFECT, 0));
    given_team(s, 6);
    for (int i = 0; i < 6; i++)
        given_gap(s, team[i]);
    for (int i = 0; i < 4; i++)
        given_observed(s, team[i], 0.02, 0.1);
    given_observed(s, team[4], 0.5, 0.1); /* it helped */
    given_observed(s, team[5], 0, 0);     /* nobody could tell */
    assert_int_equal(facts_of(s, DETECTED), 0);
    given_observed(s, team[5], -0.1, 0.1);
    const CompetencyFact__LatentNeedDetected *f = then_detected(s, NO_EFFECT, "sql", 5);
    assert_string_equal(f->evidence[4]->person_id, "o06");
    assert_int_equal(f->evidence[4]->n_ref_ids, 1);
    assert_string_equal(f->evidence[4]->ref_ids[0], "course-1");
    given_done(s, rename_to(s, "sql", "querying"));
    then_no_event(s, "LatentNeedDetected"); /* the same five, by the new id */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(set_detector__never_below_five_people),
        TEST(same_gap__in_five_people_of_a_unit),
        TEST(same_gap__said_again_only_when_a_quarter_more),
        TEST(same_gap__found_when_the_detector_comes_later_and_not_when_off),
        TEST(same_gap__who_moved_left_or_was_erased_does_not_count),
        TEST(feedback__by_two_raters_each_on_what_no_role_asks_for),
        TEST(feedback__not_on_what_a_role_asks_for_and_not_when_withdrawn),
        TEST(feedback__said_again_only_with_a_whole_group_more),
        TEST(feedback__names_no_more_than_a_fact_should_hold),
        TEST(feedback__follows_a_competency_to_its_new_id),
        TEST(feedback__on_what_was_retired_is_no_need),
        TEST(no_effect__of_learning_that_was_finished_and_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
