/* Tests of competency: what comes before what, and that what has lapsed is a gap again. C6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures_framework.h"

enum {
    PREREQUISITES_SET = COMPETENCY_FACT__FACT__BODY_PREREQUISITES_SET,
    EXPIRED = COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRED
};

static void *body(spec *s, Competency__Submission **sub, unsigned type)
{
    *sub = (void *)px_codec_new(&competency__submission__descriptor, spec_arena(s));
    return px_codec_set_oneof(&(*sub)->base, type, spec_arena(s));
}

/* NULL for none. */
static Competency__Submission *comes_after(spec *s, const char *competency_id, const char *first,
                                           const char *second)
{
    Competency__Submission *sub;
    Competency__SetPrerequisites *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_PREREQUISITES);

    b->competency_id = (char *)competency_id;
    b->requires_ids = px_arena_alloc(spec_arena(s), 2 * sizeof *b->requires_ids);
    if (first)
        b->requires_ids[b->n_requires_ids++] = (char *)first;
    if (second)
        b->requires_ids[b->n_requires_ids++] = (char *)second;
    return sub;
}

static const Competency__ProfileItem *item_of(spec *s, const char *person_id,
                                              const char *competency_id)
{
    Competency__GetProfile q = COMPETENCY__GET_PROFILE__INIT;

    q.viewer_id = (char *)person_id;
    q.person_id = (char *)person_id;
    const Competency__Profile *profile = then_answer(s, "GetProfile", &q);
    for (size_t i = 0; i < profile->n_items; i++)
        if (strcmp(profile->items[i]->competency_id, competency_id) == 0)
            return profile->items[i];
    fail_msg("no %s in the profile", competency_id);
    return NULL;
}

static void set_prerequisites__said_once_each_and_replaced(void **ctx)
{
    spec *s = *ctx;

    when(s, comes_after(s, "sql", "talk", "talk"));
    const CompetencyFact__PrerequisitesSet *f = then_fact(s, PREREQUISITES_SET);
    assert_string_equal(f->competency_id, "sql");
    assert_int_equal(f->n_requires_ids, 1);
    const Competency__PrerequisitesSet *e = then_event(s, "PrerequisitesSet");
    assert_string_equal(e->requires_ids[0], "talk");
    given_done(s, comes_after(s, "sql", "talk", NULL));
    then_no_more_facts(s); /* as known */
    when(s, comes_after(s, "sql", NULL, NULL));
    f = then_fact(s, PREREQUISITES_SET);
    assert_int_equal(f->n_requires_ids, 0);
    given_done(s, comes_after(s, "talk", "sql", NULL)); /* nothing comes before sql any more */
}

static void set_prerequisites__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, comes_after(s, "juggling", "sql", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "competency_id");
    when(s, comes_after(s, "sql", "talk", "juggling"));
    then_rejected(s, PX_REASON_COMPETENCY_UNKNOWN, "requires_ids[1]");
    when(s, comes_after(s, "sql", "sql", NULL));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "requires_ids[0]");
}

static void set_prerequisites__never_in_a_circle(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "third"));
    given_done(s, comes_after(s, "sql", "talk", NULL));
    given_done(s, comes_after(s, "talk", "third", NULL));
    when(s, comes_after(s, "third", "sql", NULL));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "requires_ids[0]");
    given_done(s, comes_after(s, "sql", "talk", "third")); /* twice on the way is no circle */
}

static void profile__shows_what_comes_first_and_what_is_missing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "third"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, comes_after(s, "sql", "talk", "third"));
    given_rating(s, "r1", "boss", MANAGER, "ann", "talk", 5, 0);
    const Competency__ProfileItem *item = item_of(s, "ann", "sql");
    assert_int_equal(item->n_prerequisite_ids, 2);
    assert_string_equal(item->prerequisite_ids[0], "talk");
    assert_int_equal(item->n_missing_prerequisite_ids, 1);
    assert_string_equal(item->missing_prerequisite_ids[0], "third");
    assert_int_equal(item_of(s, "ann", "talk")->n_prerequisite_ids, 0);
}

/* ---- competencies that ended ---- */

static void rename__is_followed_by_prerequisites(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, comes_after(s, "sql", "talk", NULL));
    given_rating(s, "r1", "boss", MANAGER, "ann", "talk", 5, 0);
    given_done(s, rename_to(s, "talk", "speech"));
    const Competency__ProfileItem *item = item_of(s, "ann", "sql");
    assert_string_equal(item->prerequisite_ids[0], "speech");
    assert_int_equal(item->n_missing_prerequisite_ids, 0); /* she still has it */
    given_done(s, rename_to(s, "sql", "querying"));
    assert_string_equal(item_of(s, "ann", "querying")->prerequisite_ids[0], "speech");
    when(s, comes_after(s, "speech", "querying", NULL));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "requires_ids[0]");
    when(s, comes_after(s, "querying", "talk", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "requires_ids[0]");
    when(s, comes_after(s, "sql", "speech", NULL));
    then_rejected(s, PX_REASON_COMPETENCY_REPLACED, "competency_id");
}

static void merge__and_split_and_retire_are_followed_by_prerequisites(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "third"));
    given_done(s, define_competency(s, "fourth"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, comes_after(s, "sql", "talk", "third"));
    given_done(s, merge(s, "third", NULL, "talk"));
    const Competency__ProfileItem *item = item_of(s, "ann", "sql");
    assert_int_equal(item->n_prerequisite_ids, 1); /* each once */
    given_done(s, define_competency(s, "fifth"));
    given_done(s, split(s, "talk", "fourth", "fifth", NULL));
    assert_int_equal(item_of(s, "ann", "sql")->n_prerequisite_ids, 2);
    given_done(s, retire(s, "fourth"));
    item = item_of(s, "ann", "sql");
    assert_int_equal(item->n_prerequisite_ids, 1);
    assert_string_equal(item->prerequisite_ids[0], "fifth");
    given_done(s, define_competency(s, "sixth"));
    given_done(s, define_competency(s, "seventh"));
    given_done(s, split(s, "sql", "sixth", "seventh", NULL)); /* each part comes after it */
    assert_string_equal(item_of(s, "ann", "sixth")->prerequisite_ids[0], "fifth");
    assert_string_equal(item_of(s, "ann", "seventh")->prerequisite_ids[0], "fifth");
}

static void merge__of_what_comes_before_is_refused(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "third"));
    given_done(s, comes_after(s, "sql", "talk", NULL));
    given_done(s, comes_after(s, "talk", "third", NULL));
    when(s, merge(s, "third", NULL, "sql"));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "competency_ids[0]");
    when(s, split(s, "sql", "third", "talk", NULL));
    then_rejected(s, PX_REASON_PREREQ_CYCLE, "parts[0].competency_id");
}

/* ---- expiry ---- */

static Competency__Submission *follow_attainment(spec *s)
{
    Competency__Submission *sub;
    Competency__SetLevelPolicy *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_SET_LEVEL_POLICY);

    b->competency_id = "sql";
    b->kind = COMPETENCY__LEVEL_POLICY_KIND__LEVEL_POLICY_KIND_ATTAINED;
    return sub;
}

static Competency__Submission *certificate(spec *s, const char *evidence_id)
{
    Competency__Submission *sub;
    Competency__RecordEvidence *b = body(s, &sub, COMPETENCY__SUBMISSION__BODY_RECORD_EVIDENCE);

    b->evidence_id = (char *)evidence_id;
    b->person_id = "ann";
    b->competency_id = "sql";
    b->source = COMPETENCY__EVIDENCE_SOURCE__EVIDENCE_SOURCE_COURSE;
    b->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_RAISE;
    b->level_name = "High"; /* which the role asks for */
    return sub;
}

static void given_a_years_validity(spec *s)
{
    Competency__Submission *sub = define_competency(s, "sql");

    sub->define_competency->valid_days = 365;
    given_done(s, sub);
    given_done(s, follow_attainment(s));
    given_done(s, assign_role(s, "ann", "analyst"));
}

static void expired__opens_the_gap_again_and_renewed_closes_it(void **ctx)
{
    spec *s = *ctx;

    given_a_years_validity(s);
    when(s, certificate(s, "e1"));
    then_accepted(s);
    assert_int_equal(facts_of(s, GAP_OPENED), 0);
    when_now_is(s, SPEC_START_US + 365 * DAY_US);
    assert_int_equal(facts_of(s, EXPIRED), 1);
    const CompetencyFact__GapOpened *f = then_some_fact(s, GAP_OPENED);
    assert_string_equal(f->person_id, "ann");
    assert_near(f->estimate->mu, 1, 0);
    when(s, certificate(s, "e2"));
    then_some_fact(s, GAP_CLOSED);
}

static Competency__Submission *logged(spec *s)
{
    Competency__Submission *sub = certificate(s, "e2");

    sub->record_evidence->action = COMPETENCY__EVIDENCE_ACTION__EVIDENCE_ACTION_LOG;
    sub->record_evidence->level_name = "";
    return sub;
}

/* Also when something is heard that gives no level. */
static void expired__leaves_the_gap_open_until_a_level_is_attained(void **ctx)
{
    spec *s = *ctx;

    given_a_years_validity(s);
    given_done(s, certificate(s, "e1"));
    when_now_is(s, SPEC_START_US + 365 * DAY_US);
    then_some_fact(s, GAP_OPENED);
    given_done(s, logged(s));
    given_done(s, assign_role(s, "ann", "")); /* looks at the level again */
    given_done(s, assign_role(s, "ann", "analyst"));
    then_some_fact(s, GAP_OPENED);
    assert_near(said_of(s, "ann", "sql").level.mu, 1, 0);
    when(s, certificate(s, "e3"));
    then_some_fact(s, GAP_CLOSED);
}

/* Earned 364 days ago: it lapses tomorrow, not in a year. */
static void backdated__lapses_from_when_it_was_earned(void **ctx)
{
    spec *s = *ctx;
    Competency__Submission *sub = certificate(s, "e1");

    given_a_years_validity(s);
    sub->occurred_at = px_codec_timestamp(SPEC_START_US - 364 * DAY_US, spec_arena(s));
    given_done(s, sub);
    assert_int_equal(facts_of(s, GAP_OPENED), 0);
    when_now_is(s, SPEC_START_US + 1 * DAY_US);
    then_some_fact(s, GAP_OPENED);
}

static void merge__keeps_the_prerequisites_of_what_it_goes_into(void **ctx)
{
    spec *s = *ctx;

    given_done(s, define_competency(s, "third"));
    given_done(s, define_competency(s, "fourth"));
    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, comes_after(s, "talk", "third", NULL));
    given_done(s, comes_after(s, "sql", "fourth", NULL));
    given_done(s, merge(s, "talk", NULL, "sql"));
    const Competency__ProfileItem *item = item_of(s, "ann", "sql");
    assert_int_equal(item->n_prerequisite_ids, 1);
    assert_string_equal(item->prerequisite_ids[0], "fourth");
}

static void prerequisite__rated_too_low_or_by_oneself_only_is_missing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, assign_role(s, "ann", "analyst"));
    given_done(s, comes_after(s, "sql", "talk", NULL));
    given_rating(s, "r1", "ann", SELF, "ann", "talk", 5, 0);
    assert_int_equal(item_of(s, "ann", "sql")->n_missing_prerequisite_ids, 1);
    given_rating(s, "r2", "boss", MANAGER, "ann", "talk", 1, 0);
    assert_int_equal(item_of(s, "ann", "sql")->n_missing_prerequisite_ids, 1);
    given_rating(s, "r3", "boss", MANAGER, "ann", "talk", 5, 100);
    given_rating(s, "r4", "boss", MANAGER, "ann", "talk", 5, 200);
    assert_int_equal(item_of(s, "ann", "sql")->n_missing_prerequisite_ids, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(set_prerequisites__said_once_each_and_replaced),
        TEST(set_prerequisites__rejections_in_order),
        TEST(set_prerequisites__never_in_a_circle),
        TEST(profile__shows_what_comes_first_and_what_is_missing),
        TEST(rename__is_followed_by_prerequisites),
        TEST(merge__and_split_and_retire_are_followed_by_prerequisites),
        TEST(merge__of_what_comes_before_is_refused),
        TEST(expired__leaves_the_gap_open_until_a_level_is_attained),
        TEST(expired__opens_the_gap_again_and_renewed_closes_it),
        TEST(backdated__lapses_from_when_it_was_earned),
        TEST(merge__keeps_the_prerequisites_of_what_it_goes_into),
        TEST(prerequisite__rated_too_low_or_by_oneself_only_is_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
