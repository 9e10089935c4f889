/* test_codec_check.c: constraints, texts to seal, and that the contract keeps to what the codec can
 * carry. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "common/codec_impl.h"
#include "praxis/common/v1/bundle.pb-c.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/feedback_ingest/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "tests/common/codec_fixture.h"

enum { ARENA_BYTES = 1024 * 1024 };

static px_arena arena;
static ReviewCycle__Submission *sub; /* complete, for each test to spoil */
static ReviewCycle__SubmitReview *review;

static int setup(void **state)
{
    (void)state;
    if (!px_arena_init(&arena, ARENA_BYTES))
        return -1;
    sub = review_submission(&arena);
    review = sub->submit_review;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    px_arena_fini(&arena);
    return 0;
}

static void assert_holds(const void *message)
{
    px_codec_error error = { PX_REASON_NONE, "" };

    if (!px_codec_check(message, &arena, &error))
        fail_msg("refused: %s %s", px_reason_code(error.reason), error.field);
}

static void assert_refused(const void *message, px_reason reason, const char *field)
{
    px_codec_error error = { PX_REASON_NONE, "" };

    assert_false(px_codec_check(message, &arena, &error));
    assert_string_equal(error.field, field);
    assert_string_equal(px_reason_code(error.reason), px_reason_code(reason));
}

static char *text_of(char letter, size_t size)
{
    char *text = px_arena_alloc(&arena, size + 1);

    memset(text, letter, size);
    text[size] = '\0';
    return text;
}

/* ---- constraints ---- */

static void check__accepts_a_complete_submission(void **state)
{
    (void)state;
    assert_holds(sub);
}

static void check__wants_required_texts(void **state)
{
    (void)state;
    sub->submission_id = NULL; /* as absent as "" */
    assert_refused(sub, PX_REASON_FIELD_MISSING, "submission_id");
    sub->submission_id = text_of('a', 64);
    assert_holds(sub);
    sub->submission_id = text_of('a', 65);
    assert_refused(sub, PX_REASON_FIELD_INVALID, "submission_id");
}

static void check__names_a_field_inside_the_body_without_the_body(void **state)
{
    (void)state;
    review->ratings[1]->competency_id = text_of('a', 0);
    assert_refused(sub, PX_REASON_FIELD_MISSING, "ratings[1].competency_id");
    review->ratings[1]->competency_id = text_of(' ', 1);
    assert_refused(sub, PX_REASON_FIELD_INVALID, "ratings[1].competency_id");
    assert_refused(review, PX_REASON_FIELD_INVALID, "ratings[1].competency_id");
}

static void check__wants_required_messages(void **state)
{
    (void)state;
    sub->created_at = NULL;
    assert_refused(sub, PX_REASON_FIELD_MISSING, "created_at");
}

static void check__wants_times_in_range(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        int32_t nanos;
        bool good;
    } rows[] = {
        { -62135596800, 0, true },  { -62135596801, 0, false }, { 253402300799, 999999999, true },
        { 253402300800, 0, false }, { 0, -1, false },           { 0, 1000000000, false },
        { INT64_MAX, 0, false },
    };

    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        sub->occurred_at->seconds = rows[i].seconds;
        sub->occurred_at->nanos = rows[i].nanos;
        if (rows[i].good)
            assert_holds(sub);
        else
            assert_refused(sub, PX_REASON_FIELD_INVALID, "occurred_at");
    }
}

static void check__wants_enum_values_it_knows(void **state)
{
    (void)state;
    review->relation = REVIEW_CYCLE__RELATION__RELATION_UNSPECIFIED;
    assert_refused(sub, PX_REASON_FIELD_MISSING, "relation");
    review->relation = (ReviewCycle__Relation)99;
    assert_refused(sub, PX_REASON_FIELD_INVALID, "relation");
    review->relation = REVIEW_CYCLE__RELATION__RELATION_PEER;
    review->ratings[0]->facet = (ReviewCycle__Facet)-1; /* no constraint says so */
    assert_refused(sub, PX_REASON_FIELD_INVALID, "ratings[0].facet");
}

static void check__wants_numbers_in_range(void **state)
{
    (void)state;
    review->ratings[0]->value = -1000;
    assert_holds(sub);
    review->ratings[0]->value = -1001;
    assert_refused(sub, PX_REASON_FIELD_INVALID, "ratings[0].value");

    ReviewCycle__DefineCycle cycle = REVIEW_CYCLE__DEFINE_CYCLE__INIT;
    cycle.cycle_id = text_of('c', 1);
    cycle.label = text_of('l', 1);
    cycle.starts_at = sub->created_at;
    cycle.scale_id = text_of('s', 1);
    assert_refused(&cycle, PX_REASON_FIELD_INVALID, "scale_version"); /* 1..10000 leaves 0 out */
}

static void check__wants_doubles_that_are_numbers(void **state)
{
    (void)state;
    static const double rows[] = { NAN, INFINITY, -INFINITY, 0.99, 5.01, -3 };
    Competency__RecordAssessment score = COMPETENCY__RECORD_ASSESSMENT__INIT;
    every *e = every_new(&arena);

    score.assessment_id = score.person_id = score.competency_id = text_of('a', 1);
    assert_refused(&score, PX_REASON_FIELD_MISSING, "score");
    score.score = 1;
    assert_holds(&score);
    for (size_t i = 0; i < PX_COUNT(rows); i++) {
        score.score = rows[i];
        assert_refused(&score, PX_REASON_FIELD_INVALID, "score");
    }
    e->c_double = NAN; /* no constraint says so */
    assert_refused(e, PX_REASON_FIELD_INVALID, "c_double");
}

static void check__judges_label_and_text(void **state)
{
    (void)state;
    ReviewCycle__MoveCycle move = REVIEW_CYCLE__MOVE_CYCLE__INIT;

    move.cycle_id = text_of('c', 1);
    move.to = REVIEW_CYCLE__CYCLE_PHASE__CYCLE_PHASE_WRITING;
    assert_holds(&move);
    move.reason = text_of('\t', 1);
    assert_refused(&move, PX_REASON_FIELD_INVALID, "reason");
    move.reason = text_of('\xff', 1);
    assert_refused(&move, PX_REASON_FIELD_INVALID, "reason");
    move.reason = text_of('r', 201);
    assert_refused(&move, PX_REASON_FIELD_INVALID, "reason");
    review->comment->plain = text_of('\n', 4000);
    assert_holds(sub);
    review->comment->plain = text_of('\r', 1);
    assert_refused(sub, PX_REASON_FIELD_INVALID, "comment.plain");
}

static void check__counts_items(void **state)
{
    (void)state;
    Competency__CompetencyLevel level = COMPETENCY__COMPETENCY_LEVEL__INIT;
    Competency__CompetencyLevel *levels[11];
    Competency__DefineCompetency define = COMPETENCY__DEFINE_COMPETENCY__INIT;

    level.name = text_of('n', 1);
    for (size_t i = 0; i < PX_COUNT(levels); i++)
        levels[i] = &level;
    define.competency_id = define.title = text_of('a', 1);
    define.family = (Competency__CompetencyFamily)1;
    define.levels = levels;
    assert_refused(&define, PX_REASON_FIELD_MISSING, "levels");
    define.n_levels = 1;
    assert_refused(&define, PX_REASON_FIELD_INVALID, "levels");
    define.n_levels = 10;
    assert_holds(&define);
    define.n_levels = 11;
    assert_refused(&define, PX_REASON_FIELD_INVALID, "levels");
}

static void check__measures_each_item(void **state)
{
    (void)state;
    LearningRecommender__ItemOutcome outcome = LEARNING_RECOMMENDER__ITEM_OUTCOME__INIT;
    LearningRecommender__ItemOutcome *outcomes[] = { &outcome };
    LearningRecommender__DefineCatalogueItem item =
        LEARNING_RECOMMENDER__DEFINE_CATALOGUE_ITEM__INIT;
    char *requires[] = { text_of('a', 1), text_of('b', 0) };

    outcome.competency_id = item.item_id = item.title = text_of('a', 1);
    outcome.share = outcome.level_from = outcome.level_to = 1;
    item.kind = (LearningRecommender__ItemKind)1;
    item.hours = 0.05;
    item.outcomes = outcomes;
    item.n_outcomes = 1;
    item.requires = requires;
    item.n_requires = 1;
    assert_holds(&item);
    item.n_requires = 2;
    assert_refused(&item, PX_REASON_FIELD_INVALID, "requires[1]");

    ProtobufCBinaryData packed[] = { { 1, (uint8_t *) requires[0] }, { 0, NULL } };
    Praxis__Bundle bundle = PRAXIS__BUNDLE__INIT;
    bundle.submissions = packed;
    bundle.n_submissions = 2;
    assert_refused(&bundle, PX_REASON_FIELD_INVALID, "submissions[1]");
}

static void check__refuses_what_only_we_fill_in(void **state)
{
    (void)state;
    review->comment->sealed = (ProtobufCBinaryData){ 1, (uint8_t *)text_of('x', 1) };
    assert_refused(sub, PX_REASON_FIELD_INVALID, "comment.sealed");
}

/* ---- texts ---- */

static FeedbackIngest__Submission *feedback(const char *plain)
{
    FeedbackIngest__Submission *s = (FeedbackIngest__Submission *)px_codec_new(
        &feedback_ingest__submission__descriptor, &arena);
    FeedbackIngest__GiveFeedback *give = (FeedbackIngest__GiveFeedback *)px_codec_set_oneof(
        &s->base, FEEDBACK_INGEST__SUBMISSION__BODY_GIVE_FEEDBACK, &arena);

    s->submission_id = s->actor = text_of('a', 1);
    s->created_at = sub->created_at;
    s->occurred_at = sub->occurred_at;
    give->feedback_id = text_of('f', 1);
    give->about_id = px_arena_strdup(&arena, "ben");
    give->kind = (FeedbackIngest__FeedbackKind)1;
    give->visibility = (FeedbackIngest__FeedbackVisibility)1;
    give->text = (Praxis__PersonalText *)px_codec_new(&praxis__personal_text__descriptor, &arena);
    give->text->plain = px_arena_strdup(&arena, plain);
    return s;
}

static void check__wants_words_in_a_required_text(void **state)
{
    (void)state;
    FeedbackIngest__Submission *s = feedback("");

    assert_refused(s, PX_REASON_FIELD_MISSING, "text.plain");
    s->give_feedback->text = NULL;
    assert_refused(s, PX_REASON_FIELD_MISSING, "text");
    assert_holds(feedback("well done"));
    review->comment->plain = text_of('x', 0); /* not required there */
    assert_holds(sub);
}

static void texts__come_with_the_person_they_are_about(void **state)
{
    (void)state;
    px_codec_text found[2] = { { NULL, NULL } };

    assert_int_equal(px_codec_texts(&sub->base, found, 2), 1);
    assert_ptr_equal(found[0].text, review->comment);
    assert_string_equal(found[0].person_id, "ann");
    assert_int_equal(px_codec_texts(&feedback("x")->base, found, 2), 1);
    assert_string_equal(found[0].person_id, "ben");
    assert_null(found[1].text);
    review->comment = NULL;
    assert_int_equal(px_codec_texts(&sub->base, found, 2), 0);
}

static void texts__are_counted_beyond_the_room_given(void **state)
{
    (void)state;
    assert_int_equal(px_codec_texts(&sub->base, NULL, 0), 1);
}

/* ---- the contract ---- */

static void contract__has_every_rule_on_a_field_it_fits(void **state)
{
    (void)state;
    size_t rules = 0;

    for (size_t i = 0; i < px_contract_count; i++)
        for (size_t j = 0; j < px_contracts[i].rule_count; j++, rules++) {
            const px_rule *rule = &px_contracts[i].rules[j];
            const ProtobufCFieldDescriptor *field =
                protobuf_c_message_descriptor_get_field(px_contracts[i].type, rule->field);
            assert_non_null(field);
            if (rule->charset)
                assert_int_equal(field->type, PROTOBUF_C_TYPE_STRING);
            if (rule->flags & PX_RULE_ITEMS)
                assert_true(px_field_repeated(field));
            if (rule->seal) {
                assert_true(px_type_is_text(field->descriptor));
                assert_int_equal(
                    protobuf_c_message_descriptor_get_field(px_contracts[i].type, rule->seal)->type,
                    PROTOBUF_C_TYPE_STRING);
            }
        }
    assert_in_range(rules, 100, 10000); /* the generator found them */
}

static bool has_length(const px_contract *contract, uint32_t field)
{
    for (size_t i = 0; i < contract->rule_count; i++)
        if (contract->rules[i].field == field)
            return (contract->rules[i].flags & PX_RULE_LEN) != 0;
    return false;
}

/* What is folded is held against its constraints and nothing else: a text without a bound would
 * kill the daemon where it does not fit into a record or a key. */
static void fact__has_a_length_for_every_text(void **state)
{
    size_t texts = 0;

    (void)state;
    for (size_t i = 0; i < px_contract_count; i++) {
        const ProtobufCMessageDescriptor *type = px_contracts[i].type;

        if (!strstr(type->name, ".fact."))
            continue;
        for (unsigned f = 0; f < type->n_fields; f++) {
            if (type->fields[f].type != PROTOBUF_C_TYPE_STRING)
                continue;
            if (!has_length(&px_contracts[i], type->fields[f].id))
                fail_msg("%s.%s needs a len in its .proto", type->name, type->fields[f].name);
            texts++;
        }
    }
    assert_true(texts > 50);
}

static void contract__knows_every_oneof(void **state)
{
    (void)state;
    for (size_t i = 0; i < px_contract_count; i++) {
        size_t members = 0;
        const ProtobufCMessageDescriptor *type = px_contracts[i].type;
        for (unsigned f = 0; f < type->n_fields; f++)
            members += (type->fields[f].flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        assert_int_equal(members > 0, px_contracts[i].oneof_count > 0);
        for (size_t j = 0; j < px_contracts[i].oneof_count; j++)
            assert_true(
                protobuf_c_message_descriptor_get_field(type, px_contracts[i].oneofs[j].member)
                    ->flags &
                PROTOBUF_C_FIELD_FLAG_ONEOF);
    }
}

/* Levels of messages below and with `type`; stops one above the limit, so that it ends on a loop
 * too. */
static unsigned depth_of(const ProtobufCMessageDescriptor *type, unsigned above)
{
    unsigned deepest = above + 1;

    if (deepest > PX_MESSAGE_DEPTH_MAX)
        return deepest;
    for (unsigned i = 0; i < type->n_fields; i++)
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
            unsigned depth = depth_of(type->fields[i].descriptor, above + 1);
            deepest = depth > deepest ? depth : deepest;
        }
    return deepest;
}

static void contract__has_no_recursion_and_few_levels(void **state)
{
    (void)state;
    assert_in_range(depth_of(&every_descriptor, 0), PX_MESSAGE_DEPTH_MAX + 1,
                    PX_MESSAGE_DEPTH_MAX + 1);
    for (size_t i = 0; i < px_contract_count; i++)
        assert_in_range(depth_of(px_contracts[i].type, 0), 1, PX_MESSAGE_DEPTH_MAX);
}

/* "gap2" of gap_2 could not be turned back. */
static void contract__has_names_that_json_can_turn_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < px_contract_count; i++) {
        const ProtobufCMessageDescriptor *type = px_contracts[i].type;
        assert_in_range(type->n_fields, 0, PX_TYPE_FIELDS_MAX);
        for (unsigned f = 0; f < type->n_fields; f++) {
            char camel[64];
            size_t used = 0;
            for (const char *at = type->fields[f].name; *at; at++)
                if (*at == '_')
                    camel[used++] = (char)(*++at - 'a' + 'A');
                else
                    camel[used++] = *at;
            camel[used] = '\0';
            assert_ptr_equal(px_json_field(type, camel), &type->fields[f]);
            assert_ptr_equal(px_json_field(type, type->fields[f].name), &type->fields[f]);
        }
    }
}

static void assert_texts_have_persons(const ProtobufCMessageDescriptor *type)
{
    const px_contract *contract = px_contract_find(type->name);

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        uint32_t seal = 0;
        if (field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        for (size_t j = 0; contract && j < contract->rule_count; j++)
            if (contract->rules[j].field == field->id)
                seal = contract->rules[j].seal;
        if (px_type_is_text(field->descriptor))
            assert_int_not_equal(seal, 0);
        else
            assert_texts_have_persons(field->descriptor);
    }
}

static void contract__names_the_person_of_every_text_in_a_submission(void **state)
{
    (void)state;
    size_t submissions = 0;

    for (size_t i = 0; i < px_contract_count; i++)
        if (strcmp(px_codec_short_name(px_contracts[i].type), "Submission") == 0) {
            assert_texts_have_persons(px_contracts[i].type);
            submissions++;
        }
    assert_int_equal(submissions, 5);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(check__accepts_a_complete_submission),
        CASE(check__wants_required_texts),
        CASE(check__names_a_field_inside_the_body_without_the_body),
        CASE(check__wants_required_messages),
        CASE(check__wants_times_in_range),
        CASE(check__wants_enum_values_it_knows),
        CASE(check__wants_numbers_in_range),
        CASE(check__wants_doubles_that_are_numbers),
        CASE(check__judges_label_and_text),
        CASE(check__counts_items),
        CASE(check__measures_each_item),
        CASE(check__refuses_what_only_we_fill_in),
        CASE(check__wants_words_in_a_required_text),
        CASE(texts__come_with_the_person_they_are_about),
        CASE(texts__are_counted_beyond_the_room_given),
        CASE(contract__has_every_rule_on_a_field_it_fits),
        CASE(fact__has_a_length_for_every_text),
        CASE(contract__knows_every_oneof),
        CASE(contract__has_no_recursion_and_few_levels),
        CASE(contract__has_names_that_json_can_turn_back),
        CASE(contract__names_the_person_of_every_text_in_a_submission),
    };
#undef CASE
    return cmocka_run_group_tests(tests, NULL, NULL);
}
