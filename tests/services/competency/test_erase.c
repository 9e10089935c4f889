/* Tests of competency: of an erased person nothing is left, and nothing comes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "tests/services/competency/fixtures.h"

/* ann with a role, a level, a gap, something that waits and something pending; and as a rater. */
static void given_much_about_ann(spec *s)
{
    given_done(s, assign_role(s, "ann", "analyst"));
    given_rating(s, "v1", "boss", MANAGER, "ann", "sql", 2, 0);
    given_item_completed(s, item_completed(s, "ann", "i1", COURSE, 10, "sql", 1, 1));
    given_rating(s, "p1", "pat", PEER, "ann", "talk", 2, 1);
    given_rating(s, "v2", "boss", MANAGER, "ann", "sql", 3, 3);
    given_item_completed(s, item_completed(s, "ann", "i2", COURSE, 10, "sql", 1, 40));
    given_done(s, record_assessment(s, "a1", "ann", "sql", 2.5));
    given_rating(s, "v3", "ann", MANAGER, "cid", "sql", 5, 4);
}

static px_bias ann_as_rater(spec *s)
{
    uint8_t ann[PX_METHOD_ID];

    competency_state_hash("ann", ann);
    return competency_state_get_rater(spec_state(s), SPEC_TENANT, ann, PX_MANAGER);
}

static void erased__leaves_no_row(void **ctx)
{
    spec *s = *ctx;

    given_much_about_ann(s);
    assert_true(records_with(s, "ann") > 2);
    assert_true(ann_as_rater(s).mean != 0.0);
    assert_int_equal(pieces_of_evidence(s), 7);
    given_person_erased(s, "ann");
    assert_int_equal(pieces_of_evidence(s), 1); /* hers about cid */
    assert_int_equal(records_with(s, "ann"), 0);
    assert_near(ann_as_rater(s).mean, 0.0, 0);
    assert_true(standing_of(s, "cid", "sql").known); /* what she said of others stays */
}

static void erased__is_not_followed_up(void **ctx)
{
    spec *s = *ctx;

    given_much_about_ann(s);
    given_person_erased(s, "ann");
    then_no_more_facts(s);
    when_now_is(s, SPEC_START_US + 500 * DAY_US);
    then_no_more_facts(s);
    given_phase(s, WRITING, SHARING);
    then_no_more_facts(s);
}

static void erased__keeps_the_assessment_id_taken(void **ctx)
{
    spec *s = *ctx;

    given_much_about_ann(s);
    given_person_erased(s, "ann");
    when(s, record_assessment(s, "a1", "bob", "sql", 3));
    then_rejected(s, PX_REASON_ASSESSMENT_EXISTS, "assessment_id");
}

static void given_own(spec *s, unsigned type, CompetencyFact__Fact **fact)
{
    *fact = (CompetencyFact__Fact *)px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    px_codec_set_oneof(&(*fact)->base, type, spec_arena(s));
}

/* Decided before the erasure, in the log after it. */
static void facts_about_the_erased__leave_nothing_and_stay_inside(void **ctx)
{
    spec *s = *ctx;
    char ann[] = "ann", sql[] = "sql", role[] = "analyst", id[] = "a9";
    CompetencyFact__Fact *fact;

    given_much_about_ann(s);
    given_person_erased(s, "ann");
    given_own(s, LEVEL_CHANGED, &fact);
    fact->level_changed->person_id = ann;
    fact->level_changed->competency_id = sql;
    given(s, "competency", fact);
    then_no_event(s, "LevelChanged");
    given_own(s, GAP_OPENED, &fact);
    fact->gap_opened->person_id = ann;
    fact->gap_opened->competency_id = sql;
    fact->gap_opened->role_id = role;
    given(s, "competency", fact);
    then_no_event(s, "GapOpened");
    given_own(s, ROLE_ASSIGNED, &fact);
    fact->role_assigned->person_id = ann;
    fact->role_assigned->role_id = role;
    given(s, "competency", fact);
    then_no_event(s, "RoleAssigned");
    given_own(s, ASSESSMENT_RECORDED, &fact);
    fact->assessment_recorded->assessment_id = id;
    fact->assessment_recorded->person_id = ann;
    fact->assessment_recorded->competency_id = sql;
    given(s, "competency", fact);
    then_no_event(s, "AssessmentRecorded");
    assert_int_equal(records_with(s, "ann"), 0);
}

static void facts_of_others_about_the_erased__leave_nothing(void **ctx)
{
    static const char *const items[] = { "i2", NULL };
    spec *s = *ctx;

    given_much_about_ann(s);
    given_person_erased(s, "ann");
    given_rating(s, "v9", "boss", MANAGER, "ann", "sql", 4, 5);
    given_rating(s, "v8", "ann", MANAGER, "cid", "talk", 4, 5); /* as a rater */
    given_feedback(s, "f9", "pat", "ann", "sql", NULL, 1, 5);
    given_feedback_withdrawn(s, "f9", "ann");
    given_review_withdrawn(s, "v1", "boss", MANAGER, "ann", "sql");
    given_item_completed(s, item_completed(s, "ann", "i3", COURSE, 10, "sql", 1, 5));
    given_followed_up(s, "ann", "sql", items);
    assert_int_equal(records_with(s, "ann"), 0);
    assert_near(ann_as_rater(s).mean, 0.0, 0);
    assert_true(standing_of(s, "cid", "talk").known);
}

static void recorded_anew__begins_anew(void **ctx)
{
    spec *s = *ctx;

    given_much_about_ann(s);
    given_person_erased(s, "ann");
    given_person(s, "ann", "boss");
    given_rating(s, "v9", "boss", MANAGER, "ann", "sql", 4, 50);
    const CompetencyFact__LevelChanged *f = then_fact(s, LEVEL_CHANGED);
    assert_near(f->previous_mu, 0.0, 0);
    assert_int_equal(f->estimate->manager_ratings, 1);
    assert_int_equal(f->heard, 1);
    then_no_more_facts(s); /* no role, no gap */
}

/* ---- any fact about somebody ---- */

static void fill_field(spec *s, ProtobufCMessage *body, const ProtobufCFieldDescriptor *field,
                       const char *person_id)
{
    void *at = (unsigned char *)body + field->offset;

    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        *(ProtobufCMessage **)at = px_codec_new(field->descriptor, spec_arena(s));
    if (field->type == PROTOBUF_C_TYPE_STRING)
        *(char **)at =
            px_arena_strdup(spec_arena(s), strcmp(field->name, "person_id") == 0     ? person_id
                                           : strcmp(field->name, "evidence_id") == 0 ? "taken"
                                                                                     : "sql");
}

/* @return whether it is one about a person */
static bool given_fact_about(spec *s, unsigned type, const char *person_id)
{
    ProtobufCMessage *fact = px_codec_new(&competency_fact__fact__descriptor, spec_arena(s));
    ProtobufCMessage *body = (void *)px_codec_set_oneof(fact, type, spec_arena(s));
    const ProtobufCMessageDescriptor *d = body->descriptor;

    if (!protobuf_c_message_descriptor_get_field_by_name(d, "person_id"))
        return false;
    for (unsigned i = 0; i < d->n_fields; i++)
        fill_field(s, body, &d->fields[i], person_id);
    given(s, "competency", fact);
    return true;
}

/* Whatever was said of somebody who was erased before it was read. */
static void every_fact_about_somebody_gone__leaves_nothing_and_stays_inside(void **ctx)
{
    const ProtobufCMessageDescriptor *facts = &competency_fact__fact__descriptor;
    spec *s = *ctx;
    size_t about = 0;

    for (unsigned i = 0; i < facts->n_fields; i++) {
        if (!given_fact_about(s, facts->fields[i].id, "ghost"))
            continue;
        about++;
        if (records_with(s, "ghost") != 0)
            fail_msg("%s leaves something", facts->fields[i].name);
    }
    assert_true(about > 15);
    then_feed_never_says(s, "ghost");
}

/* Said of a level that nobody has heard of: there is nothing to note it in. */
static void what_was_said__of_nothing_heard_is_not_kept(void **ctx)
{
    static const unsigned types[] = { LEVEL_CHANGED,
                                      GAP_OPENED,
                                      GAP_CHANGED,
                                      GAP_CLOSED,
                                      COMPETENCY_FACT__FACT__BODY_ATTAINMENT_CHANGED,
                                      COMPETENCY_FACT__FACT__BODY_COMPETENCY_EXPIRING,
                                      COMPETENCY_FACT__FACT__BODY_RULE_OUTCOME };
    spec *s = *ctx;
    size_t before = records_with(s, "pia");

    for (size_t i = 0; i < PX_COUNT(types); i++)
        assert_true(given_fact_about(s, types[i], "pia"));
    assert_int_equal(records_with(s, "pia"), before);
    assert_false(said_of(s, "pia", "sql").level.known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(erased__leaves_no_row),
        TEST(erased__is_not_followed_up),
        TEST(erased__keeps_the_assessment_id_taken),
        TEST(facts_about_the_erased__leave_nothing_and_stay_inside),
        TEST(facts_of_others_about_the_erased__leave_nothing),
        TEST(recorded_anew__begins_anew),
        TEST(every_fact_about_somebody_gone__leaves_nothing_and_stays_inside),
        TEST(what_was_said__of_nothing_heard_is_not_kept),
    };

    return cmocka_run_group_tests_name("competency erase", tests, NULL, NULL);
}
