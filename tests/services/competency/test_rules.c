/* Tests of competency: children lead to their parent, and away from it again. */
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
    ALL = COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_ALL,
    POINTS = COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_POINTS,
    NOTHING = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_UNSPECIFIED,
    IS_EVIDENCE = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_EVIDENCE,
    SAYS = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_RECOMMEND,
    COMPLETES = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_COMPLETE,
    ATTAINMENT_CHANGED = COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED,
    RULE_OUTCOME = COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME
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

static Competency__Submission *rule(spec *s, const char *parent_id, int kind, unsigned needed,
                                    int outcome)
{
    Competency__Submission *sub;
    Competency__SetCompetencyRule *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_COMPETENCY_RULE);

    b->competency_id = text(s, parent_id);
    b->kind = (Competency__CompetencyRuleKind)kind;
    b->points_needed = needed;
    b->outcome = (Competency__CompetencyRuleOutcome)outcome;
    b->children = px_arena_alloc(spec_arena(s), 8 * sizeof *b->children);
    return sub;
}

static void add_child(spec *s, Competency__Submission *sub, const char *competency_id,
                      unsigned points, bool required)
{
    Competency__SetCompetencyRule *b = sub->set_competency_rule;
    Competency__CompetencyChild *child = (Competency__CompetencyChild *)px_codec_new(
        &competency__competency_child__descriptor, spec_arena(s));

    child->competency_id = text(s, competency_id);
    child->points = points;
    child->required = required;
    b->children[b->n_children++] = child;
}

/* Fixture F: parent needs 5; a is worth 3 and required, b and c 2 each. */
static Competency__Submission *five_points(spec *s, int outcome)
{
    Competency__Submission *sub = rule(s, "parent", POINTS, 5, outcome);

    add_child(s, sub, "a", 3, true);
    add_child(s, sub, "b", 2, false);
    add_child(s, sub, "c", 2, false);
    return sub;
}

/* Level "Good" is the default and proficient; "" takes the level away. @return its id */
static const char *given_evidence(spec *s, const char *competency_id, const char *level_name)
{
    Competency__Submission *sub;
    Competency__RecordEvidence *b = new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);
    static unsigned number;

    b->evidence_id = px_arena_printf(spec_arena(s), "e%u", ++number);
    b->person_id = text(s, "ann");
    b->competency_id = text(s, competency_id);
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_OBSERVATION;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_OVERRIDE;
    b->level_name = text(s, level_name);
    given_done(s, sub);
    return b->evidence_id;
}

static attainment attained(spec *s, const char *competency_id)
{
    level_key key = { SPEC_TENANT, "ann", competency_id };
    attained_record said;

    competency_state_get_attained(spec_state(s), &key, &said);
    return said.now;
}

static int setup_family(void **state)
{
    static const char *const ids[] = { "parent", "a", "b", "c", "top" };
    int failed = setup(state);

    for (size_t i = 0; i < PX_COUNT(ids); i++)
        given_done(*state, define_competency(*state, ids[i]));
    return failed;
}

static void points__complete_and_are_undone(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, COMPLETES));
    given_evidence(s, "b", "Good");
    given_evidence(s, "c", "Good");
    assert_int_equal(attained(s, "parent").level, 0); /* 4, and a is missing */
    given_evidence(s, "c", "Low");
    given_evidence(s, "a", "Good"); /* a and b are 5 */
    assert_int_equal(attained(s, "parent").level, 3);
    assert_true(attained(s, "parent").by_rule);
    const CompetencyFact__RuleOutcome *f = then_some_fact(s, RULE_OUTCOME);
    assert_true(f->met);
    assert_int_equal(f->points, 5);
    given_evidence(s, "a", "Low"); /* falls */
    assert_int_equal(attained(s, "parent").level, 0);
    const Competency__RuleOutcome *event = then_event(s, "RuleOutcome");
    assert_false(event->met);
    given_evidence(s, "a", "Expert"); /* back */
    assert_int_equal(attained(s, "parent").level, 3);
}

static void points__are_undone_all_the_way_up(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *top = rule(s, "top", ALL, 0, COMPLETES);

    add_child(s, top, "parent", 0, false);
    given_done(s, five_points(s, COMPLETES));
    given_done(s, top);
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    assert_int_equal(attained(s, "top").level, 3);
    given_evidence(s, "a", "");
    assert_int_equal(attained(s, "parent").level, 0);
    assert_int_equal(attained(s, "top").level, 0);
}

static void level_with_other_evidence__stays(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, COMPLETES));
    given_evidence(s, "parent", "High");
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    assert_int_equal(attained(s, "parent").level, 4);
    given_evidence(s, "a", "");
    assert_int_equal(attained(s, "parent").level, 4);
    assert_false(attained(s, "parent").by_rule);
}

static void rule__counts_for_what_is_there_already(void **ctx)
{
    spec *s = *ctx;

    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    given_done(s, five_points(s, COMPLETES));
    assert_int_equal(attained(s, "parent").level, 3);
    given_done(s, rule(s, "parent", 0, 0, 0)); /* no rule any more */
    assert_int_equal(attained(s, "parent").level, 0);
}

static void retire(spec *s, const char *competency_id)
{
    Competency__Submission *sub;
    Competency__RetireCompetency *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_RETIRE_COMPETENCY);

    b->competency_id = text(s, competency_id);
    b->reason_code = "obsolete";
    given_done(s, sub);
}

static void supersede(spec *s, const char *evidence_id)
{
    Competency__Submission *sub;
    Competency__SupersedeEvidence *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SUPERSEDE_EVIDENCE);

    b->evidence_id = text(s, evidence_id);
    b->reason_code = "mistake";
    given_done(s, sub);
}

/* What was known of a retired competency stays, also later, when somebody looks again. */
static void rule__of_a_retired_parent_still_gives_what_it_gave(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, COMPLETES));
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    const char *taken_back = given_evidence(s, "parent", "");
    assert_int_equal(attained(s, "parent").level, 3);
    retire(s, "parent");
    assert_int_equal(facts_of(s, RULE_OUTCOME) + facts_of(s, ATTAINMENT_CHANGED), 0);
    supersede(s, taken_back);
    assert_int_equal(facts_of(s, RULE_OUTCOME) + facts_of(s, ATTAINMENT_CHANGED), 0);
    assert_int_equal(attained(s, "parent").level, 3);
}

static void recommendation__is_only_said(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, SAYS));
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    const CompetencyFact__RuleOutcome *f = then_some_fact(s, RULE_OUTCOME);
    assert_true(f->met);
    assert_int_equal(f->outcome, SAYS);
    assert_int_equal(attained(s, "parent").level, 0);
}

static void evidence__is_only_said(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, IS_EVIDENCE));
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    const Competency__RuleOutcome *event = then_event(s, "RuleOutcome");
    assert_true(event->met);
    assert_int_equal(event->outcome, IS_EVIDENCE);
    assert_int_equal(attained(s, "parent").level, 0);
}

static void no_outcome__says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, NOTHING));
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    assert_int_equal(facts_of(s, RULE_OUTCOME), 0);
    assert_int_equal(attained(s, "parent").level, 0);
}

static void rule__rejections_in_order(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = rule(s, "magic", ALL, 0, COMPLETES);

    add_child(s, sub, "a", 0, false);
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, rule(s, "parent", ALL, 0, COMPLETES));
    then_rejected(s, PX_REASON_FIELD_MISSING, "children");
    sub = rule(s, "parent", 0, 0, COMPLETES);
    add_child(s, sub, "a", 0, false);
    when(s, sub);
    then_rejected(s, PX_REASON_FIELD_INVALID, "children");
    sub = rule(s, "parent", ALL, 0, COMPLETES);
    add_child(s, sub, "magic", 0, false);
    when(s, sub);
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "children[0].competency_id");
    sub = rule(s, "parent", ALL, 0, COMPLETES);
    add_child(s, sub, "a", 0, false);
    add_child(s, sub, "a", 0, false);
    when(s, sub);
    then_rejected(s, PX_REASON_CHILD_TWICE, "children[1].competency_id");
    sub = rule(s, "parent", ALL, 0, COMPLETES);
    add_child(s, sub, "parent", 0, false);
    when(s, sub);
    then_rejected(s, PX_REASON_RULE_LOOP, "children[0].competency_id");
    given_done(s, five_points(s, COMPLETES));
    sub = rule(s, "a", ALL, 0, COMPLETES);
    add_child(s, sub, "parent", 0, false);
    when(s, sub); /* by way of another */
    then_rejected(s, PX_REASON_RULE_LOOP, "children[0].competency_id");
    sub = rule(s, "top", POINTS, 4, COMPLETES);
    add_child(s, sub, "b", 3, false);
    when(s, sub);
    then_rejected(s, PX_REASON_POINTS_UNREACHABLE, "points_needed");
}

static void rule__is_said_once_and_again_when_any_of_it_changes(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *other[7];

    for (size_t i = 0; i < PX_COUNT(other); i++)
        other[i] = five_points(s, COMPLETES);
    other[0]->set_competency_rule->kind = (Competency__CompetencyRuleKind)ALL;
    other[1]->set_competency_rule->outcome = (Competency__CompetencyRuleOutcome)SAYS;
    other[2]->set_competency_rule->points_needed = 4;
    other[3]->set_competency_rule->n_children = 2;
    other[4]->set_competency_rule->children[2]->competency_id = text(s, "top");
    other[5]->set_competency_rule->children[2]->points = 1;
    other[6]->set_competency_rule->children[1]->required = true;
    for (size_t i = 0; i < PX_COUNT(other); i++) {
        given_done(s, five_points(s, COMPLETES));
        when(s, five_points(s, COMPLETES));
        then_accepted(s);
        then_no_more_facts(s);
        when(s, other[i]);
        then_accepted(s);
        then_fact(s, COMPETENCY_FACT__FACT__BODY_COMPETENCY_RULE_SET);
    }
}

static void rule__is_shown_with_its_children(void **ctx)
{
    spec *s = *ctx;
    Competency__GetCompetency q = COMPETENCY__GET_COMPETENCY__INIT;

    given_done(s, five_points(s, SAYS));
    q.competency_id = text(s, "parent");
    const Competency__Competency *parent = then_answer(s, "GetCompetency", &q.base);
    assert_int_equal(parent->rule->kind, POINTS);
    assert_int_equal(parent->rule->points_needed, 5);
    assert_int_equal(parent->rule->outcome, SAYS);
    assert_int_equal(parent->rule->n_children, 3);
    assert_string_equal(parent->rule->children[0]->competency_id, "a");
    assert_int_equal(parent->rule->children[0]->points, 3);
    assert_true(parent->rule->children[0]->required);
    assert_false(parent->rule->children[2]->required);
    q.competency_id = text(s, "a");
    const Competency__Competency *child = then_answer(s, "GetCompetency", &q.base);
    assert_null(child->rule);
}

static void level_by_rule__is_one_of_its_own_once_there_is_evidence(void **ctx)
{
    spec *s = *ctx;

    given_done(s, five_points(s, COMPLETES));
    given_evidence(s, "a", "Good");
    given_evidence(s, "b", "Good");
    assert_true(attained(s, "parent").by_rule);
    given_evidence(s, "parent", "Good"); /* the same level */
    const CompetencyFact__AttainmentChanged *f = then_some_fact(s, ATTAINMENT_CHANGED);
    assert_int_equal(f->level, 3);
    assert_int_equal(f->previous_level, 3);
    assert_false(f->by_rule);
}

#define FAMILY(name)                                                                               \
    cmocka_unit_test_setup_teardown(name, setup_family, spec_teardown_looking_again)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        FAMILY(points__complete_and_are_undone),
        FAMILY(points__are_undone_all_the_way_up),
        FAMILY(level_with_other_evidence__stays),
        FAMILY(rule__counts_for_what_is_there_already),
        FAMILY(evidence__is_only_said),
        FAMILY(no_outcome__says_nothing),
        FAMILY(recommendation__is_only_said),
        FAMILY(rule__rejections_in_order),
        FAMILY(rule__of_a_retired_parent_still_gives_what_it_gave),
        FAMILY(rule__is_said_once_and_again_when_any_of_it_changes),
        FAMILY(rule__is_shown_with_its_children),
        FAMILY(level_by_rule__is_one_of_its_own_once_there_is_evidence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
