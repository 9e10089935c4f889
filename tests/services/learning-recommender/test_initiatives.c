/* test_initiatives.c: an audience is to have competencies by a date (L10): who gets what, figures,
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/fact/v1/fact.pb-c.h"
#include "praxis/review_cycle/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

enum {
    DECLARED = LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_DECLARED,
    INITIATIVE_ENDED = LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_ENDED,
    PROGRESS = LEARNING_RECOMMENDER_FACT__FACT__BODY_INITIATIVE_PROGRESS
};

#define HOUR_US (DAY_US / 24)

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

static LearningRecommender__Submission *end(spec *s, const char *initiative_id)
{
    LearningRecommender__EndInitiative *b;
    LearningRecommender__Submission *sub =
        submission_of(s, LEARNING_RECOMMENDER__SUBMISSION__BODY_END_INITIATIVE, &b);

    sub->actor = text(s, "hanna");
    b->initiative_id = text(s, initiative_id);
    return sub;
}

/* The items proposed to this person since the last `when`; "" for none. */
static const char *proposed_to(spec *s, const char *person_id)
{
    static char all[256];

    all[0] = '\0';
    for (size_t n = facts_of(s, PROPOSED); n > 0; n--) {
        const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);

        for (size_t i = 0; strcmp(f->person_id, person_id) == 0 && i < f->n_items; i++)
            snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "",
                     f->items[i]->item_id);
    }
    return all;
}

static void then_progress(spec *s, uint32_t have, uint32_t in_plan, uint32_t refused,
                          uint32_t people)
{
    const LearningRecommenderFact__InitiativeProgress *f = then_some_fact(s, PROGRESS);

    assert_int_equal(f->have, have);
    assert_int_equal(f->in_plan, in_plan);
    assert_int_equal(f->refused, refused);
    assert_int_equal(f->people, people);
}

/* ---- who gets what ---- */

static void declared__who_lacks_it_gets_the_best_item_and_nobody_else(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 12, "coding");
    given_item(s, "short", 2, "coding"); /* brings more per hour */
    given_item(s, "pen", 2, "writing");
    given_level(s, "bob", "coding", 3.5);
    given_level(s, "ann", "coding", 2.0);
    when(s, declare(s, "code"));
    then_accepted(s);
    then_event(s, "InitiativeDeclared");
    assert_int_equal(facts_of(s, PROPOSED), 3); /* ann, boss, hanna */
    const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->template_id, "code");
    then_items(f->items, f->n_items, "short");
    assert_int_equal(f->items[0]->reason,
                     LEARNING_RECOMMENDER__ITEM_REASON__ITEM_REASON_INITIATIVE);
    assert_true(f->items[0]->target == 3.0 && f->items[0]->mu == 2.0);
    assert_int_equal(f->items[0]->planned_completion_us, SPEC_START_US + UNTIL_DAYS * DAY_US);
    assert_int_equal(facts_of(s, TEMPLATE_SKIPPED), 1); /* bob has it */
}

static void declared__what_few_peers_said_does_not_show(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_gap_on(s, "bob", "coding", 4.5, (evidence){ .peer = 2, .raters = 2 });
    when(s, declare(s, "code"));
    assert_int_equal(facts_of(s, PROPOSED), 4); /* as if nothing were known of bob */
}

static void declared__one_item_may_teach_two_of_its_competencies(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "both", 2, "coding");

    add_outcome(s, sub, "writing");
    given_done(s, sub);
    given_item(s, "pen", 8, "writing");
    sub = declare(s, "code");
    also_asks(s, sub, "writing");
    when(s, sub);
    assert_string_equal(proposed_to(s, "ann"), "both");
}

static void declared__requirements_come_first(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "second", 2, "coding");

    given_item(s, "first", 8, "coding");
    add_requires(s, sub, "first");
    given_done(s, sub);
    when(s, declare(s, "code"));
    assert_string_equal(proposed_to(s, "ann"), "first");
}

static void joined__until_the_date(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    given_person(s, "zoe", "boss");
    assert_string_equal(proposed_to(s, "zoe"), "short");
    when_now_is(s, SPEC_START_US + UNTIL_DAYS * DAY_US);
    given_person(s, "carl", "boss");
    assert_int_equal(facts_of(s, PROPOSED), 0);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE); /* what people have goes on */
    given_done(s, retire_item(s, "short"));         /* as long as it is offered */
    assert_int_equal(facts_of(s, ENDED), 5);
}

static void catalogue__a_new_item_reaches_who_had_nothing_to_learn_from(void **ctx)
{
    spec *s = *ctx;

    given_done(s, declare(s, "code"));
    when(s, define_item(s, "short", 2, "coding"));
    assert_int_equal(facts_of(s, PROPOSED), 4);
}

static void catalogue__an_item_that_teaches_something_else_leaves_the_plan(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 12, "coding");
    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    when(s, define_item(s, "short", 2, "writing"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "long");
}

static void level__reached_otherwise_takes_back_what_was_not_started(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    given_done(s, start_item(s, "bob", "short"));
    given_level(s, "ann", "coding", 3.5);
    then_ended(s, "ann-1", END_NOTHING_LEFT);
    given_level(s, "bob", "coding", 3.5); /* begun */
    assert_int_equal(facts_of(s, ENDED), 0);
    given_level(s, "ann", "coding", 2.0); /* never two plans of one initiative */
    assert_int_equal(facts_of(s, PROPOSED), 0);
}

static void declined__the_next_best_comes(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "long", 12, "coding");
    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    when(s, decline_item(s, "ann", "ann", "short"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "long");
    when(s, decline_item(s, "ann", "ann", "long"));
    const LearningRecommenderFact__PlanEnded *ended = then_some_fact(s, ENDED);
    assert_int_equal(ended->reason, END_NOTHING_LEFT);
}

/* ---- figures ---- */

static void progress__counts_have_in_plan_and_refused_once_an_hour(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_person(s, "zoe", "boss");
    given_level(s, "bob", "coding", 3.5);
    when(s, declare(s, "code"));
    assert_int_equal(facts_of(s, PROGRESS), 0);
    when_now_is(s, SPEC_START_US + HOUR_US);
    then_progress(s, 1, 4, 0, 5);
    const LearningRecommender__InitiativeProgress *event = then_event(s, "InitiativeProgress");
    assert_int_equal(event->in_plan, 4);
    given_done(s, decline_item(s, "ann", "ann", "short"));
    when_now_is(s, SPEC_START_US + 2 * HOUR_US);
    then_progress(s, 1, 3, 1, 5);
    given_done(s, complete_item(s, "zoe", "short")); /* in plan as before: the level will tell */
    when_now_is(s, SPEC_START_US + 3 * HOUR_US);
    assert_int_equal(facts_of(s, PROGRESS), 0);
    given_level(s, "zoe", "coding", 3.5);
    when_now_is(s, SPEC_START_US + 4 * HOUR_US);
    then_progress(s, 2, 2, 1, 5);
}

/* Bob has no plan for it to end: there was nothing that would bring him further. */
static void progress__counts_who_refused_without_a_plan(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = define_item(s, "short", 2, "coding");

    given_item(s, "basics", 2, "writing");
    add_requires(s, sub, "basics");
    given_done(s, sub);
    given_done(s, declare(s, "code"));
    when_now_is(s, SPEC_START_US + HOUR_US);
    then_progress(s, 0, 0, 0, 4);
    given_done(s, decline_item(s, "bob", "bob", "short"));
    when_now_is(s, SPEC_START_US + 2 * HOUR_US);
    then_progress(s, 0, 0, 1, 4);
}

static void progress__of_fewer_than_five_is_not_published(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    when_now_is(s, SPEC_START_US + HOUR_US);
    then_progress(s, 0, 4, 0, 4);
    then_no_event(s, "InitiativeProgress");
}

static void progress__counts_who_is_still_there(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_person(s, "zoe", "boss");
    given_level(s, "bob", "coding", 3.5);
    when(s, declare(s, "code"));
    when_now_is(s, SPEC_START_US + HOUR_US);
    then_progress(s, 1, 4, 0, 5);
    given_person_erased(s, "bob"); /* who has no plan that would end */
    when_now_is(s, SPEC_START_US + 2 * HOUR_US);
    then_progress(s, 0, 4, 0, 4);
}

static void progress__of_one_that_was_ended_stays_as_it_was(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_person(s, "zoe", "boss");
    when(s, declare(s, "code"));
    given_done(s, end(s, "code"));
    when_now_is(s, SPEC_START_US + HOUR_US);
    assert_int_equal(facts_of(s, PROGRESS), 0);
    given_person(s, "carl", "boss");
    when_now_is(s, SPEC_START_US + 2 * HOUR_US);
    assert_int_equal(facts_of(s, PROGRESS), 0);
}

/* ---- ends ---- */

static void given_retired(spec *s, const char *competency_id)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    CompetencyFact__CompetencyReplaced *f =
        (CompetencyFact__CompetencyReplaced *)px_codec_set_oneof(
            fact, COMPETENCY_FACT__FACT__BODY_COMPETENCY_REPLACED, spec_arena(s));

    f->competency_id = text(s, competency_id);
    given(s, "competency", fact);
}

static void retired_competency__nobody_is_to_learn_it_any_more(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    given_retired(s, "coding");
    assert_int_equal(facts_of(s, ENDED), 4);
    when_now_is(s, SPEC_START_US + HOUR_US);
    then_progress(s, 4, 0, 0, 4);
}

static void ended_early__withdraws_what_was_not_started(void **ctx)
{
    spec *s = *ctx;

    given_item(s, "short", 2, "coding");
    given_done(s, declare(s, "code"));
    given_done(s, start_item(s, "bob", "short"));
    when(s, end(s, "code"));
    then_accepted(s);
    then_event(s, "InitiativeEnded");
    assert_int_equal(facts_of(s, INITIATIVE_ENDED), 1);
    assert_int_equal(facts_of(s, ENDED), 3); /* not bob's */
    const LearningRecommenderFact__PlanEnded *f = then_some_fact(s, ENDED);
    assert_string_equal(f->plan_id, "ann-1");
    assert_int_equal(f->reason, END_CANCELLED);
    assert_string_equal(f->actor_id, "hanna");
    given_person(s, "zoe", "boss");
    assert_int_equal(facts_of(s, PROPOSED), 0);
    when(s, complete_item(s, "bob", "short"));
    f = then_some_fact(s, ENDED);
    assert_int_equal(f->reason, END_COMPLETED);
}

/* ---- refusals ---- */

static void given_strategy_item(spec *s, const char *strategy_item_id, const char *competency_id)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__StrategyItemDeclared f = REVIEW_CYCLE_FACT__STRATEGY_ITEM_DECLARED__INIT;
    char *ids[] = { text(s, competency_id) };

    f.strategy_item_id = text(s, strategy_item_id);
    f.title = text(s, "Launch");
    f.weight = 2;
    f.competency_ids = ids;
    f.n_competency_ids = 1;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_STRATEGY_ITEM_DECLARED;
    fact.strategy_item_declared = &f;
    given(s, "review-cycle", &fact);
}

static void initiatives__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub;

    given_item(s, "short", 2, "coding");
    given_done(s, define_template(s, "welcome", "short"));
    when(s, declare(s, "welcome"));
    then_rejected(s, PX_REASON_TEMPLATE_EXISTS, "initiative_id");
    sub = declare(s, "code");
    also_asks(s, sub, "none");
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competencies[1].competency_id");
    sub = declare(s, "code");
    also_asks(s, sub, "coding");
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_TWICE, "competencies[1].competency_id");
    given_strategy_item(s, "launch", "writing");
    sub = declare(s, "code");
    sub->declare_initiative->strategy_item_id = text(s, "launch");
    when(s, sub);
    then_rejected(s, PX_REASON_STRATEGY_ITEM_UNKNOWN, "strategy_item_id");
    sub = declare(s, "code");
    sub->declare_initiative->audience = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_NOBODY;
    when(s, sub);
    then_rejected(s, PX_REASON_FIELD_INVALID, "audience");
    sub = declare(s, "code");
    sub->declare_initiative->audience = (LearningRecommender__AudienceKind)FOR_HIGH_POTENTIALS;
    when(s, sub); /* its figures would tell who they are */
    then_rejected(s, PX_REASON_FIELD_INVALID, "audience");
    sub = declare(s, "code");
    sub->declare_initiative->until = px_codec_timestamp(SPEC_START_US - DAY_US, spec_arena(s));
    when(s, sub);
    then_rejected(s, PX_REASON_FIELD_INVALID, "until");
    sub = declare(s, "code");
    sub->declare_initiative->audience = LEARNING_RECOMMENDER__AUDIENCE_KIND__AUDIENCE_KIND_UNIT;
    when(s, sub);
    then_rejected(s, PX_REASON_UNIT_UNKNOWN, "unit_id");
    when(s, end(s, "welcome"));
    then_rejected(s, PX_REASON_INITIATIVE_UNKNOWN, "initiative_id");
}

static void initiatives__are_neither_changed_nor_ended_twice(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub = declare(s, "code");

    given_item(s, "short", 2, "coding");
    given_strategy_item(s, "launch", "coding");
    sub->declare_initiative->strategy_item_id = text(s, "launch");
    when(s, sub);
    then_accepted(s);
    const LearningRecommenderFact__InitiativeDeclared *f = then_some_fact(s, DECLARED);
    assert_string_equal(f->strategy_item_id, "launch");
    when(s, declare(s, "code"));
    then_rejected(s, PX_REASON_TEMPLATE_EXISTS, "initiative_id");
    when(s, define_template(s, "code", "short"));
    then_rejected(s, PX_REASON_TEMPLATE_EXISTS, "template_id");
    when(s, assign_template(s, "hanna", "code", FOR_EVERYBODY));
    then_rejected(s, PX_REASON_TEMPLATE_UNKNOWN, "template_id");
    given_done(s, end(s, "code"));
    when(s, end(s, "code"));
    then_rejected(s, PX_REASON_INITIATIVE_ENDED, "initiative_id");
    given_done(s, declare(s, "more"));
    when_now_is(s, SPEC_START_US + UNTIL_DAYS * DAY_US); /* it ends by itself */
    when(s, end(s, "more"));
    then_rejected(s, PX_REASON_INITIATIVE_ENDED, "initiative_id");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(declared__who_lacks_it_gets_the_best_item_and_nobody_else),
        TEST(declared__what_few_peers_said_does_not_show),
        TEST(declared__one_item_may_teach_two_of_its_competencies),
        TEST(declared__requirements_come_first),
        TEST(joined__until_the_date),
        TEST(catalogue__a_new_item_reaches_who_had_nothing_to_learn_from),
        TEST(catalogue__an_item_that_teaches_something_else_leaves_the_plan),
        TEST(level__reached_otherwise_takes_back_what_was_not_started),
        TEST(declined__the_next_best_comes),
        TEST(progress__counts_have_in_plan_and_refused_once_an_hour),
        TEST(progress__counts_who_refused_without_a_plan),
        TEST(progress__of_fewer_than_five_is_not_published),
        TEST(progress__counts_who_is_still_there),
        TEST(progress__of_one_that_was_ended_stays_as_it_was),
        TEST(retired_competency__nobody_is_to_learn_it_any_more),
        TEST(ended_early__withdraws_what_was_not_started),
        TEST(initiatives__rejections_in_order),
        TEST(initiatives__are_neither_changed_nor_ended_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
