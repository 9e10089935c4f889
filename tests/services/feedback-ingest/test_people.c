/* Tests of feedback-ingest: people and units are recorded, and people erased. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/people.h"
#include "common/service_impl.h"
#include "services/feedback-ingest/service.h"
#include "services/feedback-ingest/state.h"
#include "tests/services/feedback-ingest/fixtures.h"

static void service__has_a_row_for_every_type(void **state)
{
    const char *missing = "";
    (void)state;

    assert_true(px_service_complete(&px_feedback_ingest_service, &missing));
}

/* ---- units ---- */

static void record_unit__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, record_unit(s, "south", "sales"));
    then_accepted(s);
    const FeedbackIngestFact__UnitRecorded *f =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_UNIT_RECORDED);
    assert_string_equal(f->unit_id, "south");
    assert_string_equal(f->parent_unit_id, "sales");
    assert_string_equal(f->label, "Sales and Service");
    then_no_more_facts(s);
    const FeedbackIngest__UnitRecorded *event = then_event(s, "UnitRecorded");
    assert_string_equal(event->unit_id, "south");
    assert_string_equal(event->parent_unit_id, "sales");
    assert_string_equal(event->label, "Sales and Service");
}

static void record_unit__rejections_in_order(void **ctx)
{
    spec *s = *ctx;

    when(s, record_unit(s, "new", "new"));
    then_rejected(s, PX_REASON_UNIT_LOOP, "parent_unit_id");
    when(s, record_unit(s, "new", "nowhere"));
    then_rejected(s, PX_REASON_UNIT_UNKNOWN, "parent_unit_id");
    given_done(s, record_unit(s, "south", "sales"));
    given_done(s, record_unit(s, "coast", "south"));
    when(s, record_unit(s, "sales", "coast"));
    then_rejected(s, PX_REASON_UNIT_LOOP, "parent_unit_id");
    given_done(s, record_unit(s, "coast", "sales"));
}

static void record_unit__ends_at_64_levels(void **ctx)
{
    spec *s = *ctx;
    char above[16] = "sales";

    for (int level = 1; level < 64; level++) {
        char unit[16];

        (void)snprintf(unit, sizeof unit, "u%d", level);
        given_done(s, record_unit(s, unit, above));
        memcpy(above, unit, sizeof above);
    }
    given_done(s, record_unit(s, "last", above));
    when(s, record_unit(s, "too-deep", "last"));
    then_rejected(s, PX_REASON_UNIT_LOOP, "parent_unit_id");
}

/* ---- people ---- */

static void record_person__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, record_person(s, "dora", "ann", "sales"));
    then_accepted(s);
    const FeedbackIngestFact__PersonRecorded *f =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED);
    assert_string_equal(f->person_id, "dora");
    assert_string_equal(f->manager_id, "ann");
    assert_string_equal(f->unit_id, "sales");
    assert_true(f->active);
    assert_false(f->hr_partner);
    assert_int_equal(f->key_generation, 1);
    then_no_more_facts(s);
    const FeedbackIngest__PersonRecorded *event = then_event(s, "PersonRecorded");
    assert_string_equal(event->person_id, "dora");
    assert_string_equal(event->manager_id, "ann");
    assert_string_equal(event->unit_id, "sales");
    assert_true(event->active);
}

static void record_person__again_without_a_change_says_nothing(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record_person(s, "dora", "ann", "sales"));
    when(s, record_person(s, "dora", "ann", "sales"));
    then_accepted(s);
    then_no_more_facts(s);
    then_no_event(s, "PersonRecorded");
    when(s, record_person(s, "dora", "bob", "sales"));
    then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED);
}

static void record_person__again_with_any_one_change_says_it(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub;

    given_done(s, record_person(s, "dora", "ann", "sales"));
    given_done(s, record_unit(s, "exports", ""));
    given_done(s, record_person(s, "dora", "ann", "exports"));
    assert_int_equal(facts_of(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED), 1);
    sub = record_person(s, "dora", "ann", "exports");
    sub->record_person->hr_partner = true;
    given_done(s, sub);
    assert_int_equal(facts_of(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED), 1);
    sub = record_person(s, "dora", "ann", "exports");
    sub->record_person->hr_partner = true;
    sub->record_person->active = false;
    given_done(s, sub);
    assert_int_equal(facts_of(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED), 1);
}

/* The line up ends where somebody was erased; it is no loop. */
static void record_person__below_somebody_erased(void **ctx)
{
    spec *s = *ctx;

    given_done(s, erase_person(s, "boss"));
    when(s, record_person(s, "dora", "ann", "sales"));
    then_accepted(s);
    then_event(s, "PersonRecorded");
}

static void record_person__again_changes_what_is_known(void **ctx)
{
    spec *s = *ctx;
    FeedbackIngest__Submission *sub = record_person(s, "cid", "bob", "sales");
    px_person cid;

    sub->record_person->active = false;
    sub->record_person->hr_partner = true;
    given_done(s, sub);
    assert_true(px_people_get(spec_state(s), SPEC_TENANT, "cid", &cid));
    assert_string_equal(cid.manager_id, "bob");
    assert_false(cid.active);
    assert_true(cid.hr_partner);
    assert_int_equal(cid.key_generation, 1);
}

static void record_person__rejections_in_order(void **ctx)
{
    static const struct {
        const char *person, *manager, *unit;
        px_reason reason;
        const char *field;
    } rows[] = {
        { "ann", "ann", "nowhere", PX_REASON_MANAGER_LOOP, "manager_id" },
        { "ann", "nobody", "nowhere", PX_REASON_UNIT_UNKNOWN, "unit_id" },
        { "ann", "nobody", "sales", PX_REASON_PERSON_UNKNOWN, "manager_id" },
        { "ann", "cid", "sales", PX_REASON_MANAGER_LOOP, "manager_id" },
        { "boss", "cid", "sales", PX_REASON_MANAGER_LOOP, "manager_id" },
    };
    spec *s = *ctx;

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        when(s, record_person(s, rows[i].person, rows[i].manager, rows[i].unit));
        then_rejected(s, rows[i].reason, rows[i].field);
    }
}

static void record_person__a_manager_may_have_left(void **ctx)
{
    spec *s = *ctx;

    given_done(s, record_person(s, "dora", "lea", "sales"));
    assert_false(px_people_is_manager_of(spec_state(s), SPEC_TENANT, "lea", "dora"));
}

static void record_person__ends_at_64_levels(void **ctx)
{
    spec *s = *ctx;
    char above[16] = "boss";

    for (int level = 1; level < 64; level++) {
        char person[16];

        (void)snprintf(person, sizeof person, "p%d", level);
        given_done(s, record_person(s, person, above, "sales"));
        memcpy(above, person, sizeof above);
    }
    given_done(s, record_person(s, "last", above, "sales"));
    when(s, record_person(s, "too-deep", "last", "sales"));
    then_rejected(s, PX_REASON_MANAGER_LOOP, "manager_id");
}

/* ---- erasure ---- */

static void erase_person__accepted(void **ctx)
{
    spec *s = *ctx;

    when(s, erase_person(s, "ann"));
    then_accepted(s);
    const FeedbackIngestFact__PersonErased *f =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED);
    assert_string_equal(f->person_id, "ann");
    assert_int_equal(f->key_generation, 1);
    then_no_more_facts(s);
    const FeedbackIngest__PersonErased *event = then_event(s, "PersonErased");
    assert_string_equal(event->person_id, "ann");
}

static void erase_person__rejects_who_is_unknown_or_erased(void **ctx)
{
    spec *s = *ctx;

    when(s, erase_person(s, "nobody"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
    given_done(s, erase_person(s, "ann"));
    when(s, erase_person(s, "ann"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "person_id");
}

static void erase_person__leaves_only_a_tombstone(void **ctx)
{
    spec *s = *ctx;

    given_done(s, give_feedback(s, "boss", "f1", "bob"));
    given_done(s, give_feedback(s, "cid", "f2", "bob"));
    given_done(s, withdraw_feedback(s, "cid", "f2"));
    assert_true(records_that_say(spec_state(s), "bob") > 1);
    given_done(s, erase_person(s, "bob"));
    assert_int_equal(records_that_say(spec_state(s), "bob"), 1);
    assert_int_equal(records_that_say(spec_state(s), "f1"), 0);
    assert_int_equal(px_people_key_generation(spec_state(s), SPEC_TENANT, "bob"), 0);
    assert_int_equal(px_people_last_generation(spec_state(s), SPEC_TENANT, "bob"), 1);
}

static void erase_person__keeps_what_they_gave_to_others(void **ctx)
{
    spec *s = *ctx;
    feedback_record f;

    given_done(s, give_feedback(s, "bob", "f1", "ann"));
    given_done(s, erase_person(s, "bob"));
    assert_true(ingest_state_get_feedback(spec_state(s), SPEC_TENANT, "f1", &f));
    assert_string_equal(f.giver_id, "bob");
}

static void erase_person__recorded_again_gets_the_next_key(void **ctx)
{
    spec *s = *ctx;

    given_done(s, erase_person(s, "ann"));
    when(s, record_person(s, "ann", "boss", "sales"));
    then_accepted(s);
    const FeedbackIngestFact__PersonRecorded *f =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_RECORDED);
    assert_int_equal(f->key_generation, 2);
    when(s, erase_person(s, "ann"));
    then_accepted(s);
    const FeedbackIngestFact__PersonErased *erased =
        then_fact(s, FEEDBACK_INGEST_FACT__FACT__BODY_PERSON_ERASED);
    assert_int_equal(erased->key_generation, 2);
}

static void erase_person__nobody_reports_to_the_erased(void **ctx)
{
    spec *s = *ctx;

    given_done(s, erase_person(s, "ann"));
    assert_false(px_people_is_manager_of(spec_state(s), SPEC_TENANT, "ann", "cid"));
    when(s, record_person(s, "dora", "ann", "sales"));
    then_rejected(s, PX_REASON_PERSON_UNKNOWN, "manager_id");
}

typedef struct {
    const char *person_id;
    uint32_t generation;
} destroyed_key;

static void note_destroyed(void *context, const char *person_id, uint32_t generation)
{
    *(destroyed_key *)context = (destroyed_key){ person_id, generation };
}

static void erase_person__has_the_key_destroyed(void **ctx)
{
    FeedbackIngestFact__PersonErased erased = FEEDBACK_INGEST_FACT__PERSON_ERASED__INIT;
    px_fact fact = { .body = &erased };
    destroyed_key key = { 0 };
    px_out out = { .destroy_key = note_destroyed, .context = &key };
    (void)ctx;

    erased.person_id = "ann";
    erased.key_generation = 3;
    effect_key_of_erased_person(NULL, &fact, &out);
    assert_string_equal(key.person_id, "ann");
    assert_int_equal(key.generation, 3);
}

#define ON_ORGANISATION(test)                                                                      \
    cmocka_unit_test_setup_teardown(test, setup_organisation, spec_teardown_looking_again)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(service__has_a_row_for_every_type),
        ON_ORGANISATION(record_unit__accepted),
        ON_ORGANISATION(record_unit__rejections_in_order),
        ON_ORGANISATION(record_unit__ends_at_64_levels),
        ON_ORGANISATION(record_person__accepted),
        ON_ORGANISATION(record_person__again_without_a_change_says_nothing),
        ON_ORGANISATION(record_person__again_with_any_one_change_says_it),
        ON_ORGANISATION(record_person__below_somebody_erased),
        ON_ORGANISATION(record_person__again_changes_what_is_known),
        ON_ORGANISATION(record_person__rejections_in_order),
        ON_ORGANISATION(record_person__a_manager_may_have_left),
        ON_ORGANISATION(record_person__ends_at_64_levels),
        ON_ORGANISATION(erase_person__accepted),
        ON_ORGANISATION(erase_person__rejects_who_is_unknown_or_erased),
        ON_ORGANISATION(erase_person__leaves_only_a_tombstone),
        ON_ORGANISATION(erase_person__keeps_what_they_gave_to_others),
        ON_ORGANISATION(erase_person__recorded_again_gets_the_next_key),
        ON_ORGANISATION(erase_person__nobody_reports_to_the_erased),
        cmocka_unit_test(erase_person__has_the_key_destroyed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
