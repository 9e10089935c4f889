/* test_templates.c: plans that many people get: audiences, edits, personal changes, unlinking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/feedback_ingest/fact/v1/fact.pb-c.h"
#include "tests/services/learning-recommender/fixtures_plan.h"

static void given_items(spec *s)
{
    given_item(s, "tour", 2, "coding");
    given_item(s, "tools", 3, "coding");
    given_item(s, "pen", 2, "writing");
    given_item(s, "ink", 2, "writing");
}

static void given_template(spec *s, const char *items)
{
    given_done(s, define_template(s, "welcome", items));
}

/* The plan proposed to this person since the last `when`; NULL for none. */
static const LearningRecommenderFact__PlanProposed *proposed_to(spec *s, const char *person_id)
{
    for (size_t n = facts_of(s, PROPOSED); n > 0; n--) {
        const LearningRecommenderFact__PlanProposed *f = then_some_fact(s, PROPOSED);

        if (strcmp(f->person_id, person_id) == 0)
            return f;
    }
    return NULL;
}

static void then_plan_has(spec *s, const char *plan_id, const char *ids)
{
    const LearningRecommender__Plan *plan = get_plan(s, "ann", "ann", plan_id);
    char all[256] = "";

    for (size_t i = 0; i < plan->n_items; i++) {
        strncat(all, i ? " " : "", sizeof all - strlen(all) - 1);
        strncat(all, plan->items[i]->learning->item_id, sizeof all - strlen(all) - 1);
    }
    assert_string_equal(all, ids);
}

/* ---- audiences ---- */

static void assigned__everybody_gets_one_plan(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour:10 ?pen");
    when(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    then_accepted(s);
    assert_int_equal(facts_of(s, PROPOSED), 4); /* ann, bob, boss, hanna */
    const LearningRecommenderFact__PlanProposed *f = proposed_to(s, "ann");
    assert_non_null(f);
    assert_string_equal(f->template_id, "welcome");
    then_items(f->items, f->n_items, "tour pen");
    assert_int_equal(f->items[0]->planned_completion_us, SPEC_START_US + 10 * DAY_US);
    assert_true(f->items[1]->optional);
    when(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY)); /* never two */
    assert_int_equal(facts_of(s, PROPOSED), 0);
    given_person(s, "zoe", "boss"); /* who joins gets it too */
    assert_int_equal(facts_of(s, PROPOSED), 1);
    assert_int_equal(state_of(s, "ann-1"), ACTIVE);
}

static void assigned__audience_is_a_unit_managers_or_a_role(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub;

    given_items(s);
    given_template(s, "tour");
    when(s, assign_template(s, "hanna", "welcome", FOR_MANAGERS));
    assert_int_equal(facts_of(s, PROPOSED), 1);
    assert_non_null(proposed_to(s, "boss"));
    given_person(s, "carl", "bob"); /* bob manages somebody now */
    assert_non_null(proposed_to(s, "bob"));
    given_done(s, define_template(s, "code", "tools"));
    sub = assign_template(s, "hanna", "code", FOR_ROLE);
    sub->assign_template->role_id = px_arena_strdup(spec_arena(s), "dev");
    when(s, sub);
    assert_int_equal(facts_of(s, PROPOSED), 2);
    given_role(s, "carl", "dev");
    assert_non_null(proposed_to(s, "carl"));
    given_done(s, assign_template(s, "hanna", "code", FOR_NOBODY));
    given_person(s, "zoe", "boss");
    given_role(s, "zoe", "dev");
    assert_int_equal(facts_of(s, PROPOSED), 0);
}

static void assigned__people_of_a_unit(void **ctx)
{
    FeedbackIngestFact__Fact fact = FEEDBACK_INGEST_FACT__FACT__INIT;
    FeedbackIngestFact__UnitRecorded unit = FEEDBACK_INGEST_FACT__UNIT_RECORDED__INIT;
    LearningRecommender__Submission *sub;
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour");
    unit.unit_id = "company";
    fact.body_case = FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED;
    fact.unit_recorded = &unit;
    given(s, "feedback-ingest", &fact);
    sub = assign_template(s, "hanna", "welcome", FOR_UNIT);
    sub->assign_template->unit_id = px_arena_strdup(spec_arena(s), "company");
    when(s, sub);
    then_accepted(s);
    assert_int_equal(facts_of(s, PROPOSED), 0);
    unit.unit_id = "sales"; /* where everybody is, and which is a part of the company now */
    unit.parent_unit_id = "company";
    given(s, "feedback-ingest", &fact);
    assert_int_equal(facts_of(s, PROPOSED), 4);
}

static void skipped__is_named_once(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour");
    given_done(s, complete_item(s, "ann", "tour"));
    when(s, assign_template(s, "boss", "welcome", FOR_EVERYBODY)); /* not hanna's manager */
    assert_int_equal(facts_of(s, PROPOSED), 2);                    /* boss, bob */
    assert_int_equal(facts_of(s, TEMPLATE_SKIPPED), 2);
    const LearningRecommenderFact__TemplateSkipped *f = then_some_fact(s, TEMPLATE_SKIPPED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(f->reason, LEARNING_RECOMMENDER__SKIP_REASON__SKIP_REASON_NOTHING_LEFT);
    f = then_some_fact(s, TEMPLATE_SKIPPED);
    assert_string_equal(f->person_id, "hanna");
    assert_int_equal(f->reason, LEARNING_RECOMMENDER__SKIP_REASON__SKIP_REASON_NOT_MANAGED);
    then_event(s, "TemplateSkipped");
    given_template(s, "tour tools"); /* there is something left for ann now */
    assert_int_equal(facts_of(s, TEMPLATE_SKIPPED), 0);
    assert_int_equal(facts_of(s, PROPOSED), 1);
}

/* Who assigned it may not reach hanna until they are an HR partner. */
static void skipped__is_proposed_once_the_one_who_assigned_may(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour");
    given_done(s, assign_template(s, "boss", "welcome", FOR_EVERYBODY));
    assert_int_equal(facts_of(s, TEMPLATE_SKIPPED), 1);
    given_hr_partner(s, "boss");
    assert_int_equal(facts_of(s, PROPOSED), 1);
    assert_string_equal(
        ((const LearningRecommenderFact__PlanProposed *)then_some_fact(s, PROPOSED))->person_id,
        "hanna");
}

/* ---- edits and personal changes ---- */

static void edited__reaches_the_plan_and_leaves_what_was_changed(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour ?pen ?tools");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_done(s, decline_item(s, "ann", "ann", "pen"));
    then_plan_has(s, "ann-1", "tour tools");
    given_done(s, swap_item(s, "ann", "ann", "ink", "tools"));
    then_plan_has(s, "ann-1", "tour ink");
    when(s, define_template(s, "welcome", "tour:5 ?pen"));
    const LearningRecommenderFact__PlanRevised *f = then_some_fact(s, REVISED);
    assert_string_equal(f->plan_id, "ann-1");
    then_items(f->items, f->n_items, "tour ink"); /* pen stays out, ink stays in */
    assert_int_equal(f->items[0]->planned_completion_us, SPEC_START_US + 5 * DAY_US);
    when(s, define_template(s, "welcome", "tour:5 pen"));
    f = then_some_fact(s, REVISED);
    then_items(f->items, f->n_items, "tour pen ink"); /* needed now: the two clash */
}

static void retired__leaves_the_plan_and_comes_back_with_its_item(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    when(s, retire_item(s, "pen"));
    assert_int_equal(facts_of(s, REVISED), 4);
    then_plan_has(s, "ann-1", "tour");
    given_item(s, "pen", 2, "writing");
    then_plan_has(s, "ann-1", "tour pen");
}

static void edited__never_drops_what_was_begun(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour tools");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_done(s, start_item(s, "ann", "tour"));
    given_template(s, "pen");
    then_plan_has(s, "ann-1", "pen tour");
}

static void linked__needed_items_are_objected_to_and_it_is_not_reviewed(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour ?pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    when(s, decline_item(s, "ann", "ann", "tour"));
    then_fact(s, OBJECTED);
    then_no_more_facts(s);
    when(s, move_plan(s, "boss", "ann-1", DRAFT));
    then_rejected(s, PX_REASON_ILLEGAL_TRANSITION, "to");
}

static void unlinked__is_the_persons_own_and_keeps_its_origin(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    when(s, unlink_plan(s, "ann", "ann-1"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, unlink_plan(s, "boss", "ann-1"));
    then_accepted(s);
    const LearningRecommender__PlanUnlinked *event = then_event(s, "PlanUnlinked");
    assert_string_equal(event->template_id, "welcome");
    then_no_event(s, "PlanMoved");
    given_template(s, "tools");
    then_plan_has(s, "ann-1", "tour pen");
    assert_string_equal(get_plan(s, "ann", "ann", "ann-1")->template_id, "welcome");
    assert_false(get_plan(s, "ann", "ann", "ann-1")->linked);
    given_done(s, decline_item(s, "ann", "ann", "tour"));
    then_plan_has(s, "ann-1", "pen");
    when(s, unlink_plan(s, "boss", "ann-1"));
    then_rejected(s, PX_REASON_PLAN_NOT_LINKED, "plan_id");
}

/* ---- ends ---- */

static void completed__with_all_that_is_needed_and_some_of_the_rest(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub;

    given_items(s);
    sub = define_template(s, "welcome", "tour ?pen ?ink ?tools");
    sub->define_template->optional_needed = 2;
    given_done(s, sub);
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_done(s, complete_item(s, "ann", "ink"));
    given_done(s, complete_item(s, "ann", "tour"));
    assert_int_equal(facts_of(s, ENDED), 0);
    when(s, complete_item(s, "ann", "tools"));
    const LearningRecommenderFact__PlanEnded *f = then_some_fact(s, ENDED);
    assert_int_equal(f->reason, END_COMPLETED);
    assert_int_equal(state_of(s, "ann-1"), COMPLETE);
    given_template(s, "tour ?pen"); /* what is over stays over */
    assert_int_equal(state_of(s, "ann-1"), COMPLETE);
}

static void completed__all_of_a_plan_where_nothing_is_needed(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "?tour ?pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_done(s, complete_item(s, "ann", "tour"));
    assert_int_equal(state_of(s, "ann-1"), ACTIVE);
    given_done(s, complete_item(s, "ann", "pen"));
    assert_int_equal(state_of(s, "ann-1"), COMPLETE);
}

static void template_plan__stands_beside_a_plan_for_gaps(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_item(s, "stage", 6, "speaking");
    given_template(s, "tour");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_gap(s, "ann", "speaking", 2.5);
    then_proposed(s, "ann-2");
    given_done(s, complete_item(s, "ann", "tour"));
    assert_int_equal(state_of(s, "ann-1"), COMPLETE);
    assert_int_equal(state_of(s, "ann-2"), ACTIVE);
    given_done(s, complete_item(s, "ann", "stage"));
    assert_int_equal(state_of(s, "ann-2"), COMPLETE);
}

static void template_plan__ends_when_the_person_leaves(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_person_left(s, "ann", "boss");
    then_ended(s, "ann-1", END_PERSON_GONE);
    given_person_erased(s, "bob");
    assert_int_equal(records_with(s, "bob", false), 2); /* a tombstone, and how many plans */
}

/* ---- refusals ---- */

static void templates__rejections(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *sub;

    given_items(s);
    when(s, define_template(s, "welcome", "tour none"));
    then_rejected(s, PX_REASON_ITEM_UNKNOWN, "items[1].item_id");
    when(s, define_template(s, "welcome", "tour tour"));
    then_rejected(s, PX_REASON_ITEM_TWICE, "items[1].item_id");
    sub = define_template(s, "welcome", "tour ?pen");
    sub->define_template->optional_needed = 2;
    when(s, sub);
    then_rejected(s, PX_REASON_TOO_MANY_NEEDED, "optional_needed");
    when(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    then_rejected(s, PX_REASON_TEMPLATE_UNKNOWN, "template_id");
    given_template(s, "tour");
    when(s, assign_template(s, "hanna", "welcome", FOR_UNIT));
    then_rejected(s, PX_REASON_UNIT_UNKNOWN, "unit_id");
    when(s, assign_template(s, "hanna", "welcome", FOR_ROLE));
    then_rejected(s, PX_REASON_FIELD_MISSING, "role_id");
    when(s, unlink_plan(s, "boss", "ann-1"));
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
}

/* What is asked of everybody is not a matter of choice, whatever was declined before. */
static void optional__is_needed_when_the_item_is_mandatory(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *drill = define_item(s, "drill", 1, "coding");

    given_items(s);
    drill->define_catalogue_item->mandatory = true;
    given_done(s, drill);
    given_done(s, decline_item(s, "ann", "ann", "drill"));
    given_done(s, decline_item(s, "ann", "ann", "pen"));
    given_template(s, "tour ?drill ?pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    then_plan_has(s, "ann-1", "tour drill");
}

static void put_in__may_be_declined_where_the_template_is_linked(void **ctx)
{
    spec *s = *ctx;

    given_items(s);
    given_template(s, "tour ?pen");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    given_done(s, swap_item(s, "ann", "ann", "ink", "pen"));
    then_plan_has(s, "ann-1", "tour ink");
    given_done(s, decline_item(s, "ann", "ann", "ink"));
    then_some_fact(s, DECLINED);
    then_plan_has(s, "ann-1", "tour");
}

static void unlink_plan__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    LearningRecommender__Submission *of_nobody = unlink_plan(s, "boss", "nobody-1");

    given_items(s);
    given_template(s, "tour");
    given_done(s, assign_template(s, "hanna", "welcome", FOR_EVERYBODY));
    of_nobody->unlink_plan->person_id = px_arena_strdup(spec_arena(s), "nobody");
    when(s, of_nobody);
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, unlink_plan(s, "boss", "bob-1")); /* as if it were ann's */
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
    when(s, unlink_plan(s, "boss", "ann-7"));
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
    when(s, unlink_plan(s, "bob", "ann-1"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    given_done(s, complete_item(s, "ann", "tour"));
    when(s, unlink_plan(s, "boss", "ann-1"));
    then_rejected(s, PX_REASON_PLAN_UNKNOWN, "plan_id");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup_team, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(assigned__everybody_gets_one_plan),
        TEST(assigned__audience_is_a_unit_managers_or_a_role),
        TEST(assigned__people_of_a_unit),
        TEST(skipped__is_named_once),
        TEST(skipped__is_proposed_once_the_one_who_assigned_may),
        TEST(edited__reaches_the_plan_and_leaves_what_was_changed),
        TEST(retired__leaves_the_plan_and_comes_back_with_its_item),
        TEST(edited__never_drops_what_was_begun),
        TEST(linked__needed_items_are_objected_to_and_it_is_not_reviewed),
        TEST(unlinked__is_the_persons_own_and_keeps_its_origin),
        TEST(completed__with_all_that_is_needed_and_some_of_the_rest),
        TEST(completed__all_of_a_plan_where_nothing_is_needed),
        TEST(template_plan__stands_beside_a_plan_for_gaps),
        TEST(template_plan__ends_when_the_person_leaves),
        TEST(optional__is_needed_when_the_item_is_mandatory),
        TEST(put_in__may_be_declined_where_the_template_is_linked),
        TEST(unlink_plan__rejections_in_order),
        TEST(templates__rejections),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
