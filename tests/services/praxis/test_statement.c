/* L8: xAPI statements as rows: the examples of the specification, and the shipped sample. */
#include "services/praxis/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/codec.h"
#include "praxis/learning_recommender/v1/submission.pb-c.h"
#include "services/praxis/mapping.h"

#define VERBS "http://adlnet.gov/expapi/verbs/"

typedef struct {
    px_arena arena;
    px_mapping *mapping;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_true(f && px_arena_init(&f->arena, PX_MAPPING_ARENA_BYTES));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;

    px_mapping_free(f->mapping);
    px_arena_fini(&f->arena);
    free(f);
    return 0;
}

/* The shipped mapping over a table of the source tree; NULL for its own. */
static void load(fixture *f, const char *table)
{
    const char *source = getenv("PRAXIS_SOURCE");
    char error[PX_MAPPING_ERROR_MAX];

    px_mapping_free(f->mapping);
    f->mapping = px_mapping_load(
        px_arena_printf(&f->arena, "%s/services/praxis/demo/mappings/statements.json", source),
        table ? px_arena_printf(&f->arena, "%s/tests/services/praxis/xapi/%s", source, table)
              : NULL,
        error);
    if (!f->mapping)
        fail_msg("%s", error);
}

/* The submission of a row; NULL when it is against the contract, for this field. */
static const LearningRecommender__Submission *row(fixture *f, size_t number, const char *field)
{
    const px_stamp stamp = { .attempt = 1, .created_at_us = 1000000, .actor = "lms" };
    px_mapped mapped = px_mapping_row(f->mapping, number, &f->arena);
    px_codec_error error;

    assert_int_equal(mapped.state, PX_MAPPED_READY);
    assert_true(px_mapping_stamp(&mapped, &stamp, &f->arena));
    if (px_codec_check(mapped.message, &f->arena, &error))
        return (const LearningRecommender__Submission *)mapped.message;
    assert_non_null(field);
    assert_non_null(strstr(error.field, field));
    return NULL;
}

static const LearningRecommender__SubmitStatement *statement(fixture *f, size_t number)
{
    return row(f, number, NULL)->submit_statement;
}

static void examples_of_the_specification__are_read_and_named(void **state)
{
    static const struct {
        const char *file, *verb; /* no verb: it has no id, so it is refused for that */
    } examples[] = {
        { "statement-01-voided.json", NULL },
        { "statement-02-created.json", VERBS "created" },
        { "statement-03-commented.json", NULL },
        { "statement-04-planned.json", NULL },
        { "statement-05-attempted.json", VERBS "attempted" },
        { "statement-06-attended.json", VERBS "attended" },
        { "statement-07-confirmed.json", NULL },
        { "statement-08-experienced.json", VERBS "experienced" },
        { "statement-09-experienced.json", VERBS "experienced" },
    };
    fixture *f = *state;

    for (size_t i = 0; i < PX_COUNT(examples); i++) {
        load(f, examples[i].file);
        assert_int_equal(px_mapping_rows(f->mapping), 1);
        const LearningRecommender__Submission *sub = row(f, 0, "statement_id");
        print_message("%s: %s\n", examples[i].file, sub ? sub->submit_statement->verb : "no id");
        assert_int_equal(sub != NULL, examples[i].verb != NULL);
        if (sub)
            assert_string_equal(sub->submit_statement->verb, examples[i].verb);
    }
}

/* The actor of this one is a team: nobody in particular has attended. */
static void group__is_nobody(void **state)
{
    fixture *f = *state;

    load(f, "statement-06-attended.json");
    assert_string_equal(statement(f, 0)->person_id, "");
    assert_string_equal(statement(f, 0)->activity_id,
                        "http://www.example.com/meetings/occurances/34534");
}

static void sample__of_a_stores_answer_is_read(void **state)
{
    fixture *f = *state;

    load(f, NULL);
    assert_int_equal(px_mapping_rows(f->mapping), 3);
    const LearningRecommender__SubmitStatement *s = statement(f, 1);
    assert_string_equal(s->person_id, "p-012");
    assert_string_equal(s->verb, VERBS "completed");
    assert_string_equal(s->activity_id, "https://lms.example.org/courses/presenting");
    assert_false(s->failed || s->incomplete);
    /* 2026-02-10T15:40:00.250Z */
    assert_int_equal(px_codec_time_us(row(f, 1, NULL)->occurred_at), 1770738000250000);
    s = statement(f, 2);
    assert_string_equal(s->voids, "5d3f0b0e-0002-4a51-8a0f-1f2b5f0c0002");
    assert_string_equal(s->activity_id, "");
}

static void expect_row(const char *json, const char *name, const char *text)
{
    json_t *document = json_loads(json, 0, NULL), *flat = px_statement_row(document);

    assert_string_equal(json_string_value(json_object_get(flat, name)), text);
    json_decref(flat);
    json_decref(document);
}

static void result__counts_only_when_it_says_no(void **state)
{
    (void)state;
    expect_row("{\"result\":{\"success\":false}}", "failed", "true");
    expect_row("{\"result\":{\"success\":true,\"completion\":false}}", "failed", "");
    expect_row("{\"result\":{\"success\":true,\"completion\":false}}", "incomplete", "true");
    expect_row("{}", "incomplete", "");
}

static void wrong_shapes__are_empty_texts(void **state)
{
    (void)state;
    expect_row("{\"id\":7,\"verb\":\"x\",\"actor\":[],\"object\":null}", "statement_id", "");
    expect_row("{\"verb\":\"x\"}", "verb", "");
    expect_row("{\"actor\":{\"mbox\":\"mailto:ann@example.org\"}}", "account", "");
    expect_row("{\"object\":{\"objectType\":\"SubStatement\",\"id\":\"x\"}}", "activity_id", "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(examples_of_the_specification__are_read_and_named),
        TEST(group__is_nobody),
        TEST(sample__of_a_stores_answer_is_read),
        TEST(result__counts_only_when_it_says_no),
        TEST(wrong_shapes__are_empty_texts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
