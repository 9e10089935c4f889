/* Mappings: the shipped ones over the shipped tables, and the grammar piece by piece. */
#include "services/praxis/mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/competency/v1/submission.pb-c.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "praxis/review_cycle/v1/submission.pb-c.h"

enum { NOW_US = 1000000 };

typedef struct {
    px_arena arena;
    char directory[64];
    char error[PX_MAPPING_ERROR_MAX];
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    snprintf(f->directory, sizeof f->directory, "/tmp/praxis-mapping-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    assert_true(px_arena_init(&f->arena, PX_MAPPING_ARENA_BYTES));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = { "m.json", "t.csv", "u.csv", "t.json" };
    fixture *f = *state;
    char path[128];

    for (size_t i = 0; i < PX_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", f->directory, names[i]);
        unlink(path);
    }
    rmdir(f->directory);
    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

static const char *write_file(fixture *f, const char *name, const char *text)
{
    char *path = px_arena_printf(&f->arena, "%s/%s", f->directory, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static px_mapping *load(fixture *f, const char *mapping, const char *table)
{
    write_file(f, "t.csv", table);
    px_mapping *m = px_mapping_load(write_file(f, "m.json", mapping), NULL, f->error);
    if (!m)
        print_message("%s\n", f->error);
    assert_non_null(m);
    return m;
}

static void expect_refusal(fixture *f, const char *mapping, const char *table, const char *words)
{
    write_file(f, "t.csv", table);
    assert_null(px_mapping_load(write_file(f, "m.json", mapping), NULL, f->error));
    if (!strstr(f->error, words))
        fail_msg("\"%s\" does not say \"%s\"", f->error, words);
}

static const px_stamp plain_stamp = { .attempt = 1, .created_at_us = NOW_US, .actor = "tester" };

/* Everything a row needs to be sent; fails the test when it is refused. */
static px_mapped ready(fixture *f, const px_mapping *m, size_t row)
{
    px_codec_error error;
    px_mapped mapped = px_mapping_row(m, row, &f->arena);

    if (mapped.state != PX_MAPPED_READY)
        fail_msg("row %zu: %s %s %s", row, mapped.code, mapped.field, mapped.text);
    assert_true(px_mapping_stamp(&mapped, &plain_stamp, &f->arena));
    if (!px_codec_check(mapped.message, &f->arena, &error))
        fail_msg("row %zu: %s %s", row, px_reason_code(error.reason), error.field);
    return mapped;
}

static const void *body_of(const px_mapped *mapped)
{
    const ProtobufCMessage *body = NULL;

    px_codec_oneof(mapped->message, "body", &body);
    return body;
}

/* --- the shipped ones --- */

static px_mapping *shipped(fixture *f, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/services/praxis/demo/mappings/%s", getenv("PRAXIS_SOURCE"),
             name);
    px_mapping *m = px_mapping_load(path, NULL, f->error);
    if (!m)
        print_message("%s\n", f->error);
    assert_non_null(m);
    return m;
}

static void every_row_is_ready(fixture *f, const char *name, size_t rows)
{
    px_mapping *m = shipped(f, name);

    assert_int_equal(px_mapping_rows(m), rows);
    for (size_t i = 0; i < rows; i++) {
        px_arena_reset(&f->arena);
        ready(f, m, i);
    }
    px_mapping_free(m);
}

static void shipped_mappings__keep_the_contract_in_every_row(void **state)
{
    every_row_is_ready(*state, "competencies.json", 188);
    every_row_is_ready(*state, "roles.json", 205);
    every_row_is_ready(*state, "role_targets.json", 1809);
    every_row_is_ready(*state, "catalogue.json", 571);
}

static void shipped_competency__has_its_levels_and_family(void **state)
{
    fixture *f = *state;
    px_mapping *m = shipped(f, "competencies.json");
    px_mapped row = ready(f, m, 0);
    const Competency__DefineCompetency *body = body_of(&row);

    assert_int_equal(row.line, 2);
    assert_string_equal(row.key, "skill_id=accessibility");
    assert_string_equal(body->competency_id, "accessibility");
    assert_string_equal(body->title, "Accessibility");
    assert_int_equal(body->family, COMPETENCY__COMPETENCY_FAMILY__COMPETENCY_FAMILY_FUNCTIONAL);
    assert_int_equal(body->n_levels, 4);
    assert_string_equal(body->levels[0]->name, "Awareness");
    assert_string_equal(body->levels[3]->name, "Expert");
    assert_int_equal(strncmp(row.id, "competency-accessibility-", 25), 0);
    assert_int_equal(strlen(row.id), 25 + 12);
    px_mapping_free(m);
}

static void shipped_item__joins_its_outcomes_and_prerequisites(void **state)
{
    fixture *f = *state;
    px_mapping *m = shipped(f, "catalogue.json");
    bool with_requirement = false;

    for (size_t i = 0; i < px_mapping_rows(m); i++) {
        px_arena_reset(&f->arena);
        px_mapped row = ready(f, m, i);
        const LearningRecommender__DefineCatalogueItem *body = body_of(&row);
        assert_in_range(body->n_outcomes, 1, 8);
        if (strcmp(body->item_id, "fpc-advanced-data-structures-9002b2") == 0) {
            assert_int_equal(body->n_outcomes, 2);
            assert_string_equal(body->outcomes[0]->competency_id,
                                "programming-and-build-software-engineering");
            assert_true(body->outcomes[0]->share == 0.7);
            assert_true(body->outcomes[1]->level_from == 3.25);
            assert_true(body->hours == 16);
        }
        if (strcmp(body->item_id, "ex-python-black-jack") == 0) {
            assert_int_equal(body->n_requires, 1);
            assert_string_equal(body->requires[0], "ex-python-meltdown-mitigation");
            with_requirement = true;
        }
    }
    assert_true(with_requirement);
    px_mapping_free(m);
}

/* --- the grammar --- */

#define TARGET(extra)                                                                              \
    "{\"file\": \"t.csv\", \"service\": \"competency\", \"type\": \"SetRoleTarget\", "             \
    "\"id\": \"t-{role}-{#}\", \"fields\": {\"role_id\": {\"token\": \"{role}\"}, "                \
    "\"competency_id\": \"{skill}\", \"level_name\": \"{level}\", "                                \
    "\"weight\": {\"column\": \"weight\", \"type\": \"number\"}}" extra "}"

static void token__replaces_each_character_that_is_no_id(void **state)
{
    fixture *f = *state;

    assert_string_equal(px_mapping_token("a/b c.d", &f->arena), "a_b_c_d");
    assert_string_equal(px_mapping_token("caf\xC3\xA9-9_Z", &f->arena), "caf_-9_Z");
}

static void token__of_a_long_text_ends_in_its_digest(void **state)
{
    fixture *f = *state;
    const char *text = "application-operations-engineer/associate-application-operations-engineer";
    const char *token = px_mapping_token(text, &f->arena);

    assert_string_equal(token, "application-operations-engineer_associate-appli-1ec6b8778053c965");
    assert_string_equal(
        px_mapping_token("1234567890123456789012345678901234567890123456789012345678901234",
                         &f->arena),
        "1234567890123456789012345678901234567890123456789012345678901234");
}

static void id__changes_with_the_message_and_only_then(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(""),
                         "role,skill,level,weight,note\n"
                         "r,s,Expert,1,x\n"
                         "r,s,Expert,1.0,another note\n"
                         "r,s,Expert,2,x\n");
    const char *first = ready(f, m, 0).id;

    assert_string_equal(ready(f, m, 1).id, first);
    assert_string_not_equal(ready(f, m, 2).id, first);
    px_mapping_free(m);
}

static void attempt__makes_another_id(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(""), "role,skill,level,weight\nr,s,Expert,1\n");
    px_stamp again = { .attempt = 2, .created_at_us = NOW_US, .actor = "tester", .after_seq = 7 };
    px_mapped mapped = px_mapping_row(m, 0, &f->arena);
    const char *first = mapped.id;

    assert_true(px_mapping_stamp(&mapped, &again, &f->arena));
    const Competency__Submission *submission = (const Competency__Submission *)mapped.message;
    assert_string_equal(submission->submission_id, px_arena_printf(&f->arena, "%s-a2", first));
    assert_int_equal(submission->after_seq, 7);
    assert_int_equal(px_codec_time_us(submission->created_at), NOW_US);
    assert_int_equal(px_codec_time_us(submission->occurred_at), NOW_US);
    assert_string_equal(submission->actor, "tester");
    px_mapping_free(m);
}

static void empty_values__are_left_out(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(""), "role,skill,level,weight\nr,s,Expert,\nr,,Expert,1\n");
    px_codec_error error;
    px_mapped whole = ready(f, m, 0);
    const Competency__SetRoleTarget *body = body_of(&whole);

    assert_true(body->weight == 0);
    px_mapped missing = px_mapping_row(m, 1, &f->arena);
    assert_int_equal(missing.state, PX_MAPPED_READY);
    assert_true(px_mapping_stamp(&missing, &plain_stamp, &f->arena));
    assert_false(px_codec_check(missing.message, &f->arena, &error));
    assert_int_equal(error.reason, PX_REASON_FIELD_MISSING);
    assert_non_null(strstr(error.field, "competency_id"));
    px_mapping_free(m);
}

static void number__that_is_none_is_refused_with_its_column(void **state)
{
    static const char *const texts[] = { "heavy", "1x", " 1", "0x10", "inf", "nan", "1e999" };
    fixture *f = *state;

    for (size_t i = 0; i < PX_COUNT(texts); i++) {
        char table[100];
        snprintf(table, sizeof table, "role,skill,level,weight\nr,s,Expert,%s\n", texts[i]);
        px_mapping *m = load(f, TARGET(""), table);
        px_mapped row = px_mapping_row(m, 0, &f->arena);
        assert_int_equal(row.state, PX_MAPPED_REFUSED);
        assert_string_equal(row.code, "FIELD_INVALID");
        assert_string_equal(row.field, "weight");
        assert_int_equal(row.line, 2);
        px_mapping_free(m);
    }
}

static void rows_wrong_by_themselves__are_refused_alone(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(""),
                         "role,skill,level,weight\nr,s,Expert\nr,s,Expert,1,2\nr,s,caf\xE9,1\n"
                         "r,s,Expert,1\n");

    assert_string_equal(px_mapping_row(m, 0, &f->arena).code, "MALFORMED");
    assert_string_equal(px_mapping_row(m, 1, &f->arena).code, "MALFORMED");
    assert_string_equal(px_mapping_row(m, 2, &f->arena).code, "BAD_UTF8");
    ready(f, m, 3);
    px_mapping_free(m);
}

static void where__skips_and_says_why(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(", \"where\": {\"level\": \"Expert\"}"),
                         "role,skill,level,weight\nr,s,Working,1\nr,s,Expert,1\n");
    px_mapped skipped = px_mapping_row(m, 0, &f->arena);

    assert_int_equal(skipped.state, PX_MAPPED_SKIPPED);
    assert_string_equal(skipped.text, "level is \"Working\"");
    ready(f, m, 1);
    px_mapping_free(m);
}

static void map__replaces_listed_texts_and_keeps_others(void **state)
{
    fixture *f = *state;
    px_mapping *m = load(f, TARGET(", \"map\": {\"level\": {\"4\": \"Expert\"}}"),
                         "role,skill,level,weight\nr,s,4,1\nr,s,9,1\n");
    px_mapped mapped = ready(f, m, 0);
    px_mapped other = ready(f, m, 1);

    assert_string_equal(((const Competency__SetRoleTarget *)body_of(&mapped))->level_name,
                        "Expert");
    assert_string_equal(((const Competency__SetRoleTarget *)body_of(&other))->level_name, "9");
    px_mapping_free(m);
}

static void actor_and_time__may_come_from_the_row(void **state)
{
    static const char mapping[] =
        "{\"file\": \"t.csv\", \"service\": \"review-cycle\", \"type\": \"SubmitReview\", "
        "\"id\": \"r-{id}\", \"actor\": \"{rater}\", \"occurred_at\": \"{day}\", "
        "\"fields\": {\"reviewId\": \"{id}\", \"cycle_id\": \"c\", \"subject_id\": \"p\", "
        "\"relation\": \"RELATION_MANAGER\", \"what\": {\"value\": {\"column\": \"what\", "
        "\"type\": \"int\"}}}}";
    fixture *f = *state;
    px_mapping *m = load(f, mapping, "id,rater,day,what\n1,m-7,2026-03-14,2\n2,m-7,soon,2\n");
    px_mapped row = ready(f, m, 0);
    const ReviewCycle__Submission *submission = (const ReviewCycle__Submission *)row.message;

    assert_string_equal(submission->actor, "m-7");
    assert_string_equal(px_codec_rfc3339(px_codec_time_us(submission->occurred_at), &f->arena),
                        "2026-03-14T00:00:00Z");
    assert_int_equal(submission->submit_review->what->value, 2);
    px_mapped wrong = px_mapping_row(m, 1, &f->arena);
    assert_int_equal(wrong.state, PX_MAPPED_REFUSED);
    assert_string_equal(wrong.field, "occurred_at");
    px_mapping_free(m);
}

static void json__is_a_source_as_well(void **state)
{
    fixture *f = *state;
    const char *lines =
        "{\"role\": \"r\", \"skill\": \"s\", \"level\": \"Expert\", \"weight\": 2.5}\n"
        "\n{\"role\": \"r\", \"skill\": \"s\", \"level\": \"Expert\"}\n";
    const char *array = "\xEF\xBB\xBF [{\"role\": \"r\", \"skill\": \"s\", \"level\": \"Expert\","
                        " \"weight\": 3}, 7, {\"role\": [1], \"skill\": \"s\"}]";
    const char *table = write_file(f, "t.json", lines);
    const char *path = write_file(f, "m.json", TARGET(", \"source_format\": \"json\""));
    px_mapping *m = px_mapping_load(path, table, f->error);

    assert_non_null(m);
    assert_int_equal(px_mapping_rows(m), 2);
    px_mapped row = ready(f, m, 0);
    assert_true(((const Competency__SetRoleTarget *)body_of(&row))->weight == 2.5);
    assert_int_equal(ready(f, m, 1).line, 3);
    px_mapping_free(m);

    write_file(f, "t.json", array);
    m = px_mapping_load(path, table, f->error);
    assert_non_null(m);
    row = ready(f, m, 0);
    assert_true(((const Competency__SetRoleTarget *)body_of(&row))->weight == 3);
    assert_string_equal(px_mapping_row(m, 1, &f->arena).code, "MALFORMED");
    assert_string_equal(px_mapping_row(m, 2, &f->arena).code, "MALFORMED");
    px_mapping_free(m);
}

static void mistakes__stop_the_import_before_anything_is_sent(void **state)
{
    static const char table[] = "role,skill,level,weight\nr,s,Expert,1\n";
    fixture *f = *state;

    expect_refusal(f, TARGET(", \"colour\": 1"), table, "unknown key \"colour\"");
    expect_refusal(f, TARGET(", \"actor\": \"{who}\""), table, "no column \"who\"");
    expect_refusal(f, TARGET(", \"actor\": \"{role\""), table, "not closed");
    expect_refusal(f, TARGET(", \"actor\": \"{#}\""), table, "in \"id\" only");
    expect_refusal(f, TARGET(", \"where\": {\"who\": \"x\"}"), table, "no column \"who\"");
    expect_refusal(f, TARGET(", \"map\": {\"role\": \"x\"}"), table, "wrong kind");
    expect_refusal(f, TARGET(", \"source_format\": \"xml\""), table,
                   "csv, json, xapi, moodle-* or case-*");
    expect_refusal(f,
                   TARGET(", \"rows\": {\"x\": {\"file\": \"none.csv\", \"by\": \"role\", "
                          "\"each\": \"{role}\"}}"),
                   table, "none.csv");
    expect_refusal(f, TARGET(""), "role,skill,level\nr,s,Expert\n", "no column \"weight\"");
    expect_refusal(f, TARGET(""), "role,role\n", "two columns are called \"role\"");
    expect_refusal(f, TARGET(""), "role,skill,level,weight\nr,\"s,Expert,1\n", "line 2");
    expect_refusal(f, TARGET(""), "", "header");
    expect_refusal(f, "{", table, "line");
    expect_refusal(f, "[]", table, "no object");
    expect_refusal(f,
                   "{\"file\": \"t.csv\", \"service\": \"none\", \"type\": \"A\", \"id\": \"a\", "
                   "\"fields\": {}}",
                   table, "no service \"none\"");
    expect_refusal(f,
                   "{\"file\": \"t.csv\", \"service\": \"competency\", \"type\": \"A\", "
                   "\"id\": \"a\", \"fields\": {}}",
                   table, "no submission \"A\"");
    expect_refusal(f,
                   "{\"file\": \"t.csv\", \"service\": \"competency\", \"type\": \"DefineRole\", "
                   "\"id\": \"a\", \"fields\": {\"colour\": \"x\"}}",
                   table, "no field \"colour\"");
}

static void second_table__gives_its_rows_in_order(void **state)
{
    static const char mapping[] =
        "{\"file\": \"t.csv\", \"service\": \"learning-recommender\", "
        "\"type\": \"DefineCatalogueItem\", \"id\": \"i-{item}\", "
        "\"fields\": {\"item_id\": \"{item}\", \"title\": \"{item}\", \"hours\": 1, "
        "\"kind\": \"ITEM_KIND_COURSE\", "
        "\"outcomes\": [{\"competency_id\": \"c\", \"share\": 1, \"level_from\": 1, "
        "\"level_to\": 2}]}, "
        "\"rows\": {\"requires\": {\"file\": \"u.csv\", \"by\": \"item\", \"each\": \"{needs}\"}}}";
    fixture *f = *state;

    write_file(f, "u.csv", "item,needs\nb,z\na,second\nb,y\na,first\n");
    px_mapping *m = load(f, mapping, "item\na\nb\nc\n");
    px_mapped a = ready(f, m, 0);
    px_mapped c = ready(f, m, 2);
    const LearningRecommender__DefineCatalogueItem *body = body_of(&a);

    assert_int_equal(body->n_requires, 2);
    assert_string_equal(body->requires[0], "second");
    assert_string_equal(body->requires[1], "first");
    body = body_of(&c);
    assert_int_equal(body->n_requires, 0);
    px_mapping_free(m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(shipped_mappings__keep_the_contract_in_every_row),
        TEST(shipped_competency__has_its_levels_and_family),
        TEST(shipped_item__joins_its_outcomes_and_prerequisites),
        TEST(token__replaces_each_character_that_is_no_id),
        TEST(token__of_a_long_text_ends_in_its_digest),
        TEST(id__changes_with_the_message_and_only_then),
        TEST(attempt__makes_another_id),
        TEST(empty_values__are_left_out),
        TEST(number__that_is_none_is_refused_with_its_column),
        TEST(rows_wrong_by_themselves__are_refused_alone),
        TEST(where__skips_and_says_why),
        TEST(map__replaces_listed_texts_and_keeps_others),
        TEST(actor_and_time__may_come_from_the_row),
        TEST(json__is_a_source_as_well),
        TEST(mistakes__stop_the_import_before_anything_is_sent),
        TEST(second_table__gives_its_rows_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
