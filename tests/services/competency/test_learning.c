/* Tests of competency: completed learning, and what the ratings after it say it did. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/services/competency/fixtures.h"

static void complete(spec *s, const char *item_id, int day)
{
    given_item_completed(s, item_completed(s, "ann", item_id, COURSE, 10, "sql", .5, day));
}

static void at_day(spec *s, int day)
{
    when_now_is(s, SPEC_START_US + day * DAY_US);
}

static item_record item_of(spec *s, const char *item_id)
{
    uint8_t hash[PX_METHOD_ID];
    item_record item;

    competency_state_hash(item_id, hash);
    assert_true(competency_state_get_item(spec_state(s), SPEC_TENANT, hash, "sql", &item));
    return item;
}

static uint32_t pending_of(spec *s)
{
    return standing_of(s, "ann", "sql").level.pending_count;
}

/* The same history by the common arithmetic alone: a course of ten hours, then one manager rating.
 */
static px_harvest course_then_rating(px_effect *effect)
{
    px_completion c = { .days = px_days(SPEC_START_US), .z = .5 };
    px_rating rating = { .days = px_days(SPEC_START_US + 30 * DAY_US),
                         .value = 5,
                         .source = PX_MANAGER,
                         .rater_bias = px_rater_start(PX_MANAGER),
                         .source_bias = px_source_start(PX_MANAGER) };
    px_level level;

    *effect = c.effect = px_effect_start(PX_COURSE, 10);
    px_level_init(&level, c.days);
    px_level_complete(&level, &c);
    px_level_rate(&level, &rating);
    return px_level_harvest(&level, rating.days, effect);
}

/* ---- completion ---- */

static void completion__lifts_the_level(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", 0);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->estimate->mu, 3 + .30 * .5, 1e-12);
    assert_near(f->estimate->variance, .60 + (2 + .5) * .09 * .25, 1e-12);
    assert_int_equal(f->estimate->other_evidence, 1);
    assert_int_equal(f->reason, CHANGE_LEARNING);
    assert_false(f->estimate->assessed); /* no ground for a gap */
    then_no_more_facts(s);
}

static void completion__reaches_each_outcome_by_its_window(void **ctx)
{
    spec *s = *ctx;
    LearningRecommenderFact__Fact *fact = item_completed(s, "ann", "i1", TASK, 10, "sql", 1, 0);

    fact->item_completed->outcomes[0]->level_from = 3.375; /* half of .75 above the prior level */
    fact->item_completed->outcomes[0]->level_to = 4;
    given_item_completed(s, fact);
    assert_near(mu_of(s, "ann", "sql"), 3 + .22 * .5, 1e-12);
}

static void kinds__have_their_priors(void **ctx)
{
    static const struct {
        const char *item_id;
        int kind;
        double mean;
    } rows[] = { { "i1", COURSE, .30 }, { "i2", TASK, .22 }, { "i3", MICRO, .035 } };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        given_item_completed(
            s, item_completed(s, "ann", rows[i].item_id, rows[i].kind, 10, "sql", 1, 0));
        item_record item = item_of(s, rows[i].item_id);
        assert_string_equal(item.item_id, rows[i].item_id);
        assert_near(item.effect.mean, rows[i].mean, 1e-12);
        assert_near(item.effect.var, 2 * rows[i].mean * rows[i].mean, 1e-12);
        assert_near(item.effect.spread, .5 * rows[i].mean * rows[i].mean, 1e-12);
    }
}

static void slight_item__is_ignored(void **ctx)
{
    spec *s = *ctx;

    given_item_completed(s, item_completed(s, "ann", "i1", COURSE, 10, "sql", .04, 0));
    then_no_more_facts(s);
    assert_int_equal(pending_of(s), 0);
    at_day(s, 100);
    then_no_more_facts(s);
}

static void slight_item__does_not_uncover_a_peer(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "p1", "pat", PEER, "ann", "sql", 2, 0);
    given_item_completed(s, item_completed(s, "ann", "i1", COURSE, 10, "sql", .04, 1));
    then_no_more_facts(s);
}

static void unknown_kind_of_item__is_passed_over(void **ctx)
{
    spec *s = *ctx;

    given_item_completed(s, item_completed(s, "ann", "i1", 99, 10, "sql", 1, 0));
    then_no_more_facts(s);
    assert_false(standing_of(s, "ann", "sql").known);
}

static void completion_before_1970__is_looked_at_with_the_first_rating(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", -30000);
    at_day(s, 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 3, 0);
    at_day(s, 14);
    assert_int_equal(pending_of(s), 0);
}

/* ---- follow-up ---- */

static void follow_up__says_what_the_ratings_say(void **ctx)
{
    spec *s = *ctx;
    px_effect effect;
    px_harvest want = course_then_rating(&effect);

    complete(s, "i1", 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 30);
    double mu = mu_of(s, "ann", "sql");
    at_day(s, 90);
    then_no_more_facts(s);
    at_day(s, 91);
    const CompetencyFact__EffectObserved *f = then_fact(s, EFFECT_OBSERVED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->competency_id, "sql");
    assert_int_equal(f->n_items, 1);
    assert_string_equal(f->items[0]->item_id, "i1");
    assert_near(f->items[0]->exposure, .5, 0);
    assert_near(f->items[0]->mean, effect.mean, 1e-12);
    assert_near(f->items[0]->variance, effect.var, 1e-12);
    assert_true(f->items[0]->mean > .30);
    assert_near(f->observed, want.gain, 1e-12);
    assert_near(f->observed_variance, want.var, 1e-12);
    then_no_more_facts(s); /* the level is where it was */
    assert_near(mu_of(s, "ann", "sql"), mu, 1e-12);
    assert_near(item_of(s, "i1").effect.mean, effect.mean, 1e-12);
    assert_int_equal(pending_of(s), 0);
    at_day(s, 400);
    then_no_more_facts(s);
}

static void follow_up__is_published_per_exposure(void **ctx)
{
    spec *s = *ctx;
    px_effect effect;
    px_harvest want = course_then_rating(&effect);

    complete(s, "i1", 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 30);
    at_day(s, 91);
    const Competency__EffectObserved *event = then_event(s, "EffectObserved");
    assert_string_equal(event->person_id, "ann");
    assert_string_equal(event->competency_id, "sql");
    assert_int_equal(event->n_item_ids, 1);
    assert_string_equal(event->item_ids[0], "i1");
    assert_near(event->effect, want.gain / .5, 1e-12);
    assert_near(event->variance, want.var / .25, 1e-12);
}

/* What all ratings of the time say beyond the expected, of those who were not learning. */
static void follow_up__carries_the_control_of_its_quarters(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "c0", "boss", MANAGER, "pat", "sql", 5, -200); /* long before */
    complete(s, "i1", 0);
    given_rating(s, "c1", "cid", MANAGER, "pat", "go", 4, 10);
    given_rating(s, "c2", "pat", SELF, "pat", "java", 5, 11);   /* of themselves: does not count */
    given_rating(s, "v1", "cid", MANAGER, "ann", "sql", 5, 30); /* is what is looked at */
    at_day(s, 91);
    const CompetencyFact__EffectObserved *f = then_some_fact(s, EFFECT_OBSERVED);
    assert_int_equal(f->control_count, 1);
    assert_true(f->control_sum < 1.0); /* a 4 where 3 is the rule, by managers known to be kind */
    assert_true(f->control_sum > 0.8);
}

/* Raters are asked when the 91 days are over: a look before they answer would see nothing. */
static void follow_up__waits_for_ratings(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", 0);
    at_day(s, 91);
    then_no_more_facts(s);
    assert_int_equal(pending_of(s), 1);
    at_day(s, 100);
    given_rating(s, "r9", "boss", MANAGER, "ann", "sql", 4, 100);
    assert_int_equal(facts_of(s, EFFECT_OBSERVED), 0);
    at_day(s, 113);
    then_no_more_facts(s);
    at_day(s, 114);
    const CompetencyFact__EffectObserved *f = then_some_fact(s, EFFECT_OBSERVED);
    assert_true(f->observed_variance > 0);
    assert_int_equal(pending_of(s), 0);
}

/* What was rated in time, and came in when the date for the look had passed. */
static void follow_up__sees_what_comes_in_late(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", 0);
    at_day(s, 95);
    assert_int_equal(pending_of(s), 1);
    given_rating(s, "r9", "boss", MANAGER, "ann", "sql", 4, 80);
    const CompetencyFact__EffectObserved *f = then_some_fact(s, EFFECT_OBSERVED);
    assert_true(f->observed_variance > 0);
    assert_int_equal(pending_of(s), 0);
}

static void items_of_one_week__are_followed_up_together(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", 0);
    complete(s, "i2", 7);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 30);
    at_day(s, 91);
    then_no_more_facts(s); /* the later one counts */
    at_day(s, 98);
    const CompetencyFact__EffectObserved *f = then_fact(s, EFFECT_OBSERVED);
    assert_int_equal(f->n_items, 2);
    assert_string_equal(f->items[0]->item_id, "i1");
    assert_string_equal(f->items[1]->item_id, "i2");
    then_no_more_facts(s);
}

static void later_item__has_the_first_looked_at(void **ctx)
{
    spec *s = *ctx;
    px_effect effect;
    px_harvest want = course_then_rating(&effect);

    complete(s, "i1", 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 30);
    complete(s, "i2", 40);
    const CompetencyFact__EffectObserved *f = then_some_fact(s, EFFECT_OBSERVED);
    assert_int_equal(f->n_items, 1);
    assert_string_equal(f->items[0]->item_id, "i1");
    assert_near(f->observed, want.gain, 1e-9);
    assert_near(f->items[0]->mean, item_of(s, "i1").effect.mean, 0);
    assert_true(f->items[0]->mean > .30);
    assert_int_equal(facts_of(s, EFFECT_OBSERVED), 1);
    assert_int_equal(pending_of(s), 1);
    at_day(s, 91); /* the date of the first */
    then_no_more_facts(s);
    at_day(s, 131);
    then_no_more_facts(s); /* nobody has rated since the second */
    assert_int_equal(pending_of(s), 1);
}

static void what_was_learned_of_an_item__counts_for_the_next_person(void **ctx)
{
    spec *s = *ctx;

    complete(s, "i1", 0);
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 5, 30);
    at_day(s, 91);
    double learned = item_of(s, "i1").effect.mean;
    given_item_completed(s, item_completed(s, "bob", "i1", COURSE, 10, "sql", 1, 92));
    assert_near(mu_of(s, "bob", "sql"), 3 + learned, 1e-12);
}

static void statement_about_other_items__is_not_ours(void **ctx)
{
    static const char *const others[] = { "i9", NULL };
    static const char *const more[] = { "i1", "i9", NULL };
    spec *s = *ctx;

    complete(s, "i1", 0);
    given_followed_up(s, "ann", "sql", others);
    given_followed_up(s, "ann", "sql", more);
    given_followed_up(s, "ann", "talk", others);
    assert_int_equal(pending_of(s), 1);
}

/* As if it had never been, to the last bit; no date is left to look at it. */
static void completion_voided__is_taken_back(void **ctx)
{
    spec *s = *ctx;

    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    standing before = standing_of(s, "ann", "sql");
    complete(s, "i1", 10);
    assert_true(mu_of(s, "ann", "sql") > standing_figures(&before).mu);
    given_completion_voided(s, "ann", "i1");
    assert_near(mu_of(s, "ann", "sql"), standing_figures(&before).mu, 0);
    const CompetencyFact__LevelChanged *f = then_some_fact(s, LEVEL_CHANGED);
    assert_int_equal(f->reason, CHANGE_WITHDRAWN);
    at_day(s, 200);
    assert_int_equal(facts_of(s, EFFECT_OBSERVED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(completion__lifts_the_level),
        TEST(completion__reaches_each_outcome_by_its_window),
        TEST(kinds__have_their_priors),
        TEST(slight_item__is_ignored),
        TEST(slight_item__does_not_uncover_a_peer),
        TEST(unknown_kind_of_item__is_passed_over),
        TEST(completion_before_1970__is_looked_at_with_the_first_rating),
        TEST(follow_up__says_what_the_ratings_say),
        TEST(follow_up__is_published_per_exposure),
        TEST(follow_up__carries_the_control_of_its_quarters),
        TEST(follow_up__waits_for_ratings),
        TEST(follow_up__sees_what_comes_in_late),
        TEST(items_of_one_week__are_followed_up_together),
        TEST(later_item__has_the_first_looked_at),
        TEST(what_was_learned_of_an_item__counts_for_the_next_person),
        TEST(statement_about_other_items__is_not_ours),
        TEST(completion_voided__is_taken_back),
    };

    return cmocka_run_group_tests_name("competency learning", tests, NULL, NULL);
}
