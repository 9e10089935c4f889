/* Tests of competency: on what a suggestion as a high potential rests, and when it ends. C7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "services/competency/state_potential.h"
#include "tests/services/competency/fixtures.h"

enum {
    SUGGESTED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_SUGGESTED,
    LAPSED = COMPETENCY_FACT__FACT__BODY_HIGH_POTENTIAL_LAPSED
};

static char *text(spec *s, const char *value)
{
    return px_arena_strdup(spec_arena(s), value);
}

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

static void given_declined(spec *s, const char *person_id)
{
    Competency__Submission *sub;
    Competency__DeclineHighPotential *b =
        body(s, &sub, COMPETENCY__SUBMISSION__BODY_DECLINE_HIGH_POTENTIAL);

    sub->actor = "hanna";
    b->person_id = text(s, person_id);
    given_done(s, sub);
}

/* In a matrix of three by three; the cycle ends `quarter` quarters after the start. */
static void given_placed(spec *s, const char *person_id, const char *cycle_id, int quarter,
                         uint32_t column, uint32_t row)
{
    ReviewCycleFact__Fact fact = REVIEW_CYCLE_FACT__FACT__INIT;
    ReviewCycleFact__MatrixPlaced f = REVIEW_CYCLE_FACT__MATRIX_PLACED__INIT;

    f.cycle_id = text(s, cycle_id);
    f.person_id = text(s, person_id);
    f.column = column;
    f.row = row;
    f.columns = 3;
    f.rows = 3;
    f.cycle_ends_at_us = SPEC_START_US + quarter * 90 * DAY_US;
    fact.body_case = REVIEW_CYCLE_FACT__FACT__BODY_MATRIX_PLACED;
    fact.matrix_placed = &f;
    given(s, "review-cycle", &fact);
}

/* A leadership competency in which ann is proficient, by one rating. */
static void given_leads_well(spec *s, const char *competency_id)
{
    Competency__Submission *sub = define_competency(s, competency_id);

    sub->define_competency->family = COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_LEADERSHIP;
    given_done(s, sub);
    given_rating(s, competency_id, "boss", MANAGER, "ann", competency_id, 5, 0);
}

static const Competency__HighPotentials *seen_from(spec *s, const char *after_person_id)
{
    Competency__GetHighPotentials *q =
        (void *)px_codec_new(&competency__get_high_potentials__descriptor, spec_arena(s));

    q->viewer_id = "hanna";
    q->after_person_id = text(s, after_person_id);
    return then_answer(s, "GetHighPotentials", q);
}

/* ---- cycles ---- */

static void cycles__that_come_in_no_order_count_by_when_they_ended(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_rule(s, 2, 3, 0));
    given_placed(s, "ann", "a", 5, 3, 3);
    given_placed(s, "ann", "d", 1, 3, 3);
    then_some_fact(s, SUGGESTED);
    given_placed(s, "ann", "c", 3, 2, 3);
    given_placed(s, "ann", "b", 4, 3, 1); /* of the quarters 5, 4 and 3 only one is left */
    then_some_fact(s, LAPSED);
    given_placed(s, "ann", "e", 0, 3, 3);
    then_no_more_facts(s);
    given_placed(s, "ann", "0", 6, 3, 3);
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_int_equal(f->n_cycle_ids, 2);
    assert_string_equal(f->cycle_ids[0], "0");
    assert_string_equal(f->cycle_ids[1], "a");
}

static void suggested__not_who_has_left(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_rule(s, 1, 1, 0));
    given_placed(s, "ann", "a", 1, 3, 3);
    assert_int_equal(seen_from(s, "")->n_items, 1);
    given_person_left(s, "ann", "boss");
    assert_int_equal(seen_from(s, "")->n_items, 0);
    given_person(s, "ann", "boss");
    assert_int_equal(seen_from(s, "")->n_items, 1);
}

static void rule__of_no_cycles_suggests_nobody(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_rule(s, 1, 1, 0));
    given_placed(s, "ann", "a", 1, 3, 3);
    when(s, define_rule(s, 0, 0, 0));
    then_accepted(s);
    then_some_fact(s, LAPSED);
    given_placed(s, "ann", "b", 2, 3, 3);
    then_no_more_facts(s);
}

/* ---- competencies ---- */

static void suggested__again_for_a_competency_that_was_not_there(void **ctx)
{
    spec *s = *ctx;

    given_leads_well(s, "deciding");
    given_done(s, define_rule(s, 1, 1, 1));
    given_placed(s, "ann", "a", 1, 3, 3);
    then_some_fact(s, SUGGESTED);
    given_declined(s, "ann");
    given_leads_well(s, "inspiring");
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_int_equal(f->n_competency_ids, 2);
}

static void suggested__on_16_competencies_at_most(void **ctx)
{
    spec *s = *ctx;

    for (int i = 0; i <= POTENTIAL_COMPETENCIES_MAX; i++)
        given_leads_well(s, px_arena_printf(spec_arena(s), "lead%02d", i));
    given_done(s, define_rule(s, 1, 1, POTENTIAL_COMPETENCIES_MAX));
    given_placed(s, "ann", "a", 1, 3, 3);
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_int_equal(f->n_competency_ids, POTENTIAL_COMPETENCIES_MAX);
    assert_string_equal(f->competency_ids[POTENTIAL_COMPETENCIES_MAX - 1], "lead15");
}

/* ---- page by page ---- */

static void suggestions__go_on_after_the_last_one_seen(void **ctx)
{
    enum { MANY = 501 };
    spec *s = *ctx;

    given_done(s, define_rule(s, 1, 1, 0));
    for (int i = 0; i < MANY; i++) {
        const char *person_id = px_arena_printf(spec_arena(s), "p%03d", i);

        given_person(s, person_id, "boss");
        given_placed(s, person_id, "a", 1, 3, 3);
    }
    const Competency__HighPotentials *first = seen_from(s, "");
    assert_int_equal(first->n_items, MANY - 1);
    assert_true(first->more);
    const Competency__HighPotentials *rest = seen_from(s, first->items[MANY - 2]->person_id);
    assert_int_equal(rest->n_items, 1);
    assert_string_equal(rest->items[0]->person_id, "p500");
    assert_false(rest->more);
}

/* Rated low, of another family, of nobody's definition; and one attained, never rated. */
static void competencies__that_do_not_count_are_passed_over(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub;
    Competency__RecordEvidence *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);

    given_leads_well(s, "deciding");
    given_leads_well(s, "failing");
    given_leads_well(s, "coaching");
    given_rating(s, "low", "boss", MANAGER, "bob", "failing", 1, 0);
    given_rating(s, "sql", "boss", MANAGER, "bob", "sql", 5, 0);
    given_rating(s, "magic", "boss", MANAGER, "bob", "magic", 5, 0);
    given_rating(s, "good", "boss", MANAGER, "bob", "deciding", 5, 0);
    b->evidence_id = "e1";
    b->person_id = "bob";
    b->competency_id = "coaching";
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_COMPLETE;
    given_done(s, sub);
    given_done(s, define_rule(s, 1, 1, 2));
    given_placed(s, "bob", "a", 1, 3, 3);
    const CompetencyFact__HighPotentialSuggested *f = then_some_fact(s, SUGGESTED);
    assert_int_equal(f->n_competency_ids, 2);
    assert_string_equal(f->competency_ids[0], "coaching");
    assert_string_equal(f->competency_ids[1], "deciding");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cycles__that_come_in_no_order_count_by_when_they_ended),
        TEST(suggested__not_who_has_left),
        TEST(rule__of_no_cycles_suggests_nobody),
        TEST(suggested__again_for_a_competency_that_was_not_there),
        TEST(suggested__on_16_competencies_at_most),
        TEST(suggestions__go_on_after_the_last_one_seen),
        TEST(competencies__that_do_not_count_are_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
