/* Tests of competency: who is suggested as a high potential, to whom that is said, and that a named
 * person decides. C7, S8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures.h"

enum {
    RULE = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_RULE_DEFINED,
    SUGGESTED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED,
    CONFIRMED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_CONFIRMED,
    DECLINED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_DECLINED,
    LAPSED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED
};

/* ---- submissions ---- */

static void *body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub = (void *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

static Competency__Submission *define_rule(spec *s, uint32_t in, uint32_t of, uint32_t competencies)
{
    Competency__Submission *sub;
    Competency__DefineHighPotentialRule *b =
        body(s, &sub, COMPETENCY__SUBMISSION__BODY_DEFINE_HIGH_POTENTIAL_RULE);

    b->top_cell_in = in;
    b->of_cycles = of;
    b->leadership_competencies = competencies;
    b->reason = "Agreed with the works council";
    return sub;
}

static Competency__Submission *confirm(spec *s, const char *actor, const char *person_id)
{
    Competency__Submission *sub;
    Competency__ConfirmHighPotential *b =
        body(s, &sub, COMPETENCY__SUBMISSION__BODY_CONFIRM_HIGH_POTENTIAL);

    sub->actor = (char *)actor;
    b->person_id = (char *)person_id;
    return sub;
}

static Competency__Submission *decline(spec *s, const char *actor, const char *person_id)
{
    Competency__Submission *sub;
    Competency__DeclineHighPotential *b =
        body(s, &sub, COMPETENCY__SUBMISSION__BODY_DECLINE_HIGH_POTENTIAL);

    sub->actor = (char *)actor;
    b->person_id = (char *)person_id;
    return sub;
}

/* ---- what is known ---- */

/* In a matrix of three by three; cycle `number` ends `number` quarters after the start. */
static void given_placed(spec *s, const char *person_id, int number, uint32_t column, uint32_t row)
{
    static const char *const ids[] = { "q0", "q1", "q2", "q3", "q4", "q5" };
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__MatrixPlaced f = REVIEW_CYCLE_FACT__MATRIX_PLACED__INIT;

    f.cycle_id = (char *)ids[number];
    f.person_id = (char *)person_id;
    f.column = column;
    f.row = row;
    f.columns = 3;
    f.rows = 3;
    f.cycle_ends_at_us = SPEC_START_US + number * 90 * DAY_US;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED;
    fact.matrix_placed = &f;
    given(s, "review-cycle", &fact);
}

static void given_leadership(spec *s, const char *competency_id)
{
    Competency__Submission *sub = define_competency(s, competency_id);

    sub->define_competency->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP;
    given_done(s, sub);
}

/* Proficient from "Good", 3.0. */
static void given_leads_well(spec *s, const char *person_id, const char *competency_id)
{
    char first[PX_ID_SIZE], second[PX_ID_SIZE];

    snprintf(first, sizeof first, "%s-%s-1", person_id, competency_id);
    snprintf(second, sizeof second, "%s-%s-2", person_id, competency_id);
    given_rating(s, first, "boss", MANAGER, person_id, competency_id, 5, 0);
    given_rating(s, second, "boss", MANAGER, person_id, competency_id, 5, 40);
}

/* The rule of the specification: 2 of the last 3 cycles, and 2 leadership competencies. */
static void given_rule_and_leaders(spec *s)
{
    given_leadership(s, "deciding");
    given_leadership(s, "coaching");
    given_done(s, define_rule(s, 2, 3, 2));
    given_leads_well(s, "ann", "deciding");
    given_leads_well(s, "ann", "coaching");
}

static void given_suggested(spec *s)
{
    given_rule_and_leaders(s);
    given_placed(s, "ann", 1, 3, 3);
    given_placed(s, "ann", 2, 3, 3);
    then_some_fact(s, SUGGESTED);
}

static const Competency__HighPotentials *seen_by(spec *s, const char *viewer_id)
{
    Competency__GetHighPotentials *q =
        (void *)px_codec_new(&competency__get_high_potentials__descriptor, spec_arena(s));

    q->viewer_id = (char *)viewer_id;
    return then_answer(s, "GetHighPotentials", q);
}

/* ---- the rule ---- */

static void rule__says_who_and_why_and_counts_versions(void **ctx)
{
    spec *s = *ctx;

    when(s, define_rule(s, 3, 2, 0));
    then_rejected(s, PX_REASON_FIELD_INVALID, "of_cycles");
    when(s, define_rule(s, 2, 3, 2));
    const CompetencyFact__HighPotentialRuleDefined *f = then_fact(s, RULE);
    assert_int_equal(f->version, 1);
    assert_string_equal(f->reason, "Agreed with the works council");
    assert_string_equal(f->by_id, "system");
    const Competency__HighPotentialRuleDefined *e = then_event(s, "HighPotentialRuleDefined");
    assert_int_equal(e->of_cycles, 3);
    when(s, define_rule(s, 1, 3, 2));
    f = then_fact(s, RULE);
    assert_int_equal(f->version, 2);
}

/* ---- suggestions ---- */

static void suggested__top_cell_in_enough_cycles_and_competencies_at_level(void **ctx)
{
    spec *s = *ctx;

    given_rule_and_leaders(s);
    given_placed(s, "ann", 1, 3, 3);
    then_no_more_facts(s);
    given_placed(s, "ann", 2, 3, 2); /* top of what only */
    then_no_more_facts(s);
    given_placed(s, "ann", 3, 3, 3);
    const CompetencyFact__HighPotentialSuggested *f = then_fact(s, SUGGESTED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(f->rule_version, 1);
    assert_int_equal(f->n_cycle_ids, 2);
    assert_string_equal(f->cycle_ids[0], "q3");
    assert_string_equal(f->cycle_ids[1], "q1");
    assert_int_equal(f->n_competency_ids, 2);
    assert_string_equal(f->competency_ids[0], "coaching");
    then_no_more_facts(s);
    given_placed(s, "ann", 4, 3, 3); /* suggested is suggested */
    then_no_more_facts(s);
}

static void suggested__only_the_last_cycles_count(void **ctx)
{
    spec *s = *ctx;

    given_rule_and_leaders(s);
    given_placed(s, "ann", 4, 2, 2);
    given_placed(s, "ann", 3, 2, 2);
    given_placed(s, "ann", 1, 3, 3);
    given_placed(s, "ann", 2, 3, 3); /* two of the last four */
    then_no_more_facts(s);
}

static void suggested__not_without_the_leadership_competencies(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s, "deciding");
    given_leadership(s, "coaching");
    given_done(s, define_rule(s, 2, 3, 2));
    given_leads_well(s, "ann", "deciding");
    given_leads_well(s, "ann", "sql"); /* of another family */
    given_placed(s, "ann", 1, 3, 3);
    given_placed(s, "ann", 2, 3, 3);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    given_rating(s, "last", "boss", MANAGER, "ann", "coaching", 5, 0);
    then_some_fact(s, SUGGESTED);
}

static void suggested__by_a_rule_that_comes_later(void **ctx)
{
    spec *s = *ctx;

    given_placed(s, "ann", 1, 3, 3);
    given_placed(s, "bob", 1, 1, 3);
    when(s, define_rule(s, 1, 1, 0));
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(facts_of(s, SUGGESTED), 1);
}

/* A course gives the default level, which is proficient; nobody ever rated it. */
static void given_course_done(spec *s, const char *person_id, const char *competency_id)
{
    Competency__Submission *sub;
    Competency__RecordEvidence *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);

    b->evidence_id = "e1";
    b->person_id = (char *)person_id;
    b->competency_id = (char *)competency_id;
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE;
    given_done(s, sub);
}

static void suggested__by_what_evidence_alone_gives(void **ctx)
{
    spec *s = *ctx;

    given_leadership(s, "deciding");
    given_done(s, define_rule(s, 1, 1, 1));
    given_placed(s, "ann", 1, 3, 3);
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    given_course_done(s, "ann", "deciding");
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_int_equal(f->n_competency_ids, 1);
    assert_string_equal(f->competency_ids[0], "deciding");
    given_feedback(s, "f1", "pat", "ann", "deciding", NULL, 1, 2);
    then_no_more_facts(s);
}

static void suggested__lapses_with_what_it_rested_on(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    given_placed(s, "ann", 2, 0, 0); /* the score of a reopened cycle was taken back */
    const CompetencyFact__HighPotentialLapsed *f = then_fact(s, LAPSED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(seen_by(s, "hanna")->n_items, 0);
    given_placed(s, "ann", 2, 3, 3);
    then_fact(s, SUGGESTED);
}

/* ---- to whom ---- */

static void suggested__never_on_the_feed(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    then_no_event(s, "HighPotentialSuggested");
    when(s, decline(s, "hanna", "ann"));
    then_no_event(s, "HighPotentialDeclined");
    given_placed(s, "ann", 3, 3, 3);
    when(s, confirm(s, "hanna", "ann"));
    then_accepted(s);
    then_feed_never_says(s, "HighPotentialSuggested");
    then_feed_never_says(s, "HighPotentialConfirmed");
    then_feed_never_says(s, "HighPotentialDeclined");
}

static void suggestions__shown_to_hr_partners_only_and_never_about_themself(void **ctx)
{
    spec *s = *ctx;
    Competency__GetHighPotentials *q =
        (void *)px_codec_new(&competency__get_high_potentials__descriptor, spec_arena(s));
    static char *const others[] = { "ann", "boss", "bob", "nobody" };

    given_suggested(s);
    for (size_t i = 0; i < PX_COUNT(others); i++) {
        q->viewer_id = others[i];
        then_refused(s, "GetHighPotentials", q, PX_REASON_FORBIDDEN);
    }
    const Competency__HighPotentials *a = seen_by(s, "hanna");
    assert_int_equal(a->n_items, 1);
    assert_string_equal(a->items[0]->person_id, "ann");
    assert_int_equal(a->items[0]->status,
                     COMPETENCY__HIGH_POTENTIAL_STATUS__HIGH_POTENTIAL_STATUS_SUGGESTED);
    assert_int_equal(a->items[0]->n_cycle_ids, 2);
    given_hr_partner(s, "ann", "boss");
    assert_int_equal(seen_by(s, "ann")->n_items, 0);
}

/* ---- people decide ---- */

static void confirm__by_a_named_hr_partner(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    when(s, confirm(s, "hanna", "ann"));
    const CompetencyFact__HighPotentialConfirmed *f = then_fact(s, CONFIRMED);
    assert_string_equal(f->person_id, "ann");
    assert_string_equal(f->by_id, "hanna");
    then_no_more_facts(s);
    const Competency__HighPotentials *a = seen_by(s, "hanna");
    assert_int_equal(a->items[0]->status,
                     COMPETENCY__HIGH_POTENTIAL_STATUS__HIGH_POTENTIAL_STATUS_CONFIRMED);
    assert_string_equal(a->items[0]->by_id, "hanna");
    given_placed(s, "ann", 2, 1, 1); /* what a person decided stays decided */
    then_no_more_facts(s);
}

static void answer__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    when(s, confirm(s, "system", "ann"));
    then_rejected(s, PX_REASON_ACTOR_UNKNOWN, "actor");
    when(s, confirm(s, "boss", "ann"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, decline(s, "boss", "bob")); /* says nothing of whether there is anything */
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    when(s, decline(s, "hanna", "nobody"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    when(s, confirm(s, "hanna", "bob"));
    then_rejected(s, PX_REASON_NOT_SUGGESTED, "person_id");
    given_hr_partner(s, "ann", "boss");
    when(s, confirm(s, "ann", "ann"));
    then_rejected(s, PX_REASON_NOT_ALLOWED, "actor");
    given_done(s, decline(s, "hanna", "ann"));
    when(s, confirm(s, "hanna", "ann"));
    then_rejected(s, PX_REASON_NOT_SUGGESTED, "person_id");
}

/* A cycle more in the top cell says nothing while it is suggested, and nothing once it is declined.
 */
static void decline__covers_what_has_come_since_it_was_suggested(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    given_placed(s, "ann", 3, 3, 3);
    given_done(s, decline(s, "hanna", "ann"));
    given_placed(s, "ann", 3, 3, 3);
    then_no_more_facts(s);
}

static void decline__not_suggested_again_on_the_same_evidence(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    when(s, decline(s, "hanna", "ann"));
    const CompetencyFact__HighPotentialDeclined *f = then_fact(s, DECLINED);
    assert_string_equal(f->by_id, "hanna");
    then_no_more_facts(s);
    given_placed(s, "ann", 2, 3, 3);                                 /* the same, said again */
    given_rating(s, "x", "boss", MANAGER, "ann", "coaching", 5, 50); /* and a bit better still */
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    given_done(s, define_rule(s, 1, 3, 1));
    assert_int_equal(facts_of(s, SUGGESTED), 0);
    given_placed(s, "ann", 3, 3, 3); /* a cycle that was not there then */
    then_fact(s, SUGGESTED);
}

static void decline__takes_a_confirmation_back(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    given_done(s, confirm(s, "hanna", "ann"));
    when(s, decline(s, "hanna", "ann"));
    then_fact(s, DECLINED);
    then_no_more_facts(s); /* nor is it suggested again on the same evidence */
    when(s, decline(s, "hanna", "ann"));
    then_rejected(s, PX_REASON_NOT_SUGGESTED, "person_id");
}

static void erased__leaves_nothing(void **ctx)
{
    spec *s = *ctx;

    given_suggested(s);
    given_person_erased(s, "ann");
    assert_int_equal(seen_by(s, "hanna")->n_items, 0);
    assert_int_equal(records_with(s, "q2"), 0);
    given_placed(s, "ann", 3, 3, 3);
    then_no_more_facts(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule__says_who_and_why_and_counts_versions),
        TEST(suggested__top_cell_in_enough_cycles_and_competencies_at_level),
        TEST(suggested__only_the_last_cycles_count),
        TEST(suggested__not_without_the_leadership_competencies),
        TEST(suggested__by_a_rule_that_comes_later),
        TEST(suggested__by_what_evidence_alone_gives),
        TEST(suggested__lapses_with_what_it_rested_on),
        TEST(suggested__never_on_the_feed),
        TEST(suggestions__shown_to_hr_partners_only_and_never_about_themself),
        TEST(confirm__by_a_named_hr_partner),
        TEST(answer__rejections_in_order),
        TEST(decline__covers_what_has_come_since_it_was_suggested),
        TEST(decline__not_suggested_again_on_the_same_evidence),
        TEST(decline__takes_a_confirmation_back),
        TEST(erased__leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
