/* Tests of competency (C9): the rules, policies and prerequisites of competencies that end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "services/competency/policy.h"
#include "services/competency/prerequisite.h"
#include "services/competency/state_attainment.h"
#include "tests/services/competency/fixtures_framework.h"

enum {
    ALL = COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_ALL,
    POINTS = COMPETENCY__COMPETENCY_RULE_KIND__COMPETENCY_RULE_KIND_POINTS,
    LATEST = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_LATEST,
    MEDIAN = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_MEDIAN
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

/* All of these are needed, one point each; NULL ends them. */
static Competency__Submission *set_rule(spec *s, const char *parent_id, int kind,
                                        const char *const *children)
{
    Competency__Submission *sub;
    Competency__SetCompetencyRule *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_COMPETENCY_RULE);

    b->competency_id = text(s, parent_id);
    b->kind = (Competency__CompetencyRuleKind)kind;
    b->outcome = COMPETENCY__COMPETENCY_RULE_OUTCOME__COMPETENCY_RULE_OUTCOME_COMPLETE;
    b->children = px_arena_alloc(spec_arena(s), RULE_CHILDREN_MAX * sizeof *b->children);
    for (; children[b->n_children]; b->n_children++) {
        Competency__CompetencyChild *child = (Competency__CompetencyChild *)px_codec_new(
            &competency__competency_child__descriptor, spec_arena(s));

        child->competency_id = text(s, children[b->n_children]);
        child->points = 1;
        b->children[b->n_children] = child;
    }
    b->points_needed = kind == POINTS ? (uint32_t)b->n_children : 0;
    return sub;
}

static void given_rule(spec *s, const char *parent_id, const char *child_id)
{
    given_done(s, set_rule(s, parent_id, ALL, (const char *const[]){ child_id, NULL }));
}

static void given_policy(spec *s, const char *competency_id, int kind)
{
    Competency__Submission *sub;
    Competency__SetLevelPolicy *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_LEVEL_POLICY);

    b->competency_id = text(s, competency_id);
    b->kind = (Competency__LevelPolicyKind)kind;
    given_done(s, sub);
}

static Competency__Submission *require(spec *s, const char *competency_id,
                                       const char *const *requires_ids)
{
    Competency__Submission *sub;
    Competency__SetPrerequisites *b =
        new_body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_PREREQUISITES);

    b->competency_id = text(s, competency_id);
    b->requires_ids = px_arena_alloc(spec_arena(s), PREREQUISITES_MAX * sizeof(char *));
    for (; requires_ids[b->n_requires_ids]; b->n_requires_ids++)
        b->requires_ids[b->n_requires_ids] = text(s, requires_ids[b->n_requires_ids]);
    return sub;
}

static int policy_of(spec *s, const char *competency_id)
{
    return competency_state_get_policy(spec_state(s), SPEC_TENANT, competency_id).kind;
}

static void then_rule_of(spec *s, const char *parent_id, const char *child_id)
{
    const Competency__SetCompetencyRule *rule = entry_of(s, parent_id)->rule;

    assert_non_null(rule);
    assert_int_equal(rule->n_children, 1);
    assert_string_equal(rule->children[0]->competency_id, child_id);
}

static int setup_more(void **state)
{
    static const char *const ids[] = { "a", "b", "first", "second" };
    int failed = setup(state);

    for (size_t i = 0; i < PX_COUNT(ids); i++)
        given_done(*state, define_competency(*state, ids[i]));
    return failed;
}

/* ---- its own rule and policy ---- */

static void rename__takes_rule_and_policy_along(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "sql", "a");
    given_policy(s, "sql", LATEST);
    given_done(s, rename_to(s, "sql", "queries"));
    assert_null(entry_of(s, "sql")->rule);
    assert_int_equal(policy_of(s, "sql"), 0);
    then_rule_of(s, "queries", "a");
    assert_int_equal(policy_of(s, "queries"), LATEST);
}

static void rename__with_a_title_changes_that_alone(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = rename_to(s, "sql", "queries");

    sub->rename_competency->title = text(s, "Asking for data");
    given_done(s, sub);
    assert_string_equal(entry_of(s, "queries")->definition->title, "Asking for data");
    assert_string_equal(entry_of(s, "queries")->definition->description, "What it is.");
    assert_int_equal(entry_of(s, "queries")->definition->n_levels, 5);
    assert_string_equal(entry_of(s, "sql")->definition->title, "Handling data");
}

static void merge__gives_rule_and_policy_to_what_had_none(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "sql", "a");
    given_policy(s, "sql", LATEST);
    given_done(s, merge(s, "sql", NULL, "talk"));
    then_rule_of(s, "talk", "a");
    assert_int_equal(policy_of(s, "talk"), LATEST);
}

static void merge__keeps_rule_and_policy_of_what_it_goes_into(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "sql", "a");
    given_rule(s, "talk", "b");
    given_policy(s, "sql", LATEST);
    given_policy(s, "talk", MEDIAN);
    given_done(s, merge(s, "sql", NULL, "talk"));
    assert_null(entry_of(s, "sql")->rule);
    assert_int_equal(policy_of(s, "sql"), 0);
    then_rule_of(s, "talk", "b");
    assert_int_equal(policy_of(s, "talk"), MEDIAN);
}

/* What was meant for the whole fits neither part. */
static void split__leaves_rule_and_policy_to_no_part(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "sql", "a");
    given_policy(s, "sql", LATEST);
    given_done(s, split(s, "sql", "first", "second", NULL));
    assert_null(entry_of(s, "sql")->rule);
    assert_null(entry_of(s, "first")->rule);
    assert_null(entry_of(s, "second")->rule);
    assert_int_equal(policy_of(s, "sql"), 0);
    assert_int_equal(policy_of(s, "first"), 0);
    assert_int_equal(policy_of(s, "second"), 0);
}

/* ---- the rules it is a child in ---- */

static void merge__of_two_children_counts_once_and_can_still_be_met(void **ctx)
{
    spec *s = *ctx;

    given_done(s, set_rule(s, "talk", POINTS, (const char *const[]){ "a", "b", "sql", NULL }));
    given_done(s, merge(s, "a", "sql", "b"));
    then_rule_of(s, "talk", "b");
    assert_int_equal(entry_of(s, "talk")->rule->points_needed, 1);
}

static void retired__as_the_only_child_leaves_no_rule(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "talk", "a");
    given_done(s, retire(s, "a"));
    assert_null(entry_of(s, "talk")->rule);
    given_rule(s, "talk", "b"); /* and may have one again */
    then_rule_of(s, "talk", "b");
}

static void split__of_a_child_has_no_more_children_than_a_rule_may(void **ctx)
{
    const char *children[RULE_CHILDREN_MAX + 1] = { 0 };
    spec *s = *ctx;

    for (int i = 0; i < RULE_CHILDREN_MAX; i++) {
        children[i] = px_arena_printf(spec_arena(s), "child%02d", i);
        given_done(s, define_competency(s, children[i]));
    }
    given_done(s, set_rule(s, "talk", ALL, children));
    given_done(s, split(s, "child63", "first", "second", NULL));
    const Competency__SetCompetencyRule *rule = entry_of(s, "talk")->rule;
    assert_int_equal(rule->n_children, RULE_CHILDREN_MAX);
    assert_string_equal(rule->children[RULE_CHILDREN_MAX - 1]->competency_id, "first");
}

/* ---- what comes before it ---- */

static void split__of_a_prerequisite_has_no_more_than_there_may_be(void **ctx)
{
    const char *before[PREREQUISITES_MAX + 1] = { 0 };
    spec *s = *ctx;

    for (int i = 0; i < PREREQUISITES_MAX; i++) {
        before[i] = px_arena_printf(spec_arena(s), "before%02d", i);
        given_done(s, define_competency(s, before[i]));
    }
    given_done(s, require(s, "talk", before));
    given_done(s, split(s, "before15", "first", "second", NULL));
    prerequisites now = competency_state_get_prerequisites(spec_state(s), SPEC_TENANT, "talk");
    assert_int_equal(now.count, PREREQUISITES_MAX);
    assert_string_equal(now.ids[PREREQUISITES_MAX - 1], "first");
}

static void prerequisites__said_again_say_nothing_new(void **ctx)
{
    spec *s = *ctx;

    given_done(s, require(s, "talk", (const char *const[]){ "a", "b", NULL }));
    when(s, require(s, "talk", (const char *const[]){ "a", "a", "b", "a", NULL }));
    then_accepted(s);
    then_no_more_facts(s);
    when(s, require(s, "talk", (const char *const[]){ "a", "b", "sql", NULL }));
    const CompetencyFact__PrerequisitesSet *f =
        then_fact(s, COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET);
    assert_int_equal(f->n_requires_ids, 3);
    when(s, require(s, "talk", (const char *const[]){ "b", "a", "sql", NULL }));
    then_fact(s, COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET);
    when(s, require(s, "talk", (const char *const[]){ "b", "a", NULL }));
    then_fact(s, COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET);
}

/* ---- refused ---- */

static void parent_and_child__become_one_in_neither_direction(void **ctx)
{
    spec *s = *ctx;

    given_rule(s, "talk", "a");
    when(s, merge(s, "a", NULL, "talk"));
    then_rejected(s, PX_REASON_RULE_LOOP, "competency_ids[0]");
    when(s, merge(s, "talk", NULL, "a"));
    then_rejected(s, PX_REASON_RULE_LOOP, "competency_ids[0]");
    when(s, merge(s, "a", "talk", "sql")); /* and not by way of a third */
    then_rejected(s, PX_REASON_RULE_LOOP, "competency_ids[1]");
    when(s, split(s, "talk", "first", "a", NULL));
    then_rejected(s, PX_REASON_RULE_LOOP, "parts[1].competency_id");
    Competency__Submission *three = merge(s, "talk", "second", "sql");
    char *ids[] = { text(s, "a"), text(s, "second"), text(s, "talk") };
    three->merge_competencies->competency_ids = ids;
    three->merge_competencies->n_competency_ids = PX_COUNT(ids);
    when(s, three);
    then_rejected(s, PX_REASON_RULE_LOOP, "competency_ids[2]");
    given_done(s, require(s, "b", (const char *const[]){ "sql", NULL }));
    when(s, merge(s, "b", NULL, "sql"));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "competency_ids[0]");
    when(s, merge(s, "sql", NULL, "b"));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "competency_ids[0]");
}

static void nothing__ends_that_nobody_defined_or_that_has_ended(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *none = merge(s, "sql", NULL, "talk");

    none->merge_competencies->n_competency_ids = 0;
    when(s, none);
    then_rejected(s, PX_REASON_FIELD_MISSING, "competency_ids");
    when(s, split(s, "none", "first", "second", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, split(s, "sql", "first", "none", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "parts[1].competency_id");
    when(s, split(s, "sql", "sql", "first", NULL));
    then_rejected(s, PX_REASON_PART_TWICE, "parts[0].competency_id");
    when(s, retire(s, "none"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    given_done(s, retire(s, "a"));
    when(s, retire(s, "a"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
    when(s, split(s, "sql", "a", "first", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "parts[0].competency_id");
    when(s, define_within(s, "charts", "", "a"));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "parent_id");
}

#define MORE(name) cmocka_unit_test_setup_teardown(name, setup_more, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MORE(rename__takes_rule_and_policy_along),
        MORE(rename__with_a_title_changes_that_alone),
        MORE(merge__gives_rule_and_policy_to_what_had_none),
        MORE(merge__keeps_rule_and_policy_of_what_it_goes_into),
        MORE(split__leaves_rule_and_policy_to_no_part),
        MORE(merge__of_two_children_counts_once_and_can_still_be_met),
        MORE(retired__as_the_only_child_leaves_no_rule),
        MORE(split__of_a_child_has_no_more_children_than_a_rule_may),
        MORE(split__of_a_prerequisite_has_no_more_than_there_may_be),
        MORE(prerequisites__said_again_say_nothing_new),
        MORE(parent_and_child__become_one_in_neither_direction),
        MORE(nothing__ends_that_nobody_defined_or_that_has_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
