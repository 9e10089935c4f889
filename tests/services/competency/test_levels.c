/* Tests of competency: what becomes evidence, and what is said of a level. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "services/competency/state_keys.h"
#include "tests/services/competency/fixtures.h"

/* ---- ratings ---- */

static void manager_rating__is_said_with_its_figures(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 3);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    /* S = .60 + (.20 + .20 + .04) + .27; mu = 3 + .60 / S; var = .60 - .60^2 / S */
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_near(f->estimate->mu, 3 + .60 / 1.31, 1e-12);
    assert_near(f->estimate->variance, .60 - .36 / 1.31, 1e-12);
    assert_true(f->estimate->as_of_us == SPEC_START_US + 3 * DAY_US);
    assert_int_equal(f->estimate->manager_ratings, 1);
    assert_int_equal(f->estimate->self_ratings + f->estimate->peer_ratings +
                         f->estimate->report_ratings + f->estimate->other_evidence,
                     0);
    assert_int_equal(f->estimate->raters, 1);
    assert_true(f->estimate->assessed);
    assert_near(f->previous_mu, 0.0, 0);
    assert_int_equal(f->reason, CHANGE_EVIDENCE);
    then_no_more_facts(s);
}

static void manager_rating__is_published_with_its_interval(void **ctx)
{
    spec *s = *ctx;
    double mu = 3 + .60 / 1.31, sd = sqrt(.60 - .36 / 1.31);

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 0);
    const Competency__LevelChanged *event = then_event(s, "LevelChanged");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_near(event->estimate->level, mu, 1e-12);
    assert_near(event->estimate->sd, sd, 1e-12);
    assert_near(event->estimate->low, mu - 1.645 * sd, 1e-12);
    assert_near(event->estimate->high, mu + 1.645 * sd, 1e-12);
    assert_int_equal(event->estimate->confidence, COMPETENCY__CONFIDENCE__CONFIDENCE_LOW);
    assert_true(event->estimate->more_evidence_needed);
    assert_int_equal(event->estimate->manager_ratings, 1);
    assert_near(event->previous_level, 0.0, 0);
    assert_int_equal(event->reason, COMPETENCY__CHANGE_REASON__CHANGE_REASON_EVIDENCE);
    assert_true(event->assessed);
}

static void second_rating__says_what_was_said_before(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 0);
    double before = mu_of(s, "ann", "sql");
    given_rating(s, "v2", "ann", SELF, "ann", "sql", 5, 1);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->previous_mu, before, 0);
    assert_int_equal(f->estimate->self_ratings, 1);
    assert_int_equal(f->estimate->raters, 1); /* the person does not count */
    then_no_more_facts(s);
}

static void review__is_one_rating_per_competency_on_its_own_scale(void **ctx)
{
    spec *s = *ctx;
    ReviewCycleFact__Fact *r = review(s, "v1", "boss", MANAGER, "ann");

    add_rating(s, r, "sql", 2, 3);  /* the middle of three */
    add_rating(s, r, "talk", 4, 7); /* the middle of seven */
    given_review(s, r);
    assert_int_equal(facts_of(s, LEVEL_CHANGED), 2);
    const CompetencyFact__LevelChanged *sql = then_fact(s, LEVEL_CHANGED);
    const CompetencyFact__LevelChanged *talk = then_fact(s, LEVEL_CHANGED);
    assert_string_equal(sql->competency_id, "sql");
    assert_near(sql->estimate->mu, 3.0, 1e-12);
    assert_string_equal(talk->competency_id, "talk");
    assert_near(talk->estimate->mu, 3.0, 1e-12);
}

static void overall_and_not_applicable__are_no_evidence(void **ctx)
{
    spec *s = *ctx;
    ReviewCycleFact__Fact *r = review(s, "v1", "boss", MANAGER, "ann");

    add_rating(s, r, "", 5, 5);
    add_rating(s, r, "sql", 0, 5);
    given_review(s, r);
    then_no_more_facts(s);
    assert_false(standing_of(s, "ann", "sql").known);
    assert_int_equal(said_of(s, "ann", "").heard, 0);
}

static void both_facets__are_two_ratings_of_one_rater(void **ctx)
{
    spec *s = *ctx;
    ReviewCycleFact__Fact *r = review(s, "v1", "boss", MANAGER, "ann");

    add_rating(s, r, "sql", 4, 5);
    add_rating(s, r, "sql", 2, 5);
    given_review(s, r);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_int_equal(f->estimate->manager_ratings, 2);
    assert_int_equal(f->estimate->raters, 1);
    then_no_more_facts(s);
}

static void rating__teaches_about_rater_and_source(void **ctx)
{
    spec *s = *ctx;
    uint8_t boss[PX_METHOD_ID];

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 0);
    competency_state_hash("boss", boss);
    px_bias rater = competency_state_get_rater(spec_state(s), SPEC_TENANT, boss, PX_MANAGER);
    px_bias source = competency_state_get_source(spec_state(s), SPEC_TENANT, PX_MANAGER);
    assert_near(rater.mean, .20 / (2 * 1.31), 1e-12);
    assert_near(rater.var, .20 * (1 - .20 / (2 * 1.31)), 1e-12);
    assert_near(source.mean, .04 / (10 * 1.31), 1e-12);
}

static void late_rating__counts_without_turning_time_back(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 4, 30);
    given_rating(s, "v2", "ann", SELF, "ann", "sql", 2, 3);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_true(f->estimate->as_of_us == SPEC_START_US + 30 * DAY_US);
    assert_int_equal(f->estimate->self_ratings, 1);
}

static void rating_of_somebody_unknown__leaves_nothing(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "nobody", "sql", 4, 0);
    then_no_more_facts(s);
    assert_int_equal(records_with(s, "nobody"), 0);
}

/* ---- other evidence ---- */

static void assessment__is_evidence(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record_assessment(s, "a1", "ann", "sql", 4.5));
    const CompetencyFact__LevelChanged *f = then_some_fact(s, LEVEL_CHANGED);
    assert_near(f->estimate->mu, 3 + 1.5 * .60 / .85, 1e-12);
    assert_int_equal(f->estimate->other_evidence, 1);
    assert_true(f->estimate->assessed);
    then_no_more_facts(s);
}

static void feedback__observes_each_tag(void **ctx)
{
    static const double observed[] = { 1.9, 2.8, 3.7 };
    spec *s = *ctx;

    for (int tone = -1; tone <= 1; tone++) {
        const char *people[] = { "ann", "bob", "cid" };
        const char *person_id = people[tone + 1];

        given_feedback(s, person_id, "pat", person_id, "sql", "talk", tone, 0);
        double mu = 3 + (observed[tone + 1] - 3) * .60 / 1.90;
        assert_near(mu_of(s, person_id, "sql"), mu, 1e-12);
        assert_near(mu_of(s, person_id, "talk"), mu, 1e-12);
    }
}

/* ---- what is worth saying ---- */

/* The level stays within a hundredth, and so does the deviation. */
static void small_move__is_not_said(void **ctx)
{
    spec *s = *ctx;
    unsigned silent = 0;

    for (unsigned i = 0; i < 40; i++) {
        figures said = said_of(s, "ann", "sql").level;
        const char *id = px_arena_printf(spec_arena(s), "a%u", i);

        given_assessed(s, id, "ann", "sql", i == 0 ? 3.0 : mu_of(s, "ann", "sql"), 0);
        standing now = standing_of(s, "ann", "sql");
        figures f = standing_figures(&now);
        bool moved = !said.known || figures_estimate(&said).sd - figures_estimate(&f).sd >= .01;
        assert_int_equal(facts_of(s, LEVEL_CHANGED), moved);
        silent += !moved;
    }
    assert_true(silent > 0);
    assert_true(silent < 40);
}

static void idle_time__says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 3, 0);
    when_now_is(s, SPEC_START_US + 3650 * DAY_US);
    then_no_more_facts(s);
}

/* What is added at the very end of the tree fills its pages. */
static void evidence__stands_behind_everything_else(void **ctx)
{
    spec *s = *ctx;
    px_bytes key, value;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 3, 0);
    given_rating(s, "v2", "boss", MANAGER, "bob", "sql", 3, 0);
    assert_true(px_last(spec_state(s), PX_STATE, (px_bytes){ NULL, 0 }, &key, &value));
    assert_int_equal(*(const uint8_t *)key.data, TABLE_EVIDENCE);
}

static void rating__off_its_scale_or_of_no_known_relation_is_passed_over(void **ctx)
{
    spec *s = *ctx;
    ReviewCycleFact__Fact *fact = review(s, "v1", "boss", MANAGER, "ann");

    add_rating(s, fact, "sql", 0, 5);
    add_rating(s, fact, "sql", 6, 5);
    add_rating(s, fact, "sql", 1, 1);
    add_rating(s, fact, "", 3, 5);
    given_review(s, fact);
    given_rating(s, "v2", "boss", 99, "ann", "sql", 3, 0);
    then_no_more_facts(s);
    assert_int_equal(said_of(s, "ann", "sql").heard, 0);
    fact = review(s, "v3", "boss", MANAGER, "ann"); /* the ends of the scale are on it */
    add_rating(s, fact, "sql", 5, 5);
    add_rating(s, fact, "talk", 1, 2);
    given_review(s, fact);
    assert_int_equal(said_of(s, "ann", "sql").level.manager, 1);
    assert_int_equal(said_of(s, "ann", "talk").level.manager, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(manager_rating__is_said_with_its_figures),
        TEST(manager_rating__is_published_with_its_interval),
        TEST(second_rating__says_what_was_said_before),
        TEST(review__is_one_rating_per_competency_on_its_own_scale),
        TEST(overall_and_not_applicable__are_no_evidence),
        TEST(both_facets__are_two_ratings_of_one_rater),
        TEST(rating__teaches_about_rater_and_source),
        TEST(late_rating__counts_without_turning_time_back),
        TEST(rating_of_somebody_unknown__leaves_nothing),
        TEST(assessment__is_evidence),
        TEST(feedback__observes_each_tag),
        TEST(small_move__is_not_said),
        TEST(idle_time__says_nothing),
        TEST(evidence__stands_behind_everything_else),
        TEST(rating__off_its_scale_or_of_no_known_relation_is_passed_over),
    };

    return cmocka_run_group_tests_name("competency levels", tests, NULL, NULL);
}
